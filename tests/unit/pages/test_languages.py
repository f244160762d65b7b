"""Every language says every text, with the same gaps to fill and the same marks."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from pages._ui import format
from pages._ui.texts import plain
from pipelines.serve import texts
from pipelines.serve.sheet_parts import Sentence
from tests.where import ROOT

FILES = sorted((ROOT / "locale").glob("*/LC_MESSAGES/hinterland.po"))
GAP = re.compile(r"\{[^}]*\}")


def messages(path: Path) -> list[Message]:
    with path.open("rb") as stream:
        return [m for m in read_po(stream) if m.id]


def forms(text: str | tuple[str, ...] | list[str]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.parents[1].name)
def test_no_visible_text_is_missing(path: Path) -> None:
    wanted = {str(m.id) for m in messages(ROOT / "locale" / "hinterland.pot")}
    there = {str(m.id) for m in messages(path) if all(forms(m.string))}
    assert sorted(wanted - there) == []
    assert sorted(there - wanted) == [], "run 'make texts'"


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.parents[1].name)
def test_gaps_and_marks_are_those_of_the_english_text(path: Path) -> None:
    wrong = []
    for message in messages(path):
        english = set(GAP.findall(forms(message.id)[-1]))
        for form in forms(message.string):
            gaps = set(GAP.findall(form))
            # One form of a plural may leave the number out.
            is_fit = gaps == english or (len(forms(message.string)) > 1 and gaps <= english)
            marks = [form.count(mark) for mark in ("**", "`", "](")]
            own = [forms(message.id)[-1].count(mark) for mark in ("**", "`", "](")]
            if form and not (is_fit and marks == own):
                wrong.append((message.id, form))
    assert wrong == []


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.parents[1].name)
def test_a_language_is_spoken_and_not_copied(path: Path) -> None:
    """A sentence that is left as it is in English was not translated."""
    long = [m for m in messages(path) if len(forms(m.id)[0].split()) >= 4]
    copied = [m.id for m in long if forms(m.string)[0] == forms(m.id)[0]]
    names = [m for m in copied if not re.search(r" (the|of|and|is|are|to|by) ", str(m))]
    assert sorted(set(map(str, copied)) - set(map(str, names))) == []


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.parents[1].name)
def test_every_text_has_the_plural_forms_of_its_language(path: Path) -> None:
    head = path.read_text("utf-8")
    count = int(re.search(r"nplurals=(\d)", head)[1])  # type: ignore[index]  # each has one
    for message in messages(path):
        if not isinstance(message.id, str):
            assert len(message.string) == count
            assert all(message.string)


# As the Unicode Common Locale Data Repository writes numbers and dates.
@pytest.mark.parametrize(
    ("language", "people", "change", "when"),
    [
        ("en", "35,000", "-1.5", "November 26, 2026"),
        ("de", "35.000", "-1,5", "26. November 2026"),
        ("fr", "35\u202f000", "-1,5", "26 novembre 2026"),
        ("it", "35.000", "-1,5", "26 novembre 2026"),
        ("bg", "35\u00a0000", "-1,5", "26 ноември 2026\u202fг."),
        ("lt", "35\u00a0000", "-1,5", "2026 m. lapkričio 26 d."),
    ],
)
def test_numbers_and_dates_are_written_as_the_language_does(
    language: str, people: str, change: str, when: str, tmp_path: Path
) -> None:
    folder = tmp_path / language / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "hinterland.po").write_text('msgid ""\nmsgstr ""\n', "utf-8")
    texts.use(None if language == "en" else language, tmp_path)
    try:
        assert texts.spoken() == language
        assert texts.number(35_000) == people
        assert texts.number(-1.49, 1) == change
        assert texts.number(2.0, 1, is_signed=True, least=1) == "+2,0".replace(
            ",", "." if language == "en" else ","
        )
        assert texts.number(-0.04, 1) == "0"
        assert texts.day(date(2026, 11, 26)).replace("\u00a0", " ") == when.replace("\u00a0", " ")
    finally:
        texts.use(None)


@pytest.mark.parametrize(
    ("language", "written"),
    [
        # Per cent: English as in its sentences; the others by CLDR (Greek none, French a space).
        ("en", ("131,674", "0.0", "0 %", "+1,234.5 a year", "12\u00a0%")),
        ("el", ("131.674", "0,0", "0%", "+1.234,5 a year", "12%")),
        ("fr", ("131\u202f674", "0,0", "0\u00a0%", "+1\u202f234,5 a year", "12\u00a0%")),
    ],
)
def test_a_figure_is_written_with_its_unit_and_no_sign_of_zero(
    language: str, written: tuple[str, ...]
) -> None:
    texts.use(language)
    try:
        assert texts.figure(131_674) == written[0]
        assert texts.figure(-0.04, "{:+.1f}") == texts.figure(-0.0, "{:,.1f}") == written[1]
        assert texts.figure(-0.4, "{:+.0f} %") == written[2]
        assert texts.figure(1234.5, "{:+,.1f} a year") == written[3]
        assert texts.figure(0.123, "{:.0%}") == written[4]
        assert texts.written("-0.00") == texts.written("0.00")
    finally:
        texts.use(None)


def test_thousands_are_parted_in_one_way() -> None:
    """English says 35,000 everywhere, in words and in figures."""
    english = [text for m in messages(ROOT / "locale" / "hinterland.pot") for text in forms(m.id)]
    assert [text for text in english if re.search(r"(?<![\d.,-])\d{1,3} \d{3}(?!\d)", text)] == []


def test_only_languages_with_a_file_are_offered(tmp_path: Path) -> None:
    (tmp_path / "de" / "LC_MESSAGES").mkdir(parents=True)
    (tmp_path / "de" / "LC_MESSAGES" / "hinterland.po").write_text("", "utf-8")
    assert texts.offered(tmp_path) == {"en": "English", "de": "Deutsch"}


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("35,000", "35.000"),
        ("1,234,567", "1.234.567"),
        ("+2.86", "+2,86"),
        ("-0.50 %", "-0,50\u00a0%"),
        ("84.2\u00a0%", "84,2\u00a0%"),
        ("2021", "2021"),
        ("DE733", "DE733"),
        ("0.1.0", "0.1.0"),
        ("12", "12"),
        ("3,5", "3,5"),
    ],
)
def test_numbers_in_a_text_are_written_anew(english: str, german: str, tmp_path: Path) -> None:
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "hinterland.po").write_text('msgid "{n} regions"\nmsgstr "{n} Regionen"\n', "utf-8")
    assert texts.written(english) == english
    texts.use("de", tmp_path)
    try:
        assert texts.written(english) == german
        assert texts._("{n} regions").format(n=english) == f"{german} Regionen"
    finally:
        texts.use(None)


@pytest.mark.parametrize(
    ("language", "rate", "share"),
    [
        ("en", "-2.1 % a year", "17\u00a0%"),
        ("de", "-2,1\u00a0% a year", "17\u00a0%"),
        ("it", "-2,1% a year", "17%"),
    ],
)
def test_per_cent_is_written_in_one_way(language: str, rate: str, share: str) -> None:
    texts.use(language)
    try:
        # A text that no catalogue holds: the number and its sign are written all the same.
        assert texts._("{n} % a year").format(n=texts.figure(-2.1, "{:.1f}")) == rate
        assert texts.figure(-2.1, "{:+.1f} % a year") == rate
        assert texts.figure(0.17, "{:.0%}") == share
        assert Sentence("{n}", (("n", "17\u00a0%"),)).worded() == share
        assert Sentence("{n} % a year", (("n", "-2.1"),)).worded() == rate
        assert format.measured(0.17, "{:.0%}", "share") == share
        assert format.measured(-2.1, "{:.1f}", "% a year") == rate.replace(" %", "\u00a0%")
    finally:
        texts.use(None)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("1 region", "2 regions", "21 regions", "1 town", "1 entry")),
        ("de", ("1 Region", "2 Regionen", "21 Regionen", "1 Stadt", "1 Eintrag")),
        ("fr", ("1 région", "2 régions", "21 régions", "1 ville", "1 entrée")),
        # One, few, many: Croatian 21 goes with 1, as Lithuanian.
        ("hr", ("1 regija", "2 regije", "21 regija", "1 grad", "1 unos")),
        ("lt", ("1 regionas", "2 regionai", "21 regionas", "1 miestas", "1 įrašas")),
    ],
)
def test_counts_ask_for_the_form_of_their_number(language: str, said: tuple[str, ...]) -> None:
    texts.use(language)
    try:
        shown = (*map(format.regions, (1, 2, 21)), format.towns(1), format.entries(1))
        assert shown == said
    finally:
        texts.use(None)


def test_a_number_is_written_once() -> None:
    """1.514 of German is one thousand and more, and no English number of three decimals."""
    shown = Sentence("{n} people", (("n", "-1,514.25"),))
    texts.use("de")
    try:
        assert texts._("{n} people").format(n=texts.figure(1514)) == "1.514 Einwohner"
        assert texts._("{n} people").format(n=texts.written("1,514")) == "1.514 Einwohner"
        assert [texts.ngettext("{n} row", "{n} rows", n).format(n=n) for n in (1, 2)] == [
            "1 Zeile",
            "2 Zeilen",
        ]
        assert shown.worded() == "-1.514,25 Einwohner"
        assert shown.worded(plain) == "\\-1.514,25 Einwohner", "marks of Markdown go last"
    finally:
        texts.use(None)
