"""Causes with moved thresholds and towns like one, as the API answers them."""

from __future__ import annotations

from pathlib import Path

import pytest

import hinterland as hl


def test_nothing_moved_is_the_mart(home: Path) -> None:
    mine = hl.demography(level=2, country=["AT", "EL"])
    mart = hl.table("region_demography", nuts_version=2021, level=2, country=["AT", "EL"])
    assert mine.equals(mart[mine.columns].sort_values("nuts_id", ignore_index=True))
    assert "geometry" not in mine


def test_a_moved_bound_decides_the_class(home: Path) -> None:
    columns = ["nuts_id", "annual_change_pct", "shrinking_class"]
    moved = {"shrinking_moderate_annual_pct": -0.2, "shrinking_severe_annual_pct": -0.4}
    table = hl.demography(moved=moved, columns=columns).dropna()
    rates = table.groupby("shrinking_class")["annual_change_pct"]
    assert rates.max()["severe"] < -0.4 <= rates.min()["moderate"]
    assert rates.max()["moderate"] < -0.2 <= rates.min()["modest"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"moved": {"nothing": 1.0}}, "threshold 'nothing' cannot be moved; allowed are"),
        ({"moved": {"shrinking_moderate_annual_pct": -2.0}}, "shrinking_"),
        ({"country": "XX"}, "country is 'XX'"),
        ({"columns": ["webb"]}, "webb"),
        ({"level": 7}, "level is 7"),
    ],
)
def test_what_there_is_not_is_refused(home: Path, given: dict[str, object], said: str) -> None:
    with pytest.raises(hl.HinterlandError, match=said):
        hl.demography(**given)  # type: ignore[arg-type]


def test_towns_abroad_and_cases_are_what_they_say(home: Path) -> None:
    bebra = 2951793
    abroad = hl.alike(bebra, 4, abroad=True)
    assert len(abroad) == 4
    assert "Germany" not in set(abroad["country_name"])
    assert abroad["distance"].is_monotonic_increasing
    cases = hl.alike(bebra, 3, cases=True)
    assert set(cases["geonameid"]) <= set(hl.table("case_studies")["geonameid"].dropna())
    # The same distance in both directions.
    back = hl.alike(int(cases["geonameid"][0]), 30, cases=True).set_index("geonameid")
    assert back["distance"][bebra] == pytest.approx(cases["distance"][0], abs=1e-6)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((1,), "there is no settlement with the GeoNames id '1'"),
        ((2951793, 0), "number is 0; 1 and more is allowed"),
    ],
)
def test_no_town_and_no_number_are_refused(home: Path, given: tuple[int, ...], said: str) -> None:
    with pytest.raises(hl.HinterlandError, match=said):
        hl.alike(*given)


def test_a_method_and_a_weight_that_there_are_not_are_refused(home: Path) -> None:
    with pytest.raises(hl.HinterlandError, match="method is 'nearest', allowed are"):
        hl.alike(2951793, method="nearest")
    with pytest.raises(hl.HinterlandError, match="weights"):
        hl.alike(2951793, weights={"rain": 1.0})
