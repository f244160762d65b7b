"""Full disks and disks that cannot be written: one message, and what was there stays."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from pipelines.core.pointer import damage, read_pointer
from tests.torture import small
from tests.torture.rows import Bench, Row, run

MB = 1 << 20


@contextlib.contextmanager
def mounted(folder: Path, size_mb: float, is_read_only: bool = False) -> Iterator[bool]:
    """Make a folder a small disk in memory; tell whether this machine lets us."""
    options = f"size={int(size_mb * MB)}"
    made = _mount(["-t", "tmpfs", "-o", options, "tmpfs", str(folder)])
    try:
        if made and is_read_only:
            made = _mount(["-o", "remount,ro", str(folder)])
        yield made
    finally:
        if made:
            subprocess.run(["umount", "-l", str(folder)], check=True)


def _mount(arguments: list[str]) -> bool:
    if sys.platform != "linux" or os.geteuid() != 0 or not shutil.which("mount"):
        return False
    return subprocess.run(["mount", *arguments], capture_output=True).returncode == 0


def limited(bytes_most: int) -> list[str]:
    """Return what begins a command whose files cannot grow beyond a size."""
    return ["prlimit", f"--fsize={bytes_most}", "--"]


def _left(folder: Path) -> list[str]:
    """Return what a command left behind that nobody asked for."""
    drafts = (".draft-*", ".writing-*", ".adding-*", "*.tmp", "*.wal")
    return [p.name for pattern in drafts for p in folder.rglob(pattern)]


def _commands(bench: Bench, home: Path, disk: Path) -> dict[str, list[str]]:
    """Return commands that write to a disk, by what they write."""
    sites = home / "sites.csv"
    sites.write_text("id,lon,lat\na,13.4,52.5\n", "utf-8")
    places = small.extract(home / "made.json", 1, times=4000)  # results of more than 500 KB
    short = {
        "export": ["export", "towns", "-o", str(disk / "towns.csv")],
        "export gpkg": ["export", "regions", "-o", str(disk / "regions.gpkg")],
        "export xlsx": ["export", "towns", "-o", str(disk / "towns.xlsx")],
        "reach": ["reach", str(sites), "-o", str(disk / "reach.csv")],
    }
    long = {
        "export --all": ["export", "--all", str(disk / "package")],
        "places": ["places", str(places), "--osm", "-o", str(disk / "places")],
        "build": ["build", "--out", str(disk / "out")],
    }
    return short | (long if bench.is_long else {})


def full(bench: Bench) -> list[Row]:
    """Write to a disk that is too small, and with files that cannot grow."""
    home = bench.own_home("full")
    disk = bench.folder("disk")
    row = Row("a full disk")
    with mounted(disk, 0.5) as is_small:
        if not is_small:
            row.note = "tmpfs not tried: it needs root"
        for arguments in _commands(bench, home, disk).values():
            if is_small:
                row.lost += not row.ended(run(*arguments, home=home)) or bool(_left(disk))
    files = Row("files that cannot grow beyond 256 KB")
    if not shutil.which("prlimit"):
        files.note = "not tried: no prlimit"
        return [row, files]
    for arguments in _commands(bench, home, disk).values():
        done = run(*arguments, home=home, before=limited(256 << 10))
        files.lost += not files.ended(done) or bool(_left(disk))
    files.lost += bool(damage(home / "build", read_pointer(home / "build")))
    return [row, files]


def of_the_home(bench: Bench) -> list[Row]:
    """Build into a home whose disk is full: what was served stays."""
    row = Row("hinterland build on a full disk that holds a database")
    if not bench.is_long:
        return []
    folder = bench.folder("small-home")
    size = sum(p.stat().st_size for p in (bench.home / "build").rglob("*") if p.is_file())
    for spare in (0.2, 5, 20, 60, 90):
        with mounted(folder, size / MB + spare) as is_small:
            if not is_small:
                row.note = "not tried: it needs root"
                break
            shutil.copytree(bench.home / "build", folder / "build")
            before = read_pointer(folder / "build")
            row.lost += not row.ended(run("build", home=folder))
            row.lost += bool(damage(folder / "build", read_pointer(folder / "build")))
            row.wrong += read_pointer(folder / "build") != before
            row.lost += bool(_left(folder))
    return [row]


def read_only(bench: Bench) -> list[Row]:
    """Write to a disk that cannot be written."""
    row = Row("a read-only disk")
    home = bench.own_home("read-only")
    disk = bench.folder("read-only-disk")
    with mounted(disk, 1, is_read_only=True) as is_mounted:
        if not is_mounted:
            disk.chmod(0o555)
        if not is_mounted and os.access(disk, os.W_OK):
            return [Row(row.what, note="not tried: root writes everywhere, and may not mount")]
        commands = _commands(bench, home, disk) | {"build": ["build", "--out", str(disk / "out")]}
        for arguments in commands.values():
            row.lost += not row.ended(run(*arguments, home=home))
    disk.chmod(0o755)
    return [row]
