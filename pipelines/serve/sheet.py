"""One place, one sheet: all that the database knows of a region or a town, as data.

A page, a printer and an address show the same sheet; none of it knows of any of them. The parts
stand in :mod:`pipelines.serve.sheet_parts`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pipelines.core.errors import InputError
from pipelines.serve import queries, sheet_region, sheet_town
from pipelines.serve.sheet_parts import PlaceSheet as PlaceSheet
from pipelines.serve.store import Store
from pipelines.serve.texts import _

if TYPE_CHECKING:
    import pandas as pd

NUTS_CODE = re.compile(r"[A-Z]{2}[A-Z0-9]{0,3}")
GEONAMES_ID = re.compile(r"[0-9]{1,9}")


def place_sheet(store: Store, code: str, with_osm: bool = False) -> PlaceSheet:
    """Return the sheet of a place.

    Parameters
    ----------
    store : Store
        An open database.
    code : str
        NUTS code of 2021 of a region of any level, in any case; or a GeoNames id.
    with_osm : bool
        Whether its section ``meeting`` says what follows from an attached OpenStreetMap extract.
        That part is under the ODbL: who shows it shows the section's ``notice`` with it.

    Returns
    -------
    PlaceSheet

    Raises
    ------
    InputError
        There is no such place; the message says what is allowed.
    """
    text = code.strip().upper()
    if GEONAMES_ID.fullmatch(text):
        town = queries.town(store, int(text))
        if town is None:
            raise InputError(f"there is no settlement with the GeoNames id '{text}'")
        return _sheet(store, sheet_town.Town(store, town), sheet_town.place(store, town), with_osm)
    row = queries.region(store, text) if NUTS_CODE.fullmatch(text) else None
    if row is None:
        raise InputError(
            f"there is no place '{code}'; allowed are NUTS codes of 2021 (DE733) and GeoNames ids "
            "(2951793)"
        )
    region = sheet_region.Region(store, row)
    return _sheet(store, region, sheet_region.place(store, row), with_osm)


def _sheet(store: Store, made: Any, place: Any, with_osm: bool) -> PlaceSheet:
    return PlaceSheet(
        place=place,
        headline=made.headline(),
        sections=made.sections(with_osm),
        database=store.pointer.hash,
    )


def table(sheet: PlaceSheet) -> pd.DataFrame:
    """Return the figures of a sheet as a table.

    Returns
    -------
    DataFrame
        One row a figure: ``section``, ``table``, ``column``, ``figure`` (its label), ``value``,
        ``unit``, ``years``; for each group (``country``, ``eu``, ``type``) its ``_value``,
        ``_median``, ``_rank`` (1 is the highest) and ``_count``; ``notes`` and ``sources``.
    """
    import pandas as pd

    rows = []
    for section, figure in sheet.figures():
        row: dict[str, Any] = {
            "section": section.name,
            "table": figure.table,
            "column": figure.column,
            "figure": _(figure.label),
            "value": figure.value,
            "unit": _(figure.unit),
            "years": figure.years,
        }
        beside = {part.group: part for part in figure.beside}
        for group in ("country", "EU", "type"):
            part, name = beside.get(group), group.lower()
            row[f"{name}_value"] = part.value if part else None
            row[f"{name}_median"] = part.median if part else None
            row[f"{name}_rank"] = part.rank if part else None
            row[f"{name}_count"] = part.count if part else None
        row["notes"] = " ".join(flag.worded() for flag in figure.flags)
        row["sources"] = ", ".join(figure.sources)
        rows.append(row)
    counts = {
        f"{g}_{what}": "Int64" for g in ("country", "eu", "type") for what in ("rank", "count")
    }
    return pd.DataFrame(rows).astype(counts)
