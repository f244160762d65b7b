"""All regions of a level with every typology: filtered, summed and written out as one selection.

One frame a level and set of moved thresholds is read once; a selection is a comparison on it.
Classes come from the macros that the build called, so a moved threshold has no second definition.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from pipelines.core.errors import InputError
from pipelines.serve.dials import EFFECTS
from pipelines.serve.facets import Remaining, remaining
from pipelines.serve.filters import REGION_LISTS, RegionFilter
from pipelines.serve.store import Store
from pipelines.serve.thresholds import refuse_disorder

# What a list of regions shows; the profile shows the rest.
REGION_LIST = (
    "nuts_id",
    "name",
    "country",
    "country_name",
    "population_end",
    "change_pct",
    "annual_change_pct",
    "trend",
    "density_per_km2",
    "urban_rural",
    "mountain",
    "coastal",
    "border",
    "island",
    "smst_count",
    "smst_population_share",
    "largest_town",
    "desert_share",
    "minutes_to_city",
    "remoteness",
)
#: Columns that other marts hold, by column; the mart's own column where its name differs.
JOINED = {
    "webb_type": "region_demography",
    "cause": "region_demography",
    "shrinking_class": "region_demography",
    "duration_class": "region_demography",
    "shape": "region_demography",
    "ageing_class": "region_demography",
    "cohesion_category": "region_demography",
    "median_age": "region_demography",
    "gdp_pct_of_eu": "region_demography",
    "watch_count": "region_demography",
    "desert_class": "region_crossing",
}
#: Columns of marts.regions that moved thresholds class anew.
MOVED = ("trend", "series_trend", "has_two_trends", "remoteness")
MOVABLE = tuple(name for name in EFFECTS if name != "thin_places_share")
_SQL = """
    select
        regions.* exclude (geometry) replace (
            trend_class(regions.annual_change_pct, {moved}) as trend,
            trend_class(regions.series_annual_change_pct, {moved}) as series_trend,
            trend_class(regions.annual_change_pct, {moved})
                <> trend_class(regions.series_annual_change_pct, {moved}) as has_two_trends,
            urban_rural_remoteness(
                regions.urban_rural, 1 - regions.remote_share, {moved}
            ) as remoteness
        ),
        desert_class(regions.desert_share, {moved}) as desert_class,
        -- Regions that do not shrink have no cause, but that is known.
        coalesce(
            causes.cause,
            case when causes.shrinking_class = 'not shrinking' then 'not shrinking' end
        ) as cause,
        coalesce(
            causes.shape,
            case when causes.duration_class is not null then 'not shrinking' end
        ) as shape,
        case when causes.watch_known > 0 then causes.watch_count end as watch_count,
        causes.webb_type, causes.shrinking_class, causes.duration_class, causes.ageing_class,
        causes.cohesion_category, causes.median_age, causes.gdp_pct_of_eu,
        causes.annual_change_pct as window_change_pct, causes.natural_change_per_1000,
        causes.net_migration_per_1000
    from marts.regions as regions
    left join marts.classed_demography({moved}, 2021, $level) as causes using (nuts_id)
    where regions.level = $level
    order by nuts_id
""".replace("{moved}", "map($names::varchar[], $values::double[])")


def frame(store: Store, level: int, moved: tuple[tuple[str, float], ...] = ()) -> pd.DataFrame:
    """Return every region of a level in map order, with the columns of all typologies.

    Parameters
    ----------
    store : Store
    level : int
        0 to 3, of NUTS 2021.
    moved : tuple of (str, float)
        Thresholds that differ from the published ones.

    Returns
    -------
    DataFrame
        The columns of ``marts.regions`` without outlines, those of ``JOINED``, and the rates that
        these rest on: ``window_change_pct`` (% a year), ``natural_change_per_1000`` and
        ``net_migration_per_1000``. Shared by all visitors: nobody may change it.

    Raises
    ------
    InputError
        A threshold that cannot be moved here, or values that break an order.
    """
    if unknown := sorted({name for name, _ in moved} - set(MOVABLE)):
        raise InputError(f"threshold '{unknown[0]}' cannot be moved; allowed are {MOVABLE}")
    refuse_disorder(store, moved)
    values = {
        "level": level,
        "names": [name for name, _ in moved],
        "values": [value for _, value in moved],
    }
    return store.memo(("region_panel", level, moved), lambda: store.frame(_SQL, values))


def left(store: Store, selection: RegionFilter) -> Remaining:
    """Return which regions of the level fit, what each option leaves, and what is not known.

    Shared by all visitors: nobody may change it.
    """
    return store.memo(("region_panel_left", selection), lambda: _left(store, selection))


def _left(store: Store, selection: RegionFilter) -> Remaining:
    every = frame(store, selection.level, selection.moved)
    if selection.nuts_ids is None:
        return remaining(every, selection.lists, selection.ranges)
    inside = every["nuts_id"].isin(selection.nuts_ids).to_numpy(dtype=bool)
    part = remaining(every[inside], selection.lists, selection.ranges)
    fits = np.zeros(len(every), dtype=bool)
    fits[inside] = part.fits
    return Remaining(fits, part.options, part.unknown)


def regions(store: Store, selection: RegionFilter) -> pd.DataFrame:
    """Return the selected regions, those that lost most first."""
    every = frame(store, selection.level, selection.moved)
    columns = [*REGION_LIST, *(name for name in selection.columns if name not in REGION_LIST)]
    chosen = every.loc[left(store, selection).fits, columns]
    return chosen.sort_values(["change_pct", "nuts_id"], na_position="last").reset_index(drop=True)


def summary(store: Store, selection: RegionFilter) -> dict[str, Any]:
    """Return counts and sums of a selection; sums of people are over regions with figures."""
    chosen = frame(store, selection.level, selection.moved)[left(store, selection).fits]
    known = chosen[chosen["change_pct"].notna()]

    def end(column: str, which: str) -> int | None:
        years = chosen[column].dropna()
        return int(getattr(years, which)()) if len(years) else None

    return {
        "regions": len(chosen),
        "with_figures": len(known),
        "losing": int((known["change_pct"] < 0).sum()),
        "population_start": int(chosen["population_start"].sum()),
        "population_end": int(chosen["population_end"].sum()),
        "year_start": end("year_start", "min"),
        "year_end": end("year_end", "max"),
        "area_km2": float(chosen["area_km2"].sum()),
    }


def joined(selection: RegionFilter) -> tuple[tuple[str, str], ...]:
    """Return mart and name of each column that was filtered on and that ``regions`` lacks."""
    return tuple((JOINED[name], name) for name in selection.columns if name in JOINED)


def rows(store: Store, selection: RegionFilter) -> pa.Table:
    """Return the selected regions with all columns of ``marts.regions``, for a download.

    Every column that was filtered on is there, and each class as the moved thresholds give it.
    """
    every = frame(store, selection.level, selection.moved)
    chosen = every[left(store, selection).fits]
    table = store.arrow(
        "select * from marts.regions where nuts_id in (select unnest($ids)) order by nuts_id",
        {"ids": chosen["nuts_id"].tolist()},
    )
    if selection.moved:
        for name in MOVED:
            place = table.schema.get_field_index(name)
            kind = table.schema.field(name).type
            known = chosen[name].astype(object).where(chosen[name].notna(), None)
            table = table.set_column(place, name, pa.array(known, kind))
    for _mart, name in joined(selection):
        values = (
            _text(chosen[name])
            if name in REGION_LISTS
            else pa.array(chosen[name], from_pandas=True)
        )
        # Outlines stay last, where readers of tables look for them.
        table = table.add_column(table.num_columns - 1, name, values)
    return table


def with_columns(table: pa.Table, more: Mapping[str, pd.Series]) -> pa.Table:
    """Return rows of regions with further columns, whose values are indexed by ``nuts_id``."""
    for name, values in more.items():
        own = values.reindex(table["nuts_id"].to_pylist()).reset_index(drop=True)
        column = pa.array(own, from_pandas=True) if own.dtype.kind == "f" else _text(own)
        table = table.add_column(table.num_columns - 1, name, column)
    return table


def _text(values: pd.Series) -> pa.Array:
    return pa.array(values.astype(object).where(values.notna(), None), pa.string())
