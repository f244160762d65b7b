"""Minutes by a routing engine between settlements and services of the served database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.core.errors import InputError
from pipelines.io.atomic import refuse_own_input
from pipelines.roads.engine import PROFILES, Point
from pipelines.roads.run import RoadsRequest, RoadsSummary
from pipelines.roads.run import run as run_roads
from pipelines.roads.steps import Progress
from pipelines.serve.store import Store
from pipelines.serve.thresholds import thresholds

__all__ = ["MODES", "RoadsOptions", "RoadsSummary", "run"]

MODES = tuple(PROFILES)
_SETTLEMENTS = """
select geonameid, country, lon, lat, population
from indicators.ind_settlement__node
order by geonameid
"""
# A site counts for several services, but it stands once.
_SITES = "select distinct site_id, lon, lat from marts.service_sites order by site_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadsOptions:
    """The command's options; see :class:`pipelines.roads.run.RoadsRequest`.

    Attributes
    ----------
    to : str
        ``towns`` (settlements of ``remoteness_town_population`` people and more),
        ``services`` (all sites of ``service_sites``) or a file of facilities.
    country : str or None
        Eurostat code; only its settlements are origins.
    """

    to: str = "towns"
    country: str | None = None
    mode: str = "car"
    main_roads: bool = False
    memory_gb: float | None = None


def run(
    store: Store, extract: Path, out: Path, options: RoadsOptions, progress: Progress
) -> RoadsSummary:
    """Do what the command does, on the published database.

    Parameters
    ----------
    store : Store
    extract, out : Path
        ``.osm.pbf``; ``.parquet``.
    options : RoadsOptions
    progress : callable
        Called with what is being done, in words.

    Returns
    -------
    RoadsSummary

    Raises
    ------
    InputError
        An option, the file of facilities or the extract is wrong, or the engine is not there.
    HinterlandError
        The engine failed, or a file cannot be written.
    """
    refuse_own_input(out, extract, Path(options.to))
    rows = thresholds(store)
    nodes = store.arrow(_SETTLEMENTS)
    destinations = _destinations(store, nodes, options.to, rows)
    if options.country is not None:
        known = sorted(code for code in pc.unique(nodes["country"]).to_pylist() if code)
        if options.country not in known:
            raise InputError(
                f"--country: '{options.country}' is not a country of the settlements: "
                f"{', '.join(known)}"
            )
        nodes = nodes.filter(pc.equal(nodes["country"], options.country))
    request = RoadsRequest(
        extract=extract,
        out=out,
        origins=_points(nodes, "geonameid"),
        destinations=destinations,
        mode=options.mode,
        main_roads=options.main_roads,
        snap_km=rows["roads_snap_km"],
        memory_gb=options.memory_gb,
    )
    return run_roads(request, progress)


def _destinations(store: Store, nodes: pa.Table, to: str, rows: Mapping[str, float]) -> list[Point]:
    """Return the destinations that ``--to`` names; ``rows`` are the thresholds."""
    if to == "towns":
        large = pc.greater_equal(nodes["population"], rows["remoteness_town_population"])
        return _points(nodes.filter(large), "geonameid")
    if to == "services":
        return _points(store.arrow(_SITES), "site_id")
    if not Path(to).suffix:
        raise InputError(f"--to: '{to}'; allowed are towns, services, or a file FILE.csv")
    from pipelines.reach.facilities import FacilityLimits, read_facilities

    sites = read_facilities(Path(to), FacilityLimits.from_thresholds(rows)).sites
    return [
        Point(str(key), float(lon), float(lat))
        for key, lon, lat in zip(sites.ids, sites.lon, sites.lat, strict=True)
    ]


def _points(table: pa.Table, key: str) -> list[Point]:
    columns = (table[name].to_pylist() for name in (key, "lon", "lat"))
    return [Point(str(i), lon, lat) for i, lon, lat in zip(*columns, strict=True)]
