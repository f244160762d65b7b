"""What the address states for a widget: codes are read too, and what is not shown is said."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import streamlit as st
from streamlit.errors import StreamlitAPIException

from pages._ui.texts import _, echo, figure
from pipelines.serve.region_panel import MOVABLE
from pipelines.serve.texts import in_each_language

T = TypeVar("T")
_NOTES, _PAGE = "address_notes", "address_page"
_REWRITTEN = "address_rewritten"  # what was to be said of an address that was written anew
_THOUSANDS = re.compile(r"(?<=\d)[.,\s'\u2019](?=\d{3}(?!\d))")
_NAMED = 8  # so many allowed values are named in a sentence


def enter(page: str) -> None:
    """Begin a page: what was said of another page's address is over."""
    if st.session_state.get(_PAGE) != page:
        st.session_state[_PAGE] = page
        st.session_state[_NOTES] = {}


#: What pages read of an address by themselves, beside what their widgets are bound to.
_READ = frozenset(
    "case closed lang my open opened region regions service sql town towns values view".split()
)
_UNUSED = "address_unused"
#: Words of an address that hold codes of regions, apart by commas.
_REGIONS = ("region", "regions", "within")
_OF_2024 = "address_of_2024"


def take_codes_of_2024(renamed: Mapping[str, str]) -> None:
    """Write codes of NUTS 2024 in the address as those of 2021, begin again, and say so.

    Where the address asks for the outlines of 2024 they stay.

    Parameters
    ----------
    renamed : mapping of str to str
        Codes of 2024 that are none of 2021, with the code that the region had.
    """
    taken: dict[str, str] = {}
    for name in () if "2024" in st.query_params.get("nuts", "") else _REGIONS:
        codes = st.query_params.get(name, "").split(",")
        old = {c: renamed[c.strip().upper()] for c in codes if c.strip().upper() in renamed}
        if old:
            with suppress(StreamlitAPIException):  # typed into its field: the page says it is none
                st.query_params[name] = ",".join(old.get(code, code) for code in codes)
                taken |= old
    if taken:
        st.session_state[_OF_2024] = taken
        st.rerun()
    if said := st.session_state.pop(_OF_2024, None):
        pairs = ", ".join(f"{echo(new)} = {echo(old)}" for old, new in list(said.items())[:_NAMED])
        text = _("Codes of NUTS 2024 in the address, as in NUTS 2021: {codes}.")
        st.toast(text.format(codes=pairs), icon=":material/link:", duration="infinite")


def tell_unused() -> None:
    """Say once which names of the address this page has no use for, after it was drawn."""
    known = _READ | set(MOVABLE)
    names = [name for name in st.query_params if name not in st.session_state and name not in known]
    at = (str(st.session_state.get("page_name", "")), names)
    if names and at != st.session_state.get(_UNUSED):
        more = ", …" if len(names) > _NAMED else ""
        text = _("The address states what this page does not use: {names}.")
        shown = ", ".join(map(echo, names[:_NAMED])) + more
        st.toast(text.format(names=shown), icon=":material/link_off:", duration="infinite")
    st.session_state[_UNUSED] = at


def _notes() -> dict[str, tuple[list[str], Any, str]]:
    """Return by key what the address stated, the value shown then, and what was said of it."""
    notes: dict[str, tuple[list[str], Any, str]] = st.session_state.setdefault(_NOTES, {})
    return notes


def stated(key: str) -> list[str]:
    """Return what the address states for a widget, where nothing was said of it yet."""
    given = st.query_params.get_all(key)
    return given if given != _notes().get(key, ([], None, ""))[0] else []


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _is_shown(text: str, shown: Sequence[str]) -> bool:
    """Tell whether a stated text is among those shown; numbers compare as numbers."""
    number = _number(text)
    return text in shown or (number is not None and number in map(_number, shown))


def told(
    label: str,
    key: str,
    given: Sequence[str],
    value: T,
    shown: Sequence[str],
    allowed: str,
    hint: str = "",
) -> T:
    """Say what of a stated value is not shown, until another value is chosen; return the value.

    Parameters
    ----------
    label, key : str
        The widget's.
    given : sequence of str
        What :func:`stated` returned before it was drawn.
    value : object
        Its value now.
    shown : sequence of str
        How an address may state that value.
    allowed : str
        What it may state, for the sentence.
    hint : str
        A sentence that is said even where all is shown.
    """
    notes = _notes()
    before, then, text = notes.get(key, ([], None, ""))
    if value != then:
        text = ""
    if given:
        text = _unread(label, [one for one in given if not _is_shown(one, shown)], allowed, hint)
        text = st.session_state.get(_REWRITTEN, {}).pop(key, text)
    notes[key] = (list(given) or before, value, text)
    if text:
        st.warning(text, icon=":material/link_off:")
    return value


def _unread(label: str, unused: Sequence[str], allowed: str, hint: str) -> str:
    """Return what is said of stated values that cannot be shown, then the hint."""
    if not unused:
        return hint
    text = _("{label}: the address states {values}, which cannot be shown. {allowed}").format(
        label=label, values=", ".join(f"'{echo(one)}'" for one in unused), allowed=allowed
    )
    return f"{text} {hint}".strip()


def taken(
    given: Sequence[str],
    word: Callable[[], Sequence[str]],
    options: Sequence[T],
    codes: Mapping[str, T],
) -> dict[str, T]:
    """Return the options that an address names otherwise than the widget itself would read.

    Parameters
    ----------
    given : sequence of str
        What it states.
    word : callable
        Returns the labels of the options in the language in use.
    options : sequence
    codes : mapping of str to object
        Options by code, in capitals.

    Returns
    -------
    dict
        Options by what names them; empty where the widget reads all of it.
    """
    own = dict(zip(word(), options, strict=True))
    if set(given) <= set(own):
        return {}
    known = {**codes, **{_folded(label): option for label, option in own.items()}}
    if not all(one.upper() in known or _folded(one) in known for one in given):
        for labels in in_each_language(word):
            known |= {_folded(n): o for n, o in zip(labels, options, strict=True)} | known
    named = {one: known.get(_folded(one), known.get(one.upper())) for one in given}
    return {one: option for one, option in named.items() if option is not None}


def restate(
    label: str,
    key: str,
    given: Sequence[str],
    named_so: Mapping[str, T],
    labels: Mapping[T, str],
    allowed: str,
    hint: str = "",
) -> None:
    """Write an address anew as the widget itself would, and begin again, so that it stays.

    A parameter that Streamlit cannot read whole leaves the address bar, and a copied link with it.

    Parameters
    ----------
    label, key : str
        The widget's.
    given : sequence of str
        What is stated.
    named_so : mapping of str to object
        Options by what names them, of :func:`taken`.
    labels : mapping of object to str
        How the widget itself writes its options.
    allowed : str
        What an address may state, for the sentence.
    hint : str
        A sentence that is said after the address was written anew.
    """
    own = [labels[option] for option in dict.fromkeys(named_so.values())]
    with suppress(StreamlitAPIException):  # bound already: Streamlit then writes it by itself
        st.query_params[key] = own
        unused = [one for one in given if one not in named_so]
        text = _unread(label, unused, allowed, hint)
        st.session_state.setdefault(_REWRITTEN, {})[key] = text
        st.rerun()


def _folded(label: str) -> str:
    """Return a label without what parts thousands: languages, and older addresses, differ there."""
    return _THOUSANDS.sub("", label)


def named(labels: Sequence[str]) -> str:
    """Return the sentence of what may be stated."""
    more = ", …" if len(labels) > _NAMED else ""
    return _("Allowed: {names}.").format(names=", ".join(labels[:_NAMED]) + more)


def slider(label: str, key: str, low: Any, high: Any, value: Any, *step: Any, **more: Any) -> Any:
    """Draw a slider whose value stands in the address bar; one out of its bounds is said.

    Parameters
    ----------
    label, key : str
    low, high : int or float
        Bounds.
    value : int, float or tuple of two
        Where it stands at first.
    *step, **more : object
        Passed on.
    """
    given = stated(key)
    draw: Any = st.slider  # its types do not know a value that is one number or two
    chosen = draw(label, low, high, value, *step, key=key, bind="query-params", **more)
    ends = chosen if isinstance(chosen, tuple) else (chosen,)
    allowed = _("Allowed is {low} to {high}.").format(low=f"{low:g}", high=f"{high:g}")
    return told(label, key, given, chosen, [str(end) for end in ends], allowed)


def span(label: str, values: Sequence[int], key: str) -> tuple[int, int]:
    """Draw a range over a few numbers, all of them at first; see :func:`steps`."""
    ends: tuple[int, int] = _steps(label, values, key, (values[0], values[-1]))
    return min(ends), max(ends)


def steps(label: str, values: Sequence[int], key: str) -> int:
    """Draw a slider over a few numbers whose value stands in the address bar, with its commas."""
    value: int = _steps(label, values, key, values[0])
    return value


def year(label: str, years: Sequence[int], key: str) -> int:
    """Draw a slider over years, on the last at first, whose value stands in the address bar.

    A year that another choice has brought and that is none of them gives way to the nearest.
    """
    start: int | None = years[-1]
    before = st.session_state.get(key)
    if before is not None and before not in years:
        st.session_state[key] = min(years, key=lambda one: abs(one - before))
        start = None  # Streamlit takes one of the two
    value: int = _steps(label, years, key, start, "{:d}")
    return value


def _steps(label: str, values: Sequence[int], key: str, start: Any, pattern: str = "{:,}") -> Any:
    labels = {value: figure(value, pattern) for value in values}
    given = stated(key)
    codes = {str(value): value for value in values}
    named_so = taken(given, lambda: [figure(v, pattern) for v in values], values, codes)
    if numbers := list(named_so.values()):
        is_range = isinstance(start, tuple)
        # A range has two ends; a single one in the address is none.
        if not is_range or len(numbers) == 2:
            restate(label, key, given, named_so, labels, named(list(labels.values())))
            st.session_state[key] = tuple(sorted(numbers)) if is_range else numbers[-1]
    chosen = st.select_slider(
        label,
        list(values),
        start,
        key=key,
        bind="query-params",
        format_func=labels.get,
    )
    ends = chosen if isinstance(chosen, tuple) else (chosen,)
    shown = [text for end in ends for text in (str(end), labels[end])]
    shown += [text for text, end in named_so.items() if end in ends]
    return told(label, key, given, chosen, shown, named(list(labels.values())))


def number(label: str, key: str, value: float, **more: Any) -> float | None:
    """Draw a field for a number that stands in the address bar; a text that is none is said."""
    given = stated(key)
    chosen = st.number_input(label, value=value, key=key, bind="query-params", **more)
    return told(label, key, given, chosen, [str(chosen)], _("Allowed is a number."))


def checkbox(place: Any, label: str, key: str, look: str = "checkbox") -> bool:
    """Draw a checkbox whose value stands in the address bar as ``true`` or ``false``.

    Parameters
    ----------
    place : module or container
        Streamlit, or the column that it stands in.
    label, key : str
    look : str
        ``checkbox`` or ``toggle``.
    """
    given = stated(key)
    value = bool(getattr(place, look)(label, key=key, bind="query-params"))
    written = [one for one in given if one.lower() == str(value).lower()]
    return told(label, key, given, value, written, named(["true", "false"]))
