"""Services: who reaches which, against a limit that can be moved; own facilities."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages._ui import address, directory, own_view, service_views, state, tables
from pages._ui import selection as choice
from pages._ui.measures import ACCESS_MEASURES, REGION_ACCESS_MEASURES, choose
from pages._ui.texts import N_, _, plain
from pipelines.serve import travel_queries
from pipelines.serve.store import Store

PLACES = {"settlements": N_("Settlements"), "regions": N_("Regions")}


def main(store: Store) -> None:
    """Draw the page."""
    st.title(_("Who can reach which service?"))
    services = {s["service"]: s for s in state.ask(store, travel_queries.services)}
    with st.sidebar:
        st.header(_("Service"))
        name = _choice(services)
        own = name == service_views.OWN
        place = "settlements" if own else state.select(_("Show"), PLACES, "place")
        level = 3
        if place == "regions":
            level = state.select(_("Level"), state.LEVELS, "level")
        options = ACCESS_MEASURES if place == "settlements" else REGION_ACCESS_MEASURES
        measure = options[choose(store, options, f"by_{place}")]
        limit = _limit(services.get(name, next(iter(services.values()))), own)
        countries: tuple[str, ...] = ()
        if place == "settlements":
            countries = state.countries(store, _("Country (list and view)"))
        area = own_view.area_choice(store, countries) if own else None
    if area is not None:
        own_view.show(store, measure, limit, area)
        return
    service = services[name]
    st.caption(_about(service))
    if place == "settlements":
        values = state.ask(store, travel_queries.town_access, name, measure.column)["value"]
        town = choice.town(store, service_views.PICKER)
        service_views.towns_view(store, service, values, measure, limit, countries, town)
        service_views.worst_list(store, service, limit, countries)
    else:
        service_views.regions_view(store, service, measure, level, limit)
    with st.expander(_("Sites, gaps, and what the supply score shares out")):
        _gaps(store, service)


def _choice(services: dict[str, dict[str, Any]]) -> str:
    """Draw the choice of a service; its reference line becomes the limit."""

    def take_service() -> None:
        if chosen := services.get(st.session_state["service"]):
            st.session_state["minutes"] = int(chosen["reference_min"])

    labels = {key: service["label"] for key, service in services.items()}
    labels[service_views.OWN] = N_("Your own file")
    return state.select(_("Service"), labels, "service", on_change=take_service)


def _limit(service: dict[str, Any], own: bool) -> float:
    reference = int(service["reference_min"])
    limit = address.slider(_("Limit, minutes"), "minutes", 5, 120, reference)
    if own:
        st.caption(_("The limit colours the map and cuts the list."))
    else:
        st.caption(_("Reference line: {n} minutes.").format(n=reference))
    return float(limit)


def _about(service: dict[str, Any]) -> str:
    note = plain(_(service["note"]))
    if service["kind"] == "stand-in":
        return _("A stand-in for services, not a list of them. {note}").format(note=note)
    return _("{note} {n} countries: {countries}.").format(
        note=note, n=service["countries_covered"], countries=service["countries"]
    )


def _gaps(store: Store, service: dict[str, Any]) -> None:
    far = state.thresholds(store)["travel_access_max_km"]
    lines = (
        _(
            "{sites} sites, {excluded} of them set aside: further than {km} km from every "
            "settlement."
        ).format(
            sites=f"{service['sites']:,}", excluded=f"{service['sites_set_aside']:,}", km=f"{far:g}"
        ),
        _(
            "The supply score shares out {what} ({unit}); a capacity that is missing is not taken "
            "for zero."
        ).format(what=_(service["capacity_basis"]), unit=_(service["capacity_unit"])),
        _(
            "People abroad compete for sites, and sites abroad count; the border effect says how "
            "much."
        ),
    )
    st.markdown("\n".join(f"- {line}" for line in lines))
    gaps = state.ask(store, travel_queries.excluded_sites)
    if len(gaps):
        headings = tables.columns(store, "access_set_aside", gaps.columns)
        tables.show(gaps, headings, _("Gaps of the files"))
    else:
        st.caption(_("No file of services was fetched; only the tiers of centres are measured."))


if __name__ == "__main__":  # as Streamlit runs a page's file
    directory.run(main)
