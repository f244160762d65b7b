"""Cells of the census grid on a map of three boxes and three settlements."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
import shapely

from pipelines.geo.projection import to_laea
from pipelines.geo.sphere import EARTH_RADIUS_KM
from pipelines.reach.cells import CELLS, REGIONS, place_cells
from pipelines.travel import embedded
from pipelines.travel.models import NODES, THRESHOLDS

#: West to east along 47 to 48 degrees north: Germany, and two regions of Austria.
BOXES = {"DE111": (9, 10), "AT111": (10, 11), "AT112": (11, 12)}
SETTLEMENTS = {1: (9.9, "DE111"), 2: (10.5, "AT111"), 3: (11.5, "AT112")}


def tables(*cells: tuple[float, float, str, int | None]) -> dict[str, pa.Table]:
    """Cells by a point in them (EPSG:4326), the countries that they state, and their people."""
    x, y = to_laea(np.array([c[0] for c in cells]), np.array([c[1] for c in cells]))
    east, north = (np.floor(v / 1000).astype(np.int64) for v in (x, y))
    thresholds = embedded.thresholds()
    return {
        CELLS: pa.table(
            {
                "cell_no": pa.array(north * 10_000 + east, pa.int32()),
                "north_m": pa.array(north * 1000, pa.int32()),
                "east_m": pa.array(east * 1000, pa.int32()),
                "people": pa.array([c[3] for c in cells], pa.int64()),
                "countries": [c[2] for c in cells],
            }
        ),
        NODES: pa.table(
            {
                "geonameid": pa.array(list(SETTLEMENTS), pa.int32()),
                "lon": [lon for lon, _ in SETTLEMENTS.values()],
                "lat": [47.5] * 3,
                "nuts_id": [code for _, code in SETTLEMENTS.values()],
            }
        ),
        REGIONS: pa.table(
            {
                "nuts_id": [*BOXES, "AT"],
                "level": pa.array([3, 3, 3, 0], pa.int8()),
                "geometry": [
                    *(shapely.to_wkb(shapely.box(a, 47, b, 48)) for a, b in BOXES.values()),
                    shapely.to_wkb(shapely.box(10, 47, 12, 48)),
                ],
            }
        ),
        THRESHOLDS: pa.table(
            {"name": list(thresholds), "value": [thresholds[name] for name in thresholds]}
        ),
    }


def placed(lon: float, lat: float, countries: str) -> tuple[str | None, int | None]:
    row = place_cells(tables((lon, lat, countries, 10))).to_pylist()[0]
    return row["nuts_id"], row["geonameid"]


def test_region_and_settlement() -> None:
    assert placed(10.55, 47.5, "AT") == ("AT111", 2)
    # Its nearest settlement lies abroad, its region does not.
    assert placed(10.05, 47.5, "AT") == ("AT111", 1)
    assert placed(11.4, 47.6, "AT") == ("AT112", 3)


def test_where_the_outline_is_a_neighbours_the_cells_own_countries_tell() -> None:
    # In Germany's generalised outline, of Austria by its code; the nearest settlement is Germany's.
    assert placed(9.98, 47.5, "AT") == (None, 1)
    assert placed(9.98, 47.5, "AT-DE") == ("DE111", 1)
    # South of all outlines, and nearest to an Austrian settlement.
    assert placed(10.5, 46.99, "AT") == (None, None)  # 56 km from it
    assert placed(12.01, 47.5, "AT") == (None, None)  # 38 km east of the last


def test_a_cell_off_the_coast_takes_the_region_of_its_settlement() -> None:
    given = tables((10.5, 46.98, "AT", 10))
    given[NODES] = given[NODES].set_column(2, "lat", pa.array([47.5, 47.02, 47.5]))
    row = place_cells(given).to_pylist()[0]
    assert (row["nuts_id"], row["geonameid"]) == ("AT111", 2)


def test_far_from_every_settlement_there_is_no_way() -> None:
    row = place_cells(tables((10.9, 47.9, "AT", 10))).to_pylist()[0]  # 54 km
    assert (row["nuts_id"], row["geonameid"]) == ("AT111", None)
    assert row["access_min"] is None


def test_the_way_to_the_settlement_by_hand() -> None:
    """Straight kilometres x 1.3 at 36 km/h, from the middle of the cell."""
    given = tables((10.55, 47.55, "AT", 10))
    north, east = (given[CELLS][name][0].as_py() for name in ("north_m", "east_m"))
    # The middle in degrees by search, not by the inverse of the projection.
    lon, lat = 10.55, 47.55
    for _ in range(50):
        x, y = to_laea(np.array([lon]), np.array([lat]))
        lat += (north + 500 - y[0]) / 111_200
        lon += (east + 500 - x[0]) / 75_000
    a, b = np.radians([47.5, lat])
    half = (
        np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(np.radians(lon - 10.5) / 2) ** 2
    )
    km = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(half))
    row = place_cells(given).to_pylist()[0]
    assert 5 < km < 8
    assert row["access_min"] == pytest.approx(60 * km * 1.3 / 36, rel=1e-4)


def test_cells_without_people_or_place_are_left_out() -> None:
    given = tables((10.55, 47.5, "AT", 10), (11.4, 47.6, "AT", None))
    assert place_cells(given)["population"].to_pylist() == [10]
    given[CELLS] = given[CELLS].slice(0, 0)
    assert place_cells(given).num_rows == 0


def test_beyond_the_sheet_of_the_projection_there_is_no_place() -> None:
    given = tables((10.55, 47.5, "AT", 10))
    far = pa.array([90_000_000], pa.int32())
    given[CELLS] = given[CELLS].set_column(1, "north_m", far)
    row = place_cells(given).to_pylist()[0]
    assert (row["nuts_id"], row["geonameid"]) == (None, None)
