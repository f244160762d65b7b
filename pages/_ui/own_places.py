"""Bring your own places, or an OpenStreetMap extract: read, checked, measured; nothing is kept."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from pages._ui import documents, format, frame, maps, state, tables, words
from pages._ui.selection import Picker
from pages._ui.texts import N_, _, figure, ngettext, plain
from pipelines.core.errors import HinterlandError
from pipelines.serve import place_files
from pipelines.serve.place_files import Measured
from pipelines.serve.store import Store

OWN, OSM = N_("My own places"), N_("An OpenStreetMap extract")
# More circles than this hide each other and make the page heavy; the largest are drawn.
MOST_CIRCLES = 2_000
PICKER = Picker("own_settlement", "points", map="own_map")
HELP = {
    OWN: N_(
        "Columns: `id, name, kind, type, country, lon, lat, source`, and any others of the "
        "table *Your own places* in `docs/catalogue.md`. The file is read in memory, checked "
        "and forgotten. `hinterland check FILE` says the same on the command line."
    ),
    OSM: N_(
        "Overpass JSON (`[out:json]`, `out center`) or GeoJSON with OpenStreetMap ids. "
        "Tags become types by `osm_tags.csv`. The rows stay apart from the catalogue and from "
        "your own places; the file is read in memory and forgotten, and the covered area is "
        "unknown. A whole country: `hinterland places --add COUNTRY.osm.pbf`."
    ),
}
_EXTRACT_ONLY = ("label", "shown", "without_here", "probably_not_mapped_in")
COPYRIGHT = "https://www.openstreetmap.org/copyright"


def show(store: Store) -> None:
    """Draw the upload and, for a sound file, its indicators by settlement."""
    label = _("Bring your own places, or OpenStreetMap's")
    with st.expander(label, icon=":material/upload_file:"):
        kind = st.radio(
            _("What the file holds"), [OWN, OSM], key="own_kind", horizontal=True, format_func=_
        )
        st.markdown(documents.linked(_(HELP[kind])))
        kinds = [suffix.removeprefix(".") for suffix in place_files.SUFFIXES]
        file = st.file_uploader(_("Your file"), kinds, key="own_file")
        if file is None:
            st.session_state.pop("own_measured", None)
            return
        is_osm = kind == OSM
        try:
            with st.spinner(_("Preparing the network…")):
                measured = state.visit_memo(
                    "own_measured",
                    (file.file_id, is_osm, store.pointer.file),
                    lambda: _measured(store, file.name, file.getvalue(), is_osm),
                )
        except HinterlandError as error:
            st.error(_("This file cannot be used yet."))
            st.code(str(error), language=None, wrap_lines=True)
            return
        _result(store, measured)


def _result(store: Store, measured: Measured) -> None:
    """Draw what follows from the places."""
    number = int((measured.settlements["places"] > 0).sum())
    st.success(
        _("Read: {entries}; with a place: {settlements}.").format(
            entries=format.entries(len(measured.places)), settlements=format.settlements(number)
        )
    )
    if measured.is_osm:
        st.info(f"{place_files.ATTRIBUTION}. [{_('Copyright')}]({COPYRIGHT})")
        if measured.left_out:
            reasons = "; ".join(
                f"{figure(n)} {_(reason)}" for reason, n in measured.left_out.items()
            )
            st.caption(_("Left out: {reasons}").format(reasons=plain(reasons)))
    _map(store, measured)
    if measured.is_osm:
        _covered_settlements(store, measured.settlements)
    else:
        _settlements(store, measured.settlements)
    _people(measured)
    _downloads(measured)


def _map(store: Store, measured: Measured) -> None:
    """Draw a circle a settlement with places."""
    points = circles(measured.settlements)
    if not points:
        return
    deck = frame.point_deck(store, points, "", False)
    PICKER.draw(deck, _("Map of the places of your file by settlement"))
    more = len(measured.settlements) - len(points)
    lines = [_("Each circle is a settlement; its area grows with the number of places. EPSG:3035.")]
    if more:
        words_of = ngettext(
            "{n} settlement with fewer places is not drawn.",
            "{n} settlements with fewer places are not drawn.",
            more,
        )
        lines.append(words_of.format(n=figure(more)))
    if measured.is_osm:
        lines.append(place_files.ATTRIBUTION)
    st.caption(" ".join(lines))


def circles(settlements: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a map point (km, EPSG:3035) a settlement, those with most places first."""
    return [
        maps.map_point(
            str(row["geonameid"]),
            row["name"],
            _("{n} places of {types} types").format(
                n=row["places"], types=row["types_here"] if "types_here" in row else row["types"]
            ),
            row["lon"],
            row["lat"],
            words.KIND_COLOURS["place"],
            round(4 + min(2 * row["places"] ** 0.5, 26), 1),
        )
        for row in settlements.nlargest(MOST_CIRCLES, "places").to_dict("records")
    ]


def _settlements(store: Store, result: pd.DataFrame) -> None:
    per = _("Places per {n} people").format(n=f"{place_files.PER_PEOPLE:,}")
    tables.show(
        result.drop(columns=["geonameid", "lon", "lat", "attribution"], errors="ignore"),
        {"name": _("Settlement")}
        | tables.columns(store, "towns", ("country_name", "population"))
        | {
            "types": _("Types"),
            "places": _("Places"),
            "places_per_10000": tables.number(per, "%.2f"),
            "variety": tables.number(_("Variety (effective types)"), "%.2f"),
        },
        _("Indicators of your own places"),
    )
    st.caption(
        _(
            "Per person of the settlement (GeoNames), not of its surroundings. A place belongs to "
            "the settlement it names, else to the nearest within {km} km."
        ).format(km=f"{place_files.FARTHEST_KM:g}")
    )


def _covered_settlements(store: Store, result: pd.DataFrame) -> None:
    """Draw the settlements of an extract by their headline types."""
    tables.show(
        result[list(tables.COVERED)],
        tables.covered(store),
        _("Settlements by types of places"),
        credit=place_files.ATTRIBUTION,
    )
    st.caption(
        _(
            "Places and types are of the 20 headline types. A place belongs to the nearest "
            "settlement within {km} km."
        ).format(km=f"{place_files.FARTHEST_KM:g}")
    )


def _people(measured: Measured) -> None:
    reach = measured.people
    st.markdown(_("**People who have one within some minutes by car (estimate), by type**"))
    within, without = _("within {n} min"), _("none within {n} min")
    people = _("People covered") if measured.is_osm else _("People in these countries")
    labels = {"places": _("Places"), "people": people}
    for column in reach.columns:
        word, mark, minutes = column.partition("_")
        if mark and word in ("within", "without") and minutes.isdigit():
            text = within if word == "within" else without
            labels[column] = text.format(n=minutes)
    tables.show(
        reach.drop(columns=["attribution", *_EXTRACT_ONLY], errors="ignore"),
        {name: tables.number(label, "localized") for name, label in labels.items()}
        | {"type": _("type")},
        _("People with and without a place in reach"),
        credit=place_files.ATTRIBUTION if measured.is_osm else "",
    )
    st.caption(
        _(
            "Counted are the settlements that have a place of the extract, for the area that it "
            "covers is not known: how many have none is a lower bound. A place is reached when "
            "its settlement is."
        )
        if measured.basis == "unknown"
        else _(
            "Counted are the settlements of the countries that your places state. A place "
            "is reached when its settlement is. The file is taken for complete: a library "
            "that it does not hold counts for nobody."
        )
    )


def _downloads(measured: Measured) -> None:
    """Draw one button a table, or of an extract one archive that holds the licence."""
    if measured.is_osm:
        st.download_button(
            _("All tables (zip with the ODbL notice)"),
            lambda: place_files.package(measured),
            "hinterland-osm.zip",
            "application/zip",
            icon=":material/download:",
            key="own_download_osm",
            on_click="ignore",
        )
        return
    labels = (_("Places"), _("By settlement"), _("Minutes to each type"), _("People by type"))
    tables_ = measured.tables().items()
    for column, label, (name, table) in zip(st.columns(4), labels, tables_, strict=True):
        column.download_button(
            _("{table} (CSV)").format(table=label),
            functools.partial(place_files.csv, table),  # made on a click, not at each rerun
            name,
            "text/csv",
            icon=":material/download:",
            key=f"own_download_{name}",
            on_click="ignore",
        )


def _measured(store: Store, name: str, content: bytes, is_osm: bool) -> Measured:
    """Read an upload under a name of ours, and measure it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("your-file" + Path(name).suffix.lower())
        path.write_bytes(content)
        try:
            return place_files.measure(store, path, is_osm)
        except HinterlandError as error:
            raise type(error)(str(error).replace(f"{folder}/", "")) from error
