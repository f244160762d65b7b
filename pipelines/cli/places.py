"""``hinterland places``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.console import err, say
from pipelines.core.errors import InputError


def places(
    file: Annotated[
        Path | None,
        typer.Argument(help="Your own places, or with --osm (or as .osm.pbf) an extract."),
    ] = None,
    target: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder of the tables.")
    ] = None,
    osm: Annotated[
        bool, typer.Option("--osm", help="The file is Overpass JSON or OpenStreetMap GeoJSON.")
    ] = False,
    add: Annotated[
        Path | None,
        typer.Option("--add", help="Add an extract (.osm.pbf, JSON, GeoJSON) to the dashboard."),
    ] = None,
    remove: Annotated[
        str | None, typer.Option("--remove", help="Take an extract away, by its name.")
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="List the extracts.")] = False,
    country: Annotated[
        str | None,
        typer.Option("--country", help="Count only settlements of this country (Eurostat code)."),
    ] = None,
    edits: Annotated[
        bool,
        typer.Option("--edits", help="Also read when each place of an .osm.pbf was last edited."),
    ] = False,
) -> None:
    """Measure places: people with and without, minutes and types; keep OpenStreetMap extracts."""
    chosen = [file is not None, add is not None, remove is not None, listed]
    if sum(chosen) != 1:
        raise InputError("places: allowed is one of FILE, --add EXTRACT, --remove NAME and --list")
    if add is not None:
        _add(add, country, edits)
    elif remove is not None:
        _remove(remove)
    elif listed:
        _list()
    elif file is not None and target is not None:
        _measure(file, target, osm, country, edits)
    else:
        raise InputError("places: FILE needs the folder of its tables: -o FOLDER")


def _measure(file: Path, target: Path, osm: bool, country: str | None, edits: bool) -> None:
    """Measure one file and write its tables."""
    from pipelines.serve import place_files, place_remarks
    from pipelines.serve.store import Store

    is_osm = osm or place_files.is_pbf(file)
    if country is not None and not is_osm:
        raise InputError("--country: your own places state their countries; it is for extracts")
    if edits and not is_osm:
        raise InputError("--edits: your own places were not edited; it is for extracts")
    measured = place_files.measure(Store.current(), file, is_osm, country, edits)
    names = place_files.write(measured, target, file)
    number = int((measured.settlements["places"] > 0).sum())
    say(
        f"{len(measured.places):,} entries in {number:,} settlements. "
        f"Wrote {', '.join(names)} to {target}."
    )
    for line in place_remarks.remarks(measured, country):
        say(line)


def _add(path: Path, country: str | None, edits: bool) -> None:
    """Add an extract and say what it holds."""
    from pipelines.serve import osm, place_remarks
    from pipelines.serve.store import Store

    with err.status(path.name) as status:
        extract = osm.add(
            Store.current(),
            path,
            country,
            lambda step: status.update(f"{path.name}: {step}"),
            edits,
        )
    say(
        f"Added {extract.name}: {extract.places:,} places, {extract.headline_places:,} of a "
        f"headline type. Date of the data: {(extract.snapshot or 'unknown')[:10]}."
    )
    say(place_remarks.covered_words(extract.basis, extract.settlements, country))
    say(place_remarks.EDITS[extract.edits])
    for reason, count in extract.left_out.items():
        say(f"Left out: {count:,} {reason}.")
    say(osm.ATTRIBUTION)


def _remove(name: str) -> None:
    from pipelines.serve import osm

    osm.remove(name)
    say(f"Took {name} away.")


def _list() -> None:
    """Print the extracts of the set."""
    from pipelines.serve import osm

    extracts = osm.extracts()
    if not extracts:
        say("No extract was added: hinterland places --add EXTRACT.osm.pbf")
        return
    for e in extracts:
        of = f" of {e.country}" if e.country else ""
        say(
            f"{e.name}: {e.file}, {e.size_bytes / 1e6:,.1f} MB, data of {e.date_words}, "
            f"{e.places:,} places, {e.settlements:,} settlements{of}, sha256 {e.sha256[:12]}"
        )
    say(osm.ATTRIBUTION)
