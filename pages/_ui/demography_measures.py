"""What the map of shrinking regions can show, in words and colours."""

from __future__ import annotations

from pages._ui.measures import PUOR, YLGNBU, Measure

_EVENTS = (
    "eurostat_demo_r_pjanaggr3",
    "eurostat_demo_r_pjangrp3",
    "eurostat_demo_r_births",
    "eurostat_demo_r_deaths",
)
_AGES = ("eurostat_demo_r_pjanind3",)
_GDP = ("eurostat_nama_10r_3gdp",)

WEBB = {
    "A": "A grows: births outweigh leaving",
    "B": "B grows: births, then migration",
    "C": "C grows: migration, then births",
    "D": "D grows: migration outweighs deaths",
    "E": "E shrinks: deaths outweigh migration",
    "F": "F shrinks: deaths, then leaving",
    "G": "G shrinks: leaving, then deaths",
    "H": "H shrinks: leaving outweighs births",
    "stationary": "stationary",
}
# Green: births carry growth; blue: migration does; yellow to brown: deaths and leaving.
WEBB_COLOURS = (
    "#b8e186",
    "#4d9221",
    "#92c5de",
    "#2166ac",
    "#fee08b",
    "#f08c3a",
    "#9c3d06",
    "#d77fb8",
    "#ffffff",
)
CAUSES = ("legacy", "mixed, mostly legacy", "mixed", "mixed, mostly active", "active")
_CAUSE_COLOURS = ("#fee08b", "#fdb863", "#e08214", "#b35806", "#d77fb8")
SHAPES = ("sudden", "lasting", "uneven", "recovering")
DURATIONS = (
    "continuous, severe",
    "continuous, moderate",
    "continuous, modest",
    "recent-led",
    "earlier-led",
    "recent only, overall gain",
    "earlier only, overall gain",
    "no decline",
)

MEASURES = {
    m.column: m
    for m in (
        Measure(
            "webb_type",
            "Webb's type",
            "Do people leave, or are too few born?",
            "",
            "{}",
            WEBB_COLOURS,
            _EVENTS,
            tuple(WEBB),
        ),
        Measure(
            "cause_class",
            "Cause of shrinking",
            "Why do regions shrink?",
            "",
            "{}",
            (*_CAUSE_COLOURS, "#f7f7f7"),
            _EVENTS,
            (*CAUSES, "not shrinking"),
        ),
        Measure(
            "shrinking_class",
            "Rate class",
            "How fast do regions shrink?",
            "",
            "{}",
            ("#7f3b08", "#e08214", "#fee0b6", "#d8daeb"),
            _EVENTS,
            ("severe", "moderate", "modest", "not shrinking"),
        ),
        Measure(
            "annual_change_pct",
            "Annual change",
            "How fast do regions grow or shrink?",
            "% a year",
            "{:+.2f}",
            PUOR,
            _EVENTS,
        ),
        Measure(
            "natural_change_per_1000",
            "Natural change",
            "Where do deaths outnumber births?",
            "per 1 000 people a year",
            "{:+.0f}",
            PUOR,
            _EVENTS,
        ),
        Measure(
            "net_migration_per_1000",
            "Net migration and statistical adjustment",
            "Where do people leave, and where do they come?",
            "per 1 000 people a year",
            "{:+.0f}",
            PUOR,
            _EVENTS,
        ),
        Measure(
            "duration_class",
            "Duration of decline",
            "How long have regions shrunk?",
            "",
            "{}",
            (
                "#7f3b08",
                "#b35806",
                "#e08214",
                "#fdb863",
                "#fee0b6",
                "#d8daeb",
                "#b2abd2",
                "#8073ac",
            ),
            _EVENTS,
            DURATIONS,
        ),
        Measure(
            "shape_class",
            "Shape of decline",
            "Is decline sudden, lasting or over?",
            "",
            "{}",
            ("#9c3d06", "#f08c3a", "#fee08b", "#2166ac", "#f7f7f7"),
            _EVENTS,
            (*SHAPES, "not shrinking"),
        ),
        Measure(
            "median_age", "Median age", "Where are people old?", "years", "{:.1f}", YLGNBU, _AGES
        ),
        Measure(
            "old_age_ratio_pct",
            "Old-age dependency ratio",
            "How many old people are there for those of 15 to 64?",
            "%",
            "{:.0f}",
            YLGNBU,
            _AGES,
        ),
        Measure(
            "gdp_pct_of_eu",
            "GDP per head",
            "Where is wealth made?",
            "% of the EU-27, PPS",
            "{:.0f}",
            YLGNBU,
            _GDP,
        ),
        Measure(
            "cohesion_category",
            "Cohesion category (computed, not the official list)",
            "Which regions are less developed?",
            "",
            "{}",
            ("#9c3d06", "#fdb863", "#f7f7f7"),
            _GDP,
            ("less developed", "transition", "more developed"),
        ),
        Measure(
            "watch_class",
            "Watch list: criteria met",
            "Which regions shrink, age and are poor at once?",
            "",
            "{}",
            ("#f7f7f7", "#fee391", "#fe9929", "#cc4c02", "#662506"),
            (*_EVENTS, *_AGES, *_GDP),
            ("0", "1", "2", "3", "4"),
        ),
    )
}
EVENT_SOURCES = _EVENTS
AGE_SOURCES = _AGES
GDP_SOURCES = _GDP
AGEING = ("young", "fairly young", "middle", "fairly old", "old", "very old")
