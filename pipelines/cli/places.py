"""``hinterland places``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.console import say


def places(
    file: Annotated[Path, typer.Argument(help="Your own places, or with --osm an extract.")],
    target: Annotated[Path, typer.Option("-o", "--output", help="Folder of the tables.")],
    osm: Annotated[
        bool, typer.Option("--osm", help="The file is Overpass JSON or OpenStreetMap GeoJSON.")
    ] = False,
) -> None:
    """Measure places: per 10 000 people, variety, minutes to each type, people without."""
    from pipelines.serve import place_files
    from pipelines.serve.store import Store

    measured = place_files.measure(Store.current(), file, osm)
    names = place_files.write(measured, target)
    say(
        f"{len(measured.places):,} entries in {len(measured.settlements):,} settlements. "
        f"Wrote {', '.join(names)} to {target}."
    )
    for repair in measured.repairs:
        say(f"{repair}.")
    for reason, number in measured.left_out.items():
        say(f"Left out: {number:,} {reason}.")
    if osm:
        say(place_files.ATTRIBUTION)
