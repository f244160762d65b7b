"""Files of answers that no mart holds: their columns are described here, their notes travel."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from pipelines.reach.files import ReachSummary
from pipelines.serve import export_notes, writers
from pipelines.serve.store import Store

#: Description of a column by its name, in the order of the file.
Columns = Mapping[str, str]

#: What the columns of a reach of own facilities mean.
REACH = {
    "geonameid": "Settlement, by its GeoNames identifier.",
    "name": "Name of the settlement.",
    "country": "Country (Eurostat's code).",
    "nuts_id": "NUTS-3 region of 2021.",
    "region_name": "Name of the region.",
    "population": "People of the settlement (GeoNames).",
    "lon": "Longitude, degrees, EPSG:4326.",
    "lat": "Latitude, degrees, EPSG:4326.",
    "minutes_nearest": "Minutes to the nearest facility; empty: none is reached.",
    "nearest_id": "Identifier of the nearest facility.",
    "nearest_name": "Name of the nearest facility, where the file names it.",
    "within_15": "Facilities within 15 minutes.",
    "within_30": "Facilities within 30 minutes.",
    "within_60": "Facilities within 60 minutes.",
    "supply_score": "Capacity per person under competition (E2SFCA).",
    "minutes_mean_3": "Mean minutes to the three nearest facilities; empty: fewer are reached.",
    "supply_2sfca": "Capacity per person by 2SFCA.",
    "supply_gaussian": "Capacity per person with a Gaussian weight.",
    "supply_gravity": "Capacity per person with a gravity weight.",
    "settled_share": "People of the listed settlements of its NUTS-3 region by the region's "
    "official people: they alone share the capacity, so below 1 scores are too high by about its "
    "inverse.",
}


def notes(store: Store, title: str, selection: str) -> dict[str, str]:
    """Return what travels with a file of travel minutes: sources, licences, version, question."""
    facts = export_notes.notes(store, "access", selection)
    return facts | {"title": f"Hinterland: {title}"}


def reach_notes(store: Store, file: str, place: str, summary: ReachSummary) -> dict[str, str]:
    """Return the notes of a reach of own facilities; without a place it is of all settlements."""
    facts = notes(store, "reach of own facilities", f"{file}; {place or 'all settlements'}")
    facts["facilities"] = f"{summary.facilities:,}, of the user's own file"
    return facts | {"remarks": " | ".join(summary.remarks())}


def readme(facts: Mapping[str, str], columns: Columns) -> str:
    """Return the companion text of a CSV."""
    lines = [facts["title"], ""]
    lines += [f"{key}: {value}" for key, value in facts.items() if key != "title"]
    lines += ["", "Minutes are estimated, by car in free flow: see docs/travel-time.md."]
    lines += ["Text that a spreadsheet could run as a formula begins with an apostrophe.", ""]
    lines += ["Columns", "", *(f"{name}: {text}" for name, text in columns.items())]
    return "\n".join(lines) + "\n"


def csv_zip(name: str, data: pa.Table, facts: dict[str, str], columns: Columns) -> bytes:
    """Return a zip of a table as CSV, with its described columns only, and its readme."""
    sink = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / f"{name}.csv"
        writers.write_csv(data.select(list(columns)), target, name, facts)
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as box:
            box.write(target, target.name)
            box.writestr(f"{name}.readme.txt", readme(facts, columns))
    return sink.getvalue()


def geojson(name: str, data: pa.Table, facts: dict[str, str], columns: Columns) -> bytes:
    """Return a table with ``lon`` and ``lat`` as GeoJSON; the notes are members of it."""
    described = facts | {"columns": "; ".join(f"{key}: {text}" for key, text in columns.items())}
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / f"{name}.geojson"
        writers.write_geojson(data.select(list(columns)), target, name, described)
        return target.read_bytes()
