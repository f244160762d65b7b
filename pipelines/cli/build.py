"""``hinterland build``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.console import err, say
from pipelines.core import paths


def build(
    out_dir: Annotated[
        Path | None,
        typer.Option("--out", help="Folder of the database; commands read HINTERLAND_HOME/build."),
    ] = None,
    sources: Annotated[
        Path | None,
        typer.Option("--sources", help="Folder of fetched files to use; default: the cache."),
    ] = None,
    if_needed: Annotated[
        bool, typer.Option("--if-needed", help="Do nothing if the inputs have not changed.")
    ] = False,
) -> None:
    """Build the database from the embedded default, and from fetched files where given."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from pipelines.runner import build as building

    folder = out_dir or paths.build_dir()
    if sources is None and (sources := building.default_sources()):
        say(f"With the fetched files in {sources}.")
    if if_needed and building.is_current(folder, sources):
        say(f"The database in {folder} is current.")
        return
    step_name = TextColumn("{task.description}", markup=False)
    columns = (step_name, BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("starting", total=None)

        def show(step: str, done: int, total: int) -> None:
            bar.update(task, description=step, completed=done, total=total)

        pointer = building.build(folder, sources, show)
    rows = pointer.rows
    say(
        f"Built {folder / pointer.file} in {pointer.seconds} s: "
        f"{rows['marts.regions']:,} regions, {rows['marts.towns']:,} settlements."
    )
