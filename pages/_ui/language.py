"""The language of a visit: what the address names, else what the browser prefers, else English."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages._ui.texts import _, echo, use
from pipelines.serve import texts

_KEY = "lang"


def _of_visit() -> str | None:
    """Return the language that the visit has chosen; None where there is no visit."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return None
    language: str | None = st.session_state.get(_KEY)
    return language


texts.tell_visit(_of_visit)


def choose() -> None:
    """Speak the language of the visit; the address names it, so that a link keeps it."""
    offered = texts.offered()
    if stated := st.query_params.get(_KEY):
        st.session_state[_KEY] = stated
    elif _KEY not in st.session_state:
        preferred = (st.context.locale or "").split("-")[0]
        if preferred in offered and preferred != texts.ENGLISH:
            st.session_state[_KEY] = preferred
    use(st.session_state.get(_KEY))
    if texts.spoken() != texts.ENGLISH and st.query_params.get(_KEY) != texts.spoken():
        st.query_params[_KEY] = texts.spoken()


def refuse_unknown() -> None:
    """Say so where the address names a language that is not there."""
    stated, offered = st.session_state.get(_KEY), texts.offered()
    if stated and stated not in offered:
        names = ", ".join(f"{code} ({name})" for code, name in offered.items())
        st.info(
            _("There is no language '{stated}'; there are {names}.").format(
                stated=echo(stated), names=names
            )
        )


def draw() -> None:
    """Draw a link to the same view in each other language."""
    offered = texts.offered()
    if len(offered) < 2:
        return
    stated = [
        (name, value)
        for name in st.query_params
        if name != _KEY
        for value in st.query_params.get_all(name)
    ]
    links = [
        f'<b lang="{code}">{escape(name)}</b>'
        if code == texts.spoken()
        else f'<a class="hinterland-link" lang="{code}" hreflang="{code}" '
        f'href="?{escape(urlencode([*stated, (_KEY, code)]))}">{escape(name)}</a>'
        for code, name in offered.items()
    ]
    st.html(
        f'<nav class="hinterland-languages" aria-label="{escape(_("Language"))}">'
        f"{' '.join(links)}</nav>"
    )
