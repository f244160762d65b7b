"""What GISCO's files of basic services have in common: reading, places, findings.

The files join national registers, so each register has its own gaps. What is missing
stays missing, what is a slip of typing is mended, what cannot be used is set aside, and
each of these is counted in a table of findings that goes into the database too.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import ArrayLike, NDArray

from pipelines.core.areas import area
from pipelines.core.errors import InputError, SchemaDrift, SourceUnreadable
from pipelines.io import archives, sheets
from pipelines.io.texts import decode

if TYPE_CHECKING:
    from pipelines.core.registry import Source

Both = tuple[pa.Table, pa.Table]
Reader = Callable[[Path, "Source"], pa.Table]
#: Parts of countries that have no NUTS region; the rest of the French overseas has.
NO_NUTS = ("PM", "BL", "WF", "PF", "NC", "TF")
_MAX_BYTES = 400 << 20
_MAX_FIELD = 2_000
_CHUNK_ROWS = 20_000

FINDINGS = pa.schema(
    [
        ("field", pa.string()),
        ("finding", pa.string()),
        ("action", pa.string()),
        ("rows", pa.int32()),
        ("example", pa.string()),
    ]
)


class Findings:
    """Counts of what was met, with the first example of each."""

    def __init__(self) -> None:
        self.seen: dict[tuple[str, str, str], list[Any]] = {}

    def add(self, field: str, finding: str, action: str, example: str, rows: int = 1) -> None:
        """Count rows with one finding; ``action`` is one of those of the mart."""
        self.seen.setdefault((field, finding, action), [0, example])[0] += rows

    def add_where(
        self, where: NDArray[np.bool_], field: str, finding: str, action: str, ids: pa.ChunkedArray
    ) -> None:
        """Count the rows of a mask, with the identifier of the first."""
        rows = int(where.sum())
        if rows:
            self.add(field, finding, action, ids[int(np.argmax(where))].as_py(), rows)

    def table(self) -> pa.Table:
        """Return the findings in order of field, finding and action."""
        rows = [
            dict(zip(FINDINGS.names, (*key, count, example), strict=True))
            for key, (count, example) in sorted(self.seen.items())
        ]
        return pa.Table.from_pylist(rows, FINDINGS)


@dataclass(frozen=True, slots=True)
class Texts:
    """A file's cells as published.

    Attributes
    ----------
    table : pyarrow.Table
        The wanted columns that the file has, all of them text.
    line : ndarray of int
        Number of each row as a spreadsheet counts, the header being 1.
    is_repeat : ndarray of bool
        Rows that repeat an earlier one word for word, in all columns.
    header : list of str
        All columns of the file, in its order.
    """

    table: pa.Table
    line: NDArray[np.int64]
    is_repeat: NDArray[np.bool_]
    header: list[str]


def read_texts(
    path: Path, known: Collection[str], required: Collection[str], *, new_allowed: bool
) -> Texts:
    """Read the known columns of a CSV file with a header, in any order of columns.

    Parameters
    ----------
    path : Path
        UTF-8, with or without byte order mark; plain or gzip.
    known : collection of str
        Columns to take; others are not kept.
    required : collection of str
        Columns that must be there.
    new_allowed : bool
        Whether columns outside ``known`` are allowed.

    Raises
    ------
    SourceMissing, SourceUnreadable, SchemaDrift
    """
    raw = archives.read_bytes(path, archives.Caps(max_bytes=_MAX_BYTES))
    try:
        text = decode(raw, path.name)
    except InputError as error:
        raise SourceUnreadable(
            f"{path.parent / str(error)}. Fetch it again.", findings=error.findings
        ) from error
    rows = _rows(text, path)
    header = next(rows)[1]
    missing = sorted(set(required) - set(header))
    new = [] if new_allowed else sorted(set(header) - set(known))
    twice = sorted({name for name in header if header.count(name) > 1})
    if missing or new or twice:
        raise SchemaDrift(
            f"{path}: row 1: missing columns {missing}, new columns {new[:10]}, columns that stand"
            f" there twice {twice[:10]}. Fetch it again or adapt the reader."
        )
    columns = {name: position for position, name in enumerate(header) if name in set(known)}
    line: list[int] = []
    is_repeat: list[bool] = []
    schema = pa.schema([(name, pa.string()) for name in columns])
    checked = _checked(rows, path, list(columns.values()), len(header), line, is_repeat)
    tables = []
    while chunk := list(islice(checked, _CHUNK_ROWS)):
        arrays = [pa.array(cells, pa.string()) for cells in zip(*chunk, strict=True)]
        tables.append(pa.table(arrays, schema=schema))
    if not tables:
        raise SourceUnreadable(f"{path}: a header and no site. Fetch it again.")
    return Texts(pa.concat_tables(tables), np.array(line), np.array(is_repeat), header)


def _rows(text: str, path: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        yield from sheets.parse(text)
    except sheets.QuotingError as error:
        raise SourceUnreadable(
            f"{path.parent / str(error.finding(path.name))}. Fetch it again."
        ) from error


def _checked(
    rows: Iterator[tuple[int, list[str]]],
    path: Path,
    positions: list[int],
    width: int,
    line: list[int],
    is_repeat: list[bool],
) -> Iterator[list[str]]:
    """Yield the cells of each row at positions; note its line and whether it repeats another."""
    seen: set[str] = set()
    for row, cells in rows:
        if len(cells) != width:
            raise SourceUnreadable(
                f"{path}: row {row}: {len(cells)} cells found, {width} expected."
            )
        whole = "\x1f".join(cells)
        line.append(row)
        is_repeat.append(whole in seen)
        seen.add(whole)
        taken = [cells[position] for position in positions]
        if max(map(len, taken)) > _MAX_FIELD:
            raise SourceUnreadable(
                f"{path}: row {row}: a cell of more than {_MAX_FIELD} characters."
            )
        yield taken


def readers(read_both: Callable[[Path], Both]) -> tuple[Reader, Reader]:
    """Return the readers of a file's sites and of its findings.

    Both are loaded one after the other: a file, of some 50 MB, is read once for both. Of the
    sites the columns that the declaration names are taken, or all where it names none of them.
    """

    @lru_cache(maxsize=1)
    def read_cached(path: Path, _size: int, _changed: int) -> Both:
        return read_both(path)

    def once(path: Path) -> Both:
        facts = path.stat() if path.is_file() else None
        return read_cached(path, facts.st_size if facts else 0, facts.st_mtime_ns if facts else 0)

    def read(path: Path, declared: Source) -> pa.Table:
        sites = once(path)[0]
        return sites.select(
            [name for name in declared.columns if name in sites.column_names] or sites.column_names
        )

    def read_findings(path: Path, declared: Source) -> pa.Table:
        return once(path)[1]

    return read, read_findings


def true_where(values: pa.ChunkedArray | pa.Array) -> NDArray[np.bool_]:
    """Turn a column of truth values into an array; null is false."""
    truth: NDArray[np.bool_] = pc.fill_null(values, False).to_numpy(zero_copy_only=False)
    return truth


def is_mainland(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.bool_]:
    """Tell which points (degrees, EPSG:4326) lie in the area of the travel model."""
    return area("europe").holds(lon, lat)


def number_within(ids: pa.ChunkedArray) -> NDArray[np.int32]:
    """Number the rows that share an identifier from 1, in file order."""
    codes = ids.combine_chunks().dictionary_encode().indices.to_numpy(zero_copy_only=False)
    order = np.argsort(codes, kind="stable")
    ranked = codes[order]
    numbers = np.empty(len(codes), np.int32)
    numbers[order] = np.arange(len(codes)) - np.searchsorted(ranked, ranked) + 1
    return numbers
