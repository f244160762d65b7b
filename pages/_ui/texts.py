"""How foreign text is shown; every visible text passes through the catalogue.

``_`` and ``N_`` are those of :mod:`pipelines.serve.texts`. What a visitor or a file brought is
shown through :func:`echo` and :func:`said` alone.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import pandas as pd

from pipelines.serve.texts import N_, _, figure, ngettext, per_cent, use, written

__all__ = [
    "ECHO_MOST",
    "N_",
    "_",
    "capital",
    "echo",
    "figure",
    "ngettext",
    "per_cent",
    "plain",
    "said",
    "sorting",
    "use",
    "written",
]

#: So many characters of a foreign text are shown; more could hide the page's own words.
ECHO_MOST = 40
_MARKS = re.compile(r"[\\`*_{}\[\]!|<>$:~]|^[-+#]", re.M)
# Addresses become links whatever stands before their marks: an empty space parts them.
_LINKS = re.compile(r"www(?=\.)|:(?=//)|@", re.I)


def plain(text: Any) -> str:
    """Return a text that Markdown does not read as marks; missing is "no data"."""
    line = _("no data") if text is None or pd.isna(text) else str(text)
    return _MARKS.sub(r"\\\g<0>", line)


def _unlinked(text: str) -> str:
    return _LINKS.sub("\\g<0>\u200b", text)


def sorting(name: str) -> str:
    """Return what a name is sorted by: without accents and case."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in letters if not unicodedata.combining(c))


def capital(text: str) -> str:
    """Return a text that begins with a capital letter; a German noun within it keeps its own."""
    return text[:1].upper() + text[1:]


def echo(text: Any) -> str:
    """Return what a visitor gave, cut short and without marks of Markdown."""
    line = " ".join(str(text).split())
    return plain(_unlinked(line if len(line) <= ECHO_MOST else line[: ECHO_MOST - 1] + "…"))


def said(error: Exception) -> str:
    """Return the message of an error; what it quotes of the input is cut short, no mark is read."""
    cut = re.sub(
        rf"'([^'\n]{{{ECHO_MOST - 1}}})[^'\n]+'", lambda match: f"'{match[1]}…'", str(error)
    )
    return plain(_unlinked(cut))
