"""Charts write numbers as the language in use does."""

from __future__ import annotations

import altair as alt
import pandas as pd
import pytest

from pages._ui import charts
from pipelines.serve import texts


class Place:
    """Takes a chart as Streamlit would."""

    def altair_chart(self, chart: alt.Chart, **more: object) -> dict[str, object]:
        spec: dict[str, object] = chart.to_dict()
        return spec


@pytest.mark.parametrize(
    ("language", "decimal", "thousands"),
    [("en", ".", ","), ("de", ",", "."), ("fr", ",", "\u202f"), ("lt", ",", "\u00a0")],
)
def test_a_chart_parts_numbers_as_its_language(language: str, decimal: str, thousands: str) -> None:
    table = pd.DataFrame({"place": ["a"], "change": [-1234.5]})
    texts.use(language)
    try:
        spec = charts.show(Place(), charts.bars(table, "change", "place", "%"))
    finally:
        texts.use(None)
    number = spec["config"]["locale"]["number"]
    assert (number["decimal"], number["thousands"]) == (decimal, thousands)
