"""``hinterland reach``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.console import say


def reach(
    facilities: Annotated[
        Path, typer.Argument(help="CSV with id,lon,lat[,capacity], or GeoJSON.", show_default=False)
    ],
    target: Annotated[Path, typer.Option("-o", "--output", help="File: .csv or .parquet.")],
    country: Annotated[
        str | None, typer.Option(help="Write only this country's settlements (Eurostat code).")
    ] = None,
    domestic: Annotated[
        bool, typer.Option("--domestic", help="Count only facilities in the own country.")
    ] = False,
    matrix: Annotated[
        Path | None,
        typer.Option(help="Parquet of origin, destination, minutes in place of the estimate."),
    ] = None,
    mode: Annotated[
        str | None, typer.Option(help="Which mode of the matrix, where it holds several.")
    ] = None,
) -> None:
    """Measure every settlement's reach of your own facilities."""
    from pipelines.serve import reach as reaching
    from pipelines.serve.store import Store

    summary = reaching.run(Store.current(), facilities, target, country, domestic, matrix, mode)
    for line in summary.lines(target):
        say(line)
