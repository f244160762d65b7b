"""Read GISCO's education services: schools and universities, with their real gaps.

The header of the European file could not be compared with a copy of it; it is read by
GISCO's published list of attributes. So columns may come in any order, further ones are
reported and not taken, and only those that everything rests on must be there. Telephone,
mail and web addresses may be those of persons and are of no use here: they are never taken.
See docs/decisions.md, 14.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipelines.core.errors import SourceUnreadable, UnknownCode
from pipelines.sources.gisco import in_bounds
from pipelines.sources.gisco_services import (
    NO_NUTS,
    Findings,
    Texts,
    is_mainland,
    number_within,
    read_texts,
    readers,
    true_where,
)

_REQUIRED = ("id", "name", "lat", "lon", "cntr_id", "levels", "geo_qual")
_TEXTS = ("name", "site_name", "city", "facility_type", "ref_date", "pub_date")
_NUMBERS = ("max_students", "enrollment")
_WANTED = (
    *_REQUIRED,
    "site_name",
    "city",
    "facility_type",
    "public_private",
    *_NUMBERS,
    "ref_date",
    "pub_date",
)
#: Known, of no use here and never taken.
_LEFT = (
    "street",
    "house_number",
    "postcode",
    "address",
    "fields",
    "tel",
    "email",
    "url",
    "comments",
)
_QUALITIES = {"1": 1, "2": 2, "3": 3, "4": 4, "-1": -1, "-2": -2}
_NOT_GEOCODED = -2
#: How programs write that there is nothing; a town may be called None.
_EMPTY = ("", "null", "nan", "none")
_EMPTY_TEXT = ("", "null", "NULL")
_DECIMAL = r"^-?\d{1,3}(\.\d*)?([eE][-+]?\d{1,2})?$"
_WHOLE = r"^\d{1,6}(\.0+)?$"
_LEVEL = r"[0-8]"
_LEVELS = re.compile(rf"{_LEVEL}(\.0)?|{_LEVEL}( ?[-,;] ?{_LEVEL})+")
#: A file of which more is set aside is not what it should be.
_MOST_ASIDE = 0.5


def read_both(path: Path) -> tuple[pa.Table, pa.Table]:
    """Read the file.

    Returns
    -------
    sites : pyarrow.Table
        One row a site. ``id`` is the publisher's; ``site_no`` (from 1, in file order)
        completes the key where several sites share one. ``levels`` (ISCED 2011) as
        published, ``level_list`` the levels it stands for, null where it cannot be
        read. ``lon``, ``lat`` in degrees; ``geo_qual`` 1 good to 3 low, 4 from the
        register, -1 unknown; ``max_students`` (places) and ``enrollment`` (pupils)
        null where no whole number is stated; ``is_mainland`` False overseas.
    findings : pyarrow.Table
        ``field, finding, action`` (``kept``, ``mended``, ``left empty``, ``set aside``),
        ``rows``, ``example`` (an identifier; of a column, nothing).

    Raises
    ------
    SourceUnreadable
        Not CSV, or more than half of the rows cannot be used.
    SchemaDrift, UnknownCode
        A required column is missing; a quality of position is not in GISCO's list.
    """
    texts = read_texts(path, _WANTED, _REQUIRED, new_allowed=True)
    findings = Findings()
    _note_columns(texts, findings)
    table = pa.table({name: _cells(texts.table, name, findings) for name in _WANTED})
    quality = _qualities(path, table, texts)
    lon, lat = (_coordinates(table[name]) for name in ("lon", "lat"))
    used = _usable(path, texts, table, quality, lon, lat, findings)
    table = table.filter(pa.array(used))
    lon, lat, quality = lon[used], lat[used], quality[used]
    sites = {"id": table["id"], "site_no": pa.array(number_within(table["id"]))}
    sites |= {name: table[name] for name in _TEXTS}
    sites |= {"cntr_id": table["cntr_id"], "levels": table["levels"]}
    sites["level_list"] = _levels(table, findings)
    sites |= {"lon": pa.array(lon), "lat": pa.array(lat), "geo_qual": pa.array(quality)}
    sites |= {name: _number(table, name, findings) for name in _NUMBERS}
    sites["public_private"] = _ownership(table, findings)
    near = is_mainland(lon, lat)
    sites["is_mainland"] = pa.array(near)
    ids = table["id"]
    findings.add_where(
        quality == -1, "geo_qual", "quality of the position is unknown (-1)", "kept", ids
    )
    findings.add_where(~near, "lon", "overseas: outside the area of the travel model", "kept", ids)
    return pa.table(sites), findings.table()


def _note_columns(texts: Texts, findings: Findings) -> None:
    """Count columns that the reader does not know, and known ones that are not there."""
    rows = len(texts.table)
    for name in texts.header:
        if name not in (*_WANTED, *_LEFT):
            label = name.strip()[:60] or "(no name)"
            findings.add(label, "the reader does not know this column", "set aside", "", rows)
    for name in sorted(set(_WANTED) - set(texts.header)):
        findings.add(name, "the file has no such column", "left empty", "", rows)


def _cells(table: pa.Table, name: str, findings: Findings) -> pa.ChunkedArray:
    """Return a column without blanks around its cells, null where nothing is stated."""
    if name not in table.column_names:
        return pa.chunked_array([pa.nulls(len(table), pa.string())])
    cells = pc.utf8_trim_whitespace(table[name])
    if name in ("lat", "lon"):
        findings.add_where(
            true_where(pc.not_equal(cells, table[name])),
            name,
            "blanks around the number",
            "mended",
            table["id"],
        )
    if name in _TEXTS:
        nothing = pc.is_in(cells, pa.array(_EMPTY_TEXT))
    else:
        nothing = pc.is_in(pc.utf8_lower(cells), pa.array(_EMPTY))
    return pc.if_else(nothing, pa.scalar(None, pa.string()), cells)


def _qualities(path: Path, table: pa.Table, texts: Texts) -> NDArray[np.int32]:
    """Return the quality of each position; nothing stated is unknown."""
    cells = pc.replace_substring_regex(pc.fill_null(table["geo_qual"], "-1"), r"\.0$", "")
    allowed = pa.array(list(_QUALITIES))
    index = pc.index_in(cells, allowed)
    if index.null_count:
        row = int(np.argmax(true_where(pc.is_null(index))))
        raise UnknownCode(
            f"{path}: row {texts.line[row]}, column geo_qual: {cells[row].as_py()!r} found;"
            f" {', '.join(_QUALITIES)} or nothing allowed."
        )
    qualities: NDArray[np.int32] = np.array(list(_QUALITIES.values()), np.int32)[index.to_numpy()]
    return qualities


def _coordinates(cells: pa.ChunkedArray) -> NDArray[np.float64]:
    """Return numbers of degrees, NaN where there is none."""
    good = pc.if_else(pc.match_substring_regex(cells, _DECIMAL), cells, None)
    degrees: NDArray[np.float64] = pc.fill_null(good.cast(pa.float64()), np.nan).to_numpy()
    return degrees


def _usable(
    path: Path,
    texts: Texts,
    table: pa.Table,
    quality: NDArray[np.int32],
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    findings: Findings,
) -> NDArray[np.bool_]:
    """Tell which rows are sites, and count why the others are none."""
    countries = table["cntr_id"]
    is_code = true_where(pc.match_substring_regex(countries, "^[A-Z]{2}$"))
    reasons = [
        (true_where(pc.is_null(table["id"])), "id", "no identifier"),
        (texts.is_repeat, "id", "a row is repeated word for word"),
        (~is_code, "cntr_id", "no country code"),
        (quality == _NOT_GEOCODED, "geo_qual", "the publisher found no position (-2)"),
        (~np.isfinite(lon) | ~np.isfinite(lat), "lon", "no number"),
        ((lon == 0) & (lat == 0), "lon", "position 0, 0"),
        (
            ~in_bounds(lon, lat) | true_where(pc.is_in(countries, pa.array(NO_NUTS))),
            "lon",
            "outside all NUTS regions",
        ),
    ]
    used = np.ones(len(table), bool)
    for where, field, finding in reasons:
        findings.add_where(used & where, field, finding, "set aside", table["id"])
        used &= ~where
        if (used.sum()) < _MOST_ASIDE * len(table):
            raise SourceUnreadable(
                f"{path}: {len(table) - int(used.sum()):,} of {len(table):,} rows cannot be used,"
                f" the last ones for column {field}: {finding}. Fetch it again or adapt the reader."
            )
    return used


def _levels(table: pa.Table, findings: Findings) -> pa.ChunkedArray:
    """Return the ISCED levels of each site."""
    cells, ids = table["levels"], table["id"]
    findings.add_where(
        true_where(pc.is_null(cells)), "levels", "empty: not known", "left empty", ids
    )
    codes = pc.dictionary_encode(cells).combine_chunks()
    known = codes.dictionary.to_pylist()
    lists = [levels_of(text) for text in known]
    index = codes.indices
    odd = pa.array([not levels for levels in lists], pa.bool_()).take(index)
    ranges = [
        levels is not None and len(levels) > 2 and len(re.findall(r"\d", text)) == 2
        for levels, text in zip(lists, known, strict=True)
    ]
    findings.add_where(true_where(odd), "levels", "no level of ISCED 2011", "left empty", ids)
    findings.add_where(
        true_where(pa.array(ranges, pa.bool_()).take(index)),
        "levels",
        "first and last level: those between count too",
        "kept",
        ids,
    )
    return pa.chunked_array([pa.array(lists, pa.list_(pa.int8())).take(index)])


def levels_of(text: str) -> list[int] | None:
    """Return the levels of ISCED 2011 that a cell stands for, or None.

    A single level; ``1-3``, the first and the last of a range; ``1-2-3``, each of them.

    Examples
    --------
    >>> levels_of("1-3"), levels_of("0-2-5"), levels_of("x")
    ([1, 2, 3], [0, 2, 5], None)
    """
    if not _LEVELS.fullmatch(text):
        return None
    levels = [int(digits) for digits in re.findall(_LEVEL, text.removesuffix(".0"))]
    if len(levels) == 2 and "-" in text:
        return list(range(levels[0], levels[1] + 1)) or None
    return sorted(set(levels))


def _number(table: pa.Table, name: str, findings: Findings) -> pa.ChunkedArray:
    """Return a count; what is no whole number is left empty."""
    cells, ids = table[name], table["id"]
    good = pc.match_substring_regex(cells, _WHOLE)
    findings.add_where(true_where(pc.invert(good)), name, "no whole number", "left empty", ids)
    values = pc.if_else(good, cells, None).cast(pa.float64()).cast(pa.int32())
    findings.add_where(true_where(pc.is_null(cells)), name, "empty: not known", "left empty", ids)
    findings.add_where(true_where(pc.equal(values, 0)), name, "nobody (0)", "kept", ids)
    return values


def _ownership(table: pa.Table, findings: Findings) -> pa.ChunkedArray:
    cells = pc.utf8_lower(table["public_private"])
    findings.add_where(
        true_where(pc.is_null(cells)),
        "public_private",
        "empty: not known",
        "left empty",
        table["id"],
    )
    good = pc.is_in(cells, pa.array(["public", "private"]))
    odd = true_where(pc.and_(pc.is_valid(cells), pc.invert(good)))
    findings.add_where(
        odd, "public_private", "neither public nor private", "left empty", table["id"]
    )
    return pc.if_else(good, cells, None)


read, read_findings = readers(read_both)
