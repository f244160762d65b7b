"""``hinterland export``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.console import say


def export(
    table: Annotated[str | None, typer.Argument(help="Mart to export.")] = None,
    target: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="File: .csv, .parquet, .geojson, .gpkg or .xlsx."),
    ] = None,
    all_dir: Annotated[
        Path | None, typer.Option("--all", help="Write the whole data package to this folder.")
    ] = None,
    level: Annotated[int | None, typer.Option(min=0, max=3, help="NUTS level.")] = None,
    country: Annotated[str | None, typer.Option(help="Eurostat country code.")] = None,
) -> None:
    """Export one mart to a file, or all of them as a data package."""
    if all_dir is not None and (table or target or level is not None or country):
        raise typer.BadParameter("--all goes without table, -o, --level and --country")
    if all_dir is None and (table is None or target is None):
        raise typer.BadParameter(
            "name a table and a file: hinterland export regions -o regions.csv"
        )
    from pipelines.serve import export as exporting
    from pipelines.serve.store import Store

    store = Store.current()
    if all_dir is not None:
        names = exporting.export_package(store, all_dir)
        say(f"Wrote {len(names)} files to {all_dir}.")
    elif table is not None and target is not None:
        data = exporting.read_mart(store, table, level, country)
        narrowed = [f"level {level}"] if level is not None else []
        narrowed += [f"country {country}"] if country else []
        selection = ", ".join(narrowed) or "everything"
        rows = exporting.export_file(store, table, target, data, selection)
        say(f"Wrote {rows:,} rows to {target}.")
