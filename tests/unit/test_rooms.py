"""The rooms keep to themselves: who may import what, and where thresholds live."""

from __future__ import annotations

import ast
import csv
import re
from pathlib import Path

from tests.where import ROOT

NETWORK = {"requests", "urllib3", "socket", "http", "eurostat"}


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


def test_pages_import_only_what_serves_them() -> None:
    for path in [ROOT / "app.py", *(ROOT / "pages").rglob("*.py")]:
        used = {n for n in imports(path) if n.startswith("pipelines")}
        allowed = ("pipelines.serve", "pipelines.paper", "pipelines.core.errors")
        assert all(n.startswith(allowed) for n in used), (path, used)


def test_pages_keep_answers_in_one_place() -> None:
    """Answers are kept by the store, a visitor's files by ``state.visit_memo``: no other cache."""
    for path in (ROOT / "pages").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute):
                assert node.attr not in ("cache_data", "cache_resource"), path


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
    "cells": {"core", "io", "geo", "travel", "reach"},
    "roads": {"core", "io"},
    "similar": {"core"},
    "fits": {"core"},
    "catalogue": {"core", "io", "geo"},
    "places": {"core", "io", "geo", "travel", "catalogue"},
    "runner": {"core", "io", "geo", "nuts", "sources", "travel", "reach", "catalogue", "places"},
    "serve": {
        "core",
        "io",
        "geo",
        "travel",
        "reach",
        "cells",
        "roads",
        "similar",
        "fits",
        "catalogue",
        "places",
    },
    "paper": {"core", "io", "geo", "serve"},
    "cli": {"core", "net", "cells", "runner", "serve", "paper"},
}


def test_packages_import_only_what_lies_below_them() -> None:
    folders = {p.name for p in (ROOT / "pipelines").iterdir() if p.is_dir()}
    assert folders - {"__pycache__", "_bundle"} == set(ARROWS)
    for package, allowed in ARROWS.items():
        for path in (ROOT / "pipelines" / package).rglob("*.py"):
            used = {n.split(".")[1] for n in imports(path) if n.startswith("pipelines.")}
            assert used - {package, "__version__"} <= allowed, path


# The public API is a thin hand over what lies below; the network is reached by fetch alone.
API = {"core", "net", "nuts", "runner", "serve"}


def test_the_api_is_thin_and_nobody_leans_on_it() -> None:
    for path in (ROOT / "hinterland").rglob("*.py"):
        names = imports(path)
        assert {n.split(".")[1] for n in names if n.startswith("pipelines.")} <= API | {
            "__version__"
        }, path
        assert not {n.split(".")[0] for n in names} & NETWORK, path
    for folder in ("pipelines", "pages"):
        for path in (ROOT / folder).rglob("*.py"):
            assert "hinterland" not in {n.split(".")[0] for n in imports(path)}, path


def test_nothing_lies_flat_in_pipelines() -> None:
    assert {p.name for p in (ROOT / "pipelines").glob("*.py")} == {"__init__.py", "__main__.py"}


def test_only_the_room_of_the_network_reaches_it() -> None:
    for path in (ROOT / "pipelines").rglob("*.py"):
        tops = {name.split(".")[0] for name in imports(path)}
        if path.parent.name != "net":
            assert not tops & NETWORK, path


# Rows whose names are put together, by their common beginning, and where that is done.
COMPOSED = {"remoteness_snai_": "sql/macros/snai_limit.sql"}


def _literals(path: Path) -> set[str]:
    """Return the text constants of a Python module or an SQL statement."""
    text = path.read_text("utf-8")
    if path.suffix == ".sql":
        return set(re.findall(r"'([a-z0-9_]+)'", re.sub(r"--[^\n]*", "", text)))
    nodes = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Constant)]
    return {node.value for node in nodes if isinstance(node.value, str)}


def _constants(path: Path) -> set[str]:
    """Return the rows that a module's subclasses of Constants are built from."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ClassDef) and "Constants" in {ast.unparse(b) for b in node.bases}:
            methods = {n.name: n for n in node.body if isinstance(n, ast.FunctionDef)}
            prefix = methods["prefix"]
            (value,) = (n for n in prefix.body if isinstance(n, ast.Return))
            fields = [n.target.id for n in node.body if isinstance(n, ast.AnnAssign)]
            names |= {ast.literal_eval(value.value) + field for field in fields}
    return names


def _families(path: Path) -> set[str]:
    """Return what a module passes to ``Thresholds.family``."""
    return set(re.findall(r"\.family\(\"(\w+)\"\)", path.read_text("utf-8")))


def test_every_threshold_is_used_by_its_full_name_or_a_stated_family() -> None:
    modules = [p for folder in ("pipelines", "pages") for p in (ROOT / folder).rglob("*.py")]
    used = set().union(*(_literals(p) | _constants(p) for p in modules))
    used |= set().union(*(_literals(p) for p in (ROOT / "sql").rglob("*.sql")))
    with (ROOT / "sql/seeds/services.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            used |= {row["reference"], row["least_population"]}
    families = set().union(*(_families(p) for p in modules))
    for prefix, place in COMPOSED.items():
        assert f"'{prefix}'" in (ROOT / place).read_text("utf-8")
        families.add(prefix)
    with (ROOT / "sql/seeds/thresholds.csv").open(encoding="utf-8", newline="") as stream:
        names = [row["name"] for row in csv.DictReader(stream)]
    idle = [n for n in names if n not in used and not n.startswith(tuple(families))]
    assert not idle


def test_every_threshold_has_source_and_evidence() -> None:
    with (ROOT / "sql/seeds/thresholds.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len({row["name"] for row in rows}) == len(rows)
    assert [row["name"] for row in rows if not (row["source"] and row["evidence"])] == []


def test_no_path_of_one_machine_and_no_foreign_data_is_committed() -> None:
    for path in (ROOT / "geodata").rglob("*"):
        assert path.suffix not in (".tsv", ".gz", ".geojson") or "build" in path.parts, path
