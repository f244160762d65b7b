"""The command line: ``hinterland``, the same as ``python -m pipelines``.

Exit codes: 0 done, 1 the input or the data is wrong, 2 wrong usage.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from pipelines import __version__
from pipelines.core import paths
from pipelines.core.errors import HinterlandError

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Which regions shrink and why, how remote a place is, and who reaches which service.",
)
# Nothing leaves the machine, and errors show no code to visitors.
out = Console()
err = Console(stderr=True)


def _version(wanted: bool) -> None:
    if wanted:
        out.print(f"hinterland {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Hold the options that come before a command."""


@app.command()
def build(
    out_dir: Annotated[Path | None, typer.Option("--out", help="Folder of the database.")] = None,
    sources: Annotated[
        Path | None,
        typer.Option("--sources", help="Folder of fetched files to use; default: the cache."),
    ] = None,
    if_needed: Annotated[
        bool, typer.Option("--if-needed", help="Do nothing if the inputs have not changed.")
    ] = False,
) -> None:
    """Build the database from the embedded default, and from fetched files where given."""
    from pipelines.runner import build as building

    folder = out_dir or paths.build_dir()
    if sources is None and (sources := building.default_sources()):
        out.print(f"With the fetched files in {sources}.", soft_wrap=True)
    if if_needed and building.is_current(folder, sources):
        out.print(f"The database in {folder} is current.")
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("starting", total=None)

        def show(step: str, done: int, total: int) -> None:
            bar.update(task, description=step, completed=done, total=total)

        pointer = building.build(folder, sources, show)
    rows = pointer.rows
    out.print(
        f"Built {folder / pointer.file} in {pointer.seconds} s: "
        f"{rows['marts.regions']:,} regions, {rows['marts.towns']:,} settlements.",
        soft_wrap=True,
    )


@app.command()
def fetch(
    out_dir: Annotated[
        Path | None, typer.Option("--out", help="Folder of the fetched files; default: the cache.")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option("--only", help="Name of a source; may be repeated.")
    ] = None,
) -> None:
    """Download the sources that are not embedded; what was there before stays if it fails."""
    from pipelines.net import fetch as fetching

    folder = out_dir or paths.cache_dir()
    with fetching.Bars() as bars:
        results = fetching.fetch(folder, only, bars)
    for result in results:
        out.print(f"{result.name}: {result.status}, {_plain(result.message)}", soft_wrap=True)
    failures = fetching.failures(results)
    if failures:
        raise failures
    built = "" if out_dir is None else f" --sources {folder}"
    out.print(f"Now build the database with them: hinterland build{built}", soft_wrap=True)


@app.command()
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
    from pipelines.serve import export as exporting
    from pipelines.serve.store import Store

    if all_dir is not None:
        if table or target or level is not None or country:
            raise typer.BadParameter("--all goes without table, -o, --level and --country")
        names = exporting.export_package(Store.current(), all_dir)
        out.print(f"Wrote {len(names)} files to {all_dir}.", soft_wrap=True)
        return
    if table is None or target is None:
        raise typer.BadParameter(
            "name a table and a file: hinterland export regions -o regions.csv"
        )
    store = Store.current()
    data = exporting.read_mart(store, table, level, country)
    narrowed = [f"level {level}"] if level is not None else []
    narrowed += [f"country {country}"] if country else []
    selection = ", ".join(narrowed) or "everything"
    rows = exporting.export_file(store, table, target, data, selection)
    out.print(f"Wrote {rows:,} rows to {target}.", soft_wrap=True)


@app.command()
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
) -> None:
    """Measure every settlement's reach of your own facilities."""
    from pipelines.serve import reach as reach_command
    from pipelines.serve.store import Store

    summary = reach_command.run(Store.current(), facilities, target, country, domestic, matrix)
    for line in summary.lines():
        out.print(_plain(line), soft_wrap=True, highlight=False)


@app.command()
def check(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Tables of the catalogue, or your own places (.csv, .geojson)."),
    ] = None,
) -> None:
    """Check the catalogue and the database, or files; name file, row, field and what is allowed."""
    from pipelines.runner import checking

    places = checking.settlements()
    if files:
        steps = [partial(checking.check_file, path, places) for path in files]
    else:
        steps = [
            partial(checking.check_catalogue, places),
            partial(checking.check_database, paths.build_dir()),
        ]
    failed = False
    for step in steps:
        try:
            out.print(step(), soft_wrap=True, highlight=False, markup=False)
        except HinterlandError as error:  # go on: one run names everything that is wrong
            failed = True
            err.print(f"[bold red]error:[/] {_plain(error)}", soft_wrap=True, highlight=False)
    if failed:
        raise typer.Exit(1)


@app.command()
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
    out.print(
        f"{len(measured.places):,} entries in {len(measured.settlements):,} settlements. "
        f"Wrote {', '.join(names)} to {target}.",
        soft_wrap=True,
        highlight=False,
        markup=False,
    )
    for reason, number in measured.left_out.items():
        out.print(f"Left out: {number:,} {reason}.", highlight=False)
    if osm:
        out.print(place_files.ATTRIBUTION, soft_wrap=True, highlight=False)


@app.command()
def status() -> None:
    """Show which database is current, its sources, vintages and ages."""
    from pipelines.serve import queries
    from pipelines.serve.store import Store

    store = Store.current()
    pointer = store.pointer
    age = datetime.now(UTC) - datetime.fromisoformat(pointer.built_at)
    out.print(f"{store.folder / pointer.file}", soft_wrap=True)
    out.print(f"built {pointer.built_at} ({_age(age.total_seconds())} ago), hash {pointer.hash}")
    table = Table("source", "version", "vintage", "retrieved", "in the database", "licence")
    for row in queries.sources(store).fillna("").to_dict("records"):
        table.add_row(
            row["name"],
            row["version"],
            row["vintage"],
            row["retrieved"],
            "yes" if row["is_present"] else "no",
            row["licence"],
        )
    out.print(table)
    out.print(_fetched_table())


def _fetched_table() -> Table:
    """Return what lies in the cache: age, the publisher's own date, vintage."""
    from pipelines.serve import inventory

    table = Table(
        "fetched file of",
        "state",
        "publisher's date",
        "vintage",
        title=f"Fetched to {paths.cache_dir()}",
    )
    for kept in inventory.inventory(paths.cache_dir()):
        table.add_row(kept.name, inventory.state_of(kept), kept.last_update, kept.vintage)
    return table


def _age(seconds: float) -> str:
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} seconds"


@app.command(name="app")
def serve_app(
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8501,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "localhost",
) -> None:
    """Start the dashboard."""
    import importlib

    from pipelines.net.listening import listen
    from pipelines.serve.store import Store

    Store.current()  # no database: say so here rather than in the browser
    with listen(host, port) as door:
        out.print(f"Hinterland is served at http://{host}:{port} (stop with Ctrl-C)")
        sys.path[:0] = [str(paths.root())]  # from a wheel the pages lie in the package's bundle
        importlib.import_module("pages._ui.server").serve(door, host, port)


def main() -> None:
    """Run a command; print one message and exit with 1 where the input or data is wrong."""
    try:
        app()
    except HinterlandError as error:
        err.print(f"[bold red]error:[/] {_plain(error)}", soft_wrap=True, highlight=False)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def _plain(text: object) -> str:
    """Return a message whose brackets are not taken for markup."""
    return str(text).replace("[", r"\[")


if __name__ == "__main__":
    main()
