"""Meeting places of regions and settlements, where an OpenStreetMap set is attached.

What follows from the set is under the ODbL: it leaves by :func:`package` alone.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipelines.serve import crossing, export_notes, osm
from pipelines.serve.crossing_filter import CLASSES
from pipelines.serve.osm import OsmSet
from pipelines.serve.place_files import csv
from pipelines.serve.store import Store
from pipelines.serve.thresholds import thresholds

NOT_COVERED, NOT_MAPPED = osm.NOT_COVERED, osm.NOT_MAPPED
#: What a region can be: a class, or why there is none.
STATES = (*CLASSES["places"], NOT_MAPPED, NOT_COVERED)
LEVELS = (0, 1, 2, 3)


def of_regions(store: Store) -> pd.DataFrame | None:
    """Return what the attached set says of regions of all levels; None where there is none.

    Returns
    -------
    DataFrame
        ``nuts_id`` of regions that hold a covered settlement; ``few_places_share``: share of
        people (0 to 1) in settlements with fewer headline types than ``osm_few_types``, missing
        where too few of the region's people are covered or too many live where the map is thin
        (``thin_covered_share``);
        ``places_note``: why it is missing.

    Raises
    ------
    InputError
        A stored extract is damaged.
    """
    attached = osm.attached(store)
    if attached is None:
        return None
    towns = osm.towns(store)
    towns = towns[towns["part_of"].isna() & towns["nuts_id"].notna()]
    least = thresholds(store)["thin_covered_share"]
    return pd.concat([_of(attached, towns, least, level) for level in LEVELS], ignore_index=True)


def _of(attached: OsmSet, towns: pd.DataFrame, least: float, level: int) -> pd.DataFrame:
    """Return the regions of one level: sums of the people of the level below."""
    parts = attached.regions.dropna(subset=["nuts_id"])
    people = parts["people"].astype(float)
    sums = (
        pd.DataFrame(
            {
                "people": people,
                "few": people * parts["few_types_here_share"],
                "thin": people * parts["thinly_mapped_share"],
            }
        )
        .groupby(parts["nuts_id"].str[: 2 + level])
        .sum()
    )
    listed = towns.groupby(towns["nuts_id"].str[: 2 + level])["population"].sum()
    is_covered = sums["people"] >= least * listed[sums.index]
    is_mapped = 1 - sums["thin"] / sums["people"] >= least
    return pd.DataFrame(
        {
            "nuts_id": sums.index,
            "few_places_share": (sums["few"] / sums["people"]).where(is_covered & is_mapped),
            "places_note": np.select([~is_covered, ~is_mapped], [NOT_COVERED, NOT_MAPPED], ""),
        }
    ).reset_index(drop=True)


def of_level(store: Store, level: int) -> pd.DataFrame | None:
    """Return every region of a level, in map order, by its meeting places; None without a set.

    Returns
    -------
    DataFrame
        ``nuts_id``, ``few_places_share``, ``places_state`` (one of ``STATES``: what no extract
        covers is *not covered*, never without places).

    Raises
    ------
    InputError
        A stored extract is damaged.
    """
    places = of_regions(store)
    if places is None:
        return None
    every = store.frame(
        "select nuts_id from marts.regions where level = ? order by nuts_id", [level]
    )
    table = every.merge(places, on="nuts_id", how="left")
    state = crossing.places_class(table["few_places_share"], thresholds(store))
    note = table["places_note"].fillna(NOT_COVERED)
    return table[["nuts_id", "few_places_share"]].assign(places_state=state.fillna(note))


def package(store: Store, rows: pd.DataFrame, words: str, mart: str = "region_crossing") -> bytes:
    """Return regions that rest on meeting places as an archive with both notices.

    Parameters
    ----------
    store : Store
    rows : DataFrame
        Rows of :func:`pipelines.serve.crossing.regions`, or of another mart of regions.
    words : str
        The selection, in words.
    mart : str
        The mart whose columns they have.
    """
    table = osm.credited(rows.drop(columns=["cell", "is_selected"], errors="ignore"))
    notes = export_notes.readme_text(store, mart, export_notes.notes(store, mart, words))
    return osm.package({"regions.csv": csv(table), "README.txt": notes.encode()})


def selected(store: Store, level: int, ids: list[str], words: str) -> bytes:
    """Return rows of ``marts.regions`` with their meeting places as an archive with both notices.

    Parameters
    ----------
    store : Store
    level : int
    ids : list of str
        The regions.
    words : str
        The selection, in words.
    """
    rows = store.frame(
        "select * exclude (geometry) from marts.regions where nuts_id in "
        "(select unnest($ids::varchar[])) order by nuts_id",
        {"ids": ids},
    )
    places = of_level(store, level)
    table = rows if places is None else rows.merge(places, on="nuts_id", how="left")
    return package(store, table, words, "regions")
