"""What ``hinterland roads`` does: an extract in, a matrix of minutes out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pipelines.core import paths
from pipelines.core.areas import area
from pipelines.core.errors import InputError, TargetUnwritable
from pipelines.core.findings import refuse
from pipelines.io.atomic import writing
from pipelines.io.matrices import COLUMNS
from pipelines.roads import engine, room, steps
from pipelines.roads.engine import Point, Router
from pipelines.roads.pbf import Extract, read_extract

ATTRIBUTION = "© OpenStreetMap contributors, available under the Open Database Licence (ODbL) 1.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadsRequest:
    """What is wanted of an extract.

    Attributes
    ----------
    extract, out : Path
        ``.osm.pbf``; ``.parquet``.
    origins, destinations : sequence of Point
        All that are known; those that the extract covers are taken.
    mode : str
        A key of :data:`pipelines.roads.engine.PROFILES`.
    main_roads : bool
        Leave residential streets out: a third of the memory, and less exact in towns.
    snap_km : float
        A point further than this from every road is not covered.
    memory_gb : float or None
        Memory that may be taken; None for what is free.
    """

    extract: Path
    out: Path
    origins: Sequence[Point]
    destinations: Sequence[Point]
    mode: str = "car"
    main_roads: bool = False
    snap_km: float
    memory_gb: float | None = None

    @property
    def selection(self) -> str:
        """Which roads are taken, as :func:`pipelines.roads.engine.select_roads` names it."""
        if self.mode != "car":
            return "ways"
        return "main" if self.main_roads else "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadsSummary:
    """What the command tells its user."""

    origins: int
    destinations: int
    pairs: int
    without_way: int
    far: list[str]
    mode: str
    snapshot: str | None

    def lines(self, out: Path | str) -> list[str]:
        """Return the summary of a written matrix in sentences."""
        lines = [
            f"Wrote {self.pairs:,} pairs to {out}: {self.mode} minutes from {self.origins:,} "
            f"settlements to {self.destinations:,} destinations, free flow, by OSRM on "
            f"OpenStreetMap of {self.snapshot or 'an unknown date'}."
        ]
        if self.far:
            first = ", ".join(self.far[:5]) + (" ..." if len(self.far) > 5 else "")
            lines.append(f"{len(self.far):,} points in the box are on no road of it: {first}")
        if self.without_way:
            lines.append(f"{self.without_way:,} pairs have no way; their minutes are empty.")
        lines.append(
            "Ways that leave the extract are not in it. Public transport and congestion are not."
        )
        lines.append(f"The matrix is derived from OpenStreetMap: {ATTRIBUTION}.")
        return lines


def run(request: RoadsRequest, progress: steps.Progress) -> RoadsSummary:
    """Write the minutes between the points that an extract covers.

    Parameters
    ----------
    request : RoadsRequest
    progress : callable
        Called with what is being done, in words.

    Returns
    -------
    RoadsSummary

    Raises
    ------
    InputError
        The engine is not there; the extract is none or covers nothing; memory or disk do
        not suffice.
    HinterlandError
        The engine failed, or a file cannot be written. What stood at the target stays.
    """
    if request.out.suffix.lower() != ".parquet":
        raise InputError(f"{request.out.name}: the matrix is written as .parquet")
    if not os.access(request.out.absolute().parent, os.W_OK):  # hours before it is needed
        raise TargetUnwritable(f"{request.out}: cannot be written (its folder is not there)")
    if request.mode not in engine.PROFILES:
        raise InputError(f"--mode: '{request.mode}'; allowed are {', '.join(engine.PROFILES)}")
    version = engine.require()
    progress("reading the extract")
    source = read_extract(request.extract)
    origins = _inside(request.origins, source, "settlement")
    destinations = _inside(request.destinations, source, "destination")
    name = f"{source.sha256[:16]}-{request.mode}-{request.selection}-{version}"
    folder = paths.home() / "roads" / name
    router = Router(_network(request, source, folder, progress))
    origins, far_origins = _on_roads(origins, router, request, "settlement")
    destinations, far_destinations = _on_roads(destinations, router, request, "destination")
    progress(f"asking for {len(origins) * len(destinations):,} ways")
    without_way = _write(request, source, version, router, origins, destinations)
    return RoadsSummary(
        origins=len(origins),
        destinations=len(destinations),
        pairs=len(origins) * len(destinations),
        without_way=without_way,
        far=sorted({*far_origins, *far_destinations}),
        mode=request.mode,
        snapshot=source.snapshot,
    )


def _network(
    request: RoadsRequest, source: Extract, folder: Path, progress: steps.Progress
) -> Path:
    """Return the contracted network, made where no earlier run has left it."""
    with steps.exclusive(folder):
        if not (folder / "contracted").is_dir():
            _refuse(request, folder, room.need_of_extract(source.size_mb, request.selection))
            roads = steps.selected(folder, source.path, request.selection, progress)
            if roads is not None:
                _refuse(request, folder, room.need_of_roads(roads.stat().st_size / 1e6))
        return steps.network(folder, request.mode, progress)


def _refuse(request: RoadsRequest, folder: Path, need: room.Need) -> None:
    memory = request.memory_gb if request.memory_gb is not None else room.free_memory_gb()
    advice = "Take a smaller extract or a larger machine"
    if request.selection == "all":
        advice += ", or leave residential streets out with --main-roads"
    room.refuse_shortage(need, memory, room.free_disk_gb(folder), folder, f"{advice}.")


def _inside(points: Sequence[Point], source: Extract, what: str) -> list[Point]:
    """Return the points in the stated box; all of them where none is stated."""
    if source.box is None:
        return list(points)
    lon, lat = (np.array([getattr(p, side) for p in points], float) for side in ("lon", "lat"))
    held = np.flatnonzero(source.box.holds(lon, lat))
    if not len(held):
        raise refuse(
            source.path,
            f"no {what} lies in its box",
            found=source.box.words(),
            allowed=f"an extract within Europe, {area('europe').words()}",
        )
    return [points[i] for i in held.tolist()]


def _on_roads(
    points: list[Point], router: Router, request: RoadsRequest, what: str
) -> tuple[list[Point], list[str]]:
    """Split points into those on a road of the extract, and the ids of the others."""
    near = router.snap_km(points) <= request.snap_km
    if not near.any():
        raise refuse(
            request.extract,
            f"no {what} lies within {request.snap_km:g} km of a road of the extract",
            allowed=f"an extract within Europe, {area('europe').words()}",
        )
    pairs = list(zip(points, near.tolist(), strict=True))
    return [p for p, is_near in pairs if is_near], [p.id for p, is_near in pairs if not is_near]


def _write(
    request: RoadsRequest,
    source: Extract,
    version: str,
    router: Router,
    origins: Sequence[Point],
    destinations: Sequence[Point],
) -> int:
    """Write the matrix part by part; return the number of pairs without a way."""
    schema = COLUMNS.with_metadata(_metadata(request, source, version))
    ids = pa.array([p.id for p in destinations], pa.string())
    numbers = np.array([int(p.id) for p in origins], np.int64)
    start = without_way = 0
    with writing(request.out) as draft, pq.ParquetWriter(draft, schema) as writer:
        for minutes in router.minutes(origins, destinations):
            part = numbers[start : start + len(minutes)]
            writer.write_table(_rows(part, ids, minutes, request.mode, schema))
            without_way += int(np.isnan(minutes).sum())
            start += len(minutes)
    return without_way


def _rows(
    origins: NDArray[np.int64],
    destinations: pa.Array,
    minutes: NDArray[np.float64],
    mode: str,
    schema: pa.Schema,
) -> pa.Table:
    count = minutes.size
    each = np.tile(np.arange(len(destinations)), len(origins))
    columns = [
        pa.array(np.repeat(origins, len(destinations))),
        destinations.take(pa.array(each)),
        pa.array(minutes.ravel(), mask=np.isnan(minutes).ravel()),
        pa.array([mode]).take(pa.array(np.zeros(count, np.int64))),
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def _metadata(request: RoadsRequest, source: Extract, version: str) -> dict[str, str]:
    return {
        "attribution": ATTRIBUTION,
        "licence": "ODbL-1.0",
        "extract": source.path.name,
        "extract_sha256": source.sha256,
        "snapshot": source.snapshot or "",
        "engine": f"OSRM, osrm-bindings {version}",
        "mode": request.mode,
        "roads": request.selection,
    }
