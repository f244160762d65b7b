"""A user's thresholds that make no sense beside the others."""

from __future__ import annotations

import pytest

from pipelines.core.errors import InputError
from pipelines.serve import demography, travel_queries
from pipelines.serve.shrinking_filter import ShrinkingFilter
from pipelines.serve.store import Store


@pytest.mark.parametrize(
    ("moved", "message"),
    [
        (
            {"shrinking_moderate_annual_pct": -2.0},
            "'shrinking_severe_annual_pct' .* is -1; it must be below "
            "'shrinking_moderate_annual_pct' .* which is -2",
        ),
        (
            {"cause_legacy_max_share": 0.9, "cause_active_min_share": 0.5},
            "'cause_legacy_max_share' .* is 0.9; it must be below 'cause_active_min_share' .* 0.5",
        ),
        ({"shrinking_severe_annual_pct": float("nan")}, "is nan; a finite number is allowed"),
    ],
)
def test_values_out_of_order_are_refused(
    store: Store, moved: dict[str, float], message: str
) -> None:
    chosen = ShrinkingFilter(moved=tuple(moved.items()))
    with pytest.raises(InputError, match=message):
        demography.regions(store, chosen)


def test_two_that_are_moved_together_are_judged_together(store: Store) -> None:
    # -2 alone is below the severe -1; with severe at -3 it is in order again.
    moved = (("shrinking_moderate_annual_pct", -2.0), ("shrinking_severe_annual_pct", -3.0))
    assert len(demography.regions(store, ShrinkingFilter(moved=moved))) > 1000


def test_limits_of_remoteness_rise(store: Store) -> None:
    with pytest.raises(InputError, match=r"remoteness_snai_belt_2020_min.* is 50; it must be"):
        travel_queries.remoteness_classes(store, "minutes_to_city", (50.0, 40.0, 60.0))
