"""How many regions each option of a filter would leave, below the filter, and who is left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from pages._ui import state
from pages._ui.texts import _, figure, ngettext, plain
from pipelines.serve import dictionary
from pipelines.serve.facets import Remaining
from pipelines.serve.filters import FIELDS, RANGE_FIELDS
from pipelines.serve.store import Store

#: Marts whose columns a filter of regions is over, in the order that a column is looked for.
_MARTS = ("region_demography", "regions", "region_crossing")


class Counted:
    """Multiselects with a line below each that is written when the whole selection is known.

    The counts follow from all filters, those drawn further down, too; and an option's own text
    cannot hold them, for it stands in the address.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lines: dict[str, tuple[Any, Sequence[str], Callable[[str], str]]] = {}

    def choose(
        self,
        label: str,
        options: Sequence[str],
        key: str,
        column: str,
        short: Callable[[str], str] = _,
        **more: Any,
    ) -> tuple[str, ...]:
        """Draw a multiselect for a column of classes; ``short`` names an option in the line."""
        more.setdefault("help", meaning(self._store, column))
        chosen = state.multiselect(label, options, key, **more)
        self._lines[column] = (st.empty(), options, short)
        return chosen

    def write(self, options: Mapping[str, Mapping[object, int]]) -> None:
        """Write the counts below each filter."""
        for column, (line, values, short) in self._lines.items():
            counts = options.get(column, {})
            parts = (f"{short(value)}: {figure(counts.get(value, 0))}" for value in values)
            line.caption(" · ".join(parts))


def meaning(store: Store, column: str) -> str | None:
    """Return what a column of classes means, with the thresholds that it names in numbers."""
    known = dictionary.fields(store)
    field = next((known[mart, column] for mart in _MARTS if (mart, column) in known), None)
    if field is None:
        return None
    text = _(field.definition)
    for name, value in state.thresholds(store).items():
        text = re.sub(rf"\b{name}\b", f"{name}: {value:g}", text)
    return plain(text)


def left_out(remaining: Remaining) -> None:
    """Say for each column that restricts how many regions have no value there."""
    names = {**FIELDS, "country": FIELDS["countries"], **RANGE_FIELDS}
    lines = [
        ngettext(
            "{n} region has no figure for {column} and is left out.",
            "{n} regions have no figure for {column} and are left out.",
            number,
        ).format(n=f"{number:,}", column=_(names[column]))
        for column, number in remaining.unknown.items()
        if number
    ]
    if lines:
        st.caption(" ".join(lines))
