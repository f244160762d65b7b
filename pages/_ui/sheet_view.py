"""The sheet of a place on a page: its headline, figures among peers, charts and what it names."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import streamlit as st

from pages._ui import my_place, native, sheet_charts, state, vega
from pages._ui.links import anchor, link
from pages._ui.texts import N_, _, plain
from pipelines.serve import sheet_reading
from pipelines.serve.sheet_parts import (
    QUANTILES,
    Distribution,
    Entry,
    Fact,
    Figure,
    Place,
    PlaceSheet,
    Section,
    Sentence,
)
from pipelines.serve.sheet_words import LEVELS
from pipelines.serve.store import Store

_SHORT = {
    "who": N_("At a glance"),
    "trend": N_("Trend and causes"),
    "age": N_("Age and wealth"),
    "remoteness": N_("Distance"),
    "services": N_("Services"),
    "meeting": N_("Meeting places"),
    "towns": N_("Towns"),
    "type": N_("Kind of town"),
    "like": N_("Places like it"),
    "tried": N_("What was tried"),
    "fits": N_("What could be done"),
}


def show(store: Store, sheet: PlaceSheet, take_away: Callable[[], None]) -> None:
    """Draw a sheet; ``take_away`` draws what prints it."""
    _head(sheet.place)
    take_away()
    st.markdown(" ".join(_said(s) for s in sheet.headline))
    _first(sheet)
    _jumps(sheet)
    st.caption(sheet_reading.how_to_read())
    for section in sheet.sections:
        _section(store, sheet.place, section)


def _said(text: Sentence) -> str:
    return text.worded(plain)


def _head(place: Place) -> None:
    """Draw what the place is, where it lies, and the ways on from here."""
    kind = _(LEVELS[place.level or 0]) if place.kind == "region" else _("Town or village")
    links = [anchor("pages/place.py", _(name), {"region": code}) for code, name in place.within]
    parts = [escape(kind), escape(place.id), " › ".join(links)]
    if not place.within and place.kind == "town":
        parts[-1] = escape(_(place.country_name))
    spoken = native.lang(place.country)
    local = f'<div class="hs-local"{spoken}>{escape(place.name_local)}</div>'
    local = local if place.name_local else ""
    st.html(f'{local}<div class="hs-where">{" · ".join(filter(None, parts))}</div>')
    with st.container(horizontal=True, vertical_alignment="center"):
        if my_place.is_mine(place.id):
            st.button(
                _("No longer my place"),
                icon=":material/home:",
                key="not_mine",
                on_click=my_place.choose,
                args=("",),
            )
        else:
            st.button(
                _("This is my place"),
                icon=":material/home:",
                key="mine",
                on_click=my_place.choose,
                args=(place.id,),
            )
        st.html(f'<div class="hs-ways">{"".join(_ways(place))}</div>')


def _ways(place: Place) -> list[str]:
    """Return links to the maps and lists that show the place."""
    if place.kind == "town":
        return [
            anchor("pages/compare.py", _("Compare"), {"towns": place.id}),
            anchor("pages/towns.py", _("On the map of towns"), {"town": place.id}),
            anchor(
                "pages/remoteness.py",
                _("Who is how far from here"),
                {"view": _("Around a town"), "town": place.id},
            ),
            anchor("pages/small_towns.py", _("Compare with other towns"), {"town": place.id}),
            anchor("pages/what_if.py", _("What if"), {"town": place.id}),
            anchor("pages/what_fits.py", _("What fits here"), {"town": place.id}),
        ]
    level = _(state.LEVELS[place.level or 0])
    choices = {"region": place.id, "level": level}
    return [
        anchor("pages/compare.py", _("Compare"), {"regions": place.id}),
        anchor("pages/regions.py", _("On the map of regions"), choices),
        anchor("pages/shrinking.py", _("Why regions shrink"), choices),
        anchor("pages/towns.py", _("Its towns"), {"within": place.id}),
        anchor("pages/services.py", _("Services in the country"), {"country": place.country}),
    ]


def _first(sheet: PlaceSheet) -> None:
    """Draw the figures of the first screen with what they are elsewhere."""
    order = sheet_reading.first_figures(sheet)
    st.html(f'<div class="hs-tiles">{"".join(map(_tile, order))}</div>')


def _tile(figure: Figure) -> str:
    """Return a figure of the first screen as HTML."""
    others = [
        f"{escape(part.label.worded())}: {escape(figure.written(sheet_reading.typical(part)))}"
        + ("" if part.value is not None else f" ({escape(_('middle'))})")
        for part in figure.beside
        if part.group != "type"
    ]
    number, unit = sheet_reading.split(figure.written())
    return (
        f'<div class="hs-tile"><div class="hs-label">{escape(_(figure.label))}</div>'
        f'<div class="hs-big">{escape(number)} <small>{escape(unit)}</small></div>'
        f'<div class="hs-small">{escape(figure.years)}</div>'
        f'<div class="hs-small">{"<br>".join(others)}</div></div>'
    )


def _jumps(sheet: PlaceSheet) -> None:
    """Draw links to the sections."""
    links = [
        f'<a class="hinterland-link" href="#{s.name}">{escape(_(_SHORT[s.name]))}</a>'
        for s in sheet.sections
    ]
    label = escape(_("On this sheet"))
    st.html(f'<nav class="hs-jumps" aria-label="{label}">{" · ".join(links)}</nav>')


def _section(store: Store, place: Place, section: Section) -> None:
    """Draw one topic."""
    st.header(_(section.title), anchor=section.name)
    if section.sentences:
        st.markdown("\n\n".join(_said(s) for s in section.sentences))
    if section.figures:
        st.html("".join(_figure(f) for f in section.figures))
    if section.facts:
        st.html(f'<dl class="hs-facts">{"".join(_fact(f) for f in section.facts)}</dl>')
    if section.series:
        columns = st.columns(max(2, len(section.series)))
        for column, series in zip(columns, section.series, strict=False):
            title = _(series.title)
            column.subheader(title)
            vega.show(sheet_charts.draw(series), title, column)
    if section.entries:
        lines = "".join(_entry(entry, section) for entry in section.entries)
        st.html(f'<ul class="hs-entries">{lines}</ul>')
    notes = " ".join(_said(note) for note in section.notes)
    credit = state.attribution(store, section.sources) if section.sources else ""
    if notes or credit:
        st.caption(f"{notes} {credit}".strip())
    if section.name == "meeting":
        link("pages/social_places.py", _("Social places and OpenStreetMap"), {})
    if section.name == "fits" and place.kind == "town":
        link("pages/what_fits.py", _("All practices, and your own answers"), {"town": place.id})


def _fact(fact: Fact) -> str:
    meaning = f'<div class="hs-small">{escape(fact.meaning.worded())}</div>' if fact.meaning else ""
    return (
        f"<div><dt>{escape(_(fact.label))}</dt>"
        f"<dd>{escape(fact.value.worded())}{meaning}</dd></div>"
    )


def _entry(entry: Entry, section: Section) -> str:
    """Return a line that leads to what it names."""
    page = {
        "region": ("pages/place.py", "region"),
        "town": ("pages/what_fits.py" if section.name == "fits" else "pages/place.py", "town"),
        "case study": ("pages/case_studies.py", "case"),
    }.get(entry.kind)
    name = (
        anchor(page[0], entry.name, {page[1]: entry.id})
        if page
        else (f"<b>{escape(entry.name)}</b>")
    )
    detail = f'<div class="hs-small" lang="en">{escape(entry.told())}</div>' if entry.detail else ""
    return f"<li>{name} <span>{escape(entry.note.worded())}</span>{detail}</li>"


def _figure(figure: Figure) -> str:
    """Return a figure with its bars as HTML."""
    flags = " ".join(flag.worded() for flag in figure.flags)
    note = f'<div class="hs-small hs-flag">{escape(flags)}</div>' if flags else ""
    how = _("How is it computed?")
    made = {"part": how, "made": f"marts.{figure.table}", "of": figure.column}
    how = anchor("pages/tables.py", how, made)
    number, unit = sheet_reading.split(figure.written())
    small = " · ".join(filter(None, (unit, figure.years)))
    return (
        '<div class="hs-figure"><div class="hs-what">'
        f'<div class="hs-label">{escape(_(figure.label))}</div>'
        f'<div class="hs-small">{escape(figure.meaning.worded())} {how}</div></div>'
        f'<div class="hs-mine"><b>{escape(number)}</b> <span class="hs-years">{escape(small)}'
        f"</span>{note}</div>"
        f'<div class="hs-bars">{_bars(figure)}</div></div>'
    )


def _bars(figure: Figure) -> str:
    """Return one bar a group, all on one scale."""
    if not figure.beside:
        return ""
    mine = figure.value if isinstance(figure.value, int | float) else None
    scale = sheet_reading.Scale(figure.beside, mine)
    return "".join(_bar(figure, part, scale, mine) for part in figure.beside)


def _at(scale: sheet_reading.Scale, value: float) -> float:
    """Return where a value stands, in per cent of a bar."""
    return round(100 * scale.at(value), 1)


def _bar(figure: Figure, part: Distribution, scale: sheet_reading.Scale, mine: float | None) -> str:
    at = {share: round(_at(scale, v)) for share, v in zip(QUANTILES, part.quantiles, strict=True)}
    marks = [
        f'<i class="w" style="left:{at[0.1]}%;width:{at[0.9] - at[0.1]:g}%"></i>',
        f'<i class="m" style="left:{at[0.25]}%;width:{at[0.75] - at[0.25]:g}%"></i>',
        f'<i class="h" style="left:{at[0.5]}%"></i>',
    ]
    if part.value is not None:
        marks.append(f'<i class="v" style="left:{_at(scale, part.value)}%">◆</i>')
    if mine is not None:
        marks.append(f'<i class="p" style="left:{_at(scale, mine)}%"></i>')
    words = escape(_in_words(figure, part))
    return (
        f'<div class="hs-bar"><span>{escape(part.label.worded())}</span>'
        f'<span class="hs-strip" role="img" title="{words}">{"".join(marks)}</span>'
        f"<span>{escape(sheet_reading.rank(part))}</span></div>"
    )


def _in_words(figure: Figure, part: Distribution) -> str:
    """Return what a bar shows as a sentence."""
    quantile = dict(zip(QUANTILES, part.quantiles, strict=True))
    text = _("{group}, {n} places: the middle one {median}, half of them {low} to {high}.").format(
        group=part.label.worded(),
        n=f"{part.count:,}",
        median=figure.written(part.median),
        low=figure.written(quantile[0.25]),
        high=figure.written(quantile[0.75]),
    )
    if part.value is not None:
        text += " " + _("As a whole: {value}.").format(value=figure.written(part.value))
    return text
