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
    if not (chosen := dict(moved)):
        return
    for name, value in chosen.items():
        if not math.isfinite(value):
            raise InputError(f"threshold '{name}' is {value}; a finite number is allowed")
    for lower, upper in disorder(store, chosen.items()):
        facts = threshold_facts(store, (lower, upper))
        low, high = (chosen.get(name, facts[name]["value"]) for name in (lower, upper))
        raise InputError(
            f"threshold '{lower}' ({facts[lower]['label']}) is {low:g}; it must be below "
            f"'{upper}' ({facts[upper]['label']}), which is {high:g}"
        )


def disorder(store: Store, moved: Iterable[tuple[str, float]]) -> list[tuple[str, str]]:
    """Return the pairs of thresholds whose order a user's values break: the lower one first."""
    chosen = dict(moved)
    if not chosen:
        return []
    values, orders = store.memo(("threshold_orders",), lambda: _orders(store))
    now = {**values, **chosen}
    return [
        (lower, upper)
        for lower, upper in orders
        if {lower, upper} & chosen.keys() and not now[lower] < now[upper]
    ]


def _orders(store: Store) -> tuple[dict[str, float], list[tuple[str, str]]]:
    rows = store.arrow("select name, value, must_stay_below from marts.thresholds").to_pylist()
    pairs = [(row["name"], upper) for row in rows for upper in row["must_stay_below"] or ()]
    return {row["name"]: row["value"] for row in rows}, pairs
