"""The page of a table at ``/api/<table>``: what it holds, for people and for search engines."""

from __future__ import annotations

from html import escape

from pipelines.serve import dcat
from pipelines.serve.describe import columns as described
from pipelines.serve.export_notes import notes
from pipelines.serve.store import Store

_STYLE = (
    ":root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;"
    "margin:2rem auto;padding:0 1rem}table{border-collapse:collapse;width:100%;font-size:.9rem}"
    "th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid #8884}"
)


def page(store: Store, table: str, root: str) -> str:
    """Return the HTML of a table's page, with a ``Dataset`` of schema.org in its head.

    Parameters
    ----------
    store : Store
    table : str
        A mart.
    root : str
        Path of the addresses, like ``/api``.

    Raises
    ------
    UnknownTable
        There is no such table.
    """
    columns = [c for c in described(store, table) if c.data_type != "BLOB"]
    facts = notes(store, table)
    links = " · ".join(
        f'<a href="{root}/{table}.{form}">.{form}</a>'
        for form in (*dcat.forms(described(store, table)), "metadata.json")
    )
    rows = "".join(
        f"<tr><th scope=row><code>{escape(c.column_name)}</code></th><td>{escape(c.label)}</td>"
        f"<td>{escape(c.unit)}</td><td>{escape(c.definition)}</td></tr>"
        for c in columns
    )
    told = "".join(
        f"<p>{name.capitalize()}: {escape(facts[name])}</p>"
        for name in ("attribution", "licence", "database", "missing_values")
    ).replace("Missing_values", "Missing values")
    title = escape(dcat.title(table))
    described_as = dcat.script(dcat.schema_org(store, table, root))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="describedby" type="application/ld+json" href="{root}/catalogue.jsonld">'
        f'<script type="application/ld+json">{described_as}</script>'
        f"<style>{_STYLE}</style></head><body><main><h1>{title}</h1>"
        f"<p>{escape(dcat.description(store, table).partition('. Columns')[0])}.</p><p>{links}</p>"
        "<table><thead><tr><th scope=col>Column<th scope=col>Label<th scope=col>Unit"
        f"<th scope=col>Definition</tr></thead><tbody>{rows}</tbody></table>{told}"
        "</main></body></html>"
    )
