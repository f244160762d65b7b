"""Read GISCO's healthcare services: hospitals and other sites, with their real gaps.

The file joins national registers, so each has its own gaps. What is missing stays
missing, what is a slip of typing is mended, what cannot be used is set aside, and each
of these is counted in a second table that goes into the database too.
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from pipelines import archives
from pipelines.errors import SchemaDrift, SourceUnreadable, UnknownCode
from pipelines.sources.gisco import in_bounds

if TYPE_CHECKING:
    from pipelines.registry import Source

_COLUMNS = (
    "id", "hospital_name", "site_name", "lat", "lon", "geo_qual", "street", "house_number",
    "postcode", "city", "cc", "country", "cap_beds", "cap_prac", "cap_rooms", "emergency",
    "facility_type", "public_private", "list_specs", "tel", "email", "url", "ref_date", "pub_date",
    "comments",
)  # fmt: skip
_TEXTS = ("hospital_name", "site_name", "street", "house_number", "postcode", "city", "country",
          "facility_type", "list_specs", "ref_date", "pub_date")  # fmt: skip
_ALLOWED = {
    "geo_qual": ("1", "2", "3", "-1"),
    "emergency": ("", "yes", "no"),
    "public_private": ("", "public", "private"),
}
#: Parts of countries that have no NUTS region; the rest of the French overseas has.
_NO_NUTS = {"PM", "BL", "WF", "PF", "NC", "TF"}
#: The mainland and near islands: the area of the travel model. South-west, north-east.
_MAINLAND = (-32.0, 27.0, 45.0, 72.0)
_DECIMAL = re.compile(r"-?\d+(\.\d+)?")
_WHOLE = re.compile(r"\d+")
_MAX_FIELD = 2_000

SITES = pa.schema(
    [
        ("id", pa.string()),
        ("site_no", pa.int32()),
        *[(name, pa.string()) for name in _TEXTS],
        ("cc", pa.string()),
        ("lon", pa.float64()),
        ("lat", pa.float64()),
        ("geo_qual", pa.int32()),
        ("cap_beds", pa.int32()),
        ("emergency", pa.string()),
        ("public_private", pa.string()),
        ("is_mainland", pa.bool_()),
    ]
)
FINDINGS = pa.schema(
    [
        ("field", pa.string()),
        ("finding", pa.string()),
        ("action", pa.string()),
        ("rows", pa.int32()),
        ("example", pa.string()),
    ]
)


class _Findings:
    """Counts of what was met, with the first example of each."""

    def __init__(self) -> None:
        self.seen: dict[tuple[str, str, str], list] = {}

    def add(self, field: str, finding: str, action: str, example: str) -> None:
        self.seen.setdefault((field, finding, action), [0, example])[0] += 1

    def table(self) -> pa.Table:
        rows = [
            dict(zip(FINDINGS.names, (*key, count, example), strict=True))
            for key, (count, example) in sorted(self.seen.items())
        ]
        return pa.Table.from_pylist(rows, FINDINGS)


def read(path: Path, declared: Source) -> pa.Table:
    """Read the sites that can be used; see `read_both`."""
    sites = read_both(path)[0]
    return sites.select(
        [name for name in declared.columns if name in sites.column_names] or SITES.names
    )


def read_findings(path: Path, declared: Source) -> pa.Table:
    """Read what was mended, left empty or set aside; see `read_both`."""
    return read_both(path)[1]


def read_both(path: Path) -> tuple[pa.Table, pa.Table]:
    """Read the file.

    Returns
    -------
    sites : pyarrow.Table
        One row a site. ``id`` is the publisher's; several sites share one, so
        ``site_no`` (from 1, in file order) completes the key. ``lon``, ``lat`` in
        degrees; ``geo_qual`` 1 good to 3 low, -1 unknown, as published; ``cap_beds``
        null where the register gives none; ``emergency`` and ``public_private`` null
        where empty; ``is_mainland`` False overseas.
    findings : pyarrow.Table
        ``field, finding, action`` (``kept``, ``mended``, ``left empty``, ``set aside``),
        ``rows``, ``example`` (an identifier).

    Raises
    ------
    SourceUnreadable, SchemaDrift, UnknownCode
    """
    text = archives.read_bytes(path, archives.Caps(max_bytes=200 << 20))
    try:
        decoded = text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceUnreadable(f"{path}: not UTF-8 ({error}).") from error
    reader = csv.reader(io.StringIO(decoded, newline=""), strict=True)
    header = next(reader, [])
    if set(header) != set(_COLUMNS) or len(header) != len(_COLUMNS):
        raise SchemaDrift(
            f"{path}: row 1: missing columns {sorted(set(_COLUMNS) - set(header))}, new columns"
            f" {sorted(set(header) - set(_COLUMNS))[:10]}. Fetch it again or adapt the reader."
        )
    findings, sites = _Findings(), []
    seen: set[tuple[str, ...]] = set()
    numbers: dict[str, int] = {}
    for cells in _rows(reader, path):
        row = _row(path, reader.line_num, header, cells)
        if tuple(cells) in seen:
            findings.add("id", "a row is repeated word for word", "set aside", row["id"])
            continue
        seen.add(tuple(cells))
        site = _site(path, reader.line_num, row, findings)
        if site is not None:
            site["site_no"] = numbers[row["id"]] = numbers.get(row["id"], 0) + 1
            sites.append(site)
    if not sites:
        raise SourceUnreadable(f"{path}: a header and no site. Fetch it again.")
    return pa.Table.from_pylist(sites, SITES), findings.table()


def _rows(reader, path: Path):
    try:
        yield from reader
    except csv.Error as error:
        raise SourceUnreadable(
            f"{path}: row {reader.line_num}: {error}. Fetch it again."
        ) from error


def _row(path: Path, line: int, header: list[str], cells: list[str]) -> dict[str, str]:
    if len(cells) != len(header):
        raise SourceUnreadable(
            f"{path}: row {line}: {len(cells)} cells found, {len(header)} expected."
        )
    row = dict(zip(header, cells, strict=True))
    for name, allowed in _ALLOWED.items():
        if row[name] not in allowed:
            raise UnknownCode(
                f"{path}: row {line}, column {name}: {row[name]!r} found;"
                f" {', '.join(repr(one) for one in allowed)} allowed."
            )
    if not re.fullmatch(r"[A-Z]{2}", row["cc"]) or not row["id"]:
        raise UnknownCode(
            f"{path}: row {line}: cc {row['cc']!r}, id {row['id']!r}: a code is needed."
        )
    if max(map(len, cells)) > _MAX_FIELD:
        raise SourceUnreadable(f"{path}: row {line}: a cell of more than {_MAX_FIELD} characters.")
    return row


def _site(path: Path, line: int, row: dict[str, str], findings: _Findings) -> dict | None:
    """Turn one row into a site, or None where it is set aside."""
    key = row["id"]
    point = {}
    for name in ("lon", "lat"):
        text = row[name].strip()
        if text != row[name]:
            findings.add(name, "blanks around the number", "mended", key)
        if not _DECIMAL.fullmatch(text):
            findings.add(name, "no number", "set aside", key)
            return None
        point[name] = float(text)
    if not in_bounds(**point) or row["cc"] in _NO_NUTS:
        findings.add("lon", "outside all NUTS regions", "set aside", key)
        return None
    west, south, east, north = _MAINLAND
    is_mainland = west <= point["lon"] <= east and south <= point["lat"] <= north
    if not is_mainland:
        findings.add("lon", "overseas: outside the area of the travel model", "kept", key)
    _count_gaps(row, findings)
    if row["cap_beds"] and not _WHOLE.fullmatch(row["cap_beds"]):
        raise SourceUnreadable(
            f"{path}: row {line}, column cap_beds: {row['cap_beds']!r} found; a whole number, 0 or"
            " more, or nothing is allowed."
        )
    return {
        **{name: row[name].strip() or None for name in _TEXTS},
        **point,
        "id": key,
        "cc": row["cc"],
        "geo_qual": int(row["geo_qual"]),
        "cap_beds": int(row["cap_beds"]) if row["cap_beds"] else None,
        "emergency": row["emergency"] or None,
        "public_private": row["public_private"] or None,
        "is_mainland": is_mainland,
    }


def _count_gaps(row: dict[str, str], findings: _Findings) -> None:
    key = row["id"]
    if row["geo_qual"] == "-1":
        findings.add("geo_qual", "quality of the position is unknown (-1)", "kept", key)
    for name in ("cap_beds", "emergency", "public_private"):
        if not row[name]:
            findings.add(name, "empty: not known", "left empty", key)
    if row["cap_beds"] == "0":
        findings.add("cap_beds", "no beds (0)", "kept", key)
    if "�" in "".join(row.values()):
        findings.add("text", "letters lost by the publisher (U+FFFD)", "kept", key)
