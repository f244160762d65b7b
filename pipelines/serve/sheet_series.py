"""The charts of a sheet as data: people, births, deaths and migration, ages by year."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipelines.serve import demography, dictionary
from pipelines.serve.sheet_parts import Line, Point, Sentence, Series, sentence
from pipelines.serve.store import Store
from pipelines.serve.texts import N_

#: Basis of figures in steps of five years.
PERIODS = "Eurostat five-year (embedded)"
_PARTS = {
    "natural_change": N_("births less deaths"),
    "net_migration": N_("migration and adjustment"),
}
_AGES = {
    "age_0_14_pct": N_("under 15"),
    "age_15_64_pct": N_("15 to 64"),
    "age_65_pct": N_("65 and more"),
}
_VERSION = 2021
_EU_POSITION = 3  # in the table of :func:`demography.compared`


def years_of(store: Store, code: str) -> pd.DataFrame:
    """Return the figures of a region by year, or by periods of five years."""
    return demography.series(store, _VERSION, code)


def years_of_eu(store: Store) -> pd.DataFrame:
    """Return the figures of the EU of 27 by year, or by periods of five years."""
    table = demography.compared(store, _VERSION, "")
    # Each year one of 27 countries has a break; their sum goes on.
    return table[table["position"] == _EU_POSITION].assign(is_break=False)


def of_region(store: Store, code: str, years: pd.DataFrame) -> tuple[Series, ...]:
    """Return people by year, what changed them, and the index beside country and EU."""
    if years.empty:
        return ()
    people = Series(
        "population",
        N_("How many people?"),
        N_("people, 1 January"),
        lines_of(years, {"population": N_("people")}),
        sources_of(store, "population"),
    )
    parts = Series(
        "components",
        N_("Births, deaths, migration"),
        N_("people a year"),
        lines_of(years, _PARTS, is_sum=True),
        sources_of(store, *_PARTS),
    )
    index = _index(store, code)
    return tuple(s for s in (people, parts, index) if s is not None and s.lines)


def ages(store: Store, years: pd.DataFrame) -> tuple[Series, ...]:
    """Return the shares of age groups by year; one group alone shows no shares, so it is none."""
    lines = lines_of(years, _AGES)
    title, unit = N_("Who is old, who is young?"), N_("% of all")
    return (
        (Series("ages", title, unit, lines, sources_of(store, *_AGES)),) if len(lines) > 1 else ()
    )


def sources_of(store: Store, *columns: str) -> tuple[str, ...]:
    """Return the sources that columns of the series can rest on."""
    names = (n for c in columns for n in dictionary.field(store, "region_series", c).sources)
    return tuple(dict.fromkeys(names))


def lines_of(
    years: pd.DataFrame, columns: dict[str, str], *, is_sum: bool = False
) -> tuple[Line, ...]:
    """Return a line a column that has values; sums over a period become means a year."""
    length = years["period_years"].to_numpy(dtype=int)
    start = years["year"].to_numpy(dtype=int)
    broken = years["is_break"].fillna(value=False).to_numpy(dtype=bool)
    lines = []
    for column, label in columns.items():
        values = years[column].to_numpy(dtype=float, na_value=np.nan)
        values = values / np.maximum(length, 1) if is_sum else values
        points = tuple(
            Point(int(start[i]), int(length[i]), float(values[i]), bool(broken[i]))
            for i in np.flatnonzero(np.isfinite(values))
        )
        if points:
            lines.append(Line(label, points))
    return tuple(lines)


def _index(store: Store, code: str) -> Series | None:
    """Return the people of region, country and EU, 100 in their first common year."""
    table = demography.compared(store, _VERSION, code)
    # A region that is its country (Luxembourg) has the country's name and line.
    known = table.dropna(subset=["population"]).drop_duplicates(["place", "year"])
    common = known.groupby("year")["place"].nunique()
    common = common[common == known["place"].nunique()]
    if common.empty or known["place"].nunique() < 2:
        return None
    first = int(common.index.min())
    known = known[known["year"] >= first]
    base = known[known["year"] == first].set_index("place")["population"].astype(float)
    if not (base > 0).all():  # of nobody (Jan Mayen) there is no hundredth
        return None
    known = known.assign(index=100 * known["population"].astype(float) / known["place"].map(base))
    # Each year one of 27 countries has a break; their sum goes on.
    known.loc[known["position"] == _EU_POSITION, "is_break"] = False
    lines = tuple(
        Line(str(place), lines_of(known[known["place"] == place], {"index": ""})[0].points)
        for place in dict.fromkeys(table["place"])
        if place in base.index
    )
    title = N_("Beside its country and the EU")
    return Series("index", title, N_("first year = 100"), lines, sources_of(store, "population"))


def break_words(charts: tuple[Series, ...], basis: str | None) -> list[Sentence]:
    """Return what to know of the breaks, and of figures in steps of five years."""
    spans = next((s.breaks for s in charts if s.name in ("components", "population")), ())
    told = []
    if spans:
        text = N_("Breaks in the series on 1 January {years}.")
        if basis == PERIODS:
            text = N_(
                "Breaks in the series within {years}: natural change is sound there, migration is "
                "not, and no type rests on it."
            )
        told.append(sentence(text, years=", ".join(dict.fromkeys(spans))))
    if any(s.name == "index" and s.breaks for s in charts):
        told.append(sentence(N_("A line ends at a break; a dot stands alone between two.")))
    if basis == PERIODS:
        told.append(
            sentence(
                N_(
                    "These are the embedded figures in periods of five years; fetched tables "
                    "bring every year."
                )
            )
        )
    return told
