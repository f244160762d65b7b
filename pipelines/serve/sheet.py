"""One place, one sheet: all that the database knows of a region or a town, as data.

A page, a printer and an address show the same sheet; none of it knows of any of them. The parts
stand in :mod:`pipelines.serve.sheet_parts`.
"""

from __future__ import annotations

from pipelines.core.errors import InputError
from pipelines.serve import queries, sheet_region, sheet_town
from pipelines.serve.moved import Moved, of_sheets
from pipelines.serve.places import GEONAMES_ID, NUTS_CODE
from pipelines.serve.sheet_parts import Place, Section
from pipelines.serve.sheet_parts import PlaceSheet as PlaceSheet
from pipelines.serve.store import Store


def place_sheet(store: Store, code: str, with_osm: bool = False, moved: Moved = ()) -> PlaceSheet:
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
    moved : tuple of (str, float)
        Thresholds that differ from the published ones: classes of regions follow them.

    Returns
    -------
    PlaceSheet

    Raises
    ------
    InputError
        There is no such place, or the thresholds break an order; the message says what is
        allowed.
    """
    made, place = _made(store, code, moved)
    return _sheet(store, made, place, made.sections(with_osm), moved)


def figure_sheet(store: Store, code: str, moved: Moved = ()) -> PlaceSheet:
    """Return the sheet of a place without the sections that name other places or practices.

    Its figures, facts and series are those of :func:`place_sheet`.

    Parameters
    ----------
    store : Store
        An open database.
    code : str
        NUTS code of 2021 in any case, or a GeoNames id.
    moved : tuple of (str, float)
        See :func:`place_sheet`.

    Returns
    -------
    PlaceSheet

    Raises
    ------
    InputError
        There is no such place; the message says what is allowed.
    """
    made, place = _made(store, code, moved)
    return _sheet(store, made, place, made.measured(), moved)


def _made(
    store: Store, code: str, moved: Moved
) -> tuple[sheet_region.Region | sheet_town.Town, Place]:
    text = code.strip().upper()
    if GEONAMES_ID.fullmatch(text):
        town = queries.town(store, int(text))
        if town is None:
            raise InputError(f"there is no settlement with the GeoNames id '{text}'")
        return sheet_town.Town(store, town, moved), sheet_town.place(store, town)
    row = queries.region(store, text) if NUTS_CODE.fullmatch(text) else None
    if row is None:
        raise InputError(
            f"there is no place '{code}'; allowed are NUTS codes of 2021 (DE733) and GeoNames ids "
            "(2951793)"
        )
    return sheet_region.Region(store, row, moved), sheet_region.place(store, row)


def _sheet(
    store: Store,
    made: sheet_region.Region | sheet_town.Town,
    place: Place,
    sections: tuple[Section, ...],
    moved: Moved,
) -> PlaceSheet:
    return PlaceSheet(
        place=place,
        headline=made.headline(),
        sections=sections,
        database=store.pointer.hash,
        moved=of_sheets(moved),
    )
