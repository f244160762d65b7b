"""Practices that fit a town, as pages show them: judged, ranked and as a printed brief."""

from __future__ import annotations

from collections.abc import Mapping

from pipelines.fits.brief import brief_html, plain_facts
from pipelines.fits.judge import FAILS, HOLDS, UNKNOWN, Fit, Judged, ranked
from pipelines.serve import catalogue
from pipelines.serve.store import Store

__all__ = [
    "FAILS",
    "HOLDS",
    "UNKNOWN",
    "Fit",
    "Judged",
    "brief_html",
    "plain_facts",
    "ranked_practices",
]


def ranked_practices(store: Store, answers: Mapping[str, str | None]) -> list[Fit]:
    """Return all practices, those first whose own conditions the answers meet best.

    Parameters
    ----------
    answers : mapping of str to str or None
        Answer by the name of the condition; None is not known.
    """
    return ranked(
        catalogue.practices(store),
        catalogue.practice_fits(store),
        answers,
        catalogue.fit_weights(store),
    )
