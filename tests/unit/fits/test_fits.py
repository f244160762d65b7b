"""What fits here: verdicts, order and the printed brief."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.fits.assessment import settled
from pipelines.fits.brief import brief_html, plain_facts
from pipelines.fits.judge import FAILS, HOLDS, UNKNOWN, fit, judge, ranked

WEIGHTS = {"needs": 2.0, "fits": 1.0, "warns": 1.0}


def row(condition, value="yes", operator="is", strength="fits", practice="p"):
    return {
        "practice": practice,
        "condition": condition,
        "operator": operator,
        "value": value,
        "strength": strength,
        "question": f"Is {condition}?",
        "stated_by": "ours",
    }


def practice(name="p", tried=()):
    return {
        "id": name,
        "title": name.upper(),
        "action": "Do it.",
        "actors": ["municipality"],
        "cost_level": "low",
        "cost_by": "ours",
        "horizon": "short",
        "result": None,
        "tried_at": list(tried),
        "document": "piste",
        "document_title": "White Paper",
        "year": 2023,
        "section_heading": "1a",
    }


@pytest.mark.parametrize(
    ("operator", "value", "answer", "verdict"),
    [
        ("is", "yes", "yes", HOLDS),
        ("is", "yes", "no", FAILS),
        ("is", "yes", None, UNKNOWN),
        ("is_not", "none", "few", HOLDS),
        ("is_not", "none", "none", FAILS),
        ("any_of", "few;many", "many", HOLDS),
        ("any_of", "few; many", "many", HOLDS),
        ("any_of", "few;many", "none", FAILS),
        ("any_of", "few;many", None, UNKNOWN),
        ("at_least", "10", "10", HOLDS),
        ("at_least", "10", "9.5", FAILS),
        ("at_most", "10", "10", HOLDS),
        ("at_most", "10", "11", FAILS),
    ],
)
def test_verdicts(operator, value, answer, verdict):
    assert judge(row("c", value, operator), answer) == verdict


def test_an_unknown_operator_is_refused():
    with pytest.raises(ValueError, match="allowed are"):
        judge(row("c", operator="like"), "yes")


def test_score_by_hand():
    rows = [row("a", strength="needs"), row("b"), row("c"), row("d", strength="warns")]
    found = fit(practice(), rows, {"a": "yes", "b": "no"}, WEIGHTS)
    assert found.score == pytest.approx((2 - 1) / 4)
    assert not found.is_blocked
    warned = fit(practice(), rows, {"a": "yes", "b": "no", "d": "yes"}, WEIGHTS)
    assert warned.score == pytest.approx((2 - 1 - 1) / 4)
    assert [j.row["condition"] for j in warned.cautions] == ["d"]


def test_nothing_known_scores_nothing():
    found = fit(practice(), [row("a"), row("b")], {}, WEIGHTS)
    assert found.score == 0
    assert len(found.of(UNKNOWN)) == 2


def test_what_lacks_a_need_comes_last():
    rows = [
        row("a", practice="blocked", strength="needs"),
        row("b", practice="blocked"),
        row("b", practice="open"),
        row("c", practice="tried"),
    ]
    order = ranked(
        [practice("blocked"), practice("open"), practice("tried", ["bebra"])],
        rows,
        {"a": "no", "b": "yes"},
        WEIGHTS,
    )
    assert [f.practice["id"] for f in order] == ["open", "tried", "blocked"]
    assert order[-1].is_blocked


def test_of_equal_fits_what_was_tried_here_comes_first_and_no_other():
    rows = [row("a", practice=p) for p in ("better", "elsewhere", "here")]
    rows.append(row("b", practice="better"))
    rows.append(row("b", value="no", practice="worse"))
    practices = [
        practice("better"),
        practice("elsewhere", ["ninove"]),
        practice("here", ["bebra"]),
        practice("worse", ["bebra"]),
    ]
    order = ranked(practices, rows, {"a": "yes", "b": "yes"}, WEIGHTS, ["bebra"])
    assert [f.practice["id"] for f in order] == ["here", "better", "elsewhere", "worse"]
    order = ranked(practices, rows, {"a": "yes", "b": "yes"}, WEIGHTS)
    assert [f.practice["id"] for f in order] == ["better", "elsewhere", "here", "worse"]


QUESTIONS = [
    {"id": "q1", "condition": "data", "if_yes": "yes", "if_no": "no"},
    {"id": "q2", "condition": "data", "if_yes": "yes", "if_no": "no"},
    {"id": "q3", "condition": "clubs", "if_yes": "some", "if_no": None},
]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({}, {}),
        ({"q1": "yes"}, {"data": "yes"}),
        ({"q1": "yes", "q2": "yes"}, {"data": "yes"}),
        ({"q1": "yes", "q2": "no"}, {"data": "no"}),
        ({"q1": "yes", "q2": "partly"}, {}),
        ({"q1": "no", "q2": "partly"}, {"data": "no"}),
        ({"q3": "no"}, {}),
        ({"q3": "yes", "q1": None}, {"clubs": "some"}),
    ],
)
def test_what_a_self_assessment_settles(answers, expected):
    assert settled(QUESTIONS, answers) == expected


@given(st.dictionaries(st.sampled_from("abcd"), st.sampled_from(["yes", "no"])))
def test_score_stays_in_bounds_and_each_condition_is_judged_once(answers):
    rows = [
        row(c, strength=s) for c, s in zip("abcd", ["needs", "fits", "fits", "warns"], strict=True)
    ]
    found = fit(practice(), rows, answers, WEIGHTS)
    assert -1 <= found.score <= 1
    assert len(found.judged) == 4
    assert sum(j.verdict == UNKNOWN for j in found.judged) == 4 - len(answers)


TOWN = {
    "country_name": "Germany",
    "region_name": None,
    "population": 14839,
    "size_class": "small_town",
    "region_trend": "shrinking",
    "region_change_pct": -3.29,
    "minutes_to_city": None,
}


def test_the_brief_says_what_is_missing():
    facts = plain_facts(TOWN)
    assert facts["Country and region"] == "Germany, no data"
    assert facts["Minutes by car to a city (estimate)"] == "no data"
    assert facts["Population"].startswith("14,839")
    assert facts["Change of its region"] == "-3.3 %"


def test_the_brief_escapes_everything():
    evil = "<script>alert(1)</script>\"'&"
    bad = {k: evil if isinstance(v, str) else v for k, v in practice().items()}
    bad |= {"actors": [evil], "tried_at": ["x"], "id": "p"}
    found = fit(bad, [row("a", value=evil) | {"question": evil}], {}, WEIGHTS)
    html = brief_html(evil, {evil: evil}, {evil: evil}, [found], {"x": evil}, [evil])
    assert "<script" not in html
    assert html.count("&lt;script&gt;") >= 10
    assert not re.search(r"(src|href)=", html)
    assert "default-src 'none'" in html


def test_the_brief_prints_eight_practices_and_none_that_lacks_a_need():
    rows = [row("a", practice=f"p{i}", strength="needs" if i == 0 else "fits") for i in range(12)]
    order = ranked([practice(f"p{i}") for i in range(12)], rows, {"a": "no"}, WEIGHTS)
    html = brief_html("Bebra", {}, {}, order, {}, [])
    assert html.count("<article>") == 8
    assert ". P0<" not in html
    assert "No question was answered." in html


def test_the_brief_prints_answers_of_user_documents_and_self_assessment():
    rows = [row("a", practice=p) for p in ("new", "own")]
    order = ranked([practice("new"), practice("own", ["bebra"])], rows, {"a": "yes"}, WEIGHTS)
    html = brief_html(
        "Bebra",
        {},
        {"Is it near?": "yes"},
        order,
        {"bebra": "Bebra"},
        [],
        documents={"Is it split?": "no"},
        assessment={"Do I know?": "partly", "Can I act?": "no"},
        here=["bebra"],
    )
    for text in (
        "<b>You.</b> Is it near? yes.",
        "<b>As the documents say.</b> Is it split? no.",
        "<b>Self-assessment.</b> No: Can I act? Partly: Do I know?",
        "<b>Tried here already.</b> OWN.",
        "1. NEW",
    ):
        assert text in html, text
    assert html.count("<article>") == 1
