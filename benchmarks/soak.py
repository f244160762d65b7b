"""Half an hour of visits and rebuilds: memory, threads and open files of the served process.

``python benchmarks/soak.py HOME OUT`` (``make soak``) serves this repository on the databases of
HOME, which it rebuilds every few minutes, while visitors come, choose and go by websocket, read
tables. Every ten seconds the server's memory, threads, open files and those of them that are
deleted go into ``OUT.csv``; ``OUT.svg`` draws them. Of the time after the first third, when all
pages have been shown, it prints slopes an hour with their standard errors.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import itertools
import json
import os
import random
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

import numpy as np
import psutil
from load import PAGES, ROOT, Visit, serving

READS = (
    "/health",
    "/api/regions.csv?country=DE&level=3",
    "/api/towns.json?country=AT&limit=500",
    "/api/regions.geojson?country=LU",
    "/api/access.parquet?service=hospital&limit=5000",
)
THINK = (0.5, 2.0)


@dataclass
class Sample:
    """The server at one moment; ``built`` counts the databases published so far."""

    seconds: float
    rss_mb: float
    uss_mb: float
    threads: int
    files: int
    deleted: int
    acts: int
    built: int


@dataclass
class Tally:
    """What was done, and what failed."""

    acts: int = 0
    visits: int = 0
    built: int = 0
    failures: list[str] = field(default_factory=list)


def sample(process: psutil.Process, started: float, tally: Tally) -> Sample:
    """Measure the server."""
    memory = process.memory_full_info()
    descriptors = Path(f"/proc/{process.pid}/fd")
    targets = []
    for link in descriptors.iterdir() if descriptors.is_dir() else ():
        try:
            targets.append(os.readlink(link))
        except OSError:
            continue  # closed meanwhile
    return Sample(
        seconds=round(time.monotonic() - started, 1),
        rss_mb=round(memory.rss / 1e6, 1),
        uss_mb=round(memory.uss / 1e6, 1),
        threads=process.num_threads(),
        files=process.num_fds(),
        deleted=sum(target.endswith(" (deleted)") for target in targets),
        acts=tally.acts,
        built=tally.built,
    )


async def visitor(address: str, seed: int, until: float, tally: Tally) -> None:
    """Come, choose a few times, read a table, go, and come again."""
    dice = random.Random(seed)
    while time.monotonic() < until:
        page, query, key, _dial = dice.choice(PAGES)
        try:
            async with Visit(address) as visit:
                await visit.open(page, query)
                tally.visits += 1
                for _ in range(dice.randrange(1, 7)):
                    await asyncio.sleep(dice.uniform(*THINK))
                    await visit.choose(query, key, dice)
                    tally.acts += 1
            await asyncio.to_thread(_read, address + dice.choice(READS))
            tally.acts += 1
        except Exception as error:
            tally.failures.append(f"{page or 'overview'}: {type(error).__name__}: {error}")


def _read(address: str) -> None:
    with urllib.request.urlopen(address, timeout=120) as answer:  # noqa: S310
        answer.read()


async def rebuild(home: Path, every: float, until: float, address: str, tally: Tally) -> None:
    """Build a database every so many seconds; the server must show it at once."""
    command = [sys.executable, "-m", "pipelines", "build", "--out", str(home / "build")]
    while time.monotonic() + every < until:
        await asyncio.sleep(every)
        done = await asyncio.to_thread(
            subprocess.run, command, cwd=ROOT, capture_output=True, text=True
        )
        if done.returncode:
            tally.failures.append(f"build: {done.stderr[-400:]}")
            continue
        tally.built += 1
        pointer = json.loads((home / "build" / "current.json").read_text("utf-8"))
        with urllib.request.urlopen(f"{address}/health", timeout=60) as answer:  # noqa: S310
            shown = json.load(answer)
        if shown["built_at"] != pointer["built_at"]:
            tally.failures.append(f"served {shown['built_at']}, published {pointer['built_at']}")


async def run(
    address: str, process: psutil.Process, home: Path, given: argparse.Namespace, out: Path
) -> tuple[list[Sample], Tally]:
    """Load the server for the time given; sample it all the while."""
    started, tally = time.monotonic(), Tally()
    until = started + given.minutes * 60
    crowd = [
        asyncio.create_task(visitor(address, seed, until, tally)) for seed in range(given.visitors)
    ]
    crowd.append(asyncio.create_task(rebuild(home, given.every, until, address, tally)))
    samples: list[Sample] = []
    with out.with_suffix(".csv").open("w", newline="", encoding="utf-8") as stream:
        rows = csv.DictWriter(stream, [f.name for f in fields(Sample)], lineterminator="\n")
        rows.writeheader()
        while time.monotonic() < until:
            samples.append(sample(process, started, tally))
            rows.writerow(asdict(samples[-1]))
            stream.flush()
            await asyncio.sleep(given.step)
    await asyncio.gather(*crowd)
    return samples, tally


def slope(samples: list[Sample], of: Callable[[Sample], float]) -> tuple[float, float]:
    """Return the growth an hour after the first third, by least squares, and its standard error."""
    late = samples[len(samples) // 3 :]
    hours = np.array([s.seconds / 3600 for s in late])
    values = np.array([of(s) for s in late], dtype=float)
    centred = hours - hours.mean()
    rise = float((centred * values).sum() / (centred**2).sum())
    left = values - values.mean() - rise * centred
    spread = float((left**2).sum() / (len(late) - 2) / (centred**2).sum()) ** 0.5
    return rise, spread


def draw(samples: list[Sample], path: Path) -> None:
    """Draw memory, and below it threads and open files, over the minutes."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "soak"
    from matplotlib import pyplot

    minutes = [s.seconds / 60 for s in samples]
    figure, (memory, counts) = pyplot.subplots(
        2, 1, sharex=True, figsize=(9, 5.5), height_ratios=(2, 1), layout="constrained"
    )
    memory.plot(minutes, [s.rss_mb for s in samples], color="#01665e", label="resident, MB")
    for before, after in itertools.pairwise(samples):
        if after.built > before.built:
            memory.axvline(after.seconds / 60, color="#bbbbbb", linewidth=0.7, zorder=0)
    memory.set_ylim(bottom=0)
    memory.set_title("Memory of the served process; a grey line is a new database", loc="left")
    memory.legend(loc="lower right", frameon=False)
    counts.plot(minutes, [s.files for s in samples], color="#8c510a", label="open files")
    counts.plot(minutes, [s.threads for s in samples], color="#35978f", label="threads")
    counts.set_ylim(bottom=0)
    counts.set_xlabel("minutes")
    counts.legend(loc="upper right", frameon=False, ncols=2)
    figure.savefig(path, metadata={"Date": None})


def main() -> int:
    """Run, write and print; 1 where something failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--visitors", type=int, default=3)
    parser.add_argument("--every", type=float, default=180, help="seconds between two builds")
    parser.add_argument("--step", type=float, default=10, help="seconds between two samples")
    given = parser.parse_args()
    with (
        (given.home / "soak.log").open("wb") as log,
        serving(given.home, log=log) as server,
    ):
        samples, tally = asyncio.run(
            run(server.address, server.process, given.home, given, given.out)
        )
    draw(samples, given.out.with_suffix(".svg"))
    told = (given.home / "soak.log").read_text("utf-8", "replace").count("Traceback")
    print(f"{tally.visits} visits, {tally.acts} acts, {tally.built} databases published")
    print(f"{len(tally.failures)} failures, {told} tracebacks", *tally.failures[:10], sep="\n")
    print("| | begin | at a third | end | most | growth an hour after a third |")
    print("|---|---|---|---|---|---|")
    for name in ("rss_mb", "uss_mb", "threads", "files", "deleted"):
        values = [getattr(s, name) for s in samples]
        rise, error = slope(samples, lambda s, name=name: getattr(s, name))
        third = values[len(values) // 3]
        print(
            f"| {name} | {values[0]} | {third} | {values[-1]} | {max(values)} |"
            f" {rise:+.1f} ± {error:.1f} |"
        )
    return int(bool(tally.failures) or bool(told))


if __name__ == "__main__":
    raise SystemExit(main())
