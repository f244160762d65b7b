"""The user's facilities on the map: where they stand and what they are called."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pydeck as pdk

from pages._ui import maps
from pipelines.serve.mapfiles import on_map
from pipelines.serve.own_reach import OwnReach

DOT = "#141414"
#: More names than this cover the map, more dots make the page heavy.
_MOST_NAMES, _MOST_DOTS = 60, 3_000
_MARGIN_KM = 8.0


def box_of(own: OwnReach, rows: pd.DataFrame) -> list[float]:
    """Return the view (km, EPSG:3035) that holds the area; far islands do not widen it.

    Parameters
    ----------
    own : OwnReach
    rows : DataFrame
        Settlements of the area with ``lon`` and ``lat``.
    """
    x, y = on_map(rows["lon"], rows["lat"])
    # Of a country with overseas regions the middle 99 % are in sight.
    west, east = np.percentile(x, [0.5, 99.5])
    south, north = np.percentile(y, [0.5, 99.5])
    box = [west - _MARGIN_KM, south - _MARGIN_KM, east + _MARGIN_KM, north + _MARGIN_KM]
    return [round(float(value), 1) for value in box]


def with_facilities(deck: pdk.Deck, own: OwnReach) -> pdk.Deck:
    """Return the map with the facilities on top, with their names where these are few."""
    sites, names = own.sites, own.names
    count = min(len(sites), _MOST_DOTS)
    x, y = on_map(sites.lon[:count], sites.lat[:count])
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [round(float(a), 2), round(float(b), 2)]},
            "properties": {"name": name or str(key)},
        }
        for a, b, key, name in zip(x, y, sites.ids[:count], names[:count], strict=True)
    ]
    has_names = count <= _MOST_NAMES
    deck.layers.append(
        pdk.Layer(
            "GeoJsonLayer",
            features,
            id="facilities",
            pickable=False,
            stroked=False,
            point_type="'circle+text'" if has_names else "'circle'",
            point_radius_units="'pixels'",
            get_point_radius=6 if has_names else 3,
            get_text="properties.name",
            get_text_size=13,
            # To the left: the map writes the name of a settlement at its right.
            get_text_anchor="'end'",
            get_text_pixel_offset=[-9, 0],
            text_character_set="'auto'",
            text_font_family="'sans-serif'",
            text_background=True,
            get_text_background_color=[255, 255, 255, 200],
            # A colour of the layer itself would be faded by Streamlit after a click.
            _sub_layer_props={
                "points-circle": {"getFillColor": maps.rgb(DOT)},
                "points-text": {"getColor": maps.rgb(DOT)},
            },
        )
    )
    return deck
