"""Vega-Lite charts as plain specifications, with their tables beside them.

A chart is a dictionary as Vega-Lite reads it; where it or a layer has ``data``, that is an Arrow
table. Nothing is checked while a page runs: a library that builds and validates the same text takes
ten to twenty milliseconds a chart of every rerun. The tests validate all of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa
import streamlit as st

Spec = dict[str, Any]
#: The view that a part can be drawn over in, and the selection's name.
BRUSHED, BRUSH = "brushed", "brush"


def table(columns: Mapping[str, Any]) -> pa.Table:
    """Return columns, each of shape (n,), as a chart's data; NaN and NA are missing."""
    return pa.table({name: pa.array(v, from_pandas=True) for name, v in columns.items()})


def number(field: str, **more: Any) -> Spec:
    """Return the channel of a measured column."""
    return {"field": field, "type": "quantitative", **more}


def name(field: str, **more: Any) -> Spec:
    """Return the channel of a column of names."""
    return {"field": field, "type": "nominal", **more}


def where(test: str, value: float, otherwise: float) -> Spec:
    """Return the channel that has a value where an expression holds, and another elsewhere."""
    return {"condition": {"test": test, "value": value}, "value": otherwise}


def layered(layers: Iterable[Spec], height: int, encodings: tuple[str, ...] | None = None) -> Spec:
    """Return a chart of layers.

    Parameters
    ----------
    layers : iterable of dict
    height : int
        Pixels.
    encodings : tuple of str, optional
        Axes over which a part of the layer named :data:`BRUSHED` can be drawn over; empty means
        all of them, None that no part can.
    """
    spec: Spec = {"layer": list(layers), "height": height}
    if encodings is not None:
        select = {"type": "interval"} | ({"encodings": list(encodings)} if encodings else {})
        spec["params"] = [{"name": BRUSH, "select": select, "views": [BRUSHED]}]
    return spec


def packed(spec: Spec) -> Spec:
    """Return a chart whose tables are named by their content and stand beside it as bytes."""
    datasets: dict[str, bytes] = {}

    def pack(part: Spec) -> Spec:
        if "layer" in part:
            part = part | {"layer": [pack(layer) for layer in part["layer"]]}
        if isinstance(data := part.get("data"), pa.Table):
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, data.schema) as writer:
                writer.write_table(data)
            content = sink.getvalue().to_pybytes()
            key = hashlib.sha256(content).hexdigest()[:16]
            datasets[key] = content
            part = part | {"data": {"name": key}}
        return part

    return pack(spec) | {"datasets": datasets}


def show(spec: Spec, alt: str, target: Any = st, **more: Any) -> None:
    """Draw a chart.

    Parameters
    ----------
    spec : dict
        The chart, with its tables.
    alt : str
        What it shows, for those who do not see it.
    target : object
        Where: Streamlit itself or one of its containers.
    **more : object
        Passed on: ``key``, ``on_select``, ``selection_mode``.
    """
    target.vega_lite_chart(packed(spec), alt=alt, **more)
