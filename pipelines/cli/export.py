"""``hinterland export``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from pipelines.cli.console import say

if TYPE_CHECKING:
    import pyarrow as pa

    from pipelines.serve.store import Store


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
    geo: Annotated[
        bool,
        typer.Option("--geo", help="GeoParquet 1.1 with boxes; points of settlements and sites."),
    ] = False,
    partition: Annotated[
        str | None,
        typer.Option(help="With --geo: a folder a country (country=XX), for many machines."),
    ] = None,
    labels: Annotated[
        bool,
        typer.Option("--labels", help="Labels and units in the header of a .csv or .xlsx."),
    ] = False,
) -> None:
    """Export one mart to a file, all of them as a data package, or a project of QGIS.

    With --geo, files that GeoPandas, DuckDB and Spark read by window and country.
    """
    narrowed = bool(table or target or level is not None or country or labels)
    if all_dir is not None and (narrowed or qgis):
        raise typer.BadParameter(
            "--all goes without table, -o, --qgis, --level, --country and --labels"
        )
    if qgis is not None and (narrowed or geo):
        raise typer.BadParameter(
            "--qgis goes without table, -o, --level, --country, --geo and --labels"
        )
    _check_geo(geo, partition, is_all=all_dir is not None)
    if geo and labels:
        raise typer.BadParameter("--labels goes without --geo")
    if all_dir is not None:
        _package(all_dir, is_partitioned=partition is not None)
    elif qgis is not None:
        _project(qgis)
    elif table is not None and target is not None:
        _table(table, target, Narrowed(level, country), Form(labels, geo, partition is not None))
    else:
        raise typer.BadParameter(
            "name a table and a file: hinterland export regions -o regions.csv"
        )


class Narrowed(NamedTuple):
    """Which rows of a table are written."""

    level: int | None
    country: str | None

    @property
    def words(self) -> str:
        """The selection in words."""
        level = [f"level {self.level}"] if self.level is not None else []
        return ", ".join([*level, *([f"country {self.country}"] if self.country else [])]) or (
            "everything"
        )


class Form(NamedTuple):
    """How a table is written."""

    has_labels: bool
    is_geo: bool
    is_partitioned: bool


def _package(folder: Path, is_partitioned: bool) -> None:
    from pipelines.serve import export as exporting
    from pipelines.serve.store import Store

    if is_partitioned:
        _partitioned(Store.current(), folder)
        return
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


def _table(table: str, target: Path, chosen: Narrowed, form: Form) -> None:
    from pipelines.serve import export as exporting
    from pipelines.serve.geo_export import export_geo
    from pipelines.serve.store import Store

    store = Store.current()
    data = exporting.read_mart(store, table, chosen.level, chosen.country)
    if form.is_partitioned:
        _partitioned(store, target, table, data, chosen.words)
        return
    if form.is_geo:
        rows = export_geo(store, table, target, data, chosen.words)
    else:
        rows = exporting.export_file(
            store, table, target, data, chosen.words, has_labels=form.has_labels
        )
    say(f"Wrote {rows:,} rows to {target}.")


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
