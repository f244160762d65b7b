"""What if sites closed or opened: the controls, and the answer beside the map and below it."""

from __future__ import annotations

import time
from functools import partial
from html import escape
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from pages._ui import format, my_place, state, tables, travel, whatif_map, whatif_state
from pages._ui.classes import Classes
from pages._ui.selection import Picker
from pages._ui.texts import _, capital, figure, ngettext, plain, said
from pipelines.core.errors import InputError
from pipelines.serve import queries, whatif, whatif_files
from pipelines.serve import travel as network_answers
from pipelines.serve.mapfiles import on_map
from pipelines.serve.reach import network
from pipelines.serve.store import Store
from pipelines.serve.texts import in_this_language
from pipelines.serve.whatif import Answer

MARGIN_KM = 45
#: So far from my place regions of its country are shown: Corsica is, Réunion is not.
HOME_KM = 1_000
PICKER = Picker("town", "towns")
_LISTED = 500
#: Sites that close of which the page says at once where people go; the table has all.
_TOLD = 5
# What the answer is stands first: a screen shows the left of a table.
_SHOWN = (
    "name",
    "population",
    "change_min",
    "minutes_after",
    "nearest_after",
    "minutes_before",
    "nearest_before",
    "region_name",
    "country_name",
)


def show(store: Store, service: dict[str, Any], limit: float, town: dict[str, Any] | None) -> None:
    """Draw the question and its answer."""
    whatif_state.show_notes()
    gap = _country_gap(service, town)
    if gap:
        st.warning(gap, icon=":material/do_not_disturb_on:")
    closed, opened = whatif_state.closed(), whatif_state.opened()
    box = whatif_state.view_box(_about(store, service, town), MARGIN_KM)
    answer, seconds = None, 0.0
    if closed or opened:
        started = time.perf_counter()
        try:
            with st.spinner(_("Reading the network and the sites")):
                answer = whatif.answer(store, service["service"], closed, opened, limit)
        except InputError as error:
            st.error(said(error))
        seconds = time.perf_counter() - started
    classes = _classes(store, service, answer, box)
    left, right = st.columns((3, 1))
    with left:
        home = None if box else _around_my_place(store)
        whatif_map.draw(store, service["service"], classes, box, home, town)
        credits = state.attribution(store, travel.sources_of(service))
        st.caption(f"{travel.estimate()} {credits}")
        _lists(store, service, None if gap else town)
    with right:
        _buttons(town)
        if not gap or answer is not None:
            _beside(service, limit, answer)
        _legend(store, service, classes)
        if answer is not None:
            st.caption(_("Answered in {seconds} s.").format(seconds=f"{seconds:.2f}"))
    if answer is not None:
        _gap_of(store, service, answer, town)
        _tables(store, answer, limit)
        _files(store, service, answer, limit)
    _register(store, service)


def _buttons(town: dict[str, Any] | None) -> None:
    """Draw what opens a site in the chosen town, and what takes all back."""
    if town:
        st.button(
            _("Open one in {town}").format(town=town["name"]),
            key="whatif_open_here",
            on_click=partial(whatif_map.open_in, town),
            icon=":material/add_location:",
            width="stretch",
        )
    if whatif_state.closed() or whatif_state.opened():
        st.button(
            _("Start again"),
            key="whatif_again",
            on_click=whatif_state.start_again,
            icon=":material/restart_alt:",
            width="stretch",
        )


def _lists(store: Store, service: dict[str, Any], town: dict[str, Any] | None) -> None:
    """Draw the lists of what closes and what opens: the same choices as on the map."""
    labels = _closable(store, service, town)
    st.session_state["whatif_close"] = whatif_state.closed()
    # A search and Enter take one site: "Select all matches" would close every one of a name.
    st.multiselect(
        _("Closes"),
        list(labels),
        key="whatif_close",
        format_func=lambda site: labels.get(site, site),
        on_change=lambda: whatif_state.set_closed(st.session_state["whatif_close"]),
        select_all=False,
        placeholder=_("Click a site on the map, or choose a town first"),
    )
    places = {place.in_address(): place for place in whatif_state.opened()}
    st.session_state["whatif_open"] = list(places)
    st.multiselect(
        _("Opens"),
        list(places),
        key="whatif_open",
        format_func=lambda at: (places[at].name or at) if at in places else at,
        on_change=lambda: whatif_state.set_opened(
            [places[at] for at in st.session_state["whatif_open"]]
        ),
        select_all=False,
        placeholder=_("Click a settlement or an empty spot on the map"),
    )


def _closable(store: Store, service: dict[str, Any], town: dict[str, Any] | None) -> dict[str, str]:
    """Return labels by id of the sites that close, and of those around what it is about."""
    name = service["service"]
    rows = whatif.sites(store, name, whatif_state.closed())
    points = [(row["lon"], row["lat"]) for row in rows]
    points += [(place.lon, place.lat) for place in whatif_state.opened()]
    if town:
        points = [(town["lon"], town["lat"])]
    if points:
        lon, lat = points[-1]
        rows += state.ask(store, whatif.sites_around, name, float(lon), float(lat))
    labels = {row["site_id"]: f"{row['label']} ({row['country']})" for row in rows}
    counts = pd.Series(labels).value_counts()
    # Two sites of one name are told apart by their ids.
    return {
        site: label if counts[label] == 1 else f"{label} [{site}]" for site, label in labels.items()
    }


def _about(
    store: Store, service: dict[str, Any], town: dict[str, Any] | None
) -> list[tuple[float, float]]:
    """Return what the map must show: km, EPSG:3035."""
    rows = whatif.sites(store, service["service"], whatif_state.closed())
    points = [(row["lon"], row["lat"]) for row in rows]
    points += [(place.lon, place.lat) for place in whatif_state.opened()]
    if town:
        points.append((town["lon"], town["lat"]))
    places = [on_map(lon, lat) for lon, lat in points]
    return [(float(x), float(y)) for x, y in places]


def _around_my_place(store: Store) -> list[float] | None:
    """Return the box of my place's country, without its parts beyond the sea; None without one."""
    place = my_place.read(store)
    if place is None:
        return None
    boxes = state.ask(store, queries.region_bounds)
    regions = {code: box for code, box in boxes.items() if code.startswith(place.country)}
    middles = {c: _middle(box) for c, box in regions.items() if len(c) == len(place.country) + 3}
    mine = [middle for code, middle in middles.items() if code.startswith(place.region)]
    if not mine:
        return None
    x, y = np.median(mine, axis=0)
    near = [c for c, middle in middles.items() if np.hypot(*(middle - (x, y))) <= HOME_KM]
    return state.box_around(regions, near)


def _middle(box: list[float]) -> NDArray[np.float64]:
    west, south, east, north = box
    return np.array([(west + east) / 2, (south + north) / 2])


def _classes(
    store: Store, service: dict[str, Any], answer: Answer | None, box: list[float] | None
) -> Classes | None:
    """Return the classes of the settlements in and around the view; None: no place is chosen."""
    if box is None:
        return None
    x, y = state.ask(store, _map_places)
    west, south, east, north = whatif_map.wide(box)
    inside = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    if answer is not None:
        inside[answer.towns["position"]] = True
    covered = network_answers.scenario(store, service["service"]).is_covered
    return whatif_map.change_classes(store, answer, covered, np.flatnonzero(inside))


def _map_places(store: Store) -> tuple[Any, Any]:
    settlements = network(store).settlements
    return on_map(settlements.lon, settlements.lat)


def _country_gap(service: dict[str, Any], town: dict[str, Any] | None) -> str:
    """Say that the register has no such sites in the country of the town; empty: it has."""
    if not town or service["kind"] != "register":
        return ""
    if town["country"] in str(service["countries"] or "").split():
        return ""
    return _(
        "The register names no {sites} in {country}: minutes there are not known. Choose another "
        "service or another place."
    ).format(sites=_(service["plural"]), country=_(town["country_name"]))


def _beside(service: dict[str, Any], limit: float, answer: Answer | None) -> None:
    """Draw what to do, or the figures, beside the map."""
    plural = _(service["plural"])
    if answer is None:
        st.markdown(
            _(
                "**Click** one of the {sites} to close it, and again to open it again. Near by, "
                "a click on a settlement or on an empty spot opens a new one there. To begin "
                "near a place, choose a town above."
            ).format(sites=plural)
        )
    else:
        _figures(answer, limit)


def _figures(answer: Answer, limit: float) -> None:
    facts = answer.figures
    _people(_("People who lose time"), facts.losing, facts.mean_added, "+")
    if facts.most_added is not None:
        st.caption(_("At most {n} minutes more.").format(n=f"{facts.most_added:.1f}"))
    named = answer.instead["instead"].dropna().drop_duplicates().head(whatif_files.NAMED)
    if names := named.tolist():
        st.caption(f"{_('Nearest after')}: {plain('; '.join(names))}")
    if facts.gaining:
        _people(_("People who gain time"), facts.gaining, facts.mean_saved, "-")
    if facts.stranded:
        st.metric(_("People left with none"), format.people(facts.stranded))
    change = facts.beyond_after - facts.beyond_before
    st.metric(
        _("People beyond {limit} minutes").format(limit=f"{limit:g}"),
        f"{format.people(facts.beyond_before)} → {format.people(facts.beyond_after)}",
        figure(change, "{:+,}"),
        delta_color="off",
        help=_("Of the settlements whose minutes change."),
    )


def _people(label: str, number: int, minutes: float | None, sign: str) -> None:
    each = None if minutes is None else _("{n} min each").format(n=sign + figure(minutes, "{:.1f}"))
    st.metric(label, format.people(number), each, delta_color="off")


def _legend(store: Store, service: dict[str, Any], classes: Classes | None) -> None:
    """Draw what the colours of settlements and sites mean; what is not drawn has no row."""
    rows = []
    if classes is not None:
        head = _("Change (minutes, estimated)")
        rows.append(f'<div style="font-weight:600">{escape(head)}</div>')
        rows += [
            _row(colour, label, figure(count))
            for label, colour, count in zip(
                classes.labels, classes.colours, classes.counts, strict=False
            )
            if count
        ]
    plural = _(service["plural"])
    rows.append(f'<div style="font-weight:600">{escape(capital(plural))}</div>')
    notes = state.ask(store, whatif.uncertain_sites, service["service"])
    rows.append(_row(whatif_map.SITE, _("as registered"), ""))
    if notes:
        rows.append(_row(whatif_map.UNSURE, _("place uncertain"), figure(sum(notes.values()))))
    rows.append(_row(whatif_map.CLOSED, _("closed"), figure(len(whatif_state.closed()))))
    rows.append(_row(whatif_map.NEW, _("new"), figure(len(whatif_state.opened()))))
    st.html(f'<div data-testid="legend" style="font-size:.85rem">{"".join(rows)}</div>')


def _row(colour: str, label: str, count: str) -> str:
    return (
        '<div style="display:flex;align-items:center;gap:.5rem;line-height:1.55">'
        f'<span style="flex:none;width:.9rem;height:.9rem;border-radius:50%;background:{colour};'
        f'border:1px solid #777"></span><span style="flex:1">{escape(label)}</span>'
        f'<span class="hl-quiet">{count}</span></div>'
    )


def _gap_of(
    store: Store, service: dict[str, Any], answer: Answer, town: dict[str, Any] | None
) -> None:
    """Say where the answer says nothing, for the register has no sites of its own there."""
    if town and travel.is_in_gap(store, service["service"], town["geonameid"]):
        st.warning(
            _(
                "The register has no sites of its own in the region of {town}: minutes there are "
                "not known, so its places are left out of the answer."
            ).format(town=plain(town["name"]))
        )
    if answer.towns.empty:
        st.info(_("Nobody's minutes change: each place has another site as near."))
    _told_instead(service, answer)


def _told_instead(service: dict[str, Any], answer: Answer) -> None:
    """Say where people go now; that the way is as short does not make it the same service."""
    lines = [plain(line) for line in whatif_files.instead(answer)]
    if not lines:
        return
    rest = len(lines) - _TOLD
    if rest > 0:
        lines = [*lines[:_TOLD], _("… and {n} more").format(n=figure(rest))]
    if service["kind"] == "register":
        lines.append(f"**{whatif_files.same_kind()}**")
    st.warning("\n".join(f"- {line}" for line in lines))


def _tables(store: Store, answer: Answer, limit: float) -> None:
    towns, regions = answer.towns, answer.regions
    count = ngettext("{n} settlement changes", "{n} settlements change", len(towns))
    titles = [count.format(n=figure(len(towns))), _("By region"), _("Where people go now")]
    by_town, by_region, by_site = st.tabs(titles)
    before, after = _("Minutes before"), _("Minutes after")
    with by_town:
        tables.show(
            towns[list(_SHOWN)].head(_LISTED),
            travel.town_columns(store)
            | {
                "minutes_before": tables.number(before, "%.1f"),
                "minutes_after": tables.number(after, "%.1f"),
                "change_min": tables.number(_("Change"), "%+.1f"),
                "nearest_before": _("Nearest before"),
                "nearest_after": _("Nearest after"),
            },
            _("Settlements whose minutes change"),
            height=320,
        )
        st.caption(
            _(
                "Listed by people times minutes. Ways are by the same network as everywhere here; "
                "capacity, opening hours and public transport are not in it."
            )
        )
    with by_region:
        beyond = _("beyond {limit} min").format(limit=f"{limit:g}")
        tables.show(
            regions,
            {
                "nuts_id": _("Code"),
                "name": _("Region"),
                "people": tables.number(_("People in settlements"), "localized"),
                "people_changed": tables.number(_("whose minutes change"), "localized"),
                "mean_before": tables.number(_("Mean minutes before"), "%.1f"),
                "mean_after": tables.number(_("Mean minutes after"), "%.1f"),
                "change_min": tables.number(_("Change"), "%+.2f"),
                "beyond_before": tables.number(f"{_('Before')}: {beyond}", "localized"),
                "beyond_after": tables.number(f"{_('After')}: {beyond}", "localized"),
            },
            _("Regions in which minutes change"),
            height=320,
        )
        st.caption(_("NUTS 3 of 2021; means over people who reach one before and after."))
    with by_site:
        tables.show(
            answer.instead,
            {
                "closed": _("closed"),
                "instead": _("Nearest after"),
                "people": tables.number(_("People"), "localized"),
                "settlements": tables.number(_("Settlements"), "localized"),
                "minutes_before": tables.number(_("Mean minutes before"), "%.1f"),
                "minutes_after": tables.number(_("Mean minutes after"), "%.1f"),
            },
            _("Where people go now"),
            height=320,
        )


def _files(store: Store, service: dict[str, Any], answer: Answer, limit: float) -> None:
    """Draw the downloads and the brief; a file is made when it is asked for."""
    question = whatif_files.Question(
        service=service["service"],
        plural=_(service["plural"]),
        closed=tuple(whatif.sites(store, service["service"], whatif_state.closed())),
        opened=tuple(whatif_state.opened()),
        limit=limit,
        is_register=service["kind"] == "register",
    )
    buttons = (
        (_("Settlements (CSV, zip with notes)"), "whatif-settlements.zip", "application/zip"),
        (_("Settlements (GeoJSON)"), "whatif-settlements.geojson", "application/geo+json"),
        (_("Regions (CSV, zip with notes)"), "whatif-regions.zip", "application/zip"),
        (_("One-page brief (HTML, to print)"), "whatif-brief.html", "text/html"),
    )
    makers = (
        partial(whatif_files.towns_csv, store, question, answer),
        partial(whatif_files.towns_geojson, store, question, answer),
        partial(whatif_files.regions_csv, store, question, answer),
        partial(_brief, store, service, question, answer),
    )
    for column, (label, name, mime), make in zip(st.columns(4), buttons, makers, strict=True):
        column.download_button(
            label,
            in_this_language(make),
            file_name=f"hinterland-{name}",
            mime=mime,
            on_click="ignore",
            key=f"download-{name}",
            icon=":material/download:",
            width="stretch",
        )


def _brief(
    store: Store, service: dict[str, Any], question: whatif_files.Question, answer: Answer
) -> bytes:
    credits = state.attribution(store, travel.sources_of(service))
    return whatif_files.brief(store, question, answer, credits).encode()


def _register(store: Store, service: dict[str, Any]) -> None:
    """Say how sure the places of a register's sites are, and to whom a wrong one is reported."""
    if service["kind"] != "register":
        return
    notes = state.ask(store, whatif.uncertain_sites, service["service"])
    used = service["sites_used"]
    with st.expander(_("How good is the register?")):
        lines = [
            _("{n} sites: {note}").format(n=f"{count:,}", note=_(note))
            for note, count in notes.items()
        ]
        lines.append(
            ngettext(
                "{n} site of the register counts here; those without a place of their own are set "
                "aside.",
                "{n} sites of the register count here; those without a place of their own are set "
                "aside.",
                used,
            ).format(n=f"{used:,}")
        )
        st.markdown("\n".join(f"- {line}" for line in lines))
        st.caption(travel.check_the_register())
        travel.report_link(store, service)
    uncertain = [
        row
        for row in whatif.sites(store, service["service"], whatif_state.closed())
        if row["position_note"]
    ]
    for row in uncertain:
        st.warning(
            _("The place of {site} is uncertain: {note}.").format(
                site=plain(row["label"]), note=_(row["position_note"])
            )
        )
