"""What the headers of an answer say. Each is a stranger's text and may be nonsense."""

from __future__ import annotations

import email.utils
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from pipelines.core.errors import ResponseNotData
from pipelines.io.notes import Partial

#: Digits of ASCII, and no more of them than any file needs: ``int`` takes others, too.
_NUMBER = re.compile(r"[0-9]{1,15}")
_RANGE = re.compile(r"bytes ([0-9]{1,15})-([0-9]{1,15})/([0-9]{1,15})")
_PACKED = frozenset({"gzip", "x-gzip", "deflate"})


def length(url: str, headers: Mapping[str, str]) -> int | None:
    """Return how many bytes of content follow, or None where it is not told.

    Raises
    ------
    ResponseNotData
        ``Content-Length`` is no number.
    """
    text = headers.get("Content-Length", "").strip()
    if not text or is_packed(url, headers):
        return None
    if not _NUMBER.fullmatch(text):
        raise ResponseNotData(f"{url}: Content-Length is {text[:40]!r}, a number is expected.")
    return int(text)


def is_packed(url: str, headers: Mapping[str, str]) -> bool:
    """Tell whether the body is compressed for the way, and how is known.

    Raises
    ------
    ResponseNotData
        It is encoded in a way that was not asked for and is not known.
    """
    text = headers.get("Content-Encoding", "").strip().lower()
    if text in ("", "identity"):
        return False
    if text not in _PACKED:
        raise ResponseNotData(
            f"{url}: Content-Encoding is {text[:40]!r}; known are {', '.join(sorted(_PACKED))}."
        )
    return True


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the publisher's wish in seconds; it may be a number or a date."""
    text = headers.get("Retry-After", "").strip()
    if _NUMBER.fullmatch(text):
        return float(text)
    try:
        then = email.utils.parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    # A date of the zone -0000 comes without a zone; it is UTC.
    then = then if then.tzinfo else then.replace(tzinfo=UTC)
    return max(0.0, (then - datetime.now(UTC)).total_seconds())


def continues(headers: Mapping[str, str], done: int, known: Partial) -> bool:
    """Tell whether an answer is the rest of exactly the file whose beginning is at hand."""
    stated = _RANGE.fullmatch(headers.get("Content-Range", "").strip())
    if stated is None or headers.get("Content-Encoding", "identity") != "identity":
        return False
    start, total = int(stated[1]), int(stated[3])
    if known.etag:
        is_same = headers.get("ETag", "") == known.etag
    else:
        is_same = headers.get("Last-Modified", "") == known.last_modified
    return is_same and start == done and known.total in (None, total)
