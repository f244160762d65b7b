"""Write a table of Arrow to each kind of file, with the notes that must travel with it.

Formulas are guarded in files that spreadsheets read; lists become one text; what is no number
is missing.
"""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.core.errors import InputError
from pipelines.io.guard import guard_column, guarded

# What a CSV file does not need is imported where it is used: the libraries of frames and outlines
# take longer to import than most tables to write.
if TYPE_CHECKING:
    import numpy as np
    from geopandas import GeoDataFrame

#: A workbook takes some 80 microseconds a cell to write and far more to open.
XLSX_ROWS = 100_000
_BATCH = 20_000
# Characters; a wider cell runs on, or is wrapped on the sheets of texts.
_WIDEST, _WIDEST_TEXT = 34, 70
_LINE = 15  # points
_NUMBERS = {
    pa.int8(): "Int8Dtype",
    pa.int16(): "Int16Dtype",
    pa.int32(): "Int32Dtype",
    pa.int64(): "Int64Dtype",
    pa.bool_(): "BooleanDtype",
}


def has_geometry(data: pa.Table) -> bool:
    """Tell whether a table has outlines, or points of lon and lat."""
    names = set(data.schema.names)
    return "geometry" in names or {"lon", "lat"} <= names


def shapes_of(data: pa.Table, table: str) -> np.ndarray[Any, Any]:
    """Return the geometry of each row in EPSG:4326, None where there is none.

    Raises
    ------
    InputError
        The table has neither outlines nor points.
    """
    import numpy as np
    import shapely

    if not has_geometry(data):
        raise InputError(f"table '{table}' has no geometry; export it to .csv, .parquet or .xlsx")
    if "geometry" in data.schema.names:
        return np.asarray(shapely.from_wkb(data["geometry"].to_numpy()))
    lon, lat = (data[name].to_numpy() for name in ("lon", "lat"))
    is_known = ~(np.isnan(lon) | np.isnan(lat))
    return np.asarray(np.where(is_known, shapely.points(lon, lat), None))


def to_geo(data: pa.Table, table: str) -> GeoDataFrame:
    """Return a mart with geometry in EPSG:4326: outlines, or points of lon and lat.

    Raises
    ------
    InputError
        The table has neither.
    """
    import geopandas as gpd
    import pandas as pd

    shapes = shapes_of(data, table)
    kinds = {kind: getattr(pd, name)() for kind, name in _NUMBERS.items()}
    frame = flat_lists(_attributes(data)).to_pandas(types_mapper=kinds.get)
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=4326)


def flat_lists(data: pa.Table) -> pa.Table:
    """Return a table whose lists are one text: numbers with a blank, texts with ``;`` between."""
    for place, item in enumerate(data.schema):
        if pa.types.is_list(item.type):
            mark = ";" if pa.types.is_string(item.type.value_type) else " "
            texts = [None if not v else mark.join(map(str, v)) for v in data[item.name].to_pylist()]
            data = data.set_column(place, item.name, pa.array(texts, pa.string()))
    return data


def without_outlines(data: pa.Table) -> pa.Table:
    """Return a table that can be shown: no outlines, a list as one text."""
    return flat_lists(_without_geometry(data))


def _attributes(data: pa.Table) -> pa.Table:
    return data.drop_columns(["geometry"]) if "geometry" in data.schema.names else data


def _without_geometry(data: pa.Table) -> pa.Table:
    """Return a table without outlines, whatever their column is called."""
    blobs = [f.name for f in data.schema if pa.types.is_binary(f.type)]
    return data.drop_columns(blobs) if blobs else data


def _without_nan(data: pa.Table) -> pa.Table:
    """Return a table in which what is no number is missing."""
    for place, item in enumerate(data.schema):
        if pa.types.is_floating(item.type):
            column = data.column(place)
            if not pc.any(pc.is_nan(column)).as_py():
                continue
            gap = pc.if_else(pc.is_nan(column), pa.scalar(None, item.type), column)
            data = data.set_column(place, item.name, gap)
    return data


def for_spreadsheets(data: pa.Table) -> pa.Table:
    """Return the cells that a spreadsheet may read: no outline, no list, no formula."""
    plain = flat_lists(_without_nan(_without_geometry(data)))
    for place, item in enumerate(plain.schema):
        if pa.types.is_string(item.type):
            plain = plain.set_column(place, item.name, guard_column(plain.column(place)))
    return plain.rename_columns([str(guarded(name)) for name in plain.schema.names])


def write_csv(data: pa.Table, target: Path, table: str, facts: dict[str, str]) -> None:
    """Write UTF-8 CSV without geometry; formulas are guarded, texts stand in quotes."""
    import pyarrow.csv

    pyarrow.csv.write_csv(for_spreadsheets(data), target)


def write_xlsx(data: pa.Table, target: Path, table: str, facts: dict[str, str]) -> None:
    """Write a workbook: the data without geometry, and a sheet of notes.

    Raises
    ------
    InputError
        There are more rows than a workbook should hold.
    """
    write_workbook({table: data}, target, facts)


def write_workbook(
    tables: Mapping[str, pa.Table],
    target: Path,
    facts: dict[str, str],
    meaning: Mapping[str, pa.Table] = MappingProxyType({}),
) -> None:
    """Write a workbook: a sheet a table, by its name, sheets of meaning, and one of notes.

    A sheet's header stays in view and filters its rows; codes are text, numbers are numbers.

    Parameters
    ----------
    tables : mapping of str to Table
        Rows by the name of their sheet.
    target : Path
    facts : dict of str to str
        The sheet of notes.
    meaning : mapping of str to Table
        What columns and sources are, by the name of the sheet; long texts are wrapped. One that
        a table has is left out.

    Raises
    ------
    InputError
        A table has more rows than a workbook should hold.
    """
    import xlsxwriter

    for name, data in tables.items():
        if data.num_rows > XLSX_ROWS:
            raise InputError(
                f"table '{name}' has {data.num_rows:,} rows; a workbook takes {XLSX_ROWS:,}."
                " Narrow it, or export it to .csv or .parquet"
            )
    notes = pa.table({"note": list(facts), "text": list(facts.values())})
    told = {name: data for name, data in {**meaning, "notes": notes}.items() if name not in tables}
    # Row after row goes to the disk, and text is text whatever it looks like. The archive is put
    # together in memory: on a full disk its own object would complain again when it is collected.
    packed = io.BytesIO()
    with _told_by_disk(), xlsxwriter.Workbook(packed, {"constant_memory": True}) as book:
        bold = book.add_format({"bold": True, "bg_color": "#e8e5f0", "bottom": 1})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        for name, data in tables.items():
            _fill(book.add_worksheet(name[:31]), for_spreadsheets(data), bold, None)
        for name, data in told.items():
            _fill(book.add_worksheet(name), for_spreadsheets(data), bold, wrapped)
    target.write_bytes(packed.getbuffer())


def _fill(sheet: Any, data: pa.Table, bold: Any, wrapped: Any) -> None:
    """Write a header and rows, each cell by the type of its column."""
    sheet.freeze_panes(1, 0)
    rows, columns = data.num_rows, data.num_columns
    if rows and columns:
        sheet.autofilter(0, 0, rows, columns - 1)
        # A code like 0142 is meant as text.
        sheet.ignore_errors({"number_stored_as_text": f"A1:{_letters(columns)}{rows + 1}"})
    sheet.repeat_rows(0)
    if wrapped:
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
    widths = []
    for place, item in enumerate(data.schema):
        widths.append(_width(item.name, data.column(place), _WIDEST_TEXT if wrapped else _WIDEST))
        sheet.set_column(place, place, widths[-1], wrapped)
        sheet.write_string(0, place, item.name, bold)
    writers = [_cell_writer(sheet, item.type) for item in data.schema]
    number = 0
    for batch in data.to_batches(max_chunksize=_BATCH):
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            number += 1
            if wrapped:
                # LibreOffice does not make a row higher for a text that is wrapped.
                lines = (-(-len(str(v)) // w) for v, w in zip(row, widths, strict=True) if v)
                sheet.set_row(number, _LINE * max(lines, default=1))
            for place, (write, value) in enumerate(zip(writers, row, strict=True)):
                if value is not None:
                    write(number, place, value)


def _letters(number: int) -> str:
    """Return the name that a spreadsheet gives its n-th column, from 1."""
    text = ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def _width(name: str, column: pa.ChunkedArray, most: int) -> int:
    """Return how many characters wide a column is: its name, and its first values."""
    values = column.slice(0, 100).to_pylist()
    shown = [f"{v:.6g}" if isinstance(v, float) else str(v) for v in values if v is not None]
    # Two more for the button of the filter.
    return min(max(map(len, (f"{name}  ", *shown))) + 1, most)


def _cell_writer(sheet: Any, kind: pa.DataType) -> Callable[[int, int, Any], Any]:
    if pa.types.is_boolean(kind):
        write: Callable[[int, int, Any], Any] = sheet.write_boolean
    elif pa.types.is_integer(kind) or pa.types.is_floating(kind):
        write = sheet.write_number
    elif pa.types.is_string(kind):
        write = sheet.write_string
    else:
        return lambda row, place, value: sheet.write_string(row, place, str(value))
    return write


def described(data: pa.Table, meaning: Mapping[str, Mapping[str, str]]) -> pa.Table:
    """Return a table whose fields say what they are.

    Parameters
    ----------
    data : Table
    meaning : mapping of str to mapping of str to str
        Label, unit and description by the name of the column; empty ones are left out.
    """
    fields = [
        field.with_metadata({key: text for key, text in meaning[field.name].items() if text})
        if field.name in meaning
        else field
        for field in data.schema
    ]
    return data.cast(pa.schema(fields, data.schema.metadata))


def write_parquet(data: pa.Table, target: Path, table: str, facts: dict[str, str]) -> None:
    """Write Parquet, or GeoParquet where there is an outline; notes go into its metadata.

    What the fields of ``data`` say of themselves (:func:`described`) stays with them.
    """
    import pyarrow.parquet as pq

    said = {field.name: field.metadata for field in data.schema}
    if "geometry" in data.schema.names:
        to_geo(data, table).to_parquet(target, index=False, compression="zstd")
        data = pq.read_table(target)
    extra = {f"hinterland:{k}".encode(): v.encode() for k, v in facts.items()}
    fields = [field.with_metadata(said.get(field.name)) for field in data.schema]
    schema = pa.schema(fields, {**(data.schema.metadata or {}), **extra})
    pq.write_table(data.cast(schema), target, compression="zstd")


def write_geojson(data: pa.Table, target: Path, table: str, facts: dict[str, str]) -> None:
    """Write GeoJSON (RFC 7946), feature by feature; notes are members of the collection.

    Rings run counter-clockwise outside and clockwise around holes, and every feature has the
    row's key as its ``id``.
    """
    import shapely

    # GISCO's rings run the other way round.
    shapes = shapely.orient_polygons(shapes_of(data, table))
    keys = _feature_ids(data)
    plain = flat_lists(_without_nan(_attributes(data)))
    with target.open("w", encoding="utf-8") as file:
        file.write(f'{{"type": "FeatureCollection", "notes": {_json(facts)}, "features": [')
        start = 0
        for batch in plain.to_batches(max_chunksize=_BATCH):
            end = start + batch.num_rows
            drawn = shapely.to_geojson(shapes[start:end])
            _write_features(file, keys[start:end], batch, drawn, is_first=start == 0)
            start = end
        file.write("]}")


def _write_features(
    file: IO[str], keys: list[Any], batch: pa.RecordBatch, drawn: Any, *, is_first: bool
) -> None:
    mark = "" if is_first else ", "
    for key, row, shape in zip(keys, _rows(batch), drawn, strict=True):
        file.write(
            f'{mark}{{"type": "Feature", "id": {_json(key)}, "properties": {_json(row)}, '
            f'"geometry": {shape or "null"}}}'
        )
        mark = ", "


def _rows(batch: pa.RecordBatch) -> Iterator[dict[str, Any]]:
    names = batch.schema.names
    for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
        yield dict(zip(names, row, strict=True))


_json = json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=str).encode


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
    append_gpkg(data, target, table, facts, is_new=True)


def append_gpkg(
    data: pa.Table, target: Path, table: str, facts: dict[str, str], *, is_new: bool
) -> None:
    """Write a layer and its notes into a GeoPackage, a new one or one with other layers."""
    frame = to_geo(data, table)
    with _told_by_disk():
        frame.to_file(
            target,
            layer=table,
            driver="GPKG",
            engine="pyogrio",
            layer_metadata=facts,
            mode="w" if is_new else "a",
            # GDAL 3.6, which Debian's QGIS and R read with, warns of 1.4.
            **({"VERSION": "1.3"} if is_new else {}),
        )


@contextlib.contextmanager
def _told_by_disk() -> Iterator[None]:
    """Raise what libraries say of a full or failing disk as the ``OSError`` that it is."""
    import pyogrio.errors as gdal
    from xlsxwriter.exceptions import FileCreateError

    try:
        yield
    except (gdal.DataSourceError, gdal.FeatureError, gdal.DataLayerError) as error:
        raise OSError(str(error)) from error
    except FileCreateError as error:
        raise OSError(str(error.args[0] if error.args else error)) from error


WRITERS: dict[str, Callable[[pa.Table, Path, str, dict[str, str]], None]] = {
    "csv": write_csv,
    "parquet": write_parquet,
    "geojson": write_geojson,
    "gpkg": write_gpkg,
    "xlsx": write_xlsx,
}
