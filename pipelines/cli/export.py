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
        typer.Option(
            "-o", "--output", help="File: .csv, .parquet, .geojson, .gpkg, .xlsx, .dta or .sav."
        ),
    ] = None,
    all_dir: Annotated[
        Path | None, typer.Option("--all", help="Write the whole data package to this folder.")
    ] = None,
    qgis: Annotated[
        Path | None,
        typer.Option(
            "--qgis",
            help="Write every typology, styled, to this .gpkg, and a project of QGIS beside it.",
        ),
    ] = None,
    level: Annotated[int | None, typer.Option(min=0, max=3, help="NUTS level.")] = None,
    country: Annotated[str | None, typer.Option(help="Eurostat country code.")] = None,
    labels: Annotated[
        bool,
        typer.Option("--labels", help="Labels and units in the header of a .csv or .xlsx."),
    ] = False,
) -> None:
    """Export one mart to a file, all of them as a data package, or a project of QGIS."""
    narrowed = bool(table or target or level is not None or country or labels)
    if all_dir is not None and (narrowed or qgis):
        raise typer.BadParameter(
            "--all goes without table, -o, --qgis, --level, --country and --labels"
        )
    if qgis is not None and narrowed:
        raise typer.BadParameter("--qgis goes without table, -o, --level, --country and --labels")
    if all_dir is not None:
        _package(all_dir)
    elif qgis is not None:
        _project(qgis)
    elif table is not None and target is not None:
        _table(table, target, level, country, labels)
    else:
        raise typer.BadParameter(
            "name a table and a file: hinterland export regions -o regions.csv"
        )


def _package(folder: Path) -> None:
    from pipelines.serve import export as exporting
    from pipelines.serve.store import Store

    names = exporting.export_package(Store.current(), folder)
    say(f"Wrote {len(names)} files to {folder}.")


def _project(target: Path) -> None:
    from pipelines.serve import geopackage
    from pipelines.serve.export import read_mart
    from pipelines.serve.store import Store

    store = Store.current()
    data = {name: read_mart(store, name) for name in geopackage.tables(store)}
    layers = geopackage.write_project(store, data, target)
    say(f"Wrote {layers} layers of {len(data)} tables to {target}.")
    say(f"Open {target.with_suffix('.qgz')} in QGIS; keep the two in one folder.")


def _table(table: str, target: Path, level: int | None, country: str | None, labels: bool) -> None:
    from pipelines.serve import export as exporting
    from pipelines.serve.store import Store

    store = Store.current()
    data = exporting.read_mart(store, table, level, country)
    words = [f"level {level}"] if level is not None else []
    words += [f"country {country}"] if country else []
    selection = ", ".join(words) or "everything"
    rows = exporting.export_file(store, table, target, data, selection, has_labels=labels)
    say(f"Wrote {rows:,} rows to {target}.")
