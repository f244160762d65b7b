"""The letters with which Eurostat marks a value."""

from __future__ import annotations

#: What each flag says; the key is the letter as published.
FLAGS = {
    "b": "break in time series",
    "c": "confidential",
    "d": "definition differs",
    "e": "estimated",
    "f": "forecast",
    "i": "imputed (value by Eurostat)",
    "m": "not applicable: data cannot exist",
    "n": "not significant",
    "p": "provisional",
    "r": "revised",
    "s": "Eurostat estimate",
    "u": "low reliability",
    "z": "not applicable",
    "C": "confidential",
    "N": "not for publication",
    "P": "confidential, primary",
}
