"""Facilities as they stand in a CSV or GeoJSON: records of unchecked values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from pipelines.core.errors import InputError
from pipelines.core.findings import Finding, refusal, shorten
from pipelines.io import geojson, sheets
from pipelines.io.numbers import have_decimal_commas, is_grouped, with_point

_ALIASES = {**sheets.COORDINATE_ALIASES, "facility_id": "id"}
_NEEDED = ("id", "lon", "lat")
#: More are not collected: who has a thousand has one fault a thousand times.
MOST_FINDINGS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityRecord:
    """One facility as it stands in the file, its row or feature and its unchecked values."""

    row: int
    id: object
    lon: object
    lat: object
    capacity: object


@dataclass(slots=True, kw_only=True)
class FacilityDocument:
    """A file as records."""

    name: str
    unit: str
    records: list[FacilityRecord]
    repairs: list[str]
    has_decimal_comma: bool = False

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
    for name in _NEEDED:
        if name not in header and not findings:
            problem = f"no column '{name}'; found {shorten(known) or 'nothing'}"
            raise refusal([document.finding(row, "", problem, "id, lon, lat; also capacity")])
    if findings:
        raise refusal(findings)
    return header


def _records(
    rows: Iterator[tuple[int, list[str]]],
    header: list[str],
    document: FacilityDocument,
    most_rows: float,
) -> Iterator[FacilityRecord]:
    """Yield the rows of a CSV that hold something."""
    names = (*_NEEDED, "capacity")
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
            raise refusal([document.finding(row, "", problem, sheets.QUOTE_HINT)])
        key, lon, lat, capacity = (cells[i].strip() if i >= 0 else "" for i in places)
        yield FacilityRecord(row=row, id=key, lon=lon, lat=lat, capacity=capacity)
    if separators:
        document.repairs.append(sheets.left_out(document.name, separators))


def _read_decimal_commas(document: FacilityDocument) -> None:
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


def from_geojson(text: str, name: str, most_rows: float) -> FacilityDocument:
    """Read records of a FeatureCollection.

    The id is the property ``id`` or the feature's own; the capacity is the property
    ``capacity``. A polygon or line is stood for by a point on it, which is said.
    """
    features = geojson.features(geojson.parse_document(text, name), name)
    document = FacilityDocument(name=name, unit="feature", records=[], repairs=[])
    if len(features) > most_rows:
        raise _too_many(name, int(most_rows) + 1, document.unit, most_rows)
    replaced: dict[str, int] = {}
    findings: list[Finding] = []
    for row, feature in enumerate(features, start=1):
        if len(findings) >= MOST_FINDINGS:
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
            FacilityRecord(
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
