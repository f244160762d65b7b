"""Settlements in their regions, and sections of cities: geometry that SQL cannot do.

Outlines are stored in EPSG:4326. The nearest outline is chosen in EPSG:3035 and the
distance to it measured on the ellipsoid, so that overseas regions, far from the
projection's centre, get true kilometres.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyproj
import shapely
from scipy.spatial import cKDTree

from pipelines.core.thresholds import Thresholds
from pipelines.geo.admin_codes import check_admin_regions
from pipelines.geo.projection import geometry_to_laea, to_laea
from pipelines.geo.sphere import chord, unit_vectors

_GEOD = pyproj.Geod(ellps="GRS80")


def containing_region(
    points: np.ndarray, shapes: np.ndarray, own: np.ndarray, country_of: np.ndarray
) -> np.ndarray:
    """Return for each point the index of the outline that holds it, or -1.

    Parameters
    ----------
    points, shapes
        Points (n,) and outlines (m,), both in EPSG:4326.
    own, country_of
        Country of each point (n,) and of each outline (m,). On a shared border the
        outline of the point's own country is taken, then the first in order.
    """
    point, shape = shapely.STRtree(shapes).query(points, predicate="intersects")
    foreign = own[point] != country_of[shape]
    order = np.lexsort((shape, foreign, point))
    region = np.full(len(points), -1)
    first = np.unique(point[order], return_index=True)[1]
    region[point[order][first]] = shape[order][first]
    return region


def nearest_region(
    lon: np.ndarray, lat: np.ndarray, shapes: np.ndarray, candidates: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the index of the nearest candidate outline and the distance in km.

    Parameters
    ----------
    lon, lat
        Degrees, shape (n,).
    shapes
        All outlines in EPSG:4326; ``candidates`` are indices into them.
    """
    flat = geometry_to_laea(shapes[candidates])
    nearest = candidates[shapely.STRtree(flat).nearest(shapely.points(*to_laea(lon, lat)))]
    km = [distance_km(x, y, shapes[i]) for x, y, i in zip(lon, lat, nearest, strict=True)]
    return nearest, np.array(km)


def distance_km(lon: float, lat: float, shape: shapely.Geometry) -> float:
    """Return the distance on the ellipsoid from a point to an outline, both in EPSG:4326.

    The nearest point of the outline is sought on a plane that is true to scale around
    the point (degrees of longitude shortened by its latitude).
    """
    shrink = np.array([np.cos(np.radians(lat)), 1.0])
    local = shapely.transform(shape, lambda xy: (xy - [lon, lat]) * shrink)
    foot = shapely.get_coordinates(shapely.shortest_line(shapely.Point(0, 0), local))[1] / shrink
    return float(_GEOD.inv(lon, lat, lon + foot[0], lat + foot[1])[2]) / 1000


def sections(
    xyz: np.ndarray, population: np.ndarray, coded: np.ndarray, city_min: float, density: float
) -> np.ndarray:
    """Return for each uncoded place the index of the larger place it belongs to, or -1.

    A place of at least ``city_min`` people claims the uncoded, smaller places in the
    disc that it would fill at ``density`` people per km²; the largest claim wins.

    Parameters
    ----------
    xyz
        Points on the unit sphere, shape (n, 3).
    population, coded
        People and whether the place has a feature code, shape (n,).
    """
    belongs = np.full(len(xyz), -1)
    uncoded = np.flatnonzero(~coded)
    if not len(uncoded):
        return belongs
    cities = np.flatnonzero(coded & (population >= city_min))
    cities = cities[np.argsort(-population[cities], kind="stable")]
    radius_km = np.sqrt(population[cities] / density / np.pi)
    inside = cKDTree(xyz[uncoded]).query_ball_point(xyz[cities], chord(radius_km))
    for city, members in zip(cities, inside, strict=True):
        places = uncoded[np.asarray(members, dtype=int)]
        free = places[(belongs[places] < 0) & (population[places] < population[city])]
        belongs[free] = city
    return belongs


@dataclass(frozen=True, slots=True)
class Outlines:
    """NUTS-3 regions in order of their codes: outline (EPSG:4326), code and country, each (m,)."""

    shapes: np.ndarray
    codes: np.ndarray
    countries: np.ndarray

    @classmethod
    def of_table(cls, table: pa.Table) -> Self:
        """Read the NUTS-3 rows of ``stg_gisco__nuts_2021``."""
        rows = table.filter(pc.equal(table["level"], 3)).sort_by("nuts_id")
        return cls(
            shapely.from_wkb(rows["geometry"].to_numpy()),
            rows["nuts_id"].to_numpy(),
            rows["country"].to_numpy(),
        )

    def index_of(self, codes: pd.Series) -> np.ndarray:
        """Return the position of each code, -1 where it is missing."""
        return np.asarray(pd.Index(self.codes).get_indexer(codes))


@dataclass(slots=True)
class Placed:
    """Index of each place's region (-1: none), how it was chosen, km to its outline; each (n,)."""

    region: np.ndarray
    how: np.ndarray
    km: np.ndarray


def place_by_outline(towns: pd.DataFrame, outlines: Outlines, limits: Thresholds) -> Placed:
    """Place settlements by the outline of their own country that holds or is nearest to them.

    Parameters
    ----------
    towns
        ``lon``, ``lat`` (EPSG:4326), ``country``, ``has_regions``; n rows.
    """
    own = towns["country"].to_numpy(dtype=object)
    lon, lat = towns["lon"].to_numpy(), towns["lat"].to_numpy()
    points = np.asarray(shapely.points(lon, lat))
    inside = containing_region(points, outlines.shapes, own, outlines.countries)
    at_home = (inside >= 0) & (outlines.countries[inside] == own)
    placed = Placed(
        np.where(at_home, inside, -1),
        np.where(at_home, "inside", "no regions").astype(object),
        np.where(at_home, 0.0, np.nan),
    )
    outside = towns["has_regions"].to_numpy(dtype=bool) & ~at_home
    for country in np.unique(own[outside]):
        here = np.flatnonzero(outside & (own == country))
        candidates = np.flatnonzero(outlines.countries == country)
        nearest, distance = nearest_region(lon[here], lat[here], outlines.shapes, candidates)
        near, reach = limits["placement_near_km"], limits["placement_max_km"]
        kind = np.where(distance <= near, "near", "island").astype(object)
        kind[inside[here] >= 0] = "border"
        kind[distance > reach] = "unplaced"
        placed.region[here] = np.where(distance > reach, -1, nearest)
        placed.how[here], placed.km[here] = kind, distance
    return placed


def move_by_code(
    placed: Placed, towns: pd.DataFrame, outlines: Outlines, limits: Thresholds
) -> np.ndarray:
    """Move settlements to the region that their codes name; return that region's index, or -1.

    The municipality's code goes before that of a larger unit, and a stated region before
    both. A place stays by outline if it lies farther from the region that its code names
    than an outline's generalisation explains: then the code or the position is wrong.
    Outlines tell neither of an island, nor of a place across a generalised border, so the
    distance is compared with that to the region by outline.

    Parameters
    ----------
    placed
        The places by outline; changed in place.
    towns
        ``lon``, ``lat`` (EPSG:4326), ``lau_nuts_id``, ``admin_nuts_id``, ``stated_nuts_id``.
    """
    municipal, admin, stated = (
        outlines.index_of(towns[name])
        for name in ("lau_nuts_id", "admin_nuts_id", "stated_nuts_id")
    )
    coded = np.where(municipal >= 0, municipal, admin)
    how = np.where(municipal >= 0, "municipality", "admin code").astype(object)
    coded, how = np.where(stated >= 0, stated, coded), np.where(stated >= 0, "stated", how)
    lon, lat = towns["lon"].to_numpy(), towns["lat"].to_numpy()
    km = placed.km.copy()
    for i in np.flatnonzero((coded >= 0) & (coded != placed.region)):
        km[i] = distance_km(lon[i], lat[i], outlines.shapes[coded[i]])
    reach = np.where(how == "municipality", "placement_municipality_km", "placement_code_km")
    strays = np.nan_to_num(km - placed.km) > [limits[name] for name in reach]
    moved = (coded >= 0) & (~strays | (stated >= 0))
    placed.region[moved], placed.km[moved], placed.how[moved] = coded[moved], km[moved], how[moved]
    return coded


def place_settlements(tables: dict[str, pa.Table]) -> pa.Table:
    """Place each settlement in a NUTS-3 region of its own country (a Python model).

    Parameters
    ----------
    tables
        ``indicators.ind_settlement__listed``, ``indicators.ind_settlement__municipality``,
        ``staging.stg_gisco__nuts_2021``, ``seeds.admin_regions`` and ``seeds.thresholds``.

    Returns
    -------
    pyarrow.Table
        ``geonameid, nuts_id, placement, placement_km, outline_nuts_id, code_nuts_id,
        section_of``.

    Raises
    ------
    InputError
        A code of the seed maps to two regions, or to one that is not there.
    """
    outlines = Outlines.of_table(tables["staging.stg_gisco__nuts_2021"])
    check_admin_regions(tables["seeds.admin_regions"], set(outlines.codes))
    listed = tables["indicators.ind_settlement__listed"].to_pandas()
    codes = tables["indicators.ind_settlement__municipality"].to_pandas()
    towns = listed.merge(codes, on="geonameid").sort_values("geonameid", ignore_index=True)
    limits = Thresholds.of_table(tables["seeds.thresholds"])
    placed = place_by_outline(towns, outlines, limits)
    by_outline = placed.region.copy()
    by_code = move_by_code(placed, towns, outlines, limits)
    belongs = sections(
        unit_vectors(towns["lon"].to_numpy(), towns["lat"].to_numpy()),
        towns["population"].to_numpy(),
        towns["feature_code"].notna().to_numpy(),
        limits["section_city_min"],
        limits["section_density_per_km2"],
    )
    ids = towns["geonameid"].to_numpy()

    def named(region: np.ndarray) -> pa.Array:
        return pa.array(np.where(region >= 0, outlines.codes[region], None), pa.string())

    return pa.table(
        {
            "geonameid": ids,
            "nuts_id": named(placed.region),
            "placement": pa.array(placed.how, pa.string()),
            "placement_km": pa.array(placed.km, from_pandas=True),
            "outline_nuts_id": named(by_outline),
            "code_nuts_id": named(by_code),
            "section_of": pa.array(np.where(belongs >= 0, ids[belongs], 0), mask=belongs < 0),
        }
    )
