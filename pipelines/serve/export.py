"""Export marts to files that carry their attribution, and the whole data package."""

from __future__ import annotations

import csv
import hashlib
import json
import math
import tempfile
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from pipelines.core import countries
from pipelines.core.errors import HinterlandError, InputError, UnknownTable
from pipelines.io.atomic import writing, writing_folder
from pipelines.io.guard import guard_text, guarded
from pipelines.serve.store import Store

# What a CSV file does not need is imported where it is used: the libraries of frames and outlines
# take longer to import than most tables to write.
if TYPE_CHECKING:
    import pandas as pd
    from geopandas import GeoDataFrame

_CSV_ROWS = 20_000  # rows that are Python's own values at a time
FORMATS = ("csv", "parquet", "geojson", "gpkg", "xlsx")


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


def _columns(store: Store, table: str) -> list[dict[str, Any]]:
    """Return the columns of a mart as the dictionary has them.

    Picked here: the first query with a parameter makes DuckDB import pandas.
    """
    rows = store.rows(
        "select table_name, column_name, unit, definition, coalesce(sources, '') as sources "
        "from marts.indicators order by table_name, position"
    )
    return [row for row in rows if row["table_name"] == table]


def notes(store: Store, table: str, selection: str = "everything") -> dict[str, str]:
    """Return what must travel with an export: sources, licences, version and selection."""
    names = {name for column in _columns(store, table) for name in column["sources"].split(", ")}
    sources = store.rows(
        "select name, attribution, licence, licence_url from marts.sources "
        "where is_present or kind != 'fetched' order by name"
    )
    rows = [row for row in sources if row["name"] in names]
    pointer = store.pointer
    return {
        "title": f"Hinterland: {table}",
        "attribution": " | ".join(dict.fromkeys(r["attribution"] for r in rows)),
        "licence": " | ".join(dict.fromkeys(f"{r['licence']} ({r['licence_url']})" for r in rows)),
        "changes": "Joined, added up and classified by Hinterland; see the data dictionary.",
        "selection": selection,
        "database": f"{pointer.hash}, built {pointer.built_at}",
        "program": f"Hinterland {pointer.program_version}",
        "exported": date.today().isoformat(),
        "missing_values": "An empty cell or null means no data, never zero.",
    }


def readme_text(store: Store, table: str, facts: dict[str, str]) -> str:
    """Return the companion text of a file that cannot carry notes itself."""
    columns = _columns(store, table)
    lines = [facts["title"], ""]
    lines += [f"{key}: {value}" for key, value in facts.items() if key != "title"]
    lines += ["", "Text that a spreadsheet could run as a formula begins with an apostrophe.", ""]
    lines += ["Columns", ""]
    for c in columns:
        unit = f" [{c['unit']}]" if c["unit"] else ""
        lines.append(f"{c['column_name']}{unit}: {c['definition']}")
    return "\n".join(lines) + "\n"


def to_geo(data: pa.Table, table: str) -> GeoDataFrame:
    """Return a mart with geometry in EPSG:4326: outlines, or points of lon and lat.

    Raises
    ------
    InputError
        The table has neither.
    """
    import geopandas as gpd
    import numpy as np
    import pandas as pd
    import shapely

    integers = {
        pa.int16(): pd.Int16Dtype(),
        pa.int32(): pd.Int32Dtype(),
        pa.int64(): pd.Int64Dtype(),
    }
    frame = flat_lists(data).to_pandas(types_mapper=integers.get)
    if "geometry" in frame:
        shapes = shapely.from_wkb(frame.pop("geometry").to_numpy())
    elif {"lon", "lat"} <= set(frame):
        shapes = shapely.points(frame["lon"], frame["lat"])
        shapes = np.where(frame["lon"].notna() & frame["lat"].notna(), shapes, None)
    else:
        raise InputError(f"table '{table}' has no geometry; export it to .csv, .parquet or .xlsx")
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=4326)


def flat_lists(data: pa.Table) -> pa.Table:
    """Return a table whose lists are one text: numbers with a blank, texts with ``;`` between."""
    for item in data.schema:
        if pa.types.is_list(item.type):
            mark = _mark(item.type)
            texts = [None if not v else mark.join(map(str, v)) for v in data[item.name].to_pylist()]
            place = data.schema.get_field_index(item.name)
            data = data.set_column(place, item.name, pa.array(texts, pa.string()))
    return data


def _plain(data: pa.Table) -> pd.DataFrame:
    import pandas as pd

    attributes = data.drop_columns(["geometry"]) if "geometry" in data.schema.names else data
    return guard_text(
        flat_lists(attributes).to_pandas(
            types_mapper={
                pa.int8(): pd.Int8Dtype(),
                pa.int16(): pd.Int16Dtype(),
                pa.int32(): pd.Int32Dtype(),
                pa.int64(): pd.Int64Dtype(),
                pa.bool_(): pd.BooleanDtype(),
            }.get
        )
    )


def write_csv(data: pa.Table, target: Path, table: str, facts: dict[str, str]) -> None:
    """Write UTF-8 CSV without geometry; formulas are guarded."""
    rows = data.drop_columns(["geometry"]) if "geometry" in data.schema.names else data
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(map(guarded, rows.column_names))
        for batch in rows.to_batches(max_chunksize=_CSV_ROWS):
            writer.writerows(zip(*map(_cells, batch.columns), strict=True))


def _cells(column: pa.Array) -> list[Any]:
    """Return the cells of a column; what is no number is missing, a list is one text."""
    values: list[Any] = column.to_pylist()
    if pa.types.is_floating(column.type):
        return [None if value is None or math.isnan(value) else value for value in values]
    if pa.types.is_list(column.type):
        mark = _mark(column.type)
        values = [None if not v else mark.join(map(str, v)) for v in values]
    elif not pa.types.is_string(column.type):
        return values
    known = {text: guarded(text) for text in set(values)}
    return [known[text] for text in values]


def _mark(kind: pa.DataType) -> str:
    """Return what stands between the values of a list: numbers a blank, texts ``;``."""
    return ";" if pa.types.is_string(kind.value_type) else " "


def write_xlsx(data: pa.Table, target: Path, table: str, facts: dict[str, str]) -> None:
    """Write a workbook: the data without geometry, and a sheet of notes."""
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    import pandas as pd

    with pd.ExcelWriter(target, engine="xlsxwriter", engine_kwargs={"options": options}) as book:
        _plain(data).to_excel(book, sheet_name=table[:31], index=False, freeze_panes=(1, 0))
        rows = pd.DataFrame(facts.items(), columns=["note", "text"])
        rows.to_excel(book, sheet_name="notes", index=False)


def write_parquet(data: pa.Table, target: Path, table: str, facts: dict[str, str]) -> None:
    """Write Parquet, or GeoParquet where there is an outline; notes go into its metadata."""
    import pyarrow.parquet as pq

    if "geometry" in data.schema.names:
        to_geo(data, table).to_parquet(target, index=False, compression="zstd")
        data = pq.read_table(target)
    extra = {f"hinterland:{k}".encode(): v.encode() for k, v in facts.items()}
    schema = data.schema.with_metadata({**(data.schema.metadata or {}), **extra})
    pq.write_table(data.cast(schema), target, compression="zstd")


def write_geojson(data: pa.Table, target: Path, table: str, facts: dict[str, str]) -> None:
    """Write GeoJSON (RFC 7946); notes are members of the collection.

    Rings run counter-clockwise outside and clockwise around holes, and every feature has the
    row's key as its ``id``.
    """
    import shapely

    frame = to_geo(data, table)
    # GISCO's rings run the other way round.
    frame = frame.set_geometry(shapely.orient_polygons(frame.geometry.to_numpy()), crs=frame.crs)
    content = json.loads(frame.to_json(na="null", drop_id=True))
    content.pop("crs", None)
    for feature, key in zip(content["features"], _feature_ids(data), strict=True):
        feature["id"] = key
    text = json.dumps({"type": content.pop("type"), "notes": facts, **content}, ensure_ascii=False)
    target.write_text(text, encoding="utf-8")


def _feature_ids(data: pa.Table) -> list[Any]:
    """Return the key of each row: its first column, or its first few with ``/`` between.

    Marts begin with their primary key.
    """
    first: list[Any] = data.column(0).to_pylist()
    if len(set(first)) == len(first):
        return first
    columns = [data.column(i).to_pylist() for i in range(min(3, data.num_columns))]
    for count in range(2, len(columns) + 1):
        keys = ["/".join(map(str, row)) for row in zip(*columns[:count], strict=True)]
        if len(set(keys)) == len(keys):
            return keys
    return [str(number) for number in range(1, data.num_rows + 1)]


def write_gpkg(data: pa.Table, target: Path, table: str, facts: dict[str, str]) -> None:
    """Write a GeoPackage with one layer and its notes as layer metadata."""
    to_geo(data, table).to_file(
        target, layer=table, driver="GPKG", engine="pyogrio", layer_metadata=facts
    )


_WRITERS: dict[str, Callable[[pa.Table, Path, str, dict[str, str]], None]] = {
    "csv": write_csv,
    "parquet": write_parquet,
    "geojson": write_geojson,
    "gpkg": write_gpkg,
    "xlsx": write_xlsx,
}


def export_file(
    store: Store,
    table: str,
    target: Path,
    data: pa.Table | None = None,
    selection: str = "everything",
) -> int:
    """Write one mart, or rows of it, in the format of the target's ending.

    The file appears complete or not at all. A CSV gets a companion text with sources,
    licences and columns beside it (``<name>.readme.txt``).

    Raises
    ------
    InputError, UnknownTable, TargetUnwritable
        The ending is not allowed, there is no such table, or the target cannot be written.
    """
    suffix = target.suffix.lower().lstrip(".")
    if suffix not in _WRITERS:
        allowed = ", ".join(f".{f}" for f in FORMATS)
        raise InputError(f"{target.name}: the ending is '.{suffix}', allowed are {allowed}")
    data = read_mart(store, table) if data is None else data
    facts = notes(store, table, selection)
    with writing(target) as draft:
        _WRITERS[suffix](data, draft, table, facts)
        if suffix == "csv":
            with writing(target.with_suffix(".readme.txt")) as companion:
                companion.write_text(readme_text(store, table, facts), encoding="utf-8")
    return int(data.num_rows)


def export_bytes(store: Store, table: str, suffix: str, data: pa.Table, selection: str) -> bytes:
    """Return an export as bytes for a download; a CSV comes zipped with its companion."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / f"hinterland-{table}.{suffix}"
        export_file(store, table, target, data, selection)
        if suffix != "csv":
            return target.read_bytes()
        archive = Path(folder) / "download.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as box:
            for path in (target, target.with_suffix(".readme.txt")):
                box.write(path, path.name)
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
        target = folder / f"{table}.{suffix}"
        try:
            _WRITERS[suffix](data, target, table, facts)
        except InputError:
            continue  # a table without geometry has no GeoPackage
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
            item |= {"trueValues": ["True"], "falseValues": ["False"]}
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
