"""What fits here: practices ranked by which of their conditions hold in a town.

A condition holds, does not, or is unknown; nothing is guessed. The rank is an aid to
reading, not a forecast: it says where a document's own conditions are met.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

HOLDS, FAILS, UNKNOWN = "holds", "does not hold", "unknown"
_OPERATORS = {
    "is": "",
    "is_not": "not ",
    "any_of": "",
    "at_least": "at least ",
    "at_most": "at most ",
}


@dataclass(frozen=True)
class Judged:
    """One condition of a practice, and whether it holds.

    ``row`` is the row of ``practice_fits``; ``answer`` is None where nobody answered.
    """

    row: Mapping[str, Any]
    answer: str | None
    verdict: str

    @property
    def requirement(self) -> str:
        """What the condition asks for, in words."""
        values = in_words(self.row["value"].replace(";", " or "))
        return _OPERATORS[self.row["operator"]] + values


@dataclass(frozen=True)
class Fit:
    """A practice with its judged conditions.

    ``score`` runs from -1 (all known conditions fail, none is unknown) to 1 (all hold).
    ``is_blocked``: something that it needs does not hold.
    """

    practice: Mapping[str, Any]
    judged: tuple[Judged, ...]
    score: float
    is_blocked: bool

    def of(self, verdict: str) -> list[Judged]:
        """Return the conditions with a verdict, warnings left out."""
        return [j for j in self.judged if j.verdict == verdict and j.row["strength"] != "warns"]

    def was_tried_at(self, cases: Collection[str]) -> bool:
        """Whether a document says that it was tried in one of these case studies."""
        return not set(cases).isdisjoint(self.practice["tried_at"] or [])

    @property
    def cautions(self) -> list[Judged]:
        """Warnings that apply here."""
        return [j for j in self.judged if j.row["strength"] == "warns" and j.verdict == HOLDS]


def in_words(value: str) -> str:
    """Return a code of a closed list as words."""
    return value.replace("_", " ")


def judge(row: Mapping[str, Any], answer: str | None) -> str:
    """Tell whether one condition holds.

    Parameters
    ----------
    row
        ``operator`` (is, is_not, any_of, at_least, at_most) and ``value``.
    answer
        The town's answer: ``yes``/``no``, a value of the condition's list or a number as
        text; None where it is not known.

    Raises
    ------
    ValueError
        Unknown operator.
    """
    if answer is None:
        return UNKNOWN
    operator, value = row["operator"], row["value"]
    if operator == "any_of":
        held = answer in [v.strip() for v in value.split(";")]
    elif operator in ("is", "is_not"):
        held = (answer == value) == (operator == "is")
    elif operator in ("at_least", "at_most"):
        gap = float(answer) - float(value)
        held = gap >= 0 if operator == "at_least" else gap <= 0
    else:
        raise ValueError(f"operator is '{operator}', allowed are {tuple(_OPERATORS)}")
    return HOLDS if held else FAILS


def fit(
    practice: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]],
    answers: Mapping[str, str | None],
    weights: Mapping[str, float],
) -> Fit:
    """Judge one practice.

    Parameters
    ----------
    practice
        Row of ``practices``.
    rows
        Its rows of ``practice_fits``.
    answers
        Answer by condition; a condition that is absent is unknown.
    weights
        Weight by strength (thresholds ``fits_weight_*``); a warning that applies counts against.
    """
    judged = tuple(Judged(r, a, judge(r, a)) for r in rows for a in [answers.get(r["condition"])])
    total = gained = 0.0
    for j in judged:
        weight, strength = weights[j.row["strength"]], j.row["strength"]
        if strength == "warns":
            gained -= weight * (j.verdict == HOLDS)
            continue
        total += weight
        gained += weight * ((j.verdict == HOLDS) - (j.verdict == FAILS))
    blocked = any(j.verdict == FAILS and j.row["strength"] == "needs" for j in judged)
    score = max(-1.0, min(1.0, gained / total)) if total else 0.0
    return Fit(practice, judged, score, blocked)


def ranked(
    practices: Sequence[Mapping[str, Any]],
    rows: Sequence[Mapping[str, Any]],
    answers: Mapping[str, str | None],
    weights: Mapping[str, float],
    here: Collection[str] = (),
) -> list[Fit]:
    """Return all practices, best first; those that lack what they need come last.

    Equal scores are ordered by whether the practice was tried here (in one of the case studies
    of ``here``), then by how many conditions hold, by whether it was tried anywhere, by name.
    """
    of: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        of.setdefault(row["practice"], []).append(row)
    fits = [fit(p, of.get(p["id"], []), answers, weights) for p in practices]
    return sorted(
        fits,
        key=lambda f: (
            f.is_blocked,
            -f.score,
            not f.was_tried_at(here),
            -len(f.of(HOLDS)),
            not f.practice["tried_at"],
            f.practice["title"],
        ),
    )
