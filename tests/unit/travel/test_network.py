"""The settlement network: graph theory on small cases, geography on the real one."""

from __future__ import annotations

import dataclasses
from functools import lru_cache
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from pipelines.core.errors import InputError
from pipelines.geo.projection import to_plane
from pipelines.geo.sphere import arc_km, to_sphere
from pipelines.travel import TravelConstants, models, network_from_table
from pipelines.travel import embedded as real
from pipelines.travel import paths as ways
from pipelines.travel.crossings import FERRY, MAIN_ROAD, ROAD, SHORE
from pipelines.travel.ends import trip_minutes
from pipelines.travel.land import Land, _longest_gap
from pipelines.travel.proximity import delaunay
from pipelines.travel.remoteness import SizeSteps, city_minutes, to_centres, travel_minutes
from pipelines.travel.speeds import (
    access_minutes,
    ferry_minutes,
    link_minutes,
    terminal_minutes,
)

THRESHOLDS = real.thresholds()
C = TravelConstants.from_thresholds(THRESHOLDS)


@lru_cache
def table() -> pa.Table:
    return real.settlements()


@lru_cache
def net():
    return real.network(table())


@lru_cache
def remote() -> dict[int, dict]:
    found = travel_minutes(net(), SizeSteps.from_thresholds(THRESHOLDS), C)
    return {row["geonameid"]: row for row in found.to_pylist()}


def place(name: str, country: str, least: int = 0) -> int:
    """Position of the largest settlement of that name."""
    rows = [
        (p or 0, i)
        for i, (n, c, p) in enumerate(
            zip(*(table()[k].to_pylist() for k in ("name", "country", "population")), strict=True)
        )
        if n == name and c == country and (p or 0) >= least
    ]
    assert rows, f"{name} ({country}) is not among the settlements"
    return max(rows)[1]


def row_of(name: str, country: str) -> dict:
    return remote()[int(net().settlements.geonameid[place(name, country)])]


def minutes_between(a: int, b: int) -> float:
    """Minutes of a trip: the way, and both of its ends."""
    people = net().settlements.road_population
    return float(trip_minutes(ways.from_one(net().graph, a)[b], people[a], people[b], C))


# --- the whole of Europe ---------------------------------------------------------------


def test_europe_hangs_together_but_for_other_continents():
    part = net().components()
    main = np.bincount(part).argmax()
    nodes = net().settlements
    away = part != main
    assert (part == main).sum() > 80_000
    # Only overseas departments and the like are beyond the longest ferry.
    assert ((nodes.lon[away] < -50) | (nodes.lat[away] < 0)).all()


def test_graph_is_symmetric_and_positive():
    graph = net().graph
    assert abs(graph - graph.T).max() == 0
    assert graph.data.min() > 0


def test_no_road_link_runs_over_water():
    nuts, neighbours = real.outlines()
    nodes, links = net().settlements, net().links
    lon_lat = np.column_stack([nodes.lon, nodes.lat])
    land = Land.from_tables(nuts, neighbours, lon_lat, C.land_least_per_1000km2)
    road = links.kind == ROAD
    xy, _ = land.land_points(to_plane(nodes.lon, nodes.lat), C.landing_max_km)
    gap = land.water_gap_km(xy[links.a[road]], xy[links.b[road]])
    assert gap.max() <= C.water_gap_max_km
    # Checked against raw polygons along the links themselves, not the routine's own sum.
    wet = np.flatnonzero(road)[::400]
    t = np.linspace(0.02, 0.98, 25)
    points = xy[links.a[wet]][:, None] * (1 - t[:, None]) + xy[links.b[wet]][:, None] * t[:, None]
    _, landmass = land.land_points(points.reshape(-1, 2), 0.0)
    length = np.linalg.norm(xy[links.a[wet]] - xy[links.b[wet]], axis=1)
    out = (landmass < 0).reshape(len(wet), -1).mean(axis=1) * length
    assert (out <= 3 * C.water_gap_max_km + 0.1).all()


def test_no_way_is_faster_than_the_best_road():
    nodes, links = net().settlements, net().links
    road = (links.kind == ROAD) | (links.kind == MAIN_ROAD)
    km = arc_km(nodes.xyz, links.a[road], links.b[road])
    far = km > 2
    assert (60 * km[far] / links.minutes[road][far]).max() < C.speed_major_kmh


def test_units_of_a_link_worked_out_by_hand():
    """Two villages 10 km and 200 m of height apart: 8.7 minutes of road, 4.4 of climb."""
    one = np.array([10.0])
    flat, steep = (link_minutes(one, np.array([rise]), C)[0] for rise in (0.0, -200.0))
    assert flat == pytest.approx(0.2 + 60 * 10 * 1.2 / 83)
    assert steep - flat == pytest.approx(2 * 2.2)
    # A cliff between neighbours is believed up to 15 %: 150 m on one kilometre.
    cliff = link_minutes(np.array([1.0]), np.array([900.0]), C)[0]
    assert cliff == pytest.approx(0.2 + 60 * 1.2 / 83 + 1.5 * 2.2)
    assert ferry_minutes(np.array([24.0]), C)[0] == pytest.approx(40 + 60)
    assert access_minutes(np.array([1.0]), C)[0] == pytest.approx(60 * 1.3 / 36)


def test_terminal_minutes_grow_tenfold_by_tenfold():
    people = np.array([np.nan, 500, 20_000, 200_000, 2_000_000])
    got = terminal_minutes(people, C)
    assert got == pytest.approx([5.8, 5.8, 5.8, 5.8 + 3.5, 5.8 + 7.0])


# --- known cases -----------------------------------------------------------------------


def test_known_towns():
    """Siátista is remote, Ninove close, Bebra and Fermignano lie between."""
    siatista = row_of("Siátista", "EL")["minutes_to_city_100k"]
    bebra = row_of("Bebra", "DE")["minutes_to_city_100k"]
    fermignano = row_of("Fermignano", "IT")["minutes_to_city_100k"]
    ninove = row_of("Ninove", "BE")["minutes_to_city_100k"]
    assert ninove < 35 < min(bebra, fermignano)
    assert max(bebra, fermignano) < 80 < siatista
    assert row_of("Siátista", "EL")["minutes_to_town_50k"] > 60
    assert row_of("Ninove", "BE")["minutes_to_town_50k"] < 20
    assert minutes_between(place("Ninove", "BE"), place("Brussels", "BE")) < 40


@pytest.mark.parametrize(
    ("island", "country", "mainland", "other", "least_min", "most_min"),
    [
        ("Ibiza", "ES", "Valencia", "ES", 180, 480),  # Dénia, 2 h at sea and more
        ("Visby", "SE", "Nynäshamn", "SE", 180, 300),  # 3 h 15 at sea
        ("Irákleion", "EL", "Athens", "EL", 480, 700),  # a night at sea
        ("Lipari", "IT", "Milazzo", "IT", 80, 180),  # car ferry, about 2 h
    ],
)
def test_islands_are_reached_by_ferry(island, country, mainland, other, least_min, most_min):
    a, b = place(island, country), place(mainland, other)
    assert least_min < minutes_between(a, b) < most_min
    links = net().links
    keep = links.kind == ROAD
    roads = csr_array(
        (links.minutes[keep], (links.a[keep], links.b[keep])), shape=net().graph.shape
    )
    assert np.isinf(dijkstra(roads, directed=False, indices=a)[b]), "there is no dry way"


def test_crete_hangs_together_by_road():
    a, b = place("Chaniá", "EL"), place("Sitia", "EL")
    links = net().links
    keep = links.kind == ROAD
    roads = csr_array(
        (links.minutes[keep], (links.a[keep], links.b[keep])), shape=net().graph.shape
    )
    assert 180 < dijkstra(roads, directed=False, indices=a)[b] < 420


def test_gibraltar_strait_is_not_crossed_by_road():
    nodes, links = net().settlements, net().links
    south = (nodes.lat < 35.95) & (nodes.lon > -6) & (nodes.lon < -2.8) & (nodes.lat > 35.2)
    assert south.sum() >= 2  # Ceuta and Melilla
    across = south[links.a] != south[links.b]
    assert across.any()
    assert (links.kind[across] == FERRY).all()


def test_fixed_links_carry_cars():
    sound = minutes_between(place("Copenhagen", "DK"), place("Malmö", "SE"))
    assert 25 < sound < 60
    belt = minutes_between(place("Nyborg", "DK"), place("Korsør", "DK"))
    assert 10 < belt < 35
    messina = minutes_between(place("Villa San Giovanni", "IT"), place("Messina", "IT"))
    assert 30 < messina < 75  # ferry: 25 minutes boarding, 8 km


def test_adriatic_is_not_a_road():
    assert minutes_between(place("Ancona", "IT"), place("Split", "HR")) > 400


def test_large_lake_is_driven_round():
    """Lausanne to Évian: 13 km over the lake, 80 to 90 km by road, half an hour by boat."""
    nodes, links = net().settlements, net().links
    a, b = place("Lausanne", "CH"), place("Évian-les-Bains", "FR")
    assert minutes_between(a, b) > 40
    lake = (np.abs(nodes.lon - 6.55) < 0.2) & (np.abs(nodes.lat - 46.45) < 0.12)
    north = lake & (nodes.country == "CH")
    road = links.kind == ROAD
    joined = road & north[links.a] & (lake & (nodes.country == "FR"))[links.b]
    assert not joined.any()


def test_undocumented_joins_are_ferries_or_round_a_bay():
    links = net().links
    assert {ROAD, FERRY, SHORE} <= set(links.kind.tolist())
    assert (links.kind == SHORE).sum() < 100


# --- remoteness ------------------------------------------------------------------------


def test_minutes_grow_with_the_size_looked_for():
    found = travel_minutes(net(), SizeSteps.from_thresholds(THRESHOLDS), C)
    steps = ["town", "town_10k", "town_20k", "town_50k", "city_100k"]
    columns = [
        np.nan_to_num(found[f"minutes_to_{s}"].to_numpy(zero_copy_only=False), nan=np.inf)
        for s in steps
    ]
    for near, far in pairwise(columns):
        assert (near <= far + 1e-9).all()


def test_nearest_city_is_what_its_id_says():
    nodes = net().settlements
    minutes, ids = to_centres(net(), 50_000, C)
    at = {int(g): i for i, g in enumerate(nodes.geonameid)}
    for i in range(0, len(nodes), 9973):
        if ids[i] < 0:
            continue
        city = at[int(ids[i])]
        assert nodes.population[city] >= 50_000
        if i != city:
            assert minutes_between(i, city) == pytest.approx(minutes[i])
    own = nodes.population >= 50_000
    assert (minutes[own] == 0).all()
    assert (ids[own] == nodes.geonameid[own]).all()


def cities_of(*rows: tuple[str, int, bool, bool]) -> pa.Table:
    names = ("city_basis", "geonameid", "is_large_city", "is_very_large_city")
    return pa.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))


def test_minutes_to_cities_by_hand():
    """A line of 10, 20 and 25 minutes between places 11 to 14, and 15 on an island."""
    nodes = pa.table(
        {
            "geonameid": [11, 12, 13, 14, 15],
            "country": ["AT", "AT", "RS", "RS", "RS"],
            "lon": [10.0, 10.1, 10.2, 10.3, 10.9],
            "lat": [47.0] * 5,
            "population": [40_000, 600, 90_000, 61_000, 700],
        }
    )
    links = pa.table(
        {
            "from_id": [11, 12, 13],
            "to_id": [12, 13, 14],
            "minutes": [10.0, 20.0, 25.0],
            "kind": ["road"] * 3,
        }
    )
    free = dataclasses.replace(C, terminal_min=0.0, terminal_min_per_tenfold=0.0)
    cities = cities_of(
        ("functional urban area", 11, True, False),  # 40 000 people, the centre of an area
        ("settlement", 14, False, False),
        ("settlement", 99, True, True),  # no place of the network
    )
    found = city_minutes(network_from_table(nodes, links), cities, free).to_pydict()
    area, size = "functional urban area", "settlement"
    assert found["minutes_to_city"] == pytest.approx([0, 10, 25, 0, None])
    assert found["nearest_city_id"] == [11, 11, 14, 14, None]
    assert found["city_basis"] == [area, area, size, size, None]
    assert found["minutes_to_large_city"] == pytest.approx([0, 10, 30, 55, None])
    assert found["nearest_large_city_id"] == [11, 11, 11, 11, None]
    assert found["minutes_to_very_large_city"] == [None] * 5


def test_network_survives_storage():
    again = network_from_table(table(), net().links_table())
    assert abs(again.graph - net().graph).max() < 1e-12


# --- small cases -----------------------------------------------------------------------


def test_delaunay_of_a_square_with_a_middle():
    """The middle is joined to all corners, the corners to their neighbours."""
    xy = np.array([[0, 0], [2, 0], [2, 2], [0, 2], [1, 1.0]])
    got = {tuple(p) for p in delaunay(xy).tolist()}
    assert got == {(0, 4), (1, 4), (2, 4), (3, 4), (0, 1), (1, 2), (2, 3), (0, 3)}


def test_longest_gap():
    line = np.array([0, 0, 1])
    low, high = np.array([0.0, 0.5, 0.2]), np.array([0.3, 1.0, 0.9])
    assert _longest_gap(line, low, high, 3) == pytest.approx([0.2, 0.2, 1.0])


def small_graph(seed: int, n: int = 30) -> csr_array:
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, n, (2, 3 * n))
    a, b = a[a != b], b[a != b]
    low, high = np.minimum(a, b), np.maximum(a, b)
    _, first = np.unique(low * n + high, return_index=True)
    w = rng.uniform(1, 30, len(first))
    r, c = low[first], high[first]
    return csr_array((np.r_[w, w], (np.r_[r, c], np.r_[c, r])), shape=(n, n))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 12), st.integers(1, 4))
def test_k_nearest_agrees_with_all_pairs(seed, m, k):
    graph = small_graph(seed)
    rng = np.random.default_rng(seed + 1)
    at, access = rng.integers(0, 30, m), rng.uniform(0, 20, m)
    every = np.sort(dijkstra(graph)[:, at] + access, axis=1)
    every = np.pad(every, ((0, 0), (0, k)), constant_values=np.inf)[:, :k]
    minutes, target = ways.k_nearest(graph, at, access, k)
    np.testing.assert_allclose(minutes, every)
    assert ((target >= 0) == np.isfinite(minutes)).all()
    one, _ = ways.nearest(graph, at, access)
    np.testing.assert_allclose(one, every[:, 0], atol=1e-8)
    near, _ = ways.k_nearest(graph, at, access, k, limit=25)
    np.testing.assert_allclose(near, np.where(every <= 25, every, np.inf))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 12), st.integers(1, 4))
def test_k_nearest_names_different_targets_even_at_equal_times(seed, m, k):
    """Whole minutes and targets at one spot make many ties."""
    graph = small_graph(seed)
    graph.data = np.ceil(graph.data / 10)
    graph = csr_array(np.maximum(graph.toarray(), graph.toarray().T))
    rng = np.random.default_rng(seed + 1)
    at, access = rng.integers(0, 8, m), rng.integers(0, 3, m).astype(float)
    every = dijkstra(graph)[:, at] + access
    minutes, target = ways.k_nearest(graph, at, access, k)
    for node in range(graph.shape[0]):
        named = target[node][target[node] >= 0]
        assert len(set(named.tolist())) == len(named) == min(k, np.isfinite(every[node]).sum())
        np.testing.assert_allclose(minutes[node, : len(named)], every[node, named], atol=1e-8)
        np.testing.assert_allclose(
            np.sort(every[node])[: len(named)], minutes[node, : len(named)], atol=1e-8
        )


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_times_obey_symmetry_and_triangle(seed):
    time = dijkstra(small_graph(seed))
    np.testing.assert_allclose(time, time.T)
    with np.errstate(invalid="ignore"):
        assert (time[:, None, :] <= time[:, :, None] + time[None, :, :] + 1e-9).all()


def test_triangle_and_symmetry_on_the_real_network():
    at = np.array([place("Bebra", "DE"), place("Ninove", "BE"), place("Fermignano", "IT")])
    time = dijkstra(net().graph, indices=at)[:, at]
    np.testing.assert_allclose(time, time.T)
    assert time[0, 1] <= time[0, 2] + time[2, 1]


def test_pairs_within_are_those_of_the_whole_graph():
    nodes = net().settlements
    xy = to_plane(nodes.lon, nodes.lat)
    sources = np.array([place("Bebra", "DE"), place("Visby", "SE"), place("Lipari", "IT")])
    speed = ways.fastest(net().graph, xy)
    seen = 0
    for some, near, minutes in ways.pairs_within(net().graph, xy, np.sort(sources), 60, speed):
        for row, source in enumerate(some):
            want = dijkstra(net().graph, indices=source, limit=60)
            got = np.full(len(want), np.inf)
            got[near] = minutes[row]
            np.testing.assert_allclose(got, want)
            seen += 1
    assert seen == 3


def test_missing_threshold_is_named():
    rows = dict(THRESHOLDS)
    del rows["travel_detour"]
    with pytest.raises(InputError, match="travel_detour"):
        TravelConstants.from_thresholds(rows)


def test_great_circle():
    """Paris to Berlin: 878 km (any great-circle calculator, mean radius)."""
    xyz = to_sphere(np.array([2.3522, 13.4050]), np.array([48.8566, 52.5200]))
    assert arc_km(xyz, np.array([0]), np.array([1]))[0] == pytest.approx(877.5, abs=1.0)


def test_models_of_the_build_agree_with_the_arrays():
    """The Python models take tables and give the declared columns."""
    seeds = real.seeds()
    nuts, land = real.outlines()
    rows = THRESHOLDS
    keep = np.isin(np.array(table()["country"].to_pylist()), ["LU", "BE", "NL"])
    nodes = table().filter(pa.array(keep))
    tables = {
        models.NODES: nodes.append_column("road_population", nodes["population"]),
        "staging.stg_gisco__nuts_2021": nuts,
        "staging.stg_naturalearth__land": land,
        "seeds.crossings": seeds.crossings,
        "seeds.barriers": seeds.barriers,
        "seeds.closed_borders": seeds.closed_borders,
        "staging.stg_naturalearth__roads": pa.table({"type": pa.array([], pa.string())}),
        "staging.stg_naturalearth__ways": real.ways(),
        models.CITIES: cities_of(("functional urban area", 2_800_866, True, True)),  # Brussels
        models.THRESHOLDS: pa.table({"name": list(rows), "value": list(rows.values())}),
    }
    tables[models.WAYS] = models.ways(tables)
    assert 0 < tables[models.WAYS].num_rows < real.ways().num_rows
    tables[models.LINKS] = models.links(tables)
    found = models.remoteness(tables)
    assert found.num_rows == nodes.num_rows
    assert set(found["nearest_large_city_id"].drop_null().to_pylist()) == {2_800_866}
    assert {"minutes_to_city", "city_basis", "minutes_to_pole"} <= set(found.column_names)
    town = nodes["population"].to_numpy(zero_copy_only=False)
    own = found["minutes_to_town_10k"].to_numpy(zero_copy_only=False)[town >= 10_000]
    assert (own < 1e-6).all()
