"""The constants of the travel-time estimate, read from the seed ``thresholds``.

No number of the model stands in the code: each field below is the row
``travel_<field>`` of ``sql/seeds/thresholds.csv``, with its unit and evidence.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self

from pipelines.core.errors import InputError


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Base of the dataclasses that are built from rows of the thresholds seed."""

    @classmethod
    def prefix(cls) -> str:
        """Return what the names of this class's rows begin with."""
        raise NotImplementedError

    @classmethod
    def from_thresholds(cls, rows: Mapping[str, float]) -> Self:
        """Pick this class's rows out of all thresholds.

        Parameters
        ----------
        rows : mapping of str to float
            Threshold name to value.

        Raises
        ------
        InputError
            A row is missing or is not a finite number.
        """
        values: dict[str, float] = {}
        for field in fields(cls):
            name = cls.prefix() + field.name
            if name not in rows:
                raise InputError(
                    f"thresholds: no row named '{name}'; it is needed by {cls.__name__}. "
                    "Add it to sql/seeds/thresholds.csv."
                )
            value = float(rows[name])
            if not value == value or value in (float("inf"), float("-inf")):
                raise InputError(f"thresholds: row '{name}' is {value}; a finite number is allowed")
            values[field.name] = value
        return cls(**values)


@dataclass(frozen=True, slots=True)
class TravelConstants(Thresholds):
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


def read_thresholds(path: Path) -> dict[str, float]:
    """Read the numeric rows of a thresholds seed as name to value.

    Raises
    ------
    InputError
        A column is missing, a name comes twice or a value is not a number.
    """
    found: dict[str, float] = {}
    with path.open(encoding="utf-8", newline="") as handle:
        reader = csv.DictReader(handle)
        if not {"name", "value"} <= set(reader.fieldnames or []):
            raise InputError(f"{path.name}: needs the columns name and value")
        for number, row in enumerate(reader, start=2):
            if row["name"] in found:
                raise InputError(f"{path.name}: row {number}: name '{row['name']}' comes twice")
            try:
                found[row["name"]] = float(row["value"])
            except ValueError as error:
                raise InputError(
                    f"{path.name}: row {number}: value '{row['value']}' is not a number"
                ) from error
    return found
