"""The hand-curated catalogue: loads ``geodata/catalogue`` and checks every cell of it.

``check`` collects all findings; ``load`` returns typed tables or raises with all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from pipelines.catalogue import contents, rules
from pipelines.catalogue import gazetteer as places
from pipelines.catalogue.schema import Column, Schema, Table, read_schema
from pipelines.core import paths
from pipelines.core.findings import Finding, failure
from pipelines.io.sheets import read_sheet

_ARROW = {
    "boolean": pa.bool_(),
    "integer": pa.int64(),
    "geonameid": pa.int64(),
    "year": pa.int64(),
    "number": pa.float64(),
    "longitude": pa.float64(),
    "latitude": pa.float64(),
    "list": pa.list_(pa.string()),
}


def check(
    folder: Path | None = None,
    settlements: pa.Table | None = None,
    instead: dict[str, Path] | None = None,
) -> list[Finding]:
    """Return everything that is wrong with a catalogue; an empty list means it is sound.

    Parameters
    ----------
    folder : Path, optional
        Folder of the catalogue, with ``schema.toml``; the project's own by default.
    settlements : pyarrow.Table, optional
        Columns ``geonameid, name, country, lon, lat`` (Eurostat country codes, EPSG:4326).
        Without it, towns and points are not compared with settlements.
    instead : dict of str to Path, optional
        Files to read in place of the folder's own, by file name.

    Raises
    ------
    SourceMissing, SourceUnreadable
        ``schema.toml`` is not there, or is wrong itself.
    """
    return _read(folder or paths.catalogue_dir(), settlements, instead)[2]


def load(folder: Path | None = None, settlements: pa.Table | None = None) -> dict[str, pa.Table]:
    """Return the catalogue as Arrow tables, by table name.

    An empty cell is NULL; a list column is ``list<string>``, empty where nothing is named.

    Raises
    ------
    CheckFailed
        The catalogue breaks a rule; the message lists every finding.
    """
    schema, tables, findings = _read(folder or paths.catalogue_dir(), settlements)
    if findings:
        raise failure(findings)
    return {name: arrow_table(schema.tables[name], rows) for name, rows in tables.items()}


def arrow_table(table: Table, rows: list[rules.Row]) -> pa.Table:
    """Return converted rows as an Arrow table whose fields carry their descriptions."""
    fields = [_field(column) for column in table.columns.values()]
    return pa.Table.from_pylist([row.values for row in rows], schema=pa.schema(fields))


def _field(column: Column) -> pa.Field:
    """Return the Arrow field of a column."""
    kind = _ARROW.get(column.type, pa.string())
    return pa.field(column.name, kind, metadata={"description": column.description})


def _read(
    folder: Path, settlements: pa.Table | None, instead: dict[str, Path] | None = None
) -> tuple[Schema, rules.Rows, list[Finding]]:
    """Read, convert and check all files."""
    schema, tables, findings = read_schema(folder), {}, []
    for table in schema.tables.values():
        if table.file is None:
            continue
        sheet, faults = read_sheet(
            (instead or {}).get(table.file, folder / table.file), list(table.columns)
        )
        findings += faults
        if sheet is None:
            continue
        tables[table.name], faults = rules.convert_sheet(sheet, table, schema)
        findings += faults
    findings += _table_findings(schema, tables, settlements)
    return schema, tables, sorted(set(findings))


def _table_findings(
    schema: Schema, tables: rules.Rows, settlements: pa.Table | None
) -> Iterator[Finding]:
    """Yield the findings that need more than one cell."""
    for name, rows in tables.items():
        yield from rules.duplicates(schema.tables[name], rows)
    yield from rules.references(schema, tables)
    yield from rules.sources(schema, tables)
    yield from rules.section_parents(tables)
    yield from rules.condition_values(tables)
    yield from rules.practices_without_condition(tables)
    yield from contents.findings(tables)
    gazetteer = places.Gazetteer(settlements) if settlements is not None else None
    for name, rows in tables.items():
        table = schema.tables[name]
        if not {"lon", "lat", "geonameid"} <= set(table.columns):
            continue
        yield from places.check_points(table.file or name, rows)
        if gazetteer is not None:
            yield from places.check_settlements(table.file or name, rows, gazetteer)
