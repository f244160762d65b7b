"""The page of the journeys: what they were before, what they are now, and what one sees."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Planned:
    """A journey: whose it is, what she wants, how it was when users first tried, and its limit.

    Attributes
    ----------
    user, question : str
    before : str
        What the review of users found, in its counts; where it gave none, that is said.
    most : int
        Acts that the test allows.
    """

    user: str
    question: str
    before: str
    most: int


JOURNEYS: dict[str, Planned] = {
    "1-sheet": Planned(
        "planner",
        "My region, on one printed sheet",
        "5 acts to a profile without services and remoteness; printing unusable (U4, U5, U6)",
        2,
    ),
    "2-hospital": Planned(
        "planner",
        "Our hospital closes: who is how much further away, on one page to hand round",
        "about 8 acts to the answer, hospitals without names, no file and no brief (U9)",
        5,
    ),
    "3-like": Planned(
        "planner",
        "Towns like mine, and a brief of what fits",
        "worked, not counted; a town had to be typed again on each page (U6)",
        6,
    ),
    "4-filter": Planned(
        "analyst",
        "Rural, remote, without a city, shrinking faster than 0.5 % a year: the list, and the link",
        "impossible: no filter of annual change, remoteness or access to a city (U11)",
        12,
    ),
    "5-threshold": Planned(
        "analyst",
        "What does it change if moderate shrinking begins at 0.75 % a year?",
        "impossible: other counts, and no word of what moved (U12)",
        7,
    ),
    "6-compare": Planned(
        "analyst",
        "Four regions of NUTS 2 side by side",
        "impossible: nothing compared (U10)",
        11,
    ),
    "7-dictionary": Planned(
        "researcher",
        "A table with its dictionary, opened in pandas",
        "worked, not counted; no citation",
        4,
    ),
    "8-sql": Planned(
        "researcher",
        "A number of a sheet, made again from its SQL",
        "ended at the path of a file: no statement was shown",
        8,
    ),
    "9-own": Planned(
        "researcher",
        "Who reaches our libraries? From a German Excel's file",
        "refused for want of ids; Istanbul was worst served by libraries in Hesse (U14)",
        10,
    ),
}

#: What was done, as it was walked last.
_KEPT = "journeys.json"
_HEAD = """\
# Nine journeys

Three of each user, from the start page, in a window of 1440 × 900. Each is a test in
`tests/browser/test_journeys.py` that acts and reads as she would, counts what she does, and holds
what stands on the screen and in the file against a query of its own or arithmetic.

An act is a click, a field typed into (with its Enter), a file given or a scroll to what is not in
sight; to choose from a list is two. *Before* is what an independent trial of the first dashboard
found ([findings](../usability.md)), which counted the acts of two; where it counted none, that is
said. The hospitals need the publishers' files; all else is in the embedded data.

`make journeys` walks all nine again, takes the pictures and writes this page, and `make
screenshots` does so, too.
"""


def keep(folder: Path, name: str, acts: Sequence[str], steps: Sequence[tuple[str, str]]) -> None:
    """Keep what was done on a journey, beside its pictures, until it is walked again."""
    file = folder / _KEPT
    walked = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    walked[name] = {"acts": list(acts), "steps": [list(step) for step in steps]}
    file.write_text(json.dumps(walked, ensure_ascii=False, indent=1, sort_keys=True), "utf-8")


def write_page(folder: Path) -> None:
    """Write ``README.md`` of all journeys that were kept in a folder.

    Parameters
    ----------
    folder : Path
        Holds what :func:`keep` kept: by name of the journey its acts, and its steps, each what
        she sees and the picture's file.
    """
    walked = json.loads((folder / _KEPT).read_text("utf-8"))
    plans = {name: plan for name, plan in JOURNEYS.items() if name in walked}
    lines = [_HEAD, "| | user | wants | before | now, acts |", "|---|---|---|---|---|"]
    for name, plan in plans.items():
        number, count = name.partition("-")[0], len(walked[name]["acts"])
        lines.append(
            f"| {number} | {plan.user} | [{plan.question}](#{name}) | {plan.before} | {count} |"
        )
    for name, plan in plans.items():
        acts, number = walked[name]["acts"], name.partition("-")[0]
        lines += ["", f'<a id="{name}"></a>', "", f"## {number}. {plan.question}", ""]
        lines += [f"{plan.user.capitalize()}: {'; '.join(acts)}."]
        for words, file in walked[name]["steps"]:
            lines += ["", f"{words}:", "", f"![{words}]({file})"]
    (folder / "README.md").write_text("\n".join(lines) + "\n", "utf-8")
