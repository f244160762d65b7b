"""NUTS codes: grammar, level, country, and which vintage a set of codes belongs to.

Eurostat's files do not say which NUTS vintage a code is of, and one file mixes
vintages by country and by year. `recognise` compares the codes that carry a value,
country by country and year by year, with the code lists of each vintage. What it
cannot tell apart, it says: a region whose border moved while its code stayed looks
the same in both vintages.

Conversion between vintages is in `pipelines.nuts.convert`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from pipelines.core import countries
from pipelines.core.errors import UnknownCode

_GRAMMAR = re.compile(r"[A-Z]{2}[0-9A-Z]{0,3}")
#: Aggregates of countries that look like a country, or a region of one.
_AGGREGATES = re.compile(r"EU.*|EA.*|EF.*|EEA")
_EXTRA_REGIO = re.compile(r"[A-Z]{2}(Z{1,3}|X{1,3})")


@lru_cache(maxsize=16_384)
def is_nuts(code: str) -> bool:
    """Tell whether a text has the form of a NUTS code; aggregates and extra-regio have not.

    Examples
    --------
    >>> [is_nuts(code) for code in ("DE733", "EL", "EEA", "EU27_2020", "ATZZZ", "de733")]
    [True, True, False, False, False, False]
    """
    return bool(_GRAMMAR.fullmatch(code)) and not _AGGREGATES.fullmatch(code) and not is_extra(code)


def is_extra(code: str) -> bool:
    """Tell whether a code is extra-regio: a country's people or output outside any region."""
    return bool(_EXTRA_REGIO.fullmatch(code))


def level(code: str) -> int:
    """Return the level (0-3) of a NUTS code.

    Raises
    ------
    UnknownCode
        The text is no NUTS code.

    Examples
    --------
    >>> level("DE73")
    2
    """
    if not isinstance(code, str) or not is_nuts(code):
        raise UnknownCode(
            f"{code!r} is no NUTS code: two capital letters of a country and up to three capital"
            " letters or digits are allowed (DE, DE7, DE73, DE733)."
        )
    return len(code) - 2


def parent(code: str) -> str | None:
    """Return the code one level up, or None for a country.

    Raises
    ------
    UnknownCode
        The text is no NUTS code.

    Examples
    --------
    >>> parent("DE733"), parent("DE")
    ('DE73', None)
    """
    return code[:-1] if level(code) else None


@dataclass(frozen=True)
class Fit:
    """Which vintage a country's codes belong to.

    Attributes
    ----------
    version : int or None
        The vintage, None where it cannot be told.
    status : str
        ``exact``: all codes of the vintage and no other; ``complete``: all codes and
        some of another vintage beside them, which can be left out; ``partial``: only
        codes of the vintage, not all; ``mixture``: codes of several vintages and none
        complete; ``unlisted``: no code list of this country.
    coverage : float
        Share of the vintage's codes that are present (0-1).
    surplus : tuple of str
        Codes that are not of the vintage.
    reason : str
        One sentence, for a user.
    """

    version: int | None
    status: str
    coverage: float
    surplus: tuple[str, ...]
    reason: str


def codes_by_country(
    lists: Mapping[int, Collection[str]],
) -> dict[tuple[str, int], dict[int, set[str]]]:
    """Return the codes of each country and level by vintage, from NUTS-3 lists.

    A vintage that lists no region of a country is left out of that country.
    """
    by_country: dict[tuple[str, int], dict[int, set[str]]] = {}
    for version, codes in lists.items():
        for code in codes:
            for at_level in range(4):
                by_version = by_country.setdefault((code[:2], at_level), {})
                by_version.setdefault(version, set()).add(code[: 2 + at_level])
    return by_country


def recognise(
    codes: Iterable[str], candidates: Mapping[int, Collection[str]], prefer: int | None = None
) -> Fit:
    """Tell which vintage the codes of one country, year and level belong to.

    Parameters
    ----------
    codes : iterable of str
        Codes that carry a value, without extra-regio.
    candidates : mapping of int to collection of str
        Each vintage's complete code list of that country and level.
    prefer : int, optional
        Vintage to report where several fit equally well; otherwise the newest.

    Returns
    -------
    Fit

    Examples
    --------
    >>> lists = {2021: ["NL337", "NL33C"], 2024: ["NL363", "NL366"]}
    >>> recognise(["NL337", "NL33C"], lists).reason
    'all 2 codes are of 2021'
    >>> recognise(["NL337", "NL366"], lists).status
    'mixture'
    """
    present = set(codes)
    if not candidates or not present:
        hints = {countries.hint(code[:2]) for code in present} - {""}
        text = "; ".join(["no code list of this country", *sorted(hints)])
        return Fit(None, "unlisted", 0.0, tuple(sorted(present)), text)
    order = sorted(candidates, key=lambda version: (version == prefer, version), reverse=True)
    sets = {v: c if isinstance(c := candidates[v], set) else set(c) for v in order}
    for version in order:
        if sets[version] == present:
            return Fit(version, "exact", 1.0, (), f"all {len(present)} codes are of {version}")
    complete = [version for version in order if sets[version] < present]
    if complete:
        # What is published in the preferred vintage needs no estimate; then the fewest left over.
        fits = {v: (v != prefer, len(present - sets[v])) for v in complete}
        version = min(complete, key=fits.__getitem__)
        surplus = tuple(sorted(present - sets[version]))
        text = f"complete in {version}; codes of another vintage left out: {', '.join(surplus)}"
        return Fit(version, "complete", 1.0, surplus, text)
    partial = [version for version in order if present < sets[version]]
    if partial:
        # Which codes lack a value says little about the vintage: the preferred one comes first.
        shares = {v: (v == prefer, len(present) / len(sets[v])) for v in partial}
        version = max(partial, key=shares.__getitem__)
        text = f"{len(present)} of {len(sets[version])} codes of {version}"
        return Fit(version, "partial", len(present) / len(sets[version]), (), text)
    return _mixture(present, sets)


def _mixture(present: set[str], sets: dict[int, set[str]]) -> Fit:
    nearest = max(sets, key=lambda version: len(present & sets[version]))
    strange = tuple(sorted(present - sets[nearest]))
    lacking = sorted(sets[nearest] - present)
    text = (
        f"a mixture of vintages: nearest is {nearest}, but {', '.join(strange[:8])} is not of it"
        f" and {', '.join(lacking[:8])} is missing"
    )
    return Fit(None, "mixture", len(present & sets[nearest]) / len(sets[nearest]), strange, text)
