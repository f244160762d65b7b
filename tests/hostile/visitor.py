"""A hostile visitor at a dashboard of its own: attacks it and looks what came of it."""

from __future__ import annotations

import asyncio
import os
import sys
import time
import uuid
from pathlib import Path

import psutil

from benchmarks.load import serving
from pipelines.core.pointer import damage, read_pointer
from tests.hostile.attacks import ATTACKS, CANARY, VICTIM, Target, Tried
from tests.hostile.visit import Visitor, upload
from tests.where import ROOT

_FILE = f"id,lon,lat\n{VICTIM},9.79,50.97\n".encode()


def attack(home: Path, is_long: bool, names: tuple[str, ...] = ()) -> list[Tried]:
    """Serve a home, attack it, and return what came of each kind.

    Parameters
    ----------
    home : Path
        A HINTERLAND_HOME that nothing else uses; a secret is put beside its database.
    is_long : bool
        Whether every payload is tried at every place.
    names : tuple of str
        Kinds; all of them by default.
    """
    (home / "secret.txt").write_text(CANARY, "utf-8")
    log = home / "server.log"
    secrets = (CANARY.encode(), b"root:x:0", str(home).encode(), str(ROOT).encode())
    os.environ["HINTERLAND_CANARY"] = CANARY
    try:
        before = _tree(home)
        with log.open("wb") as stream, serving(home, log=stream) as server:
            rows = asyncio.run(_all(Target(server.address, secrets, is_long), names))
            after = Tried("afterwards")
            after.expect(_runs(server.process), "the server has ended")
    finally:
        del os.environ["HINTERLAND_CANARY"]
    after.expect(_tree(home) == before, f"files: {sorted(_tree(home) ^ before)}")
    build = home / "build"
    after.expect(not damage(build, read_pointer(build)), "the database is not what it was")
    after.expect(not Path("/tmp/hostile.csv").exists(), "a file was written")  # noqa: S108
    text = log.read_text("utf-8", "replace")
    after.expect("Traceback" not in text, text[-3_000:])
    return [*rows, after]


def _runs(process: psutil.Process) -> bool:
    return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)


def _tree(home: Path) -> set[str]:
    names = (str(path.relative_to(home)) for path in home.rglob("*") if path.is_file())
    return {name for name in names if name not in ("server.log", "build/build.lock")}


async def _all(at: Target, names: tuple[str, ...]) -> list[Tried]:
    """Run the attacks while a victim is there, who must notice nothing."""
    rows = []
    async with Visitor(at.address) as victim:
        at.victim = victim
        await victim.open("services", "service=own")
        file = str(uuid.uuid4())
        victim.uploaded = file  # type: ignore[attr-defined]
        reply = await asyncio.to_thread(upload, at.address, victim.session, file, "v.csv", _FILE)
        assert reply.status == 204, reply
        shown = victim.file(file, "v.csv", len(_FILE))
        await victim.say("service=own", shown)
        assert VICTIM.encode() in victim.seen, "the victim must see its own file"
        for name in names or ATTACKS:
            tried = Tried(name)
            started = time.perf_counter()
            await ATTACKS[name](at, tried)
            print(f"{name}: {time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)
            rows.append(tried)
        victim.seen.clear()
        await victim.say("service=own&minutes=30", shown)
        own = Tried("what the victim sees in the end")
        own.expect(VICTIM.encode() in victim.seen, "the victim's file is gone")
        own.expect(not at.leaks(bytes(victim.seen)), "something else is shown to the victim")
        rows.append(own)
    return rows


def table(rows: list[Tried]) -> str:
    """Return what was tried as a table in Markdown."""
    lines = ["| attack | attempts | that succeeded |", "|---|---|---|"]
    lines += [f"| {row.kind} | {row.tried} | {len(row.said)} |" for row in rows]
    sums = sum(row.tried for row in rows), sum(len(row.said) for row in rows)
    return "\n".join([*lines, f"| **all** | {sums[0]} | {sums[1]} |"])
