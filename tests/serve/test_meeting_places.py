"""Meeting places of regions from an attached set, and the way out with its licence."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from pipelines.serve import crossing, meeting_places, osm, queries, region_panel
from pipelines.serve.crossing_filter import CLASSES, CrossingFilter
from pipelines.serve.filters import RegionFilter
from pipelines.serve.store import Store
from tests import pbf

LUNGAU = "AT321"  # shrinks by 0.15 % a year; all of its people live in service deserts
TYPES = (
    {"amenity": "library"},
    {"amenity": "pub"},
    {"amenity": "cafe"},
    {"amenity": "place_of_worship"},
    {"amenity": "theatre"},
)


@pytest.fixture
def own_home(built_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a home with the embedded database and an empty set."""
    monkeypatch.setenv("HINTERLAND_HOME", str(tmp_path))
    (tmp_path / "build").symlink_to(built_home / "build")
    return tmp_path


def towns_of(store: Store, nuts_id: str) -> list[dict]:
    """Return a region's settlements, the largest first."""
    return store.rows(
        "select geonameid, name, lon, lat, population, part_of from marts.towns "
        "where nuts_id = ? order by population desc, geonameid",
        [nuts_id],
    )


def extract(towns: list[dict], with_places: list[dict], path: Path) -> Path:
    """Write an extract that covers settlements and has five types in some of them."""
    nodes: list = []
    for number, town in enumerate(towns):
        nodes += pbf.crowd(town["lon"], town["lat"], 1000, 1_000_000 + 10_000 * number)
    number = 1
    for town in with_places:
        for tags in TYPES:
            nodes.append((number, town["lon"], town["lat"], tags))
            number += 1
    return pbf.write(path, pbf.data(sorted(nodes)))


def test_without_a_set_nothing_is_known_of_places(own_home: Path, store: Store) -> None:
    assert meeting_places.of_regions(store) is None


def test_a_region_is_thin_by_the_people_with_few_types(own_home: Path, store: Store) -> None:
    towns = towns_of(store, LUNGAU)
    path = extract(towns, towns[:1], own_home / "lungau.osm.pbf")
    osm.add(store, path)
    places = meeting_places.of_regions(store)
    assert places is not None
    row = places.set_index("nuts_id").loc[LUNGAU]
    people = [0 if town["part_of"] else town["population"] for town in towns]
    assert row["few_places_share"] == pytest.approx(1 - people[0] / sum(people))
    assert row["places_note"] == ""
    table = crossing.regions(store, CrossingFilter(by="places"), places).set_index("nuts_id")
    assert table.loc[LUNGAU, "corner"] == "declining, few places"
    assert table.loc["DE733", "places_class"] is pd.NA


def test_where_places_remain_a_declining_region_is_told_apart(own_home: Path, store: Store) -> None:
    towns = towns_of(store, LUNGAU)
    osm.add(store, extract(towns, towns, own_home / "lungau.osm.pbf"))
    resilient = CrossingFilter(
        by="places", desert_class=("unserved",), places_class=(CLASSES["places"][0],)
    )
    table = crossing.regions(store, resilient, meeting_places.of_regions(store))
    chosen = table[table["is_selected"]]
    assert chosen["nuts_id"].tolist() == [LUNGAU]
    assert chosen["corner"].tolist() == ["declining, places remain"]
    with zipfile.ZipFile(
        io.BytesIO(meeting_places.package(store, chosen, resilient.words()))
    ) as archive:
        assert "ODbL" in archive.read(osm.LICENCE_NAME).decode()
        assert "meeting places: places remain" in archive.read("README.txt").decode()
        rows = pd.read_csv(io.BytesIO(archive.read("regions.csv")))
    assert rows["nuts_id"].tolist() == [LUNGAU]
    assert "OpenStreetMap" in rows["attribution"].iloc[0]


def test_an_extract_of_a_corner_says_nothing_of_the_region(own_home: Path, store: Store) -> None:
    towns = towns_of(store, LUNGAU)
    osm.add(store, extract(towns[-1:], towns[-1:], own_home / "corner.osm.pbf"))
    places = meeting_places.of_regions(store)
    assert places is not None
    row = places.set_index("nuts_id").loc[LUNGAU]
    assert pd.isna(row["few_places_share"])
    assert row["places_note"] == meeting_places.NOT_COVERED


def test_a_region_of_any_level_is_the_sum_of_its_people(own_home: Path, store: Store) -> None:
    """Two of the regions of Salzburg are covered: their sum is a share of the whole's people."""
    assert meeting_places.of_level(store, 2) is None
    salzburg = store.rows(
        "select geonameid, name, lon, lat, population, part_of, nuts_id from marts.towns "
        "where starts_with(nuts_id, 'AT32') order by population desc, geonameid"
    )
    osm.add(store, extract(salzburg, salzburg[:1], own_home / "salzburg.osm.pbf"))
    people = {town["geonameid"]: 0 if town["part_of"] else town["population"] for town in salzburg}
    with_few = 1 - people[salzburg[0]["geonameid"]] / sum(people.values())
    table = meeting_places.of_level(store, 2)
    assert table is not None
    rows = table.set_index("nuts_id")
    assert rows.loc["AT32", "few_places_share"] == pytest.approx(with_few)
    assert rows.loc["AT32", "places_state"] == "few places"
    # Nobody added an extract of the rest: that is said, and never that there is none.
    assert rows.loc["AT31", "places_state"] == meeting_places.NOT_COVERED
    assert rows["few_places_share"].notna().sum() == 1
    whole = meeting_places.of_level(store, 0)
    assert whole is not None
    assert set(whole["places_state"]) == {meeting_places.NOT_COVERED}  # a part of Austria only
    order = queries.region_values(store, 2, "nuts_id")["nuts_id"]
    assert table["nuts_id"].tolist() == order.tolist()


def test_regions_of_a_state_leave_with_the_notice(own_home: Path, store: Store) -> None:
    towns = towns_of(store, LUNGAU)
    osm.add(store, extract(towns, towns, own_home / "lungau.osm.pbf"))
    chosen = RegionFilter(places_class=("places remain",), nuts_ids=(LUNGAU,))
    assert region_panel.regions(store, chosen)["nuts_id"].tolist() == [LUNGAU]
    assert region_panel.regions(store, RegionFilter(nuts_ids=())).empty
    assert chosen.words() == "level 3; meeting places: places remain"
    archive = zipfile.ZipFile(
        io.BytesIO(meeting_places.selected(store, 3, [LUNGAU], chosen.words()))
    )
    assert "ODbL" in archive.read(osm.LICENCE_NAME).decode()
    assert "meeting places: places remain" in archive.read("README.txt").decode()
    row = pd.read_csv(io.BytesIO(archive.read("regions.csv"))).iloc[0]
    assert (row["nuts_id"], row["places_state"]) == (LUNGAU, "places remain")
    assert "ODbL" in row["attribution"]
