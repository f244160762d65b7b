"""Tell what a publisher's answer is: data, a web page, a fault, or a promise.

Pure functions over bytes and headers.
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from pathlib import Path

from pipelines.core.errors import ExtractionTooBig, ResponseNotData, SourceUnavailable
from pipelines.io.archives import GZIP_MAGIC, ZIP_MAGIC

_BODY = "{http://schemas.xmlsoap.org/soap/envelope/}Body/"
_QUEUED = _BODY + "{http://estat.ec.europa.eu/disschain/soap/extraction}syncResponse/queued/"
_STATUS = (
    _BODY
    + "{http://estat.ec.europa.eu/disschain/soap/asynchronous}asyncResponse/"
    + "{http://estat.ec.europa.eu/disschain/asynchronous}status/"
    + "{http://estat.ec.europa.eu/disschain/asynchronous}"
)
_HTML = re.compile(rb"^\s*(<!doctype html|<html|<head|<body)", re.IGNORECASE)
_TITLE = re.compile(rb"<(?:title|h1)[^>]*>\s*([^<]{1,120})", re.IGNORECASE)
_FAULT = re.compile(rb"<(?:\w+:)?faultstring[^>]*>\s*([^<]{1,400})", re.IGNORECASE)
_SOAP_LIMIT = 1 << 20


def check_start(url: str, headers: Mapping[str, str], start: bytes, kind: str) -> None:
    """Judge an answer by its first bytes before any of it is stored.

    Parameters
    ----------
    url : str
    headers : mapping
        Of the answer.
    start : bytes
        First chunk of the body.
    kind : {'tsv', 'geojson', 'csv', 'parquet', 'xlsx', 'zip'}

    Raises
    ------
    ResponseNotData
        A web page, an empty body, or bytes of another kind.
    ExtractionTooBig, SourceUnavailable
        A fault inside an answer with status 200.
    """
    if _HTML.match(start) or "text/html" in headers.get("Content-Type", "").lower():
        title = _TITLE.search(start)
        said = f" ({title[1].decode('utf-8', 'replace').strip()})" if title else ""
        raise ResponseNotData(
            f"{url}: the publisher answered with a web page{said}, not with data; it may be under"
            " maintenance. Try `hinterland fetch` again later."
        )
    if is_soap(start):
        return _check_soap(url, start)
    if not _is_kind(start, kind):
        raise ResponseNotData(
            f"{url}: {kind} expected, but the answer is of type"
            f" {headers.get('Content-Type', 'unknown')!r} and begins with {start[:40]!r}. Try"
            " `hinterland fetch` again later."
        )
    return None


def _is_kind(start: bytes, kind: str) -> bool:
    line = start.lstrip(b"\xef\xbb\xbf").split(b"\n", 1)[0]
    packed = start.startswith(GZIP_MAGIC)
    return {
        "tsv": packed or b"\\TIME_PERIOD\t" in line or b"\\time\t" in line,
        "geojson": packed or line.lstrip().startswith(b"{"),
        "csv": packed or (b"," in line and not line.lstrip().startswith((b"<", b"{"))),
        "parquet": start.startswith(b"PAR1"),
        "xlsx": start.startswith(ZIP_MAGIC),
        "zip": start.startswith(ZIP_MAGIC),
    }[kind]


def is_soap(start: bytes) -> bool:
    """Tell whether a body is one of Eurostat's XML envelopes."""
    head = start[:2000].lstrip()
    return head.startswith(b"<") and (b":Envelope" in head or b":Fault" in head)


def _check_soap(url: str, start: bytes) -> None:
    said = fault_text(start)
    if said.startswith("EXTRACTION_TOO_BIG"):
        raise ExtractionTooBig(
            f"{url}: the publisher refuses the query as too large ({said}). Narrow its filters in"
            " geodata/sources; trying again does not help."
        )
    if b":Fault" in start:
        raise SourceUnavailable(
            f"{url}: the publisher reports a fault ({said or 'no text'}). If it stays so,"
            " compare the query in geodata/sources."
        )


def fault_text(body: bytes) -> str:
    """Return the text of a fault, in XML or JSON, or nothing."""
    match = _FAULT.search(body)
    if match:
        return match[1].decode("utf-8", "replace").strip()
    try:
        error = json.loads(body).get("error")
        return str(error[0].get("label", "")) if error else ""
    except (ValueError, AttributeError, IndexError, KeyError, TypeError, RecursionError):
        return ""


def pending_key(part: Path) -> str | None:
    """Return the key of an asynchronous answer, or None where the body is data."""
    with part.open("rb") as handle:
        start = handle.read(_SOAP_LIMIT)
    if not is_soap(start):
        return None
    return _find(start, _STATUS + "key", _QUEUED + "id")


def extraction_state(body: bytes) -> str:
    """Return how far an asynchronous extraction is (``SUBMITTED``, ``AVAILABLE``, ...)."""
    if not is_soap(body):
        raise ResponseNotData(f"an extraction's status was asked, {body[:60]!r} came.")
    return _find(body, _STATUS + "status", _QUEUED + "status")


def _find(body: bytes, *paths: str) -> str:
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise ResponseNotData("an answer's envelope declares entities; it was not read.")
    try:
        root = ElementTree.fromstring(body)  # noqa: S314
    except ElementTree.ParseError as error:
        raise ResponseNotData(f"an answer's envelope cannot be read ({error}).") from error
    for path in paths:
        text = root.findtext(path)
        if text and re.fullmatch(r"[\w-]{1,100}", text.strip()):
            return text.strip()
    raise ResponseNotData("an answer's envelope holds neither data nor a key to wait with.")
