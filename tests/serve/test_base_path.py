"""The dashboard below a path of a host that it shares."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from pipelines.core.errors import InputError
from pipelines.serve.base import SETTING, Below, base_path
from pipelines.serve.web import EarlyModules, map_address

Scope = dict[str, Any]


def ask(path: str, kind: str = "http", query: bytes = b"") -> tuple[list[Scope], list[Scope]]:
    """Return what the application was asked, and what was answered."""
    seen: list[Scope] = []
    sent: list[Scope] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope)
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    scope = {"type": kind, "path": path, "raw_path": path.encode(), "query_string": query}
    scope |= {"method": "GET", "headers": []}
    asyncio.run(Below(app, "/geo/x")(scope, receive, send))
    return seen, sent


@pytest.mark.parametrize(
    ("stated", "path"),
    [("", ""), ("/", ""), ("geo", "/geo"), ("/geo/x/", "/geo/x"), ("/a-b_c.d~e", "/a-b_c.d~e")],
)
def test_path_is_read(stated: str, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SETTING, stated)
    assert base_path() == path


@pytest.mark.parametrize("stated", ["a b", "a?b", "../up", "a/./b", "a//b", 'a"><script>', "é"])
def test_what_is_no_path_is_refused(stated: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SETTING, stated)
    with pytest.raises(InputError, match=f"^{SETTING}: .* found; allowed is a path of"):
        base_path()


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_the_application_sees_its_own_path(kind: str) -> None:
    seen, _ = ask("/geo/x/_stcore/stream", kind)
    assert [(s["path"], s["raw_path"]) for s in seen] == [("/_stcore/stream", b"/_stcore/stream")]


@pytest.mark.parametrize("path", ["/", "/health", "/geo", "/geo/xy", "/GEO/X/"])
def test_beside_the_path_is_nothing(path: str) -> None:
    seen, sent = ask(path)
    assert not seen
    assert sent[0]["status"] == 404
    seen, sent = ask(path, "websocket")
    assert not seen
    assert sent[0]["type"] == "websocket.close"


def test_the_path_itself_leads_to_the_first_page() -> None:
    # Programs are named from the page's folder: without the last slash it would be another.
    _, sent = ask("/geo/x", query=b"lang=de")
    assert sent[0]["status"] == 307
    assert (b"location", b"/geo/x/?lang=de") in sent[0]["headers"]


def test_addresses_given_to_the_browser_hold_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SETTING, "/geo/x")
    assert map_address("mart-1", "towns") == "/geo/x/maps/mart-1/towns.json"
    early = EarlyModules(None, ["/static/js/a.js"])  # type: ignore[arg-type]  # never called
    assert early.link == "</geo/x/static/js/a.js>; rel=modulepreload"
