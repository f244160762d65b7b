"""Own places and OpenStreetMap extracts, measured on the served database and written.

The two never meet: an extract is read, measured and written by itself, and each of its
files carries the attribution that the ODbL asks for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pyarrow as pa

from pipelines.core.errors import InputError, TargetUnwritable
from pipelines.io.atomic import writing
from pipelines.io.guard import guard_text
from pipelines.places.indicators import (
    FARTHEST_KM,
    PER_PEOPLE,
    minutes_by_type,
    per_settlement,
    reach_by_type,
    settlement_of,
)
from pipelines.places.osm import ATTRIBUTION as ATTRIBUTION
from pipelines.places.osm import read_osm_places
from pipelines.places.own import read_own_places
from pipelines.serve import catalogue
from pipelines.serve.reach import network
from pipelines.serve.store import Store

__all__ = [
    "ATTRIBUTION",
    "FARTHEST_KM",
    "LICENCE",
    "PER_PEOPLE",
    "Measured",
    "csv",
    "measure",
    "write",
]

LICENCE = (
    f"{ATTRIBUTION}\nhttps://www.openstreetmap.org/copyright\n"
    "The rows of osm_*.csv are extracted or derived from OpenStreetMap. Who passes them on, or a "
    "data base made\nfrom them, does so under the ODbL and names the source. Settlements and their "
    "people: GeoNames, CC BY 4.0.\n"
)


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Places and what follows from them.

    Attributes
    ----------
    places
        The rows read, with ``settlement_id`` and ``settlement`` (NULL: none within 15 km).
    settlements, minutes, people
        See :mod:`pipelines.places.indicators`: ``per_settlement``, ``minutes_by_type``,
        ``reach_by_type``.
    is_osm
        Whether the rows are OpenStreetMap's; all four tables then have ``attribution``.
    left_out
        Objects of an extract that became no row, by reason.
    repairs
        What was repaired in reading own places.
    """

    places: pd.DataFrame
    settlements: pd.DataFrame
    minutes: pd.DataFrame
    people: pd.DataFrame
    is_osm: bool
    left_out: dict[str, int] = field(default_factory=dict)
    repairs: list[str] = field(default_factory=list)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables by the name of their file, ``own_*`` or ``osm_*``."""
        parts = ("places", "settlements", "minutes", "people")
        start = "osm" if self.is_osm else "own"
        return {f"{start}_{part}.csv": getattr(self, part) for part in parts}


def measure(store: Store, path: Path, is_osm: bool = False) -> Measured:
    """Read a file of places and measure it on the settlements of a database.

    Parameters
    ----------
    store
        The served database.
    path
        Own places (.csv, .geojson), or with ``is_osm`` an Overpass JSON or OSM GeoJSON.
    is_osm
        Read the file as an OpenStreetMap extract.

    Raises
    ------
    InputError
        The file cannot be read, or an extract has no place.
    """
    left_out: dict[str, int] = {}
    repairs: list[str] = []
    if is_osm:
        read = read_osm_places(path)
        table, left_out = read.table, read.left_out
        if not table.num_rows:
            why = "; ".join(f"{n} {reason}" for reason, n in left_out.items()) or "no tagged object"
            raise InputError(f"{path.name}: no place of a type that osm_tags.csv maps ({why})")
    else:
        own = read_own_places(path, catalogue.gazetteer(store))
        table, repairs = own.table, own.repairs
    towns = catalogue.settlements(store)
    net = network(store)
    tables = {
        "places": _with_settlement(table, towns),
        "settlements": per_settlement(table, towns),
        "minutes": minutes_by_type(table, towns, net).round(1),
        "people": reach_by_type(table, towns, net),
    }
    if is_osm:
        tables = {name: frame.assign(attribution=ATTRIBUTION) for name, frame in tables.items()}
    return Measured(**tables, is_osm=is_osm, left_out=left_out, repairs=repairs)


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


def write(measured: Measured, folder: Path) -> list[str]:
    """Write the tables to a folder, and for an extract its licence beside them.

    Returns
    -------
    list of str
        Names of the files.

    Raises
    ------
    TargetUnwritable
        The folder or a file cannot be written; what was there under a name stays.
    """
    files = {name: csv(frame) for name, frame in measured.tables().items()}
    if measured.is_osm:
        files["osm_LICENCE.txt"] = LICENCE.encode()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TargetUnwritable(f"{folder}: cannot be written ({error})") from error
    for name, content in files.items():
        with writing(folder / name) as draft:
            draft.write_bytes(content)
    return list(files)
