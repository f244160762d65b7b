"""What ``hinterland check`` does: the catalogue, a user's file, the database."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from pipelines.catalogue import load as catalogue
from pipelines.catalogue.schema import read_schema
from pipelines.core import paths
from pipelines.core.database import open_published
from pipelines.core.errors import InputError, MartUnavailable
from pipelines.core.findings import failure
from pipelines.core.pointer import damage, read_pointer
from pipelines.io import geojson, sheets
from pipelines.io.texts import read_text
from pipelines.places.own import read_own_places
from pipelines.reach.facilities import FacilityLimits, read_facilities
from pipelines.reach.files import excluded_words, near_settlements
from pipelines.runner import publish
from pipelines.travel.embedded import thresholds

# Columns that own places have beside their coordinates, and no file of facilities needs.
_OF_PLACES = {"kind", "type", "source", "coordinate_exactness"}


def settlements() -> pa.Table | None:
    """Return the settlements that places are checked against, or None without a database."""
    folder = paths.build_dir()
    try:
        pointer = read_pointer(folder)
        if damage(folder, pointer):  # it is told by ``check_database``
            return None
        # A connection of its own: the database is opened once more when it is read whole.
        with open_published(folder / pointer.file) as con:
            return con.execute(
                "select geonameid, name, country, lon, lat from indicators.ind_settlement__listed"
            ).to_arrow_table()
    except (MartUnavailable, *publish.UNREADABLE):
        return None


def check_file(path: Path, places: pa.Table | None) -> str:
    """Check one file: a table of the catalogue by its name, else own facilities or places.

    A file without any of the columns that places need beside their coordinates is one of
    facilities, as ``hinterland reach`` reads it.

    Returns
    -------
    str
        What was found sound.

    Raises
    ------
    CheckFailed, InputError
        What is wrong, with file, row and field.
    """
    files = {table.file for table in read_schema(paths.catalogue_dir()).tables.values()}
    if path.name not in files:
        if _holds_facilities(path):
            return _check_facilities(path, places)
        own = read_own_places(path, places)
        return f"{path.name}: {own.table.num_rows:,} places of your own, all sound."
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    # The other files of the catalogue stay as they are, so that references are checked too.
    if findings := catalogue.check(None, places, {path.name: path}):
        raise failure(findings)
    return f"{path.name}: a sound table of the catalogue."


def _holds_facilities(path: Path) -> bool:
    """Tell whether a file has none of the columns that tell places from facilities."""
    try:
        names = _names(path.name, read_text(path, _limits().most_mb * 1e6))
    except (InputError, sheets.QuotingError):
        return False  # the reader of places says what is wrong
    return bool(names) and not names & _OF_PLACES


def _names(file: str, text: str) -> set[str]:
    """Return the names of the columns of a CSV, or of the properties of a GeoJSON."""
    if Path(file).suffix.lower() in geojson.SUFFIXES:
        features = geojson.features(geojson.parse_document(text, file), file)
        facts = [f.get("properties") for f in features if isinstance(f, dict)]
        return {"geometry"}.union(*(set(f) for f in facts if isinstance(f, dict)))
    text, layout = sheets.laid_out(text, file)
    _row, cells = next(sheets.parse(text, layout.delimiter, layout.first_row), (0, []))
    return {cell.strip().lower() for cell in cells}


def _check_facilities(path: Path, places: pa.Table | None) -> str:
    """Check a file of facilities as ``hinterland reach`` reads it."""
    near = None
    if places is not None:
        near = near_settlements(places, thresholds()["travel_access_max_km"])
    read = read_facilities(path, _limits(), near).for_supply()
    count = len(read.sites)
    one, many = "1 facility of your own, sound.", f"{count:,} facilities of your own, all sound."
    lines = [f"{path.name}: {one if count == 1 else many}"]
    lines += read.repairs
    if near is not None:
        far = read.sites.ids[~near(read.sites.lon, read.sites.lat)]
        lines += excluded_words(far.tolist(), "near no settlement")
    return "\n".join(lines)


def _limits() -> FacilityLimits:
    return FacilityLimits.from_thresholds(thresholds())


def check_catalogue(places: pa.Table | None) -> str:
    """Check the catalogue.

    Raises
    ------
    CheckFailed
        Every finding, with file, row and field.
    """
    tables = catalogue.load(None, places)
    rows = sum(table.num_rows for table in tables.values())
    against = "" if places is not None else " (not compared with settlements: no database yet)"
    return f"catalogue: {len(tables)} tables, {rows:,} rows, all sound{against}."


def check_database(folder: Path) -> str:
    """Read every byte of the current database and its map files, and every row.

    Raises
    ------
    MartUnavailable, InputError, CheckFailed
        There is none, it is not what was published, or cannot be read.
    """
    pointer = read_pointer(folder)
    if what := damage(folder, pointer):
        raise InputError(f"{what}. Run 'hinterland build'.")
    value, rows = publish.content_hash(folder / pointer.file)
    if value != pointer.hash:
        raise InputError(
            f"{folder / pointer.file}: content hash is {value}, published was {pointer.hash}. "
            "Run 'hinterland build'."
        )
    return (
        f"{pointer.file}: {len(rows)} tables, {sum(rows.values()):,} rows, all readable;"
        f" {len(pointer.files) - 1} map files as published.\n{count_findings(folder)}"
    )


def count_findings(folder: Path) -> str:
    """Count what is implausible about the figures of NUTS 2021, by rule and what it became.

    Parameters
    ----------
    folder : pathlib.Path
        Folder of published databases.

    Returns
    -------
    str
        One line a rule; that there is nothing to judge without yearly figures.

    Raises
    ------
    MartUnavailable
        There is no database.
    """
    with open_published(folder / read_pointer(folder).file) as con:
        rows = con.execute(
            "select rule, becomes, count(*), count(distinct nuts_id) "
            "from marts.plausibility_findings where nuts_version = 2021 group by all order by all"
        ).fetchall()
    if not rows:
        return "plausibility: no yearly figures to judge, or none that break a rule."
    head = f"plausibility (NUTS 2021): {sum(row[2] for row in rows):,} findings"
    return "\n".join(
        [head, *(f"  {rule}: {n:,} in {places:,} regions, {b}" for rule, b, n, places in rows)]
    )
