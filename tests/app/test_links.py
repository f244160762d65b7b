"""A link made in one visit shows the same in a fresh one: every page, whatever the languages.

A browser writes the label of a choice into its address, in the language of its visit; the tests
write it there as it does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui import address, directory, state
from pipelines.serve import texts
from tests.app.test_pages import fine
from tests.where import ROOT

LANGUAGES = [code for code in texts.offered() if code != texts.ENGLISH]
Address = Mapping[str, str | Sequence[str]]
#: What is chosen on each page, by codes.
CHOSEN: dict[str, Address] = {
    "overview": {"who": "ANALYST", "my": "DE733"},
    "place": {"region": "DE733", "trend_stable_annual_pct": "0.5"},
    "compare": {"regions": "DE733,ITI31,BG311", "level": "2"},
    "regions": {
        "country": ["EL", "MT"],  # Malta is Malta in English and German
        "trend": "SHRINKING",
        "measure": "DENSITY_PER_KM2",
        "level": "2",
        "order": "LARGEST FIRST",
        "method": "QUANTILES",
        "density": ["50", "1000"],
        "remoteness_close_share": "0.4",
        "several": "true",
        "marked": "EL30",
    },
    "shrinking": {"country": "LT", "webb": "E", "measure": "SHRINKING_CLASS", "level": "2"},
    "shrinking_and_thin": {"country": "EL", "trend": "SHRINKING", "cross": "REMOTE", "level": "2"},
    "remoteness": {
        "view": "SETTLEMENTS",
        "step": "MINUTES_TO_CITY",
        "country": "EL",
        "edition": "2014",
    },
    "services": {
        "place": "REGIONS",
        "service": "MIDDLE_CENTRE",
        "minutes": "40",
        "level": "2",
        "by_regions": "WITHIN_30_SHARE",
    },
    "what_if": {"service": "MIDDLE_CENTRE", "limit": "45", "town": "2951793"},
    "towns": {
        "country": "UK",
        "size": "MEDIUM_TOWN",
        "trend": "GROWING",
        "people": ["5000", "50000"],
    },
    "small_towns": {
        "country": ["EL", "BG"],
        "size": "VILLAGE",
        "role": "ISOLATED",
        "rank": "PROVINCIAL_SEAT",
        "fragile": "IS_REMOTE",
        "town": "2951793",
    },
    "social_places": {"country": "EL", "type": "ASSOCIATION", "public": "YES", "social": "true"},
    "case_studies": {"country": "DE", "kind": "TOWN", "tried": "true"},
    "what_fits": {
        "town": "2951793",
        "actor": "MUNICIPALITY",
        "a_can_hire": "YES",
        "q1": "PARTLY",
        "concept": "CHALLENGES",
    },
    "data": {"table": "TOWNS", "ours": "REMOTENESS", "official": "BORDER"},
    "tables": {"part": "BUILD", "table": "TOWNS"},
}
#: Labels of the choices of a page, by key, in the language in use when it is called.
Choice = tuple[list[Any], Callable[[], list[str]], Mapping[str, Any]]


def values(app: AppTest) -> dict[str, Any]:
    """Return the value of every widget that has a key."""
    kinds = (
        "multiselect selectbox slider select_slider checkbox toggle number_input text_input radio "
        "button_group"
    )
    widgets = [w for kind in kinds.split() for w in app.get(kind)]
    return {str(w.key): w.value for w in widgets if getattr(w, "key", None)}


def opened(page: str, language: str, given: Address) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for name, value in given.items():
        app.query_params[name] = list(value) if not isinstance(value, str) else value
    app.query_params["lang"] = language
    return fine(app.switch_page(f"pages/{page}.py").run())


@pytest.fixture
def choices(monkeypatch: pytest.MonkeyPatch) -> dict[str, Choice]:
    """Return the choices that pages draw, by key, as they draw them."""
    drawn: dict[str, Choice] = {}
    read = state._of_address

    def seen(key: str, options: list[Any], word: Any, codes: Mapping[str, Any]) -> Any:
        drawn[key] = (options, word, codes)
        return read(key, options, word, codes)

    monkeypatch.setattr(state, "_of_address", seen)
    return drawn


def in_language(language: str, word: Callable[[], list[str]]) -> list[str]:
    texts.use(language)
    try:
        return word()
    finally:
        texts.use(None)


def link(
    given: Address, app: AppTest, choices: Mapping[str, Choice], language: str
) -> dict[str, str | list[str]]:
    """Return the address of a visit as a browser writes it."""
    shown, made = values(app), {k: v if isinstance(v, str) else list(v) for k, v in given.items()}
    for key in set(given) & set(choices):
        options, word, _codes = choices[key]
        labels = dict(zip(options, in_language(language, word), strict=True))
        value = shown[key]
        many = list(value) if isinstance(value, list | tuple) else [value]
        made[key] = [labels[one] for one in many]
    return made


def test_every_page_has_choices_here() -> None:
    assert set(CHOSEN) == {entry.name for entry in directory.PAGES}


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(("number", "page"), list(enumerate(CHOSEN)))
def test_a_link_shows_the_same_in_other_languages(
    number: int, page: str, choices: dict[str, Choice]
) -> None:
    """From English to one language, and on from there to a third one."""
    first, second = (LANGUAGES[(number + step) % len(LANGUAGES)] for step in (0, 3))
    given = CHOSEN[page]
    made = opened(page, "en", given)
    assert not [w.value for w in made.warning]
    before = values(made)
    for key in set(given) & set(choices):
        codes = [
            str(v).upper() for v in ([given[key]] if isinstance(given[key], str) else given[key])
        ]
        value = before[key] if isinstance(before[key], list | tuple) else [before[key]]
        assert [str(one).upper() for one in value] == codes, key
    read_back(choices, given)
    for language, source in ((first, "en"), (second, first)):
        address = link(given, made, choices, source)
        made = opened(page, language, address)
        assert not [w.value for w in made.warning]
        assert values(made) == before


def read_back(choices: Mapping[str, Choice], given: Address) -> None:
    """Assert that a label of any language is read in every other: of what is chosen, and more."""
    for key, (options, word, codes) in choices.items():
        if not options:
            continue
        known = {str(option).upper(): option for option in options} | dict(codes)
        every = {language: in_language(language, word) for language in texts.offered()}
        for at in {0, len(options) - 1}:
            labels = list(dict.fromkeys(labels[at] for labels in every.values()))
            for language, own in every.items():
                texts.use(language)
                try:
                    named = address.taken(labels, word, options, known)
                finally:
                    texts.use(None)
                read = named or {label: options[own.index(label)] for label in labels}
                assert read == dict.fromkeys(labels, options[at]), (key, language)
