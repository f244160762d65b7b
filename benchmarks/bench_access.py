"""E2SFCA against PySAL ``access``; nearest on straight lines against geopandas.

Run: ``python benchmarks/bench_access.py`` with the group ``bench`` installed.
Both sides get the same travel times, so that only the measure is compared.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from access import fca, weights  # noqa: E402
from bench_travel import as_sites, health_rows  # noqa: E402
from measure import measured, verdict  # noqa: E402

from pipelines.geo.projection import to_plane  # noqa: E402
from pipelines.reach.access import ReachConstants, shared_supply  # noqa: E402
from pipelines.reach.sites import snap  # noqa: E402
from pipelines.travel import TravelConstants, embedded  # noqa: E402
from pipelines.travel.paths import fastest, pairs_within  # noqa: E402


def travel_pairs(network, snapped, limit: float) -> pd.DataFrame:
    """Settlement, site and minutes, all pairs within the limit."""
    nodes = network.settlements
    xy = to_plane(nodes.lon, nodes.lat)
    by_node = pd.DataFrame(
        {"node": snapped.node, "site": np.arange(len(snapped.node)), "access": snapped.minutes}
    )
    parts = []
    sources = np.unique(snapped.node)
    for some, near, minutes in pairs_within(
        network.graph, xy, sources, limit, fastest(network.graph, xy)
    ):
        row, column = np.nonzero(np.isfinite(minutes))
        parts.append(
            pd.DataFrame({"node": some[row], "origin": near[column], "t": minutes[row, column]})
        )
    pairs = pd.concat(parts).merge(by_node, on="node")
    pairs["cost"] = pairs["t"] + pairs["access"]
    return pairs.loc[pairs["cost"] <= limit, ["origin", "site", "cost"]].reset_index(drop=True)


def against_access(network, snapped, limits: ReachConstants) -> None:
    """Compare and time E2SFCA on the same pairs."""
    pairs = travel_pairs(network, snapped, limits.e2sfca_step3_min)
    people = np.nan_to_num(network.settlements.population)
    capacity = np.ones(len(snapped.node))
    print(f"{len(people)} settlements, {len(capacity)} sites, {len(pairs)} pairs")
    ours_s = np.inf
    origin, site = pairs["origin"].to_numpy(), pairs["site"].to_numpy()
    cost = pairs["cost"].to_numpy()
    for _ in range(5):
        started = time.perf_counter()
        ours, used = shared_supply(origin, site, limits.weights()["e2sfca"](cost), people, capacity)
        ours_s = min(ours_s, time.perf_counter() - started)
    print(f"ours {ours_s:.4f} s (best of 5); {int((~used).sum())} sites without demand set aside")

    # access wants ids that sort like the rows, and asks cost from origin to destination.
    demand = pd.DataFrame({"id": np.arange(len(people)), "pop": people}).set_index("id")
    supply = pd.DataFrame({"id": np.arange(len(capacity)), "cap": capacity}).set_index("id")
    steps = {
        limits.e2sfca_step1_min: limits.e2sfca_weight1,
        limits.e2sfca_step2_min: limits.e2sfca_weight2,
        limits.e2sfca_step3_min: limits.e2sfca_weight3,
    }
    theirs_s, theirs = np.inf, None
    for _ in range(2):
        frame = pairs.rename(columns={"origin": "o", "site": "d"}).copy()
        started = time.perf_counter()
        theirs = fca.two_stage_fca(
            demand_df=demand,
            supply_df=supply,
            cost_df=frame,
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
        theirs_s = min(theirs_s, time.perf_counter() - started)
    other = theirs.reindex(np.arange(len(people))).fillna(0).to_numpy(dtype=float)
    finite = np.isfinite(other)
    apart = float(np.abs(other[finite] - ours[finite]).max())
    print(f"access {theirs_s:.2f} s (best of 2); infinite at {int((~finite).sum())} settlements")
    verdict(f"equal to access within 1e-9 where it is finite: {apart:.1e}", apart <= 1e-9)
    verdict(f"20 times faster than access: {theirs_s / ours_s:.0f} times", theirs_s / ours_s >= 20)


def against_geopandas(network, snapped) -> None:
    """Nearest site on straight lines: the same answer, no slower."""
    nodes, sites = network.settlements, snapped.sites
    a, b = to_plane(nodes.lon, nodes.lat), to_plane(sites.lon, sites.lat)
    left = gpd.GeoDataFrame(geometry=shapely.points(a * 1000), crs=3035)
    right = gpd.GeoDataFrame(geometry=shapely.points(b * 1000), crs=3035)
    with measured("geopandas.sjoin_nearest") as theirs:
        joined = gpd.sjoin_nearest(left, right, distance_col="m")
    with measured("ours (k-d tree in the same plane)") as ours:
        km, _ = cKDTree(b).query(a)
    theirs_km = joined.groupby(level=0)["m"].first().to_numpy() / 1000
    apart = float(np.abs(theirs_km - km).max())
    verdict(f"same distances: {apart:.1e} km apart", apart < 1e-6)
    verdict(f"no slower: {theirs.seconds / ours.seconds:.1f} times", ours.seconds <= theirs.seconds)


def main() -> None:
    """Run both comparisons."""
    thresholds = embedded.thresholds()
    network = embedded.network()
    sites = as_sites(health_rows())
    snapped = snap(network, sites, TravelConstants.from_thresholds(thresholds))
    against_access(network, snapped, ReachConstants.from_thresholds(thresholds))
    against_geopandas(network, snapped)


if __name__ == "__main__":
    main()
