"""The card beside a map: what was chosen, its value, class, rank and trend, and its sheet."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from pages._ui import format, my_place, state, titles
from pages._ui.classes import Classes
from pages._ui.links import anchor
from pages._ui.measures import Measure, field_of
from pages._ui.texts import _, echo
from pipelines.serve import queries
from pipelines.serve.store import Store


def of_region(
    store: Store,
    code: str,
    measure: Measure,
    ids: pd.Series,
    values: pd.Series,
    classes: Classes,
    row: Mapping[str, Any] | None = None,
    trend: str = "",
    words: Mapping[str, str] | None = None,
) -> None:
    """Draw the card of a region; a code that no region has is said.

    Parameters
    ----------
    store : Store
    code : str
        What was chosen; nothing is drawn for an empty text.
    measure : Measure
        What the map shows.
    ids, values : Series
        Codes and values of all items in map order, shape (n,).
    classes : Classes
        What coloured the map.
    row : mapping, optional
        Its ``name`` and ``country_name``, where it may be of another vintage than the build's.
    trend : str
        The trend in words, where the page knows another than that of the build.
    words : mapping of str to str, optional
        Words of the values of a typology.
    """
    if not code:
        return
    known = state.ask(store, queries.region, code)
    shown = row or known
    if shown is None:
        st.warning(_("There is no region with the code {code}.").format(code=echo(code)))
        return
    titles.name(shown["name"])
    where = f"{code} · {_(shown['country_name'])}"
    told = trend or (region_trend(known) if known else "")
    at = np.flatnonzero((ids == code).to_numpy(dtype=bool))
    lines = (
        _of_item(store, measure, values, classes, int(at[0]), words or {})
        if len(at)
        else [_text(_("Not among the regions of this map: choose its level in the sidebar."))]
    )
    _draw("region" if known else "", code, shown["name"], where, [*lines, *_trend(told)])


def of_town(
    store: Store,
    town: dict[str, Any] | None,
    measure: Measure,
    values: pd.Series,
    classes: Classes,
    words: Mapping[str, str] | None = None,
) -> None:
    """Draw the card of a settlement; see :func:`of_region`. ``values`` are in map order."""
    if town is None:
        return
    titles.name(town["name"])
    at = state.ask(store, queries.town_position, town["geonameid"])
    parts = [town["region_name"], _(town["country_name"])]
    people = _("{n} people").format(n=format.people(town["population"]))
    lines = _of_item(store, measure, values, classes, at, words or {})
    told = ""
    if town["region_trend"]:
        told = _("its region is {trend}").format(trend=_(town["region_trend"]))
    where = " · ".join([*filter(None, parts), people])
    _draw("town", str(town["geonameid"]), town["name"], where, [*lines, *_trend(told)])


def region_trend(row: Mapping[str, Any]) -> str:
    """Return the trend of a region with its rate and years; empty where it is not known."""
    if row["trend"] is None:
        return ""
    return _("{trend}, {rate} % a year ({first} to {last})").format(
        trend=_(row["trend"]),
        rate=f"{row['annual_change_pct']:+.2f}",
        first=row["year_start"],
        last=row["year_end"],
    )


def _of_item(
    store: Store,
    measure: Measure,
    values: pd.Series,
    classes: Classes,
    i: int,
    words: Mapping[str, str],
) -> list[str]:
    """Return value, class and rank of one item as lines of HTML."""
    field, width = field_of(store, measure), classes.digits
    value, code = values.iloc[i], int(classes.codes[i * width : (i + 1) * width])
    known = not pd.isna(value)
    written = format.none()
    if known:
        text = words.get(str(value), str(value))
        written = measure.value_format.format(value) if measure.is_number else _(text)
    unit = "" if not known or not measure.is_number or "%" in measure.format else field.unit
    look = "hc-value" if measure.is_number else "hc-value hc-text"
    lines = [
        f'<div class="hc-label">{escape(field.label)}</div>'
        f'<div class="{look}">{escape(written)} <small>{escape(unit)}</small></div>'
    ]
    names = [*classes.labels, _("no data"), _("not in the selection")]
    if measure.is_number or code >= len(classes.labels):
        label = escape(_(names[code]))
        lines.append(
            f'<div><i class="hc-swatch" style="background:{classes.palette[code]}"></i>'
            f"{escape(_('class'))}: {label}</div>"
        )
    for other, more in classes.beside:
        told = field_of(store, other)
        text = format.measured(more.iloc[i], other.value_format, told.unit)
        lines.append(_text(f"{told.label}: {text}"))
    if known and measure.is_number:
        numbers = values.to_numpy(dtype=float, na_value=np.nan)
        rank, total = int((numbers > float(value)).sum()) + 1, int(np.isfinite(numbers).sum())
        text = _("rank {rank} of {total} (1 = highest)")
        lines.append(_text(text.format(rank=f"{rank:,}", total=f"{total:,}")))
    return lines


def _trend(told: str) -> list[str]:
    return [_text(f"{_('Trend')}: {told}")] if told else []


def _text(words: str) -> str:
    return f"<div>{escape(words)}</div>"


def _draw(kind: str, code: str, name: str, where: str, lines: list[str]) -> None:
    ways = ""
    if kind:
        ways = anchor("pages/place.py", _("Open the sheet"), {kind: code})
        ways += " · " + anchor("pages/compare.py", _("Compare"), {f"{kind}s": code})
    mine = f" · {escape(_('my place'))}" if my_place.is_mine(code) else ""
    st.html(
        f'<section class="hinterland-card" aria-live="polite" data-testid="card">'
        f'<div class="hc-name">{escape(name)}</div>'
        f'<div class="hc-where">{escape(where)}{mine}</div>'
        f'{"".join(lines)}<div class="hc-open">{ways}</div></section>'
    )
