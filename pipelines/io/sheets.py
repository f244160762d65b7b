"""Reads a CSV file strictly: RFC 4180, UTF-8, and nothing is guessed or dropped.

Python's reader accepts a stray quote and a row of another width; a catalogue
that is edited by hand needs to hear of both, with the row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from pipelines.core.findings import Finding

MAX_BYTES = 10_000_000
QUOTE_HINT = 'text with a comma, quote or line break in "…", each inner quote doubled'


class QuotingError(ValueError):
    """A quote stands where none may; carries the row."""

    def __init__(self, row: int, column: int, text: str, found: str):
        super().__init__(text)
        self.row, self.column, self.text, self.found = row, column, text, found


@dataclass(frozen=True)
class Sheet:
    """A file as read: header, and the rows with their spreadsheet numbers."""

    file: str
    header: list[str]
    rows: list[tuple[int, dict[str, str]]]


def parse(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (row number, fields) of a CSV text.

    Parameters
    ----------
    text : str
        The whole file; line ends LF or CRLF.

    Raises
    ------
    QuotingError
        A quote opens in the middle of a field, text follows a closing quote, or
        a quoted field never closes.
    """
    at, row, fields = 0, 1, []
    while at < len(text):
        start = at
        if text[at] == '"':
            value, at = _quoted(text, at, row, len(fields))
        else:
            while at < len(text) and text[at] not in ',\n"':
                at += 1
            value = text[start:at]
            if text[at : at + 1] == '"':
                raise QuotingError(row, len(fields), "a quote inside a plain field", value + '"')
            value = value.removesuffix("\r") if text[at : at + 1] in ("\n", "") else value
        fields.append(value)
        mark, at = text[at : at + 1], at + 1
        if mark != ",":
            yield row, fields
            row, fields = row + 1, []
        elif at == len(text):
            fields.append("")
    if fields:
        yield row, fields


def _quoted(text: str, at: int, row: int, column: int) -> tuple[str, int]:
    """Return a quoted field and the place of the comma or line end behind it."""
    parts, start = [], at + 1
    while True:
        end = text.find('"', start)
        if end < 0:
            found = text[at : at + 40]
            raise QuotingError(row, column, "a quoted field that never closes", found)
        parts.append(text[start:end])
        if text[end + 1 : end + 2] != '"':
            break
        parts.append('"')
        start = end + 2
    after = end + 1
    if text[after : after + 2] == "\r\n":
        after += 1
    if text[after : after + 1] not in (",", "\n", ""):
        raise QuotingError(row, column, "text behind a closing quote", text[at : after + 10])
    return "".join(parts), after


def decode(path: Path) -> tuple[str, list[Finding]]:
    """Return the text of a file, or a finding that says why there is none."""
    name = path.name
    if not path.is_file():
        return "", [
            Finding(name, 0, "", "file is missing", allowed="the file, even if only its header")
        ]
    size = path.stat().st_size
    if size > MAX_BYTES:
        return "", [
            Finding(name, 0, "", "file is too large", f"{size} bytes", f"up to {MAX_BYTES}")
        ]
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        row = raw[: error.start].count(b"\n") + 1
        bad = repr(raw[error.start : error.start + 4])
        return "", [Finding(name, row, "", "not UTF-8 text", bad, "UTF-8; save as “CSV UTF-8”")]


def read_sheet(
    path: Path, columns: list[str], may_lack: Collection[str] = ()
) -> tuple[Sheet | None, list[Finding]]:
    """Read a CSV file whose header must be ``columns``, in any order.

    Columns of ``may_lack`` may be absent from the header.

    Returns
    -------
    tuple
        The sheet (None where it cannot be read at all) and the findings.
    """
    text, findings = decode(path)
    if findings:
        return None, findings
    name, records = path.name, []
    try:
        records = list(parse(text))
    except QuotingError as error:
        field = columns[error.column] if error.column < len(columns) else ""
        return None, [
            Finding(
                name, error.row, field, f"broken CSV quoting: {error.text}", error.found, QUOTE_HINT
            )
        ]
    if not records:
        return None, [Finding(name, 1, "", "file is empty", allowed=", ".join(columns))]
    header = records[0][1]
    if findings := list(_header_findings(name, header, columns, may_lack)):
        return None, findings
    rows = []
    for row, fields in records[1:]:
        if not any(value.strip() for value in fields):
            findings.append(Finding(name, row, "", "empty row", allowed="no empty rows"))
        elif len(fields) != len(header):
            findings.append(
                Finding(
                    name,
                    row,
                    "",
                    "wrong number of fields",
                    str(len(fields)),
                    f"{len(header)}; {QUOTE_HINT}",
                )
            )
        else:
            rows.append((row, dict(zip(header, fields, strict=True))))
    return Sheet(name, header, rows), findings


def _header_findings(
    name: str, header: list[str], columns: list[str], may_lack: Collection[str]
) -> Iterator[Finding]:
    """Yield what is wrong with a header."""
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        yield Finding(name, 1, "", "fields are not separated by commas", header[0], "commas")
        return
    for column in sorted({c for c in header if header.count(c) > 1}):
        yield Finding(name, 1, column, "column stands twice", column, "each column once")
    for column in header:
        if column not in columns:
            yield Finding(name, 1, column, "unknown column", column, ", ".join(columns))
    for column in columns:
        if column not in header and column not in may_lack:
            yield Finding(name, 1, column, "column is missing", ", ".join(header), column)
