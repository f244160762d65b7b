"""One place, one sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hinterland._arguments import whole
from hinterland._database import PathLike, store_of

if TYPE_CHECKING:
    from pipelines.serve.sheet import PlaceSheet


def place(code: str | int, *, database: PathLike | None = None) -> PlaceSheet:
    """Return the sheet of a region or a town: what the page *Place* shows, as data.

    Parameters
    ----------
    code : str or int
        NUTS code of 2021 of a region of any level, the GeoNames id of a settlement, or a name
        that only one place has.
    database : str or Path, optional
        Folder of another build.

    Returns
    -------
    PlaceSheet
        Printed it tells the place and how to go on.
        ``place``, ``headline`` and ``sections`` of figures, facts, series and entries; each figure
        has its years, its sources and where the place stands in its country, the EU and its own
        type. ``sheet.table()`` returns the figures as a DataFrame, a row a figure. What follows
        from an OpenStreetMap extract (ODbL) is not in it.

    Raises
    ------
    InputError
        There is no such place, or several are called so; the message lists their codes.
    MartUnavailable
        There is no database: :func:`build` makes one.

    Examples
    --------
    >>> import hinterland as hl
    >>> sheet = hl.place("DE733")
    >>> sheet.place.name
    'Hersfeld-Rotenburg'
    >>> figures = sheet.table().set_index("column")
    >>> figures.loc["change_pct", ["country_rank", "country_count"]].astype(int).tolist()
    [320, 401]
    """
    from pipelines.serve import search
    from pipelines.serve.sheet import place_sheet

    store = store_of(database)
    name = code if isinstance(code, str) else whole("code", code)
    return place_sheet(store, search.code_of(store, str(name)))
