"""The OpenStreetMap set on the page: who has which types of places, and where that is not known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from pages._ui import documents, format, frame, legend, maps, state, tables
from pages._ui.classes import Classes
from pages._ui.selection import GEONAMES_ID, Picker
from pages._ui.texts import N_, _, figure, ngettext, plain
from pipelines.core.errors import HinterlandError
from pipelines.serve import osm, place_files, travel_queries
from pipelines.serve.osm import OsmSet
from pipelines.serve.store import Store

PICKER = Picker("osm_settlement", "points", map="osm_map", table="osm_table")
COPYRIGHT = "https://www.openstreetmap.org/copyright"
MOST_CIRCLES = 3_000
#: What the map counts: column of the settlements, its words.
COUNTS = {
    "types_here": N_("in the settlement"),
    "types_walk_15": N_("within 15 minutes on foot"),
    "types_15": N_("within 15 minutes by car"),
    "types_30": N_("within 30 minutes by car"),
}
#: Lower bounds of the classes of 20 types, and their colours from few to many.
BOUNDS = (0, 5, 10, 15)
COLOURS = ("#d7191c", "#fdae61", "#abd9e9", "#2c7bb6")
STATES = {
    osm.HERE: N_("here"),
    osm.NEAR: N_("within 15 minutes"),
    osm.FAR: N_("within 30 minutes"),
    osm.NONE_MAPPED: N_("none mapped"),
    osm.NOT_MAPPED: N_("probably not mapped"),
    osm.NOT_COVERED: N_("not covered"),
}
BASES = {
    "nodes": N_("covered by the density of its nodes"),
    "stated": N_("of the stated country"),
    "unknown": N_("with a place; the covered area is unknown"),
}
#: Whether it is known when places were last edited.
EDITS = {
    "read": N_("days of last edits read"),
    "not read": N_("days of last edits not read (`--edits`)"),
    "not stated": N_("days of last edits not stated by the file"),
}
CORES = {
    "library": N_("library"),
    "hall": N_("hall"),
    "pub_cafe": N_("pub or café"),
    "shop": N_("shop"),
    "sports_hall": N_("sports hall"),
    "worship": N_("place of worship"),
}
COMMAND = "hinterland places --add COUNTRY-latest.osm.pbf"


def show(store: Store) -> None:
    """Draw what the added extracts say, or how to add one."""
    st.subheader(_("Places of OpenStreetMap"))
    try:
        attached = osm.attached(store)
    except HinterlandError as error:
        st.error(_("The OpenStreetMap set cannot be read."))
        st.code(str(error), language=None, wrap_lines=True)
        return
    if attached is None:
        words = _(
            "No extract was added. Download your country's `.osm.pbf` from Geofabrik and run "
            "`{command}`: this page then shows who has a library, a pub or a shop in the "
            "settlement and within 15 and 30 minutes. `docs/howto/openstreetmap.md` goes "
            "through it."
        )
        st.info(documents.linked(words.format(command=COMMAND)))
        return
    _extracts(attached)
    column = st.radio(
        _("Count headline types"),
        list(COUNTS),
        key="osm_count",
        horizontal=True,
        format_func=lambda name: _(COUNTS[name]),
    )
    _map(store, attached, column)
    _settlements(store, attached)
    _strip(attached)
    _people(attached.people)
    _regions(attached.regions)
    _completeness(store, attached)
    _download(attached)


def _extracts(attached: OsmSet) -> None:
    """Say which extracts these are, how old, and what they cover."""
    lines = []
    for extract in attached.extracts:
        date = extract.snapshot[:10] if extract.snapshot else _("date unknown")
        lines.append(
            _(
                "- **{name}**, data of {date}: {places} places; {n} settlements {basis}; {edits}"
            ).format(
                name=plain(extract.name),
                date=date,
                places=f"{extract.places:,}",
                n=f"{extract.settlements:,}",
                basis=_(BASES[extract.basis]),
                edits=_(EDITS[extract.edits]),
            )
        )
    st.markdown("\n".join(lines))
    st.caption(
        _(
            "A state of the map, never a change: OpenStreetMap grows by being mapped. What is not "
            "mapped may well be there. {credit} [Copyright]({address})"
        ).format(credit=osm.ATTRIBUTION, address=COPYRIGHT)
    )


def _map(store: Store, attached: OsmSet, column: str) -> None:
    settlements = attached.settlements.nlargest(MOST_CIRCLES, "population")
    points = [point(row, column) for row in settlements.to_dict("records")]
    codes = [_class_of(row) for row in attached.settlements[column]]
    counts = tuple(codes.count(i) for i in range(len(BOUNDS)))
    labels = tuple(f"{low} – {high}" for low, high in zip(BOUNDS, (4, 9, 14, 20), strict=True))
    view = maps.view_of(_box(points), around=0.3)
    deck = maps.point_deck(
        state.region_files(store, "regions-0"),
        points,
        PICKER.value or None,
        view,
        state.labels(store, view),
    )
    with frame.map_left(
        store,
        PICKER,
        deck,
        _("Map of settlements by the number of types of places"),
        (frame.LAND, frame.PLACES),
        captions=[
            _("Each circle is a settlement; what no extract covers is not drawn. EPSG:3035.")
        ],
        note=osm.ATTRIBUTION + ".",
    ):
        legend.show(
            Classes("", labels, COLOURS, (*counts, 0), 0, (), "fixed"),
            _("Headline types of 20, {where}").format(where=_(COUNTS[column])),
            "",
            format.settlements(len(attached.settlements)),
            False,
            "",
        )
        left = len(attached.settlements) - len(points)
        if left > 0:
            words = ngettext(
                "{n} smaller settlement is not drawn.",
                "{n} smaller settlements are not drawn.",
                left,
            )
            st.caption(words.format(n=figure(left)))


def point(row: Mapping[Any, Any], column: str) -> dict[str, Any]:
    """Return the map point (km, EPSG:3035) of a settlement."""
    text = _("{n} of 20 types {where}").format(n=row[column], where=_(COUNTS[column]))
    if row["completeness"] != "mapped":
        text += f"; {_(row['completeness'])}"
    if row["is_at_edge"] is True:
        text += "; " + _("at the edge of the extract: there may be more beyond")
    size = round(3 + min(row["population"] ** 0.5 / 40, 22), 1)
    name, colour = row["name"], COLOURS[_class_of(row[column])]
    return maps.map_point(str(row["geonameid"]), name, text, row["lon"], row["lat"], colour, size)


def _class_of(types: int) -> int:
    return sum(types >= low for low in BOUNDS) - 1


def _box(points: list[dict[str, Any]]) -> list[float]:
    """Return west, south, east and north of points in km, never smaller than a valley."""
    xs, ys = [p["x"] for p in points], [p["y"] for p in points]
    return [min(xs) - 10, min(ys) - 10, max(xs) + 10, max(ys) + 10]


def _settlements(store: Store, attached: OsmSet) -> None:
    """Draw the list of settlements; a row can be chosen."""
    shown = attached.settlements.sort_values(["types_here", "population"], ascending=[True, False])
    table = shown[[*tables.COVERED, *_MEASURES]].copy()
    table["missing"] = [_cores(cores) for cores in shown["missing_core"]]
    table["unknown"] = [_cores(cores) for cores in shown["unknown_core"]]
    table["edge"] = [bool(flag) if pd.notna(flag) else None for flag in shown["is_at_edge"]]
    if shown["last_edit"].notna().any():
        table["last_edit"] = shown["last_edit"]
    tables.show(
        table,
        tables.covered(store)
        | {
            "types_here_percentile": tables.number(
                _("Types here, percentile of its kind"),
                "%.0f",
                help=_("Among settlements of the same size class and country, ten and more."),
            ),
            "variety_15": tables.number(_("Variety within 15 min (effective types)"), "%.1f"),
            "places_per_10000_15": tables.number(_("Places per 10,000 people in reach"), "%.1f"),
            "hybrid_places": _("Hybrid places"),
            "interaction_here": tables.number(_("Groups of interaction here, of six"), "%d"),
            "missing": _("None mapped within 15 min"),
            "unknown": _("Not known"),
            "edge": _("At the edge"),
            "last_edit": _("Last edit of a place"),
        },
        _("Settlements by types of places"),
        height=320,
        credit=osm.ATTRIBUTION,
        picker=PICKER,
        ids=[int(g) for g in shown["geonameid"]],
    )


#: Measures of settlements beside those of ``tables.COVERED``.
_MEASURES = (
    "types_here_percentile",
    "variety_15",
    "places_per_10000_15",
    "hybrid_places",
    "interaction_here",
)


def _cores(cores: list[str]) -> str:
    return ", ".join(_(CORES[core]) for core in cores)


def _strip(attached: OsmSet) -> None:
    """Draw the types of the settlement that the map, the table or the address names."""
    text = st.text_input(
        _("Settlement shown below (GeoNames identifier)"),
        key=PICKER.target,
        bind="query-params",
        help=_("Filled by a circle or a row."),
    ).strip()
    if not GEONAMES_ID.fullmatch(text):
        return
    rows = attached.settlements[attached.settlements["geonameid"] == int(text)]
    if rows.empty:
        st.warning(_("No added extract covers this settlement."))
        return
    st.markdown(f"**{plain(rows.iloc[0]['name'])}**")
    strip(attached, int(text))


def strip(attached: OsmSet, geonameid: int) -> None:
    """Draw the types of places of a covered settlement: here, near, far or none mapped."""
    row = attached.settlements[attached.settlements["geonameid"] == geonameid].iloc[0]
    if row["is_at_edge"] is True:
        st.caption(_("At the edge of the extract: there may be more beyond."))
    if pd.notna(row["last_edit"]):
        st.caption(
            _(
                "Last edit of a place here: {last}; of half of them before {median}. What nobody "
                "edits for years may have closed or moved."
            ).format(last=row["last_edit"], median=row["median_edit"])
        )
    frame_ = pd.DataFrame(
        [
            {
                "type": _(part["label"]),
                "state": _(STATES[part["state"]]),
                "min": part["minutes"],
                "walk": part["walk_min"],
            }
            for part in osm.strip(attached, geonameid)
        ]
    )
    tables.show(
        frame_,
        {
            "type": _("Type"),
            "state": _("Where"),
            "min": tables.number(_("Minutes by car (estimate)"), "%.0f"),
            "walk": tables.number(_("On foot from the middle (estimate)"), "%.0f"),
        },
        _("Types of places of the settlement"),
        height=320,
        credit=osm.ATTRIBUTION,
    )


def _people(people: pd.DataFrame) -> None:
    """Draw people with and without each type."""
    st.markdown(_("**People with and without, by type**"))
    shown = people[people["shown"] != "off"]
    names = ["label", "places", "people", "without_here", "without_15", "without_30"]
    tables.show(
        shown[[*names, "probably_not_mapped_in"]].assign(label=[_(x) for x in shown["label"]]),
        {
            "label": _("Type"),
            "places": tables.number(_("Places"), "localized"),
            "people": tables.number(_("People covered"), "localized"),
            "without_here": tables.number(_("none mapped in the settlement"), "localized"),
            "without_15": tables.number(_("none mapped within 15 min"), "localized"),
            "without_30": tables.number(_("none mapped within 30 min"), "localized"),
            "probably_not_mapped_in": _("Probably not mapped in"),
        },
        _("People with and without a place in reach"),
        height=320,
        credit=osm.ATTRIBUTION,
    )


def _regions(regions: pd.DataFrame) -> None:
    """Draw the measures of regions."""
    st.markdown(_("**Regions, by the people of covered settlements**"))
    names = ["nuts_id", "region_name", "country_name", "people", "covered_share"]
    names += ["types_here", "types_15", "few_types_here_share", "few_types_15_share"]
    names += ["variety_15", "places_per_10000", "hybrid_places", "interaction_here"]
    tables.show(
        regions[names],
        {
            "nuts_id": _("Region"),
            "region_name": _("Name"),
            "country_name": _("Country"),
            "people": tables.number(_("People covered"), "localized"),
            "covered_share": tables.number(_("Share of its people covered"), "percent"),
            "types_here": tables.number(_("Types here"), "%.1f"),
            "types_15": tables.number(_("Types within 15 min"), "%.1f"),
            "few_types_here_share": tables.number(_("Fewer than five types here"), "percent"),
            "few_types_15_share": tables.number(
                _("Fewer than five types within 15 min"), "percent"
            ),
            "variety_15": tables.number(_("Variety within 15 min (effective types)"), "%.1f"),
            "places_per_10000": tables.number(_("Places per 10,000 people"), "%.1f"),
            "hybrid_places": _("Hybrid places"),
            "interaction_here": tables.number(_("Groups of interaction here, of six"), "%.1f"),
        },
        _("Regions by types of places"),
        credit=osm.ATTRIBUTION,
    )


def _completeness(store: Store, attached: OsmSet) -> None:
    """Draw what speaks for the map being complete: official registers, frequency, last edits."""
    with st.expander(_("How completely is it mapped?")):
        if len(attached.registers):
            labels = {row["service"]: row["label"] for row in travel_queries.services(store)}
            shown = attached.registers.assign(
                service=[_(labels.get(name, name)) for name in attached.registers["service"]]
            )
            tables.show(
                shown.drop(columns=["type", "attribution"]),
                {
                    "country": _("Country"),
                    "service": _("Official register of"),
                    "sites": tables.number(_("Sites in it"), "localized"),
                    "matched": tables.number(_("of them mapped within 500 m"), "localized"),
                    "matched_share": tables.number(_("Share"), "percent"),
                },
                _("Official registers beside OpenStreetMap"),
                credit=osm.ATTRIBUTION,
            )
        else:
            st.caption(_("No official register has sites where the extracts cover."))
        names = ["country", "label", "objects", "objects_per_10000", "is_probably_not_mapped"]
        types = attached.types[attached.types["shown"] != "off"]
        tables.show(
            types[[*names, "median_edit"]].assign(label=[_(text) for text in types["label"]]),
            {
                "country": _("Country"),
                "label": _("Type"),
                "objects": tables.number(_("Places"), "localized"),
                "objects_per_10000": tables.number(_("per 10,000 people covered"), "%.1f"),
                "is_probably_not_mapped": _("Probably not mapped"),
                "median_edit": _("Half of them last edited before"),
            },
            _("Types by how often they are mapped"),
            height=320,
            credit=osm.ATTRIBUTION,
        )


def _download(attached: OsmSet) -> None:
    """Draw the one way out: an archive that holds the licence."""
    st.download_button(
        _("All tables (zip with the ODbL notice)"),
        lambda: osm.package({n: place_files.csv(t) for n, t in attached.tables().items()}),
        "hinterland-osm.zip",
        "application/zip",
        icon=":material/download:",
        key="osm_download",
        on_click="ignore",
    )
