"""The documentation at /docs: its files and nothing else, and a plain word where it is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import Response

from pages._ui import documents
from pipelines.core import paths
from pipelines.serve import site
from tests.where import ROOT


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a small site, with things around it that are nobody's business."""
    built = tmp_path / "site"
    (built / "methods").mkdir(parents=True)
    (built / "index.html").write_text("<h1>Start</h1>", "utf-8")
    (built / "methods/index.html").write_text("<h1>Methods</h1>", "utf-8")
    (built / "methods/a.b-c.js").write_text("1", "utf-8")
    (built / ".hidden.txt").write_text("hidden", "utf-8")
    (built / "mart.duckdb").write_text("rows", "utf-8")
    (tmp_path / "secret.txt").write_text("secret", "utf-8")
    (built / "way-out.txt").symlink_to(tmp_path / "secret.txt")
    monkeypatch.setattr(paths, "site_dir", lambda: built)
    return built


def ask(path: str, headers: dict[str, str] | None = None) -> Response:
    raw = [(k.encode(), v.encode()) for k, v in (headers or {}).items()]
    scope = {"type": "http", "method": "GET", "path": f"/docs/{path}", "headers": raw}
    return site.document(Request(scope | {"path_params": {"path": path}, "query_string": b""}))


@pytest.mark.parametrize(
    ("path", "text", "media"),
    [
        ("", b"<h1>Start</h1>", "text/html; charset=utf-8"),
        ("index.html", b"<h1>Start</h1>", "text/html; charset=utf-8"),
        ("methods/", b"<h1>Methods</h1>", "text/html; charset=utf-8"),
        ("methods/a.b-c.js", b"1", "text/javascript; charset=utf-8"),
    ],
)
def test_files_of_the_site_are_answered(folder: Path, path: str, text: bytes, media: str) -> None:
    answer = ask(path)
    assert (answer.status_code, answer.body) == (200, text)
    assert answer.headers["content-type"] == media
    again = ask(path, {"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.body) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "../secret.txt",
        "methods/../../secret.txt",
        "methods/../index.html",
        "..",
        "./index.html",
        "/etc/passwd",
        "//etc/passwd",
        "methods//index.html",
        "..\\secret.txt",
        "index.html\x00.txt",
        "%2e%2e/secret.txt",
        ".hidden.txt",
        "way-out.txt",
        "mart.duckdb",
        "methods",
        "nothing.html",
        "a" * 5000 + "é.html",
    ],
)
def test_what_is_no_file_of_the_site_is_not_there(folder: Path, path: str) -> None:
    answer = ask(path)
    assert answer.status_code == 404
    assert answer.body == b"no such page of the documentation\n"


@pytest.mark.usefixtures("folder")
def test_a_path_in_a_text_is_a_link_where_the_site_has_the_page() -> None:
    assert documents.linked("Minutes (docs/methods/index.md) to it") == (
        "Minutes ([Documentation: index](docs/methods/index.html)) to it"
    )
    assert documents.linked("`docs/travel-time.md` says it") == "Documentation: travel-time says it"
    assert documents.worded("docs/methods/index.md") == "Documentation: index"
    assert documents.link("travel-time") == ""


def test_a_site_that_was_not_built_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "site_dir", lambda: tmp_path / "nothing")
    answer = ask("")
    assert answer.status_code == 404
    assert b"The documentation is not built here" in answer.body
    assert b"make docs" in answer.body
    assert str(tmp_path).encode() not in answer.body


def test_the_address_leads_to_the_folder_below_a_base(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HINTERLAND_BASE_PATH", "/geo")
    request = Request({"type": "http", "method": "GET", "path": "/docs", "headers": []})
    assert site.entrance(request).headers["location"] == "/geo/docs/"


def test_the_server_has_the_routes() -> None:
    source = (paths.root() / "pages/_ui/server.py").read_text("utf-8")
    assert "*site.ROUTES" in source
    assert {route.path for route in site.ROUTES} == {"/docs", "/docs/{path:path}"}


def test_every_kind_of_file_that_the_documentation_shows_is_answered() -> None:
    docs = ROOT / "docs"
    pages = [page for page in docs.rglob("*.md") if "joss" not in page.parts]
    shown = {
        Path(target).suffix
        for page in pages
        for target in re.findall(r"\]\((?!\w+:)([^)#\s]+)", page.read_text("utf-8"))
        if (page.parent / target).resolve().is_relative_to(docs) and (page.parent / target).exists()
    }
    # Folders, notes and notebooks lead to the pages that the site makes of them.
    assert {".gif", ".png"} <= shown
    assert shown - {"", ".md", ".ipynb", ".py"} <= set(site.MEDIA)
