"""Each ``hinterland ...`` in README and docs is one that the command line takes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from pipelines.cli.main import app
from tests.where import ROOT

GROUP: Any = typer.main.get_command(app)
DOCS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
_FENCE = re.compile(r"^( *)```.*?\n(.*?)^\1```", re.M | re.S)
_INLINE = re.compile(r"`(hinterland(?:\s[^`]*)?)`")
#: What may stand before a command: a prompt, settings of the environment.
_BEFORE = re.compile(r"^\s*(?:\$ )?(?:(?:[A-Z_]+=(?:\"[^\"]*\"|'[^']*'|\S*) )*)(?=hinterland )")


def blocks(text: str) -> Iterator[str]:
    """Return the lines of code blocks that are commands."""
    for _, block in _FENCE.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            if match := _BEFORE.match(line):
                yield re.split(r" (?:&&|\||>|;) ", line[match.end() :])[0]


def mentions(text: str) -> Iterator[str]:
    """Return commands within sentences; they may leave out what does not matter there."""
    for found in _INLINE.findall(_FENCE.sub("", text)):
        yield " ".join(found.split())


def fault(command: str, is_whole: bool) -> str:
    """Return why the command line would not take a command; empty where it would."""
    text = command if is_whole else re.sub(r"[\[\]…|]|\.\.\.", " ", command)
    _program, *words = shlex.split(text, comments=is_whole)
    if not words or words[0].startswith("--") or words[0] == "COMMAND":
        is_known = set(words) - {"COMMAND"} <= {"--help", "--version"}
        return "" if is_known else f"no such option {words[0]}"
    name, *arguments = words
    if name not in GROUP.commands:
        return f"no command '{name}'"
    known = GROUP.commands[name]
    try:
        if is_whole:
            known.make_context(name, arguments)
            return ""
        context = known.context_class(known, info_name=name)
        _options, rest, _order = known.make_parser(context).parse_args(list(arguments))
    except Exception as error:
        is_cut = type(error).__name__ == "BadOptionUsage" and arguments[-1].startswith("-")
        return "" if is_cut and not is_whole else f"{type(error).__name__}: {error}"
    return f"unexpected argument {rest[0]}" if rest else ""


@pytest.mark.parametrize("path", DOCS, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_are_taken(path: Path) -> None:
    text = path.read_text("utf-8")
    faults = {c: fault(c, True) for c in blocks(text)} | {
        c: fault(c, False) for c in mentions(text)
    }
    assert not {command: why for command, why in faults.items() if why}


def test_the_docs_hold_commands_of_both_kinds() -> None:
    texts = [path.read_text("utf-8") for path in DOCS]
    assert sum(1 for text in texts for _ in blocks(text)) > 40
    assert sum(1 for text in texts for _ in mentions(text)) > 60


@pytest.mark.parametrize(
    ("command", "is_whole", "why"),
    [
        ("hinterland export regions regions.csv", True, "extra argument"),
        ("hinterland export regions x.csv", False, "unexpected argument x.csv"),
        ("hinterland export regions", False, ""),
        ("hinterland reach --matrix", False, ""),
        ("hinterland reach --matrx M", False, "--matrx"),
        ("hinterland reach", True, "Missing"),
        ("hinterland reech", False, "no command 'reech'"),
        ("hinterland build [--out DIR] …", False, ""),
        ("hinterland export regions -o r.csv --level three", True, "valid integer"),
    ],
)
def test_what_is_not_taken_is_told(command: str, is_whole: bool, why: str) -> None:
    told = fault(command, is_whole)
    assert why.lower() in told.lower()
    assert bool(told) == bool(why)
