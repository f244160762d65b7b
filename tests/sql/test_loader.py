"""The loader of model cases says what is wrong with a case, and fails where rows differ."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sql.loader import CaseError, all_cases, check, parse_rows, read_cases

TREND = """
[[case]]
name = "a case"
source = "nowhere"
{extra}
expect = '''
{expect}
'''
[case.given]
"{table}" = '''
{given}
'''
"""


def run_one(
    folder: Path,
    expect: str = "nuts_id | trend\nAT111 | stable",
    given: str = "nuts_id | annual_change_pct\nAT111 | 0",
    table: str = "indicators.ind_region__change",
    extra: str = "",
) -> None:
    path = folder / "typ_region__trend.toml"
    path.write_text(TREND.format(expect=expect, given=given, table=table, extra=extra), "utf-8")
    (case,) = read_cases(path)
    check(case)


def test_rows_are_read_from_text() -> None:
    rows = parse_rows("a | b | c\n\n1..3 | NULL | x y  # why\n", "here")
    assert rows.columns == ["a", "b", "c"]
    assert rows.rows == [("1", None, "x y"), ("2", None, "x y"), ("3", None, "x y")]


def test_a_right_case_passes(tmp_path: Path) -> None:
    run_one(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"expect": "nuts_id | trend\nAT111 | growing"},
            r"- AT111 \| growing\n\+ AT111 \| stable",
        ),
        ({"expect": "nuts_id | trend\nAT111 | NULL"}, r"- AT111 \| NULL\n\+ AT111 \| stable"),
        ({"expect": "nuts_id | trend"}, r"\+ AT111 \| stable"),
        (
            {"expect": "nuts_id | trend\nAT111 | stable\nAT111 | stable"},
            r"- AT111 \| stable",
        ),
        ({"expect": "nuts_id | trends\nAT111 | stable"}, r"has no column \['trends'\]"),
        ({"expect": "nuts_id | trend\nAT111"}, "1 cells, not 2"),
        ({"given": "nuts_id | change\nAT111 | 0"}, "change"),
        ({"given": "nuts_id | annual_change_pct\nAT111 | zero"}, "zero"),
        ({"table": "indicators.ind_region__chance"}, r"is not made from \['indicators.ind_region_"),
        ({"extra": "thresholds = { trend_stable = 1 }"}, "no threshold is called 'trend_stable'"),
        ({"extra": "expected = 1"}, r"unknown keys \['expected'\]"),
    ],
)
def test_a_wrong_case_says_why(tmp_path: Path, change: dict[str, str], message: str) -> None:
    with pytest.raises(CaseError, match=message):
        run_one(tmp_path, **change)


@pytest.mark.parametrize(
    ("expected", "is_met"),
    [("~0.10", True), ("~0.11", False), ("~0.0996", True), ("~0.0997", False), ("0.0996", False)],
)
def test_floats_are_met_exactly_or_as_they_are_rounded(
    tmp_path: Path, expected: str, is_met: bool
) -> None:
    """1 000 to 1 010 people in ten years are 0.09955 % a year."""
    path = tmp_path / "ind_region__change.toml"
    given = (
        "nuts_id | population_start | population_end | year_start | year_end\n"
        "A | 1000 | 1010 | 2011 | 2021"
    )
    path.write_text(
        TREND.format(
            expect=f"annual_change_pct\n{expected}",
            given=given,
            table="indicators.ind_region__population",
            extra="",
        ),
        "utf-8",
    )
    (case,) = read_cases(path)
    if is_met:
        check(case)
    else:
        with pytest.raises(CaseError, match=r"0\.0995"):
            check(case)


def test_every_case_states_its_source_and_names_are_unique() -> None:
    cases = all_cases()
    assert len({(c.model, c.name) for c in cases}) == len(cases)
    assert all(len(case.source) > 20 for case in cases)
