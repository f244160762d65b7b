"""Numbers as people read them; a missing one is "no data"."""

from __future__ import annotations

from typing import Any

import pandas as pd

NONE = "no data"


def number(value: Any, pattern: str = "{:,.0f}") -> str:
    """Format a number, or say that there is none."""
    if value is None or pd.isna(value):
        return NONE
    return pattern.format(value)


def people(value: Any) -> str:
    """Format a number of people."""
    return number(value)


def percent(value: Any, digits: int = 1) -> str:
    """Format a signed percentage."""
    return number(value, "{:+." + str(digits) + "f} %")


def millions(value: Any) -> str:
    """Format people in millions."""
    return NONE if value is None or pd.isna(value) else f"{value / 1e6:,.1f} million"


def text(value: Any) -> str:
    """Return a text, or say that there is none."""
    return NONE if value is None or pd.isna(value) else str(value)
