"""The map of *What if*: every site can be clicked, and so can any place between them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pydeck as pdk
import streamlit as st
from numpy.typing import NDArray

from pages._ui import frame, maps, state, whatif_state
from pages._ui.classes import Classes, classify
from pages._ui.measures import CHANGE, GAIN_TO_LOSS, Measure
from pages._ui.texts import N_, _
from pipelines.serve import mapfiles, queries, whatif
from pipelines.serve.store import Store
from pipelines.serve.whatif import Answer

KEY = "whatif_map"
_NONE_LEFT, _UNKNOWN = N_("none left"), N_("not known: gap of the register")
_OTHERS = {_NONE_LEFT: "#e31a1c", _UNKNOWN: "#8a8f98"}
SITE, UNSURE, CLOSED, NEW = "#141414", "#2166ac", "#e7298a", "#1b9e77"
#: So many clickable spots a side: fine enough for a town, few enough to travel.
_SPOTS = 30
#: Part of a view's width that the map shows beside it.
_AROUND = 0.25
#: Least and greatest radius of a site, pixels.
_SMALL, _LARGE = 2.0, 4.5


@dataclass(frozen=True)
class Spots:
    """A grid of places that can be clicked: its lower left corner and step, km (EPSG:3035)."""

    x: float
    y: float
    step: float
    columns: int
    rows: int

    def place(self, i: int) -> tuple[float, float]:
        """Return longitude and latitude (EPSG:4326) of a spot."""
        return mapfiles.from_map(
            self.x + (i % self.columns) * self.step, self.y + (i // self.columns) * self.step
        )


def wide(box: Sequence[float]) -> list[float]:
    """Return a box (km) with what a map draws around it."""
    west, south, east, north = box
    x, y = _AROUND * (east - west), _AROUND * (north - south)
    return [west - x, south - y, east + x, north + y]


def spots_of(box: Sequence[float]) -> Spots:
    """Return the spots of a view (west, south, east, north in km)."""
    west, south, east, north = wide(box)
    step = max(east - west, north - south) / _SPOTS
    columns, rows = int((east - west) // step) + 1, int((north - south) // step) + 1
    return Spots(round(west, 1), round(south, 1), round(step, 3), columns, rows)


def change_classes(
    store: Store, answer: Answer | None, covered: NDArray[np.bool_], inside: NDArray[np.int64]
) -> Classes:
    """Return the classes of the settlements in view by the change of their minutes.

    Parameters
    ----------
    answer : Answer or None
        None: nothing closes or opens yet.
    covered : ndarray of bool, shape (n,)
        Whether minutes are known, of all settlements in map order.
    inside : ndarray of int
        Positions of those in view.
    """
    bounds = state.ask(store, queries.map_breaks, "change_min") or []
    text = classify(pd.Series(bounds), [], CHANGE, "fixed", bounds)
    labels = list(text.labels)
    middle = len(labels) // 2 - (len(labels) % 2 == 0)
    labels[middle] = _("no change")
    change = np.zeros(len(covered))
    if answer is not None:
        towns = answer.towns
        change[towns["position"]] = towns["change_min"].fillna(np.inf)
    codes = np.searchsorted(bounds, change, side="left")
    names = np.array([*labels, *map(_, _OTHERS)], dtype=object)
    codes = np.where(np.isinf(change), len(labels), codes)
    codes = np.where(covered, codes, len(labels) + 1)
    colours = dict(zip(names, (*GAIN_TO_LOSS, *_OTHERS.values()), strict=True))
    return classify(pd.Series(names[codes]), inside, Measure("", "", colours))


def draw(
    store: Store,
    service: str,
    classes: Classes | None,
    box: list[float] | None,
    home: list[float] | None = None,
    town: dict[str, Any] | None = None,
) -> None:
    """Draw the map, the chosen town ringed; a click closes, opens or takes back.

    Without a box it shows ``home``.
    """
    deck = _deck(store, service, classes, box, home, town)
    spots = spots_of(box) if box else None

    def take() -> None:
        _take_click(store, spots)

    maps.show(deck, KEY, _("Map of the sites and of the change in minutes"), take)


def _deck(
    store: Store,
    service: str,
    classes: Classes | None,
    box: list[float] | None,
    home: list[float] | None,
    town: dict[str, Any] | None,
) -> pdk.Deck:
    if classes is None or box is None:
        deck = frame.point_deck(store, [], "", False, home)
    else:
        deck = frame.town_deck(store, classes, town, box)
        place = next(i for i, layer in enumerate(deck.layers) if layer.id == "towns")
        # A click is read slowly enough without 80 000 circles: spots stand in for settlements.
        deck.layers[place].pickable = False
        deck.layers.insert(place, _spots_layer(spots_of(box)))
    file = mapfiles.sites_address(store, service)
    positions = state.ask(store, whatif.site_ids, service)
    closed = whatif.sites(store, service, whatif_state.closed())
    gone = [positions[row["site_id"]] for row in closed if row["site_id"] in positions]
    unsure = state.ask(store, whatif.site_notes, service)
    labels = [i for i, layer in enumerate(deck.layers) if layer.id == "labels"]
    above = [
        _sites_layer(file, _without(gone), _site_colour(unsure), box),
        _marks_layer(
            "closed", CLOSED, [(r["site_id"], r["label"], r["lon"], r["lat"]) for r in closed]
        ),
        _marks_layer(
            "opened",
            NEW,
            [
                (place.in_address(), place.name or _("new site"), place.lon, place.lat)
                for place in whatif_state.opened()
            ],
        ),
    ]
    where = labels[0] if labels else len(deck.layers)
    deck.layers[where:where] = above
    # A site has no people and a spot no name but this: one line for all that can be clicked.
    return pdk.Deck(
        layers=deck.layers,
        map_provider=None,
        views=deck.views,
        initial_view_state=deck.initial_view_state,
        tooltip={"text": "{name}"},
    )


def _digest(value: object) -> str:
    return hashlib.sha256(str(value).encode()).hexdigest()[:12]


def _without(gone: Sequence[int]) -> str:
    """Return the expression that hides the sites at some positions, and draws the rest."""
    text = "1"
    for position in gone:
        text = f"(properties.i=={position}?0:{text})"
    return text


def _site_colour(notes: NDArray[np.object_]) -> Any:
    """Return the colour of the sites, or the expression that tells those of uncertain place."""
    is_unsure = np.array([note is not None for note in notes])
    palette = [[*maps.rgb(SITE), 230], [*maps.rgb(UNSURE), 230]]
    if not is_unsure.any():
        return palette[0]
    digits = "".join(np.where(is_unsure, "1", "0"))
    return f"@@=({palette})[('{digits}')[properties.i]]"


def _sites_layer(file: str, radius: str, colour: Any, box: list[float] | None) -> pdk.Layer:
    """Return all sites of a service from their file; those with a radius of 0 take no clicks."""
    pixels = _LARGE if box else _SMALL
    text = f"({radius})*{pixels}"
    return pdk.Layer(
        "GeoJsonLayer",
        file,
        id="sites",
        pickable=True,
        stroked=False,
        point_radius_units="'pixels'",
        get_point_radius=text,
        update_triggers={"getPointRadius": _digest(text)},
        # A colour of the layer itself would be faded by Streamlit after a click.
        _sub_layer_props={
            "points-circle": {
                "getFillColor": colour,
                "updateTriggers": {"getFillColor": _digest(colour)},
            }
        },
    )


def _marks_layer(
    name: str, colour: str, marks: Sequence[tuple[str, str, float, float]]
) -> pdk.Layer:
    """Return what closes or opens: identifier, name, longitude and latitude of each."""
    features = []
    for identifier, label, lon, lat in marks:
        x, y = (round(float(v), 2) for v in mapfiles.on_map(lon, lat))
        features.append(
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [x, y]},
                "properties": {"id": identifier, "name": label},
            }
        )
    return pdk.Layer(
        "GeoJsonLayer",
        features,
        id=name,
        pickable=True,
        stroked=False,
        point_radius_units="'pixels'",
        get_point_radius=_LARGE * 1.6,
        _sub_layer_props={"points-circle": {"getFillColor": maps.rgb(colour)}},
    )


def _spots_layer(spots: Spots) -> pdk.Layer:
    """Return places that take clicks and are not seen; they travel as their numbers."""
    name = _("new here")
    return pdk.Layer(
        "ScatterplotLayer",
        [{"i": i, "name": name} for i in range(spots.columns * spots.rows)],
        id="spots",
        pickable=True,
        get_position=(
            f"[{spots.x}+(i%{spots.columns})*{spots.step},"
            f"{spots.y}+((i-i%{spots.columns})/{spots.columns})*{spots.step}]"
        ),
        get_radius=round(spots.step * 0.71, 2),
        # Streamlit paints what is selected in full colour, but leaves a layer's own opacity.
        opacity=0,
        get_fill_color=[0, 0, 0, 0],
    )


def _take_click(store: Store, spots: Spots | None) -> None:
    selected = (st.session_state.get(KEY) or {}).get("selection", {}).get("objects", {})
    clicked = [(layer, items[0]) for layer, items in selected.items() if items]
    # A second click on one item takes the selection back, and so does a click beside all.
    last = st.session_state.get("whatif_last")
    if clicked:
        st.session_state["whatif_last"] = clicked[0]
        follow(store, *clicked[0], spots)
    elif last and _is_drawn(*last):
        layer, item = last
        follow(store, layer, item, spots)


def _is_drawn(layer: str, item: dict[str, Any]) -> bool:
    """Tell whether an item that was clicked before is on the map, so that it was meant again."""
    if layer == "sites":
        return bool(item["properties"]["id"] not in whatif_state.closed())
    if layer == "closed":
        return bool(item["properties"]["id"] in whatif_state.closed())
    return False


def follow(store: Store, layer: str, item: dict[str, Any], spots: Spots | None) -> None:
    """Do what a click on an item of a layer means."""
    facts = item.get("properties", item)
    if layer in ("sites", "closed"):
        whatif_state.toggle(str(facts["id"]))
    elif layer == "opened":
        whatif_state.set_opened(
            [place for place in whatif_state.opened() if place.in_address() != facts["id"]]
        )
    elif layer == "spots" and spots:
        lon, lat = spots.place(int(facts["i"]))
        if town := whatif.settlement_near(store, lon, lat, spots.step / 2):
            open_in(town)
        else:
            whatif_state.set_opened([*whatif_state.opened(), whatif.opened_at(lat, lon)])


def open_in(town: dict[str, Any]) -> None:
    """Open a site in a town."""
    place = whatif.opened_at(town["lat"], town["lon"], town["name"].replace(",", " "))
    whatif_state.set_opened([*whatif_state.opened(), place])
