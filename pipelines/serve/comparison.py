"""Towns like one: the comparison's columns, prepared once a database, and its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pipelines.core.errors import InputError
from pipelines.serve.store import Store
from pipelines.serve.texts import N_
from pipelines.serve.thresholds import thresholds
from pipelines.similar.lookalike import (
    Settings,
    Space,
    compare,
    distances,
    nearest,
    prepare,
    shared_knowledge,
    usual_nearest,
)

# What is compared: the column, its label, how a value is worded, and how it is scaled.
NUMBERS: dict[str, tuple[str, str, Callable[[np.ndarray], np.ndarray]]] = {
    "population": (N_("population"), N_("{:,.0f} people"), np.log10),
    "minutes_to_city": (N_("minutes to a city"), N_("{:.0f} min"), lambda v: v),
    "minutes_to_large_city": (N_("minutes to a large city"), N_("{:.0f} min"), lambda v: v),
    "change_pct": (N_("change of the region"), "{:+.1f} %", lambda v: v),
    "density_per_km2": (N_("density of the region"), N_("{:,.0f} per km²"), np.log10),
    "elevation_m": (N_("elevation"), "{:,.0f} m", lambda v: v),
    # Known only where Eurostat's series were fetched; compared only where it is known at all.
    "median_age": (N_("median age of the region"), N_("{:.1f} years"), lambda v: v),
}
CLASSES = {
    "size_class": N_("size class"),
    "role": N_("role"),
    "rank": N_("rank"),
    "urban_rural": N_("type of region"),
    "mountain": N_("mountains"),
    "coastal": N_("coast"),
    "border": N_("border"),
    "island": N_("island"),
}
# Logarithms have no tail to cut off: clipped, a city of 70 000 would be as large as one of 600 000.
LOGARITHMS = frozenset({"population", "density_per_km2"})
LABELS = {**{n: label for n, (label, _, _) in NUMBERS.items()}, **CLASSES}


@dataclass(frozen=True)
class Prepared:
    """The towns of a database in the order of their identifiers, ready to be compared."""

    frame: pd.DataFrame
    space: Space
    position: dict[int, int]


@dataclass(frozen=True)
class LikeTowns:
    """The answer: towns with distance, what they share and what separates them.

    ``shares`` of the table holds pairs of a column and the value of both, ``differs`` a column,
    the other town's value and the own one.
    ``usual`` is the distance beyond which nothing is close; ``is_far`` says that even the
    nearest town lies beyond it.
    """

    table: pd.DataFrame
    usual: float
    is_far: bool


def prepared(store: Store) -> Prepared:
    """Return the prepared columns, made once a database."""
    return store.memo("comparison", lambda: _prepare(store))


def _prepare(store: Store) -> Prepared:
    table = store.arrow(
        """
        select
            towns.geonameid, towns.name, towns.country, towns.country_name,
            towns.population, towns.minutes_to_city, towns.minutes_to_large_city,
            regions.change_pct, regions.density_per_km2, towns.elevation_m,
            ages.median_age, towns.size_class,
            towns.role, towns.rank, regions.urban_rural, regions.mountain, regions.coastal,
            regions.border, regions.island, cases.geonameid is not null as is_case
        from marts.towns as towns
        left join marts.regions as regions on regions.nuts_id = towns.nuts_id
        left join marts.region_demography as ages
            on ages.nuts_id = towns.nuts_id and ages.nuts_version = 2021
        left join (select distinct geonameid from marts.case_studies) as cases
            on cases.geonameid = towns.geonameid
        order by towns.geonameid
        """
    )
    frame = table.to_pandas()
    settings = Settings.from_thresholds(thresholds(store))
    numbers = {n: scale(frame[n].to_numpy(dtype=float)) for n, (_, _, scale) in NUMBERS.items()}
    # A column without any value would leave no complete case for Mahalanobis.
    numbers = {n: v for n, v in numbers.items() if np.isfinite(v).any()}
    # Not from the frame: pandas writes NaN into a column of texts, and NaN is a class of its own.
    classes = {n: table[n].to_pylist() for n in CLASSES}
    position = {int(g): i for i, g in enumerate(frame["geonameid"])}
    return Prepared(frame, prepare(numbers, classes, settings, LOGARITHMS), position)


def _weights(space: Space, given: Mapping[str, float]) -> dict[str, float]:
    """Return the weight of each column: the house's own, times what the user gave (1 if none)."""
    base = dict.fromkeys(space.names, 1.0)
    base |= dict.fromkeys((n for n in CLASSES if n in base), space.settings.class_weight)
    if "population" in base:
        base["population"] = space.settings.population_weight
    if unknown := set(given) - set(base):
        raise InputError(f"weights for {sorted(unknown)}; allowed are {list(base)}")
    return {name: weight * given.get(name, 1.0) for name, weight in base.items()}


def labels(store: Store) -> dict[str, str]:
    """Return the columns that this database compares, with their labels."""
    return {name: LABELS[name] for name in prepared(store).space.names}


def _row(
    data: Prepared, i: int, j: int, distance: float, weights: dict[str, float]
) -> dict[str, Any]:
    shared, apart = compare(data.space, i, j, weights)
    me, other = data.frame.iloc[i], data.frame.iloc[j]
    return {
        "geonameid": int(other["geonameid"]),
        "name": other["name"],
        "country_name": other["country_name"],
        "population": int(other["population"]),
        "distance": distance,
        "is_case": bool(other["is_case"]),
        "shares": [(n, other[n]) for n in shared],
        "differs": [(n, other[n], me[n]) for n in apart],
    }


def usual_distance(store: Store, method: str, weights: tuple[tuple[str, float], ...]) -> float:
    """Return the distance to the nearest town beyond which nothing is close (about a second)."""
    space = prepared(store).space
    return store.memo(
        ("usual_distance", method, weights),
        lambda: usual_nearest(space, method, _weights(space, dict(weights))),
    )


def towns_like(
    store: Store,
    geonameid: int,
    method: str = "gower",
    weights: tuple[tuple[str, float], ...] = (),
    other_countries: bool = False,
    only_cases: bool = False,
    number: int = 10,
) -> LikeTowns:
    """Return the towns most like one.

    Parameters
    ----------
    method
        ``gower``, ``mahalanobis`` or ``ranks`` (:mod:`pipelines.similar.lookalike`).
    weights
        Pairs of column and factor from 0 on the column's own weight; 1 where not named.
    other_countries, only_cases
        Leave out towns of the same country; keep only towns of case studies.

    Raises
    ------
    InputError
        There is no such settlement.
    """
    table = nearest_towns(store, geonameid, method, weights, other_countries, only_cases, number)
    usual = usual_distance(store, method, weights)
    if len(table):
        table["is_close"] = table["distance"] <= usual
    return LikeTowns(table, usual, not (len(table) and table["is_close"].iloc[0]))


def nearest_towns(
    store: Store,
    geonameid: int,
    method: str = "gower",
    weights: tuple[tuple[str, float], ...] = (),
    other_countries: bool = False,
    only_cases: bool = False,
    number: int = 10,
) -> pd.DataFrame:
    """Return the table of :func:`towns_like` alone, without what distance is usual."""
    data = prepared(store)
    if geonameid not in data.position:
        raise InputError(f"there is no settlement with the GeoNames id '{geonameid}'")
    i, weighted = data.position[geonameid], _weights(data.space, dict(weights))
    # Mahalanobis measures numbers alone: classes then explain nothing.
    explained = dict.fromkeys(CLASSES, 0.0) if method == "mahalanobis" else weighted
    away = distances(data.space, i, method, weighted)
    allowed = shared_knowledge(data.space, i, weighted) >= data.space.settings.least_shared
    if other_countries:
        allowed &= (data.frame["country"] != data.frame["country"].iloc[i]).to_numpy()
    if only_cases:
        allowed &= data.frame["is_case"].to_numpy()
    neighbours = nearest(away, i, allowed, number)
    return pd.DataFrame([_row(data, i, int(j), float(away[j]), explained) for j in neighbours])
