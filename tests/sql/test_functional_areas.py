"""Functional urban areas: facts of regions worked out again from the publisher's list."""

from __future__ import annotations

from functools import cache

import pandas as pd
import pytest

from pipelines.serve.store import Store
from tests.where import DATA

SHARED = DATA
AREAS = "functional urban areas"
OFFICIAL = "official metropolitan type"
#: Region of 2021, the regions of 2016 it is made of, and its class by hand: see
#: docs/travel-time.md for the numbers.
CHECKED = {
    "DE300": (["DE300"], "large metropolitan"),
    "CZ020": (["CZ020"], "large metropolitan"),
    "DE80O": (["DE80O"], "metropolitan"),
    "NL230": (["NL230"], "near a large city"),
    "ITG11": (["ITG11"], "near a smaller city"),
    "FI1D7": (["FI1D7"], "remote"),
    "HR050": (["HR041"], "metropolitan"),
    "ITG2D": (["ITG25", "ITG29"], "near a smaller city"),
}


@cache
def _units() -> pd.DataFrame:
    """Return the list with areas in km² and the number of the functional urban area."""
    units = pd.read_parquet(SHARED / "lau" / "lau_2019_sample.parquet")
    in_km2 = units["country"].isin(["DE", "DK", "FI"])
    units["km2"] = units["total_area_m2"].where(in_km2, units["total_area_m2"] / 1e6)
    units["fua"] = units["fua_id"].str[:5]
    return units


def _facts(codes: list[str]) -> tuple[float, float, float, float]:
    """Return people in areas of 1.5 million and of 250 000, held large and small area."""
    units = _units()
    whole = units.groupby("fua")[["population", "km2"]].sum()
    mine = units[units["code_2016"].isin(codes)]
    parts = mine.groupby("fua")[["population", "km2"]].sum().join(whole.add_suffix("_whole"))
    people = mine["population"].sum()
    held, size = parts["km2"] / parts["km2_whole"], parts["population_whole"]
    return (
        parts.loc[size >= 1_500_000, "population"].sum() / people,
        parts.loc[size >= 250_000, "population"].sum() / people,
        held[size > 250_000].max() if (size > 250_000).any() else 0.0,
        held[size.between(50_000, 250_000)].max() if size.between(50_000, 250_000).any() else 0.0,
    )


def _regions(store: Store) -> pd.DataFrame:
    return store.frame(
        "select *, near_large_city_share as near_large_share, 1 - beyond_60_share as near_share "
        "from indicators.ind_region__fua "
        "inner join indicators.ind_region__remoteness using (nuts_id) "
        "inner join typologies.typ_region__access_to_city using (nuts_id)"
    ).set_index("nuts_id")


def test_without_the_list_the_official_type_or_settlements_tell(store: Store) -> None:
    bases = store.frame(
        "select level, access_to_city is null as is_null, access_basis from marts.regions"
    )
    assert bases[bases["level"] < 3]["access_basis"].isna().all()
    assert set(bases[~bases["is_null"]]["access_basis"]) == {OFFICIAL, "settlements"}
    for name in ("ind_fua__size", "ind_region__fua"):
        rows = store.frame(f"select count(*) as n from indicators.{name}")  # noqa: S608
        assert rows["n"][0] == 0, name


#: Regions with a large city that districts around it once made "near a large city", and what
#: they are. Large is the metropolitan region of 1.5 million people at the census of 2021 (Katowice:
#: 1 103 167 in PL228 and PL22A). No official type is known of Zürich, Tyneside and Şanlıurfa.
CITIES = {
    "ES300": ("large metropolitan", OFFICIAL),
    "ES511": ("large metropolitan", OFFICIAL),
    "PT170": ("large metropolitan", OFFICIAL),
    "PT11A": ("large metropolitan", OFFICIAL),
    "PL911": ("large metropolitan", OFFICIAL),
    "PL22A": ("metropolitan", OFFICIAL),
    "FRK26": ("large metropolitan", OFFICIAL),
    "FRJ23": ("metropolitan", OFFICIAL),
    "NL310": ("metropolitan", OFFICIAL),
    "CH040": ("metropolitan", "settlements"),
    "UKC22": ("metropolitan", "settlements"),
    "TRC21": ("near a large city", "settlements"),
}


def test_regions_of_large_cities_are_metropolitan(store: Store) -> None:
    rows = store.frame("select nuts_id, access_to_city, access_basis from marts.regions")
    types = rows.set_index("nuts_id").loc[list(CITIES)]
    assert dict(zip(types.index, types.itertuples(index=False, name=None), strict=True)) == CITIES


@pytest.mark.shared
def test_the_official_type_agrees_with_areas_better_than_settlements(
    full_store: Store, store: Store
) -> None:
    """The same regions without and with the list of municipalities: docs/travel-time.md."""
    sql = "select nuts_id, access_to_city as city, access_basis from marts.regions"
    with_areas = full_store.frame(sql).query("access_basis == @AREAS").set_index("nuts_id")["city"]
    without = store.frame(sql).set_index("nuts_id").loc[with_areas.index, "city"]
    both = pd.DataFrame({"areas": with_areas, "without": without}).dropna()
    metropolitan = both.isin(["metropolitan", "large metropolitan"])
    assert (metropolitan["areas"] == metropolitan["without"]).mean() == pytest.approx(
        0.897, abs=5e-3
    )
    assert (both["areas"] == both["without"]).mean() == pytest.approx(0.873, abs=1e-2)


@pytest.mark.shared
@pytest.mark.parametrize("code", CHECKED)
def test_facts_of_a_region_are_those_of_the_list(full_store: Store, code: str) -> None:
    parts, expected = CHECKED[code]
    row = _regions(full_store).loc[code]
    found = row[["very_large_share", "large_share", "large_area_share", "small_area_share"]]
    assert found.astype(float).tolist() == pytest.approx(_facts(parts), abs=1e-9)
    assert row["is_holding_large"] == (found["large_area_share"] > 0.8)
    assert row["is_holding_small"] == (found["small_area_share"] >= 0.8)
    assert (row["access_to_city"], row["access_basis"]) == (expected, AREAS)


@pytest.mark.shared
def test_classes_follow_the_definition_from_top_to_bottom(full_store: Store) -> None:
    regions = _regions(full_store).query("is_complete and near_large_share.notna()")
    assert len(regions) > 700

    def by_hand(r: pd.Series) -> str:
        if r["very_large_share"] > 0.5:
            return "large metropolitan"
        if r["large_share"] > 0.5:
            return "metropolitan"
        if r["near_large_share"] > 0.5 or r["large_area_share"] > 0.8:
            return "near a large city"
        if r["near_share"] >= 0.5 or r["small_area_share"] >= 0.8:
            return "near a smaller city"
        return "remote"

    assert regions["access_to_city"].tolist() == regions.apply(by_hand, axis=1).tolist()
    assert set(regions["access_basis"]) == {AREAS}


@pytest.mark.shared
def test_divided_regions_keep_their_stand_in(full_store: Store) -> None:
    """A region counts only if all that gave people to it gave them to it alone."""
    pairs = pd.read_csv(SHARED / "jrc" / "n3_cm_v2016_v2021.csv")
    pairs = pairs[(pairs["pop21"] > 0) & pairs["code_v2016"].isin(_units()["code_2016"])]
    divided = pairs["code_v2016"].duplicated(keep=False)
    broken = set(pairs.loc[divided, "code_v2021"])
    facts = full_store.frame(
        "select nuts_id, is_complete, large_share, access_basis "
        "from indicators.ind_region__fua inner join marts.regions using (nuts_id)"
    ).set_index("nuts_id")
    assert set(facts.index) == set(pairs["code_v2021"])
    assert set(facts.index[~facts["is_complete"]]) == broken
    assert {"ITG2F", "BE32B", "AT225"} < broken
    assert facts.loc[sorted(broken), "large_share"].isna().all()
    assert AREAS not in set(facts.loc[sorted(broken), "access_basis"])
    assert set(facts.loc[facts["is_complete"], "access_basis"]) == {AREAS}


@pytest.mark.shared
def test_an_area_is_one_whatever_the_edition_of_its_code(full_store: Store) -> None:
    """Four municipalities of La Louvière say BE014K1, the fifth BE014L1."""
    areas = full_store.frame("select * from indicators.ind_fua__size").set_index("fua_id")
    assert areas.loc["BE014", ["lau_count", "population"]].tolist() == [5, 165_319]
    assert len(areas) == 304
    assert areas["population"].sum() == _units().dropna(subset="fua")["population"].sum()
