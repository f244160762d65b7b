"""The OpenStreetMap set beside the published database: measured once, exported with its licence."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from pipelines.core import paths
from pipelines.places import osm_set
from pipelines.places.coverage import Coverage
from pipelines.places.osm import ATTRIBUTION as ATTRIBUTION
from pipelines.places.osm import tag_table
from pipelines.places.osm_constants import OsmConstants
from pipelines.places.osm_measures import FAR as FAR
from pipelines.places.osm_measures import HERE as HERE
from pipelines.places.osm_measures import NEAR as NEAR
from pipelines.places.osm_measures import NONE_MAPPED as NONE_MAPPED
from pipelines.places.osm_measures import NOT_COVERED as NOT_COVERED
from pipelines.places.osm_measures import NOT_MAPPED as NOT_MAPPED
from pipelines.places.osm_measures import OsmMeasures, match_registers, measure_osm
from pipelines.places.osm_set import LICENCE as LICENCE
from pipelines.places.osm_set import Extract
from pipelines.places.osm_tags import OsmType
from pipelines.serve.reach import network, travel_constants
from pipelines.serve.store import Store
from pipelines.serve.thresholds import thresholds
from pipelines.travel.walking import WalkConstants

LICENCE_NAME = "osm_LICENCE.txt"


@dataclass(frozen=True)
class OsmSet:
    """What the added extracts say; every frame has the column ``attribution``.

    Attributes
    ----------
    extracts : list of Extract
    settlements, minutes, people, regions, types
        See :class:`pipelines.places.osm_measures.OsmMeasures`; ``settlements`` also has
        ``extract`` and ``snapshot``.
    registers : DataFrame
        See :func:`pipelines.places.osm_measures.match_registers`.
    places : DataFrame
        The places, with ``settlement_id`` and ``settlement``.
    """

    extracts: list[Extract]
    settlements: pd.DataFrame
    minutes: pd.DataFrame
    people: pd.DataFrame
    regions: pd.DataFrame
    types: pd.DataFrame
    registers: pd.DataFrame
    places: pd.DataFrame

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables by the name of their file."""
        names = ("places", "settlements", "minutes", "people", "regions", "types", "registers")
        return {f"osm_{name}.csv": getattr(self, name) for name in names}


def constants(store: Store) -> OsmConstants:
    """Return the thresholds of the set, as published."""
    return OsmConstants.from_thresholds(thresholds(store))


def towns(store: Store) -> pd.DataFrame:
    """Return the settlements that places are counted by, in the order of the network."""

    def read() -> pd.DataFrame:
        frame: pd.DataFrame = store.arrow(
            "select geonameid, name, country, country_name, nuts_id, region_name, population, "
            "part_of, size_class, remoteness, lon, lat from marts.towns order by geonameid"
        ).to_pandas()
        return frame

    return store.memo("osm_towns", read)


def extracts() -> list[Extract]:
    """Return the extracts of the set, by name; none is an empty list."""
    return osm_set.extracts()


def headline_types() -> list[OsmType]:
    """Return the headline types in their order."""
    table = tag_table()
    return [table.types[name] for name in table.headline]


def add(
    store: Store,
    path: Path,
    country: str | None = None,
    tell: Any = lambda _: None,
    edits: bool = False,
) -> Extract:
    """Add an extract to the set; see :func:`pipelines.places.osm_set.add`."""
    least = constants(store).covered_least_nodes
    return osm_set.add(path, towns(store), least, country, tell=tell, edits=edits)


def remove(name: str) -> None:
    """Take an extract out of the set."""
    osm_set.remove(name)


def attached(store: Store) -> OsmSet | None:
    """Return the set measured on the served database; None where no extract was added.

    Measured once for each state of the set and each database.

    Raises
    ------
    InputError
        A stored extract is damaged.
    """
    known = extracts()
    if not known:
        return None
    return store.memo(("osm_set", state(known)), lambda: _measured(store, known))


def state(known: list[Extract]) -> str:
    """Return what tells one state of the set from another; empty where no extract was added."""
    if not known:
        return ""
    parts = "|".join(f"{e.name} {e.sha256} {e.added}" for e in known)
    return hashlib.sha256(f"{paths.osm_dir()}|{parts}".encode()).hexdigest()


def _measured(store: Store, known: list[Extract]) -> OsmSet | None:
    limits, places_of = constants(store), towns(store)
    whole = osm_set.assemble(places_of, limits.covered_least_nodes)
    if whole is None:
        return None
    measures = measure(store, whole.places, whole.coverage, whole.town_index)
    facts = {extract.name: extract for extract in known}
    settlements = measures.settlements
    names = whole.extract_of[whole.coverage.is_covered]
    settlements["extract"] = names
    settlements["snapshot"] = [facts[name].snapshot for name in names]
    registers = match_registers(_sites(store), whole.places, settlements, limits)
    return OsmSet(
        extracts=known,
        registers=credited(registers),
        places=credited(located(whole.places, places_of, whole.town_index)),
        **{
            name: credited(getattr(measures, name))
            for name in ("settlements", "minutes", "people", "regions", "types")
        },
    )


def measure(store: Store, places: Any, coverage: Coverage, town_index: Any = None) -> OsmMeasures:
    """Measure places on the served database; see :func:`measure_osm`."""
    walk = WalkConstants.from_thresholds(thresholds(store))
    return measure_osm(
        places,
        towns(store),
        coverage,
        network(store),
        tag_table(),
        constants(store),
        walk,
        travel_constants(store),
        town_index,
    )


def _sites(store: Store) -> pd.DataFrame:
    sites: pd.DataFrame = store.arrow(
        "select service, country, geonameid, lon, lat from marts.service_sites "
        "where geonameid is not null"
    ).to_pandas()
    return sites


def located(table: Any, settlements: pd.DataFrame, town_index: Any) -> pd.DataFrame:
    """Return places with the settlement that each is counted for."""
    frame: pd.DataFrame = table.to_pandas()
    known = pd.Series(town_index).where(town_index >= 0)
    frame["settlement_id"] = known.map(settlements["geonameid"]).astype("Int64")
    frame["settlement"] = known.map(settlements["name"])
    return frame


def credited(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose every row names its source and licence."""
    return frame.assign(attribution=ATTRIBUTION)


def strip(osm: OsmSet, geonameid: int) -> list[dict[str, Any]]:
    """Return what a settlement has of each headline type.

    Returns
    -------
    list of dict
        ``type, label, state, minutes, walk_min`` in the order of the types; ``state`` is
        ``here``, ``near`` (15 minutes), ``far`` (30), ``none mapped``, ``probably not mapped``
        or ``not covered``; ``minutes`` (by car) and ``walk_min`` (on foot from the middle) are
        None where there is none, or none within half an hour's walk.
    """
    rows = osm.settlements[osm.settlements["geonameid"] == geonameid]
    result = []
    for kind in headline_types():
        state, minutes, walk = NOT_COVERED, None, None
        if len(rows):
            row = rows.iloc[0]
            state, value = row[f"state_{kind.type}"], row[f"minutes_{kind.type}"]
            minutes = None if pd.isna(value) else float(value)
            on_foot = row[f"walk_min_{kind.type}"]
            walk = None if pd.isna(on_foot) else float(on_foot)
        part = {"type": kind.type, "label": kind.label, "state": state}
        result.append({**part, "minutes": minutes, "walk_min": walk})
    return result


def package(tables: dict[str, bytes]) -> bytes:
    """Return files as one archive that holds the licence: the set's only way out.

    Parameters
    ----------
    tables : dict of str to bytes
        Content of each file by its name.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(LICENCE_NAME, LICENCE)
        for name, content in tables.items():
            archive.writestr(name, content)
    return buffer.getvalue()
