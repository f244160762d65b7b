"""Types of small towns: words, table and the profile with its evidence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from pages._ui import format, state, tables, words
from pages._ui.links import link
from pages._ui.selection import Picker
from pages._ui.texts import N_, _, plain
from pipelines.serve import small_towns
from pipelines.serve.store import Store

ROLES = {
    "agglomerated": N_("a large city (functional urban area of {large} people) lies within {time}"),
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
    "is_remote": N_("remote"),
    "is_without_rank": N_("without rank"),
    "is_short_of_services": N_("short of services"),
    "is_at_agglomerated_margin": N_("margin of an agglomeration"),
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
    "fragility_count": N_("Parts of fragility"),
    "fragility_known": N_("of parts known"),
}
LISTED = (
    "name",
    "country_name",
    "region_name",
    "population",
    "smst_type",
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
    tables.show(
        rows[list(LISTED)].assign(rank=rows["rank"].map(rank_in_words)),
        tables.columns(store, "towns", LISTED, _HEADS),
        _("Selected towns"),
        height=320,
        picker=picker,
        ids=rows["geonameid"].tolist(),
    )


def _part(town: dict[str, Any], name: str) -> str:
    answer = {True: _("yes"), False: _("no")}.get(town[name], format.none())
    return f"{_(PARTS[name])}: {answer}"


def show(store: Store, town: dict[str, Any]) -> None:
    """Draw the type of a town, each part with its evidence."""
    st.divider()
    st.header(f"{plain(town['name'])}, {_(town['country_name'])}")
    st.markdown(_("**{type_}** (our proxy)").format(type_=plain(_(town["smst_type"]))))
    cards = st.columns(4)
    cards[0].metric(_("Population"), format.people(town["population"]))
    role = _(town["role"] or "none of its own")
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
    st.markdown(_("**Position** (estimated minutes by car)"))
    st.markdown("\n".join(f"- {line}" for line in lines))


def _fragility(store: Store, town: dict[str, Any]) -> None:
    st.markdown(
        _("**Fragility**: {n} of {known} known parts hold").format(
            n=town["fragility_count"], known=town["fragility_known"]
        )
    )
    st.markdown("\n".join(f"- {_part(town, name)}" for name in PARTS))
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
    st.caption(_("A count of parts, no measure of need. Thresholds: Data & methods."))


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
            rate=f"{step['net_migration_per_1000']:+.1f}",
        )
        for step in steps
    ]
    st.markdown(
        _(
            "**Destination of migration**, in steps of five years: {steps} per 1 000 people a year "
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
