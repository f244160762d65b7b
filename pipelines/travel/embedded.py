"""The network straight from the embedded default, without a database.

For benchmarks, tests and a first run; a build takes the same from its tables.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from pipelines.core import paths
from pipelines.core.countries import EUROSTAT
from pipelines.core.thresholds import Thresholds
from pipelines.travel.constants import TravelConstants
from pipelines.travel.crossings import Seeds
from pipelines.travel.land import Land
from pipelines.travel.network import Network, build_network
from pipelines.travel.settlements import Settlements


def settlements() -> pa.Table:
    """Embedded GeoNames places, sections of places left out."""
    raw = pq.read_table(paths.embedded_dir() / "geonames_cities500.parquet")
    code = raw["feature_code"].combine_chunks()
    part = pc.fill_null(
        pc.is_in(code, pa.array(["PPLX", "PPLQ", "PPLH", "PPLW"], code.type)), False
    )
    raw = raw.filter(pc.invert(part))
    country = [EUROSTAT.get(c, c) for c in raw["country_code"].to_pylist()]
    people = pc.coalesce(raw["population_2026"], raw["population_2023"])
    return pa.table(
        {
            "geonameid": raw["geonameid"].cast(pa.int64()),
            "name": raw["name"].cast(pa.string()),
            "lon": raw["longitude"],
            "lat": raw["latitude"],
            "population": people,
            "elevation_m": raw["dem"],
            "country": pa.array(country, pa.string()),
        }
    )


def seeds() -> Seeds:
    """Return the seeds of crossings, barriers and closed borders."""
    folder = paths.sql_dir() / "seeds"
    read = pyarrow.csv.read_csv
    return Seeds(
        read(folder / "crossings.csv"),
        read(folder / "barriers.csv"),
        read(folder / "closed_borders.csv"),
    )


def thresholds() -> Thresholds:
    """Return the thresholds seed as name to value."""
    return Thresholds.of_file(paths.sql_dir() / "seeds" / "thresholds.csv")


def outlines() -> tuple[pa.Table, pa.Table]:
    """Return NUTS regions and the neighbours' land."""
    folder = paths.embedded_dir()
    return (
        pq.read_table(folder / "gisco_nuts_2021.parquet"),
        pq.read_table(folder / "natural_earth_land.parquet"),
    )


def land(nodes: Settlements, constants: TravelConstants) -> Land:
    """Return the land that is travelled between settlements."""
    lon_lat = np.column_stack([nodes.lon, nodes.lat])
    return Land.from_tables(*outlines(), lon_lat, constants.land_least_per_1000km2)


def ways() -> pa.Table:
    """Return the ways by main roads between neighbouring settlements."""
    return pq.read_table(paths.embedded_dir() / "natural_earth_ways.parquet")


def network(
    table: pa.Table | None = None, by: pa.Table | None = None, on: Land | None = None
) -> Network:
    """Build the network of all embedded settlements, or of ``table``; main roads ``by`` ways.

    ``on`` is the land, where it was made before.
    """
    nuts, neighbours = outlines()
    return build_network(
        settlements() if table is None else table,
        nuts,
        neighbours,
        seeds(),
        TravelConstants.from_thresholds(thresholds()),
        ways() if by is None else by,
        on,
    )
