"""How long a file of 200 000 own places takes: read, checked and measured.

Run: ``python benchmarks/bench_places.py`` on a built database.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from measure import measured, verdict  # noqa: E402

PLACES, SECONDS = 200_000, 10


def written(store: object, path: Path) -> float:
    """Write places at real settlements; return the size of the file in MB."""
    from pipelines.serve.store import Store

    assert isinstance(store, Store)
    towns = store.rows(
        "select lon, lat, country from marts.towns where country in ('DE', 'IT', 'PL', 'BE', 'EL') "
        "order by geonameid"
    )
    with path.open("w", encoding="utf-8") as stream:
        stream.write("id,name,kind,type,country,lon,lat,source\n")
        for number in range(PLACES):
            t = towns[number * 7919 % len(towns)]
            place = f"{t['country']},{t['lon']:.3f},{t['lat']:.3f}"
            stream.write(f"{number},P{number},place,cafe_pub,{place},me\n")
    return path.stat().st_size / 1e6


def main() -> None:
    """Measure once and print whether the target is met."""
    from pipelines.serve import place_files
    from pipelines.serve.reach import network
    from pipelines.serve.store import Store

    store = Store.current()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mine.csv"
        print(f"{PLACES:,} places, {written(store, path):.1f} MB")
        with measured("the network, once for a server"):
            network(store)
        started = time.process_time()
        with measured("read, checked and measured"):
            place_files.measure(store, path)
        cpu = time.process_time() - started
    print(f"{cpu:.1f} s of CPU")
    verdict(f"{PLACES:,} own places: at most {SECONDS} s of CPU", cpu <= SECONDS)


if __name__ == "__main__":
    main()
