"""An answer that drips for ever comes to an end: limits on headers, speed and time.

``requests`` knows the longest silence only; a byte a second is no silence.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

from pipelines.core.errors import SourceUnavailable

#: A telephone modem of 1990 brought 1.8 kB/s; below half of that nobody is served.
FLOOR_BYTES_A_MINUTE = 60_000
#: At the floor 300 MB, the largest answer allowed, would take three days. An hour is ten times
#: what the largest file takes over a slow line (1 MB/s); the rest is resumed by the next run.
LONGEST_ANSWER_S = 3_600.0
#: Eurostat computes before its first byte, at most as long as one silence may last (120 s);
#: the headers themselves are 2 kB.
LONGEST_HEADERS_S = 150.0
_WINDOW_S = 60.0


class TooSlow(Exception):
    """An answer comes below the floor; another try may be faster."""


class Pace:
    """The speed of one answer."""

    def __init__(
        self,
        url: str,
        longest_s: float = LONGEST_ANSWER_S,
        window_s: float = _WINDOW_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url, self._longest_s, self._window_s, self._clock = url, longest_s, window_s, clock
        self._floor = FLOOR_BYTES_A_MINUTE * window_s / 60
        self._begun = self._since = clock()
        self._bytes = 0

    def add(self, count: int) -> None:
        """Count bytes that have come.

        Raises
        ------
        TooSlow
            Less than the floor came within a minute.
        SourceUnavailable
            The whole answer takes longer than allowed.
        """
        now = self._clock()
        self._bytes += count
        if now - self._begun > self._longest_s:
            raise SourceUnavailable(
                f"{self._url}: not complete after {self._longest_s:.0f} seconds. Run `hinterland"
                " fetch` again: it asks for the rest."
            )
        if now - self._since >= self._window_s:
            if self._bytes < self._floor:
                raise TooSlow(
                    f"{self._url}: {self._bytes:,} bytes in {now - self._since:.0f} seconds, at"
                    f" least {self._floor:,.0f} are expected"
                )
            self._since, self._bytes = now, 0


def _cut(sock: socket.socket, is_cut: threading.Event) -> None:
    is_cut.set()
    with contextlib.suppress(OSError):
        # Past TLS: the thread that waits inside it must find the end of the line.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


def _timed(kind: type[HTTPConnection], longest_s: float) -> type[HTTPConnection]:
    """Return a kind of connection whose headers have to be complete in time."""

    class Timed(kind):  # type: ignore[misc, valid-type]  # its base is known at run time
        def getresponse(self) -> Any:
            is_cut = threading.Event()
            alarm = threading.Timer(longest_s, _cut, (self.sock, is_cut))
            alarm.daemon = True
            alarm.start()
            try:
                answer = super().getresponse()
            finally:
                alarm.cancel()
            # Headers that break off look complete to http.client.
            if is_cut.is_set():
                raise TimeoutError(f"headers not complete after {longest_s:.0f} seconds")
            return answer

    return Timed


class TimedAdapter(HTTPAdapter):
    """requests' adapter over connections whose headers have to be complete in time."""

    def __init__(self, longest_headers_s: float = LONGEST_HEADERS_S) -> None:
        plain = _timed(HTTPConnection, longest_headers_s)
        secure = _timed(HTTPSConnection, longest_headers_s)
        self._pools = {
            "http": type("Plain", (urllib3.HTTPConnectionPool,), {"ConnectionCls": plain}),
            "https": type("Secure", (urllib3.HTTPSConnectionPool,), {"ConnectionCls": secure}),
        }
        super().__init__()

    def init_poolmanager(self, *values: Any, **named: Any) -> None:
        """Make the manager of direct connections."""
        super().init_poolmanager(*values, **named)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **named: Any) -> urllib3.ProxyManager:
        """Make the manager of connections by way of a proxy."""
        manager: urllib3.ProxyManager = super().proxy_manager_for(proxy, **named)
        manager.pool_classes_by_scheme = self._pools
        return manager


class _Session(requests.Session):
    """A session that leaves redirects alone, even for reading where they lead to."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Return nothing: otherwise the address is parsed and the body read without a limit."""
        return None


def session(user_agent: str, longest_headers_s: float) -> requests.Session:
    """Return a session that names the program and waits for headers so long at most."""
    made = _Session()
    made.headers["User-Agent"] = user_agent
    # The bytes as they lie there: only these can be resumed and compared with a pinned hash.
    made.headers["Accept-Encoding"] = "identity"
    for prefix in ("https://", "http://"):
        made.mount(prefix, TimedAdapter(longest_headers_s))
    return made
