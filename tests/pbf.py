"""Writes tiny ``.osm.pbf`` files, for tests that must not depend on real extracts.

After https://wiki.openstreetmap.org/wiki/PBF_Format, independent of the reader: plain blocks,
zlib, dense nodes, ways and relations with text roles.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

Tags = Mapping[str, str]
KINDS = {"node": 0, "way": 1, "relation": 2}


def varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def zigzag(value: int) -> int:
    return value * 2 if value >= 0 else -value * 2 - 1


def number(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value)


def content(field: int, data: bytes) -> bytes:
    return varint(field << 3 | 2) + varint(len(data)) + data


def packed(field: int, values: Iterable[int]) -> bytes:
    return content(field, b"".join(varint(v) for v in values))


def deltas(values: Iterable[int]) -> list[int]:
    result, last = [], 0
    for value in values:
        result.append(zigzag(value - last))
        last = value
    return result


def block(kind: str, data: bytes, packing: int = 3) -> bytes:
    """Return a block; ``packing`` is the field of the blob's data (3 zlib, 6 lz4, 1 raw)."""
    body = zlib.compress(data) if packing == 3 else data
    sizes = b"" if packing == 1 else number(2, len(data))
    blob = sizes + content(packing, body)
    head = content(1, kind.encode()) + number(3, len(blob))
    return len(head).to_bytes(4, "big") + head + blob


def header(features: Iterable[str] = ("OsmSchema-V0.6", "DenseNodes"), time: int = 0) -> bytes:
    data = b"".join(content(4, name.encode()) for name in features)
    data += content(16, b"tests")
    if time:
        data += number(32, time)
    return block("OSMHeader", data)


class Strings:
    """The table of strings of a block; entry 0 stays empty."""

    def __init__(self) -> None:
        self.at: dict[str, int] = {"": 0}

    def __getitem__(self, text: str) -> int:
        return self.at.setdefault(text, len(self.at))

    def encode(self) -> bytes:
        return content(1, b"".join(content(1, text.encode()) for text in self.at))


def data(
    nodes: Iterable[tuple[int, float, float, Tags]] = (),
    ways: Iterable[tuple[int, list[int], Tags]] = (),
    relations: Iterable[tuple[int, list[tuple[str, int, str]], Tags]] = (),
    packing: int = 3,
    edits: Mapping[tuple[str, int], int] | None = None,
) -> bytes:
    """Return a block of objects: nodes (id, lon, lat, tags), ways, relations with members.

    ``edits`` are seconds of Unix by kind and id; without them the block has no metadata.
    """
    stamped = edits or {}
    strings, groups = Strings(), b""
    if rows := sorted(nodes, key=lambda node: node[0]):
        pairs: list[int] = []
        for _, _, _, tags in rows:
            for key, value in tags.items():
                pairs += [strings[key], strings[value]]
            pairs.append(0)
        dense = packed(1, deltas(row[0] for row in rows))
        dense += packed(8, deltas(round(row[2] * 1e7) for row in rows))
        dense += packed(9, deltas(round(row[1] * 1e7) for row in rows))
        if stamped:
            times = deltas(stamped.get(("node", row[0]), 0) for row in rows)
            dense += content(5, packed(1, [1] * len(rows)) + packed(2, times))
        groups += content(2, content(2, dense + packed(10, pairs)))
    ways_ = b"".join(
        content(
            3,
            number(1, key)
            + _tags(strings, tags)
            + _info(stamped.get(("way", key)))
            + packed(8, deltas(refs)),
        )
        for key, refs, tags in ways
    )
    groups += content(2, ways_) if ways_ else b""
    relations_ = b"".join(
        _relation(strings, *one, _info(stamped.get(("relation", one[0])))) for one in relations
    )
    groups += content(2, relations_) if relations_ else b""
    return block("OSMData", strings.encode() + groups, packing)


def _info(seconds: int | None) -> bytes:
    return b"" if seconds is None else content(4, number(1, 1) + number(2, seconds))


def _relation(
    strings: Strings, key: int, members: list[tuple[str, int, str]], tags: Tags, info: bytes
) -> bytes:
    roles = packed(8, [strings[role] for _, _, role in members])
    refs = packed(9, deltas(ref for _, ref, _ in members))
    kinds = packed(10, [KINDS[kind] for kind, _, _ in members])
    return content(4, number(1, key) + _tags(strings, tags) + info + roles + refs + kinds)


def _tags(strings: Strings, tags: Tags) -> bytes:
    keys = packed(2, [strings[key] for key in tags])
    return keys + packed(3, [strings[value] for value in tags.values()])


def crowd(lon: float, lat: float, count: int, first: int) -> list[tuple[int, float, float, Tags]]:
    """Return nodes without tags in the cell of a point, as buildings and roads would give them."""
    return [(first + i, lon + i % 10 * 1e-5, lat + i // 10 * 1e-6, {}) for i in range(count)]


def write(path: Path, *blocks: bytes, time: int = 1_709_587_295, **options: Any) -> Path:
    """Write a file: a header and blocks."""
    path.write_bytes(header(time=time, **options) + b"".join(blocks))
    return path
