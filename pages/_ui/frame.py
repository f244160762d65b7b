"""The frame that the pages share: the map left, legend and figures right, sources below."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

import pydeck as pdk
import streamlit as st

from pages._ui import format, legend, maps, state, summary, tooltips
from pages._ui.classes import Classes
from pages._ui.links import link
from pages._ui.measures import Measure, field_of
from pages._ui.selection import Picker
from pages._ui.texts import _, ngettext
from pipelines.serve import near, queries
from pipelines.serve import tooltips as served
from pipelines.serve.side_by_side import FEWEST, MOST
from pipelines.serve.store import Store

LAND = "natural_earth_land"
PLACES = "geonames_cities500"
#: What a map shows in words, for those who do not see it; it goes with the map.
_SUMMARIES: WeakKeyDictionary[pdk.Deck, str] = WeakKeyDictionary()


@contextmanager
def map_left(
    store: Store,
    picker: Picker,
    deck: pdk.Deck | Callable[[], pdk.Deck],
    alt: str,
    sources: Iterable[str],
    *,
    title: str = "",
    captions: Iterable[str] = (),
    note: str = "",
    shares: tuple[int, int] = (3, 1),
) -> Iterator[None]:
    """Draw a map with its captions; what the ``with`` block draws stands beside it.

    Parameters
    ----------
    store : Store
        The served database.
    picker : Picker
        The choice that a click makes.
    deck : Deck or callable
        The map, or what draws further widgets above it and returns it.
    alt : str
        What it shows, for those who do not see it.
    sources : iterable of str
        Names of the sources to credit below it.
    title, captions : str, iterable of str
        What stands above it.
    note : str
        What stands before the credits.
    shares : tuple of int
        Widths of the two halves.
    """
    left, right = st.columns(shares)
    with left:
        if title:
            st.header(title)
        for caption in captions:
            st.caption(caption)
        drawn = deck() if callable(deck) else deck
        picker.draw(drawn, f"{alt}. {_SUMMARIES.get(drawn, '')}".strip())
        st.caption(f"{note} {state.attribution(store, sources)}".strip())
    with right:
        yield


def region_deck(
    store: Store,
    name: str,
    classes: Classes,
    picked: str | Sequence[str] = "",
    box: list[float] | None = None,
    around: float = 0.5,
) -> pdk.Deck:
    """Return the map of regions of a file; Europe as a whole needs no names of places."""
    view = maps.view_of(box, around=around)
    shapes = state.region_shapes(store, name, [picked] if isinstance(picked, str) else picked)
    outlined = shapes if len(shapes) < 2 else served.outlines(store, shapes)
    if len(shapes) == 1 and "-2024-" not in name:
        code = shapes[0]["properties"]["id"]
        outlined = served.outlines(store, state.ask(store, near.shapes, len(code) - 2, code))
    deck = maps.region_deck(
        state.region_files(store, name),
        classes,
        outlined,
        view,
        state.labels(store, view) if box else (),
        tooltips.of_regions(store, name, classes),
    )
    _SUMMARIES[deck] = summary.of_regions(store, name, classes)
    return deck


@contextmanager
def region_map(
    store: Store,
    picker: Picker,
    file: str,
    measure: Measure,
    classes: Classes,
    region: str,
    *,
    boxes: dict[str, list[float]],
    focus: Sequence[str],
    sources: Iterable[str],
    caption: str,
    note: str = "",
) -> Iterator[None]:
    """Draw the map that answers a measure's question; beside it stands the ``with`` block.

    Parameters
    ----------
    file : str
        Name of the map file of the regions.
    region : str
        Code of the region that gets an outline and the view, if it has a box; else empty.
    boxes : dict of str to list of float
        Box of each region (west, south, east, north in km, EPSG:3035).
    focus : sequence of str
        Codes that the view holds where no region is chosen.
    sources : iterable of str
        Sources to credit beside those of the measure and the land.
    caption : str
        What the map shows, of which years and boundaries.
    note : str
        What stands below it, before the credits.
    """
    # While several are marked the view stays where they are clicked.
    is_one = region in boxes and not picker.is_several
    outlined = [*picker.marked, region] if picker.is_several else region
    box = state.box_around(boxes, [region] if is_one else focus)
    with map_left(
        store,
        picker,
        region_deck(store, file, classes, outlined, box, 1.8 if is_one else 0.5),
        _("Map: {question}").format(question=_(measure.question)),
        (*field_of(store, measure).sources, *sources, LAND),
        title=_(measure.question),
        captions=[caption],
        note=note,
    ):
        yield


def town_deck(
    store: Store,
    classes: Classes,
    town: dict[str, Any] | None = None,
    box: list[float] | None = None,
    service: str | None = None,
    region: str = "",
    beside: Sequence[int] = (),
) -> pdk.Deck:
    """Return the map of settlements with the sites of a service.

    A chosen ``town`` and those ``beside`` it (by identifier) are ringed and named whatever their
    size; ``region`` is outlined, or else that of the town.
    """
    view = maps.view_of(box)
    ringed = [*([town["geonameid"]] if town else []), *beside]
    region = region or (str(town["nuts_id"] or "") if town else "")
    deck = maps.town_deck(
        state.town_files(store, box, service),
        classes,
        [state.ask(store, queries.town_symbol, identifier) for identifier in ringed],
        view,
        state.labels(store, view, first=tuple(ringed)) if box else (),
        tooltips.of_towns(store, classes),
        state.region_shapes(store, "regions-3", [region]),
    )
    _SUMMARIES[deck] = summary.of_towns(store, classes)
    return deck


def point_deck(
    store: Store,
    points: list[dict[str, Any]],
    picked: str,
    names: bool,
    box: list[float] | None = None,
) -> pdk.Deck:
    """Return the map of a few points that the page holds, with names where wanted.

    It shows a box (west, south, east, north in km) with its larger places, or Europe.
    """
    view = maps.view_of(box, around=0.1)
    labels = state.point_labels(points, view) if names else state.labels(store, view) if box else ()
    return maps.point_deck(
        state.region_files(store, "regions-0"), points, picked or None, view, labels
    )


def marked_figures(store: Store, picker: Picker) -> None:
    """Draw how many regions are marked, their people, their change and their area."""
    if not picker.marked:
        return
    facts = state.ask(store, queries.marked_summary, tuple(picker.marked))
    people, before = facts["population_end"], facts["population_start"]
    change = format.percent(100 * (people / before - 1), 2) if before else format.none()
    st.metric(
        ngettext("{n} region marked", "{n} regions marked", facts["regions"]).format(
            n=f"{facts['regions']:,}"
        ),
        _("{n} people").format(n=format.people(people)),
        _("change {change}, {area} km²").format(
            change=change, area=format.number(facts["area_km2"])
        ),
        delta_color="off",
        delta_arrow="off",
    )
    if len(picker.marked) > MOST:
        st.caption(_("Up to {most} of them can be compared.").format(most=MOST))
    elif facts["regions"] >= FEWEST:
        link("pages/compare.py", _("Compare them"), {"regions": ",".join(picker.marked)})


def legend_of(
    store: Store, measure: Measure, classes: Classes, items: str, rest: str | None = None
) -> None:
    """Draw the legend of a measure."""
    field = field_of(store, measure)
    legend.show(
        classes,
        field.label,
        field.unit,
        items,
        measure.is_number,
        rest or _("not in the selection"),
    )
