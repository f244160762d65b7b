"""The user's own facilities: a file in; who reaches them out, in the area that they are for."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from pages._ui import address, format, frame, own_map, service_views, state, tables, travel
from pages._ui.classes import classify
from pages._ui.measures import ACCESS_MEASURES, Measure, field_of
from pages._ui.selection import Picker
from pages._ui.texts import N_, _, ngettext, plain, said
from pipelines.core.errors import HinterlandError
from pipelines.serve import own_reach, study_area
from pipelines.serve.own_reach import OwnReach
from pipelines.serve.store import Store
from pipelines.serve.study_area import AreaChoice, StudyArea

SERVICE: dict[str, Any] = {"service": "own", "plural": N_("your facilities"), "kind": "own"}
HELP = N_(
    "A table `lon,lat[,id][,name][,capacity]` with longitude and latitude in degrees "
    "(EPSG:4326), in UTF-8, as Excel saves it anywhere in Europe: semicolons and decimal commas "
    "are read; or GeoJSON, where every part of a geometry is a facility. Every id once; without "
    "ids the rows are numbered. A capacity stands in every row, or in none: one per facility "
    "counts then. The file is read in memory for the answer and not kept on disk."
)
COLUMNS = ("name", "country_name", "region_name", "population", "minutes_nearest", "nearest_name")
PICKER = Picker("town", "towns", map="services_map")


def area_choice(store: Store, countries: tuple[str, ...]) -> AreaChoice:
    """Draw the choice of the area that the answer is about."""
    kind = state.select(_("Study area"), study_area.KINDS, "area")
    region, radius = "", None
    if kind == study_area.REGION:
        region = st.text_input(
            _("NUTS code"), key="area_region", bind="query-params", placeholder="DE733"
        )
    elif kind == study_area.RADIUS:
        usual = int(state.thresholds(store)["facility_area_radius_km"])
        radius = float(address.slider(_("Radius, km"), "area_km", 5, 300, usual))
    elif kind == study_area.COUNTRY:
        st.caption(_("The countries chosen here; those of the facilities if none is."))
    return AreaChoice(
        kind=kind, countries=countries, region=region.strip().upper(), radius_km=radius
    )


def show(store: Store, measure: Measure, limit: float, choice: AreaChoice) -> None:
    """Draw the upload and its answer, or the reason why there is none."""
    upload = st.file_uploader(
        _("Your facilities (CSV or GeoJSON)"),
        type=["csv", "tsv", "txt", "geojson", "json"],
        key="facilities",
        help=_(HELP),
        max_upload_size=int(state.thresholds(store)["facility_upload_most_mb"]),
    )
    if upload is None:
        st.session_state.pop("own_reach", None)
        st.markdown(_(HELP))
        return
    try:
        with st.spinner(_("Measuring who reaches your facilities")):
            own = state.visit_memo(
                "own_reach",
                (upload.file_id, store.pointer.file),
                lambda: own_reach.of_file(store, upload.name, upload.getvalue()),
            )
        if choice.kind == study_area.REGION and not choice.region:
            st.info(_("Give the NUTS code of the region that the answer is about."))
            return
        area = study_area.study_area(store, own.sites.lon, own.sites.lat, choice)
    except HinterlandError as error:
        _refused(error)
        return
    _remarks(store, own)
    if measure.column not in own.table.column_names:
        st.info(_("This measure is not worked out for your own facilities; minutes are shown."))
        measure = ACCESS_MEASURES["minutes_nearest"]
    rows = own_reach.rows_of(store, own, area)
    _map(store, own, area, rows, measure, limit)
    _worst(store, rows, limit)
    _files(store, upload.name, own, area, rows)


def _refused(error: HinterlandError) -> None:
    """Say why a file is not read; several findings are a list."""
    first, *more = str(error).splitlines()
    st.error(said(type(error)(first)), icon=":material/error:")
    if more:
        st.code("\n".join(more), language=None, wrap_lines=True)


def _remarks(store: Store, own: OwnReach) -> None:
    """Say what was repaired in reading, what is set aside and what supply shares out."""
    catchment = state.thresholds(store)["reach_e2sfca_step3_min"]
    summary = own.summary
    for repair in summary.repairs:
        st.caption(plain(repair))
    if summary.excluded:
        count = len(summary.excluded)
        text = ngettext(
            "{n} facility is set aside, for it lies near no settlement: {ids}",
            "{n} facilities are set aside, for they lie near no settlement: {ids}",
            count,
        )
        ids = ", ".join(summary.excluded[:5]) + (" …" if count > 5 else "")
        st.caption(text.format(n=f"{count:,}", ids=plain(ids)))
    if summary.without_demand:
        text = ngettext(
            "{n} facility is reached by nobody within {minutes} minutes; nobody's supply counts "
            "on it.",
            "{n} facilities are reached by nobody within {minutes} minutes; nobody's supply "
            "counts on them.",
            summary.without_demand,
        )
        st.caption(text.format(n=f"{summary.without_demand:,}", minutes=f"{catchment:g}"))
    basis = summary.capacity_basis
    shared = _("the capacities of your file") if basis == "capacity" else _("one per facility")
    st.caption(_("Supply per person shares out {what}.").format(what=shared))


def _map(
    store: Store,
    own: OwnReach,
    area: StudyArea,
    rows: pd.DataFrame,
    measure: Measure,
    limit: float,
) -> None:
    """Draw the settlements of the area, the facilities on top, and the headline beside them."""
    values = own.table[measure.column].to_pandas()
    if measure.column == "supply_score":
        values = values * service_views.SCORE_SCALE
    method, bounds = service_views.bounds_of(store, measure, limit)
    classes = classify(values, area.positions, measure, method, bounds)
    label = field_of(store, measure).label
    box = own_map.box_of(own, rows)
    with frame.map_left(
        store,
        PICKER,
        own_map.with_facilities(frame.town_deck(store, classes, None, box), own),
        _("Map: {question}").format(question=label),
        travel.sources_of(SERVICE),
        title=f"{label}: {_(SERVICE['plural'])}",
        captions=[_("Study area: {area}.").format(area=plain(area.words))],
        note=travel.estimate(),
    ):
        people, beyond = rows["people"].sum(), _beyond(rows, limit)["people"].sum()
        service_views.beyond_metric(st, limit, beyond)
        share = format.number(beyond / people if people else None, "{:.1%}")
        st.metric(_("Share of the people of the area"), share)
        st.caption(_("{n} people live in the study area.").format(n=format.people(people)))
        count = ngettext("{n} settlement", "{n} settlements", len(rows))
        frame.legend_of(
            store, measure, classes, count.format(n=f"{len(rows):,}"), _("outside the area")
        )
        number = own.summary.facilities
        dots = ngettext("The dot is your facility.", "The {n} dots are your facilities.", number)
        st.caption(dots.format(n=f"{number:,}"))


def _beyond(rows: pd.DataFrame, limit: float) -> pd.DataFrame:
    return rows[~(rows["minutes_nearest"] <= limit)]


def _worst(store: Store, rows: pd.DataFrame, limit: float) -> None:
    """Draw the largest places of the area beyond the limit."""
    st.subheader(_("Worst served: the largest places beyond the limit"))
    beyond = _beyond(rows, limit)
    beyond = beyond[beyond["people"] > 0].sort_values("population", ascending=False)
    if beyond.empty:
        st.info(
            _("Everybody in the study area reaches one within {n} minutes.").format(n=f"{limit:g}")
        )
        return
    headings = service_views.town_columns(store) | {"nearest_name": _("Nearest")}
    tables.show(
        beyond.head(service_views.LISTED)[list(COLUMNS)],
        {column: headings[column] for column in COLUMNS},
        _("Worst served"),
        height=320,
    )


def _files(store: Store, name: str, own: OwnReach, area: StudyArea, rows: pd.DataFrame) -> None:
    """Draw the downloads; a file is made when it is asked for."""
    buttons = (
        (_("Study area (CSV, zip with notes)"), "csv", "zip", "application/zip"),
        (_("Study area (GeoJSON)"), "geojson", "geojson", "application/geo+json"),
        (_("All settlements (CSV, zip with notes)"), "all", "zip", "application/zip"),
    )
    makers = {
        "csv": partial(own_reach.csv_zip, store, name, own, area, rows),
        "geojson": partial(own_reach.geojson, store, name, own, area, rows),
        "all": partial(own_reach.csv_zip, store, name, own, None, None),
    }
    for column, (label, kind, ending, mime) in zip(st.columns(3), buttons, strict=True):
        column.download_button(
            label,
            makers[kind],
            file_name=f"hinterland-reach{'-all' if kind == 'all' else ''}.{ending}",
            mime=mime,
            on_click="ignore",
            icon=":material/download:",
            key=f"download-own-{kind}",
            width="stretch",
        )
