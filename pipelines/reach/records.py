"""Facilities as they stand in a CSV or GeoJSON: records of unchecked values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from pipelines.core.errors import InputError
from pipelines.core.findings import MOST_FINDINGS, Finding, refusal, shorten
from pipelines.io import geojson, sheets
from pipelines.io.numbers import (
    have_decimal_commas,
    is_grouped,
    number,
    shows_comma,
    ungrouped,
    with_point,
)

_ALIASES = {**sheets.COORDINATE_ALIASES, "facility_id": "id"}
_NEEDED = ("id", "lon", "lat")


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityRecord:
    """One facility as it stands in the file, its row or feature and its unchecked values."""

    row: int
    id: object
    lon: object
    lat: object
    capacity: object
    name: object = None


@dataclass(slots=True, kw_only=True)
class FacilityDocument:
    """A file as records."""

    name: str
    unit: str
    records: list[FacilityRecord]
    repairs: list[str]
    has_decimal_comma: bool = False
    findings: list[Finding] = field(default_factory=list)
    shows_comma: bool = False

    def finding(self, row: int, field: str, problem: str, allowed: str = "") -> Finding:
        """Return what is to be said of a row of the file."""
        return Finding(self.name, row, field, problem, allowed=allowed, unit=self.unit)


def _too_many(name: str, row: int, unit: str, most_rows: float) -> InputError:
    allowed = "fewer; split the file, or raise the threshold facility_most_rows"
    problem = f"more than {most_rows:g} facilities"
    return refusal([Finding(name, row, "", problem, allowed=allowed, unit=unit)])


# --- CSV ---------------------------------------------------------------------------------


def from_csv(text: str, name: str, most_rows: float) -> FacilityDocument:
    """Read records of a CSV, header names brought to ours."""
    text, layout = sheets.laid_out(text, name)
    rows = sheets.parse(text, layout.delimiter, layout.first_row)
    document = FacilityDocument(name=name, unit="row", records=[], repairs=layout.repairs)
    try:
        row, cells = next(rows)
        header = _header(cells, row, document)
        document.records = list(_records(rows, header, document, most_rows))
    except sheets.QuotingError as error:
        raise refusal([error.finding(name)]) from error
    if layout.delimiter != ",":
        _read_decimal_commas(document)
    _read_thousands(document)
    return document


def _header(cells: list[str], row: int, document: FacilityDocument) -> list[str]:
    """Column names brought to ours, with what is needed among them."""
    header = [cell.strip().lower() for cell in cells]
    findings = []
    for name in _NEEDED:
        same = [cell for cell in header if _ALIASES.get(cell) == name]
        both = [name, *same] if name in header and name != "id" else same
        if len(both) > 1:
            problem = f"columns {' and '.join(both)} all mean {name}"
            findings.append(document.finding(row, name, problem, "one of them"))
        elif same and name not in header:
            document.repairs.append(f"{document.name}: column '{same[0]}' read as '{name}'")
            header[header.index(same[0])] = name
    for name in (*_NEEDED, "capacity"):
        if header.count(name) > 1:
            findings.append(document.finding(row, "", f"column '{name}' comes twice"))
    known = ", ".join(header)
    for name in ("lon", "lat"):
        if name not in header and not findings:
            problem = f"no column '{name}'; found {shorten(known) or 'nothing'}"
            raise refusal([document.finding(row, "", problem, "id, lon, lat; also capacity")])
    if findings:
        raise refusal(findings)
    if "id" not in header:
        document.repairs.append(f"{document.name}: no column 'id'; the rows are numbered from 1")
    return header


def _records(
    rows: Iterator[tuple[int, list[str]]],
    header: list[str],
    document: FacilityDocument,
    most_rows: float,
) -> Iterator[FacilityRecord]:
    """Yield the rows of a CSV that hold something."""
    names = (*_NEEDED, "capacity", "name")
    places = [header.index(name) if name in header else -1 for name in names]
    count = separators = 0
    for row, cells in rows:
        if not any(map(str.strip, cells)):
            separators += len(cells) > 1  # an empty line is no row
            continue
        count += 1
        if count > most_rows:
            raise _too_many(document.name, row, document.unit, most_rows)
        if len(cells) != len(header):
            problem = f"{len(cells)} fields; the header has {len(header)}"
            document.findings.append(document.finding(row, "", problem, sheets.QUOTE_HINT))
            if len(document.findings) >= MOST_FINDINGS:
                break
            continue
        key, lon, lat, capacity, label = (cells[i].strip() if i >= 0 else "" for i in places)
        key = key if places[0] >= 0 else str(count)
        yield FacilityRecord(row=row, id=key, lon=lon, lat=lat, capacity=capacity, name=label)
    if separators:
        document.repairs.append(sheets.left_out(document.name, separators))


def _read_decimal_commas(document: FacilityDocument) -> None:
    """Read decimal commas where all coordinates have them and no comma parts the fields."""
    cells = [str(cell) for record in document.records for cell in (record.lon, record.lat)]
    if not have_decimal_commas(cells):
        return
    document.has_decimal_comma = True
    document.shows_comma = any(shows_comma(str(record.capacity)) for record in document.records)
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


def _read_thousands(document: FacilityDocument) -> None:
    """Read capacities with signs of thousands, where these can be nothing else.

    A point is one where the column shows that its decimal sign is the comma.
    """
    cells = [str(record.capacity) for record in document.records]
    changed: dict[str, str] = {}
    for cell in cells:
        text = ungrouped(cell)
        if text is None and document.shows_comma and is_grouped(cell) and "," not in cell:
            text = cell.replace(".", "")
        if text is not None:
            changed[cell] = text
    if not changed:
        return
    count = sum(cell in changed for cell in cells)
    first = next(cell for cell in cells if cell in changed)
    document.repairs.append(
        f"{document.name}: {count:,} capacit{'y' if count == 1 else 'ies'} read without signs of "
        f"thousands, such as '{shorten(first, 40)}' as {changed[first]}"
    )
    document.records = [
        replace(record, capacity=changed.get(str(record.capacity), record.capacity))
        for record in document.records
    ]


def _with_point(cell: object, may_group: bool = False) -> object:
    text = str(cell)
    return cell if may_group and is_grouped(text) else with_point(text)


# --- GeoJSON -----------------------------------------------------------------------------


def from_geojson(text: str, name: str, most_rows: float) -> FacilityDocument:
    """Read records of a FeatureCollection.

    The id is the property ``id`` or the feature's own; the capacity is the property
    ``capacity``. A polygon or line is stood for by a point on it; every part of a geometry of
    several is a site of its own, with its share of the capacity. Both is said.
    """
    features = geojson.features(geojson.parse_document(text, name), name)
    document = FacilityDocument(name=name, unit="feature", records=[], repairs=[])
    if len(features) > most_rows:
        raise _too_many(name, int(most_rows) + 1, document.unit, most_rows)
    has_ids = any(_key(feature) is not None for feature in features if isinstance(feature, dict))
    kinds: dict[str, int] = {}
    parted: list[int] = []
    for row, feature in enumerate(features, start=1):
        if len(document.findings) >= MOST_FINDINGS:
            break
        if not isinstance(feature, dict):
            document.findings.append(document.finding(row, "", "is not an object"))
            continue
        try:
            points, kind = geojson.points_on(feature.get("geometry"))
        except ValueError as error:
            document.findings.append(document.finding(row, "", str(error)))
            continue
        if kind != "Point":
            kinds[kind] = kinds.get(kind, 0) + len(points)
        if len(points) > 1:
            parted.append(len(points))
        key = _key(feature) if has_ids else row
        document.records += _parts(row, key, points, feature.get("properties"))
        if len(document.records) > most_rows:
            raise _too_many(name, row, document.unit, most_rows)
    _say_repairs(document, has_ids, kinds, parted)
    return document


def _key(feature: dict[str, object]) -> object:
    """Return the id of a feature: its property, or else its own."""
    properties = feature.get("properties")
    key = properties.get("id") if isinstance(properties, dict) else None
    return feature.get("id") if key is None else key


def _parts(
    row: int, key: object, points: list[tuple[float, float]], properties: object
) -> Iterator[FacilityRecord]:
    """Yield a record a part; several have ``/1``, ``/2``, ... behind their id."""
    facts = properties if isinstance(properties, dict) else {}
    capacity, parts = facts.get("capacity"), len(points)
    if parts > 1 and (amount := number(capacity)) is not None:
        capacity = amount / parts
    for part, (lon, lat) in enumerate(points, start=1):
        is_name = parts > 1 and isinstance(key, str | int | float) and not isinstance(key, bool)
        yield FacilityRecord(
            row=row,
            id=f"{key_text(key)}/{part}" if is_name else key,
            lon=lon,
            lat=lat,
            capacity=capacity,
            name=facts.get("name"),
        )


def key_text(value: object) -> str:
    """Return an id as text; 1.0 is what some programs write for 1."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        value = int(value)
    return "" if value is None else str(value)


def _say_repairs(
    document: FacilityDocument, has_ids: bool, kinds: dict[str, int], parted: list[int]
) -> None:
    """Say what is unlike points with ids and was read all the same."""
    name, say = document.name, document.repairs.append
    if not has_ids and document.records:
        say(f"{name}: no feature has an id; they are numbered from 1")
    for kind, count in sorted(kinds.items()):
        is_one = count == 1
        say(
            f"{name}: {count:,} {kind}{'' if is_one else 's'} "
            f"{'is' if is_one else 'are'} stood for by a point on {'it' if is_one else 'each'}"
        )
    if parted:
        is_one = len(parted) == 1
        say(
            f"{name}: {len(parted):,} feature{'' if is_one else 's'} of several parts "
            f"{'is' if is_one else 'are'} {sum(parted):,} sites, each with its share of the "
            "capacity"
        )
