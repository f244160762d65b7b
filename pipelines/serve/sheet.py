"""One place, one sheet: all that the database knows of a region or a town, as data.

A page, a printer and an address show the same sheet; none of it knows of any of them. The parts
stand in :mod:`pipelines.serve.sheet_parts`.
"""

from __future__ import annotations

from typing import Any

from pipelines.core.errors import InputError
from pipelines.serve import queries, sheet_region, sheet_town
from pipelines.serve.places import GEONAMES_ID, NUTS_CODE
from pipelines.serve.sheet_parts import PlaceSheet as PlaceSheet
from pipelines.serve.store import Store


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
