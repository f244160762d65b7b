"""Minutes by a routing engine between settlements and services of the served database."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.core import paths
from pipelines.core.errors import InputError, TargetUnwritable
from pipelines.io.atomic import refuse_own_input
from pipelines.io.matrices import INDEX, StoredMatrix, read_index
from pipelines.roads import stored
from pipelines.roads.engine import PROFILES, Point
from pipelines.roads.run import ATTRIBUTION, RoadsRequest, RoadsSummary
from pipelines.roads.run import run as run_roads
from pipelines.roads.steps import Progress
from pipelines.serve.store import Store
from pipelines.serve.thresholds import thresholds

__all__ = [
    "ATTRIBUTION",
    "MODES",
    "RoadsOptions",
    "RoadsSummary",
    "StoredMatrix",
    "remove",
    "run",
    "run_and_store",
    "store_matrix",
    "stored_matrices",
]

MODES = tuple(PROFILES)
#: Destinations that the published tables measure to.
STORED_TO = ("towns", "services")
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


def run_and_store(
    store: Store, extract: Path, options: RoadsOptions, progress: Progress
) -> tuple[RoadsSummary, StoredMatrix]:
    """Measure as :func:`run`, and store the matrix for the build.

    Raises
    ------
    InputError
        As :func:`run`; or the destinations are a file, which no published table measures.
    HinterlandError
        As :func:`run`. What was stored before stays.
    """
    if options.to not in STORED_TO:
        raise InputError(
            f"--store: the build measures to {' and '.join(STORED_TO)}, not to '{options.to}'; "
            "write that matrix with -o and count with it by hinterland reach --matrix"
        )
    where = f"{options.to}-{options.country}" if options.country else options.to
    name = stored.name_of(extract.name, where, options.mode)
    folder = _scratch()
    with tempfile.TemporaryDirectory(prefix=".storing-", dir=folder) as scratch:
        matrix = Path(scratch) / f"{name}.parquet"
        summary = run(store, extract, matrix, options, progress)
        return summary, stored.store(paths.minutes_dir(), matrix, name, _known(store))


def store_matrix(store: Store, matrix: Path) -> StoredMatrix:
    """Store a matrix that was written before, maybe on another machine.

    Raises
    ------
    InputError
        It is none; see :func:`pipelines.roads.stored.store`.
    """
    name = stored.name_of(matrix.name, "", "")
    return stored.store(paths.minutes_dir(), matrix, name, _known(store))


def stored_matrices() -> list[StoredMatrix]:
    """Return the stored matrices, by name; none is an empty list."""
    return read_index(paths.minutes_dir() / INDEX)


def remove(name: str) -> StoredMatrix:
    """Take a stored matrix away.

    Raises
    ------
    InputError
        None is stored under this name.
    """
    return stored.remove(paths.minutes_dir(), name)


def _scratch() -> Path:
    """Return the folder in which a matrix is made before it is stored."""
    folder = paths.home() / "roads"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TargetUnwritable(f"{folder}: cannot be written ({error.strerror})") from error
    return folder


def _known(store: Store) -> set[int]:
    return set(store.arrow(_SETTLEMENTS)["geonameid"].to_pylist())


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
