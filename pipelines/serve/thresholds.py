"""The published thresholds: the one place of ``serve`` that reads them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import pandas as pd

from pipelines.core.errors import InputError
from pipelines.core.thresholds import Thresholds
from pipelines.serve.store import Store


def thresholds(store: Store) -> Thresholds:
    """Return the published value of every threshold by name."""
    return Thresholds.of_table(store.arrow("select name, value from marts.thresholds"))


def threshold_table(store: Store) -> pd.DataFrame:
    """Return every threshold with unit, label, source and evidence, by name."""
    return store.frame("select * from marts.thresholds order by name")


def threshold_facts(store: Store, names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return value, unit, label, source and evidence of some thresholds, by name."""
    rows = store.arrow(
        "select * from marts.thresholds where name in (select unnest(?))", [list(names)]
    ).to_pylist()
    return {row["name"]: row for row in rows}


def refuse_disorder(store: Store, moved: Iterable[tuple[str, float]]) -> None:
    """Refuse a user's values that break the order in which thresholds make sense.

    Parameters
    ----------
    store
        The published database, whose ``marts.thresholds`` states the order.
    moved : iterable of (str, float)
        Names and values that the user chose; all others keep the published value.

    Raises
    ------
    InputError
        A value is no number, or is not below that of a threshold that must be higher.
    """
    chosen = dict(moved)
    if not chosen:
        return
    rows = store.arrow("select name, label, value, must_stay_below from marts.thresholds")
    labels = {row["name"]: row["label"] for row in rows.to_pylist()}
    values = {row["name"]: row["value"] for row in rows.to_pylist()} | chosen
    for name, value in chosen.items():
        if not math.isfinite(value):
            raise InputError(f"threshold '{name}' is {value}; a finite number is allowed")
    for row in rows.to_pylist():
        lower = row["name"]
        for upper in row["must_stay_below"] or ():
            if {lower, upper} & chosen.keys() and not values[lower] < values[upper]:
                raise InputError(
                    f"threshold '{lower}' ({labels[lower]}) is {values[lower]:g}; it must be below "
                    f"'{upper}' ({labels[upper]}), which is {values[upper]:g}"
                )
