"""Regions like one: the comparison of towns, with what is known of regions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from pipelines.serve.store import Store
from pipelines.serve.texts import N_
from pipelines.serve.thresholds import thresholds
from pipelines.similar.lookalike import (
    Settings,
    Space,
    distances,
    nearest,
    prepare,
    shared_knowledge,
)

#: What is compared, and whether by its logarithm.
NUMBERS = {
    "population_end": (N_("people"), True),
    "density_per_km2": (N_("people per km²"), True),
    "change_pct": (N_("change"), False),
    "minutes_to_city": (N_("minutes to a city"), False),
    "smst_population_share": (N_("share of people in smaller towns"), False),
    "median_age": (N_("median age"), False),
    "gdp_pct_of_eu": (N_("wealth"), False),
}
CLASSES = {
    "urban_rural": N_("urban or rural"),
    "mountain": N_("mountains"),
    "coastal": N_("coast"),
    "border": N_("border"),
    "island": N_("island"),
}


def _prepare(store: Store, level: int) -> tuple[pd.DataFrame, Space]:
    frame = store.arrow(
        """
        select
            regions.nuts_id, regions.name, regions.country, regions.country_name,
            regions.population_end, regions.density_per_km2, regions.change_pct, regions.trend,
            regions.minutes_to_city, regions.smst_population_share, ages.median_age,
            ages.gdp_pct_of_eu, regions.urban_rural, regions.mountain, regions.coastal,
            regions.border, regions.island
        from marts.regions as regions
        left join marts.region_demography as ages
            on ages.nuts_id = regions.nuts_id and ages.nuts_version = regions.nuts_version
        where regions.level = ?
        order by regions.nuts_id
        """,
        [level],
    ).to_pandas()
    values = {name: frame[name].to_numpy(dtype=float) for name in NUMBERS}
    scaled = {n: np.log10(v) if NUMBERS[n][1] else v for n, v in values.items()}
    # A column without any value would leave no complete case.
    scaled = {n: v for n, v in scaled.items() if np.isfinite(v).any()}
    classes = {n: [None if pd.isna(v) else v for v in frame[n]] for n in CLASSES}
    logarithms = {n for n, (_label, is_log) in NUMBERS.items() if is_log}
    space = prepare(scaled, classes, Settings.from_thresholds(thresholds(store)), logarithms)
    return frame, space


def regions_like(store: Store, code: str, level: int, number: int = 5) -> list[dict[str, Any]]:
    """Return the regions of the same level most like one, the likest first.

    Gower's distance over numbers and types, as for towns; classes count what the threshold
    ``lookalike_class_weight`` says.

    Returns
    -------
    list of dict
        ``nuts_id``, ``name``, ``country_name``, ``population_end``, ``trend``, ``distance``
        (0 alike to 1); empty where too little is known of the region.
    """
    frame, space = store.memo(("like_regions", level), lambda: _prepare(store, level))
    i = int(frame["nuts_id"].searchsorted(code))
    weights = {n: space.settings.class_weight if n in CLASSES else 1.0 for n in space.names}
    away = distances(space, i, "gower", weights)
    allowed = shared_knowledge(space, i, weights) >= space.settings.least_shared
    chosen = nearest(away, i, allowed, number)
    names = ["nuts_id", "name", "country_name", "population_end", "trend"]
    rows = frame.iloc[chosen][names].assign(distance=away[chosen]).astype(object)
    known = rows.where(rows.notna(), None).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in known]
