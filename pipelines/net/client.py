"""The only module that touches the network.

https to a short list of hosts, checked again after every redirect; plain http only
for a loopback address that the user set as a publisher's base address. At most two
requests at once. Timeouts, 429 and 5xx are tried again with growing waits and the
publisher's ``Retry-After``; everything else is final. A body goes to a partial file
beside its target, is resumed where the server allows it, judged, and only then moved
into place, so that a copy fetched before stays until a better one is complete.

pooch's ``retrieve`` stores whatever comes with status 200 and drops what a broken
connection had brought, so only its hashing is used; ``urllib3.Retry`` would repeat
answers that are no use repeating (a query refused as too large), so waits are here.
"""

from __future__ import annotations

import email.utils
import gzip
import ipaddress
import json
import os
import random
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pooch
import requests
import urllib3

from pipelines import __version__
from pipelines.core.errors import (
    ChecksumMismatch,
    ExtractionPending,
    ExtractionTooBig,
    HinterlandError,
    InputError,
    ResponseNotData,
    SourceUnavailable,
    TargetUnwritable,
)
from pipelines.io import archives
from pipelines.io import notes as fetched
from pipelines.io.notes import Fetched, Wanted
from pipelines.net import responses

EUROSTAT_URL = "https://ec.europa.eu/eurostat/api/dissemination"
_API = "/api/dissemination"
GISCO_URL = "https://gisco-services.ec.europa.eu"
_USER_AGENT = f"hinterland/{__version__} (open regional dashboard and data pipeline)"
_HOSTS = frozenset({"ec.europa.eu", "gisco-services.ec.europa.eu"})
_AGAIN = {429, 500, 502, 503, 504}
#: What a broken connection loses at most; the rest is resumed.
_CHUNK = 1 << 14
_REDIRECT = {301, 302, 303, 307, 308}
_BROKEN = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    urllib3.exceptions.HTTPError,
)
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


def bases() -> dict[str, str]:
    """Return the publishers' base addresses: the environment's, else the official ones.

    ``eurostat`` and ``gisco``; ``eurostat_files`` follows from the first.

    Raises
    ------
    InputError
        An address in the environment is neither https nor http on a loopback host.
    """
    found = {
        "eurostat": os.environ.get("HINTERLAND_EUROSTAT_URL") or EUROSTAT_URL,
        "gisco": os.environ.get("HINTERLAND_GISCO_URL") or GISCO_URL,
    }
    for name, base in found.items():
        parts = urlsplit(base)
        if not (
            parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname))
        ):
            raise InputError(
                f"HINTERLAND_{name.upper()}_URL: {base!r} found; https, or http on this machine"
                " (127.0.0.1), is allowed."
            )
    found = {name: base.rstrip("/") for name, base in found.items()}
    # Files outside the API lie beside it.
    return found | {"eurostat_files": found["eurostat"].removesuffix(_API)}


def _is_loopback(host: str | None) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


class Client:
    """Downloads under one policy; safe to use from several threads."""

    def __init__(
        self,
        policy: Policy | None = None,
        sleep: Callable[[float], None] = time.sleep,
        hosts: frozenset[str] = _HOSTS,
    ) -> None:
        self.policy = policy or Policy()
        self.bases = bases()
        self._sleep = sleep
        split = [urlsplit(base) for base in self.bases.values()]
        self._hosts = hosts | {one.hostname for one in split}
        self._plain = {one.netloc for one in split if one.scheme == "http"}
        self._slots = threading.BoundedSemaphore(self.policy.at_once)
        self._local = threading.local()

    def download(self, wanted: Wanted, progress: Progress | None = None) -> Fetched | None:
        """Bring one file; None says that the copy at hand is still the newest.

        Parameters
        ----------
        wanted : Wanted
        progress : callable, optional
            Called with bytes so far and bytes in all (None where not known).

        Raises
        ------
        SourceUnavailable, ResponseNotData, ExtractionTooBig, ExtractionPending,
        ChecksumMismatch
            And whatever ``wanted.judge`` raises. The target is untouched then.
        """
        part = wanted.target.with_name(f".{wanted.target.name}.part")
        try:
            wanted.target.parent.mkdir(parents=True, exist_ok=True)
            return self._bring(wanted, part, progress)
        except SourceUnavailable:
            # What came so far is kept: the next run asks for the rest.
            if part.exists() and not part.stat().st_size:
                _discard(part)
            raise
        except HinterlandError:
            _discard(part)
            raise
        except requests.RequestException as error:
            raise SourceUnavailable(f"{wanted.url}: cannot be asked ({error}).") from error
        except OSError as error:
            raise TargetUnwritable(
                f"{wanted.target}: cannot be written ({error.strerror or error}). Make room, or"
                " choose another folder with --out."
            ) from error

    def _bring(self, wanted: Wanted, part: Path, progress: Progress | None) -> Fetched | None:
        notes = self._insist(lambda: self._to_file(wanted, part, wanted.url, progress))
        key = responses.pending_key(part) if notes is not None else None
        if key is not None:
            _discard(part)
            url = self._await(key, wanted.url)
            notes = self._insist(lambda: self._to_file(wanted, part, url, progress))
        if notes is None:
            return None
        accepted = self._accept(wanted, part, notes)
        _discard(part)
        return accepted

    def get(self, url: str, max_bytes: int = 8 << 20) -> bytes:
        """Return a small answer (a status, a table of contents) from memory."""

        def once() -> bytes:
            with self._slots, self._open(url, {}) as answer:
                _raise_for(url, answer)
                return b"".join(_chunks(answer, max_bytes, url))

        return self._insist(once)

    def _insist(self, once: Callable):
        """Repeat while it may help; say so in the end."""
        policy = self.policy
        for attempt in range(1, policy.attempts + 1):
            try:
                return once()
            except _TryAgain as error:
                if attempt == policy.attempts:
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
        return None

    def _session(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
            self._local.session.headers["User-Agent"] = _USER_AGENT
            self._local.session.headers["Accept-Encoding"] = "identity"
        return self._local.session

    def _open(self, url: str, headers: dict[str, str]) -> requests.Response:
        """Follow redirects by hand, so that each address is checked before it is asked."""
        policy = self.policy
        for _ in range(policy.redirects + 1):
            self._check_address(url)
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
            url = urljoin(url, answer.headers.get("Location", ""))
        raise SourceUnavailable(f"{url}: redirected more than {policy.redirects} times.")

    def _check_address(self, url: str) -> None:
        parts = urlsplit(url)
        plain = parts.scheme == "http" and parts.netloc in self._plain
        if not (plain or (parts.scheme == "https" and parts.hostname in self._hosts)):
            raise SourceUnavailable(
                f"{url}: not asked; https on {', '.join(sorted(self._hosts))} is allowed. If a"
                " publisher moved, the address in geodata/sources needs a look."
            )

    def _to_file(
        self, wanted: Wanted, part: Path, url: str, progress: Progress | None
    ) -> Fetched | None:
        """Bring one body into the partial file, from where a former try ended."""
        done, headers = fetched.resume(part, url)
        old = fetched.read_notes(wanted.target)
        if not done and old and wanted.target.exists() and old.url == url:
            known = {"If-None-Match": old.etag, "If-Modified-Since": old.last_modified}
            headers |= {name: value for name, value in known.items() if value}
        with self._slots, self._open(url, headers) as answer:
            if answer.status_code == 304:
                return None
            if answer.status_code == 416:
                part.unlink(missing_ok=True)
                raise _TryAgain(f"{url}: the partial file does not fit any more", 0)
            _raise_for(url, answer)
            if answer.status_code != 206 or not _continues(answer, done):
                done = 0
            notes = Fetched(
                url,
                fetched.now(),
                "",
                0,
                answer.headers.get("ETag", ""),
                answer.headers.get("Last-Modified", ""),
            )
            fetched.part_notes(part).write_text(json.dumps(asdict(notes)), "utf-8")
            self._stream(wanted, part, answer, done, progress)
        return notes

    def _stream(
        self,
        wanted: Wanted,
        part: Path,
        answer: requests.Response,
        done: int,
        progress: Progress | None,
    ) -> None:
        length = answer.headers.get("Content-Length")
        total = done + int(length) if length and length.isdigit() else None
        if total is not None and total > wanted.max_bytes:
            raise ExtractionTooBig(_too_large(answer.url, wanted.max_bytes))
        with part.open("ab" if done else "wb") as out:
            for chunk in _chunks(answer, wanted.max_bytes - done, answer.url):
                if not out.tell():
                    responses.check_start(answer.url, answer.headers, chunk, wanted.kind)
                out.write(chunk)
                if progress:
                    progress(out.tell(), total)
            if not out.tell():
                raise ResponseNotData(
                    f"{answer.url}: the answer is empty. Try `hinterland fetch` again later."
                )
            out.flush()
            os.fsync(out.fileno())

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

    def _accept(self, wanted: Wanted, part: Path, notes: Fetched) -> Fetched:
        """Judge the complete file, then move it into place and write its notes."""
        found = pooch.file_hash(str(part), alg="sha256")
        if wanted.sha256 and found != wanted.sha256:
            raise ChecksumMismatch(
                f"{wanted.url}: SHA-256 is {found}, pinned is {wanted.sha256}. The file was changed"
                " or damaged on the way; it was not kept. Compare geodata/sources before pinning"
                " anew."
            )
        try:
            wanted.judge(part)
        except HinterlandError as error:
            # The reader names the temporary file; the user knows the address.
            text = str(error).replace(str(part), wanted.url)
            raise type(error)(f"{text} The answer was not kept.") from error
        if wanted.target.suffix == ".gz" and not archives.is_gzip(part):
            _pack(part)
        size = part.stat().st_size
        part.replace(wanted.target)
        full = Fetched(**{**asdict(notes), "url": wanted.url, "sha256": found, "bytes": size})
        fetched.write_notes(wanted.target, full)
        return full


def _pack(part: Path) -> None:
    """Compress a file in place: boundaries come plain and are kept as ``.gz``."""
    packed = gzip.compress(part.read_bytes(), 6, mtime=0)
    with part.open("wb") as out:
        out.write(packed)
        out.flush()
        os.fsync(out.fileno())


def _discard(part: Path) -> None:
    part.unlink(missing_ok=True)
    fetched.part_notes(part).unlink(missing_ok=True)


def _continues(answer: requests.Response, done: int) -> bool:
    return answer.headers.get("Content-Range", "").startswith(f"bytes {done}-")


def _chunks(answer: requests.Response, max_bytes: int, url: str):
    """Yield the body and count it; a body shorter than announced is worth another try."""
    total = 0
    try:
        for chunk in answer.iter_content(_CHUNK):
            total += len(chunk)
            if total > max_bytes:
                raise ExtractionTooBig(_too_large(url, max_bytes))
            yield chunk
    except _BROKEN as error:
        raise _TryAgain(f"{url}: the answer broke off after {total:,} bytes") from error


def _too_large(url: str, max_bytes: int) -> str:
    return (
        f"{url}: the answer is larger than {max_bytes:,} bytes, the limit in geodata/sources"
        " (max_bytes); it was not kept."
    )


def _raise_for(url: str, answer: requests.Response) -> None:
    """Tell final answers from those worth another try."""
    status = answer.status_code
    if status in (200, 206):
        return
    try:
        said = responses.fault_text(answer.raw.read(1 << 16, decode_content=True) or b"")
    except _BROKEN:
        said = ""
    if status == 413:
        raise ExtractionTooBig(
            f"{url}: the publisher refuses the query as too large ({said or 'status 413'}). Narrow"
            " its filters in geodata/sources; trying again does not help."
        )
    if status in _AGAIN:
        raise _TryAgain(f"{url}: status {status} {said}".rstrip(), _retry_after(answer))
    raise SourceUnavailable(
        f"{url}: status {status} {said}".rstrip() + ". If it stays so, the"
        " publisher moved or renamed the data: compare geodata/sources."
    )


def _retry_after(answer: requests.Response) -> float | None:
    """Return the publisher's wish in seconds; it may be a number or a date."""
    text = answer.headers.get("Retry-After", "").strip()
    if text.isdigit():
        return float(text)
    try:
        then = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (then - datetime.now(UTC)).total_seconds())
