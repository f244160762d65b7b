"""The steps from an extract to a network, each kept so that an interrupted run goes on.

``HINTERLAND_HOME/roads/<checksum>-<mode>-<selection>-<engine>/`` holds ``selected`` (roads in
PBF), then ``extracted``, then ``contracted`` (the engine's files). A step is a folder that
appears complete or not at all; what a step was made from goes once the next one is there.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from pipelines.io.atomic import writing_folder
from pipelines.io.locks import holding
from pipelines.roads import engine

ROADS = "roads.osm.pbf"
NETWORK = "roads.osrm"
Progress = Callable[[str], None]


@contextlib.contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Hold the steps of one extract alone, and remove drafts of runs that were killed.

    Raises
    ------
    BuildLocked
        Another run is at work on the same extract.
    TargetUnwritable
        The folder cannot be made.
    """
    wait = "another run works on the same extract; wait for it to end"
    with holding(folder / "steps.lock", folder, wait):
        for draft in folder.glob(".writing-*"):
            shutil.rmtree(draft, ignore_errors=True)
        yield


def selected(folder: Path, source: Path, selection: str, progress: Progress) -> Path | None:
    """Return the selected roads; None once a later step has made them needless."""
    if (folder / "extracted").is_dir() or (folder / "contracted").is_dir():
        return None
    target = folder / "selected"
    if not target.is_dir():
        progress("selecting roads, ferries and turn restrictions")
        with writing_folder(target) as draft:
            engine.select_roads(source, draft / ROADS, selection)
    return target / ROADS


def network(folder: Path, mode: str, progress: Progress) -> Path:
    """Return the contracted network ``X.osrm``, going on from the last step that is there."""
    contracted, extracted = folder / "contracted", folder / "extracted"
    if contracted.is_dir():
        progress("network of an earlier run taken over")
    else:
        if not extracted.is_dir():
            progress("building the road network")
            with writing_folder(extracted) as draft:
                _link(folder / "selected" / ROADS, draft / ROADS)
                engine.extract(draft / ROADS, mode)
        progress("preparing the network for many ways at once")
        with writing_folder(contracted) as draft:
            for file in extracted.iterdir():
                if file.name != ROADS:
                    _link(file, draft / file.name)
            engine.contract(draft / NETWORK)
    for done in (extracted, folder / "selected"):
        shutil.rmtree(done, ignore_errors=True)
    return contracted / NETWORK


def _link(source: Path, target: Path) -> None:
    """Give a file a second name; copy it where the disk knows none."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
