"""The words of the trade are explained on each page, by one text."""

from __future__ import annotations

from pages._ui import directory, glossary
from tests.where import ROOT


def test_every_page_explains_its_words_and_every_word_has_a_page() -> None:
    assert set(glossary.PAGES) == {entry.name for entry in directory.PAGES}
    assert {key for keys in glossary.PAGES.values() for key in keys} == set(glossary.TERMS)


def test_the_glossary_says_the_same() -> None:
    section = (ROOT / "docs/glossary.md").read_text("utf-8").split("## Words on the pages")[1]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("|")]
    assert [tuple(row) for row in rows[2:]] == list(glossary.TERMS.values())
