"""Numbers as people read them; a missing one is "no data"."""

from __future__ import annotations

from typing import Any

import pandas as pd

from pages._ui.texts import _, figure, ngettext, per_cent


def none() -> str:
    """Return what stands for a missing value."""
    return _("no data")


def number(value: Any, pattern: str = "{:,.0f}") -> str:
    """Format a number, or say that there is none."""
    if value is None or pd.isna(value):
        return none()
    return figure(value, pattern)


def people(value: Any) -> str:
    """Format a number of people."""
    return number(value)


def measured(value: Any, pattern: str, unit: str = "") -> str:
    """Format a value of a measure with its unit, as the legend of the measure writes it.

    Parameters
    ----------
    value : float
        Missing is "no data".
    pattern : str
        Python format; one of per cent brings its own unit.
    unit : str
        In words.
    """
    shown = number(value, pattern)
    if shown == none():
        return shown
    if pattern.endswith("%}"):
        return shown
    if unit.startswith("%"):
        return f"{shown}{per_cent()}{unit[1:]}"
    return f"{shown}\N{NO-BREAK SPACE}{unit}" if unit else shown


def percent(value: Any, digits: int = 1) -> str:
    """Format a signed percentage."""
    return number(value, "{:+." + str(digits) + "f} %")


def millions(value: Any) -> str:
    """Format people in millions."""
    return (
        none()
        if value is None or pd.isna(value)
        else _("{n} million").format(n=figure(value / 1e6, "{:,.1f}"))
    )


def regions(number: int) -> str:
    """Return a number of regions."""
    return ngettext("{n} region", "{n} regions", number).format(n=figure(number))


def settlements(number: int) -> str:
    """Return a number of settlements."""
    return ngettext("{n} settlement", "{n} settlements", number).format(n=figure(number))


def entries(number: int) -> str:
    """Return a number of entries of the catalogue or of a file."""
    return ngettext("{n} entry", "{n} entries", number).format(n=figure(number))


def towns(number: int) -> str:
    """Return a number of towns."""
    return ngettext("{n} town", "{n} towns", number).format(n=figure(number))


def text(value: Any) -> str:
    """Return a text, or say that there is none."""
    return none() if value is None or pd.isna(value) else str(value)


def round_people(value: float) -> str:
    """Return a round number of people as it is written in a sentence."""
    return figure(value)
