"""Settlements in their regions, and sections of cities: geometry that SQL cannot do.

Outlines are stored in EPSG:4326. The nearest outline is chosen in EPSG:3035 and the
distance to it measured on the ellipsoid, so that overseas regions, far from the
projection's centre, get true kilometres.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyproj
import shapely
from scipy.spatial import cKDTree

from pipelines.core.thresholds import Thresholds
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
    found = np.full(len(points), -1)
    first = np.unique(point[order], return_index=True)[1]
    found[point[order][first]] = shape[order][first]
    return found


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


def place_settlements(tables: dict[str, pa.Table]) -> pa.Table:
    """Place each settlement in a NUTS-3 region of its own country (a Python model).

    Parameters
    ----------
    tables
        ``indicators.ind_settlement__listed``, ``staging.stg_gisco__nuts_2021`` and
        ``seeds.thresholds``.

    Returns
    -------
    pyarrow.Table
        ``geonameid, nuts_id, placement, placement_km, section_of``.
    """
    towns = tables["indicators.ind_settlement__listed"].sort_by("geonameid").to_pandas()
    regions = tables["staging.stg_gisco__nuts_2021"].to_pandas()
    limits = Thresholds.of_table(tables["seeds.thresholds"])
    regions = regions[regions["level"] == 3].sort_values("nuts_id").reset_index(drop=True)
    shapes = shapely.from_wkb(regions["geometry"].to_numpy())
    region_country = regions["country"].to_numpy(dtype=object)
    own = towns["country"].to_numpy(dtype=object)
    lon, lat = towns["lon"].to_numpy(), towns["lat"].to_numpy()

    inside = containing_region(shapely.points(lon, lat), shapes, own, region_country)
    at_home = (inside >= 0) & (region_country[inside] == own)
    region = np.where(at_home, inside, -1)
    placement = np.where(at_home, "inside", "no regions").astype(object)
    km = np.where(at_home, 0.0, np.nan)

    has_regions = towns["has_regions"].to_numpy(dtype=bool)
    for country in np.unique(own[has_regions & ~at_home]):
        here = np.flatnonzero(has_regions & ~at_home & (own == country))
        candidates = np.flatnonzero(region_country == country)
        nearest, distance = nearest_region(lon[here], lat[here], shapes, candidates)
        near, reach = limits["placement_near_km"], limits["placement_max_km"]
        kind = np.where(distance <= near, "near", "island").astype(object)
        kind[inside[here] >= 0] = "border"
        kind[distance > reach] = "unplaced"
        region[here] = np.where(distance > reach, -1, nearest)
        placement[here], km[here] = kind, distance
    codes = regions["nuts_id"].to_numpy(dtype=object)
    for i in np.flatnonzero(towns["stated_nuts_id"].notna()):
        region[i] = int(np.flatnonzero(codes == towns["stated_nuts_id"][i])[0])
        km[i] = distance_km(lon[i], lat[i], shapes[region[i]])

    belongs = sections(
        unit_vectors(lon, lat),
        towns["population"].to_numpy(),
        towns["feature_code"].notna().to_numpy(),
        limits["section_city_min"],
        limits["section_density_per_km2"],
    )
    ids = towns["geonameid"].to_numpy()
    return pa.table(
        {
            "geonameid": ids,
            "nuts_id": pa.array(np.where(region >= 0, codes[region], None), pa.string()),
            "placement": pa.array(placement, pa.string()),
            "placement_km": pa.array(km, from_pandas=True),
            "section_of": pa.array(np.where(belongs >= 0, ids[belongs], 0), mask=belongs < 0),
        }
    )
