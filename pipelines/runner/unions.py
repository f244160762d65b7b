"""Tables whose statement follows from other tables, so that a new one needs no new SQL.

A *union* puts tables of one shape one below the other: the raw tables of all sources whose
declaration has the same ``union``, or the models whose sidecar says ``part_of``. Its column
``part`` tells where a row is from. Columns that not all parts share are gathered in one:
``map`` (name to value) or ``key`` (the values alone, joined by a dot, as Eurostat writes the
key of a series). A *pivot* makes a column of each row of a seed that names one.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipelines.core.errors import ModelError
from pipelines.core.registry import Source
from pipelines.runner.fields import sources_by_field

PART = "part"
PARTS = pa.schema([(name, pa.string()) for name in ("union_name", PART, "column_name")])
#: Fields of a seed whose rows can declare columns.
SEED_COLUMN = ("column", "unit", "label", "description", "source")


@dataclass(frozen=True)
class Part:
    """One table of a union: what marks its rows, its name, and its columns with their types."""

    name: str
    table: str
    columns: Mapping[str, str]


def union_select(parts: Sequence[Part], shared: Sequence[str], rest: Mapping[str, str]) -> str:
    """Return the SELECT that puts tables one below the other.

    Parameters
    ----------
    parts
        The tables.
    shared
        Columns that each part has.
    rest
        ``map`` or ``key``, and the name of the column that gathers the others; may be empty.
    """
    return "\nunion all\n".join(_part_select(part, shared, rest) for part in parts)


def _part_select(part: Part, shared: Sequence[str], rest: Mapping[str, str]) -> str:
    columns = [f"{_text(part.name)} as {PART}", *(f'"{name}"' for name in shared)]
    others = [name for name in part.columns if name not in shared]
    if "key" in rest:
        texts = ", ".join(f'"{name}"' for name in others)
        columns.append(f"concat_ws('.', {texts}) as \"{rest['key']}\"")
    if "map" in rest:
        pairs = ", ".join(f'{_text(name)}: "{name}"::varchar' for name in others)
        columns.append(f'map {{{pairs}}}::map(varchar, varchar) as "{rest["map"]}"')
    return f"select {', '.join(columns)} from {part.table}"  # noqa: S608 - names of declarations


def raw_unions(registry: Mapping[str, Source]) -> dict[str, str]:
    """Return the SELECT of each union of raw tables, by its name.

    Raises
    ------
    ModelError
        A source lacks a column of its union.
    """
    members: dict[str, list[Source]] = {}
    for source in registry.values():
        if source.union:
            members.setdefault(source.union["table"], []).append(source)
    statements = {}
    for name, sources in members.items():
        spec = sources[0].union
        parts = [Part(s.part or s.name, f"raw.{s.raw_table}", s.columns) for s in sources]
        for source in sources:
            where = f"geodata/sources/{source.name}.toml"
            _require(where, f"raw.{name}", source.columns, spec["columns"])
        statements[name] = union_select(parts, spec["columns"], spec)
    return statements


def _require(where: str, union: str, columns: Iterable[str], required: Iterable[str]) -> None:
    if missing := sorted(set(required) - set(columns)):
        raise ModelError(f"{where}: is a part of {union} and lacks its columns {missing}")


def model_union(
    name: str, sidecar: Mapping[str, Any], parts: Mapping[str, Mapping[str, Any]]
) -> str:
    """Return the SELECT of a union of models.

    Parameters
    ----------
    name
        Schema and name of the union.
    sidecar
        Its own, with a table ``union`` that may hold ``map`` or ``key``.
    parts
        The sidecars of its parts, by schema and name.

    Raises
    ------
    ModelError
        There is no part, or one lacks a column or has it in another type.
    """
    if not parts:
        raise ModelError(f"{name}: no model says part_of = '{name.partition('.')[2]}'")
    rest = sidecar["union"]
    own = {PART, *rest.values()}
    shared = {c: f["type"] for c, f in sidecar["columns"].items() if c not in own}
    for table, facts in parts.items():
        where = f"sql/{table.replace('.', '/')}.toml"
        types = {c: f["type"] for c, f in facts["columns"].items()}
        _require(where, name, types, shared)
        for column, declared in shared.items():
            if types[column] != declared:
                raise ModelError(
                    f"{where}: column '{column}' is {types[column]}, in {name} it is {declared}"
                )
    return union_select([_as_part(t, f) for t, f in parts.items()], list(shared), rest)


def _as_part(table: str, sidecar: Mapping[str, Any]) -> Part:
    """Return a model as a part; ``staging.stg_gisco__education`` is marked gisco_education."""
    name = table.partition(".")[2].removeprefix("stg_").replace("__", "_")
    return Part(name, table, {c: f["type"] for c, f in sidecar["columns"].items()})


def parts_table(sidecars: Mapping[str, Mapping[str, Any]]) -> pa.Table:
    """Return one row a column of each part of a union of models (``seeds.union_parts``)."""
    rows = [
        {"union_name": sidecar["part_of"], PART: _as_part(table, sidecar).name, "column_name": c}
        for table, sidecar in sidecars.items()
        if "part_of" in sidecar
        for c in sidecar["columns"]
    ]
    return pa.Table.from_pylist(rows, PARTS)


def seed_rows(folder: Path, seed: str, where: str) -> list[dict[str, str]]:
    """Return the rows of a seed that name a column.

    Raises
    ------
    ModelError
        There is no such seed, it lacks a field, or a row leaves one empty.
    """
    rows = [row for row in _read_seed(folder, seed, SEED_COLUMN, where) if row["column"]]
    for row in rows:
        for field in ("label", "description", "source"):
            if not row[field]:
                raise ModelError(
                    f"sql/seeds/{seed}.csv: row {row['line']}, {field}: is empty; "
                    f"the column '{row['column']}' needs one"
                )
    return rows


def _read_seed(
    folder: Path, seed: str, required: Iterable[str], where: str
) -> list[dict[str, str]]:
    """Return the rows of a seed with the number of each one's line."""
    path = folder / f"{seed}.csv"
    if not path.is_file():
        raise ModelError(f"{where}: there is no seed '{seed}'")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        if missing := sorted(set(required) - set(reader.fieldnames or ())):
            raise ModelError(f"{where}: sql/seeds/{seed}.csv has no fields {missing}")
        return [row | {"line": str(reader.line_num)} for row in reader]


def with_seed_columns(sidecar: dict[str, Any], seeds: Path, where: str) -> dict[str, Any]:
    """Put the columns that a seed declares in the place of ``{ seed = "..." }``.

    Each row of the seed that names a column declares a number of the row's unit, label,
    description and source. ``allowed = { seed = "...", column = "..." }`` of a column is the
    list of what the seed has there.

    Raises
    ------
    ModelError
        As `seed_rows`; or a column is declared twice, or ``also_from`` names none of the table.
    """
    columns: dict[str, Any] = {}
    for name, facts in sidecar["columns"].items():
        more = {name: _with_allowed(facts, seeds, where)}
        if "seed" in facts:
            rows = seed_rows(seeds, facts["seed"], where)
            more = {row["column"]: _declared(row) for row in rows}
            if len(more) < len(rows):
                names = [row["column"] for row in rows]
                twice = sorted({column for column in names if names.count(column) > 1})
                raise ModelError(
                    f"sql/seeds/{facts['seed']}.csv: column: {twice} stand there twice"
                )
        if twice := sorted(more.keys() & columns.keys()):
            raise ModelError(f"{where}: the columns {twice} are declared twice")
        columns |= more
    for name, sources in sources_by_field(sidecar, "also_from", columns, where).items():
        columns[name] = {**columns[name], "also_from": sources}
    return {**sidecar, "columns": columns}


def _with_allowed(facts: dict[str, Any], seeds: Path, where: str) -> dict[str, Any]:
    allowed = facts.get("allowed")
    if not isinstance(allowed, dict):
        return facts
    column = allowed["column"]
    rows = _read_seed(seeds, allowed["seed"], [column], where)
    return {**facts, "allowed": [row[column] for row in rows]}


def _declared(row: Mapping[str, str]) -> dict[str, Any]:
    texts = {key: row[key] for key in ("label", "unit", "description")}
    return {"type": "DOUBLE", **texts, "sources": [row["source"]]}


def pivot_select(sidecar: Mapping[str, Any], seeds: Path, where: str) -> str:
    """Return the SELECT that turns a long table into one of a column a row of a seed.

    ``pivot`` of the sidecar holds ``table``, ``seed``, ``names`` (column of the long table and
    of the seed with what is measured) and ``values``. The rows are those of the primary key.

    Raises
    ------
    ModelError
        As `seed_rows`.
    """
    pivot = sidecar["pivot"]
    rows = seed_rows(seeds, pivot["seed"], where)
    keys = [f'"{key}"' for key in sidecar["primary_key"]]
    names, values = pivot["names"], pivot["values"]
    wide = [
        f'max("{values}") filter (where "{names}" = {_text(row[names])}) as "{row["column"]}"'
        for row in rows
    ]
    texts = ", ".join(_text(row[names]) for row in rows)
    return (
        f"select {', '.join(keys + wide)} from {pivot['table']} "  # noqa: S608 - names of a seed
        f'where "{names}" in ({texts}) group by {", ".join(keys)}'
    )


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
