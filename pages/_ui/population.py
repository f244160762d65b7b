"""In words: which population the database shows, of which years, and how far it reaches."""

from __future__ import annotations

from typing import Any

import pandas as pd

from pages._ui import state
from pages._ui.texts import _
from pipelines.serve import queries
from pipelines.serve.store import Store


def is_series(basis: dict[str, Any]) -> bool:
    """Tell whether the figures are Eurostat's of 1 January, not those of the censuses."""
    return queries.CENSUS not in basis["sources"]


def kind(basis: dict[str, Any]) -> str:
    """Return the word that stands before the years."""
    return _("Eurostat, 1 January") if is_series(basis) else _("census")


def long_words(basis: dict[str, Any]) -> str:
    """Return source and years as part of a sentence."""
    text = (
        _("Eurostat's figures of 1 January {first} and {last} (demo_r_pjanaggr3 / pjangrp3)")
        if is_series(basis)
        else _("censuses of {first} and {last} (JRC)")
    )
    return text.format(first=basis["year_start"], last=basis["year_end"])


def the_words(basis: dict[str, Any]) -> str:
    """Return source and years as the object of a sentence."""
    words = long_words(basis)
    return words if is_series(basis) else _("the {censuses}").format(censuses=words)


def doubts(basis: dict[str, Any]) -> str:
    """Return what to know of the series' figures, or nothing for the censuses."""
    if not is_series(basis):
        return ""
    return _(
        "In {breaks} of the {regions} regions the series has a break between the two years, so "
        "that the change holds a revision; figures of {converted} were brought from another NUTS "
        "vintage."
    ).format(
        breaks=f"{basis['with_break']:,}",
        regions=f"{basis['regions']:,}",
        converted=f"{basis['converted']:,}",
    )


def region_doubts(row: dict[str, Any]) -> str:
    """Return the flags of one region's figures in words, or nothing."""
    notes = []
    if row["population_has_break"]:
        notes.append(
            _("The series has a break between the two years: the change holds a revision.")
        )
    if row["population_is_converted"]:
        notes.append(_("Brought from another NUTS vintage."))
    if row["population_flags"]:
        flags = ", ".join(row["population_flags"])
        notes.append(_("Eurostat's flags: {flags}.").format(flags=flags))
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
