"""Checks and converts one cell."""

from __future__ import annotations

import datetime
import math
import re
import unicodedata
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from pipelines.catalogue.schema import Column
from pipelines.core import countries
from pipelines.core.areas import area
from pipelines.io.guard import is_formula
from pipelines.io.texts import ID_CHARACTERS, NAME_CHARACTERS, TEXT_CHARACTERS, trouble

LIST_SEPARATOR = ";"
FIRST_YEAR = 1900
_MARKUP = re.compile(
    r"<\s*[a-z!/?]|&(?:lt|#0*60|#x0*3c);|javascript\s*:|data\s*:\s*text/html|\bon(?:error|load|click|mouse\w+)\s*=",
    re.IGNORECASE,
)
_ID = re.compile(r"[a-z0-9]+(?:[-_:.][a-z0-9]+)*")
_NUTS3 = re.compile(r"[A-Z]{2}[0-9A-Z]{3}")
#: More digits are no count of anything, and cost time to convert.
_INTEGER = re.compile(r"-?\d{1,15}", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,30})?", re.ASCII)
_NAMES = frozenset({"name", "town", "label", "title"})


class CellError(ValueError):
    """A cell is wrong; carries the problem and what is allowed."""

    def __init__(self, problem: str, allowed: str, found: str | None = None):
        super().__init__(problem)
        self.problem, self.allowed, self.found = problem, allowed, found


def has_markup(text: str) -> bool:
    """Tell whether the text holds HTML or script, plain or written as entities."""
    return _MARKUP.search(text) is not None


def has_control(text: str) -> bool:
    """Tell whether the text holds control, bidi-override or other invisible characters."""
    if text.isascii() and text.isprintable():
        return False  # as most texts are: no look at each letter
    return any(
        unicodedata.category(c) in {"Cc", "Cf", "Co", "Cn", "Cs"}
        and c not in "\n\u200d\u200c\u00ad"
        for c in text
    )


def safe_text(text: str) -> str:
    """Return a text that is safe to show and to export, or say why it is not.

    Raises
    ------
    CellError
        The text starts a formula, or holds markup or control characters.
    """
    if is_formula(text):
        raise CellError(
            "text starts like a formula", "text that starts with a letter, digit or quote mark"
        )
    if has_markup(text):
        raise CellError("script or HTML in a text field", "plain text")
    if has_control(text):
        raise CellError("control or invisible character", "plain text")
    if text != text.strip():
        raise CellError("blanks at the start or end", "no blanks around the text")
    return text


def convert(text: str, column: Column, allowed: list[str] | None) -> Any:
    """Turn a cell into a value; an empty cell is None (an empty list for lists).

    Parameters
    ----------
    text : str
        The cell.
    column : Column
        Its column.
    allowed : list of str or None
        The closed list, where the column has one.

    Raises
    ------
    CellError
        The cell is not of its type, or not in the closed list.
    """
    if not text:
        return [] if column.type == "list" else None
    most = _most_characters(column)
    if problem := trouble(text, most):
        raise CellError(f"cell {problem}", f"text of up to {most} characters")
    if column.type == "list":
        return _list(text, allowed)
    if column.type in {"text", "id", "url", "country", "nuts3", "boolean"}:
        safe_text(text)
    if allowed is not None and text not in allowed:
        hint = countries.hint(text) if column.type == "country" else ""
        listed = ", ".join(allowed)
        raise CellError(f"unknown {column.name}", f"{hint}; {listed}" if hint else listed)
    return _CONVERTERS[column.type](text)


def _most_characters(column: Column) -> int:
    """Return how long a cell of a column may be."""
    if column.type in {"text", "list", "url"}:
        return NAME_CHARACTERS if column.name in _NAMES else TEXT_CHARACTERS
    return ID_CHARACTERS


def _list(text: str, allowed: list[str] | None) -> list[str]:
    """Split a cell of several values."""
    if not text:
        return []
    values = [value.strip() for value in text.split(LIST_SEPARATOR)]
    for value in values:
        if not value:
            raise CellError("empty value in a list", f"values separated by {LIST_SEPARATOR!r}")
        safe_text(value)
        if allowed is not None and value not in allowed:
            raise CellError("unknown value in a list", ", ".join(allowed), value)
    if len(set(values)) != len(values):
        raise CellError("value stands twice in a list", "each value once")
    return values


def _pattern(pattern: re.Pattern[str], allowed: str) -> Callable[[str], str]:
    """Return a converter that accepts what a pattern matches in full."""

    def convert_text(text: str) -> str:
        if not pattern.fullmatch(text):
            raise CellError("wrong form", allowed)
        return text

    return convert_text


def _integer(text: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise CellError("not a whole number", "up to 15 digits, no separators")
    return int(text)


def _geonameid(text: str) -> int:
    value = _integer(text)
    if not 0 < value < 2**31:
        raise CellError("not a GeoNames identifier", "a whole number above 0")
    return value


def _number(text: str) -> float:
    if not _NUMBER.fullmatch(text) or not math.isfinite(float(text)):
        raise CellError("not a number", "digits with a decimal point, no separators, no unit")
    return float(text)


def _between(low: str, high: str) -> Callable[[str], float]:
    """Return a converter for degrees between two sides of Europe's box, both inclusive."""

    def convert_bounded(text: str) -> float:
        value, europe = _number(text), area("europe")
        least, most = getattr(europe, low), getattr(europe, high)
        if not least <= value <= most:
            raise CellError("outside Europe", f"{least:g} to {most:g} degrees")
        return value

    return convert_bounded


def _year(text: str) -> int:
    value, last = _integer(text), datetime.datetime.now(tz=datetime.UTC).year + 1
    if not FIRST_YEAR <= value <= last:
        raise CellError("not a year of a document", f"{FIRST_YEAR} to {last}")
    return value


def _boolean(text: str) -> bool:
    if text not in {"yes", "no"}:
        raise CellError("neither yes nor no", "yes, no")
    return text == "yes"


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or re.search(r"[\s\"'<>]", text):
        raise CellError("not a web address", "https://…")
    return text


_CONVERTERS: dict[str, Callable[[str], Any]] = {
    "text": str,
    "country": str,
    "id": _pattern(_ID, "small letters and digits, joined by - _ : or ."),
    "nuts3": _pattern(_NUTS3, "a NUTS-3 code of five characters, such as DE733"),
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "year": _year,
    "url": _url,
    "longitude": _between("west", "east"),
    "latitude": _between("south", "north"),
    "geonameid": _geonameid,
}
