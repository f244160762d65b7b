"""Settlements and their regions, judged by Eurostat's list of municipalities itself."""

from __future__ import annotations

import pandas as pd
import pytest

from pipelines.serve.store import Store
from tests.where import DATA, ROOT

#: GeoNames' level that has the list's code, and what stands before the code.
JOINS = {
    "AT": (3, "AT_"),
    "BE": (4, "BE_"),
    "CZ": (3, "CZ_"),
    "DE": (4, "DE_"),
    "DK": (2, "DK_"),
    "FI": (3, "FI_"),
    "IT": (3, "IT_"),
    "NL": (2, "NL_GM"),
}


def judged(store: Store) -> pd.DataFrame:
    """Return settlements with the municipality's people and its region of 2016, from the files."""
    places = pd.read_parquet(ROOT / "geodata/embedded/geonames_cities500.parquet")
    units = pd.read_parquet(DATA / "lau" / "lau_2019_sample.parquet").set_index("gisco_id")
    ids = pd.Series(None, index=places.index, dtype=object)
    for country, (level, prefix) in JOINS.items():
        codes = places.loc[places["country_code"] == country, f"admin{level}_code"].dropna()
        ids[codes.index] = prefix + codes
    places = places.assign(lau_id=ids).join(units[["population", "code_2016"]], on="lau_id")
    shown = store.frame("select * from marts.towns").set_index("geonameid")
    judges = places.rename(columns={"population": "lau_people"}).dropna(subset="code_2016")
    names = ["geonameid", "lau_people", "code_2016"]
    return judges[names].join(shown, on="geonameid", how="inner")


def whole(store: Store) -> dict[str, str]:
    """Return the regions of 2016 whose people all went to one region of 2021."""
    heirs = store.frame("select * from indicators.ind_region__heirs_2016 where heirs = 1")
    return dict(zip(heirs["nuts_id_2016"], heirs["nuts_id"], strict=True))


@pytest.mark.shared
def test_no_settlement_lies_outside_its_municipality_s_region(full_store: Store) -> None:
    rows = judged(full_store)
    rows["right"] = rows["code_2016"].map(whole(full_store))
    rows = rows.dropna(subset=["right"])
    assert len(rows) > 27_000
    assert rows[rows["right"] != rows["nuts_id"]]["name"].tolist() == []


@pytest.mark.shared
def test_no_place_exceeds_its_municipality(full_store: Store) -> None:
    rows = judged(full_store)
    rows = rows[rows["lau_people"] > 0]
    excess = rows[(rows["population"] > rows["lau_people"]) & rows["part_of"].isna()]
    # Centres of greater cities: Brussels stands for 19 municipalities, Helsinki has grown.
    assert set(excess["name"]) == {"Brussels", "Helsinki"}
    shown = rows.set_index("geonameid")["population"]
    # Solaro, Herxheim am Berg and Staufen carry the people of namesakes; the list has theirs.
    assert shown[[3166449, 2905527, 2829333]].tolist() == [625, 724, 2235]


@pytest.mark.shared
def test_municipal_size_stands_beside_settlement_size(full_store: Store) -> None:
    rows = judged(full_store)
    rows = rows[rows["lau_people"] > 0]
    assert (rows["lau_population"] == rows["lau_people"]).all()


@pytest.mark.parametrize("which", ["store", "full_store"])
@pytest.mark.shared
def test_belgium_s_settlements_sum_to_its_people(
    which: str, request: pytest.FixtureRequest
) -> None:
    towns = request.getfixturevalue(which).frame(
        "select population from marts.towns where country = 'BE' and part_of is null"
    )
    # Census of 2021 (JRC): 11 550 251; shown before: 137 %.
    assert 0.95 <= towns["population"].sum() / 11_550_251 <= 1.10


def test_boroughs_are_parts_of_their_city(store: Store) -> None:
    rows = store.frame(
        "select parts.name, parts.country, wholes.name as whole, parts.is_smst, parts.size_class "
        "from marts.towns as parts inner join marts.towns as wholes "
        "on wholes.geonameid = parts.part_of where parts.population > 70000"
    )
    whole = dict(zip(zip(rows["name"], rows["country"], strict=True), rows["whole"], strict=True))
    wanted = {
        ("Mokotów", "PL"): "Warsaw",
        ("Ciudad Lineal", "ES"): "Madrid",
        ("Esenyurt", "TR"): "Istanbul",
        ("Anderlecht", "BE"): "Brussels",
        ("Schaerbeek", "BE"): "Brussels",
        ("Zaandam", "NL"): "Zaanstad",
        ("City of Westminster", "UK"): "London",
    }
    assert {place: whole.get(place) for place in wanted} == wanted
    assert not rows["is_smst"].any()
    assert set(rows["size_class"]) == {"part"}


def test_districts_and_provinces_are_no_towns(store: Store) -> None:
    left = store.frame(
        "select name from marts.towns where geonameid in (324859, 7886881, 2648970, 11777624)"
    )
    assert left.empty
    people = store.frame(
        "select geonameid, population from marts.towns where geonameid in (2618425, 3143244)"
    ).set_index("geonameid")["population"]
    # Copenhagen: municipality, LAU 2019; Oslo: region NO081 is the municipality, 2021.
    assert people.to_dict() == {2618425: 623_404, 3143244: 697_010}


def test_no_part_is_nearest_town_or_whole(store: Store) -> None:
    names = ("part_of", "nearest_town_id", "nearest_city_id", "nearest_large_city_id")
    for name in names:
        bad = store.frame(
            f"select count(*) as n from marts.towns as towns inner join marts.towns as other "  # noqa: S608
            f"on other.geonameid = towns.{name} where other.part_of is not null"
        )
        assert bad["n"][0] == 0, name


def test_settled_share_is_the_sum_by_the_official_people(store: Store) -> None:
    figures = pd.read_parquet(ROOT / "geodata/embedded/eurostat_five_year.parquet")
    people = figures.set_index("nuts_id")["pop_2021"]
    towns = store.frame("select nuts_id, population from marts.towns where part_of is null")
    sums = towns.groupby("nuts_id")["population"].sum()
    shown = store.frame(
        "select nuts_id, settled_share, settled_note from marts.regions where level = 3"
    ).set_index("nuts_id")
    for code in ("DE219", "PL911", "ES300", "BE100", "DE502"):
        assert shown.loc[code, "settled_share"] == pytest.approx(sums[code] / people[code])
    # Eichstätt: 2 settlements listed, 0.18 of its people.
    assert shown.loc["DE219", "settled_share"] < 0.2
    assert shown.loc["DE219", "settled_note"] == "few of the people are listed"
    assert shown.loc["UKI32", "settled_note"] == "more people are listed than live there"
    assert pd.isna(shown.loc["DE502", "settled_note"])
