"""What is known of the NUTS vintages, kept for one table after the other.

Crosswalks and code lists are the same for all tables of a build; what is worked out
from them once, steps and codes by country, serves every measure and target.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.nuts import codes as nuts
from pipelines.nuts import convert as nuts_convert

#: (country, level, year)
Key = tuple[str, int, int]
Present = Mapping[Key, Collection[str]]


class Vintages:
    """Crosswalks and code lists of all vintages.

    Parameters
    ----------
    crosswalks : pyarrow.Table
        All steps, in the directions that are wanted.
    lists : mapping
        Each vintage's NUTS-3 codes (`nuts_convert.code_lists`).

    Attributes
    ----------
    codes : dict
        (country, level) → vintage → codes.
    pairs : set of (int, int)
        Vintages that a crosswalk joins.
    step : callable
        `nuts_convert.build_step` without its first argument; each step is built once.
    """

    def __init__(self, crosswalks: pa.Table, lists: Mapping[int, Collection[str]]) -> None:
        self.codes = nuts.codes_by_country(lists)
        self.pairs = nuts_convert.pairs_of(crosswalks)
        self.step = functools.cache(partial(nuts_convert.build_step, crosswalks))

    def recognise(self, present: Present, prefer: int | None = None) -> dict[Key, nuts.Fit]:
        """Recognise the vintage of each country, level and year.

        Parameters
        ----------
        present : mapping
            See `present_codes`.
        prefer : int, optional
            Vintage to take where several fit.
        """
        return {
            key: nuts.recognise(codes, self.codes.get(key[:2], {}), prefer)
            for key, codes in present.items()
        }


def present_codes(table: pa.Table) -> Present:
    """Return the codes that carry a value, by country, level and year, in that order.

    Parameters
    ----------
    table : pyarrow.Table
        ``geo``, ``time_period`` and ``obs_value``; only rows with a value count.
    """
    known = table.filter(pc.is_valid(table["obs_value"])).select(["geo", "time_period"])
    pairs = known.group_by(["geo", "time_period"]).aggregate([])
    present: dict[Key, set[str]] = {}
    for code, year in zip(pairs["geo"].to_pylist(), pairs["time_period"].to_pylist(), strict=True):
        if nuts.is_nuts(code):
            present.setdefault((code[:2], len(code) - 2, year), set()).add(code)
    return dict(sorted(present.items()))
