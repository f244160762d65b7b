"""Where regions shrink and are thin at once: trend by deserts, remoteness and meeting places.

Classes are those of the macro ``marts.crossing`` that the build called, with the thresholds that a
user moves. Meeting places come from an OpenStreetMap set beside the database, where there is one;
they never enter a mart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from pipelines.core.errors import InputError
from pipelines.serve.crossing_filter import CLASSES, QUADRANTS, TRENDS, CrossingFilter
from pipelines.serve.store import Store
from pipelines.serve.thresholds import refuse_disorder, thresholds

# What a user may move on the page.
MOVABLE = (
    "trend_stable_annual_pct",
    "thin_desert_share",
    "thin_places_share",
    "thin_few_share",
    "remoteness_close_share",
)
IN_BETWEEN = "in between"
MOST_SETTLEMENTS = 300
_MOVED = "marts.crossing(map($names::varchar[], $values::double[])) where level = $level"


def _source(store: Store, selection: CrossingFilter) -> tuple[str, dict[str, Any]]:
    """Return the rows of a level as a FROM term with its parameters."""
    if unknown := sorted({name for name, _ in selection.moved} - set(MOVABLE)):
        raise InputError(f"threshold '{unknown[0]}' cannot be moved; allowed are {MOVABLE}")
    if not selection.moved:
        return "marts.region_crossing where level = $level", {"level": selection.level}
    refuse_disorder(store, selection.moved)
    names, values = zip(*selection.moved, strict=True)
    return _MOVED, {"level": selection.level, "names": list(names), "values": list(values)}


def _classes(store: Store, selection: CrossingFilter) -> pd.DataFrame:
    source, parameters = _source(store, selection)
    return store.memo(
        ("crossing", selection.level, selection.moved),
        lambda: store.frame(
            f"select * exclude (geometry) from {source} order by nuts_id",  # noqa: S608
            parameters,
        ),
    )


def regions(
    store: Store, selection: CrossingFilter, places: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return every region of a level in map order, crossed.

    Parameters
    ----------
    store : Store
    selection : CrossingFilter
    places : DataFrame, optional
        ``nuts_id``, ``few_places_share`` (0 to 1, missing where not covered) of the regions
        that an OpenStreetMap set covers.

    Returns
    -------
    DataFrame
        The columns of ``marts.region_crossing`` without outlines, ``few_places_share``,
        ``places_class``; ``cell`` (``trend|class`` of the dimension that the trend is crossed
        with), ``corner`` (name of its quadrant, ``in between``; missing is no data), and
        ``is_selected``.

    Raises
    ------
    InputError
        A threshold that cannot be moved, or values that break an order.
    """
    table = _classes(store, selection)
    share = pd.Series(np.nan, index=table.index)
    if places is not None:
        share = table["nuts_id"].map(places.set_index("nuts_id")["few_places_share"])
    limits = {**thresholds(store), **dict(selection.moved)}
    table = table.assign(
        few_places_share=share.astype(float), places_class=places_class(share, limits)
    )
    steps = table[f"{selection.by}_class"]
    known = table["trend"].notna() & steps.notna()
    cell = (table["trend"] + "|" + steps).where(known)
    table = table.assign(cell=cell, corner=_corners(cell, selection.by))
    return table.assign(is_selected=selection.fits(table))


def places_class(share: pd.Series, limits: Mapping[str, float]) -> pd.Series:
    """Return the class by the share of people with few types of places in their settlement."""
    numbers = share.astype(float)
    remain, part, few = CLASSES["places"]
    named = np.select(
        [numbers > limits["thin_places_share"], numbers > limits["thin_few_share"]],
        [few, part],
        remain,
    )
    return pd.Series(named, index=share.index, dtype="string").where(numbers.notna())


def _corners(cell: pd.Series, by: str) -> pd.Series:
    """Return the quadrant of each cell."""
    low, _middle, high = CLASSES[by]
    ends = [(trend, step) for trend in (TRENDS[0], TRENDS[2]) for step in (high, low)]
    names = {
        f"{trend}|{step}": name for (trend, step), name in zip(ends, QUADRANTS[by], strict=True)
    }
    return cell.map(lambda value: names.get(value, IN_BETWEEN), na_action="ignore").astype("string")


def summary(table: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return the selected regions of each quadrant: how many, their people, and what else is so.

    Returns
    -------
    DataFrame
        ``corner, regions, population_end, desert_people, unserved, remote, few_places``, the last
        three counts of regions, in the order of ``QUADRANTS`` with ``in between`` last.
    """
    chosen = table[table["is_selected"] & table["corner"].notna()]
    marks = chosen.assign(
        unserved=chosen["desert_class"] == CLASSES["desert"][-1],
        remote=chosen["remote_class"] == CLASSES["remote"][-1],
        few_places=chosen["places_class"] == CLASSES["places"][-1],
    )
    counts = marks.groupby("corner").agg(
        regions=("nuts_id", "count"),
        population_end=("population_end", "sum"),
        desert_people=("desert_people", "sum"),
        unserved=("unserved", "sum"),
        remote=("remote", "sum"),
        few_places=("few_places", "sum"),
    )
    return counts.reindex([*QUADRANTS[by], IN_BETWEEN]).fillna(0).reset_index()


def ordered(table: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return regions in the order of the quadrants, those most thin first; no data comes last."""
    order = {name: place for place, name in enumerate([*QUADRANTS[by], IN_BETWEEN])}
    share = "few_places_share" if by == "places" else f"{by}_share"
    keys = table.assign(place=table["corner"].map(order).astype(float), thin=table[share])
    keys = keys.sort_values(
        ["place", "thin", "nuts_id"], ascending=[True, False, True], na_position="last"
    )
    return keys.drop(columns=["place", "thin"])


def rows(store: Store, selection: CrossingFilter, ids: list[str]) -> pa.Table:
    """Return some regions with all columns of ``marts.region_crossing``, for a download."""
    source, parameters = _source(store, selection)
    return store.arrow(
        f"select * from {source} and nuts_id in (select unnest($ids)) order by nuts_id",  # noqa: S608
        {**parameters, "ids": ids},
    )


def settlements(
    store: Store, level: int, ids: Sequence[str], most: int = MOST_SETTLEMENTS
) -> pd.DataFrame:
    """Return the settlements in service deserts of some regions of a level, the largest first.

    Returns
    -------
    DataFrame
        ``geonameid, name, country_name, region_name, population, size_class, tiers_beyond,
        minutes_to_city, remoteness``; of all sizes but parts of larger places, ``most`` at most.
        The attribute ``total`` says how many there are.
    """
    largest = store.frame(
        """
        select
            towns.geonameid, towns.name, towns.country_name, towns.region_name, towns.population,
            towns.size_class, deserts.tiers_beyond, towns.minutes_to_city, towns.remoteness,
            count(*) over () as total
        from marts.towns as towns
        inner join marts.town_deserts as deserts using (geonameid)
        where deserts.is_service_desert
            and towns.part_of is null
            and left(towns.nuts_id, 2 + $level) in (select unnest($ids))
        order by towns.population desc, towns.geonameid
        limit $most
        """,
        {"level": level, "ids": list(ids), "most": most},
    )
    total = int(largest["total"].iloc[0]) if len(largest) else 0
    result = largest.drop(columns="total")
    result.attrs["total"] = total
    return result


def settlement_rows(store: Store, level: int, ids: Sequence[str]) -> pa.Table:
    """Return the settlements in service deserts of some regions, for a download."""
    return store.arrow(
        "select * from marts.town_deserts where is_service_desert "
        "and left(nuts_id, 2 + $level) in (select unnest($ids)) order by geonameid",
        {"level": level, "ids": list(ids)},
    )
