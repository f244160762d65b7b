"""The typeface of everything on paper: Roboto, which holds Latin, Greek and Cyrillic letters.

Two of its files lie beside this module, under the Apache License 2.0.
"""

from __future__ import annotations

import functools
from pathlib import Path

from PIL import ImageFont
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FOLDER = Path(__file__).parent / "fonts"
REGULAR, BOLD = "Roboto", "Roboto-Bold"
_FILES = {REGULAR: FOLDER / "Roboto-Regular.ttf", BOLD: FOLDER / "Roboto-Bold.ttf"}


@functools.cache
def register() -> None:
    """Make the typeface known to the PDF library, once a process."""
    for name, path in _FILES.items():
        pdfmetrics.registerFont(TTFont(name, str(path)))
    for name in _FILES:  # no markup makes it bold or slanted
        pdfmetrics.registerFontFamily(name, normal=name, bold=BOLD, italic=name, boldItalic=BOLD)


@functools.lru_cache(maxsize=64)
def image_font(name: str, size: float) -> ImageFont.FreeTypeFont:
    """Return the typeface for pictures, ``size`` in pixels."""
    return ImageFont.truetype(str(_FILES[name]), size)


def width(text: str, size: float, name: str = REGULAR) -> float:
    """Return how wide a text is, in points."""
    register()
    return float(pdfmetrics.stringWidth(text, name, size))


def lines(text: str, size: float, most: float, name: str = REGULAR) -> list[str]:
    """Break a text into lines that are at most ``most`` points wide, at its spaces."""
    broken: list[str] = []
    for word in text.split():
        longer = f"{broken[-1]} {word}" if broken else word
        if broken and width(longer, size, name) <= most:
            broken[-1] = longer
        else:
            broken.append(word)
    return broken


# Signs that the typeface lacks, and what says the same.
_OTHERS = str.maketrans(
    {"\u25c6": "\u25ca", "\u2192": "\u203a", "\u25cf": "\u2022", "\u2500": "\u2013"}
)


def printable(text: str) -> str:
    """Return a text with the signs that the typeface has."""
    return text.translate(_OTHERS)
