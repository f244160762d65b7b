"""Whom a place may be compared with: neighbours, its type, places alike, larger regions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from pipelines.serve import comparison, like_regions
from pipelines.serve.places import GEONAMES_ID, named
from pipelines.serve.store import Store
from pipelines.serve.texts import N_

#: So many places are offered of each group.
OFFERED = 5


@dataclass(frozen=True)
class Offer:
    """Some places and why they are offered.

    Attributes
    ----------
    group : str
        In a planner's words.
    places : tuple of (str, str)
        NUTS code or GeoNames id, and name.
    """

    group: str
    places: tuple[tuple[str, str], ...]


def offers(store: Store, code: str) -> tuple[Offer, ...]:
    """Return whom a place may be compared with; a group without places is left out.

    Regions are neighbours where their outlines (1:10 million) touch, so that those over water are
    none. Of the same type are places of the same country: regions with its kind by distance,
    towns with its size and role, those nearest in people first. Alike are those of the page
    *Place*, of towns those in other countries.

    Parameters
    ----------
    store : Store
        An open database.
    code : str
        NUTS code of 2021 of a region of any level, or GeoNames id of a town.
    """
    made = _of_town(store, int(code)) if GEONAMES_ID.fullmatch(code) else _of_region(store, code)
    return tuple(offer for offer in made if offer.places)


def _named(
    rows: Iterable[dict[str, Any]], key: str, name: str = "name"
) -> tuple[tuple[str, str], ...]:
    return tuple((str(row[key]), str(row[name])) for row in rows)


def _of_region(store: Store, code: str) -> tuple[Offer, ...]:
    level = len(code) - 2
    alike = like_regions.regions_like(store, code, level, OFFERED)
    larger = (named(store, code[:length]) for length in range(len(code) - 1, 1, -1))
    return (
        Offer(N_("Neighbours"), neighbours(store, code, level)),
        Offer(N_("Same type in the country"), _named(_same_kind(store, code), "nuts_id")),
        Offer(N_("Most alike"), _named(alike, "nuts_id", "name" if level else "country_name")),
        Offer(N_("Larger regions"), tuple((p.id, p.name) for p in larger if p)),
    )


def neighbours(store: Store, code: str, level: int) -> tuple[tuple[str, str], ...]:
    """Return the regions of a level whose outlines touch one's, those with most people first."""
    rows = store.memo(
        ("outlines", level),
        lambda: store.rows(
            "select nuts_id, if(level = 0, country_name, name) as name, geometry "
            "from marts.regions where level = ? and geometry is not null "
            "order by population_end desc nulls last, nuts_id",
            [level],
        ),
    )
    shapes = store.memo(
        ("outline_shapes", level), lambda: shapely.from_wkb([row["geometry"] for row in rows])
    )
    own = next((i for i, row in enumerate(rows) if row["nuts_id"] == code), None)
    if own is None:
        return ()
    touching = np.flatnonzero(shapely.intersects(shapes, shapes[own]))
    return _named((rows[i] for i in touching if i != own), "nuts_id")[:OFFERED]


def _same_kind(store: Store, code: str) -> list[dict[str, Any]]:
    return store.rows(
        """
        select other.nuts_id, other.name
        from marts.regions as me
        inner join marts.regions as other
            on other.country = me.country and other.level = me.level
            and other.remoteness = me.remoteness and other.nuts_id != me.nuts_id
        where me.nuts_id = $code
        order by abs(ln(other.population_end / me.population_end)) nulls last, other.nuts_id
        limit $most
        """,
        {"code": code, "most": OFFERED},
    )


def _of_town(store: Store, town: int) -> tuple[Offer, ...]:
    alike = comparison.nearest_towns(store, town, other_countries=True, number=OFFERED)
    return (
        Offer(N_("Towns near by"), _named(_near(store, town), "geonameid")),
        Offer(N_("Same type in the country"), _named(_same_role(store, town), "geonameid")),
        Offer(N_("Most alike abroad"), _named(_rows(alike), "geonameid")),
    )


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]


def _near(store: Store, town: int) -> list[dict[str, Any]]:
    """Return the nearest towns and cities as the crow flies."""
    return store.rows(
        """
        select other.geonameid, other.name
        from marts.towns as me
        inner join marts.towns as other on other.geonameid != me.geonameid
        where me.geonameid = $town and other.size_class in ('small_town', 'medium_town', 'city')
        order by
            power((other.lon - me.lon) * cos(radians(me.lat)), 2) + power(other.lat - me.lat, 2),
            other.geonameid
        limit $most
        """,
        {"town": town, "most": OFFERED},
    )


def _same_role(store: Store, town: int) -> list[dict[str, Any]]:
    return store.rows(
        """
        select other.geonameid, other.name
        from marts.towns as me
        inner join marts.towns as other
            on other.country = me.country and other.size_class = me.size_class
            and other.role = me.role and other.geonameid != me.geonameid
        where me.geonameid = $town
        order by abs(ln(other.population / me.population)), other.geonameid
        limit $most
        """,
        {"town": town, "most": OFFERED},
    )
