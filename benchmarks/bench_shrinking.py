"""How fast *Shrinking regions* answers a changed filter. Prints a table.

Builds a database with the publishers' files from ../shared/data (or the folder given)
into a temporary folder, then times the query of the page alone and a rerun of the whole page
without a browser, each on filters that no cache holds.

Run it on a quiet machine from the repository's root: ``python benchmarks/bench_shrinking.py``.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from streamlit.testing.v1 import AppTest  # noqa: E402

from pipelines.runner.build import build  # noqa: E402
from pipelines.serve import demography  # noqa: E402
from pipelines.serve.shrinking_filter import ShrinkingFilter  # noqa: E402
from pipelines.serve.store import Store  # noqa: E402

LIMIT_MS = 300
COUNTRIES = ("DE", "FR", "IT", "PL", "ES", "RO", "EL", "SE", "BG", "FI")
SERIES = {
    "query: filters on published types": [
        ShrinkingFilter(country=(c,), cause=("legacy",)) for c in COUNTRIES
    ],
    "query: another period": [ShrinkingFilter(period=(2004 + i, 2020)) for i in range(10)],
    "query: moved thresholds": [
        ShrinkingFilter(moved=(("shrinking_severe_annual_pct", -0.7 - i / 50),)) for i in range(10)
    ],
    "query: period, thresholds and filters, NUTS 2024": [
        ShrinkingFilter(
            nuts_version=2024,
            period=(2005 + i, 2019),
            country=COUNTRIES,
            webb_type=("E", "F", "G"),
            moved=(("watch_median_age", 45.0 + i / 10),),
        )
        for i in range(10)
    ],
}


def timed(steps: list[Callable[[], object]]) -> list[float]:
    """Return the milliseconds of each step."""
    out = []
    for step in steps:
        started = time.perf_counter()
        step()
        out.append(1000 * (time.perf_counter() - started))
    return out


def report(name: str, times: list[float]) -> bool:
    """Print one line; return whether the slowest step kept the limit."""
    slowest = max(times)
    print(f"{name:<52} median {statistics.median(times):6.0f} ms   slowest {slowest:6.0f} ms")
    return slowest <= LIMIT_MS


def main() -> int:
    """Run all series; return 1 if one is slower than the limit."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sources", type=Path, default=ROOT.parent / "shared" / "data")
    with tempfile.TemporaryDirectory() as home:
        os.environ["HINTERLAND_HOME"] = home
        pointer = build(sources_dir=parser.parse_args().sources)
        print(f"{'build with the fetched files':<52} {pointer.seconds:6.1f} s")
        store = Store.current()
        kept = [
            report(name, timed([lambda f=f: demography.regions(store, f) for f in filters]))
            for name, filters in SERIES.items()
        ]
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
        app.switch_page("pages/shrinking.py").run()
        steps = [lambda c=c: app.multiselect(key="country").set_value([c]).run() for c in COUNTRIES]
        kept.append(report("page: changed country, without the browser", timed(steps)))
        steps = [
            lambda i=i: app.slider(key="period").set_value((2004 + i, 2019)).run()
            for i in range(10)
        ]
        kept.append(report("page: changed period, without the browser", timed(steps)))
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
