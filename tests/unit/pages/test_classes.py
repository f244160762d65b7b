"""Classes of a map: every item gets one digit, bounds are closed above."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages._ui.classes import classify, numeric_breaks
from pages._ui.maps import colour_expression, view_of
from pages._ui.measures import METHODS, REGION_MEASURES

CHANGE = REGION_MEASURES["change_pct"]
FIXED = [-10, -5, -1, 1, 5, 10]


def test_a_class_includes_its_upper_bound() -> None:
    values = pd.Series([-10.0, -9.99, -1.0, 1.0, 1.01, 10.0, 10.01, None])
    classes = classify(values, None, CHANGE, "fixed", FIXED)
    assert classes.codes == "".join(map(str, [0, 1, 2, 3, 4, 5, 6, 7]))
    assert classes.labels[0] == "up to -10.0"
    assert classes.labels[-1] == "above +10.0"


def test_counts_are_of_the_selection_and_the_rest_is_said() -> None:
    values = pd.Series([-20.0, 0.0, None, 20.0])
    classes = classify(values, [0, 2], CHANGE, "fixed", FIXED)
    assert classes.codes == "0878"
    assert classes.counts == (1, 0, 0, 0, 0, 0, 0, 1)
    assert classes.unselected == 2


def test_categories_keep_their_colours_whatever_is_selected() -> None:
    trend = REGION_MEASURES["trend"]
    values = pd.Series(["growing", None, "shrinking"], dtype="string")
    classes = classify(values, None, trend, "fixed", [])
    assert classes.codes == "230"
    assert classes.colours == trend.colours


@given(
    st.lists(st.one_of(st.none(), st.floats(-50, 50)), min_size=2, max_size=60).filter(
        lambda v: sum(x is not None for x in v) > 1
    ),
    st.sampled_from(sorted(METHODS)),
)
def test_classes_partition_the_items(values: list, method: str) -> None:
    classes = classify(pd.Series(values, dtype=float), None, CHANGE, method, FIXED)
    assert len(classes.codes) == len(values)
    assert sum(classes.counts) == len(values)
    assert classes.counts[-1] == sum(v is None for v in values)
    assert list(classes.bounds) == sorted(classes.bounds)
    assert len(classes.labels) == len(classes.colours) == len(classes.bounds) + 1


def test_one_missing_value_does_not_spoil_the_breaks() -> None:
    known = np.arange(100.0)
    assert numeric_breaks(known, "quantiles", [], 5) == pytest.approx([19.8, 39.6, 59.4, 79.2])


def test_the_expression_holds_digits_and_colours_only() -> None:
    classes = classify(pd.Series([-20.0, None]), None, CHANGE, "fixed", FIXED)
    text = colour_expression(classes)
    assert text.startswith("@@=([[179, 88, 6],")
    assert text.endswith("])[('07')[properties.i]]")


@given(st.floats(0, 5000), st.floats(0, 5000), st.floats(1, 3000), st.floats(1, 3000))
def test_a_view_shows_the_whole_box(x: float, y: float, width: float, height: float) -> None:
    view = view_of([x, y, x + width, y + height])
    shown = 760 / 2 ** view["zoom"]
    assert shown >= width or view["zoom"] == 3.0
