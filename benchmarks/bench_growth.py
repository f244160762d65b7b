"""How time and memory grow with the number of origins, up to Europe's 1 km² grid.

Run: ``python benchmarks/bench_growth.py``. The origins are settlements jittered
by a few kilometres (seeded), not real cells of the grid: the count is that of
Europe's populated cells, the places are made up. Each is snapped to the network
and gets the six remoteness steps, the nearest hospital and the mean of three,
and a count of hospitals within 15, 30 and 60 minutes.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from bench_travel import as_sites, health_rows  # noqa: E402
from measure import measured, verdict  # noqa: E402

from pipelines.reach.access import ReachConstants  # noqa: E402
from pipelines.reach.engine import reach  # noqa: E402
from pipelines.reach.origins import from_origins, snap_origins  # noqa: E402
from pipelines.travel import TravelConstants, embedded  # noqa: E402
from pipelines.travel.remoteness import SizeSteps, travel_minutes  # noqa: E402

SIZES = (10_000, 100_000, 1_000_000, 4_500_000)
JITTER_DEG = 0.03


def one(size: int) -> None:
    """Measure one size in this process; the last line is read by :func:`main`."""
    thresholds = embedded.thresholds()
    travel = TravelConstants.from_thresholds(thresholds)
    limits = ReachConstants.from_thresholds(thresholds)
    network = embedded.network()
    steps = travel_minutes(network, SizeSteps.from_thresholds(thresholds), travel)
    sites = as_sites(health_rows())
    found = reach(network, sites, travel, limits)
    rng = np.random.default_rng(20260101)
    pick = rng.integers(0, len(network.settlements), size)
    lon = network.settlements.lon[pick] + rng.uniform(-1, 1, size) * JITTER_DEG
    lat = network.settlements.lat[pick] + rng.uniform(-1, 1, size) * JITTER_DEG
    with measured(f"{size:>9} origins: snapped") as first:
        origins = snap_origins(network, lon, lat, travel)
    with measured(f"{size:>9} origins: all columns") as second:
        table = from_origins(network, origins, steps, found, limits)
    assert table.num_rows == size
    print(first.seconds, second.seconds, max(first.peak_gb, second.peak_gb))


def main() -> None:
    """Run every size in a process of its own, so that memory is its own."""
    found = []
    for size in SIZES:
        run = subprocess.run(
            [sys.executable, __file__, str(size)], capture_output=True, text=True, check=True
        )
        snap_s, columns_s, peak = map(float, run.stdout.strip().splitlines()[-1].split())
        found.append((size, snap_s, columns_s, peak))
        print(f"{size:>9} origins: snap {snap_s:7.2f} s, columns {columns_s:7.2f} s, {peak:.2f} GB")
    sizes = np.array([f[0] for f in found], dtype=float)
    total = np.array([f[1] + f[2] for f in found])
    # The slope over the large half, where fixed costs do not flatter it.
    exponent = np.polyfit(np.log(sizes[1:]), np.log(total[1:]), 1)[0]
    verdict(f"exponent of growth at most 1.15: {exponent:.2f}", exponent <= 1.15)
    verdict(f"4.5 million origins within 6 GB: {found[-1][3]:.2f} GB", found[-1][3] <= 6)


if __name__ == "__main__":
    one(int(sys.argv[1])) if len(sys.argv) > 1 else main()
