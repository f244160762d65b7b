"""Tables: headings, units and formats come from the data dictionary."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import pandas as pd
import streamlit as st

from pages._ui import documents
from pages._ui.measures import unit_of
from pages._ui.selection import Picker
from pages._ui.texts import N_, _
from pipelines.serve import dictionary
from pipelines.serve.dictionary import Field
from pipelines.serve.store import Store

# How numbers of a unit are written; a unit that stands here is not repeated in the heading.
FORMATS = {
    "people": "localized",
    "rows": "localized",
    "minutes": "%.0f",
    "share": "percent",
    "0-1": "percent",
}
# Headings of every table of regions.
REGION_HEADS = {
    "nuts_id": N_("Code"),
    "name": N_("Region"),
    "country": N_("Country"),
    "population_end": N_("Population"),
    "annual_change_pct": N_("A year, %"),
}
PINNED = {"nuts_id", "name"}
# Columns of settlements that an extract covers, by their headline types.
COVERED = ("name", "country_name", "population", "places", "types_here", "types_15", "types_30")
_NUMBERS = {"%": "%.1f", "% a year": "%+.2f", "years": "%.1f", "people per km²": "%.0f", "m": "%d"}
_COUNTS = ("towns", "parts", "sites", "settlements", "regions", "criteria")


def number(label: str, format: str | None = None, **more: Any) -> Any:
    """Return a column of numbers whose heading no mart has."""
    return st.column_config.NumberColumn(label, format=format, **more)


def columns(
    store: Store,
    table: str,
    names: Iterable[str],
    heads: Mapping[str, str] | None = None,
    **formats: str,
) -> dict[str, Any]:
    """Return the headings of columns of a mart; what one means is said when pointed at.

    Parameters
    ----------
    store : Store
        The served database.
    table : str
        Mart.
    names : iterable of str
        Its columns.
    heads : mapping of str to str
        Short words over narrow columns; the label then stands before the definition.
    **formats : str
        Formats of single columns, in place of those of their unit.
    """
    short = heads or {}
    drawn = {
        name: _column(dictionary.field(store, table, name), short.get(name), formats.get(name))
        for name in names
    }
    # What a row is of stays in view while the table is scrolled.
    for name in PINNED & drawn.keys():
        drawn[name]["pinned"] = True
    return drawn


def covered(store: Store) -> dict[str, Any]:
    """Return the headings of the columns ``COVERED``."""
    return (
        {"name": _("Settlement")}
        | columns(store, "towns", ("country_name", "population"))
        | {
            "places": number(_("Places"), "localized"),
            "types_here": _("Types here"),
            "types_15": _("Types within 15 min"),
            "types_30": _("Types within 30 min"),
        }
    )


def _column(field: Field, short: str | None, stated: str | None) -> Any:
    label, unit, meaning = _(field.label), field.unit, documents.linked(_(field.definition))
    if unit and unit not in FORMATS and unit not in _COUNTS:
        label = f"{label}, {unit_of(unit)}"
    if short:
        label, meaning = _(short), f"{label}: {meaning}"
    written = stated or FORMATS.get(unit) or _NUMBERS.get(unit)
    if written or unit:
        return number(label, written, help=meaning)
    return st.column_config.Column(label, help=meaning)


def show(
    frame: pd.DataFrame,
    config: Mapping[str, Any] | None,
    alt: str,
    *,
    height: int | Literal["auto"] = "auto",
    picker: Picker | None = None,
    ids: Sequence[Any] = (),
    credit: str = "",
    **more: Any,
) -> None:
    """Draw a table; with a picker a row can be chosen.

    Parameters
    ----------
    frame : DataFrame
        What is shown, shape (n, columns).
    config : mapping or None
        Headings by column.
    alt : str
        What the table is, for those who do not see it.
    height : int or "auto"
        Pixels, or as many as a few rows need.
    picker : Picker, optional
        The choice that a row makes.
    ids : sequence
        What each row stands for, length n.
    credit : str
        Source that stands in every row: the table's own toolbar can save it as a file.
    """
    # Those of a page that did not narrow its table; what is in words already stays.
    if "country_name" in frame and frame["country_name"].dtype != "category":
        frame = frame.assign(country_name=frame["country_name"].map(_, na_action="ignore"))
    if credit:
        frame = frame.assign(attribution=credit)
        config = {**(config or {}), "attribution": st.column_config.Column(_("Source"))}
    if "country_name" in frame:
        frame = frame.assign(country_name=frame["country_name"].map(_, na_action="ignore"))
    if picker:
        more |= picker.of_rows(ids)
    st.dataframe(
        frame,
        column_config=config,
        hide_index=True,
        height=height,
        alt=alt,
        placeholder=_("no data"),
        **more,
    )


def narrow(
    frame: pd.DataFrame, numbers: Iterable[str] = (), types: Iterable[str] = ()
) -> pd.DataFrame:
    """Return a table whose columns travel small: numbers of two decimals, types as classes."""
    rounded = {name: frame[name].astype("Float32").round(2) for name in numbers}
    classes = {name: frame[name].map(_, na_action="ignore").astype("category") for name in types}
    return frame.assign(**rounded, **classes)
