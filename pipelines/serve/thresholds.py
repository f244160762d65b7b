"""The published thresholds: the one place of ``serve`` that reads them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

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
