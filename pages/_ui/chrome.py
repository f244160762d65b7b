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
/* All of a map in view at every size of a screen; a phone's is wide, not high. */
[data-testid="stElementContainer"]:has(> [data-testid="stFullScreenFrame"] > .stDeckGlJsonChart) {
  height: min(clamp(320px, 56vh, 620px), 92vw) !important; flex-basis: auto !important; }
[data-testid="stFullScreenFrame"]:has(> .stDeckGlJsonChart) { height: 100%; }
.stDeckGlJsonChart, .stDeckGlJsonChart > div:has(> #deckgl-wrapper) { height: 100% !important; }
[data-testid="stElementContainer"]:has(script[data-map-tools]) { display: none; }
.hinterland-map-tools { position: absolute; right: 8px; top: 8px; z-index: 3; display: flex;
  flex-direction: column; gap: 2px; }
.hinterland-map-tools button { width: 30px; height: 30px;
  border: 1px solid #777; border-radius: 4px; background: #fff; color: #222;
  font-size: 1.1rem; line-height: 1; cursor: pointer; }
.hinterland-map-tools button:hover, .hinterland-map-tools button:focus-visible {
  background: #e8e4f0; outline: 2px solid #542788; }
.hinterland-map-scale { position: absolute; left: 8px; bottom: 8px; z-index: 3; color: #222;
  border: 2px solid #333; border-top: 0; background: rgba(255, 255, 255, .75); font-size: .75rem;
  line-height: 1.1rem; text-align: center; white-space: nowrap; pointer-events: none; }
/* What a figure is must be read in full, on a narrow screen too. */
[data-testid="stMetricValue"] > div, [data-testid="stMetricDelta"] > div,
[data-testid="stMetricLabel"] p { white-space: normal; overflow: visible; text-overflow: clip; }
[data-testid="stMetricValue"] { white-space: normal; overflow-wrap: break-word; }
@media (max-width: 1100px) {
  [data-testid="stMetricValue"] { font-size: 1.15rem; }
  [data-testid="stMainBlockContainer"] { padding-left: 1.5rem; padding-right: 1.5rem; }
}
@media (min-width: 769px) and (max-width: 1100px) {
  [data-testid="stSidebar"][aria-expanded="true"] { width: 240px !important; min-width: 240px; }
}
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
