"""In words: which population the database shows, of which years, and how far it reaches."""

from __future__ import annotations

from typing import Any

import pandas as pd

from pages._ui import state
from pages._ui.texts import _
from pipelines.serve import queries
from pipelines.serve.store import Store


def kind(basis: dict[str, Any]) -> str:
    """Return the word that stands before the years."""
    return _("census, else Eurostat's series") if basis["by_series"] else _("census")


def long_words(basis: dict[str, Any]) -> str:
    """Return sources and years as the object of a sentence."""
    text = (
        _(
            "the censuses of {first} and {last} (JRC), and in {n} regions without them Eurostat's "
            "series of the same years"
        )
        if basis["by_series"]
        else _("the censuses of {first} and {last} (JRC)")
    )
    return text.format(first=basis["year_start"], last=basis["year_end"], n=basis["by_series"])


def doubts(basis: dict[str, Any]) -> str:
    """Return what to know of the figures of the series, or nothing for the censuses alone."""
    notes = []
    if basis["by_series"]:
        notes.append(
            _(
                "Of these, {breaks} have a break between the two years, so that the change holds "
                "a revision."
            ).format(breaks=f"{basis['with_break']:,}")
        )
    if basis["two_answers"]:
        notes.append(
            _(
                "In {n} regions census and series disagree by more than 3 points: registers were "
                "not all revised; their profiles show both."
            ).format(n=f"{basis['two_answers']:,}")
        )
    return " ".join(notes)


def without_total(store: Store) -> str:
    """Return a sentence on the countries of which only a part is known."""
    table: pd.DataFrame = state.ask(store, queries.partly_known_countries)
    part = _("{country} ({known} of {total} NUTS-3 regions)")
    parts = [
        part.format(
            country=_(str(row.country_name)), known=row.regions_known, total=row.regions_total
        )
        for row in table.itertuples(index=False)
    ]
    if not parts:
        return _("Every country with figures has one.")
    return _("No total here: {countries}.").format(countries=", ".join(parts))
