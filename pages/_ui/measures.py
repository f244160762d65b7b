"""What a map can show: the question it answers, its unit, its colours."""

from __future__ import annotations

from dataclasses import dataclass

# ColorBrewer PuOr: orange loses, purple gains; told apart with any colour vision.
PUOR = ("#b35806", "#f1a340", "#fee0b6", "#f7f7f7", "#d8daeb", "#998ec3", "#542788")
YLGNBU = ("#ffffcc", "#c7e9b4", "#7fcdbb", "#41b6c4", "#2c7fb8", "#253494")
NO_DATA = "#c8c8c8"
UNSELECTED = "#ececea"


@dataclass(frozen=True)
class Measure:
    """One measure of regions: column, wording, unit, format and colours."""

    column: str
    label: str
    question: str
    unit: str
    number: str
    colours: tuple[str, ...]
    sources: tuple[str, ...]
    categories: tuple[str, ...] = ()
    has_years: bool = False
    vintage: str = "NUTS 2021"
    group: str = ""


_CENSUS = ("jrc_census_population", "gisco_nuts_2021")
_GISCO = ("gisco_nuts_2021",)
_TYPES = ("gisco_nuts_2021", "eurostat_nuts_2024_typologies")

REGION_MEASURES = {
    m.column: m
    for m in (
        Measure(
            "change_pct",
            "Population change",
            "Which regions gain and which lose people?",
            "%",
            "{:+.1f}",
            PUOR,
            _CENSUS,
            has_years=True,
        ),
        Measure(
            "annual_change_pct",
            "Annual population change",
            "How fast do regions gain or lose people each year?",
            "% a year",
            "{:+.2f}",
            PUOR,
            _CENSUS,
            has_years=True,
        ),
        Measure(
            "trend",
            "Trend",
            "Where does the population shrink?",
            "",
            "{}",
            ("#b35806", "#f7f7f7", "#542788"),
            _CENSUS,
            ("shrinking", "stable", "growing"),
            has_years=True,
        ),
        Measure(
            "density_per_km2",
            "Population density",
            "How densely are regions settled?",
            "people per km²",
            "{:,.0f}",
            YLGNBU,
            _CENSUS,
            has_years=True,
        ),
        Measure(
            "smst_population_share",
            "Share living in small and medium-sized towns",
            "Where do people live in small and medium-sized towns?",
            "share of settled population",
            "{:.0%}",
            YLGNBU[:5],
            ("geonames_cities500", "gisco_nuts_2021"),
        ),
        Measure(
            "urban_rural",
            "Urban-rural type",
            "Which regions are rural?",
            "",
            "{}",
            ("#009e73", "#f0e442", "#0072b2"),
            _GISCO,
            ("predominantly rural", "intermediate", "predominantly urban"),
        ),
        Measure(
            "mountain",
            "Mountain type",
            "Which regions lie in the mountains?",
            "",
            "{}",
            ("#8c510a", "#d8b365", "#5ab4ac", "#f5f5f5"),
            _GISCO,
            (
                "mountain: population and surface",
                "mountain: surface",
                "mountain: population",
                "not mountain",
            ),
        ),
        Measure(
            "coastal",
            "Coastal type",
            "Which regions lie on or near the sea?",
            "",
            "{}",
            ("#0072b2", "#9ecae1", "#f5f5f5"),
            _GISCO,
            ("on the coast", "near the coast", "not coastal"),
        ),
        Measure(
            "border",
            "Border type",
            "Which regions lie on a land border?",
            "",
            "{}",
            ("#d55e00", "#e69f00", "#f0e442", "#f5f5f5"),
            _TYPES,
            (
                "land border (external)",
                "land border (internal)",
                "border with population threshold",
                "non-border",
            ),
            vintage="types of NUTS 2024",
        ),
        Measure(
            "island",
            "Island type",
            "Which regions are islands?",
            "",
            "{}",
            ("#0072b2", "#f5f5f5"),
            _TYPES,
            ("island", "not island"),
            vintage="types of NUTS 2024",
        ),
    )
}

SIZE_CLASSES = {
    "city": ("City (50 000 people and more)", "#7a0177"),
    "medium_town": ("Medium town (25 000 to 49 999)", "#d55e00"),
    "small_town": ("Small town (5 000 to 24 999)", "#0072b2"),
    "village": ("Village (500 to 4 999)", "#8a8a8a"),
}

METHODS = {
    "fixed": "Fixed breaks",
    "quantiles": "Quantiles (equal counts)",
    "equal": "Equal intervals",
    "deviation": "Standard deviations",
}
