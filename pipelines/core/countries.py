"""Codes of countries where Eurostat's are its own, and names in the languages of visitors."""

from __future__ import annotations

from collections.abc import Iterable

#: ISO 3166's code: Eurostat's.
EUROSTAT = {"GR": "EL", "GB": "UK"}
#: ISO 3166's codes of the countries in use; Eurostat writes EL for GR and UK for GB.
CODES = (
    "AD AL AT BA BE BG CH CY CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IS IT JE LI LT LU LV "
    "MC MD ME MK MT NL NO PL PT RO RS SE SI SK SM TR UA VA XK"
).split()
#: Where our English name is not the repository's.
_OWN = {"BA": "Bosnia and Herzegovina", "TR": "Türkiye"}
_NAMES = {"EL": "Greece", "UK": "the United Kingdom"}


def hint(code: str) -> str:
    """Return a sentence on the code that Eurostat writes, or nothing where it is the same.

    Parameters
    ----------
    code : str
        As somebody wrote it; case does not matter.

    Examples
    --------
    >>> hint("GR")
    "Eurostat's code of Greece is EL"
    >>> hint("DE")
    ''
    """
    own = EUROSTAT.get(code.upper())
    return f"Eurostat's code of {_NAMES[own]} is {own}" if own else ""


def allowed(code: str, known: Iterable[str]) -> str:
    """Return what to write in place of a code that does not occur.

    Parameters
    ----------
    code : str
        As somebody wrote it.
    known : iterable of str
        The codes that occur.

    Examples
    --------
    >>> allowed("GB", ["DE", "UK"])
    "Eurostat's code of the United Kingdom is UK; allowed are DE, UK"
    >>> allowed("de", ["DE", "UK"])
    'codes are written in capitals: DE; allowed are DE, UK'
    """
    every = sorted(known)
    hints = [hint(code)]
    if code != code.upper() and code.upper() in every:
        hints.append(f"codes are written in capitals: {code.upper()}")
    return "; ".join([*filter(None, hints), f"allowed are {', '.join(every) or 'none'}"])


def names(language: str) -> dict[str, str]:
    """Return the names of countries in a language, by the English names of our tables.

    They are those of the Unicode Common Locale Data Repository.
    Kosovo stands in some tables with the asterisk that Eurostat gives it; it keeps that.

    Parameters
    ----------
    language : str
        As Babel knows it.

    Examples
    --------
    >>> names("hr")["Greece"]
    'Grčka'
    """
    from babel.core import Locale

    english, own = Locale("en").territories, Locale.parse(language).territories
    named = {_OWN.get(code, english[code]): own.get(code, english[code]) for code in CODES}
    kosovo = own.get("XK", english["XK"])
    return named | {"Kosovo*": f"{kosovo}*"}
