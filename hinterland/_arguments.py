"""Checks of arguments: what is of a wrong kind is named with what is allowed in its place."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

from pipelines.core.errors import InputError
from pipelines.core.findings import shorten


def wrong(name: str, value: object, allowed: str) -> InputError:
    """Return the error of an argument: its name, what was found, what is allowed."""
    kind = type(value).__name__
    return InputError(f"{name} is {shorten(repr(value))} ({kind}); {allowed} is allowed")


def whole(name: str, value: object, least: int | None = None) -> int:
    """Return a whole number as Python's own; numpy's and 3.0 are taken, yes and no are none."""
    is_whole = isinstance(value, numbers.Integral)
    is_whole |= isinstance(value, numbers.Real) and float(value).is_integer()
    if isinstance(value, bool) or not is_whole:
        raise wrong(name, value, "a whole number")
    number = int(cast(Any, value))
    if least is not None and number < least:
        raise InputError(f"{name} is {value}; {least} and more is allowed")
    return number


def flags(**given: object) -> None:
    """Refuse what is neither yes nor no."""
    for name, value in given.items():
        if not isinstance(value, bool) and type(value).__name__ not in ("bool_", "bool"):
            raise wrong(name, value, "True or False")


def text(name: str, value: object) -> str:
    """Return a text; anything else is refused."""
    if not isinstance(value, str):
        raise wrong(name, value, "a text (str)")
    return value


def texts(name: str, values: object, allowed: str = "a list of texts") -> list[str]:
    """Return texts of a list, tuple, array or Series."""
    if isinstance(values, (str, bytes, Mapping)) or not isinstance(values, Iterable):
        raise wrong(name, values, allowed)
    several = list(values)
    for value in several:
        if not isinstance(value, str):
            raise wrong(f"a value of {name}", value, "a text (str)")
    return several


def path(name: str, value: object) -> Path:
    """Return a path of a text or a Path."""
    if not isinstance(value, (str, Path)) or not str(value):
        raise wrong(name, value, "a path (str or Path)")
    if "\0" in str(value):
        raise wrong(name, value, "a path without the character 0")
    return Path(value)


def optional_path(name: str, value: object) -> Path | None:
    """Return a path, or None for None."""
    return None if value is None else path(name, value)


def years(name: str, value: object) -> tuple[int, int] | None:
    """Return a first and a last year, or None for None."""
    if value is None:
        return None
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise wrong(name, value, "a pair of the first and the last year")
    return whole(f"the first year of {name}", value[0]), whole(f"the last of {name}", value[1])


def factors(name: str, value: object) -> tuple[tuple[str, float], ...]:
    """Return pairs of a name and a number; None has none."""
    if value is None:
        return ()
    if not isinstance(value, Mapping):
        raise wrong(name, value, "a dict of names and numbers")
    pairs: list[tuple[str, float]] = []
    for key, number in value.items():
        known: Any = number
        is_number = isinstance(known, numbers.Real) and not isinstance(known, bool)
        if not isinstance(key, str) or not is_number or not math.isfinite(known):
            raise wrong(f"{name}[{key!r}]", number, "a name (str) with a number")
        pairs.append((key, float(known)))
    return tuple(pairs)
