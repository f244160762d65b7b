"""What a dark page needs to look otherwise; styles say ``light-dark()`` for themselves."""

from __future__ import annotations

from typing import TypeVar

import streamlit as st

from pages._ui.measures import UNSELECTED

T = TypeVar("T")
#: The themes of the pages: the browser's wish decides, the menu can overrule it.
OPTIONS = {
    "theme.light.primaryColor": "#542788",
    "theme.light.linkColor": "#542788",
    "theme.dark.primaryColor": "#b9a6e6",
    "theme.dark.linkColor": "#c9b8f2",
    "theme.dark.backgroundColor": "#14161c",
    "theme.dark.secondaryBackgroundColor": "#22252e",
    "theme.dark.textColor": "#f0f0f4",
}
_UNSELECTED_DARK = "#3a3f48"


def is_dark() -> bool:
    """Tell whether the visitor's page is dark; where that is not known it is light."""
    return bool(st.context.theme.type == "dark")


def pick(light: T, dark: T) -> T:
    """Return what fits the visitor's page."""
    return dark if is_dark() else light


def unselected() -> str:
    """Return the colour of what is not in the selection: near the ground of the map."""
    return pick(UNSELECTED, _UNSELECTED_DARK)
