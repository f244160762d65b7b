"""The area that an answer about own facilities is about: their regions, a country, a radius."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from pipelines.core.errors import InputError
from pipelines.geo.nearest import SettlementTree
from pipelines.serve.reach import network
from pipelines.serve.sheet_parts import plain_number
from pipelines.serve.store import Store
from pipelines.serve.texts import N_, _
from pipelines.serve.thresholds import thresholds

NEAR, COUNTRY, REGION, RADIUS = "near", "country", "region", "radius"
KINDS = {
    NEAR: N_("Regions of the facilities and their neighbours"),
    COUNTRY: N_("Countries"),
    REGION: N_("A region"),
    RADIUS: N_("A radius around the facilities"),
}


@dataclass(frozen=True, kw_only=True)
class StudyArea:
    """Settlements that an answer is about.

    Attributes
    ----------
    positions : ndarray of int
        Positions of the settlements in map order.
    text : str
        What the area is: a key of the catalogue, or names; see :attr:`words`.
    facts : dict of str to str
        What is filled in.
    """

    positions: NDArray[np.int64]
    text: str
    facts: Mapping[str, str]

    @property
    def words(self) -> str:
        """What the area is, in the language in use."""
        return _(self.text).format(**self.facts)


_Area = tuple[NDArray[np.bool_], str, dict[str, str]]
_NAMED = "{names}"


@dataclass(frozen=True, kw_only=True)
class AreaChoice:
    """How an area is chosen: a key of :data:`KINDS` and its value.

    Attributes
    ----------
    kind : str
    countries : tuple of str
        Eurostat's codes, for :data:`COUNTRY`; none: those of the facilities.
    region : str
        Code of NUTS 2021 of any level, for :data:`REGION`.
    radius_km : float or None
        Straight line, for :data:`RADIUS`; None: ``facility_area_radius_km``.
    """

    kind: str = NEAR
    countries: tuple[str, ...] = ()
    region: str = ""
    radius_km: float | None = None


def _homes(store: Store) -> pd.DataFrame:
    """Return country and NUTS-3 region of all settlements in map order."""
    return store.memo(
        "study_area_homes",
        lambda: store.frame(
            "select country, country_name, nuts_id from marts.towns order by geonameid"
        ),
    )


def neighbours(store: Store) -> dict[str, set[str]]:
    """Return by NUTS-3 region those whose outline touches its own."""

    def make() -> dict[str, set[str]]:
        rows = store.arrow(
            "select nuts_id, geometry from marts.regions where level = 3 and geometry is not null"
        )
        codes = rows["nuts_id"].to_pylist()
        shapes = shapely.from_wkb(rows["geometry"].to_pylist())
        pairs = shapely.STRtree(shapes).query(shapes, predicate="intersects")
        touching: dict[str, set[str]] = {code: set() for code in codes}
        for one, other in pairs.T.tolist():
            if one != other:
                touching[codes[one]].add(codes[other])
        return touching

    return store.memo("study_area_neighbours", make)


def study_area(
    store: Store, lon: NDArray[np.float64], lat: NDArray[np.float64], choice: AreaChoice
) -> StudyArea:
    """Return the settlements that an answer about facilities is about.

    Parameters
    ----------
    lon, lat : ndarray, shape (m,)
        The facilities, EPSG:4326.
    choice : AreaChoice

    Raises
    ------
    InputError
        There is no such region, or no settlement lies in the area.
    """
    radius = choice.radius_km or float(thresholds(store)["facility_area_radius_km"])
    makers = {
        NEAR: lambda: _near(store, lon, lat, radius),
        COUNTRY: lambda: _countries(store, lon, lat, choice.countries),
        REGION: lambda: _region(store, choice.region),
        RADIUS: lambda: _radius(store, lon, lat, radius),
    }
    mask, text, facts = makers[choice.kind]()
    area = StudyArea(positions=np.flatnonzero(mask), text=text, facts=facts)
    if not len(area.positions):
        words = area.words
        raise InputError(f"study area: no settlement lies in it ({words}); choose a larger one")
    return area


def _homes_of(
    store: Store, lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Return the settlements at which facilities stand; those far from all are left out."""
    nodes = network(store).settlements
    most = float(thresholds(store)["travel_access_max_km"])
    node, _km = SettlementTree(nodes.lon, nodes.lat).nearest(lon, lat, most)
    return np.unique(node[node >= 0])


def _near(store: Store, lon: NDArray[np.float64], lat: NDArray[np.float64], radius: float) -> _Area:
    homes = _homes(store)
    own = set(homes["nuts_id"].iloc[_homes_of(store, lon, lat)].dropna())
    if not own:  # countries without NUTS regions
        return _radius(store, lon, lat, radius)
    touching = neighbours(store)
    around = set().union(*(touching.get(code, set()) for code in own)) - own
    text = N_("{own} NUTS-3 regions of the facilities and {more} beside them")
    if len(own) == 1:
        text = N_("the NUTS-3 region of the facilities and {more} beside it")
    mask = homes["nuts_id"].isin(own | around).to_numpy()
    return mask, text, {"own": plain_number(len(own)), "more": plain_number(len(around))}


def _countries(
    store: Store,
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    countries: Sequence[str],
) -> _Area:
    homes = _homes(store)
    codes = list(countries) or sorted(set(homes["country"].iloc[_homes_of(store, lon, lat)]))
    mask = homes["country"].isin(codes).to_numpy()
    names = homes.loc[mask, "country_name"].unique().tolist()
    return mask, _NAMED, {"names": ", ".join(sorted(names)) or ", ".join(codes)}


def _region(store: Store, code: str) -> _Area:
    rows = store.rows("select name from marts.regions where nuts_id = ?", [code])
    if not rows:
        raise InputError(
            f"study area: there is no region with the code '{code}'; allowed is a code of NUTS "
            "2021 of any level, for instance DE733 or DE7"
        )
    codes = _homes(store)["nuts_id"].fillna("").str.startswith(code)
    names = {"names": f"{rows[0]['name']} ({code})"}
    return codes.to_numpy(dtype=bool), _NAMED, names


def _radius(
    store: Store, lon: NDArray[np.float64], lat: NDArray[np.float64], radius: float
) -> _Area:
    nodes = network(store).settlements
    near, _km = SettlementTree(lon, lat).nearest(nodes.lon, nodes.lat, radius)
    return near >= 0, N_("{n} km around each facility"), {"n": f"{radius:g}"}
