"""Indicators of own places: per 10 000 people, variety, minutes to each type."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from pipelines.geo.nearest import SettlementTree
from pipelines.travel.constants import TravelConstants
from pipelines.travel.ends import trip_to_site_minutes
from pipelines.travel.network import Network
from pipelines.travel.paths import nearest

PER_PEOPLE = 10_000
# A place farther from every settlement than this belongs to none of them.
FARTHEST_KM = 15.0


def settlement_of(
    places: pa.Table, towns: pd.DataFrame, tree: SettlementTree | None = None
) -> np.ndarray:
    """Return for each place the position of its settlement in ``towns``, or -1.

    A stated ``geonameid`` decides; else the nearest settlement on the sphere within 15 km.

    Parameters
    ----------
    places
        As :func:`pipelines.places.own.read_own_places` returns them, or
        :func:`pipelines.places.osm.collect`, which state no settlement.
    towns
        ``geonameid``, ``lon``, ``lat`` (EPSG:4326).
    tree
        Of these settlements, where several tables are placed.
    """
    tree = tree or tree_of(towns)
    near, _ = tree.nearest(places["lon"].to_numpy(), places["lat"].to_numpy(), FARTHEST_KM)
    if "geonameid" not in places.column_names:
        return near
    if places["geonameid"].null_count == places.num_rows:
        return near
    stated = places["geonameid"].to_pandas().to_numpy(dtype=float, na_value=np.nan)
    position = {g: i for i, g in enumerate(towns["geonameid"])}
    named = np.array([position.get(int(g), -1) if np.isfinite(g) else -1 for g in stated])
    return np.where(np.isfinite(stated), named, near).astype(int)


def tree_of(towns: pd.DataFrame) -> SettlementTree:
    """Return the tree of settlements with ``lon`` and ``lat`` (EPSG:4326)."""
    return SettlementTree(towns["lon"].to_numpy(), towns["lat"].to_numpy())


def per_settlement(places: pa.Table, towns: pd.DataFrame) -> pd.DataFrame:
    """Return one row a settlement that has places, most places per person first.

    Parameters
    ----------
    places
        A user's own places.
    towns
        ``geonameid``, ``name``, ``country_name``, ``population``, ``lon``, ``lat``.

    Returns
    -------
    DataFrame
        ``geonameid, name, country_name, population, places, places_per_10000, types,
        variety, lon, lat`` (the settlement's). Events, bodies and programmes do not count as
        places.
    """
    town_index = settlement_of(places, towns)
    frame = pd.DataFrame({"town_index": town_index, "type": places["type"].to_pylist()})
    frame = frame[(town_index >= 0) & (np.array(places["kind"].to_pylist()) == "place")]
    counts = frame.groupby(["town_index", "type"]).size()
    totals = counts.groupby(level="town_index").sum()
    shares = counts / totals.reindex(counts.index, level="town_index")
    entropy = -(shares * np.log(shares)).groupby(level="town_index").sum()
    columns = ["geonameid", "name", "country_name", "population", "lon", "lat"]
    result: pd.DataFrame = towns.iloc[totals.index.to_numpy(dtype=int)][columns].reset_index(
        drop=True
    )
    result.insert(4, "places", totals.to_numpy())
    result.insert(5, "places_per_10000", PER_PEOPLE * result["places"] / result["population"])
    result.insert(6, "types", counts.groupby(level="town_index").size().to_numpy())
    # The effective number of types: exp of Shannon's entropy (Hill number of order 1).
    result.insert(7, "variety", np.exp(entropy).to_numpy())
    return result.sort_values(
        ["places_per_10000", "geonameid"], ascending=[False, True], ignore_index=True
    )


def reach_by_type(
    places: pa.Table,
    towns: pd.DataFrame,
    network: Network,
    travel: TravelConstants,
    minutes: tuple[float, ...] = (15, 30),
) -> pd.DataFrame:
    """Return for each type how many people have one within some minutes by car, and none.

    Counted are the settlements of the countries that the places state. A place is reached
    when its settlement is: ways inside a settlement are not counted.

    Parameters
    ----------
    places, towns
        As in :func:`per_settlement`; ``towns`` also has ``country``.
    network
        The settlement network (estimated minutes by car).
    travel
        Constants of the estimate: what the ends of a trip cost.
    minutes
        Bands, inclusive.

    Returns
    -------
    DataFrame
        ``type, places, people, within_<m> ..., without_<m> ...`` with a last row of all
        types together (``any``).
    """
    counted, by_type = _nearest_by_type(places, towns, network, travel)
    people = towns["population"].to_numpy(dtype=float)[counted]
    rows = []
    for name, (number, times) in by_type.items():
        row = {"type": name, "places": number, "people": int(people.sum())}
        for m in minutes:
            row[f"within_{m:g}"] = int(people[times <= m].sum())
            row[f"without_{m:g}"] = int(people[~(times <= m)].sum())
        rows.append(row)
    return pd.DataFrame(rows)


def minutes_by_type(
    places: pa.Table, towns: pd.DataFrame, network: Network, travel: TravelConstants
) -> pd.DataFrame:
    """Return for each settlement the minutes by car to the nearest place of each type.

    Parameters
    ----------
    places, towns, network, travel
        As in :func:`reach_by_type`, whose people are those of these rows.

    Returns
    -------
    DataFrame
        ``geonameid, name, country_name, population, minutes_<type> ..., minutes_any``, one
        row a settlement of the countries that the places state. 0 where the settlement has
        one itself, NaN where no way leads to one. Nearest means nearest of the places given.
    """
    counted, by_type = _nearest_by_type(places, towns, network, travel)
    names = ["geonameid", "name", "country_name", "population"]
    result = towns.loc[counted, names].reset_index(drop=True)
    for name, (_, times) in by_type.items():
        result[f"minutes_{name}"] = np.where(np.isfinite(times), times, np.nan)
    return result


def _nearest_by_type(
    places: pa.Table, towns: pd.DataFrame, network: Network, travel: TravelConstants
) -> tuple[np.ndarray, dict[str, tuple[int, np.ndarray]]]:
    """Return which towns count, and by type the number of places and those towns' minutes.

    The last type is ``any``: all places together. Minutes are infinite where there is no way.
    """
    town_index = settlement_of(places, towns)
    kind, types = np.array(places["kind"].to_pylist()), np.array(places["type"].to_pylist())
    usable = (town_index >= 0) & (kind == "place")
    node_of = {g: i for i, g in enumerate(network.settlements.geonameid.tolist())}
    node = np.array([node_of.get(g, -1) for g in towns["geonameid"].tolist()])
    # What a place states, not where its nearest settlement lies: that can be across the border.
    countries = set(np.array(places["country"].to_pylist(), dtype=object)[usable])
    counted = towns["country"].isin(countries).to_numpy() & (node >= 0)
    by_type = {}
    for name in [*sorted(set(types[usable])), "any"]:
        chosen = usable & ((types == name) | (name == "any"))
        goals = np.unique(node[town_index[chosen]])
        away, _ = nearest(network.graph, goals[goals >= 0])
        by_type[name] = int(chosen.sum()), trip_to_site_minutes(away[node[counted]], travel)
    return counted, by_type
