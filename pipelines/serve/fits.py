"""Practices that fit a town, as pages show them: judged, ranked and as a printed brief."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from pipelines.fits.assessment import NO, PARTLY, YES, settled
from pipelines.fits.brief import brief_html, plain_facts
from pipelines.fits.judge import FAILS, HOLDS, UNKNOWN, Fit, Judged, ranked
from pipelines.serve import catalogue
from pipelines.serve.filters import PracticeFilter
from pipelines.serve.store import Store

__all__ = [
    "FAILS",
    "HOLDS",
    "NO",
    "PARTLY",
    "UNKNOWN",
    "YES",
    "Fit",
    "Judged",
    "brief_html",
    "plain_facts",
    "ranked_practices",
    "settled",
]


def ranked_practices(
    store: Store,
    answers: Mapping[str, str | None],
    selection: PracticeFilter | None = None,
    here: Collection[str] = (),
) -> list[Fit]:
    """Return the selected practices, those first whose own conditions the answers meet best.

    Parameters
    ----------
    answers : mapping of str to str or None
        Answer by the name of the condition; None is not known.
    selection : PracticeFilter, optional
        Which practices; all by default.
    here : collection of str
        Ids of the town's own case studies: of equally good practices those that were tried
        there come first.
    """
    return ranked(
        catalogue.practices(store, selection),
        catalogue.practice_fits(store),
        answers,
        catalogue.fit_weights(store),
        here,
    )
