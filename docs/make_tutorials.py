"""Run the tutorials and write their notebooks: ``python docs/make_tutorials.py HOME``.

A tutorial is a script in cells (``# %%``, ``# %% [markdown]``). Each is run in an empty folder on
the database in HOME; its notebook holds the same cells and what came out. Tests hold that what is
committed is what this writes, pictures apart.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "tutorials"
_CELL = re.compile(r"^# %%( \[markdown\])?[ ]*$", re.M)


@dataclass(frozen=True)
class Cell:
    """One cell: its kind (``code`` or ``markdown``), its text, and the line where it begins."""

    kind: str
    text: str
    line: int


def cells(script: str) -> list[Cell]:
    """Return the cells of a script."""
    marks = list(_CELL.finditer(script))
    ends = [mark.start() for mark in marks[1:]] + [len(script)]
    found = []
    for mark, end in zip(marks, ends, strict=True):
        text = script[mark.end() : end].strip("\n")
        kind = "markdown" if mark[1] else "code"
        if kind == "markdown":
            text = re.sub(r"^# ?", "", text, flags=re.M)
        found.append(Cell(kind, text, script.count("\n", 0, mark.end()) + 2))
    return found


def run(script: Path) -> tuple[list[tuple[Cell, list[dict[str, Any]]]], dict[str, Any]]:
    """Run a tutorial in an empty folder; return its cells with outputs, and its names.

    Raises
    ------
    RuntimeError
        A cell failed; the message names script, line and reason.
    """
    names: dict[str, Any] = {"__name__": "__main__"}
    done = []
    with _empty_folder():
        for cell in cells(script.read_text("utf-8")):
            try:
                outputs = _outputs(cell, names) if cell.kind == "code" else []
            except Exception as error:
                reason = f"{type(error).__name__}: {error}"
                raise RuntimeError(f"{script.name}, cell at line {cell.line}: {reason}") from error
            done.append((cell, outputs))
    return done, names


def notebook(done: list[tuple[Cell, list[dict[str, Any]]]]) -> str:
    """Return the text of a notebook (nbformat 4.5)."""
    content = []
    count = 0
    for number, (cell, outputs) in enumerate(done):
        one: dict[str, Any] = {"cell_type": cell.kind, "id": f"cell-{number}", "metadata": {}}
        one["source"] = cell.text.splitlines(keepends=True)
        if cell.kind == "code":
            count += 1
            one |= {"execution_count": count, "outputs": [_numbered(o, count) for o in outputs]}
        content.append(one)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    whole = {"cells": content, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def _outputs(cell: Cell, names: dict[str, Any]) -> list[dict[str, Any]]:
    """Run a cell; return what it printed and what its last line gives."""
    tree = ast.parse(cell.text)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    printed = io.StringIO()
    value = None
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, "<cell>", "exec"), names)  # noqa: S102 - our own tutorial
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)  # noqa: S307
    outputs = []
    if text := printed.getvalue():
        lines = text.splitlines(keepends=True)
        outputs.append({"output_type": "stream", "name": "stdout", "text": lines})
    if value is not None:
        data = _shown(value)
        outputs.append({"output_type": "execute_result", "data": data, "metadata": {}})
    return outputs


def _shown(value: Any) -> dict[str, Any]:
    """Return a value in the kinds that a notebook shows."""
    import pandas as pd

    if hasattr(value, "savefig"):
        picture = io.StringIO()
        value.savefig(picture, format="svg", metadata={"Date": None})
        lines = picture.getvalue().splitlines(keepends=True)
        return {"image/svg+xml": lines, "text/plain": ["a figure"]}
    if isinstance(value, pd.Series):
        value = value.rename("" if value.name is None else value.name).to_frame()
    if isinstance(value, pd.DataFrame):
        with pd.option_context(
            "display.width", 160, "display.max_columns", 20, "display.max_colwidth", None
        ):
            plain = value.to_string(na_rep="no data")
        page = value.to_html(na_rep="no data", border=0)
        return {
            "text/html": page.splitlines(keepends=True),
            "text/plain": plain.splitlines(keepends=True),
        }
    return {"text/plain": [repr(value)]}


def _numbered(output: dict[str, Any], count: int) -> dict[str, Any]:
    is_result = output["output_type"] == "execute_result"
    return output | ({"execution_count": count} if is_result else {})


@contextlib.contextmanager
def _empty_folder() -> Iterator[None]:
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        os.environ["HINTERLAND_HOME"] = str(Path(sys.argv[1]).resolve())
    for path in sorted(FOLDER.glob("*.py")):
        text = notebook(run(path)[0])
        path.with_suffix(".ipynb").write_text(text, encoding="utf-8")
        print(f"Wrote docs/tutorials/{path.stem}.ipynb")
