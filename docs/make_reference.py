"""Write docs/reference from a built database: every table, column, threshold and source.

Run by ``make reference``; a test holds that what is committed is what this writes.
"""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import typer

import hinterland as hl
from pipelines.cli.examples import EXAMPLES
from pipelines.cli.main import app

FOLDER = Path(__file__).parent / "reference"
RELEASES = Path(__file__).parent / "releases"
_MADE = "Written by `make reference` from the database; do not edit.\n"


def pages(database: str | Path | None = None) -> dict[str, str]:
    """Return the pages by name of file."""
    return {
        "marts.md": marts(database),
        "thresholds.md": thresholds(database),
        "sources.md": sources(database),
        "commands.md": commands(),
        "python.md": python(),
    }


def contract(database: str | Path | None = None) -> str:
    """Return the columns that a version promises (docs/versions.md): table, column, type."""
    names = {"table_name": "table", "column_name": "column", "data_type": "type"}
    rows = hl.indicators(database=database).rename(columns=names)
    return str(rows.to_csv(columns=list(names.values()), index=False, lineterminator="\n"))


def marts(database: str | Path | None = None) -> str:
    """Return a page of every mart and its columns."""
    dictionary = hl.indicators(database=database)
    names = dictionary["table_name"].unique()
    parts = [
        "# Tables\n",
        "The marts: what `hinterland export` writes, `hl.table` returns and the pages read. Each "
        "column's sources and licences stand in the mart `indicators`.\n",
        _MADE,
        " · ".join(f"[{name}](#{name})" for name in names) + "\n",
    ]
    for name in names:
        rows = dictionary[dictionary["table_name"] == name]
        parts += [f"## {name}\n", f"Made by `{rows['made_by'].iloc[0]}`.\n"]
        columns = {
            "column": [f"`{column}`" for column in rows["column_name"]],
            "type": rows["data_type"],
            "unit": rows["unit"],
            "meaning": [
                _with_values(text, allowed)
                for text, allowed in zip(
                    rows["definition"], rows["allowed"].fillna(""), strict=True
                )
            ],
        }
        parts.append(_table(pd.DataFrame(columns)))
    return "\n".join(parts)


def thresholds(database: str | Path | None = None) -> str:
    """Return a page of every threshold."""
    rows = hl.thresholds(database=database).sort_values("name")
    columns = {
        "threshold": [f"`{name}`" for name in rows["name"]],
        "value": [f"{value:g}" for value in rows["value"]],
        "unit": rows["unit"],
        "meaning": rows["label"],
        "source": rows["source"],
        "evidence": rows["evidence"],
    }
    text = (
        "The numbers that classes turn on: rows of `sql/seeds/thresholds.csv`, and nowhere else. "
        "How to add one: [add a threshold](../howto/add-a-threshold.md).\n"
    )
    return "\n".join(["# Thresholds\n", text, _MADE, _table(pd.DataFrame(columns))])


def sources(database: str | Path | None = None) -> str:
    """Return a page of every declared source."""
    rows = hl.table("sources", database=database).sort_values("name")
    columns = {
        "source": [f"`{name}`" for name in rows["name"]],
        "title": rows["title"],
        "kind": rows["kind"],
        "version": rows["version"],
        "licence": rows["licence"],
    }
    text = (
        "Declared in `geodata/sources/`. Embedded ones lie in the repository, fetched ones come "
        "with `hinterland fetch`; attributions stand in [DATA-LICENCES.md](../../DATA-LICENCES.md)."
        "\n"
    )
    return "\n".join(["# Sources\n", text, _MADE, _table(pd.DataFrame(columns))])


def commands() -> str:
    """Return a page of every command with its arguments, options and examples."""
    group: Any = typer.main.get_command(app)
    parts = [
        "# Commands\n",
        "What `hinterland --help` and `hinterland COMMAND --help` say. Exit codes: 0 done, 1 the "
        "input or the data is wrong (one message), 2 wrong usage. `HINTERLAND_HOME` says where "
        "build and cache live.\n",
        "Written by `make reference` from the program; do not edit.\n",
        " · ".join(f"[{name}](#{name})" for name in group.commands) + "\n",
    ]
    for name, command in group.commands.items():
        parts += [f"## {name}\n", _plain(command.help) + "\n"]
        if rows := [_parameter(one) for one in command.params if not getattr(one, "hidden", False)]:
            parts.append(_table(pd.DataFrame(rows)))
        lines = "\n".join(EXAMPLES[name])
        parts.append(f"```sh\n{lines}\n```\n")
    return "\n".join(parts)


def _parameter(parameter: Any) -> dict[str, str]:
    is_option = parameter.param_type_name == "option"
    names = [*parameter.opts, *parameter.secondary_opts] if is_option else [parameter.name or ""]
    metavar = "" if is_option else "argument"
    return {
        "parameter": ", ".join(f"`{name if is_option else name.upper()}`" for name in names),
        "": "; ".join(word for word in (metavar, "required" if parameter.required else "") if word),
        "meaning": _plain(getattr(parameter, "help", None)),
    }


def _plain(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "").strip()


def python() -> str:
    """Return a page of every public name; the site shows its docstring below."""
    listed = {name: getattr(hl, name) for name in hl.__all__ if not name.startswith("_")}
    module = listed.pop("nuts")
    listed |= {f"nuts.{name}": getattr(module, name) for name in module.__all__}
    rows = [
        (name, _plain((inspect.getdoc(what) or "").split("\n\n")[0]))
        for name, what in listed.items()
    ]
    columns = {
        "name": [f"[`hl.{name}`](#hinterland.{name})" for name, _ in rows],
        "gives": [said for _, said in rows],
    }
    parts = [
        "# Python API\n",
        "`import hinterland as hl`. Missing is NULL, never 0; what is wrong raises "
        "`hl.HinterlandError`, which says what is allowed. `hl.__version__` is the program's "
        "version. Where this page is read as text, `help(hl.regions)` tells the rest.\n",
        "Written by `make reference` from the program; do not edit.\n",
        _table(pd.DataFrame(columns)),
    ]
    parts += [f'<a id="hinterland.{name}"></a>\n\n::: hinterland.{name}\n' for name, _ in rows]
    return "\n".join(parts)


def _with_values(text: str, allowed: str) -> str:
    if not allowed:
        return text
    return f"{text} Values: {', '.join(f'`{v}`' for v in str(allowed).split('|'))}."


def _table(frame: pd.DataFrame) -> str:
    lines = [list(frame.columns), ["---"] * len(frame.columns)]
    lines += frame.fillna("").astype(str).to_numpy().tolist()
    return "".join(f"| {' | '.join(_cell(c) for c in line)} |\n" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    home = sys.argv[1] if len(sys.argv) > 1 else None
    (RELEASES / f"{hl.__version__}.csv").write_text(contract(home), encoding="utf-8")
    for name, text in pages(home).items():
        (FOLDER / name).write_text(text, encoding="utf-8")
        print(f"Wrote docs/reference/{name}")
