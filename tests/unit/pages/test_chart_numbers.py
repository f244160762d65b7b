"""Charts write numbers as the language in use does."""

from __future__ import annotations

import pandas as pd
import pytest

from pages._ui import charts, vega
from pipelines.serve import texts


@pytest.mark.parametrize(
    ("language", "decimal", "thousands"),
    [("en", ".", ","), ("de", ",", "."), ("fr", ",", "\u202f"), ("lt", ",", "\u00a0")],
)
def test_a_chart_parts_numbers_as_its_language(language: str, decimal: str, thousands: str) -> None:
    table = pd.DataFrame({"place": ["a"], "change": [-1234.5]})
    texts.use(language)
    try:
        spec = vega.worded(charts.bars(table, "change", "place", "%"))
    finally:
        texts.use(None)
    number = spec["config"]["locale"]["number"]
    assert (number["decimal"], number["thousands"]) == (decimal, thousands)
