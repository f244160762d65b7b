"""The catalogue's marts: their sidecars and SELECTs, made from ``schema.toml``.

Each is the table as its file holds it, with what a reader looks up beside it: the name of
the country, the title of the document, the heading of the section.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipelines.catalogue.schema import FILE, Column, Lookup, Schema, Table

MADE_BY = f"geodata/catalogue/{FILE}"
#: DuckDB type of a column by its type in the schema; text where it is not here.
SQL_TYPES = {
    "boolean": "BOOLEAN",
    "integer": "INTEGER",
    "geonameid": "INTEGER",
    "year": "INTEGER",
    "number": "DOUBLE",
    "longitude": "DOUBLE",
    "latitude": "DOUBLE",
    "list": "VARCHAR[]",
}
# Arrow reads whole numbers as 64 bits.
_CAST = frozenset({"integer", "geonameid", "year"})
_LABELS = {
    "geonameid": "GeoNames id",
    "nuts3": "NUTS-3 region",
    "longitude": "Longitude",
    "latitude": "Latitude",
    "url": "Address",
}
_UNITS = {"longitude": "degrees", "latitude": "degrees"}
_REFERENCES = {"geonameid": "marts.towns.geonameid", "nuts3": "marts.regions.nuts_id"}


def marts(
    schema: Schema, fields: Mapping[str, Mapping[str, Any]]
) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield each mart of the catalogue: its name, sidecar and SELECT.

    Parameters
    ----------
    schema : Schema
        The catalogue's schema.
    fields : mapping
        What the columns mean that are looked up in other tables, by name: ``type``,
        ``label``, ``unit`` and ``description``.
    """
    for table in schema.tables.values():
        if table.mart is None:
            continue
        lookups = [lookup for lookup in schema.lookups if lookup.serves(table)]
        columns = {c.mart_name: _facts(schema, c) for c in table.columns.values()}
        for name in (name for lookup in lookups for name in lookup.brings):
            columns[name] = {"label": "", "unit": "", **fields[name], "nullable": True}
        sidecar = {
            "description": table.description,
            "grain": table.mart.grain,
            "primary_key": [table.columns[key].mart_name for key in table.primary_key],
            "columns": columns,
            "made_by": MADE_BY,
        }
        yield table.mart.name, sidecar, _select(table, lookups)


def _facts(schema: Schema, column: Column) -> dict[str, Any]:
    """Return what the data dictionary says of a column."""
    facts: dict[str, Any] = {
        "type": SQL_TYPES.get(column.type, "VARCHAR"),
        "label": _LABELS.get(column.type, column.mart_name.replace("_", " ").capitalize()),
        "unit": _UNITS.get(column.type, ""),
        "description": column.description,
        "nullable": not column.required,
    }
    allowed = schema.allowed(column)
    if allowed is not None and column.type not in ("list", "country"):
        facts["allowed"] = allowed
    if column.also_from:
        facts["also_from"] = list(column.also_from)
    references = [
        reference
        for reference in (_REFERENCES.get(column.type), _published(schema, column))
        if reference
    ]
    return facts | ({"references": references} if references else {})


def _published(schema: Schema, column: Column) -> str | None:
    """Return the mart's column that a reference means, else that by which a lookup finds it."""
    if column.references:
        name, _, key = column.references.partition(".")
        table = schema.tables[name]
        if table.mart:
            return f"marts.{table.mart.name}.{table.columns[key].mart_name}"
    for lookup in schema.lookups:
        if lookup.column == column.name and not lookup.tables:
            return f"{lookup.table}.{lookup.key}"
    return None


def _select(table: Table, lookups: list[Lookup]) -> str:
    """Return the SELECT of a mart, in the style of ``sql/``."""
    imports = [f"rows as (select * from raw.catalogue__{table.name})"]
    expressions = [f"        {_expression(column)}" for column in table.columns.values()]
    joins = []
    for lookup in lookups:
        name = f"{lookup.column}_facts"
        column_list = ", ".join(_as(was, now) for now, was in lookup.brings.items())
        imports.append(
            f"{name} as (\n    select distinct {lookup.key} as key, {column_list}\n"
            f"    from {lookup.table}\n)"
        )
        expressions += [f"        {name}.{column}" for column in lookup.brings]
        joins.append(f"    left join {name} on {name}.key = rows.{lookup.column}")
    assert table.mart is not None  # noqa: S101 - the caller has seen it
    order = ", ".join(table.columns[column].mart_name for column in table.mart.order_by)
    final = ["    select", ",\n".join(expressions), "    from rows", *joins]
    imports.append("final as (\n" + "\n".join(final) + "\n)")
    return "with " + ",\n\n".join(imports) + f"\n\nselect * from final\norder by {order}"


def _expression(column: Column) -> str:
    """Return one line of the SELECT."""
    if column.type in _CAST:
        return f"rows.{column.name}::{SQL_TYPES[column.type].lower()} as {column.mart_name}"
    return f"rows.{_as(column.name, column.mart_name)}"


def _as(name: str, alias: str) -> str:
    return name if name == alias else f"{name} as {alias}"
