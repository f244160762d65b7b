"""The nodes of the network: settlements as arrays."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipelines.core.errors import InputError
from pipelines.geo.sphere import to_sphere


@dataclass(frozen=True, slots=True)
class Settlements:
    """The nodes as arrays of shape (n,), in the order of the network's indices."""

    geonameid: NDArray[np.int64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    population: NDArray[np.float64]
    elevation_m: NDArray[np.float64]
    country: NDArray[np.object_]
    road_population: NDArray[np.float64]
    xyz: NDArray[np.float64] = field(repr=False)

    @classmethod
    def from_table(cls, table: pa.Table) -> Settlements:
        """Read a settlements table.

        Parameters
        ----------
        table : Table
            ``geonameid, lon, lat`` (EPSG:4326), ``population``, ``elevation_m``,
            ``country``; ``road_population`` (people that the way into the place grows with,
            also of a part of a city), ``population`` where it is not given. Unknown
            values are NULL.

        Raises
        ------
        InputError
            A column is missing, an id comes twice or a coordinate is NULL.
        """
        missing = {"geonameid", "lon", "lat", "population"} - set(table.column_names)
        if missing:
            raise InputError(f"settlements: missing columns: {', '.join(sorted(missing))}")
        n = table.num_rows

        def numbers(name: str) -> NDArray[np.float64]:
            if name not in table.column_names:
                return np.full(n, np.nan)
            values = table[name].cast(pa.float64()).to_numpy(zero_copy_only=False)
            return np.asarray(values, dtype=float)

        ids = table["geonameid"].to_numpy(zero_copy_only=False).astype(np.int64)
        if len(np.unique(ids)) != n:
            raise InputError("settlements: geonameid is not unique")
        lon, lat = numbers("lon"), numbers("lat")
        if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
            raise InputError("settlements: lon and lat must be known for every row")
        country = np.array(
            table["country"].to_pylist() if "country" in table.column_names else [""] * n,
            dtype=object,
        )
        return cls(
            ids,
            lon,
            lat,
            numbers("population"),
            numbers("elevation_m"),
            country,
            numbers("road_population" if "road_population" in table.column_names else "population"),
            to_sphere(lon, lat),
        )

    def __len__(self) -> int:
        return len(self.geonameid)
