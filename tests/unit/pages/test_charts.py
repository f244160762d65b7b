"""The charts are what Vega-Lite reads, and hold the figures they are given."""

from __future__ import annotations

import json
from typing import Any

import altair as alt
import jsonschema
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from pages._ui import charts, compare_charts, demography_charts, sheet_charts, vega
from pipelines.serve.sheet_parts import Line, Point, Series

SHRINKING = Line("births less deaths", (Point(2000, 1, -10.0, False), Point(2001, 1, -12.5, True)))
MOVES = Line("migration and adjustment", (Point(2000, 1, 3.0, False), Point(2001, 1, 4.0, True)))
WEBB = pd.DataFrame(
    {
        "nuts_id": ["AA1", "AA2", "AA3"],
        "natural_change_per_1000": [1.26, -3.0, None],
        "net_migration_per_1000": [-2.0, -11.5, 1.0],
        "webb_type": pd.Series(["A", "F", None], dtype="string"),
    }
)
BARS = pd.DataFrame({"place": ["a", None], "change_pct": [-1.0, 2.5]})


def _series(name: str) -> Series:
    return Series(name, "T", "people", (SHRINKING, MOVES), ())


CHARTS: dict[str, vega.Spec] = {
    "histogram": charts.histogram(
        pd.Series(np.arange(100.0)), ["#111111", "#222222"], [50.0], "T", pd.Series([3.0])
    ),
    "bars": charts.bars(BARS, "change_pct", "place", "T"),
    "counts": charts.counts(pd.DataFrame({"type": ["x"], "regions": [3]}), ["#111111"]),
    "webb": demography_charts.webb_scatter(WEBB, {"AA2"}),
    **{name: sheet_charts.draw(_series(name)) for name in ("population", "components", "ages")},
    "index": sheet_charts.draw(Series("index", "T", "%", (SHRINKING,), ())),
    "compared": compare_charts.draw(_series("net_migration_per_1000"), ["a", "b"]),
}


def _rows(spec: vega.Spec, layer: int | None = None) -> list[dict[str, Any]]:
    packed = vega.packed(spec)
    part = packed if layer is None else packed["layer"][layer]
    content = packed["datasets"][part["data"]["name"]]
    rows: list[dict[str, Any]] = pa.ipc.open_stream(content).read_all().to_pylist()
    return rows


def _validate(spec: vega.Spec) -> None:
    packed = vega.packed(spec)
    plain = {**packed, "datasets": {name: [] for name in packed["datasets"]}}
    kind = alt.LayerChart if "layer" in plain else alt.Chart
    kind.validate(json.loads(json.dumps(plain)), alt.TopLevelSpec._schema)


@pytest.mark.parametrize("name", CHARTS)
def test_vega_lite_reads_every_chart(name: str) -> None:
    _validate(CHARTS[name])


def test_what_vega_lite_does_not_read_is_told() -> None:
    wrong = CHARTS["bars"] | {"mark": {"type": "barr"}}
    with pytest.raises(jsonschema.ValidationError):
        _validate(wrong)


def test_bars_are_orange_below_zero() -> None:
    assert _rows(CHARTS["bars"]) == [
        {"place": "a", "change_pct": -1.0, "colour": "#e08214"},
        {"place": None, "change_pct": 2.5, "colour": "#8073ac"},
    ]


def test_a_scatter_leaves_out_what_has_no_type_and_rings_what_is_picked() -> None:
    points = [{"x": 1.3, "y": -2.0, "t": "A", "id": "AA1"}]
    picked = [{"x": -3.0, "y": -11.5, "t": "F", "id": "AA2"}]
    assert _rows(CHARTS["webb"], 2) == points + picked
    assert _rows(CHARTS["webb"], 3) == picked
    # The 99th percentile of 1.3, 2, 3 and 11.5 is above 10 and below 15.
    assert CHARTS["webb"]["layer"][2]["encoding"]["x"]["scale"]["domain"] == [-15.0, 15.0]


def test_only_migration_is_pale_across_a_break_which_has_a_line() -> None:
    rows = _rows(CHARTS["components"], 0)
    assert [row["across"] for row in rows] == [False, False, False, True]
    assert _rows(CHARTS["components"], 1) == [{"year": 2002}]


def test_a_line_is_parted_at_a_break() -> None:
    after = Line("p", (Point(2000, 0, 5, True), Point(2001, 0, 6, False)))
    rows = _rows(sheet_charts.draw(Series("population", "T", "people", (after,), ())), 0)
    assert [row["run"] for row in rows] == [0, 1]


def test_a_table_is_named_by_what_it_holds() -> None:
    first, again = vega.packed(CHARTS["bars"]), vega.packed(CHARTS["bars"])
    other = vega.packed(charts.bars(BARS.head(1), "change_pct", "place", "T"))
    assert first["data"] == again["data"] != other["data"]


def test_the_oldest_alone_have_their_colour_and_a_legend() -> None:
    """Embedded data know people of 65 and more of one year, and no other ages."""
    old = Line("65 and more", (Point(2021, 1, 24.5, False),))
    young = Line("below 15", (Point(2021, 1, 12.0, False),))
    alone, both = (
        sheet_charts.draw(Series("ages", "T", "% of all", lines, ()))["layer"][0]
        for lines in ((old,), (young, old))
    )
    colour = alone["encoding"]["color"]
    assert colour["legend"] == {"orient": "bottom"}
    assert colour["scale"]["range"] == both["encoding"]["color"]["scale"]["range"][-1:]
    assert alone["mark"]["size"] < 100


def test_a_long_title_of_the_histogram_stands_in_lines() -> None:
    title = "Jährliche Bevölkerungsveränderung (% pro Jahr)"
    spec = charts.histogram(pd.Series([1.0, 2.0]), ["#111"], [], title)
    lines = spec["layer"][0]["encoding"]["x"]["title"]
    assert lines == ["Jährliche Bevölkerungsveränderung", "(%\u00a0pro Jahr)"]
