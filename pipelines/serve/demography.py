"""Why regions shrink: the selection, the period and the thresholds that a user moves.

A moved threshold or another period calls the macro that the build called, published with
the database, with the moved values as an argument: no rebuild, and no second definition.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd
import pyarrow as pa

from pipelines.core.errors import InputError
from pipelines.serve import facets
from pipelines.serve.facets import Remaining, remaining
from pipelines.serve.queries import map_file
from pipelines.serve.shrinking_filter import JOINED, ShrinkingFilter
from pipelines.serve.store import Store
from pipelines.serve.thresholds import refuse_disorder

# What a user may move on the page; everything else stays as published.
MOVABLE = (
    "shrinking_moderate_annual_pct",
    "shrinking_severe_annual_pct",
    "webb_stationary_per_1000",
    "cause_active_min_share",
    "cause_legacy_max_share",
    "watch_annual_pct",
    "watch_median_age",
    "watch_gdp_pct",
)
# A map tells regions that do not shrink from those without figures.
_MAPPED = (
    "coalesce(cause, case shrinking_class when 'not shrinking' then 'not shrinking' end) "
    "as cause_class, "
    "coalesce(shape, case when duration_class is not null then 'not shrinking' end) "
    "as shape_class, "
    "case when watch_known > 0 then watch_count::varchar end as watch_class, "
    "annual_change_pct as window_change_pct"
)


#: The change of the censuses stands beside that of the series, which the causes rest on.
CENSUS = "census_annual_change_pct"
_CENSUS = (
    "case when regions.population_source = 'census grid, JRC' "
    f"then regions.annual_change_pct end as {CENSUS}"
)
_PUBLISHED = "marts.region_demography where nuts_version = $nuts_version and level = $level"
_CLASSED = (
    "marts.classed_demography(map($names::varchar[], $values::double[]), $nuts_version, $level)"
)
_MOVED = (
    "marts.demography(map($names::varchar[], $values::double[]), $nuts_version, $level, "
    "$years::integer, $until::integer, $slack::integer)"
)


def _source(store: Store, selection: ShrinkingFilter) -> tuple[str, dict[str, Any]]:
    """Return the rows of one vintage and level as a FROM term with its parameters."""
    parameters: dict[str, Any] = {"nuts_version": selection.nuts_version, "level": selection.level}
    if not selection.period and not selection.moved:
        return f"(from {_PUBLISHED})", parameters
    if unknown := sorted({name for name, _ in selection.moved} - set(MOVABLE)):
        raise InputError(f"threshold '{unknown[0]}' cannot be moved; allowed are {MOVABLE}")
    refuse_disorder(store, selection.moved)
    names, values = [name for name, _ in selection.moved], [v for _, v in selection.moved]
    parameters |= {"names": names, "values": values}
    if not selection.period:  # the same windows: their figures need not be worked out anew
        return _CLASSED, parameters
    start, end = selection.period
    if start >= end:
        raise InputError(f"period {start} to {end}: the end must be later than the start")
    # Exactly these years: no region's window may end earlier.
    window = {"years": end - start, "until": end - 1, "slack": 0}
    return _MOVED, {**parameters, **window}


def _with_regions(source: str, names: Iterable[str]) -> str:
    """Return a FROM term with columns of ``JOINED`` and ``CENSUS``, which are of NUTS 2021."""
    columns = ", ".join(("figures.*", *(f"{JOINED[name]}.{name}" for name in names), _CENSUS))
    return (
        f"(select {columns} from {source} as figures "  # noqa: S608 - own SQL
        "left join marts.regions as regions "
        "on regions.nuts_id = figures.nuts_id and figures.nuts_version = 2021 "
        "left join marts.region_crossing as region_crossing "
        "on region_crossing.nuts_id = regions.nuts_id)"
    )


def regions(store: Store, selection: ShrinkingFilter) -> pd.DataFrame:
    """Return every region of the level in map order; ``is_selected`` marks the selection.

    The figures of a vintage, level, period and set of thresholds are read once for all filters.
    """
    source, parameters = _source(store, selection)
    key = ("shrinking_regions", selection.nuts_version, selection.level, selection.period)
    every = store.memo(
        (*key, selection.moved),
        lambda: store.frame(
            f"select * exclude (geometry), geometry is not null as is_on_map, {_MAPPED} "  # noqa: S608
            f"from {_with_regions(source, JOINED)} order by nuts_id",
            parameters,
        ),
    )
    fits = facets.fits(every, selection.lists, selection.ranges)
    return every.assign(is_selected=pd.array(fits, dtype="boolean"))


def left(every: pd.DataFrame, selection: ShrinkingFilter) -> Remaining:
    """Return what each option leaves of the regions of :func:`regions`, and what is not known."""
    # What does not shrink has no cause and no shape, but that is known; see _MAPPED.
    table = every.assign(cause=every["cause_class"], shape=every["shape_class"])
    return remaining(table, selection.lists, selection.ranges)


def rows(store: Store, selection: ShrinkingFilter) -> pa.Table:
    """Return the selected regions with all columns of the mart and those that were filtered on."""
    source, parameters = _source(store, selection)
    condition, values = selection.condition()
    others = _with_regions(source, [name for name in JOINED if selection.lists[name]])
    return store.arrow(
        f"select * from {others} where {condition} order by nuts_id",  # noqa: S608
        {**parameters, **values},
    )


def joined(selection: ShrinkingFilter) -> tuple[tuple[str, str], ...]:
    """Return mart and name of each column of another mart: filtered on, or that of the censuses."""
    filtered = tuple((mart, name) for name, mart in JOINED.items() if selection.lists[name])
    return (*filtered, ("regions", "annual_change_pct"))


def years(store: Store) -> dict[str, int] | None:
    """Return the years that figures are known for, or None where there are none.

    ``first_year`` and ``last_year`` are 1 Januaries, ``last_event_year`` the year before the
    last; ``step`` is 5 where only the embedded periods of five years are there, else 1.
    """
    span = store.rows(
        "select min(year) as first_year, max(year + period_years) as last_year, "
        "max(year + period_years - 1) as last_event_year, min(period_years) as step "
        "from marts.region_series where level = 3 and net_migration is not null"
    )[0]
    return span if span["first_year"] is not None else None


def on_grid(span: dict[str, int], period: tuple[int, int]) -> tuple[int, int]:
    """Return the nearest period whose ends figures are known for.

    Parameters
    ----------
    span : dict
        See :func:`years`.
    period : tuple of int
        First and last 1 January, the earlier one first.

    Examples
    --------
    >>> on_grid({"first_year": 2001, "last_year": 2021, "step": 5}, (2012, 2019))
    (2011, 2021)
    >>> on_grid({"first_year": 2001, "last_year": 2021, "step": 5}, (2020, 2021))
    (2016, 2021)
    """
    first, last, step = span["first_year"], span["last_year"], span["step"]
    start, end = (
        min(max(first + step * round((year - first) / step), first), last) for year in period
    )
    if start == end:  # two years of one period stand for it whole
        start, end = (start - step, end) if start > first else (start, end + step)
    return start, end


def levels(store: Store, nuts_version: int) -> list[int]:
    """Return the levels of a vintage that causes are known for, the smallest regions first."""
    return store.column(
        "select distinct level from marts.region_demography "
        "where nuts_version = ? and webb_type is not null order by level desc",
        [nuts_version],
    )


def vintages(store: Store) -> list[int]:
    """Return the NUTS vintages that there are outlines for."""
    return store.column(
        "select distinct nuts_version from indicators.ind_region__list "
        "where geometry is not null order by 1"
    )


def bounds(store: Store, nuts_version: int) -> dict[str, list[float]]:
    """Return the box of each region of a vintage on the map (km, EPSG:3035)."""
    name = "bounds" if nuts_version == 2021 else f"bounds-{nuts_version}"
    boxes: dict[str, list[float]] = map_file(store, name)
    return boxes


def find_regions(
    store: Store, text: str, nuts_version: int, level: int = 3, number: int = 25
) -> pd.DataFrame:
    """Return ``id``, ``label`` of regions of a level whose name or code holds a text.

    Case and accents do not matter; names that begin with the text come first.
    """
    return store.frame(
        """
        with wanted as (select strip_accents(lower(trim($text))) as needle)
        select nuts_id as id, name || ' (' || nuts_id || ', ' || country_name || ')' as label
        from indicators.ind_region__list, wanted
        where nuts_version = $version and level = $level and needle != ''
            and (contains(strip_accents(lower(name)), needle)
                or starts_with(lower(nuts_id), needle))
        order by starts_with(strip_accents(lower(name)), needle) desc, name, nuts_id
        limit $n
        """,
        {"text": text, "version": nuts_version, "level": level, "n": number},
    )


def series(store: Store, nuts_version: int, nuts_id: str) -> pd.DataFrame:
    """Return the figures of one region by year, or by periods of five years."""
    return store.frame(
        # Periods are there only where the years do not tell the region's demography.
        "select * from marts.region_series where nuts_version = ? and nuts_id = ? "
        "qualify period_years = max(period_years) over () order by year",
        [nuts_version, nuts_id],
    )


def compared(store: Store, nuts_version: int, nuts_id: str) -> pd.DataFrame:
    """Return a region, its country and the EU-27 by year.

    Columns: ``place``, ``year``, ``period_years``, ``population``, ``is_break``,
    ``natural_change_per_1000``, ``net_migration_per_1000``, ``age_65_pct``, ``gdp_pct_of_eu``.
    The EU is the sum of its 27 countries and known only in years in which all are.
    """
    return store.frame(
        """
        with me as (
            select * from indicators.ind_region__list
            where nuts_version = $version and nuts_id = $id
        ),
        -- Periods are there only where the years do not tell a region's demography.
        series as (
            select * from marts.region_series where nuts_version = $version
            qualify period_years = max(period_years) over (partition by nuts_id)
        ),
        members as (
            select nuts_id from indicators.ind_region__list
            where nuts_version = $version and level = 0 and country_group = 'EU'
        ),
        eu as (
            select
                year,
                period_years,
                sum(population) as population,
                sum(natural_change) as natural_change,
                sum(net_migration) as net_migration,
                sum(period_years * (population + total_change / 2)) as person_years,
                sum(population * age_65_pct) / sum(population) as age_65_pct,
                bool_or(is_break) as is_break,
                count(population) as known,
                count(net_migration) as known_migration,
                count(age_65_pct) as known_age
            from series inner join members using (nuts_id)
            group by year, period_years
        )
        select
            1 as position, me.name as place, year, period_years, population, is_break,
            natural_change_per_1000, net_migration_per_1000, age_65_pct, gdp_pct_of_eu
        from series
        inner join me on series.nuts_id = me.nuts_id
        union all
        select
            2, me.country_name, year, period_years, population, is_break,
            natural_change_per_1000, net_migration_per_1000, age_65_pct, gdp_pct_of_eu
        from series
        inner join me on series.nuts_id = me.country
        where me.level > 0
        union all
        select
            3, 'EU-27', year, period_years,
            case when known = 27 then population end, is_break,
            case when known_migration = 27 then 1000 * natural_change / person_years end,
            case when known_migration = 27 then 1000 * net_migration / person_years end,
            case when known_age = 27 then age_65_pct end,
            100
        from eu
        order by position, year
        """,
        {"version": nuts_version, "id": nuts_id},
    )
