"""Cells of the census grid: the settlement whose minutes they take, and the region they lie in.

Outlines are generalised, and a cell at a border or a coast may lie in the neighbour's or in
none: its own countries are stated with it, and its nearest settlement then tells the region.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyproj
import shapely
from numpy.typing import NDArray

from pipelines.core.thresholds import Thresholds
from pipelines.geo.nearest import SettlementTree
from pipelines.travel.constants import TravelConstants
from pipelines.travel.models import NODES, THRESHOLDS
from pipelines.travel.speeds import access_minutes

CELLS = "staging.stg_eurostat__census_grid"
REGIONS = "staging.stg_gisco__nuts_2021"
_HALF_M = 500  # from the corner to the middle of a cell
_BLOCK = 250_000  # cells that are placed at once, so that memory stays bounded
_TO_DEGREES = pyproj.Transformer.from_crs(3035, 4326, always_xy=True)

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Placer:
    """Places cells among settlements and regions.

    Parameters
    ----------
    nodes : Table
        ``geonameid, lon, lat, nuts_id`` (EPSG:4326).
    regions : Table
        ``nuts_id, level, country, geometry`` (WKB, EPSG:4326); level 3 is used.
    c : TravelConstants
    """

    def __init__(self, nodes: pa.Table, regions: pa.Table, c: TravelConstants) -> None:
        small = regions.filter(pc.equal(regions["level"], 3)).sort_by("nuts_id")
        self.codes = small["nuts_id"].combine_chunks()
        self.country = np.array([code[:2] for code in self.codes.to_pylist()], dtype="U2")
        self.shapes = shapely.from_wkb(np.array(small["geometry"].to_pylist(), dtype=object))
        lon, lat = (nodes[name].to_numpy(zero_copy_only=False) for name in ("lon", "lat"))
        self.tree, self.ids = SettlementTree(lon, lat), nodes["geonameid"].combine_chunks()
        #: Region of each settlement, −1 without.
        self.region = pc.fill_null(pc.index_in(nodes["nuts_id"], self.codes), -1).to_numpy()
        self.c = c

    def place(self, cells: pa.Table) -> pa.Table:
        """Return ``cell_no, nuts_id, geonameid, access_min, population`` of some cells.

        ``nuts_id`` is NULL outside the regions of the cell's countries; ``geonameid`` and
        ``access_min`` are NULL where no settlement is within ``travel_access_max_km``.
        """
        north, east = (cells[n].to_numpy().astype(float) for n in ("north_m", "east_m"))
        lon, lat = _TO_DEGREES.transform(east + _HALF_M, north + _HALF_M)
        # Beyond the sheet of the projection there is no place; nothing lies at its opposite.
        off = ~(np.isfinite(lon) & np.isfinite(lat))
        lon[off], lat[off] = 0.0, -90.0
        near, km = self.tree.nearest(lon, lat)
        outline = self._outline(lon, lat)
        own = self._own(cells["countries"])
        nowhere = off | (km > self.c.access_max_km)
        region = np.where(own.of(outline), outline, -1)
        fallback = np.where(nowhere, -1, self.region[near])
        region = np.where(region < 0, np.where(own.of(fallback), fallback, -1), region)
        return pa.table(
            {
                "cell_no": cells["cell_no"],
                "nuts_id": self.codes.take(pa.array(region, mask=region < 0)),
                "geonameid": self.ids.take(pa.array(near, mask=nowhere)),
                "access_min": pa.array(access_minutes(km, self.c), mask=nowhere),
                "population": cells["people"],
            }
        )

    def _outline(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> Ints:
        """Return the region whose outline holds each point, −1 where none does."""
        points = np.asarray(shapely.points(lon, lat))
        shape, point = shapely.STRtree(points).query(self.shapes, predicate="intersects")
        region = np.full(len(lon), -1, dtype=np.int64)
        region[point[::-1]] = shape[::-1]  # on a shared border the first in order
        return region

    def _own(self, countries: pa.ChunkedArray) -> _Own:
        """Tell of each cell in which countries it lies, as Eurostat states them: ``AT-CH-LI``."""
        coded = pc.fill_null(countries, "").combine_chunks().dictionary_encode()
        names = np.unique(self.country)
        stated = [set(text.split("-")) for text in coded.dictionary.to_pylist()]
        lies_in = np.array([[str(name) in codes for name in names] for codes in stated], bool)
        return _Own(
            coded.indices.to_numpy(),
            lies_in.reshape(len(stated), len(names)),
            np.searchsorted(names, self.country),
        )


class _Own:
    """Whether a region lies in one of the cell's countries."""

    def __init__(self, text: Ints, lies_in: Bools, country_of_region: Ints) -> None:
        self.text, self.lies_in, self.country_of_region = text, lies_in, country_of_region

    def of(self, region: Ints) -> Bools:
        """Tell for one region a cell; False where it is −1."""
        answer: Bools = self.lies_in[self.text, self.country_of_region[region]]
        return answer & (region >= 0)


def place_cells(tables: Mapping[str, pa.Table]) -> pa.Table:
    """Place the inhabited cells of the census grid (a Python model).

    Parameters
    ----------
    tables
        :data:`CELLS`, ``indicators.ind_settlement__node``, :data:`REGIONS` and
        ``seeds.thresholds``.

    Returns
    -------
    Table
        Columns of :meth:`Placer.place`, by ``cell_no``.
    """
    grid = tables[CELLS].select(["cell_no", "north_m", "east_m", "people", "countries"])
    known = pc.and_(pc.is_valid(grid["people"]), pc.is_valid(grid["cell_no"]))
    grid = grid.filter(known).sort_by("cell_no")
    c = TravelConstants.from_thresholds(Thresholds.of_table(tables[THRESHOLDS]))
    placer = Placer(tables[NODES], tables[REGIONS], c)
    blocks = range(0, max(grid.num_rows, 1), _BLOCK)
    return pa.concat_tables([placer.place(grid.slice(low, _BLOCK)) for low in blocks])
