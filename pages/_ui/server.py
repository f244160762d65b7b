"""The server: the dashboard and, beside it, the map files that the browser fetches once.

``hinterland app`` starts it; ``streamlit run pages/_ui/server.py`` does the same.
"""

from __future__ import annotations

import importlib
import sys
import threading
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


def _warm_up() -> None:
    """Import what the first page needs while the first visitor's browser still starts."""
    for name in ("pandas", "altair", "pydeck", "pipelines.export"):
        importlib.import_module(name)


threading.Thread(target=_warm_up, daemon=True).start()
app = st.App(ROOT / "app.py", routes=ROUTES)
