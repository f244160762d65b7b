"""The sheet of a region of any level."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from pipelines.core.thresholds import Thresholds
from pipelines.serve import dictionary, sheet_links, sheet_peers, sheet_series, travel_queries
from pipelines.serve import moved as moved_classes
from pipelines.serve import sheet_words as words
from pipelines.serve.moved import Moved
from pipelines.serve.sheet_figures import Maker, limits_of, people, span
from pipelines.serve.sheet_parts import (
    Entry,
    Fact,
    Figure,
    Place,
    Section,
    Sentence,
    Word,
    Words,
    plain_number,
    sentence,
)
from pipelines.serve.sheet_peers import Group, Peers
from pipelines.serve.sheet_specs import AGE, CHANGE, END, RECENT, REGION, WEALTH, Spec
from pipelines.serve.store import Store
from pipelines.serve.texts import N_
from pipelines.serve.thresholds import thresholds

Row = Mapping[str, Any]
_TEXTS = ("country", "country_group", "kind")
#: Figures of a whole that are sums of its parts, and what they follow from.
_SUMMED = ("regions__change_pct", "regions__annual_change_pct", "regions__density_per_km2")
_TYPES = ("mountain", "coastal", "border", "island", "metropolitan")


def peers(store: Store, level: int) -> Peers:
    """Return the figures of all regions of a level, read once a database."""
    return store.memo(("sheet_regions", level), lambda: _read(store, level))


def _read(store: Store, level: int) -> Peers:
    marts = {"regions": "r", "region_demography": "d"}
    columns = [f"{marts[s.table]}.{s.column} as {s.key}" for s in REGION]
    services = travel_queries.services(store)
    for service in services:
        for column in ("minutes_mean", "beyond_reference_share"):
            columns.append(
                f"max(a.{column}) filter (where a.service = '{service['service']}') "
                f"as {_access(service['service'], column)}"
            )
    # Columns and services are those of the specifications and of the database itself.
    return sheet_peers.read(
        store,
        f"""
        select
            r.nuts_id as id, r.country, r.country_group, coalesce(r.remoteness, '') as kind,
            r.population_start as people_start, r.population_end as people_end,
            r.area_km2 as area, r.year_start as year_start,
            r.year_end as year_end,
            d.year_start as recent_start, d.year_end as recent_end,
            {", ".join(columns)}
        from marts.regions as r
        left join marts.region_demography as d
            on d.nuts_id = r.nuts_id and d.nuts_version = r.nuts_version
        left join marts.region_access as a
            on a.nuts_id = r.nuts_id and a.coverage = 'covered'
        where r.level = {int(level)}
        group by all
        order by r.nuts_id
        """,  # noqa: S608
        _TEXTS,
    )


def _access(service: str, column: str) -> str:
    return f"region_access__{column}__{service}"


def sums(every: Peers, members: Any) -> dict[str, float]:
    """Return change and density of some regions together, over those with figures."""
    n = every.numbers
    known = members & np.isfinite(n["people_start"]) & np.isfinite(n["people_end"])
    if not known.any():
        return {}
    start, end = n["people_start"][known].sum(), n["people_end"][known].sum()
    years = (n["year_end"] - n["year_start"])[known][0]
    area = n["area"][known]
    values = (
        100 * (end - start) / start,
        100 * ((end / start) ** (1 / years) - 1),
        end / area.sum() if np.isfinite(area).all() else np.nan,
    )
    return {k: float(v) for k, v in zip(_SUMMED, values, strict=True) if np.isfinite(v)}


def groups(store: Store, row: Row, moved: Moved = ()) -> tuple[Group, ...]:
    """Return the groups that a region is compared with: its country, the EU, its own type."""
    every = peers(store, row["level"])
    eu = every.texts["country_group"] == "EU"
    result = []
    if row["level"] > 0:
        label = sentence("{name}", name=Word(row["country_name"]))
        own = every.texts["country"] == row["country"]
        result.append(Group("country", label, own, _of_country(store, row)))
    is_eu = row["country_group"] == "EU"
    label = sentence(N_("EU")) if is_eu else sentence(N_("Europe, all regions"))
    members = eu if is_eu else np.ones(len(eu), dtype=bool)
    leaves = peers(store, 3)
    whole = leaves.texts["country_group"] == "EU" if is_eu else np.ones(len(leaves.ids), dtype=bool)
    result.append(Group("EU", label, members, sums(leaves, whole)))
    if kind := row["remoteness"]:
        label = sentence(N_("Same type: {type}"), type=Word(words.TYPES[kind]))
        kinds = moved_classes.kinds(store, row["level"], moved)
        own_type = (every.texts["kind"] if kinds is None else kinds) == kind
        result.append(Group("type", label, members & own_type, {}))
    return tuple(result)


def _of_country(store: Store, row: Row) -> dict[str, float]:
    """Return what is known of the country as a whole, for the years of the region."""
    wholes = peers(store, 0)
    i = wholes.position.get(row["country"])
    if i is None:
        return {}
    own = peers(store, row["level"])
    j, values = own.position[row["nuts_id"]], {}
    for spec in REGION:
        ends = {
            CHANGE: ("year_start", "year_end"),
            RECENT: ("recent_start", "recent_end"),
        }.get(spec.span, ())
        is_same = all(wholes.numbers[e][i] == own.numbers[e][j] for e in ends)
        number = float(wholes.numbers[spec.key][i])
        if is_same and np.isfinite(number) and spec.column != "population_end":
            values[spec.key] = number
    return values


class Region:
    """What the sections of a region are made from: its rows, its peers and the thresholds."""

    def __init__(self, store: Store, row: Row, moved: Moved = ()) -> None:
        self.store, self.code = store, str(row["nuts_id"])
        self.limits: Thresholds = thresholds(store)
        self.later = _demography(store, self.code)
        classed = moved_classes.classes(store, self.code, moved)
        self.row = row = {**row, **{k: v for k, v in classed.items() if k in row}}
        self.later.update({k: v for k, v in classed.items() if k in self.later and k not in row})
        self.yearly = sheet_series.years_of(store, self.code)
        years = {
            CHANGE: span(row["year_start"], row["year_end"]),
            RECENT: span(self.later.get("year_start"), self.later.get("year_end")),
            AGE: str(self.later.get("age_year") or ""),
            WEALTH: str(self.later.get("gdp_year") or ""),
            END: str(row["year_end"] or ""),
        }
        self.make = Maker(
            store,
            self.code,
            peers(store, row["level"]),
            groups(store, row, moved),
            years,
            limits_of(self.limits),
        )

    def measured(self) -> tuple[Section, ...]:
        """Return the sections that hold figures."""
        return (
            self.who(),
            self.trend(),
            self.age(),
            self.remoteness(),
            self.services(),
            self.towns(),
        )

    def sections(self, with_osm: bool) -> tuple[Section, ...]:
        """Return the sections that have something to say."""
        *measured, towns = self.measured()
        return (
            *measured,
            sheet_links.meeting(self.store, self.code, None, with_osm),
            towns,
            sheet_links.regions_like(self.store, self.row),
            sheet_links.tried(self.store, self.code, None),
            sheet_links.fits_of_region(self.store, self.code),
        )

    def fact(
        self,
        label: str,
        column: str,
        value: Sentence,
        meaning: Sentence | None = None,
        table: str = "regions",
    ) -> Fact:
        """Return a fact with the sources of its column."""
        field = dictionary.field(self.store, table, column)
        return Fact(label, value, meaning, field.sources)

    def headline(self) -> tuple[Sentence, ...]:
        """Return the region in two or three sentences."""
        row, told = self.row, []
        if row["change_pct"] is not None:
            told.append(_change(row))
        elif row["regions_known"]:
            told.append(_part(row))
        else:
            told.append(
                sentence(
                    N_(
                        "There are no census figures for this region, and the series lacks one "
                        "of the years."
                    )
                )
            )
        if kind := self.later.get("webb_type"):
            told.append(
                sentence(
                    N_("{first} to {last}: {words}"),
                    first=self.later["year_start"],
                    last=self.later["year_end"],
                    words=Word(words.WEBB[kind]),
                )
            )
        if row["minutes_to_city"] is not None:
            told.append(
                sentence(
                    N_("A city is about {minutes} minutes away by car, for its people on average."),
                    minutes=f"{row['minutes_to_city']:.0f}",
                )
            )
        return tuple(told)

    def who(self) -> Section:
        """Return what the region is."""
        row = self.row
        facts = [
            self.fact(N_("Code"), "nuts_id", sentence(N_("{code} (NUTS 2021)"), code=self.code)),
            self.fact(N_("In NUTS 2024"), "code_2024", _in_2024(row)),
        ]
        facts += self._area()
        if row["largest_town"]:
            facts.append(
                self.fact(
                    N_("Largest place"),
                    "largest_town",
                    sentence(
                        N_("{name} ({people} people)"),
                        name=row["largest_town"],
                        people=people(row["largest_town_population"]),
                    ),
                )
            )
        facts += self._types()
        notes = (
            ()
            if row["level"] == 3
            else (sentence(N_("Official types exist for the smallest regions (NUTS 3) only.")),)
        )
        return Section(
            "who",
            N_("What is it?"),
            figures=self.make.of("who", REGION),
            facts=tuple(facts),
            notes=notes,
        )

    def _area(self) -> list[Fact]:
        """Return the area, and whether it is official."""
        row = self.row
        if row["area_km2"] is None:
            return []
        note = sentence(N_("By the outline: there is no official area."))
        value = sentence(N_("{n} km²"), n=f"{row['area_km2']:,.0f}")
        is_official = row["area_basis"] == "official"
        return [self.fact(N_("Area"), "area_km2", value, None if is_official else note)]

    def _types(self) -> list[Fact]:
        """Return the official types that hold."""
        row, facts = self.row, []
        if row["urban_rural"]:
            kind = sentence("{kind}", kind=Word(row["urban_rural"]))
            facts.append(self.fact(N_("Kind of region"), "urban_rural", kind))
        for name in _TYPES:
            if row[name] and not row[name].startswith(("not ", "non-")):
                label = dictionary.field(self.store, "regions", name).label
                facts.append(self.fact(label, name, sentence("{kind}", kind=Word(row[name]))))
        return facts

    def trend(self) -> Section:
        """Return how the people changed, and why."""
        told: list[Sentence] = []
        if self.row["change_pct"] is not None:
            told += [
                *_two_periods(self.row, self.later),
                *_two_answers(self.row),
                *_two_trends(self.row),
            ]
        notes = [_population_words(self.row), *_population_doubts(self.row)]
        if self.later.get("is_converted"):
            notes.append(
                sentence(
                    N_(
                        "Some figures of the series were brought from another NUTS vintage: "
                        "estimates."
                    )
                )
            )
        charts = sheet_series.of_region(self.store, self.code, self.yearly)
        notes += sheet_series.break_words(charts, self.later.get("demography_basis"))
        return Section(
            "trend",
            N_("Does it grow or shrink, and why?"),
            tuple(told),
            self.make.of("trend", REGION),
            self._causes(),
            charts,
            notes=tuple(notes),
        )

    def _causes(self) -> tuple[Fact, ...]:
        """Return causes and course of the change in words."""
        later, facts = self.later, []
        told = (
            (N_("Births, deaths, migration"), "webb_type", words.WEBB),
            (N_("What makes it shrink"), "cause", words.CAUSES),
            (N_("How fast"), "shrinking_class", words.RATES),
            (N_("Over two periods"), "duration_class", words.DURATIONS),
            (N_("Course of the loss"), "shape", words.SHAPES),
        )
        for label, column, texts in told:
            if kind := later.get(column):
                years = {
                    "webb_type": (later["year_start"], later["year_end"]),
                    "duration_class": (later["earlier_from"], later["recent_to"]),
                }.get(column)
                text = N_("{words} ({first} to {last})") if years else "{words}"
                ends = dict(zip(("first", "last"), years, strict=True)) if years else {}
                facts.append(
                    self.fact(
                        label,
                        column,
                        sentence(text, words=Word(texts[kind]), **ends),
                        table="region_demography",
                    )
                )
        return tuple(facts)

    def age(self) -> Section:
        """Return how old people are, and what wealth is made."""
        later, told, facts = self.later, [], []
        if kind := later.get("ageing_class"):
            told.append(
                sentence(
                    N_("By median age its people are {words}."), words=Word(words.AGEING[kind])
                )
            )
        if later.get("cohesion_category"):
            facts.append(
                self.fact(
                    N_("Cohesion Policy category"),
                    "cohesion_category",
                    sentence(
                        N_("{category}: {gdp} % of the EU's GDP a head in {code} ({basis})"),
                        category=Word(later["cohesion_category"]),
                        gdp=f"{later['cohesion_gdp_pct']:.0f}",
                        code=later["nuts2_id"],
                        basis=Word(later["cohesion_basis"]),
                    ),
                    sentence(N_("Computed for its NUTS-2 region; not the official list.")),
                    "region_demography",
                )
            )
        if later.get("watch_known"):
            facts.append(
                self.fact(
                    N_("Watch list"),
                    "watch_count",
                    _signs(later),
                    table="region_demography",
                )
            )
        charts = sheet_series.ages(self.store, self.yearly)
        return Section(
            "age",
            N_("How old, how wealthy?"),
            tuple(told),
            self.make.of("age", REGION),
            tuple(facts),
            charts,
        )

    def remoteness(self) -> Section:
        """Return how far the people are from a city."""
        row, facts = self.row, []
        if kind := row["remoteness"]:
            facts.append(
                self.fact(
                    N_("Kind of region by distance"),
                    "remoteness",
                    sentence("{kind}", kind=Word(kind)),
                )
            )
        if access := row["access_to_city"]:
            facts.append(
                self.fact(
                    N_("City in reach"),
                    "access_to_city",
                    sentence("{words}", words=Word(words.ACCESS_TO_CITY[access])),
                    sentence(
                        N_("After the OECD's classes; told by: {basis}."),
                        basis=Word(row["access_basis"]),
                    ),
                )
            )
        notes = [*_sure(row, self.limits), *_city_basis(row, self.limits)]
        notes += _settled(row, self.limits)
        return Section(
            "remoteness",
            N_("How far is the city?"),
            figures=self.make.of("remoteness", REGION),
            facts=tuple(facts),
            notes=tuple(notes),
        )

    def services(self) -> Section:
        """Return how far the people are from each service."""
        figures = [self._service(s) for s in travel_queries.services(self.store)]
        notes = (
            sentence(
                N_(
                    "Minutes are estimated, by car in free flow; means over the people of its "
                    "settlements."
                )
            ),
        )
        return Section(
            "services",
            N_("Which services are in reach?"),
            figures=(*figures, *self.make.of("services", REGION)),
            notes=notes,
        )

    def _service(self, service: Row) -> Figure:
        name = service["service"]
        spec = Spec(
            "services",
            "region_access",
            "minutes_mean",
            words.STAND_INS.get(name) or str(service["label"]),
            "minutes",
            N_("{:.0f} min"),
            service["note"],
        )
        key = _access(name, "minutes_mean")
        share = self.make.value(_access(name, "beyond_reference_share"))
        flags = []
        if share is not None:
            flags.append(
                sentence(
                    N_("{share} of people are farther than {n} minutes."),
                    share=plain_number(share, "{:.0%}"),
                    n=f"{service['reference_min']:g}",
                )
            )
        elif self.make.value(key) is None:
            flags.append(
                sentence(
                    N_("The register does not cover this region: that is no data, not far away.")
                )
            )
        return self.make.figure(spec, flags, key)

    def towns(self) -> Section:
        """Return the small and medium-sized towns of the region."""
        rows = sheet_links.towns_of(self.store, self.code)
        told = []
        if rows:
            told.append(
                sentence(
                    N_("{n} small and medium-sized towns ({small} to {city} people) lie here."),
                    n=self.row["smst_count"],
                    small=self.make.limits["small"],
                    city=self.make.limits["city"],
                )
            )
        else:
            told.append(sentence(N_("No small or medium-sized town lies here.")))
        entries = tuple(
            Entry(
                "town",
                str(r["geonameid"]),
                r["name"],
                sentence(
                    N_("{people} people; {role}"),
                    people=people(r["population"]),
                    role=Word(words.ROLES.get(r["role"], N_("no role of its own"))),
                ),
            )
            for r in rows
        )
        return Section(
            "towns",
            N_("Which towns hold it together?"),
            tuple(told),
            self.make.of("towns", REGION),
            entries=entries,
        )


def _demography(store: Store, code: str) -> dict[str, Any]:
    rows = store.rows(
        "select d.* exclude (geometry) from marts.region_demography as d "
        "inner join marts.regions as r using (nuts_id, nuts_version) where nuts_id = ?",
        [code],
    )
    return rows[0] if rows else {}


def place(store: Store, row: Row) -> Place:
    """Return who a region is; its larger regions come first."""
    code = str(row["nuts_id"])
    name = row["country_name"] if row["level"] == 0 else row["name"]
    local = row["name_local"] or row["name"]
    larger = store.rows(
        "select nuts_id, if(level = 0, country_name, name) as name from marts.regions "
        "where starts_with($code, nuts_id) "
        "and nuts_id != $code order by level",
        {"code": code},
    )
    return Place(
        "region",
        code,
        name,
        "" if local == name else local,
        row["level"],
        row["country"],
        row["country_name"],
        tuple((r["nuts_id"], r["name"]) for r in larger),
    )


def _change(row: Row) -> Sentence:
    text = (
        N_(
            "{people} people live here ({last}): {n} fewer than in {first}, or {annual} % a "
            "year. That counts as {trend}."
        )
        if row["change_people"] < 0
        else N_(
            "{people} people live here ({last}): {n} more than in {first}, or {annual} % a year. "
            "That counts as {trend}."
        )
    )
    return sentence(
        text,
        people=people(row["population_end"]),
        last=row["year_end"],
        first=row["year_start"],
        n=people(abs(row["change_people"])),
        annual=f"{row['annual_change_pct']:+.2f}",
        trend=Word(row["trend"]),
    )


def _part(row: Row) -> Sentence:
    return sentence(
        N_(
            "Figures cover {known} of its {total} NUTS-3 regions ({share} of the area) with "
            "{people} people; so the whole is not known."
        ),
        known=row["regions_known"],
        total=row["regions_total"],
        share=plain_number(row["covered_area_share"], "{:.0%}"),
        people=people(row["covered_population_end"]),
    )


def _two_periods(row: Row, later: Row) -> list[Sentence]:
    """Return both rates, each with its years and source, where the series has a newer one."""
    if later.get("annual_change_pct") is None:
        return []
    return [
        sentence(
            N_(
                "Two rates, two spans of years: {first} to {last} it changed by {change} % a year "
                "({source}), {start} to {end} by {recent} % a year (Eurostat's series). The causes "
                "below are of {start} to {end}."
            ),
            first=row["year_start"],
            last=row["year_end"],
            change=f"{row['annual_change_pct']:+.2f}",
            source=Word(
                N_("censuses")
                if row["population_source"].startswith("census")
                else N_("the series")
            ),
            start=later["year_start"],
            end=later["year_end"],
            recent=f"{later['annual_change_pct']:+.2f}",
        )
    ]


def _two_answers(row: Row) -> list[Sentence]:
    if not row["has_two_answers"]:
        return []
    return [
        sentence(
            N_(
                "Eurostat's series of the same years says {change} % instead ({start} to {end} "
                "people): not every register was revised to the census, and some borders moved. "
                "Causes of growth and decline rest on the series."
            ),
            change=f"{row['series_change_pct']:+.2f}",
            start=people(row["series_population_start"]),
            end=people(row["series_population_end"]),
        )
    ]


def _two_trends(row: Row) -> list[Sentence]:
    """Return that the class turns on the source, however near the two changes are."""
    if not row["has_two_trends"]:
        return []
    return [
        sentence(
            N_(
                "The class turns on the source: {trend} by {change} % a year, {other} by the "
                "series' {series} %."
            ),
            trend=Word(row["trend"]),
            change=f"{row['annual_change_pct']:+.2f}",
            other=Word(row["series_trend"]),
            series=f"{row['series_annual_change_pct']:+.2f}",
        )
    ]


_SIGNS = {
    "is_watch_shrinking": N_("it shrinks"),
    "is_watch_aged": N_("it is old"),
    "is_watch_remote": N_("it is remote"),
    "is_watch_poor": N_("it is poor"),
}


def _signs(row: Row) -> Sentence:
    """Return how many criteria of the watch list hold, and which."""
    count, known = row["watch_count"], row["watch_known"]
    signs = [text for name, text in _SIGNS.items() if row.get(name)]
    # Moved thresholds move the count alone.
    if not signs or len(signs) != count:
        return sentence(N_("{n} of {known} known signs hold"), n=count, known=known)
    text = N_("{n} of {known} known signs hold: {signs}")
    return sentence(text, n=count, known=known, signs=Words(", ".join(signs)))


def _population_words(row: Row) -> Sentence:
    source = row["population_source"]
    if source is None:
        return sentence(N_("Population and change: no source knows both years."))
    text = N_("Population and change: Eurostat's series, 1 January {first} and {last}.")
    if source == "census grid, JRC":
        text = N_("Population and change: censuses of {first} and {last} (JRC).")
    elif source.startswith("census"):
        text = N_(
            "Population and change: censuses of {first} and {last} (JRC), in some regions "
            "Eurostat's series."
        )
    return sentence(text, first=row["year_start"], last=row["year_end"])


def _population_doubts(row: Row) -> list[Sentence]:
    notes = []
    if row["population_has_break"]:
        notes.append(
            sentence(
                N_("The series has a break between the two years: the change holds a revision.")
            )
        )
    if row["population_is_converted"]:
        notes.append(sentence(N_("Brought from another NUTS vintage.")))
    if row["population_flags"]:
        notes.append(
            sentence(N_("Eurostat's flags: {flags}."), flags=", ".join(row["population_flags"]))
        )
    return notes


def _settled(row: Row, limits: Thresholds) -> list[Sentence]:
    """Return what share of the official people the settlements sum to, and what follows."""
    if row["settled_share"] is None:
        return []
    text = N_("Its listed settlements sum to {share} of the official population.")
    values: dict[str, object] = {}
    if row["settled_note"]:
        text = N_(
            "Its listed settlements sum to {share} of the official population: {note}. Outside "
            "{low} to {high}, counts of towns and shares of listed people say little of a region."
        )
        values = {
            "note": Word(row["settled_note"]),
            "low": plain_number(limits["settled_low_share"], "{:.0%}"),
            "high": plain_number(limits["settled_high_share"], "{:.0%}"),
        }
    return [sentence(text, share=f"{row['settled_share']:,.0%}", **values)]


_BASES = {
    "settlements": N_("people counted in settlements"),
    "census grid": N_("people counted in cells of 1 km² of the census of 2021"),
}


def _sure(row: Row, limits: Mapping[str, float]) -> Iterator[Sentence]:
    """Say how far the people are from a city, and for how many that is sure."""
    if row["minutes_to_city"] is not None:
        yield sentence(
            N_(
                "{remote} of its people live more than {limit} minutes from a city (estimate, "
                "{basis}); for {sure} the side of the limit is sure, for the others the minutes "
                "are nearer to it than their error."
            ),
            remote=plain_number(row["remote_share"], "{:.0%}"),
            limit=f"{limits['remoteness_close_to_city_min']:g}",
            basis=Word(_BASES[row["people_basis"]]),
            sure=plain_number(row["remoteness_robust"], "{:.0%}"),
        )


def _city_basis(row: Row, limits: Thresholds) -> list[Sentence]:
    text = words.CITY_BASES.get(row["city_basis"] or "")
    if text is None:
        return []
    n = people(limits["remoteness_city_population"])
    return [sentence(text, n=n) if "{n}" in text else sentence(text)]


def _in_2024(row: Row) -> Sentence:
    """Return what became of the region in NUTS 2024."""
    change = Word(row["change_2024"] or "")
    if row["code_2024"] == row["nuts_id"]:
        if change == "none":
            return sentence(N_("same code"))
        return sentence(N_("same code; {change}"), change=change)
    if row["code_2024"]:
        name = row["name_2024"] or ""
        return sentence("{code} {name} ({change})", code=row["code_2024"], name=name, change=change)
    return sentence("{change}", change=change or Word(N_("no data")))
