"""Write docs/reference from a built database: every table, column, threshold and source.

Run by ``make reference``; a test holds that what is committed is what this writes.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

import hinterland as hl

FOLDER = Path(__file__).parent / "reference"
_MADE = "Written by `make reference` from the database; do not edit.\n"


def pages(database: str | Path | None = None) -> dict[str, str]:
    """Return the pages by name of file."""
    return {
        "marts.md": marts(database),
        "thresholds.md": thresholds(database),
        "sources.md": sources(database),
    }


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
    for name, text in pages(sys.argv[1] if len(sys.argv) > 1 else None).items():
        (FOLDER / name).write_text(text, encoding="utf-8")
        print(f"Wrote docs/reference/{name}")
