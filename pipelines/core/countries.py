"""Eurostat's codes of countries, where others write another."""

from __future__ import annotations

from collections.abc import Iterable

#: ISO 3166's code: Eurostat's.
EUROSTAT = {"GR": "EL", "GB": "UK"}
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
