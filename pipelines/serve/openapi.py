"""The addresses of tables in OpenAPI 3.1, made from the data dictionary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipelines import __version__
from pipelines.serve.describe import Column

_TYPES = {
    "VARCHAR": "string",
    "BOOLEAN": "boolean",
    "DOUBLE": "number",
    "TINYINT": "integer",
    "SMALLINT": "integer",
    "INTEGER": "integer",
    "BIGINT": "integer",
}
_COMMON = {
    "columns": "Columns to return, with commas between, in that order.",
    "sort": "Column to sort by; with - before it from the largest down. Missing comes last.",
    "limit": "How many rows at most. The header Link names the address of the next ones.",
    "offset": "How many rows to leave out first.",
}
_CSV = {
    "labels": "yes: the header has labels and units in place of names.",
    "bom": "yes: begin with the byte order mark that Excel wants.",
}


def document(tables: Mapping[str, Sequence[Column]], root: str) -> dict[str, Any]:
    """Return the description.

    Parameters
    ----------
    tables : mapping of str to sequence of Column
        Columns of each table.
    root : str
        Path of the addresses, like ``/api``.
    """
    paths: dict[str, Any] = {}
    for name, columns in tables.items():
        names = {c.column_name for c in columns}
        is_drawn = "geometry" in names or {"lon", "lat"} <= names
        for form in ("csv", "parquet", "json", *(["geojson"] if is_drawn else [])):
            paths[f"/{name}.{form}"] = {"get": _operation(name, form, columns)}
        paths[f"/{name}.metadata.json"] = {
            "get": {
                "operationId": f"{name}_metadata",
                "summary": f"What the columns of {name} mean, their sources and licences",
                "responses": {"200": {"description": "The description"}},
            }
        }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Hinterland",
            "version": __version__,
            "summary": "Tables of Europe's regions and towns at stable addresses",
            "description": (
                "Missing is null or an empty cell, never zero. Each answer has an ETag. A column "
                "asks for values (country=DE,FR), with .min and .max for a range, with .known=yes "
                "for rows that have a value. Attribution and licences stand in the metadata."
            ),
        },
        "servers": [{"url": root}],
        "paths": paths,
    }


def _operation(table: str, form: str, columns: Sequence[Column]) -> dict[str, Any]:
    texts = _COMMON | (_CSV if form == "csv" else {})
    parameters = [_parameter(name, text, "string") for name, text in texts.items()]
    for column in columns:
        kind = _TYPES.get(column.data_type)
        if kind is None:
            continue
        name, text = column.column_name, column.label or column.column_name
        parameters.append(_parameter(name, text, "string", column.allowed))
        if kind in ("integer", "number"):
            unit = f", {column.unit}" if column.unit else ""
            parameters.append(_parameter(f"{name}.min", f"{text}: at least{unit}", "number"))
            parameters.append(_parameter(f"{name}.max", f"{text}: at most{unit}", "number"))
    return {
        "operationId": f"{table}_{form}",
        "summary": f"Rows of {table} as .{form}",
        "parameters": parameters,
        "responses": {
            "200": {"description": "The rows"},
            "304": {"description": "As before"},
            "400": {"description": "A word or value is not allowed; the answer says what is"},
            "413": {"description": "Too many rows for one answer"},
        },
    }


def _parameter(name: str, text: str, kind: str, allowed: str = "") -> dict[str, Any]:
    known = f" One or more of {allowed.replace('|', ', ')}." if allowed else ""
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": f"{text}.{known}" if known else text,
        "schema": {"type": kind},
    }
