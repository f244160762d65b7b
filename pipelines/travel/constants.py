"""The constants of the travel-time estimate, read from the seed ``thresholds``.

No number of the model stands in the code: each field below is the row
``travel_<field>`` of ``sql/seeds/thresholds.csv``, with its unit and evidence.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.core.thresholds import Constants


@dataclass(frozen=True, slots=True)
class TravelConstants(Constants):
    """Constants of links, speeds, terrain and ferries (units in the seed)."""

    detour: float
    time_factor: float
    link_min: float
    speed_local_kmh: float
    speed_main_kmh: float
    weight_low_population: float
    weight_high_population: float
    weight_exponent: float
    ramp_km: float
    unknown_population: float
    roughness_neighbours: float
    roughness_cap_m: float
    roughness_slowdown_per_100m: float
    roughness_detour_per_100m: float
    main_relief_share: float
    grade_slowdown_per_pct: float
    grade_cap_pct: float
    mountain_slowdown: float
    tier_low_population: float
    tier_low_max_km: float
    tier_middle_population: float
    tier_middle_max_km: float
    tier_high_population: float
    tier_high_max_km: float
    tier_sample_km: float
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
