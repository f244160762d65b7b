"""The thresholds as a model gets them: the table ``seeds.thresholds`` as a mapping."""

from __future__ import annotations

import pyarrow as pa


def thresholds_of(table: pa.Table) -> dict[str, float]:
    """Return ``name`` to ``value``, units as the seed states them."""
    return dict(zip(table["name"].to_pylist(), table["value"].to_pylist(), strict=True))
