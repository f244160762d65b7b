"""In words: which population the database shows, of which years, and how far it reaches."""

from __future__ import annotations

from typing import Any

import pandas as pd

from pages._ui import state
from pipelines.serve import queries
from pipelines.serve.store import Store


def is_series(basis: dict[str, Any]) -> bool:
    """Tell whether the figures are Eurostat's of 1 January, not those of the censuses."""
    return basis["population_source"].startswith("Eurostat")


def kind(basis: dict[str, Any]) -> str:
    """Return the word that stands before the years."""
    return "Eurostat, 1 January" if is_series(basis) else "census"


def long_words(basis: dict[str, Any]) -> str:
    """Return source and years as part of a sentence."""
    first, last = basis["year_start"], basis["year_end"]
    if is_series(basis):
        return f"Eurostat's figures of 1 January {first} and {last} (demo_r_pjanaggr3 / pjangrp3)"
    return f"censuses of {first} and {last} (JRC)"


def doubts(basis: dict[str, Any]) -> str:
    """Return what to know of the series' figures, or nothing for the censuses."""
    if not is_series(basis):
        return ""
    return (
        f"In {basis['with_break']:,} of the {basis['regions']:,} regions the series has a break "
        f"between the two years, so that the change holds a revision; figures of "
        f"{basis['converted']:,} were brought from another NUTS vintage."
    )


def region_doubts(row: dict[str, Any]) -> str:
    """Return the flags of one region's figures in words, or nothing."""
    notes = []
    if row["population_has_break"]:
        notes.append("The series has a break between the two years: the change holds a revision.")
    if row["population_is_converted"]:
        notes.append("Brought from another NUTS vintage.")
    if row["population_flags"]:
        notes.append(f"Eurostat's flags: {', '.join(row['population_flags'])}.")
    return " ".join(notes)


def without_total(store: Store) -> str:
    """Return a sentence on the countries of which only a part is known."""
    table: pd.DataFrame = state.ask(store, queries.partly_known_countries)
    parts = [
        f"{row.country_name} ({row.regions_known} of {row.regions_total} NUTS-3 regions)"
        for row in table.itertuples(index=False)
    ]
    return f"No total here: {', '.join(parts)}." if parts else "Every country with figures has one."
