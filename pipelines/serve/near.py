"""Finer outlines of regions, cut into squares that a browser fetches when a map is near."""

from __future__ import annotations

import gzip
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.serve.store import Store

#: Side of a square, km in EPSG:3035; squares count from the origin of the plane.
TILE_KM = 256
#: From this zoom on finer outlines are drawn: a pixel is a km then.
FROM_ZOOM = 0.0


@lru_cache(maxsize=8)
def _polygons(path: Path) -> tuple[NDArray[np.float64], list[str]]:
    """Return boxes (west, south, east, north in km, shape (n, 4)) and features as JSON."""
    parts = json.loads(gzip.decompress(path.read_bytes()))
    texts = [
        json.dumps(part["feature"], ensure_ascii=False, separators=(",", ":")) for part in parts
    ]
    return np.array([part["box"] for part in parts], dtype=float).reshape(-1, 4), texts


@lru_cache(maxsize=512)
def tile(path: Path, x: int, y: int) -> bytes:
    """Return the polygons that reach into a square, as a gzipped GeoJSON collection.

    Polygons are whole, so that no border is drawn along the edge of a square.

    Parameters
    ----------
    path : Path
        The map file ``near-<level>`` of a published database; its content never changes.
    x, y : int
        Column and row of the square.
    """
    boxes, texts = _polygons(path)
    west, south = x * TILE_KM, y * TILE_KM
    inside = (
        (boxes[:, 0] < west + TILE_KM)
        & (boxes[:, 2] > west)
        & (boxes[:, 1] < south + TILE_KM)
        & (boxes[:, 3] > south)
    )
    features = ",".join(texts[i] for i in np.flatnonzero(inside))
    text = f'{{"type":"FeatureCollection","features":[{features}]}}'
    return gzip.compress(text.encode(), compresslevel=6, mtime=0)


def shapes(store: Store, level: int, code: str) -> list[dict[str, Any]]:
    """Return the features (km, EPSG:3035) of a region of a level, one a polygon."""
    boxes_and_features = store.memo(
        ("near", level), lambda: _polygons(store.maps / f"near-{level}.json.gz")
    )
    mark = f'"id":"{code}"'
    return [json.loads(text) for text in boxes_and_features[1] if mark in text[:120]]
