"""What the address states for a widget: codes are read too, and what is not shown is said."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple, TypeVar

import streamlit as st
from streamlit.errors import StreamlitAPIException

from pages._ui.texts import _, echo, figure
from pipelines.serve.moved import number as typed_number
from pipelines.serve.region_panel import MOVABLE
from pipelines.serve.texts import in_each_language

T = TypeVar("T")
_NOTES, _PAGE = "address_notes", "address_page"
_REWRITTEN = "address_rewritten"  # what was to be said of an address that was written anew
_SAID = "address_said"  # what this run says above the page
#: Keeps in the address what Streamlit drops from it unread, so that a reload says it again.
UNREAD = "unread"
_AMPERSAND = re.compile("^(amp;)+", re.I)
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
) | {UNREAD}
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


class Note(NamedTuple):
    """What the address stated, the value shown then, what was said of it and of which values."""

    given: list[str]
    value: Any
    text: str
    unread: list[str]


def repair() -> None:
    """Read ``&amp;rate=`` as ``&rate=``: so some mails write an ampersand."""
    if not (names := [name for name in st.query_params if _AMPERSAND.match(name)]):
        return
    for name in names:
        values = st.query_params.get_all(name)
        del st.query_params[name]
        own = _AMPERSAND.sub("", name)
        with suppress(StreamlitAPIException):  # a name that Streamlit keeps to itself
            st.query_params[own] = [*st.query_params.get_all(own), *values]
    st.rerun()


@contextmanager
def banner() -> Iterator[None]:
    """Keep a place above what the block draws; say there what of the address is not shown."""
    place = st.container(horizontal=True, vertical_alignment="center")
    st.session_state[_SAID] = {}
    yield
    lines: dict[str, str] = st.session_state[_SAID]
    notes = {key: note for key, note in _notes().items() if key in lines}
    _keep([f"{key}={value}" for key, note in notes.items() for value in note.unread])
    unused = _unused()
    if unused:
        more = ", …" if len(unused) > _NAMED else ""
        text = _("The address states what this page does not use: {names}.")
        lines = lines | {UNREAD: text.format(names=", ".join(map(echo, unused[:_NAMED])) + more)}
    if not lines:
        return
    with place:
        st.warning("\n\n".join(dict.fromkeys(lines.values())), icon=":material/link_off:")
        if notes or unused:
            st.button(
                _("Hide"), key="address_hide", on_click=_hide, args=(tuple(notes), tuple(unused))
            )


def say(text: str) -> None:
    """Say above the page what of the address, or of a choice, does not hold."""
    st.session_state.setdefault(_SAID, {})[text] = text


def _unused() -> list[str]:
    """Return the names in the address that this page has no use for, once it was drawn."""
    known = _READ | set(MOVABLE)
    return [name for name in st.query_params if name not in st.session_state and name not in known]


def _keep(unread: list[str]) -> None:
    if unread and st.query_params.get_all(UNREAD) != unread:
        st.query_params[UNREAD] = unread
    elif not unread and UNREAD in st.query_params:
        del st.query_params[UNREAD]


def _hide(keys: Sequence[str], unused: Sequence[str]) -> None:
    for key in keys:
        _notes()[key] = _notes()[key]._replace(text="", unread=[])
    for name in unused:
        st.query_params.pop(name, None)


def _notes() -> dict[str, Note]:
    """Return by key what was said of the address."""
    notes: dict[str, Note] = st.session_state.setdefault(_NOTES, {})
    return notes


def stated(key: str) -> list[str]:
    """Return what the address states for a widget, where nothing was said of it yet."""
    given = st.query_params.get_all(key)
    return given if key not in _notes() or given != _notes()[key].given else []


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
    """Say in the banner what of a stated value is not shown, until another is chosen.

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

    Returns
    -------
    object
        The value.
    """
    notes = _notes()
    note = notes.get(key, Note([], value, "", []))
    if value != note.value:
        note = note._replace(text="", unread=[])
    stored = st.query_params.get_all(UNREAD) if key not in notes else []
    lost = [one.removeprefix(f"{key}=") for one in stored if one.startswith(f"{key}=")]
    if given or lost:
        dropped, hint = st.session_state.get(_REWRITTEN, {}).pop(key, ([], hint))
        unread = [one for one in (*lost, *dropped, *given) if not _is_shown(one, shown)]
        unread = list(dict.fromkeys(unread))
        note = Note(list(given) or note.given, value, _unread(label, unread, allowed, hint), unread)
    notes[key] = note._replace(value=value)
    if note.text:
        st.session_state.setdefault(_SAID, {})[key] = note.text
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
    key: str,
    given: Sequence[str],
    named_so: Mapping[str, T],
    labels: Mapping[T, str],
    hint: str = "",
) -> None:
    """Write an address anew as the widget itself would, and begin again, so that it stays.

    A parameter that Streamlit cannot read whole leaves the address bar, and a copied link with it.

    Parameters
    ----------
    key : str
        The widget's.
    given : sequence of str
        What is stated.
    named_so : mapping of str to object
        Options by what names them, of :func:`taken`.
    labels : mapping of object to str
        How the widget itself writes its options.
    hint : str
        A sentence that is said after the address was written anew.
    """
    own = [labels[option] for option in dict.fromkeys(named_so.values())]
    with suppress(StreamlitAPIException):  # bound already: Streamlit then writes it by itself
        st.query_params[key] = own
        unused = [one for one in given if one not in named_so]
        st.session_state.setdefault(_REWRITTEN, {})[key] = (unused, hint)
        st.rerun()


def _folded(label: str) -> str:
    """Return a label without what parts thousands: languages, and older addresses, differ there."""
    return _THOUSANDS.sub("", label)


def named(labels: Sequence[str]) -> str:
    """Return the sentence of what may be stated; labels and numbers hold commas of their own."""
    more = " · …" if len(labels) > _NAMED else ""
    return _("Allowed: {names}.").format(names=" · ".join(labels[:_NAMED]) + more)


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
            restate(key, given, named_so, labels)
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


def number(label: str, key: str, value: float, bounds: tuple[float, float], help: str) -> float:
    """Draw a field for a number, with a point or a comma, that stands in the address bar.

    A browser's own field for numbers drops a comma that is not its language's: -0,8 became -8.
    What is no number, or out of bounds, is said; the first value holds then.
    """
    given = stated(key)
    text = st.text_input(label, f"{value:g}", key=key, bind="query-params", help=help)
    low, high = bounds
    chosen = typed_number(text)
    allowed = (
        _("Allowed is a number.")
        if chosen is None
        else _("Allowed is {low} to {high}.").format(low=f"{low:g}", high=f"{high:g}")
    )
    is_within = chosen is not None and low <= chosen <= high
    told(label, key, given, text, given if is_within else [], allowed)
    if chosen is None or not is_within:
        if not given and not _notes()[key].text:
            say(f"{label}: '{echo(text)}'. {allowed}")
        return value
    return chosen


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
