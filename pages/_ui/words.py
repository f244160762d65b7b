"""Codes as words, and the line that says where a row of the catalogue comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pages._ui import format, state
from pages._ui.classes import Classes
from pages._ui.measures import TOWN_MEASURES, categories
from pages._ui.texts import N_, _
from pipelines.serve.store import Store

WHOSE = {"document": N_("the document's"), "ours": N_("ours"), "both": N_("partly ours")}
JUDGED_BY = {
    "document": N_("the document"),
    "ours": N_("us"),
    "both": N_("the document and us"),
}
KIND_COLOURS = {"place": "#0072b2", "event": "#d55e00", "body": "#009e73", "programme": "#7a0177"}


def code(value: Any) -> str:
    """Return one code as words."""
    return format.none() if value is None else _(str(value).replace("_", " "))


def codes(values: Sequence[str] | None) -> str:
    """Return several codes as words."""
    return ", ".join(map(code, values)) if values else format.none()


def source(row: Mapping[str, Any]) -> str:
    """Return document, year and section of a row."""
    return _("Source: {title} ({year}), {section}.").format(
        title=row["document_title"], year=row["year"], section=row["section_heading"]
    )


def worded(classes: Classes, words: Mapping[str, str]) -> Classes:
    """Return classes with labels in words."""
    return replace(classes, labels=tuple(_(words.get(label, label)) for label in classes.labels))


def size_classes(store: Store) -> dict[str, str]:
    """Return size classes in words, with their bounds of the thresholds, largest first."""
    limits = state.thresholds(store)
    least = {
        "city": limits["size_city_min"],
        "medium_town": limits["size_medium_town_min"],
        "small_town": limits["size_small_town_min"],
        # The smallest settlement that is listed at all.
        "village": limits["travel_unknown_population"],
        # Of any size.
        "part": 0.0,
    }
    words = {
        "city": N_("City ({low} people and more)"),
        "medium_town": N_("Medium town ({low} to {high})"),
        "small_town": N_("Small town ({low} to {high})"),
        "village": N_("Village ({low} to {high})"),
        "part": N_("Part of a larger place (counted there)"),
    }
    result, above = {}, 0.0
    for name in categories(TOWN_MEASURES, "size_class"):
        low, high = format.round_people(least[name]), format.round_people(above - 1)
        result[name] = _(words[name]).format(low=low, high=high)
        above = least[name]
    return result


def short_size(size_class: str) -> str:
    """Return a size class in two words at most."""
    return code(size_class).capitalize()


def short_time(minutes: float) -> str:
    """Return a number of minutes as it is said in a sentence."""
    if minutes == 30:
        return _("half an hour")
    return _("an hour") if minutes == 60 else _("{n} minutes").format(n=f"{minutes:g}")


def small_number(value: float) -> str:
    """Return a small number as it is said in a sentence."""
    return _("two") if value == 2 else f"{value:g}"
