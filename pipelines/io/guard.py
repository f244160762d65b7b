"""The one guard for what leaves the program: text that a spreadsheet would run as a formula."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    import pandas as pd

# CWE-1236. Full-width forms are read as their ASCII twins by some programs.
_SIGNS = "=+\\-@＝＋－＠"
# Blanks, controls and characters without ink: programs drop them before they look.
_UNSEEN = (
    r"\s\x00-\x1f\x7f-\xa0\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2"
    r"\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000"
    r"\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
)
# A control before any ink moves what follows into another cell or line.
_FORMULA = re.compile(rf"[ \u00a0\u3000]*[\t\r\n\0]|[{_UNSEEN}]*[{_SIGNS}]")


def is_formula(text: object) -> bool:
    """Tell whether a spreadsheet could take a text for a formula."""
    return isinstance(text, str) and _FORMULA.match(text) is not None


def guard_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a copy in which formulas in text columns and headers begin with an apostrophe.

    Numbers stay numbers.
    """
    import pandas as pd  # slow to import, and a file is guarded without it

    result = frame.copy()
    for column in result.columns:
        if pd.api.types.is_string_dtype(result[column]) or result[column].dtype == object:
            texts = [guarded(value) for value in result[column]]
            result[column] = pd.Series(texts, index=result.index)
    return result.rename(columns=guarded)


def guard_column(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a text column in which formulas begin with an apostrophe.

    Each distinct text is looked at once: an id of a facility stands in many rows. A column
    without formulas is returned as it is; making one would import pandas.
    """
    coded = column.combine_chunks().dictionary_encode()
    known = coded.dictionary.to_pylist()
    if not any(map(is_formula, known)):
        return column
    texts = pa.array([guarded(text) for text in known], pa.string())
    return pa.chunked_array([texts.take(coded.indices)])


def guarded(value: object) -> object:
    """Return a value as it is, but a text that is a formula with an apostrophe before it."""
    return f"'{value}" if is_formula(value) else value
