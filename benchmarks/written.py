"""Write what was measured into the README and docs/benchmarks.md, between their marks.

``python benchmarks/written.py``. The texts follow from the files of results alone
(``results.json``, ``growth.json``, ``load.json``, ``cells.json``); a test holds them to these, so
that no number is quoted that was not measured.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

import aims  # noqa: E402
import bench_cells  # noqa: E402
import growth  # noqa: E402
import load as visits  # noqa: E402
import table  # noqa: E402

#: The lines that the README quotes; the others stand in docs/benchmarks.md.
QUOTED = (
    "build",
    "build_again",
    "build_full",
    "parse",
    "parse/eurostat",
    "network",
    "reach",
    "pairs",
    "pairs/scipy",
    "pairs/networkx",
    "nearest",
    "nearest/pandana",
    "e2sfca",
    "e2sfca/access",
    "what_if",
    "likeness",
    "likeness/gower",
    "export_towns_csv",
    "export_towns_csv/duckdb",
    "export_towns_geojson",
    "export_towns_geojson/geopandas",
    "page_overview",
    "page_regions",
    "page_remoteness",
    "page_towns",
    "map_overview",
    "map_regions",
    "map_regions/pydeck",
    "map_regions/static",
)


def load(name: str) -> dict[str, Any]:
    """Return one of the files of results."""
    content: dict[str, Any] = json.loads((ROOT / "benchmarks" / name).read_text("utf-8"))
    return content


def sections() -> dict[Path, dict[str, str]]:
    """Return the text between each pair of marks, by file and mark."""
    result, grown = load("results.json"), load("growth.json")
    loaded, cells = load("load.json"), load("cells.json")
    by_name = {line["name"]: line for line in result["lines"]}
    quoted = [by_name[name] for name in QUOTED if name in by_name]
    head = table.head(result)
    return {
        ROOT / "README.md": {
            "speed": "\n".join([head, "", *table.rows(quoted)]),
            "load": "\n".join(visits.rows(loaded)),
        },
        ROOT / "docs" / "benchmarks.md": {
            "speed": "\n".join([head, "", *table.rows(result["lines"])]),
            "growth": "\n".join([_measured(grown), "", *growth.rows(grown["lines"])]),
            "aims": "\n".join(aims.rows(result, loaded, cells)),
        },
        ROOT / "docs" / "howto" / "outgrow.md": {
            "cells": "\n".join([_measured(cells), "", *bench_cells.rows(cells["lines"])])
        },
    }


def _measured(result: dict[str, Any]) -> str:
    machine = result["machine"]
    return (
        f"{result['date']}, commit {result['commit']}; {machine['processor']}, "
        f"{machine['cores']} cores, Python {machine['python']}."
    )


def replaced(text: str, mark: str, content: str) -> str:
    """Return a text with other content between the marks of a name."""
    begin, end = f"<!-- {mark}: written by benchmarks/written.py -->", f"<!-- {mark}: end -->"
    pattern = re.compile(f"{re.escape(begin)}\n.*?{re.escape(end)}", re.S)
    if len(pattern.findall(text)) != 1:
        raise SystemExit(f"the marks '{begin}' and '{end}' must stand once each")
    return pattern.sub(lambda _: f"{begin}\n{content}\n{end}", text)


def main() -> None:
    """Write all sections."""
    for path, parts in sections().items():
        text = path.read_text("utf-8")
        for mark, content in parts.items():
            text = replaced(text, mark, content)
        path.write_text(text, "utf-8")
        print(f"{path.relative_to(ROOT)}: written")


if __name__ == "__main__":
    main()
