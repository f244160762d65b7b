"""A stand-in publisher: serves the real files on this machine, and fails when told to.

It speaks as Eurostat's dissemination API (``/eurostat``), GISCO's distribution
(``/gisco``) and Natural Earth's (``/natural_earth``) do: gzip'd TSV, GeoJSON, CSV, a
shapefile, ``Range``, ``ETag``, SOAP faults and asynchronous answers. The files are those
of ``../shared/data``.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import threading
import time
from collections.abc import Callable
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from tests.standin import made
from tests.where import DATA

SHARED = DATA
#: Of the LAU list; the rest would only take time.
LAU_COUNTRIES = ("BE", "DK", "EL", "LT")
ROADS = "natural_earth_roads_z7_europe.parquet"
_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_MAINTENANCE = (
    b"<!DOCTYPE html><html><head><title>Scheduled maintenance</title></head><body>Sorry.</body>"
)
_TOO_BIG = (
    f'<S:Fault xmlns:S="{_SOAP}"><faultcode>413</faultcode><faultstring>EXTRACTION_TOO_BIG: The'
    " requested extraction is too big, estimated 420709314 rows, max authorised is 5000000, please"
    " change your filters to reduce the extraction size</faultstring></S:Fault>"
).encode()
_QUEUED = (
    f'<env:Envelope xmlns:env="{_SOAP}"><env:Header/><env:Body><ns0:syncResponse'
    ' xmlns:ns0="http://estat.ec.europa.eu/disschain/soap/extraction"><queued><id>{key}</id>'
    "<status>SUBMITTED</status></queued></ns0:syncResponse></env:Body></env:Envelope>"
)
_STATUS = (
    f'<env:Envelope xmlns:env="{_SOAP}"><env:Body><ns0:asyncResponse'
    ' xmlns:ns0="http://estat.ec.europa.eu/disschain/soap/asynchronous"'
    ' xmlns:ns1="http://estat.ec.europa.eu/disschain/asynchronous"><ns1:status><ns1:key>{key}'
    "</ns1:key><ns1:status>{state}</ns1:status></ns1:status></ns0:asyncResponse></env:Body>"
    "</env:Envelope>"
)


def _edit(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[bytes], bytes]:
    """Make a change of unpacked lines into a change of the packed file."""

    def edited(packed: bytes) -> bytes:
        lines = gzip.decompress(packed).split(b"\n")
        return gzip.compress(b"\n".join(change(lines)), 1)

    return edited


def _cell(lines: list[bytes], row: int, column: int, text: bytes) -> list[bytes]:
    cells = lines[row].split(b"\t")
    cells[column] = text
    return [*lines[:row], b"\t".join(cells), *lines[row + 1 :]]


#: What can happen to the content of a Eurostat file.
CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "changed header": _edit(lambda x: [x[0].replace(b"freq,", b"freq,sex,"), *x[1:]]),
    "new flag": _edit(lambda x: _cell(x, 5, 3, b"12 q")),
    "dropped column": _edit(
        lambda x: [b"\t".join(r.split(b"\t")[:5] + r.split(b"\t")[6:]) for r in x]
    ),
    "duplicate keys": _edit(lambda x: [*x[:5], x[4], *x[5:]]),
    "no rows": _edit(lambda x: x[:1]),
    "other bytes": lambda packed: b"\x89PNG\r\n\x1a\n" + packed,
    # Whole by its length, but written only by half at the publisher's.
    "half": lambda body: body[: len(body) // 2],
    # A line end is a sound end for a reader of lines.
    "nul": lambda body: body.replace(b"EU", b"\0\0", 1),
    "no levels": lambda body: body.replace(b",levels,", b",isced,"),
}


@cache
def _content(path: str) -> bytes | None:
    """Return what the publisher serves under a path, or None."""
    if found := re.fullmatch(r"/eurostat/sdmx/2\.1/data/(\w+)/[^/]*", path):
        file = SHARED / "eurostat" / f"{found[1]}.tsv.gz"
        return file.read_bytes() if file.exists() else None
    if found := re.fullmatch(r"/eurostat/sdmx/2\.1/dataflow/ESTAT/(\w+)", path):
        note = {"type": "UPDATE_DATA", "date": "2024-03-18T23:00:00+0100"}
        older = {"type": "UPDATE_STRUCTURE", "date": "2024-01-10T23:00:00+0100"}
        extension = {"id": found[1].upper(), "annotation": [note, older]}
        answer = {"label": found[1], "class": "dataset", "extension": extension}
        return gzip.compress(json.dumps(answer).encode())
    if found := re.fullmatch(r"/gisco/distribution/v2/nuts/geojson/(NUTS_\w+\.geojson)", path):
        file = SHARED / "gisco" / f"{found[1]}.gz"
        return gzip.decompress(file.read_bytes()) if file.exists() else None
    if re.fullmatch(r"/gisco/pub/healthcare/\d{4}/csv/EU\.csv", path):
        return (SHARED / "gisco" / "healthcare_services.csv").read_bytes()
    if re.fullmatch(r"/gisco/pub/education/\d{4}/csv/EU\.csv", path):
        return made.education_csv()
    if path == "/natural_earth/10m/cultural/ne_10m_roads.zip":
        return made.roads_shapefile(SHARED / "natural_earth" / ROADS)
    if path == "/eurostat/documents/345175/501971/EU-28-LAU-2019-NUTS-2016.xlsx":
        return made.lau_workbook(SHARED / "lau" / "lau_2019_sample.parquet", LAU_COUNTRIES)
    return None


@cache
def _packed(body: bytes) -> bytes:
    """Return a body as it is packed for the way; a client waits for 0.4 seconds at most."""
    return gzip.compress(body, 1)


class Publisher:
    """The server; a context manager. Addresses: ``eurostat``, ``gisco``, ``natural_earth``."""

    def __init__(self) -> None:
        self.faults: list[list] = []
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.most_at_once = self._now = 0
        self._lock = threading.Lock()
        self.looks: dict[str, int] = {}
        handler = type("Handler", (_Handler,), {"publisher": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        base = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.eurostat, self.gisco = f"{base}/eurostat", f"{base}/gisco"
        self.natural_earth = f"{base}/natural_earth"

    def __enter__(self) -> Publisher:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def fail(self, where: str, how: str, times: int = 1_000_000) -> None:
        """Fail so many times on addresses that hold a text, then serve as usual."""
        self.faults.append([where, how, times])

    def fault(self, path: str) -> str:
        with self._lock:
            for entry in self.faults:
                if entry[0] in path and entry[2] > 0:
                    entry[2] -= 1
                    return entry[1]
        return ""

    def asked(self, text: str) -> list[dict[str, str]]:
        """Return the headers of each request whose address holds a text."""
        return [headers for path, headers in self.requests if text in path]

    def enter(self, path: str, headers: dict[str, str]) -> None:
        with self._lock:
            self.requests.append((path, headers))
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)

    def leave(self) -> None:
        with self._lock:
            self._now -= 1


class _Handler(BaseHTTPRequestHandler):
    publisher: Publisher

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self.publisher.enter(self.path, dict(self.headers))
        try:
            self._answer(urlsplit(self.path).path)
        except (BrokenPipeError, ConnectionResetError):
            pass
        finally:
            self.publisher.leave()

    def _answer(self, path: str) -> None:
        how = self.publisher.fault(self.path)
        if found := re.fullmatch(r"/eurostat/1\.0/async/(status|data)/(\w+)", path):
            return self._extraction(found[1], found[2])
        body = _content(path)
        if body is None:
            fault = f'<S:Fault xmlns:S="{_SOAP}"><faultstring>No such data</faultstring></S:Fault>'
            return self._send(404, fault.encode(), "application/xml")
        simple = {
            "500": (500, b"broken", "text/plain"),
            "503": (503, b"", "text/plain"),
            "413": (413, _TOO_BIG, "application/xml"),
            "413 in 200": (200, _TOO_BIG, "application/xml"),
            "html": (200, _MAINTENANCE, "text/html"),
            "html as tsv": (200, _MAINTENANCE, "application/gzip"),
            "empty": (200, b"", "application/gzip"),
            "403": (403, b"", "text/plain"),
        }
        if how in simple:
            extra = {"Retry-After": "7"} if how == "503" else {}
            return self._send(*simple[how], extra)
        if how in ("queued", "queued for ever", "queued then expired"):
            key = how.replace(" ", "_") + "_" + path.split("/")[5]
            return self._send(200, _QUEUED.replace("{key}", key).encode(), "application/xml")
        if how.startswith("away to "):
            return self._send(302, b"", "text/plain", {"Location": how.removeprefix("away to ")})
        if how.startswith("busy until "):
            extra = {"Retry-After": how.removeprefix("busy until ")}
            return self._send(503, b"", "text/plain", extra)
        if how in ODD:
            return ODD[how](self, body)
        if how == "slow":
            time.sleep(1.0)
        return self._file(CHANGES[how](body) if how in CHANGES else body, cut=how == "cut")

    def _extraction(self, what: str, key: str) -> None:
        looks = self.publisher.looks
        if what == "data":
            return self._file(_content(f"/eurostat/sdmx/2.1/data/{key.split('_', 1)[1]}/x"))
        looks[key] = looks.get(key, 0) + 1
        late = "EXPIRED" if "expired" in key else "AVAILABLE"
        is_done = looks[key] > 2 and "for_ever" not in key
        state = late if is_done else "PROCESSING"
        body = _STATUS.replace("{key}", key).replace("{state}", state)
        return self._send(200, body.encode(), "application/xml")

    def _file(self, body: bytes, *, cut: bool = False, ignore_version: bool = False) -> None:
        mark = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if self.headers.get("If-None-Match") == mark:
            return self._send(304, b"", "", {"ETag": mark})
        extra, status, start = {"ETag": mark, "Accept-Ranges": "bytes"}, 200, 0
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if asked and (self.headers.get("If-Range") == mark or ignore_version):
            start, status = int(asked[1]), 206
            extra["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
        rest = body[start:]
        sent = rest[: len(rest) // 2] if cut else rest
        return self._send(status, sent, "application/octet-stream", extra, len(rest))

    def _send(
        self,
        status: int,
        body: bytes,
        kind: str,
        extra: dict[str, str] | None = None,
        length: int | str | None = None,
    ) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, **(extra or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def _other_version(self, body: bytes) -> None:
        """Continue with the rest of another file, whatever ``If-Range`` says."""
        self._file(gzip.compress(gzip.decompress(body), 1), ignore_version=True)

    def _other_total(self, body: bytes) -> None:
        """Continue under the right tag, but with the rest of a longer file."""
        mark = {"ETag": f'"{hashlib.sha256(body).hexdigest()[:16]}"'}
        start = int(re.sub(r"\D", "", self.headers.get("Range", "0")) or 0)
        rest = body[start:] + b"more"
        end = start + len(rest)
        extra = mark | {"Content-Range": f"bytes {start}-{end - 1}/{end}"}
        self._send(206 if start else 200, rest, "application/octet-stream", extra)

    def _drip(self, body: bytes) -> None:
        """Send a byte every hundredth of a second, for as long as somebody waits."""
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        for at in range(len(body)):
            self.wfile.write(body[at : at + 1])
            time.sleep(0.01)

    def _drip_headers(self, _body: bytes) -> None:
        self.wfile.write(b"HTTP/1.0 200 OK\r\nX-Slow: ")
        for _ in range(2000):
            self.wfile.write(b"x")
            time.sleep(0.01)


_ESCAPES = b"<S:Fault><faultstring>No \x1b[31msuch\x1b]0;owned\x07 data\xe2\x80\xae</faultstring>"
_NESTED = b"[" * 100_000
#: Answers that no publisher should give.
ODD: dict[str, Callable[[_Handler, bytes], None]] = {
    "drip": _Handler._drip,
    "drip headers": _Handler._drip_headers,
    "other version": _Handler._other_version,
    "other total": _Handler._other_total,
    "304": lambda self, _: self._send(304, b"", ""),
    "cut at a line": lambda self, body: self._send(
        200, body[: body.index(b"\n", len(body) // 2) + 1], "text/csv", None, len(body)
    ),
    "a part": lambda self, body: self._send(
        206, body[:5000], "text/csv", {"Content-Range": f"bytes 0-4999/{len(body)}"}
    ),
    "length of 5,000 digits": lambda self, body: self._send(200, body, "", length="9" * 5000),
    "length in other digits": lambda self, body: self._send(200, body, "", length="\xb2"),
    "brotli": lambda self, body: self._send(200, body, "", {"Content-Encoding": "br"}),
    "gzip on the way": lambda self, body: self._send(
        200, _packed(body), "", {"Content-Encoding": "gzip", "ETag": '"packed"'}
    ),
    "escapes": lambda self, _: self._send(403, _ESCAPES, "application/xml"),
    "escapes in 200": lambda self, _: self._send(200, _ESCAPES, "application/xml"),
    "nested": lambda self, _: self._send(403, _NESTED, "application/json"),
    "status nobody knows": lambda self, _: self._send(999, b"", "text/plain"),
}
