"""Cases of the network: travel times, reach, supply, what-if; and of towns alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from registry import Case, Floats, Sampled, Step
from scipy.sparse.csgraph import dijkstra

from pipelines.geo.projection import to_plane
from pipelines.reach.access import ReachConstants, shared_supply
from pipelines.reach.engine import reach
from pipelines.reach.sites import Sites, Snapped, site_pairs, snap
from pipelines.reach.whatif import WhatIf
from pipelines.serve.reach import network_of
from pipelines.serve.store import Store
from pipelines.similar import lookalike
from pipelines.travel import TravelConstants, embedded
from pipelines.travel.network import Network, network_from_table
from pipelines.travel.paths import nearest, with_targets
from pipelines.travel.remoteness import SizeSteps, travel_minutes

SITES = 12_800
FAR = 60.0  # minutes
#: Sources that a peer without tiles is measured from: all of them would take many minutes.
SAMPLE = {"scipy": 64, "networkx": 10}
LIKE = 64  # towns for each of which the distances to all others are measured
MEASURES = ("population", "minutes_to_town_10k", "minutes_to_city_100k", "minutes_to_city")


def tables(home: Path) -> Network:
    """Return the published network."""
    return network_from_table(*network_of(Store.current(home / "build")))


def sites_of(network: Network, number: int = SITES) -> Sites:
    """Return made-up sites within some 2 km of settlements, larger ones more often (seeded)."""
    nodes, random = network.settlements, np.random.default_rng(20260101)
    people = np.nan_to_num(nodes.population)
    at = random.choice(len(nodes), number, p=people**0.5 / (people**0.5).sum())
    shift = random.uniform(-0.02, 0.02, (2, number))
    names = np.array([f"s{i}" for i in range(number)], dtype=object)
    return Sites(names, nodes.lon[at] + shift[0], nodes.lat[at] + shift[1], np.ones(number))


def constants() -> tuple[TravelConstants, ReachConstants]:
    """Return the thresholds of travel and of reach."""
    rows = embedded.thresholds()
    return TravelConstants.from_thresholds(rows), ReachConstants.from_thresholds(rows)


def prepared(home: Path) -> tuple[Network, Snapped]:
    """Return the network and the sites at their settlements."""
    network = tables(home)
    return network, snap(network, sites_of(network), constants()[0])


def built(_home: Path) -> Step:
    """Build the network from outlines, ways and seeds."""
    table = embedded.settlements()

    def step() -> None:
        embedded.network(table)

    return step


def six_steps(home: Path) -> Step:
    """Measure minutes to the nearest town of each size."""
    network, rows = tables(home), embedded.thresholds()
    travel, steps = TravelConstants.from_thresholds(rows), SizeSteps.from_thresholds(rows)

    def step() -> None:
        travel_minutes(network, steps, travel)

    return step


def read_network(home: Path) -> Step:
    """Make the published network ready for questions."""
    parts = network_of(Store.current(home / "build"))

    def step() -> None:
        network_from_table(*parts)

    return step


def edges(network: Network) -> tuple[Any, Any, Any]:
    """Return each link once: from, to, minutes."""
    links = network.graph.tocoo()
    once = links.row < links.col
    return links.row[once], links.col[once], links.data[once]


def pandana_of(network: Network) -> Any:
    """Return pandana's network, contracted."""
    import pandana

    xy, (start, end, minutes) = (
        to_plane(network.settlements.lon, network.settlements.lat),
        edges(network),
    )
    x, y = pd.Series(xy[:, 0]), pd.Series(xy[:, 1])
    return pandana.Network(
        x, y, pd.Series(start), pd.Series(end), pd.DataFrame({"minutes": minutes}), twoway=True
    )


def pandana_network(home: Path) -> Step:
    """Let pandana contract the same network."""
    network = tables(home)

    def step() -> None:
        pandana_of(network)

    return step


def networkx_of(network: Network) -> Any:
    """Return NetworkX's graph of the same links."""
    import networkx

    graph = networkx.Graph()
    graph.add_nodes_from(range(network.graph.shape[0]))
    start, end, minutes = edges(network)
    graph.add_weighted_edges_from(
        zip(start.tolist(), end.tolist(), minutes.tolist(), strict=True), weight="minutes"
    )
    return graph


def networkx_network(home: Path) -> Step:
    """Let NetworkX make its graph of the same links."""
    network = tables(home)

    def step() -> None:
        networkx_of(network)

    return step


def reached(home: Path) -> Step:
    """Measure three nearest sites, sites within 15, 30 and 60 minutes and four supply scores."""
    network = tables(home)
    sites, (travel, limits) = sites_of(network), constants()

    def step() -> Floats:
        table = reach(network, sites, travel, limits).table
        return np.asarray(table["minutes_nearest"].to_numpy(), dtype=float)

    return step


def pandana_reach(home: Path) -> Step:
    """Let pandana count sites within 15, 30 and 60 minutes and find the three nearest.

    Its sites have no access time: it is the nearest node's, so answers differ by that much.
    """
    network, snapped = prepared(home)
    net, at = pandana_of(network), pd.Series(snapped.node)
    net.precompute(FAR)
    xy = to_plane(network.settlements.lon, network.settlements.lat)[snapped.node]

    def step() -> None:
        net.set_pois("sites", FAR, 3, pd.Series(xy[:, 0]), pd.Series(xy[:, 1]))
        net.nearest_pois(FAR, "sites", num_pois=3)
        net.set(at, name="sites")
        for limit in (15.0, 30.0, FAR):
            net.aggregate(limit, type="count", name="sites")

    return step


def scipy_pairs(home: Path) -> Sampled:
    """Search all pairs within 60 minutes with scipy alone, from some of the sites' settlements."""
    network, snapped = prepared(home)
    sources, share = _sample(snapped, SAMPLE["scipy"])

    def step() -> None:
        dijkstra(network.graph, indices=sources, limit=FAR)

    return Sampled(step, share)


def networkx_pairs(home: Path) -> Sampled:
    """Search all pairs within 60 minutes with NetworkX, from some of the sites' settlements."""
    import networkx

    network, snapped = prepared(home)
    graph = networkx_of(network)
    sources, share = _sample(snapped, SAMPLE["networkx"])

    def step() -> None:
        for node in sources.tolist():
            networkx.single_source_dijkstra_path_length(graph, node, FAR, "minutes")

    return Sampled(step, share)


def _sample(snapped: Snapped, number: int) -> tuple[NDArray[np.int64], float]:
    """Return an even sample of the sites' settlements, and what share of them it is."""
    every = np.unique(snapped.node)
    return every[:: len(every) // number][:number], number / len(every)


def our_pairs(home: Path) -> Step:
    """Search all pairs of settlement and site within 60 minutes, tile by tile."""
    network, snapped = prepared(home)

    def step() -> None:
        for _ in site_pairs(network, snapped, FAR):
            pass

    return step


def our_nearest(home: Path) -> Step:
    """Measure minutes to the nearest site's settlement."""
    network, snapped = prepared(home)
    return lambda: nearest(network.graph, snapped.node)[0]


def scipy_nearest(home: Path) -> Step:
    """Do so with scipy's search of many sources at once."""
    network, snapped = prepared(home)
    return lambda: dijkstra(network.graph, indices=snapped.node, min_only=True)


def networkx_nearest(home: Path) -> Step:
    """Do so with NetworkX's search of many sources at once."""
    import networkx

    network, snapped = prepared(home)
    graph, sources = networkx_of(network), set(snapped.node.tolist())

    def step() -> Floats:
        lengths = networkx.multi_source_dijkstra_path_length(graph, sources, weight="minutes")
        return np.array([lengths.get(i, np.inf) for i in range(network.graph.shape[0])])

    return step


def pandana_nearest(home: Path) -> Step:
    """Do so with pandana's contracted network."""
    network, snapped = prepared(home)
    net, limit = pandana_of(network), 10_000.0
    xy = to_plane(network.settlements.lon, network.settlements.lat)[snapped.node]
    x, y = pd.Series(xy[:, 0]), pd.Series(xy[:, 1])

    def step() -> Floats:
        net.set_pois("sites", limit, 1, x, y)
        minutes = net.nearest_pois(limit, "sites", num_pois=1)[1].to_numpy(dtype=float)
        return np.where(minutes >= limit, np.inf, minutes)

    return step


def supply_pairs(home: Path) -> tuple[pd.DataFrame, Floats, ReachConstants, int]:
    """Return pairs of origin and site within the limit, people, limits, and how many sites."""
    network, snapped = prepared(home)
    limits = constants()[1]
    blocks = list(site_pairs(network, snapped, limits.e2sfca_step3_min))
    origin, site, cost = (np.concatenate([b[i] for b in blocks]) for i in range(3))
    pairs = pd.DataFrame({"origin": origin, "site": site, "cost": cost})
    people = np.nan_to_num(network.settlements.population)
    return pairs, people, limits, len(snapped.node)


def our_supply(home: Path) -> Step:
    """Measure E2SFCA from pairs of settlement and site."""
    pairs, people, limits, count = supply_pairs(home)
    origin, site, cost = (pairs[name].to_numpy() for name in pairs)
    weight, capacity = limits.weights()["e2sfca"], np.ones(count)
    return lambda: shared_supply(origin, site, weight(cost), people, capacity)[0]


def numpy_supply(home: Path) -> Step:
    """Do so with two sums of numpy, the weights given: the least that it can take."""
    pairs, people, limits, count = supply_pairs(home)
    origin, site, cost = (pairs[name].to_numpy() for name in pairs)
    weight = limits.weights()["e2sfca"](cost)

    def step() -> Floats:
        demand = np.bincount(site, people[origin] * weight, count)
        ratio = np.divide(1.0, demand, out=np.zeros(count), where=demand > 0)
        return np.bincount(origin, ratio[site] * weight, len(people))

    return step


def access_supply(home: Path) -> Step:
    """Do so with PySAL's ``access``."""
    from access import fca, weights

    pairs, people, limits, count = supply_pairs(home)
    demand = pd.DataFrame({"pop": people}, index=pd.RangeIndex(len(people), name="id"))
    supply = pd.DataFrame({"cap": np.ones(count)}, index=pd.RangeIndex(count, name="id"))
    frame = pairs.rename(columns={"origin": "o", "site": "d"})
    steps = {
        limits.e2sfca_step1_min: limits.e2sfca_weight1,
        limits.e2sfca_step2_min: limits.e2sfca_weight2,
        limits.e2sfca_step3_min: limits.e2sfca_weight3,
    }

    def step() -> Floats:
        scores = fca.two_stage_fca(
            demand_df=demand,
            supply_df=supply,
            cost_df=frame.copy(),
            max_cost=limits.e2sfca_step3_min,
            demand_index=True,
            demand_name="pop",
            supply_index=True,
            supply_name="cap",
            cost_origin="o",
            cost_dest="d",
            cost_name="cost",
            weight_fn=weights.step_fn(steps),
        )
        scores = scores.replace([np.inf, -np.inf], 0.0)  # sites without demand, set aside here
        return scores.reindex(range(len(people))).fillna(0).to_numpy(dtype=float)

    return step


def our_straight(home: Path) -> Step:
    """Find the nearest site of each settlement on a straight line, km."""
    from scipy.spatial import cKDTree

    a, b = _planes(home)
    return lambda: cKDTree(b).query(a)[0]


def geopandas_straight(home: Path) -> Step:
    """Do so with GeoPandas' ``sjoin_nearest``."""
    import geopandas
    import shapely

    a, b = _planes(home)
    left = geopandas.GeoDataFrame(geometry=shapely.points(a), crs=3035)
    right = geopandas.GeoDataFrame(geometry=shapely.points(b), crs=3035)

    def step() -> Floats:
        joined = geopandas.sjoin_nearest(left, right, distance_col="km")
        return joined.groupby(level=0)["km"].first().to_numpy()

    return step


def _planes(home: Path) -> tuple[Floats, Floats]:
    network = tables(home)
    nodes, sites = network.settlements, sites_of(network)
    return to_plane(nodes.lon, nodes.lat), to_plane(sites.lon, sites.lat)


def our_what_if(home: Path) -> Step:
    """Close a site and open another: the new minutes of all settlements whose time changes."""
    network = tables(home)
    travel, limits = constants()
    base = reach(network, sites_of(network), travel, limits).nearest
    what, number = WhatIf(network, base, travel), len(network.settlements)

    def step() -> Floats:
        table = what.ask(remove=[base.snapped.sites.ids[0]], add=[(24.0, 45.0)])
        minutes = base.minutes[:, 0].copy()
        at = np.searchsorted(network.settlements.geonameid, table["geonameid"].to_numpy())
        minutes[at] = table["minutes_after"].to_numpy()
        assert len(minutes) == number
        return minutes

    return step


def scipy_what_if(home: Path) -> Step:
    """Search the whole network anew with scipy."""
    network = tables(home)
    travel = constants()[0]
    sites = sites_of(network)
    base = snap(network, sites, travel)
    new = snap(
        network, Sites(np.array(["n"], dtype=object), *np.array([[24.0], [45.0], [1.0]])), travel
    )
    node = np.concatenate([base.node[1:], new.node])
    minutes = np.concatenate([base.minutes[1:], new.minutes])
    size = network.graph.shape[0]

    def step() -> Floats:
        wide = with_targets(network.graph, node, minutes)
        starts = np.arange(size, size + len(node))
        return dijkstra(wide, indices=starts, min_only=True)[:size]

    return step


def towns(home: Path) -> pd.DataFrame:
    """Return figures and a class of all towns of which they are known."""
    names = ", ".join(MEASURES)
    frame = Store.current(home / "build").arrow(
        f"select {names}, role from marts.towns order by geonameid"  # noqa: S608 - names of this file
    )
    frame = frame.to_pandas().dropna()
    return frame.assign(**{name: frame[name].astype(float) for name in MEASURES})


def our_likeness(home: Path) -> Step:
    """Measure Gower's distance of some towns to all."""
    frame = towns(home)
    whole = lookalike.Settings(0.0, 1.0, 0.1, 0.1, 0.0, 0.9)
    space = lookalike.prepare(
        {name: frame[name].to_numpy() for name in MEASURES},
        {"role": frame["role"].tolist()},
        whole,
        whole=MEASURES,
    )
    rows = range(0, len(frame), len(frame) // LIKE)[:LIKE]
    return lambda: np.concatenate([lookalike.distances(space, i) for i in rows])


def gower_likeness(home: Path) -> Step:
    """Do so with the package ``gower``."""
    import gower

    frame = towns(home)
    some = frame.iloc[:: len(frame) // LIKE].iloc[:LIKE]
    classes = [False] * len(MEASURES) + [True]
    return lambda: gower.gower_matrix(some, frame, cat_features=classes).astype(float).ravel()


_SITES = f"{SITES:,} made-up sites"
CASES = (
    Case(
        "network",
        "network built: land, water, ways, 80,000 settlements",
        built,
        aim="≤ 4 CPU s",
        most={"cpu": 4},
    ),
    Case("remoteness", "minutes to towns of six sizes, all settlements", six_steps),
    Case("network_table", "published network made ready for questions", read_network),
    Case(
        "network_table/pandana",
        "pandana, contracted",
        pandana_network,
        "network_table",
        ("pandana",),
        runs=1,
    ),
    Case("network_table/networkx", "NetworkX", networkx_network, "network_table", ("networkx",)),
    Case("reach", f"reach of {_SITES}: 3 nearest, counts within 15, 30, 60 min, 4 scores", reached),
    Case(
        "reach/pandana",
        "pandana, without its contraction: 3 nearest, counts, no scores",
        pandana_reach,
        "reach",
        ("pandana",),
        runs=3,
    ),
    Case("pairs", f"all pairs of settlement and site within 60 min, {_SITES}", our_pairs),
    Case(
        "pairs/scipy",
        f"scipy bare, from {SAMPLE['scipy']} of the sites, scaled",
        scipy_pairs,
        "pairs",
    ),
    Case(
        "pairs/networkx",
        f"NetworkX, from {SAMPLE['networkx']} of the sites, scaled",
        networkx_pairs,
        "pairs",
        ("networkx",),
    ),
    Case("nearest", f"minutes to the nearest of {_SITES}", our_nearest),
    Case("nearest/scipy", "scipy bare", scipy_nearest, "nearest", tolerance=1e-9),
    Case(
        "nearest/networkx",
        "NetworkX",
        networkx_nearest,
        "nearest",
        ("networkx",),
        runs=3,
        tolerance=1e-6,
    ),
    Case(
        "nearest/pandana",
        "pandana, without its contraction (it rounds links to 0.001 min)",
        pandana_nearest,
        "nearest",
        ("pandana",),
        runs=3,
        tolerance=0.05,
        agreeing=0.999,
    ),
    Case("e2sfca", f"E2SFCA of {_SITES}", our_supply),
    Case(
        "e2sfca/access",
        "PySAL access",
        access_supply,
        "e2sfca",
        ("access",),
        runs=3,
        tolerance=1e-9,
        aim="≥ 20 ×",
        least_ratio=20,
    ),
    Case("e2sfca/numpy", "numpy bare, weights given", numpy_supply, "e2sfca", tolerance=1e-9),
    Case("straight", "nearest site on straight lines", our_straight),
    Case(
        "straight/geopandas",
        "geopandas.sjoin_nearest",
        geopandas_straight,
        "straight",
        tolerance=1e-6,
        aim="≥ 1 ×",
        least_ratio=1,
    ),
    Case(
        "what_if",
        "what if one site closes and one opens",
        our_what_if,
        aim="≤ 1 s",
        most={"wall": 1},
    ),
    Case(
        "what_if/scipy",
        "scipy bare: the whole network anew",
        scipy_what_if,
        "what_if",
        tolerance=1e-6,
    ),
    Case(
        "likeness", f"Gower's distance of {LIKE} towns to all, 4 figures and a class", our_likeness
    ),
    Case("likeness/gower", "gower", gower_likeness, "likeness", ("gower",), runs=1, tolerance=1e-4),
)
