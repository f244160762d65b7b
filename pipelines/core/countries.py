"""Eurostat's codes of countries, where others write another."""

from __future__ import annotations

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
