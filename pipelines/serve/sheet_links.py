"""What a sheet names beside figures: meeting places, towns, places alike, practices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from pipelines.serve import cases, catalogue, comparison, fits, like_regions, meeting_places, osm
from pipelines.serve.sheet_figures import people
from pipelines.serve.sheet_parts import Entry, Fact, Section, Sentence, Word, plain_number, sentence
from pipelines.serve.store import Store
from pipelines.serve.texts import N_
from pipelines.serve.thresholds import thresholds

Rows = list[dict[str, Any]]
#: So many towns, places alike and practices are named.
TOWNS, ALIKE, PRACTICES = 12, 5, 5
_STATES = {
    osm.HERE: N_("here"),
    osm.NEAR: N_("within 15 minutes"),
    osm.FAR: N_("within 30 minutes"),
    osm.NONE_MAPPED: N_("none mapped"),
    osm.NOT_MAPPED: N_("probably not mapped"),
}
_MAP_STATE = N_(
    "A state of the map, never a change: what is not mapped may well be there. {credit}"
)


def towns_of(store: Store, code: str) -> Rows:
    """Return the largest small and medium-sized towns of a region of any level."""
    return store.rows(
        "select geonameid, name, population, role from marts.towns "
        "where is_smst and starts_with(nuts_id, $code) "
        "order by population desc, geonameid limit $most",
        {"code": code, "most": TOWNS},
    )


def meeting(store: Store, code: str, geonameid: int | None, with_osm: bool) -> Section:
    """Return the places to meet: of OpenStreetMap where it is attached, and of the catalogue.

    Parameters
    ----------
    store : Store
    code : str
        The region that the place is or lies in; empty where none.
    geonameid : int or None
        The settlement, of a town's sheet.
    with_osm : bool
        Whether to say what follows from an attached extract, which is under the ODbL and must
        be shown with the section's notice.
    """
    entries = tuple(
        Entry(
            "meeting",
            r["id"],
            r["name"],
            sentence(
                N_("{type} in {town}"),
                type=Word(r["type"].replace("_", " ")),
                town=r["town"] or r["country_name"] or "",
            ),
            r["description"] or "",
        )
        for r in _catalogued(store, code, geonameid)
    )
    told: list[Sentence] = []
    facts: tuple[Fact, ...] = ()
    notes, notice = [], ""
    attached = osm.attached(store) if with_osm else None
    if attached is not None and geonameid:
        facts = _types_here(attached, geonameid)
    elif attached is not None:
        told = _few(store, code)
    if facts or told:
        notice = osm.ATTRIBUTION
        notes.append(sentence(_MAP_STATE, credit=osm.ATTRIBUTION))
    else:
        notes.append(
            sentence(
                N_(
                    "Which places to meet are mapped here (library, pub, hall, shop), and how "
                    "far the next one is, an OpenStreetMap extract of the country adds: the page "
                    "Social places says how."
                )
            )
        )
    if entries:
        told.append(
            sentence(
                N_("Places, events and bodies here that the documents of the catalogue describe:")
            )
        )
    elif not facts and not told:
        told.append(sentence(N_("No document of the catalogue describes a meeting place here.")))
    return Section(
        "meeting",
        N_("Where do people meet?"),
        tuple(told),
        facts=facts,
        entries=entries,
        notes=tuple(notes),
        notice=notice,
    )


def _catalogued(store: Store, code: str, geonameid: int | None) -> Rows:
    return store.rows(
        """
        select id, kind, name, type, town, country_name, description
        from marts.social_places
        where kind != 'programme' and (
            ($town is not null and geonameid = $town)
            or ($town is null and $code != '' and starts_with(nuts3, $code))
        )
        -- What one can go to comes first.
        order by list_position(['place', 'event', 'body'], kind), name, id
        limit 8
        """,
        {"town": geonameid, "code": code},
    )


def _types_here(attached: osm.OsmSet, geonameid: int) -> tuple[Fact, ...]:
    facts = []
    for part in osm.strip(attached, geonameid):
        if part["state"] == osm.NOT_COVERED:
            return ()
        value = sentence("{state}", state=Word(_STATES[part["state"]]))
        if part["minutes"]:
            value = sentence(
                N_("{state} ({minutes} min)"),
                state=Word(_STATES[part["state"]]),
                minutes=f"{part['minutes']:.0f}",
            )
        facts.append(Fact(part["label"], value))
    return tuple(facts)


def _few(store: Store, code: str) -> list[Sentence]:
    """Return who lives with few types of places; nothing where that is not known."""
    table = meeting_places.of_regions(store)
    rows = table[table["nuts_id"] == code] if table is not None else pd.DataFrame()
    if rows.empty:
        return []
    row, few = rows.iloc[0], thresholds(store)["osm_few_types"]
    if pd.isna(row["few_places_share"]):
        return [sentence(N_("OpenStreetMap: {why}."), why=Word(str(row["places_note"])))]
    return [
        sentence(
            N_("{share} of people live in settlements with fewer than {n} of 20 types mapped."),
            share=plain_number(row["few_places_share"], "{:.0%}"),
            n=f"{few:g}",
        )
    ]


def regions_like(store: Store, row: Mapping[str, Any]) -> Section:
    """Return the regions most like one."""
    entries = tuple(
        Entry(
            "region",
            r["nuts_id"],
            r["name"],
            sentence(
                N_("{country}; {people} people, {trend}"),
                country=Word(r["country_name"]),
                people=people(r["population_end"]) if r["population_end"] is not None else "?",
                trend=Word(r["trend"] or N_("no data")),
            ),
        )
        for r in like_regions.regions_like(store, row["nuts_id"], row["level"], ALIKE)
    )
    return _like(entries, list(like_regions.NUMBERS.values()))


def _like(entries: tuple[Entry, ...], compared: list[tuple[str, bool]]) -> Section:
    told = () if entries else (sentence(N_("Too little is known to compare.")),)
    note = sentence(
        N_(
            "Alike by people, density, change, distance to a city, age, wealth and official "
            "types. It is no evidence that what worked there works here."
        )
    )
    return Section(
        "like",
        N_("Which places are like it?"),
        told,
        entries=entries,
        notes=(note,) if compared and entries else (),
    )


def towns_like(store: Store, geonameid: int) -> Section:
    """Return the towns most like one: of its own country and, first, of others."""
    abroad = comparison.nearest_towns(store, geonameid, other_countries=True, number=ALIKE)
    entries = tuple(
        Entry(
            "town",
            str(r["geonameid"]),
            r["name"],
            sentence(
                N_("{country}; {people} people"),
                country=Word(r["country_name"]),
                people=people(r["population"]),
            ),
        )
        for r in abroad.to_dict("records")
    )
    told = (sentence(N_("The most alike in other countries; the page Small towns has more.")),)
    note = sentence(
        N_("Alike by {columns}. It is no evidence that what worked there works here."),
        columns=Word(
            N_("people, distance to cities, role, rank, and change, density and kind of its region")
        ),
    )
    return Section(
        "like",
        N_("Which towns are like it?"),
        told if entries else (sentence(N_("Too little is known to compare.")),),
        entries=entries,
        notes=(note,) if entries else (),
    )


def tried(store: Store, code: str, geonameid: int | None) -> Section:
    """Return the case studies of a place, with what was tried there."""
    rows = store.rows(
        """
        select
            cases.id, cases.name, cases.summary,
            list(experiments.name order by experiments.id)
                filter (where experiments.id is not null) as tried
        from marts.case_studies as cases
        left join marts.experiments as experiments on experiments.case_study = cases.id
        where ($town is not null and cases.geonameid = $town)
            or ($town is null and (
                starts_with(cases.nuts3, $code) or list_contains(cases.nuts, $code)
            ))
        group by all
        order by cases.name
        """,
        {"town": geonameid, "code": code},
    )
    entries = tuple(
        Entry(
            "case study",
            r["id"],
            r["name"],
            sentence(N_("tried: {what}"), what="; ".join(r["tried"]))
            if r["tried"]
            else sentence(N_("described in a document")),
            r["summary"] or "",
        )
        for r in rows
    )
    told = (
        ()
        if entries
        else (sentence(N_("No document of the catalogue describes what was tried here.")),)
    )
    return Section("tried", N_("What was tried here?"), told, entries=entries)


def fits_of_region(store: Store, code: str) -> Section:
    """Return the towns of a region for which fitting practices can be listed."""
    entries = tuple(
        Entry("town", str(r["geonameid"]), r["name"], sentence(N_("what fits here")))
        for r in towns_of(store, code)[:ALIKE]
    )
    text = (
        N_("Practices are matched to towns: choose one of the region's largest.")
        if entries
        else N_("Practices are matched to towns; no town of 5,000 people lies here.")
    )
    return Section("fits", N_("What could be done?"), (sentence(text),), entries=entries)


def fits_of_town(store: Store, geonameid: int) -> Section:
    """Return the practices that fit a town best by what the data and the documents say of it."""
    said = cases.document_answers(store, geonameid)
    answers: dict[str, str | None] = {name: str(row["answer"]) for name, row in said.items()}
    answers |= catalogue.data_answers(store, geonameid)
    here = cases.cases_at(store, geonameid)
    ranked = fits.ranked_practices(store, answers, here=here)
    # Of those that fit equally well the ones of which more is known say more.
    best = sorted(
        (f for f in ranked if not f.is_blocked and not f.of(fits.FAILS) and f.of(fits.HOLDS)),
        key=lambda f: (-len(f.of(fits.HOLDS)), -f.score),
    )[:PRACTICES]
    entries = tuple(
        Entry(
            "practice",
            f.practice["id"],
            f.practice["title"],
            sentence(
                N_("{n} of {total} conditions known to hold"),
                n=len(f.of(fits.HOLDS)),
                total=len([j for j in f.judged if j.row["strength"] != "warns"]),
            ),
            f.practice["action"],
        )
        for f in best
    )
    told = sentence(
        N_(
            "Of {n} practices these meet the most of their own conditions by the data alone; "
            "answer more questions on the page What fits here."
        ),
        n=len(ranked),
    )
    return Section("fits", N_("What could be done?"), (told,), entries=entries)
