"""Writes the reference part of ``docs/catalogue.md`` from the schema."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipelines.catalogue.schema import Column, Schema, read_schema

START = (
    "<!-- from here on made from geodata/catalogue/schema.toml: python -m pipelines.catalogue -->"
)
_TYPES = {
    "id": "short name",
    "list": f"values separated by `{';'}`",
    "boolean": "yes or no",
    "geonameid": "GeoNames identifier",
    "nuts3": "NUTS-3 code, 2021",
    "longitude": "degrees east",
    "latitude": "degrees north",
    "url": "web address",
    "integer": "whole number",
}


def reference(schema: Schema) -> str:
    """Return the reference of all tables and closed lists as Markdown."""
    return "\n".join([START, "", *_tables(schema), *_lists(schema)]).rstrip() + "\n"


def _tables(schema: Schema) -> Iterator[str]:
    """Yield the lines on tables."""
    yield "## Tables"
    yield ""
    for table in schema.tables.values():
        yield f"### {table.title}"
        yield ""
        file = f"`{table.file}`" if table.file else "Your own file"
        keys = ", ".join(f"`{name}`" for name in table.primary_key)
        yield f"{file}, table `{table.name}`. {table.description} Key: {keys}."
        yield ""
        yield "| column | holds | must | meaning |"
        yield "|---|---|---|---|"
        for column in table.columns.values():
            holds, must = _holds(column), _must(column)
            yield f"| `{column.name}` | {holds} | {must} | {column.description} |"
        yield ""


def _holds(column: Column) -> str:
    """Say what a column holds."""
    text = _TYPES.get(column.type, column.type)
    if column.closed_list:
        text += f", from [{column.closed_list}](#list-{column.closed_list})"
    if column.references:
        text += f", from `{column.references}`"
    return text


def _must(column: Column) -> str:
    """Say when a column must be filled."""
    if column.required:
        return "yes"
    parts = [f"`{other}` is {' or '.join(v)}" for other, v in column.required_when.items()]
    return "if " + " or ".join(parts) if parts else ""


def _lists(schema: Schema) -> Iterator[str]:
    """Yield the lines on closed lists."""
    yield "## Closed lists"
    yield ""
    for entry in schema.lists.values():
        yield f'<a id="list-{entry.name}"></a>'
        yield f"### {entry.title}"
        yield ""
        yield f"List `{entry.name}`."
        yield ""
        yield "| value | meaning |"
        yield "|---|---|"
        for value, meaning in entry.values.items():
            yield f"| `{value}` | {meaning} |"
        yield ""


def rewrite(page: Path, folder: Path) -> str:
    """Return the page with its reference part made anew; what stands above is kept."""
    head = page.read_text(encoding="utf-8").split(START)[0]
    return head + reference(read_schema(folder))
