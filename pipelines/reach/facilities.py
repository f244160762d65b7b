"""Read a user's facilities: CSV or GeoJSON in, sites and stated repairs out.

Nothing is guessed. What cannot be read raises :class:`InputError` with file, row, field,
what was found and what is allowed; what is repaired is said.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipelines.core.areas import area
from pipelines.core.errors import InputError
from pipelines.core.findings import Finding, refusal, refuse, shorten
from pipelines.core.thresholds import Constants
from pipelines.io import geojson, sheets
from pipelines.io.numbers import (
    have_decimal_commas,
    is_grouped,
    number,
    shows_point,
    with_point,
)
from pipelines.io.texts import ID_CHARACTERS, decode, last_resort, read_text, trouble
from pipelines.reach.sites import Sites

#: Tells which of (lon, lat) lie where facilities can be.
Near = Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.bool_]]

_ALIASES = {
    "longitude": "lon",
    "lng": "lon",
    "long": "lon",
    "latitude": "lat",
    "facility_id": "id",
}
_NEEDED = ("id", "lon", "lat")
_ALLOWED = {"lon": "a longitude from -180 to 180", "lat": "a latitude from -90 to 90"}
_ALLOWED_CAPACITY = "a number from 0 up, or nothing"
#: More are not collected: who has a thousand has one fault a thousand times.
_MOST_FINDINGS = 1_000


@dataclass(frozen=True, slots=True)
class FacilityLimits(Constants):
    """How many facilities are read, and of how large a file."""

    most_rows: float
    most_mb: float

    @classmethod
    def prefix(cls) -> str:
        """Return ``facility_``."""
        return "facility_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facilities:
    """Sites of a file, and what had to be repaired to read it."""

    sites: Sites
    repairs: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    """One facility as it stands in the file, its row or feature and its unchecked values."""

    row: int
    id: object
    lon: object
    lat: object
    capacity: object


@dataclass(slots=True, kw_only=True)
class _Document:
    """A file as records."""

    name: str
    unit: str
    records: list[_Record]
    repairs: list[str]
    has_decimal_comma: bool = False

    def finding(self, row: int, field: str, problem: str, allowed: str = "") -> Finding:
        return Finding(self.name, row, field, problem, allowed=allowed, unit=self.unit)


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
        are told by it. Default: whether they lie in the area ``europe`` of the seed.

    Returns
    -------
    Facilities

    Raises
    ------
    InputError
        The file is missing, empty, too large, not UTF-8 or not of its format;
        a field is missing, not a number, too long, out of range or an id comes twice.
    """
    read = _reader(path.name)
    return _facilities(read, read_text(path, limits.most_mb * 1e6), path.name, limits, near)


def facilities_of(
    content: bytes, name: str, limits: FacilityLimits, near: Near | None = None
) -> Facilities:
    """Read facilities from the bytes of a file; see :func:`read_facilities`.

    Parameters
    ----------
    name : str
        The file's name; its ending tells the format, and messages name it.
    """
    read = _reader(name)
    if len(content) > limits.most_mb * 1e6:
        raise refuse(name, f"{len(content)} bytes", allowed=f"up to {limits.most_mb * 1e6:.0f}")
    return _facilities(read, decode(content, name), name, limits, near)


_Reader = Callable[[str, str, FacilityLimits], _Document]


def _reader(name: str) -> _Reader:
    """Return the reader of a format."""
    suffix = Path(name).suffix.lower()
    if suffix in (".geojson", ".json"):
        return _from_geojson
    if suffix in (".csv", ".tsv", ".txt"):
        return _from_csv
    raise refuse(name, f"facilities are read from .csv or .geojson files; found '{suffix}'")


def _facilities(
    read: _Reader, text: str, name: str, limits: FacilityLimits, near: Near | None
) -> Facilities:
    with last_resort(name):
        document = read(text, name, limits)
        sites = _sites(document)
        sites = _unswap(sites, document, near or area("europe").holds)
    return Facilities(sites=sites, repairs=document.repairs)


def _too_many(name: str, row: int, unit: str, limits: FacilityLimits) -> InputError:
    allowed = "fewer; split the file, or raise the threshold facility_most_rows"
    problem = f"more than {limits.most_rows:g} facilities"
    return refusal([Finding(name, row, "", problem, allowed=allowed, unit=unit)])


# --- CSV ---------------------------------------------------------------------------------


def _from_csv(text: str, name: str, limits: FacilityLimits) -> _Document:
    """Read records of a CSV, header names brought to ours."""
    text, layout = sheets.laid_out(text, name)
    rows = sheets.parse(text, layout.delimiter, layout.first_row)
    document = _Document(name=name, unit="row", records=[], repairs=layout.repairs)
    try:
        row, cells = next(rows)
        header = _header(cells, row, document)
        document.records = list(_records(rows, header, document, limits))
    except sheets.QuotingError as error:
        raise refusal([error.finding(name)]) from error
    if layout.delimiter != ",":
        _read_decimal_commas(document)
    return document


def _header(cells: list[str], row: int, document: _Document) -> list[str]:
    """Column names brought to ours, with what is needed among them."""
    header = [cell.strip().lower() for cell in cells]
    findings = []
    for wanted in _NEEDED:
        same = [cell for cell in header if _ALIASES.get(cell) == wanted]
        both = [wanted, *same] if wanted in header and wanted != "id" else same
        if len(both) > 1:
            problem = f"columns {' and '.join(both)} all mean {wanted}"
            findings.append(document.finding(row, wanted, problem, "one of them"))
        elif same and wanted not in header:
            document.repairs.append(f"{document.name}: column '{same[0]}' read as '{wanted}'")
            header[header.index(same[0])] = wanted
    for wanted in (*_NEEDED, "capacity"):
        if header.count(wanted) > 1:
            findings.append(document.finding(row, "", f"column '{wanted}' comes twice"))
    known = ", ".join(header)
    for wanted in _NEEDED:
        if wanted not in header and not findings:
            problem = f"no column '{wanted}'; found {shorten(known) or 'nothing'}"
            raise refusal([document.finding(row, "", problem, "id, lon, lat; also capacity")])
    if findings:
        raise refusal(findings)
    return header


def _records(
    rows: Iterator[tuple[int, list[str]]],
    header: list[str],
    document: _Document,
    limits: FacilityLimits,
) -> Iterator[_Record]:
    """Yield the rows of a CSV that hold something."""
    names = (*_NEEDED, "capacity")
    places = [header.index(name) if name in header else -1 for name in names]
    count = separators = 0
    for row, cells in rows:
        if not any(map(str.strip, cells)):
            separators += len(cells) > 1  # an empty line is no row
            continue
        count += 1
        if count > limits.most_rows:
            raise _too_many(document.name, row, document.unit, limits)
        if len(cells) != len(header):
            problem = f"{len(cells)} fields; the header has {len(header)}"
            raise refusal([document.finding(row, "", problem, sheets.QUOTE_HINT)])
        key, lon, lat, capacity = (cells[i].strip() if i >= 0 else "" for i in places)
        yield _Record(row=row, id=key, lon=lon, lat=lat, capacity=capacity)
    if separators:
        document.repairs.append(sheets.left_out(document.name, separators))


def _read_decimal_commas(document: _Document) -> None:
    """Read decimal commas where all coordinates have them and no comma parts the fields."""
    cells = [str(cell) for record in document.records for cell in (record.lon, record.lat)]
    if not have_decimal_commas(cells):
        return
    document.has_decimal_comma = True
    document.repairs.append(f"{document.name}: {sheets.DECIMAL_COMMAS}")
    document.records = [
        replace(
            record,
            lon=_with_point(record.lon),
            lat=_with_point(record.lat),
            capacity=_with_point(record.capacity, may_group=True),
        )
        for record in document.records
    ]


def _with_point(cell: object, may_group: bool = False) -> object:
    text = str(cell)
    return cell if may_group and is_grouped(text) else with_point(text)


# --- GeoJSON -----------------------------------------------------------------------------


def _from_geojson(text: str, name: str, limits: FacilityLimits) -> _Document:
    """Read records of a FeatureCollection.

    The id is the property ``id`` or the feature's own; the capacity is the property
    ``capacity``. A polygon or line is stood for by a point on it, which is said.
    """
    features = geojson.features(geojson.parse_document(text, name), name)
    document = _Document(name=name, unit="feature", records=[], repairs=[])
    if len(features) > limits.most_rows:
        raise _too_many(name, int(limits.most_rows) + 1, document.unit, limits)
    replaced: dict[str, int] = {}
    findings: list[Finding] = []
    for row, feature in enumerate(features, start=1):
        if len(findings) >= _MOST_FINDINGS:
            break
        if not isinstance(feature, dict):
            findings.append(document.finding(row, "", "is not an object"))
            continue
        try:
            lon, lat, kind = geojson.point_on(feature.get("geometry"))
        except ValueError as error:
            findings.append(document.finding(row, "", str(error)))
            continue
        if kind != "Point":
            replaced[kind] = replaced.get(kind, 0) + 1
        properties = feature.get("properties")
        properties = properties if isinstance(properties, dict) else {}
        key = properties.get("id")
        document.records.append(
            _Record(
                row=row,
                id=feature.get("id") if key is None else key,
                lon=lon,
                lat=lat,
                capacity=properties.get("capacity"),
            )
        )
    if findings:
        raise refusal(findings)
    for kind, count in sorted(replaced.items()):
        document.repairs.append(f"{name}: {count} {kind} features are stood for by a point on each")
    return document


# --- both --------------------------------------------------------------------------------


def _sites(document: _Document) -> Sites:
    """Check every record and collect them."""
    if not document.records:
        allowed = "at least one row after the header"
        raise refuse(document.name, "no facilities", allowed=allowed)
    is_point = not document.has_decimal_comma and any(
        isinstance(one.capacity, str) and shows_point(one.capacity) for one in document.records
    )
    ids: list[str] = []
    numbers: list[tuple[float, float, float]] = []
    seen: dict[str, int] = {}
    findings: list[Finding] = []
    for record in document.records:
        key = _key(record.id)
        faults = list(_faults(record, key, seen, is_point, document))
        seen.setdefault(key, record.row)
        if faults:
            findings += faults
            if len(findings) >= _MOST_FINDINGS:
                break
            continue
        ids.append(key)
        numbers.append((number(record.lon), number(record.lat), _capacity(record.capacity)))  # type: ignore[arg-type]
    if findings:
        raise refusal(findings)
    return Sites(np.array(ids, dtype=object), *np.array(numbers).T)


def _key(value: object) -> str:
    """Return an id as text; 1.0 is what some programs write for 1."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        value = int(value)
    return "" if value is None else str(value)


def _faults(
    record: _Record, key: str, seen: dict[str, int], is_point: bool, document: _Document
) -> Iterator[Finding]:
    """Yield what is wrong with a record."""
    row, found = record.row, document.finding
    if isinstance(record.id, dict | list | bool):
        yield found(row, "id", "id must be text or a number")
    elif not key:
        yield found(row, "id", "id is empty", "an id of its own for each facility")
    elif problem := trouble(key, ID_CHARACTERS):
        yield found(row, "id", f"id {problem}", f"text of up to {ID_CHARACTERS} characters")
    elif key in seen:
        first = f"{document.unit} {seen[key]}"
        yield found(row, "id", f"id '{shorten(key, 40)}' stands already in {first}", "each id once")
    degrees = {}
    for name in ("lon", "lat"):
        value = getattr(record, name)
        degrees[name] = number(value)
        if degrees[name] is None:
            shown = shorten(str(value), 40)
            hint = "; use a decimal point" if "," in shown else ""
            yield found(row, name, f"{name} is '{shown}'", _ALLOWED[name] + hint)
    lon, lat = degrees["lon"], degrees["lat"]
    if lon is not None and lat is not None and _not_degrees(lon, lat):
        problem = f"lon {lon:g}, lat {lat:g} are not degrees"
        allowed = "longitude and latitude in EPSG:4326, not metres of a projection"
        yield found(row, "", problem, allowed)
    if fault := _capacity_fault(record.capacity, is_point):
        yield found(row, "capacity", *fault)


def _not_degrees(lon: float, lat: float) -> bool:
    """Tell whether two numbers cannot be degrees in either order."""
    return abs(lon) > 180 or abs(lat) > 180 or (abs(lat) > 90 and abs(lon) > 90)


def _capacity_fault(value: object, is_point: bool) -> tuple[str, str] | None:
    """Return problem and what is allowed, or None where a capacity can be read."""
    if value is None or value == "":
        return None
    shown = shorten(str(value), 40)
    if isinstance(value, str) and is_grouped(value) and not (is_point and "," not in value):
        without = value.replace(".", "").replace(",", "")
        return (
            f"capacity is '{shown}', which may be {without} or a fraction",
            f"{_ALLOWED_CAPACITY}; write {without}, or the fraction without its last 0",
        )
    amount = number(value)
    if amount is None:
        hint = "; use a decimal point" if "," in shown else ""
        return f"capacity is '{shown}'", _ALLOWED_CAPACITY + hint
    if amount < 0:
        return f"capacity is {amount:g}; it cannot be below 0", _ALLOWED_CAPACITY
    return None


def _capacity(value: object) -> float:
    """Capacity, NaN where it is not stated: missing is not zero."""
    amount = None if value == "" else number(value)
    return math.nan if amount is None else amount


def _unswap(sites: Sites, document: _Document, near: Near) -> Sites:
    """Set swapped coordinates right when the whole file is swapped; else name the rows."""
    right, swapped = near(sites.lon, sites.lat), near(sites.lat, sites.lon)
    doubtful = ~right & swapped
    if doubtful.any() and swapped.all():
        document.repairs.append(
            f"{document.name}: lon and lat were swapped in all {len(sites)} rows; they are read "
            "the other way round"
        )
        return replace(sites, lon=sites.lat, lat=sites.lon)
    findings = []
    for i in np.flatnonzero(doubtful | (np.abs(sites.lat) > 90))[:_MOST_FINDINGS]:
        key = f"id '{shorten(str(sites.ids[i]), 40)}'"
        if doubtful[i]:
            problem = (
                f"{key}: lon {sites.lon[i]:g}, lat {sites.lat[i]:g} look swapped "
                f"({int(doubtful.sum())} of {len(sites)} rows do)"
            )
            allowed = f"lon {sites.lat[i]:g}, lat {sites.lon[i]:g} would lie where people live"
        else:
            problem, allowed = f"{key}: lat is {sites.lat[i]:g}", _ALLOWED["lat"]
        findings.append(document.finding(document.records[i].row, "", problem, allowed))
    if findings:
        raise refusal(findings)
    return sites
