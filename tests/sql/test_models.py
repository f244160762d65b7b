"""Every case of ``tests/sql/cases``: given rows, the model's own statement, expected rows."""

from __future__ import annotations

import pytest

from tests.sql.loader import Case, all_cases, check


@pytest.mark.parametrize("case", all_cases(), ids=str)
def test_the_statement_makes_the_expected_rows(case: Case) -> None:
    check(case)
