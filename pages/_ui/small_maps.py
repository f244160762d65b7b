"""Small maps of one measure in several years, with one legend, to look at and to print."""

from __future__ import annotations

from html import escape

import streamlit as st

from pages._ui import address, legend, paper, region_map, state
from pages._ui.classes import Classes, classify
from pages._ui.measures import NO_DATA, UNSELECTED, Measure, field_of
from pages._ui.shown import Shown
from pages._ui.texts import _, figure
from pipelines.paper import multiples
from pipelines.serve import region_years
from pipelines.serve.filters import RegionFilter
from pipelines.serve.store import Store

_DPI = 110  # of the picture on the page, which is drawn for print


def show(
    store: Store,
    selection: RegionFilter,
    measure: Measure,
    classes: Classes,
    region: str,
) -> None:
    """Draw the switch, the years and the small maps of a measure that has a series.

    Parameters
    ----------
    store : Store
    selection : RegionFilter
    measure : Measure
        As the choice has it, without a year.
    classes : Classes
        What coloured the large map: its bounds are those of the small ones.
    region : str
        Code of the region that is outlined, or empty.
    """
    years = state.ask(store, region_years.years, measure.column, selection.level)
    if len(years) < 2 or not address.checkbox(st, _("Small maps of several years"), "small"):
        return
    chosen = state.multiselect(
        _("Years of the small maps"),
        [str(year) for year in years],
        "years",
        default=[str(year) for year in spread(years)],
        max_selections=multiples.MOST,
    )
    if not chosen:
        st.info(_("Choose at least one year."))
        return
    drawn = {
        int(year): _classes(store, selection.level, measure, classes, int(year))
        for year in sorted(chosen)
    }
    given = _multiples(store, selection, measure, drawn, region)
    key = (store.pointer.file, given, str(st.session_state.get("lang")))
    picture = state.visit_memo(
        "small_maps", key, lambda: multiples.picture(store, given, "png", _DPI)
    )
    st.image(picture, width="stretch", alt=f"{given.title}: {', '.join(sorted(chosen))}")
    _counts(drawn, given)
    paper.of_small_maps(store, given, f"hinterland-regions-{measure.column}-years")


def spread(years: tuple[int, ...], most: int = multiples.MOST) -> list[int]:
    """Return so many of the years, evenly from first to last."""
    if len(years) <= most:
        return list(years)
    return [years[round(i * (len(years) - 1) / (most - 1))] for i in range(most)]


def _classes(
    store: Store, level: int, measure: Measure, large: Classes, year: int
) -> tuple[Shown, Classes]:
    """Return the classes of a year, with the bounds and the selection of the large map."""
    shown = region_map.of_year(store, measure, level, year)
    outside = len(large.labels) + 1
    width = large.digits
    codes = [int(large.codes[i : i + width]) for i in range(0, len(large.codes), width)]
    chosen = [i for i, code in enumerate(codes) if code != outside] if large.unselected else None
    return shown, classify(shown.values["value"], chosen, measure, "fixed", large.bounds)


def _multiples(
    store: Store,
    selection: RegionFilter,
    measure: Measure,
    drawn: dict[int, tuple[Shown, Classes]],
    region: str,
) -> multiples.Multiples:
    field, first = field_of(store, measure), next(iter(drawn.values()))[1]
    rows = [*reversed(list(zip(first.colours, map(_, first.labels), strict=True)))]
    rows.append((NO_DATA, _("no data")))
    if first.unselected:
        rows.append((UNSELECTED, _("not in the selection")))
    return multiples.Multiples(
        _(measure.question),
        selection.words(),
        selection.level,
        tuple(
            multiples.Panel(shown.span, paper.colours(classes, shown.values))
            for shown, classes in drawn.values()
        ),
        legend.titled(field.label, field.unit),
        tuple(rows),
        selection.countries,
        region,
        tuple(field.sources),
        f"{_(state.LEVELS[selection.level])}, {_(measure.vintage)}.",
    )


def _counts(drawn: dict[int, tuple[Shown, Classes]], given: multiples.Multiples) -> None:
    """Draw how many regions each class has in each year: the maps in words."""
    heads = "".join(f'<th scope="col">{escape(shown.span)}</th>' for shown, _c in drawn.values())
    some = next(iter(drawn.values()))[1]
    names = [*map(_, some.labels), _("no data")]
    order = [*reversed(range(len(some.labels))), len(some.labels)]
    rows = "".join(
        f'<tr><th scope="row">{escape(names[i])}</th>'
        + "".join(f"<td>{figure(classes.counts[i])}</td>" for _s, classes in drawn.values())
        + "</tr>"
        for i in order
    )
    st.html(
        f'<table class="hinterland-counts"><caption>{escape(given.legend_title)}: '
        f"{escape(_('regions'))}</caption><thead><tr><th></th>{heads}</tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )
