"""What a map can show: the one table of measures.

A measure is a column, the question that it answers, its colours and its number format. Label,
unit, sources and definition are those of the data dictionary (:func:`field_of`); the values of
a typology are checked against the dictionary's by a test.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from pages._ui import state
from pages._ui.texts import N_, _
from pipelines.serve import dictionary, palettes
from pipelines.serve.dictionary import Field
from pipelines.serve.palettes import NO_DATA as NO_DATA
from pipelines.serve.palettes import PUOR
from pipelines.serve.palettes import UNSELECTED as UNSELECTED
from pipelines.serve.store import Store

# The palest is strong enough to be read as a dot on the ground.
YLGNBU = ("#fbe88a", "#c7e9b4", "#7fcdbb", "#41b6c4", "#2c7fb8", "#253494")
# From near to far: light to dark; where more is better the other way round.
NEAR, FAR = YLGNBU, YLGNBU[::-1]
# Gains are purple, losses orange, as on the other maps; no change is not another grey.
GAIN_TO_LOSS = ("#542788", "#998ec3", "#d9d2bd", "#f1a340", "#d95f0e", "#7f3b08")
METHODS = {
    "fixed": N_("Fixed breaks"),
    "quantiles": N_("Quantiles (equal counts)"),
    "equal": N_("Equal intervals"),
    "deviation": N_("Standard deviations"),
}
TRAVEL = (
    "geonames_cities500",
    "gisco_nuts_2021",
    "natural_earth_land",
    "openstreetmap_minutes",  # named where a matrix is stored
)
EVENTS = (
    "eurostat_demo_r_pjanaggr3",
    "eurostat_demo_r_pjangrp3",
    "eurostat_demo_r_births",
    "eurostat_demo_r_deaths",
)


@dataclass(frozen=True)
class Measure:
    """One measure of regions or settlements.

    Attributes
    ----------
    column : str
        Column of the table that is drawn.
    question : str
        What the map answers.
    palette : tuple of str, or mapping of str to str
        Colours from low to high, or the colour of each value of a typology in the legend's order.
    format : str
        Python format of a bound between two classes.
    of : str
        Column of the mart that the dictionary knows, where ``column`` is made from it.
    label, unit : str
        Only where a page makes the column and no mart has it; a unit also where the page
        says more than the dictionary's.
    breaks : str
        Row of the seed of breaks, ``limit`` (bounds move with a limit) or ``quantiles``;
        by default the row of the column.
    has_years : bool
        Whether the caption names the years.
    vintage : str
        What the types are types of.
    table : str
        Mart that the column belongs to.
    sources : tuple of str
        Names of the sources, only of a measure that is made of others.
    """

    column: str
    question: str
    palette: tuple[str, ...] | Mapping[str, str]
    format: str = "{}"
    of: str = ""
    label: str = ""
    unit: str = ""
    breaks: str = ""
    has_years: bool = False
    vintage: str = "NUTS 2021"
    table: str = ""
    sources: tuple[str, ...] = ()

    @property
    def categories(self) -> tuple[str, ...]:
        """The values of a typology; empty for a number."""
        return tuple(self.palette) if isinstance(self.palette, Mapping) else ()

    @property
    def colours(self) -> tuple[str, ...]:
        """Colours of the classes."""
        palette = self.palette
        return tuple(palette.values() if isinstance(palette, Mapping) else palette)

    @property
    def value_format(self) -> str:
        """Format of a value; a bound may be any round number, an estimate has no decimals."""
        return {"{:g}": "{:,.0f}", "{:+g}": "{:+,.1f}"}.get(self.format, self.format)

    @property
    def is_number(self) -> bool:
        """Whether the values are numbers, not types."""
        return not self.categories


def field_of(store: Store, measure: Measure) -> Field:
    """Return label, unit, sources and definition of a measure, in the language in use."""
    field = dictionary.fields(store).get((measure.table, measure.of or measure.column))
    if field is None:
        sources = measure.sources or TRAVEL
        field = Field(measure.table, measure.column, measure.label, measure.unit, "", sources, ())
    return replace(
        field, label=_(measure.label or field.label), unit=unit_of(measure.unit or field.unit)
    )


def unit_of(unit: str) -> str:
    """Return a unit in the language in use; a share is shown in per cent of its whole."""
    return _("share") if unit == "0-1" else _(unit)


def label_of(store: Store, table: str, column: str) -> str:
    """Return the dictionary's label of a column, in the language in use."""
    return _(dictionary.field(store, table, column).label)


def labels_of(store: Store, measures: Mapping[str, Measure]) -> dict[str, str]:
    """Return the labels of several measures by column, for a choice."""
    return {column: field_of(store, measure).label for column, measure in measures.items()}


def choose(store: Store, measures: Mapping[str, Measure], key: str) -> str:
    """Draw the choice of what colours a map, in the address by ``key``; return its column."""
    return state.select(
        _("Colour by"),
        labels_of(store, measures),
        key,
        words=lambda: labels_of(store, measures),
    )


def _in(table: str, measures: Iterable[Measure]) -> dict[str, Measure]:
    return {m.column: replace(m, table=m.table or table) for m in measures}


def _minutes(column: str, breaks: str = "limit", label: str = "", unit: str = "") -> Measure:
    shown = "{:g}" if breaks == "limit" else "{:.0f}"
    return Measure(column, "", NEAR, shown, breaks=breaks, label=label, unit=unit)


def _beyond_limit(column: str) -> Measure:
    return Measure(
        column,
        "",
        NEAR[:5],
        "{:.0%}",
        label=N_("Share of people beyond the limit"),
        unit=N_("share"),
        breaks="share_beyond",
    )


REGION_MEASURES = _in(
    "regions",
    (
        Measure(
            "change_pct",
            N_("Which regions gain and which lose people?"),
            PUOR,
            "{:+.1f}",
            has_years=True,
        ),
        Measure(
            "annual_change_pct",
            N_("How fast do regions gain or lose people each year?"),
            PUOR,
            "{:+.2f}",
            has_years=True,
        ),
        Measure(
            "trend",
            N_("Where does the population shrink?"),
            palettes.TREND,
            has_years=True,
        ),
        Measure(
            "density_per_km2",
            N_("How densely are regions settled?"),
            YLGNBU,
            "{:,.0f}",
            has_years=True,
        ),
        Measure(
            "smst_population_share",
            N_("Where do people live in small and medium-sized towns?"),
            YLGNBU[:5],
            "{:.0%}",
            unit=N_("share of settled population"),
        ),
        Measure(
            "urban_rural",
            N_("Which regions are rural?"),
            palettes.URBAN_RURAL,
        ),
        Measure(
            "mountain",
            N_("Which regions lie in the mountains?"),
            palettes.MOUNTAIN,
        ),
        Measure(
            "coastal",
            N_("Which regions lie on or near the sea?"),
            palettes.COASTAL,
        ),
        Measure(
            "border",
            N_("Which regions lie on a land border?"),
            palettes.BORDER,
            vintage=N_("types of NUTS 2024"),
        ),
        Measure(
            "island",
            N_("Which regions are islands?"),
            palettes.ISLAND,
            vintage=N_("types of NUTS 2024"),
        ),
        Measure(
            "desert_share",
            N_("Where are services out of reach?"),
            NEAR[:5],
            "{:.0%}",
            breaks="share_beyond",
        ),
        Measure("minutes_to_city", N_("Where is the city far?"), NEAR, "{:g}"),
        Measure("remoteness", N_("Which regions are remote?"), palettes.REMOTENESS),
    ),
)

DEMOGRAPHY_MEASURES = _in(
    "region_demography",
    (
        Measure("webb_type", N_("Do people leave, or are too few born?"), palettes.WEBB),
        Measure(
            "cause_class",
            N_("Why do regions shrink?"),
            {**palettes.CAUSES, **palettes.NOT_SHRINKING},
            of="cause",
        ),
        Measure(
            "shrinking_class",
            N_("How fast do regions shrink?"),
            palettes.SHRINKING,
        ),
        Measure("annual_change_pct", N_("How fast do regions grow or shrink?"), PUOR, "{:+.2f}"),
        Measure(
            "natural_change_per_1000",
            N_("Where do deaths outnumber births?"),
            PUOR,
            "{:+.0f}",
            unit=N_("per 1,000 people a year"),
        ),
        Measure(
            "net_migration_per_1000",
            N_("Where do people leave, and where do they come?"),
            PUOR,
            "{:+.0f}",
            unit=N_("per 1,000 people a year"),
        ),
        Measure(
            "duration_class",
            N_("How long have regions shrunk?"),
            palettes.DURATIONS,
        ),
        Measure(
            "shape_class",
            N_("Is decline sudden, lasting or over?"),
            {**palettes.SHAPES, **palettes.NOT_SHRINKING},
            of="shape",
        ),
        Measure("median_age", N_("Where are people old?"), YLGNBU, "{:.1f}"),
        Measure(
            "old_age_ratio_pct",
            N_("How many old people are there for those of 15 to 64?"),
            YLGNBU,
            "{:.0f}",
        ),
        Measure(
            "gdp_pct_of_eu",
            N_("Where is wealth made?"),
            YLGNBU,
            "{:.0f}",
            unit=N_("% of the EU-27, PPS"),
        ),
        Measure(
            "cohesion_category",
            N_("Which regions are less developed?"),
            palettes.COHESION,
        ),
        Measure(
            "watch_class",
            N_("Which regions shrink, age and are poor at once?"),
            palettes.WATCH,
            of="watch_count",
        ),
    ),
)

#: What the map of regions shows year by year: the years stand in the table.
SERIES_MEASURES = {
    m.column: replace(m, table="region_series", has_years=False)
    for m in (
        Measure(
            "total_change_per_1000",
            N_("How fast do regions grow or shrink?"),
            PUOR,
            "{:+g}",
            unit=N_("per 1,000 people a year"),
        ),
        DEMOGRAPHY_MEASURES["natural_change_per_1000"],
        DEMOGRAPHY_MEASURES["net_migration_per_1000"],
        DEMOGRAPHY_MEASURES["median_age"],
        Measure("age_65_pct", N_("Where are people old?"), YLGNBU, "{:.1f}"),
        DEMOGRAPHY_MEASURES["old_age_ratio_pct"],
        REGION_MEASURES["density_per_km2"],
        DEMOGRAPHY_MEASURES["gdp_pct_of_eu"],
    )
}

TOWN_MEASURES = _in(
    "towns",
    (
        Measure(
            "size_class",
            N_("Where are Europe's towns?"),
            palettes.TOWN_SIZE,
        ),
        Measure(
            "role",
            N_("What role do small towns play?"),
            palettes.TOWN_ROLE,
            unit=N_("our proxy"),
        ),
        Measure(
            "remoteness",
            "",
            palettes.TOWN_REMOTENESS,
        ),
    ),
)
AROUND = Measure("minutes", "", FAR, "{:.0f}", label=N_("Minutes"), unit=N_("estimated, by car"))
CHANGE = Measure(
    "change_min", "", GAIN_TO_LOSS, "{:+g}", label=N_("Change"), unit=N_("minutes, estimated")
)

REMOTENESS_MEASURES = _in(
    "regions",
    (
        _beyond_limit("beyond_share"),
        _minutes("mean_minutes", "minutes_to_city", label=N_("Mean minutes"), unit=N_("minutes")),
        Measure("remoteness", "", palettes.REMOTENESS),
        Measure(
            "access_to_city",
            "",
            palettes.ACCESS_TO_CITY,
        ),
    ),
)
#: What colours the map of regions: what a filter there selects, too.
PANEL_MEASURES = {
    **REGION_MEASURES,
    "metropolitan": Measure(
        "metropolitan",
        N_("Which regions are metropolitan?"),
        palettes.METROPOLITAN,
        table="regions",
    ),
    "access_to_city": replace(
        REMOTENESS_MEASURES["access_to_city"], question=N_("Which regions are without a city?")
    ),
    **{name: DEMOGRAPHY_MEASURES[name] for name in ("webb_type", "shrinking_class")},
}
ACCESS_MEASURES = _in(
    "access",
    (
        _minutes("minutes_nearest"),
        _minutes("minutes_second"),
        _minutes("minutes_mean_3"),
        *(
            Measure(f"within_{minutes}", "", FAR, "{:.0f}", breaks="sites_within")
            for minutes in (15, 30, 60)
        ),
        Measure(
            "supply_score",
            "",
            FAR[1:],
            "{:.3g}",
            unit=N_("per 1,000 people"),
            breaks="quantiles",
        ),
        Measure("border_effect_min", "", NEAR[:5], "{:.0f}"),
        _minutes("minutes_walk", "minutes_walk"),
        _minutes("minutes_cycle", "minutes_walk"),
    ),
)
REGION_ACCESS_MEASURES = _in(
    "region_access",
    (
        *(
            Measure(f"within_{minutes}_share", "", FAR[1:], "{:.0%}", breaks="share_within")
            for minutes in (15, 30, 60)
        ),
        _beyond_limit("beyond_limit_share"),
        _minutes("minutes_mean", "minutes_to_service"),
        _minutes("minutes_p90", "minutes_to_service"),
        Measure("border_effect_min", "", NEAR[:5], "{:.0f}"),
        Measure(
            "desert_share",
            "",
            NEAR[:5],
            "{:.0%}",
            breaks="share_beyond",
            table="region_deserts",
        ),
    ),
)
ALL = (
    REGION_MEASURES,
    DEMOGRAPHY_MEASURES,
    SERIES_MEASURES,
    TOWN_MEASURES,
    REMOTENESS_MEASURES,
    ACCESS_MEASURES,
    REGION_ACCESS_MEASURES,
)


def categories(table: Mapping[str, Measure], column: str) -> tuple[str, ...]:
    """Return the values of a typology in the legend's order."""
    return table[column].categories
