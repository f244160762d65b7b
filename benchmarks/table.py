"""The table of speed: what each thing costs, beside peers that do the same work in the same run.

``python benchmarks/table.py [--quick] [--only NAME …] [--home HOME] [--json FILE] [--list]``.
Each line is measured in a process of its own, whose largest resident memory is told too. The
measure is the processor's seconds: the wall's are those of the machine as it was, and its load
stands above the table. Ends with 1 if a peer's answer differs from ours.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from registry import Case, Sampled, Spent, agreement  # noqa: E402

RESULTS = ROOT / "benchmarks" / "results.json"
TIMEOUT = 400  # seconds for one line
QUICK = 2
#: So many cores of other work leave wall times as they are; the load average counts our own, too.
AT_REST = 0.2
VERSIONS = ("duckdb", "numpy", "scipy", "pandas", "pyarrow", "geopandas", "shapely", "streamlit")
PEERS = ("access", "pandana", "networkx", "gower", "eurostat", "pydeck")


def cases() -> list[Case]:
    """Return all cases, peers behind what they are set beside."""
    import cases_files
    import cases_pages
    import cases_reach

    return [*cases_files.CASES, *cases_reach.CASES, *cases_pages.CASES]


def machine() -> dict[str, Any]:
    """Name the machine and the versions."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [li for li in info.read_text().splitlines() if li.startswith("model name")]
        model = names[0].split(":")[1].strip() if names else model
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    versions = {name: v for name in (*VERSIONS, *PEERS) if (v := _version(name))}
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "memory_gib": round(memory),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
        "versions": versions,
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except ImportError:
        return None


def commit() -> str:
    """Return the commit that is measured, with ``+`` where files differ from it."""
    git = ["git", "-C", str(ROOT)]
    head = subprocess.run([*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    what = [*git, "status", "--porcelain", "--", "pipelines", "pages", "sql", "hinterland"]
    changed = subprocess.run(what, capture_output=True, text=True)
    return head.stdout.strip() + ("+" if changed.stdout.strip() else "")


def measure(name: str, runs: int, home: Path, answer: Path) -> dict[str, Any]:
    """Measure one case in this process."""
    case = next(c for c in cases() if c.name == name)
    step, share = case.prepare(home), 1.0
    if isinstance(step, Sampled):
        step, share = step.step, step.share
    cpu, wall, peak = [], [], 0.0
    for _ in range(runs):
        started, used = time.perf_counter(), time.process_time()
        result = step()
        taken = time.perf_counter() - started, time.process_time() - used
        if isinstance(result, Spent):
            taken, peak = (result.wall, result.cpu), max(peak, result.peak_mb)
        elif result is not None:
            np.save(answer, np.asarray(result, dtype=float))
        wall.append(taken[0] / share)
        cpu.append(taken[1] / share)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    return {
        "cpu": statistics.median(cpu),
        "wall": statistics.median(wall),
        "runs": runs,
        "cpu_least": min(cpu),
        "cpu_most": max(cpu),
        "peak_mb": round(peak or own),
    }


def apart(case: Case, answer: Path, home: Path, runs: int) -> dict[str, Any]:
    """Measure one case in a process of its own; say why if it cannot be."""
    line = {"name": case.name, "title": case.title, "peer_of": case.peer_of, "aim": case.aim}
    line |= {"most": case.most, "least_ratio": case.least_ratio}
    if missing := case.missing():
        return line | {"note": f"not installed: {', '.join(missing)}"}
    arguments = ["--measure", case.name, "--runs", str(runs), "--home", str(home)]
    line |= {"commit": commit()}
    before, children, began = busy(), _children(), time.perf_counter()
    run = subprocess.Popen(
        [sys.executable, __file__, *arguments, "--answer", str(answer)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        told, complaint = run.communicate(timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        os.killpg(run.pid, signal.SIGKILL)  # with the commands and browsers that it started
        run.communicate()
        return line | {"note": f"no end within {TIMEOUT} s"}
    if run.returncode:
        return line | {"note": "failed", "error": complaint.strip()[-2000:]}
    result: dict[str, Any] = json.loads(told.strip().splitlines()[-1])
    spent = busy() - before
    # A browser's processes are not reaped by ours: what the case counted itself holds them.
    ours = max(_children() - children, result["cpu"] * result["runs"])
    others = max(0.0, (spent - ours) / (time.perf_counter() - began))
    return line | result | {"others": round(others, 2)}


def busy() -> float:
    """Return the seconds that the processors have worked so far."""
    spent = psutil.cpu_times()
    return float(sum(spent) - spent.idle - getattr(spent, "iowait", 0.0))


def _children() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def compared(line: dict[str, Any], case: Case, ours: dict[str, Any], folder: Path) -> None:
    """Put the ratio to our case, and how far the answers are apart, into a peer's line."""
    if "cpu" not in line or "cpu" not in ours:
        return
    by = "wall" if case.name.startswith("map_") else "cpu"
    line["ratio"] = line[by] / ours[by]
    mine, theirs = (folder / f"{n.replace('/', '.')}.npy" for n in (case.peer_of, case.name))
    if mine.is_file() and theirs.is_file():
        most, share = agreement(np.load(mine), np.load(theirs), case.tolerance)
        line |= {"apart": most, "agreeing": share, "agrees": share >= case.agreeing}


def measured(chosen: list[Case], home: Path, quick: bool) -> list[dict[str, Any]]:
    """Measure the cases one after another, telling each as it ends."""
    lines: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for case in chosen:
            answer = Path(folder) / f"{case.name.replace('/', '.')}.npy"
            runs = min(case.runs, QUICK) if quick else case.runs
            line = apart(case, answer, home, runs)
            if case.peer_of:
                compared(line, case, lines[case.peer_of], Path(folder))
            lines[case.name] = line
            told = f"{line['cpu']:.3f} CPU s" if "cpu" in line else line["note"]
            print(f"{case.name}: {told}", file=sys.stderr, flush=True)
            if "error" in line:
                print(line["error"], file=sys.stderr, flush=True)
    return list(lines.values())


def picked(names: list[str], every: list[Case]) -> list[Case]:
    """Return the cases of some names with their peers; all without a name."""
    if not names:
        return every
    chosen = [
        c
        for c in every
        if any(c.name == n or c.peer_of == n or c.name.startswith(f"{n}_") for n in names)
    ]
    wanting = {c.peer_of for c in chosen if c.peer_of} - {c.name for c in chosen}
    if not chosen or wanting:
        known = ", ".join(c.name for c in every if not c.peer_of)
        raise SystemExit(f"--only {' '.join(names)}: no such case; there are {known}")
    return chosen


def seconds(value: float) -> str:
    """Word seconds with two digits that count."""
    return f"{value:.0f}" if value >= 99.5 else f"{value:.1f}" if value >= 9.95 else f"{value:.2g}"


def rows(lines: list[dict[str, Any]]) -> list[str]:
    """Return the rows of the table in Markdown, peers set in and ratios behind."""
    out = [
        "| what | CPU s | wall s | memory, MB | runs | peer : ours | answers | aim |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for line in lines:
        title = f"&emsp;{line['title']}" if line["peer_of"] else line["title"]
        if "cpu" not in line:
            out.append(f"| {title} | {line['note']} | | | | | | {line['aim']} |")
            continue
        ratio = f"{seconds(line['ratio'])} ×" if "ratio" in line else ""
        out.append(
            f"| {title} | {seconds(line['cpu'])} | {seconds(line['wall'])} | {line['peak_mb']} "
            f"| {line['runs']} | {ratio} | {_agreement(line)} | {verdict(line)} |"
        )
    return out


def verdict(line: dict[str, Any]) -> str:
    """Say whether a line meets its aim; seconds of the wall are judged at rest only."""
    if not line["aim"]:
        return ""
    if "wall" in line["most"] and line["others"] > AT_REST:
        return f"{line['aim']}: to be judged at rest"
    return f"{line['aim']}: {'MISSED' if missed_by(line) > 0 else 'met'}"


def missed_by(line: dict[str, Any]) -> float:
    """Return the largest share by which a line misses its aim, 0 where it meets it."""
    over = [line[measure] / limit - 1 for measure, limit in line["most"].items()]
    if least := line["least_ratio"]:
        over.append(1 - line.get("ratio", 0.0) / least)
    return max(0.0, *over) if over else 0.0


def _agreement(line: dict[str, Any]) -> str:
    if "apart" not in line:
        return ""
    if not line["agrees"]:
        return f"DIFFER: {line['agreeing']:.4%} agree"
    if line["agreeing"] < 1:
        return f"{line['agreeing']:.2%} the same"
    return "the same" if line["apart"] == 0 else f"the same, {line['apart']:.0e} apart"


def head(result: dict[str, Any]) -> str:
    """Return the line above the table: machine, versions, date, load."""
    m = result["machine"]
    versions = ", ".join(f"{name} {v}" for name, v in m["versions"].items())
    commits = ", ".join(dict.fromkeys(n.get("commit", "?") for n in result["lines"]))
    how = "at rest" if result["at_rest"] else "not at rest, so that some wall times are too long"
    return (
        f"{result['date']}, commit {commits}; {m['processor']}, {m['cores']} cores, "
        f"{m['memory_gib']} GiB, Python {m['python']}, {versions}. Measured {how} "
        f"(other work: {result['others']:.2f} cores in the median); medians."
    )


def merged(path: Path, result: dict[str, Any], order: list[str]) -> dict[str, Any]:
    """Put the lines of a part of the table in the place of the older ones."""
    if not path.is_file():
        return result
    old = json.loads(path.read_text("utf-8"))
    by_name = {line["name"]: line for line in [*old["lines"], *result["lines"]]}
    lines = [by_name[name] for name in order if name in by_name]
    return result | rest(lines) | {"lines": lines}


def rest(lines: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the cores that other work took in the median, and whether the machine was at rest."""
    others = statistics.median([line["others"] for line in lines if "others" in line] or [0.0])
    return {"others": others, "at_rest": others <= AT_REST}


def main() -> int:
    """Measure what is asked for and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"at most {QUICK} runs a line")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME")
    parser.add_argument("--home", type=Path, help="a HINTERLAND_HOME with a database")
    parser.add_argument("--json", type=Path, help="write the results there")
    parser.add_argument("--list", action="store_true", help="name the cases")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    parser.add_argument("--runs", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--answer", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measure(given.measure, given.runs, given.home, given.answer)))
        return 0
    # What is measured is this tree, also in processes that are started from it.
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    chosen = picked(given.only, cases())
    if given.list:
        print("\n".join(f"{c.name:<32} {c.title}" for c in chosen))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        home = _ready(given.home, Path(folder))
        started = time.perf_counter()
        lines = measured(chosen, home, given.quick)
    result = {
        "date": date.today().isoformat(),
        "commit": commit(),
        "machine": machine(),
        **rest(lines),
        "quick": given.quick,
        "minutes": round((time.perf_counter() - started) / 60, 1),
        "lines": lines,
    }
    print("\n".join([head(result), "", *rows(lines)]))
    if given.json:
        whole = merged(given.json, result, [c.name for c in cases()]) if given.only else result
        given.json.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", "utf-8")
    wrong = [n["name"] for n in lines if not n.get("agrees", True) or n.get("note") == "failed"]
    if wrong:
        print(f"\nfailed, or answers differ: {', '.join(wrong)}", file=sys.stderr)
    return 1 if wrong else 0


def _ready(home: Path | None, folder: Path) -> Path:
    """Return a home of the run's own, with a database: a copy of the given one, or built anew."""
    import shutil

    if home:
        shutil.copytree(home / "build", folder / "build", symlinks=True)
        return folder
    print("building the database", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", "pipelines", "build"]
    environment = os.environ | {"HINTERLAND_HOME": str(folder)}
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL, cwd=ROOT)
    return folder


if __name__ == "__main__":
    sys.exit(main())
