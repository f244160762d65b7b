"""Two measures on one map of regions: the nine classes, their square legend and their files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from html import escape

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from pages._ui import format, legend
from pages._ui.classes import Classes
from pages._ui.measures import NO_DATA, Measure, field_of
from pages._ui.shown import Shown
from pages._ui.texts import N_, _, figure
from pipelines.paper.maps import Square
from pipelines.serve import bivariate
from pipelines.serve.store import Store

COLUMN = "bivariate_class"
_STEPS = (N_("low"), N_("middle"), N_("high"))


def pair(store: Store, first: Shown, second: Shown) -> Shown:
    """Return what a map of two measures shows, by the thirds of each over all regions."""
    numbers = [_numbers(shown) for shown in (first, second)]
    bounds = [_bounds(shown, own) for shown, own in zip((first, second), numbers, strict=True)]
    places = bivariate.classes(numbers[0], numbers[1], bounds[0], bounds[1])
    fields = [field_of(store, shown.measure) for shown in (first, second)]
    names = [
        f"{fields[0].label}: {_(_STEPS[place % 3])}|{fields[1].label}: {_(_STEPS[place // 3])}"
        for place in range(9)
    ]
    measure = Measure(
        COLUMN,
        _("How do both go together: {first} and {second}?").format(
            first=fields[0].label, second=fields[1].label
        ),
        dict(zip(names, bivariate.COLOURS, strict=True)),
        label=f"{fields[0].label} × {fields[1].label}",
        unit=_("thirds"),
        sources=tuple(dict.fromkeys((*fields[0].sources, *fields[1].sources))),
    )
    ids = first.values["nuts_id"]
    values = pd.Series([names[p] if p >= 0 else None for p in places], dtype=object)
    words = [bivariate.word(int(p)) if p >= 0 else None for p in places]
    return Shown(
        measure,
        pd.DataFrame({"nuts_id": ids, "value": values}),
        year=first.year or second.year,
        note=f"{first.note} {second.note}".strip(),
        more={**first.more, **second.more, COLUMN: pd.Series(words, ids, dtype=object)},
        words="; ".join(filter(None, (first.words, second.words, _said(first, second, bounds)))),
        joined=(*first.joined, *second.joined),
        parts=(first, second),
        bounds=(bounds[0], bounds[1]),
    )


def _numbers(shown: Shown) -> NDArray[np.float64]:
    return shown.values["value"].to_numpy(dtype=float, na_value=np.nan)


def _bounds(shown: Shown, own: NDArray[np.float64]) -> tuple[float, float]:
    """Return the thirds of a measure: of all years together where it has several."""
    return bivariate.thirds(own if shown.over is None else shown.over)


def _said(first: Shown, second: Shown, bounds: list[tuple[float, float]]) -> str:
    """Return what the class is, for the notes of a file."""
    parts = [
        f"{shown.column} up to {low:.6g}, up to {high:.6g}, above"
        for shown, (low, high) in zip((first, second), bounds, strict=True)
    ]
    return f"{COLUMN} is low, middle or high third of {' - '.join(parts)}"


def beside(classes: Classes, shown: Shown) -> Classes:
    """Return classes that tell the value of each measure, too."""
    told = tuple((part.measure, part.values["value"]) for part in shown.parts)
    return replace(classes, beside=told)


def words(measure: Measure) -> Mapping[str, str]:
    """Return each class in words."""
    return {name: ", ".join(name.split("|")) for name in measure.categories}


def steps() -> list[str]:
    """Return the classes by the thirds alone, the first measure's before the second's."""
    return [f"{_(_STEPS[place % 3])} × {_(_STEPS[place // 3])}" for place in range(9)]


def square(store: Store, shown: Shown, classes: Classes) -> Square:
    """Return the legend of a map on paper."""
    first, second = (field_of(store, part.measure) for part in shown.parts)
    return Square(
        bivariate.COLOURS,
        tuple(classes.counts[:9]),
        legend.titled(first.label, first.unit),
        legend.titled(second.label, second.unit),
        (_spans(shown, 0), _spans(shown, 1)),
    )


def _spans(shown: Shown, which: int) -> tuple[str, str, str]:
    """Return what low, middle and high are, in the format of the measure."""
    pattern = shown.parts[which].measure.value_format
    low, high = (format.number(bound, pattern) for bound in shown.bounds[which])
    return (
        _("up to {high}").format(high=low),
        _("above {low} to {high}").format(low=low, high=high),
        _("above {low}").format(low=high),
    )


def show(store: Store, shown: Shown, classes: Classes, items: str, rest: str) -> None:
    """Draw the legend: a square of three by three with the name of each axis, and counts."""
    first, second = (field_of(store, part.measure) for part in shown.parts)
    titles = [escape(legend.titled(field.label, field.unit)) for field in (first, second)]
    across, down = _spans(shown, 0), _spans(shown, 1)
    rows = "".join(
        f'<tr><th scope="row">{escape(_(_STEPS[step]))}<small>{escape(down[step])}</small></th>'
        + "".join(_cell(3 * step + i, classes.counts[3 * step + i]) for i in range(3))
        + "</tr>"
        for step in (2, 1, 0)
    )
    feet = "".join(
        f'<th scope="col">{escape(_(_STEPS[i]))}<small>{escape(across[i])}</small></th>'
        for i in range(3)
    )
    below = legend.row(NO_DATA, _("no data"), classes.counts[-1])
    if classes.unselected:
        below += legend.unselected(rest, classes.unselected)
    st.html(
        '<div data-testid="legend" class="hinterland-square"><table>'
        f'<caption><span aria-hidden="true">↑ </span>{titles[1]}</caption>'
        f"<tbody>{rows}</tbody><tfoot><tr><td></td>{feet}</tr></tfoot></table>"
        f'<div class="hs-across">{titles[0]}<span aria-hidden="true"> →</span></div>{below}'
        f'<div class="hl-quiet">{escape(items)}</div>'
        f'<div class="hl-quiet">{escape(_("Thirds of each measure over all regions"))}</div></div>'
    )


def _cell(place: int, count: int) -> str:
    colour = bivariate.COLOURS[place]
    light = sum(int(colour[i : i + 2], 16) * w for i, w in ((1, 0.3), (3, 0.59), (5, 0.11))) > 125
    ink = "#1a1a1a" if light else "#ffffff"
    return f'<td style="background:{colour};color:{ink}">{figure(count)}</td>'
