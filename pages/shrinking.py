"""Shrinking regions: why they shrink; one selection on map, scatter, table and download."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from pages._ui import (
    brush,
    card,
    demography_charts,
    dials,
    directory,
    downloads,
    facet_counts,
    format,
    frame,
    legend,
    region_profile,
    shrinking_filters,
    shrinking_profile,
    state,
    words,
)
from pages._ui import selection as choice
from pages._ui.classes import Classes, classify
from pages._ui.measures import DEMOGRAPHY_MEASURES, Measure, choose, field_of
from pages._ui.texts import _, echo, figure
from pipelines.serve import demography, queries, sheet_words
from pipelines.serve import dials as served_dials
from pipelines.serve.moved import Moved
from pipelines.serve.shrinking_filter import ShrinkingFilter
from pipelines.serve.store import Store

#: Classes that a moved threshold can change here.
TYPOLOGIES = ("shrinking_class", "duration_class", "webb_type", "cause", "watch_count")
PICKER = choice.Picker(
    "region", "regions", map="shrinking_map", table="shrinking_table", marks="marked"
)


def main(store: Store) -> None:
    """Draw the page."""
    st.title(_("Why do regions shrink?"))
    span = state.ask(store, demography.years)
    if span is None:
        shrinking_profile.missing()
        return
    with st.sidebar:
        st.header(_("Filter regions"))
        selection = shrinking_filters.read_filter(store, span)
        st.header(_("Map"))
        measures = dict(DEMOGRAPHY_MEASURES)
        if selection.moved:
            measures[dials.MEASURE.column] = dials.MEASURE
        measure = measures[choose(store, measures, "measure")]
        choice.several(PICKER)
    every = state.ask(store, demography.regions, selection)
    published = every
    if selection.moved:
        published = state.ask(store, demography.regions, replace(selection, moved=()))
        columns = served_dials.affected(selection.moved, TYPOLOGIES)
        every = every.assign(moved_class=dials.moved_class(published, every, columns))
    selected = every[every["is_selected"]].sort_values("annual_change_pct", na_position="last")
    drawn = every[every["is_on_map"]].reset_index(drop=True)
    chosen = None if len(selected) == len(every) else drawn.index[drawn["is_selected"]]
    breaks = state.ask(store, queries.map_breaks, measure.column) or []
    classes = classify(drawn[measure.column], chosen, measure, "fixed", breaks)
    region = choice.region(
        store, PICKER, demography.find_regions, selection.nuts_version, selection.level
    )
    caption = _caption(store, selection, measure, span)
    _map(store, selection, measure, classes, region, caption, every)
    _dials(store, selection, published, every)
    if selected.empty:
        st.info(_("No region fits this filter. Widen a range or remove a type in the sidebar."))
    else:
        _listing(store, selection, selected, region)


def _dials(
    store: Store, selection: ShrinkingFilter, published: pd.DataFrame, every: pd.DataFrame
) -> None:
    """Draw what moved thresholds change, and how firm each class is."""
    labels = dials.labels(store, TYPOLOGIES)
    if selection.moved:
        dials.changes(
            store,
            published,
            every,
            served_dials.affected(selection.moved, TYPOLOGIES),
            (_mask(published), _mask(every)),
            labels,
            {name: m.categories for name, m in DEMOGRAPHY_MEASURES.items()},
            selection.words(),
        )

    def fits(moved: Moved) -> served_dials.Mask:
        return _mask(demography.regions(store, replace(selection, moved=moved)))

    dials.firmness(store, every, TYPOLOGIES, selection.moved, labels, fits)


def _mask(table: pd.DataFrame) -> served_dials.Mask:
    return table["is_selected"].to_numpy(dtype=bool)


def _caption(
    store: Store, selection: ShrinkingFilter, measure: Measure, span: dict[str, int]
) -> str:
    known = field_of(store, measure)
    period = (
        _("{first} to {last}").format(first=selection.period[0], last=selection.period[1])
        if selection.period
        else _("each region's latest window, most to {year}").format(year=span["last_year"])
    )
    text = (
        _("{measure}, {period}, {level} of {vintage}, Eurostat. EPSG:3035.")
        if span["step"] == 1
        else _(
            "{measure}, {period}, {level} of {vintage}, Eurostat in periods of five years; a "
            "region with a break in the newest shows the one before. EPSG:3035."
        )
    )
    return text.format(
        measure=legend.titled(known.label, known.unit),
        period=period,
        level=_(state.LEVELS[selection.level]),
        vintage=selection.nuts_version,
    )


def _map(
    store: Store,
    selection: ShrinkingFilter,
    measure: Measure,
    classes: Classes,
    region: str,
    caption: str,
    every: pd.DataFrame,
) -> None:
    version = selection.nuts_version
    mark = "" if version == 2021 else f"-{version}"
    with frame.region_map(
        store,
        PICKER,
        f"regions{mark}-{selection.level}",
        measure,
        words.worded(classes, shrinking_profile.WEBB),
        region,
        boxes=state.ask(store, demography.bounds, version),
        focus=selection.country,
        sources=(f"gisco_nuts_{version}",),
        caption=caption,
        note=_("Change is Eurostat's series; table and files have the censuses' beside it."),
    ):
        _card(store, selection, measure, classes, every, region)
        selected, total = every[every["is_selected"]], len(every)
        known = selected["annual_change_pct"].dropna()
        st.metric(
            _("Regions selected"),
            _("{n} of {total}").format(n=f"{len(selected):,}", total=f"{total:,}"),
        )
        st.metric(
            _("Of these shrinking"),
            _("{n} of {total} known").format(
                n=f"{int((known < 0).sum()):,}", total=f"{len(known):,}"
            ),
        )
        facet_counts.left_out(demography.left(every, selection))
        frame.marked_figures(store, PICKER)
        named = words.worded(classes, shrinking_profile.WEBB)
        count = format.regions(len(selected))
        frame.legend_of(store, measure, named, count)


def _listing(store: Store, selection: ShrinkingFilter, selected: pd.DataFrame, region: str) -> None:
    """Draw scatter, table and downloads of the selection."""
    chart, listing = st.columns([2, 3])
    with chart:
        st.subheader(_("Births or migration?"))
        if selected["webb_type"].notna().any():
            brush.draw_scatter(
                demography_charts.webb_scatter(selected, {region, *PICKER.marked}),
                "webb_scatter",
                _("Natural change against net migration"),
                selected.rename(
                    columns={"natural_change_per_1000": "x", "net_migration_per_1000": "y"}
                ),
                PICKER,
            )
            st.caption(
                _(
                    "Webb's eight types: right of the middle births outnumber deaths, above it "
                    "more people come than leave. Above the falling diagonal regions grow. "
                    "Values beyond the frame lie on its edge. Draw over a part with the mouse to "
                    "mark its regions."
                )
            )
        else:
            st.caption(_("No figures in this selection and period."))
    with listing:
        st.subheader(_("Table"))
        page = region_profile.page_of(selected, shrinking_profile.SORTS)
        shrinking_profile.table(store, page, PICKER)
        st.caption(_("Choose a row to see it beside the map; a heading sorts the page."))
    st.subheader(_("Download this selection"))
    line = _("Written into each file: {words}.").format(words=selection.words())
    st.caption(line)
    downloads.computed(
        store,
        "region_demography",
        lambda: demography.rows(store, selection),
        f"{selection.words()}; {demography.CENSUS}: annual_change_pct of the table regions",
        False,
        demography.joined(selection),
    )


def _card(
    store: Store,
    selection: ShrinkingFilter,
    measure: Measure,
    classes: Classes,
    every: pd.DataFrame,
    region: str,
) -> None:
    """Draw what was chosen, by the period and the thresholds of the page."""
    match = every[every["nuts_id"] == region].astype(object)
    if not region or match.empty:
        _unknown(store, selection, region)
        return
    row = {str(k): v for k, v in match.where(match.notna(), None).iloc[0].to_dict().items()}
    trend = ""
    if row["annual_change_pct"] is not None:
        trend = _("{trend}, {rate} % a year ({first} to {last})").format(
            trend=_(sheet_words.RATES[row["shrinking_class"]]),
            rate=figure(row["annual_change_pct"], "{:+.2f}"),
            first=row["year_start"],
            last=row["year_end"],
        )
    drawn = every[every["is_on_map"]]
    words = shrinking_profile.WEBB if measure.column == "webb_type" else {}
    values = drawn[measure.column]
    card.of_region(store, region, measure, drawn["nuts_id"], values, classes, row, trend, words)


def _unknown(store: Store, selection: ShrinkingFilter, region: str) -> None:
    """Say that a code is of no region of the level, and of which level it is."""
    if not region:
        return
    text = _("There is no region of level {level} with the code {code} in NUTS {vintage}.").format(
        level=selection.level, code=echo(region), vintage=selection.nuts_version
    )
    boxes = state.ask(store, demography.bounds, selection.nuts_version)
    if region in boxes:  # of another level
        text += " " + _("It is one of {level}: choose that under Level.").format(
            level=_(state.LEVELS[len(region) - 2])
        )
    st.warning(text)


if __name__ == "__main__":  # as Streamlit runs a page's file
    directory.run(main)
