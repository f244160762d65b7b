"""What a map is told to draw: fills that Streamlit cannot fade, labels that do not overlap."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages._ui import maps
from pages._ui.classes import classify
from pages._ui.measures import NO_DATA, REGION_MEASURES
from pipelines.serve.labels import EDGE, GAP, LETTER, LINE, place

CLASSES = classify(
    pd.Series([-20.0, 3.0, None]),
    None,
    REGION_MEASURES["change_pct"],
    "fixed",
    [-10, -5, -1, 1, 5, 10],
)
TOWN_CLASSES = classify(
    pd.Series([-20.0, 3.0, None]),
    np.array([0, 1]),
    REGION_MEASURES["change_pct"],
    "fixed",
    [-10, -5, -1, 1, 5, 10],
)
FILES = {
    name: f"/maps/{name}.json" for name in ("land", "regions", "borders", "towns", "inner", "sites")
}
NAMES = [{"name": "Bebra", "x": 4300.0, "y": 3100.0}]
# The first settlement is drawn, the third is not selected.
TOWN_NAMES = [NAMES[0] | {"i": 0, "r": 40.0}, NAMES[0] | {"i": 2, "r": 40.0}]
SHAPE = {
    "type": "Feature",
    "properties": {},
    "geometry": {"type": "MultiPolygon", "coordinates": [[[[1, 1], [2, 1], [2, 2], [1, 1]]]]},
}
CIRCLE = {"x": 1.0, "y": 2.0, "r": 3.0}
POINT = {"id": "a", "name": "A", "text": "", "x": 1.0, "y": 2.0, "colour": [1, 2, 3], "size": 7}
DECKS = {
    "regions": maps.region_deck(FILES, CLASSES, [SHAPE], maps.EUROPE, NAMES),
    "towns": maps.town_deck(FILES, TOWN_CLASSES, [CIRCLE], maps.EUROPE, TOWN_NAMES),
    "points": maps.point_deck(FILES, [POINT], "a", maps.EUROPE, NAMES),
}


@pytest.mark.parametrize("name", DECKS)
def test_no_fill_can_be_faded_by_a_click(name: str) -> None:
    """Streamlit replaces ``getFillColor`` and a text's ``getColor`` where they are set."""
    layers = json.loads(DECKS[name].to_json())["layers"]
    assert [y["id"] for y in layers if y["@@type"] == "TextLayer" and "getColor" in y] == []
    assert [y["id"] for y in layers if y["@@type"] == "GeoJsonLayer" and "getFillColor" in y] == []
    assert sum(bool(y["pickable"]) for y in layers) == 1


def test_finer_outlines_come_in_squares_above_the_coarse_and_their_lines_take_no_click() -> None:
    files = FILES | {"near": "/maps/near-3/{z}_{x}_{y}.json"}
    deck = maps.region_deck(files, CLASSES, [SHAPE], maps.EUROPE, NAMES)
    layers = json.loads(deck.to_json())["layers"]
    assert [y["id"] for y in layers][1:5] == ["regions", "borders", "near", "picked"]
    finer = layers[3]
    assert finer["data"] == "/maps/near-3/{z}_{x}_{y}.json"
    assert (finer["minZoom"], finer["maxZoom"], finer["tileSize"]) == (0, 0, 256)
    assert finer["pickable"]
    assert "getFillColor" not in finer
    inner = finer["_subLayerProps"]
    assert inner["polygons-stroke"]["pickable"] is False
    # The same colours as the coarse outlines have, by the same position.
    assert inner["polygons-fill"] == layers[1]["_subLayerProps"]["polygons-fill"]


@pytest.mark.parametrize("name", DECKS)
def test_names_are_the_only_text_and_never_take_a_click(name: str) -> None:
    layers = {y["id"]: y for y in json.loads(DECKS[name].to_json())["layers"]}
    bare = {"anchor": "start", "right": -3}
    assert layers["labels"]["data"][-1] == NAMES[0] | bare | {"name": "• Bebra"}
    assert not layers["labels"]["pickable"]


def test_a_name_stands_beside_the_circle_that_is_drawn() -> None:
    layers = {y["id"]: y for y in json.loads(DECKS["towns"].to_json())["layers"]}
    pixels = 40.0 * 2 ** maps.EUROPE["zoom"]
    away = round(pixels + 3, 1)
    assert layers["labels"]["data"][0] == NAMES[0] | {"anchor": "start", "right": away}
    assert maps._text(NAMES[0] | {"size": pixels, "anchor": "end"})["right"] == -away
    assert maps._text(NAMES[0] | {"anchor": "end"})["name"] == "Bebra •"


def test_a_settlement_without_data_is_drawn_grey() -> None:
    """The legend counts it: land without a circle would look like land without people."""
    deck = maps.town_deck(FILES, CLASSES, [], maps.EUROPE)
    towns = next(y for y in json.loads(deck.to_json())["layers"] if y["id"] == "towns")
    fill = towns["_subLayerProps"]["points-circle"]["getFillColor"]
    assert str([*maps.rgb(NO_DATA), 210]) in fill  # the legend's
    assert ")[properties.i]*" not in towns["getPointRadius"]  # none is hidden


def test_only_what_is_picked_has_a_dark_outline_and_it_travels_alone() -> None:
    for name, item, layer in (("regions", SHAPE, "picked"), ("towns", CIRCLE, "rings")):
        layers = {y["id"]: y for y in json.loads(DECKS[name].to_json())["layers"]}
        assert layers[layer]["data"] == [item]
        assert layers[layer]["getLineWidth"] == 2.5
    plain = json.loads(maps.region_deck(FILES, CLASSES, [], maps.EUROPE).to_json())["layers"]
    assert [y["id"] for y in plain] == ["land", "regions", "borders"]


@given(st.floats(-2.75, 3.0), st.floats(0, 120))
def test_a_circle_is_never_smaller_than_the_floor_of_its_zoom(zoom: float, radius: float) -> None:
    text = maps._circle(zoom).replace("properties.r", repr(radius))
    condition, rest = text.removeprefix("(").split("?")
    yes, no = rest.split(")*")[0].split(":")
    small, floor = (float(v) for v in condition.split("<"))
    assert float(yes) == floor
    assert float(no) == small == radius
    pixels = float(rest.split(")*")[1]) * floor * 2**zoom
    assert 0.7 < pixels < 6


@st.composite
def _places(draw: st.DrawFn) -> tuple[list[float], list[float], list[str]]:
    n = draw(st.integers(0, 40))
    inside = st.lists(st.floats(-50, 800), min_size=n, max_size=n)
    words = st.lists(st.text("abcdefg", min_size=1, max_size=20), min_size=n, max_size=n)
    return draw(inside), draw(inside), draw(words)


@given(_places(), st.integers(1, 14))
def test_labels_do_not_overlap_and_stay_inside(
    given_: tuple[list[float], list[float], list[str]], most: int
) -> None:
    x, y, names = given_
    kept = place(np.array(x), np.array(y), names, 740, 620, most)
    assert len(kept) <= most
    assert [i for i, _ in kept] == sorted({i for i, _ in kept})
    boxes = []
    for i, anchor in kept:
        text, dot = (x[i], x[i] + GAP + LETTER * len(names[i])), (x[i] - GAP, x[i] + GAP)
        if anchor == "end":
            text = (2 * x[i] - text[1], x[i])
        boxes.append((min(*text, *dot), y[i] - LINE / 2, max(*text, *dot), y[i] + LINE / 2))
    for i, a in enumerate(boxes):
        assert min(a[0], a[1]) >= EDGE
        assert a[2] <= 740 - EDGE
        assert a[3] <= 620 - EDGE
        for b in boxes[:i]:
            assert a[2] < b[0] or b[2] < a[0] or a[3] < b[1] or b[3] < a[1]


def test_the_most_important_label_is_placed_first() -> None:
    x, y = np.array([100.0, 102.0, 400.0]), np.array([100.0, 101.0, 300.0])
    assert place(x, y, ["Large", "Small", "Other"], 740, 620, 5) == [(0, "start"), (2, "start")]


def test_a_label_covers_no_other_symbol_if_it_can() -> None:
    x, y, names = np.array([300.0, 330.0]), np.array([300.0, 300.0]), ["Ninove", "Bebra"]
    radii = np.array([9.0, 9.0])
    assert place(x, y, names, 740, 620, 5, radii) == [(0, "end"), (1, "start")]
    assert place(x, y, names, 740, 620, 5)[0] == (0, "start")


def test_a_label_at_the_right_edge_stands_left_of_its_place() -> None:
    assert place(np.array([725.0]), np.array([300.0]), ["Erfurt"], 740, 620, 5) == [(0, "end")]
