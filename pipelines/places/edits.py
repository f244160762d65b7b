"""When objects were last edited, from the metadata of an ``.osm.pbf``.

``ST_ReadOSM`` leaves it out, so this is a pass of its own over the blocks: the numbers of nodes are
unpacked as arrays, of ways and relations only those asked for are looked into. Fields after
https://github.com/openstreetmap/OSM-binary/blob/master/osmpbf/osmformat.proto
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.core.findings import refuse
from pipelines.io.pbf import data_blocks, fields

Ids = NDArray[np.int64]
_GROUP, _DATE_GRANULARITY = 2, 18
_NODES, _DENSE, _WAYS, _RELATIONS = 1, 2, 3, 4
_KINDS = {_NODES: "node", _WAYS: "way", _RELATIONS: "relation"}
_ID, _INFO, _DENSE_INFO, _TIMESTAMP = 1, 4, 5, 2
#: Milliseconds of a stated unit of time, where a block states none.
_MILLISECONDS = 1000
_LONGEST_VARINT = 10


def last_edits(path: Path, targets: Mapping[str, Ids]) -> dict[str, list[datetime.date | None]]:
    """Return the day of the last edit of objects.

    Parameters
    ----------
    path : Path
        An ``.osm.pbf`` that :func:`pipelines.io.pbf.read_header` accepts.
    targets : mapping of str to ndarray of int
        Identifiers by kind (``node``, ``way``, ``relation``), each rising.

    Returns
    -------
    dict of str to list of (date or None)
        By kind, in the order of the identifiers (UTC); None where the file does not say. Of an
        object that stands twice the later.

    Raises
    ------
    InputError
        The data inside the file is damaged.
    """
    seconds = {kind: np.zeros(len(ids), dtype=np.int64) for kind, ids in targets.items()}
    try:
        for block in data_blocks(path):
            for kind, ids, times in _stated(block, targets):
                _note(targets[kind], seconds[kind], ids, times)
    except (ValueError, OverflowError) as error:
        allowed = "a sound file: compare its .md5 with the publisher's, download it again"
        raise refuse(path, "the data inside the file is damaged", allowed=allowed) from error
    return {kind: [_day(value) for value in times.tolist()] for kind, times in seconds.items()}


def _note(targets: Ids, seconds: Ids, ids: Ids, times: Ids) -> None:
    """Keep the times of the targets."""
    if not len(targets) or not len(ids):
        return
    at = np.minimum(np.searchsorted(targets, ids), len(targets) - 1)
    is_target = targets[at] == ids
    np.maximum.at(seconds, at[is_target], times[is_target])


def _day(seconds: int) -> datetime.date | None:
    try:
        day = datetime.datetime.fromtimestamp(seconds, datetime.UTC).date()
    except (ValueError, OverflowError, OSError):
        return None
    return day if day.year >= 2004 else None  # OpenStreetMap began in 2004


def _stated(block: bytes, targets: Mapping[str, Ids]) -> Iterator[tuple[str, Ids, Ids]]:
    """Yield kind, identifiers and times (seconds) of the objects of a block."""
    facts = list(fields(block))
    unit = next((value for number, value in facts if number == _DATE_GRANULARITY), _MILLISECONDS)
    lookup = {kind: set(ids.tolist()) for kind, ids in targets.items() if kind != "node"}
    for number, group in facts:
        if number != _GROUP or not isinstance(group, bytes):
            continue
        singles: dict[str, list[tuple[int, int]]] = {}
        for part, data in fields(group):
            if not isinstance(data, bytes):
                continue
            if part == _DENSE and "node" in targets:
                ids, times = _dense(data)
                yield "node", ids, _seconds(times, unit)
            elif part in _KINDS and (kind := _KINDS[part]) in targets:
                one = _single(data, lookup.get(kind))
                singles.setdefault(kind, []).extend([one] if one else [])
        for kind, pairs in singles.items():
            both = np.array(pairs, dtype=np.int64).reshape(-1, 2)
            yield kind, both[:, 0], _seconds(both[:, 1], unit)


def _seconds(times: Ids, unit: Any) -> Ids:
    return times * int(unit) // 1000


def _dense(data: bytes) -> tuple[Ids, Ids]:
    """Return identifiers and times of dense nodes; times are 0 where they have none."""
    parts = dict(fields(data))
    ids = _deltas(parts.get(_ID, b""))
    info = parts.get(_DENSE_INFO)
    times = _deltas(dict(fields(info)).get(_TIMESTAMP, b"")) if isinstance(info, bytes) else ids[:0]
    return ids, times if len(times) == len(ids) else np.zeros(len(ids), dtype=np.int64)


def _single(data: bytes, targets: set[int] | None) -> tuple[int, int] | None:
    """Return identifier and time of a way, a relation or a node of its own; None if no target."""
    identifier = time = 0
    for number, value in fields(data):
        if number == _ID and isinstance(value, int):
            # A node's is a zigzag number.
            identifier = value if targets is not None else value >> 1 ^ -(value & 1)
            if targets is not None and identifier not in targets:
                return None
        elif number == _INFO and isinstance(value, bytes):
            stated = dict(fields(value)).get(_TIMESTAMP, 0)
            time = stated if isinstance(stated, int) else 0
    return identifier, time


def _deltas(data: int | bytes) -> Ids:
    """Return the numbers of a packed field of zigzag differences."""
    if not isinstance(data, bytes):
        raise ValueError("no packed field")
    raw = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero(raw < 0x80)
    if not len(ends):
        return np.zeros(0, dtype=np.int64)
    starts = np.concatenate([[0], ends[:-1] + 1])
    lengths = ends - starts + 1
    if lengths.max() > _LONGEST_VARINT:
        raise ValueError("a number without end")
    values = np.zeros(len(ends), dtype=np.uint64)
    for place in range(int(lengths.max())):
        has = lengths > place
        digits = (raw[starts[has] + place] & 0x7F).astype(np.uint64)
        values[has] |= digits << np.uint64(7 * place)
    signed = (values >> np.uint64(1)).astype(np.int64) ^ -(values & np.uint64(1)).astype(np.int64)
    return np.cumsum(signed)
