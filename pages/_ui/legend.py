"""Legends: swatches, labels and counts from the classes that coloured the map."""

from __future__ import annotations

from html import escape

import streamlit as st

from pages._ui import theme
from pages._ui.classes import Classes
from pages._ui.measures import METHODS, NO_DATA
from pages._ui.texts import _


def row(colour: str, label: str, count: int) -> str:
    """Return a swatch with its label and count as HTML."""
    # Labels are our own words; escaped all the same.
    return (
        f'<div style="display:flex;align-items:center;gap:.5rem;line-height:1.55">'
        f'<span style="flex:none;width:1.3rem;height:.9rem;background:{colour};'
        f'border:1px solid #777"></span><span style="flex:1">{escape(label)}</span>'
        f'<span class="hl-quiet">{count:,}</span></div>'
    )


def unselected(label: str, count: int) -> str:
    """Return the swatch of what is not selected as HTML."""
    return row(theme.unselected(), label, count)


def titled(title: str, unit: str) -> str:
    """Return a title with its unit, where it has one."""
    return f"{title} ({unit})" if unit else title


def show(
    classes: Classes,
    title: str,
    unit: str,
    items: str,
    numeric: bool,
    rest: str,
) -> None:
    """Draw a legend with units, counts per class, no data and not selected."""
    head = escape(titled(title, unit))
    # The highest class stands on top, as on a scale; categories keep their order.
    order = range(len(classes.labels))
    rows = [
        row(classes.colours[i], _(classes.labels[i]), classes.counts[i])
        for i in (reversed(order) if numeric else order)
    ]
    rows.append(row(NO_DATA, _("no data"), classes.counts[-1]))
    if classes.unselected:
        rows.append(unselected(rest, classes.unselected))
    method = f"<div class='hl-quiet'>{escape(_(METHODS[classes.method]))}</div>" if numeric else ""
    st.html(
        f'<div data-testid="legend" style="font-size:.85rem"><div style="font-weight:600">{head}'
        f'</div>{"".join(rows)}<div class="hl-quiet" style="text-align:right">{escape(items)}</div>'
        f"{method}</div>"
    )
