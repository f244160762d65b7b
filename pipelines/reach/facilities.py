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
from pipelines.core.findings import MOST_FINDINGS, Finding, refusal, refuse, shorten
from pipelines.core.thresholds import Constants
from pipelines.io.geojson import SUFFIXES
from pipelines.io.numbers import (
    is_grouped,
    number,
    shows_point,
)
from pipelines.io.texts import ID_CHARACTERS, decode, last_resort, read_text, trouble
from pipelines.reach.records import (
    FacilityDocument,
    FacilityRecord,
    from_csv,
    from_geojson,
    key_text,
)
from pipelines.reach.sites import Sites

#: Tells which of (lon, lat) lie where facilities can be.
Near = Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.bool_]]

_ALLOWED = {"lon": "a longitude from -180 to 180", "lat": "a latitude from -90 to 90"}
#: A longer name is cut; it is for the eye, the id tells.
NAME_CHARACTERS = 100
_ALLOWED_CAPACITY = "a number from 0 up, or nothing"
_ALL_OR_NONE = "a capacity in each, or in none: each counts as one then (one per site)"


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
    """Sites of a file, what had to be repaired to read it, and their names.

    Attributes
    ----------
    sites : Sites
    repairs : list of str
    names : list of str
        Name of each site, empty where the file has none.
    gap : Finding or None
        The first row without a capacity, where others state one.
    """

    sites: Sites
    repairs: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    gap: Finding | None = None

    def for_supply(self, one_per_site: bool = False) -> Facilities:
        """Return the facilities if it is clear what a supply score shares out.

        Parameters
        ----------
        one_per_site : bool
            Each counts as one, whatever capacity it states.

        Raises
        ------
        InputError
            Some state a capacity and some do not: they cannot be added up, and to leave out
            a row, or to count all as one, is for the user to say.
        """
        if one_per_site:
            unknown = np.full(len(self.sites), math.nan)
            return replace(self, sites=replace(self.sites, capacity=unknown), gap=None)
        if self.gap is not None:
            raise refusal([self.gap])
        return self


def read_facilities(path: Path, limits: FacilityLimits, near: Near | None = None) -> Facilities:
    """Read facilities from ``.csv`` or ``.geojson``/``.json``.

    Parameters
    ----------
    path : Path
        CSV with a header ``[id,]lon,lat[,capacity][,name]`` in UTF-8, or a GeoJSON
        FeatureCollection; coordinates in EPSG:4326. Without any id rows are numbered.
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


_Reader = Callable[[str, str, float], FacilityDocument]


def _reader(name: str) -> _Reader:
    """Return the reader of a format."""
    suffix = Path(name).suffix.lower()
    if suffix in SUFFIXES:
        return from_geojson
    if suffix in (".csv", ".tsv", ".txt"):
        return from_csv
    raise refuse(name, f"facilities are read from .csv or .geojson files; found '{suffix}'")


def _facilities(
    read: _Reader, text: str, name: str, limits: FacilityLimits, near: Near | None
) -> Facilities:
    with last_resort(name):
        document = read(text, name, limits.most_rows)
        sites = _sites(document)
        sites = _unswap(sites, document, near or area("europe").holds)
    names = [_name(record.name) for record in document.records]
    gap = _gap(document, sites)
    return Facilities(sites=sites, repairs=document.repairs, names=names, gap=gap)


def _gap(document: FacilityDocument, sites: Sites) -> Finding | None:
    """Return the first row without a capacity, where others state one."""
    missing = np.flatnonzero(np.isnan(sites.capacity))
    if not 0 < len(missing) < len(sites):
        return None
    problem = f"capacity is empty, as in {len(missing):,} of {len(sites):,} facilities"
    return document.finding(document.records[missing[0]].row, "capacity", problem, _ALL_OR_NONE)


def _name(value: object) -> str:
    """Return a name as one short line; what is no text is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return shorten(" ".join(key_text(value).split()), NAME_CHARACTERS)


def _sites(document: FacilityDocument) -> Sites:
    """Check every record and collect them."""
    if not document.records and not document.findings:
        allowed = "at least one row after the header"
        raise refuse(document.name, "no facilities", allowed=allowed)
    is_point = not document.has_decimal_comma and any(
        isinstance(record.capacity, str) and shows_point(record.capacity)
        for record in document.records
    )
    ids: list[str] = []
    numbers: list[tuple[float, float, float]] = []
    seen: dict[str, int] = {}
    findings = list(document.findings)
    for record in document.records:
        key = key_text(record.id)
        faults = list(_faults(record, key, seen, is_point, document))
        seen.setdefault(key, record.row)
        if faults:
            findings += faults
            if len(findings) >= MOST_FINDINGS:
                break
            continue
        ids.append(key)
        lon, lat, capacity = number(record.lon), number(record.lat), _capacity(record.capacity)
        numbers.append((lon, lat, capacity))  # type: ignore[arg-type]  # None is a fault, see above
    if findings:
        raise refusal(findings)
    return Sites(np.array(ids, dtype=object), *np.array(numbers).T)


def _faults(
    record: FacilityRecord,
    key: str,
    seen: dict[str, int],
    is_point: bool,
    document: FacilityDocument,
) -> Iterator[Finding]:
    """Yield what is wrong with a record."""
    row, finding = record.row, document.finding
    if isinstance(record.id, dict | list | bool):
        yield finding(row, "id", "id must be text or a number")
    elif not key:
        yield finding(row, "id", "id is empty", "an id of its own for each facility")
    elif problem := trouble(key, ID_CHARACTERS):
        yield finding(row, "id", f"id {problem}", f"text of up to {ID_CHARACTERS} characters")
    elif key in seen:
        first = f"{document.unit} {seen[key]}"
        yield finding(
            row, "id", f"id '{shorten(key, 40)}' stands already in {first}", "each id once"
        )
    degrees = {}
    for name in ("lon", "lat"):
        value = getattr(record, name)
        degrees[name] = number(value)
        if degrees[name] is None:
            text = shorten(str(value), 40)
            hint = "; use a decimal point" if "," in text else ""
            yield finding(row, name, f"{name} is '{text}'", _ALLOWED[name] + hint)
    lon, lat = degrees["lon"], degrees["lat"]
    if lon is not None and lat is not None and _not_degrees(lon, lat):
        problem = f"lon {lon:g}, lat {lat:g} are not degrees"
        allowed = "longitude and latitude in EPSG:4326, not metres of a projection"
        yield finding(row, "", problem, allowed)
    if fault := _capacity_fault(record.capacity, is_point):
        yield finding(row, "capacity", *fault)


def _not_degrees(lon: float, lat: float) -> bool:
    """Tell whether two numbers cannot be degrees in either order."""
    return abs(lon) > 180 or abs(lat) > 180 or (abs(lat) > 90 and abs(lon) > 90)


def _capacity_fault(value: object, is_point: bool) -> tuple[str, str] | None:
    """Return problem and what is allowed, or None where a capacity can be read."""
    if value is None or value == "":
        return None
    text = shorten(str(value), 40)
    if isinstance(value, str) and is_grouped(value) and not (is_point and "," not in value):
        without = value.replace(".", "").replace(",", "")
        return (
            f"capacity is '{text}', which may be {without} or a fraction",
            f"{_ALLOWED_CAPACITY}; write {without}, or the fraction without its last 0",
        )
    amount = number(value)
    if amount is None:
        hint = "; use a decimal point" if "," in text else ""
        return f"capacity is '{text}'", _ALLOWED_CAPACITY + hint
    if amount < 0:
        return f"capacity is {amount:g}; it cannot be below 0", _ALLOWED_CAPACITY
    return None


def _capacity(value: object) -> float:
    """Capacity, NaN where it is not stated: missing is not zero."""
    amount = None if value == "" else number(value)
    return math.nan if amount is None else amount


def _unswap(sites: Sites, document: FacilityDocument, near: Near) -> Sites:
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
    for i in np.flatnonzero(doubtful | (np.abs(sites.lat) > 90))[:MOST_FINDINGS]:
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
