"""Extracts as bytes: what they state, and every way in which they are none.

The bytes are put together here by the format's description
(https://wiki.openstreetmap.org/wiki/PBF_Format), not by the reader.
"""

from __future__ import annotations

import hashlib
import zlib
from pathlib import Path

import pytest

from pipelines.core.errors import InputError
from pipelines.roads.pbf import read_extract


def varint(value: int) -> bytes:
    out = b""
    while value > 127:
        out, value = out + bytes([value % 128 + 128]), value // 128
    return out + bytes([value])


def number(field: int, value: int) -> bytes:
    return varint(field * 8) + varint(value)


def text(field: int, value: bytes) -> bytes:
    return varint(field * 8 + 2) + varint(len(value)) + value


def block(kind: bytes, content: bytes, packing: int = 3) -> bytes:
    packed = zlib.compress(content) if packing == 3 else content
    blob = number(2, len(content)) + text(packing, packed)
    head = text(1, kind) + number(3, len(blob))
    return len(head).to_bytes(4, "big") + head + blob


def zigzag(degrees: float) -> int:
    value = round(degrees * 1e9)
    return 2 * value if value >= 0 else -2 * value - 1


def header(box: tuple[float, float, float, float] | None = (-1.5, 2.25, 43.0, 41.5)) -> bytes:
    sides = b"".join(number(i, zigzag(side)) for i, side in enumerate(box or (), start=1))
    # 1 200 000 000 seconds after 1970 began: 2008-01-10, 21:20:00.
    return (text(1, sides) if box else b"") + text(4, b"OsmSchema-V0.6") + number(32, 12 * 10**8)


WHOLE = block(b"OSMHeader", header()) + block(b"OSMData", b"rows")


def test_what_an_extract_states(tmp_path: Path) -> None:
    path = tmp_path / "x.osm.pbf"
    path.write_bytes(WHOLE)
    extract = read_extract(path)
    assert extract.box is not None
    sides = (extract.box.west, extract.box.east, extract.box.north, extract.box.south)
    assert sides == (-1.5, 2.25, 43.0, 41.5)
    assert extract.snapshot == "2008-01-10T21:20:00Z"
    assert extract.sha256 == hashlib.sha256(WHOLE).hexdigest()


def test_an_extract_without_a_box(tmp_path: Path) -> None:
    path = tmp_path / "x.osm.pbf"
    path.write_bytes(block(b"OSMHeader", header(None), 1) + block(b"OSMData", b"rows"))
    assert read_extract(path).box is None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"<osm version='0.6'></osm>", "is not OpenStreetMap PBF"),
        (b"PAR1" + bytes(200), "is not OpenStreetMap PBF"),
        (bytes(64), "is not OpenStreetMap PBF"),
        (block(b"OSMData", b"rows"), "is not OpenStreetMap PBF"),
        (block(b"OSMHeader", header()), "holds no data after its header"),
        (WHOLE[:-3], "is cut off"),
        (WHOLE[:3], "is not OpenStreetMap PBF"),
        (WHOLE + WHOLE[:9], "is cut off"),
        (WHOLE + bytes(8), "is damaged at byte"),
        (block(b"OSMHeader", header()) + block(b"OSMData", b"rows", 6), "packed with lz4"),
        (block(b"OSMHeader", header(), 7) + block(b"OSMData", b"rows"), "packed with zstd"),
        (block(b"OSMHeader", b"\xff\xff", 1) + block(b"OSMData", b"r"), "header block cannot"),
    ],
)
def test_what_is_no_extract_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "x.osm.pbf"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        read_extract(path)
    assert str(caught.value).startswith("x.osm.pbf: ")


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_extract(tmp_path / "x.osm.pbf")
    with pytest.raises(InputError, match="cannot be read"):
        read_extract(tmp_path)


def test_downloads_are_read(shared_data: Path) -> None:
    """Box and date as ``osmium fileinfo`` shows them for the two files."""
    andorra = read_extract(shared_data / "osm" / "andorra.osm.pbf")
    assert andorra.snapshot == "2025-01-19T21:21:36Z"
    assert andorra.box is not None
    assert (andorra.box.west, andorra.box.north) == (1.412368, 42.65717)
    assert read_extract(shared_data / "osm" / "Helsinki.osm.pbf").snapshot is None
    with pytest.raises(InputError, match="packed with lz4"):
        read_extract(shared_data / "osm" / "monaco-lz4.osm.pbf")


def test_each_cut_of_a_download_is_refused(shared_data: Path, tmp_path: Path) -> None:
    content = (shared_data / "osm" / "liechtenstein-2013.osm.pbf").read_bytes()
    path = tmp_path / "cut.osm.pbf"
    for size in (1, 5, 100, 1000, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:size])
        with pytest.raises(InputError, match=r"cut off|is not OpenStreetMap PBF"):
            read_extract(path)
