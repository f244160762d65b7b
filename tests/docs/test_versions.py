"""What a version promises (docs/versions.md): its columns, and one version everywhere."""

from __future__ import annotations

import itertools
import json
import re
import tomllib
from pathlib import Path

import pandas as pd
import pytest

from pipelines import __version__
from tests.docs.loaded import program
from tests.where import ROOT

RELEASES = ROOT / "docs/releases"
CHANGELOG = (ROOT / "CHANGELOG.md").read_text("utf-8")


def number(version: str) -> tuple[int, int, int]:
    major, minor, patch = map(int, version.split("."))
    return major, minor, patch


def columns(version: str) -> pd.Series:
    table = pd.read_csv(RELEASES / f"{version}.csv")
    return table.set_index(["table", "column"])["type"]


def broken(before: str, old: pd.Series, after: str, new: pd.Series, changes: str) -> list[str]:
    """Return in what a version breaks what an earlier one promised, a line each."""
    gone = [f"{table}.{column}" for table, column in old.index.difference(new.index)]
    both = old.index.intersection(new.index)
    other = [
        f"{table}.{column}"
        for table, column in both
        if old.loc[(table, column)] != new.loc[(table, column)]
    ]
    first, second = number(before), number(after)
    goes_up = second[0] > first[0] or (first[0] == 0 and second[:2] > first[:2])
    lines = [f"{name} went, the version only to {after}" for name in gone if not goes_up]
    lines += [f"{name} has another type, the version only {after}" for name in other if not goes_up]
    lines += [
        f"{name} went and CHANGELOG.md does not name it" for name in gone if name not in changes
    ]
    return lines


def section(version: str) -> str:
    """Return what the changelog says of a version."""
    return re.split(r"^## ", CHANGELOG.split(f"\n## {version} ")[1], flags=re.M)[0]


def test_the_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    citation = re.search(r"^version: (.+)$", (ROOT / "CITATION.cff").read_text("utf-8"), re.M)
    archive = json.loads((ROOT / ".zenodo.json").read_text("utf-8"))["version"]
    newest = re.search(r"^## (\S+) ", CHANGELOG, re.M)
    assert citation
    assert newest
    assert {project, citation[1], archive, newest[1]} == {__version__}


def test_the_columns_of_this_version_are_written_down(built_home: Path) -> None:
    there = (RELEASES / f"{__version__}.csv").read_text("utf-8")
    assert program("make_reference").contract(built_home / "build") == there, "run make reference"


def test_no_version_breaks_what_an_earlier_one_promised() -> None:
    versions = sorted((path.stem for path in RELEASES.glob("*.csv")), key=number)
    assert versions[-1] == __version__
    assert len(versions) > 1
    for before, after in itertools.pairwise(versions):
        lines = broken(before, columns(before), after, columns(after), section(after))
        assert lines == [], after


@pytest.mark.parametrize(
    ("after", "new", "changes", "lines"),
    [
        ("0.2.1", {"a": "INTEGER", "b": "VARCHAR", "c": "DATE"}, "", 0),
        ("0.2.1", {"a": "INTEGER"}, "t.b", 1),
        ("0.2.1", {"a": "INTEGER"}, "", 2),
        ("0.2.1", {"a": "BIGINT", "b": "VARCHAR"}, "", 1),
        ("0.3.0", {"a": "INTEGER"}, "t.b went", 0),
        ("0.3.0", {"a": "INTEGER"}, "", 1),
        ("0.3.0", {"a": "BIGINT", "b": "VARCHAR"}, "", 0),
        ("1.0.0", {"b": "VARCHAR"}, "t.a went", 0),
    ],
)
def test_what_goes_is_told(after: str, new: dict[str, str], changes: str, lines: int) -> None:
    def made(types: dict[str, str]) -> pd.Series:
        index = pd.MultiIndex.from_tuples([("t", name) for name in types])
        return pd.Series(list(types.values()), index=index)

    old = made({"a": "INTEGER", "b": "VARCHAR"})
    assert len(broken("0.2.0", old, after, made(new), changes)) == lines


def test_from_1_0_on_only_a_new_first_number_may_break() -> None:
    old = pd.Series(["DATE"], index=pd.MultiIndex.from_tuples([("t", "a")]))
    new = pd.Series(["DATE"], index=pd.MultiIndex.from_tuples([("t", "b")]))
    assert broken("1.0.0", old, "1.1.0", new, "t.a")
    assert not broken("1.0.0", old, "2.0.0", new, "t.a")
