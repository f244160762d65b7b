"""The first five minutes: which place is yours, and three questions answered for it."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode

import streamlit as st

from pages._ui import finder, my_place, state
from pages._ui.links import anchor
from pages._ui.texts import N_, _, echo, plain, said
from pipelines.core.errors import InputError
from pipelines.serve import search, sheet
from pipelines.serve.sheet_parts import PlaceSheet, Section
from pipelines.serve.store import Store

#: Who asks, and which pages serve them first.
ROLES: dict[str, str] = {
    "planner": N_("planner or mayor"),
    "analyst": N_("analyst or journalist"),
    "researcher": N_("researcher or student"),
}
FIRST_PAGES: dict[str, tuple[str, ...]] = {
    "planner": ("what_fits", "services", "what_if", "social_places"),
    "analyst": ("regions", "shrinking", "shrinking_and_thin", "towns"),
    "researcher": ("tables", "data", "small_towns", "remoteness"),
}
#: A region that shrinks, one of the poorest, and a small town.
EXAMPLES = (("DE733", "Hersfeld-Rotenburg"), ("BG311", "Vidin"), ("2951793", "Bebra"))
_QUESTIONS = (
    N_("Does it grow or shrink, and why?"),
    N_("How far are the city and the services?"),
    N_("Which places are like it, and what was tried?"),
)
_MOST_HITS, _MOST_LINES = 6, 4


def show(store: Store) -> str:
    """Draw the question which place is whose, and the answers; return the visitor's role."""
    mine = my_place.read(store)
    made = _sheet(store, mine.id, _(mine.name)) if mine else None
    if made is None:
        st.header(_("Which place is yours?"))
        place, role = st.columns([3, 2])
        with place:
            _find()
        with role:
            who = _role()
        st.html(_unanswered())
    else:
        title = _("{name}: three questions, three answers")
        head, role = st.columns([3, 2], vertical_alignment="bottom")
        head.header(title.format(name=plain(_(made.place.name))))
        with role:
            who = _role()
        st.html(f'<div class="hw-answers">{"".join(_answers(made, who))}</div>')
    return who


def _role() -> str:
    return state.select(_("You are"), ROLES, "who")


def _sheet(store: Store, code: str, name: str) -> PlaceSheet | None:
    with st.spinner(_("Loading the sheet of {name}").format(name=plain(name))):
        try:
            return state.ask(store, sheet.place_sheet, code)
        except InputError:  # the search or the address says so
            return None


@st.fragment
def _find() -> None:
    """Draw the search whose hit becomes the visitor's own place."""
    text = st.text_input(
        _("Your region or town"),
        key="own_place",
        type="search",
        live="250ms",
        max_chars=search.LONGEST,
        icon=":material/home:",
        placeholder=_("Type its name as you would write it"),
    ).strip()
    if len(text) < 2:
        return
    try:
        every = finder.places(text, None, 3 * _MOST_HITS)
    except InputError as error:
        st.warning(said(error))
        return
    hits = [hit for hit in every if hit.kind in ("region", "town")][:_MOST_HITS]
    if not hits:
        st.caption(_("Nothing is called '{text}'.").format(text=echo(text)))
    elif len(hits) == 1 and hits[0].is_exact:
        my_place.choose(hits[0].id)
        st.rerun()
    else:
        links = "".join(_mine(hit.id, finder.label(hit)) for hit in hits)
        st.html(f'<div class="hinterland-hits">{links}</div>')


def _mine(code: str, label: str) -> str:
    """Return a link that makes a place the visitor's own and stays on the page."""
    others = {k: st.query_params.get_all(k) for k in st.query_params if k != my_place.KEY}
    query = urlencode({**others, my_place.KEY: code}, doseq=True)
    return f'<a class="hinterland-link" href="{escape(f"?{query}")}">{escape(label)}</a>'


def _unanswered() -> str:
    """Return what will be answered, and places to try it with."""
    lines = "".join(f"<li>{escape(_(question))}</li>" for question in _QUESTIONS)
    tries = " · ".join(_mine(code, name) for code, name in EXAMPLES)
    told = escape(_("Three questions are answered for it at once:"))
    return (
        f'<div class="hw-answer"><p>{told}</p><ul class="hw-asked">{lines}</ul>'
        f"<div>{escape(_('Or try one:'))} {tries}</div></div>"
    )


def _answers(made: PlaceSheet, who: str) -> list[str]:
    """Return the three answers, each with the ways to more."""
    place, named = made.place, {section.name: section for section in made.sections}
    region = {"region": place.region} if place.region else {}
    level = {"level": _(state.LEVELS[len(place.region) - 2])} if region else {}
    town = {"town": place.id} if place.kind == "town" else {}
    by_who = {
        "planner": ("pages/shrinking.py", _("Why regions shrink"), region | level),
        "analyst": ("pages/regions.py", _("On the map of regions"), region | level),
        "researcher": ("pages/tables.py", _("Tables & SQL"), {}),
    }[who]
    far = (
        ("pages/remoteness.py", _("Who is how far from here"), town | {"view": _("Around a town")})
        if town
        else ("pages/services.py", _("Services in the country"), {"country": place.country})
    )
    like = (
        ("pages/what_fits.py", _("What fits here"), town)
        if town
        else ("pages/case_studies.py", _("Case studies"), {})
    )
    return [
        _answer(made, 0, "trend", [_trend(made, named)], by_who),
        _answer(made, 1, "services", [_far(named)], far),
        _answer(made, 2, "like", _alike(named), like),
    ]


def _answer(
    made: PlaceSheet,
    question: int,
    section: str,
    parts: list[str],
    more: tuple[str, str, dict[str, str]],
) -> str:
    sheet_link = anchor(
        "pages/place.py", _("Open the sheet"), {made.place.kind: made.place.id}, section
    )
    return (
        f'<section class="hw-answer"><h3>{escape(_(_QUESTIONS[question]))}</h3>{"".join(parts)}'
        f'<div class="hw-more">{sheet_link}{anchor(*more)}</div></section>'
    )


def _trend(made: PlaceSheet, named: dict[str, Section]) -> str:
    """Return the first words of the sheet; for a town what is said of its region, too."""
    sentences = list(made.headline[:2])
    if made.place.kind == "town" and (trend := named.get("trend")):
        sentences = [made.headline[0], *trend.sentences[:3]]
    return "".join(f"<p>{escape(sentence.worded())}</p>" for sentence in sentences)


def _far(named: dict[str, Section]) -> str:
    """Return the minutes by car to the city and to the services of each size."""
    sections = [named[name] for name in ("remoteness", "services") if name in named]
    figures = [figure for section in sections for figure in section.figures]
    by_car = [figure for figure in figures if figure.unit == "minutes" or "min" in figure.column]
    lines = "".join(
        f"<li>{escape(_(figure.label))}: <b>{escape(figure.written())}</b></li>"
        for figure in by_car[:_MOST_LINES]
    )
    return f"<ul>{lines}</ul><p class='hl-quiet'>{escape(_('Estimated minutes by car.'))}</p>"


def _alike(named: dict[str, Section]) -> list[str]:
    """Return the places most alike and what was tried in this one."""
    parts = []
    if like := named.get("like"):
        lines = "".join(
            f"<li>{anchor('pages/place.py', entry.name, {entry.kind: entry.id})} "
            f"<span class='hl-quiet'>{escape(entry.note.worded())}</span></li>"
            for entry in like.entries[:3]
        )
        parts.append(f"<ul>{lines}</ul>")
    if tried := named.get("tried"):
        told = [f"{entry.name}: {entry.note.worded()}" for entry in tried.entries[:2]]
        told = told or [sentence.worded() for sentence in tried.sentences[:1]]
        parts += [f"<p>{escape(text)}</p>" for text in told]
    return parts
