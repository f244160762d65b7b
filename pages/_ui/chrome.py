"""What frames every page: the footer of attributions."""

from __future__ import annotations

import json
from html import escape

import streamlit as st

from pages._ui.programs import TOOLS
from pages._ui.state import ask
from pages._ui.texts import _, ngettext
from pipelines.serve import queries
from pipelines.serve.base import base_path
from pipelines.serve.store import Store

_STYLE = """
<style>
.block-container { padding-top: 4.2rem; padding-bottom: 2rem; }
.stApp h1 { font-size: clamp(1.4rem, 2.4vw, 2rem); padding: 0.4rem 0 0.6rem; }
h2 { font-size: 1.5rem; } h3 { font-size: 1.15rem; padding: 0.4rem 0; }
[data-testid="stMetricValue"] { font-size: 1.6rem; }
.hinterland-link { color: #542788; text-decoration: none; }
.hinterland-link:hover, .hinterland-link:focus { text-decoration: underline; }
.hinterland-hits { display: flex; flex-wrap: wrap; gap: 0.3rem 1.6rem; }
/* The sea: a region of the palest class must not look like water. */
[data-testid="stDeckGlJsonChart"] { background: #c8dce5; }
[data-testid="stElementContainer"]:has(script[data-map-tools]) { display: none; }
</style>
"""


def style() -> None:
    """Set sizes so that a map and its legend fit one screen; load the tools of maps."""
    st.html(_STYLE)
    words = {
        "in": _("Zoom in"),
        "out": _("Zoom out"),
        "reset": _("Reset the view"),
        "scale": _("Scale"),
    }
    address, told = f"{base_path()}{TOOLS}", escape(json.dumps(words))
    st.html(
        f'<script src="{address}" defer data-map-tools="{told}"></script>',
        unsafe_allow_javascript=True,
    )


def footer(store: Store) -> None:
    """Print the attribution of every source in use, and the database's version."""
    table = ask(store, queries.sources)
    lines = dict.fromkeys(table.loc[table["is_present"], "attribution"])
    st.divider()
    title = ngettext(
        "Source of this database ({n}) and whom to credit",
        "Sources of this database ({n}) and whom to credit",
        len(lines),
    )
    with st.expander(title.format(n=len(lines))):
        st.caption(" · ".join(lines))
    st.caption(
        _(
            "Database {hash}, built {when} UTC. Equal-area maps in EPSG:3035. Nothing is loaded "
            "from other servers."
        ).format(hash=store.pointer.hash, when=store.pointer.built_at[:16].replace("T", " "))
    )
