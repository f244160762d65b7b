"""A brief of two printed pages: a town, its answers and the practices that fit best.

One file without scripts, images or addresses that load anything; every text is escaped.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from html import escape
from typing import Any

from pipelines.fits.assessment import NO, PARTLY, YES
from pipelines.fits.judge import HOLDS, UNKNOWN, Fit, Judged, in_words

# What two pages of A4 hold.
PRACTICES = 8
# How many of the best practices the open questions are taken from.
ASKED_FOR = 30
QUESTIONS = 8
_STYLE = """
@page { size: A4; margin: 13mm 14mm; }
body { font: 8.9pt/1.33 Georgia, "DejaVu Serif", serif; color: #1a1a1a; max-width: 182mm;
       margin: 0 auto; }
h1 { font-size: 16pt; margin: 0 0 1mm; } h2 { font-size: 11.5pt; margin: 4mm 0 1mm; }
h3 { font-size: 9.8pt; margin: 0 0 .5mm; } p, ul { margin: 0 0 1mm; } ul { padding-left: 5mm; }
table { border-collapse: collapse; width: 100%; } td { padding: .4mm 2mm .4mm 0;
       vertical-align: top; border-bottom: .2mm solid #ccc; }
article { break-inside: avoid; margin: 0 0 2.2mm; } .small { font-size: 7.6pt; color: #444; }
.holds { color: #00532f; } .fails { color: #8a3a00; } .unknown { color: #555; }
@media screen { body { padding: 8mm; } }
"""


def _line(mark: str, css: str, judged: Sequence[Judged]) -> str:
    if not judged:
        return ""
    texts = "; ".join(f"{j.row['question']} ({j.requirement})" for j in judged)
    return f'<div class="{css}"><b>{mark}</b> {escape(texts)}</div>'


def _practice(number: int, fit: Fit, cases: Mapping[str, str]) -> str:
    row = fit.practice
    tried = ", ".join(cases.get(c, c) for c in row["tried_at"] or [])
    where = f"Tried in {tried}. " if tried else "No place is named where it was tried. "
    outcome = f"Result: {row['result']}" if row["result"] else "No result is reported."
    return (
        f"<article><h3>{number}. {escape(row['title'])}</h3><p>{escape(row['action'])}</p>"
        + _line("Holds:", "holds", fit.of(HOLDS))
        + _line("Does not hold:", "fails", [j for j in fit.of("does not hold")])
        + _line("Not known:", "unknown", fit.of(UNKNOWN))
        + _line("Take care:", "fails", fit.cautions)
        + f"<p>{escape(where + outcome)}</p>"
        f'<p class="small">Who acts: {escape(", ".join(map(in_words, row["actors"])))}. Cost: '
        f"{escape(row['cost_level'])} ({'ours' if row['cost_by'] == 'ours' else 'document'}); "
        f"horizon: {escape(row['horizon'])} (ours). Source: {escape(row['document_title'])} "
        f"({row['year']}), {escape(row['section_heading'])}.</p></article>"
    )


def _open_questions(fits: Sequence[Fit]) -> list[str]:
    """Return the questions whose answer would settle most practices."""
    tally: dict[str, int] = {}
    for fit in fits:
        for judged in fit.of(UNKNOWN):
            tally[judged.row["question"]] = tally.get(judged.row["question"], 0) + 1
    return sorted(tally, key=lambda q: (-tally[q], q))[:QUESTIONS]


def _said(heading: str, answers: Mapping[str, str]) -> str:
    """Return a paragraph of questions with their answers, or nothing where there are none."""
    if not answers:
        return ""
    texts = "; ".join(f"{q} {in_words(a)}" for q, a in answers.items())
    return f'<p class="small"><b>{escape(heading)}</b> {escape(texts)}.</p>'


def _assessed(answers: Mapping[str, str]) -> str:
    """Return the self-assessment: its questions by answer, what is missing first."""
    texts = []
    for answer in (NO, PARTLY, YES):
        if posed := [question for question, given in answers.items() if given == answer]:
            texts.append(f"{answer.capitalize()}: {' '.join(posed)}")
    if not texts:
        return ""
    return f'<p class="small"><b>Self-assessment.</b> {escape(" ".join(texts))}</p>'


def _tried(fits: Sequence[Fit], here: Collection[str]) -> str:
    """Return the practices that the town tried itself, in the order of their fit."""
    own = [fit.practice["title"] for fit in fits if fit.was_tried_at(here)]
    if not own:
        return ""
    return f'<p class="small"><b>Tried here already.</b> {escape("; ".join(own))}.</p>'


def brief_html(
    title: str,
    facts: Mapping[str, str],
    answers: Mapping[str, str],
    fits: Sequence[Fit],
    cases: Mapping[str, str],
    notes: Sequence[str],
    *,
    documents: Mapping[str, str] | None = None,
    assessment: Mapping[str, str] | None = None,
    here: Collection[str] = (),
) -> str:
    """Return the brief as one HTML text.

    Parameters
    ----------
    title
        Name of the town.
    facts
        What the data says, in words, by label.
    answers
        What the user said, by question.
    fits
        Ranked practices; the first eight are printed that are not blocked and were not tried here.
    cases
        Names of case studies by id.
    notes
        Attribution, version and limits, a line each.
    documents
        What the documents say of the town and the user left so, by question.
    assessment
        Answers of the self-assessment (yes, partly, no) by question.
    here
        Ids of the town's own case studies, whose practices it tried itself.
    """
    open_ones = [f for f in fits if not f.is_blocked]
    # What was tried here is named in a line; the room is for what was not.
    displayed = [f for f in open_ones if not f.was_tried_at(here)][:PRACTICES]
    table = "".join(f"<tr><td>{escape(k)}</td><td>{escape(v)}</td></tr>" for k, v in facts.items())
    said = (
        _said("You.", answers)
        + _said("As the documents say.", documents or {})
        + _assessed(assessment or {})
    ) or "<p>No question was answered.</p>"
    open_questions = "".join(
        f"<li>{escape(q)}</li>" for q in _open_questions(open_ones[:ASKED_FOR])
    )
    articles = [_practice(n, f, cases) for n, f in enumerate(displayed, start=1)]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">"
        f"<title>What fits {escape(title)}</title><style>{_STYLE}</style></head><body>"
        f"<h1>What fits {escape(title)}</h1>"
        "<p>Practices of five documents whose own conditions are met here. The order is an aid to "
        "reading: it does not say that a practice will work.</p>"
        f"<h2>What the data says</h2><table>{table}</table>"
        f"<h2>What was answered</h2>{said}"
        f"<h2>Practices</h2>{_tried(fits, here)}{''.join(articles)}"
        f"<h2>What to find out next</h2><ul>{open_questions or '<li>Nothing is open.</li>'}</ul>"
        + "".join(f'<p class="small">{escape(line)}</p>' for line in notes)
        + "</body></html>\n"
    )


def plain_facts(town: Mapping[str, Any]) -> dict[str, str]:
    """Return what the data says about a town, in words; a missing value is "no data"."""

    def text(value: Any, pattern: str = "{}") -> str:
        return "no data" if value is None else in_words(pattern.format(value))

    return {
        "Country and region": f"{town['country_name']}, {text(town['region_name'])}",
        "Population": text(town["population"], "{:,} people (GeoNames)"),
        "Size class": text(town["size_class"]),
        "Role among towns (our proxy)": text(town.get("role")),
        "Type (ours)": text(town.get("smst_type")),
        "Remoteness (SNAI style)": text(town.get("remoteness")),
        "Minutes by car to a city (estimate)": text(town.get("minutes_to_city"), "{:.0f}"),
        "Trend of its region": text(town["region_trend"]),
        "Change of its region": text(town["region_change_pct"], "{:+.1f} %"),
    }
