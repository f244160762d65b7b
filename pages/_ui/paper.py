"""What leaves the page: PDF, DOCX and pictures made when they are asked for, link and citation."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import copy_context
from typing import Any
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from pages._ui import bivariate, legend, state
from pages._ui.address import UNREAD
from pages._ui.address_of_visit import root
from pages._ui.classes import Classes
from pages._ui.measures import NO_DATA, UNSELECTED, field_of
from pages._ui.shown import Shown
from pages._ui.texts import N_, _, figure, written
from pipelines.paper import comparison, docx, maps, multiples, sheet
from pipelines.paper import selection as printed
from pipelines.paper.page import Context
from pipelines.serve import queries, side_by_side
from pipelines.serve.citation import citation
from pipelines.serve.filters import RegionFilter
from pipelines.serve.sheet_parts import PlaceSheet
from pipelines.serve.side_by_side import SideBySide
from pipelines.serve.store import Store

#: Columns of the printed table, their headings and formats of numbers.
_PRINTED = {
    "nuts_id": (N_("Code"), ""),
    "name": (N_("Region"), ""),
    "country": (N_("Country"), ""),
    "population_end": (N_("Population"), "{:,.0f}"),
    "change_pct": (N_("Change, %"), "{:+.2f}"),
    "annual_change_pct": (N_("A year, %"), "{:+.2f}"),
    "density_per_km2": (N_("People per km²"), "{:,.0f}"),
    "trend": (N_("Trend"), ""),
    "urban_rural": (N_("Urban-rural"), ""),
}
_MIMES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "png": "image/png",
    "svg": "image/svg+xml",
}


def link(page: str) -> str:
    """Return the address that shows a page as it stands."""
    names = [name for name in st.query_params if name != UNREAD]
    stated = [(name, value) for name in names for value in st.query_params.get_all(name)]
    return f"{root()}/{page}" + (f"?{urlencode(stated)}" if stated else "")


def of_place(store: Store, made: PlaceSheet) -> None:
    """Draw what prints a sheet, and its link and citation."""
    place, address = made.place, root() + sheet.path(made.place, made.moved)
    name = f"hinterland-{place.id}"
    context = Context.today(address, made.moved)
    with st.container(horizontal=True):
        _button("pdf", _("PDF to print"), name, lambda: sheet.pdf(store, made, context))
        _button("docx", _("Word (DOCX)"), name, lambda: docx.docx_bytes(store, made, context))
        share(store, sheet.title(place), address)


def of_comparison(store: Store, compared: SideBySide) -> None:
    """Draw what prints a comparison, and its link and citation."""
    address, codes = link("compare"), [place.id for place in compared.places]

    def made() -> bytes:
        sheets = side_by_side.sheets_of(store, codes, compared.moved)
        return comparison.pdf(store, sheets, Context.today(address, compared.moved))

    _button("pdf", _("PDF to print"), "hinterland-comparison", made)
    names = ", ".join(map(_, compared.names))
    share(store, _("Compared: {names}").format(names=names), address)


def of_selection(
    store: Store,
    selection: RegionFilter,
    on_map: Shown,
    classes: Classes,
    table: pd.DataFrame,
    region: str = "",
) -> None:
    """Draw what prints a selection of regions, and its link and citation.

    Parameters
    ----------
    store : Store
    selection : RegionFilter
    on_map : Shown
        What the map shows.
    classes : Classes
        What coloured it.
    table : DataFrame
        The regions of the selection.
    region : str
        Code of the region that is outlined, or empty.
    """
    measure, values = on_map.measure, on_map.values
    address, title = link("regions"), _(measure.question)

    def given() -> printed.Selection:
        return printed.Selection(
            title,
            selection.words(),
            _map(store, selection, on_map, classes, region),
            tuple(table["nuts_id"]),
            len(values),
            *_table(store, on_map, table),
            tuple(field_of(store, measure).sources),
        )

    name = f"hinterland-regions-{measure.column}"
    with st.container(horizontal=True):
        for form, label in (("png", _("Map as PNG")), ("svg", _("Map as SVG"))):
            _button(form, label, name, _pictured(store, given, form))
        _button(
            "pdf",
            _("Selection as PDF"),
            name,
            lambda: printed.pdf(store, given(), Context.today(address, selection.moved)),
        )
        share(store, f"{title} ({selection.words()})", address)


def of_small_maps(store: Store, given: multiples.Multiples, name: str) -> None:
    """Draw what prints small maps of several years."""
    context = Context.today(link("regions"))
    with st.container(horizontal=True):
        for form, label in (("png", _("Small maps as PNG")), ("svg", _("Small maps as SVG"))):
            _button(form, label, name, _small(store, given, form), "small")
        _button(
            "pdf",
            _("Small maps as PDF"),
            name,
            lambda: multiples.pdf(store, given, context),
            "small",
        )


def _small(store: Store, given: multiples.Multiples, form: str) -> Callable[[], bytes]:
    return lambda: multiples.picture(store, given, form)


def share(store: Store, what: str, address: str) -> None:
    """Draw the link to a view and how it is cited, each with a button that copies it."""
    with st.popover(_("Copy link"), icon=":material/link:"):
        st.code(address, language=None, wrap_lines=True)
    with st.popover(_("Cite this view"), icon=":material/format_quote:"):
        cited = citation(store, what, address)
        st.code(cited.text, language=None, wrap_lines=True)
        st.code(cited.bibtex, language="latex")


def _pictured(
    store: Store, given: Callable[[], printed.Selection], form: str
) -> Callable[[], bytes]:
    return lambda: printed.picture(store, given(), form)


def _button(
    form: str, label: str, name: str, make: Callable[[], bytes], what: str = "paper"
) -> None:
    """Draw a button whose file is made when it is asked for, in the language of the visit."""
    context = copy_context()
    st.download_button(
        label,
        lambda: context.copy().run(make),
        file_name=f"{name}.{form}",
        mime=_MIMES[form],
        on_click="ignore",
        key=f"{what}-{form}",
        icon=":material/print:" if form == "pdf" else ":material/download:",
    )


def _map(
    store: Store,
    selection: RegionFilter,
    on_map: Shown,
    classes: Classes,
    region: str,
) -> maps.RegionMap:
    """Return the map on the screen as a map on paper, with the same classes."""
    measure, values = on_map.measure, on_map.values
    order = range(len(classes.labels))
    rows = [
        (classes.colours[i], _(classes.labels[i]), written(f"{classes.counts[i]:,}"))
        for i in (reversed(order) if measure.is_number else () if on_map.parts else order)
    ]
    rows.append((NO_DATA, _("no data"), written(f"{classes.counts[-1]:,}")))
    if classes.unselected:
        rows.append((UNSELECTED, _("not in the selection"), written(f"{classes.unselected:,}")))
    field = field_of(store, measure)
    basis = state.ask(store, queries.population_basis)
    years = ""
    if measure.has_years and basis["year_end"]:
        years = _("{first} to {last}").format(first=basis["year_start"], last=basis["year_end"])
    return maps.RegionMap(
        selection.level,
        colours(classes, values),
        legend.titled(field.label, field.unit),
        tuple(rows),
        outlined=(region,) if region else (),
        focus=selection.countries,
        note=", ".join(filter(None, (years, _(measure.vintage)))) + ".",
        square=bivariate.square(store, on_map, classes) if on_map.parts else None,
    )


def colours(classes: Classes, values: pd.DataFrame) -> dict[str, str]:
    """Return the colour of each region by its code, as the map on the screen has it."""
    width = classes.digits
    codes = [int(classes.codes[i : i + width]) for i in range(0, len(classes.codes), width)]
    return dict(zip(values["nuts_id"], map(classes.palette.__getitem__, codes), strict=True))


def _table(
    store: Store, on_map: Shown, table: pd.DataFrame
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return headings and rows of the printed table; what the map shows is in its last columns."""
    columns = {name: table[name] for name in _PRINTED if name in table}
    heads = [_(_PRINTED[name][0]) for name in columns]
    patterns = [_PRINTED[name][1] for name in columns]
    for shown in on_map.parts or (on_map,):
        measure = shown.measure
        # What the build has of a column is not what a map shows of a year.
        if measure.column in columns and measure.table != "region_series":
            continue
        values = shown.values.set_index("nuts_id")["value"].reindex(table["nuts_id"])
        columns[f"shown {measure.column}"] = values.reset_index(drop=True)
        field = field_of(store, measure)
        heads.append(legend.titled(field.label, field.unit))
        patterns.append(measure.value_format if measure.is_number else "")
    lists = [
        [_cell(value, pattern) for value in column]
        for column, pattern in zip(columns.values(), patterns, strict=True)
    ]
    return tuple(heads), list(zip(*lists, strict=True))


def _cell(value: Any, pattern: str) -> str:
    if pd.isna(value):
        return _("no data")
    return figure(value, pattern) if pattern else _(str(value))
