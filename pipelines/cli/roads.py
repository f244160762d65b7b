"""``hinterland roads``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.console import err, say


def roads(
    extract: Annotated[
        Path, typer.Argument(help="OpenStreetMap extract, X.osm.pbf.", show_default=False)
    ],
    target: Annotated[Path, typer.Option("-o", "--output", help="Matrix to write: .parquet.")],
    to: Annotated[
        str, typer.Option(help="Destinations: towns, services, or a CSV with id,lon,lat.")
    ] = "towns",
    country: Annotated[
        str | None, typer.Option(help="Only from this country's settlements (Eurostat code).")
    ] = None,
    mode: Annotated[str, typer.Option(help="car, foot or bicycle.")] = "car",
    main_roads: Annotated[
        bool, typer.Option("--main-roads", help="Leave residential streets out: less memory.")
    ] = False,
    memory: Annotated[
        float | None,
        typer.Option(help="Gigabytes that may be taken; default: what is free.", min=0),
    ] = None,
) -> None:
    """Measure minutes over the roads of an OpenStreetMap extract, by a routing engine."""
    from rich.text import Text

    from pipelines.serve import roads as serving
    from pipelines.serve.store import Store

    options = serving.RoadsOptions(
        to=to, country=country, mode=mode, main_roads=main_roads, memory_gb=memory
    )

    def show(step: str) -> None:
        err.print(Text(f"{step} ..."), soft_wrap=True)

    summary = serving.run(Store.current(), extract, target, options, show)
    for line in summary.lines(target):
        say(line)
