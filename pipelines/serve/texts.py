"""The catalogue of visible texts: the English text is its key, a language is one file.

``_("{n} of {total} regions").format(n=..., total=...)`` looks the text up and fills it in;
``N_`` marks a text that is looked up when it is shown. Languages lie in
``locale/<language>/LC_MESSAGES/hinterland.po`` and are read as they are; without one everything
is English. A text that a language lacks is English with a mark, :data:`ENGLISH_MARK`.
``make texts`` writes ``locale/hinterland.pot``.

Visitors of every language share the answer of a query: it holds keys, marked with ``N_``, and
never what ``_`` returns.
"""

from __future__ import annotations

import ast
import functools
import gettext
import re
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar, copy_context
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from pipelines.core import countries, paths

T = TypeVar("T")
LOCALE = paths.root() / "locale"
_LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?")
_LINE = re.compile(r'(msgid_plural|msgid|msgstr|msgctxt)?(?:\[(\d+)\])?\s*(".*")')
_spoken: ContextVar[Catalogue | None] = ContextVar("spoken")
# What tells the language where this run has chosen none yet.
_of_visit: list[Callable[[], str | None]] = []
ENGLISH = "en"
#: Stands behind a text that the language in use lacks: it is English for want of another.
ENGLISH_MARK = " [en]"
#: Languages by their own names; one is offered where its file is there.
NAMES = {
    ENGLISH: "English",
    "bg": "Български",
    "de": "Deutsch",
    "el": "Ελληνικά",
    "fr": "Français",
    "hr": "Hrvatski",
    "it": "Italiano",
    "lt": "Lietuvių",
    "nl": "Nederlands",
}


_GAP = re.compile(r"\{:([^{}]*)\}(\s?%)?")
# A gap of a text with its unit of per cent.
_PER_CENT = re.compile(r"(?<=\})\s?%")
# A number as English writes it, alone or with a unit behind it.
_NUMBER = re.compile(r"([+-]?)(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?(\s?%)?")


class Written(str):
    """A number as a language writes it, which is not read as English again (1.514 is no 1,514)."""

    __slots__ = ()


class Text(str):
    """A text whose numbers are written as its language does when it is filled in."""

    __slots__ = ()

    def format(self, *args: Any, **values: Any) -> str:
        """Fill the gaps; what is a number in English is written anew."""
        filled = {name: written(v) if isinstance(v, str) else v for name, v in values.items()}
        return str.format(self, *args, **filled)


class Catalogue(gettext.NullTranslations):
    """The texts of one language, read from a ``.po`` file."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.language = path.parents[1].name
        self.texts = read_po(path.read_text("utf-8"))
        rule = re.search(r"plural=([^;\n]+)", self.texts.get(("", 0), ""))
        self.form = gettext.c2py(rule[1]) if rule else (lambda n: int(n != 1))

    def gettext(self, message: str) -> str:
        """Return a text, or the name of a country, in this language; else as it is.

        A text of the catalogue that stays English is marked; a name that is none stays a name.
        """
        known = self.texts.get((message, 0)) or self.countries.get(message)
        return known or self._marked(message, message)

    @functools.cached_property
    def countries(self) -> dict[str, str]:
        """Names of countries in this language, by their English names."""
        return countries.names(_known_locale(self.language))

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Return the form of a text that a number asks for."""
        known = self.texts.get((msgid1, self.form(n)))
        return known or self._marked(msgid1, msgid1 if n == 1 else msgid2)

    def _marked(self, key: str, english: str) -> str:
        return english + ENGLISH_MARK if key in self.keys else english

    @functools.cached_property
    def keys(self) -> frozenset[str]:
        """English texts that a language should have: those of the template and of this file."""
        files = (self.path, self.path.parents[2] / "hinterland.pot")
        there = (file.read_text("utf-8") for file in files if file.is_file())
        return frozenset(
            parts["msgid", 0] for text in there for parts in _entries(text) if ("msgid", 0) in parts
        )


def read_po(text: str) -> dict[tuple[str, int], str]:
    """Return the translations of a ``.po`` file by text and form; those marked fuzzy are left out.

    Parameters
    ----------
    text : str
        The file. Keywords that it may hold are ``msgid``, ``msgid_plural``, ``msgstr`` and
        ``msgstr[n]``; texts may run over several lines.
    """
    translations: dict[tuple[str, int], str] = {}
    for parts in _entries(text, fuzzy=False):
        if ("msgid", 0) in parts:
            key = parts["msgid", 0]
            translations |= {
                (key, n): v for (word, n), v in parts.items() if word == "msgstr" and v
            }
    return translations


def _entries(text: str, fuzzy: bool = True) -> Iterator[dict[tuple[str, int], str]]:
    """Yield each entry of a ``.po`` file by keyword and form; those marked fuzzy where wanted."""
    for entry in re.split(r"\n\s*\n", text):
        is_fuzzy = re.search(r"^#,.*\bfuzzy\b", entry, re.M) and 'msgid ""\nmsgstr' not in entry
        if is_fuzzy and not fuzzy:
            continue
        parts: dict[tuple[str, int], str] = {}
        now = ("", 0)
        for line in entry.splitlines():
            if match := _LINE.fullmatch(line.strip()):
                if match[1]:
                    now = (match[1], int(match[2] or 0))
                parts[now] = parts.get(now, "") + ast.literal_eval(match[3])
        yield parts


@functools.cache
def _catalogue(path: Path, _changed: float) -> Catalogue:
    return Catalogue(path)


def use(language: str | None, folder: Path | None = None) -> None:
    """Choose the language of what is shown from here on in this run; English by default."""
    _spoken.set(_named(language, folder))


def _named(language: str | None, folder: Path | None = None) -> Catalogue | None:
    path = _file(language or "", folder)
    is_there = bool(language) and _LANGUAGE.fullmatch(language or "") and path.is_file()
    return _catalogue(path, path.stat().st_mtime) if is_there else None


def tell_visit(language: Callable[[], str | None]) -> None:
    """State what tells the language of a visit where a run has chosen none.

    A part of a page that runs alone, or what a control calls, runs before the page does, in a
    thread of its own.
    """
    _of_visit[:] = [language]


def _in_use() -> Catalogue | None:
    """Return the catalogue that this run has chosen, else that of the visit; None: English."""
    try:
        return _spoken.get()
    except LookupError:
        return _named(_of_visit[0]()) if _of_visit else None


def in_this_language(make: Callable[[], T]) -> Callable[[], T]:
    """Return what makes a file later, in another thread, in the language in use now."""
    context = copy_context()
    return lambda: context.copy().run(make)


def offered(folder: Path | None = None) -> dict[str, str]:
    """Return the languages whose files are there, by code, in their own names.

    Every rerun asks several times: what the disk says holds for five seconds.
    """
    return dict(_offered(folder or LOCALE, int(time.monotonic() // 5)))


@functools.lru_cache(maxsize=4)
def _offered(folder: Path, _moment: int) -> dict[str, str]:
    files = folder.glob("*/LC_MESSAGES/hinterland.po")
    there = {path.parents[1].name for path in files} - set(NAMES)
    known = [code for code in NAMES if code == ENGLISH or _file(code, folder).is_file()]
    return {code: NAMES.get(code, code) for code in (*known, *sorted(there))}


def in_each_language(word: Callable[[], T]) -> Iterator[T]:
    """Give what a function words in each language that is offered, English first."""
    for language in offered():
        context = copy_context()
        context.run(use, language)
        yield context.run(word)


def _file(language: str, folder: Path | None) -> Path:
    return (folder or LOCALE) / language / "LC_MESSAGES" / "hinterland.po"


def spoken() -> str:
    """Return the code of the language in use."""
    catalogue = _in_use()
    return catalogue.language if catalogue else ENGLISH


def _locale() -> str:
    """Return the language in use where its numbers and dates are known, else English."""
    return _known_locale(spoken())


@functools.cache
def _known_locale(language: str) -> str:
    from babel.core import Locale, UnknownLocaleError

    try:
        return str(Locale.parse(language))
    except UnknownLocaleError:
        return ENGLISH


def number(value: float, digits: int = 0, *, is_signed: bool = False, least: int = 0) -> str:
    """Return a number as the language in use writes it.

    Parameters
    ----------
    value : float
    digits : int
        Decimals, at most.
    is_signed : bool
        Whether a number above zero has its sign, too.
    least : int
        Decimals, at least; ``digits`` of them where it is larger.
    """
    from babel.numbers import format_decimal

    pattern = "#,##0" + ("." + "0" * least + "#" * (digits - least) if digits else "")
    rounded = round(float(value), digits)
    text = format_decimal(abs(rounded), pattern, locale=_locale(), decimal_quantization=True)
    if rounded < 0:
        return f"-{text}"
    return f"+{text}" if is_signed and rounded > 0 else text


def written(text: str) -> str:
    """Return a number that is written in English as the language in use writes it.

    A text that is more than a number, with a unit of per cent at most, is returned as it is, and
    so is one that was written already.
    """
    if isinstance(text, Written):
        return text
    text = unsigned_zero(text)
    match = _NUMBER.fullmatch(text)
    if not match:
        return text
    if spoken() == ENGLISH:  # a bare sign is Python's
        return f"{text[:-1]}{per_cent()}" if match[4] == "%" else text
    sign, whole, rest, unit = match.groups()
    digits = len(rest) - 1 if rest else 0
    shown = whole
    if "," in whole or rest:  # else a year, a code, a small count
        shown = number(float(whole.replace(",", "") + (rest or "")), digits, least=digits)
    elif not unit:
        return text
    return Written(f"{sign or ''}{shown}{per_cent() if unit else ''}")


def figure(value: float, pattern: str = "{:,.0f}") -> str:
    """Return a number as the language in use writes it; one that rounds to zero has no sign.

    Parameters
    ----------
    value : float
    pattern : str
        Python format of the number in braces, with its unit around them: ``{:+.1f} %``.
    """
    shown = _GAP.sub(
        lambda gap: written(unsigned_zero(format(value, gap[1]) + (gap[2] or ""))), str(pattern)
    )
    return Written(shown)


def per_cent() -> str:
    """Return the sign of per cent with what parts it from the number in the language in use.

    Texts in English part it as their sentences do (ISO 80000-1), the others by CLDR.
    """
    if spoken() == ENGLISH:
        return "\N{NO-BREAK SPACE}%"
    return _per_cent(_locale())


@functools.cache
def _per_cent(locale: str) -> str:
    from babel.core import Locale

    pattern: str = Locale.parse(locale).percent_formats[None].pattern
    return pattern.lstrip("#,.0")


def unsigned_zero(text: str) -> str:
    """Return a text; a number in English that is written as zero loses its sign."""
    is_zero = _NUMBER.fullmatch(text) and not any(c in "123456789" for c in text)
    return text.lstrip("+-") if is_zero else text


def separators() -> tuple[str, str]:
    """Return what parts decimals and thousands in the language in use."""
    from babel.numbers import get_decimal_symbol, get_group_symbol

    return get_decimal_symbol(_locale()), get_group_symbol(_locale())


def day(value: date) -> str:
    """Return a date as the language in use writes it."""
    from babel.dates import format_date

    return format_date(value, "long", locale=_locale())


def _(text: str) -> str:
    """Return a text in the language in use; its placeholders are filled in afterwards."""
    catalogue = _in_use()
    return _in_words(catalogue.gettext(text)) if catalogue and text else text


def _in_words(text: str) -> Text:
    """Return a text of the catalogue with per cent as its language writes it."""
    return Text(_PER_CENT.sub(per_cent(), text) if "%" in text else text)


def in_english(text: str) -> str:
    """Return what a document says, which is English: marked where the language in use is not."""
    return text + ENGLISH_MARK if text and spoken() != ENGLISH else text


def ngettext(singular: str, plural: str, n: int) -> str:
    """Return the form of a text that a number asks for."""
    catalogue = _in_use()
    if catalogue:
        return _in_words(catalogue.ngettext(singular, plural, n))
    return singular if n == 1 else plural


def N_(text: str) -> str:  # noqa: N802 - gettext's own name
    """Mark a text that is looked up later, when it is shown."""
    return text
