"""Rules of CONTRIBUTING that no other test holds."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import hinterland as hl
from tests.where import ROOT

MOST_LINES = 60
CODE = ("pipelines", "hinterland", "docs", "benchmarks", "pages")
# What the unit of a column asks of its name.
SUFFIXES = {
    "%": "_pct",
    "% a year": "_pct",
    "km²": "_km2",
    "km": "_km",
    "0-1": "_share",
    "people per km²": "_per_km2",
}

# Participles and private words; docs/glossary.md has the field's terms.
PRIVATE_WORDS = {"found", "kept", "asked", "door", "borne", "wanted"}
# What a finding says was found is a field of the errors: these hand it on by its name.
FINDING_FIELDS = {"__init__", "refuse"}
# Packages and modules whose names are still to be changed.
NOT_YET_NAMED = {}

IGNORED = re.compile(r"# type: ignore\[[a-z, -]+\]  # \w.{9,}")


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Give name and lines without docstring of each function."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node, clean=False)
            lines = (node.end_lineno or 0) - node.lineno + 1
            yield node.name, lines - (len(text.splitlines()) if text else 0)


def private_words(path: Path) -> Iterator[str]:
    """Give the private words that a module defines, takes as parameters or stores to."""
    tree = ast.parse(path.read_text("utf-8"))
    findings = {
        part
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name in FINDING_FIELDS
        for part in ast.walk(node.args)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            name = node.id
        elif isinstance(node, ast.arg) and node not in findings:
            name = node.arg
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            name = node.name
        elif isinstance(node, ast.alias):
            name = node.asname or ""
        else:
            continue
        if name.lower() in PRIVATE_WORDS:
            yield name


def test_private_words_are_seen(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        "import x as borne\nKEPT = 2\ndef f(kept):\n    asked = [door for door in kept]\n"
        "    if (found := 1): ...\nclass Wanted:\n    def wanted(self): ...\n"
        "class E:\n    def __init__(self, found): self.found = found\n"
    )
    words = {"borne", "KEPT", "kept", "asked", "door", "found", "Wanted", "wanted"}
    assert set(private_words(module)) == words
    module.write_text("class E:\n    def __init__(self, found): self.found = found\n")
    assert list(private_words(module)) == []


def test_functions_name_what_a_value_is() -> None:
    words = [
        (path.relative_to(ROOT).as_posix(), word)
        for folder in ("pipelines", "hinterland", "pages")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for word in private_words(path)
    ]
    assert words == [("pipelines/core/findings.py", "found")], "but the field of a finding"


@pytest.mark.parametrize("folder", CODE)
def test_functions_are_short(folder: str) -> None:
    long = [
        (path.relative_to(ROOT).as_posix(), name, lines)
        for path in (ROOT / folder).rglob("*.py")
        for name, lines in functions(path)
        if lines > MOST_LINES
    ]
    assert not long


def test_each_ignored_type_names_its_code_and_reason() -> None:
    ignored = [
        (path.relative_to(ROOT).as_posix(), line.strip())
        for folder in ("pipelines", "hinterland", "pages")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for line in path.read_text("utf-8").splitlines()
        if "type: ignore" in line
    ]
    assert ignored, "the rule holds nothing: drop it"
    assert [(path, line) for path, line in ignored if not IGNORED.search(line)] == []


def test_units_stand_in_names(home: Path) -> None:
    columns = hl.indicators()
    assert len(columns) > 400
    for unit, suffix in SUFFIXES.items():
        names = columns.loc[columns["unit"] == unit, "column_name"]
        assert len(names), unit
        assert [name for name in names if not name.endswith(suffix)] == [], unit
    minutes = columns.loc[columns["unit"] == "minutes", "column_name"]
    assert [n for n in minutes if not n.startswith("minutes_") and not n.endswith("_min")] == []


def test_every_package_stands_in_contributing_with_its_arrows() -> None:
    from tests.unit.test_rooms import ARROWS

    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| `")]
    told = {row[0].strip("`"): row[-1] for row in rows if row[0].strip("`") in ARROWS}
    assert told == {
        package: ", ".join(sorted(arrows)) or "nothing" for package, arrows in ARROWS.items()
    }
