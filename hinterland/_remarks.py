"""What an answer's user must know of it: a warning each, and all of it with the frame."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING

from pipelines.core.errors import HinterlandWarning, printable

if TYPE_CHECKING:
    import pandas as pd


def warn(sentences: Iterable[str], depth: int = 2) -> None:
    """Warn once a sentence.

    Parameters
    ----------
    sentences : iterable of str
    depth : int
        How many functions of this package stand between here and the user's own line.
    """
    for sentence in sentences:
        warnings.warn(printable(sentence), HinterlandWarning, stacklevel=depth + 1)


def remark(frame: pd.DataFrame, sentences: Iterable[str]) -> pd.DataFrame:
    """Return the frame with the sentences as ``attrs["remarks"]``."""
    frame.attrs["remarks"] = [printable(sentence) for sentence in sentences]
    return frame
