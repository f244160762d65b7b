"""Kills: at each operation on the disk of a step, and at random moments of a command."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from pipelines.core.errors import HinterlandError
from pipelines.core.pointer import damage, read_pointer
from pipelines.io import matrices
from pipelines.places import osm_set
from pipelines.roads import stored
from pipelines.runner import publish
from pipelines.serve.store import Store
from tests.standin.publisher import SHARED, Publisher
from tests.torture import small
from tests.torture.crash import STEPS, TOWNS
from tests.torture.rows import Bench, Row, command, environment, run
from tests.where import ROOT

MOST_POINTS = 200
Check = Callable[[Path], tuple[int, int]]


class Dying:
    """The process of :mod:`tests.torture.crash`."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.torture.crash"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )

    def do(self, step: str, folder: Path, number: int) -> str:
        """Do a step that dies before an operation; return how it ended."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{step} {folder} {number}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()


@contextlib.contextmanager
def dying() -> Iterator[Dying]:
    """Start the process that dies for us, and end it."""
    one = Dying()
    try:
        yield one
    finally:
        assert one.process.stdin
        one.process.stdin.close()
        one.process.wait(60)
        for stream in (one.process.stdout, one.process.stderr):
            assert stream
            stream.close()


def _publish_before(folder: Path) -> None:
    for _ in range(2):  # so that there is one to take away
        small.put(folder, small.draft(folder, 1))
    small.draft(folder, 2)


def _publish_after(folder: Path) -> tuple[int, int]:
    """Readers have the old rows or the new ones, and the next build leaves two databases."""
    try:
        pointer = read_pointer(folder)
        assert not damage(folder, pointer)
        numbers = Store(folder, pointer).column("select number from marts.towns")
    except (HinterlandError, AssertionError):
        return 1, 0
    wrong = sum(number != numbers[0] for number in numbers) + abs(len(numbers) - small.ROWS)
    publish.remove_drafts(folder)
    small.put(folder, small.draft(folder, 3))
    left = [*folder.glob("mart-*.duckdb"), *folder.glob(".draft-*"), *folder.glob(".*.tmp")]
    is_healed = len(left) == publish.HELD_VERSIONS and not damage(folder, read_pointer(folder))
    return int(not is_healed), wrong + (numbers[0] not in (1, 2))


def _store_before(folder: Path) -> None:
    for name in ("made", "other"):
        first = small.matrix(folder / "old.parquet", 10.0)
        stored.store(folder / "matrices", first, f"{name}-towns-car", {1, 2, 3})
    small.matrix(folder / "new.parquet", 20.0)


def _store_after(folder: Path) -> tuple[int, int]:
    """The build reads all matrices, each the old or the new one; storing again works."""
    index = folder / "matrices" / matrices.INDEX
    try:
        read = {e.name: t["minutes"].to_pylist() for e, t in matrices.read_stored(index)}
        stored.store(index.parent, folder / "new.parquet", "made-towns-car", {1, 2, 3})
        again = {e.name: t["minutes"].to_pylist() for e, t in matrices.read_stored(index)}
    except HinterlandError:
        return 1, 0
    wrong = sum(minutes not in ([10.0], [20.0]) for minutes in read.values())
    files = {path.name for path in index.parent.glob("*.parquet")}
    is_tidy = files == {e.file for e in matrices.read_index(index)}
    return int("made-towns-car" not in read or not is_tidy), wrong + (
        again["made-towns-car"] != [20.0]
    )


def _add_before(folder: Path) -> None:
    osm_set.add(small.extract(folder / "made.json", 1), TOWNS, 1.0, folder=folder / "osm")
    small.extract(folder / "made.json", 2)


def _add_after(folder: Path) -> tuple[int, int]:
    """The set holds the extract, old or new, and can be read; a newer one can be added."""
    try:
        known = osm_set.extracts(folder / "osm")
        whole = osm_set.assemble(TOWNS, 1.0, folder / "osm")
        newer = small.extract(folder / "made.json", 3)
        osm_set.add(newer, TOWNS, 1.0, folder=folder / "osm")
        (last,) = osm_set.extracts(folder / "osm")
    except (HinterlandError, ValueError):
        return 1, 0
    days = [extract.date_words for extract in known]
    is_there = whole is not None and len(days) == 1 and last.date_words == "2024-01-03"
    return int(not is_there), int(bool(days) and days[0] not in ("2024-01-01", "2024-01-02"))


def _export_before(folder: Path) -> None:
    (folder / "out.csv").write_text("old\n", "utf-8")


def _export_after(folder: Path) -> tuple[int, int]:
    text = (folder / "out.csv").read_text("utf-8")
    return int(not text), int(text not in ("old\n", "new\n"))


AROUND: dict[str, tuple[Callable[[Path], None], Check]] = {
    "publish": (_publish_before, _publish_after),
    "store": (_store_before, _store_after),
    "remove": (_store_before, _store_after),
    "add": (_add_before, _add_after),
    "export": (_export_before, _export_after),
}
WORDS = {
    "publish": "publication of a database, killed before each operation",
    "store": "roads --store in place of an older matrix, the same",
    "remove": "roads --remove, the same",
    "add": "places --add in place of an older extract, the same",
    "export": "a file written over an older one, the same",
}


def at_each_operation(bench: Bench) -> list[Row]:
    """Kill each step before each of its operations on the disk, then look what readers have."""
    rows = []
    with dying() as process:
        for step in STEPS:
            row, (before, after) = Row(WORDS[step]), AROUND[step]
            for number in range(MOST_POINTS):
                folder = bench.folder(f"crash-{step}")
                before(folder)
                ended = process.do(step, folder, number)
                row.tried += 1
                row.kills += ended == "killed"
                row.tracebacks += ended not in ("killed", "done")
                lost, wrong = after(folder)
                row.lost += lost
                row.wrong += wrong
                if ended != "killed":
                    break
            rows.append(row)
    return rows


def killed(
    bench: Bench, row: Row, arguments: list[str], home: Path, longest: float, **more: str
) -> None:
    """Run a command and kill it, and what it started, at a random moment."""
    process = subprocess.Popen(
        command(*arguments),
        cwd=ROOT,
        env=environment(home, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        out, err = process.communicate(timeout=bench.dice.uniform(0.3, longest))
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        out, err = process.communicate()
        row.kills += 1
    row.tried += 1
    row.tracebacks += "Traceback" in out + err


def of_builds(bench: Bench) -> list[Row]:
    """Kill builds at random moments under an open reader; the long version lets one end, too."""
    row = Row("hinterland build, killed at a random moment")
    home = bench.own_home("killed-build")
    folder = home / "build"
    first = read_pointer(folder)
    reader = Store(folder, first)
    fact = "select count(*) as n, sum(population) as people from marts.towns"
    known = reader.rows(fact)
    for _ in range(bench.times(3, 20)):
        killed(bench, row, ["build"], home, bench.times(5, 45))
        pointer = read_pointer(folder)
        row.lost += bool(damage(folder, pointer))
        row.wrong += pointer.hash != first.hash
        row.wrong += Store(folder, pointer).rows(fact) != known or reader.rows(fact) != known
    if bench.is_long:
        row.ended(run("build", home=home))
        left = [p for p in folder.iterdir() if p.name.startswith(".draft")]
        row.lost += bool(left) or bool(damage(folder, read_pointer(folder)))
        row.wrong += read_pointer(folder).hash != first.hash
    return [row]


def of_places(bench: Bench) -> list[Row]:
    """Kill ``places --add`` at random moments; the set stays readable."""
    row = Row("hinterland places --add, killed at a random moment")
    home = bench.own_home("killed-places")
    for day in range(1, bench.times(4, 26)):
        extract = small.extract(home / "made.json", day)
        killed(bench, row, ["places", "--add", str(extract)], home, 4.0)
        try:
            known = osm_set.extracts(home / "osm")
        except HinterlandError:
            row.lost += 1
            continue
        row.wrong += len(known) > 1
        last = small.extract(home / "made.json", day + 1)
    done = run("places", "--add", str(last), home=home)
    row.ended(done)
    row.lost += done.returncode != 0
    return [row]


def of_fetches(bench: Bench) -> list[Row]:
    """Kill ``fetch`` at random moments, download and all; a copy that was there stays whole."""
    row = Row("hinterland fetch, killed at a random moment")
    if not SHARED.is_dir():
        return [Row(row.what, note="not tried: ../shared/data is not there")]
    name, file = "eurostat_demo_r_births", Path("cache/eurostat/demo_r_births.tsv.gz")
    home = bench.folder("killed-fetch")
    with Publisher() as server:
        more = {
            "HINTERLAND_EUROSTAT_URL": server.eurostat,
            "HINTERLAND_GISCO_URL": server.gisco,
            "HINTERLAND_NATURAL_EARTH_URL": server.natural_earth,
        }
        row.ended(run("fetch", "--only", name, home=home, **more))
        whole = (home / file).read_bytes()
        for turn in range(bench.times(2, 20)):
            if turn % 2:
                (home / file).unlink(missing_ok=True)
            killed(bench, row, ["fetch", "--only", name], home, 3.0, **more)
            is_there = (home / file).is_file()
            row.lost += not is_there and turn % 2 == 0
            row.wrong += is_there and (home / file).read_bytes() != whole
        done = run("fetch", "--only", name, home=home, **more)
        row.ended(done)
        row.lost += done.returncode != 0
        row.wrong += (home / file).read_bytes() != whole
    return [row]


def of_roads(bench: Bench) -> list[Row]:
    """Kill ``roads --store`` of a measured matrix at random moments; builds still read it."""
    row = Row("hinterland roads --store, killed at a random moment")
    home = bench.own_home("killed-roads")
    ids = Store(home / "build", read_pointer(home / "build")).column(
        "select geonameid from marts.towns order by geonameid limit 2"
    )
    path = home / "made.parquet"
    folder = home / "cache" / "openstreetmap_minutes"
    for turn in range(bench.times(3, 25)):
        _matrix_of(path, ids, float(turn))
        if turn:
            killed(bench, row, ["roads", str(path), "--store"], home, 3.0)
        else:
            row.ended(run("roads", str(path), "--store", home=home))
        try:
            read = matrices.read_stored(folder / matrices.INDEX)
        except HinterlandError:
            row.lost += 1
            continue
        row.lost += len(read) != 1
        row.wrong += sum(t["minutes"][0].as_py() not in range(turn + 1) for _, t in read)
    return [row]


def _matrix_of(path: Path, ids: list[int], minutes: float) -> None:
    import pyarrow.parquet as pq

    table = pq.read_table(small.matrix(path, minutes))
    columns = {"origin": [ids[0]], "destination": [str(ids[1])]}
    for name, values in columns.items():
        at = table.schema.get_field_index(name)
        table = table.set_column(at, table.schema.field(name), [values])
    pq.write_table(table, path)


def two_builds(bench: Bench) -> list[Row]:
    """Start a build while another is at work in the folder: one message, nothing changes."""
    row = Row("two builds at once")
    home = bench.own_home("two-builds")
    before = json.loads((home / "build" / "current.json").read_text("utf-8"))
    with publish.build_lock(home / "build"):
        for _ in range(bench.times(1, 3)):
            row.lost += not row.ended(run("build", home=home))
    if bench.is_long:
        first = subprocess.Popen(command("build"), cwd=ROOT, env=environment(home))
        time.sleep(3)
        row.lost += not row.ended(run("build", home=home))
        row.tried += 1
        row.lost += first.wait() != 0
    after = read_pointer(home / "build")
    row.lost += bool(damage(home / "build", after))
    row.wrong += after.hash != before["hash"]
    return [row]
