"""What the docs say holds a finding is a test that exists."""

from __future__ import annotations

import re

import pytest

from tests.where import ROOT

TESTS = ROOT / "tests"
ROOMS = "|".join(sorted(path.name for path in TESTS.iterdir() if (path / "__init__.py").is_file()))
#: A file below tests/ and a test in it, a file, or a test: of the file named before, or anywhere.
NAMED = re.compile(rf"`(?:((?:{ROOMS})/[\w/.]*)?(?:::)?)(test_\w+)?`")
#: How a finding that was left says so.
LEFT = "Not mended, because"


def rows_of(page: str, heading: str = "", column: str = "held by") -> list[str]:
    """Return the last cell of each row of the tables of a page whose last column has a name."""
    text = (ROOT / "docs" / page).read_text("utf-8").partition(heading)[2] if heading else ""
    text = text or (ROOT / "docs" / page).read_text("utf-8")
    cells, is_in = [], False
    for line in text.splitlines():
        parts = [part.strip() for part in line.strip().strip("|").split(" | ")]
        if not line.startswith("|"):
            is_in = False
        elif parts[-1].startswith(column):
            is_in = True
        elif is_in and not line.startswith("|---"):
            cells.append(parts[-1])
    return cells


def missing(cell: str) -> list[str]:
    """Return what a cell names and is not there."""
    absent, file = [], ""
    for path, test in NAMED.findall(cell):
        file = path or file
        if path and not (TESTS / path).exists():
            absent.append(path)
        elif test and not any(
            re.search(rf"^(?:async )?def {test}\(", one.read_text("utf-8"), re.MULTILINE)
            for one in ([TESTS / file] if file.endswith(".py") else TESTS.rglob("test_*.py"))
        ):
            absent.append(f"{file}::{test}")
    return absent


@pytest.mark.parametrize(
    ("page", "heading", "findings"),
    [
        ("validation.md", "## What an independent recomputation found", 20),
        ("usability.md", "", 20),
        ("attacks.md", "", 70),
    ],
)
def test_each_finding_names_a_test_that_is_there(page: str, heading: str, findings: int) -> None:
    cells = rows_of(page, heading)
    assert len(cells) >= findings
    for cell in cells:
        names_one = any(path or test for path, test in NAMED.findall(cell))
        assert names_one or LEFT in cell or cell.startswith(("the same", "[decision")), cell
        assert missing(cell) == [], cell


def test_each_finding_of_the_review_stands_in_the_tables() -> None:
    text = (ROOT / "docs" / "attacks.md").read_text("utf-8")
    for heading, mark, most in (("Attacks", "F", 12), ("Speed", "", 8), ("Bug reports", "F", 23)):
        part = text.split(f"\n## {heading}")[1].split("\n## ")[0]
        told = {int(n) for n in re.findall(rf"^\| {mark}(\d+) ", part, re.MULTILINE)}
        assert told == set(range(1, most + 1)), heading


def test_a_test_that_is_not_there_is_found() -> None:
    file = "docs/test_validation.py"
    assert missing(f"`{file}::test_a_test_that_is_not_there_is_found`, `::test_gone`") == [
        f"{file}::test_gone"
    ]
    assert missing("`serve/test_gone.py`") == ["serve/test_gone.py"]
    assert missing("`test_gone_too`") == ["::test_gone_too"]
