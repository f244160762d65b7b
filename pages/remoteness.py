"""Remoteness: how far settlements and regions are from towns."""

from __future__ import annotations

import streamlit as st

from pages._ui import address, directory, state, travel
from pages._ui import remoteness_views as views
from pages._ui import selection as choice
from pages._ui.links import link
from pages._ui.measures import REMOTENESS_MEASURES, choose
from pages._ui.texts import N_, _, plain
from pipelines.serve.store import Store

VIEWS = {
    "settlements": N_("Settlements"),
    "regions": N_("Regions"),
    "around": N_("Around a town"),
}
#: A view that has a page of its own now; old addresses state it by its code or these words.
MOVED = "whatif", N_("What if a site closed or opened")
CUTS = {
    "belt": N_("Belt ends at, minutes"),
    "intermediate": N_("Intermediate ends at, minutes"),
    "peripheral": N_("Peripheral ends at, minutes"),
}
EDITIONS = ("2020", "2014")


def main(store: Store) -> None:
    """Draw the page."""
    st.title(_("How far is it to the next town?"))
    _lead_on()
    with st.sidebar:
        st.header(_("Show"))
        view = state.select(_("View"), VIEWS, "view")
        step = ""
        if view in ("settlements", "regions"):
            names = views.steps(store)
            step = state.select(_("Minutes to"), names, "step", words=lambda: views.steps(store))
    if view == "regions":
        _regions(store, step)
        return
    if view == "settlements":
        _settlements(store, step)
    else:
        views.around(store, choice.town(store, views.AROUND_PICKER))


def _lead_on() -> None:
    """Lead an old address of *What if* to its page, with the service and town that it states."""
    if st.query_params.get("view") in (MOVED[0], MOVED[1], _(MOVED[1])):
        stated = {name: st.query_params.get(name) for name in ("service", "town")}
        st.session_state["moved_whatif"] = {k: v for k, v in stated.items() if v}
    choices = st.session_state.get("moved_whatif")
    if choices is not None:
        st.info(_("*What if a site closed or opened* has a page of its own now."))
        link("pages/what_if.py", _("Open it"), choices)


def _settlements(store: Store, step: str) -> None:
    with st.sidebar:
        countries = state.countries(store)
        cuts, edition = _cuts(store)
    town = choice.town(store, views.PICKER)
    views.settlements(store, step, cuts, countries, edition, town)
    if town:
        st.caption(
            _(
                "Chosen: {name}, {country}: {class_}, by the thresholds of the build. {pole} "
                "{city} Its surroundings are under 'Around a town'."
            ).format(
                pole=travel.pole_words(town),
                city=travel.city_words(store, town),
                name=plain(town["name"]),
                country=_(town["country_name"]),
                class_=_(str(town["remoteness"])),
            )
        )
        choices = {"view": _(VIEWS["around"]), "town": town["geonameid"]}
        link(
            "pages/remoteness.py",
            _("Who is how far from {name}?").format(name=town["name"]),
            choices,
        )


def edition_cuts(store: Store, edition: str) -> tuple[float, ...]:
    """Return the published minutes of an edition."""
    limits = state.thresholds(store)
    return tuple(limits[f"remoteness_snai_{cut}_{edition}_min"] for cut in CUTS)


def _cuts(store: Store) -> tuple[tuple[float, ...], str]:
    """Draw the sliders of the three bounds; return them and what they are called."""

    def take_edition() -> None:
        values = edition_cuts(store, st.session_state["edition"])
        for cut, value in zip(CUTS, values, strict=True):
            st.session_state[f"cut_{cut}"] = value

    edition = state.select(
        _("Start from the minutes of"), EDITIONS, "edition", on_change=take_edition
    )
    published = edition_cuts(store, edition)
    chosen = [
        address.slider(_(label), f"cut_{cut}", 5.0, 180.0, value, 0.1)
        for (cut, label), value in zip(CUTS.items(), published, strict=True)
    ]
    cuts = tuple(sorted(chosen))
    if list(cuts) != chosen:
        st.caption(_("The three are taken in rising order."))
    return cuts, f"SNAI {edition}" if cuts == published else _("moved by you")


def _regions(store: Store, step: str) -> None:
    limits = state.thresholds(store)
    with st.sidebar:
        level = state.select(_("Level"), state.LEVELS, "level")
        column = choose(store, REMOTENESS_MEASURES, "by")
        limit = address.slider(
            _("Limit, minutes"),
            "limit",
            5,
            180,
            int(limits["remoteness_close_to_city_min"]),
            help=_(
                "{close} minutes: close to a city (Dijkstra and Poelman 2008); {oecd}: OECD."
            ).format(
                close=f"{limits['remoteness_close_to_city_min']:g}",
                oecd=f"{limits['remoteness_oecd_min']:g}",
            ),
        )
        share = address.slider(
            _("Close if this share of people is within"),
            "share",
            0.1,
            0.9,
            limits["remoteness_close_share"],
            0.05,
        )
        if level != 3 and REMOTENESS_MEASURES[column].categories:
            st.caption(_("Types exist for level 3 only."))
    views.regions(store, step, level, REMOTENESS_MEASURES[column], float(limit), share)


if __name__ == "__main__":  # as Streamlit runs a page's file
    directory.run(main)
