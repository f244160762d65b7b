"""``hinterland model``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.console import err, out, say
from pipelines.core import paths


def model(
    name: Annotated[str, typer.Argument(help="Model, for instance typ_region__cause.")],
    parents: Annotated[
        bool, typer.Option("--parents", help="Show the whole tree of what it is made from.")
    ] = False,
    lineage: Annotated[
        bool, typer.Option("--lineage", help="Show the source of each column.")
    ] = False,
    show: Annotated[int, typer.Option("--show", min=0, help="Show the first rows.")] = 0,
    run: Annotated[
        bool, typer.Option("--run", help="Make it and its parents anew, in memory, and count.")
    ] = False,
    sources: Annotated[
        Path | None, typer.Option("--sources", help="With --run: folder of fetched files.")
    ] = None,
) -> None:
    """Explain a model: what it is for, its SQL, what it is made from, its columns and rows."""
    from pipelines.runner import preview
    from pipelines.runner.workbench import Workbench

    bench = Workbench.read()
    chosen = bench.find(name)
    rows = None
    if run:
        with err.status(f"Making {chosen.table} and what it is made from"):
            seconds, rows = preview.run(bench, chosen, sources, show)
        head = f"Made in memory in {seconds:.1f} s: {rows.total:,} rows"
    elif show:
        rows = preview.published_rows(chosen, paths.build_dir(), show)
        head = f"First {len(rows.first)} of {rows.total:,} rows of the current database"
    for line in bench.describe(chosen, out.width):
        say(line)
    if parents:
        say("\nMade from, with parents")
        for line in bench.tree(chosen):
            say(line)
    if lineage:
        say("\nLineage")
        for line in bench.lineage(chosen, out.width):
            say(line)
    if rows:
        say(f"\n{head}")
        for line in rows.lines(out.width) if show else []:
            say(line)
