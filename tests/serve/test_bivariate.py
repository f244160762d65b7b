"""Two measures on one map: classes by hand, colours that are told apart."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from pipelines.serve import bivariate
from pipelines.serve.palettes import NO_DATA, UNSELECTED

# Machado, Oliveira and Fernandes 2009, severity 1: what is seen of linear red, green and blue.
VISION = {
    "normal": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def test_thirds_and_classes_by_hand() -> None:
    """Of 1 to 7 a third lies up to 3, two thirds up to 5; the bounds belong to the lower class."""
    values = np.array([1.0, 2, 3, 4, 5, 6, 7, np.nan])
    assert bivariate.thirds(values) == (3.0, 5.0)
    places = bivariate.classes(values, values[::-1].copy(), (3.0, 5.0), (3.0, 5.0))
    # The first is 1 and the second is not known; then 2 with 7: low and high.
    assert places.tolist() == [-1, 6, 6, 4, 4, 2, 2, -1]
    assert [bivariate.word(p) for p in (6, 4, 2)] == ["low-high", "middle-middle", "high-low"]


def test_equal_values_can_leave_a_third_empty_and_none_has_no_thirds() -> None:
    assert bivariate.thirds(np.array([0.0, 0, 0, 0, 9])) == (0.0, 0.0)
    places = bivariate.classes(np.array([0.0, 9.0]), np.array([0.0, 9.0]), (0.0, 0.0), (0.0, 0.0))
    assert places.tolist() == [0, 8]
    assert np.isnan(bivariate.thirds(np.array([np.nan]))).all()


def lab(colours: list[str], vision: str) -> np.ndarray:
    """Return CIE L*a*b* of colours as they are seen, shape (n, 3)."""
    rgb = np.array([[int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)] for c in colours])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ np.array(VISION[vision]).T, 0, 1)
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = seen @ np.array(to_xyz).T / [0.9505, 1, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.stack(
        [116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], axis=1
    )


@pytest.mark.parametrize("vision", VISION)
def test_colours_are_told_apart_with_any_vision(vision: str) -> None:
    """A difference of 2.3 is just seen; fields side by side are told apart from about 5."""
    seen = lab([*bivariate.COLOURS, NO_DATA, UNSELECTED], vision)
    pairs = itertools.combinations(range(9), 2)
    apart = min(float(np.linalg.norm(seen[i] - seen[j])) for i, j in pairs)
    assert apart > (5 if vision == "tritanopia" else 15)
    for other in (9, 10):
        assert min(np.linalg.norm(seen[:9] - seen[other], axis=1)) > 5
