"""The network, the remoteness columns, ``reach`` and what-if on all settlements.

Run: ``python benchmarks/bench_travel.py``. Wants ../shared/data/gisco.
"""

from __future__ import annotations

import csv
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from measure import measured, verdict  # noqa: E402
from travel_truth import SHARED, full_ways  # noqa: E402

from pipelines.reach.access import ReachConstants  # noqa: E402
from pipelines.reach.engine import reach  # noqa: E402
from pipelines.reach.files import reach_file  # noqa: E402
from pipelines.reach.sites import Sites  # noqa: E402
from pipelines.reach.whatif import WhatIf  # noqa: E402
from pipelines.travel import TravelConstants, embedded  # noqa: E402
from pipelines.travel.remoteness import SizeSteps, travel_minutes  # noqa: E402
from pipelines.travel.settlements import Settlements  # noqa: E402

HEALTH = ROOT.parent / "shared" / "data" / "gisco" / "healthcare_services.csv"


def health_rows() -> list[tuple[str, float, float]]:
    """Sites of GISCO's file that have numbers for coordinates."""
    rows = []
    with HEALTH.open(encoding="utf-8", newline="") as handle:
        for number, row in enumerate(csv.DictReader(handle)):
            try:
                # The publisher's ids repeat (one hospital, several buildings).
                rows.append((f"{row['id']}#{number}", float(row["lon"]), float(row["lat"])))
            except ValueError:
                continue
    return rows


def as_sites(rows: list[tuple[str, float, float]]) -> Sites:
    """Return rows as sites without capacity."""
    return Sites(
        np.array([r[0] for r in rows], dtype=object),
        np.array([r[1] for r in rows]),
        np.array([r[2] for r in rows]),
        np.full(len(rows), np.nan),
    )


def roads_in_the_network(table: pa.Table) -> None:
    """Measure the network when the publisher's roads are at hand: nodes, ways, links."""
    c = TravelConstants.from_thresholds(embedded.thresholds())
    if not (SHARED / "natural_earth").is_dir():
        return
    with measured("network of all settlements, roads read and noded") as build:
        nodes = Settlements.from_table(table)
        land = embedded.land(nodes, c)
        network = embedded.network(table, full_ways(nodes, land, c), land)
    print(f"       {len(network.links)} links")
    verdict(f"network with fetched roads in 4 s of CPU: {build.cpu:.1f} s", build.cpu <= 4)


def main() -> None:
    """Run all steps and print what the targets say."""
    thresholds = embedded.thresholds()
    constants = TravelConstants.from_thresholds(thresholds)
    table = embedded.settlements()
    with measured("network of all settlements") as build:
        network = embedded.network(table)
    roads_in_the_network(table)
    with measured("six remoteness steps, all settlements") as remote:
        travel_minutes(network, SizeSteps.from_thresholds(thresholds), constants)
    total = build.seconds + remote.seconds
    peak = max(build.peak_gb, remote.peak_gb)
    verdict(f"network and remoteness in 10 s: {total:.1f} s", total <= 10)
    verdict(f"network and remoteness in 2 GB: {peak:.2f} GB", peak <= 2)

    rows = health_rows()
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder) / "f.csv", Path(folder) / "r.csv"
        with source.open("w", encoding="utf-8", newline="") as handle:
            writer = csv.writer(handle)
            writer.writerow(["id", "lon", "lat"])
            writer.writerows(rows)
        with measured(f"reach of {len(rows)} facilities, file to file") as command:
            summary = reach_file(source, table, network, thresholds, out)
        print("      ", summary.settlements, "rows;", len(summary.excluded), "sites set aside")
        whole = command.seconds + build.seconds
        verdict(f"reach with the network built anew in 12 s: {whole:.1f} s", whole <= 12)

    travel = TravelConstants.from_thresholds(thresholds)
    sites = as_sites(rows)
    base = reach(network, sites, travel, ReachConstants.from_thresholds(thresholds))
    what = WhatIf(network, base.nearest, travel)
    with measured("what if one site closes and one opens") as ask:
        what.ask(remove=[base.nearest.snapped.sites.ids[0]], add=[(24.0, 45.0)])
    verdict(f"what-if in 1 s: {ask.seconds:.3f} s", ask.seconds <= 1)


if __name__ == "__main__":
    main()
