"""Common questions as links, and views that a visitor saves during a visit."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

import streamlit as st

from pages._ui import links
from pages._ui.address import UNREAD
from pages._ui.texts import N_, _, plain

_OWN = "saved_views"
_MOST = 20
#: Common questions of regions: what their page's address says. A range has two ends; where only
#: one of them restricts, the other is that of the slider and stands here as None.
QUESTIONS: dict[str, dict[str, str | tuple[float | None, float | None]]] = {
    N_("Rural, remote, without a city, shrinking faster than 0.5 % a year"): {
        "remoteness": "predominantly rural, remote",
        "access_to_city": "remote",
        "annual": (None, -0.5),
    },
    N_("Shrinking, and more than a quarter of people in service deserts"): {
        "trend": "shrinking",
        "desert_class": "unserved",
    },
    N_("Shrinking, very old and less developed"): {
        "trend": "shrinking",
        "ageing": "very old",
        "cohesion": "less developed",
    },
    N_("People leave though births outnumber deaths"): {"cause": "active"},
    N_("Mountain regions that shrink because too few are born"): {
        "mountain": "mountain: population and surface",
        "cause": "legacy",
    },
    N_("Three criteria of the watch list or more"): {"watch": "3"},
}


def show(page: str, ends: Mapping[str, tuple[float, float]]) -> None:
    """Draw the common questions and the visitor's own views of a page.

    Parameters
    ----------
    page : str
        The page's file.
    ends : mapping of str to (low, high)
        Ends of each slider that a question names.
    """
    with st.expander(_("Common questions and saved views")):
        anchors = (
            links.anchor(page, _(text), _stated(choices, ends))
            for text, choices in QUESTIONS.items()
        )
        st.html(f'<div class="hinterland-hits">{"".join(anchors)}</div>')
        name, save = st.columns([3, 1], vertical_alignment="bottom")
        name.text_input(_("Name of this view"), key="view_name", max_chars=80)
        save.button(_("Save this view"), on_click=_save, args=(page,), key="view_save")
        for saved_page, text, query in st.session_state.get(_OWN, []):
            address = f"{links.address_of(saved_page)}?{query}"
            st.markdown(f"**{plain(text)}**")
            st.code(address, language=None, wrap_lines=True)
        if st.session_state.get(_OWN):
            st.caption(
                _("Saved for this visit. An address holds the whole view: copy it to keep it.")
            )


def _stated(
    choices: Mapping[str, str | tuple[float | None, float | None]],
    ends: Mapping[str, tuple[float, float]],
) -> dict[str, str | list[float]]:
    """Return what an address says, each range with both of its ends."""
    stated: dict[str, str | list[float]] = {}
    for key, value in choices.items():
        if isinstance(value, str):
            stated[key] = value
        else:
            stated[key] = [
                end if own is None else own for own, end in zip(value, ends[key], strict=True)
            ]
    return stated


def _save(page: str) -> None:
    """Keep what the address says now under the name that was typed."""
    pairs = [(k, v) for k in st.query_params for v in st.query_params.get_all(k)]
    query = urlencode([pair for pair in pairs if pair[0] not in ("view_name", UNREAD)])
    own = st.session_state.setdefault(_OWN, [])
    name = st.session_state.get("view_name", "").strip() or _("View {n}").format(n=len(own) + 1)
    st.session_state[_OWN] = [*own, (page, name, query)][-_MOST:]
    st.session_state["view_name"] = ""
