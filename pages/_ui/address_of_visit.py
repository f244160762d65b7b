"""Where the visitor reads the dashboard: what comes before a page's own path."""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st

from pipelines.serve.base import base_path


def root() -> str:
    """Return scheme, host and path below which the dashboard lies, without a slash at the end."""
    seen = urlsplit(str(st.context.url or ""))
    origin = f"{seen.scheme}://{seen.netloc}" if seen.netloc else "http://localhost:8501"
    return origin + base_path()
