"""The draws of docs/supply_error.py, on two places and one site by hand."""

from __future__ import annotations

import csv
from types import ModuleType

import numpy as np
import pytest

from pipelines.reach.access import ReachConstants
from tests.docs.loaded import program
from tests.where import ROOT


@pytest.fixture(scope="module")
def made() -> ModuleType:
    return program("supply_error")


@pytest.fixture(scope="module")
def limits() -> ReachConstants:
    with (ROOT / "sql/seeds/thresholds.csv").open(encoding="utf-8") as file:
        rows = {row["name"]: float(row["value"]) for row in csv.DictReader(file)}
    return ReachConstants.from_thresholds(rows)


def test_a_wide_range_is_that_of_its_draws(made: ModuleType) -> None:
    """Draws 0, 1, ... 100 of a score of 50: 5 to 95 is 90, 1.8 of the score; 0 has no width."""
    draws = np.repeat(np.arange(101.0)[:, None], 2, axis=1)
    assert made.widths(np.array([50.0, 0.0]), draws) == pytest.approx([1.8])


def test_a_site_is_shared_out_and_averaged_by_hand(
    made: ModuleType, limits: ReachConstants
) -> None:
    """100 people at 10 minutes, 1 000 at 30: R = 1 / (100 + 220), and 1 / 1 100 in the mean.

    A minute more, and the thousand are out: the hundred have it all, 1 / 100.
    """
    near = made.Catchments(
        origin=np.array([0, 1]),
        site=np.array([0, 0]),
        minutes=np.array([10.0, 30.0]),
        error=np.zeros(2),
        people=np.array([100.0, 1000.0]),
        capacity=np.ones(1),
        inside=np.array([0, 1]),
        region=np.array([0, 0]),
    )
    score = made.scores(near, near.minutes, limits)["e2sfca"]
    assert score == pytest.approx([1 / 320, 0.22 / 320])
    assert made.by_region(near, score) == pytest.approx([1 / 1100])
    later = made.scores(near, near.minutes + np.array([0.0, 1.0]), limits)["e2sfca"]
    assert later == pytest.approx([1 / 100, 0])
    # Without an error each draw is the score itself.
    assert made.drawn(near, limits)["e2sfca", "place"] == pytest.approx(np.tile(score, (100, 1)))
