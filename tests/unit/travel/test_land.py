"""Land and sea: the cells that save tests say what the geometry itself says."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from pipelines.travel.land import Inland, Land

RNG = np.random.default_rng(3)
#: Two landmasses of some 300 km with ragged coasts, the first with a lake of 30 km.
TURN = np.linspace(0, 2 * np.pi, 400, endpoint=False)
LAKE = shapely.Point(180, 200).buffer(15)


def ragged(x: float, y: float, radius: float) -> shapely.Polygon:
    r = radius * (1 + 0.15 * np.sin(9 * TURN) + 0.05 * np.sin(41 * TURN))
    return shapely.Polygon(np.column_stack([x + r * np.cos(TURN), y + r * np.sin(TURN)]))


COAST = np.array([ragged(160, 170, 140) - LAKE, ragged(520, 150, 130)], dtype=object)
LAND = Land.of(COAST, COAST)
POINTS = RNG.random((4000, 2)) * [700, 400] - [20, 40]


def test_points_stand_on_the_landmass_that_covers_them_or_on_the_nearest_shore():
    landed, landmass = LAND.land_points(POINTS, 5.0)
    distance = shapely.distance(shapely.points(POINTS)[:, None], COAST)
    want = np.where(distance.min(axis=1) <= 5.0, distance.argmin(axis=1), -1)
    assert (landmass == want).all()
    assert {*landmass} == {-1, 0, 1}
    moved = np.linalg.norm(landed - POINTS, axis=1)
    wet = (distance.min(axis=1) > 0) & (want >= 0)
    # 0.05 km behind the shore, see the module.
    assert moved[wet] == pytest.approx(distance.min(axis=1)[wet] + 0.05)
    assert (moved[~wet] == 0).all()


def test_water_on_a_line_is_what_sampling_finds():
    start, end = POINTS[:400], POINTS[:400] + RNG.normal(0, 20, (400, 2))
    gap = LAND.water_gap_km(start, end)
    t = np.linspace(0, 1, 2001)
    for i in range(400):
        dry = shapely.contains_xy(
            COAST.tolist(), *(start[i] + t[:, None] * (end[i] - start[i])).T[:, :, None]
        ).any(axis=1)
        edge = np.flatnonzero(np.diff(np.concatenate([[True], dry, [True]])))
        longest = (edge[1::2] - edge[::2]).max() if len(edge) else 0
        length = np.linalg.norm(end[i] - start[i])
        assert gap[i] == pytest.approx(longest * length / 2000, abs=0.003 * length + 1e-6)


def test_cells_are_wholly_land():
    inland = Inland.of(COAST)
    column, row = np.nonzero(inland.landmass >= 0)
    corner = inland.low + 8.0 * np.column_stack([column, row])
    boxes = shapely.box(*corner.T, *(corner + 8.0).T)
    assert shapely.contains(COAST[inland.landmass[column, row]], boxes).all()
    # Most of both landmasses lies in such cells, and none in the lake.
    assert shapely.area(boxes).sum() > 0.6 * shapely.area(COAST).sum()
    assert not shapely.intersects(boxes, LAKE).any()
