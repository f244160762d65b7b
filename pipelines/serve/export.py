"""Export marts to files that carry their attribution, and the whole data package."""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipelines.core import countries
from pipelines.core.errors import HinterlandError, InputError, UnknownTable
from pipelines.io.atomic import writing, writing_folder
from pipelines.serve import dictionary
from pipelines.serve.export_notes import (
    SPREADSHEETS,
    Joined,
    headings,
    meaning,
    notes,
    readme_text,
    sheets,
)
from pipelines.serve.store import Store
from pipelines.serve.writers import WRITERS, described, has_geometry, write_workbook

FORMATS = ("csv", "parquet", "geojson", "gpkg", "xlsx")
#: Written with the optional package pyreadstat.
LABELLED = ("dta", "sav")
_HEADED = ("csv", "xlsx")


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


def export_file(
    store: Store,
    table: str,
    target: Path,
    data: pa.Table | None = None,
    selection: str = "everything",
    joined: Joined = (),
    *,
    has_labels: bool = False,
) -> int:
    """Write one mart, or rows of it, in the format of the target's ending.

    ``joined`` holds mart and name of each column of another mart that stands in ``data``.
    With ``has_labels`` the header of a CSV or workbook has labels and units in place of names.

    The file appears complete or not at all. A CSV, and a file of Stata or SPSS, gets a companion
    text with sources, licences and columns beside it (``<name>.readme.txt``).

    Raises
    ------
    InputError, UnknownTable, TargetUnwritable
        The ending is not allowed, there is no such table, or the target cannot be written.
    """
    suffix = target.suffix.lower().lstrip(".")
    if suffix not in (*FORMATS, *LABELLED):
        allowed = ", ".join(f".{f}" for f in (*FORMATS, *LABELLED))
        raise InputError(f"{target.name}: the ending is '.{suffix}', allowed are {allowed}")
    if has_labels and suffix not in _HEADED:
        raise InputError(
            f"{target.name}: a header of labels is for .csv and .xlsx; .dta and .sav always have "
            "labels beside names"
        )
    data = read_mart(store, table) if data is None else data
    facts = notes(store, table, selection, joined)
    with writing(target) as draft:
        _write(store, table, data, draft, facts, joined, has_labels)
        if suffix in ("csv", *LABELLED):
            with writing(target.with_suffix(".readme.txt")) as companion:
                companion.write_text(readme_text(store, table, facts, joined), encoding="utf-8")
    return int(data.num_rows)


def _write(
    store: Store,
    table: str,
    data: pa.Table,
    target: Path,
    facts: dict[str, str],
    joined: Joined = (),
    has_labels: bool = False,
) -> None:
    """Write rows by the target's ending, with what that kind of file can carry."""
    suffix = target.suffix.lower().lstrip(".")
    names = data.schema.names
    shown = data
    if has_labels:
        shown = data.rename_columns(headings(store, table, names, joined))
    if suffix in LABELLED:
        from pipelines.serve import labelled

        labelled.write(store, table, data, target, facts, joined)
    elif suffix == "xlsx":
        write_workbook({table: shown}, target, facts, sheets(store, table, names, joined))
    else:
        if suffix == "parquet":
            shown = described(shown, meaning(store, table, names, joined))
        WRITERS[suffix](shown, target, table, facts)
    if suffix == "gpkg":
        from pipelines.serve.geopackage import furnish

        furnish(store, target, {table: data}, joined)


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
    """Write every mart, ``datapackage.json`` (Frictionless) and ``dcat-ap.jsonld`` (DCAT-AP 3).

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
        package = package_head(store) | {"resources": resources}
        (draft / "README.md").write_text(_package_readme(package), encoding="utf-8")
        text = json.dumps(package, indent=2, ensure_ascii=False)
        (draft / "datapackage.json").write_text(text + "\n", encoding="utf-8")
        (draft / "dcat-ap.jsonld").write_text(_portal_text(store, resources), encoding="utf-8")
    return sorted(path.name for path in folder.iterdir())


def _portal_text(store: Store, resources: list[dict[str, Any]]) -> str:
    """Return the package's metadata for data portals; addresses are names in its own folder."""
    from pipelines.serve import dcat

    files: dict[str, list[str]] = {}
    for resource in resources:
        files.setdefault(resource["path"].rpartition(".")[0], []).append(resource["path"])
    return json.dumps(dcat.catalogue(store, files, ""), indent=2, ensure_ascii=False) + "\n"


def _package_table(store: Store, table: str, folder: Path) -> list[dict[str, Any]]:
    data = read_mart(store, table)
    facts = notes(store, table)
    terms = _terms(store, table)
    resources = []
    for suffix in ("csv", "parquet", "gpkg"):
        if suffix == "gpkg" and not has_geometry(data):
            continue
        target = folder / f"{table}.{suffix}"
        _write(store, table, data, target, facts)
        content = target.read_bytes()
        resource: dict[str, Any] = {
            "name": f"{table}-{suffix}" if suffix != "csv" else table,
            "type": "table" if suffix == "csv" else "file",
            "path": target.name,
            "title": f"Hinterland: {table.replace('_', ' ')}",
            "description": _purpose(store, table)["description"],
            **terms,
            "format": suffix,
            "bytes": len(content),
            "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        }
        if suffix == "csv":
            resource |= {
                "profile": "tabular-data-resource",
                "encoding": "utf-8",
                "schema": _table_schema(store, table, data),
            }
        resources.append(resource)
    return resources


def _purpose(store: Store, table: str) -> dict[str, Any]:
    """Return description and primary key of a mart, as its model states them."""
    rows = store.rows(
        "select description, primary_key from marts.models where table_name = ?",
        [f"marts.{table}"],
    )
    return rows[0] if rows else {"description": "", "primary_key": []}


def _terms(store: Store, table: str) -> dict[str, Any]:
    """Return the sources of a mart and their licences, as Frictionless has them."""
    names = {n for f in dictionary.fields(store).values() if f.table == table for n in f.sources}
    return _sources_and_licences(
        row
        for row in store.rows(
            "select name, title, url, licence, licence_url, attribution from marts.sources "
            "where is_present order by name"
        )
        if row["name"] in names
    )


def _sources_and_licences(rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    rows = list(rows)
    licences = {r["licence"]: r["licence_url"] for r in rows}
    told = {
        "sources": [{"title": f"{r['title']}. {r['attribution']}", "path": r["url"]} for r in rows],
        "licenses": [{"title": title, "path": path} for title, path in licences.items() if path],
    }
    # Frictionless wants at least one of what is named.
    return {key: value for key, value in told.items() if value}


def _package_readme(package: dict[str, Any]) -> str:
    """Return what a reader of a package's folder should know first."""
    lines = [
        f"# {package['title']}",
        "",
        f"Database {package['version']}, built {package['created']}. `datapackage.json` describes "
        "every file and column (Frictionless Data Package), `dcat-ap.jsonld` the tables for data "
        "portals (DCAT-AP 3). An empty cell or null means no data, never zero.",
        "",
        "| table | what it holds | licences |",
        "|---|---|---|",
    ]
    for resource in package["resources"]:
        if resource["format"] == "csv":
            terms = "; ".join(one["title"] for one in resource.get("licenses", []))
            lines.append(f"| `{resource['name']}` | {resource['description']} | {terms} |")
    lines += ["", "## Sources", ""]
    lines += [f"- {one['title']} <{one['path']}>" for one in package["sources"]]
    lines += ["", "## Licences", ""]
    lines += [f"- {one['title']}: <{one['path']}>" for one in package["licenses"]]
    return "\n".join(lines) + "\n"


def _table_schema(store: Store, table: str, data: pa.Table) -> dict[str, Any]:
    columns = store.rows(
        "select column_name, label, unit, data_type, definition, allowed, "
        "coalesce(sources, '') as sources from marts.indicators "
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
        if c["sources"]:
            item["sources"] = c["sources"].split(", ")
        if item["type"] == "boolean":
            item |= {"trueValues": ["true"], "falseValues": ["false"]}
        if c["allowed"]:
            item["constraints"] = {"enum": c["allowed"].split("|")}
        fields.append(item)
    schema: dict[str, Any] = {"fields": fields, "missingValues": [""]}
    key = _purpose(store, table)["primary_key"]
    # A part of a key that may be missing makes none by the standard.
    if key and not any(data[name].null_count for name in key):
        schema["primaryKey"] = list(key)
    return schema


def package_head(store: Store) -> dict[str, Any]:
    """Return what a data package says of itself, but for its resources."""
    rows = store.rows(
        "select name, title, url, licence, licence_url, attribution from marts.sources "
        "where is_present order by name"
    )
    return {
        "profile": "data-package",
        "name": "hinterland",
        "title": "Hinterland: Europe's regions and towns",
        "version": store.pointer.hash,
        "created": store.pointer.built_at,
        **_sources_and_licences(rows),
    }
