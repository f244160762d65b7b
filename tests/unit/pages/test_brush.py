"""Several regions at once: marks of map, table and chart, and values shown alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import streamlit as st

from pages._ui import brush
from pages._ui.selection import MOST_MARKED, Picker

PICKER = Picker("region", "regions", map="m", table="t", marks="marked")


@pytest.fixture(autouse=True)
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    state: dict[str, object] = {"several": True}
    monkeypatch.setattr(st, "session_state", state)
    return state


def click(session: dict[str, object], *codes: str) -> None:
    objects = [{"properties": {"id": code}} for code in codes]
    session["m"] = {"selection": {"objects": {"regions": objects}}}
    PICKER._take_click()


def rows(session: dict[str, object], ids: list[str], *chosen: int) -> None:
    session["t"] = {"selection": {"rows": list(chosen)}}
    PICKER.of_rows(ids)["on_select"]()


def test_a_second_click_ends_a_mark(session: dict[str, object]) -> None:
    click(session, "DE733")
    click(session, "DE733", "ITI31")
    assert PICKER.marked == ["DE733", "ITI31"]
    assert PICKER.value == "ITI31"
    click(session, "ITI31")
    assert PICKER.marked == ["ITI31"]


def test_a_click_ends_a_mark_of_the_table(session: dict[str, object]) -> None:
    rows(session, ["DE733", "ITI31"], 0, 1)
    click(session, "DE733")
    assert PICKER.marked == ["ITI31"]


def test_a_page_of_the_table_leaves_the_marks_of_another(session: dict[str, object]) -> None:
    rows(session, ["DE733", "ITI31"], 0)
    rows(session, ["BG311", "BG312"], 1)
    assert PICKER.marked == ["DE733", "BG312"]
    rows(session, ["BG311", "BG312"])
    assert PICKER.marked == ["DE733"]


def test_marks_of_an_address_are_codes_and_not_too_many(session: dict[str, object]) -> None:
    session["marked"] = "de733, <b>;BG311 DE733 " + " ".join(f"FR{i:03}" for i in range(100))
    assert PICKER.marked[:2] == ["DE733", "BG311"]
    assert len(PICKER.marked) == MOST_MARKED
    session["several"] = False
    assert PICKER.marked == []


def test_both_ends_of_a_span_belong_to_it() -> None:
    values = pd.Series([1.0, 2.0, None, 3.0, 4.0])
    assert brush.within(values, None, (2.0, 3.0)).tolist() == [1, 3]
    assert brush.within(values, np.array([0, 3]), (2.0, 3.0)).tolist() == [3]
    assert brush.within(values, None, None) is None


def test_what_was_drawn_over_is_read_and_its_end_too() -> None:
    assert brush._ends({"selection": {"brush": {"from": [3.0, -1.0]}}}) == (-1.0, 3.0)
    assert brush._ends({"selection": {"brush": {}}}) == ()
    assert brush._ends({"selection": {}}) is None
