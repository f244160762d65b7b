"""Codes as words, and the line that says where a row of the catalogue comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pages._ui import format, state
from pages._ui.classes import Classes
from pages._ui.measures import TOWN_MEASURES, categories
from pages._ui.texts import N_, _, capital, ngettext
from pipelines.serve.filters import NOT_KNOWN
from pipelines.serve.store import Store

WHOSE = {"document": N_("the document's"), "ours": N_("ours"), "both": N_("partly ours")}
JUDGED_BY = {
    "document": N_("the document"),
    "ours": N_("us"),
    "both": N_("the document and us"),
}
#: What the page on social places can show; places one can go to come first.
KINDS = {
    "place": N_("Places one can go to"),
    "event": N_("Events"),
    "programme": N_("Programmes"),
    "body": N_("Bodies"),
    "": N_("Everything"),
}
FUNDS = {
    "AMIF": N_("AMIF"),
    "ESF_PLUS": N_("ESF+"),
    "ERDF": N_("ERDF"),
    "CERV": N_("CERV"),
    "COHESION": N_("Cohesion Policy funds"),
    "CAP": N_("Common Agricultural Policy"),
    "EU_UNNAMED": N_("EU funds, not named"),
    "NATIONAL": N_("National programmes"),
    "REGIONAL": N_("Regional programmes"),
    "MUNICIPAL": N_("The municipality's budget"),
    "LOANS": N_("Loans or partnerships"),
}
TRAIT_VALUES = ("yes", "partly", "no", NOT_KNOWN)
SOCIAL_PLACE_BASIS = {
    "traits_hold": N_("public, inclusive and of repeated encounter"),
    "trait_fails": N_("it is not public, not inclusive, or people do not meet again"),
    "trait_in_part": N_("one of its traits holds with limits"),
    "trait_unknown": N_("one of its traits is not known"),
    "no_place": N_("it is no place that one can go to"),
    "online": N_("it is online, and the concept asks for an analogue anchor"),
    "not_running": N_("it is planned, or over"),
}
KIND_COLOURS = {"place": "#0072b2", "event": "#d55e00", "body": "#009e73", "programme": "#7a0177"}


#: People from which GeoNames' list of settlements (cities500) names a place.
LISTED_FROM = 500.0


def code(value: Any) -> str:
    """Return one code as words."""
    return format.none() if value is None else _(str(value).replace("_", " "))


def codes(values: Sequence[str] | None) -> str:
    """Return several codes as words."""
    return ", ".join(map(code, values)) if values else format.none()


def source(row: Mapping[str, Any]) -> str:
    """Return document, year and section of a row, and how many more sections it rests on."""
    text = _("Source: {title} ({year}), {section}.").format(
        title=row["document_title"], year=row["year"], section=row["section_heading"]
    )
    if further := len(row.get("also_sections") or ()):
        more = ngettext("{n} more section", "{n} more sections", further).format(n=further)
        return f"{text[:-1]}; {more}."
    return text


def social_place(row: Mapping[str, Any]) -> str:
    """Say whether an entry is a social place by the concept, and from what that follows."""
    verdicts = {True: _("yes"), False: _("no"), None: _("open")}
    why = _(SOCIAL_PLACE_BASIS[row["social_place_basis"]])
    return f"{verdicts[row['is_social_place']]}: {why}"


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
        "village": LISTED_FROM,
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
    return capital(code(size_class))


def short_time(minutes: float) -> str:
    """Return a number of minutes as it is said in a sentence."""
    if minutes == 30:
        return _("half an hour")
    return _("an hour") if minutes == 60 else _("{n} minutes").format(n=f"{minutes:g}")


def small_number(value: float) -> str:
    """Return a small number as it is said in a sentence."""
    return _("two") if value == 2 else f"{value:g}"
