"""Reads CSV strictly: RFC 4180, UTF-8, and nothing is guessed or dropped.

Python's reader accepts a stray quote and a row of another width; a catalogue that is
edited by hand needs to hear of both, with the row. Users' files may have other signs
than a comma between their fields; the catalogue's may not.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.core.errors import InputError
from pipelines.core.findings import MOST_FINDINGS, Finding, shorten
from pipelines.io.texts import read_text

MAX_BYTES = 10_000_000
QUOTE_HINT = 'text with a comma, quote or line break in "…", each inner quote doubled'
DELIMITERS = ",;\t"
#: So many columns that are left out are named.
SHOWN_COLUMNS = 20
DECIMAL_COMMAS = "decimal commas read as decimal points"
#: What else users call coordinates.
COORDINATE_ALIASES = {"longitude": "lon", "lng": "lon", "long": "lon", "latitude": "lat"}
#: Excel writes and reads this line before the header.
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\r?\n')


class QuotingError(ValueError):
    """A quote stands where none may; carries the row."""

    def __init__(self, row: int, column: int, text: str, found: str):
        super().__init__(text)
        self.row, self.column, self.text, self.found = row, column, text, found

    def finding(self, name: str, columns: Collection[str] = ()) -> Finding:
        """Return what is to be said of it."""
        known = list(columns)
        column = known[self.column] if self.column < len(known) else ""
        problem = f"broken CSV quoting: {self.text}"
        return Finding(name, self.row, column, problem, self.found, QUOTE_HINT)


@dataclass(frozen=True)
class Sheet:
    """A file as read: header, rows with their spreadsheet numbers, and stated repairs."""

    file: str
    header: list[str]
    rows: list[tuple[int, dict[str, str]]]
    repairs: list[str] = field(default_factory=list)
    delimiter: str = ","


@dataclass(frozen=True)
class Layout:
    """How a CSV is laid out.

    Attributes
    ----------
    delimiter : str
    first_row : int
        Spreadsheet number of the header, 2 where ``sep=`` stands before it.
    repairs : list of str
        What is unlike plain CSV and was read all the same.
    """

    delimiter: str = ","
    first_row: int = 1
    repairs: list[str] = field(default_factory=list)


def laid_out(text: str, name: str) -> tuple[str, Layout]:
    """Find the sign between fields and the line ends of a user's CSV.

    Returns
    -------
    text : str
        With LF or CRLF, without a line ``sep=``.
    layout : Layout
    """
    repairs = []
    if "\n" not in text and "\r" in text:
        text = text.replace("\r", "\n")
        repairs.append(f"{name}: line ends CR read as LF")
    stated = _SEPARATOR_LINE.match(text)
    if stated:
        text = text[stated.end() :]
    head = text.split("\n", 1)[0]
    delimiter = stated[1] if stated else max(DELIMITERS, key=head.count)
    if delimiter != ",":
        repairs.append(f"{name}: read with {delimiter!r} between fields instead of ','")
    return text, Layout(delimiter, 2 if stated else 1, repairs)


def parse(text: str, delimiter: str = ",", first_row: int = 1) -> Iterator[tuple[int, list[str]]]:
    """Yield (row number, fields) of a CSV text.

    Parameters
    ----------
    text : str
        The whole file; line ends LF or CRLF.
    delimiter : str
        The sign between fields.
    first_row : int
        Number of the first row.

    Raises
    ------
    QuotingError
        A quote opens in the middle of a field, text follows a closing quote, or
        a quoted field never closes.
    """
    offset, row = 0, first_row
    while offset < len(text):
        end = text.find("\n", offset)
        end = len(text) if end < 0 else end
        line = text[offset:end]
        if '"' in line:  # rare: most rows need no walk from sign to sign
            fields, offset = _quoted_row(text, offset, row, delimiter)
        else:
            fields, offset = line.removesuffix("\r").split(delimiter), end + 1
        yield row, fields
        row += 1


def _quoted_row(text: str, offset: int, row: int, delimiter: str) -> tuple[list[str], int]:
    """Return the fields of a row that holds quotes, and where the next row begins."""
    plain = re.compile(rf'[^{re.escape(delimiter)}\n"]*')
    fields: list[str] = []
    while True:
        if text[offset : offset + 1] == '"':
            value, offset = _quoted(text, offset, row, len(fields), delimiter)
        else:
            match = plain.match(text, offset)
            value, offset = (match[0], match.end()) if match else ("", offset)
            if text[offset : offset + 1] == '"':
                raise QuotingError(row, len(fields), "a quote inside a plain field", value + '"')
            value = value.removesuffix("\r") if text[offset : offset + 1] in ("\n", "") else value
        fields.append(value)
        mark, offset = text[offset : offset + 1], offset + 1
        if mark != delimiter:
            return fields, offset


def _quoted(text: str, offset: int, row: int, column: int, delimiter: str) -> tuple[str, int]:
    """Return a quoted field and the place of the delimiter or line end behind it."""
    parts, start = [], offset + 1
    while True:
        end = text.find('"', start)
        if end < 0:
            excerpt = text[offset : offset + 40]
            raise QuotingError(row, column, "a quoted field that never closes", excerpt)
        parts.append(text[start:end])
        if text[end + 1 : end + 2] != '"':
            break
        parts.append('"')
        start = end + 2
    after = end + 1
    if text[after : after + 2] == "\r\n":
        after += 1
    if text[after : after + 1] not in (delimiter, "\n", ""):
        raise QuotingError(row, column, "text behind a closing quote", text[offset : after + 10])
    return "".join(parts), after


def read_sheet(
    path: Path,
    columns: list[str],
    may_lack: Collection[str] = (),
    *,
    is_users: bool = False,
    max_bytes: int = MAX_BYTES,
) -> tuple[Sheet | None, list[Finding]]:
    """Read a CSV file whose header must be ``columns``, in any order.

    Parameters
    ----------
    path : Path
    columns : list of str
    may_lack : collection of str
        Columns that may be absent from the header.
    is_users : bool
        A user's file: semicolons or tabs may stand between fields, rows be empty, headings be
        written in capitals or as coordinates are called elsewhere, and further columns stand
        beside; all of it is said in the sheet's repairs.
    max_bytes : int

    Returns
    -------
    tuple
        The sheet (None where it cannot be read at all) and the findings.
    """
    name, layout = path.name, Layout()
    if not path.is_file():
        allowed = "the file, even if only its header"
        return None, [Finding(name, 0, "", "file is missing", allowed=allowed)]
    try:
        text = read_text(path, max_bytes)
        if is_users:
            text, layout = laid_out(text, name)
        records = parse(text, layout.delimiter, layout.first_row)
        header, repairs = next(records)[1], list(layout.repairs)
        known = _brought_to(columns, header, name, repairs) if is_users else header
        if findings := list(_header_findings(name, layout.first_row, known, columns, may_lack)):
            return None, findings
        rows, findings, empty = _rows(records, name, header, set(known), is_users)
    except InputError as error:
        return None, list(error.findings)
    except QuotingError as error:
        return None, [error.finding(name, columns)]
    repairs += [left_out(name, empty)] if empty else []
    return Sheet(name, known, rows, repairs, layout.delimiter), findings


def _rows(
    records: Iterator[tuple[int, list[str]]],
    name: str,
    header: list[str],
    known: Collection[str],
    is_users: bool,
) -> tuple[list[tuple[int, dict[str, str]]], list[Finding], int]:
    """Return rows by known column, what is wrong, and how many rows of a user's file are empty."""
    rows: list[tuple[int, dict[str, str]]] = []
    findings: list[Finding] = []
    empty = 0
    taken = [(at, column) for at, column in enumerate(header) if column in known]
    for row, fields in records:
        if not any(map(str.strip, fields)):
            empty += 1
            if not is_users:
                findings.append(Finding(name, row, "", "empty row", allowed="no empty rows"))
        elif len(fields) != len(header):
            findings.append(wrong_width(name, row, len(fields), len(header)))
        else:
            rows.append((row, {column: fields[at] for at, column in taken}))
        if len(findings) >= MOST_FINDINGS:
            break
    return rows, findings, empty


def _brought_to(columns: list[str], header: list[str], name: str, repairs: list[str]) -> list[str]:
    """Bring headings to known ones, in place, and return those; the rest is said."""
    plain = [cell.strip().lower() for cell in header]
    result = []
    for stated, cell in zip(header, plain, strict=True):
        target = COORDINATE_ALIASES.get(cell, cell)
        if target not in columns or (target != cell and target in plain):
            result.append(stated)  # of no meaning here, or beside the column that has it
            continue
        if target != stated:
            repairs.append(f"{name}: column '{shorten(stated, 40)}' read as '{target}'")
        result.append(target)
    header[:] = result
    known = [cell for cell in result if cell in columns]
    repairs += columns_left_out(name, set(result) - set(known))
    return known


def columns_left_out(name: str, columns: Collection[str]) -> list[str]:
    """Return what is to be said of columns without a meaning: some by name, the rest counted.

    A file of 10 MB can name a million.
    """
    first = sorted(columns)[:SHOWN_COLUMNS]
    said = [f"{name}: column '{shorten(column, 40)}' left out" for column in first]
    more = len(columns) - len(first)
    return [*said, f"{name}: {more:,} more columns left out"] if more else said


def wrong_width(name: str, row: int, fields: int, expected: int) -> Finding:
    """Return what is to be said of a row that has more or fewer fields than the header."""
    allowed = f"{expected}; {QUOTE_HINT}"
    return Finding(name, row, "", "wrong number of fields", str(fields), allowed)


def left_out(name: str, rows: int) -> str:
    """Return what is to be said of rows without a single value."""
    return f"{name}: {rows:,} empty row{'s' if rows != 1 else ''} left out"


def _header_findings(
    name: str, row: int, header: list[str], columns: list[str], may_lack: Collection[str]
) -> Iterator[Finding]:
    """Yield what is wrong with a header."""
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        yield Finding(name, row, "", "fields are not separated by commas", header[0], "commas")
        return
    for column in sorted({c for c in header if header.count(c) > 1}):
        yield Finding(name, row, column, "column stands twice", column, "each column once")
    for column in header:
        if column not in columns:
            yield Finding(name, row, column, "unknown column", column, ", ".join(columns))
    for column in columns:
        if column not in header and column not in may_lack:
            yield Finding(name, row, column, "column is missing", ", ".join(header), column)
