"""A bare Streamlit page with one map, which the first map of the dashboard is measured against."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pydeck


def deck(path: str) -> pydeck.Deck:
    """Return a map of coloured outlines, a GeoJSON file."""
    layer = pydeck.Layer(
        "GeoJsonLayer",
        json.loads(Path(path).read_text("utf-8")),
        get_fill_color="properties.fill",
        stroked=False,
        pickable=True,
    )
    view = pydeck.ViewState(latitude=52, longitude=12, zoom=3)
    return pydeck.Deck([layer], initial_view_state=view, map_provider=None, map_style=None)


if __name__ == "__main__":
    import streamlit as st

    st.set_page_config(layout="wide")
    st.pydeck_chart(deck(os.environ["OUTLINES"]), height=600)
