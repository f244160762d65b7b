"""Build the database: raw files to checked, published marts."""

from __future__ import annotations

import contextlib
import errno
import gc
import hashlib
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import duckdb

from pipelines import __version__
from pipelines.core import paths
from pipelines.core.database import load_spatial
from pipelines.core.errors import (
    HinterlandError,
    ModelError,
    SourceUnreadable,
    TargetUnwritable,
)
from pipelines.core.pointer import SCHEMA_VERSION, Pointer, damage, read_pointer
from pipelines.core.registry import Source, read_registry
from pipelines.runner import publish
from pipelines.runner.checks import run_checks
from pipelines.runner.dictionary import (
    dictionary_table,
    lineage_of,
    lineage_table,
    models_table,
    registry_table,
    unknown_sources,
)
from pipelines.runner.lanes import Job, run_jobs
from pipelines.runner.macros import Macro, create_macros, read_macros, tables_behind
from pipelines.runner.mapfiles import SHEETS, Sheet, write_map_files
from pipelines.runner.models import LAYERS, Model, read_models, run_model
from pipelines.runner.parts import Parts
from pipelines.runner.raw import load_catalogue, load_raw
from pipelines.runner.seeds import Seed, check_references, load_seeds, tables_referred_to
from pipelines.runner.unions import parts_table

SETTLEMENTS = "indicators.ind_settlement__listed"
CATALOGUE = "raw.catalogue"  # begins the name of each of its tables
PUBLISHED = ("indicators", "typologies", "marts")
SEEDS = "checking the seeds"
DRAFT = "draft"  # the attached file in which their tables are made
# Of two Python models one computes while the other is in shapely or scipy, outside the lock.
LANES = {"python": 2, "sql": 1}
LONG = 10  # a Python model takes that much longer than one in SQL, more or less
Progress = Callable[[str, int, int], None]


def connect_work() -> duckdb.DuckDBPyConnection:
    """Return an in-memory database with the spatial extension of the package index."""
    con = duckdb.connect(config={"autoinstall_known_extensions": "false"})
    load_spatial(con)
    # What a large table took goes back to the system at once: another part of the program, or
    # another thread of DuckDB, has its own store and would take as much again.
    con.execute("set allocator_background_threads = true")
    con.execute("set allocator_flush_threshold = '16MB'")
    return con


def inputs_fingerprint(sources_dir: Path | None = None) -> str:
    """Return a hash of all that a build depends on: code, SQL, declarations and data."""
    digest = hashlib.sha256(f"{__version__} {SCHEMA_VERSION}".encode())
    folders = [
        (paths.sql_dir(), "*"),
        (paths.root() / "geodata" / "embedded", "*.parquet"),
        (paths.registry_dir(), "*.toml"),
        (paths.catalogue_dir(), "*"),
        (Path(__file__).parents[1], "*.py"),
    ]
    for folder, pattern in folders:
        for path in sorted(p for p in folder.rglob(pattern) if p.is_file()):
            if "_bundle" in path.parts or "__pycache__" in path.parts:
                continue
            digest.update(f"{path.relative_to(folder)}".encode())
            digest.update(path.read_bytes())
    if sources_dir and sources_dir.is_dir():
        for path in sorted(p for p in sources_dir.rglob("*") if p.is_file()):
            facts = path.stat()
            name = path.relative_to(sources_dir)
            digest.update(f"{name} {facts.st_size} {facts.st_mtime_ns}".encode())
    return digest.hexdigest()[:16]


def default_sources() -> Path | None:
    """Return the folder of fetched files if anything was fetched to it, else None."""
    folder = paths.cache_dir()
    return folder if folder.is_dir() and any(p.is_file() for p in folder.rglob("*")) else None


def is_current(folder: Path, sources_dir: Path | None = None) -> bool:
    """Tell whether the published database is whole and built from the inputs as they are now."""
    try:
        pointer = read_pointer(folder)
    except HinterlandError:
        return False
    return pointer.inputs == inputs_fingerprint(sources_dir) and not damage(folder, pointer)


def _quiet(_step: str, _done: int, _total: int) -> None:
    """Report nothing."""


def build(
    out: Path | None = None, sources_dir: Path | None = None, progress: Progress = _quiet
) -> Pointer:
    """Build, check and publish the database.

    Parameters
    ----------
    out
        Folder of published databases; the default is ``HINTERLAND_HOME``'s.
    sources_dir
        Folder of fetched files, used where it has them.
    progress
        Called with the step's name, how many are done and how many there are; by several
        threads, but never by two at once.

    Raises
    ------
    HinterlandError
        The input is wrong or the target cannot be written; what was served stays.
    """
    folder = out or paths.build_dir()
    if sources_dir is not None and not sources_dir.is_dir():
        raise SourceUnreadable(f"--sources {sources_dir}: no such folder")
    with publish.build_lock(folder):
        publish.remove_drafts(folder)
        started = time.perf_counter()
        draft = folder / f".draft-{time.time_ns():x}.duckdb"
        try:
            with _without_collector():
                return _build(folder, draft, sources_dir, progress, started)
        except (duckdb.IOException, OSError) as error:
            raise _as_unwritable(error, folder) from error
        except (duckdb.Error, ModelError) as error:
            # Tables are made in the file: whichever model is at work meets the full disk.
            if "No space left" in str(error):
                raise _as_unwritable(error, folder) from error
            if isinstance(error, ModelError):
                raise
            raise ModelError(f"the database refused a statement: {error}") from error
        finally:
            for leftover in folder.glob(f"{draft.name}*"):
                leftover.unlink(missing_ok=True)
            shutil.rmtree(draft.with_suffix(".maps"), ignore_errors=True)


@contextlib.contextmanager
def _without_collector() -> Iterator[None]:
    """Switch the cycle collector off: a build makes millions of objects and hardly a cycle."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _as_unwritable(error: Exception, folder: Path) -> HinterlandError:
    """Word a failed write so that the user knows what to do."""
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    if full or "No space left" in str(error):
        return TargetUnwritable(
            f"{folder}: the disk is full. Free about 200 MB, or build elsewhere with --out. "
            "The database that was served before is unchanged."
        )
    return TargetUnwritable(f"{folder}: cannot be written ({error})")


def _build(
    folder: Path, draft: Path, sources_dir: Path | None, progress: Progress, started: float
) -> Pointer:
    registry = read_registry()
    maps, parts = draft.with_suffix(".maps"), Parts(folder)
    with ThreadPoolExecutor(1) as beside:
        # Python reads the models while DuckDB reads the files.
        reading = beside.submit(read_models)
        con = connect_work()
        try:
            progress("reading the files", 0, 1)
            seeds = load_seeds(con)
            present = load_raw(con, registry, sources_dir)
            models = reading.result()
            _load_facts(con, models, registry, present)
            publish.attach(con, draft, PUBLISHED, DRAFT)
            macros = read_macros()
            jobs = [
                *_macro_jobs(con, macros),
                *_jobs(con, models, macros, maps, DRAFT, parts),
                _seed_job(con, seeds),
            ]
            jobs += _drop_jobs(con, jobs)
            steps = len(jobs) + 1
            run_jobs(jobs, LANES, lambda name, done: progress(name, done, steps))
            create_macros(con, macros.values(), DRAFT)
            publish.detach(con, DRAFT)
        finally:
            con.close()
    progress("reading it back", len(jobs), steps)
    value, rows = publish.content_hash(draft)
    stamp = datetime.now(UTC)
    name = f"mart-{value}-{stamp:%Y%m%dT%H%M%S%f}.duckdb"
    pointer = Pointer(
        file=name,
        hash=value,
        schema_version=SCHEMA_VERSION,
        built_at=stamp.isoformat(timespec="seconds"),
        program_version=__version__,
        inputs=inputs_fingerprint(sources_dir),
        rows=rows,
        seconds=round(time.perf_counter() - started, 1),
        files=publish.digests(draft, maps, name),
    )
    maps.replace((folder / name).with_suffix(".maps"))
    publish.publish(draft, folder, pointer)
    parts.prune()
    progress("done", steps, steps)
    return pointer


def _load_facts(
    con: duckdb.DuckDBPyConnection,
    models: list[Model],
    registry: dict[str, Source],
    present: dict[str, Path],
) -> None:
    """Put what the sidecars and declarations say into tables; make the schemas."""
    if unknown := unknown_sources(models, registry):
        raise ModelError(f"sources that no declaration names: {unknown}")
    lineage = lineage_of(models, registry)
    con.register("dictionary_rows", dictionary_table(models, registry, lineage, present))
    con.execute("create table seeds.dictionary as from dictionary_rows")
    con.register("lineage_rows", lineage_table(lineage))
    con.execute("create table seeds.lineage as from lineage_rows")
    con.register("model_rows", models_table(models))
    con.execute("create table seeds.models as from model_rows")
    con.register("registry_rows", registry_table(registry, present))
    con.execute("create table seeds.registry as from registry_rows")
    con.register("part_rows", parts_table({m.table: m.sidecar for m in models}))
    con.execute("create table seeds.union_parts as from part_rows")
    for layer in LAYERS:
        con.execute(f"create schema {layer}")


def _jobs(
    con: duckdb.DuckDBPyConnection,
    models: list[Model],
    macros: dict[str, Macro],
    maps: Path,
    draft: str = "",
    parts: Parts | None = None,
) -> list[Job]:
    """Return what makes all tables, the published ones in the ``draft``, and draws the map files.

    Each job works on a cursor, which is a connection of its own. With ``parts``, what was made
    of the same inputs before is taken again.
    """
    jobs = [
        Job(CATALOGUE, frozenset({SETTLEMENTS}), "python", partial(_on_cursor, con, _catalogue)),
        *(
            Job(
                f"drawing {sheet.name}",
                sheet.needs,
                "python",
                partial(_on_cursor, con, _draw, sheet, maps, parts),
                LONG,
            )
            for sheet in SHEETS
        ),
        Job(
            "checking",
            frozenset(m.table for m in models) | {f"macro {name}" for name in macros} | {SEEDS},
            "sql",
            partial(_on_cursor, con, run_checks, models),
        ),
    ]
    for model in models:
        # The catalogue is checked against the settlements, and other models read it.
        needs = frozenset(CATALOGUE if t.startswith(CATALOGUE) else t for t in model.inputs)
        needs |= {f"macro {name}" for name in model.macros}
        lane, weight = ("sql", 1) if model.sql else ("python", LONG)
        place = draft if model.layer in PUBLISHED else ""
        make = partial(_on_cursor, con, run_model, model, place, parts)
        jobs.append(Job(model.table, needs, lane, make, weight))
    return jobs


def _seed_job(con: duckdb.DuckDBPyConnection, seeds: list[Seed]) -> Job:
    """Return what looks up the codes of the seeds, as early as the tables are there."""
    needs = tables_referred_to(seeds)
    return Job(SEEDS, needs, "sql", partial(_on_cursor, con, check_references, seeds), LONG**3)


def _drop_jobs(con: duckdb.DuckDBPyConnection, jobs: list[Job]) -> list[Job]:
    """Return what drops each raw table after its last reader: memory would only grow."""
    tables = con.execute(
        "select 'raw.' || table_name from duckdb_tables() where schema_name = 'raw' order by 1"
    ).fetchall()
    claims = " ".join(
        path.read_text("utf-8") for path in sorted((paths.sql_dir() / "tests").glob("*.sql"))
    )
    drops = []
    for (table,) in tables:
        readers = frozenset(job.name for job in jobs if table in job.needs)
        if readers and table not in claims:
            drops.append(
                Job(f"dropping {table}", readers, "sql", partial(_on_cursor, con, _drop, table))
            )
    return drops


def _drop(con: duckdb.DuckDBPyConnection, table: str) -> None:
    con.execute(f"drop table {table}")


def _macro_jobs(con: duckdb.DuckDBPyConnection, macros: dict[str, Macro]) -> list[Job]:
    """Return what creates each macro, which DuckDB takes once its tables are there."""
    return [
        Job(
            f"macro {macro.name}",
            tables_behind([macro.name], macros) | {f"macro {name}" for name in macro.macros},
            "sql",
            partial(_on_cursor, con, create_macros, [macro]),
        )
        for macro in macros.values()
    ]


def _on_cursor(
    con: duckdb.DuckDBPyConnection, work: Callable[..., object], *values: object
) -> None:
    with con.cursor() as own:
        work(own, *values)


def _catalogue(con: duckdb.DuckDBPyConnection) -> None:
    load_catalogue(con, con.sql(f"from {SETTLEMENTS}").to_arrow_table())


def _draw(con: duckdb.DuckDBPyConnection, sheet: Sheet, maps: Path, parts: Parts | None) -> None:
    write_map_files(con, sheet, maps, parts)
