"""Own places and OpenStreetMap extracts, measured on the served database and written.

The two never meet: an extract is read, measured and written by itself, and each of its
files carries the attribution that the ODbL asks for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pyarrow as pa

from pipelines.core.errors import TargetUnwritable
from pipelines.io.atomic import refuse_own_input, writing
from pipelines.io.guard import guard_text
from pipelines.io.pbf import is_pbf as is_pbf
from pipelines.places.coverage import cover
from pipelines.places.indicators import (
    FARTHEST_KM,
    PER_PEOPLE,
    minutes_by_type,
    per_settlement,
    reach_by_type,
    settlement_of,
)
from pipelines.places.osm import ATTRIBUTION as ATTRIBUTION
from pipelines.places.osm_set import edits_of, read_extract
from pipelines.places.own import SUFFIXES as SUFFIXES
from pipelines.places.own import read_own_places
from pipelines.serve import catalogue, osm
from pipelines.serve.osm import LICENCE as LICENCE
from pipelines.serve.reach import network, travel_constants
from pipelines.serve.store import Store

__all__ = [
    "ATTRIBUTION",
    "FARTHEST_KM",
    "LICENCE",
    "PER_PEOPLE",
    "Measured",
    "csv",
    "is_pbf",
    "measure",
    "write",
]


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Places and what follows from them.

    Attributes
    ----------
    places
        The rows read, with ``settlement_id`` and ``settlement`` (NULL: none within 15 km).
    settlements, minutes, people
        Of own places see :mod:`pipelines.places.indicators`: ``per_settlement``,
        ``minutes_by_type``, ``reach_by_type``; of an extract
        :class:`pipelines.places.osm_measures.OsmMeasures`.
    is_osm
        Whether the rows are OpenStreetMap's; all four tables then have ``attribution``.
    left_out
        Objects of an extract that became no row, by reason.
    repairs
        What was repaired in reading own places.
    basis
        How the settlements that an extract covers are known: ``nodes``, ``stated``, ``unknown``.
    snapshot
        When an extract was so; None where it does not say.
    edits
        Whether the days of last edits of an extract are known: ``read``, ``not read``, ``not
        stated``.
    """

    places: pd.DataFrame
    settlements: pd.DataFrame
    minutes: pd.DataFrame
    people: pd.DataFrame
    is_osm: bool
    left_out: dict[str, int] = field(default_factory=dict)
    repairs: list[str] = field(default_factory=list)
    basis: str = ""
    snapshot: str | None = None
    edits: str = ""

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables by the name of their file, ``own_*`` or ``osm_*``."""
        parts = ("places", "settlements", "minutes", "people")
        start = "osm" if self.is_osm else "own"
        return {f"{start}_{part}.csv": getattr(self, part) for part in parts}


def measure(
    store: Store,
    path: Path,
    is_osm: bool = False,
    country: str | None = None,
    edits: bool = False,
) -> Measured:
    """Read a file of places and measure it on the settlements of a database.

    Parameters
    ----------
    store
        The served database.
    path
        Own places (.csv, .geojson), or with ``is_osm`` an .osm.pbf, Overpass JSON or OSM GeoJSON.
    is_osm
        Read the file as an OpenStreetMap extract.
    country
        Only settlements of this country are counted; for extracts.
    edits
        Read the days of last edits of an .osm.pbf too.

    Raises
    ------
    InputError
        The file cannot be read, or an extract has no place.
    """
    if is_osm:
        return _measure_extract(store, path, country, edits)
    own = read_own_places(path, catalogue.gazetteer(store))
    towns = catalogue.settlements(store)
    net, travel = network(store), travel_constants(store)
    return Measured(
        places=_with_settlement(own.table, towns),
        settlements=per_settlement(own.table, towns),
        minutes=minutes_by_type(own.table, towns, net, travel).round(1),
        people=reach_by_type(own.table, towns, net, travel),
        is_osm=False,
        repairs=own.repairs,
    )


def _measure_extract(store: Store, path: Path, country: str | None, edits: bool) -> Measured:
    """Read an extract and measure it by itself, without adding it to the set."""
    read, cells = read_extract(path, edits=edits)
    towns = osm.towns(store)
    town_index = settlement_of(read.table, towns)
    least = osm.constants(store).covered_least_nodes
    coverage = cover(path.name, read.table, town_index, towns, least, cells, country)
    measures = osm.measure(store, read.table, coverage, town_index)
    return Measured(
        places=osm.credited(_with_settlement(read.table, towns)),
        settlements=osm.credited(measures.settlements),
        minutes=osm.credited(measures.minutes),
        people=osm.credited(measures.people),
        is_osm=True,
        left_out=read.left_out,
        basis=coverage.basis,
        snapshot=read.snapshot,
        edits=edits_of(read.table, edits or cells is None),
    )


def _with_settlement(table: pa.Table, towns: pd.DataFrame) -> pd.DataFrame:
    """Return the places with the settlement that they are counted for."""
    town_index = settlement_of(table, towns)
    frame: pd.DataFrame = table.to_pandas()
    known = pd.Series(town_index).where(town_index >= 0)
    frame["settlement_id"] = known.map(towns["geonameid"]).astype("Int64")
    frame["settlement"] = known.map(towns["name"])
    for column in table.schema:  # lists are written as in the catalogue
        if pa.types.is_list(column.type):
            lists = table[column.name].to_pylist()
            frame[column.name] = [None if v is None else ";".join(map(str, v)) for v in lists]
    return frame


def csv(frame: pd.DataFrame) -> bytes:
    """Return a table as CSV that no spreadsheet runs as formulas."""
    return guard_text(frame).to_csv(index=False).encode()


def package(measured: Measured) -> bytes:
    """Return the tables of an extract as one archive with the licence."""
    return osm.package({name: csv(frame) for name, frame in measured.tables().items()})


def write(measured: Measured, folder: Path, source: Path | None = None) -> list[str]:
    """Write the tables to a folder, and for an extract its licence beside them.

    ``source`` is the file that they were made from.

    Returns
    -------
    list of str
        Names of the files.

    Raises
    ------
    InputError
        The source would be written over.
    TargetUnwritable
        The folder or a file cannot be written; what was there under a name stays.
    """
    files = {name: csv(frame) for name, frame in measured.tables().items()}
    if measured.is_osm:
        files["osm_LICENCE.txt"] = LICENCE.encode()
    for name in files:
        refuse_own_input(folder / name, source)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TargetUnwritable(f"{folder}: cannot be written ({error})") from error
    for name, content in files.items():
        with writing(folder / name) as draft:
            draft.write_bytes(content)
    return list(files)
