"""Export marts to files that carry their attribution, and the whole data package."""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Collection, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipelines.core import countries
from pipelines.core.errors import HinterlandError, InputError, UnknownTable
from pipelines.io.atomic import writing, writing_folder
from pipelines.serve.store import Store
from pipelines.serve.writers import WRITERS, has_geometry

FORMATS = ("csv", "parquet", "geojson", "gpkg", "xlsx")

#: What to know before a CSV is opened in a spreadsheet.
SPREADSHEETS = (
    "Text that a spreadsheet could run as a formula begins with an apostrophe.",
    "Opened by a double click, a spreadsheet makes dates of codes such as DEC01, drops the zeros "
    "before a code such as 0142, and may garble accents: take the .xlsx file, or import this one "
    "(Data, From Text/CSV) as UTF-8 with its codes as text.",
)


def mart_names(store: Store) -> list[str]:
    """Return the tables that can be exported."""
    return store.column(
        "select table_name from information_schema.tables where table_schema = 'marts' order by 1"
    )


def read_mart(
    store: Store, table: str, level: int | None = None, country: str | None = None
) -> pa.Table:
    """Read one mart, narrowed to a level and a country where it has them.

    Raises
    ------
    UnknownTable
        No such mart.
    InputError
        The mart has no such column, or the country is not in it.
    """
    known = mart_names(store)
    if table not in known:
        raise UnknownTable(f"there is no table '{table}'; allowed are {', '.join(known)}")
    head = store.arrow(f'select * from marts."{table}" limit 0')  # noqa: S608 - checked above
    terms, values = [], {}
    for column, value in (("level", level), ("country", country)):
        if value is None:
            continue
        if column not in head.schema.names:
            raise InputError(
                f"table '{table}' has no column '{column}', so --{column} cannot be used"
            )
        terms.append(f"{column} = ${column}")
        values[column] = value
    where = f" where {' and '.join(terms)}" if terms else ""
    result = store.arrow(f'select * from marts."{table}"{where}', values)  # noqa: S608
    if country is not None and not result.num_rows:
        known = store.column(
            f'select distinct country from marts."{table}" where country is not null'  # noqa: S608
        )
        raise InputError(
            f"--country {country}: no rows in '{table}'; {countries.allowed(country, known)}"
        )
    return result


def equal(data: pa.Table, column: str, value: str) -> pa.ChunkedArray:
    """Tell which rows of a mart have a value."""
    import pyarrow.compute as pc

    return pc.equal(data[column], value)


Joined = Sequence[tuple[str, str]]


def _columns(store: Store, table: str, joined: Joined = ()) -> list[dict[str, Any]]:
    """Return the columns of a mart, and those of others beside them, as the dictionary has them.

    Picked here: the first query with a parameter makes DuckDB import pandas.
    """
    rows = store.rows(
        "select table_name, column_name, unit, data_type, definition, "
        "coalesce(sources, '') as sources "
        "from marts.indicators order by table_name, position"
    )
    own = [row for row in rows if row["table_name"] == table]
    others = set(joined)
    return own + [row for row in rows if (row["table_name"], row["column_name"]) in others]


def notes(
    store: Store, table: str, selection: str = "everything", joined: Joined = ()
) -> dict[str, str]:
    """Return what must travel with an export: sources, licences, version and selection."""
    names = {
        name for column in _columns(store, table, joined) for name in column["sources"].split(", ")
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
    """Return the companion text of a CSV, which can carry neither notes nor outlines."""
    columns = [c for c in _columns(store, table, joined) if c["data_type"] != "BLOB"]
    lines = [facts["title"], ""]
    lines += [f"{key}: {value}" for key, value in facts.items() if key != "title"]
    lines += ["", *SPREADSHEETS, ""]
    lines += ["Columns", ""]
    for c in columns:
        unit = f" [{c['unit']}]" if c["unit"] else ""
        lines.append(f"{c['column_name']}{unit}: {c['definition']}")
    return "\n".join(lines) + "\n"


def export_file(
    store: Store,
    table: str,
    target: Path,
    data: pa.Table | None = None,
    selection: str = "everything",
    joined: Joined = (),
) -> int:
    """Write one mart, or rows of it, in the format of the target's ending.

    ``joined`` holds mart and name of each column of another mart that stands in ``data``.

    The file appears complete or not at all. A CSV gets a companion text with sources,
    licences and columns beside it (``<name>.readme.txt``).

    Raises
    ------
    InputError, UnknownTable, TargetUnwritable
        The ending is not allowed, there is no such table, or the target cannot be written.
    """
    suffix = target.suffix.lower().lstrip(".")
    if suffix not in WRITERS:
        allowed = ", ".join(f".{f}" for f in FORMATS)
        raise InputError(f"{target.name}: the ending is '.{suffix}', allowed are {allowed}")
    data = read_mart(store, table) if data is None else data
    facts = notes(store, table, selection, joined)
    with writing(target) as draft:
        WRITERS[suffix](data, draft, table, facts)
        if suffix == "csv":
            with writing(target.with_suffix(".readme.txt")) as companion:
                companion.write_text(readme_text(store, table, facts, joined), encoding="utf-8")
    return int(data.num_rows)


def export_bytes(
    store: Store, table: str, suffix: str, data: pa.Table, selection: str, joined: Joined = ()
) -> bytes:
    """Return an export as bytes for a download; a CSV comes zipped with its companion."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / f"hinterland-{table}.{suffix}"
        export_file(store, table, target, data, selection, joined)
        if suffix != "csv":
            return target.read_bytes()
        archive = Path(folder) / "download.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as box:
            for path in (target, target.with_suffix(".readme.txt")):
                box.write(path, path.name)
        return archive.read_bytes()


def query_bytes(store: Store, query: str, rows: pa.Table) -> bytes:
    """Return the rows of a visitor's query as a zipped CSV with the query and all attributions."""
    sources = store.rows(
        "select attribution, licence, licence_url from marts.sources where is_present order by name"
    )
    facts = {
        "title": "Hinterland: rows of a query",
        "query": query,
        "attribution": " | ".join(dict.fromkeys(r["attribution"] for r in sources)),
        "licence": " | ".join(
            dict.fromkeys(f"{r['licence']} ({r['licence_url']})" for r in sources)
        ),
        "database": f"{store.pointer.hash}, built {store.pointer.built_at}",
        "exported": date.today().isoformat(),
    }
    lines = [f"{key}: {value}" for key, value in facts.items()]
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "hinterland-query.csv"
        WRITERS["csv"](rows, target, "query", facts)
        archive = Path(folder) / "download.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as box:
            box.write(target, target.name)
            box.writestr("hinterland-query.readme.txt", "\n".join((*lines, "", *SPREADSHEETS)))
        return archive.read_bytes()


_FRICTIONLESS = {
    "VARCHAR": "string",
    "BOOLEAN": "boolean",
    "DOUBLE": "number",
    "TINYINT": "integer",
    "SMALLINT": "integer",
    "INTEGER": "integer",
    "BIGINT": "integer",
    "DATE": "date",
    "DOUBLE[]": "string",
    "VARCHAR[]": "string",
}


def export_package(store: Store, folder: Path) -> list[str]:
    """Write every mart and ``datapackage.json`` (Frictionless Data Package).

    Each mart comes as CSV, described column by column, and as Parquet; marts with
    outlines or points also as GeoPackage. The folder appears complete or not at all.

    Raises
    ------
    TargetUnwritable
        The folder exists and is not empty, or cannot be written.
    """
    with writing_folder(folder) as draft:
        resources: list[dict[str, Any]] = []
        for table in mart_names(store):
            resources += _package_table(store, table, draft)
        package = _package_head(store) | {"resources": resources}
        text = json.dumps(package, indent=2, ensure_ascii=False)
        (draft / "datapackage.json").write_text(text + "\n", encoding="utf-8")
    return sorted(path.name for path in folder.iterdir())


def _package_table(store: Store, table: str, folder: Path) -> list[dict[str, Any]]:
    data = read_mart(store, table)
    facts = notes(store, table)
    resources = []
    for suffix in ("csv", "parquet", "gpkg"):
        if suffix == "gpkg" and not has_geometry(data):
            continue
        target = folder / f"{table}.{suffix}"
        WRITERS[suffix](data, target, table, facts)
        content = target.read_bytes()
        resource: dict[str, Any] = {
            "name": f"{table}-{suffix}" if suffix != "csv" else table,
            "type": "table" if suffix == "csv" else "file",
            "path": target.name,
            "format": suffix,
            "bytes": len(content),
            "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        }
        if suffix == "csv":
            resource |= {
                "profile": "tabular-data-resource",
                "encoding": "utf-8",
                "schema": _table_schema(store, table),
            }
        resources.append(resource)
    return resources


def _table_schema(store: Store, table: str) -> dict[str, Any]:
    columns = store.rows(
        "select column_name, label, unit, data_type, definition, allowed from marts.indicators "
        "where table_name = ? and data_type != 'BLOB' order by position",
        [table],
    )
    if not columns:
        raise HinterlandError(f"table '{table}' is not in the data dictionary")
    fields = []
    for c in columns:
        item = {
            "name": c["column_name"],
            "title": c["label"],
            "description": c["definition"],
            "type": _FRICTIONLESS[c["data_type"]],
        }
        if c["unit"]:
            item["unit"] = c["unit"]
        if item["type"] == "boolean":
            item |= {"trueValues": ["true"], "falseValues": ["false"]}
        if c["allowed"]:
            item["constraints"] = {"enum": c["allowed"].split("|")}
        fields.append(item)
    return {"fields": fields, "missingValues": [""]}


def _package_head(store: Store) -> dict[str, Any]:
    rows = store.rows(
        "select name, title, url, licence, licence_url, attribution from marts.sources "
        "where is_present order by name"
    )
    licences = {r["licence"]: r["licence_url"] for r in rows}
    return {
        "profile": "data-package",
        "name": "hinterland",
        "title": "Hinterland: Europe's regions and towns",
        "version": store.pointer.hash,
        "created": store.pointer.built_at,
        "sources": [{"title": f"{r['title']}. {r['attribution']}", "path": r["url"]} for r in rows],
        "licenses": [{"title": title, "path": path} for title, path in licences.items() if path],
    }
