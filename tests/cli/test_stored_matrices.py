"""Stored matrices in the build: a small one made by hand, whose minutes are arithmetic.

In Liechtenstein every way is 2 minutes a step of the list of its settlements by id; ways that a
test needs otherwise are set apart.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from pipelines.io.matrices import COLUMNS
from pipelines.runner import build as building
from pipelines.serve import travel_queries
from pipelines.serve.export_notes import notes
from pipelines.serve.store import Store
from tests.where import ROOT

SAYS = {
    "attribution": "© OpenStreetMap contributors",
    "licence": "ODbL-1.0",
    "extract": "made.osm.pbf",
    "extract_sha256": "0" * 64,
    "snapshot": "2025-02-03T04:05:06Z",
    "engine": "by hand",
    "mode": "car",
}
#: Buchs, across the Rhine.
SWISS = 2661348


def write(path: Path, rows: list[tuple[int, str, float | None]], **says: str) -> Path:
    columns = [list(column) for column in zip(*rows, strict=True)] or [[], [], []]
    arrays = [pa.array(c, t) for c, t in zip(columns, COLUMNS.types, strict=False)]
    arrays.append(pa.array(["car"] * len(rows), pa.string()))
    table = pa.Table.from_arrays(arrays, schema=COLUMNS.with_metadata(SAYS | says))
    pq.write_table(table, path)
    return path


def run(home: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pipelines", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=home,
        timeout=600,
        env=os.environ | {"HINTERLAND_HOME": str(home), "PYTHONPATH": str(ROOT), "COLUMNS": "250"},
    )


@pytest.fixture(scope="module")
def places(store: Store) -> list[dict[str, Any]]:
    """Return Liechtenstein's settlements by id, as the embedded default has them."""
    return store.rows("select * from marts.towns where country = 'LI' order by geonameid")


@pytest.fixture(scope="module")
def home(
    built_home: Path, places: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return a home in which a matrix of Liechtenstein was stored and built with."""
    folder = tmp_path_factory.mktemp("matrix-home")
    shutil.copytree(built_home / "build", folder / "build")
    matrix = write(folder / "li by hand.parquet", ways(places))
    done = run(folder, "roads", matrix, "--store")
    assert done.returncode == 0, done.stderr
    assert "Stored li-by-hand: " in done.stdout
    assert not building.is_current(folder / "build", folder / "cache")
    done = run(folder, "build", "--if-needed")
    assert done.returncode == 0, done.stderr
    assert "Built " in done.stdout
    return folder


def minutes_between(a: int, b: int, order: list[int]) -> float:
    return 2.0 * abs(order.index(a) - order.index(b))


def ways(places: list[dict[str, Any]]) -> list[tuple[int, str, float | None]]:
    """Return all ways to places of 2 000 people; Schellenberg's take hours, Balzers' are unknown.

    One origin is Swiss: its country is not covered.
    """
    order = [p["geonameid"] for p in places]
    rows: list[tuple[int, str, float | None]] = [(SWISS, str(order[0]), 1.0)]
    for origin in order:
        for place in (p for p in places if p["population"] >= 2000):
            minutes: float | None = minutes_between(origin, place["geonameid"], order)
            if origin == by_name(places, "Schellenberg"):
                minutes = 500.0
            if origin == by_name(places, "Balzers"):
                minutes = None if place["population"] >= 5000 else minutes
            rows.append((origin, str(place["geonameid"]), minutes))
    return rows


def by_name(places: list[dict[str, Any]], name: str) -> int:
    (key,) = (p["geonameid"] for p in places if p["name"] == name)
    return int(key)


@pytest.fixture(scope="module")
def served(home: Path) -> Store:
    """Return the database that was built with the matrix."""
    return Store.current(home / "build")


def test_minutes_of_the_matrix_stand_where_it_holds_the_nearest(
    served: Store, store: Store
) -> None:
    """By the list: Vaduz 0, Triesenberg 1, Triesen 2, Schellenberg 3, Schaan 4, Ruggell 5 ...

    Towns of 5 000 are the numbers 0, 2 and 4. Ruggell's nearest was Feldkirch in Austria at 14
    minutes by the estimate. Of two at 2 minutes Triesenberg's is the larger, Triesen (5 230).
    """
    query = "select name, minutes_to_town, nearest_town_id, travel_basis, estimated_to from "
    found = {r["name"]: r for r in served.rows(query + "marts.towns where country = 'LI'")}
    by_hand = {"Vaduz": 0, "Triesenberg": 2, "Triesen": 0, "Schaan": 0, "Ruggell": 2}
    by_hand |= {"Nendeln": 4, "Mauren": 6, "Gamprin": 8, "Eschen": 10}
    assert {name: found[name]["minutes_to_town"] for name in by_hand} == by_hand
    assert found["Triesenberg"]["nearest_town_id"] == 3042035
    assert found["Ruggell"]["travel_basis"] == "both"
    # Liechtenstein has no place of 10 000 people, so no city either.
    elsewhere = "city, city_100k, large_city, pole, town_10k, town_20k, town_50k, very_large_city"
    assert found["Ruggell"]["estimated_to"] == elsewhere


def test_the_estimate_stays_where_it_is_nearer_or_the_matrix_has_no_way(
    served: Store, store: Store
) -> None:
    """Schellenberg: 500 minutes; Mäls: 16, and Bad Ragaz at 11; Balzers: no way to a town."""
    query = (
        "select name, minutes_to_town, nearest_town_id, minutes_to_city from marts.towns "
        "where name in ('Schellenberg', 'Mäls', 'Balzers') and country = 'LI' order by name"
    )
    before = store.rows(query)
    assert [round(row["minutes_to_town"], 1) for row in before] == [10.3, 11.0, 13.6]
    assert served.rows(query) == before
    basis = "select travel_basis from marts.towns where name = 'Balzers' and country = 'LI'"
    assert served.rows(basis) == [{"travel_basis": "estimate"}]


def test_elsewhere_nothing_changes(served: Store, store: Store) -> None:
    query = (
        "select columns('geonameid|minutes_.*|nearest_.*|travel_basis|remoteness|role') "
        "from marts.towns where country != 'LI' order by geonameid"
    )
    after, before = served.arrow(query), store.arrow(query)
    assert after.equals(before)
    assert set(after["travel_basis"].to_pylist()) == {"estimate"}
    assert after.filter(pc.equal(after["geonameid"], SWISS)).num_rows == 1


def test_access_counts_each_site_by_the_matrix_that_holds_it(served: Store, store: Store) -> None:
    """Basic centres (2 000 people): Nendeln, number 6, lies between 5 and 7, Ruggell and Mauren.

    All of Schellenberg's ways take 500 minutes; by the estimate its third nearest was Feldkirch.
    """
    query = (
        "select towns.name, access.* from marts.access as access join marts.towns as towns "
        "using (geonameid) where service = 'basic_centre' and towns.country = 'LI'"
    )
    after = {row["name"]: row for row in served.rows(query)}
    before = {row["name"]: row for row in store.rows(query)}
    assert (after["Nendeln"]["minutes_nearest"], after["Nendeln"]["minutes_second"]) == (2, 2)
    assert after["Nendeln"]["travel_basis"] == "routing engine"
    assert after["Ruggell"]["minutes_nearest"] == 0
    far, was = after["Schellenberg"], before["Schellenberg"]
    assert was["third_id"] == far["nearest_id"] == "2779674"
    assert far["minutes_nearest"] == was["minutes_third"]
    assert far["travel_basis"] == "estimate"
    assert far["minutes_domestic"] == 500
    assert far["border_effect_min"] == pytest.approx(500 - was["minutes_third"])
    # The eight sites at home were within 60 minutes, and are not.
    assert far["within_60"] == was["within_60"] - 8


def test_regions_say_what_their_minutes_are(served: Store) -> None:
    for table in ("regions", "region_access"):
        found = served.rows(
            f"select nuts_id, travel_basis from marts.{table} where nuts_id in ('LI000', 'AT342') "  # noqa: S608
            + ("and service = 'basic_centre'" if table == "region_access" else "")
        )
        assert {row["nuts_id"]: row["travel_basis"] for row in found} == {
            "LI000": "both",
            "AT342": "estimate",
        }


def test_what_leaves_names_openstreetmap(served: Store, store: Store) -> None:
    for table in ("towns", "access", "regions"):
        assert "© OpenStreetMap contributors" in notes(served, table)["attribution"]
        assert "ODbL-1.0" in notes(served, table)["licence"]
        assert "OpenStreetMap" not in notes(store, table)["attribution"]
    (row,) = served.rows("select * from marts.sources where name = 'openstreetmap_minutes'")
    assert row["is_present"]
    assert row["version"] == "last update 2025-02-03"
    assert travel_queries.measured_countries(served) == ["Liechtenstein"]
    assert travel_queries.measured_countries(store) == []


def test_a_damaged_matrix_stops_the_build_and_what_was_served_stays(home: Path) -> None:
    (file,) = (home / "cache" / "openstreetmap_minutes").glob("*.parquet")
    content, times = file.read_bytes(), file.stat()
    before = (home / "build" / "current.json").read_bytes()
    file.write_bytes(content[:-100])
    done = run(home, "build")
    file.write_bytes(content)
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert done.returncode == 1
    assert f"{file.name}: SHA-256 is " in done.stderr
    assert "hinterland roads --remove li-by-hand" in done.stderr
    assert "Traceback" not in done.stderr
    assert (home / "build" / "current.json").read_bytes() == before


def test_listed_and_taken_away(home: Path) -> None:
    assert building.is_current(home / "build", home / "cache")
    said = run(home, "roads", "--list").stdout
    assert "li-by-hand: " in said
    assert "extract made.osm.pbf (000000000000) of 2025-02-03" in said
    assert "OpenStreetMap contributors" in said
    wrong = run(home, "roads", "--remove", "other")
    assert wrong.returncode == 1
    assert "no matrix is stored as 'other'; there are: li-by-hand" in wrong.stderr
    done = run(home, "roads", "--remove", "li-by-hand")
    assert done.returncode == 0
    assert not building.is_current(home / "build", home / "cache")
    assert [p for p in (home / "cache").rglob("*") if p.is_file()] == []
    assert "No matrix is stored" in run(home, "roads", "--list").stdout
