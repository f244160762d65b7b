"""What frames every page: the footer of attributions."""

from __future__ import annotations

import json
from html import escape

import streamlit as st

from pages._ui.programs import TOOLS
from pages._ui.state import ask
from pages._ui.texts import _, ngettext
from pipelines.serve import queries, texts
from pipelines.serve.base import base_path
from pipelines.serve.store import Store

#: Key of the sentence that stands where a fault of the program ended a page.
BROKEN = "broken"
_STYLE = """
<style>
.block-container { padding-top: 4.2rem; padding-bottom: 2rem; }
.stApp h1 { font-size: clamp(1.4rem, 2.4vw, 2rem); padding: 0.4rem 0 0.6rem; }
/* A long title ends before the words of the page, which stand beside it. */
@media (min-width: 1201px) { .stApp:has(.st-key-words_here) h1 { padding-right: 15rem; } }
.stApp:not(:has(h1)) [data-testid="stLayoutWrapper"]:has(> .st-key-words_here) {
  height: auto; margin: 0; }
.stApp h2 { font-size: 1.3rem; padding: 0.5rem 0; }
.stApp h3 { font-size: 1.15rem; padding: 0.4rem 0; }
[data-testid="stMetricValue"] { font-size: 1.6rem; }
.hinterland-link { color: var(--h-link); text-decoration: underline 1px;
  text-underline-offset: 2px; }
.hinterland-link:hover, .hinterland-link:focus { text-decoration-thickness: 2px; }
.hinterland-link:hover, .hinterland-link:focus { text-decoration: underline; }
.hinterland-languages { display: flex; flex-wrap: wrap; gap: 0.1rem 0.8rem;
  justify-content: flex-end; font-size: 0.8rem; }
@media (min-width: 1000px) { .hinterland-languages { margin-bottom: -0.9rem; } }
.hinterland-hits { display: flex; flex-wrap: wrap; gap: 0.3rem 1.6rem; }
.hinterland-mine { font-size: 0.9rem; }
.hinterland-card { border: 1px solid light-dark(#c9c3d6, #4a4560); border-radius: 4px;
  border-left: 4px solid var(--h-link); padding: 0.5rem 0.7rem; font-size: 0.85rem;
  line-height: 1.45; background: light-dark(#fff, #1d2028); }
.hc-name { font-size: 1.15rem; font-weight: 600; }
.hc-where, .hc-label { color: var(--h-quiet); }
.hc-label { margin-top: 0.35rem; }
.hc-value { font-size: 1.5rem; line-height: 1.25; }
.hc-text { font-size: 1.1rem; }
.hc-value small { font-size: 0.8rem; }
.hc-swatch { display: inline-block; width: 0.9rem; height: 0.8rem; margin-right: 0.35rem;
  border: 1px solid #777; vertical-align: -1px; }
.hc-open { margin-top: 0.4rem; font-weight: 600; }
.hs-local { color: var(--h-quiet); font-size: 1.1rem; }
.hs-ways { display: flex; flex-wrap: wrap; gap: 0.2rem 1.2rem; }
.hs-tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr));
  gap: 0.6rem; }
.hs-tile { border: 1px solid var(--h-line); border-radius: 4px; padding: 0.45rem 0.7rem; }
.hs-big { font-size: 1.5rem; line-height: 1.3; }
.hs-label { font-weight: 600; font-size: 0.9rem; }
.hs-big small { font-size: 0.8rem; }
.hs-label small, .hs-years { color: var(--h-quiet); font-weight: 400; font-size: 0.8rem; }
.hs-small { color: var(--h-quiet); font-size: 0.8rem; line-height: 1.35; }
.hs-figure { display: grid; grid-template-columns: 5fr 4fr 10fr; gap: 0 1.2rem;
  align-items: center; padding: 0.45rem 0; border-bottom: 1px solid var(--h-line); }
.hs-mine b { font-size: 1.25rem; font-weight: 600; }
/* Ranks have one width, so that the strips of a figure stand below each other. */
.hs-bar { display: grid; grid-template-columns: minmax(0, 5fr) minmax(0, 7fr) 8.2rem;
  gap: 0.7rem; align-items: center; font-size: 0.78rem; line-height: 1.25; margin: 1px 0; }
.hs-bar > span:last-child { color: var(--h-quiet); }
.hs-strip { position: relative; height: 15px; background: light-dark(#f3f2f6, #262932); }
.hs-strip i { position: absolute; top: 0; bottom: 0; font-style: normal; }
.hs-strip .w { top: 4px; bottom: 4px; background: light-dark(#d8daeb, #444a66); }
.hs-strip .m { top: 4px; bottom: 4px; background: light-dark(#a59cc8, #7d73ad); }
.hs-strip .h { width: 2px; margin-left: -1px; top: 2px; bottom: 2px;
  background: light-dark(#4a4a4a, #e4e4ea); }
.hs-strip .v { color: light-dark(#1b1b1b, #fff); font-size: 9px;
  line-height: 15px; margin-left: -4px; }
.hs-strip .p { width: 3px; margin-left: -1px; top: -1px; bottom: -1px;
  background: light-dark(#b35806, #f7a53c); }
.hs-facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(230px, 1fr));
  gap: 0.5rem 1.4rem; margin: 0.3rem 0; padding: 0;
  font-size: 0.9rem; }
.hs-facts dt { color: var(--h-quiet); font-size: 0.8rem; } .hs-facts dd { margin: 0; }
.hs-facts > div { margin: 0; }
.hs-entries { columns: 2 320px; column-gap: 2rem; font-size: 0.92rem; padding-left: 1.1rem; }
.hs-entries li { break-inside: avoid; margin-bottom: 0.3rem; }
.hs-entries span { color: var(--h-quiet); }
@media (max-width: 760px) {
  .hs-figure { grid-template-columns: 1fr; gap: 0.1rem; }
  .hs-tiles { grid-template-columns: 1fr 1fr; }
}
/* A button of a file says all that it gives, on two lines where it is narrow. */
[data-testid="stDownloadButton"] [data-testid="stMarkdownContainer"],
[data-testid="stDownloadButton"] p { white-space: normal; }
/* Chips of a choice: dark letters on the light ground that the dark theme gives them. */
[data-testid="stMultiSelect"] span[title] { color: light-dark(#fff, #14141a) !important; }
/* The sea: a region of the palest class must not look like water. */
[data-testid="stDeckGlJsonChart"] { background: light-dark(#c8dce5, #22323d); }
[data-testid="stElementContainer"]:has(script[data-map-tools]) { display: none; }
/* The page has said it in its own language. */
.stApp:has(.st-key-broken) [data-testid="stElementContainer"]:has([data-testid="stException"]) {
  display: none; }
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
        "wheel": _("Ctrl + wheel zooms, or click the map first"),
        "lang": texts.spoken(),
    }
    address, told = f"{base_path()}{TOOLS}", escape(json.dumps(words))
    st.html(
        f'<script src="{address}" defer data-map-tools="{told}"></script>',
        unsafe_allow_javascript=True,
    )


def footer(store: Store) -> None:
    """Print the attribution of every source in use, and the database's version."""
    lines = ask(store, queries.credit_lines)
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
