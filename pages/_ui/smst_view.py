"""Types of small towns: words, table and the profile with its evidence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from pages._ui import format, state, tables, words
from pages._ui.links import link
from pages._ui.selection import Picker
from pages._ui.texts import N_, _, figure, plain
from pipelines.core.errors import HinterlandError
from pipelines.serve import osm, sheet_words, small_towns
from pipelines.serve.store import Store

ROLES = {
    "agglomerated": N_(
        "it lies in the functional urban area of a large city ({large} people in the area); where "
        "its municipality is not known, the city lies within {time}"
    ),
    "networked": N_("{n} or more towns of similar weight lie within {time}"),
    "autonomous": N_("neither; other towns are in reach, but not several of its weight"),
    "isolated": N_("no other town lies within {time}"),
}
BASES = {
    "functional urban area": N_("centre of a functional urban area"),
    "settlement": N_("by its people; no functional urban areas are listed in its country"),
}
RANKS = {
    "capital": N_("capital"),
    "regional_seat": N_("regional seat"),
    "provincial_seat": N_("provincial seat"),
    "district_seat": N_("district seat"),
    "largest_of_region": N_("largest town of its region"),
    "none": N_("none"),
}
HISTORIES = {
    "long-lasting": N_("people came before {year} and since"),
    "former": N_("people came until {before}"),
    "new": N_("people have come since {year}"),
    "none": N_("in neither period have people come"),
}
PARTS = {
    "is_shrinking": N_("its region shrinks"),
    "is_marginal": N_("marginal"),
    "is_short_of_services": N_("short of services"),
    "is_without_rank": N_("without rank"),
}
#: The ways to be marginal, for the filter.
POSITIONS = {
    "is_remote": N_("remote"),
    "is_at_agglomerated_margin": N_("margin of an agglomeration"),
}
SERVICE_BASES = {
    small_towns.REGISTER: N_("register"),
    small_towns.OSM: N_("OpenStreetMap"),
    small_towns.STAND_IN: N_("a place of a size stands in"),
}
_MIXED = N_(
    "**Position** (minutes by car; by a routing engine over OpenStreetMap's roads where a stored "
    "matrix holds the way, © OpenStreetMap contributors, ODbL 1.0)"
)
POSITION = {
    "estimate": N_("**Position** (estimated minutes by car)"),
    "routing engine": _MIXED,
    "both": _MIXED,
}
_NEAREST = {
    "minutes_to_town": (N_("Nearest town ({n})"), "remoteness_town_population"),
    "minutes_to_city": (N_("Nearest city"), "remoteness_city_population"),
    "minutes_to_large_city": (
        N_("Nearest large city (area of {n})"),
        "remoteness_large_city_population",
    ),
}
_HEADS = {
    "smst_type": N_("Type (ours)"),
    "similar_towns_near": N_("Similar towns near"),
    "fragility_count": N_("Dimensions of fragility"),
    "fragility_known": N_("of dimensions known"),
}
LISTED = (
    "name",
    "smst_type",
    "country_name",
    "region_name",
    "population",
    "role",
    "rank",
    "minutes_to_city",
    "similar_towns_near",
    "fragility_count",
    "fragility_known",
)


def sizes(store: Store) -> dict[str, str]:
    """Return size classes in words, smallest first."""
    limits = state.thresholds(store)
    city, small = limits["size_city_min"], limits["size_small_town_min"]
    return dict(reversed(words.size_classes(store).items())) | {
        "village": _("Village (below {high})").format(high=format.round_people(small)),
        "city": _("City ({low} and more)").format(low=format.round_people(city)),
    }


def rank_in_words(rank: str | None) -> str:
    """Return an administrative rank in words."""
    return _(RANKS[rank]) if rank in RANKS else format.none()


def role_in_words(store: Store, role: str | None) -> str | None:
    """Return what a role means, or None where a town has none of its own."""
    limits = state.thresholds(store)
    return (
        _(ROLES[role]).format(
            large=format.round_people(limits["remoteness_large_city_population"]),
            n=words.small_number(limits["smst_networked_towns"]),
            time=words.short_time(limits["smst_reach_min"]),
        )
        if role in ROLES
        else None
    )


def table(store: Store, rows: pd.DataFrame, picker: Picker) -> None:
    """Draw the table of towns with their type."""
    shown = tables.narrow(rows[list(LISTED)], (), ("country_name", "role")).assign(
        rank=rows["rank"].map(rank_in_words),
        smst_type=rows["smst_type"].map(
            lambda kind: sheet_words.TownType(kind).worded(), na_action="ignore"
        ),
    )
    config = tables.columns(store, "towns", LISTED, _HEADS)
    # The type is a sentence: as wide as its longest, that it can be read in full.
    longest = shown["smst_type"].str.len().max()
    config["smst_type"]["width"] = 40 if pd.isna(longest) else int(40 + 6.6 * longest)
    tables.show(
        shown,
        config,
        _("Selected towns"),
        height=320,
        picker=picker,
        ids=rows["geonameid"].tolist(),
    )


def show(store: Store, town: dict[str, Any]) -> None:
    """Draw the type of a town, each part with its evidence."""
    st.divider()
    st.header(f"{plain(town['name'])}, {_(town['country_name'])}")
    st.markdown(
        _("**{type_}** (our proxy)").format(
            type_=plain(sheet_words.TownType(town["smst_type"]).worded())
        )
    )
    cards = st.columns(4)
    cards[0].metric(_("Population"), format.people(town["population"]))
    role = _(town["role"]) if town["role"] else _("none of its own")
    cards[1].metric(_("Role"), role, help=role_in_words(store, town["role"]))
    cards[2].metric(_("Rank"), rank_in_words(town["rank"]))
    change = format.percent(town["region_change_pct"], 1)
    cards[3].metric(_("Change of its region"), change)
    left, right = st.columns(2)
    with left:
        _position(store, town)
    with right:
        _fragility(store, town)
    link("pages/what_fits.py", _("What fits here"), {"town": town["geonameid"]})


def _nearest(row: dict[str, Any], limits: Mapping[str, float]) -> str:
    """Return minutes to the nearest place of a size, and its name, in words."""
    label, least = _NEAREST[row["measure"]]
    words = _(label).format(n=format.round_people(limits[least]))
    name = _("itself") if row["is_itself"] else plain(row["name"] or "")
    minutes = format.number(row["minutes"], _("{:.0f} min"))
    basis = _(BASES[row["basis"]]) if row["basis"] else ""
    return f"{words}: {minutes}" + (f" ({name})" if name else "") + (f", {basis}" if basis else "")


def _position(store: Store, town: dict[str, Any]) -> None:
    """Draw how far the town is from others, and how many are near."""
    limits = state.thresholds(store)
    near = state.ask(store, small_towns.nearest_names, town["geonameid"])
    lines = [_nearest(row, limits) for row in near]
    lines.append(
        _("Other towns within {time}: {n}, of similar weight {similar}, larger {larger}").format(
            time=words.short_time(limits["smst_reach_min"]),
            n=format.number(town["towns_near"]),
            similar=format.number(town["similar_towns_near"]),
            larger=format.number(town["larger_towns_near"]),
        )
    )
    people = format.people(town["hinterland_people"])
    lines.append(_("People in villages whose nearest town it is: {n}").format(n=people))
    lines += [line for line in (_area(town), _municipality(town)) if line]
    st.markdown(_(POSITION[town["travel_basis"]]))
    st.markdown("\n".join(f"- {line}" for line in lines))


def _fragility(store: Store, town: dict[str, Any]) -> None:
    profile, is_readable = _profile(store, town)
    st.markdown(
        _("**Fragility**: {n} of {known} known dimensions hold").format(
            n=profile.count, known=profile.known
        )
    )
    answers = {True: _("yes"), False: _("no"), None: format.none()}
    evidence = {
        "is_shrinking": _shrinking(town),
        "is_marginal": _marginal(town),
        "is_short_of_services": "",
        "is_without_rank": _power(store, town),
    }
    lines = []
    for name, part in profile.parts.items():
        lines.append(f"- {_(PARTS[name])}: {answers[part]}{evidence[name]}")
        if name == "is_short_of_services":
            lines += [f"    - {_service(row)}" for row in profile.services]
    st.markdown("\n".join(lines))
    if any(row["basis"] == small_towns.OSM for row in profile.services):
        st.caption(
            _(
                "OpenStreetMap decides here and not in the table, the filters and downloads. "
                "{credit}"
            ).format(credit=osm.ATTRIBUTION)
        )
    if not is_readable:
        st.caption(_("The OpenStreetMap set cannot be read."))
    if history := town["region_migration_history"]:
        year = int(state.thresholds(store)["migration_history_split_year"])
        st.markdown(
            _(
                "**Destination of migration**: {history} ({meaning}; net migration of its NUTS-3 "
                "region, our proxy)"
            ).format(
                history=_(history), meaning=_(HISTORIES[history]).format(year=year, before=year - 1)
            )
        )
    elif town["nuts_id"]:
        _steps(store, town["nuts_id"])
    st.caption(
        _(
            "A count, no measure of need. Not measured: the municipality's budget and staff, its "
            "competences, public transport; the trend is the region's. Thresholds: Data & methods."
        )
    )


def _profile(store: Store, town: dict[str, Any]) -> tuple[small_towns.Fragility, bool]:
    """Return the fragility of a town, and whether an added OpenStreetMap set could be read."""
    try:
        return small_towns.fragility(store, town), True
    except HinterlandError:  # the page Social places says what is wrong
        return small_towns.published_fragility(store, town), False


def _shrinking(town: dict[str, Any]) -> str:
    if town["region_change_pct"] is None:
        return ""
    change = format.percent(town["region_change_pct"], 1)
    return " " + _("({change}; the region's trend, not the town's)").format(change=change)


def _marginal(town: dict[str, Any]) -> str:
    ways = [_(POSITIONS[name]) for name in POSITIONS if town[name]]
    return f" ({', '.join(ways)})" if ways else ""


def _power(store: Store, town: dict[str, Any]) -> str:
    """Return the seat and the place by people of a town in words."""
    if town["rank_in_country"] is None:
        return ""
    return " " + _(
        "({seat}; number {n} of its country by people, where the {most} largest have weight "
        "without a seat)"
    ).format(
        seat=_("no seat") if town["rank"] == "none" else rank_in_words(town["rank"]),
        n=format.number(town["rank_in_country"]),
        most=format.number(state.thresholds(store)["smst_largest_in_country"]),
    )


def _service(row: dict[str, Any]) -> str:
    """Return minutes to a service, its reference line and what it is told by, in words."""
    minutes = (
        _("out of reach")
        if row["minutes"] is None
        else format.number(row["minutes"], _("{:.0f} min"))
    )
    return _("{service}: {minutes} (line {line} min, {basis})").format(
        service=_(row["label"]),
        minutes=minutes,
        line=format.number(row["reference_min"]),
        basis=_(SERVICE_BASES[row["basis"]]),
    )


def _municipality(town: dict[str, Any]) -> str:
    """Return what is known of the municipality of a town, in words."""
    code = plain(town["municipality_code"] or "")
    if town["lau_population"] is not None:
        return _("Municipality: {name} ({code}), {people} people on 1 January 2019").format(
            name=plain(town["lau_name"] or ""),
            code=code,
            people=format.people(town["lau_population"]),
        )
    if code and town["municipal_settled_people"] is not None:
        return _(
            "Municipality: code {code}, {people} people in its {n} listed settlements; Eurostat's "
            "list with its own figure was not fetched or has other codes"
        ).format(
            code=code,
            people=format.people(town["municipal_settled_people"]),
            n=format.number(town["municipal_settlements"]),
        )
    return _("Municipality: not known; the figures are the settlement's")


def _area(town: dict[str, Any]) -> str | None:
    """Return what tells whether a town is agglomerated, in words."""
    if town["agglomerated_basis"] is None:
        return None
    if town["agglomerated_basis"] == "minutes":
        return _(
            "Agglomerated or not is told by minutes: no list says which functional urban area its "
            "municipality belongs to"
        )
    if town["fua_name"] is None:
        return _("Its municipality belongs to no functional urban area")
    return _("Functional urban area of its municipality: {name}").format(
        name=plain(town["fua_name"])
    )


def _steps(store: Store, nuts_id: str) -> None:
    """Draw the migration of a region by periods of five years, and why it has no class."""
    steps = state.ask(store, small_towns.migration_steps, nuts_id)
    if not steps:
        st.markdown(_("**Destination of migration**: no figures of its NUTS-3 region."))
        return
    one, broken = _("{first} to {last} {rate}"), _("{first} to {last} {rate} (across a break)")
    parts = [
        (broken if step["is_break"] else one).format(
            first=step["year"],
            last=step["year_end"],
            rate=figure(step["net_migration_per_1000"], "{:+.1f}"),
        )
        for step in steps
    ]
    st.markdown(
        _(
            "**Destination of migration**, in steps of five years: {steps} per 1,000 people a year "
            "(net migration of its NUTS-3 region, with statistical adjustment). Across a break it "
            "holds a revision."
        ).format(steps=", ".join(parts))
    )
    st.caption(unclassed())


def unclassed() -> str:
    """Say why regions told by periods have no class of migration history."""
    return _(
        "Long-lasting, former or new is told by yearly figures alone: of periods, a break would "
        "take five years at once. 'hinterland fetch' brings the years."
    )
