"""The constants of the travel-time estimate, read from the seed ``thresholds``.

No number of the model stands in the code: each field below is the row
``travel_<field>`` of ``sql/seeds/thresholds.csv``, with its unit and evidence.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.core.thresholds import Constants


@dataclass(frozen=True, slots=True)
class TravelConstants(Constants):
    """Constants of links, roads, climbs, terminals and ferries (units in the seed)."""

    detour: float
    link_min: float
    speed_local_kmh: float
    climb_min_per_100m: float
    grade_cap_pct: float
    terminal_min: float
    terminal_min_per_tenfold: float
    terminal_population: float
    speed_major_kmh: float
    speed_secondary_kmh: float
    speed_road_kmh: float
    speed_unknown_kmh: float
    connector_speed_kmh: float
    connector_min: float
    connector_climb_min_per_100m: float
    connector_count: float
    connector_max_km: float
    connector_good_count: float
    connector_good_max_km: float
    road_piece_km: float
    road_merge_km: float
    ways_low_population: float
    ways_middle_population: float
    ways_high_population: float
    portal_cell_km: float
    portal_max_min: float
    elevation_neighbours: float
    water_gap_max_km: float
    landing_max_km: float
    land_least_per_1000km2: float
    nearest_links: float
    shore_detour: float
    ferry_boarding_min: float
    ferry_short_boarding_min: float
    ferry_short_km: float
    ferry_speed_kmh: float
    ferry_max_km: float
    crossing_snap_max_km: float
    access_speed_kmh: float
    access_detour: float
    access_max_km: float

    @classmethod
    def prefix(cls) -> str:
        """Return ``travel_``."""
        return "travel_"
