"""Minutes and access of a user's cells, measured on the published database."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.cells import job as jobs
from pipelines.cells import on_spark
from pipelines.cells.base import Base, write_base
from pipelines.cells.grid import Grid, GridColumns
from pipelines.cells.job import Job, Progress, Summary
from pipelines.cells.measure import columns_of
from pipelines.core import paths
from pipelines.core.errors import InputError, MartUnavailable
from pipelines.geo.nearest import SettlementTree
from pipelines.io.atomic import writing, writing_folder
from pipelines.io.matrices import INDEX, read_stored
from pipelines.reach.models import by_service
from pipelines.serve import answer_files
from pipelines.serve.store import Store
from pipelines.serve.thresholds import thresholds
from pipelines.travel.network import network_from_table

README = "cells.readme.txt"
#: Cells of a chunk: fewer make files of no use, more take gigabytes.
FEWEST, MOST = 1_000, 2_000_000
#: What the columns mean; where one of each service stands, by how its name begins.
COLUMNS = {
    "cell_id": "Cell, as the grid names it.",
    "lon": "Longitude of the cell or its middle, degrees, EPSG:4326.",
    "lat": "Latitude of the cell or its middle, degrees, EPSG:4326.",
    "people": "People, as the grid states them.",
    "geonameid": "Nearest settlement (GeoNames), whose ways are the cell's; empty: none is near.",
    "access_min": "Minutes to that settlement, an estimate from the straight distance.",
    "minutes_to_": "Minutes to the nearest such place, access included.",
    "travel_basis": "What the settlement's minutes are: estimate, routing engine or both.",
    "coverage_": "Whether the register is known there; empty: not, and its columns are empty.",
    "minutes_nearest_": "Minutes to the nearest site, access included; empty: none is reached.",
    "nearest_id_": "Identifier of the nearest site.",
    "within_": "Sites within so many minutes, access included.",
    "supply_score_": "Capacity per person under competition (E2SFCA) among the grid's people.",
}


def prepare(store: Store, folder: Path) -> Base:
    """Write the base of the published database; see :mod:`pipelines.cells.base`.

    Raises
    ------
    MartUnavailable
        Its counts are not those of the database, whose stored matrices are others.
    """
    # In the order of the build: of two settlements at one spot the first has the sites.
    nodes = store.arrow("from indicators.ind_settlement__node")
    net = network_from_table(nodes, store.arrow("from indicators.ind_settlement__links"))
    services = dict(by_service(store.arrow("from indicators.ind_service__site")))
    with writing_folder(folder) as draft:
        settlements = _settlements(store, nodes, sorted(services))
        rows, stored = thresholds(store), _stored(store)
        _check(store, write_base(draft, net, services, settlements, rows, stored))
    return Base(folder)


def _settlements(store: Store, nodes: pa.Table, services: list[str]) -> pa.Table:
    """Return what cells take over from their settlement, in the order of the nodes."""
    ids = nodes["geonameid"].combine_chunks()
    table = nodes.select(["geonameid", "lon", "lat"])
    steps = store.arrow("from indicators.ind_settlement__travel_minutes")
    taken = [
        name for name in steps.column_names if name == "travel_basis" or name.startswith("minutes_")
    ]
    table = _joined(table, steps, ids, {name: name for name in taken})
    for service in services:
        access = store.arrow(
            "select geonameid, coverage, minutes_nearest, nearest_id from marts.access "
            "where service = ?",
            [service],
        )
        names = {name: f"{name}_{service}" for name in access.column_names[1:]}
        table = _joined(table, access, ids, names)
    return table


def _joined(table: pa.Table, other: pa.Table, ids: pa.Array, names: dict[str, str]) -> pa.Table:
    """Append columns of another table by geonameid, under other names."""
    order = pc.index_in(ids, other["geonameid"].combine_chunks())
    for name, renamed in names.items():
        table = table.append_column(renamed, other[name].combine_chunks().take(order))
    return table


def _stored(store: Store) -> tuple[pa.Table, pa.Table] | None:
    """Return the stored matrices that the database was built with, as reach takes them."""
    countries = store.arrow("select country, is_measured from indicators.ind_country__matrix")
    if not pc.any(countries["is_measured"]).as_py():
        return None
    parts = [table for _, table in read_stored(paths.minutes_dir() / INDEX)]
    if not parts:
        raise _other_matrices()
    rows = pa.concat_tables([part.replace_schema_metadata() for part in parts])
    least = (
        rows.filter(rows["minutes"].is_valid())
        .group_by(["origin", "destination", "mode"])
        .aggregate([("minutes", "min")])
    )
    names = {"origin": "origin_id", "destination": "destination_id", "minutes_min": "minutes"}
    return least.rename_columns([names.get(n, n) for n in least.column_names]), countries


def _check(store: Store, base: Base) -> None:
    """Hold the lists against the counts of the build, settlement by settlement."""
    ids = base.settlements["geonameid"].combine_chunks()
    node = np.arange(len(ids))
    for service in base.services:
        known = store.arrow(
            "select geonameid, within_60 from indicators.ind_settlement__access where service = ?",
            [service],
        )
        order = pc.index_in(ids, known["geonameid"].combine_chunks())
        within = known["within_60"].take(order).to_numpy()
        own = base.lists(service).within(node, np.zeros(len(node)), base.limits.far_min)
        if not np.array_equal(own, within):
            raise _other_matrices()


def _other_matrices() -> MartUnavailable:
    return MartUnavailable(
        "The database was built with other stored matrices than are there now. Run "
        "'hinterland build', then this again."
    )


def run(
    store: Store,
    grid_path: Path,
    out: Path,
    *,
    columns: GridColumns | None = None,
    chunk: int = jobs.CHUNK,
    master: str | None = None,
    show: Progress = lambda step, done, of: None,
) -> Summary | None:
    """Measure the cells of a grid, in chunks; take up again a run that was stopped.

    Parameters
    ----------
    store : Store
    grid_path : Path
        Parquet, or a folder of it.
    out : Path
        Folder: not there yet, empty, or of this job.
    columns : GridColumns, optional
        What the grid's columns are called.
    chunk : int
        Cells that are measured at once; Spark cuts the grid itself.
    master : str, optional
        Spark's master; without one this process does it.
    show : callable
        Is told the step, the cells done and all cells.

    Returns
    -------
    Summary or None
        None where the folder already holds all of it.

    Raises
    ------
    InputError
        The grid is wrong: file, row and field are named, and nothing is written.
    TargetUnwritable
        The folder holds something else.
    """
    if not FEWEST <= chunk <= MOST:
        raise InputError(f"--chunk {chunk}: allowed is {FEWEST:,} to {MOST:,} cells")
    grid = Grid.open(grid_path, columns)
    job = Job(grid, out, chunk)
    spark = on_spark.session(master) if master else None
    if spark is None:
        with tempfile.TemporaryDirectory() as scratch:
            grid.check(chunk, Path(scratch))
    else:
        on_spark.check(spark, grid)
    if _begin(store, job, master):
        return None
    base = Base(job.base) if job.base.is_dir() else prepare(store, job.base)
    facts = _facts(store, grid)
    of_spark = None if spark is None else on_spark.run(spark, job, base, facts)
    summary = of_spark or job.run(base, facts, show)
    write_readme(out, base, facts | {"cells": remarks(summary)})
    job.end()
    return summary


def _begin(store: Store, job: Job, master: str | None) -> bool:
    """Take the folder where some cell is near a settlement; tell whether all is there already."""
    nodes = store.arrow("select lon, lat from indicators.ind_settlement__node")
    tree = SettlementTree(nodes["lon"].to_numpy(), nodes["lat"].to_numpy())
    jobs.refuse_far(job.grid, tree, thresholds(store)["travel_access_max_km"], job.chunk)
    cut: dict[str, object] = {"engine": "spark"} if master else {"chunk": job.chunk}
    job.begin({"grid": job.grid.fingerprint(), "database": store.pointer.hash} | cut)
    return (job.out / README).is_file()


def _facts(store: Store, grid: Grid) -> dict[str, str]:
    facts = answer_files.notes(store, "minutes and access of cells", grid.path.name)
    return facts | {
        "demand": "The people of the grid alone compete for a site: beyond its edge nobody does, "
        "so near the edge of a grid that ends within Europe supply is too high.",
        "people_source": f"The user's own grid, {grid.path.name}; its licence goes with it.",
    }


def remarks(summary: Summary) -> str:
    """Say what was measured and what was not."""
    return (
        f"{summary.near:,} of {summary.cells:,} cells near a settlement, with "
        f"{summary.people_near:,.0f} of {summary.people:,.0f} people; the others have no minutes "
        "and compete for no site"
    )


def write_readme(out: Path, base: Base, facts: dict[str, str]) -> None:
    """Write notes and columns beside the files."""
    described = {name: _description(name) for name in columns_of(base)}
    with writing(out / README) as draft:
        draft.write_text(answer_files.readme(facts, described), "utf-8")


def _description(name: str) -> str:
    if name in COLUMNS:
        return COLUMNS[name]
    return next(text for start, text in COLUMNS.items() if name.startswith(start))
