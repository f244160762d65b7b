"""Every page in another language: it runs, speaks it, and its address keeps it."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import copy_context
from typing import Any

import pytest
from streamlit.commands import navigation
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

from pages._ui import directory, my_place
from pages._ui.texts import capital
from pipelines.serve import texts
from tests.app.test_pages import fine
from tests.where import ROOT

LANGUAGES = [code for code in texts.offered() if code != texts.ENGLISH]
# Each page in one language, and each language on two pages or more.
PAIRS = [
    (entry.path, LANGUAGES[number % len(LANGUAGES)]) for number, entry in enumerate(directory.PAGES)
]


def opened(page: str, **address: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for name, value in address.items():
        app.query_params[name] = value
    # At once: a driver that leaves a page asks it for its choices in English.
    return fine(app.switch_page(page).run())


def test_the_nine_languages_are_offered() -> None:
    assert set(texts.offered()) == {"en", "de", "it", "nl", "el", "bg", "fr", "hr", "lt"}


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(("page", "language"), PAIRS)
def test_a_page_runs_in_a_language(page: str, language: str) -> None:
    english, app = opened(page, lang="en"), opened(page, lang=language)
    assert app.title[0].value != english.title[0].value
    assert app.query_params["lang"] in (language, [language])


@pytest.mark.usefixtures("home")
def test_a_link_in_german_reproduces_its_filter() -> None:
    """An address names options by their label in its language, or by their code in any."""
    counts = []
    for language, trend in (("de", "schrumpfend"), ("de", "shrinking"), ("en", "shrinking")):
        app = opened("pages/regions.py", lang=language, trend=trend)
        counts.append(app.multiselect(key="trend").value)
    assert counts == [["shrinking"]] * 3


@pytest.mark.usefixtures("home")
def test_an_address_without_a_page_is_told_on_the_first_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Streamlit's own box speaks English alone, whatever the visitor does."""
    resolve = PagesManager.set_pages_and_resolve

    def unknown(self: PagesManager, *pages: Any, **more: Any) -> None:
        resolve(self, *pages, **more)

    monkeypatch.setattr(PagesManager, "set_pages_and_resolve", unknown)
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    said = [warning.value for warning in fine(app.run()).warning]
    assert said == ["There is no page at this address."]
    assert navigation.send_page_not_found is directory._note_unknown


@pytest.mark.usefixtures("home")
def test_a_fault_of_a_page_is_said_in_its_language(monkeypatch: pytest.MonkeyPatch) -> None:
    """The exception goes on, to the log and to this test; the visitor reads a sentence first."""

    def fails(*_arguments: object, **_named: object) -> None:
        raise ZeroDivisionError("a fault")

    monkeypatch.setattr(my_place, "show", fails)
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.query_params["lang"] = "de"
    app.run()
    assert app.exception[0].message == "a fault"
    again = "Der Rest dieser Seite konnte nicht gezeichnet werden"
    assert [e for e in app.error if e.icon == ":material/error:"]
    assert any(c.value.startswith(again) for c in app.caption), [c.value for c in app.caption]


def test_what_runs_before_the_page_speaks_the_language_of_the_visit() -> None:
    """What a control calls, and a part that runs alone, starts where no page chose a language."""

    def page() -> None:
        import streamlit as st

        from pages._ui import language
        from pages._ui.texts import _

        def call() -> None:
            st.session_state["said"] = _("no data")

        st.button("Call", on_click=call)
        language.choose()

    app = AppTest.from_function(page)
    app.query_params["lang"] = "de"
    app.run().button[0].click().run()
    assert app.session_state["said"] == "keine Angabe"


def test_a_file_that_is_made_later_is_in_the_language_of_now() -> None:
    def later() -> Callable[[], str]:
        texts.use("de")
        return texts.in_this_language(lambda: texts._("no data"))

    make = copy_context().run(later)
    assert (make(), texts._("no data")) == ("keine Angabe", "no data")


def test_a_capital_leaves_the_nouns_within() -> None:
    assert capital("standorte mit Betten") == "Standorte mit Betten"
    assert capital("") == ""
