"""Figures of regions year by year, as a map with a slider of years shows them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipelines.serve.queries import map_file
from pipelines.serve.store import Store
from pipelines.serve.thresholds import thresholds

#: Rates of the events of a year or period; the other columns are states of the year itself.
RATES = ("total_change_per_1000", "natural_change_per_1000", "net_migration_per_1000")
STATES = (
    "median_age",
    "age_65_pct",
    "old_age_ratio_pct",
    "density_per_km2",
    "gdp_pct_of_eu",
)
COLUMNS = (*RATES, *STATES)
_SQL = """
    select
        nuts_id, year, period_years, total_change_per_1000, natural_change_per_1000,
        net_migration_per_1000, median_age, age_65_pct, old_age_ratio_pct, density_per_km2,
        gdp_pct_of_eu
    from marts.region_series
    where nuts_version = 2021 and level = $level
    order by period_years, nuts_id, year
"""


@dataclass(frozen=True)
class OfYear:
    """A column of ``marts.region_series`` in one year.

    Attributes
    ----------
    values : DataFrame
        ``nuts_id`` of every region of the level in map order, and ``value``, NaN where there is
        none, shape (n, 2).
    first, last : int
        The year of a state; of a rate its year, or the 1 January from and to which its events
        are counted where every figure is of several years.
    means : int
        Regions whose figure is a yearly mean of a longer period that holds the year, where others
        have one of the year.
    """

    values: pd.DataFrame
    first: int
    last: int
    means: int


def years(store: Store, column: str, level: int) -> tuple[int, ...]:
    """Return the years of which a map can be drawn, the earliest first.

    A year counts where the share of the level's regions with a figure is at least threshold
    ``map_year_min_share``.

    Parameters
    ----------
    store : Store
    column : str
        One of ``COLUMNS``.
    level : int
        0 to 3, of NUTS 2021.
    """
    return tuple(sorted(_tables(store, column, level)))


def of_year(store: Store, column: str, level: int, year: int) -> OfYear:
    """Return the figures of a year that :func:`years` names; shared, nobody may change them.

    The shortest period that tells a region's year is taken: a year before five years.
    """
    return _tables(store, column, level)[year]


def pooled(store: Store, column: str, level: int) -> NDArray[np.float64]:
    """Return the known values of all years, shape (n,): classes rest on them, not on one year."""
    parts = [shown.values["value"].dropna() for shown in _tables(store, column, level).values()]
    return np.concatenate(parts).astype(float) if parts else np.empty(0)


def _tables(store: Store, column: str, level: int) -> dict[int, OfYear]:
    if column not in COLUMNS:
        raise KeyError(column)
    return store.memo(("region_years", column, level), lambda: _read(store, column, level))


def _read(store: Store, column: str, level: int) -> dict[int, OfYear]:
    lines = store.frame(_SQL, {"level": level}).rename(columns={column: "value"})
    lines = lines[["nuts_id", "year", "period_years", "value"]].dropna(subset=["value"])
    order = [f["properties"]["id"] for f in map_file(store, f"regions-{level}")["features"]]
    least = thresholds(store)["map_year_min_share"] * len(order)
    made = {
        year: _of_year(lines, order, year, column in RATES)
        for year in sorted(map(int, lines["year"].unique()))
    }
    return {y: shown for y, shown in made.items() if shown.values["value"].count() >= least}


def _of_year(lines: pd.DataFrame, order: list[str], year: int, is_rate: bool) -> OfYear:
    holds = lines["year"] == year
    if is_rate:
        holds = (lines["year"] <= year) & (year < lines["year"] + lines["period_years"])
    shown = lines[holds].drop_duplicates("nuts_id").set_index("nuts_id")
    values = shown["value"].astype(float).reindex(order)
    long = shown[shown["period_years"] > 1] if is_rate else shown.iloc[:0]
    is_period = len(long) == len(shown) and len(long) > 0
    return OfYear(
        pd.DataFrame({"nuts_id": order, "value": values.to_numpy()}),
        int(long["year"].min()) if is_period else year,
        int((long["year"] + long["period_years"]).max()) if is_period else year,
        0 if is_period else len(long),
    )
