"""One choice that map, table, search and address share."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pydeck as pdk
import streamlit as st

from pages._ui import address, maps, state
from pages._ui.texts import _, echo, ngettext
from pipelines.serve import queries, search
from pipelines.serve.store import Store

NUTS_CODE = state.NUTS_CODE
#: Name of the switch for marking several, and how many at most.
SEVERAL, MOST_MARKED = "several", 60
GEONAMES_ID = re.compile(r"[0-9]{1,9}")
_HITS = 25  # what a search lists at most


@dataclass(frozen=True)
class Picker:
    """A choice under one name in the session; where a widget is bound to it, in the address too.

    Attributes
    ----------
    target : str
        Its name.
    layer : str
        Layer of the map that takes clicks.
    map, table : str
        Keys of the map and of the table on which it is made.
    field : str
        What of a clicked item is chosen.
    forgets : bool
        Whether a click beside everything ends the choice.
    marks : str
        Name under which several are marked, where the page offers that; see :func:`several`.
    """

    target: str
    layer: str
    map: str = ""
    table: str = ""
    field: str = "id"
    forgets: bool = False
    marks: str = ""

    @property
    def is_several(self) -> bool:
        """Whether several can be marked now."""
        return bool(self.marks and st.session_state.get(SEVERAL))

    @property
    def marked(self) -> list[str]:
        """Codes that are marked, in the order in which they were."""
        if not self.is_several:
            return []
        stated = str(st.session_state.get(self.marks) or "").upper()
        codes = [code for code in re.split(r"[\s,;]+", stated) if NUTS_CODE.fullmatch(code)]
        return list(dict.fromkeys(codes))[:MOST_MARKED]

    def _mark(self, slot: str, now: Sequence[str], page: Sequence[str] | None = None) -> None:
        """Take over what a map or a table has marked since it was last looked at.

        A click on a map turns a mark, whoever set it; of a table, only rows of the ``page`` that
        is shown can have lost theirs.
        """
        key, codes = f"{slot}_marked", self.marked
        before = [v for v in st.session_state.get(key, []) if page is None or v in page]
        st.session_state[key] = list(now)
        added = [v for v in now if v not in before]
        gone = {v for v in before if v not in now}
        if page is None:
            changed = {*added, *gone}
            gone, added = changed & set(codes), [v for v in (*added, *gone) if v not in codes]
        codes = [v for v in codes if v not in gone] + [v for v in added if v not in codes]
        st.session_state[self.marks] = " ".join(codes[-MOST_MARKED:])
        if added:
            self.choose(added[-1])

    def mark_all(self, codes: Sequence[str]) -> None:
        """Mark these and no others; beyond the most that can be, the last are left out."""
        st.session_state[SEVERAL] = True
        st.session_state[self.marks] = " ".join(codes[:MOST_MARKED])

    @property
    def value(self) -> str:
        """What is chosen now, or an empty text."""
        return str(st.session_state.get(self.target) or "")

    def choose(self, value: Any) -> None:
        """Choose something."""
        st.session_state[self.target] = str(value)

    def draw(self, deck: pdk.Deck, alt: str) -> None:
        """Draw a map whose clicks choose."""
        maps.show(deck, self.map, alt, self._take_click, self.is_several)

    def of_rows(self, ids: Sequence[Any]) -> dict[str, Any]:
        """Return the options of a table whose rows choose; ``ids`` are what its rows stand for."""

        def take_row() -> None:
            rows = st.session_state[self.table]["selection"]["rows"]
            if self.is_several:
                now = [str(ids[row]) for row in rows if row < len(ids)]
                self._mark(self.table, now, [str(one) for one in ids])
            elif rows and rows[0] < len(ids):
                self.choose(ids[rows[0]])

        mode = "multi-row" if self.is_several else "single-row"
        return {"key": self.table, "on_select": take_row, "selection_mode": mode}

    def _open_single(self, text: str, ids: Sequence[Any]) -> None:
        """Choose the only place of a name, once for a text: another choice may follow it."""
        searched = f"{self.target}_opened"
        if len(ids) == 1 and st.session_state.get(searched) != text:
            self.choose(ids[0])
        st.session_state[searched] = text

    def _take_click(self) -> None:
        if self.is_several:
            self._mark(
                self.map, list(map(str, maps.every_clicked(self.map, self.layer, self.field)))
            )
        elif picked := maps.clicked(self.map, self.layer, self.field):
            self.choose(picked)
        elif self.forgets:
            st.session_state.pop(self.target, None)

    def find(
        self,
        store: Store,
        label: str,
        query: Callable[..., pd.DataFrame],
        hint: str,
        code_hint: str,
        *arguments: Any,
    ) -> str:
        """Draw a search by name and the code that it fills; return the code.

        Only the first matches travel to the browser: a list of all names would be sent
        again on every rerun; ``query`` takes the text, then ``arguments``. The code stands
        in the address bar.
        """
        found_key = f"{self.target}_found"

        def take() -> None:
            if (picked := st.session_state.get(found_key)) is not None:
                self.choose(picked)

        search, result, code = st.columns([3, 3, 2])
        text = search.text_input(label, key=f"{self.target}_search", placeholder=hint)
        if text:
            matches = state.ask(store, query, text, *arguments)
            hits = dict(zip(matches["id"], matches["label"], strict=True))
            if hits:
                title = (
                    ngettext("{n} found", "{n} found", len(hits))
                    if len(hits) < _HITS
                    else _("First {n} found")
                )
                result.selectbox(
                    title.format(n=len(hits)),
                    list(hits),
                    format_func=lambda value: str(hits.get(value, value)),
                    key=found_key,
                    index=None,
                    on_change=take,
                    placeholder=_("Choose one"),
                )
                self._open_single(text, list(hits))
            else:
                result.info(_("Nothing is called '{text}'.").format(text=echo(text)))
        return code.text_input(
            _("Chosen"),
            key=self.target,
            bind="query-params",
            placeholder=code_hint,
            help=_("Filled by a click on the map, a row of the table or the search."),
        ).strip()


def several(picker: Picker) -> None:
    """Draw the switch for marking several regions, and the codes of those that are marked."""
    switch = _("Mark several regions")
    is_on = address.checkbox(st, switch, SEVERAL, "toggle")
    # Drawn at all times: what is set before a field is first drawn does not reach the address.
    st.text_input(
        _("Marked regions"),
        key=picker.marks,
        bind="query-params",
        disabled=not is_on,
        placeholder=_("NUTS codes"),
        help=_("Filled by clicks on the map and by rows of the table; a second click ends a mark."),
    )


def region(
    store: Store, picker: Picker, query: Callable[..., pd.DataFrame], *arguments: Any
) -> str:
    """Draw the search for a region and return its code; what is no code is said and left out."""
    code = picker.find(
        store,
        _("Find a region by name or code"),
        query,
        _("For instance {name}").format(name="Hersfeld"),
        _("NUTS code"),
        *arguments,
    ).upper()
    if code and not NUTS_CODE.fullmatch(code):
        st.warning(_("There is no region with the code {code}.").format(code=echo(code)))
        return ""
    return code


def town(store: Store, picker: Picker | None = None) -> dict[str, Any] | None:
    """Draw the search for a town; return the chosen one with all its columns, or None.

    Its identifier stands in the address bar as ``town``.
    """
    identifier = (picker or Picker("town", "towns")).find(
        store,
        _("Search by name"),
        search.labelled,
        _("For instance {name}").format(name="Bebra, Ninove, Siátista"),
        _("GeoNames id"),
        "town",
    )
    is_id = GEONAMES_ID.fullmatch(identifier)
    chosen = state.ask(store, queries.town, int(identifier)) if is_id else None
    if identifier and not chosen:
        st.warning(
            _("There is no settlement with the GeoNames id '{id}'.").format(id=echo(identifier))
        )
    return chosen
