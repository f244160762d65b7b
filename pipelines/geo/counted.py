"""People of settlements, counted once: figures that are too large, parts of larger places.

GeoNames often gives a municipality's total at its seat and lists the villages beside it, or
a city's total and its boroughs beside it. A part keeps its own figure; whoever counts people
or towns leaves it out, for the place that it is part of counts it already.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy.spatial import cKDTree

from pipelines.core.thresholds import Thresholds
from pipelines.geo.sphere import chord, unit_vectors

_COLUMNS = {
    "listed": ["geonameid", "lon", "lat", "population", "stated_population", "is_agglomeration"],
    "place": ["geonameid", "nuts_id", "section_of"],
    "municipality": [
        "geonameid",
        "municipality_code",
        "lau_population",
        "greater_city_id",
        "greater_city_population",
    ],
}
_NONE = -1


def capped(places: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the people of each place and what they rest on.

    A stated figure goes first. No place has more people than its municipality, or than its
    region; the largest place of a greater city may have that city's people, and a place
    that is stated to be an agglomeration spreads beyond its region.

    Parameters
    ----------
    places : DataFrame, n rows
        ``population, stated_population, lau_population, greater_city_id,
        greater_city_population, official_people, is_agglomeration``.

    Returns
    -------
    people : ndarray of int, shape (n,)
    basis : ndarray of str, shape (n,)
        ``list``, ``stated``, ``municipality`` or ``region``.
    """
    stated = places["stated_population"].astype(float)
    people = stated.fillna(places["population"].astype(float)).to_numpy()
    basis = np.where(stated.notna(), "stated", "list").astype(object)
    largest = places.assign(people=people).groupby("greater_city_id")["people"].transform("max")
    is_centre = (largest == people) & (people > places["lau_population"].astype(float))
    unit = places["lau_population"].astype(float)
    unit = unit.where(~is_centre, places["greater_city_population"].astype(float)).fillna(np.inf)
    region = places["official_people"].astype(float)
    region = region.where(~places["is_agglomeration"].astype(bool)).fillna(np.inf)
    for name, most in (("municipality", unit.to_numpy()), ("region", region.to_numpy())):
        basis[people > most] = name
        people = np.minimum(people, most)
    return people.astype(np.int64), basis


@dataclass
class Count:
    """Settlements while their parts are told: index of the whole (-1: none) and the reason."""

    places: pd.DataFrame
    people: np.ndarray
    basis: np.ndarray
    limits: Thresholds
    whole: np.ndarray = field(init=False)
    reason: np.ndarray = field(init=False)
    xyz: np.ndarray = field(init=False)
    seat: np.ndarray = field(init=False)
    region: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        n = len(self.places)
        self.whole = np.full(n, _NONE)
        self.reason = np.full(n, None, dtype=object)
        self.xyz = unit_vectors(self.places["lon"].to_numpy(), self.places["lat"].to_numpy())
        self.seat = self._seats()
        self.region = pd.factorize(self.places["nuts_id"])[0]

    def _seats(self) -> np.ndarray:
        """Return the largest place of each place's municipality, -1 for itself or no code."""
        coded = pd.DataFrame({"code": self.places["municipality_code"], "people": self.people})
        coded = coded.dropna(subset="code").sort_values("people", ascending=False, kind="stable")
        seats = np.full(len(self.places), _NONE)
        first = coded.assign(seat=coded.index).groupby("code")["seat"].transform("first")
        seats[coded.index] = first
        seats[seats == np.arange(len(seats))] = _NONE
        return seats

    @property
    def is_whole(self) -> np.ndarray:
        """Places that are no part of another."""
        return np.asarray(self.whole == _NONE)

    def take(self, parts: np.ndarray, wholes: np.ndarray, reason: str) -> None:
        """Make places (indices) parts of others, unless they are parts already."""
        free = self.whole[parts] == _NONE
        self.whole[parts[free]], self.reason[parts[free]] = wholes[free], reason

    def settled(self) -> pd.Series:
        """Return the share of a region's official people that wholes sum to, by place (n,)."""
        counted = pd.Series(np.where(self.is_whole, self.people, 0))
        sums = counted.groupby(self.places["nuts_id"]).transform("sum")
        return sums / self.places["official_people"].astype(float)

    def is_over(self) -> np.ndarray:
        """Places in a region whose settlements sum to more people than live there."""
        return np.asarray(self.settled() > self.limits["settled_over_share"], dtype=bool)

    def is_total(self) -> np.ndarray:
        """Places whose seat has at least as many people as all others of the municipality."""
        sums = pd.Series(self.people).groupby(self.places["municipality_code"]).transform("sum")
        is_most = 2 * self.people[self.seat] >= sums.to_numpy()
        return np.asarray(is_most & (self.seat != _NONE))

    def radius(self) -> np.ndarray:
        """Return the chord of the disc that each place fills at urban-centre density."""
        area = self.people / self.limits["section_density_per_km2"]
        return np.asarray(chord(np.sqrt(area / np.pi)))


def by_municipality(count: Count) -> None:
    """Tell parts of municipalities whose seat carries the total, by Eurostat's list.

    The seat gets the municipality's people: its own figure is that total of another year.
    """
    unit = count.places["lau_population"].astype(float).to_numpy()
    sums = pd.Series(count.people).groupby(count.places["municipality_code"]).transform("sum")
    parts = np.flatnonzero((count.seat != _NONE) & (sums.to_numpy() > unit))
    share = count.people[count.seat[parts]] / unit[count.seat[parts]]
    parts = parts[share >= count.limits["municipality_seat_share"]]
    count.take(parts, count.seat[parts], "municipality total")
    seats = np.unique(count.seat[parts])
    seats = seats[count.people[seats] < unit[seats]]
    count.people[seats], count.basis[seats] = unit[seats].astype(np.int64), "municipality"


def by_code(count: Count) -> None:
    """Tell parts by code alone where the list does not know the municipality.

    A place in the disc of a city of its own municipality is a borough. Any other place of
    the municipality is a part where the region's settlements sum to too many people and the
    seat's figure can be a total, which is no smaller than the sum of its parts.
    """
    unknown = count.places["lau_population"].isna().to_numpy()
    mine = np.flatnonzero((count.seat != _NONE) & unknown)
    seats = count.seat[mine]
    inside = np.linalg.norm(count.xyz[mine] - count.xyz[seats], axis=1) <= count.radius()[seats]
    inside &= count.people[seats] >= count.limits["section_city_min"]
    count.take(mine[inside], seats[inside], "borough")
    over = (count.is_over() & count.is_total())[mine]
    count.take(mine[over], seats[over], "municipality total, by the region's sum")


def by_disc(count: Count) -> None:
    """Tell boroughs without a code of their city, where a region's sum is too large.

    A city takes the smaller places of its region in its disc, unless its figure is within
    its municipality, which cannot hold another one. If all together would leave too few
    people, the nearest go until the sum is no longer too large.
    """
    over, radius = count.is_over(), count.radius()
    unit = count.places["lau_population"].astype(float).fillna(0).to_numpy()
    is_city = count.is_whole & over & (count.people >= count.limits["section_city_min"])
    is_city &= (unit == 0) | (count.people > unit)
    cities = np.flatnonzero(is_city)
    cities = cities[np.argsort(-count.people[cities], kind="stable")]
    free = np.flatnonzero(count.is_whole & over)
    if not len(free):
        return
    near = cKDTree(count.xyz[free]).query_ball_point(count.xyz[cities], radius[cities])
    for city, members in zip(cities, near, strict=True):
        if count.whole[city] != _NONE:
            continue
        parts = free[np.asarray(members, dtype=int)]
        parts = parts[count.region[parts] == count.region[city]]
        parts = parts[count.whole[parts] == _NONE]
        parts = parts[count.people[parts] < count.people[city]]
        if len(parts):
            _take_nearest(count, int(city), parts)


def _take_nearest(count: Count, city: int, parts: np.ndarray) -> None:
    """Give a city all of the parts, or the nearest of them; see :func:`by_disc`."""
    official = float(count.places["official_people"].iloc[city])
    same_region = (count.region == count.region[city]) & count.is_whole
    total = count.people[same_region].sum() / official
    away = np.linalg.norm(count.xyz[parts] - count.xyz[city], axis=1)
    parts = parts[np.argsort(away, kind="stable")]
    remaining = total - np.cumsum(count.people[parts]) / official
    if remaining[-1] < count.limits["settled_low_share"]:
        before = np.concatenate([[total], remaining[:-1]])
        parts = parts[before > count.limits["settled_over_share"]]
    count.take(parts, np.full(len(parts), city), "borough, by the region's sum")


RULES: tuple[Callable[[Count], None], ...] = (by_municipality, by_code, by_disc)


def count_once(tables: Mapping[str, pa.Table]) -> pa.Table:
    """Tell the people of each settlement and the place it is part of (a Python model).

    Parameters
    ----------
    tables
        ``indicators.ind_settlement__listed``, ``.ind_settlement__place``,
        ``.ind_settlement__municipality``, ``.ind_region__official_people`` and
        ``seeds.thresholds``.

    Returns
    -------
    pyarrow.Table
        ``geonameid, population, population_basis, part_of, part_reason``. Sections have no
        part in it: they are no places of their own.
    """
    listed, place, municipality = (
        tables[f"indicators.ind_settlement__{name}"].select(columns).to_pandas()
        for name, columns in _COLUMNS.items()
    )
    official = tables["indicators.ind_region__official_people"].to_pandas()
    places = listed.merge(place, on="geonameid").merge(municipality, on="geonameid")
    places = places.merge(official, on="nuts_id", how="left").sort_values("geonameid")
    people, basis = capped(places.reset_index(drop=True))
    own = places["section_of"].isna().to_numpy()
    count = Count(
        places[own].reset_index(drop=True),
        people[own],
        basis[own],
        Thresholds.of_table(tables["seeds.thresholds"]),
    )
    for rule in RULES:
        rule(count)
    ids = places["geonameid"].to_numpy()
    part_of, reason = np.zeros(len(ids), dtype=np.int64), np.full(len(ids), None, dtype=object)
    part_of[own] = np.where(count.is_whole, 0, ids[own][roots(count.whole)])
    reason[own] = count.reason
    people[own], basis[own] = count.people, count.basis
    return pa.table(
        {
            "geonameid": ids,
            "population": people,
            "population_basis": pa.array(basis, pa.string()),
            "part_of": pa.array(part_of, pa.int32(), mask=part_of == 0),
            "part_reason": pa.array(reason, pa.string()),
        }
    )


def roots(whole: np.ndarray) -> np.ndarray:
    """Follow parts of parts to the place that is part of none."""
    root = np.where(whole == _NONE, np.arange(len(whole)), whole)
    while (root[root] != root).any():
        root = root[root]
    return root
