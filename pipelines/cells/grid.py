"""The cells that are given: Parquet in chunks, each checked before anything is measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pipelines.core.findings import Finding, refusal, refuse
from pipelines.geo.gridcodes import FORMS, middles
from pipelines.geo.projection import from_laea
from pipelines.io.matrices import digest_of
from pipelines.io.texts import ID_CHARACTERS

#: More people than any cell of a grid holds: a number above is a code or a sum.
MOST_PEOPLE = 100_000_000
_SHOWN = 5  # findings of one kind in one chunk
_MEMORY = "1GB"  # of the search for ids that come twice, which goes to the disk beyond

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class GridColumns:
    """What the columns of a grid are called; without an id the code is one."""

    cell_id: str = "cell_id"
    people: str = "people"
    lon: str = "lon"
    lat: str = "lat"
    code: str = "grid_code"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Which columns of a grid are read: ``place`` is the code's, or longitude's and latitude's."""

    cell_id: str
    people: str
    place: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        """The columns to read, each once."""
        return list(dict.fromkeys((self.cell_id, self.people, *self.place)))


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells of one chunk as arrays of shape (n,); degrees of EPSG:4326."""

    cell_id: pa.Array
    people: Floats
    lon: Floats
    lat: Floats


def layout_of(name: str, schema: pa.Schema, columns: GridColumns) -> Layout:
    """Choose the columns of a grid, and check their types.

    Raises
    ------
    InputError
        A column is missing or of another type; the places are in another projection.
    """
    names = set(schema.names)
    has_points = {columns.lon, columns.lat} <= names
    place = (columns.code,) if columns.code in names else (columns.lon, columns.lat)
    cell_id = columns.cell_id if columns.cell_id in names else columns.code
    missing = [column for column in (cell_id, *place, columns.people) if column not in names]
    if missing:
        allowed = (
            f"{columns.cell_id}, {columns.people}, and {columns.lon} and {columns.lat} in degrees "
            f"or {columns.code} ({FORMS}); options name other columns"
        )
        listed = ", ".join(dict.fromkeys(missing))
        raise refuse(name, f"no column {listed}", found=", ".join(schema.names), allowed=allowed)
    if has_points and columns.code not in names:
        _check_projection(name, schema)
    numbers = (columns.people, *(place if len(place) == 2 else ()))
    texts = (cell_id, *(place if len(place) == 1 else ()))
    for column in (*numbers, *texts):
        kind = schema.field(column).type
        is_number = pa.types.is_floating(kind) or pa.types.is_integer(kind)
        is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
        is_id = column == columns.cell_id and pa.types.is_integer(kind)
        if not (is_number if column in numbers else is_text or is_id):
            allowed = "numbers" if column in numbers else "text"
            raise refusal([Finding(name, 0, column, "is of another type", str(kind), allowed)])
    return Layout(cell_id=cell_id, people=columns.people, place=place)


def _check_projection(name: str, schema: pa.Schema) -> None:
    """Refuse a GeoParquet of another system than degrees: its lon and lat would be a guess."""
    import json

    stated = (schema.metadata or {}).get(b"geo")
    try:
        geo = json.loads(stated) if stated else {}
        crs = geo["columns"][geo["primary_column"]].get("crs") if geo else None
        code = str(crs["id"]["code"]) if crs else "4326"
    except (ValueError, TypeError, KeyError, RecursionError):
        code = "none that can be read"
    if code not in ("4326", "4258", "CRS84"):
        raise refuse(
            name,
            "its geometry is in another system",
            found=f"EPSG:{code}",
            allowed=f"degrees of EPSG:4326 in lon and lat, or a grid code ({FORMS})",
        )


def cells_of(batch: pa.RecordBatch | pa.Table, layout: Layout) -> Cells:
    """Return cells as arrays; what is missing or no place is NaN."""
    ids = _flat(batch[layout.cell_id])
    if len(layout.place) == 1:
        x, y = middles(_flat(batch[layout.place[0]]).cast(pa.string()))
        lon, lat = from_laea(x, y)
        is_none = ~np.isfinite(x)
        lon, lat = (np.where(is_none | ~np.isfinite(v), np.nan, v) for v in (lon, lat))
    else:
        lon, lat = (_numbers(batch[name]) for name in layout.place)
    return Cells(ids, _numbers(batch[layout.people]), lon, lat)


def _flat(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _numbers(column: pa.Array | pa.ChunkedArray) -> Floats:
    values = _flat(column).cast(pa.float64(), safe=False)
    return np.array(values.to_numpy(zero_copy_only=False), dtype=float)


def findings_of(
    name: str, batch: pa.RecordBatch | pa.Table, layout: Layout, before: int | None = 0
) -> list[Finding]:
    """Check the cells of one chunk.

    Parameters
    ----------
    name : str
        Of the file.
    batch : RecordBatch or Table
    layout : Layout
    before : int, optional
        Rows of the file before this chunk; None where they are not known, as on Spark: the
        findings then name the cell.
    """
    cells = cells_of(batch, layout)
    people, degrees = cells.people, "degrees of EPSG:4326"
    rules: list[tuple[NDArray[np.bool_], str, str]] = [
        (_no_id(cells.cell_id), layout.cell_id, f"an id, at most {ID_CHARACTERS} characters"),
        (
            ~((people >= 0) & (people <= MOST_PEOPLE)),
            layout.people,
            f"a number from 0 to {MOST_PEOPLE:,}",
        ),
    ]
    if len(layout.place) == 1:
        rules.append((np.isnan(cells.lon), layout.place[0], f"a code of EPSG:3035: {FORMS}"))
    else:
        lon, lat = layout.place
        rules.append((~(np.abs(cells.lon) <= 180), lon, f"{degrees}, from -180 to 180"))
        rules.append((~(np.abs(cells.lat) <= 90), lat, f"{degrees}, from -90 to 90"))
    findings = []
    for is_bad, column, allowed in rules:
        for row in np.flatnonzero(is_bad)[:_SHOWN].tolist():
            value = batch[column][row].as_py()
            stated = "no value" if value is None else str(value)
            if before is None:
                stated += f" (cell {cells.cell_id[row].as_py()})"
            number = 0 if before is None else before + row + 1
            findings.append(Finding(name, number, column, "does not fit", stated, allowed))
    return findings


def _no_id(ids: pa.Array) -> NDArray[np.bool_]:
    """Tell which ids are missing, or longer than any."""
    is_none = pc.is_null(ids)
    if not pa.types.is_integer(ids.type):
        is_none = pc.or_(is_none, pc.greater(pc.fill_null(pc.utf8_length(ids), 0), ID_CHARACTERS))
    answer: NDArray[np.bool_] = is_none.to_numpy(zero_copy_only=False)
    return answer


@dataclass(frozen=True, slots=True)
class Grid:
    """A file of cells, or a folder of files of one layout, in order of their names."""

    path: Path
    files: tuple[Path, ...]
    layout: Layout
    rows: int

    @classmethod
    def open(cls, path: Path, columns: GridColumns | None = None) -> Grid:
        """Look at a grid without reading its rows.

        Raises
        ------
        InputError
            No such file, no Parquet, no rows; see :func:`layout_of`.
        """
        columns = columns or GridColumns()
        files = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
        if not files or not files[0].exists():
            raise refuse(path, "no such file, or a folder without .parquet")
        layouts, rows = [], 0
        for file in files:
            try:
                schema, count = pq.read_schema(file), pq.read_metadata(file).num_rows
            except (pa.ArrowInvalid, OSError) as error:
                raise refuse(file, f"is not Parquet ({str(error)[:80]})") from error
            layouts.append(layout_of(file.name, schema, columns))
            rows += count
        if len(set(layouts)) > 1:
            raise refuse(path, "its files have different columns", allowed="one layout")
        if not rows:
            raise refuse(path, "has no rows", allowed="a row a cell")
        return cls(path, tuple(files), layouts[0], rows)

    def chunks(self, size: int) -> Iterator[tuple[Path, int, pa.RecordBatch]]:
        """Yield file, rows of it before, and the cells of each chunk.

        No chunk spans two files, so each is found again by its number.

        Raises
        ------
        InputError
            A file is damaged.
        """
        for file in self.files:
            before = 0
            try:
                with pq.ParquetFile(file) as parquet:
                    for batch in parquet.iter_batches(size, columns=self.layout.names):
                        yield file, before, batch
                        before += batch.num_rows
            except (pa.ArrowInvalid, OSError) as error:
                raise refuse(file, f"cannot be read ({str(error)[:80]})") from error

    def check(self, size: int, scratch: Path) -> None:
        """Check all cells, before anything is measured.

        Parameters
        ----------
        size : int
            Rows that are looked at together.
        scratch : Path
            Where the search for ids that come twice may put what memory does not hold.

        Raises
        ------
        InputError
            Lists file, row and field of what does not fit, at most fifty.
        """
        findings: list[Finding] = []
        for file, before, batch in self.chunks(size):
            findings += findings_of(file.name, batch, self.layout, before)
            if len(findings) >= 50:
                break
        findings = findings or self._twins(scratch)
        if findings:
            raise refusal(findings)

    def _twins(self, scratch: Path) -> list[Finding]:
        """Return the first ids that stand in several rows."""
        with duckdb.connect(
            config={"memory_limit": _MEMORY, "temp_directory": str(scratch), "threads": 2}
        ) as con:
            cells = con.read_parquet([str(file) for file in self.files])
            column = '"' + self.layout.cell_id.replace('"', '""') + '"'
            twice = cells.aggregate(f"{column} as cell, count(*) as n", column).filter("n > 1")
            ids = [row[0] for row in twice.limit(_SHOWN).fetchall()]
        return self._rows_of(ids) if ids else []

    def _rows_of(self, ids: list[object]) -> list[Finding]:
        """Say in which rows ids stand again."""
        seen: set[object] = set()
        findings = []
        twins = pa.array(ids)
        for file, before, batch in self.chunks(250_000):
            column = batch[self.layout.cell_id]
            for row in np.flatnonzero(pc.is_in(column, twins.cast(column.type)).to_numpy(False)):
                value = column[int(row)].as_py()
                if value in seen:
                    where = before + int(row) + 1
                    field, again = self.layout.cell_id, "stands in a row before"
                    findings.append(
                        Finding(file.name, where, field, again, str(value), "each cell once")
                    )
                seen.add(value)
        return findings[:50]

    def fingerprint(self) -> dict[str, object]:
        """Return what tells this grid from another: files by their SHA-256, and columns."""
        return {
            "files": {file.name: digest_of(file) for file in self.files},
            "rows": self.rows,
            "layout": asdict(self.layout) | {"place": list(self.layout.place)},
        }
