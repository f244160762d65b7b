"""An ``.osm.pbf`` read by DuckDB's ``ST_ReadOSM``: tagged objects, their points, density of nodes.

Four passes over the file, each bounded in memory: how many nodes lie in each cell of 0.01
degree; the objects with a mapped tag; the outlines of the relations among them; the nodes that
the outlines need. Objects leave in batches and become small rows.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipelines.core.database import load_spatial
from pipelines.core.errors import HinterlandError, TargetUnwritable
from pipelines.core.findings import refuse
from pipelines.io.pbf import ZLIB
from pipelines.places.osm_objects import MAX_TAG_CHARACTERS, OsmObject
from pipelines.places.osm_tags import TagTable
from pipelines.places.outline import Floats, middle, middle_of_ways

#: Sides of a cell are 1 / CELLS_PER_DEGREE degrees.
CELLS_PER_DEGREE = 100
MEMORY = "400MB"
THREADS = 2
BATCH_ROWS = 10_000
#: ``ST_ReadOSM`` reads no other packing.
READABLE = (ZLIB,)
#: What a meter counts on the command line.
Tell = Callable[[str], None]
#: Roads alone: so few of the ways are drawn for anything else.
_ROADS_ONLY_SHARE = 0.95
_DAMAGED = "a sound file: compare its .md5 with the publisher's, download it again"


@dataclass(frozen=True)
class PbfContent:
    """What the first two passes tell.

    Attributes
    ----------
    cells : pyarrow.Table
        ``x, y, nodes``: nodes of each cell whose south-west corner is (x, y) hundredths of a
        degree.
    objects : iterator of OsmObject
        Those with a mapped tag: nodes, ways, relations, each by id.
    """

    cells: pa.Table
    objects: Iterator[OsmObject]


@contextmanager
def reading(
    path: Path, table: TagTable, spill: Path, tell: Tell = lambda _: None
) -> Iterator[PbfContent]:
    """Open an extract for one reading.

    Parameters
    ----------
    path : Path
        An ``.osm.pbf`` whose blocks :func:`pipelines.io.pbf.read_header` accepts.
    table : TagTable
        Which tags are mapped.
    spill : Path
        Folder for what does not fit into memory; it is taken away in the end.
    tell : callable
        Is told each step in words.

    Raises
    ------
    InputError
        The data inside the blocks is damaged, or the file holds roads alone.
    TargetUnwritable
        The disk of ``spill`` is full.
    """
    try:
        with _connection(spill) as con, _translated(path, spill):
            yield PbfContent(_cells(con, path, tell), _objects(con, path, table, tell))
    finally:
        shutil.rmtree(spill, ignore_errors=True)


@contextmanager
def _connection(spill: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a connection of our own: a fault in it touches no other."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": THREADS,
        "memory_limit": MEMORY,
        "temp_directory": str(spill),
        "preserve_insertion_order": "false",
    }
    con = duckdb.connect(config=config)
    try:
        load_spatial(con)
        con.execute("set enable_progress_bar = false")
        yield con
    finally:
        con.close()


@contextmanager
def _translated(path: Path, spill: Path) -> Iterator[None]:
    """Say in our words what DuckDB met."""
    try:
        yield
    except HinterlandError:
        raise
    except duckdb.OutOfMemoryException as error:
        text = f"{spill}: cannot be written (the disk is full, or memory of {MEMORY} too small)"
        raise TargetUnwritable(text) from error
    except duckdb.IOException as error:
        if "ENOSPC" in str(error) or "write" in str(error).lower():
            raise TargetUnwritable(f"{spill}: cannot be written (is the disk full?)") from error
        raise refuse(path, "the file cannot be read", allowed=_DAMAGED) from error
    except duckdb.Error as error:
        raise refuse(path, "the data inside the file is damaged", allowed=_DAMAGED) from error


def _cells(con: duckdb.DuckDBPyConnection, path: Path, tell: Tell) -> pa.Table:
    """Count nodes by cell; the cell's numbers are of its south-west corner."""
    tell("nodes by cell")
    cells = con.execute(
        """
        select
            floor(lon * $per)::int as x, floor(lat * $per)::int as y, count(*)::int as nodes
        from st_readosm($file)
        where kind = 'node'
        group by all
        order by x, y
        """,
        {"file": str(path), "per": CELLS_PER_DEGREE},
    ).to_arrow_table()
    if not cells.num_rows:
        raise refuse(path, "the file holds no node", allowed="an extract of a whole area")
    return cells


def _refuse_roads_alone(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Refuse an extract that was filtered to roads: all else would count as not there."""
    ways, roads = con.execute(
        """
        select count(*), count(*) filter (tags['highway'] is not null)
        from st_readosm(?) where kind = 'way' and tags is not null
        """,
        [str(path)],
    ).fetchall()[0]
    if ways and roads >= _ROADS_ONLY_SHARE * ways:
        allowed = "a whole extract; everything else would count as not there"
        raise refuse(path, f"{roads:,} of its {ways:,} ways are roads", allowed=allowed)


def _condition(table: TagTable) -> tuple[str, list[Any]]:
    """Return the SQL that keeps objects with a mapped tag, and its values."""
    terms: list[str] = []
    values: list[Any] = []
    for key, allowed in table.values().items():
        if "*" in allowed:
            terms.append("map_contains(tags, ?)")
            values.append(key)
            continue
        terms.append(
            "(tags[?] in (select unnest(?)) or (contains(tags[?], ';') and "
            "list_has_any(string_split(replace(tags[?], ' ', ''), ';'), ?)))"
        )
        values += [key, allowed, key, key, allowed]
    return " or ".join(terms), values


def _objects(
    con: duckdb.DuckDBPyConnection, path: Path, table: TagTable, tell: Tell
) -> Iterator[OsmObject]:
    """Yield the tagged objects with their points."""
    _refuse_roads_alone(con, path)
    tell("objects with a mapped tag")
    condition, values = _condition(table)
    con.execute(
        f"""
        create temp table tagged as
        select
            kind::varchar as kind, id, map_entries(tags) as tags, refs,
            ref_types::varchar[] as member_kinds, ref_roles as roles, lon, lat
        from st_readosm(?) where tags is not null and ({condition})
        """,  # noqa: S608 - the condition is made above, its values are bound
        [str(path), *values],
    )
    tell("outlines of relations")
    _members(con, path)
    tell("nodes of outlines")
    nodes = _needed_nodes(con, path)
    tell("places")
    yield from _nodes(con)
    yield from _ways(con, nodes)
    yield from _relations(con, nodes)


def _members(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Make the tables of relations' members and of the ways among them, each once.

    A file that holds objects twice would else join each with each.
    """
    con.execute(
        """
        create temp table members as
        select distinct
            id as relation, unnest(refs) as ref, unnest(member_kinds) as kind,
            coalesce(unnest(roles), '') as role
        from tagged where kind = 'relation'
        """
    )
    con.execute(
        """
        create temp table outlines as
        select id, any_value(refs) as refs from st_readosm(?)
        where kind = 'way' and id in (
            select ref from members where kind = 'way' and role in ('', 'outer', 'outline')
        )
        group by id
        """,
        [str(path)],
    )


@dataclass(frozen=True)
class _Nodes:
    """Positions of nodes, sorted by id."""

    ids: NDArray[np.int64]
    lon: Floats
    lat: Floats

    def of(self, refs: Any) -> Floats:
        """Return the positions of those that the file holds, shape (n, 2)."""
        ids = np.asarray(refs if refs is not None else [], dtype=np.int64)
        if not len(ids) or not len(self.ids):
            return np.empty((0, 2))
        at = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
        at = at[self.ids[at] == ids]
        return np.column_stack([self.lon[at], self.lat[at]])


def _needed_nodes(con: duckdb.DuckDBPyConnection, path: Path) -> _Nodes:
    """Return the positions of all nodes that draw a tagged object."""
    con.execute(
        """
        create temp table needed as
        select distinct unnest(refs) as id from tagged where kind = 'way'
        union select unnest(refs) from outlines
        union select ref from members where kind = 'node'
        """
    )
    columns = con.execute(
        "select id, lon, lat from st_readosm(?) "
        "where kind = 'node' and id in (select id from needed) order by id",
        [str(path)],
    ).fetchnumpy()
    return _Nodes(*(np.ma.getdata(columns[name]) for name in ("id", "lon", "lat")))


def _batches(con: duckdb.DuckDBPyConnection, sql: str) -> Iterator[tuple[Any, ...]]:
    cursor = con.execute(sql)
    while batch := cursor.fetchmany(BATCH_ROWS):
        yield from batch


def _tags(entries: list[dict[str, str]]) -> dict[str, str]:
    return {e["key"]: e["value"] for e in entries if len(e["value"]) <= MAX_TAG_CHARACTERS}


def _nodes(con: duckdb.DuckDBPyConnection) -> Iterator[OsmObject]:
    sql = "select id, tags, lon, lat from tagged where kind = 'node' order by id"
    for number, entries, lon, lat in _batches(con, sql):
        yield OsmObject("node", number, _tags(entries), (lon, lat))


def _ways(con: duckdb.DuckDBPyConnection, nodes: _Nodes) -> Iterator[OsmObject]:
    sql = "select id, tags, refs from tagged where kind = 'way' order by id"
    for number, entries, refs in _batches(con, sql):
        point, extent = middle(nodes.of(refs))
        yield OsmObject("way", number, _tags(entries), point, extent)


def _relations(con: duckdb.DuckDBPyConnection, nodes: _Nodes) -> Iterator[OsmObject]:
    """Yield relations by their outlines, else by their members that are nodes."""
    lines: dict[int, list[Floats]] = {}
    for relation, refs in con.execute(
        "select members.relation, outlines.refs from members "
        "inner join outlines on outlines.id = members.ref and members.kind = 'way' "
        "where members.role in ('', 'outer', 'outline') order by members.relation, outlines.id"
    ).fetchall():
        lines.setdefault(relation, []).append(nodes.of(refs))
    spots: dict[int, list[int]] = {}
    for relation, ref in con.execute(
        "select relation, ref from members where kind = 'node' order by relation, ref"
    ).fetchall():
        spots.setdefault(relation, []).append(ref)
    sql = "select id, tags from tagged where kind = 'relation' order by id"
    for number, entries in _batches(con, sql):
        point, extent = middle_of_ways(lines.get(number, []))
        if point is None:
            point, extent = middle(nodes.of(spots.get(number)))
        yield OsmObject("relation", number, _tags(entries), point, extent)
