"""Trend crossed with deserts, remoteness and meeting places, against separate arithmetic."""

from __future__ import annotations

import csv
import io
import zipfile

import numpy as np
import pandas as pd
import pytest

from pipelines.core.errors import InputError
from pipelines.serve import crossing, export
from pipelines.serve.crossing_filter import CLASSES, QUADRANTS, CrossingFilter
from pipelines.serve.store import Store
from tests.where import ROOT

#: Regions of level 3 by quadrant on the embedded default, counted in exported CSV (below) and once
#: more by a query on marts.regions and marts.region_deserts that knows nothing of the macro.
QUADRANT_COUNTS = {
    "declining and unserved": 36,
    "declining, services remain": 383,
    "growing and thin": 14,
    "growing and served": 544,
    "in between": 317,
}


def _exported(store: Store, table: str) -> pd.DataFrame:
    """Return a mart as its CSV says it."""
    made = export.export_bytes(store, table, "csv", export.read_mart(store, table, level=3), "")
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        name = next(n for n in archive.namelist() if n.endswith(".csv"))
        text = archive.read(name).decode("utf-8-sig")
    return pd.read_csv(io.StringIO(text), keep_default_na=False, na_values=[""])


@pytest.fixture(scope="module")
def exported(store: Store) -> pd.DataFrame:
    """Return what a reader has who downloads two marts and joins them."""
    deserts = _exported(store, "region_deserts")[["nuts_id", "people", "desert_people"]]
    return _exported(store, "regions").merge(deserts, on="nuts_id", how="left")


def _by_hand(
    table: pd.DataFrame, *, stable: float = 0.1, low: float = 0.05, high: float = 0.25
) -> pd.Series:
    """Return the quadrant of each region: rates and shares of the files, bounds of the docs."""
    rate, share = table["annual_change_pct"], table["desert_people"] / table["people"]
    result = pd.Series("in between", index=table.index, dtype=object)
    result[(rate < -stable) & (share > high)] = "declining and unserved"
    result[(rate < -stable) & (share <= low)] = "declining, services remain"
    result[(rate > stable) & (share > high)] = "growing and thin"
    result[(rate > stable) & (share <= low)] = "growing and served"
    result[rate.isna() | share.isna()] = None
    return result


def test_the_quadrants_are_those_of_separate_arithmetic(
    store: Store, exported: pd.DataFrame
) -> None:
    wanted = _by_hand(exported)
    assert wanted.value_counts().to_dict() == QUADRANT_COUNTS
    assert wanted.isna().sum() == 220
    ours = crossing.regions(store, CrossingFilter()).set_index("nuts_id")["corner"]
    expected = pd.Series(wanted.to_numpy(), index=exported["nuts_id"]).reindex(ours.index)
    assert (ours.fillna("").astype(object) == expected.fillna("")).all()
    mart = _exported(store, "region_crossing").set_index("nuts_id")["quadrant"]
    assert (mart.reindex(ours.index).fillna("") == expected.fillna("")).all()


@pytest.mark.parametrize(
    ("name", "value", "argument"),
    [
        ("thin_desert_share", 0.4, {"high": 0.4}),
        ("thin_few_share", 0.1, {"low": 0.1}),
        ("trend_stable_annual_pct", 0.5, {"stable": 0.5}),
    ],
)
def test_a_moved_threshold_moves_the_quadrants(
    store: Store, exported: pd.DataFrame, name: str, value: float, argument: dict[str, float]
) -> None:
    table = crossing.regions(store, CrossingFilter(moved=((name, value),)))
    wanted = _by_hand(exported, **argument).value_counts().to_dict()
    assert table["corner"].value_counts().to_dict() == wanted
    assert wanted != QUADRANT_COUNTS


def test_remoteness_follows_the_share_that_is_close(store: Store, exported: pd.DataFrame) -> None:
    share, rate = exported["remote_share"], exported["annual_change_pct"]
    shrinks = crossing.summary(crossing.regions(store, CrossingFilter(by="remote")), "remote")
    counts = dict(zip(shrinks["corner"], shrinks["regions"], strict=True))
    assert counts["declining and remote"] == ((share > 0.5) & (rate < -0.1)).sum() == 185
    assert counts["declining, close to a city"] == ((share <= 0.05) & (rate < -0.1)).sum() == 125
    moved = CrossingFilter(by="remote", moved=(("remoteness_close_share", 0.25),))
    strict = crossing.summary(crossing.regions(store, moved), "remote")
    assert strict["regions"].iloc[0] == ((share > 0.75) & (rate < -0.1)).sum()


def test_the_summary_adds_up_what_the_files_hold(store: Store, exported: pd.DataFrame) -> None:
    told = crossing.summary(crossing.regions(store, CrossingFilter()), "desert").set_index("corner")
    corners = _by_hand(exported)
    for name in (*QUADRANTS["desert"], "in between"):
        rows = exported[corners == name]
        assert told.loc[name, "population_end"] == rows["population_end"].sum()
        assert told.loc[name, "desert_people"] == rows["desert_people"].sum()
        assert told.loc[name, "remote"] == (rows["remote_share"] > 0.5).sum()
    assert told.loc["declining and unserved", "remote"] == 32


def test_three_dimensions_select_together(store: Store, exported: pd.DataFrame) -> None:
    selection = CrossingFilter(
        trend=("shrinking",), desert_class=("unserved",), remote_class=("remote",), country=("EL",)
    )
    table = crossing.regions(store, selection)
    share = exported["desert_people"] / exported["people"]
    wanted = exported[
        (exported["annual_change_pct"] < -0.1)
        & (share > 0.25)
        & (exported["remote_share"] > 0.5)
        & (exported["country"] == "EL")
    ]
    assert table.loc[table["is_selected"], "nuts_id"].tolist() == sorted(wanted["nuts_id"])
    assert len(wanted)
    assert selection.words() == (
        "level 3; trend by service deserts; country: EL; trend: shrinking; "
        "service deserts: unserved; remoteness: remote"
    )


def test_meeting_places_are_a_class_of_their_share(store: Store) -> None:
    places = pd.DataFrame(
        {
            "nuts_id": ["EL643", "AT321", "DE733", "HR032"],
            "few_places_share": [0.05, 0.0501, 0.251, np.nan],
        }
    )
    table = crossing.regions(store, CrossingFilter(by="places"), places).set_index("nuts_id")
    remain, part, few = CLASSES["places"]
    assert table.loc[["EL643", "AT321", "DE733"], "places_class"].tolist() == [remain, part, few]
    assert table["places_class"].notna().sum() == 3
    # Evrytania and Hersfeld-Rotenburg lose people: -1.69 and -0.33 % a year.
    assert table.loc["EL643", "corner"] == "declining, places remain"
    assert table.loc["DE733", "corner"] == "declining, few places"
    resilient = CrossingFilter(desert_class=("unserved",), places_class=(remain,))
    chosen = crossing.regions(store, resilient, places)
    assert chosen.loc[chosen["is_selected"], "nuts_id"].tolist() == ["EL643"]
    assert resilient.needs_places
    assert not CrossingFilter().needs_places


def test_a_file_holds_the_moved_classes_of_the_selection(store: Store) -> None:
    selection = CrossingFilter(moved=(("thin_desert_share", 0.7),), quadrant=(0,))
    table = crossing.regions(store, selection)
    ids = table.loc[table["is_selected"], "nuts_id"].tolist()
    rows = crossing.rows(store, selection, ids).to_pylist()
    assert [row["nuts_id"] for row in rows] == ids
    # 13 710 of Lungau's 13 710 listed people, 27 264 of Lika-Senj's 31 970.
    assert {"AT321", "HR032"} <= set(ids)
    assert {row["quadrant"] for row in rows} == {"declining and unserved"}
    assert "threshold thin_desert_share moved to 0.7" in selection.words()


def test_settlements_are_the_deserts_of_the_regions(store: Store) -> None:
    towns = store.frame("select * from marts.town_deserts where nuts_id = 'EL643'")
    wanted = towns[towns["is_service_desert"]]
    rows = crossing.settlement_rows(store, 3, ["EL643"])
    assert sorted(rows["geonameid"].to_pylist()) == sorted(wanted["geonameid"])
    assert crossing.settlement_rows(store, 0, ["EL"]).num_rows > rows.num_rows
    listed = crossing.settlements(store, 3, ["EL643"], most=2)
    assert (
        listed["geonameid"].tolist()
        == (
            wanted.sort_values(["population", "geonameid"], ascending=[False, True])["geonameid"][
                :2
            ]
        ).tolist()
    )
    assert crossing.settlements(store, 3, []).attrs["total"] == 0


def test_only_the_dials_move(store: Store) -> None:
    with pytest.raises(InputError, match="'access_desert_tiers' cannot be moved; allowed are"):
        crossing.regions(store, CrossingFilter(moved=(("access_desert_tiers", 1.0),)))
    with pytest.raises(InputError, match="must be below 'thin_desert_share'"):
        crossing.regions(store, CrossingFilter(moved=(("thin_desert_share", 0.04),)))


def test_the_published_bounds_are_those_of_the_seed() -> None:
    with (ROOT / "sql/seeds/thresholds.csv").open(encoding="utf-8", newline="") as stream:
        seed = {row["name"]: float(row["value"]) for row in csv.DictReader(stream)}
    bounds = ("trend_stable_annual_pct", "thin_few_share", "thin_desert_share")
    assert [seed[name] for name in bounds] == [0.1, 0.05, 0.25]


def test_what_other_bounds_would_give_is_what_the_page_of_the_docs_says(
    exported: pd.DataFrame,
) -> None:
    text = (ROOT / "docs" / "thin.md").read_text("utf-8")
    share = exported["desert_people"] / exported["people"]
    rate = (exported["population_end"] / exported["population_start"]) ** (
        1 / (exported["year_end"] - exported["year_start"])
    ) - 1
    is_shrinking = rate < -0.001
    for head, chosen in (
        ("| more than |", lambda bound: share > bound),
        ("| at most |", lambda bound: share <= bound),
    ):
        rows = [
            [cell.strip() for cell in line.strip("| ").split("|")]
            for line in text.split(head)[1].split("\n\n")[0].splitlines()[2:]
        ]
        assert len(rows) >= 4
        for bound, regions, shrinking in rows:
            flags = chosen(float(bound.split()[0]) / 100)
            counted = int(flags.sum()), int((flags & is_shrinking).sum())
            assert counted == (int(regions.replace(" ", "")), int(shrinking)), bound
