"""The only module that touches the network.

https to a short list of hosts, checked again after every redirect; plain http only
for a loopback address that the user set as a publisher's base address. At most two
requests at once. Timeouts, 429 and 5xx are tried again with growing waits and the
publisher's ``Retry-After``; everything else is final. A body goes to a partial file
beside its target, is resumed where the server allows it, judged, and only then moved
into place, so that a copy fetched before stays until a better one is complete.

``urllib3.Retry`` would repeat answers that are no use repeating (a query refused as too
large), so waits are here.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import urljoin

import requests
import urllib3

from pipelines import __version__
from pipelines.core.errors import (
    ExtractionPending,
    ExtractionTooBig,
    HinterlandError,
    ResponseNotData,
    SourceUnavailable,
    TargetUnwritable,
)
from pipelines.io import notes as fetched
from pipelines.io.notes import Fetched, FileRequest, Partial
from pipelines.net import accept, pace, responses
from pipelines.net import headers as response_headers
from pipelines.net.address import HOSTS, Allowed, bases

_USER_AGENT = f"hinterland/{__version__} (open regional dashboard and data pipeline)"
_AGAIN = {429, 500, 502, 503, 504}
_CHUNK = 1 << 14
#: Enough of a body to judge it by; a broken connection loses no more, the rest is resumed.
_HEAD = 1 << 13
#: Of a failure's text; the rest of such a body is not read.
_SAID = 1 << 16
_REDIRECT = {301, 302, 303, 307, 308}
_BROKEN = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    urllib3.exceptions.HTTPError,
    pace.TooSlow,
)
_T = TypeVar("_T")
Progress = Callable[[int, int | None], None]


class _TryAgain(Exception):
    """An answer that may be better next time; ``wait`` is the publisher's own wish."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


@dataclass(frozen=True)
class Policy:
    """Waits and limits; seconds, counts and bytes."""

    connect_s: float = 10
    read_s: float = 120
    attempts: int = 4
    backoff_s: float = 2
    longest_wait_s: float = 120
    polls: int = 20
    poll_s: float = 3
    longest_poll_s: float = 60
    at_once: int = 2
    redirects: int = 5
    longest_headers_s: float = pace.LONGEST_HEADERS_S
    longest_answer_s: float = pace.LONGEST_ANSWER_S
    window_s: float = 60


class Client:
    """Downloads under one policy; safe to use from several threads."""

    def __init__(
        self,
        policy: Policy | None = None,
        sleep: Callable[[float], None] = time.sleep,
        hosts: frozenset[str] = HOSTS,
    ) -> None:
        self.policy = policy or Policy()
        self.bases = bases()
        self._sleep = sleep
        self._allowed = Allowed(hosts, self.bases)
        self._slots = threading.BoundedSemaphore(self.policy.at_once)
        self._local = threading.local()

    def download(self, request: FileRequest, progress: Progress | None = None) -> Fetched | None:
        """Bring one file; None says that the copy at hand is still the newest.

        Parameters
        ----------
        request : FileRequest
        progress : callable, optional
            Called with bytes so far and bytes in all (None where not known).

        Raises
        ------
        SourceUnavailable, ResponseNotData, ExtractionTooBig, ExtractionPending,
        ChecksumMismatch
            And whatever ``request.judge`` raises. The target is untouched then.
        """
        part = request.target.with_name(f".{request.target.name}.part")
        try:
            request.target.parent.mkdir(parents=True, exist_ok=True)
            return self._bring(request, part, progress)
        except SourceUnavailable:
            # What came so far is kept: the next run asks for the rest.
            if part.exists() and not part.stat().st_size:
                accept.discard(part)
            raise
        except HinterlandError:
            accept.discard(part)
            raise
        except requests.RequestException as error:
            raise SourceUnavailable(f"{request.url}: cannot be asked ({error}).") from error
        except OSError as error:
            raise TargetUnwritable(
                f"{request.target}: cannot be written ({error.strerror or error}). Make room, or"
                " choose another folder with --out."
            ) from error

    def _bring(self, request: FileRequest, part: Path, progress: Progress | None) -> Fetched | None:
        notes = self._insist(lambda: self._to_file(request, part, request.url, progress))
        key = responses.pending_key(part) if notes is not None else None
        if key is not None:
            accept.discard(part)
            url = self._await(key, request.url)
            notes = self._insist(lambda: self._to_file(request, part, url, progress))
        if notes is None:
            return None
        accepted = accept.accept(request, part, notes)
        accept.discard(part)
        return accepted

    def get(self, url: str, max_bytes: int = 8 << 20) -> bytes:
        """Return a small answer (a status, a table of contents) from memory."""

        def once() -> bytes:
            with self._slots, self._open(url, {}) as answer:
                self._raise_for(url, answer)
                return b"".join(self._chunks(answer, max_bytes, url))

        return self._insist(once)

    def _insist(self, once: Callable[[], _T]) -> _T:
        """Repeat while it may help; say so in the end."""
        policy = self.policy
        attempt = 0
        while True:
            attempt += 1
            try:
                return once()
            except _TryAgain as error:
                if attempt >= policy.attempts:
                    raise SourceUnavailable(
                        f"{error} ({policy.attempts} tries). Try `hinterland fetch` again later."
                    ) from error
                growing = policy.backoff_s * 2 ** (attempt - 1) * (1 + random.random())  # noqa: S311
                wait = growing if error.wait is None else error.wait
                if wait > policy.longest_wait_s:
                    raise SourceUnavailable(
                        f"{error}; the publisher asks to wait {wait:.0f} seconds. Try"
                        " `hinterland fetch` again after that."
                    ) from error
                self._sleep(wait)

    def _session(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            self._local.session = pace.session(_USER_AGENT, self.policy.longest_headers_s)
        made: requests.Session = self._local.session
        return made

    def _open(self, url: str, headers: dict[str, str]) -> requests.Response:
        """Follow redirects by hand, so that each address is checked before it is asked."""
        policy = self.policy
        for _ in range(policy.redirects + 1):
            url = self._allowed.judge(url)
            try:
                answer = self._session().get(
                    url,
                    headers=headers,
                    stream=True,
                    allow_redirects=False,
                    timeout=(policy.connect_s, policy.read_s),
                )
            except _BROKEN as error:
                raise _TryAgain(f"{url}: no answer ({type(error).__name__})") from error
            if answer.status_code not in _REDIRECT:
                return answer
            answer.close()
            location = answer.headers.get("Location", "")
            try:
                url = urljoin(url, location)
            except ValueError as error:
                raise SourceUnavailable(
                    f"{url}: redirected to {location[:200]!r}, which is no address."
                ) from error
        raise SourceUnavailable(f"{url}: redirected more than {policy.redirects} times.")

    def _to_file(
        self, request: FileRequest, part: Path, url: str, progress: Progress | None
    ) -> Fetched | None:
        """Bring one body into the partial file, from where a former try ended."""
        done, known = fetched.read_partial(part, url)
        headers = {"Range": f"bytes={done}-", "If-Range": known.validator} if done else {}
        old = None if done else accept.at_hand(request, url)
        if old:
            validators = {"If-None-Match": old.etag, "If-Modified-Since": old.last_modified}
            headers = {name: value for name, value in validators.items() if value}
        with self._slots, self._open(url, headers) as answer:
            if answer.status_code == 304 and old:
                return None
            if answer.status_code == 416:
                accept.discard(part)
                raise _TryAgain(f"{url}: the partial file does not fit any more", 0)
            self._raise_for(url, answer)
            if answer.status_code == 206 and not (
                done and response_headers.continues(answer.headers, done, known)
            ):
                # The rest of another file, or a part that nobody asked for: from the start.
                accept.discard(part)
                raise _TryAgain(f"{url}: the publisher sent a part of another version", 0)
            done = done if answer.status_code == 206 else 0
            return self._begin(request, part, url, answer, done, progress)

    def _begin(
        self,
        request: FileRequest,
        part: Path,
        url: str,
        answer: requests.Response,
        done: int,
        progress: Progress | None,
    ) -> Fetched:
        """Note what is coming, so that it can be continued, and store it."""
        length = response_headers.length(url, answer.headers)
        total = None if length is None else done + length
        marks = answer.headers.get("ETag", ""), answer.headers.get("Last-Modified", "")
        # Of a body that is packed for the way no offset is known.
        is_packed = response_headers.is_packed(url, answer.headers)
        fetched.write_partial(part, Partial(url, *(("", "") if is_packed else marks), total))
        self._stream(request, part, answer, done, total, progress)
        return Fetched(url, fetched.now(), "", 0, *marks)

    def _stream(
        self,
        request: FileRequest,
        part: Path,
        answer: requests.Response,
        done: int,
        total: int | None,
        progress: Progress | None,
    ) -> None:
        if total is not None and total > request.max_bytes:
            raise ExtractionTooBig(_too_large(answer.url, request.max_bytes))
        with part.open("ab" if done else "wb") as out:
            for chunk in self._chunks(answer, request.max_bytes - done, answer.url):
                if not out.tell():
                    responses.check_start(answer.url, answer.headers, chunk, request.kind)
                out.write(chunk)
                if progress:
                    progress(out.tell(), total)
            size = out.tell()
            if not size:
                raise ResponseNotData(
                    f"{answer.url}: the answer is empty. Try `hinterland fetch` again later."
                )
            if total is not None and size != total:
                raise _TryAgain(f"{answer.url}: the answer broke off after {size:,} bytes")
            out.flush()
            os.fsync(out.fileno())

    def _chunks(self, answer: requests.Response, max_bytes: int, url: str) -> Iterator[bytes]:
        """Yield the body as it comes, its head in one piece; count bytes and watch the pace."""
        speed = pace.Pace(url, self.policy.longest_answer_s, self.policy.window_s)
        total, head = 0, b""
        try:
            while chunk := answer.raw.read1(_CHUNK, decode_content=True):
                speed.add(len(chunk))
                total += len(chunk)
                if total > max_bytes:
                    raise ExtractionTooBig(_too_large(url, max_bytes))
                if total < _HEAD:
                    head += chunk
                    continue
                yield head + chunk
                head = b""
            if head:
                yield head
        except _BROKEN as error:
            slow = f" ({error})" if isinstance(error, pace.TooSlow) else ""
            raise _TryAgain(f"{url}: the answer broke off after {total:,} bytes{slow}") from error

    def _raise_for(self, url: str, answer: requests.Response) -> None:
        """Tell final answers from those worth another try."""
        status = answer.status_code
        if status in (200, 206):
            response_headers.is_packed(url, answer.headers)
            return
        if status == 304:
            raise SourceUnavailable(
                f"{url}: the publisher says that nothing changed, but no copy is at hand (status"
                " 304). Try `hinterland fetch` again later."
            )
        said = self._said(url, answer)
        if status == 413:
            raise ExtractionTooBig(
                f"{url}: the publisher refuses the query as too large ({said or 'status 413'})."
                " Narrow its filters in geodata/sources; trying again does not help."
            )
        if status in _AGAIN:
            raise _TryAgain(
                f"{url}: status {status} {said}".rstrip(),
                response_headers.retry_after(answer.headers),
            )
        raise SourceUnavailable(
            f"{url}: status {status} {said}".rstrip() + ". If it stays so, the"
            " publisher moved or renamed the data: compare geodata/sources."
        )

    def _said(self, url: str, answer: requests.Response) -> str:
        """Return the text of a failure, or nothing where it cannot be read."""
        try:
            return responses.fault_text(b"".join(self._chunks(answer, _SAID, url)))
        except (_TryAgain, HinterlandError):
            return ""

    def _await(self, key: str, url: str) -> str:
        """Poll an asynchronous extraction; return the address of its data."""
        base = f"{self.bases['eurostat']}/1.0/async"
        policy = self.policy
        for turn in range(policy.polls):
            state = responses.extraction_state(self.get(f"{base}/status/{key}"))
            if state == "AVAILABLE":
                return f"{base}/data/{key}"
            if state not in ("SUBMITTED", "PROCESSING"):
                raise SourceUnavailable(
                    f"{url}: the publisher's extraction {key} ended as {state}. Run `hinterland"
                    " fetch` again to ask anew."
                )
            self._sleep(min(policy.poll_s * 1.5**turn, policy.longest_poll_s))
        raise ExtractionPending(
            f"{url}: the publisher still prepares the answer (extraction {key}) after"
            f" {policy.polls} looks. Run `hinterland fetch` again in an hour; the answer comes at"
            " once then."
        )


def _too_large(url: str, max_bytes: int) -> str:
    return (
        f"{url}: the answer is larger than {max_bytes:,} bytes, the limit in geodata/sources"
        " (max_bytes); it was not kept."
    )
