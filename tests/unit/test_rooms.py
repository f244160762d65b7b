"""The rooms keep to themselves: who may import what, and where thresholds live."""

from __future__ import annotations

import ast
import csv
import re
from pathlib import Path

from tests.where import ROOT

NETWORK = {"requests", "urllib3", "socket", "http", "pooch", "eurostat"}


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_pipelines_do_not_import_streamlit_or_pages() -> None:
    for path in (ROOT / "pipelines").rglob("*.py"):
        tops = {name.split(".")[0] for name in imports(path)}
        assert not tops & {"streamlit", "pages", "pydeck"}, path


def test_pages_hold_no_sql_and_open_no_files() -> None:
    for path in [ROOT / "app.py", *(ROOT / "pages").rglob("*.py")]:
        tops = {name.split(".")[0] for name in imports(path)}
        assert not tops & {"duckdb", "sqlite3"}, path
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not re.search(r"\bselect\b.+\bfrom\b", node.value, re.S), path
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id != "open", path


# What each package may import of the others; nothing points back.
ARROWS = {
    "core": set(),
    "io": {"core"},
    "geo": {"core"},
    "net": {"core", "io"},
    "nuts": {"core", "io"},
    "sources": {"core", "io", "geo", "nuts"},
    "travel": {"core", "io", "geo"},
    "reach": {"core", "io", "geo", "travel"},
    "similar": {"core"},
    "fits": {"core"},
    "catalogue": {"core", "io", "geo"},
    "places": {"core", "io", "geo", "travel", "catalogue"},
    "runner": {"core", "io", "geo", "nuts", "sources", "travel", "reach", "catalogue", "places"},
    "serve": {"core", "io", "geo", "travel", "reach", "similar", "fits", "catalogue", "places"},
    "cli": {"core", "net", "runner", "serve"},
}


def test_packages_import_only_what_lies_below_them() -> None:
    folders = {p.name for p in (ROOT / "pipelines").iterdir() if p.is_dir()}
    assert folders - {"__pycache__", "_bundle"} == set(ARROWS)
    for package, allowed in ARROWS.items():
        for path in (ROOT / "pipelines" / package).rglob("*.py"):
            used = {n.split(".")[1] for n in imports(path) if n.startswith("pipelines.")}
            assert used - {package, "__version__"} <= allowed, path


def test_nothing_lies_flat_in_pipelines() -> None:
    assert {p.name for p in (ROOT / "pipelines").glob("*.py")} == {"__init__.py", "__main__.py"}


def test_only_the_room_of_the_network_reaches_it() -> None:
    for path in (ROOT / "pipelines").rglob("*.py"):
        tops = {name.split(".")[0] for name in imports(path)}
        if path.parent.name != "net":
            assert not tops & NETWORK, path


def test_every_threshold_is_used_and_has_source_and_evidence() -> None:
    text = "\n".join(
        p.read_text("utf-8")
        for folder in ("sql", "pipelines", "pages")
        for p in (ROOT / folder).rglob("*")
        if p.suffix in (".sql", ".py", ".toml") or p.name == "services.csv"
    )
    with (ROOT / "sql/seeds/thresholds.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len({r["name"] for r in rows}) == len(rows)
    for row in rows:
        assert row["source"], row["name"]
        assert row["evidence"], row["name"]
        # The minutes of an edition are picked by its year.
        name = re.sub(r"_20\d\d_min$", "_", row["name"])
        # A family of weights is read by its common beginning.
        family = "starts_with(name, '" + name.rsplit("_", 1)[0] + "_')"
        assert name in text or name.split("_", 1)[1] in text or family in text, row["name"]


def test_no_path_of_one_machine_and_no_foreign_data_is_committed() -> None:
    for path in (ROOT / "geodata").rglob("*"):
        assert path.suffix not in (".tsv", ".gz", ".geojson") or "build" in path.parts, path
