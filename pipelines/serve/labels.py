"""Names on a map: the largest settlements in view whose labels do not overlap.

See docs/decisions.md, 7.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipelines.geo.projection import to_laea
from pipelines.geo.symbols import symbol_radius
from pipelines.serve.store import Store

# Size of a label in pixels: of a letter, of the dot and gap before it, of a line.
LETTER, GAP, LINE = 6.6, 8.0, 17.0
EDGE = 6.0
CANDIDATES = 400


def place(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    names: list[str],
    width: float,
    height: float,
    most: int,
    radii: NDArray[np.float64] | None = None,
) -> list[tuple[int, str]]:
    """Choose labels that fit, the first ones first; each right of its place or else left of it.

    Parameters
    ----------
    x, y
        Pixels from the left and upper edge, shape (n,).
    names
        Texts, length n, the most important first.
    width, height
        Size of the map, pixels.
    most
        How many are enough.
    radii
        Radii of the symbols that all places have, pixels, shape (n,): a label stands on
        the side where it covers fewer symbols of other places.

    Returns
    -------
    list of (int, str)
        Positions of the labels to draw, and whether the text starts at its place (``start``)
        or ends there (``end``).
    """
    placed: list[tuple[int, str]] = []
    boxes = np.empty((0, 4))
    if radii is not None:
        symbols = np.column_stack([x - radii, y - radii, x + radii, y + radii])
    for i, name in enumerate(names):
        sides = [(anchor, _box(x[i], y[i], name, anchor)) for anchor in ("start", "end")]
        fit = [
            (anchor, box)
            for anchor, box in sides
            if min(box[:2]) >= EDGE
            and box[2] <= width - EDGE
            and box[3] <= height - EDGE
            and not _covered(box, boxes)
        ]
        if radii is not None:
            others = np.delete(symbols, i, 0)
            fit.sort(key=lambda side: _covered(side[1], others))
        if fit:
            anchor, box = fit[0]
            placed.append((i, anchor))
            boxes = np.vstack([boxes, box])
        if len(placed) == most:
            break
    return placed


def _covered(box: NDArray[np.float64], others: NDArray[np.float64]) -> int:
    """Return how many of other boxes, shape (n, 4), a box overlaps."""
    apart = (others[:, 0] > box[2]) | (others[:, 2] < box[0])
    return int((~(apart | (others[:, 1] > box[3]) | (others[:, 3] < box[1]))).sum())


def _box(x: float, y: float, name: str, anchor: str) -> NDArray[np.float64]:
    """Return the box of a place and its label (left, top, right, bottom), pixels."""
    text = GAP + LETTER * len(name)
    left, right = (GAP, text) if anchor == "start" else (text, GAP)
    return np.array([x - left, y - LINE / 2, x + right, y + LINE / 2])


@dataclass(frozen=True)
class _Towns:
    """All settlements, the largest first: each array has the shape (n,), km are in EPSG:3035."""

    ids: NDArray[np.int64]
    names: pa.ChunkedArray
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    population: NDArray[Any]
    places: NDArray[np.int64]


def _towns(store: Store) -> _Towns:
    """Return all settlements; kept, for to read and project them takes longer than a page."""
    rows = store.arrow(
        "select geonameid, name, lon, lat, population, "
        "row_number() over (order by geonameid) - 1 as i "
        "from marts.towns order by population desc, geonameid"
    )
    x, y = (v / 1000 for v in to_laea(rows["lon"].to_numpy(), rows["lat"].to_numpy()))
    ids, population, places = (rows[c].to_numpy() for c in ("geonameid", "population", "i"))
    return _Towns(ids, rows["name"], x, y, population, places)


def labels(
    store: Store,
    x_km: float,
    y_km: float,
    zoom: float,
    width: float,
    height: float,
    most: int,
    first: tuple[int, ...] = (),
) -> list[dict[str, Any]]:
    """Return names to print on a map.

    Parameters
    ----------
    store
        The open database.
    x_km, y_km
        Middle of the view, km in EPSG:3035.
    zoom
        Binary logarithm of pixels per km.
    width, height
        Size of the map, pixels.
    most
        How many names at most.
    first
        Identifiers of settlements whose names come before all larger ones.

    Returns
    -------
    list of dict
        ``name``, ``x``, ``y`` and ``r``, the radius of the settlement's circle (km,
        EPSG:3035), ``i``, its position in the map file, ``anchor`` (see :func:`place`);
        largest place first, after those asked for.
    """
    half = np.array([width, height]) / 2 / 2.0**zoom
    towns = store.memo(("label_towns",), lambda: _towns(store))
    seen = np.flatnonzero((np.abs(towns.x - x_km) < half[0]) & (np.abs(towns.y - y_km) < half[1]))
    if first:
        is_first = np.isin(towns.ids[seen], first)
        seen = np.concatenate([seen[is_first], seen[~is_first]])
    candidates = seen[:CANDIDATES]
    radius = symbol_radius(towns.population[candidates])
    places = [
        {"name": name, "x": round(float(a), 1), "y": round(float(b), 1), "r": float(r), "i": int(i)}
        for name, a, b, r, i in zip(
            towns.names.take(candidates).to_pylist(),
            towns.x[candidates],
            towns.y[candidates],
            radius,
            towns.places[candidates],
            strict=True,
        )
    ]
    return choose(places, x_km, y_km, zoom, width, height, most)


def choose(
    places: list[dict[str, Any]],
    x_km: float,
    y_km: float,
    zoom: float,
    width: float,
    height: float,
    most: int,
) -> list[dict[str, Any]]:
    """Return those of some places (``name``, ``x``, ``y``), first ones first, whose names fit.

    Where places have a ``size`` (radius of their symbol, pixels), a name stands on the side where
    it covers fewer symbols of others.
    """
    if not places:
        return []
    x = (np.array([p["x"] for p in places]) - x_km) * 2.0**zoom + width / 2
    y = (y_km - np.array([p["y"] for p in places])) * 2.0**zoom + height / 2
    radii = np.array([p["size"] for p in places]) if "size" in places[0] else None
    placed = place(x, y, [p["name"] for p in places], width, height, most, radii)
    return [places[i] | {"anchor": anchor} for i, anchor in placed]
