"""Tables of regions in another vintage, with the crosswalks and without."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest

import hinterland as hl

pytestmark = pytest.mark.usefixtures("home")


def frame(**regions: float) -> pd.DataFrame:
    return pd.DataFrame({"geo": list(regions), "value": list(regions.values())})


def test_a_code_change_needs_no_crosswalk() -> None:
    # Eurostat's list: PT16B (Oeste) became PT1D1, NL337 became NL363.
    found = hl.nuts.convert(frame(PT16B=1.0, NL337=2.0, DE733=3.0), to="2024")
    assert dict(zip(found["geo"], found["value"], strict=True)) == {
        "PT1D1": 1.0,
        "NL363": 2.0,
        "DE733": 3.0,
    }
    assert found.set_index("geo")["conversion"].to_dict() == {
        "PT1D1": "recoded",
        "NL363": "recoded",
        "DE733": "as_published",
    }


def test_back_again() -> None:
    back = hl.nuts.convert(frame(PT1D1=1.0), to=2021)
    assert back.values.tolist() == [["PT16B", 1.0, "recoded"]]


def test_years_and_further_keys_stay_apart() -> None:
    table = pd.DataFrame(
        {
            "nuts_id": ["PT16B"] * 4,
            "year": [2019, 2019, 2020, 2020],
            "sex": ["F", "M", "F", "M"],
            "people": [1, 2, 3, 4],
            "births": [5, 6, 7, None],
        }
    )
    found = hl.nuts.convert(table, by=["sex"])
    assert found["nuts_id"].unique().tolist() == ["PT1D1"]
    assert found[["year", "sex", "people"]].values.tolist() == [
        [2019, "F", 1],
        [2019, "M", 2],
        [2020, "F", 3],
        [2020, "M", 4],
    ]
    assert found["births"].isna().tolist() == [False, False, False, True]


def test_a_moved_border_without_the_crosswalk_names_region_and_file(tmp_path: Path) -> None:
    # PT16I (Médio Tejo) lost a municipality; its share of people is not in Eurostat's list.
    table = frame(PT16B=1.0, PT16I=2.0)
    with pytest.raises(hl.HinterlandError, match=r"PT16I.*(?s:.)*jrc_nuts_2021_2024"):
        hl.nuts.convert(table, sources=tmp_path)
    found = hl.nuts.convert(table, sources=tmp_path, strict=False)
    assert found["geo"].tolist() == ["PT1D1"]
    assert found.attrs["set_aside"]["geo"].tolist() == ["PT16I"]


def test_with_the_crosswalk_totals_are_conserved(shared_data: Path) -> None:
    regions = hl.regions(level=3, country="LV", columns=["nuts_id", "population_end"])
    table = regions[["nuts_id", "population_end"]]
    with pytest.raises(hl.HinterlandError, match="state measure='absolute'"):
        hl.nuts.convert(table, start=2021, sources=shared_data)
    found = hl.nuts.convert(table, measure="absolute", start=2021, sources=shared_data)
    assert found["population_end"].sum() == pytest.approx(table["population_end"].sum())
    assert {"as_published", "estimated"} & set(found["conversion"]) == {"estimated"}
    before = table.set_index("nuts_id")["population_end"].to_dict()
    after = found.set_index("nuts_id")["population_end"].to_dict()
    with (shared_data / "jrc/n3_cm_v2021_v2024.csv").open(encoding="utf-8") as stream:
        pairs = [r for r in csv.DictReader(stream) if r["code_v2021"].startswith("LV")]
    people: dict[str, float] = {}
    for row in pairs:
        people[row["code_v2021"]] = people.get(row["code_v2021"], 0) + float(row["pop21"])
    wanted: dict[str, float] = {}
    for row in pairs:
        share = float(row["pop21"]) / people[row["code_v2021"]]
        wanted[row["code_v2024"]] = (
            wanted.get(row["code_v2024"], 0) + share * before[row["code_v2021"]]
        )
    assert after == pytest.approx(wanted)


def test_a_region_of_which_only_a_part_is_given_is_missing_not_low(shared_data: Path) -> None:
    # PT195 (Beira Baixa of 2024) is made of PT16H and a part of PT16I (18 023 of 228 583).
    part = hl.nuts.convert(
        frame(PT16I=100.0), measure="absolute", start=2021, sources=shared_data
    ).set_index("geo")["value"]
    assert pd.isna(part["PT195"])
    assert part["PT1D2"] == pytest.approx(100 * 210_560 / 228_583, rel=1e-3) or pd.isna(
        part["PT1D2"]
    )
    whole = hl.nuts.convert(
        frame(PT16I=100.0, PT16H=50.0), measure="absolute", start=2021, sources=shared_data
    ).set_index("geo")["value"]
    assert whole["PT195"] == pytest.approx(50 + 100 * 18_023 / 228_583, rel=1e-3)


def test_older_vintages_where_their_crosswalks_were_fetched(shared_data: Path) -> None:
    # Estonia redrew its regions between NUTS 2016 and 2021: EE006 and EE007 became EE009, EE00A.
    table = frame(EE001=1.0, EE004=1.0, EE006=1.0, EE007=1.0, EE008=1.0)
    found = hl.nuts.convert(table, to="2021", measure="absolute", sources=shared_data)
    assert {"EE009", "EE00A"} <= set(found["geo"])
    assert found["value"].sum() == pytest.approx(5.0)
    with pytest.raises(hl.HinterlandError, match="known here are 2021, 2024"):
        hl.nuts.convert(table, to=2024, start=2016, sources="/nowhere")


@pytest.mark.parametrize(
    ("table", "options", "message"),
    [
        (pd.DataFrame({"code": ["DE"]}), {}, "one column 'nuts_id' or 'geo'"),
        (frame(DE733=1.0).assign(nuts_id="DE733"), {}, "one column 'nuts_id' or 'geo'"),
        (frame(de733=1.0), {}, "index 0, geo: 'de733' is no NUTS code"),
        (frame(DE733=1.0).assign(name="x"), {}, "column 'name' holds no numbers"),
        (frame(DE733=1.0)[["geo"]], {}, "no column of numbers"),
        (frame(DE733=1.0), {"by": ["sex"]}, "by names 'sex'"),
        (frame(DE733=1.0), {"to": "2030"}, "to is 2030; the vintages known here are"),
        (frame(DE733=1.0), {"to": "new"}, "the vintage is 'new'"),
        (frame(DE733=1.0), {"measure": "sum"}, "allowed are absolute, relative"),
        (frame(DE733=1.0), {"weight": "gdp"}, "weight is 'gdp'; allowed are population"),
        (pd.concat([frame(DE733=1.0)] * 2), {}, "two rows for one region"),
        (frame(DE999=1.0), {}, "DE"),
        (
            # Croatia's HR04 of NUTS 2016 became HR02, HR05 and HR06.
            frame(HR041=1.0, HR031=1.0),
            {"sources": "/nowhere"},
            "'hinterland fetch --only jrc_nuts_2013_2021 --only jrc_nuts_2016_2021' says where",
        ),
        (
            frame(DE733=1.0),
            {"start": 2016, "sources": "/nowhere"},
            "known here are 2021, 2024; codes of NUTS 2013 and 2016 are told by the JRC's",
        ),
        (frame(GR300=1.0), {}, "no code list of this country; Eurostat's code of Greece is EL"),
    ],
)
def test_wrong_input_says_what_is_allowed(
    table: pd.DataFrame, options: dict[str, object], message: str
) -> None:
    with pytest.raises(hl.HinterlandError, match=message):
        hl.nuts.convert(table, **options)  # type: ignore[arg-type]


def test_the_vintage_of_codes() -> None:
    found = hl.nuts.vintage(["PT16B", "NL363", "DE", "DE733"]).set_index(["country", "level"])
    assert found.loc[("PT", 3), "vintage"] == 2021
    assert found.loc[("NL", 3), "vintage"] == 2024
    assert found.loc[("DE", 0), "status"] == "exact"
    mixed = hl.nuts.vintage(["PT16B", "PT1D1"])
    assert pd.isna(mixed["vintage"].item())
    assert mixed["status"].item() == "mixture"
    # Both codes are of lists at hand: no other list would tell them apart.
    assert "crosswalks" not in mixed["reason"].item()
    assert hl.nuts.vintage(["GB", "UKJ21"]).loc[0, "reason"].endswith("Kingdom is UK")


def test_a_table_of_no_rows_stays_one() -> None:
    table = pd.DataFrame({"nuts_id": ["PT16B"], "year": [2019], "people": [1]})
    full, none = hl.nuts.convert(table, to="2024"), hl.nuts.convert(table.head(0), to="2024")
    assert list(none.columns) == list(full.columns) == ["nuts_id", "year", "people", "conversion"]
    assert len(none) == 0
    assert none["people"].dtype == full["people"].dtype
    assert list(none.attrs["set_aside"].columns) == ["country", "level", "geo", "reason"]
    assert list(hl.nuts.vintage([]).columns) == list(hl.nuts.vintage(["PT16B"]).columns)
