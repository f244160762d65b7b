"""A database with a grid of two cells: shares are arithmetic there, and nothing changes elsewhere.

30 000 people in the cell of Vaduz and 8 000 in that of Eschen are 97 % of Liechtenstein's.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from pipelines.geo.projection import to_laea
from pipelines.serve import travel_queries
from pipelines.serve.store import Store

PEOPLE = {"Vaduz": 30_000, "Eschen": 8_000}
#: Middles of the two cells, metres east and north in EPSG:3035.
MIDDLES = {"Vaduz": (4_284_500, 2_669_500), "Eschen": (4_284_500, 2_677_500)}


@pytest.fixture(scope="module")
def grid(grid_home: Path) -> Store:
    return Store.current(grid_home / "build")


def minutes(store: Store, column: str) -> dict[str, float]:
    """Minutes of the two settlements, and of their cells the straight way at 36 km/h by 1.3."""
    rows = store.rows(
        "select * from marts.towns where country = 'LI' and name in ('Vaduz', 'Eschen')"
    )
    found = {}
    for row in rows:
        east, north = MIDDLES[row["name"]]
        x, y = to_laea(np.array([row["lon"]]), np.array([row["lat"]]))
        km = math.dist((x[0], y[0]), (east, north)) / 1000
        found[row["name"]] = row[column] + 60 * km * 1.3 / 36
    return found


def test_the_basis_stands_by_country(grid: Store, store: Store) -> None:
    rows = {r["country"]: r for r in grid.rows("select * from marts.people_bases")}
    assert rows["LI"]["people_basis"] == "census grid"
    assert (rows["LI"]["grid_cells"], rows["LI"]["grid_people"]) == (2, 38_000)
    assert rows["LI"]["grid_share"] == pytest.approx(38_000 / 39_055)
    assert rows["LI"]["grid_people_unallocated"] == 55
    assert {r["people_basis"] for c, r in rows.items() if c != "LI"} == {"settlements"}
    without = store.rows("select distinct people_basis from marts.people_bases")
    assert without == [{"people_basis": "settlements"}]


def test_remoteness_weighs_people_where_they_live(grid: Store) -> None:
    far = minutes(grid, "minutes_to_city")
    row = grid.rows("select * from marts.regions where nuts_id = 'LI000'")[0]
    mean = sum(PEOPLE[name] * far[name] for name in PEOPLE) / 38_000
    assert row["people_basis"] == "census grid"
    assert row["minutes_to_city"] == pytest.approx(mean, rel=1e-3)
    # Both lie beyond 45 minutes; Vaduz does even if the minutes are 12.2 % too many.
    assert far["Eschen"] / 1.122 < 45 < far["Vaduz"] / 1.122
    assert row["remote_share"] == 1
    assert row["remoteness_robust"] == pytest.approx(30 / 38)


def test_access_weighs_people_where_they_live(grid: Store, store: Store) -> None:
    rows = grid.rows("select * from marts.region_access where nuts_id = 'LI' order by service")
    assert rows
    assert {r["people_basis"] for r in rows} == {"census grid"}
    assert {r["people"] for r in rows} == {38_000}
    upper = next(r for r in rows if r["service"] == "upper_centre")
    before = store.rows(
        "select * from marts.region_access where nuts_id = 'LI' and service = 'upper_centre'"
    )[0]
    assert before["people_basis"] == "settlements"
    assert before["people"] != 38_000
    assert upper["settlements"] == before["settlements"]
    assert upper["minutes_mean"] != before["minutes_mean"]


def test_elsewhere_nothing_changes(grid: Store, store: Store) -> None:
    names = "nuts_id, minutes_to_city, remote_share, remoteness_robust, access_to_city, remoteness"
    statement = f"select {names} from marts.regions where country != 'LI' order by nuts_id"  # noqa: S608
    assert grid.rows(statement) == store.rows(statement)


@pytest.mark.parametrize("level", [0, 3])
def test_a_moved_limit_weighs_the_same_people(grid: Store, level: int) -> None:
    far = minutes(grid, "minutes_to_city")
    limit = (far["Vaduz"] + far["Eschen"]) / 2
    table = travel_queries.region_remoteness(grid, level, "minutes_to_city", limit, 0.5)
    row = table.set_index("nuts_id").loc["LI000"[: 2 + level]]
    assert row["people_basis"] == "census grid"
    assert row["people"] == 38_000
    assert row["beyond_share"] == pytest.approx(30 / 38)
    access = travel_queries.region_access(grid, "upper_centre", level, 10_000)
    row = access.set_index("nuts_id").loc["LI000"[: 2 + level]]
    assert (row["people_basis"], row["beyond_limit_share"]) == ("census grid", 0)


def test_queries_at_the_limits_of_the_build_say_what_the_marts_say(store: Store) -> None:
    table = travel_queries.region_remoteness(store, 3, "minutes_to_city", 45, 0.5)
    mart = store.frame(
        "select remote_share, remoteness_robust, people_basis from marts.regions "
        "where level = 3 order by nuts_id"
    )
    known = mart["remote_share"].notna()
    assert (table["beyond_share"] - mart["remote_share"])[known].abs().max() < 1e-9
    assert (table["remoteness_robust"] - mart["remoteness_robust"])[known].abs().max() < 1e-9
    access = travel_queries.region_access(store, "upper_centre", 3, 60)
    gap = (access["beyond_limit_share"] - access["beyond_reference_share"]).dropna()
    assert len(gap) > 1400
    assert gap.abs().max() < 1e-9
