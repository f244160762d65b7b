"""What the program stands on: each package is reviewed; an audit says no more than it knows."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.where import ROOT

PAGE = (ROOT / "docs/dependencies.md").read_text("utf-8")


def module_of(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    return module_of(ROOT / ".ci/audit.py")


@pytest.fixture(scope="module")
def listed() -> ModuleType:
    return module_of(ROOT / "docs/make_dependencies.py")


def declared() -> set[str]:
    """Return the packages that pyproject.toml names for a run and its extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = [name for names in project["optional-dependencies"].values() for name in names]
    stated = [*project["dependencies"], *extras]
    return {re.split(r"[\s<>=~!;\[]", text)[0].lower() for text in stated}


def test_each_direct_dependency_is_reviewed() -> None:
    rows = set(re.findall(r"^\| `([^`]+)` \|", PAGE, re.M))
    assert declared() == rows


def test_each_line_says_why_and_what_was_turned_down() -> None:
    for line in re.findall(r"^\| `.*$", PAGE, re.M):
        name, _, why, instead, licence, size = [cell.strip() for cell in line.split("|")[1:-1]]
        assert len(why) > 10, name
        assert len(instead) > 5, name
        assert licence, name
        assert re.fullmatch(r"[\d.]+ MB( \+ [\d.]+)?|not installed here", size), (name, size)


def test_the_page_is_what_the_command_writes(listed: ModuleType) -> None:
    """Sizes change from machine to machine; what is said of a package does not."""
    plain = re.compile(r"\| [^|]*\|$", re.M)
    assert plain.sub("|", listed.page()) == plain.sub("|", PAGE), "run: make reference"


def answer(*packages: tuple[str, str, list[str]], skipped: str = "") -> dict[str, Any]:
    rows: list[dict[str, Any]] = [
        {"name": n, "version": v, "vulns": [{"id": i, "fix_versions": ["9"]} for i in ids]}
        for n, v, ids in packages
    ]
    return {"dependencies": rows + ([{"name": skipped, "skip_reason": "?"}] if skipped else [])}


@pytest.mark.parametrize(
    ("packages", "skipped", "advisories", "left"),
    [
        ([("a", "1", []), ("b", "2", [])], "", [], []),
        ([("a", "1", ["PYSEC-1"]), ("b", "2", [])], "", ["a 1: PYSEC-1, mended in 9"], []),
        ([("a", "1", [])], "b", [], ["b"]),
        ([("a", "1", [])], "", [], ["b"]),
        ([("a", "1", []), ("b", "3", [])], "", [], ["b"]),
        ([], "", [], ["a", "b"]),
    ],
)
def test_what_was_not_compared_is_no_all_clear(
    audit: ModuleType, packages: list[Any], skipped: str, advisories: list[str], left: list[str]
) -> None:
    told = audit.judged(answer(*packages, skipped=skipped), {"a": "1", "b": "2"})
    assert told == (advisories, left)


@pytest.mark.parametrize(
    ("control", "wanted", "code"),
    [
        (None, None, 2),  # nothing answers
        (answer(("jinja2", "2.4.1", [])), answer(("a", "1", [])), 2),  # knows no advisories
        (answer(("jinja2", "2.4.1", ["X"])), answer(("a", "1", [])), 0),
        (answer(("jinja2", "2.4.1", ["X"])), answer(("a", "1", ["Y"])), 1),
        (answer(("jinja2", "2.4.1", ["X"])), answer(), 2),
    ],
)
def test_the_exit_code_says_what_is_known(
    audit: ModuleType, monkeypatch: pytest.MonkeyPatch, control: Any, wanted: Any, code: int
) -> None:
    monkeypatch.setattr(audit, "pins", lambda _: {"a": "1"})
    monkeypatch.setattr(
        audit, "asked", lambda _, names: (control if "jinja2" in names else wanted, "")
    )
    assert audit.main() == code


def test_every_pin_of_the_lock_is_compared(audit: ModuleType) -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    names = re.findall(r"^(\S+?)==", lock, re.M)
    assert len(names) > 90
    assert set(audit.pins(lock)) == set(names)
