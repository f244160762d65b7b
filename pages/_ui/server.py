"""The server: the dashboard and, beside it, the map files that the browser fetches once.

``hinterland app`` starts it; ``streamlit run pages/_ui/server.py`` does the same.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

ROOT = Path(__file__).resolve().parents[2]
# From a wheel the pages lie in the package's bundle and `pipelines` is installed;
# from a checkout both lie here.
sys.path[:0] = [str(ROOT)] if str(ROOT) not in sys.path else []

from pipelines.serve.web import ROUTES  # noqa: E402

# A folder named pages/ makes Streamlit guess its own navigation until app.py has run
# once: the first visitor who follows a deep link would get a page without its frame.
PagesManager.uses_pages_directory = False


# What the first page needs is imported before the first visitor comes.
for _name in ("pandas", "altair", "pydeck", "pages._ui.region_profile", "pages._ui.downloads"):
    importlib.import_module(_name)

app = st.App(ROOT / "app.py", routes=ROUTES)
