"""Coverage, measures and merging of OpenStreetMap places, by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from pipelines.core.errors import InputError
from pipelines.core.paths import catalogue_dir, sql_dir
from pipelines.core.thresholds import Thresholds
from pipelines.places.coverage import Coverage, cover, nodes_around
from pipelines.places.osm import collect
from pipelines.places.osm_constants import OsmConstants
from pipelines.places.osm_measures import match_registers, measure_osm
from pipelines.places.osm_objects import OsmObject
from pipelines.places.osm_tags import is_condition, meets, read_tag_table
from pipelines.travel import TravelConstants, embedded
from pipelines.travel.network import network_from_table
from pipelines.travel.walking import WalkConstants

WALK = WalkConstants(speed_kmh=4.8, cycle_speed_kmh=15, detour=1.3, most_min=30)

# Half of the ends of a trip (travel_terminal_min, 5.8) is 2.9 minutes: 14.9 from P to a site in A.
TRAVEL = TravelConstants.from_thresholds(embedded.thresholds())
# A and B are 20 minutes apart, P is 12 from A and a part of it; C has no way to any.
TOWNS = pd.DataFrame(
    {
        "geonameid": [1, 2, 3, 4],
        "name": ["A", "B", "C", "P"],
        "country": ["X", "X", "Y", "X"],
        "country_name": ["Ex", "Ex", "Why", "Ex"],
        "nuts_id": ["X0001", "X0001", None, "X0001"],
        "region_name": ["R", "R", None, "R"],
        "population": [46_000, 4_000, 30_000, 1_000],
        "part_of": [None, None, None, 1],
        "size_class": ["city", "village", "city", "part"],
        "remoteness": ["central"] * 4,
        "lon": [10.0, 10.5, 20.0, 10.3],
        "lat": [50.0, 50.0, 50.0, 50.0],
    }
)


@pytest.fixture(scope="module")
def table():
    return read_tag_table(catalogue_dir())


@pytest.fixture(scope="module")
def limits():
    rows = Thresholds.of_file(sql_dir() / "seeds" / "thresholds.csv")
    return OsmConstants.from_thresholds(rows)


@pytest.fixture(scope="module")
def network():
    columns = ["geonameid", "country", "lon", "lat", "population"]
    links = {
        "from_id": pa.array([1, 1], pa.int64()),
        "to_id": pa.array([2, 4], pa.int64()),
        "minutes": [20.0, 12.0],
        "kind": ["road", "road"],
    }
    return network_from_table(
        pa.Table.from_pandas(TOWNS[columns], preserve_index=False), pa.table(links)
    )


def node(number, lon, lat=50.0, **tags):
    return OsmObject("node", number, tags, (lon, lat))


def places_of(table, *objects):
    return collect(objects, table).table


@pytest.fixture(scope="module")
def measured(table, limits, network):
    places = places_of(
        table,
        replace(node(1, 10.0, amenity="cafe;library", name="Lesecafé"), edited="2020-01-01"),
        replace(node(2, 10.0, 50.001, amenity="pub", name="Krone"), edited="2020-01-03"),
        replace(node(3, 20.0, amenity="library"), edited="2021-01-01"),
        replace(node(4, 10.0, 50.002, leisure="pitch"), edited="2024-01-01"),
    )
    coverage = Coverage(
        "nodes", np.array([True, True, False, True]), np.array([9000, 3000, 9, 2000])
    )
    return measure_osm(places, TOWNS, coverage, network, table, limits, WALK, TRAVEL)


def test_on_foot_from_the_middle(measured):
    """0.001 degrees of latitude are 0.1112 km: 0.1112 x 1.3 / 4.8 hours are 1.8 minutes.

    The next places from B, half a degree away, are no walk; neither from P.
    """
    rows = measured.settlements.set_index("name")
    assert rows.loc["A", ["walk_min_library", "walk_min_pub"]].tolist() == [0, 1.8]
    assert rows["types_walk_15"].tolist() == [3, 0, 0]  # café, library, pub
    assert rows["types_walk_30"].tolist() == [3, 0, 0]
    assert np.isnan(rows.loc["B", "walk_min_library"])


def test_only_people_of_covered_settlements_count_and_parts_once(measured):
    people = measured.people.set_index("type")
    # 46 000 of A with its part P, 4 000 of B; C is not covered.
    assert people.loc["library", "people"] == 50_000
    assert people.loc["library", ["within_15", "without_15", "without_30"]].tolist() == [
        46_000,
        4_000,
        0,
    ]
    assert people.loc["library", "without_here"] == 4_000
    assert people.loc["library", "places"] == 2  # also the one beyond the edge, to go to
    assert people.loc["any", "places"] == 3  # the pitch is of no headline type
    assert measured.settlements["name"].tolist() == ["A", "B", "P"]


def test_types_here_and_within_minutes(measured):
    rows = measured.settlements.set_index("name")
    assert rows.loc["A", ["places", "types_here", "types_15", "types_30"]].tolist() == [2, 3, 3, 3]
    assert rows.loc["B", ["places", "types_here", "types_15", "types_30"]].tolist() == [0, 0, 0, 3]
    assert rows.loc["P", ["types_here", "types_15"]].tolist() == [0, 3]
    assert rows.loc["A", "hybrid_places"] == 1
    # Of ReSOMA's six groups the library alone: a pub and a café are none of them.
    assert rows["interaction_here"].tolist() == [1, 0, 0]
    assert rows["interaction_15"].tolist() == [1, 0, 1]
    # One place each of three types: as even as can be. Two places for 46 000 people.
    assert rows.loc["A", "variety_15"] == pytest.approx(3)
    assert rows.loc["A", "places_per_10000_15"] == pytest.approx(2 / 4.6)
    # What one buys in is not open to all; the café's first type is the café.
    assert rows.loc["A", "open_15_share"] == 0
    assert rows["minutes_library"].tolist() == [0, 22.9, 14.9]


def test_days_of_last_edits_are_of_headline_places(measured):
    rows = measured.settlements.set_index("name")
    assert rows.loc["A", ["last_edit", "median_edit"]].tolist() == ["2020-01-03", "2020-01-02"]
    assert rows.loc[["B", "P"], "last_edit"].isna().all()
    types = measured.types.set_index("type")
    assert types.loc["library", "last_edit"] == "2020-01-01"  # that of Y is not covered
    assert pd.isna(types.loc["youth_centre", "last_edit"])


def test_words_follow_what_is_known(measured):
    rows = measured.settlements.set_index("name")
    assert rows.loc["A", "state_library"] == "here"
    assert rows.loc["P", "state_library"] == "near"
    assert rows.loc["B", "state_library"] == "far"
    # 50 000 people of X would have one object at least if the type were mapped.
    assert rows.loc["A", "state_youth_centre"] == "probably not mapped"
    assert rows.loc["B", "missing_core"] == ["library", "pub_cafe"]
    assert sorted(rows.loc["B", "unknown_core"]) == ["hall", "shop", "sports_hall", "worship"]
    types = measured.types.set_index("type")
    assert bool(types.loc["youth_centre", "is_probably_not_mapped"])
    assert not types.loc["library", "is_probably_not_mapped"]


def test_a_small_country_without_a_type_has_none_mapped(table, limits, network):
    coverage = Coverage("nodes", np.array([False, False, True, False]), np.array([0, 0, 9000, 0]))
    places = places_of(table, node(3, 20.0, amenity="library"))
    rows = measure_osm(places, TOWNS, coverage, network, table, limits, WALK, TRAVEL).settlements
    assert rows["state_youth_centre"].tolist() == ["none mapped"]  # 30 000 people: none expected
    assert rows["state_library"].tolist() == ["here"]
    assert "none" not in {word for c in rows for word in rows[c] if c.startswith("state_")}


def test_settlements_near_what_is_not_covered_are_marked(table, limits, network):
    places = places_of(table, node(1, 10.0, amenity="library"))
    coverage = Coverage("nodes", np.array([True, False, False, True]), np.array([9000, 0, 0, 9000]))
    rows = measure_osm(places, TOWNS, coverage, network, table, limits, WALK, TRAVEL).settlements
    rows = rows.set_index("name")
    assert rows["minutes_to_edge"].tolist()[0] == 22.9  # the nearest place of B
    assert rows["is_at_edge"].tolist() == [False, False]


def test_an_unknown_edge_is_no_edge_nor_none(table, limits, network):
    places = places_of(table, node(1, 10.0, amenity="library"))
    coverage = Coverage("unknown", np.array([True, False, False, False]))
    rows = measure_osm(places, TOWNS, coverage, network, table, limits, WALK, TRAVEL).settlements
    assert rows["is_at_edge"].isna().all()
    assert rows["nodes"].isna().all()


def test_regions_are_weighted_by_people(measured):
    row = measured.regions.iloc[0]
    assert (row["nuts_id"], row["people"], row["covered_share"]) == ("X0001", 50_000, 1)
    assert row["types_15"] == pytest.approx(3 * 46_000 / 50_000)
    assert row["few_types_15_share"] == 1
    assert row["without_library_15_share"] == pytest.approx(4_000 / 50_000)
    assert row["unknown_hall_15_share"] == 1


def test_registers_are_matched_within_500_m(table, limits):
    places = places_of(table, node(1, 10.0, 50.004, amenity="hospital"))  # 445 m to the north
    sites = pd.DataFrame(
        {
            "service": ["hospital", "hospital", "school_primary", "hospital", "hospital"],
            "country": ["X", "X", "X", "X", "Y"],  # the last is across the border
            "geonameid": [1, 1, 1, 3, 1],
            "lon": [10.0, 10.0, 10.0, 20.0, 10.0],
            "lat": [50.0, 50.01, 50.0, 50.0, 50.0],  # the second 667 m away
        }
    )
    result = match_registers(sites, places, TOWNS.iloc[:2], limits).set_index("service")
    assert result.loc["hospital", ["sites", "matched"]].tolist() == [2, 1]
    assert result.loc["school_primary", ["sites", "matched"]].tolist() == [1, 0]


# --------------------------------------------------------------------- coverage


def cells(*rows):
    return pa.table(
        {"x": [r[0] for r in rows], "y": [r[1] for r in rows], "nodes": [r[2] for r in rows]}
    )


def test_nodes_of_nine_cells_around_a_settlement():
    # A lies in the cell (1000, 5000); its corner cells count, those beyond do not.
    around = cells((1000, 5000, 400), (999, 4999, 300), (1001, 5001, 300), (1002, 5000, 999))
    assert nodes_around(around, TOWNS).tolist() == [1000, 0, 0, 0]


@pytest.mark.parametrize(
    ("nodes", "basis", "covered"), [(1000, "nodes", "A"), (999, "unknown", "B")]
)
def test_a_settlement_is_covered_from_the_threshold_on(table, limits, nodes, basis, covered):
    places = places_of(table, node(1, 10.5, amenity="library"))
    result = cover(
        "x", places, np.array([1]), TOWNS, limits.covered_least_nodes, cells((1000, 5000, nodes))
    )
    assert result.basis == basis
    assert TOWNS["name"][result.is_covered].tolist() == [covered]


def test_a_stated_country_bounds_what_counts(table, limits):
    places = places_of(table, node(1, 10.0, amenity="library"), node(2, 10.32, amenity="library"))
    index, least = np.array([0, 3]), limits.covered_least_nodes
    result = cover("x", places, index, TOWNS, least, country="X")
    # B lies outside the extent of the places, C in another country.
    assert TOWNS["name"][result.is_covered].tolist() == ["A", "P"]
    dense = cells((1000, 5000, 5000), (2000, 5000, 5000))
    result = cover("x", places, index, TOWNS, least, dense, "Y")
    assert TOWNS["name"][result.is_covered].tolist() == ["C"]
    with pytest.raises(InputError, match=r"--country: .*found 'GR'; .* is EL; allowed are X, Y"):
        cover("x", places, index, TOWNS, least, country="GR")
    with pytest.raises(InputError, match="x: no settlement of Y lies where"):
        cover("x", places, index, TOWNS, least, country="Y")


# ----------------------------------------------------------------------- merging


def way(number, lon, lat, half=0.001, **tags):
    extent = (lon - half, lat - half, lon + half, lat + half)
    return OsmObject("way", number, tags, (lon, lat), extent)


def test_a_node_and_its_building_are_one_place(table):
    result = collect(
        [
            way(10, 10.0, 50.0, amenity="library"),
            node(1, 10.0005, 50.0005, amenity="library", name="Bücherei", opening_hours="Mo 10-12"),
            way(11, 11.0, 50.0, amenity="pub", name="Krone"),
            node(2, 11.0002, 50.0, amenity="pub", name="Löwen"),
            node(3, 11.0003, 50.0, amenity="cafe", name="Krone"),
        ],
        table,
    )
    rows = {r["osm_id"]: r for r in result.table.to_pylist()}
    # Another name or another type is another place.
    assert set(rows) == {10, 11, 2, 3}
    assert (rows[10]["name"], rows[10]["opening_hours"]) == ("Bücherei", "Mo 10-12")
    assert result.left_out == {"drawn twice": 1}


def test_pitches_of_one_ground_are_one_and_pubs_side_by_side_are_two(table):
    step = 0.0015  # 167 m of latitude
    result = collect(
        [node(n, 10.0, 50 + n * step, leisure="pitch", name=f"Training{n}") for n in range(4)]
        + [node(9, 10.0, 50.02, leisure="pitch")]
        + [node(20, 10.0, 50.0, amenity="pub"), node(21, 10.0, 50.0001, amenity="pub")],
        table,
    )
    kinds = result.table["type"].to_pylist()
    assert (kinds.count("sports_pitch"), kinds.count("pub")) == (2, 2)
    assert result.left_out == {"part of a ground of the same type": 3}


# -------------------------------------------------------------------- conditions


@pytest.mark.parametrize(
    ("tags", "condition", "expected"),
    [
        ({}, None, True),
        ({"access": "yes"}, "access=yes|permissive", True),
        ({"access": "private"}, "!access=private", False),
        ({}, "!access=private", True),
        ({"name": "x"}, "sport&name", False),
        ({"name": "x", "sport": "y"}, "access=yes or sport&name", True),
        ({}, "!vending", True),
        ({"vending": "milk"}, "!vending", False),
    ],
)
def test_conditions(tags, condition, expected):
    assert meets(tags, condition) is expected


def test_conditions_that_cannot_be_read_are_told():
    assert is_condition("!a:b=c|d&e or f")
    for text in ("a=b=c", "a &b", "or", "a=", "&"):
        assert not is_condition(text) or text == "or", text


def test_the_rules_hold_what_their_page_says(table):
    assert len(table.headline) == 20
    assert len(table.rules) == 140
    off = {name for name, kind in table.types.items() if kind.shown == "off"}
    assert {"sports_pitch", "playground", "bus_stop"} <= off
    assert len(table.interactions) == 6
    assert set(table.cores) == {"library", "hall", "pub_cafe", "shop", "sports_hall", "worship"}
