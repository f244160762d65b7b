"""``hinterland roads``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.console import err, say
from pipelines.core.errors import InputError

if TYPE_CHECKING:
    from pipelines.serve.roads import RoadsOptions


def roads(
    extract: Annotated[
        Path | None,
        typer.Argument(help="OpenStreetMap extract, X.osm.pbf.", show_default=False),
    ] = None,
    target: Annotated[
        Path | None, typer.Option("-o", "--output", help="Matrix to write: .parquet.")
    ] = None,
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
    store: Annotated[
        bool,
        typer.Option(
            "--store", help="Store the matrix (or a matrix X.parquet) for hinterland build."
        ),
    ] = False,
    remove: Annotated[
        str | None, typer.Option("--remove", help="Take a stored matrix away, by its name.")
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="List the stored matrices.")] = False,
) -> None:
    """Measure minutes over the roads of an OpenStreetMap extract, by a routing engine."""
    if sum((extract is not None, remove is not None, listed)) != 1:
        raise InputError("roads: allowed is one of EXTRACT, --remove NAME and --list")
    if listed:
        _list()
    elif remove is not None:
        _remove(remove)
    elif extract is None or (target is None) == (not store):
        raise InputError("roads: EXTRACT needs one of -o MATRIX.parquet and --store")
    else:
        from pipelines.serve.roads import RoadsOptions

        options = RoadsOptions(
            to=to, country=country, mode=mode, main_roads=main_roads, memory_gb=memory
        )
        _measure(extract, target, options)


def _measure(extract: Path, target: Path | None, options: RoadsOptions) -> None:
    """Write a matrix to a file, or store it where no file is named."""
    from pipelines.serve import roads as serving
    from pipelines.serve.store import Store

    served = Store.current()
    if target is not None:
        for line in serving.run(served, extract, target, options, _show).lines(target):
            say(line)
        return
    if extract.suffix.lower() == ".parquet":
        entry = serving.store_matrix(served, extract)
    else:
        summary, entry = serving.run_and_store(served, extract, options, _show)
        for line in summary.lines(entry.name):
            say(line)
    say(
        f"Stored {entry.name}: {entry.pairs:,} pairs, {entry.mode}. hinterland build takes the "
        "minutes in place of the estimate in the countries that stored matrices cover."
    )


def _show(step: str) -> None:
    from rich.text import Text

    err.print(Text(f"{step} ..."), soft_wrap=True)


def _list() -> None:
    """Print the stored matrices."""
    from pipelines.serve import roads as serving

    entries = serving.stored_matrices()
    if not entries:
        say("No matrix is stored: hinterland roads EXTRACT.osm.pbf --store")
        return
    for e in entries:
        say(
            f"{e.name}: {e.pairs:,} pairs from {e.origins:,} settlements to {e.destinations:,} "
            f"destinations, {e.mode}, {e.engine}, extract {e.extract} "
            f"({e.extract_sha256[:12]}) of {e.snapshot[:10] or 'an unknown date'}, "
            f"sha256 {e.sha256[:12]}"
        )
    say(serving.ATTRIBUTION)


def _remove(name: str) -> None:
    from pipelines.serve import roads as serving

    serving.remove(name)
    say(f"Took {name} away. The next hinterland build counts without it.")
