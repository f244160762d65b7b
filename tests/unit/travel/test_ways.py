"""Main roads: noding, ways between settlements, and the embedded table."""

from __future__ import annotations

import dataclasses

import numpy as np
import pyarrow as pa
import pytest
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, dijkstra

from pipelines.geo.projection import to_plane
from pipelines.travel import TravelConstants
from pipelines.travel import embedded as real
from pipelines.travel.land import Land
from pipelines.travel.roads import CLASSES, FERRY_LINE, MAJOR, PLAIN, RoadLayer, node_roads
from pipelines.travel.settlements import Settlements
from pipelines.travel.ways import PARTS, connect, derive_ways, way_links, way_minutes

C = TravelConstants.from_thresholds(real.thresholds())
NO_BARRIERS = pa.table({"kind": pa.array([], pa.string()), "wkt": pa.array([], pa.string())})


def roads(*lines: tuple[str, list[tuple[float, float]]]) -> pa.Table:
    return pa.table(
        {
            "type": [kind for kind, _ in lines],
            "geometry": [shapely.to_wkb(shapely.LineString(xy)) for _, xy in lines],
        }
    )


def settlements(*rows: tuple[int, float, float, int, float]) -> Settlements:
    names = ("geonameid", "lon", "lat", "population", "elevation_m")
    return Settlements.from_table(
        pa.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))
    )


def dry_land() -> Land:
    box = shapely.transform(shapely.box(9, 49, 12, 51), lambda xy: to_plane(xy[:, 0], xy[:, 1]))
    return Land.of(np.array([box], dtype=object), np.array([box], dtype=object))


def test_lines_that_cross_meet_in_one_vertex():
    cross = roads(
        ("Major Highway", [(10.0, 50.0), (10.4, 50.0)]),
        ("Road", [(10.2, 49.9), (10.2, 50.1)]),
    )
    layer = node_roads(cross, C)
    ends = np.bincount(np.concatenate([layer.a, layer.b]))
    assert sorted(np.flatnonzero(ends != 2).tolist()) == sorted(
        np.flatnonzero((ends == 1) | (ends == 4)).tolist()
    )
    assert (ends == 4).sum() == 1
    assert (ends == 1).sum() == 4
    # 0.4 degrees along 50° N are 28.6 km, 0.2 degrees of latitude 22.2 km (EPSG:3035 within 1 %).
    by_class = np.bincount(layer.code, layer.km, len(CLASSES))
    assert by_class[MAJOR] == pytest.approx(28.6, rel=0.01)
    assert by_class[PLAIN] == pytest.approx(22.2, rel=0.01)
    assert layer.km.max() <= C.road_piece_km + 1e-9


def test_ends_that_nearly_meet_are_joined_and_others_are_not():
    gap = {}
    for metres in (100, 900):
        east = 10.2 + metres / 71_500
        layer = node_roads(
            roads(("Road", [(10.0, 50), (10.2, 50)]), ("Road", [(east, 50), (10.4, 50)])), C
        )
        n = len(layer.xy)
        graph = coo_array((layer.km, (layer.a, layer.b)), shape=(n, n))
        gap[metres] = connected_components(graph, directed=False)[0]
    assert gap == {100: 1, 900: 2}


def test_a_way_worked_out_by_hand():
    """A motorway of 57.3 km, and two towns 1.1 km beyond its ends; one lies 60 m higher."""
    layer = node_roads(roads(("Major Highway", [(10.0, 50.0), (10.8, 50.0)])), C)
    towns = settlements((7, 9.9846, 50.0, 30_000, 100.0), (3, 10.8154, 50.0, 30_000, 160.0))
    (way,) = derive_ways(towns, layer, dry_land(), NO_BARRIERS, C, small_places=False).to_pylist()
    assert (way["from_id"], way["to_id"]) == (3, 7)
    assert way["km_major"] == pytest.approx(57.3, rel=0.01)
    assert way["access_km"] == pytest.approx(2 * 1.103, rel=0.02)
    assert way["climb_m"] == 0  # each end of the road lies as high as the town beside it
    assert sum(way[f"km_{name}"] for name in CLASSES[1:]) == 0
    parts = {name: np.array([way[name]]) for name in PARTS}
    want = 2 * 0.2 + 60 * 2.206 * 1.2 / 85 + 60 * 57.3 / 104
    assert way_minutes(parts, C)[0] == pytest.approx(want, rel=0.01)
    hill = parts | {"climb_m": np.array([300.0])}
    assert way_minutes(hill, C)[0] - way_minutes(parts, C)[0] == pytest.approx(3 * 2.3)


def test_a_ferry_costs_its_boarding_and_is_named():
    nodes = settlements((1, 10.0, 50.0, 500, 0.0), (2, 10.3, 50.0, 500, 0.0))
    row = {name: [0.0] for name in PARTS} | {"from_id": [1], "to_id": [2], "km_ferry": [24.0]}
    links = way_links(nodes, pa.table(row), C)
    assert links.minutes[0] == pytest.approx(2 * 0.2 + 40 + 60)
    assert links.kind[0] == 3  # ferry
    stranger = pa.table(row | {"to_id": [99]})
    assert len(way_links(nodes, stranger, C)) == 0


def test_no_connector_crosses_water():
    """The road lies on the far shore of a strait: a town without a bridge has no way by it."""
    strait = [shapely.box(9, 49, 12, 50.02), shapely.box(9, 50.08, 12, 51)]
    plane = shapely.transform(
        np.array(strait, dtype=object), lambda xy: to_plane(xy[:, 0], xy[:, 1])
    )
    layer = node_roads(roads(("Major Highway", [(10.0, 50.0), (10.8, 50.0)])), C)
    towns = settlements((1, 10.0, 50.1, 30_000, 0.0), (2, 10.8, 50.01, 30_000, 0.0))
    over = derive_ways(towns, layer, Land.of(plane, plane), NO_BARRIERS, C, small_places=False)
    dry = derive_ways(towns, layer, dry_land(), NO_BARRIERS, C, small_places=False)
    assert over.num_rows == 0
    assert dry.num_rows == 1


def random_roads() -> tuple[RoadLayer, Settlements]:
    """Twelve towns beside the corners of a web of straight roads."""
    rng = np.random.default_rng(5)
    xy = [(10 + 0.8 * x, 49.7 + 0.6 * y) for x, y in rng.random((12, 2))]
    kinds = ("Road", "Major Highway")
    lines = [(kinds[(i + j) % 2], [xy[i], xy[j]]) for i in range(12) for j in range(i)]
    towns = settlements(*[(i + 1, x, y + 0.01, 25_000, 0.0) for i, (x, y) in enumerate(xy)])
    return node_roads(roads(*lines), C), towns


def test_ways_are_real_and_the_nearest_town_is_as_near_as_the_whole_graph_says():
    layer, towns = random_roads()
    links = way_links(
        towns, derive_ways(towns, layer, dry_land(), NO_BARRIERS, C, small_places=False), C
    )
    xy, v = to_plane(towns.lon, towns.lat), len(layer.xy)
    joins = connect(xy, np.zeros(12), layer, lambda a, _: np.ones(len(a), dtype=bool), C)
    seconds = np.full((v + 12, v + 12), np.inf)
    speed = np.array([C.speed_major_kmh, C.speed_secondary_kmh, C.speed_road_kmh])
    np.minimum.at(seconds, (layer.a, layer.b), 60 * layer.km / speed[layer.code])
    np.minimum.at(seconds, (layer.b, layer.a), 60 * layer.km / speed[layer.code])
    exact = np.full((12, 12), np.inf)
    for a in range(12):
        for b in range(a):
            # Only these two are joined, so that no way passes through a third.
            graph = seconds.copy()
            mine = np.isin(joins.settlement, [a, b])
            at = joins.settlement[mine] + v, joins.vertex[mine]
            graph[at] = graph[at[::-1]] = joins.minutes(C)[mine]
            graph[np.isinf(graph)] = 0
            exact[a, b] = exact[b, a] = dijkstra(graph, indices=a + v)[b + v]
    way = np.full((12, 12), np.inf)
    way[links.a, links.b] = way[links.b, links.a] = links.minutes
    assert (way >= exact - 1e-6).all()
    np.testing.assert_allclose(way.min(axis=1), exact.min(axis=1), rtol=1e-6)


def test_winter_roads_are_no_ways():
    layer = node_roads(
        roads(("Winter Road", [(10.0, 50), (10.2, 50)]), ("Road", [(10.0, 50.5), (10.2, 50.5)])), C
    )
    assert layer.km.sum() == pytest.approx(14.2, rel=0.01)  # 0.2 degrees at 50.5° N


def test_a_ferry_line_alone_joins_no_settlement():
    layer = node_roads(roads(("Ferry Route", [(10.0, 50.0), (10.8, 50.0)])), C)
    assert (layer.best_class() == FERRY_LINE).all()
    towns = settlements((7, 10.0, 50.01, 30_000, 100.0), (3, 10.8, 50.01, 30_000, 100.0))
    table = derive_ways(towns, layer, dry_land(), NO_BARRIERS, C, small_places=True)
    assert table.num_rows == 0


# --- the embedded table -----------------------------------------------------------------


def test_embedded_ways_join_known_settlements_once():
    ways = real.ways()
    a, b = (ways[name].to_numpy() for name in ("from_id", "to_id"))
    assert (a < b).all()
    assert len(np.unique(a.astype(np.int64) * 2**32 + b)) == len(a)
    known = real.settlements()["geonameid"].to_numpy()
    assert np.isin(a, known).all()
    assert np.isin(b, known).all()
    for name in PARTS:
        assert ways[name].to_numpy().min() >= 0


def test_no_embedded_way_is_shorter_than_the_straight_line():
    """Roads and connectors together, less what merging vertices and rounding may lose."""
    ways, nodes = real.ways(), Settlements.from_table(real.settlements())
    at = {int(g): i for i, g in enumerate(nodes.geonameid)}
    a, b = (np.array([at[i] for i in ways[n].to_pylist()]) for n in ("from_id", "to_id"))
    straight = np.linalg.norm(nodes.xyz[a] - nodes.xyz[b], axis=1)
    road = sum(ways[name].to_numpy() for name in PARTS if "km" in name)
    # The plane stretches by 2 % at the rim, and connectors begin on a shore within 3 km.
    assert (road >= 0.98 * straight - 3.0).all()
    assert (road >= 0.98 * straight - 1.0).mean() > 0.999


def test_speeds_of_the_classes_keep_their_order():
    parts = {name: np.array([0.0]) for name in PARTS}
    times = [way_minutes(parts | {f"km_{n}": np.array([10.0])}, C)[0] for n in CLASSES]
    assert times == sorted(times)
    quick = dataclasses.replace(C, speed_major_kmh=2 * C.speed_major_kmh)
    ten = parts | {"km_major": np.array([10.0])}
    saved = way_minutes(ten, C)[0] - way_minutes(ten, quick)[0]
    assert saved == pytest.approx(60 * 10 / 104 / 2)


def test_roads_of_a_layer_can_be_taken_apart():
    layer = RoadLayer(
        np.array([[0.0, 0], [1, 0], [2, 0]]),
        np.array([0, 1]),
        np.array([1, 2]),
        np.array([1.0, 1.0]),
        np.array([0, 2], dtype=np.int8),
    )
    rest = layer.take(np.array([False, True]))
    assert rest.xy.tolist() == [[1, 0], [2, 0]]
    assert (rest.a.tolist(), rest.b.tolist()) == ([0], [1])
