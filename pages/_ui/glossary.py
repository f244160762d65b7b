"""The words of the trade that a page uses, explained where they stand.

``docs/glossary.md`` holds the same table; a test compares the two.
"""

from __future__ import annotations

import streamlit as st

from pages._ui.texts import N_, _

#: Term by key, and what it means.
TERMS: dict[str, tuple[str, str]] = {
    "nuts": (
        N_("NUTS"),
        N_(
            "Eurostat's regions: level 0 are countries, 1 and 2 larger regions, 3 the smallest, "
            "such as a district or province."
        ),
    ),
    "natural": (
        N_("Natural change, net migration"),
        N_("Births less deaths; people who came less people who left."),
    ),
    "webb": (
        N_("Webb's types"),
        N_(
            "Eight kinds of growing or shrinking, by whether births or deaths, arrivals or "
            "departures weigh more; A to D grow, E to H shrink."
        ),
    ),
    "cause": (
        N_("Active and legacy shrinking"),
        N_(
            "Active: people leave. Legacy: too few are born, because the young left long ago; "
            "nobody need leave today."
        ),
    ),
    "minutes": (
        N_("Estimated minutes"),
        N_("Driving time by a model from place to place, not a route: good to a few minutes."),
    ),
    "centre": (
        N_("Basic, middle and upper centre"),
        N_(
            "Towns whose size stands for services: daily needs such as a shop and a primary "
            "school; those of a town, such as a secondary school; those of a city, such as a "
            "university."
        ),
    ),
    "inner": (
        N_("Pole, belt, intermediate, peripheral, ultra-peripheral"),
        N_(
            "Distance as Italy's strategy for inner areas (SNAI) grades it: a pole is a town with "
            "all services, the belt lies close around it, each further step is more minutes away."
        ),
    ),
    "supply": (
        N_("Supply (E2SFCA)"),
        N_(
            "What a service offers per person where all who can reach it share it; nearer "
            "facilities count more. Compare places by it; the number alone says little."
        ),
    ),
    "desert": (
        N_("Service desert"),
        N_("A place from which several kinds of service lie further away than they should."),
    ),
    "smst": (
        N_("Small and medium-sized town"),
        N_("A place of 5,000 to 50,000 people with a name of its own."),
    ),
    "role": (
        N_("Agglomerated, networked, autonomous, isolated"),
        N_(
            "What lies around a town: a large city; other towns of like weight; others of less "
            "weight; none within reach."
        ),
    ),
    "gower": (
        N_("Likeness (Gower)"),
        N_(
            "How alike two places are: the mean of their likeness in each measure that is known of "
            "both, 1 for the same, 0 for the ends of the scale."
        ),
    ),
    "fit": (
        N_("Fit"),
        N_(
            "How many of a practice's conditions a town meets, less those it fails: 1 if all known "
            "ones hold, -1 if none does. It promises no success."
        ),
    ),
    "thin": (
        N_("Thin"),
        N_("Many people live far from services, from a city or from places to meet."),
    ),
    "social": (
        N_("Social place"),
        N_("Where anyone may come, and people meet again and again: a café, a library, a club."),
    ),
    "no_data": (
        N_("No data"),
        N_("Not known. It is never counted as zero."),
    ),
}
#: The terms of each page, in the order in which they are met there.
PAGES: dict[str, tuple[str, ...]] = {
    "overview": ("nuts", "natural", "smst", "minutes", "no_data"),
    "compare": ("nuts", "natural", "minutes", "role", "no_data"),
    "place": ("natural", "cause", "minutes", "centre", "role", "gower", "fit"),
    "regions": ("nuts", "natural", "minutes", "desert", "no_data"),
    "shrinking": ("natural", "webb", "cause", "nuts", "no_data"),
    "shrinking_and_thin": ("thin", "desert", "nuts", "minutes"),
    "remoteness": ("minutes", "inner", "centre", "nuts"),
    "services": ("minutes", "centre", "supply", "desert", "no_data"),
    "what_if": ("minutes", "centre", "supply"),
    "towns": ("smst", "role", "minutes"),
    "small_towns": ("smst", "role", "inner", "gower"),
    "social_places": ("social", "no_data"),
    "case_studies": ("social", "smst"),
    "what_fits": ("fit", "smst", "no_data"),
    "data": ("nuts", "supply", "gower", "webb", "inner"),
    "tables": ("nuts", "no_data"),
}


def show(page: str) -> None:
    """Draw the words of a page behind a button at its head; nothing where it has none."""
    terms = PAGES.get(page)
    if not terms:
        return
    lines = [f"**{_(TERMS[key][0])}**: {_(TERMS[key][1])}" for key in terms]
    with st.container(key="words_here"):
        title = _("Words on this page")
        st.popover(title, icon=":material/menu_book:", type="tertiary").markdown("\n\n".join(lines))
