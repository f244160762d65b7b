"""Codes of the catalogue as words, and the line that says where a row comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pages._ui import format

WHOSE = {"document": "the document's", "ours": "ours", "both": "partly ours"}
JUDGED_BY = {"document": "the document", "ours": "us", "both": "the document and us"}
KIND_COLOURS = {"place": "#0072b2", "event": "#d55e00", "body": "#009e73", "programme": "#7a0177"}
_MARKDOWN = str.maketrans({c: f"\\{c}" for c in "\\`*_{}[]()#+-!|<>$:~"})


def plain(text: Any) -> str:
    """Return a text that Markdown does not read as marks; missing is "no data"."""
    return format.text(text).translate(_MARKDOWN)


def code(value: Any) -> str:
    """Return one code as words."""
    return format.NONE if value is None else str(value).replace("_", " ")


def codes(values: Sequence[str] | None) -> str:
    """Return several codes as words."""
    return ", ".join(map(code, values)) if values else format.NONE


def source(row: Mapping[str, Any]) -> str:
    """Return document, year and section of a row."""
    return f"Source: {row['document_title']} ({row['year']}), {row['section_heading']}."
