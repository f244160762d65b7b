"""``hinterland export``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.console import say

if TYPE_CHECKING:
    import pyarrow as pa

    from pipelines.serve.store import Store


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
    geo: Annotated[
        bool,
        typer.Option("--geo", help="GeoParquet 1.1 with boxes; points of settlements and sites."),
    ] = False,
    partition: Annotated[
        str | None,
        typer.Option(help="With --geo: a folder a country (country=XX), for many machines."),
    ] = None,
) -> None:
    """Export one mart to a file, or all of them as a data package.

    With --geo, files that GeoPandas, DuckDB and Spark read by window and country.
    """
    if all_dir is not None and (table or target or level is not None or country):
        raise typer.BadParameter("--all goes without table, -o, --level and --country")
    if all_dir is None and (table is None or target is None):
        raise typer.BadParameter(
            "name a table and a file: hinterland export regions -o regions.csv"
        )
    _check_geo(geo, partition, is_all=all_dir is not None)
    from pipelines.serve import export as exporting
    from pipelines.serve.geo_export import export_geo
    from pipelines.serve.store import Store

    store = Store.current()
    if all_dir is not None:
        if partition:
            _partitioned(store, all_dir)
        else:
            names = exporting.export_package(store, all_dir)
            say(f"Wrote {len(names)} files to {all_dir}.")
    elif table is not None and target is not None:
        data = exporting.read_mart(store, table, level, country)
        narrowed = [f"level {level}"] if level is not None else []
        narrowed += [f"country {country}"] if country else []
        selection = ", ".join(narrowed) or "everything"
        if partition:
            _partitioned(store, target, table, data, selection)
        else:
            write = export_geo if geo else exporting.export_file
            say(f"Wrote {write(store, table, target, data, selection):,} rows to {target}.")


def _check_geo(geo: bool, partition: str | None, *, is_all: bool) -> None:
    """Refuse options that do not go together."""
    if partition not in (None, "country"):
        raise typer.BadParameter(f"--partition {partition}: allowed is country")
    if partition and not geo:
        raise typer.BadParameter("--partition goes with --geo")
    if geo and is_all and not partition:
        raise typer.BadParameter("--all with --geo goes with --partition country")


def _partitioned(
    store: Store,
    folder: Path,
    table: str | None = None,
    data: pa.Table | None = None,
    selection: str = "",
) -> None:
    """Write GeoParquet by country: one table, or all that have a place."""
    from pipelines.serve.geo_export import export_partitioned

    tables = [table] if table else None
    for name, rows in export_partitioned(store, folder, tables, data, selection).items():
        say(f"Wrote {rows:,} rows to {folder / name}.")
