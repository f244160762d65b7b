"""What each answer of the server says to a browser, and what is refused."""

from __future__ import annotations

import asyncio
import gc
import gzip
import http.client
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
import pytest
from starlette.datastructures import Headers

from benchmarks.load import PAGES, Visit
from pages._ui.programs import PAGE, first_programs
from pages._ui.server import OPTIONS
from pipelines.core.errors import InputError
from pipelines.serve import shield, web
from pipelines.serve.packed import Packed
from pipelines.serve.shield import Shield, is_same_origin, security_headers
from tests.browser.conftest import serving

pytestmark = pytest.mark.enable_socket
SHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==",
    "Sec-WebSocket-Protocol": "streamlit",
}
EVERYWHERE = (
    "content-security-policy",
    "x-content-type-options",
    "referrer-policy",
    "permissions-policy",
    "cross-origin-opener-policy",
    "x-frame-options",
)


@pytest.fixture(scope="module")
def address(built_home: Path) -> Iterator[str]:
    with serving(built_home) as one:
        yield urlsplit(one).netloc


def ask(
    address: str, path: str, headers: dict[str, str] | None = None, method: str = "GET"
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(address, timeout=30)
    connection.request(method, path, headers=headers or {})
    answer = connection.getresponse()
    body = b"" if answer.status == 101 else answer.read()
    connection.close()
    return answer.status, {k.lower(): v for k, v in answer.getheaders()}, body


def program() -> str:
    return next(name for name in first_programs() if "/DeckGlJsonChart." in name)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/regions",
        "/health",
        "/_stcore/health",
        "/_stcore/host-config",
        "/_stcore/metrics",
        "/maps/mart-0/land.json",
        "/maps/mart-0/near-3/0_16_12.json",
        "/media/none",
        "/nothing/there",
        "/docs/",
        "/docs/../app.py",
        "program",
    ],
)
def test_every_answer_has_the_headers(address: str, path: str) -> None:
    _, headers, _ = ask(address, program() if path == "program" else path)
    assert [name for name in EVERYWHERE if name not in headers] == []
    assert "server" not in headers
    assert headers["x-content-type-options"] == "nosniff"
    rules = dict(
        rule.strip().split(" ", 1) for rule in headers["content-security-policy"].split(";")
    )
    # Only a page may run anything but our own files, and only what Streamlit needs.
    is_page = headers.get("content-type", "").startswith("text/html")
    assert ("script-src" in rules) == is_page
    assert rules["default-src"] == "'self'"
    assert rules["frame-ancestors"] == "'self'"
    assert "http" not in headers["content-security-policy"]
    scripts = rules.get("script-src", "").split()
    assert {"'unsafe-eval'", "'unsafe-inline'", "data:", "blob:"}.isdisjoint(scripts)


def test_a_page_that_the_browser_has_stored_keeps_its_policy(address: str) -> None:
    # What a 304 says replaces what was stored with the page: it may only say the same, or nothing.
    status, first, _ = ask(address, "/")
    assert status == 200
    status, again, body = ask(address, "/", headers={"If-None-Match": first["etag"]})
    assert (status, body) == (304, b"")
    stored = first | again
    assert stored["content-security-policy"] == first["content-security-policy"]
    assert "script-src" in stored["content-security-policy"]


def test_what_is_not_offered_is_closed(address: str) -> None:
    for path in ("/_stcore/metrics", "/_stcore/metrics/", "/_stcore/agent/openapi.json"):
        assert ask(address, path)[0] == 404, path
    _, _, body = ask(address, "/_stcore/host-config")
    assert json.loads(body)["allowedOrigins"] == []


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://{address}", 101),
        (None, 101),
        ("http://127.0.0.1:9999", 403),
        ("http://localhost:9999", 403),
        ("http://localhost", 403),
        ("https://example.org", 403),
        ("null", 403),
        ("http://[", 403),
    ],
)
def test_a_websocket_is_for_our_own_pages(address: str, origin: str | None, status: int) -> None:
    headers = SHAKE | ({"Origin": origin.format(address=address)} if origin else {})
    assert ask(address, "/_stcore/stream", headers)[0] == status


def test_large_messages_are_compressed(address: str) -> None:
    offered = SHAKE | {"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits"}
    status, headers, _ = ask(address, "/_stcore/stream", offered)
    assert status == 101
    assert headers["sec-websocket-extensions"].startswith("permessage-deflate")


def test_a_changed_choice_sends_little_on_every_page(address: str) -> None:
    """Five of eleven pages sent 230 to 340 KB for each; the aim is 50 KB, deflated as it travels.

    The first change may bring what is then kept by the browser.
    """

    async def sizes(page: str, query: str, key: str) -> list[int]:
        dice = random.Random(7)
        async with Visit(f"http://{address}") as visit:
            await visit.open(page, query)
            return [(await visit.choose(query, key, dice)).size for _ in range(2)][1:]

    sent = {page: asyncio.run(sizes(page, query, key)) for page, query, key, _ in PAGES}
    assert len(sent) > 10
    assert all(min(some) > 0 for some in sent.values())
    assert {page: some for page, some in sent.items() if max(some) > 50_000} == {}


def test_an_upload_is_for_our_own_pages(address: str) -> None:
    path = "/_stcore/upload_file/session/file"
    status, headers, body = ask(address, path, {"Origin": "http://localhost:9999"}, "PUT")
    assert (status, body) == (403, b"of another origin")
    assert "content-security-policy" in headers


def unpacked(body: bytes, encoding: str, size: int) -> bytes:
    """Return a body as a browser reads it."""
    if encoding == "gzip":
        return gzip.decompress(body)
    return bytes(pa.Codec("brotli").decompress(body, decompressed_size=size, asbytes=True))


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
    ],
)
def test_programs_come_packed_once_and_stay_in_the_browsers_cache(
    address: str, accepted: str, encoding: str
) -> None:
    plain = ask(address, program())[2]
    for _ in range(2):
        status, headers, body = ask(address, program(), {"Accept-Encoding": accepted})
        assert status == 200
        assert headers["content-encoding"] == encoding
        assert headers["cache-control"] == "public, immutable, max-age=31536000"
        assert "Accept-Encoding" in headers["vary"]
        assert int(headers["content-length"]) == len(body) < 0.4 * len(plain)
        assert unpacked(body, encoding, len(plain)) == plain
    known = {"Accept-Encoding": "gzip", "If-None-Match": headers["etag"]}
    assert ask(address, program(), known)[0] == 304
    status, headers, _ = ask(address, program(), {"Accept-Encoding": "gzip", "Range": "bytes=0-9"})
    assert (status, headers.get("content-encoding")) == (206, None)


@pytest.mark.parametrize(("encoding", "most"), [("gzip", 2_000_000), ("br", 1_750_000)])
def test_all_programs_of_a_first_map_take_less_than_two_megabytes(
    address: str, encoding: str, most: int
) -> None:
    names = [f"/{name}" for name in re.findall(r'\./(static/[^"]+\.(?:js|css))', PAGE.read_text())]
    sizes = [
        len(ask(address, name, {"Accept-Encoding": encoding})[2])
        for name in {*names, *first_programs()}
    ]
    assert 500_000 < sum(sizes) < most


def test_health_gives_no_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HINTERLAND_HOME", str(tmp_path))
    answer = web.health(None)  # type: ignore[arg-type]
    assert answer.status_code == 503
    assert json.loads(bytes(answer.body)) == {"status": "no data"}


@pytest.mark.parametrize(
    ("stated", "there"),
    [
        (None, "'self'"),
        ("'none'", "'none'"),
        ("https://www.example.org", "https://www.example.org"),
        ("'self' https://*.example.org:8443", "'self' https://*.example.org:8443"),
    ],
)
def test_who_may_show_it_in_a_frame(
    stated: str | None, there: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if stated is None:
        monkeypatch.delenv(shield.FRAMES, raising=False)
    else:
        monkeypatch.setenv(shield.FRAMES, stated)
    headers = security_headers(shield.frame_ancestors())
    for one in (headers["Content-Security-Policy"], shield.policy("", shield.frame_ancestors())):
        assert one.endswith(f"; frame-ancestors {there}")
    # It knows no other site, so it goes where another is named.
    assert ("X-Frame-Options" in headers) == (there == "'self'")


@pytest.mark.parametrize(
    "stated",
    ["*", "https:", "http://example.org", "https://a.org; script-src *", "self", "https://a\r"],
)
def test_a_setting_that_would_open_more_is_refused(
    stated: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(shield.FRAMES, stated + "x" if stated.endswith("\r") else stated)
    with pytest.raises(InputError, match="HINTERLAND_FRAME_ANCESTORS"):
        shield.frame_ancestors()


@pytest.mark.parametrize(
    ("origin", "host", "is_same"),
    [
        ("https://hinterland.example.org", "hinterland.example.org", True),
        ("https://hinterland.example.org", "hinterland.example.org:443", True),
        ("https://hinterland.example.org", "localhost:8501", False),
        ("http://localhost:8501", "localhost:8501", True),
        ("http://LOCALHOST:8501", "localhost:8501", True),
        ("http://localhost:8502", "localhost:8501", False),
        ("http://[::1]:8501", "[::1]:8501", True),
        ("file://", "localhost:8501", False),
        ("http://localhost:99999", "localhost:8501", False),
        ("http://localhost:8501", "", False),
    ],
)
def test_same_origin(origin: str, host: str, is_same: bool) -> None:
    assert is_same_origin(Headers({"origin": origin, "host": host})) is is_same


def answered(app: Any, scope: dict[str, Any]) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []

    async def keep(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(app({"type": "http", "method": "GET", "headers": [], **scope}, None, keep))
    return sent


def test_a_program_is_computed_once_and_a_page_is_never_kept() -> None:
    asked: list[str] = []

    async def files(scope: Any, _receive: Any, send: Any) -> None:
        asked.append(scope["path"])
        kind = b"text/css" if scope["path"].endswith(".css") else b"text/html"
        head = [(b"content-type", kind), (b"etag", b'"x"')]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": b"a" * 5000, "more_body": True})
        await send({"type": "http.response.body", "body": b"b" * 5000})

    packed = Packed(files)
    gz = [(b"accept-encoding", b"gzip")]
    for _ in range(3):
        start, body = answered(packed, {"path": "/static/a.css", "headers": gz})
        assert dict(start["headers"])[b"etag"] == b'W/"x"'
        assert gzip.decompress(body["body"]) == b"a" * 5000 + b"b" * 5000
    assert asked == ["/static/a.css"]
    # Streamlit answers an address that is not there with its page: that is no program.
    for _ in range(2):
        assert len(answered(packed, {"path": "/static/b.js", "headers": gz})) == 3
    assert asked == ["/static/a.css", "/static/b.js", "/static/b.js"]


def test_first_programs_are_compressed_before_anybody_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pages._ui.programs import program_files
    from pipelines.serve import packed as module

    # The map's program by name, and the page's own script before it.
    names = list(program_files())
    assert [name for name in names if "/DeckGlJsonChart." in name]
    assert (
        re.search(r'<script type="module"[^>]*src="\.(/static/[^"]+)"', PAGE.read_text())[1]
        == (names[0])
    )

    (tmp_path / "a.js").write_bytes(b"early")
    packed = Packed(one_program, {"/static/a.js": tmp_path / "a.js"})
    for job in packed._early.values():
        job.result(timeout=10)
    monkeypatch.setattr(module, "pack", lambda *_: pytest.fail("compressed again"))
    for encoding in ("br", "gzip"):
        taken = [(b"accept-encoding", encoding.encode())]
        _, body = answered(packed, {"path": "/static/a.js", "headers": taken})
        assert unpacked(body["body"], encoding, len(b"early")) == b"early"


async def one_program(_scope: Any, _receive: Any, send: Any) -> None:
    """Answer as Streamlit does for a program."""
    head = [(b"content-type", b"text/javascript")]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": b"early"})


def test_the_answer_to_a_failure_has_the_headers_too() -> None:
    async def failing(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 500, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    start = answered(Shield(failing, "", "'self'"), {"path": "/"})[0]
    assert {name.decode() for name, _ in start["headers"]} >= set(EVERYWHERE)


def test_the_script_in_the_page_is_allowed_by_its_hash() -> None:
    page = PAGE.read_text("utf-8")
    assert page.count("<script>") == 1
    assert len(re.findall(r"'sha256-[\w+/=]{44}'", shield.policy(page, "'self'"))) == 1


def test_the_collector_leaves_alone_what_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is there before the first visitor is not looked at again after each rerun."""
    import pages._ui.server as server

    calls: list[str] = []
    monkeypatch.setattr(gc, "collect", lambda: calls.append("collect"))
    monkeypatch.setattr(gc, "freeze", lambda: calls.append("freeze"))
    monkeypatch.setattr(server, "load_config_options", lambda _: None)
    monkeypatch.setattr(server.st, "App", lambda *_, **__: None)
    server.application("127.0.0.1", 1)
    assert calls == ["collect", "freeze"]
    assert OPTIONS["runner.postScriptGC"] is False


def test_a_message_does_not_tell_where_the_program_lies() -> None:
    """A text within a message says its length, so the path is masked at the same length."""
    sent: list[Any] = []

    async def app(_scope: Any, receive: Any, send: Any) -> None:
        assert (await receive())["type"] == "websocket.disconnect"  # a text is no message
        await send({"type": "websocket.send", "bytes": b"\x0f/srv/own/app.py\x01"})
        await send({"type": "websocket.send", "text": "/srv"})

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.receive", "text": "hello"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    shield = Shield(app, "", "'self'", "/srv/own/app.py")
    asyncio.run(shield({"type": "websocket", "headers": []}, receive, send))  # type: ignore[arg-type]
    assert [m["type"] for m in sent] == ["websocket.close", "websocket.send", "websocket.send"]
    assert sent[1]["bytes"] == b"\x0f/////////app.py\x01"
