"""What places of OpenStreetMap say of settlements and regions, and how far they can be trusted.

Nobody is counted whom the extract does not cover; a place beyond its edge is still one to go
to. "None mapped" is never "none": whether a type is mapped at all is judged by country, whether
a settlement is mapped thinly by its own kind. Nothing here is a change over time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from pipelines.geo.projection import to_plane
from pipelines.geo.sphere import to_sphere
from pipelines.places.coverage import UNKNOWN, Coverage
from pipelines.places.indicators import PER_PEOPLE, settlement_of
from pipelines.places.osm_constants import OsmConstants
from pipelines.places.osm_tags import HEADLINE, OsmType, TagTable
from pipelines.travel.constants import TravelConstants
from pipelines.travel.ends import trip_to_site_minutes
from pipelines.travel.network import Network
from pipelines.travel.paths import fastest, pairs_within
from pipelines.travel.walking import WalkConstants, nearest_km

Floats = NDArray[np.float64]
#: What the word for a type in a settlement can be, most certain first.
HERE, NEAR, FAR, NONE_MAPPED = "here", "near", "far", "none mapped"
NOT_MAPPED, NOT_COVERED = "probably not mapped", "not covered"
MAPPED, THIN = "mapped", "thinly mapped"
#: Register service -> type of place that should stand in OpenStreetMap too.
REGISTERS = {
    "hospital": "hospital",
    "school_primary": "school",
    "school_upper_secondary": "school",
}


@dataclass(frozen=True)
class OsmMeasures:
    """The tables; ``docs/howto/openstreetmap.md`` lists their columns.

    Attributes
    ----------
    settlements : DataFrame
        One row a covered settlement.
    minutes : DataFrame
        ``geonameid, name, country_name, population, minutes_<type> ..., minutes_any``.
    people : DataFrame
        One row a type, and ``any`` for the headline types together.
    regions : DataFrame
        One row a NUTS-3 region, or country without regions, of covered settlements.
    types : DataFrame
        One row a country and type: how often it is mapped.
    """

    settlements: pd.DataFrame
    minutes: pd.DataFrame
    people: pd.DataFrame
    regions: pd.DataFrame
    types: pd.DataFrame


@dataclass(frozen=True)
class _Ground:
    """What all measures start from; axes: places, settlements, types."""

    towns: pd.DataFrame
    people: Floats  # of each settlement; 0 for parts, whom the larger place counts
    coverage: Coverage
    covered: NDArray[np.int64]  # positions of covered settlements
    names: tuple[str, ...]  # the types
    is_headline: NDArray[np.bool_]  # (types,)
    of_type: NDArray[np.bool_]  # (places, types)
    town_index: NDArray[np.int64]  # (places,)
    counts: NDArray[np.int64]  # (settlements, types)
    minutes: Floats  # (types, covered)


def measure_osm(
    places: pa.Table,
    towns: pd.DataFrame,
    coverage: Coverage,
    network: Network,
    table: TagTable,
    c: OsmConstants,
    walk: WalkConstants,
    travel: TravelConstants,
    town_index: NDArray[np.int64] | None = None,
) -> OsmMeasures:
    """Measure the places of one or several extracts.

    Parameters
    ----------
    places : pyarrow.Table
        As :func:`pipelines.places.osm.collect` returns them.
    towns : DataFrame
        ``geonameid, name, country, country_name, nuts_id, region_name, population, part_of,
        size_class, remoteness, lon, lat``, in the order of the network's settlements.
    coverage : Coverage
    network : Network
        Estimated minutes by car between settlements; a place is reached when its settlement is.
    table : TagTable
    c : OsmConstants
    walk : WalkConstants
        How straight distances from a settlement's middle become minutes on foot.
    travel : TravelConstants
        What the ends of a trip cost.
    town_index : ndarray of int, shape (places,), optional
        Settlement of each place, where it is known already.
    """
    if town_index is None:
        town_index = settlement_of(places, towns)
    ground = _ground(places, towns, town_index, coverage, network, table, c, travel)
    types = _types(ground, places, table, c)
    unmapped = _unmapped(ground, types)
    settlements = _settlements(ground, places, network, table, unmapped, c, travel).assign(
        **_on_foot(ground, places, walk, c)
    )
    return OsmMeasures(
        settlements=settlements,
        minutes=_minutes(ground),
        people=_people(ground, table, types, c),
        regions=_regions(ground, settlements, table, c),
        types=types,
    )


def _ground(
    places: pa.Table,
    towns: pd.DataFrame,
    town_index: NDArray[np.int64],
    coverage: Coverage,
    network: Network,
    table: TagTable,
    c: OsmConstants,
    travel: TravelConstants,
) -> _Ground:
    names = tuple(name for name, kind in table.types.items() if kind.kind == "place")
    column = {name: i for i, name in enumerate(names)}
    of_type = np.zeros((places.num_rows, len(names)), dtype=bool)
    for row, types in enumerate(places["types"].to_pylist()):
        of_type[row, [column[t] for t in types if t in column]] = True
    of_type[town_index < 0] = False
    counts = np.zeros((len(towns), len(names)), dtype=np.int64)
    rows, columns = np.nonzero(of_type)
    np.add.at(counts, (town_index[rows], columns), 1)
    covered = np.flatnonzero(coverage.is_covered)
    minutes = np.full((len(names), len(covered)), np.inf)
    for i in range(len(names)):
        minutes[i] = minutes_to(network, np.flatnonzero(counts[:, i]), c.search_min, travel)[
            covered
        ]
    people = towns["population"].to_numpy(dtype=float).copy()
    people[towns["part_of"].notna().to_numpy()] = 0
    is_headline = np.array([table.types[name].shown == HEADLINE for name in names])
    return _Ground(
        towns, people, coverage, covered, names, is_headline, of_type, town_index, counts, minutes
    )


def minutes_to(
    network: Network, goals: NDArray[np.int64], limit: float, travel: TravelConstants
) -> Floats:
    """Return every settlement's minutes to a site in the nearest of several; inf beyond a limit."""
    if not len(goals):
        return np.full(len(network.settlements), np.inf)
    ways: Floats = dijkstra(network.graph, indices=goals, min_only=True, limit=limit)
    times = trip_to_site_minutes(ways, travel)
    return np.where(times <= limit, times, np.inf)


def _types(g: _Ground, places: pa.Table, table: TagTable, c: OsmConstants) -> pd.DataFrame:
    """Return how often each type is mapped in the covered part of each country."""
    rows = []
    days = pd.to_datetime(pd.Series(places["edited"].to_pylist(), dtype=object), errors="coerce")
    country_of = np.where(
        (g.town_index >= 0) & np.asarray(g.coverage.is_covered)[g.town_index],
        g.towns["country"].to_numpy()[g.town_index],
        "",
    )
    countries = g.towns["country"].to_numpy()[g.covered]
    for country in sorted(set(countries)):
        own = g.covered[countries == country]
        people = g.people[own].sum()
        objects = g.counts[own].sum(axis=0)
        expected = people / c.mapped_most_people
        for i, name in enumerate(g.names):
            edited = days[g.of_type[:, i] & (country_of == country)]
            rows.append(
                {
                    "country": country,
                    "type": name,
                    "label": table.types[name].label,
                    "shown": table.types[name].shown,
                    "people": int(people),
                    "objects": int(objects[i]),
                    "objects_per_10000": PER_PEOPLE * objects[i] / people if people else np.nan,
                    "is_probably_not_mapped": bool(expected >= 1 and objects[i] < expected),
                    "last_edit": _iso(pd.Series([edited.max()]))[0],
                    "median_edit": _iso(pd.Series([edited.median()]))[0],
                }
            )
    return pd.DataFrame(rows)


def _unmapped(g: _Ground, types: pd.DataFrame) -> NDArray[np.bool_]:
    """Return (types, covered): types that are probably not mapped in a settlement's country."""
    wide = types.pivot(index="type", columns="country", values="is_probably_not_mapped")
    countries = g.towns["country"].to_numpy()[g.covered]
    return wide.loc[list(g.names), countries].to_numpy(dtype=bool)


def _settlements(
    g: _Ground,
    places: pa.Table,
    network: Network,
    table: TagTable,
    unmapped: NDArray[np.bool_],
    c: OsmConstants,
    travel: TravelConstants,
) -> pd.DataFrame:
    """Return the measures of each covered settlement."""
    names = ["geonameid", "name", "country", "country_name", "nuts_id", "region_name"]
    names += ["population", "part_of", "size_class", "remoteness", "lon", "lat"]
    frame = g.towns.iloc[g.covered][names].reset_index(drop=True)
    frame["people"] = g.people[g.covered].astype(np.int64)
    frame["coverage"] = g.coverage.basis
    nodes = g.coverage.nodes
    frame["nodes"] = pd.array(
        [None] * len(frame) if nodes is None else nodes[g.covered], dtype="Int64"
    )
    frame["completeness"] = _completeness(frame, c)
    frame["minutes_to_edge"] = _edge(g, network, c, travel)
    edge = frame["minutes_to_edge"]
    is_edge = pd.Series(edge <= c.near_min, dtype="boolean")
    frame["is_at_edge"] = is_edge if g.coverage.basis != UNKNOWN else pd.NA
    here = g.counts[g.covered][:, g.is_headline]
    minutes = g.minutes[g.is_headline]
    is_headline_place = np.asarray(g.of_type[:, g.is_headline].any(axis=1))
    places_here = np.bincount(g.town_index[is_headline_place], minlength=len(g.towns))
    frame["places"] = places_here[g.covered]
    frame["types_here"] = (here > 0).sum(axis=1)
    frame["types_15"] = (minutes <= c.near_min).sum(axis=0)
    frame["types_30"] = (minutes <= c.far_min).sum(axis=0)
    frame["interaction_here"] = _interaction(g, table, 0)
    frame["interaction_15"] = _interaction(g, table, c.near_min)
    frame = frame.assign(**_in_reach(g, places, network, places_here, is_headline_place, c, travel))
    frame = frame.assign(**_edits(g, places, is_headline_place))
    frame["hybrid_places"] = _hybrid(g, places)[g.covered]
    frame["missing_core"], frame["unknown_core"] = _cores(g, table, frame, unmapped, c)
    for column in ("types_here", "types_15"):
        frame[f"{column}_percentile"] = _percentile(frame, column, c)
    for i, name in enumerate(g.names):
        if g.is_headline[i]:
            frame[f"minutes_{name}"] = _finite(g.minutes[i])
    for i, name in enumerate(g.names):
        if g.is_headline[i]:
            frame[f"state_{name}"] = _states(g.minutes[i], unmapped[i], frame["completeness"], c)
    return frame


def _on_foot(
    g: _Ground, places: pa.Table, walk: WalkConstants, c: OsmConstants
) -> dict[str, NDArray[Any]]:
    """Return minutes on foot from each settlement's middle to each headline type, and how many.

    A place beyond the extract's edge counts, as by car; the way to it is a straight distance.
    """
    lon, lat = (g.towns[name].to_numpy(dtype=float)[g.covered] for name in ("lon", "lat"))
    to_lon, to_lat = (places[name].to_numpy().astype(float) for name in ("lon", "lat"))
    columns: dict[str, NDArray[Any]] = {}
    headline = np.flatnonzero(g.is_headline)
    minutes = np.full((len(headline), len(g.covered)), np.inf)
    for row, kind in enumerate(headline):
        of_kind = g.of_type[:, kind]
        minutes[row] = walk.on_foot(nearest_km(lon, lat, to_lon[of_kind], to_lat[of_kind]))
        columns[f"walk_min_{g.names[kind]}"] = _finite(minutes[row])
    counts = {
        "types_walk_15": (minutes <= c.near_min).sum(axis=0),
        "types_walk_30": (minutes <= c.far_min).sum(axis=0),
    }
    return {**counts, **columns}


def _finite(minutes: Floats) -> Floats:
    return np.where(np.isfinite(minutes), np.round(minutes, 1), np.nan)


def _completeness(frame: pd.DataFrame, c: OsmConstants) -> pd.Series:
    """Return whether a settlement has far fewer nodes than its kind in its country."""
    group = frame.groupby(["country", "size_class"])["nodes"]
    median, number = group.transform("median"), group.transform("size")
    is_thin = (frame["nodes"] < c.thin_share * median) & (number >= c.class_least)
    return pd.Series(np.where(is_thin.fillna(False).astype(bool), THIN, MAPPED), frame.index)


def _edge(g: _Ground, network: Network, c: OsmConstants, travel: TravelConstants) -> Floats:
    """Return minutes to the nearest settlement that is not covered; NaN beyond the search."""
    if g.coverage.basis == UNKNOWN:
        return np.full(len(g.covered), np.nan)
    outside = np.flatnonzero(~g.coverage.is_covered)
    return _finite(minutes_to(network, outside, c.far_min, travel)[g.covered])


def _in_reach(
    g: _Ground,
    places: pa.Table,
    network: Network,
    places_here: NDArray[np.int64],
    is_headline_place: NDArray[np.bool_],
    c: OsmConstants,
    travel: TravelConstants,
) -> dict[str, Floats]:
    """Return what lies within the near minutes: places per person, variety, share open to all.

    Places and people of covered settlements alone: beyond the edge neither is known.
    """
    is_open = is_headline_place & (np.array(places["entry"].to_pylist()) == "open")
    open_here = np.bincount(g.town_index[is_open], minlength=len(g.towns))
    known = np.column_stack(
        [places_here, open_here, g.people, g.counts[:, g.is_headline]]
    ) * np.asarray(g.coverage.is_covered)[:, None].astype(float)
    xy = to_plane(network.settlements.lon, network.settlements.lat)
    total = np.zeros((len(g.towns), known.shape[1]))
    speed = fastest(network.graph, xy)
    for sources, nodes, minutes in pairs_within(network.graph, xy, g.covered, c.near_min, speed):
        near = trip_to_site_minutes(minutes, travel) <= c.near_min
        total[sources] = near.astype(float) @ known[nodes]
    total = total[g.covered]
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = total[:, 3:] / total[:, 3:].sum(axis=1, keepdims=True)
        entropy = -np.nansum(np.where(shares > 0, shares * np.log(shares), 0), axis=1)
        return {
            "places_15": total[:, 0],
            "places_per_10000_15": np.where(
                total[:, 2] > 0, PER_PEOPLE * total[:, 0] / total[:, 2], np.nan
            ),
            # The effective number of types: exp of Shannon's entropy (Hill number of order 1).
            "variety_15": np.where(total[:, 0] > 0, np.exp(entropy), 0),
            "open_15_share": np.where(total[:, 0] > 0, total[:, 1] / total[:, 0], np.nan),
        }


def _edits(
    g: _Ground, places: pa.Table, is_headline_place: NDArray[np.bool_]
) -> dict[str, NDArray[np.object_]]:
    """Return the day of the last edit of any headline place of a settlement, and their median."""
    days = pd.to_datetime(pd.Series(places["edited"].to_pylist(), dtype=object), errors="coerce")
    chosen = is_headline_place & (g.town_index >= 0) & days.notna().to_numpy()
    groups = days[chosen].groupby(g.town_index[chosen])
    towns = pd.RangeIndex(len(g.towns))
    return {
        "last_edit": _iso(groups.max().reindex(towns).iloc[g.covered]),
        "median_edit": _iso(groups.median().reindex(towns).iloc[g.covered]),
    }


def _iso(days: pd.Series) -> NDArray[np.object_]:
    """Return days as text; None where there is none."""
    return np.array([day.date().isoformat() if pd.notna(day) else None for day in days], object)


def _hybrid(g: _Ground, places: pa.Table) -> NDArray[np.int64]:
    """Return how many objects or addresses of each settlement have several headline types."""
    spots: dict[tuple[int, Any], set[int]] = {}
    addresses = places["address"].to_pylist()
    for row, column in zip(*np.nonzero(g.of_type & g.is_headline), strict=True):
        spot = (int(g.town_index[row]), addresses[row] or int(row))
        spots.setdefault(spot, set()).add(int(column))
    towns = [town for (town, _), types in spots.items() if len(types) > 1]
    return np.bincount(np.array(towns, dtype=np.int64), minlength=len(g.towns))


def _cores(
    g: _Ground,
    table: TagTable,
    frame: pd.DataFrame,
    unmapped: NDArray[np.bool_],
    c: OsmConstants,
) -> tuple[list[list[str]], list[list[str]]]:
    """Return the core types with none mapped near, and those of which it is not known."""
    row = {name: i for i, name in enumerate(g.names)}
    missing: list[list[str]] = [[] for _ in frame.index]
    unknown: list[list[str]] = [[] for _ in frame.index]
    is_thin = (frame["completeness"] == THIN).to_numpy()
    for core, types in table.cores.items():
        rows = [row[name] for name in types]
        is_near = (g.minutes[rows] <= c.near_min).any(axis=0)
        is_unknown = unmapped[rows].all(axis=0) | is_thin
        for i in np.flatnonzero(~is_near):
            (unknown if is_unknown[i] else missing)[i].append(core)
    return missing, unknown


def _interaction(g: _Ground, table: TagTable, limit: float) -> NDArray[np.int64]:
    """Return how many of the six groups of interaction infrastructure lie within minutes."""
    row = {name: i for i, name in enumerate(g.names)}
    near = [
        (g.minutes[[row[name] for name in types]] <= limit).any(axis=0)
        for types in table.interactions.values()
    ]
    number: NDArray[np.int64] = np.sum(near, axis=0)
    return number


def _percentile(frame: pd.DataFrame, column: str, c: OsmConstants) -> pd.Series:
    """Return the place of a settlement among those of its kind in its country, 0 to 100."""
    group = frame.groupby(["country", "size_class"])[column]
    rank, number = group.rank(method="average"), group.transform("size")
    return (100 * (rank - 0.5) / number).where(number >= c.class_least)


def _states(
    minutes: Floats, unmapped: NDArray[np.bool_], completeness: pd.Series, c: OsmConstants
) -> NDArray[np.str_]:
    """Return the word for a type in each settlement."""
    is_unknown = unmapped | (completeness == THIN).to_numpy()
    conditions = [minutes == 0, minutes <= c.near_min, minutes <= c.far_min, is_unknown]
    return np.select(conditions, [HERE, NEAR, FAR, NOT_MAPPED], NONE_MAPPED)


def _minutes(g: _Ground) -> pd.DataFrame:
    names = ["geonameid", "name", "country_name", "population"]
    frame = g.towns.iloc[g.covered][names].reset_index(drop=True)
    present = g.counts.sum(axis=0) > 0
    columns = {f"minutes_{g.names[i]}": _finite(g.minutes[i]) for i in np.flatnonzero(present)}
    nearest = g.minutes[g.is_headline].min(axis=0)
    return frame.assign(**columns, minutes_any=_finite(nearest))


def _people(g: _Ground, table: TagTable, types: pd.DataFrame, c: OsmConstants) -> pd.DataFrame:
    """Return how many people have each type here and near, and how many none mapped."""
    people = g.people[g.covered]
    flagged = types[types["is_probably_not_mapped"]].groupby("type")["country"].agg(sorted)
    any_type = OsmType("any", "any headline type", "", "", HEADLINE, "place", None, None, None)
    rows = []
    nearest = g.minutes[g.is_headline].min(axis=0)
    is_headline_place = g.of_type[:, g.is_headline].any(axis=1)
    for kind, number, times in (
        *((table.types[n], g.of_type[:, i].sum(), g.minutes[i]) for i, n in enumerate(g.names)),
        (any_type, is_headline_place.sum(), nearest),
    ):
        row: dict[str, Any] = {"type": kind.type, "label": kind.label, "shown": kind.shown}
        row |= {"places": int(number), "people": int(people.sum())}
        row["without_here"] = int(people[times > 0].sum())
        for m in (c.near_min, c.far_min):
            row[f"within_{m:g}"] = int(people[times <= m].sum())
            row[f"without_{m:g}"] = int(people[~(times <= m)].sum())
        row["probably_not_mapped_in"] = ", ".join(flagged.get(kind.type, []))
        if number:
            rows.append(row)
    return pd.DataFrame(rows)


def _regions(
    g: _Ground, settlements: pd.DataFrame, table: TagTable, c: OsmConstants
) -> pd.DataFrame:
    """Return the measures of regions, weighted by the people of covered settlements."""
    towns = g.towns.assign(people=g.people)
    towns["unit"] = towns["nuts_id"].fillna(towns["country"])
    listed = towns.groupby("unit")["people"].sum()
    frame = settlements.assign(unit=settlements["nuts_id"].fillna(settlements["country"]))
    rows = []
    for unit, part in frame.groupby("unit", sort=True):
        people = part["people"].to_numpy(dtype=float)
        total = people.sum()
        if not total:
            continue

        def share(flags: Any, people: Floats = people, total: float = total) -> float:
            return float(people[np.asarray(flags, dtype=bool)].sum() / total)

        first = part.iloc[0]
        row: dict[str, Any] = {
            "nuts_id": first["nuts_id"],
            "region_name": first["region_name"] if pd.notna(first["nuts_id"]) else None,
            "country": first["country"],
            "country_name": first["country_name"],
            "settlements": len(part),
            "people": int(total),
            "covered_share": float(total / listed[unit]),
            "at_edge_share": share(part["is_at_edge"].fillna(True)),
            "thinly_mapped_share": share(part["completeness"] == THIN),
            "places": int(part["places"].sum()),
            "places_per_10000": PER_PEOPLE * part["places"].sum() / total,
            "hybrid_places": int(part["hybrid_places"].sum()),
        }
        means = ("types_here", "types_15", "types_30", "variety_15")
        for name in (*means, "interaction_here", "interaction_15"):
            row[name] = float((part[name].to_numpy(dtype=float) * people).sum() / total)
        row["few_types_here_share"] = share(part["types_here"] < c.few_types)
        row["few_types_15_share"] = share(part["types_15"] < c.few_types)
        row["many_types_15_share"] = share(part["types_15"] >= c.many_types)
        for core in table.cores:
            row[f"without_{core}_15_share"] = share([core in m for m in part["missing_core"]])
            row[f"unknown_{core}_15_share"] = share([core in m for m in part["unknown_core"]])
        rows.append(row)
    return pd.DataFrame(rows)


def match_registers(
    sites: pd.DataFrame,
    places: pa.Table,
    settlements: pd.DataFrame,
    c: OsmConstants,
) -> pd.DataFrame:
    """Return how many sites of official registers have an object of their type close by.

    Parameters
    ----------
    sites : DataFrame
        ``service, country, geonameid, lon, lat`` of the published registers.
    places, settlements
        As in :class:`OsmMeasures`.

    Returns
    -------
    DataFrame
        ``country, service, type, sites, matched, matched_share, objects``: sites of covered
        settlements. More objects than sites is a difference of definition, not completeness.
    """
    rows = []
    kinds = [set(types) for types in places["types"].to_pylist()]
    lon, lat = places["lon"].to_numpy(), places["lat"].to_numpy()
    # A site at a covered settlement can lie across the border, where nothing is mapped.
    own_country = sites["geonameid"].map(settlements.set_index("geonameid")["country"])
    is_in = (sites["country"] == own_country) & sites["service"].isin(REGISTERS)
    for (country, service), part in sites[is_in].groupby(["country", "service"]):
        name = REGISTERS[str(service)]
        chosen = np.array([name in types for types in kinds], dtype=bool)
        matched = 0
        if chosen.any():
            tree = cKDTree(to_sphere(lon[chosen], lat[chosen]))
            away, _ = tree.query(to_sphere(part["lon"].to_numpy(), part["lat"].to_numpy()))
            matched = int((away <= c.register_match_m / 1000).sum())
        rows.append(
            {
                "country": country,
                "service": service,
                "type": name,
                "sites": len(part),
                "matched": matched,
                "matched_share": matched / len(part),
            }
        )
    columns = ["country", "service", "type", "sites", "matched", "matched_share"]
    return pd.DataFrame(rows, columns=columns)
