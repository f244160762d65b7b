"""Selections: what a user filtered for, as data, and the SQL condition that means it.

Only the columns named here can be filtered; every value travels as a parameter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Protocol

import pandas as pd

from pipelines.core.countries import EUROSTAT
from pipelines.serve.facets import range_words
from pipelines.serve.store import Store
from pipelines.serve.texts import N_, _

# What the fields of the filters are called where a selection is said in words.
FIELDS = {
    "actors": N_("actors"),
    "watch_min": N_("watch list min"),
    "watch_max": N_("watch list max"),
    "moved": N_("moved thresholds"),
    "gdp_min": N_("GDP per head min"),
    "gdp_max": N_("GDP per head max"),
    "annual_min": N_("annual change min"),
    "annual_max": N_("annual change max"),
    "age_min": N_("median age min"),
    "age_max": N_("median age max"),
    "metropolitan": N_("metropolitan type"),
    "access_to_city": N_("access to a city"),
    "ageing_class": N_("ageing class"),
    "border": N_("border"),
    "cause": N_("cause"),
    "change_max": N_("change max"),
    "change_min": N_("change min"),
    "coastal": N_("coastal"),
    "cohesion_category": N_("cohesion category"),
    "conditions": N_("conditions"),
    "countries": N_("countries"),
    "country": N_("country"),
    "density_max": N_("density max"),
    "density_min": N_("density min"),
    "desert_class": N_("service deserts"),
    "desert_max": N_("desert max"),
    "desert_min": N_("desert min"),
    "document": N_("document"),
    "duration_class": N_("duration class"),
    "focal_points": N_("focal points"),
    "fragility": N_("fragility"),
    "funding": N_("funding"),
    "hybrid": N_("hybrid"),
    "inclusive": N_("inclusive"),
    "island": N_("island"),
    "kind": N_("kind"),
    "level": N_("level"),
    "minutes_max": N_("minutes to a city max"),
    "minutes_min": N_("minutes to a city min"),
    "mountain": N_("mountain"),
    "nuts_ids": N_("regions"),
    "places_class": N_("meeting places"),
    "population_max": N_("population max"),
    "population_min": N_("population min"),
    "public": N_("public"),
    "quadrant": N_("quadrant"),
    "rank": N_("rank"),
    "region": N_("region"),
    "region_migration_history": N_("region migration history"),
    "region_trend": N_("region trend"),
    "remote_class": N_("remoteness"),
    "remoteness": N_("remoteness"),
    "repeated_encounter": N_("repeated encounter"),
    "role": N_("role"),
    "run_by": N_("run by"),
    "shape": N_("shape"),
    "shrinking_class": N_("shrinking class"),
    "size_class": N_("size class"),
    "social_capital": N_("social capital"),
    "social_places_only": N_("social places only"),
    "target_groups": N_("target groups"),
    "trend": N_("trend"),
    "tried": N_("tried"),
    "type": N_("type"),
    "urban_rural": N_("urban rural"),
    "webb_type": N_("webb type"),
}


#: What bounded columns of regions are called where a selection is said in words.
RANGE_FIELDS = {
    "change_pct": N_("population change, %"),
    "annual_change_pct": N_("annual change, % a year"),
    "density_per_km2": N_("people per km²"),
    "desert_share": N_("share of people in service deserts"),
    "minutes_to_city": N_("minutes to a city"),
    "median_age": N_("median age, years"),
    "gdp_pct_of_eu": N_("GDP per head, % of the EU"),
    "watch_count": N_("criteria of the watch list"),
}


class Selection(Protocol):
    """What a user filtered for."""

    def condition(self) -> tuple[str, dict[str, Any]]:
        """Return the SQL condition on the columns of a mart and its parameters."""


ISO_CODES = EUROSTAT  # code of ISO 3166: Eurostat's, where they differ
#: The four dimensions of fragility: demography, position, services, power.
FRAGILITY_PARTS = ("is_shrinking", "is_marginal", "is_short_of_services", "is_without_rank")
#: The two ways to be marginal; a town can be selected by either.
POSITIONS = ("is_remote", "is_at_agglomerated_margin")

#: Traits of a social place by which entries are filtered; an empty one is not known.
TRAITS = ("public", "inclusive", "hybrid", "repeated_encounter")
NOT_KNOWN = "not_known"


#: Columns of regions that a filter allows some values of, by field of ``RegionFilter``.
REGION_LISTS = {
    "countries": "country",
    "trend": "trend",
    "webb_type": "webb_type",
    "cause": "cause",
    "shrinking_class": "shrinking_class",
    "duration_class": "duration_class",
    "shape": "shape",
    "urban_rural": "urban_rural",
    "metropolitan": "metropolitan",
    "remoteness": "remoteness",
    "access_to_city": "access_to_city",
    "desert_class": "desert_class",
    "mountain": "mountain",
    "coastal": "coastal",
    "border": "border",
    "island": "island",
    "ageing_class": "ageing_class",
    "cohesion_category": "cohesion_category",
}
#: Columns of regions that a filter bounds, by the beginning of two fields.
REGION_RANGES = {
    "change": "change_pct",
    "annual": "annual_change_pct",
    "density": "density_per_km2",
    "desert": "desert_share",
    "minutes": "minutes_to_city",
    "age": "median_age",
    "gdp": "gdp_pct_of_eu",
    "watch": "watch_count",
}


@dataclass(frozen=True)
class RegionFilter:
    """A selection of regions; empty tuples and open ranges do not restrict.

    Ranges are inclusive at both ends; a region without the value is left out as soon
    as a range is set. No mart knows meeting places: ``places_class`` says which are selected,
    ``nuts_ids`` which regions these are. ``moved`` holds names and values of thresholds.
    """

    level: int = 3
    countries: tuple[str, ...] = ()
    urban_rural: tuple[str, ...] = ()
    mountain: tuple[str, ...] = ()
    coastal: tuple[str, ...] = ()
    border: tuple[str, ...] = ()
    island: tuple[str, ...] = ()
    trend: tuple[str, ...] = ()
    webb_type: tuple[str, ...] = ()
    cause: tuple[str, ...] = ()
    shrinking_class: tuple[str, ...] = ()
    duration_class: tuple[str, ...] = ()
    shape: tuple[str, ...] = ()
    metropolitan: tuple[str, ...] = ()
    remoteness: tuple[str, ...] = ()
    access_to_city: tuple[str, ...] = ()
    desert_class: tuple[str, ...] = ()
    ageing_class: tuple[str, ...] = ()
    cohesion_category: tuple[str, ...] = ()
    change_min: float | None = None
    change_max: float | None = None
    annual_min: float | None = None
    annual_max: float | None = None
    density_min: float | None = None
    density_max: float | None = None
    desert_min: float | None = None
    desert_max: float | None = None
    minutes_min: float | None = None
    minutes_max: float | None = None
    age_min: float | None = None
    age_max: float | None = None
    gdp_min: float | None = None
    gdp_max: float | None = None
    watch_min: float | None = None
    watch_max: float | None = None
    places_class: tuple[str, ...] = ()
    nuts_ids: tuple[str, ...] | None = None
    moved: tuple[tuple[str, float], ...] = ()

    @property
    def needs_places(self) -> bool:
        """Whether what is selected follows from an OpenStreetMap set."""
        return bool(self.places_class)

    @property
    def lists(self) -> dict[str, tuple[str, ...]]:
        """Allowed values by column; an empty tuple does not restrict."""
        allowed: dict[str, tuple[str, ...]] = {
            column: getattr(self, name) for name, column in REGION_LISTS.items()
        }
        return allowed

    @property
    def ranges(self) -> dict[str, tuple[float | None, float | None]]:
        """Inclusive bounds by column; None is open."""
        return {
            column: (getattr(self, f"{name}_min"), getattr(self, f"{name}_max"))
            for name, column in REGION_RANGES.items()
        }

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that restrict."""
        bounds = (column for column, ends in self.ranges.items() if ends != (None, None))
        return (*(column for column, values in self.lists.items() if values), *bounds)

    def words(self) -> str:
        """Return the selection in words, for titles and downloads."""
        parts = [_("level {n}").format(n=self.level)]
        for name in (*REGION_LISTS, "places_class"):
            if values := getattr(self, name):
                parts.append(in_words(name, values))
        parts += [range_words(_(RANGE_FIELDS[name]), ends) for name, ends in self.ranges.items()]
        return "; ".join([*filter(None, parts), *moved_words(self.moved)])


@dataclass(frozen=True)
class TownFilter:
    """A selection of settlements; empty tuples and open ranges do not restrict."""

    countries: tuple[str, ...] = ()
    size_class: tuple[str, ...] = field(default=("small_town", "medium_town", "city"))
    region_trend: tuple[str, ...] = ()
    population_min: int | None = None
    population_max: int | None = None
    region: str | None = None

    def condition(self) -> tuple[str, dict[str, Any]]:
        """Return the SQL condition on ``marts.towns`` and its parameters."""
        lists = {
            "country": self.countries,
            "size_class": self.size_class,
            "region_trend": self.region_trend,
        }
        ranges = {"population": (self.population_min, self.population_max)}
        terms, values = _terms(lists, ranges)
        if self.region:
            terms.append("starts_with(nuts_id, $region)")
            values["region"] = self.region
        return " and ".join(terms) or "true", values

    def words(self) -> str:
        """Return the selection in words, for titles and downloads."""
        return _words(self)


@dataclass(frozen=True)
class SmstFilter:
    """A selection of towns by type.

    ``fragility`` names dimensions, or ways to be marginal, that must all hold.
    """

    countries: tuple[str, ...] = ()
    size_class: tuple[str, ...] = ("small_town", "medium_town")
    role: tuple[str, ...] = ()
    rank: tuple[str, ...] = ()
    remoteness: tuple[str, ...] = ()
    region_trend: tuple[str, ...] = ()
    region_migration_history: tuple[str, ...] = ()
    fragility: tuple[str, ...] = ()

    def condition(self) -> tuple[str, dict[str, Any]]:
        """Return the SQL condition on ``marts.towns`` and its parameters."""
        terms, values = _terms(
            {
                "country": self.countries,
                "size_class": self.size_class,
                "role": self.role,
                "rank": self.rank,
                "remoteness": self.remoteness,
                "region_trend": self.region_trend,
                "region_migration_history": self.region_migration_history,
            },
            {},
        )
        allowed = FRAGILITY_PARTS + POSITIONS
        if unknown := set(self.fragility) - set(allowed):
            raise ValueError(f"parts {sorted(unknown)}; allowed are {allowed}")
        return " and ".join([*terms, *self.fragility]) or "true", values

    def words(self) -> str:
        """Return the selection in words, for titles and downloads."""
        return _words(self)


@dataclass(frozen=True)
class PlaceFilter:
    """A selection of catalogued places; empty tuples do not restrict.

    Columns that hold several values are selected if any of them is wanted.
    """

    countries: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    run_by: tuple[str, ...] = ()
    level: tuple[str, ...] = ()
    social_capital: tuple[str, ...] = ()
    focal_points: tuple[str, ...] = ()
    document: tuple[str, ...] = ()
    public: tuple[str, ...] = ()
    inclusive: tuple[str, ...] = ()
    hybrid: tuple[str, ...] = ()
    repeated_encounter: tuple[str, ...] = ()
    social_places_only: bool = False

    def condition(self) -> tuple[str, dict[str, Any]]:
        """Return the SQL condition on ``marts.social_places`` and its parameters."""
        terms, values = _terms(
            {
                "country": self.countries,
                "kind": self.kind,
                "type": self.type,
                "document": self.document,
            },
            {},
        )
        for name in ("run_by", "level", "social_capital", "focal_points"):
            _any_of(terms, values, name, getattr(self, name))
        for name in TRAITS:
            if choice := getattr(self, name):
                terms.append(f"coalesce({name}, '{NOT_KNOWN}') in (select unnest(${name}))")
                values[name] = list(choice)
        if self.social_places_only:
            terms.append("is_social_place")
        return " and ".join(terms) or "true", values

    def words(self) -> str:
        """Return the selection in words, for titles and downloads."""
        return _words(self, () if self.social_places_only else ("social_places_only",))


@dataclass(frozen=True)
class PracticeFilter:
    """A selection of practices; empty tuples do not restrict.

    Columns that hold several values are selected if any of them is wanted; ``conditions``
    selects practices of which any of these conditions speaks, ``tried`` those that were tried
    in a case study.
    """

    document: tuple[str, ...] = ()
    funding: tuple[str, ...] = ()
    focal_points: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    target_groups: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    tried: bool = False

    def condition(self) -> tuple[str, dict[str, Any]]:
        """Return the SQL condition on ``marts.practices`` and its parameters."""
        terms, values = _terms({"document": self.document}, {})
        for name in ("funding", "focal_points", "actors", "target_groups"):
            _any_of(terms, values, name, getattr(self, name))
        if self.conditions:
            terms.append(
                "id in (select practice from marts.practice_fits "
                "where condition in (select unnest($conditions)))"
            )
            values["conditions"] = list(self.conditions)
        if self.tried:
            terms.append("len(tried_at) > 0")
        return " and ".join(terms) or "true", values

    def words(self) -> str:
        """Return the selection in words, for titles and downloads."""
        return _words(self, () if self.tried else ("tried",))


def _any_of(terms: list[str], values: dict[str, Any], column: str, choice: tuple[str, ...]) -> None:
    """Add that a column of several values holds one of a choice, where there is a choice."""
    if choice:
        terms.append(f"list_has_any({column}, ${column}::varchar[])")
        values[column] = list(choice)


def filtered(
    store: Store, table: str, columns: str, selection: Selection, order: str
) -> pd.DataFrame:
    """Return columns of the rows of a mart that a selection means, in an order."""
    condition, values = selection.condition()
    return store.frame(
        f"select {columns} from {table} where {condition} order by {order}",  # noqa: S608 - own SQL; values are parameters
        values,
    )


def _terms(
    lists: Mapping[str, tuple[str, ...]],
    ranges: Mapping[str, tuple[float | None, float | None]],
) -> tuple[list[str], dict[str, Any]]:
    terms: list[str] = []
    values: dict[str, Any] = {}
    for column, choice in lists.items():
        if choice:
            terms.append(f"{column} in (select unnest(${column}))")
            values[column] = list(choice)
    for column, (low, high) in ranges.items():
        for name, sign, bound in (("low", ">=", low), ("high", "<=", high)):
            if bound is not None:
                terms.append(f"{column} {sign} ${column}_{name}")
                values[f"{column}_{name}"] = bound
    return terms, values


def _words(selection: Any, skip: tuple[str, ...] = (), first: str = "") -> str:
    parts = [first] if first else []
    for item in fields(selection):
        value = getattr(selection, item.name)
        if item.name in skip or value in ((), None):
            continue
        values = value if isinstance(value, tuple) else (value,)
        parts.append(in_words(item.name, map(str, values)))
    return "; ".join(parts) or _("everything")


def in_words(name: str, values: Iterable[str]) -> str:
    """Return what one field of a filter allows, in the language in use."""
    shown = (_(value) for value in values)
    quoted = (f'"{text}"' if "," in text else text for text in shown)
    return _("{field}: {values}").format(field=_(FIELDS[name]), values=", ".join(quoted))


def moved_words(moved: Iterable[tuple[str, float]]) -> list[str]:
    """Return each moved threshold in words."""
    text = _("threshold {name} moved to {value}")
    return [text.format(name=name, value=f"{value:g}") for name, value in moved]
