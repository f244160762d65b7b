"""The sheet of a town, or of any settlement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from pipelines.serve import (
    dictionary,
    queries,
    ranges,
    sheet_links,
    sheet_peers,
    sheet_region,
    small_towns,
    travel_queries,
)
from pipelines.serve import sheet_words as words
from pipelines.serve.moved import Moved
from pipelines.serve.sheet_figures import Maker, limits_of, people
from pipelines.serve.sheet_parts import (
    NO_DATA,
    Entry,
    Fact,
    Figure,
    Place,
    Section,
    Sentence,
    Word,
    plain_number,
    sentence,
)
from pipelines.serve.sheet_peers import Group, Peers
from pipelines.serve.sheet_specs import TOWN, Spec
from pipelines.serve.store import Store
from pipelines.serve.texts import N_
from pipelines.serve.thresholds import thresholds

Row = Mapping[str, Any]
_TEXTS = ("country", "country_group", "size_class", "role")
#: What a town is told of its region.
_OF_REGION = (
    ("regions", "annual_change_pct"),
    ("region_demography", "annual_change_pct"),
    ("region_demography", "natural_change_per_1000"),
    ("region_demography", "net_migration_per_1000"),
    ("region_demography", "median_age"),
)
_PLACEMENTS = {
    "near": N_(
        "The generalised coastline cuts it off; it was given to the nearest region of its "
        "country, {km} km away."
    ),
    "island": N_(
        "The boundaries drop this island; it was given to the nearest region of its "
        "country, {km} km away."
    ),
    "border": N_(
        "The generalised border puts it in the neighbour country; it was given to the "
        "nearest region of its own, {km} km away."
    ),
    "municipality": N_("Its region is that of its municipality in Eurostat's list."),
    "admin code": N_("Its region is the one that its administrative division lies in."),
    "stated": N_("Its region is stated by a correction of the list."),
    "no regions": N_("Its country has no NUTS or statistical regions of 2021."),
}


def peers(store: Store) -> Peers:
    """Return the figures of all settlements, read once a database."""
    return store.memo("sheet_towns", lambda: _read(store))


def _read(store: Store) -> Peers:
    columns = [f"t.{s.column} as {s.key}" for s in TOWN]
    for service in travel_queries.services(store):
        name = service["service"]
        columns.append(
            f"max(a.minutes_nearest) filter (where a.service = '{name}') as {_access(name)}"
        )
    # Columns and services are those of the specifications and of the database itself.
    return sheet_peers.read(
        store,
        f"""
        select
            t.geonameid as id, t.country, coalesce(c.country_group, 'other') as country_group,
            t.size_class, coalesce(t.role, '') as role, {", ".join(columns)}
        from marts.towns as t
        left join marts.regions as c on c.nuts_id = t.country
        left join marts.access as a on a.geonameid = t.geonameid and a.coverage = 'covered'
        group by all
        order by t.geonameid
        """,  # noqa: S608
        _TEXTS,
    )


def _access(service: str) -> str:
    return f"access__minutes_nearest__{service}"


def groups(store: Store, town: Row) -> tuple[Group, ...]:
    """Return the groups that a town is compared with: places of its size, then of its role too."""
    texts = peers(store).texts
    i = peers(store).position[str(town["geonameid"])]
    size = texts["size_class"] == town["size_class"]
    many = Word(words.SIZES_MANY[town["size_class"]])
    is_eu = texts["country_group"][i] == "EU"
    wide = size & (texts["country_group"] == "EU") if is_eu else size
    result = [
        Group(
            "country",
            sentence(N_("{name}: {kind}"), name=Word(town["country_name"]), kind=many),
            size & (texts["country"] == town["country"]),
            {},
        ),
        Group(
            "EU", sentence(N_("EU: {kind}") if is_eu else N_("Europe: {kind}"), kind=many), wide, {}
        ),
    ]
    if role := town["role"]:
        label = sentence(N_("Same type: {role}"), role=Word(words.ROLE_TYPES[role]))
        result.append(Group("type", label, wide & (texts["role"] == role), {}))
    return tuple(result)


class Town:
    """What the sections of a town are made from."""

    def __init__(self, store: Store, town: Row, moved: Moved = ()) -> None:
        self.store, self.town, self.id = store, town, int(town["geonameid"])
        self.limits = thresholds(store)
        self.make = Maker(
            store, str(self.id), peers(store), groups(store, town), {}, limits_of(self.limits)
        )
        row = queries.region(store, town["nuts_id"]) if town["nuts_id"] else None
        self.region = sheet_region.Region(store, row, moved) if row else None

    def measured(self) -> tuple[Section, ...]:
        """Return the sections that hold figures."""
        return (self.who(), self.remoteness(), self.services(), self.kind(), self.trend())

    def sections(self, with_osm: bool) -> tuple[Section, ...]:
        """Return the sections that have something to say."""
        code = self.town["nuts_id"] or ""
        return (
            *self.measured(),
            sheet_links.meeting(self.store, code, self.id, with_osm),
            sheet_links.towns_like(self.store, self.id),
            sheet_links.tried(self.store, code, self.id),
            sheet_links.fits_of_town(self.store, self.id),
        )

    def fact(
        self, label: str, column: str, value: Sentence, meaning: Sentence | None = None
    ) -> Fact:
        """Return a fact with the sources of its column."""
        return Fact(label, value, meaning, dictionary.field(self.store, "towns", column).sources)

    def headline(self) -> tuple[Sentence, ...]:
        """Return the town in two or three sentences."""
        town = self.town
        text = N_("A {size} of {people} people in {region}, {country}.")
        if not town["region_name"]:
            text = N_("A {size} of {people} people in {country}.")
        told = [
            sentence(
                text,
                size=Word(words.SIZES[town["size_class"]]),
                people=people(town["population"]),
                **({"region": town["region_name"]} if town["region_name"] else {}),
                country=Word(town["country_name"]),
            )
        ]
        if role := town["role"]:
            told.append(sentence(N_("It is {role}."), role=Word(words.ROLES[role])))
        if town["minutes_to_city"] is not None and town["remoteness"]:
            told.append(
                sentence(
                    N_("It is {words}: about {minutes} minutes by car to the nearest one."),
                    words=Word(words.REMOTENESS[town["remoteness"]]),
                    minutes=f"{town['minutes_to_city']:.0f}",
                )
                if town["minutes_to_city"]
                else sentence(N_("It is a city itself."))
            )
        return tuple(told)

    def who(self) -> Section:
        """Return what the town is."""
        town = self.town
        rank = Word(words.RANKS.get(town["rank"], words.RANKS["none"]))
        facts = [
            self.fact(
                N_("Size"),
                "size_class",
                sentence("{size}", size=Word(words.SIZES[town["size_class"]])),
            ),
            self.fact(N_("Administration"), "rank", sentence("{rank}", rank=rank)),
            self.fact(N_("GeoNames id"), "geonameid", sentence("{id}", id=self.id)),
        ]
        if town["elevation_m"] is not None:
            facts.append(
                self.fact(
                    N_("Elevation"),
                    "elevation_m",
                    sentence(N_("{n} m"), n=f"{town['elevation_m']:,.0f}"),
                )
            )
        if others := [n for n in (town["name_alternatives"] or "").split("|") if n][:8]:
            facts.append(
                self.fact(
                    N_("Also called"),
                    "name_alternatives",
                    sentence("{names}", names=", ".join(others)),
                )
            )
        notes = []
        if town["placement"] in _PLACEMENTS:
            text = _PLACEMENTS[town["placement"]]
            km = {"km": plain_number(town["placement_km"] or 0, "{:.1f}")} if "{km}" in text else {}
            notes.append(sentence(text, **km))
        if town["part_of"]:
            notes.append(sentence(N_("It is part of a larger place, and counted there.")))
        return Section(
            "who",
            N_("What is it?"),
            figures=self.make.of("who", TOWN),
            facts=tuple(facts),
            notes=tuple(notes),
        )

    def remoteness(self) -> Section:
        """Return how far the next towns and cities are, by name."""
        entries = []
        labels = {
            "minutes_to_town": N_("nearest town, {minutes} min"),
            "minutes_to_city": N_("nearest city, {minutes} min"),
            "minutes_to_large_city": N_("nearest large city, {minutes} min"),
        }
        for row in small_towns.nearest_names(self.store, self.id):
            column = row["measure"].replace("minutes_to", "nearest") + "_id"
            other = self.town[column]
            if row["minutes"] is not None and not row["is_itself"] and other:
                entries.append(
                    Entry(
                        "town",
                        str(other),
                        row["name"],
                        sentence(labels[row["measure"]], minutes=f"{row['minutes']:.0f}"),
                    )
                )
        notes = [
            sentence(N_("Minutes are estimated, by car in free flow: an estimate, not a route.")),
            ranges.city(self.town, self.limits["remoteness_close_to_city_min"]),
            ranges.pole(self.town),
        ]
        if text := words.CITY_BASES.get(self.town["city_basis"] or ""):
            n = people(self.limits["remoteness_city_population"])
            notes.append(sentence(text, **({"n": n} if "{n}" in text else {})))
        return Section(
            "remoteness",
            N_("How far is the city?"),
            figures=self.make.of("remoteness", TOWN),
            entries=tuple(entries),
            notes=tuple(note for note in notes if note),
        )

    def services(self) -> Section:
        """Return how far each service is, with the name of the nearest site."""
        sites = {r["service"]: r for r in _nearest_sites(self.store, self.id)}
        figures = [
            self._service(s, sites.get(s["service"], {}))
            for s in travel_queries.services(self.store)
        ]
        notes = (
            sentence(
                N_(
                    "Minutes are estimated, by car in free flow. Registers are not complete: a "
                    "hospital that is not registered is not counted."
                )
            ),
        )
        return Section(
            "services", N_("Which services are in reach?"), figures=tuple(figures), notes=notes
        )

    def _service(self, service: Row, site: Row) -> Figure:
        name = service["service"]
        spec = Spec(
            "services",
            "access",
            "minutes_nearest",
            words.STAND_INS.get(name) or str(service["label"]),
            "minutes",
            N_("{:.0f} min"),
            service["note"],
        )
        flags = []
        if site.get("coverage") not in (None, "covered"):
            flags.append(
                sentence(
                    N_("The register does not cover this place: that is no data, not far away.")
                )
            )
        elif site.get("minutes_nearest") is not None:
            if site["name"]:
                flags.append(sentence(N_("Nearest: {name}."), name=site["name"]))
            if site["minutes_second"] is not None:
                flags.append(
                    sentence(N_("If it closed: {n} min."), n=f"{site['minutes_second']:.0f}")
                )
        return self.make.figure(spec, flags, _access(name))

    def kind(self) -> Section:
        """Return role, rank and what makes the town fragile."""
        town, facts = self.town, []
        if town["smst_type"]:
            facts.append(
                self.fact(
                    N_("Type"),
                    "smst_type",
                    sentence("{type}", type=words.TownType(town["smst_type"])),
                    sentence(N_("Our own classes after ESPON TOWN's ideas, by travel time.")),
                )
            )
        if town["fragility_known"]:
            facts += self._fragility()
        if history := town["region_migration_history"]:
            year = int(self.limits["migration_history_split_year"])
            text = words.HISTORIES[history]
            values = {"year": year, "before": year - 1}
            given = {k: v for k, v in values.items() if "{" + k + "}" in text}
            facts.append(
                self.fact(
                    N_("Migration to its region"),
                    "region_migration_history",
                    sentence(text, **given),
                    sentence(N_("Net migration of its NUTS-3 region; our proxy.")),
                )
            )
        told = (
            []
            if town["role"]
            else [sentence(N_("A village near a town has no role of its own, and no type."))]
        )
        return Section(
            "type",
            N_("What kind of town is it?"),
            tuple(told),
            self.make.of("type", TOWN),
            tuple(facts),
        )

    def _fragility(self) -> list[Fact]:
        """Return how many of the four dimensions hold, and each with what it rests on."""
        town = self.town
        count = self.fact(
            N_("What makes it fragile"),
            "fragility_count",
            sentence(
                N_("{n} of {known} known signs hold"),
                n=town["fragility_count"],
                known=town["fragility_known"],
            ),
            sentence(N_("A count of signs, no measure of need.")),
        )
        change = town["region_change_pct"]
        text = N_("({change}; the region's trend, not the town's)")
        of_trend = None
        if change is not None:
            of_trend = sentence(text, change=plain_number(change, "{:+.1f} %"))
        position = "is_at_agglomerated_margin" if not town["is_remote"] else "is_remote"
        rank = sentence("{rank}", rank=Word(words.RANKS[town["rank"]])) if town["rank"] else None
        return [
            count,
            self._dimension(N_("Region shrinks"), "is_shrinking", "is_shrinking", of_trend),
            self._dimension(N_("Position"), "is_marginal", position, None),
            self._dimension(
                N_("Services"), "is_short_of_services", "is_short_of_services", self._beyond()
            ),
            self._dimension(N_("Rank"), "is_without_rank", "is_without_rank", rank),
        ]

    def _dimension(self, label: str, column: str, sign: str, rests_on: Sentence | None) -> Fact:
        """Return one dimension of fragility: its sign, that it does not hold, or no data."""
        holds = self.town[column]
        text = NO_DATA if holds is None else words.DOES_NOT_HOLD
        value = Word(words.FRAGILITY[sign] if holds else text)
        return self.fact(label, column, sentence("{sign}", sign=value), rests_on)

    def _beyond(self) -> Sentence | None:
        """Return the services that are further than their reference line, in minutes."""
        profile = small_towns.published_fragility(self.store, dict(self.town))
        far = [row for row in profile.services if row["is_beyond"]]
        if not far:
            return None
        parts: list[str] = []
        values: dict[str, str] = {}
        for i, row in enumerate(far):
            parts.append(f"{{s{i}}}: {{m{i}}} > {{r{i}}}")
            values[f"s{i}"] = Word(words.STAND_INS.get(row["service"]) or row["label"])
            known = row["minutes"] is not None
            values[f"m{i}"] = plain_number(row["minutes"]) if known else "–"
            values[f"r{i}"] = plain_number(row["reference_min"])
        return sentence("; ".join(parts) + " {unit}", **values, unit=Word(N_("minutes")))

    def trend(self) -> Section:
        """Return how the region of the town changes; of the town itself no series is known."""
        title = N_("How does its region change?")
        if self.region is None:
            return Section("trend", title, (sentence(N_("It lies in no region of the list.")),))
        whole = self.region.trend()
        figures = tuple(
            f
            for section in (whole, self.region.age())
            for f in section.figures
            if (f.table, f.column) in _OF_REGION
        )
        row = self.region.row
        told = (
            sentence(
                N_("These figures are of the region {name}: they may not describe the town."),
                name=row["name"],
            ),
            *self.region.headline()[:2],
        )
        note = sentence(N_("Compared with other small regions (NUTS 3)."))
        entry = Entry("region", row["nuts_id"], row["name"], sentence(N_("its region")))
        return Section(
            "trend",
            title,
            told,
            figures,
            whole.facts[:2],
            tuple(s for s in whole.series if s.name == "population"),
            entries=(entry,),
            notes=(note,),
        )


def _nearest_sites(store: Store, geonameid: int) -> list[dict[str, Any]]:
    return store.rows(
        """
        select
            access.service, access.coverage, access.minutes_nearest, access.minutes_second,
            coalesce(sites.name, towns.name) as name
        from marts.access as access
        left join marts.service_sites as sites
            on sites.service = access.service and sites.site_id = access.nearest_id
        left join marts.towns as towns on towns.geonameid = try_cast(access.nearest_id as integer)
        where access.geonameid = ?
        """,
        [geonameid],
    )


def place(store: Store, town: Row) -> Place:
    """Return who a town is; its larger regions come first."""
    code = town["nuts_id"] or ""
    larger = store.rows(
        "select nuts_id, if(level = 0, country_name, name) as name from marts.regions "
        "where starts_with(?, nuts_id) order by level",
        [code],
    )
    ascii_name = town["name_ascii"] or ""
    return Place(
        "town",
        str(town["geonameid"]),
        town["name"],
        "" if ascii_name == town["name"] else ascii_name,
        None,
        town["country"],
        town["country_name"],
        tuple((r["nuts_id"], r["name"]) for r in larger),
        float(np.float64(town["lon"])),
        float(np.float64(town["lat"])),
    )
