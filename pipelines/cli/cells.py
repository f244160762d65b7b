"""``hinterland cells``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.console import err, say


def cells(
    grid: Annotated[
        Path,
        typer.Argument(
            help="Parquet, or a folder of it: cell_id, people, lon and lat or grid_code.",
            show_default=False,
        ),
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder to write to.", show_default=False)],
    cell_id: Annotated[str, typer.Option("--id", help="Column of the cells' ids.")] = "cell_id",
    people: Annotated[str, typer.Option(help="Column of people.")] = "people",
    code: Annotated[
        str, typer.Option(help="Column of codes of EPSG:3035 (CRS3035RES100mN...E...).")
    ] = "grid_code",
    chunk: Annotated[int, typer.Option(help="Cells that are measured at once.")] = 250_000,
    spark: Annotated[
        str | None, typer.Option(help="Do it on Spark, with this master: local[2].")
    ] = None,
) -> None:
    """Measure minutes and access of any number of cells, from Parquet to Parquet.

    To the nearest town, city and site of each service, sites within limits, and supply under
    competition among the grid's people. Run again after a stop, it goes on where it was.
    """
    from pipelines.cells.grid import GridColumns
    from pipelines.serve import cells as serving
    from pipelines.serve.store import Store

    columns = GridColumns(cell_id=cell_id, people=people, code=code)
    summary = serving.run(
        Store.current(), grid, out, columns=columns, chunk=chunk, master=spark, show=_show
    )
    if summary is None:
        say(f"{out} holds all of it already.")
        return
    say(f"{serving.remarks(summary)}.")
    resumed = f", {summary.resumed} of them from a run before" if summary.resumed else ""
    say(f"Wrote {summary.cells:,} cells in {summary.chunks} files{resumed} to {out}.")


def _show(step: str, done: int, of: int) -> None:
    from rich.text import Text

    err.print(Text(f"{step}: {done:,} of {of:,} cells"), soft_wrap=True)
