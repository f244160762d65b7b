"""What if sites closed or opened: who is how much further from the nearest, by place and region.

The minutes come from :mod:`pipelines.serve.travel`; here they get names, regions and figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipelines.core.errors import InputError
from pipelines.io.numbers import number
from pipelines.serve import travel
from pipelines.serve.store import Store

#: More sites are no question about a place, and an address of them no browser takes.
MOST_CLOSED, MOST_OPENED = 40, 10
_NAME_CHARACTERS = 60
_SITE = "site_id, label, country, lon, lat, capacity, position_quality, position_note"


@dataclass(frozen=True, order=True)
class Opened:
    """A new site: degrees (EPSG:4326) to five places, about 1 m, and what it is called."""

    lat: float
    lon: float
    name: str = ""

    def in_address(self) -> str:
        """Return it as an address states it: ``lat,lon[,name]``."""
        place = f"{_degrees(self.lat)},{_degrees(self.lon)}"
        return f"{place},{self.name}" if self.name else place


def _degrees(value: float) -> str:
    return f"{value:.5f}".rstrip("0").rstrip(".")


def opened_at(lat: float, lon: float, name: str = "") -> Opened:
    """Return a new site whose place is rounded as an address states it."""
    return Opened(round(float(lat), 5), round(float(lon), 5), name[:_NAME_CHARACTERS].strip())


def opened_of(text: str) -> Opened:
    """Read ``lat,lon[,name]``.

    Raises
    ------
    InputError
        It has no two numbers, or they are no degrees.
    """
    lat_text, _mark, rest = text.partition(",")
    lon_text, _mark, name = rest.partition(",")
    lat, lon = number(lat_text.strip()), number(lon_text.strip())
    if lat is None or lon is None or abs(lat) > 90 or abs(lon) > 180:
        raise InputError(
            f"opened: '{text}' is no place; allowed: lat,lon or lat,lon,name with degrees and "
            "decimal points, for instance 50.97,9.79,Bebra"
        )
    return opened_at(lat, lon, name)


def sites(store: Store, service: str, ids: Iterable[str]) -> list[dict[str, Any]]:
    """Return the sites of a service that have these ids, in their order; others are left out.

    Columns: ``site_id, label, country, lon, lat, capacity, position_quality, position_note``.
    """
    stated = list(ids)
    rows = store.rows(
        f"select {_SITE} from marts.service_sites "  # noqa: S608 - columns are ours
        "where service = $service and site_id in (select unnest($ids::varchar[]))",
        {"service": service, "ids": stated},
    )
    by_id = {row["site_id"]: row for row in rows}
    return [by_id[site] for site in stated if site in by_id]


def sites_around(
    store: Store, service: str, lon: float, lat: float, number_of: int = 60
) -> list[dict[str, Any]]:
    """Return the sites that count nearest to a point by straight line, and ``distance_km``."""
    return store.rows(
        f"select {_SITE}, distance_km($lon, $lat, lon, lat) as distance_km "  # noqa: S608
        "from marts.service_sites where service = $service and geonameid is not null "
        "order by distance_km, site_id limit $n",
        {"service": service, "lon": lon, "lat": lat, "n": number_of},
    )


def settlement_near(store: Store, lon: float, lat: float, km: float) -> dict[str, Any] | None:
    """Return ``name, lon, lat`` of the largest settlement within some kilometres, or None."""
    rows = store.rows(
        "select name, lon, lat from marts.towns "
        "where abs(lat - $lat) < $km / 100 and distance_km($lon, $lat, lon, lat) <= $km "
        "order by population desc nulls last, geonameid limit 1",
        {"lon": lon, "lat": lat, "km": km},
    )
    return rows[0] if rows else None


def uncertain_sites(store: Store, service: str) -> dict[str, int]:
    """Return how many of a service's sites stand where nobody is sure, by what is uncertain."""
    rows = store.rows(
        "select position_note, count(*) as sites from marts.service_sites "
        "where service = ? and position_note is not null group by 1 order by 2 desc, 1",
        [service],
    )
    return {row["position_note"]: row["sites"] for row in rows}


def site_notes(store: Store, service: str) -> NDArray[np.object_]:
    """Return what is uncertain of each site that counts, in the order of the map file."""
    rows = store.column(
        "select position_note from marts.service_sites "
        "where service = ? and geonameid is not null order by site_id",
        [service],
    )
    return np.array(rows, dtype=object)


def site_ids(store: Store, service: str) -> dict[str, int]:
    """Return the position in the map file of each site that counts, by its id."""
    rows = store.column(
        "select site_id from marts.service_sites "
        "where service = ? and geonameid is not null order by site_id",
        [service],
    )
    return {site: i for i, site in enumerate(rows)}


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What a change does to people.

    Attributes
    ----------
    losing, gaining, stranded : int
        People whose way becomes longer, shorter, or who are left with none.
    mean_added, most_added : float or None
        Minutes that a person of them loses on average, and at most; None: nobody does.
    mean_saved : float or None
        Minutes that a person gains on average.
    beyond_before, beyond_after : int
        People of the places that change beyond the limit.
    """

    losing: int
    gaining: int
    stranded: int
    mean_added: float | None
    most_added: float | None
    mean_saved: float | None
    beyond_before: int
    beyond_after: int


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a change does.

    Attributes
    ----------
    towns : DataFrame
        Settlements whose minutes change, those of most people times minutes first:
        ``geonameid, position`` (in map order)``, name, country_name, nuts_id, region_name, lon,
        lat, population, people`` (0 for a part, whose people its whole counts)``,
        minutes_before, minutes_after, change_min, nearest_before, nearest_after``.
    regions : DataFrame
        NUTS-3 regions in which some change: ``nuts_id, name, people`` (of all settlements with
        known minutes)``, people_changed, mean_before, mean_after, change_min`` (means over
        people who reach one before and after)``, beyond_before, beyond_after``.
    figures : Figures
    instead : DataFrame
        Which sites are nearest now where a closed one was, those of most people first: ``closed,
        instead`` (names)``, people, settlements, minutes_before, minutes_after`` (means over
        settlements). A site that was nobody's nearest has no people; ``instead`` is then the
        nearest of the settlement in which it lies.
    """

    towns: pd.DataFrame
    regions: pd.DataFrame
    figures: Figures
    instead: pd.DataFrame


def answer(
    store: Store,
    service: str,
    closed: Sequence[str],
    opened: Sequence[Opened],
    limit: float,
) -> Answer:
    """Compare minutes to the nearest site before and after a change.

    Parameters
    ----------
    service : str
    closed : sequence of str
        Ids of the sites that close.
    opened : sequence of Opened
        Where sites open.
    limit : float
        Minutes beyond which people are counted.

    Raises
    ------
    InputError
        An id is no site's that counts, or a new one is near no settlement.
    """
    scenario = travel.scenario(store, service)
    moved = scenario.ask_at(closed, [(site.lon, site.lat) for site in opened], with_unchanged=True)
    places = _places(store)
    labels = _labels(store, service, moved, closed, opened)
    instead = _instead(scenario, moved, places, labels, closed)
    differs = moved["minutes_before"].ne(moved["minutes_after"])
    # Two missing ones are equal: none is reached, before and after.
    changed = moved[differs & moved[["minutes_before", "minutes_after"]].notna().any(axis=1)]
    rows = places.iloc[changed["position"].to_numpy()].reset_index(drop=True)
    towns = rows.assign(
        position=changed["position"].to_numpy(),
        minutes_before=changed["minutes_before"].to_numpy(dtype=float),
        minutes_after=changed["minutes_after"].to_numpy(dtype=float),
    )
    towns["change_min"] = towns["minutes_after"] - towns["minutes_before"]
    towns["nearest_before"] = changed["nearest_before"].map(labels).to_numpy()
    towns["nearest_after"] = _after(changed).map(labels).to_numpy()
    size = towns["change_min"].abs().fillna(np.inf) * towns["people"]
    order = size.sort_values(ascending=False, kind="stable").index
    regions = _regions(places, scenario, towns, limit)
    return Answer(
        towns=towns.loc[order].reset_index(drop=True),
        regions=regions,
        figures=_figures(towns, limit),
        instead=instead,
    )


def _after(changed: pd.DataFrame) -> pd.Series:
    """Return the id of the nearest site after a change; that of a new one is its number."""
    return changed["nearest_after"].astype(object).fillna(changed["added_after"].astype(object))


def _labels(
    store: Store,
    service: str,
    changed: pd.DataFrame,
    closed: Sequence[str],
    opened: Sequence[Opened],
) -> dict[Any, str]:
    """Return the names of the sites of a change by id, and of the new ones by number."""
    known = {*changed["nearest_before"].dropna(), *changed["nearest_after"].dropna(), *closed}
    names: dict[Any, str] = {row["site_id"]: row["label"] for row in sites(store, service, known)}
    return names | {i: site.name or site.in_address() for i, site in enumerate(opened)}


def _instead(
    scenario: travel.Scenario,
    moved: pd.DataFrame,
    places: pd.DataFrame,
    labels: dict[Any, str],
    closed: Sequence[str],
) -> pd.DataFrame:
    """Return which sites take the place of those that close; see :attr:`Answer.instead`."""
    rows = moved.assign(
        people=places["people"].to_numpy()[moved["position"]],
        instead=_after(moved),
    )
    snapped = scenario.what_if.nearest.snapped
    home = dict(zip(snapped.sites.ids.tolist(), snapped.node.tolist(), strict=True))
    unused = [site for site in dict.fromkeys(closed) if site not in set(moved["closed"])]
    own = [
        rows[rows["position"] == home[site]].assign(closed=site, people=0, settlements=0)
        for site in unused
    ]
    table = pd.concat([rows[rows["closed"].notna()].assign(settlements=1), *own])
    sums = table.groupby(["closed", "instead"], dropna=False, sort=False).agg(
        people=("people", "sum"),
        settlements=("settlements", "sum"),
        minutes_before=("minutes_before", "mean"),
        minutes_after=("minutes_after", "mean"),
    )
    whole: pd.DataFrame = sums.reset_index()
    whole = whole.astype({"people": "int64", "settlements": "int64"})
    for column in ("closed", "instead"):
        whole[column] = whole[column].map(labels)
    order: pd.DataFrame = whole.sort_values("people", ascending=False, kind="stable")
    return order.reset_index(drop=True)


def _places(store: Store) -> pd.DataFrame:
    """Return all settlements in map order with what is said of them."""
    return store.memo(
        "whatif_places",
        lambda: store.frame(
            "select geonameid, name, country_name, nuts_id, region_name, lon, lat, population, "
            "case when part_of is null then coalesce(population, 0) else 0 end as people "
            "from marts.towns order by geonameid"
        ),
    )


def _figures(towns: pd.DataFrame, limit: float) -> Figures:
    people = towns["people"].to_numpy(dtype=float)
    change = towns["change_min"].to_numpy(dtype=float)
    before, after = (
        towns[name].to_numpy(dtype=float) for name in ("minutes_before", "minutes_after")
    )
    loses, gains = change > 0, change < 0
    reached = ~np.isnan(before)
    inhabited = loses & (people > 0)
    return Figures(
        losing=int(people[loses].sum()),
        gaining=int(people[gains].sum()),
        stranded=int(people[reached & np.isnan(after)].sum()),
        mean_added=_mean(change, people, loses),
        most_added=float(change[inhabited].max()) if inhabited.any() else None,
        mean_saved=_mean(-change, people, gains),
        beyond_before=int(people[~(before <= limit)].sum()),
        beyond_after=int(people[~(after <= limit)].sum()),
    )


def _mean(
    values: NDArray[np.float64], people: NDArray[np.float64], where: NDArray[np.bool_]
) -> float | None:
    weight = people[where].sum()
    return float((values[where] * people[where]).sum() / weight) if weight else None


def _regions(
    places: pd.DataFrame, scenario: travel.Scenario, towns: pd.DataFrame, limit: float
) -> pd.DataFrame:
    """Sum up the regions in which minutes change, over all their settlements with known ones."""
    before = scenario.what_if.nearest.minutes[:, 0]
    after = before.copy()
    after[towns["position"]] = towns["minutes_after"].fillna(np.inf)
    touched = towns["nuts_id"].dropna().unique()
    rows = np.flatnonzero(places["nuts_id"].isin(touched).to_numpy() & scenario.is_covered)
    some = places.iloc[rows]
    people = some["people"].to_numpy(dtype=float)
    first, last = before[rows], after[rows]
    both = np.isfinite(first) & np.isfinite(last)
    weight = np.where(both, people, 0.0)
    sums = pd.DataFrame(
        {
            "nuts_id": some["nuts_id"].to_numpy(),
            "people": people,
            "people_changed": np.where(first != last, people, 0.0),
            "weight": weight,
            "before": np.where(both, first, 0.0) * weight,
            "after": np.where(both, last, 0.0) * weight,
            "beyond_before": np.where(first <= limit, 0.0, people),
            "beyond_after": np.where(last <= limit, 0.0, people),
        }
    )
    table = sums.groupby("nuts_id", sort=True).sum().reset_index()
    names = some.drop_duplicates("nuts_id").set_index("nuts_id")["region_name"]
    table.insert(1, "name", table["nuts_id"].map(names))
    weights = table["weight"].where(table["weight"] > 0)
    table["mean_before"], table["mean_after"] = table["before"] / weights, table["after"] / weights
    table["change_min"] = table["mean_after"] - table["mean_before"]
    counts = ["people", "people_changed", "beyond_before", "beyond_after"]
    table[counts] = table[counts].astype("int64")
    order = ["people_changed", "nuts_id"]
    columns = ["nuts_id", "name", "people", "people_changed", "mean_before", "mean_after"]
    columns += ["change_min", "beyond_before", "beyond_after"]
    return table.sort_values(order, ascending=[False, True])[columns].reset_index(drop=True)
