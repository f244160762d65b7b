"""Distances between towns: their laws, golden values and what separates two towns."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.similar.lookalike import (
    METHODS,
    Settings,
    compare,
    distances,
    nearest,
    prepare,
    usual_nearest,
    winsorised,
)

PLAIN = Settings(
    winsor_low=0, winsor_high=1, shrinkage=0.1, alike=0.05, least_known=0.5, far_quantile=0.95
)
NUMBERS = st.lists(
    st.tuples(*[st.one_of(st.just(float("nan")), st.floats(-1e4, 1e4))] * 3),
    min_size=8,
    max_size=30,
)
CLASSES = st.sampled_from(["coast", "inland", None])


def space_of(rows, classes=None, chosen=PLAIN, scale=1.0, shift=0.0):
    table = np.array(rows, dtype=float) * scale + shift
    numbers = {f"n{c}": table[:, c] for c in range(table.shape[1])}
    return prepare(numbers, {"kind": classes or [None] * len(rows)}, chosen)


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=40, deadline=None)
@given(rows=NUMBERS, data=st.data())
def test_symmetric_and_zero_from_a_town_to_itself(method, rows, data):
    classes = data.draw(st.lists(CLASSES, min_size=len(rows), max_size=len(rows)))
    space = space_of(rows, classes)
    i, j = data.draw(st.tuples(*[st.integers(0, len(rows) - 1)] * 2))
    there, back = distances(space, i, method)[j], distances(space, j, method)[i]
    assert there == pytest.approx(back, rel=1e-5, abs=1e-6, nan_ok=True)
    own = distances(space, i, method)[i]
    assert np.isnan(own) or own == 0
    if method != "mahalanobis" and np.isfinite(there):
        assert 0 <= there <= 1


@pytest.mark.parametrize("method", METHODS)
def test_units_do_not_matter(method):
    rng = np.random.default_rng(7)
    rows = rng.normal(50, 10, (200, 3))
    one = distances(space_of(rows), 3, method)
    other = distances(space_of(rows, scale=1000.0, shift=-400.0), 3, method)
    assert np.allclose(one, other, rtol=1e-3, atol=1e-5)


def test_gower_by_hand():
    space = prepare(
        {"people": np.array([0.0, 10.0, 5.0, 2.0])},
        {"coast": ["yes", "no", "yes", None]},
        PLAIN,
    )
    # Town 0: to 1 (1 + 1)/2, to 2 (0.5 + 0)/2, to 3 only the number is known by both.
    assert distances(space, 0) == pytest.approx([0, 1, 0.25, 0.2])
    weighted = distances(space, 0, weights={"people": 3.0})
    assert weighted == pytest.approx([0, 1, 3 * 0.5 / 4, 0.2])


def test_too_little_known_cannot_be_compared():
    space = prepare(
        {
            "a": np.array([0.0, 1.0, 2.0, 3.0]),
            "b": np.array([0.0, 1.0, np.nan, 3.0]),
            "c": np.array([0.0, 1.0, np.nan, 3.0]),
        },
        {},
        PLAIN,
    )
    assert np.isnan(distances(space, 0)[2])
    assert np.isnan(distances(space, 0, "mahalanobis")).all()  # three complete cases are too few


def test_mahalanobis_without_shrinkage_is_the_textbook_value():
    rng = np.random.default_rng(1)
    rows = rng.multivariate_normal([0, 0], [[1, 0.8], [0.8, 2]], 500)
    chosen = Settings(0, 1, 0.0, 0.05, 0.5, 0.95)
    space = prepare({"a": rows[:, 0], "b": rows[:, 1]}, {}, chosen)
    inverse = np.linalg.inv(np.cov(rows, rowvar=False))
    gap = rows[9] - rows[4]
    assert distances(space, 4, "mahalanobis")[9] == pytest.approx(
        np.sqrt(gap @ inverse @ gap), rel=1e-3
    )


def test_mahalanobis_takes_a_column_that_never_varies_or_repeats_another():
    rng = np.random.default_rng(2)
    a = rng.normal(size=100)
    chosen = Settings(0, 1, 0.0, 0.05, 0.5, 0.95)
    space = prepare({"a": a, "same": 2 * a, "constant": np.ones(100)}, {}, chosen)
    found = distances(space, 0, "mahalanobis")
    assert np.isfinite(found).all()
    assert np.argsort(found)[1] == np.argsort(np.abs(a - a[0]))[1]


def test_an_extreme_value_does_not_press_the_rest_together():
    values = np.r_[np.linspace(0, 1, 200), 1e9]
    assert np.median(winsorised(values, 0.01, 0.99)) == pytest.approx(0.5, abs=0.02)
    assert winsorised(values, 0, 1)[:200].max() < 1e-6
    assert winsorised(np.ones(10), 0.01, 0.99).tolist() == [0.0] * 10
    assert np.isnan(winsorised(np.array([1.0, np.nan]), 0.01, 0.99)).all()


def test_ranks_are_robust():
    space = prepare({"a": np.array([1.0, 2.0, 3.0, 1e9])}, {}, PLAIN)
    assert distances(space, 2, "ranks") == pytest.approx([0.5, 0.25, 0, 0.25])


def test_nearest_leaves_itself_and_the_excluded_out():
    found = np.array([0.0, 0.2, np.nan, 0.1, 0.1, 0.9])
    assert nearest(found.copy(), 0, None, 3).tolist() == [3, 4, 1]
    allowed = np.array([True, True, True, False, True, True])
    assert nearest(found.copy(), 0, allowed, 9).tolist() == [4, 1, 5]


def test_what_separates_and_what_is_shared():
    numbers = {
        "people": np.array([0.0, 0.2, 1.0]),
        "height": np.array([0.0, 0.9, 1.0]),
        "same": np.array([0.5, 0.5, 0.0]),
        "slight": np.array([0.0, 0.01, 1.0]),
    }
    space = prepare(numbers, {"coast": ["yes", "no", "no"], "gap": ["x", None, "y"]}, PLAIN)
    shared, apart = compare(space, 0, 1)
    assert apart == ["coast", "height", "people"]
    assert shared == ["same", "slight"]
    assert compare(space, 0, 1, {"coast": 0.0, "people": 9.0})[1] == ["people", "height", "slight"]


@pytest.mark.parametrize("weights", [{"wrong": 1.0}, {"n0": -1.0}, {"n0": float("nan")}])
def test_wrong_weights_are_refused(weights):
    with pytest.raises(ValueError, match="weights"):
        distances(space_of([[1, 2, 3]] * 5), 0, weights=weights)


def test_unknown_method_is_refused():
    with pytest.raises(ValueError, match="allowed are"):
        distances(space_of([[1, 2, 3]] * 5), 0, "euclid")


def test_an_outlier_lies_beyond_what_is_usual():
    rng = np.random.default_rng(3)
    rows = np.r_[rng.normal(0, 1, (300, 3)), [[40, 40, 40]]]
    space = prepare({f"n{c}": rows[:, c] for c in range(3)}, {}, PLAIN)
    usual = usual_nearest(space)
    away = distances(space, 300)
    assert away[nearest(away, 300, None, 1)[0]] > usual
