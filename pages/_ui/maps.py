"""Maps of Europe in EPSG:3035, drawn from static files in kilometres.

A rerun sends an address and one digit an item, never geometry. pydeck itself marks a text
in ``get_*`` as an expression (``@@=``); inside ``_sub_layer_props`` we mark it. Colours
are set on a sub-layer, for Streamlit fades the unselected items of a layer whose colour is set on
the layer itself; outlines are a layer of their own, for strokes on the layer that is
clicked make a click so slow under software rendering that it is lost.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from typing import Any

import pydeck as pdk
import streamlit as st

from pages._ui import theme, tooltips
from pages._ui.classes import Classes
from pages._ui.texts import _
from pipelines.serve import near
from pipelines.serve.mapfiles import on_map

#: From Lisbon and Iceland to the east of Turkey, from Cyprus to the North Cape.
EUROPE: dict[str, Any] = {"target": [4910, 3390, 0], "zoom": -2.76}
#: Pixels of the map that a view is made for; ``map_tools`` fits it to those that there are.
WIDTH, HEIGHT = 760, 620
_LINE = [255, 255, 255, 200]
#: On a light and on a dark page.
_LAND = ([226, 224, 219], [52, 56, 64])
_PICKED = ([20, 20, 20], [0, 214, 255])
_GROUND = ([238, 236, 231], [66, 71, 80])
_BORDER = ([160, 160, 160], [135, 140, 150])
_INNER = ([205, 203, 198], [92, 98, 108])
_MOST_PIXELS = 20  # radius of the largest circle
#: The layer of finer outlines.
NEAR = "near"
_AWAY = 3  # pixels between a symbol and its ring or name

Labels = Sequence[dict[str, Any]]


def rgb(colour: str) -> list[int]:
    """Return red, green and blue of a hexadecimal colour."""
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


def map_point(
    identifier: str, name: str, text: str, lon: float, lat: float, colour: str, size: float
) -> dict[str, Any]:
    """Return a point that a page itself holds, for :func:`point_deck`.

    Parameters
    ----------
    identifier, name, text : str
        What a click gives; first and second line when pointed at.
    lon, lat : float
        Degrees, EPSG:4326.
    colour : str
        Hexadecimal.
    size : float
        Radius, pixels.
    """
    x, y = on_map(lon, lat)
    return {
        "id": identifier,
        "name": name,
        "text": text,
        "x": round(float(x), 1),
        "y": round(float(y), 1),
        "colour": rgb(colour),
        "size": size,
    }


def colour_expression(classes: Classes, item: str = "properties.i") -> str:
    """Return the deck.gl expression that colours each item by its digit.

    The parser takes a subscript only after a name or a bracketed term.
    """
    palette = ",".join(str(rgb(c)) for c in (*classes.palette[:-1], theme.unselected()))
    if classes.digits == 2:
        digits = [f"('{classes.codes}')[2*{item}{more}]" for more in ("", "+1")]
        return f"@@=([{palette}])[{digits[0]}*10+{digits[1]}*1]"
    return f"@@=([{palette}])[('{classes.codes}')[{item}]]"


def view_of(box: list[float] | None, width: int = WIDTH, around: float = 0.5) -> dict[str, Any]:
    """Return a view that shows a box (west, south, east, north in km) with a margin.

    Parameters
    ----------
    box
        What must be seen, or None for Europe.
    width
        Width of the map, pixels.
    around
        How many doublings of the scale are given to what lies around the box.
    """
    if box is None:
        return EUROPE
    west, south, east, north = box
    span = max((east - west) / width, (north - south) / HEIGHT, 0.02)
    return {
        "target": [round((west + east) / 2, 1), round((south + north) / 2, 1), 0],
        "zoom": round(min(3.0, math.log2(1 / span) - around), 2),
    }


def _fill(part: str, colour: Any) -> dict[str, Any]:
    """Return sub-layer properties that colour a part of a ``GeoJsonLayer``.

    A colour set on the layer itself would be faded by Streamlit after a click.
    """
    return {part: {"getFillColor": colour, "updateTriggers": {"getFillColor": _trigger(colour)}}}


def _trigger(value: Any) -> str:
    """Return what tells the browser that a value has changed: a digest of it is enough."""
    return hashlib.sha256(str(value).encode()).hexdigest()[:12]


def _land(addresses: dict[str, str]) -> pdk.Layer:
    """Return the land of all countries, which every map has."""
    return pdk.Layer(
        "GeoJsonLayer",
        addresses["land"],
        id="land",
        stroked=False,
        pickable=False,
        _sub_layer_props=_fill("polygons-fill", theme.pick(*_LAND)),
    )


def _lines(address: str, name: str, colour: list[int], width: float) -> pdk.Layer:
    """Return the pieces of the borders; drawing them as paths takes twice as long."""
    return pdk.Layer(
        "LineLayer",
        address,
        id=name,
        pickable=False,
        get_source_position="a",
        get_target_position="b",
        get_color=colour,
        width_units="'pixels'",
        get_width=width,
    )


def _ground(addresses: dict[str, str]) -> list[pdk.Layer]:
    """Return land, and the countries with regions as a pale ground for circles."""
    layers = [
        _land(addresses),
        pdk.Layer(
            "GeoJsonLayer",
            addresses["regions"],
            id="countries",
            stroked=False,
            pickable=False,
            _sub_layer_props=_fill("polygons-fill", theme.pick(*_GROUND)),
        ),
    ]
    if inner := addresses.get("inner"):
        layers.append(_lines(inner, "inner", theme.pick(*_INNER), 0.6))
    return [*layers, _lines(addresses["borders"], "borders", theme.pick(*_BORDER), 0.8)]


def _names(labels: Labels) -> list[pdk.Layer]:
    """Return the names of a few large places, for orientation."""
    if not labels:
        return []
    texts = [_text(label) for label in labels]
    return [
        pdk.Layer(
            "TextLayer",
            texts,
            id="labels",
            pickable=False,
            get_position="[x,y]",
            get_text="name",
            # Black by default: a colour that is stated fades after a click.
            get_size=12,
            font_family="'sans-serif'",
            character_set="'auto'",
            get_text_anchor="anchor",
            get_pixel_offset="[right,0]",
            font_settings={"fontSize": 24},
            background=True,
            background_padding=[2, 0],
            get_background_color=[255, 255, 255, 190],
        ),
    ]


def _text(label: dict[str, Any]) -> dict[str, Any]:
    """Return a name beside its symbol, or with a dot where it has none of its own."""
    name, anchor = label["name"], label.get("anchor", "start")
    if "size" in label:
        away = round(label["size"] + _AWAY, 1)
    else:
        away = -_AWAY
        name = f"• {name}" if anchor == "start" else f"{name} •"
    return {
        "x": label["x"],
        "y": label["y"],
        "name": name,
        "anchor": anchor,
        "right": away if anchor == "start" else -away,
    }


def region_deck(
    addresses: dict[str, str],
    classes: Classes,
    picked: Sequence[dict[str, Any]] | str,
    view: dict[str, Any],
    labels: Labels = (),
    figures: str = "",
) -> pdk.Deck:
    """Return the deck of a choropleth.

    Parameters
    ----------
    addresses
        Addresses of the files ``land``, ``regions`` and ``borders``; where there are finer
        outlines, of ``near``, with places for z, x and y.
    classes
        Classes of all regions in map order.
    picked
        Features (km, EPSG:3035) of the regions that get a dark outline, or their address.
    view
        Target and zoom, see :func:`view_of`.
    labels
        Names to print: ``name``, ``x``, ``y`` (km, EPSG:3035), ``anchor`` (``start`` or
        ``end``), ``size`` where they have a symbol of their own (radius, pixels); on a map of
        settlements ``i`` and ``r`` (km) instead.
    figures
        Address of what the tooltips say, see :mod:`pages._ui.tooltips`.
    """
    regions = addresses["regions"]
    layers = [
        _land(addresses),
        pdk.Layer(
            "GeoJsonLayer",
            regions,
            id="regions",
            stroked=False,
            pickable=True,
            auto_highlight=True,
            highlight_color=[0, 0, 0, 60],
            _sub_layer_props=_fill("polygons-fill", colour_expression(classes)),
        ),
        _lines(addresses["borders"], "borders", _LINE, 0.8),
    ]
    if finer := addresses.get("near"):
        layers.append(_near(finer, classes))
    layers += [*_outlines(picked), *_names(labels)]
    return _deck(layers, view, tooltips.template(figures, "<b>{name}</b> ({id})"))


def _near(address: str, classes: Classes) -> pdk.Layer:
    """Return the finer outlines, fetched in squares once the map is near.

    ``map_tools`` hides the coarse ones when these have come. Lines take no clicks.
    """
    lines = {"getColor": _LINE, "pickable": False}
    return pdk.Layer(
        "TileLayer",
        address,
        id=NEAR,
        min_zoom=0,
        max_zoom=0,
        visible_min_zoom=near.FROM_ZOOM,
        tile_size=near.TILE_KM,
        pickable=True,
        auto_highlight=True,
        highlight_color=[0, 0, 0, 60],
        stroked=True,
        line_width_units="'pixels'",
        get_line_width=0.8,
        _sub_layer_props=_fill("polygons-fill", colour_expression(classes))
        | {"polygons-stroke": lines},
    )


def _outlines(features: Sequence[dict[str, Any]] | str) -> list[pdk.Layer]:
    """Return dark outlines of some regions: features travel with the message, or an address."""
    if not features:
        return []
    return [
        pdk.Layer(
            "GeoJsonLayer",
            features if isinstance(features, str) else list(features),
            id="picked",
            stroked=True,
            filled=False,
            pickable=False,
            get_line_color=theme.pick(*_PICKED),
            line_width_units="'pixels'",
            get_line_width=2.5,
        )
    ]


def town_deck(
    addresses: dict[str, str],
    classes: Classes,
    picked: Sequence[dict[str, Any]],
    view: dict[str, Any],
    labels: Labels = (),
    figures: str = "",
    around: Sequence[dict[str, Any]] = (),
) -> pdk.Deck:
    """Return the deck of settlements as circles coloured by class.

    ``addresses`` names ``land``, ``regions`` and ``borders`` (countries) and ``towns``; where it
    names ``inner`` (smaller regions) and ``sites`` these are drawn too. Items of ``picked`` have
    ``x``, ``y`` and ``r`` (km) and get a ring, the regions ``around`` an outline.
    The rest is as for a choropleth.
    """
    # The alpha of items that are not selected is 0 and their radius 0: not drawn, not clicked.
    palette = [[*rgb(c), 210] for c in classes.palette]
    palette[-1] = [0, 0, 0, 0]
    digit = f"[('{classes.codes}')[properties.i]]"
    size = _circle(view["zoom"])
    # A hidden circle must have no radius: what is drawn with an alpha of 0 still takes clicks.
    radius = f"('{classes.shown}')[properties.i]*{size}" if classes.shown else size
    layers = [
        *_ground(addresses),
        pdk.Layer(
            "GeoJsonLayer",
            addresses["towns"],
            id="towns",
            pickable=True,
            stroked=False,
            point_radius_max_pixels=_MOST_PIXELS,
            get_point_radius=radius,
            update_triggers={"getPointRadius": _trigger(radius)},
            _sub_layer_props=_fill("points-circle", f"@@=({palette}){digit}"),
        ),
    ]
    layers += _outlines(around)
    if picked:
        radius = size.replace("properties.", "") + f"+{5 / 2 ** view['zoom']:.2f}"
        layers.append(_ring(list(picked), radius))
    if sites := addresses.get("sites"):
        layers.append(
            pdk.Layer(
                "GeoJsonLayer",
                sites,
                id="sites",
                pickable=False,
                stroked=False,
                get_point_radius=1,
                point_radius_min_pixels=0.3,
                point_radius_max_pixels=3,
                _sub_layer_props=_fill("points-circle", [*theme.pick(*_PICKED), 150]),
            )
        )
    names = _names(_beside(labels, classes, view["zoom"]))
    people = _("{n} people").format(n="#")
    return _deck([*layers, *names], view, tooltips.template(figures, "<b>{name}</b>", people))


def _beside(labels: Labels, classes: Classes, zoom: float) -> Labels:
    """Return labels of settlements with the ``size`` of the circle where the map draws one."""
    floor, shrink = _circle_factors(zoom)
    drawn = [int(classes.codes[label["i"]]) <= len(classes.labels) for label in labels]
    pixels = [max(label["r"], floor) * shrink * 2**zoom for label in labels]
    return [
        label | {"size": min(radius, _MOST_PIXELS)} if is_drawn else label
        for label, radius, is_drawn in zip(labels, pixels, drawn, strict=True)
    ]


def _ring(places: list[dict[str, Any]], radius: str, units: str = "'meters'") -> pdk.Layer:
    """Return dark rings around places that the message itself holds."""
    return pdk.Layer(
        "ScatterplotLayer",
        places,
        id="rings",
        pickable=False,
        filled=False,
        stroked=True,
        get_position="[x,y]",
        get_radius=radius,
        radius_units=units,
        get_line_color=theme.pick(*_PICKED),
        line_width_units="'pixels'",
        get_line_width=2.5,
    )


def _circle(zoom: float) -> str:
    """Return the expression of a circle's radius in km, for the zoom at which a map opens.

    Its area follows the population above a floor that keeps small places visible. Nearer by,
    circles grow more slowly than the ground, and the floor sinks.
    """
    floor, shrink = _circle_factors(zoom)
    return f"(properties.r<{floor:.2f}?{floor:.2f}:properties.r)*{shrink:.3f}"


def _circle_factors(zoom: float) -> tuple[float, float]:
    """Return the least radius in km and the factor that all radii shrink by."""
    nearer = max(zoom - EUROPE["zoom"], 0.0)
    return 5 * 2 ** (-0.27 * nearer), 2 ** (-0.4 * nearer)


def _deck(layers: list[pdk.Layer], view: dict[str, Any], tooltip: str) -> pdk.Deck:
    """Return a deck; the layer below all others tells ``map_tools`` what must be in view."""
    layers[0].frame = view
    return pdk.Deck(
        layers=layers,
        # No provider: even a style of None would ask a tile server.
        map_provider=None,
        views=[pdk.View(type="OrthographicView", controller=True, flip_y=False)],
        initial_view_state=pdk.ViewState(**view, min_zoom=-5, max_zoom=4),
        tooltip={"html": tooltip},
    )


def show(deck: pdk.Deck, key: str, alt: str, on_select: Any, several: bool = False) -> Any:
    """Draw a deck that reports clicks, on one item or on several."""
    mode: Any = "multi-object" if several else "single-object"
    return st.pydeck_chart(
        deck, key=key, height=HEIGHT, on_select=on_select, selection_mode=mode, alt=alt
    )


def every_clicked(key: str, layer: str, field: str) -> list[Any]:
    """Return a field of the items clicked in a map, from session state."""
    drawn = st.session_state.get(key)
    objects = drawn["selection"]["objects"].get(layer) or [] if drawn else []
    if not objects and layer == "regions":
        objects = drawn["selection"]["objects"].get(NEAR) or [] if drawn else []
    return [item.get("properties", item).get(field) for item in objects]


def clicked(key: str, layer: str, field: str) -> Any | None:
    """Return a field of the item clicked in a map, from session state."""
    return next(iter(every_clicked(key, layer, field)), None)


def point_deck(
    addresses: dict[str, str],
    points: list[dict[str, Any]],
    picked: str | None,
    view: dict[str, Any],
    labels: Labels = (),
) -> pdk.Deck:
    """Return the deck of a few points that the page itself holds.

    Parameters
    ----------
    addresses
        Addresses of the files ``land``, ``regions`` and ``borders``.
    points
        ``id``, ``name``, ``text``, ``x``, ``y`` (km, EPSG:3035), ``colour``, ``size`` (pixels).
    picked
        ``id`` of the point that gets a dark outline, or None.
    """
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [p["x"], p["y"]]},
            "properties": {k: v for k, v in p.items() if k not in ("x", "y")},
        }
        for p in points
    ]
    marked = [p for p in points if p["id"] == picked]
    layers = [
        *_ground(addresses),
        pdk.Layer(
            "GeoJsonLayer",
            features,
            id="points",
            pickable=True,
            stroked=False,
            point_radius_units="'pixels'",
            get_point_radius="properties.size",
            _sub_layer_props=_fill("points-circle", "@@=properties.colour"),
        ),
        _ring(marked, f"size+{_AWAY}", "'pixels'"),
        *_names(labels),
    ]
    return _deck(layers, view, tooltips.template("", "<b>{name}</b><div>{text}</div>"))
