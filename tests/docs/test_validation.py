"""What docs/validation.md says holds a finding is a test that exists."""

import re

from tests.where import ROOT

TESTS = ROOT / "tests"


def test_each_finding_names_a_test_that_is_there() -> None:
    text = (ROOT / "docs" / "validation.md").read_text("utf-8")
    text = text.split("## What an independent recomputation found")[1]
    rows = [line for line in text.splitlines() if line.startswith("| ") and " | `" in line]
    assert len(rows) > 10
    defined = {
        name
        for path in TESTS.rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text("utf-8"), re.MULTILINE)
    }
    for row in rows:
        cell = row.split(" | ")[-1]
        named = re.findall(r"`(?:([\w/]+\.py)(?:::)?)?(test_\w+)?`", cell)
        assert named, row
        for file, test in named:
            assert not file or (TESTS / file).is_file(), file
            assert not test or test in defined, test


def test_the_tests_that_hold_the_findings_of_users_are_there() -> None:
    text = (ROOT / "docs" / "usability.md").read_text("utf-8")
    named = re.findall(r"`((?:app|browser|cli|paper|serve|sql|unit)/[\w/.]*)(?:::(\w+))?`", text)
    assert len(named) > 20
    for path, test in named:
        file = ROOT / "tests" / path
        assert file.exists(), path
        assert not test or f"def {test}(" in file.read_text("utf-8"), test
