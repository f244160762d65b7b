"""A walk over each page's widgets in no sensible order: whatever is chosen, no page breaks."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest, element_tree

from tests.app.test_pages import PAGES, open_page

STEPS = 25
KINDS = ("selectbox", "multiselect", "checkbox", "toggle", "text_input", "slider", "number_input")
WORDS = ("Bebra", "DE733", "FRY10", "2951793", "999999999999", "Łódź", "'; drop", "%", "", "  ")


@pytest.fixture(autouse=True)
def labels_stand_for_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the driver take labels, as a browser sends them, where a lookup answers None."""
    as_is = element_tree._format_value_for_widget
    monkeypatch.setattr(
        element_tree,
        "_format_value_for_widget",
        lambda look_up, value: value if (label := as_is(look_up, value)) is None else label,
    )


def choose(app: AppTest, dice: random.Random) -> tuple[str, Any] | None:
    """Set one widget of a page to something that a visitor could; return its label and value."""
    widgets = [(kind, w) for kind in KINDS for w in getattr(app, kind) if not w.disabled]
    if not widgets:
        return None
    kind, widget = dice.choice(widgets)
    if kind == "selectbox":
        value: Any = dice.choice(widget.options or [None])
    elif kind == "multiselect":
        value = dice.sample(widget.options, min(len(widget.options), dice.randrange(3)))
    elif kind in ("checkbox", "toggle"):
        value = not widget.value
    elif kind == "text_input":
        value = dice.choice(WORDS)
    elif kind == "number_input":
        value = dice.choice([v for v in (widget.min, widget.max, widget.value) if v is not None])
    else:
        ends = sorted(_between(widget.min, widget.max, dice) for _ in range(2))
        value = tuple(ends) if isinstance(widget.value, list | tuple) else ends[0]
    widget.set_value(value)
    return widget.label, value


def _between(low: float, high: float, dice: random.Random) -> float:
    return type(low)(low + (high - low) * dice.choice([0, 0.1, 0.5, 1]))


def walk(page: str, seed: str) -> int:
    """Take the steps; return how many changed something."""
    app, dice, taken = open_page(page), random.Random(seed), []
    for _ in range(STEPS):
        if chosen := choose(app, dice):
            taken.append(chosen)
            app.run()
            assert not app.exception, (taken, app.exception[0].message)
    return len(taken)


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("page", [p for p in PAGES if "overview" not in p and "shrinking" not in p])
def test_no_choice_breaks_a_page(page: str) -> None:
    assert walk(page, page) > STEPS / 2


def test_no_choice_breaks_the_shrinking_regions(
    full_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HINTERLAND_HOME", str(full_home))
    assert walk("pages/shrinking.py", "shrinking") > STEPS / 2
