"""``hinterland reach``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.console import say


def reach(
    facilities: Annotated[
        Path,
        typer.Argument(
            help="CSV with lon,lat[,id][,name][,capacity], or GeoJSON.", show_default=False
        ),
    ],
    target: Annotated[Path, typer.Option("-o", "--output", help="File: .csv or .parquet.")],
    country: Annotated[
        str | None, typer.Option(help="Write only this country's settlements (Eurostat code).")
    ] = None,
    region: Annotated[
        str | None, typer.Option(help="Write only this region's settlements (NUTS code of 2021).")
    ] = None,
    radius: Annotated[
        float | None, typer.Option(help="Write only settlements within this many km of a facility.")
    ] = None,
    near: Annotated[
        bool, typer.Option("--near", help="Write only the facilities' regions and those beside.")
    ] = False,
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
    one_per_site: Annotated[
        bool,
        typer.Option(
            "--one-per-site",
            help="Count each facility as one. A file that states some capacities is refused else.",
        ),
    ] = False,
) -> None:
    """Measure every settlement's reach of your own facilities.

    All settlements are written, or those of a country, a region (--region DE733), a radius
    (--radius 30) or the regions of the facilities and their neighbours (--near). A CSV gets
    its notes beside it. Capacities stand in all rows or in none (one per site).
    """
    from pipelines.serve import own_reach
    from pipelines.serve.store import Store

    store = Store.current()
    area = own_reach.area_of(country=country, region=region, radius=radius, near=near)
    summary = own_reach.run(
        store,
        facilities,
        target,
        country=country,
        domestic=domestic,
        matrix=matrix,
        mode=mode,
        one_per_site=one_per_site,
        area=area,
    )
    for line in summary.lines(target):
        say(line)
