"""Between which minutes an estimate may lie, in words, and whether a class hangs on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipelines.serve.sheet_parts import Sentence, plain_number, sentence
from pipelines.serve.texts import N_


def city(town: Mapping[str, Any], limit: float) -> Sentence | None:
    """Say how far a settlement is from a city, and if that could be either side of the limit.

    Parameters
    ----------
    town : mapping
        A row of ``marts.towns``.
    limit : float
        Minutes that are still close to a city.

    Returns
    -------
    Sentence or None
        None where it reaches no city, or is one.
    """
    if not town["minutes_to_city"]:
        return None
    text = N_(
        "{minutes} minutes by car to the nearest city (estimate); could be {low} to {high}, on one "
        "side of the limit of {limit}."
    )
    if town["closeness_either_way"]:
        text = N_(
            "{minutes} minutes by car to the nearest city (estimate); could be {low} to {high}, so "
            "either side of the limit of {limit}."
        )
    return sentence(text, **_minutes(town, "minutes_to_city"), limit=f"{limit:g}")


def pole(town: Mapping[str, Any]) -> Sentence | None:
    """Say how far a settlement is from a pole, and whether its class could be the next one."""
    if not town["minutes_to_pole"]:
        return None
    text = N_("{minutes} minutes to a pole; could be {low} to {high}, the same class.")
    if town["remoteness_either_way"]:
        text = N_(
            "{minutes} minutes to a pole; could be {low} to {high}, so the class is not sure."
        )
    return sentence(text, **_minutes(town, "minutes_to_pole"))


def _minutes(town: Mapping[str, Any], column: str) -> dict[str, str]:
    ends = {"minutes": column, "low": f"{column}_low", "high": f"{column}_high"}
    return {name: plain_number(town[of], "{:.0f}") for name, of in ends.items()}
