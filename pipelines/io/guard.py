"""Guards for what leaves the program: text that a spreadsheet would run as a formula."""

from __future__ import annotations

import pandas as pd

# CWE-1236; full-width forms are read as their ASCII twins by some programs.
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")


def is_formula(text: object) -> bool:
    """Tell whether a spreadsheet could take a text for a formula."""
    if not isinstance(text, str) or not text:
        return False
    return text.startswith(_STARTS) or text.lstrip(" \u00a0\u3000").startswith(_STARTS)


def guard_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a copy in which formulas in text columns and headers begin with an apostrophe.

    Numbers stay numbers.
    """
    result = frame.copy()
    for column in result.columns:
        if pd.api.types.is_string_dtype(result[column]) or result[column].dtype == object:
            result[column] = [f"'{v}" if is_formula(v) else v for v in result[column]]
    return result.rename(columns=lambda c: f"'{c}" if is_formula(c) else c)
