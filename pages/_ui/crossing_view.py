"""Trend crossed with a second dimension: colours, legend in two directions, counts and lists."""

from __future__ import annotations

from html import escape

import pandas as pd
import streamlit as st

from pages._ui import state, tables, theme, travel
from pages._ui.classes import Classes
from pages._ui.links import link
from pages._ui.measures import NO_DATA, TRAVEL, Measure
from pages._ui.selection import Picker
from pages._ui.texts import N_, _, figure
from pipelines.serve import crossing, meeting_places, osm
from pipelines.serve.crossing_filter import CLASSES, DIMENSIONS, TRENDS, CrossingFilter
from pipelines.serve.palettes import CROSSING
from pipelines.serve.store import Store

QUESTIONS = {
    "desert": N_("Where are there fewer people, and where are services out of reach?"),
    "remote": N_("Where are there fewer people, and where is the city far?"),
    "places": N_("Where are there fewer people, and where are few places to meet mapped?"),
}
LISTED = (
    "nuts_id",
    "name",
    "country",
    "corner",
    "population_end",
    "annual_change_pct",
    "people",
    "desert_share",
    "desert_people",
    "remote_share",
    "minutes_to_city",
    "few_places_share",
)
MOST_LISTED = 100
_HEADS = tables.REGION_HEADS | {
    "desert_share": N_("In deserts"),
    "desert_people": N_("People in deserts"),
    "remote_share": N_("Remote"),
    "minutes_to_city": N_("Min to a city"),
}


def cell_words(by: str) -> dict[str, str]:
    """Return the cells of a dimension in words."""
    return {f"{t}|{step}": f"{_(t)}; {_(step)}" for t in TRENDS for step in CLASSES[by]}


def measure_of(by: str) -> Measure:
    """Return what the map shows for a dimension: one colour a cell."""
    palette = {
        f"{trend}|{step}": colour
        for trend in TRENDS
        for step, colour in zip(CLASSES[by], CROSSING[trend], strict=True)
    }
    label = N_("Trend crossed with another dimension")
    return Measure("cell", QUESTIONS[by], palette, label=label, table="region_crossing")


def legend(classes: Classes, by: str, summary: pd.DataFrame, missing: str, items: str) -> None:
    """Draw the legend: nine cells with counts, the named corners, no data and not selected.

    Parameters
    ----------
    classes : Classes
        Those that coloured the map, of :func:`measure_of`.
    by : str
        The dimension.
    summary : DataFrame
        See :func:`pipelines.serve.crossing.summary`.
    missing : str
        Why some have no data.
    items : str
        How many there are, in words.
    """
    colours = dict(zip(classes.labels, classes.colours, strict=True))
    counts = dict(zip(classes.labels, classes.counts, strict=False))
    head = "".join(f'<th style="font-weight:400">{escape(_(trend))}</th>' for trend in TRENDS)
    lines = []
    for step in reversed(CLASSES[by]):
        cells = "".join(
            _cell(colours[f"{trend}|{step}"], counts[f"{trend}|{step}"]) for trend in TRENDS
        )
        side = f'<th style="font-weight:400;text-align:right">{escape(_(step))}</th>'
        lines.append(f"<tr>{side}{cells}</tr>")
    title = _("Regions by trend and {dimension}").format(dimension=_(DIMENSIONS[by]))
    grid = (
        '<table style="border-spacing:2px;border-collapse:separate;width:100%">'
        f"<tr><td></td>{head}</tr>{''.join(lines)}</table>"
    )
    rows = [
        _row(colour, _(row["corner"]), int(row["regions"]))
        for row, colour in zip(summary.iloc[:4].to_dict("records"), _corner_colours(), strict=True)
    ]
    rows.append(_row(NO_DATA, _("no data"), classes.counts[-1], missing))
    if classes.unselected:
        rows.append(_row(theme.unselected(), _("not in the selection"), classes.unselected))
    st.html(
        f'<div data-testid="legend" style="font-size:.85rem"><div style="font-weight:600">'
        f"{escape(title)}</div>{grid}{''.join(rows)}"
        f'<div class="hl-quiet" style="text-align:right">{escape(items)}</div></div>'
    )


def _corner_colours() -> list[str]:
    """Return the colours of the four quadrants in their order."""
    return [CROSSING[trend][step] for trend in (TRENDS[0], TRENDS[2]) for step in (2, 0)]


def _ink(colour: str) -> str:
    """Return black or white, whichever is read better on a colour."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts)
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    # WCAG 2.2: the contrast to black is (luminance + 0.05) / 0.05, to white 1.05 / (luminance +
    # 0.05); they are equal at 0.179.
    return "#000" if luminance > 0.179 else "#fff"


def _cell(colour: str, count: int) -> str:
    return (
        f'<td style="background:{colour};color:{_ink(colour)};border:1px solid #777;'
        f'text-align:center;height:2.2rem;min-width:3rem">{figure(count)}</td>'
    )


def _row(colour: str, label: str, count: int, note: str = "") -> str:
    more = f'<span class="hl-quiet"> ({escape(note)})</span>' if note and count else ""
    return (
        '<div style="display:flex;align-items:center;gap:.5rem;line-height:1.55">'
        f'<span style="flex:none;width:1.3rem;height:.9rem;background:{colour};'
        f'border:1px solid #777"></span><span style="flex:1">{escape(label)}{more}</span>'
        f'<span class="hl-quiet">{figure(count)}</span></div>'
    )


def quadrants(store: Store, summary: pd.DataFrame, by: str, has_places: bool) -> None:
    """Draw the table of quadrants: regions, people, and how many are thin in other ways too."""
    shown = summary.assign(
        corner=summary["corner"].map(_),
        desert_people=summary["desert_people"].round().astype("Int64"),
        population_end=summary["population_end"].astype("Int64"),
    )
    columns = {
        "corner": _("Quadrant"),
        "regions": tables.number(_("Regions"), "localized"),
        **tables.columns(store, "region_crossing", ("population_end", "desert_people")),
        "unserved": tables.number(_("also unserved"), "localized"),
        "remote": tables.number(_("also remote"), "localized"),
        "few_places": tables.number(_("also few places"), "localized"),
    }
    own = {"desert": "unserved", "remote": "remote", "places": "few_places"}[by]
    shown = shown.drop(columns=[own] if has_places else [own, "few_places"])
    credit = osm.ATTRIBUTION if has_places else ""
    tables.show(shown, columns, _("Regions by quadrant"), credit=credit)


def table(store: Store, rows: pd.DataFrame, picker: Picker, has_places: bool) -> None:
    """Draw the first regions of a selection; a row opens its region."""
    first = rows.head(MOST_LISTED)
    names = [name for name in LISTED if has_places or name != "few_places_share"]
    listed = tables.narrow(
        first[names],
        [n for n in names if n.endswith(("_pct", "_share", "_city"))],
        ("country", "corner"),
    )
    known = [n for n in names if n not in ("corner", "few_places_share")]
    tables.show(
        listed,
        tables.columns(store, "region_crossing", known, _HEADS)
        | {
            "corner": _("Quadrant"),
            "few_places_share": tables.number(_("With few places"), "percent"),
        },
        _("Selected regions"),
        height=340,
        picker=picker,
        ids=first["nuts_id"].tolist(),
        credit=osm.ATTRIBUTION if has_places else "",
    )
    if len(rows) > MOST_LISTED:
        text = _("The first {n} of {total}; the download holds all.")
        st.caption(text.format(n=MOST_LISTED, total=f"{len(rows):,}"))


def settlements(store: Store, selection: CrossingFilter, ids: list[str]) -> None:
    """Draw the settlements in service deserts of some regions."""
    rows = state.ask(store, crossing.settlements, selection.level, tuple(ids))
    total = rows.attrs["total"]
    st.caption(
        _(
            "{n} settlements of the selected regions are service deserts: beyond the planning "
            "target of {tiers} tiers of centres or more. The {listed} largest are listed."
        ).format(
            n=f"{total:,}",
            tiers=f"{state.thresholds(store)['access_desert_tiers']:g}",
            listed=f"{len(rows):,}",
        )
    )
    names = ["name", "country_name", "region_name", "population", "minutes_to_city", "remoteness"]
    tables.show(
        tables.narrow(
            rows[[*names, "tiers_beyond"]],
            ["minutes_to_city"],
            ["country_name", "region_name", "remoteness"],
        ),
        tables.columns(store, "towns", names)
        | tables.columns(store, "town_deserts", ["tiers_beyond"]),
        _("Settlements in service deserts"),
        height=300,
        credit=osm.ATTRIBUTION if selection.needs_places else "",
    )


def caption(every: pd.DataFrame, selection: CrossingFilter) -> str:
    """Return what the map shows, of which years and boundaries."""
    years = every["year_end"].dropna()
    span = _("{first} to {last}").format(first=every["year_start"].min(), last=years.max())
    return _(
        "Annual population change {years} by {dimension}, {level}, NUTS 2021. Services are a "
        "state, not a change: thin, not thinning. {recomputed} EPSG:3035."
    ).format(
        years=span if len(years) else "",
        dimension=_(DIMENSIONS[selection.by]),
        level=_(state.LEVELS[selection.level]),
        recomputed=travel.recomputed(),
    )


def missing(every: pd.DataFrame, by: str) -> str:
    """Return why selected regions have no data."""
    chosen = every[every["is_selected"] & every["cell"].isna()]
    without = int(chosen["trend"].isna().sum())
    reasons = [_("{n} without population figures").format(n=f"{without:,}")] if without else []
    if by == "places" and (unknown := int(chosen["places_class"].isna().sum())):
        reasons.append(_("{n} without an extract").format(n=f"{unknown:,}"))
    return ", ".join(reasons)


def reading(store: Store, by: str) -> None:
    """Say what the quadrants mean."""
    limits = state.thresholds(store)
    texts = {
        "desert": _(
            "Unserved: more people than the upper bound live beyond the planning target of several "
            "tiers of centres. Services remain: no more than the lower bound do. That services "
            "remain says nothing yet of places to meet."
        ),
        "remote": _(
            "Remote: fewer people than the least share are close to a city. Close to a city: no "
            "more than the lower bound are far from one."
        ),
        "places": _(
            "Few places: more people than the upper bound live in settlements where fewer than "
            "{few} of 20 types of places are mapped. Places remain: no more than the lower bound "
            "do. What is not mapped may well be there."
        ).format(few=f"{limits['osm_few_types']:g}"),
    }
    st.caption(
        texts[by]
        + " "
        + _(
            "The corners have names; a stable trend and the middle class are in between. The "
            "thresholds of the sidebar decide."
        )
    )


def what_extracts_say(every: pd.DataFrame, places: pd.DataFrame | None) -> None:
    """Say of how many regions meeting places are known, or what an extract would add."""
    if places is None:
        st.caption(
            _(
                "Meeting places are not in this crossing yet: no OpenStreetMap extract was added. "
                "One would tell regions that decline though places remain (the documents' "
                "resilient village) from those where few are mapped."
            )
        )
    else:
        notes = places.loc[places["nuts_id"].isin(every["nuts_id"]), "places_note"]
        st.caption(
            _(
                "Meeting places are known of {n} regions; of {covered} too few people are covered, "
                "{mapped} are probably not mapped. {credit}"
            ).format(
                n=f"{int(every['places_class'].notna().sum()):,}",
                covered=f"{int((notes == meeting_places.NOT_COVERED).sum()):,}",
                mapped=f"{int((notes == meeting_places.NOT_MAPPED).sum()):,}",
                credit=osm.ATTRIBUTION,
            )
        )
    link("pages/social_places.py", _("Social places"), {})


def package(store: Store, selection: CrossingFilter, rows: pd.DataFrame) -> None:
    """Draw the one way out of a selection that rests on OpenStreetMap: with its licence."""
    st.download_button(
        _("Regions (zip with the ODbL notice)"),
        lambda: meeting_places.package(store, rows, selection.words()),
        "hinterland-shrinking-and-thin.zip",
        "application/zip",
        icon=":material/download:",
        key="thin_download",
        on_click="ignore",
    )


#: Sources beside those of the trend.
SOURCES = ("gisco_nuts_2021", *TRAVEL)
