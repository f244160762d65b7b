"""Read Eurostat's census grid of 2021: the publisher's zip, or its table as CSV or Parquet.

Batch by batch, three columns of it: the memory that it takes is that of the inhabited cells.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pipelines.core.errors import SchemaDrift, SourceUnreadable
from pipelines.io.archives import Caps, check_zip

if TYPE_CHECKING:
    from pipelines.core.registry import Source

#: What is read: the cell's name, its people, and the countries that it lies in.
CELL, PEOPLE, COUNTRIES = COLUMNS = ("GRD_ID", "T", "CNTR_ID")
#: Numbers that stand for none: never to be summed.
TRAPS = {-8888: "confidential", -9999: "not available"}
#: People whose cell is not known stand in a row whose name says so.
UNALLOCATED = "unallocated"
#: Cells overseas may be named in a projection of their own: they lie in no region of the mainland.
OTHER_PROJECTION = "other projection"
_NAME = r"^CRS(?P<crs>\d{4,6})RES1000mN(?P<north>-?\d{1,8})E(?P<east>-?\d{1,8})$"
_CRS = "3035"
_CELL_M = 1000
_MOST_PEOPLE = 1_000_000  # Europe's densest square kilometre has some 50 000
_CAPS = Caps(max_bytes=12 << 30)  # the archive holds the same as a GeoPackage and rasters too


def read(path: Path, declared: Source) -> pa.Table:
    """Read the inhabited cells, and the rows whose people or place are not stated.

    Returns
    -------
    pyarrow.Table
        ``row_no`` (of the table, from 1), ``north_m, east_m`` (south-west corner, EPSG:3035;
        NULL for people without a cell), ``people`` (NULL where none are stated),
        ``countries`` (Eurostat codes joined by ``-``), ``gap`` (NULL, ``confidential``,
        ``not available``, ``unallocated`` or ``other projection``). Cells without people are
        left out.

    Raises
    ------
    SourceUnreadable
        No such file; a damaged zip, CSV or Parquet; a cell of another size or name, twice the
        same cell, or a number of people that is none.
    SchemaDrift
        A column is missing.
    """
    parts, before = [], 0
    with _batches(path) as batches:
        for batch in batches:
            parts.append(_inhabited(path, batch, before))
            before += batch.num_rows
    if not before:
        raise SourceUnreadable(f"{path}: has no rows; a row a cell is expected.")
    table = pa.concat_tables(parts)
    _refuse_twins(path, table)
    return table.select([name for name in declared.columns if name in table.column_names])


@contextlib.contextmanager
def _batches(path: Path) -> Iterator[Iterator[pa.RecordBatch]]:
    """Open the table wherever it lies, and give its three columns in batches."""
    if not path.is_file():
        raise SourceUnreadable(f"{path}: no such file. Run `hinterland fetch` first.")
    try:
        with contextlib.ExitStack() as stack:
            if zipfile.is_zipfile(path):
                yield _of_zip(path, stack)
            else:
                stream = stack.enter_context(path.open("rb"))
                yield _of_stream(path, stream, is_parquet=_is_parquet(stream))
    except (pa.ArrowInvalid, OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
        raise SourceUnreadable(
            f"{path}: cannot be read as the census grid ({str(error)[:120]}). Fetch it again."
        ) from error


def _is_parquet(stream: BinaryIO) -> bool:
    magic = stream.read(4)
    stream.seek(0)
    return magic == b"PAR1"


def _of_zip(path: Path, stack: contextlib.ExitStack) -> Iterator[pa.RecordBatch]:
    """Read the member that is the table; CSV rather than Parquet, for it needs no room on disk."""
    check_zip(path, _CAPS)
    archive = stack.enter_context(zipfile.ZipFile(path))
    names = archive.namelist()
    for ending in (".csv", ".parquet"):
        members = [name for name in names if name.lower().endswith(ending)]
        if len(members) > 1:
            raise SourceUnreadable(
                f"{path}: {len(members)} members end in {ending} ({', '.join(members[:3])}); "
                "one is expected."
            )
        if members:
            member = stack.enter_context(archive.open(members[0]))
            if ending == ".csv":
                return _of_stream(path, member, is_parquet=False)
            whole = tempfile.TemporaryFile()  # noqa: SIM115 - the stack closes it
            stack.enter_context(whole)
            shutil.copyfileobj(member, whole, 1 << 20)
            whole.seek(0)
            return _of_stream(path, whole, is_parquet=True)
    raise SourceUnreadable(
        f"{path}: no member ends in .csv or .parquet; found {', '.join(names[:5])}."
    )


def _of_stream(
    path: Path, stream: BinaryIO | IO[bytes], *, is_parquet: bool
) -> Iterator[pa.RecordBatch]:
    if is_parquet:
        file = pq.ParquetFile(stream)
        _refuse_missing(path, file.schema_arrow.names)
        return file.iter_batches(columns=list(COLUMNS))  # type: ignore[no-any-return]  # pyarrow brings no types
    reader = pcsv.open_csv(
        stream,
        read_options=pcsv.ReadOptions(block_size=8 << 20),
        convert_options=pcsv.ConvertOptions(
            column_types=dict.fromkeys(COLUMNS, pa.string()), strings_can_be_null=True
        ),
    )
    _refuse_missing(path, reader.schema.names)
    return (batch.select(list(COLUMNS)) for batch in reader)


def _refuse_missing(path: Path, names: list[str]) -> None:
    if missing := [name for name in COLUMNS if name not in names]:
        raise SchemaDrift(
            f"{path}: row 1: no column {', '.join(missing)}; found {', '.join(names)[:200]}. "
            "Version 3 of the census grid is expected."
        )


def _inhabited(path: Path, batch: pa.RecordBatch, before: int) -> pa.Table:
    """Turn one batch into typed columns, and leave out cells without people."""
    people = _people(path, batch[COLUMNS.index(PEOPLE)], before)
    rows = np.flatnonzero(people != 0)
    people = people[rows]
    north, east, nowhere = _corners(path, batch.column(0).take(rows), rows + before)
    gap = nowhere.copy()
    for number, words in TRAPS.items():
        gap[people == number] = words
    is_nowhere = nowhere != None  # noqa: E711 - elementwise
    return pa.table(
        {
            "row_no": pa.array(rows + before + 1, pa.int32()),
            "north_m": pa.array(north, pa.int32(), mask=is_nowhere),
            "east_m": pa.array(east, pa.int32(), mask=is_nowhere),
            "people": pa.array(people, pa.int32(), mask=people < 0),
            "countries": batch.column(2).take(rows).cast(pa.string()),
            "gap": pa.array(gap, pa.string()),
        }
    )


def _people(path: Path, column: pa.Array, before: int) -> NDArray[np.int64]:
    """Return the people of each row; traps stay what they are."""
    try:
        numbers = column.cast(pa.float64())
    except pa.ArrowInvalid:
        texts = column.to_pylist()
        row = next(i for i, text in enumerate(texts) if not _is_number(text))
        raise SourceUnreadable(_not_people(path, before + row, repr(texts[row]))) from None
    values: NDArray[np.float64] = numbers.to_numpy(zero_copy_only=False)
    is_trap = np.isin(values, list(TRAPS))
    with np.errstate(invalid="ignore"):
        good = is_trap | ((values >= 0) & (values <= _MOST_PEOPLE) & (values == np.floor(values)))
    if not good.all():
        row = int(np.flatnonzero(~good)[0])
        shown = "nothing" if np.isnan(values[row]) else f"{values[row]:g}"
        raise SourceUnreadable(_not_people(path, before + row, shown))
    return values.astype(np.int64)


def _is_number(text: str | None) -> bool:
    try:
        float(text or "nan")
    except ValueError:
        return False
    return True


def _not_people(path: Path, row: int, shown: str) -> str:
    traps = ", ".join(f"{number} ({words})" for number, words in TRAPS.items())
    return (
        f"{path}: row {row + 1}: {PEOPLE} is {shown}; a whole number from 0 to {_MOST_PEOPLE:,} "
        f"is allowed, or {traps}."
    )


def _corners(
    path: Path, names: pa.Array, rows: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.object_]]:
    """Return the south-west corners in metres, and why a row has none that can be used."""
    unallocated = pc.fill_null(
        pc.match_substring(names, UNALLOCATED, ignore_case=True), False
    ).to_numpy(zero_copy_only=False)
    corners = pc.extract_regex(names, _NAME)
    is_cell = corners.is_valid().to_numpy(zero_copy_only=False)
    north, east = (
        pc.fill_null(pc.struct_field(corners, name), "0").cast(pa.int64()).to_numpy()
        for name in ("north", "east")
    )
    is_other = is_cell & ~pc.fill_null(
        pc.equal(pc.struct_field(corners, "crs"), _CRS), False
    ).to_numpy(zero_copy_only=False)
    odd = ~unallocated & (~is_cell | (north % _CELL_M != 0) | (east % _CELL_M != 0))
    if odd.any():
        i = int(np.flatnonzero(odd)[0])
        raise SourceUnreadable(
            f"{path}: row {rows[i] + 1}: {CELL} is {names[i].as_py()!r}; a cell of 1 km is "
            "allowed, such as CRS3035RES1000mN2684000E4285000, or a name with "
            f"'{UNALLOCATED}'."
        )
    nowhere = np.full(len(names), None, dtype=object)
    nowhere[unallocated], nowhere[is_other] = UNALLOCATED, OTHER_PROJECTION
    return north, east, nowhere


def _refuse_twins(path: Path, table: pa.Table) -> None:
    """Refuse a cell that comes twice: its people would be counted twice."""
    known = table.filter(pc.is_valid(table["north_m"]))
    key = known["north_m"].to_numpy().astype(np.int64) << 32 | known["east_m"].to_numpy()
    order = np.argsort(key, kind="stable")
    twins = np.flatnonzero(np.diff(key[order]) == 0)
    if len(twins):
        first, second = order[twins[0]], order[twins[0] + 1]
        raise SourceUnreadable(
            f"{path}: row {known['row_no'][int(second)]}: {CELL} "
            f"CRS3035RES1000mN{known['north_m'][int(first)]}E{known['east_m'][int(first)]} "
            f"stands in row {known['row_no'][int(first)]} already; each cell comes once."
        )
