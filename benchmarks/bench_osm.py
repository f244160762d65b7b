"""How long an ``.osm.pbf`` takes, and how much memory, up to a country's size.

Run: ``python benchmarks/bench_osm.py FOLDER [--edits] [MB ...]``. ``FOLDER`` holds real extracts;
larger files are made by repeating their blocks, each time with other identifiers and moved by a
degree or so, as a larger country would have them. Each size is read, placed and measured by a
process of its own, as ``hinterland places --add`` does it. Prints Markdown.
"""

from __future__ import annotations

import itertools
import resource
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from measure import verdict  # noqa: E402

from pipelines.io.pbf import ZLIB, data_blocks, fields, varint  # noqa: E402

#: MB -> CPU seconds and GB of memory that a reading may take.
LIMITS = {4: (3, 1.2), 100: (30, 1.2), 400: (120, 1.6)}
SOURCES = ("liechtenstein", "andorra", "malta")


#: Of each repetition: identifiers above all real ones, and a move over the map (1e-7 degrees).
SHIFT, STEP, WIDE = 1 << 34, 11_000_000, 12
_GROUP = 2
#: Of a group's parts by field: those with an identifier as a number, and those that are packed.
_NUMBERED = {1: (1, ()), 3: (1, (8,)), 4: (1, (9,))}
_DENSE, _DENSE_IDS, _DENSE_LAT, _DENSE_LON = 2, 1, 8, 9


def number(value: int) -> bytes:
    """Return a number as the format writes it."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def message(parts: Iterable[tuple[int, int | bytes]]) -> bytes:
    """Return a message of its fields."""
    return b"".join(
        number(field << 3) + number(value)
        if isinstance(value, int)
        else number(field << 3 | 2) + number(len(value)) + value
        for field, value in parts
    )


def moved(packed: bytes, shift: int) -> bytes:
    """Return packed differences whose first number, and so all, is greater by a shift."""
    if not packed:
        return packed
    first, end = varint(packed, 0)
    value = (first >> 1 ^ -(first & 1)) + shift
    return number(value * 2 if value >= 0 else -value * 2 - 1) + packed[end:]


def shifted(block: bytes, copy: int) -> bytes:
    """Return a block's data with other identifiers, at another place."""
    moves = {
        _DENSE_IDS: copy * SHIFT,
        _DENSE_LAT: copy // WIDE * STEP,
        _DENSE_LON: copy % WIDE * STEP,
    }

    def of_group(group: bytes) -> Iterator[tuple[int, int | bytes]]:
        for kind, data in fields(group):
            assert isinstance(data, bytes)
            if kind == _DENSE:
                parts = [
                    (f, moved(v, moves[f]) if f in moves and isinstance(v, bytes) else v)
                    for f, v in fields(data)
                ]
            else:
                own, packed = _NUMBERED.get(kind, (0, ()))
                parts = [
                    (f, v + copy * SHIFT)
                    if f == own and isinstance(v, int)
                    else (f, moved(v, copy * SHIFT) if f in packed and isinstance(v, bytes) else v)
                    for f, v in fields(data)
                ]
            yield kind, message(parts)

    return message(
        (f, message(of_group(v)) if f == _GROUP and isinstance(v, bytes) else v)
        for f, v in fields(block)
    )


def framed(data: bytes) -> bytes:
    """Return a block of the file."""
    blob = message([(2, len(data)), (ZLIB, zlib.compress(data, 6))])
    head = message([(1, b"OSMData"), (3, len(blob))])
    return len(head).to_bytes(4, "big") + head + blob


def header_of(path: Path) -> bytes:
    """Return the first block of an extract."""
    data = path.read_bytes()
    head = int.from_bytes(data[:4], "big")
    length = dict(fields(data[4 : 4 + head]))[3]
    assert isinstance(length, int)
    return data[: 4 + head + length]


def repeated(folder: Path, megabytes: int, target: Path) -> None:
    """Write an extract of a size by repeating real blocks."""
    paths = [folder / f"{name}.osm.pbf" for name in SOURCES]
    parts = [list(data_blocks(path)) for path in paths]
    with target.open("wb") as stream:
        stream.write(header_of(paths[0]))
        for copy in itertools.count():
            for blocks in parts:
                for block in blocks:
                    stream.write(framed(shifted(block, copy)))
            if stream.tell() >= megabytes * 1e6:
                return


def one(path: Path, edits: bool) -> None:
    """Add one file to an empty set in this process; the last line is read by :func:`main`."""
    from pipelines.places import osm_set
    from pipelines.serve import osm
    from pipelines.serve.store import Store

    started = time.perf_counter()
    store = Store.current()
    with tempfile.TemporaryDirectory() as folder:
        extract = osm_set.add(
            path,
            osm.towns(store),
            osm.constants(store).covered_least_nodes,
            folder=Path(folder),
            edits=edits,
        )
    use = resource.getrusage(resource.RUSAGE_SELF)
    wall, cpu = time.perf_counter() - started, use.ru_utime + use.ru_stime
    print(extract.places, extract.settlements, wall, cpu, use.ru_maxrss / 1e6)


def main() -> None:
    """Measure the sizes and print whether the targets are met."""
    arguments, edits = [a for a in sys.argv[1:] if a != "--edits"], "--edits" in sys.argv
    if arguments[0] == "--one":
        one(Path(arguments[1]), edits)
        return
    folder = Path(arguments[0])
    print("| extract, MB | places | settlements covered | CPU, s | CPU s a MB | peak, GB |")
    print("|---|---|---|---|---|---|", flush=True)
    claims = []
    with tempfile.TemporaryDirectory() as own:
        for size in map(int, arguments[1:] or ("4", "100", "200", "400")):
            path = Path(own) / f"repeated-{size}.osm.pbf"
            if size == 4:
                path.write_bytes((folder / "malta.osm.pbf").read_bytes())
            else:
                repeated(folder, size, path)
            command = [sys.executable, __file__, "--one", str(path), *["--edits"][: int(edits)]]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            places, towns, _wall, cpu, memory = map(float, done.stdout.split()[-5:])
            mb = path.stat().st_size / 1e6
            cells = f"{mb:.1f} | {places:,.0f} | {towns:,.0f} | {cpu:.1f} | {cpu / mb:.2f}"
            print(f"| {cells} | {memory:.2f} |", flush=True)
            if size in LIMITS and not edits:
                seconds, most = LIMITS[size]
                claim = f"{size} MB: at most {seconds} s of CPU and {most} GB"
                claims.append((claim, cpu <= seconds and memory <= most))
            path.unlink()
    for claim in claims:
        verdict(*claim)


if __name__ == "__main__":
    main()
