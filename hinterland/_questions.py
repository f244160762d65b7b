"""What the dashboard answers beyond a table: causes with moved thresholds, towns like one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hinterland._arguments import factors, flags, text, texts, whole, years
from hinterland._cite import credited
from hinterland._database import PathLike, store_of
from hinterland._remarks import warn
from pipelines.core.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


def demography(
    level: int = 3,
    country: str | Sequence[str] | None = None,
    *,
    nuts_version: int = 2021,
    period: tuple[int, int] | None = None,
    moved: Mapping[str, float] | None = None,
    columns: Sequence[str] | None = None,
    database: PathLike | None = None,
) -> pd.DataFrame:
    """Return why regions shrink or grow: types, causes, duration, age, with your own bounds.

    Parameters
    ----------
    level : int
        NUTS level, 0 to 3.
    country : str or sequence of str, optional
        Eurostat codes (EL, UK).
    nuts_version : int
        Vintage of the regions, 2021 or 2024.
    period : (int, int), optional
        First and last 1 January of a window; default: each region's latest.
    moved : mapping of str to float, optional
        Thresholds by name with your own values; the others stay as published.
    columns : sequence of str, optional
        What to return; all but the outline by default.
    database : str or Path, optional
        Folder of another build.

    Returns
    -------
    DataFrame
        One row a region in the order of codes, as in the mart ``region_demography``; units stand
        in ``hl.describe("region_demography")``. Missing is NULL, never 0.

    Raises
    ------
    InputError
        A country, a column, a period or a threshold is none that there is; the message says
        what is allowed.

    Notes
    -----
    Definitions: ``docs/methods/demographic-change.md``. With ``moved`` the macro that the build
    itself calls is asked again, so no definition exists twice.

    Examples
    --------
    >>> import hinterland as hl
    >>> now = hl.demography(country="DE", columns=["nuts_id", "cause"])
    >>> now.set_index("nuts_id")["cause"]["DE733"]
    'legacy'
    >>> wide = hl.demography(country="DE", moved={"shrinking_moderate_annual_pct": -0.1})
    >>> wide.set_index("nuts_id")["shrinking_class"]["DE733"]
    'moderate'
    """
    from pipelines.serve import demography as serve
    from pipelines.serve.selection import select_rows, why_empty
    from pipelines.serve.shrinking_filter import ShrinkingFilter
    from pipelines.serve.store import to_frame

    store = store_of(database)
    # Says what is allowed where a value does not occur.
    equal = {"nuts_version": nuts_version, "level": level, "country": country}
    names = None if columns is None else texts("columns", columns, "a list of names")
    window, thresholds = years("period", period), factors("moved", moved)
    whole("level", level), whole("nuts_version", nuts_version)
    known = select_rows(store, "region_demography", equal, columns=names)
    shown = names or [name for name in known.schema.names if name != "geometry"]
    if not known.num_rows:
        warn([why_empty(store, "region_demography", equal, {})])
    chosen = () if country is None else (country,) if isinstance(country, str) else tuple(country)
    selection = ShrinkingFilter(
        nuts_version=int(nuts_version),
        level=int(level),
        period=window,
        country=chosen,
        moved=thresholds,
    )
    frame: pd.DataFrame = to_frame(serve.rows(store, selection).select(shown))
    return credited(frame, store, "region_demography")


def alike(
    geonameid: int,
    number: int = 10,
    *,
    method: str = "gower",
    weights: Mapping[str, float] | None = None,
    abroad: bool = False,
    cases: bool = False,
    database: PathLike | None = None,
) -> pd.DataFrame:
    """Return the towns most like one, nearest first.

    Parameters
    ----------
    geonameid : int
        GeoNames id of a settlement: ``hl.towns(columns=["geonameid", "name"])``.
    number : int
        How many, at least 1.
    method : str
        ``gower``, ``mahalanobis`` or ``ranks``.
    weights : mapping of str to float, optional
        Factors on the weights of columns, 0 to leave one out.
    abroad : bool
        Leave out towns of the same country.
    cases : bool
        Only towns of which the catalogue knows a case study.
    database : str or Path, optional
        Folder of another build.

    Returns
    -------
    DataFrame
        One row a town: ``geonameid``, ``name``, ``country_name``, ``population``, ``distance``
        (0 is the same; of Gower at most 1), ``is_close``, and in words what both share
        (``shares``) and what separates them (``differs``: column, other, own).

    Raises
    ------
    InputError
        There is no such settlement, method or column; the message says what is allowed.

    Notes
    -----
    Gower 1971 by default: ``docs/methods/lookalikes.md``. Resemblance is no evidence that a
    policy can be carried over.

    Examples
    --------
    >>> import hinterland as hl
    >>> hl.alike(2951793, 3)["name"].tolist()  # Bebra
    ['Rotenburg an der Fulda', 'Borken', 'Schöningen']
    """
    from pipelines.serve.comparison import towns_like

    flags(abroad=abroad, cases=cases)
    store = store_of(database)
    number, pairs = whole("number", number, least=1), factors("weights", weights)
    try:
        like = towns_like(
            store,
            whole("geonameid", geonameid),
            text("method", method),
            pairs,
            other_countries=abroad,
            only_cases=cases,
            number=number,
        ).table
    except ValueError as error:  # of a method or a weight
        raise InputError(str(error)) from error
    if not len(like):
        warn(["no town is comparable: none fulfils abroad and cases and is known well enough"])
        return like
    told: dict[str, Any] = {
        "shares": [", ".join(f"{n} {_short(v)}" for n, v in row) for row in like["shares"]],
        "differs": [
            ", ".join(f"{n} {_short(v)} ({_short(own)})" for n, v, own in row)
            for row in like["differs"]
        ],
    }
    return credited(like.assign(**told).drop(columns="is_case"), store, "towns")


def _short(value: object) -> str:
    return f"{value:.1f}" if isinstance(value, float) else str(value)
