"""Every number that is shown passes through the formatter of the language."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.where import ROOT

#: How people read a number: thousands, decimals, per cent, a sign.
SPEC = re.compile(r"[,%+]|\.\d+[fg]|^\.\d+$")
#: What words a number: ``written`` and ``figure`` of :mod:`pipelines.serve.texts`, what calls them,
#: and the gaps of a text of the catalogue, which write their numbers themselves.
FORMATTERS = {"written", "figure", "number", "sentence", "shown", "measured"}
#: Modules, or functions of one, whose numbers nobody reads in a language, and why.
NOT_WORDED = {
    "pages/_ui/maps.py": "expressions of deck.gl",
    "pages/_ui/brush.py": "values of an address",
    "pipelines/paper/drawing.py": "coordinates of SVG",
    "pages/_ui/bivariate.py::_said": "notes of a file, in English",
    "pages/_ui/compare_view.py::_bars": "widths of CSS",
    "pipelines/serve/address_query.py": "errors of the API, in English",
    "pipelines/serve/api.py": "errors of the API, in English",
    "pipelines/serve/answer_files.py": "notes of a download, in English",
    "pipelines/serve/cells.py": "lines of the command line, in English",
    "pipelines/serve/dcat.py": "a catalogue for machines, in English",
    "pipelines/serve/labelled.py": "errors of an export, in English",
    "pipelines/serve/own_origins.py": "warnings of the API, in English",
    "pipelines/serve/place_remarks.py": "lines of the command line, in English",
    "pipelines/serve/qgis_layout.py": "coordinates of a project of QGIS",
    "pipelines/serve/selection.py": "errors of the API, in English",
    "pipelines/serve/sql_box.py": "errors of the API, in English",
    "pipelines/serve/sql_worker.py": "errors of the API, in English",
    "pipelines/serve/status.py": "lines of the command line, in English",
    "pipelines/serve/store.py": "errors of the API, in English",
    "pipelines/serve/styles.py": "expressions of QGIS",
    "pipelines/serve/whatif.py": "places of an address",
    "pipelines/serve/whatif_files.py::_svg": "coordinates of SVG",
    "pipelines/serve/whatif_files.py::_mark": "coordinates of SVG",
    "pipelines/serve/whatif_files.py::_outline": "coordinates of SVG",
    "pipelines/serve/writers.py": "errors of the API, in English",
}


def modules() -> list[Path]:
    folders = ("pages", "pipelines/serve", "pipelines/paper")
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def unworded(source: str, place: str = "") -> Iterator[tuple[int, str]]:
    """Give line and spec of each number that is formatted past the language."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and f"{place}::{node.name}" in NOT_WORDED:
            node.body = []
    above = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.FormattedValue) and node.format_spec:
            spec = "".join(
                part.value if isinstance(part, ast.Constant) else "0"
                for part in node.format_spec.values  # type: ignore[attr-defined]  # a JoinedStr
            )
            if SPEC.search(spec) and not is_worded(node, above, "+" in spec):
                yield node.lineno, spec


def is_worded(node: ast.AST, above: dict[ast.AST, ast.AST], is_signed: bool) -> bool:
    """Tell whether a formatted number goes straight into what words it.

    A gap of a text does so, but would show the sign of a zero.
    """
    text = above[node]
    alone = isinstance(text, ast.JoinedStr) and len(text.values) == 1
    into = above[text]
    if isinstance(into, ast.keyword):
        into = above[into]
    if not isinstance(into, ast.Call) or into.func is text:
        return False
    called = into.func
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    return name in FORMATTERS or (alone and name == "format" and not is_signed)


@pytest.mark.parametrize(
    "line",
    ['f"{n:,}"', 'st.metric("a", f"{x:.1%}")', '_("{n}").format(n=f"{n:,} of {m:,}")'],
)
def test_a_number_past_the_language_is_seen(line: str) -> None:
    assert list(unworded(line))


@pytest.mark.parametrize(
    "line", ['written(f"{n:,}")', '_("{n} towns").format(n=f"{n:,}")', 'f"{n:>9}"', 'f"{n}"']
)
def test_a_number_in_its_language_is_let_pass(line: str) -> None:
    assert not list(unworded(line))


@pytest.mark.parametrize(
    "place",
    [p for p in (m.relative_to(ROOT).as_posix() for m in modules()) if p not in NOT_WORDED],
)
def test_every_number_is_written_by_the_language(place: str) -> None:
    assert list(unworded((ROOT / place).read_text("utf-8"), place)) == []


def test_what_is_let_pass_is_there() -> None:
    for name in NOT_WORDED:
        path, _, function = name.partition("::")
        assert f"def {function}" in (ROOT / path).read_text("utf-8")
