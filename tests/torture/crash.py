"""Does one step of the program in a process that dies before a chosen operation on the disk.

``python -m tests.torture.crash`` reads lines ``STEP FOLDER NUMBER``; for each it forks, lets the
child do the step and kill itself before its operation of that number on a file of the folder, and
prints how it ended: ``killed``, ``done``, ``refused`` or ``traceback``.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from pipelines.core.errors import HinterlandError
from pipelines.core.pointer import Pointer
from pipelines.io.atomic import writing
from pipelines.places import osm_set
from pipelines.roads import stored
from pipelines.runner import publish

#: Operations of Python that change a disk, as it announces them before they happen.
CHANGES = frozenset(
    "open os.rename os.remove os.rmdir os.mkdir os.link os.truncate shutil.copyfile".split()
)
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
TOWNS = pd.DataFrame(
    {"geonameid": [1, 2], "country": ["DE", "DE"], "lon": [9.8, 9.7], "lat": [50.9, 50.9]}
)


def publish_database(folder: Path) -> None:
    """Publish ``next.json``'s draft as a build does."""
    pointer = Pointer(**json.loads((folder / "next.json").read_text("utf-8")))
    (folder / ".draft-1.maps").replace((folder / pointer.file).with_suffix(".maps"))
    publish.publish(folder / ".draft-1.duckdb", folder, pointer)


def store_matrix(folder: Path) -> None:
    """Store a newer matrix in place of one of its name."""
    stored.store(folder / "matrices", folder / "new.parquet", "made-towns-car", {1, 2, 3})


def remove_matrix(folder: Path) -> None:
    """Take a stored matrix away."""
    stored.remove(folder / "matrices", "other-towns-car")


def add_extract(folder: Path) -> None:
    """Add a newer extract in place of one of the same area."""
    osm_set.add(folder / "made.json", TOWNS, 1.0, folder=folder / "osm")


def export_file(folder: Path) -> None:
    """Write a file over one that stands there."""
    with writing(folder / "out.csv") as draft:
        draft.write_text("new\n", "utf-8")


STEPS: dict[str, Callable[[Path], Any]] = {
    "publish": publish_database,
    "store": store_matrix,
    "remove": remove_matrix,
    "add": add_extract,
    "export": export_file,
}


def arm(folder: Path, number: int) -> None:
    """Kill this process before its operation of a number on a file of a folder."""
    seen = 0

    def look(event: str, values: tuple[Any, ...]) -> None:
        nonlocal seen
        if event not in CHANGES or not any(str(folder) in str(value) for value in values):
            return
        if event == "open" and not (isinstance(values[2], int) and values[2] & _WRITES):
            return
        if seen == number:
            os.kill(os.getpid(), signal.SIGKILL)
        seen += 1

    sys.addaudithook(look)


def child(step: str, folder: Path, number: int) -> int:
    """Do a step; return the exit code."""
    os.environ["HINTERLAND_HOME"] = str(folder)
    arm(folder, number)
    try:
        STEPS[step](folder)
    except HinterlandError as error:
        print(error, file=sys.stderr, flush=True)
        return 1
    except BaseException:
        traceback.print_exc()
        return 2
    return 0


def main() -> None:
    """Fork for each line."""
    for line in sys.stdin:
        step, folder, number = line.split()
        if (number_of_child := os.fork()) == 0:
            os._exit(child(step, Path(folder), int(number)))
        status = os.waitstatus_to_exitcode(os.waitpid(number_of_child, 0)[1])
        names = {-signal.SIGKILL: "killed", 0: "done", 1: "refused"}
        print(names.get(status, "traceback"), flush=True)


if __name__ == "__main__":
    main()
