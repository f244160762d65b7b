"""Rules that need the settlements table or geography: countries, towns, points."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipelines.catalogue.rules import Row, fold
from pipelines.core.errors import SchemaDrift
from pipelines.core.findings import Finding
from pipelines.geo.nearest import SettlementTree
from pipelines.geo.sphere import km_between

# A point and the settlement that it names lie in one town: anything farther is a slip of a digit.
FARTHEST_FROM_TOWN_KM = 15.0
# A point this much nearer to a settlement abroad than to one at home is outside its country.
BORDER_MARGIN_KM = 5.0
NEEDED = ("geonameid", "name", "country", "lon", "lat")


@dataclass(frozen=True)
class Settlement:
    """One settlement, as the rules need it."""

    geonameid: int
    name: str
    country: str
    lon: float
    lat: float


class Gazetteer:
    """Settlements by identifier, by name and by nearness.

    Parameters
    ----------
    settlements : pyarrow.Table
        Columns ``geonameid``, ``name``, ``country`` (Eurostat codes), ``lon``, ``lat``
        (EPSG:4326). Boroughs (GeoNames ``PPLX``) must not be in it.

    Raises
    ------
    SchemaDrift
        A column is missing.
    """

    def __init__(self, settlements: pa.Table):
        if missing := [name for name in NEEDED if name not in settlements.column_names]:
            raise SchemaDrift(f"the settlements table lacks the columns {', '.join(missing)}")
        self._columns = [settlements[name].to_pylist() for name in NEEDED]
        ids, _, countries, _, _ = self._columns
        self._position = {geonameid: i for i, geonameid in enumerate(ids)}
        self._at_home: dict[str, list[int]] = defaultdict(list)
        for i in self._position.values():
            self._at_home[countries[i]].append(i)
        self._folded: dict[str, dict[str, list[int]]] = {}
        self._trees: dict[str, SettlementTree] = {}

    def settlement(self, geonameid: int) -> Settlement | None:
        """Return the settlement of an identifier, or None where there is none."""
        i = self._position.get(geonameid)
        return None if i is None else self._at(i)

    def named(self, country: str, name: str) -> list[Settlement]:
        """Return the settlements of a country that bear a name, accents and case aside."""
        if country not in self._folded:
            # Country by country, for few are asked for.
            names: dict[str, list[int]] = defaultdict(list)
            for i in self._at_home.get(country, ()):
                names[fold(self._columns[1][i])].append(i)
            self._folded[country] = names
        matches = [self._at(i) for i in self._folded[country].get(fold(name), ())]
        return sorted(matches, key=lambda place: place.geonameid)

    def nearest_country(
        self, lon: NDArray[np.float64], lat: NDArray[np.float64]
    ) -> tuple[list[str], NDArray[np.float64]]:
        """Return the country of the settlement nearest to each point, and the km to it."""
        index, km = self._tree.nearest(lon, lat)
        return [self._columns[2][i] for i in index.tolist()], km

    def km_to_country(
        self, country: str, lon: NDArray[np.float64], lat: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return the km from points to the nearest settlement of a country; infinite without."""
        positions = self._at_home.get(country)
        if not positions:
            return np.full(len(lon), np.inf)
        if country not in self._trees:
            self._trees[country] = self._tree_of(positions)
        return self._trees[country].nearest(lon, lat)[1]

    @cached_property
    def _tree(self) -> SettlementTree:
        return self._tree_of(list(range(len(self._columns[0]))))

    def _tree_of(self, positions: list[int]) -> SettlementTree:
        lon, lat = (np.array(column, dtype=float)[positions] for column in self._columns[3:])
        return SettlementTree(lon, lat)

    def _at(self, i: int) -> Settlement:
        return Settlement(*(column[i] for column in self._columns))


def check_points(file: str, rows: list[Row]) -> Iterator[Finding]:
    """Yield rows whose country, NUTS code, coordinates and link contradict each other."""
    for row in rows:
        value = row.values.get
        country, nuts3 = value("country"), value("nuts3")
        if country and nuts3 and nuts3[:2] != country:
            yield Finding(
                file,
                row.number,
                "nuts3",
                "region of another country",
                nuts3,
                f"a code of {country}",
            )
        if (value("lon") is None) != (value("lat") is None):
            empty = "lon" if value("lon") is None else "lat"
            yield Finding(
                file, row.number, empty, "one coordinate without the other", allowed="both or none"
            )
        if value("lon") is not None and value("coordinate_exactness") == "none":
            allowed = "exact, street, town"
            field = "coordinate_exactness"
            yield Finding(
                file,
                row.number,
                field,
                "coordinates whose exactness is not stated",
                "none",
                allowed,
            )
        link = value("settlement_link")
        if link == "none" and value("geonameid") is not None:
            geonameid = str(value("geonameid"))
            yield Finding(file, row.number, "geonameid", "link stated as none", geonameid, "empty")
        if link == "none" and value("town") and not value("note"):
            hint = "why the town is not in the settlements table"
            yield Finding(file, row.number, "note", "cell is empty", allowed=hint)


def check_settlements(file: str, rows: list[Row], gazetteer: Gazetteer) -> Iterator[Finding]:
    """Yield rows whose town or point does not agree with the settlements table."""
    for row in rows:
        if row["geonameid"] is not None:
            yield from _link_findings(file, row, gazetteer)
        elif row["town"] and row["country"] and row.values.get("settlement_link", "none") != "none":
            yield from _name_findings(file, row, gazetteer)
    yield from _country_findings(file, rows, gazetteer)


def _link_findings(file: str, row: Row, gazetteer: Gazetteer) -> Iterator[Finding]:
    """Yield what is wrong with a stated geonameid."""
    place = gazetteer.settlement(row["geonameid"])
    if place is None:
        actual, hint = str(row["geonameid"]), "a geonameid of the settlements table, or empty"
        yield Finding(file, row.number, "geonameid", "unknown settlement", actual, hint)
        return
    if row["country"] and place.country != row["country"]:
        actual = f"{place.name}, {place.country}"
        hint = f"a settlement of {row['country']}"
        yield Finding(file, row.number, "geonameid", "settlement of another country", actual, hint)
    if row.values.get("settlement_link") != "exact" or None in (row["lon"], row["lat"]):
        return
    away = km_between(row["lon"], row["lat"], place.lon, place.lat)
    if away > FARTHEST_FROM_TOWN_KM:
        actual = f"{away:.0f} km from {place.name}"
        hint = f"within {FARTHEST_FROM_TOWN_KM:g} km of the linked settlement"
        yield Finding(file, row.number, "lon", "point far from its town", actual, hint)


def _name_findings(file: str, row: Row, gazetteer: Gazetteer) -> Iterator[Finding]:
    """Yield a town name without geonameid: ambiguous, resolvable or unknown."""
    matches = gazetteer.named(row["country"], row["town"])
    choices = ", ".join(f"{p.geonameid} ({p.lon:.2f} {p.lat:.2f})" for p in matches)
    if len(matches) > 1:
        problem = f"town name matches {len(matches)} settlements"
        yield Finding(file, row.number, "geonameid", problem, row["town"], f"one of {choices}")
    elif not matches:
        hint = "a settlement's name, or settlement_link none with a note"
        yield Finding(file, row.number, "town", "unknown town", row["town"], hint)
    else:
        yield Finding(file, row.number, "geonameid", "cell is empty", row["town"], choices)


def _country_findings(file: str, rows: list[Row], gazetteer: Gazetteer) -> Iterator[Finding]:
    """Yield points whose nearest settlement lies clearly in another country."""
    stated = [row for row in rows if None not in (row["lon"], row["lat"]) and row["country"]]
    if not stated:
        return
    lon, lat = (np.array([row[name] for row in stated], dtype=float) for name in ("lon", "lat"))
    nearest, km = gazetteer.nearest_country(lon, lat)
    own = np.array([row["country"] for row in stated])
    abroad = np.flatnonzero(own != np.array(nearest))
    home = np.zeros(len(stated))
    for country in np.unique(own[abroad]).tolist():
        indices = abroad[own[abroad] == country]
        home[indices] = gazetteer.km_to_country(country, lon[indices], lat[indices])
    for i in abroad[home[abroad] - km[abroad] > BORDER_MARGIN_KM].tolist():
        actual = f"{lon[i]:g}, {lat[i]:g} (nearest settlement in {nearest[i]})"
        problem = "place outside its stated country"
        yield Finding(file, stated[i].number, "country", problem, actual, f"a point in {own[i]}")
