"""The thresholds of the OpenStreetMap set, rows of ``sql/seeds/thresholds.csv``."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.core.thresholds import Constants


@dataclass(frozen=True, slots=True)
class OsmConstants(Constants):
    """See the rows' labels; minutes are by car, estimated."""

    covered_least_nodes: float
    near_min: float
    far_min: float
    search_min: float
    few_types: float
    many_types: float
    mapped_most_people: float
    thin_share: float
    class_least: float
    register_match_m: float

    @classmethod
    def prefix(cls) -> str:
        """Return what the names of the rows begin with."""
        return "osm_"
