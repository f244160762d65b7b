"""Read the tables of the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from hinterland._arguments import text, texts, whole
from hinterland._cite import credited
from hinterland._database import PathLike, store_of
from hinterland._remarks import warn
from pipelines.core.errors import InputError, MartUnavailable

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    import pyarrow as pa

#: One value, or several of which one must hold.
Choice = str | Sequence[str]
#: Least and largest value, both inclusive; None leaves a side open.
Range = tuple[float | None, float | None]


def regions(
    level: int | None = 3,
    country: Choice | None = None,
    trend: Choice | None = None,
    *,
    urban_rural: Choice | None = None,
    remoteness: Choice | None = None,
    mountain: Choice | None = None,
    coastal: Choice | None = None,
    border: Choice | None = None,
    island: Choice | None = None,
    change_pct: Range | None = None,
    annual_change_pct: Range | None = None,
    density_per_km2: Range | None = None,
    columns: Sequence[str] | None = None,
    database: PathLike | None = None,
) -> gpd.GeoDataFrame:
    """Return NUTS regions with population change, types, remoteness and outline.

    Parameters
    ----------
    level : int or None
        NUTS level, 0 (countries) to 3; None for all levels.
    country : str or sequence of str, optional
        Eurostat code (EL, UK).
    trend : str or sequence of str, optional
        ``growing``, ``stable`` or ``shrinking``; the bounds are in :func:`thresholds`.
    urban_rural, remoteness, mountain, coastal, border, island : str or sequence of str, optional
        Types; ``hl.describe("regions")`` lists what each may be.
    change_pct : (float or None, float or None), optional
        Population change between the two years of a row, in %, inclusive.
    annual_change_pct : (float or None, float or None), optional
        The same rate each year that gives this change, in % a year, inclusive.
    density_per_km2 : (float or None, float or None), optional
        People per km², inclusive.
    columns : sequence of str, optional
        What to return beside the geometry; all by default.
    database : str or Path, optional
        Folder of another build.

    Returns
    -------
    GeoDataFrame
        One row a region in the order of codes, in EPSG:4326; ``geometry`` is the outline at
        1:10 million. Missing is NULL, never 0.

    Raises
    ------
    InputError
        A value or a column does not occur; the message says what is allowed.
    MartUnavailable
        There is no database: :func:`build` makes one.

    Notes
    -----
    Sources: Eurostat GISCO (outlines and types), the JRC's census grids or, where fetched,
    Eurostat's population. Each column's source and licence stand in ``hl.describe``.

    ``attrs`` hold ``attribution``, ``licence``, ``database`` (its hash) and ``citation``.

    Examples
    --------
    >>> import hinterland as hl
    >>> hl.regions(level=3, country="DE", change_pct=(None, -10)).crs.to_epsg()
    4326
    >>> hl.regions(trend="sinking")
    Traceback (most recent call last):
        ...
    pipelines.core.errors.InputError: trend is 'sinking'; allowed are growing, stable, shrinking
    """
    equal = {
        "level": level,
        "country": country,
        "trend": trend,
        "urban_rural": urban_rural,
        "remoteness": remoteness,
        "mountain": mountain,
        "coastal": coastal,
        "border": border,
        "island": island,
    }
    between = {
        "change_pct": change_pct,
        "annual_change_pct": annual_change_pct,
        "density_per_km2": density_per_km2,
    }
    column_names = _names(columns, "geometry")
    data = _select("regions", database, equal, between, column_names)
    return credited(_geo(data, "regions"), store_of(database), "regions")


def towns(
    country: Choice | None = None,
    size_class: Choice | None = None,
    *,
    nuts_id: Choice | None = None,
    role: Choice | None = None,
    remoteness: Choice | None = None,
    region_trend: Choice | None = None,
    population: Range | None = None,
    columns: Sequence[str] | None = None,
    database: PathLike | None = None,
) -> gpd.GeoDataFrame:
    """Return settlements of 500 people and more, as points.

    Parameters
    ----------
    country : str or sequence of str, optional
        Eurostat code (EL, UK).
    size_class : str or sequence of str, optional
        ``village``, ``small_town``, ``medium_town``, ``city``, ``part`` (of a larger place).
    nuts_id : str or sequence of str, optional
        Code of the NUTS-3 region (NUTS 2021).
    role : str or sequence of str, optional
        ``agglomerated``, ``networked``, ``autonomous``, ``isolated``.
    remoteness : str or sequence of str, optional
        From ``pole`` to ``ultra-peripheral``.
    region_trend : str or sequence of str, optional
        Trend of the town's region.
    population : (float or None, float or None), optional
        People, inclusive.
    columns : sequence of str, optional
        What to return beside the geometry; all by default.
    database : str or Path, optional
        Folder of another build.

    Returns
    -------
    GeoDataFrame
        One row a settlement in the order of ``geonameid``; points in EPSG:4326. The columns
        ``minutes_*`` are minutes by car, estimated over a network of settlements.

    Raises
    ------
    InputError
        A value or a column does not occur; the message says what is allowed.
    MartUnavailable
        There is no database: :func:`build` makes one.

    Notes
    -----
    Source: GeoNames (CC BY 4.0); the year of a population differs from place to place.

    Examples
    --------
    >>> import hinterland as hl
    >>> small = hl.towns(country="LU", population=(10_000, None), columns=["name", "population"])
    >>> small.geom_type.unique().tolist()
    ['Point']
    """
    equal = {
        "country": country,
        "size_class": size_class,
        "nuts_id": nuts_id,
        "role": role,
        "remoteness": remoteness,
        "region_trend": region_trend,
    }
    column_names = _names(columns, "lon", "lat")
    data = _select("towns", database, equal, {"population": population}, column_names)
    return credited(_geo(data, "towns"), store_of(database), "towns")


def series(
    nuts_id: Choice | None = None,
    country: Choice | None = None,
    *,
    level: int | None = None,
    nuts_version: int = 2021,
    years: tuple[int | None, int | None] | None = None,
    columns: Sequence[str] | None = None,
    database: PathLike | None = None,
) -> pd.DataFrame:
    """Return yearly figures of regions: people, births, deaths, migration, age, wealth.

    Parameters
    ----------
    nuts_id, country : str or sequence of str, optional
        Codes of regions; Eurostat codes of countries.
    level : int, optional
        NUTS level, 0 to 3.
    nuts_version : int
        Vintage of the regions, 2021 or 2024.
    years : (int or None, int or None), optional
        First and last year, inclusive.
    columns : sequence of str, optional
        What to return; all by default.
    database : str or Path, optional
        Folder of another build.

    Returns
    -------
    DataFrame
        One row a region and year, or a region and period of five years where ``period_years``
        is 5: births and deaths are sums then. Units stand in ``hl.describe("region_series")``.

    Raises
    ------
    MartUnavailable
        The database holds no figures: it was built without the embedded ones.
    InputError
        A value or a column does not occur; the message says what is allowed.

    Notes
    -----
    Source: Eurostat, ``demo_r_*`` and ``nama_10r_3gdp``, brought to one vintage with the JRC's
    crosswalks; ``conversion`` says how each row came about.

    A build from the embedded data alone holds, in periods of five years, people on 1 January of
    2001, 2006, 2011, 2016 and 2021, births, deaths and what follows from them; density;
    ``gdp_pct_of_eu`` as the mean of 2017 to 2019, in the row of 2016; and ``age_65_pct`` and
    ``median_age`` of 2019 or later, in rows of their date (``period_years`` 0 where no period
    begins there). All other ages, ratios and GDP are NULL until Eurostat's tables are fetched.

    Examples
    --------
    >>> import hinterland as hl
    >>> series = hl.series("DE733", columns=["year", "period_years", "births", "deaths"])
    >>> series.iloc[3].astype(int).tolist()  # built from the embedded data alone
    [2016, 5, 5281, 7867]
    """
    whole("nuts_version", nuts_version)
    if not store_of(database).rows("select 1 from marts.region_series limit 1"):
        raise MartUnavailable(
            "this database holds no figures of regions: bring Eurostat's tables with "
            "hinterland.fetch(), then run hinterland.build()"
        )
    equal = {"nuts_version": nuts_version, "nuts_id": nuts_id, "country": country, "level": level}
    needed = ("nuts_version", "nuts_id", "period_years")
    names = _names(columns)
    every = _names(columns, *needed)
    frame = _frame(_select("region_series", database, equal, {"year": years}, every))
    # A region whose demography the years do not tell has periods, too: never both.
    longest = frame.groupby(list(needed[:2]))["period_years"].transform("max")
    told = frame[(frame["period_years"] == 0) | (frame["period_years"] == longest)]
    chosen = told.reset_index(drop=True)[names or list(frame.columns)]
    return credited(chosen, store_of(database), "region_series")


def access(
    service: str,
    country: str | None = None,
    *,
    columns: Sequence[str] | None = None,
    database: PathLike | None = None,
) -> pd.DataFrame:
    """Return how every settlement reaches a service.

    Parameters
    ----------
    service : str
        One of ``hl.table("services")["service"]``.
    country : str, optional
        Eurostat code; only its settlements.
    columns : sequence of str, optional
        What to return; all by default.
    database : str or Path, optional
        Folder of another build.

    Returns
    -------
    DataFrame
        One row a settlement: ``geonameid``, ``minutes_nearest`` (by car, estimated; NULL
        where no way leads to one), ``nearest_id``, ``within_15``, ``within_30``,
        ``within_60`` (facilities), ``supply_score`` (E2SFCA, capacity per person), and more.

    Raises
    ------
    InputError
        There is no such service, country or column; the message says what is allowed.

    Notes
    -----
    Sources: the register of each service (``hl.table("services")``) and GeoNames.

    Examples
    --------
    >>> import hinterland as hl
    >>> minutes = hl.access("upper_centre", country="LU")["minutes_nearest"]
    >>> minutes.median().round()
    np.float64(41.0)
    """
    text("service", service)
    measured = _select("services", database, {}, {}, ["service"])["service"].to_pylist()
    if service not in measured:
        raise InputError(
            f"service is {service!r}; this database measures {', '.join(measured)}. Others are "
            "measured where their registers were fetched: hinterland.fetch(), hinterland.build()"
        )
    data = _select("access", database, {"service": service}, {}, None)
    if country is not None:
        mine = _select("towns", database, {"country": country}, {}, ["geonameid"])
        data = data.join(mine, "geonameid", join_type="left semi")
    frame = _frame(data).sort_values("geonameid", ignore_index=True)
    frame = credited(frame, store_of(database), "access")
    if (names := _names(columns)) is None:
        return frame
    _select("access", database, {"service": service}, {}, names)  # refuses what is no column
    return frame.loc[:, names]


def table(
    name: str,
    *,
    columns: Sequence[str] | None = None,
    database: PathLike | None = None,
    **equal: str | float | Sequence[str] | Sequence[float] | None,
) -> pd.DataFrame:
    """Return any table of the database.

    Parameters
    ----------
    name : str
        One of ``hl.indicators()["table_name"]``.
    columns : sequence of str, optional
        What to return; all by default. Outlines come as WKB (EPSG:4326).
    database : str or Path, optional
        Folder of another build.
    **equal
        Columns and what they must be: ``country="DE"``, ``level=[2, 3]``,
        ``is_social_place=True``.

    Returns
    -------
    DataFrame
        Columns of nullable types; see :func:`describe`.

    Raises
    ------
    UnknownTable, InputError
        There is no such table, column or value; the message says what is allowed.

    Examples
    --------
    >>> import hinterland as hl
    >>> hl.table("services", columns=["service", "reference_min"])
            service  reference_min
    0  basic_centre           20.0
    1 middle_centre           30.0
    2  upper_centre           60.0
    """
    frame = _frame(_select(name, database, equal, {}, _names(columns)))
    return credited(frame, store_of(database), name)


def thresholds(database: PathLike | None = None) -> pd.DataFrame:
    """Return every threshold with value, unit, source and evidence.

    Parameters
    ----------
    database : str or Path, optional
        Folder of another build.

    Returns
    -------
    DataFrame
        ``name``, ``value`` (in ``unit``), ``unit``, ``label``, ``source``, ``evidence``.

    Examples
    --------
    >>> import hinterland as hl
    >>> rows = hl.thresholds().set_index("name")
    >>> rows.loc[["trend_stable_annual_pct"], ["value", "unit"]]
                             value      unit
    name
    trend_stable_annual_pct    0.1  % a year
    """
    return _frame(_select("thresholds", database, {}, {}, None))


def indicators(table: str | None = None, *, database: PathLike | None = None) -> pd.DataFrame:
    """Return the data dictionary: every column of every table.

    Parameters
    ----------
    table : str, optional
        Only this table; see also :func:`describe`.
    database : str or Path, optional
        Folder of another build.

    Returns
    -------
    DataFrame
        ``table_name``, ``column_name``, ``label``, ``unit``, ``data_type``, ``definition``,
        ``sources``, ``licence``, ``allowed`` and the model that makes it.

    Raises
    ------
    InputError
        There is no such table; the message says what is allowed.

    Examples
    --------
    >>> import hinterland as hl
    >>> "regions" in set(hl.indicators()["table_name"])
    True
    """
    rows = _frame(_select("indicators", database, {"table_name": table}, {}, None))
    return rows.sort_values(["table_name", "position"], ignore_index=True)


def describe(table: str, *, database: PathLike | None = None) -> pd.DataFrame:
    """Return what each column of a table means.

    Parameters
    ----------
    table : str
        One of ``hl.indicators()["table_name"]``.
    database : str or Path, optional
        Folder of another build.

    Returns
    -------
    DataFrame
        In the order of columns: ``column_name``, ``label``, ``unit``, ``data_type`` (DuckDB),
        ``definition``, ``allowed`` (values between ``|``), ``sources``, ``licence``, and
        ``vintage`` (NUTS vintage or edition of those sources that state one). Only sources that
        are in the database are named: without one the column is empty.

    Raises
    ------
    UnknownTable
        There is no such table; the message says what is allowed.

    Examples
    --------
    >>> import hinterland as hl
    >>> hl.describe("regions").set_index("column_name").loc["trend", "allowed"]
    'growing|stable|shrinking'
    """
    from pipelines.serve.describe import vintage
    from pipelines.serve.selection import describe as rows_of

    store = store_of(database)
    frame = _frame(rows_of(store, text("table", table)))
    vintages = [vintage(store, sources) for sources in frame["sources"].fillna("")]
    return frame.assign(vintage=vintages).astype({"vintage": "string"})


def _names(columns: Sequence[str] | None, *more: str) -> list[str] | None:
    """Return the columns of the answer and those that are always needed; None for all."""
    if columns is None:
        return None
    if isinstance(columns, str):
        raise InputError(f"columns is {columns!r}; a list of names is allowed: [{columns!r}]")
    names = list(dict.fromkeys([*texts("columns", columns, "a list of names"), *more]))
    if not names:
        raise InputError("columns is an empty list; at least one name is allowed, None for all")
    return names


def _select(
    name: str,
    database: PathLike | None,
    equal: Mapping[str, str | float | Sequence[str] | Sequence[float] | None],
    between: Mapping[str, Range | None],
    columns: Sequence[str] | None,
) -> pa.Table:
    from pipelines.serve.selection import select_rows, why_empty

    store = store_of(database)
    data = select_rows(store, text("table", name), equal, between, columns)
    if not data.num_rows:
        warn([why_empty(store, name, equal, between)], depth=3)
    return data


def _geo(data: pa.Table, name: str) -> gpd.GeoDataFrame:
    from pipelines.serve.writers import to_geo

    return to_geo(data, name)


def _frame(data: pa.Table) -> pd.DataFrame:
    from pipelines.serve.store import to_frame

    return to_frame(data)
