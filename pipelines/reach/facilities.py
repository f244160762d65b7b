"""Read a user's facilities: CSV or GeoJSON in, sites and stated repairs out.

Nothing is guessed. What cannot be read raises :class:`InputError` with file,
row, field, what was found and what is allowed; what is repaired is said.
GeoJSON is parsed as JSON and never handed to GDAL, which trusts content rather
than names and would follow a VRT to other files.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from pipelines.core.errors import InputError
from pipelines.core.thresholds import Constants
from pipelines.reach.facilities_geojson import geojson_rows
from pipelines.reach.sites import Sites

#: One facility as text or number: where it stands in the file, id, lon, lat, capacity.
Row = tuple[str, object, object, object, object]
#: Tells which of (lon, lat) lie where facilities can be.
Near = Callable[[np.ndarray, np.ndarray], np.ndarray]

_ALIASES = {
    "longitude": "lon",
    "lng": "lon",
    "long": "lon",
    "latitude": "lat",
    "facility_id": "id",
}
_NEEDED = ("id", "lon", "lat")


@dataclass(frozen=True, slots=True)
class FacilityLimits(Constants):
    """Where facilities are expected, and how many of them are read."""

    west_deg: float
    east_deg: float
    south_deg: float
    north_deg: float
    most_rows: float
    most_mb: float

    @classmethod
    def prefix(cls) -> str:
        """Return ``facility_``."""
        return "facility_"

    def inside(self, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
        """Tell which points lie in the area in which facilities are expected."""
        return (
            (lon >= self.west_deg)
            & (lon <= self.east_deg)
            & (lat >= self.south_deg)
            & (lat <= self.north_deg)
        )


@dataclass(frozen=True, slots=True)
class Facilities:
    """Sites of a file, and what had to be repaired to read it."""

    sites: Sites
    repairs: list[str] = field(default_factory=list)


def read_facilities(path: Path, limits: FacilityLimits, near: Near | None = None) -> Facilities:
    """Read facilities from ``.csv`` or ``.geojson``/``.json``.

    Parameters
    ----------
    path : Path
        CSV with a header ``id,lon,lat[,capacity]`` in UTF-8, or a GeoJSON
        FeatureCollection; coordinates in EPSG:4326.
    limits : FacilityLimits
    near : callable, optional
        Tells which (lon, lat) lie near a known settlement; swapped coordinates
        are told by it. Default: whether they lie in the area of ``limits``.

    Returns
    -------
    Facilities

    Raises
    ------
    InputError
        The file is missing, empty, too large, not UTF-8 or not of its format;
        a field is missing, not a number, out of range or an id comes twice.
    """
    text = _text(path, limits)
    repairs: list[str] = []
    suffix = path.suffix.lower()
    if suffix in (".geojson", ".json"):
        rows: Iterable[Row] = geojson_rows(text, path.name, repairs)
    elif suffix in (".csv", ".tsv", ".txt"):
        rows = _csv_rows(text, path.name, repairs)
    else:
        raise InputError(
            f"{path.name}: facilities are read from .csv or .geojson files; found '{suffix}'"
        )
    sites = _sites(rows, path.name, limits)
    return Facilities(_unswap(sites, path.name, near or limits.inside, repairs), repairs)


def _text(path: Path, limits: FacilityLimits) -> str:
    """Return the file's text, or say why it has none."""
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    size = path.stat().st_size
    if size > limits.most_mb * 1e6:
        raise InputError(
            f"{path.name}: {size / 1e6:.0f} MB; at most {limits.most_mb:g} MB are read"
        )
    raw = path.read_bytes()
    if not raw.strip():
        raise InputError(
            f"{path.name}: the file is empty; a header and at least one row are needed"
        )
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise InputError(f"{path.name}: the file is UTF-16; save it as UTF-8")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = raw.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{path.name}: row {row}: byte 0x{raw[error.start]:02x} is not UTF-8; "
            "save the file as UTF-8"
        ) from error
    if "\x00" in text:
        row = text.count("\n", 0, text.index("\x00")) + 1
        raise InputError(f"{path.name}: row {row}: holds a NUL character; this is not a text file")
    return text


def _csv_rows(text: str, name: str, repairs: list[str]) -> Iterator[Row]:
    """Rows of a CSV, header names brought to ours."""
    head = text.split("\n", 1)[0]
    counts = {sign: head.count(sign) for sign in ",;\t"}
    delimiter = max(counts, key=lambda sign: counts[sign])
    if counts[delimiter] and delimiter != ",":
        repairs.append(f"{name}: read with {delimiter!r} between fields instead of ','")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = _header(next(reader), name, repairs)
        at = [header.index(n) if n in header else -1 for n in (*_NEEDED, "capacity")]
        for cells in reader:
            if not cells:
                continue
            if len(cells) != len(header):
                raise InputError(
                    f"{name}: row {reader.line_num}: {len(cells)} fields; "
                    f"the header has {len(header)}"
                )
            values = [cells[i].strip() if i >= 0 else "" for i in at]
            yield f"row {reader.line_num}", *values
    except csv.Error as error:
        raise InputError(f"{name}: row {reader.line_num}: {error}") from error


def _header(cells: list[str], name: str, repairs: list[str]) -> list[str]:
    """Column names brought to ours, with what is needed among them."""
    header = [cell.strip().lower() for cell in cells]
    for i, cell in enumerate(header):
        if cell in _ALIASES and _ALIASES[cell] not in header:
            repairs.append(f"{name}: column '{cell}' read as '{_ALIASES[cell]}'")
            header[i] = _ALIASES[cell]
    for wanted in (*_NEEDED, "capacity"):
        if header.count(wanted) > 1:
            raise InputError(f"{name}: row 1: column '{wanted}' comes twice")
        if wanted in _NEEDED and wanted not in header:
            raise InputError(
                f"{name}: row 1: no column '{wanted}'; found {', '.join(header) or 'nothing'}. "
                "Needed: id, lon, lat; optional: capacity"
            )
    return header


def _number(value: object, where: str, name: str, allowed: str) -> float:
    """Turn a cell into a finite number."""
    try:
        if isinstance(value, bool) or value is None:
            raise ValueError
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        shown = str(value)[:40]
        hint = "; use a decimal point" if "," in shown else ""
        raise InputError(f"{where}: {name} is '{shown}'; {allowed}{hint}") from None
    return number


def _sites(rows: Iterable[Row], name: str, limits: FacilityLimits) -> Sites:
    """Check every row and collect them."""
    ids: list[str] = []
    columns: tuple[list[float], list[float], list[float]] = ([], [], [])
    seen: dict[str, str] = {}
    for place, key, lon, lat, capacity in rows:
        where = f"{name}: {place}"
        if len(ids) >= limits.most_rows:
            raise InputError(
                f"{where}: more than {limits.most_rows:g} facilities; split the file, or raise the "
                "threshold facility_most_rows"
            )
        text = "" if key is None else str(key)
        if not text:
            raise InputError(f"{where}: id is empty; every facility needs one of its own")
        if text in seen:
            raise InputError(f"{where}: id '{text[:40]}' stands already in {seen[text]}")
        seen[text] = place
        ids.append(text)
        columns[0].append(_number(lon, where, "lon", "a longitude from -180 to 180 is allowed"))
        columns[1].append(_number(lat, where, "lat", "a latitude from -90 to 90 is allowed"))
        columns[2].append(_capacity(capacity, where))
        _in_range(columns[0][-1], columns[1][-1], where)
    if not ids:
        raise InputError(f"{name}: no facilities; at least one row after the header is needed")
    return Sites(np.array(ids, dtype=object), *(np.array(c) for c in columns))


def _capacity(value: object, where: str) -> float:
    """Capacity, NaN where it is not stated: missing is not zero."""
    if value is None or value == "":
        return math.nan
    number = _number(value, where, "capacity", "a number from 0 up, or nothing, is allowed")
    if number < 0:
        raise InputError(f"{where}: capacity is {number:g}; it cannot be below 0")
    return number


def _in_range(lon: float, lat: float, where: str) -> None:
    """Refuse what cannot be degrees in either order."""
    if abs(lon) > 180 or abs(lat) > 180 or (abs(lat) > 90 and abs(lon) > 90):
        raise InputError(
            f"{where}: lon {lon:g}, lat {lat:g} are not degrees; "
            "longitude and latitude in EPSG:4326 are needed, not metres of a projection"
        )


def _unswap(sites: Sites, name: str, near: Near, repairs: list[str]) -> Sites:
    """Set swapped coordinates right when the whole file is swapped; else name the row."""
    right, swapped = near(sites.lon, sites.lat), near(sites.lat, sites.lon)
    doubtful = np.flatnonzero(~right & swapped)
    if len(doubtful) and swapped.all():
        repairs.append(
            f"{name}: lon and lat were swapped in all {len(sites)} rows; they are read the "
            "other way round"
        )
        return Sites(sites.ids, sites.lat, sites.lon, sites.capacity)
    if len(doubtful):
        i = int(doubtful[0])
        raise InputError(
            f"{name}: id '{sites.ids[i]}': lon {sites.lon[i]:g}, lat {sites.lat[i]:g} look swapped "
            f"({len(doubtful)} of {len(sites)} rows do); lon {sites.lat[i]:g}, "
            f"lat {sites.lon[i]:g} would lie where people live"
        )
    bad = np.flatnonzero(np.abs(sites.lat) > 90)
    if len(bad):
        i = int(bad[0])
        raise InputError(
            f"{name}: id '{sites.ids[i]}': lat is {sites.lat[i]:g}; "
            "a latitude from -90 to 90 is allowed"
        )
    return sites
