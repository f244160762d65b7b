"""The entry: the look of the frame and the list of pages. No query, no maths."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages._ui.directory import navigate
from pages._ui.texts import _

documentation = _("Documentation")
st.set_page_config(
    layout="wide",
    page_icon=str(Path(__file__).parent / "pages/_ui/icon.svg"),
    menu_items={
        "About": _("Hinterland: Europe's regions and towns, every number explained.")
        # Relative, for every page lies one step below the dashboard's path.
        + f"\n\n[{documentation}](docs/)"
    },
)
navigate()
