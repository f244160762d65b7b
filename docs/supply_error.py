"""How far the supply score moves with the error of the minutes: draws, for docs/methods/access.md.

``make_methods`` writes the block. Pairs of settlement and site are those of the estimate; a draw
multiplies their minutes by errors of the size that ``travel_error_*`` gives a trip of that length,
and shares the sites out anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipelines.reach.access import ReachConstants, shared_supply
from pipelines.reach.sites import Sites, pairs_of_each, snap
from pipelines.serve import reach as served
from pipelines.serve.store import Store
from pipelines.serve.thresholds import thresholds

Floats = NDArray[np.float64]
COUNTRY, SERVICE = "AT", "middle_centre"
DRAWS, SEED = 100, 20260101
#: Sites this far outside the country's settlements, in degrees, still share its people.
_MARGIN = 1.5
#: Trips estimated as longer than this do not come within 60 minutes by an error of 10 %.
_LONGEST_MIN = 75.0
#: Measure of the engine -> its name on the page and its column.
MEASURES = {
    "e2sfca": ("E2SFCA", "supply_score"),
    "gravity": ("gravity", "supply_gravity"),
}


@dataclass(frozen=True, kw_only=True)
class Catchments:
    """Pairs of settlement and site around a country, and whose scores are looked at.

    Attributes
    ----------
    origin, site : ndarray, shape (p,)
        Positions of settlements and sites.
    minutes, error : ndarray, shape (p,)
        Estimated minutes, and the standard deviation of their logarithm.
    people : ndarray, shape (n,)
    capacity : ndarray, shape (m,)
    inside : ndarray, shape (k,)
        Positions of the country's settlements.
    region : ndarray, shape (k,)
        Number of the NUTS-3 region of each of these.
    """

    origin: NDArray[np.int64]
    site: NDArray[np.int64]
    minutes: Floats
    error: Floats
    people: Floats
    capacity: Floats
    inside: NDArray[np.int64]
    region: NDArray[np.int64]


def catchments(store: Store) -> Catchments:
    """Return the pairs of the country's settlements and of those that compete with them."""
    network, limits = served.network(store), thresholds(store)
    nodes = network.settlements
    inside = np.flatnonzero(nodes.country.astype(str) == COUNTRY)
    lon, lat = nodes.lon[inside], nodes.lat[inside]
    rows = store.arrow(
        "select site_id, lon, lat from marts.service_sites where service = ? "
        "and lon between ? and ? and lat between ? and ? order by site_id",
        [
            SERVICE,
            *(float(x) for x in (lon.min() - _MARGIN, lon.max() + _MARGIN)),
            *(float(y) for y in (lat.min() - _MARGIN, lat.max() + _MARGIN)),
        ],
    )
    sites = Sites(
        np.array(rows["site_id"].to_pylist(), dtype=object),
        rows["lon"].to_numpy(),
        rows["lat"].to_numpy(),
        np.ones(len(rows)),
    )
    snapped = [snap(network, sites, served.travel_constants(store))]
    blocks = [block[1:] for block in pairs_of_each(network, snapped, _LONGEST_MIN)]
    origin, site, minutes = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    names = ("short", "middle", "long")
    bounds = [limits[f"travel_error_{name}_min"] for name in names]
    shares = [limits[f"travel_error_{name}_share"] for name in ("shortest", *names)]
    error = np.array(shares)[np.searchsorted(bounds, minutes, side="right")]
    people = np.nan_to_num(nodes.population)
    return Catchments(
        origin=origin,
        site=site,
        minutes=minutes,
        error=error,
        people=people,
        capacity=snapped[0].sites.capacity,
        inside=inside,
        region=_regions(store, nodes.geonameid[inside]),
    )


def _regions(store: Store, geonameid: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the number of the NUTS-3 region of each settlement; all of a country have one."""
    of = store.frame("select geonameid, nuts_id from marts.towns").set_index("geonameid")["nuts_id"]
    _, number = np.unique(of.loc[geonameid].to_numpy(dtype=str), return_inverse=True)
    return number.astype(np.int64)


def by_region(near: Catchments, score: Floats) -> Floats:
    """Return the mean score of each region's people."""
    people = near.people[near.inside]
    total = np.bincount(near.region, people)
    held: Floats = np.bincount(near.region, people * score)[total > 0] / total[total > 0]
    return held


def scores(near: Catchments, minutes: Floats, limits: ReachConstants) -> dict[str, Floats]:
    """Return the scores of the country's settlements for these minutes."""
    within = np.flatnonzero(minutes <= limits.far_min)
    origin, site, minutes = near.origin[within], near.site[within], minutes[within]
    found = {}
    weights = limits.weights()
    for name in MEASURES:
        weight = weights[name](minutes)
        score, _ = shared_supply(origin, site, weight, near.people, near.capacity)
        found[name] = score[near.inside]
    return found


def drawn(near: Catchments, limits: ReachConstants) -> dict[tuple[str, str], Floats]:
    """Return the scores of all draws, shape (draws, settlements), by measure and kind of error.

    ``each``: every trip has its own error; ``place``: all trips of a settlement have one, as where
    its roads are slower than the estimate takes them to be.
    """
    random = np.random.default_rng(SEED)
    rows: dict[tuple[str, str], list[Floats]] = {}
    for _ in range(DRAWS):
        each = random.standard_normal(len(near.minutes))
        place = random.standard_normal(len(near.people))[near.origin]
        for kind, step in (("each", each), ("place", place)):
            moved = near.minutes * np.exp(step * near.error)
            for name, score in scores(near, moved, limits).items():
                rows.setdefault((name, kind), []).append(score)
    return {key: np.stack(values) for key, values in rows.items()}


def widths(base: Floats, draws: Floats) -> Floats:
    """Return how wide 5 to 95 % of the draws lie, as a share of the score, where it is above 0."""
    low, high = np.quantile(draws[:, base > 0], (0.05, 0.95), axis=0)
    return (high - low) / base[base > 0]


def published(store: Store, near: Catchments) -> dict[str, Floats]:
    """Return the scores of ``marts.access`` for the country's settlements."""
    columns = [column for _, column in MEASURES.values()]
    table: pa.Table = store.arrow(
        f"select geonameid, {', '.join(columns)} from marts.access where service = ? "  # noqa: S608
        "order by geonameid",
        [SERVICE],
    )
    return {name: table[column].to_numpy()[near.inside] for name, (_, column) in MEASURES.items()}


def lines(database: str | Path | None) -> tuple[list[list[str]], str, Floats, Floats]:
    """Return the table, the words below it, and the scores at hand beside the published ones."""
    store = Store.current(Path(database) if database is not None else None)
    near, limits = catchments(store), ReachConstants.from_thresholds(thresholds(store))
    base, draws = scores(near, near.minutes, limits), drawn(near, limits)
    table = [["score", "error", "places: median", "a tenth above", "NUTS 3: median"]]
    kinds = {"each": "of each trip", "place": "one of all trips of a place"}
    for name, (label, _) in MEASURES.items():
        for kind, words in kinds.items():
            several = draws[name, kind]
            means = np.stack([by_region(near, score) for score in several])
            wide = np.quantile(widths(base[name], several), (0.5, 0.9))
            of_regions = np.median(widths(by_region(near, base[name]), means))
            cells = [f"{100 * value:.0f} %" for value in (*wide, of_regions)]
            table.append([label, words, *cells])
    of = published(store, near)
    both = (np.concatenate([one[name] for name in MEASURES]) for one in (base, of))
    has = base["e2sfca"] > 0
    lost = (draws["e2sfca", "each"][:, has] == 0).any(axis=0).sum()
    words = (
        f"{DRAWS} draws; {has.sum()} settlements of {COUNTRY} with a score, service `{SERVICE}`. "
        "Width from the 5th to the 95th percentile of the draws, as a share of the score; NUTS 3 "
        f"is the mean by people. In {lost} of the settlements E2SFCA is 0 in some draw."
    )
    return table, words, *both
