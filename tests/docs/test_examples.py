"""The examples in docstrings run: those of the API on a built database, the others alone."""

from __future__ import annotations

import doctest
import importlib
import re
from pathlib import Path

import pytest

from tests.where import ROOT

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def examples(*folders: str) -> list[doctest.DocTest]:
    """Return the doctests of all modules whose text holds one."""
    collected = []
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if ">>>" in path.read_text("utf-8") and "_bundle" not in path.parts:
                name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
                module = importlib.import_module(name.removesuffix(".__init__"))
                tests = doctest.DocTestFinder(exclude_empty=True).find(module)
                collected += [one for one in tests if one.examples]
    return collected


def check(example: doctest.DocTest) -> None:
    said: list[str] = []
    runner = doctest.DocTestRunner(optionflags=FLAGS)
    runner.run(example, out=said.append)
    assert not runner.failures, "".join(said)


def label(example: doctest.DocTest) -> str:
    return example.name


@pytest.mark.parametrize("example", examples("hinterland"), ids=label)
def test_the_examples_of_the_api(example: doctest.DocTest, home: Path) -> None:
    check(example)


@pytest.mark.parametrize("example", examples("pipelines"), ids=label)
def test_the_examples_of_the_numerics(example: doctest.DocTest) -> None:
    check(example)


def test_every_public_function_of_the_api_has_an_example() -> None:
    import hinterland as hl

    wanted = {name for name in hl.__all__ if callable(getattr(hl, name)) and name.islower()}
    wanted |= {f"nuts.{name}" for name in hl.nuts.__all__}
    told = {re.sub(r"^hinterland\.(_\w+\.)?", "", one.name) for one in examples("hinterland")}
    told |= {"nuts." + one.name.rsplit(".", 1)[-1] for one in examples("pipelines/nuts")}
    assert wanted <= told
