"""Text that a spreadsheet would run as a formula is disarmed; numbers stay numbers."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.io.guard import guard_text, is_formula


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-cmd", "@SUM", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "＋1", "\0="]
)
def test_formulas_are_known(text: str) -> None:
    assert is_formula(text)


@pytest.mark.parametrize("text", ["Bebra", "L'Aquila", "1-2", "", "’s-Gravenhage", None, -1.5])
def test_names_are_not_formulas(text: object) -> None:
    assert not is_formula(text)


@given(st.text())
def test_a_guarded_text_is_never_a_formula_and_nothing_else_changes(text: str) -> None:
    (guarded,) = guard_text(pd.DataFrame({"t": pd.array([text], "string")}))["t"]
    assert not is_formula(guarded)
    assert guarded in (text, "'" + text)


def test_numbers_and_headers() -> None:
    frame = guard_text(pd.DataFrame({"=h": [-1.5, 2.0], "t": ["-x", None]}))
    assert list(frame.columns) == ["'=h", "t"]
    assert frame["'=h"].tolist() == [-1.5, 2.0]
    assert frame["t"][0] == "'-x"
    assert pd.isna(frame["t"][1])
