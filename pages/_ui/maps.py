"""Maps of Europe in EPSG:3035, drawn from static files in kilometres.

A rerun sends an address and one digit an item, never geometry. pydeck itself marks a text
in ``get_*`` as an expression (``@@=``); inside ``_sub_layer_props`` we mark it. Colours
are set on a sub-layer, for Streamlit fades the unselected items of a layer whose colour is set on
the layer itself; outlines are a layer of their own, for strokes on the layer that is
clicked make a click so slow under software rendering that it is lost.
"""

from __future__ import annotations

import math
from typing import Any

import pydeck as pdk
import streamlit as st

from pages._ui.classes import Classes

EUROPE = {"target": [4300, 3250, 0], "zoom": -2.75}
HEIGHT = 620
_LAND = [226, 224, 219]
_LINE = [255, 255, 255, 200]
_PICKED = [20, 20, 20]


def rgb(colour: str) -> list[int]:
    """Return red, green and blue of a hexadecimal colour."""
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


def colour_expression(classes: Classes, item: str = "properties.i") -> str:
    """Return the deck.gl expression that colours each item by its digit.

    The parser takes a subscript only after a name or a bracketed term.
    """
    palette = ",".join(str(rgb(c)) for c in classes.palette)
    if classes.digits == 2:
        digits = [f"('{classes.codes}')[2*{item}{more}]" for more in ("", "+1")]
        return f"@@=([{palette}])[{digits[0]}*10+{digits[1]}*1]"
    return f"@@=([{palette}])[('{classes.codes}')[{item}]]"


def view_of(box: list[float] | None, width: int = 760) -> dict[str, Any]:
    """Return a view that shows a box (west, south, east, north in km) with a margin."""
    if box is None:
        return EUROPE
    west, south, east, north = box
    span = max((east - west) / width, (north - south) / HEIGHT, 0.02)
    return {"target": [(west + east) / 2, (south + north) / 2, 0],
            "zoom": round(min(3.0, math.log2(1 / span) - 1.0), 2)}  # fmt: skip


def region_deck(
    addresses: dict[str, str], classes: Classes, picked: int | None, view: dict[str, Any]
) -> pdk.Deck:
    """Return the deck of a choropleth.

    Parameters
    ----------
    addresses
        Addresses of the files ``land`` and ``regions``.
    classes
        Classes of all regions in map order.
    picked
        Position of the region that is drawn with a dark outline, or None.
    """
    fill = colour_expression(classes)
    width = f"properties.i=={picked if picked is not None else -1}?2.5:0"
    layers = [
        pdk.Layer("GeoJsonLayer", addresses["land"], id="land", stroked=False, pickable=False,
                  get_fill_color=_LAND),
        pdk.Layer("GeoJsonLayer", addresses["regions"], id="base", stroked=False, pickable=False,
                  _sub_layer_props={"polygons-fill": {
                      "getFillColor": fill, "updateTriggers": {"getFillColor": fill}}}),
        pdk.Layer("GeoJsonLayer", addresses["regions"], id="line", stroked=True, filled=False,
                  pickable=False, get_line_color=_LINE, line_width_units="'pixels'",
                  get_line_width=0.6, line_width_min_pixels=0.3),
        pdk.Layer("GeoJsonLayer", addresses["regions"], id="picked", stroked=True, filled=False,
                  pickable=False, get_line_color=_PICKED, line_width_units="'pixels'",
                  get_line_width=width,
                  update_triggers={"getLineWidth": width}),
        pdk.Layer("GeoJsonLayer", addresses["regions"], id="hit", stroked=False, pickable=True,
                  auto_highlight=True, highlight_color=[0, 0, 0, 60],
                  get_fill_color=[0, 0, 0, 0]),
    ]  # fmt: skip
    return _deck(layers, view, "{name} ({id})")


def town_deck(
    addresses: dict[str, str], classes: Classes, picked: int | None, view: dict[str, Any]
) -> pdk.Deck:
    """Return the deck of settlements as circles coloured by class."""
    # The alpha of items that are not selected is 0 and their radius 0: not drawn, not clicked.
    palette = [[*rgb(c), 210] for c in classes.palette]
    palette[-1] = palette[-2] = [0, 0, 0, 0]
    codes = classes.codes
    fill = f"({palette})[('{codes}')[i]]"
    shown = [1] * len(classes.labels) + [0, 0]
    radius = f"({shown})[('{codes}')[i]]*r"
    mark = picked if picked is not None else -1
    layers = [
        pdk.Layer("GeoJsonLayer", addresses["land"], id="land", stroked=False, pickable=False,
                  get_fill_color=_LAND),
        pdk.Layer("GeoJsonLayer", addresses["regions"], id="countries", stroked=True,
                  pickable=False, get_fill_color=[247, 246, 243],
                  get_line_color=[160, 160, 160], line_width_units="'pixels'",
                  get_line_width=0.7),
        pdk.Layer("ScatterplotLayer", addresses["towns"], id="towns", pickable=True,
                  get_position="[x,y]", get_radius=radius, radius_min_pixels=0,
                  radius_max_pixels=11, stroked=False,
                  get_fill_color=fill,
                  update_triggers={"getFillColor": fill, "getRadius": radius}),
        pdk.Layer("ScatterplotLayer", addresses["towns"], id="picked", pickable=False,
                  get_position="[x,y]", filled=False, stroked=True, radius_min_pixels=0,
                  get_radius=f"i=={mark}?r+4:0", get_line_color=_PICKED,
                  line_width_units="'pixels'", get_line_width=f"i=={mark}?2.5:0",
                  update_triggers={"getRadius": str(mark), "getLineWidth": str(mark)}),
    ]  # fmt: skip
    return _deck(layers, view, "{name}\n{p} people")


def _deck(layers: list[pdk.Layer], view: dict[str, Any], tooltip: str) -> pdk.Deck:
    return pdk.Deck(
        layers=layers,
        # No provider: even a style of None would ask a tile server.
        map_provider=None,
        views=[pdk.View(type="OrthographicView", controller=True, flip_y=False)],
        initial_view_state=pdk.ViewState(**view, min_zoom=-4, max_zoom=4),
        tooltip={"text": tooltip},
    )


def show(deck: pdk.Deck, key: str, alt: str, on_select: Any) -> Any:
    """Draw a deck that reports clicks."""
    return st.pydeck_chart(
        deck, key=key, height=HEIGHT, on_select=on_select, selection_mode="single-object", alt=alt
    )


def clicked(key: str, layer: str, field: str) -> Any | None:
    """Return a field of the item clicked in a map, from session state."""
    state = st.session_state.get(key)
    if not state:
        return None
    objects = state["selection"]["objects"].get(layer) or []
    if not objects:
        return None
    item = objects[0]
    return item.get("properties", item).get(field)


def point_deck(
    addresses: dict[str, str], points: list[dict[str, Any]], picked: str | None,
    view: dict[str, Any],
) -> pdk.Deck:  # fmt: skip
    """Return the deck of a few points that the page itself holds.

    Parameters
    ----------
    addresses
        Addresses of the files ``land`` and ``regions``.
    points
        ``id``, ``name``, ``text``, ``x``, ``y`` (km, EPSG:3035), ``colour``, ``size`` (pixels).
    picked
        ``id`` of the point that gets a dark outline, or None.
    """
    marked = [p for p in points if p["id"] == picked]
    layers = [
        pdk.Layer("GeoJsonLayer", addresses["land"], id="land", stroked=False, pickable=False,
                  get_fill_color=_LAND),
        pdk.Layer("GeoJsonLayer", addresses["regions"], id="countries", stroked=True,
                  pickable=False, get_fill_color=[247, 246, 243],
                  get_line_color=[160, 160, 160], line_width_units="'pixels'",
                  get_line_width=0.7),
        pdk.Layer("ScatterplotLayer", points, id="points", pickable=True, stroked=False,
                  get_position="[x,y]", get_fill_color="colour", get_radius="size",
                  radius_units="'pixels'"),
        pdk.Layer("ScatterplotLayer", marked, id="picked", pickable=False, filled=False,
                  stroked=True, get_position="[x,y]", get_radius="size+3",
                  radius_units="'pixels'", get_line_color=_PICKED,
                  line_width_units="'pixels'", get_line_width=2.5),
    ]  # fmt: skip
    return _deck(layers, view, "{name}\n{text}")
