"""Numbers as people write them: what is one, what is none, and what could be two.

Python's ``float`` takes ``1_000``, ``١٢`` and ``nan`` for numbers; a file that holds
them means something else, or comes from a program that went wrong.
"""

from __future__ import annotations

import re
from collections.abc import Collection

#: Beyond it there is no coordinate and no capacity, and sums lose their last digits.
MOST = 1e12
_NUMBER = re.compile(r"[+-]?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})(?:[eE][+-]?\d{1,2})?", re.ASCII)
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(?:[.,]\d{3})+", re.ASCII)
#: Groups of thousands that nothing else can be: parted by blanks or apostrophes, or by one of
#: point and comma where the other one follows with a fraction.
_BLANKS = "[ \u00a0\u2007\u2009\u202f'\u2019]"
_PARTED = re.compile(rf"[+-]?[1-9]\d{{0,2}}(?:{_BLANKS}\d{{3}})+(?:[.,]\d{{1,30}})?", re.ASCII)
_BOTH = re.compile(r"[+-]?[1-9]\d{0,2}(?:(?:\.\d{3})+,\d{1,30}|(?:,\d{3})+\.\d{1,30})", re.ASCII)
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+", re.ASCII)
_PLAIN_POINT = re.compile(r"[+-]?(?:0|[1-9]\d*)\.\d+", re.ASCII)


def number(value: object) -> float | None:
    """Return a text or JSON number as a finite float, or None where it is no number.

    >>> number("9.75"), number("1_000"), number("١٢"), number(True), number("1e308")
    (9.75, None, None, None, None)
    """
    if isinstance(value, str):
        if not _NUMBER.fullmatch(value.strip(" ")):
            return None
        value = float(value)
    # Compared before it is converted: a whole number of 400 digits has no float.
    if isinstance(value, bool) or not isinstance(value, int | float) or not -MOST <= value <= MOST:
        return None
    return float(value)


def is_grouped(text: str) -> bool:
    """Tell whether a text could be a number in groups of thousands: ``1.200``, ``1,200``.

    >>> is_grouped("1.200"), is_grouped("0.125"), is_grouped("1.25")
    (True, False, False)
    """
    return _GROUPED.fullmatch(text) is not None


def ungrouped(text: str) -> str | None:
    """Return a number without its signs of thousands, with a decimal point; None: it has none.

    Only where it can be nothing else: ``1 200``, ``1'200,5``, ``1.200,5``, ``1,200.5``. For
    ``1.200`` see :func:`is_grouped`.

    >>> ungrouped("1 200"), ungrouped("1.200,5"), ungrouped("1.200"), ungrouped("12 00")
    ('1200', '1200.5', None, None)
    """
    if not (_PARTED.fullmatch(text) or _BOTH.fullmatch(text)):
        return None
    last = max(text.rfind("."), text.rfind(","))
    whole, fraction = (text[:last], text[last + 1 :]) if last >= 0 else (text, "")
    digits = re.sub(rf"{_BLANKS}|[.,]", "", whole)
    return f"{digits}.{fraction}" if fraction else digits


def shows_comma(text: str) -> bool:
    """Tell whether a text can only be a number with a decimal comma: ``2,5``, ``0,125``."""
    return (_DECIMAL_COMMA.fullmatch(text) is not None and not is_grouped(text)) or (
        _BOTH.fullmatch(text) is not None and text.rfind(",") > text.rfind(".")
    )


def shows_point(text: str) -> bool:
    """Tell whether a text can only be a number with a decimal point: ``2.5``, ``0.125``."""
    return _PLAIN_POINT.fullmatch(text) is not None and not is_grouped(text)


def have_decimal_commas(cells: Collection[str]) -> bool:
    """Tell whether coordinates are written with decimal commas, all of them alike.

    >>> have_decimal_commas(["9,75", "51"]), have_decimal_commas(["9,75", "51.5"])
    (True, False)
    """
    is_some = any(_DECIMAL_COMMA.fullmatch(cell) for cell in cells)
    return is_some and not any("." in cell for cell in cells)


def with_point(text: str) -> str:
    """Return a number that has a decimal comma with a point, anything else as it is."""
    return text.replace(",", ".") if _DECIMAL_COMMA.fullmatch(text) else text
