"""OSRM over the roads of an extract: select, extract, contract, ask.

``osrm-bindings`` and ``osmium`` are the optional extra ``roads`` and are imported only here,
when they are used. OSRM: Luxen and Vetter 2011, doi 10.1145/2093973.2094062; contraction
hierarchies: Geisberger et al. 2008, doi 10.1007/978-3-540-68552-4_24.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import subprocess
import sys
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.core.errors import HinterlandError, InputError, TargetUnwritable
from pipelines.core.findings import refuse

EXTRA = "hinterland[roads]"
#: Mode of a matrix to the profile that the wheel of OSRM brings.
PROFILES = {"car": "car", "foot": "foot", "bicycle": "bicycle"}
_CLASSES = ("motorway", "trunk", "primary", "secondary", "tertiary")
MAIN_ROADS = frozenset({*_CLASSES, *(f"{name}_link" for name in _CLASSES), "unclassified", "road"})
#: Without them a third of the places in a small country stands on roads that lead nowhere.
STREETS = MAIN_ROADS | {"residential", "living_street"}
FERRIES = frozenset({"ferry", "shuttle_train"})
#: How many service ways in a row lead from a ferry to a road; the ferry from Malta
#: to Gozo needs ten, for its ports are loops of one-way lanes.
LANDING_WAYS = 16
#: Pairs asked for at once; the engine answers a million a second.
PAIRS_AT_ONCE = 500_000


@dataclass(frozen=True, slots=True)
class Point:
    """A point that the engine is asked about: id, degrees (EPSG:4326)."""

    id: str
    lon: float
    lat: float


def require() -> str:
    """Return the version of the engine.

    Raises
    ------
    InputError
        The extra is not installed, or there is no engine for this Python.
    """
    if sys.version_info < (3, 12):
        raise InputError(
            f"hinterland roads needs Python 3.12 or newer, for which the routing engine is "
            f"published; this is {sys.version_info.major}.{sys.version_info.minor}. "
            f"In an environment of such a Python: pip install '{EXTRA}'"
        )
    missing = [name for name in ("osrm", "osmium") if importlib.util.find_spec(name) is None]
    if missing:
        raise InputError(
            f"hinterland roads needs a routing engine that is not installed "
            f"({', '.join(missing)}): pip install '{EXTRA}'"
        )
    return importlib.metadata.version("osrm-bindings")


def select_roads(source: Path, target: Path, selection: str) -> int:
    """Write the roads, ferries and turn restrictions of an extract, with their nodes.

    Parameters
    ----------
    source, target : Path
        ``.osm.pbf``.
    selection : str
        ``all`` (motorway to residential), ``main`` (motorway to unclassified) or ``ways``
        (everything with ``highway``, for walking and cycling).

    Returns
    -------
    int
        Ways selected.

    Raises
    ------
    InputError
        The extract cannot be read, or has no roads.
    """
    try:
        counts = _select(source, target, selection)
    except (RuntimeError, ValueError, OSError) as error:
        if "No space left" in str(error):
            raise TargetUnwritable(f"{target.parent}: the disk is full") from error
        raise refuse(
            source, f"cannot be read ({error})", allowed="a whole extract; download it again"
        ) from error
    if not counts["road"]:
        raise refuse(
            source,
            "holds no roads",
            allowed="an extract with ways tagged highway=motorway to residential",
        )
    return sum(counts.values())


def _select(source: Path, target: Path, selection: str) -> Counter[str]:
    """Write what is selected; return the number of ways by kind."""
    import osmium

    classes = {"all": STREETS, "main": MAIN_ROADS, "ways": None}[selection]
    landings = _landings(source) if classes is not None else set()
    counts: Counter[str] = Counter()
    kinds = osmium.osm.WAY | osmium.osm.RELATION
    tagged = osmium.filter.KeyFilter("highway", "route", "type")
    with osmium.BackReferenceWriter(
        str(target), ref_src=str(source), overwrite=True, remove_tags=False
    ) as writer:
        for item in osmium.FileProcessor(str(source), kinds).with_filter(tagged):
            if not item.is_way():
                if item.tags.get("type") == "restriction":
                    writer.add(item)
                continue
            highway = item.tags.get("highway")
            is_road = highway is not None and (classes is None or highway in classes)
            if is_road or item.tags.get("route") in FERRIES or item.id in landings:
                writer.add(item)
                counts["road" if is_road else "ferry"] += 1
    return counts


def _landings(source: Path) -> set[int]:
    """Return the service ways that lead from ferries to roads, some ways deep.

    A ferry ends on ways of a port that are tagged as service: without them no car gets on.
    """
    import osmium

    ends: set[int] = set()
    for item in _ways(source, osmium.filter.KeyFilter("route")):
        if item.tags.get("route") in FERRIES and len(item.nodes):
            ends |= {item.nodes[0].ref, item.nodes[-1].ref}
    if not ends:
        return set()
    ids, sizes, nodes = array("q"), array("q"), array("q")
    for item in _ways(source, osmium.filter.TagFilter(("highway", "service"))):
        ids.append(item.id)
        sizes.append(len(item.nodes))
        nodes.extend(node.ref for node in item.nodes)
    way = np.repeat(np.arange(len(ids)), np.array(sizes, np.int64))
    node = np.array(nodes, np.int64)
    reached = np.array(sorted(ends), np.int64)
    is_landing = np.zeros(len(ids), dtype=bool)
    for _ in range(LANDING_WAYS):
        is_landing[way[np.isin(node, reached)]] = True
        reached = node[is_landing[way]]
    return set(np.array(ids, np.int64)[is_landing].tolist())


def _ways(source: Path, tagged: Any) -> Any:
    """Return the ways of an extract that a filter of osmium lets through."""
    import osmium

    return osmium.FileProcessor(str(source), osmium.osm.WAY).with_filter(tagged)


def extract(roads: Path, mode: str) -> None:
    """Make the engine's graph of the selected roads, beside them.

    Raises
    ------
    InputError, HinterlandError
    """
    spec = importlib.util.find_spec("osrm")
    if spec is None or spec.origin is None:
        raise InputError(f"the routing engine is not installed: pip install '{EXTRA}'")
    profile = Path(spec.origin).parent / "share" / "profiles" / f"{PROFILES[mode]}.lua"
    _run(["extract", "-p", str(profile), str(roads)], "extract")


def contract(network: Path) -> None:
    """Put shortcuts into the engine's graph ``X.osrm``."""
    _run(["contract", str(network)], "contract")


def _run(arguments: Sequence[str], step: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "osrm", *arguments], capture_output=True, text=True, errors="replace"
    )
    if done.returncode:
        lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        faults = [line for line in lines if "[error]" in line] or lines[-1:] or ["no message"]
        hint = " It was stopped, most often for want of memory." if done.returncode < 0 else ""
        raise HinterlandError(
            f"the routing engine failed in its step '{step}' (code {done.returncode}): "
            f"{faults[0][-300:]}.{hint} What was done before is kept; try again."
        )


class Router:
    """The engine over one contracted graph.

    Parameters
    ----------
    network : Path
        ``X.osrm`` as :func:`contract` was given it.
    """

    def __init__(self, network: Path) -> None:
        import osrm

        self._osrm = osrm
        self._engine = osrm.OSRM(
            osrm.EngineConfig(
                storage_config=str(network),
                algorithm="CH",
                use_shared_memory=False,
                max_locations_distance_table=-1,
            )
        )

    def snap_km(self, points: Sequence[Point]) -> NDArray[np.float64]:
        """Return how far each point is from its nearest road (km; infinite: there is none)."""
        distances = np.full(len(points), np.inf)
        for position, point in enumerate(points):
            try:
                answer = self._engine.Nearest(
                    self._osrm.NearestParameters(coordinates=[(point.lon, point.lat)])
                )
            except RuntimeError:  # the engine's "NoSegment": nothing within its reach
                continue
            distances[position] = float(answer["waypoints"][0]["distance"]) / 1000
        return distances

    def minutes(
        self, origins: Sequence[Point], destinations: Sequence[Point]
    ) -> Iterator[NDArray[np.float64]]:
        """Yield the minutes of some origins at a time to all destinations.

        Yields
        ------
        ndarray, shape (origins at a time, destinations)
            NaN where there is no way.
        """
        step = max(1, PAIRS_AT_ONCE // len(destinations))
        for start in range(0, len(origins), step):
            part = origins[start : start + step]
            points = [(p.lon, p.lat) for p in (*part, *destinations)]
            answer = self._engine.Table(
                self._osrm.TableParameters(
                    coordinates=points,
                    sources=list(range(len(part))),
                    destinations=list(range(len(part), len(points))),
                    annotations=["duration"],
                )
            )
            yield _seconds(answer["durations"]) / 60


def _seconds(rows: Any) -> NDArray[np.float64]:
    return np.array([[np.nan if value is None else value for value in row] for row in rows], float)
