"""The first rows of a model: as published, or made anew in memory with all its parents.

Nothing here changes a database.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipelines.core.database import open_published
from pipelines.core.errors import InputError
from pipelines.core.pointer import read_pointer
from pipelines.core.registry import Source, read_registry
from pipelines.runner import build as building
from pipelines.runner.lanes import Job, run_jobs
from pipelines.runner.macros import read_macros
from pipelines.runner.models import Model
from pipelines.runner.raw import load_raw
from pipelines.runner.rows import one_row
from pipelines.runner.seeds import load_seeds
from pipelines.runner.workbench import Workbench


@dataclass(frozen=True)
class Rows:
    """The first rows of a table.

    Attributes
    ----------
    names : list of str
        Columns in order.
    first : list of tuple
        Their values, a tuple a row.
    total : int
        Rows of the whole table.
    """

    names: list[str]
    first: list[tuple[Any, ...]]
    total: int

    def lines(self, width: int) -> list[str]:
        """Return the rows as a table where that fits the width in columns, else one by one."""
        cells = [[_cell(value) for value in row] for row in self.first]
        widths = [max(map(len, column)) for column in zip(self.names, *cells, strict=True)]
        if sum(widths) + 2 * len(widths) <= width:
            table = [self.names, *cells]
            return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in table]
        label = max(map(len, self.names))
        lines = []
        for number, row in enumerate(cells, start=1):
            lines.append(f"row {number}")
            for name, cell in zip(self.names, row, strict=True):
                lines.append(_cut(f"  {name:{label}}  {cell}", width))
        return lines


def published_rows(model: Model, folder: Path, number: int) -> Rows:
    """Return the first rows of a model as it is in the current database.

    Parameters
    ----------
    model : Model
    folder : Path
        Of published databases.
    number : int
        How many rows.

    Raises
    ------
    InputError
        The model's layer is not published.
    MartUnavailable
        There is no database.
    """
    if model.layer not in building.PUBLISHED:
        raise InputError(
            f"{model.table} is not in the database: of the layers only "
            f"{', '.join(building.PUBLISHED)} are published. "
            f"'hinterland model {model.name} --run --show {number}' makes it in memory."
        )
    path = folder / read_pointer(folder).file
    with open_published(path) as con:
        try:
            return _first_rows(con, model.table, number)
        except duckdb.CatalogException as error:
            raise InputError(
                f"{model.table} is not in {path}: it was built before the model was written. "
                "Run 'hinterland build'."
            ) from error


def run(bench: Workbench, model: Model, sources: Path | None, number: int) -> tuple[float, Rows]:
    """Make a model and all that it is made from, in memory.

    Parameters
    ----------
    bench : Workbench
    model : Model
    sources : Path, optional
        Folder of fetched files; the default is that of a build.
    number : int
        How many rows to return.

    Returns
    -------
    float, Rows
        Seconds that it took, and the first rows.

    Raises
    ------
    HinterlandError
        The input is wrong or a model cannot be run.
    """
    if sources is not None and not sources.is_dir():
        raise InputError(f"--sources {sources}: no such folder")
    started = time.perf_counter()
    con = building.connect_work()
    try:
        _make(con, bench, model, sources or building.default_sources())
        return time.perf_counter() - started, _first_rows(con, model.table, number)
    finally:
        con.close()


def _make(
    con: duckdb.DuckDBPyConnection, bench: Workbench, model: Model, sources: Path | None
) -> None:
    registry = read_registry()
    jobs = _jobs_for(model, _build_jobs(con, bench.models))
    names = {job.name for job in jobs}
    needed = {table for m in bench.models if m.table in names for table in m.inputs}
    present = load_raw(con, _sources_of(needed, registry), sources)
    load_seeds(con)
    building._load_facts(con, bench.models, registry, present)
    run_jobs(jobs, building.LANES, lambda _name, _done: None)


def _sources_of(tables: set[str], registry: dict[str, Source]) -> dict[str, Source]:
    """Return the sources that tables need: their own, and all parts of a union that they name."""
    # What is said of all sources (which are there, which a column rests on) must be true.
    whole = {"seeds.registry", "seeds.dictionary"}
    return {
        name: source
        for name, source in registry.items()
        if tables & {*whole, f"raw.{source.raw_table}", f"raw.{source.union.get('table')}"}
    }


def _build_jobs(con: duckdb.DuckDBPyConnection, models: list[Model]) -> list[Job]:
    """Return the jobs of a build, with those that create macros."""
    macros = read_macros()
    return [*building._macro_jobs(con, macros), *building._jobs(con, models, macros, Path())]


def _jobs_for(model: Model, jobs: list[Job]) -> list[Job]:
    """Return the jobs of a build that a model needs, its own among them.

    By jobs rather than by tables: the catalogue is checked against the settlements first.
    """
    by_name = {job.name: job for job in jobs}
    chosen, waiting = {model.table}, [model.table]
    while waiting:
        fresh = (by_name[waiting.pop()].needs & by_name.keys()) - chosen
        chosen |= fresh
        waiting += fresh
    return [job for job in jobs if job.name in chosen]


def _first_rows(con: duckdb.DuckDBPyConnection, table: str, number: int) -> Rows:
    (total,) = one_row(con.execute(f"select count(*) from {table}"))
    cursor = con.execute(f"select * from {table} limit {int(number)}")
    return Rows([column[0] for column in cursor.description or []], cursor.fetchall(), total)


def _cell(value: Any) -> str:
    """Return a value as text of one line."""
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f"<{len(value):,} bytes>"
    return f"{value:.6g}" if isinstance(value, float) else " ".join(str(value).split())


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
