"""What travels with a file: sources, licences, version, selection, and what its columns mean."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from pipelines.serve import dictionary
from pipelines.serve.store import Store

#: What to know before a CSV is opened in a spreadsheet.
SPREADSHEETS = (
    "Text that a spreadsheet could run as a formula begins with an apostrophe.",
    "Opened by a double click, a spreadsheet makes dates of codes such as DEC01, drops the zeros "
    "before a code such as 0142, and may garble accents: take the .xlsx file, or import this one "
    "(Data, From Text/CSV) as UTF-8 with its codes as text.",
)

Joined = Sequence[tuple[str, str]]


def columns(store: Store, table: str, joined: Joined = ()) -> list[dict[str, Any]]:
    """Return the columns of a mart, and those of others beside them, as the dictionary has them.

    Picked here: the first query with a parameter makes DuckDB import pandas.
    """
    rows = store.rows(
        "select table_name, column_name, unit, data_type, definition, "
        "coalesce(sources, '') as sources from marts.indicators order by table_name, position"
    )
    own = [row for row in rows if row["table_name"] == table]
    others = set(joined)
    return own + [row for row in rows if (row["table_name"], row["column_name"]) in others]


def notes(
    store: Store, table: str, selection: str = "everything", joined: Joined = ()
) -> dict[str, str]:
    """Return what must travel with an export: sources, licences, version and selection."""
    names = {
        name for column in columns(store, table, joined) for name in column["sources"].split(", ")
    }
    return notes_of(store, table, names, selection)


def notes_of(store: Store, title: str, names: Collection[str], selection: str) -> dict[str, str]:
    """Return what must travel with a file that rests on some sources, by their names."""
    sources = store.rows(
        "select name, attribution, licence, licence_url from marts.sources "
        "where is_present or kind != 'fetched' order by name"
    )
    rows = [row for row in sources if row["name"] in names]
    pointer = store.pointer
    return {
        "title": f"Hinterland: {title}",
        "attribution": " | ".join(dict.fromkeys(r["attribution"] for r in rows)),
        "licence": " | ".join(dict.fromkeys(f"{r['licence']} ({r['licence_url']})" for r in rows)),
        "changes": "Joined, added up and classified by Hinterland; see the data dictionary.",
        "selection": selection,
        "database": f"{pointer.hash}, built {pointer.built_at}",
        "program": f"Hinterland {pointer.program_version}",
        "exported": date.today().isoformat(),
        "missing_values": "An empty cell or null means no data, never zero.",
    }


def readme_text(store: Store, table: str, facts: dict[str, str], joined: Joined = ()) -> str:
    """Return the companion text of a file that cannot carry notes; outlines are no column of it."""
    lines = [facts["title"], ""]
    lines += [f"{key}: {value}" for key, value in facts.items() if key != "title"]
    lines += ["", *SPREADSHEETS, ""]
    lines += ["Columns", ""]
    for c in columns(store, table, joined):
        if c["data_type"] == "BLOB":
            continue
        unit = f" [{c['unit']}]" if c["unit"] else ""
        lines.append(f"{c['column_name']}{unit}: {c['definition']}")
    return "\n".join(lines) + "\n"


def sheets(
    store: Store, table: str, names: Collection[str], joined: Joined = ()
) -> dict[str, pa.Table]:
    """Return what a workbook says of its data: the columns in it, and their sources.

    Parameters
    ----------
    store : Store
    table : str
        The mart.
    names : collection of str
        Columns of the file.
    joined : sequence of (str, str)
        Mart and name of columns of other marts among them.

    Returns
    -------
    dict of str to Table
        ``dictionary`` (a row a column) and ``sources`` (a row a source that is in use).
    """
    others = set(joined)
    known = [
        row
        for row in store.rows(
            "select table_name, column_name as column, label, unit, data_type as type, definition, "
            "allowed, sources, licence from marts.indicators order by table_name, position"
        )
        if row["column"] in names
        and (row["table_name"] == table or (row["table_name"], row["column"]) in others)
        and row["type"] != "BLOB"
    ]
    used = {name for row in known for name in (row["sources"] or "").split(", ")}
    sources = store.arrow(
        "select name, title, publisher, version, vintage, retrieved, licence, licence_url, "
        "attribution, citation, url from marts.sources "
        "where is_present or kind != 'fetched' order by name"
    )
    is_used = [name in used for name in sources["name"].to_pylist()]
    meaning = pa.Table.from_pylist(known, schema=_DICTIONARY)
    return {"dictionary": meaning, "sources": sources.filter(pa.array(is_used, pa.bool_()))}


_DICTIONARY = pa.schema(
    [
        (name, pa.string())
        for name in (
            "column",
            "label",
            "unit",
            "type",
            "definition",
            "allowed",
            "sources",
            "licence",
        )
    ]
)


def meaning(
    store: Store, table: str, names: Collection[str], joined: Joined = ()
) -> dict[str, dict[str, str]]:
    """Return ``label``, ``unit`` and ``description`` of the columns that the dictionary has."""
    fields = dictionary.fields(store)
    places = {name: other for other, name in joined}
    known = {n: fields.get((table, n)) or fields.get((places.get(n, ""), n)) for n in names}
    return {
        name: {"label": field.label, "unit": field.unit, "description": field.definition}
        for name, field in known.items()
        if field
    }


def headings(store: Store, table: str, names: Sequence[str], joined: Joined = ()) -> list[str]:
    """Return label and unit of columns; with the name where two would be called the same.

    A column that the dictionary does not have keeps its name.
    """
    fields = dictionary.fields(store)
    places = {name: other for other, name in joined}
    texts = []
    for name in names:
        field = fields.get((table, name)) or fields.get((places.get(name, ""), name))
        label = field.label if field else name
        texts.append(f"{label} [{field.unit}]" if field and field.unit else label)
    return [
        f"{text} ({name})" if texts.count(text) > 1 else text
        for name, text in zip(names, texts, strict=True)
    ]
