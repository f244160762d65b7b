"""Read the workbook in which Eurostat publishes its list of local administrative units.

One sheet a country, named by its two letters, beside sheets of notes. Headers differ in
blanks, case and unit from sheet to sheet, and are matched by their letters and digits
(docs/decisions.md, 16).
"""

from __future__ import annotations

import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
import pyarrow as pa
from openpyxl.utils.exceptions import InvalidFileException

from pipelines.core.errors import SchemaDrift, SourceUnreadable
from pipelines.io import archives

#: Header, as letters and digits alone, of each column. The unit of the area is told by
#: its size, see `lau`: the headers' units are not always those of the numbers.
_HEADERS = {
    "nuts3code": "code_2016",
    "nuts3code2016": "code_2016",
    "laucode": "lau_code",
    "launamenational": "lau_name_national",
    "launamelatin": "lau_name_latin",
    "population": "population",
    "totalaream2": "total_area_m2",
    "totalareakm2": "total_area_m2",
    "totalarea": "total_area_m2",
    "degurba": "degurba",
    "coastalareayesno": "coastal_area",
    "coastalarea": "coastal_area",
    "cityid": "city_id",
    "cityname": "city_name",
    "greatercityid": "greater_city_id",
    "greatercityname": "greater_city_name",
    "fuaid": "fua_id",
    "fuaname": "fua_name",
}
COLUMNS = tuple(dict.fromkeys(_HEADERS.values()))
NUMBERS = ("population", "total_area_m2", "degurba")
_NOTHING = {"", "n.a.", "n.a", "n/a", "na.", ":"}
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
#: Rows in which the header is looked for.
_HEADER_ROWS = 10
#: A row says its own number, and each row before it is gone through: France, with the most
#: municipalities, has 35 000.
_MOST_ROWS = 200_000
_CAPS = archives.Caps(max_bytes=600 << 20)
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
    ParseError,
    KeyError,
    ValueError,
    EOFError,
    OSError,
    IndexError,
    TypeError,
    AttributeError,
    SyntaxError,  # what readers of XML raise
)


def read_workbook(path: Path) -> pa.Table:
    """Read all country sheets, one below the other.

    Returns
    -------
    pyarrow.Table
        `COLUMNS`, ``country`` (the sheet's name) and ``gisco_id`` (country and code of
        the unit, as GISCO joins them); texts as published without blanks around them,
        null where nothing or ``n.a.`` stands; numbers (float64), the area in whatever
        unit it stands there. The schema's metadata holds ``set_aside``: how many units
        without a NUTS-3 region and how many rows that repeat another were left out.

    Raises
    ------
    SourceUnreadable
        No workbook, one that is cut off or unpacks beyond the limits, or a number
        that is none.
    SchemaDrift
        No country sheets, or a column is missing.
    """
    archives.check_zip(path, _CAPS)
    rows: dict[tuple[Any, ...], None] = {}
    excluded = 0
    try:
        # Given as a handle, for a name without .xlsx would be refused.
        with path.open("rb") as handle:
            book = openpyxl.load_workbook(handle, read_only=True, data_only=True, keep_links=False)
            sheets = [sheet for sheet in book.worksheets if re.fullmatch("[A-Z]{2}", sheet.title)]
            if not sheets:
                raise SchemaDrift(
                    f"{path}: no sheet is named by the two letters of a country; there are"
                    f" {book.sheetnames[:20]}."
                )
            for sheet in sheets:
                for row in _units(path, sheet):
                    excluded += row is None or row in rows
                    if row is not None:
                        rows[row] = None
    except _BROKEN as error:
        raise SourceUnreadable(
            f"{path}: not a workbook that can be read ({type(error).__name__}: {error}). Fetch it"
            " again."
        ) from error
    names = (*COLUMNS, "country")
    columns = dict(zip(names, zip(*rows, strict=True), strict=True)) if rows else {}
    if not columns:
        raise SourceUnreadable(f"{path}: headers and no unit. Fetch it again.")
    table = pa.table(
        {n: pa.array(v, pa.float64() if n in NUMBERS else pa.string()) for n, v in columns.items()}
    )
    ids = [f"{c}_{code}" for c, code in zip(columns["country"], columns["lau_code"], strict=True)]
    table = table.append_column("gisco_id", pa.array(ids))
    return table.replace_schema_metadata({"set_aside": str(excluded)})


def _units(path: Path, sheet: Any) -> Iterator[tuple[Any, ...] | None]:
    """Yield the units of a sheet in the order of `COLUMNS`; None for one without region."""
    # What a sheet says of its own size is not always true.
    sheet.reset_dimensions()
    cells = enumerate(sheet.iter_rows(values_only=True), start=1)
    place = _header(path, sheet.title, cells)
    for number, row in cells:
        if number > _MOST_ROWS:
            raise SourceUnreadable(
                f"{path}: sheet {sheet.title} has more than {_MOST_ROWS:,} rows. Fetch it again."
            )
        values = {
            n: row[position] if position < len(row) else None for n, position in place.items()
        }
        where = f"{path}: sheet {sheet.title}, row {number}"
        texts = {n: _text(values[n]) for n in COLUMNS if n not in NUMBERS}
        if not texts["lau_code"]:
            continue  # An empty row, or a note below the table.
        if not texts["code_2016"]:
            yield None
            continue
        numbers = {n: _number(where, n, values[n]) for n in NUMBERS}
        yield (*(numbers[n] if n in numbers else texts[n] for n in COLUMNS), sheet.title)


def _header(path: Path, title: str, cells: Iterator[tuple[int, tuple[Any, ...]]]) -> dict[str, int]:
    """Find the header; return the place of each column."""
    best: dict[str, int] = {}
    for number, row in cells:
        positions = {}
        for index, cell in enumerate(row):
            name = _HEADERS.get(_letters(cell))
            if name in positions:
                raise SchemaDrift(f"{path}: sheet {title}: column {cell!r} stands there twice.")
            if name:
                positions[name] = index
        if len(positions) > len(best):
            best = positions
        if len(best) == len(COLUMNS) or number >= _HEADER_ROWS:
            break
    missing = [name for name in COLUMNS if name not in best]
    if missing:
        raise SchemaDrift(f"{path}: sheet {title}: columns {missing} are missing.")
    return best


def _letters(cell: Any) -> str:
    """Return a header's letters and digits; a raised 2 becomes a 2."""
    text = unicodedata.normalize("NFKC", str(cell or "")).lower()
    return re.sub(r"[^a-z0-9]", "", text)


def _text(value: Any) -> str | None:
    """Return a cell as text; a whole number without its decimal point."""
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).strip()
    return None if text.lower() in _NOTHING else text


def _number(where: str, name: str, value: Any) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    text = _text(value)
    if text is None:
        return None
    if not _NUMBER.fullmatch(text):
        raise SourceUnreadable(
            f"{where}, column {name}: {text!r} found; a number, n.a. or nothing is allowed."
        )
    return float(text)
