"""How long an ``.osm.pbf`` takes, and how much memory, up to a country's size.

Run: ``python benchmarks/bench_osm.py FOLDER [MB ...]``. ``FOLDER`` holds real extracts; larger
files are made by repeating their blocks, so their mixture is real, and their ids come again: a
country's outlines need more nodes than these files do. Each size is read, placed and measured
by a process of its own, as ``hinterland places --add`` does it.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from measure import verdict  # noqa: E402

#: MB -> CPU seconds and GB of memory that a reading may take.
LIMITS = {4: (3, 1.2), 100: (30, 1.2), 400: (120, 1.6)}
SOURCES = ("liechtenstein", "andorra", "malta")


def blocks(path: Path) -> tuple[bytes, bytes]:
    """Return the header block of an extract, and all others."""
    data = path.read_bytes()
    head = int.from_bytes(data[:4], "big")
    from pipelines.io.pbf import fields

    length = dict(fields(data[4 : 4 + head]))[3]
    end = 4 + head + int(length)
    return data[:end], data[end:]


def repeated(folder: Path, megabytes: int, target: Path) -> None:
    """Write an extract of a size by repeating real blocks."""
    parts = [blocks(folder / f"{name}.osm.pbf") for name in SOURCES]
    with target.open("wb") as stream:
        stream.write(parts[0][0])
        while stream.tell() < megabytes * 1e6:
            for _, body in parts:
                stream.write(body)


def one(path: Path) -> None:
    """Add one file to an empty set in this process; the last line is read by :func:`main`."""
    from pipelines.places import osm_set
    from pipelines.serve import osm
    from pipelines.serve.store import Store

    started = time.perf_counter()
    store = Store.current()
    with tempfile.TemporaryDirectory() as folder:
        extract = osm_set.add(
            path, osm.towns(store), osm.constants(store).covered_least_nodes, folder=Path(folder)
        )
    use = resource.getrusage(resource.RUSAGE_SELF)
    wall, cpu = time.perf_counter() - started, use.ru_utime + use.ru_stime
    print(extract.places, extract.settlements, wall, cpu, use.ru_maxrss / 1e6)


def main() -> None:
    """Measure the sizes and print whether the targets are met."""
    if sys.argv[1] == "--one":
        one(Path(sys.argv[2]))
        return
    folder = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as own:
        for size in map(int, sys.argv[2:] or ("4", "100", "400")):
            path = Path(own) / f"repeated-{size}.osm.pbf"
            if size == 4:
                path.write_bytes((folder / "malta.osm.pbf").read_bytes())
            else:
                repeated(folder, size, path)
            megabytes = path.stat().st_size / 1e6
            done = subprocess.run(
                [sys.executable, __file__, "--one", str(path)],
                capture_output=True,
                text=True,
                check=True,
            )
            places, towns, wall, cpu, memory = map(float, done.stdout.split()[-5:])
            print(
                f"{megabytes:7.1f} MB  {places:9,.0f} places  {towns:4.0f} settlements  "
                f"{wall:6.1f} s wall  {cpu:6.1f} s CPU  peak {memory:.2f} GB"
            )
            if size in LIMITS:
                seconds, most = LIMITS[size]
                claim = f"{size} MB: at most {seconds} s of CPU and {most} GB"
                verdict(claim, cpu <= seconds and memory <= most)
            path.unlink()


if __name__ == "__main__":
    main()
