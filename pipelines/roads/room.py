"""How much memory and disk the engine will take, and whether they are there.

Measured with osrm-bindings 26.10.0 on extracts of 0.6 to 28.6 MB (docs/travel-time.md) and
rounded up; from the size of the extract before anything starts, from the size of its roads
once they are known.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from pipelines.core.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Memory and disk in gigabytes."""

    memory_gb: float
    disk_gb: float

    def words(self) -> str:
        """Return both as a message names them."""
        return f"about {self.memory_gb:.1f} GB of memory and {self.disk_gb:.1f} GB of disk"


#: Selecting marks every id of OpenStreetMap in bitmaps, 12.6 thousand million bits in all;
#: 1.2 GB were measured on an extract of 3 MB.
_SELECTION_GB = 1.6
_ENGINE_GB = 0.1
#: Engine's memory over the size of the selected roads: 55 to 85 (more in dense cities).
_MEMORY_OF_ROADS = 85.0
#: Engine's files over the size of the selected roads: 11 to 22, held twice for a moment.
_DISK_OF_ROADS = 25.0
#: Selected roads over the whole extract: 9 % with residential streets, 4 % to 7 % without.
_ROADS_OF_EXTRACT = {"all": 0.09, "main": 0.05, "ways": 0.15}


def need_of_extract(size_mb: float, selection: str) -> Need:
    """Estimate from the size of an extract.

    Parameters
    ----------
    size_mb : float
        Megabytes.
    selection : str
        Which roads are taken: ``all``, ``main``, or ``ways`` (of walking and cycling).
    """
    roads_mb = size_mb * _ROADS_OF_EXTRACT[selection]
    engine = need_of_roads(roads_mb)
    return Need(
        memory_gb=max(_SELECTION_GB, engine.memory_gb), disk_gb=engine.disk_gb + roads_mb / 1000
    )


def need_of_roads(roads_mb: float) -> Need:
    """Estimate from the size of the selected roads in megabytes."""
    return Need(
        memory_gb=_ENGINE_GB + roads_mb * _MEMORY_OF_ROADS / 1000,
        disk_gb=0.05 + roads_mb * _DISK_OF_ROADS / 1000,
    )


def free_memory_gb() -> float | None:
    """Return the memory that can be had now, or None where the system does not say."""
    bounds = [_meminfo(), _control_group()]
    known = [bound for bound in bounds if bound is not None]
    if known:
        return min(known)
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
    except (AttributeError, ValueError, OSError):
        return None


def _meminfo() -> float | None:
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
        (line,) = (line for line in lines if line.startswith("MemAvailable:"))
        return int(line.split()[1]) * 1024 / 1e9
    except (OSError, ValueError):
        return None


def _control_group() -> float | None:
    """Return what a container may still take."""
    folder = Path("/sys/fs/cgroup")
    try:
        most = int((folder / "memory.max").read_text("ascii"))
        return (most - int((folder / "memory.current").read_text("ascii"))) / 1e9
    except (OSError, ValueError):
        return None


def free_disk_gb(folder: Path) -> float:
    """Return the free disk of a folder, or of the nearest one above it that is there."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.is_dir())
    return shutil.disk_usage(there).free / 1e9


def refuse_shortage(
    need: Need, memory_gb: float | None, disk_gb: float, folder: Path, advice: str
) -> None:
    """Refuse to start where memory or disk do not suffice.

    Parameters
    ----------
    need : Need
    memory_gb, disk_gb : float
        What is free; a memory of None is not known and does not refuse.
    folder : Path
        Where the files will lie.
    advice : str
        What else can be done, in words.

    Raises
    ------
    InputError
    """
    if memory_gb is not None and need.memory_gb > memory_gb:
        raise InputError(
            f"too little memory: the engine needs {need.words()}; {memory_gb:.2f} GB of memory "
            f"are free. {advice}"
        )
    if need.disk_gb > disk_gb:
        raise InputError(
            f"too little disk: the engine needs {need.words()}; {disk_gb:.2f} GB are free in "
            f"{folder}. Free some, or set HINTERLAND_HOME to a folder on a larger disk."
        )
