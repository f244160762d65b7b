"""Each command, table, threshold and page stands in the docs, and what they point to is there."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

import hinterland as hl
from pipelines.cli.main import app
from tests.where import ROOT

DOCS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
README = (ROOT / "README.md").read_text("utf-8")
DECISIONS = (ROOT / "docs/decisions.md").read_text("utf-8")


def commands() -> list[str]:
    return [str(c.name or c.callback.__name__) for c in app.registered_commands if c.callback]


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_reference", ROOT / "docs/make_reference.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("command", commands())
def test_every_command_is_in_the_readme(command: str) -> None:
    assert re.search(rf"`hinterland {command}[ `]", README)


def test_every_function_of_the_api_is_in_the_readme() -> None:
    told = set(re.findall(r"`(?:hl)?\.([a-z_.]+)", README))
    wanted = {n for n in hl.__all__ if n.islower() and callable(getattr(hl, n))}
    assert wanted <= told
    assert {n for n in hl.nuts.__all__} <= {name.removeprefix("nuts.") for name in told}


def test_the_reference_is_what_the_database_says(built_home: Path, reference: ModuleType) -> None:
    pages = reference.pages(built_home / "build")
    for name, text in pages.items():
        there = (ROOT / "docs/reference" / name).read_text("utf-8")
        assert there == text, f"docs/reference/{name}: run make reference"
    assert {path.name for path in (ROOT / "docs/reference").iterdir()} == set(pages)


def test_every_table_threshold_and_source_is_in_the_reference(home: Path) -> None:
    folder = ROOT / "docs/reference"
    marts = (folder / "marts.md").read_text("utf-8")
    for table, columns in hl.indicators().groupby("table_name")["column_name"]:
        section = marts.split(f"## {table}\n")[1].split("\n## ")[0]
        assert re.findall(r"^\| `(\w+)` \|", section, re.M) == columns.tolist(), table
    for page, names in (
        ("thresholds.md", hl.thresholds()["name"]),
        ("sources.md", hl.table("sources")["name"]),
    ):
        told = re.findall(r"^\| `(\w+)` \|", (folder / page).read_text("utf-8"), re.M)
        assert sorted(told) == sorted(names), page


def test_every_page_of_the_dashboard_is_in_the_docs() -> None:
    told = set(re.findall(r"`(pages/\w+\.py)`", (ROOT / "docs/pages.md").read_text("utf-8")))
    there = {f"pages/{path.name}" for path in (ROOT / "pages").glob("*.py")} - {"pages/__init__.py"}
    assert told == there


def anchors(path: Path) -> set[str]:
    """Return the anchors of a page: those it names, and headings as GitHub makes them."""
    text = path.read_text("utf-8")
    heads = re.findall(r"^#+ (.+)$", text, re.M)
    named = set(re.findall(r'<a id="([^"]+)">', text))
    return named | {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", DOCS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.S)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"https?:|mailto:", target):
            continue
        name, _, anchor = target.partition("#")
        path = (page.parent / name).resolve() if name else page
        assert path.exists(), target
        if anchor and path.suffix == ".md":
            assert anchor in anchors(path), target


def test_decisions_are_numbered_dated_and_govern_what_is_there() -> None:
    numbers = [int(n) for n in re.findall(r"^## (\d+)\. ", DECISIONS, re.M)]
    assert numbers == list(range(1, len(numbers) + 1))
    ends = re.findall(r"^(\d{4}-\d{2}-\d{2}) · governs (.+)$", DECISIONS, re.M)
    assert len(ends) == len(numbers)
    assert [day for day, _ in ends] == sorted(day for day, _ in ends)
    for _, governed in ends:
        for path in re.findall(r"`([^`]+)`", governed):
            assert (ROOT / path).exists(), path


def test_code_refers_to_decisions_that_there_are() -> None:
    last = len(re.findall(r"^## \d+\. ", DECISIONS, re.M))
    seen = set()
    for folder in ("pipelines", "pages", "hinterland", "sql"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".py", ".sql", ".toml"):
                seen |= set(re.findall(r"docs/decisions\.md, (\d+)", path.read_text("utf-8")))
    assert seen
    assert all(1 <= int(number) <= last for number in seen)


def test_paths_that_the_docs_name_are_there() -> None:
    for page in DOCS:
        if "howto" in page.parts or page.name == "CHANGELOG.md":
            continue  # recipes name files that are to be made
        for path in re.findall(
            r"`((?:pipelines|sql|pages|docs|tests|geodata)/[\w./-]+)`", page.read_text("utf-8")
        ):
            if not path.startswith(("geodata/build", "geodata/cache")):
                assert (ROOT / path).exists(), f"{page.name}: {path}"
