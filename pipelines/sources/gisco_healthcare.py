"""Read GISCO's healthcare services: hospitals and other sites, with their real gaps."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipelines.core.errors import SourceUnreadable, UnknownCode
from pipelines.sources.gisco import in_bounds
from pipelines.sources.gisco_services import (
    NO_NUTS,
    Findings,
    is_mainland,
    number_within,
    read_texts,
    readers,
)

_COLUMNS = (
    "id",
    "hospital_name",
    "site_name",
    "lat",
    "lon",
    "geo_qual",
    "street",
    "house_number",
    "postcode",
    "city",
    "cc",
    "country",
    "cap_beds",
    "cap_prac",
    "cap_rooms",
    "emergency",
    "facility_type",
    "public_private",
    "list_specs",
    "tel",
    "email",
    "url",
    "ref_date",
    "pub_date",
    "comments",
)
_TEXTS = (
    "hospital_name",
    "site_name",
    "street",
    "house_number",
    "postcode",
    "city",
    "country",
    "facility_type",
    "list_specs",
    "ref_date",
    "pub_date",
)
_ALLOWED = {
    "geo_qual": ("1", "2", "3", "-1"),
    "emergency": ("", "yes", "no"),
    "public_private": ("", "public", "private"),
}
_DECIMAL = re.compile(r"-?\d+(\.\d+)?")
_WHOLE = re.compile(r"\d+")

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
    texts = read_texts(path, _COLUMNS, _COLUMNS, new_allowed=False)
    findings, sites = Findings(), []
    rows = zip(texts.line.tolist(), texts.is_repeat.tolist(), texts.table.to_pylist(), strict=True)
    for line, is_repeat, row in rows:
        _check_codes(path, line, row)
        if is_repeat:
            findings.add("id", "a row is repeated word for word", "set aside", row["id"])
            continue
        site = _site(path, line, row, findings)
        if site is not None:
            sites.append(site)
    if not sites:
        raise SourceUnreadable(f"{path}: no site that can be used. Fetch it again.")
    table = pa.Table.from_pylist(sites, SITES)
    position = SITES.get_field_index("site_no")
    numbers = pa.array(number_within(table["id"]))
    return table.set_column(position, SITES.field(position), numbers), findings.table()


def _check_codes(path: Path, line: int, row: dict[str, str]) -> None:
    for name, allowed in _ALLOWED.items():
        if row[name] not in allowed:
            raise UnknownCode(
                f"{path}: row {line}, column {name}: {row[name]!r} found;"
                f" {', '.join(repr(value) for value in allowed)} allowed."
            )
    if not re.fullmatch(r"[A-Z]{2}", row["cc"]) or not row["id"]:
        raise UnknownCode(
            f"{path}: row {line}: cc {row['cc']!r}, id {row['id']!r}: a code is needed."
        )


def _site(path: Path, line: int, row: dict[str, str], findings: Findings) -> dict[str, Any] | None:
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
    if not in_bounds(**point) or row["cc"] in NO_NUTS:
        findings.add("lon", "outside all NUTS regions", "set aside", key)
        return None
    is_near = bool(is_mainland(**point))
    if not is_near:
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
        "is_mainland": is_near,
    }


def _count_gaps(row: dict[str, str], findings: Findings) -> None:
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


read, read_findings = readers(read_both)
