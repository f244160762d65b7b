"""The attacks by kind; each tries much and tells what came of it."""

from __future__ import annotations

import asyncio
import contextlib
import io
import time
import uuid
import zipfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg

from tests.hostile.visit import UPLOAD, Visitor, ask, token, upload

#: In a file, in the environment and in a victim's upload: none of it may be sent to a visitor.
CANARY = "canary-3f9b1c"
VICTIM = "victims-own-school"
HEALTH_SECONDS = 5.0
PAYLOADS = (
    "' or 1=1 --",
    "'; drop table marts.regions; --",
    "<script>alert(1)</script>",
    "![x](http://127.0.0.1:9/track.png) [in](http://127.0.0.1:9/)",
    "../../../../etc/passwd",
    "{{7*7}}${7*7}#{7*7}%s%n",
    "read_text('/etc/passwd')",
    "a\r\nSet-Cookie: own=ed",
    "\0\x1b[31m\u202e",
    "9" * 5_000,
    "x" * 60_000,
    "NaN",
)
PAGES: dict[str, tuple[str, ...]] = {
    "regions": ("region", "country", "change", "marked", "measure", "my", "lang"),
    "place": ("region", "town", "open"),
    "compare": ("regions", "towns"),
    "towns": ("town", "within", "people", "size"),
    "what-if": ("closed", "opened", "service", "limit"),
    "services": ("minutes", "service", "area_region"),
    "tables": ("table", "columns", "where", "sql", "part", "made"),
    "shrinking": ("period", "nuts", "watch", "webb"),
    "remoteness": ("cut_belt", "least", "town"),
    "small-towns": ("role", "town"),
    "social-places": ("place", "kind"),
    "case-studies": ("case", "tried"),
    "what-fits": ("town", "condition"),
    "data": ("table", "ours"),
    "shrinking-and-thin": ("quadrant", "level"),
    "": ("who", "my"),
}
SQL = (
    "select * from read_text('/etc/passwd')",
    "select getenv('HINTERLAND_CANARY')",
    "select * from glob('/*')",
    "copy (select 1) to '/tmp/hostile.csv'",
    "attach '/tmp/hostile.db'",
    "install httpfs",
    "select * from duckdb_settings()",
    "select * from '/etc/passwd'",
    "select 1; select 2",
    "create table marts.hostile as select 1",
    "delete from marts.regions",
    "set memory_limit='90GB'",
    "select * from query('select 1')",
    "with a as (select content from read_blob('/proc/self/environ')) select * from a",
    "select * from marts.towns a, marts.towns b, marts.towns c",
    "select count(*) from range(1000000000000)",
    "select list_sum(range(2000000000))",
    "with recursive r(n) as (select 1 union all select n+1 from r) select max(n) from r",
    "select " + "(" * 3_000 + "1" + ")" * 3_000,
    "select repeat('x', 2000000000)",
)
API = (
    "regions.csv?country=DE'%20or%201=1",
    "regions.csv?nuts_id=read_text('/etc/passwd')",
    "regions.csv?columns=name;drop",
    "regions.csv?columns=%2A",
    "regions.csv?sort=name;select",
    "regions.csv?sort=-",
    "regions.csv?population_end.min=1e999",
    "regions.csv?limit=-1",
    "regions.csv?limit=99999999999999999999",
    "regions.csv?offset=-5",
    "regions.csv?" + "&".join(f"a{i}=1" for i in range(300)),
    "regions.csv?country=" + "D" * 9_000,
    "regions.csv?country=%ff%fe",
    "regions.csv?country=DE%00",
    "regions.exe",
    "..%2f..%2fsecret.csv",
    "%2e%2e/secret.txt.csv",
    "information_schema.tables.csv",
    "marts.regions.csv",
    "duckdb_settings().csv",
    "'/etc/passwd'.csv",
    "thresholds.csv?name=%E2%80%AE",
    "regions.csv?labels=maybe",
    "towns.geojson",
    "towns.json?columns=" + ",".join(["name"] * 500),
)
PATHS = (
    "/docs/../../../../etc/passwd",
    "/docs/%2e%2e/%2e%2e/secret.txt",
    "/docs/..%5c..%5csecret.txt",
    "/docs//etc/passwd",
    "/docs/.git/config",
    "/maps/../secret.txt",
    "/maps/%2e%2e%2f%2e%2e/secret.json",
    "/maps/mart-0123456789abcdef-1/..%2f..%2fsecret.json",
    "/tooltips/../../secret.json",
    "/static/../secret.txt",
    "/app/static/../../app.py",
    "/component/streamlit/../../../../etc/passwd",
    "/_stcore/../secret.txt",
    "/media/../secret.txt",
    "/media/%2e%2e%2fsecret.txt",
    "//127.0.0.1:9/",
    "/\\127.0.0.1:9/",
    "/%0d%0aSet-Cookie:%20own=ed",
    "/_stcore/metrics",
    "/_stcore/agent",
    "/_stcore/script-health-check",
    "/_stcore/component/x",
    "/.env",
    "/geodata/build/current.json",
)


@dataclass
class Tried:
    """What came of one kind of attack.

    Attributes
    ----------
    kind : str
    tried : int
    said : list of str
        What went wrong: each is a finding.
    """

    kind: str
    tried: int = 0
    said: list[str] = field(default_factory=list)

    def expect(self, holds: bool, what: str) -> None:
        """Count an attempt; keep what went wrong."""
        self.tried += 1
        if not holds:
            self.said.append(what)


@dataclass
class Target:
    """A served dashboard, a victim who is at it, and what must never be seen.

    Attributes
    ----------
    address : str
    secrets : tuple of bytes
        Marks of what is not for visitors.
    is_long : bool
    victim : Visitor or None
    """

    address: str
    secrets: tuple[bytes, ...]
    is_long: bool
    victim: Visitor | None = None

    def leaks(self, content: bytes) -> list[bytes]:
        """Return the marks that an answer holds, and what only a failure shows."""
        return [mark for mark in (*self.secrets, b"Traceback (most") if mark in content]

    def some(self, values: tuple[str, ...], every: int) -> tuple[str, ...]:
        """Return all values, or each n-th in the short version."""
        return values if self.is_long else values[::every]


async def addresses(at: Target, tried: Tried) -> None:
    """Put every payload into every word of every page's address."""
    pages = list(PAGES.items())
    for number, (page, names) in enumerate(pages if at.is_long else pages[:7]):
        for turn, payload in enumerate(PAYLOADS):
            if not at.is_long and turn % 6 != number % 6:
                continue
            async with Visitor(at.address) as visitor:
                try:
                    await visitor.open(page, urlencode(dict.fromkeys(names, payload)))
                    leaks = at.leaks(bytes(visitor.seen))
                    tried.expect(not leaks, f"/{page} {payload[:30]!r}: {leaks}")
                except AssertionError as error:
                    tried.expect(False, f"/{page} {payload[:30]!r}: {error}")


async def searches(at: Target, tried: Tried) -> None:
    """Put payloads into the fields for text."""
    for page in at.some(("towns", "regions", "what-if", "tables", "place"), 3):
        async with Visitor(at.address) as visitor:
            await visitor.open(page, "")
            for payload in at.some(PAYLOADS, 5):
                states = [visitor.text(key, payload) for key in visitor.texts]
                try:
                    await visitor.say("", *states)
                    leaks = at.leaks(bytes(visitor.seen))
                    tried.expect(not leaks, f"/{page} {payload[:30]!r}: {leaks}")
                except AssertionError as error:
                    tried.expect(False, f"/{page} {payload[:30]!r}: {error}")


async def queries(at: Target, tried: Tried) -> None:
    """Ask what the SQL box may not answer, and what takes too much; others are served meanwhile."""
    for text in SQL if at.is_long else (*SQL[:14:4], *SQL[14:17]):
        async with Visitor(at.address) as visitor:
            started = time.perf_counter()
            running = asyncio.create_task(
                visitor.open("tables", urlencode({"part": "sql", "sql": text}))
            )
            await asyncio.sleep(0.5)
            reply = await asyncio.to_thread(ask, at.address, "/health")
            waited = time.perf_counter() - started - 0.5
            tried.expect(
                reply.status == 200 and waited < HEALTH_SECONDS,
                f"{text[:40]}: others waited {waited:.1f} s",
            )
            try:
                await running
                leaks = at.leaks(bytes(visitor.seen))
                tried.expect(not leaks, f"{text[:40]}: {leaks}")
            except AssertionError as error:
                tried.expect(False, f"{text[:40]}: {error}")


def _bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as box:
        box.writestr("xl/workbook.xml", b"0" * 50_000_000)
    return out.getvalue()


def _files() -> dict[str, bytes]:
    """Return files that should do harm, by name."""
    ring = [[9 + (i * 7919 % 1000) / 1e3, 50 + (i * 104729 % 1000) / 1e3] for i in range(3_000)]
    polygon = f'{{"type":"Polygon","coordinates":[{[*ring, ring[0]]}]}}'
    return {
        "../../../../tmp/hostile.csv": b"id,lon,lat\na,9.7,50.9\n",
        "a\r\nSet-Cookie: own=ed.csv": b"id,lon,lat\na,9.7,50.9\n",
        "formula.csv": b"id,lon,lat\n=cmd|' /C calc'!A0,9.7,50.9\n",
        "markdown.csv": b"id,lon,lat\n![x](http://127.0.0.1:9/t.png),9.7,50.9\n",
        "long.csv": b"id,lon,lat\n" + b"x" * 130_000 + b",9.7,50.9\n",
        "many.csv": b"id,lon,lat\n" + b"a,9.7,50.9\n" * 200_000,
        "nul.csv": b"id,lon,lat\n\0,9.7,50.9\n",
        "huge.geojson": b"[" * 100_000,
        "entity.geojson": b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
        "ring.geojson": polygon.encode(),
        "link.geojson": b'{"type":"FeatureCollection","features":[{"$ref":"file:///etc/passwd"}]}',
        "bomb.csv": _bomb(),
        "empty.csv": b"",
    }


async def uploads(at: Target, tried: Tried) -> None:
    """Upload files that should do harm; then to where one may not, and too much."""
    files = _files()
    for name in at.some(tuple(files), 4):
        content = files[name]
        async with Visitor(at.address) as visitor:
            await visitor.open("services", "service=own")
            file = str(uuid.uuid4())
            safe = name.replace("\r\n", "%0D%0A").replace('"', "%22")
            reply = await asyncio.to_thread(
                upload, at.address, visitor.session, file, safe, content
            )
            tried.expect(reply.status in (204, 400), f"{name[:20]!r}: {reply.status}")
            if reply.status != 204:
                continue
            try:
                await visitor.say("service=own", visitor.file(file, name, len(content)))
                leaks = at.leaks(bytes(visitor.seen))
                tried.expect(not leaks, f"{name[:20]!r}: {leaks}")
            except AssertionError as error:
                tried.expect(False, f"{name[:20]!r}: {error}")
    await asyncio.to_thread(_refused_uploads, at, tried)


def _refused_uploads(at: Target, tried: Tried) -> None:
    """Upload without the token, to sessions that are not there, and more than is allowed."""
    assert at.victim
    secret, mine = token(at.address), at.victim.session
    cookie = {"Cookie": f"_streamlit_xsrf={secret}"}
    cases: dict[str, tuple[str, dict[str, str], bytes]] = {
        "no token": (f"{UPLOAD}/{mine}/a", cookie, b"x"),
        "another token": (f"{UPLOAD}/{mine}/a", cookie | {"X-Xsrftoken": "2|a|b|1"}, b"x"),
        "no session": (f"{UPLOAD}/nobody/a", cookie | {"X-Xsrftoken": secret}, b"x"),
        "path as session": (f"{UPLOAD}/..%2f..%2ftmp/a", cookie | {"X-Xsrftoken": secret}, b"x"),
        "21 MB": (f"{UPLOAD}/{mine}/a", cookie | {"X-Xsrftoken": secret}, b"x" * (23 << 20)),
        "length of text": (
            f"{UPLOAD}/{mine}/a",
            cookie | {"X-Xsrftoken": secret, "Content-Length": "many"},
            b"x",
        ),
        "another origin": (
            f"{UPLOAD}/{mine}/a",
            cookie | {"X-Xsrftoken": secret, "Origin": "http://localhost:9"},
            b"x",
        ),
    }
    for what, (path, headers, body) in cases.items():
        reply = ask(at.address, path, "PUT", headers, body)
        # 0: the server closed the line before all was sent.
        tried.expect(reply.status in (0, 400, 403, 404, 413), f"{what}: {reply.status}")


async def tables(at: Target, tried: Tried) -> None:
    """Ask the addresses of tables for what is none."""
    for path in API:
        reply = await asyncio.to_thread(ask, at.address, f"/api/{path}")
        leaks = at.leaks(reply.body + reply.head.encode())
        tried.expect(reply.status < 500 and not leaks, f"{path[:50]}: {reply.status} {leaks}")


async def paths(at: Target, tried: Tried) -> None:
    """Ask for files of the server, by every way out of a folder."""
    for path in PATHS:
        reply = await asyncio.to_thread(ask, at.address, path)
        leaks = at.leaks(reply.body + reply.head.encode())
        # The browser's page answers where no file is; a header of ours must not be in it.
        holds = reply.status < 500 and not leaks and "own=ed" not in reply.head.partition("\r\n")[2]
        away = "127.0.0.1:9" in reply.head
        tried.expect(holds and not away, f"{path}: {reply.status} {leaks}")


async def heads(at: Target, tried: Tried) -> None:
    """Send headers, methods and bodies that no browser sends."""
    host = at.address.removeprefix("http://")
    odd: dict[str, bytes] = {
        "two lengths": b"POST /health HTTP/1.1\r\nHost: %s\r\nContent-Length: 1\r\n"
        b"Content-Length: 60\r\n\r\nx",
        "smuggled": b"POST /health HTTP/1.1\r\nHost: %s\r\nContent-Length: 4\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /_stcore/metrics HTTP/1.1\r\n\r\n",
        "no host": b"GET / HTTP/1.1\r\n\r\n",
        "other host": b"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
        "long head": b"GET / HTTP/1.1\r\nHost: %s\r\nX: " + b"a" * 200_000 + b"\r\n\r\n",
        "many heads": b"GET / HTTP/1.1\r\nHost: %s\r\n" + b"X: a\r\n" * 20_000 + b"\r\n",
        "no http": b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03" + b"\0" * 50,
        "nul": b"GET /\0 HTTP/1.1\r\nHost: %s\r\n\r\n",
        "old": b"GET / HTTP/0.9\r\n\r\n",
        "bare cr": b"GET / HTTP/1.1\rHost: %s\r\r",
        "range": b"GET /api/regions.csv?country=LU HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n"
        b"Range: bytes=0-1,0-1,0-1,0-1\r\n\r\n",
        "trace": b"TRACE / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\nX: own=ed\r\n\r\n",
        "delete": b"DELETE /maps HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n",
        "connect": b"CONNECT 127.0.0.1:9 HTTP/1.1\r\nHost: 127.0.0.1:9\r\n\r\n",
        "whole address": b"GET http://127.0.0.1:9/ HTTP/1.1\r\nHost: 127.0.0.1:9\r\n"
        b"Connection: close\r\n\r\n",
    }
    for what, raw in odd.items():
        text = raw.replace(b"%s", host.encode())
        reply = await asyncio.to_thread(ask, at.address, "/", raw=text, seconds=3)
        leaks = at.leaks(reply.body + reply.head.encode())
        tried.expect(
            reply.status < 500 and not leaks and b"own=ed" not in reply.body,
            f"{what}: {reply.status} {leaks}",
        )
    large = await asyncio.to_thread(ask, at.address, "/api", "POST", None, b"x" * (30 << 20))
    tried.expect(large.status in (0, 404, 405, 413), f"30 MB to /api: {large.status}")


async def origins(at: Target, tried: Tried) -> None:
    """Open the websocket as a page of another server would."""
    url = at.address.replace("http", "ws", 1) + "/_stcore/stream"
    port = at.address.rpartition(":")[2]
    for origin in (
        "https://example.org",
        "null",
        "http://localhost:9",
        "http://localhost",
        f"http://localhost:{port}.evil.example",
        f"http://evil.example:{port}",
        f"https://localhost:{port}",
        f"http://user@evil.example:{port}",
        f"file://localhost:{port}",
    ):
        try:
            async with websockets.connect(url, origin=websockets.Origin(origin)):
                tried.expect(origin.startswith("https://localhost"), f"{origin} is let in")
        except websockets.InvalidStatus as refused:
            tried.expect(refused.response.status_code == 403, f"{origin}: {refused}")


async def messages(at: Target, tried: Tried) -> None:
    """Send frames that no page sends."""
    frames: dict[str, bytes | str] = {
        "noise": bytes(range(256)) * 40,
        "text": "hello",
        "empty": b"",
        "huge": b"\0" * (40 << 20),
    }
    for name in ("debug_shutdown_runtime", "debug_disconnect_websocket", "clear_cache"):
        message = BackMsg()
        setattr(message, name, True)
        frames[name] = message.SerializeToString()
    for script in ("../../etc/passwd", "f" * 32, "x" * 100_000):
        message = BackMsg()
        message.rerun_script.page_script_hash = script
        message.rerun_script.page_name = script
        frames[f"page {script[:8]}"] = message.SerializeToString()
    message = BackMsg()
    message.load_git_info = True
    frames["git"] = message.SerializeToString()
    for what, frame in frames.items():
        seen = b""
        async with Visitor(at.address) as visitor:
            assert visitor.socket
            with contextlib.suppress(websockets.ConnectionClosed, TimeoutError):
                await visitor.socket.send(frame)
                for _ in range(200):
                    part = await asyncio.wait_for(visitor.socket.recv(), 1.5)
                    seen += part if isinstance(part, bytes) else part.encode()
        leaks = at.leaks(seen)
        tried.expect(not leaks, f"{what}: {leaks}")
        health = await asyncio.to_thread(ask, at.address, "/health")
        tried.expect(health.status == 200, f"after {what}: health {health.status}")


async def sessions(at: Target, tried: Tried) -> None:
    """Try to have what another visitor uploaded: by its file, its visit, its downloads."""
    assert at.victim
    victim = at.victim
    file = victim.uploaded  # type: ignore[attr-defined]
    async with Visitor(at.address) as visitor:
        await visitor.open("services", "service=own")
        await visitor.say("service=own", visitor.file(file, "v.csv", 30))
        tried.expect(VICTIM.encode() not in visitor.seen, "another visit's file by its id")
    url = at.address.replace("http", "ws", 1) + "/_stcore/stream"
    mine = victim.session
    other = mine[:-1] + ("0" if mine[-1] != "0" else "1")
    for name in (other, mine[:8], mine[:-1], mine.replace("-", ""), "None", "0", "a" * 5_000):
        names = [websockets.Subprotocol(text) for text in ("streamlit", "none", name)]
        async with websockets.connect(url, subprotocols=names, max_size=None) as line:
            thief = Visitor(at.address, socket=line)
            await thief.open("services", "service=own")
            is_own = thief.session not in (mine, name) and VICTIM.encode() not in thief.seen
            tried.expect(is_own, f"a visit by the name {name[:40]}")
            # Who has the name of a visit can take it up again, so nobody else is told it.
            tried.expect(mine.encode() not in thief.seen, "the name of another visit is told")
    tried.expect(uuid.UUID(mine).version == 4, "the name of a visit can be guessed")
    for _ in range(20):
        guess = uuid.uuid4().hex
        for path in (
            f"/media/{guess}.csv",
            f"/media/{guess}{guess[:24]}.zip",
            f"/tooltips/{guess}.json",
        ):
            reply = await asyncio.to_thread(ask, at.address, path)
            tried.expect(reply.status == 404, f"{path}: {reply.status}")
    for method in ("GET", "POST", "HEAD"):
        path = f"{UPLOAD}/{victim.session}/{file}"
        reply = await asyncio.to_thread(ask, at.address, path, method)
        tried.expect(VICTIM.encode() not in reply.body, f"{method} of an upload")
    reply = await asyncio.to_thread(ask, at.address, f"{UPLOAD}/{victim.session}/{file}", "DELETE")
    tried.expect(reply.status == 403, f"an upload taken away without token: {reply.status}")


async def crowds(at: Target, tried: Tried) -> None:
    """Hold many lines open, slow ones among them; others are served meanwhile, and after."""
    number = 150 if at.is_long else 40
    url = at.address.replace("http", "ws", 1) + "/_stcore/stream"
    host, _, port = at.address.removeprefix("http://").partition(":")
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(number):
            await stack.enter_async_context(websockets.connect(url))
            _, writer = await asyncio.open_connection(host, int(port))
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
            stack.callback(writer.close)
        tried.tried += 2 * number
        started = time.perf_counter()
        reply = await asyncio.to_thread(ask, at.address, "/health")
        waited = time.perf_counter() - started
        tried.expect(
            reply.status == 200 and waited < HEALTH_SECONDS, f"others waited {waited:.1f} s"
        )
    reply = await asyncio.to_thread(ask, at.address, "/health")
    tried.expect(reply.status == 200, "after the crowd")


Attack = Callable[[Target, Tried], Awaitable[None]]
ATTACKS: dict[str, Attack] = {
    "words of the address": addresses,
    "fields for text": searches,
    "the SQL box": queries,
    "uploads": uploads,
    "addresses of tables": tables,
    "paths": paths,
    "headers, methods, bodies": heads,
    "origins": origins,
    "websocket messages": messages,
    "another visitor's things": sessions,
    "many lines at once": crowds,
}
