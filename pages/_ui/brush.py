"""A part of a chart, drawn over with the mouse, that the map shows alone or marks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import ArrayLike, NDArray

from pages._ui import address, vega
from pages._ui.selection import Picker
from pages._ui.texts import _
from pages._ui.vega import Spec

KEY = "values"
_SPAN = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*\.\.\s*(-?\d+(?:\.\d+)?)\s*")
Span = tuple[float, float]


def field() -> Span | None:
    """Draw the field of the values that are shown alone; return them, the lower one first."""
    given = address.stated(KEY)
    text = st.text_input(
        _("Show values alone"),
        key=KEY,
        bind="query-params",
        placeholder="-10..-5",
        help=_("From and to; filled by drawing over a part of the histogram with the mouse."),
    )
    match = _SPAN.fullmatch(text)
    allowed = _("Allowed are two numbers, like -10..-5.")
    if text and not match and not given:
        address.say(allowed)
    address.told(_("Show values alone"), KEY, given, text, [text] if match else [], allowed)
    return (min(ends), max(ends)) if match and (ends := list(map(float, match.groups()))) else None


def within(values: pd.Series, chosen: ArrayLike | None, span: Span | None) -> ArrayLike | None:
    """Return the positions of a selection whose values lie within a span.

    Parameters
    ----------
    values : Series
        A value an item in map order, shape (n,).
    chosen : array_like of int or None
        Positions of the selection, None for all.
    span : tuple of float or None
        Both ends belong to it; None is no span.
    """
    if span is None:
        return chosen
    numbers = values.to_numpy(dtype=float, na_value=np.nan)
    inside: NDArray[np.int64] = ((numbers >= span[0]) & (numbers <= span[1])).nonzero()[0]
    return inside if chosen is None else np.intersect1d(inside, np.asarray(chosen))


def draw(chart: Spec, key: str, alt_text: str) -> None:
    """Draw a histogram of which a part can be chosen."""

    def take() -> None:
        if (ends := _ends(st.session_state[key])) is not None:
            st.session_state[KEY] = f"{ends[0]:.3g}..{ends[1]:.3g}" if ends else ""

    vega.show(chart, alt_text, key=key, on_select=take, selection_mode=vega.BRUSH)


def _ends(event: Mapping[str, Any]) -> Span | tuple[()] | None:
    """Return the ends of what was drawn over, an empty tuple where the mark was taken away."""
    drawn = event.get("selection", {}).get(vega.BRUSH)
    if drawn is None:
        return None
    ends = next(iter(drawn.values()), None) if drawn else None
    return (float(min(ends)), float(max(ends))) if ends else ()


def draw_scatter(chart: Spec, key: str, alt_text: str, rows: pd.DataFrame, picker: Picker) -> None:
    """Draw a scatter of two measures; regions of a part that is drawn over are marked.

    Parameters
    ----------
    chart : dict
        With the selection ``brush`` of ``x`` and ``y``.
    key, alt_text : str
    rows : DataFrame
        ``nuts_id``, ``x`` and ``y`` of its points.
    picker : Picker
        Whose marks they become.
    """

    def take() -> None:
        drawn = st.session_state[key].get("selection", {}).get(vega.BRUSH) or {}
        if not {"x", "y"} <= set(drawn):
            return
        inside = rows["x"].between(*sorted(drawn["x"])) & rows["y"].between(*sorted(drawn["y"]))
        picker.mark_all(rows.loc[inside, "nuts_id"].tolist())

    vega.show(chart, alt_text, key=key, on_select=take, selection_mode=vega.BRUSH)
