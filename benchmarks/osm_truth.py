"""What extracts say here, against an independent reading of the same files: the table of the docs.

Run: ``python benchmarks/osm_truth.py FOLDER`` on a built database; ``FOLDER`` holds the extracts of
Liechtenstein, Andorra, Malta, Monaco and Helsinki. Each is read twice: as ``.osm.pbf``, and as the
Overpass answer (``out center``) that holds the same objects. Expected are the objects that a reader
by pyosmium counted and the people of a prototype with code of its own. Prints Markdown.
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

from pipelines.core.paths import catalogue_dir  # noqa: E402
from pipelines.places.osm_tags import read_tag_table  # noqa: E402
from pipelines.places.pbf import reading  # noqa: E402
from pipelines.serve import place_files  # noqa: E402
from pipelines.serve.place_files import Measured  # noqa: E402
from pipelines.serve.store import Store  # noqa: E402

TOLERANCE = 0.02
HEADS = (
    "objects",
    "people",
    "no library within 15 min",
    "no library here",
    "no village shop here",
    "no pharmacy here",
)
NOT_COUNTED = {"condition of the tag not met", "closed to the public", "closed for good"}


@dataclass(frozen=True)
class Case:
    """An extract and what others counted in it; None was not counted.

    Attributes
    ----------
    file, country : str
    expected : tuple of (int or None)
        By ``HEADS``.
    why : dict of str to str
        Reasons of a difference, by head.
    """

    file: str
    country: str
    expected: tuple[int | None, ...]
    why: dict[str, str]


CASES = {
    "Liechtenstein 2024": Case(
        "liechtenstein",
        "LI",
        (1125, 42_029, 1_350, 27_969, 18_225, 16_517),
        {"no library within 15 min": "the prototype's network had no roads"},
    ),
    "Andorra 2025": Case(
        "andorra",
        "AD",
        (1437, 85_903, 4_601, 34_387, 26_481, 15_457),
        {"no library within 15 min": "the prototype counted no 2.9 minutes at a site"},
    ),
    "Malta 2018": Case("malta", "MT", (5667, 495_277, 0, 413_499, 54_917, 73_121), {}),
    "Monaco 2021": Case("monaco-planetiler", "MC", (555, None, None, None, None, None), {}),
    "Helsinki's centre 2019": Case("Helsinki", "FI", (858, None, None, None, None, None), {}),
}


def overpass_of(path: Path, folder: Path) -> Path:
    """Write an extract's tagged objects as Overpass answers ``out center``."""
    elements = []
    with reading(path, read_tag_table(catalogue_dir()), folder / "spill") as content:
        for item in content.objects:
            spot = {"lon": item.point[0], "lat": item.point[1]} if item.point else {}
            held = spot if item.osm_type == "node" else {"center": spot}
            element = {"type": item.osm_type, "id": item.osm_id, "tags": item.tags}
            elements.append(element | held)
    answer = folder / "answer.json"
    answer.write_text(json.dumps({"version": 0.6, "elements": elements}), "utf-8")
    return answer


def figures(measured: Measured) -> tuple[int, ...]:
    """Return what was measured, by ``HEADS``; a type that nobody mapped is out of reach for all."""
    merged = sum(n for why, n in measured.left_out.items() if why not in NOT_COUNTED)
    people = measured.people.set_index("type")
    total = int(people["people"].max())

    def of(kind: str, column: str) -> int:
        return int(people.loc[kind, column]) if kind in people.index else total

    return (
        len(measured.places) + merged - measured.left_out.get("no mapped tag", 0),
        total,
        of("library", "without_15"),
        of("library", "without_here"),
        of("village_shop", "without_here"),
        of("pharmacy", "without_here"),
    )


def is_equal(found: int, expected: int) -> bool:
    """Tell whether a figure lies within the tolerance."""
    return abs(found - expected) <= TOLERANCE * expected


def line(name: str, shape: str, case: Case, found: tuple[int, ...]) -> str:
    """Return a row of the table; what differs says why."""
    cells = []
    for head, value, expected in zip(HEADS, found, case.expected, strict=True):
        text = f"{value:,}".replace(",", " ")
        if expected is not None and not is_equal(value, expected):
            reason = case.why.get(head, "NOT EXPLAINED")
            text += f" (expected {expected:,}: {reason})".replace(",", " ")
        cells.append(text)
    return f"| {name} | {shape} | {' | '.join(cells)} |"


def main() -> int:
    """Print the table; return 1 where a difference is not explained."""
    folder, store, unexplained = Path(sys.argv[1]), Store.current(), 0
    print(f"| extract | read from | {' | '.join(HEADS)} |")
    print("|---|---|" + "---|" * len(HEADS))
    for name, case in CASES.items():
        path = folder / f"{case.file}.osm.pbf"
        pbf = figures(place_files.measure(store, path, is_osm=True, country=case.country))
        with tempfile.TemporaryDirectory() as own:
            answer = overpass_of(path, Path(own))
            measured = place_files.measure(store, answer, is_osm=True, country=case.country)
        for shape, found in ((".osm.pbf", pbf), ("Overpass JSON", figures(measured))):
            row = line(name, shape, case, found)
            unexplained += "NOT EXPLAINED" in row
            print(row, flush=True)
    return int(unexplained > 0)


if __name__ == "__main__":
    sys.exit(main())
