"""Marts as GeoParquet that engines beyond one machine read as it is.

Rows lie by place in small groups with their boxes in a column (``covering`` of GeoParquet
1.1), so that who asks for a window reads little; a folder a country, as Hive names it.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.core.errors import InputError
from pipelines.io.atomic import writing, writing_folder
from pipelines.serve import export, export_notes
from pipelines.serve.store import Store
from pipelines.serve.writers import flat_lists, has_geometry, shapes_of

#: By what a folder is split.
PARTITIONS = ("country",)
#: Rows of a group: a town's neighbours and little more, and still some 100 kB to fetch at once.
GROUP_ROWS = 10_000
#: What stands for a missing country in a folder's name, by Hive's convention.
NO_COUNTRY = "__HIVE_DEFAULT_PARTITION__"
#: What a table without a place of its own takes from its settlement.
_OF_TOWNS = ("country", "lon", "lat")


def geo_tables(store: Store) -> list[str]:
    """Return the marts that have a place and a country, themselves or by their settlement."""
    rows = store.rows(
        "select table_name as name, list(column_name) as columns from information_schema.columns "
        "where table_schema = 'marts' group by all order by 1"
    )
    return [row["name"] for row in rows if _has_place(set(row["columns"]))]


def _has_place(columns: set[str]) -> bool:
    own = "country" in columns and ("geometry" in columns or {"lon", "lat"} <= columns)
    return own or "geonameid" in columns


def export_geo(
    store: Store, table: str, target: Path, data: pa.Table | None = None, selection: str = ""
) -> int:
    """Write one mart, or rows of it, as one file of GeoParquet 1.1; return the number of rows.

    Raises
    ------
    InputError, UnknownTable, TargetUnwritable
        The ending is not .parquet, the table has no place, or the target cannot be written.
    """
    if target.suffix.lower() != ".parquet":
        raise InputError(f"{target.name}: --geo writes .parquet, or a folder with --partition")
    placed, joined = _placed(store, table, data)
    facts = export_notes.notes(store, table, selection or "everything", joined)
    with writing(target) as draft:
        _write(_by_place(placed), draft, facts)
    return int(placed.num_rows)


def export_partitioned(
    store: Store,
    folder: Path,
    tables: list[str] | None = None,
    data: pa.Table | None = None,
    selection: str = "",
) -> dict[str, int]:
    """Write marts as GeoParquet in a folder a table and country; return the rows of each table.

    In the folder stand ``<table>/country=XX/<table>.parquet``, for each table a
    ``<table>.readme.txt`` with sources, licences and columns, and ``datapackage.json``. A
    file holds no column ``country``: its folder says it, as Hive, DuckDB and Spark expect.
    The folder appears complete or not at all.

    Parameters
    ----------
    store : Store
    folder : Path
        Not there yet, or empty.
    tables : list of str, optional
        Default: those of :func:`geo_tables`.
    data : Table, optional
        Rows of the one table, read before.
    selection : str
        How they were narrowed.

    Raises
    ------
    InputError, UnknownTable, TargetUnwritable
    """
    rows = {}
    with writing_folder(folder) as draft:
        resources: list[dict[str, Any]] = []
        for table in tables or geo_tables(store):
            placed, joined = _placed(store, table, data)
            facts = export_notes.notes(store, table, selection or "everything", joined)
            resources += _write_parts(placed, draft, table, facts)
            text = export_notes.readme_text(store, table, facts, joined)
            (draft / f"{table}.readme.txt").write_text(text, "utf-8")
            rows[table] = int(placed.num_rows)
        package = export.package_head(store) | {"resources": resources}
        content = json.dumps(package, indent=2, ensure_ascii=False)
        (draft / "datapackage.json").write_text(content + "\n", "utf-8")
    return rows


def _placed(
    store: Store, table: str, data: pa.Table | None
) -> tuple[pa.Table, export_notes.Joined]:
    """Return a mart with a place and a country, and what of it is another's.

    Raises
    ------
    InputError
        It has none, nor a settlement that has.
    """
    data = export.read_mart(store, table) if data is None else data
    names = set(data.schema.names)
    if not _has_place(names):
        allowed = ", ".join(geo_tables(store))
        raise InputError(f"table '{table}' has no place; --geo takes {allowed}")
    if has_geometry(data) and "country" in names:
        return data, ()
    missing = [name for name in _OF_TOWNS if name not in names]
    towns = store.arrow(f"select geonameid, {', '.join(missing)} from marts.towns")  # noqa: S608
    order = pc.index_in(data["geonameid"], towns["geonameid"].combine_chunks())
    for name in missing:
        data = data.append_column(name, pc.take(towns[name].combine_chunks(), order))
    return data, [("towns", name) for name in missing]


def _by_place(data: pa.Table) -> pa.Table:
    """Return rows in order of a Hilbert curve through their middles, those without place last.

    Outlines and points come as WKB in the column ``geometry``.
    """
    import geopandas as gpd
    import shapely

    shapes = shapes_of(data, "")
    middle = shapely.centroid(shapes)
    is_known = ~(shapely.is_missing(middle) | shapely.is_empty(middle))
    curve = np.full(len(shapes), np.inf)
    if is_known.any():
        curve[is_known] = gpd.GeoSeries(middle[is_known]).hilbert_distance()
    order = np.argsort(curve, kind="stable")
    if "geometry" in data.schema.names:
        data = data.drop_columns(["geometry"])
    wkb = pa.array(shapely.to_wkb(shapes).tolist(), pa.binary())
    return flat_lists(data).append_column("geometry", wkb).take(pa.array(order))


def _write_parts(
    placed: pa.Table, folder: Path, table: str, facts: dict[str, str]
) -> Iterator[dict[str, Any]]:
    """Write the file of each country, and yield what the package says of it."""
    for country in sorted(pc.unique(placed["country"]).to_pylist(), key=str):
        is_own = (
            pc.is_null(placed["country"])
            if country is None
            else pc.equal(placed["country"], country)
        )
        path = folder / table / f"country={country or NO_COUNTRY}" / f"{table}.parquet"
        path.parent.mkdir(parents=True)
        own = placed.filter(is_own)
        _write(_by_place(own).drop_columns(["country"]), path, facts)
        yield _resource(folder, path, country, own.num_rows)


def _write(data: pa.Table, target: Path, facts: dict[str, str]) -> None:
    """Write GeoParquet 1.1 with a column of boxes; notes go into its metadata.

    GeoPandas writes geometry, boxes and what the file says of them; the other columns keep
    the types of Arrow, so that the files of all countries have one schema.
    """
    import geopandas as gpd

    places = gpd.GeoDataFrame(
        geometry=gpd.GeoSeries.from_wkb(data["geometry"].to_numpy(), crs=4326)
    )
    box = io.BytesIO()
    places.to_parquet(box, index=False, schema_version="1.1.0", write_covering_bbox=True)
    written = pq.read_table(box)
    whole = data.drop_columns(["geometry"])
    for name in ("geometry", "bbox"):
        whole = whole.append_column(written.schema.field(name), written[name])
    own = {f"hinterland:{k}".encode(): v.encode() for k, v in facts.items()}
    meta = {b"geo": written.schema.metadata[b"geo"], **own}
    pq.write_table(
        whole.replace_schema_metadata(meta), target, compression="zstd", row_group_size=GROUP_ROWS
    )


def _resource(folder: Path, path: Path, country: str | None, rows: int) -> dict[str, Any]:
    """Return what the package says of one file."""
    content = path.read_bytes()
    return {
        "name": f"{path.stem}-{(country or 'none').lower()}".replace("_", "-"),
        "type": "file",
        "path": path.relative_to(folder).as_posix(),
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "country": country,
        "row_count": rows,
    }
