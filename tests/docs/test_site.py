"""The site: every page in its menu, every name in its reference; links lead somewhere unbuilt."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import yaml

import hinterland as hl
from pipelines.serve.site import site_file
from tests.where import ROOT

DOCS = ROOT / "docs"
TEXT = (ROOT / "mkdocs.yml").read_text("utf-8")
# The one tag of the file names a function of the site's own packages.
CONFIG: dict[str, Any] = yaml.safe_load(re.sub(r"!!python/\S+ ", "", TEXT))
HOOKS = (DOCS / "hooks.py").read_text("utf-8")


def menu(entries: Any) -> list[str]:
    """Return the pages of a menu, in order."""
    if isinstance(entries, str):
        return [entries]
    values = entries.values() if isinstance(entries, dict) else entries
    return [page for entry in values for page in menu(entry)]


def virtual() -> dict[str, Path]:
    """Return the pages of the site that lie elsewhere, with the file that each is made of."""
    names = re.findall(r'"([A-Z_-]+\.md)"', HOOKS.split("PROJECT = ")[1].split(")")[0])
    notebooks = (DOCS / "tutorials").glob("*.ipynb")
    made = {f"tutorials/{path.stem}.md": path for path in notebooks}
    return {f"project/{name}": ROOT / name for name in names} | made


def test_every_page_is_in_the_menu_once_and_is_there() -> None:
    pages = menu(CONFIG["nav"])
    assert len(pages) == len(set(pages))
    # The paper for a journal is made by that journal.
    every = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}
    lying = {name for name in every if not name.startswith("joss/")}
    assert set(pages) == lying | set(virtual())
    assert all(path.is_file() for path in virtual().values())


def test_the_menu_has_its_rooms() -> None:
    rooms = [next(iter(entry)) for entry in CONFIG["nav"]]
    assert rooms == ["Start", "Tutorials", "How-to", "Methods", "Reference", "Project"]


def test_nothing_is_asked_of_another_server() -> None:
    theme = CONFIG["theme"]
    assert theme["font"] is False
    assert CONFIG["strict"] is True
    # What would load a script, a picture or counts from elsewhere.
    assert not {"extra_javascript", "repo_url", "extra"} & set(CONFIG)
    pictures = [
        target
        for path in DOCS.rglob("*.md")
        for target in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", path.read_text("utf-8"))
    ]
    assert pictures
    assert not [target for target in pictures if re.match(r"[a-z]+:|//", target)]
    # A diagram's program would come from a network of programs.
    assert not [p for p in DOCS.rglob("*.md") if "```mermaid" in p.read_text("utf-8")]


@pytest.mark.parametrize("name", [*hl.__all__, *(f"nuts.{name}" for name in hl.nuts.__all__)])
def test_every_public_name_is_in_the_reference(name: str) -> None:
    text = (DOCS / "reference/python.md").read_text("utf-8")
    if name in ("nuts", "__version__"):
        assert f"`hl.{name}" in text
        return
    assert f"[`hl.{name}`](#hinterland.{name})" in text
    assert f"\n::: hinterland.{name}\n" in text


def test_every_command_and_option_is_in_the_reference() -> None:
    import typer

    from pipelines.cli.main import app

    text = (DOCS / "reference/commands.md").read_text("utf-8")
    group: Any = typer.main.get_command(app)
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", text, re.M | re.S))
    assert list(sections) == list(group.commands)
    for name, command in group.commands.items():
        for parameter in command.params:
            if getattr(parameter, "hidden", False):
                continue
            is_option = parameter.param_type_name == "option"
            words = parameter.opts if is_option else [parameter.name.upper()]
            assert all(f"`{word}`" in sections[name] for word in words), (name, words)
        assert f"hinterland {name}" in sections[name]


def test_the_tools_of_the_site_are_locked_apart_and_fit_the_others() -> None:
    def pins(file: str) -> dict[str, set[str]]:
        text = (ROOT / file).read_text("utf-8")
        found: dict[str, set[str]] = {}
        for name, version in re.findall(r"^([\w.-]+)==([\w.]+)", text, re.M):
            found.setdefault(name, set()).add(version)
        return found

    site, others = pins("requirements-docs.lock"), pins("requirements.lock")
    assert {"mkdocs-material", "mkdocstrings", "latex2mathml"} <= set(site)
    assert "mkdocs" not in others
    assert {name for name in set(site) & set(others) if site[name] != others[name]} == set()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site strictly, where its tools are installed (`make docs` does it)."""
    if importlib.util.find_spec("mkdocs") is None:
        pytest.skip("the site's tools are not installed: make docs")
    target = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(target)]
    # A proxy that nobody listens on: what asks another server fails.
    shut = {"https_proxy": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9"}
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | shut | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return target


def test_a_built_page_runs_and_asks_for_files_of_the_site_alone(built: Path) -> None:
    pages = sorted(built.rglob("*.html"))
    assert len(pages) >= len(menu(CONFIG["nav"]))
    for page in pages:
        text = page.read_text("utf-8")
        # The server's policy allows no script that stands in a page.
        assert not re.search(r"<script>|<script type=.text/javascript|\son\w+=", text), page
        asked = re.findall(r"<(?:script|img|iframe|source)[^>]*?\ssrc=[\"']?([^\"' >]+)", text)
        asked += re.findall(r"<link[^>]*?rel=.?stylesheet[^>]*?href=[\"']?([^\"' >]+)", text)
        asked += re.findall(r"<link[^>]*?href=[\"']?([^\"' >]+)[^>]*?rel=.?stylesheet", text)
        assert asked, page
        for target in asked:
            assert not re.match(r"[a-z]+:|//", target), (page, target)
            # The page of what is not there may stand below any folder.
            if page.name != "404.html":
                assert (page.parent / target.partition("?")[0]).is_file(), (page, target)


def test_links_of_the_built_site_lead_to_what_the_dashboard_serves(built: Path) -> None:
    """The dashboard answers with some kinds of files only, and a page has its anchors."""
    texts = {page: page.read_text("utf-8") for page in built.rglob("*.html")}
    anchors = {page: set(re.findall(r'\bid="?([^" >]+)', text)) for page, text in texts.items()}
    for page, text in texts.items():
        if page.name == "404.html":
            continue
        targets = re.findall(r"<(?:a|img)\b[^>]*?\s(?:href|src)=[\"']?([^\"' >]+)", text)
        for target in {unescape(target) for target in targets}:
            if re.match(r"[a-z]+:|//", target):
                continue
            name, _, anchor = target.partition("#")
            file = (page.parent / unquote(name)).resolve() if name else page
            file = file / "index.html" if file.is_dir() else file
            served = site_file(built, file.relative_to(built).as_posix())
            assert served == file, (page.name, target)
            if anchor and file in anchors:
                assert unquote(anchor) in anchors[file], (page.name, target)


def test_built_pages_have_formulas_signatures_and_answers(built: Path) -> None:
    access = (built / "methods/access.html").read_text("utf-8")
    fences = (DOCS / "methods/access.md").read_text("utf-8").count("```math\n")
    assert access.count("<math ") == fences > 0
    assert "\\frac" not in access
    python = (built / "reference/python.html").read_text("utf-8")
    names = {*hl.__all__} - {"__version__", "nuts"} | {f"nuts.{name}" for name in hl.nuts.__all__}
    assert names <= set(re.findall(r'<h3 id="hinterland\.([\w.]+)"', python))
    planner = (built / "tutorials/planner.html").read_text("utf-8")
    assert "Beyond 20 minutes" in planner
    security = (built / "security.html").read_text("utf-8")
    assert 'href="project/SECURITY.html"' in security
