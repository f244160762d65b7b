"""Help that ends with examples: each is one that the command line itself takes."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from pipelines.cli.examples import EXAMPLES, TABLES, tables
from pipelines.cli.main import app
from tests.where import ROOT

GROUP = typer.main.get_command(app)


def test_every_command_has_examples() -> None:
    assert set(EXAMPLES) == set(GROUP.commands)


@pytest.mark.parametrize("example", [line for lines in EXAMPLES.values() for line in lines])
def test_example_is_taken(example: str) -> None:
    program, name, *arguments = shlex.split(example)
    assert program == "hinterland"
    # Parsing alone: an unknown option or a missing argument is an error of usage.
    GROUP.commands[name].make_context(name, arguments)


@pytest.mark.parametrize("name", TABLES)
def test_help_lists_the_tables(name: str) -> None:
    text = CliRunner().invoke(app, [name, "--help"], prog_name="hinterland").output
    published = {path.stem for path in (Path(ROOT) / "sql" / "marts").glob("*.sql")}
    assert set(tables()) >= published
    assert all(table in text for table in published)
    assert EXAMPLES[name][0] in text
