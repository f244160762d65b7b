"""Each aim of speed and size that this project set itself, beside what was measured last.

The numbers come from the files that the commands of this folder keep; nothing is typed here but
the aims. ``written.py`` puts the table into docs/benchmarks.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import bench_cells
import table


@dataclass(frozen=True)
class Aim:
    """An aim, what was measured, and by which command."""

    what: str
    aim: str
    measured: str
    verdict: str
    command: str


def judged(value: float, limit: float) -> str:
    """Say whether a value keeps a limit, and by how much it misses it."""
    return "met" if value <= limit else f"**missed** by {value / limit - 1:.0%}"


def of_the_table(result: dict[str, Any]) -> Iterator[Aim]:
    """Yield the aims that stand in the table of speed."""
    titles = {line["name"]: line["title"] for line in result["lines"]}
    for line in result["lines"]:
        if not line["aim"]:
            continue
        command = f"`make bench ONLY={line['peer_of'] or line['name']}`"
        what = line["title"]
        if line["peer_of"]:
            what = f"{titles[line['peer_of']]}: {what} takes so many times as long"
        if "cpu" not in line:
            yield Aim(what, line["aim"], line["note"], "not judged", command)
            continue
        told = [_worded(measure, line[measure]) for measure in line["most"]]
        if line["least_ratio"]:
            told.append(f"{table.seconds(line['ratio'])} ×")
        said = judged(1 + table.missed_by(line), 1)
        if "wall" in line["most"] and line["others"] > table.AT_REST:
            said = f"not judged: {line['others']} cores of other work"
        yield Aim(what, line["aim"], ", ".join(told), said, command)


def _worded(measure: str, value: float) -> str:
    if measure == "peak_mb":
        return f"{value / 1000:.2f} GB"
    return f"{table.seconds(value)} {'CPU s' if measure == 'cpu' else 's'}"


def of_the_load(result: dict[str, Any]) -> Iterator[Aim]:
    """Yield the aims of the served dashboard."""
    import load

    command = "`python benchmarks/load.py HOME --write`"
    pages, many = result["pages"], result["crowd"]
    acts = [(p["page"], act) for p in pages for act in (p["choice"], p.get("dial")) if act]
    slow = max(acts, key=lambda a: a[1]["ms"])
    large = max(acts, key=lambda a: a[1]["kb"])
    sheet = next(p["opened_s"] for p in pages if p["page"] == "place")
    for what, aim, told, value, limit in (
        ("a place's sheet opened", "≤ 1.5 s", f"{sheet:.2f} s", sheet, load.SHEET),
        (
            "a changed choice or dial, slowest page",
            f"≤ {load.CHANGED} ms",
            f"{slow[1]['ms']:.0f} ms ({slow[0]})",
            slow[1]["ms"],
            load.CHANGED,
        ),
        (
            "the same over the wire, largest page",
            f"≤ {load.SENT} KB",
            f"{large[1]['kb']:.0f} KB ({large[0]})",
            large[1]["kb"],
            load.SENT,
        ),
        (
            f"{many['visitors']} visitors at once, median",
            f"≤ {load.MEDIAN} ms",
            f"{many['median_ms']:.0f} ms",
            many["median_ms"],
            load.MEDIAN,
        ),
        (
            "the same, 95th percentile",
            f"≤ {load.LATE} ms",
            f"{many['late_ms']:.0f} ms",
            many["late_ms"],
            load.LATE,
        ),
        (
            "memory of a further session",
            f"≤ {load.SESSION} MB",
            f"{many['session_mb']:.1f} MB",
            many["session_mb"],
            load.SESSION,
        ),
    ):
        yield Aim(what, aim, told, judged(value, limit), command)
    if taken := result.get("first_visit_bytes"):
        said = judged(taken, load.FIRST * 1e6)
        yield Aim(
            "a first visit's bytes, until the map stands",
            f"≤ {load.FIRST} MB",
            f"{taken / 1e6:.2f} MB",
            said,
            command,
        )


def of_the_cells(result: dict[str, Any]) -> Iterator[Aim]:
    """Yield the aims of any number of cells."""
    command = "`python benchmarks/bench_cells.py --write`"
    most = max(result["lines"], key=lambda line: line["millions"])
    slope = bench_cells.exponent(result["lines"])
    what = f"{most['millions']:g} million cells measured"
    yield Aim(what, "≤ 3 GB", f"{most['peak_gb']:.2f} GB", judged(most["peak_gb"], 3), command)
    least = min(line["millions"] for line in result["lines"])
    what = f"time of cells, {least:g} to {most['millions']:g} million"
    yield Aim(what, "exponent ≤ 1.1", f"{slope:.2f}", judged(slope, 1.1), command)


def rows(result: dict[str, Any], loaded: dict[str, Any], cells: dict[str, Any]) -> list[str]:
    """Return the rows of the table in Markdown."""
    every = [*of_the_table(result), *of_the_load(loaded), *of_the_cells(cells)]
    return [
        "| what | aim | measured | | command |",
        "|---|---|---|---|---|",
        *(f"| {a.what} | {a.aim} | {a.measured} | {a.verdict} | {a.command} |" for a in every),
    ]
