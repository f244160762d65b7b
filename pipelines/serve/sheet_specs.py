"""The figures of a sheet: which column, in whose words, of which years."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.serve.texts import N_

#: What the years of a figure are: of the two censuses, of the newest period of the series, ...
CHANGE, RECENT, AGE, WEALTH, END = "change", "recent", "age", "wealth", "end"


@dataclass(frozen=True)
class Spec:
    """One figure of a sheet.

    Attributes
    ----------
    section, table, column : str
        Where it stands and comes from.
    label, unit, pattern, meaning : str
        See :class:`pipelines.serve.sheet_parts.Figure`.
    span : str
        Which of the years of the place it is of; empty where it has none.
    """

    section: str
    table: str
    column: str
    label: str
    unit: str
    pattern: str
    meaning: str
    span: str = ""

    @property
    def key(self) -> str:
        """Its name among the figures of the peers."""
        return f"{self.table}__{self.column}"


_PER_1000 = N_("per 1,000 people a year")
REGION = (
    Spec(
        "who",
        "regions",
        "population_end",
        N_("People"),
        "people",
        "{:,.0f}",
        N_("People who live in the region."),
        END,
    ),
    Spec(
        "who",
        "regions",
        "density_per_km2",
        N_("People per km²"),
        "people per km²",
        "{:,.0f}",
        N_("People by the region's land and inland water."),
        END,
    ),
    Spec(
        "trend",
        "regions",
        "change_pct",
        N_("Change of the population"),
        "%",
        "{:+.1f} %",
        N_("People gained or lost between the two years, of those at the start."),
        CHANGE,
    ),
    Spec(
        "trend",
        "regions",
        "annual_change_pct",
        N_("Change of the population, a year"),
        "% a year",
        N_("{:+.2f} % a year"),
        N_("The steady yearly rate that gives the change over the whole time."),
        CHANGE,
    ),
    Spec(
        "trend",
        "region_demography",
        "annual_change_pct",
        N_("Change a year, newest period"),
        "% a year",
        N_("{:+.2f} % a year"),
        N_("By Eurostat's series, in its newest period without a break."),
        RECENT,
    ),
    Spec(
        "trend",
        "region_demography",
        "natural_change_per_1000",
        N_("Births less deaths"),
        _PER_1000,
        N_("{:+.1f} per 1,000 a year"),
        N_("How many more are born than die, for 1,000 people a year."),
        RECENT,
    ),
    Spec(
        "trend",
        "region_demography",
        "net_migration_per_1000",
        N_("Coming less leaving"),
        _PER_1000,
        N_("{:+.1f} per 1,000 a year"),
        N_("How many more come than leave, for 1,000 people a year; holds corrections of counts."),
        RECENT,
    ),
    Spec(
        "age",
        "region_demography",
        "median_age",
        N_("Median age"),
        "years",
        N_("{:.1f} years"),
        N_("Half of the people are older."),
        AGE,
    ),
    Spec(
        "age",
        "region_demography",
        "age_65_pct",
        N_("People of 65 and more"),
        "%",
        "{:.1f} %",
        N_("Of all people."),
        AGE,
    ),
    Spec(
        "age",
        "region_demography",
        "age_20_39_pct",
        N_("People of 20 to 39"),
        "%",
        "{:.1f} %",
        N_("Of all people."),
        AGE,
    ),
    Spec(
        "age",
        "region_demography",
        "old_age_ratio_pct",
        N_("Old for 100 of working age"),
        N_("for 100 of 15 to 64"),
        "{:.0f}",
        N_("People of 65 and more for 100 of 15 to 64."),
        AGE,
    ),
    Spec(
        "age",
        "region_demography",
        "gdp_pct_of_eu",
        N_("Wealth made here, EU = 100"),
        N_("EU = 100"),
        "{:.0f}",
        N_("Gross domestic product a head at comparable prices; commuters make it high in cities."),
        WEALTH,
    ),
    Spec(
        "remoteness",
        "regions",
        "minutes_to_city",
        N_("Drive to a city"),
        "minutes",
        N_("{:.0f} min"),
        N_("Mean over the people of its settlements; estimated, by car in free flow."),
    ),
    Spec(
        "remoteness",
        "regions",
        "remote_share",
        N_("People far from a city"),
        "0-1",
        "{:.0%}",
        N_("Share of people who drive longer than {close} minutes to a city."),
    ),
    Spec(
        "services",
        "regions",
        "desert_share",
        N_("People in service deserts"),
        "0-1",
        "{:.0%}",
        N_("Share of people who are beyond the usual time to several kinds of service at once."),
    ),
    Spec(
        "towns",
        "regions",
        "smst_population_share",
        N_("People who live in small and medium-sized towns"),
        "0-1",
        "{:.0%}",
        N_("Of the people in settlements of 500 and more; towns of {small} to {city} people."),
    ),
)
TOWN = (
    Spec(
        "who",
        "towns",
        "population",
        N_("People"),
        "people",
        "{:,.0f}",
        N_("As GeoNames or the municipality's count has it; the year differs from place to place."),
    ),
    Spec(
        "remoteness",
        "towns",
        "minutes_to_city",
        N_("Drive to the nearest city"),
        "minutes",
        N_("{:.0f} min"),
        N_("Estimated, by car in free flow."),
    ),
    Spec(
        "remoteness",
        "towns",
        "minutes_to_large_city",
        N_("Drive to the nearest large city"),
        "minutes",
        N_("{:.0f} min"),
        N_("A city whose area holds {large} people and more; estimated, by car."),
    ),
    Spec(
        "type",
        "towns",
        "towns_near",
        N_("Other towns within half an hour"),
        "towns",
        "{:.0f}",
        N_("Settlements of {small} people and more."),
    ),
    Spec(
        "type",
        "towns",
        "hinterland_people",
        N_("People in villages around"),
        "people",
        "{:,.0f}",
        N_("Villages whose nearest town it is, within half an hour."),
    ),
)
