"""Errors that a user can act on.

Each message says what was wanted, what was found, what is allowed and what to
do next. The command line prints the message alone and exits with code 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipelines.core.findings import Finding

# What moves a terminal's cursor, colours it or turns the direction of writing; half a character
# pair cannot be written at all.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    """Return a text without characters that a terminal would obey; lines stay lines."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


class HinterlandError(Exception):
    """Base of every error that is reported to the user without a traceback.

    Its text may quote a file or a publisher: it comes out printable.

    Parameters
    ----------
    message : str
        What the user reads.
    findings : iterable of Finding
        What was found where, for callers that count or group it.
    """

    def __init__(self, message: str = "", *, findings: Iterable[Finding] = ()) -> None:
        super().__init__(message)
        self.findings = tuple(findings)

    def __str__(self) -> str:
        return printable(super().__str__())


class SourceMissing(HinterlandError):
    """A file that the build needs is not there."""


class ChecksumMismatch(HinterlandError):
    """A file is there, but it is not the file that was pinned."""


class SourceUnreadable(HinterlandError):
    """A file is there and cannot be parsed."""


class SourceUnavailable(HinterlandError):
    """A publisher did not answer, or answered with a failure."""


class ResponseNotData(HinterlandError):
    """A publisher answered, but not with data (a maintenance page, for instance)."""


class ExtractionTooBig(HinterlandError):
    """A publisher refuses a query as too large: narrow it, do not retry."""


class ExtractionPending(HinterlandError):
    """A publisher prepares the answer and has not finished in the time allowed."""


class UnknownCode(HinterlandError):
    """A code is not in the list of codes of its field."""


class NutsVersionMismatch(HinterlandError):
    """Codes belong to another NUTS vintage, or to a mixture of vintages."""


class SchemaDrift(HinterlandError):
    """A table's columns differ from those that are declared for it."""


class ModelError(HinterlandError):
    """A model in ``sql/`` breaks a rule of its layer or cannot be run."""


class CheckFailed(HinterlandError):
    """Rows break a declared rule; the message lists each finding."""


class BuildLocked(HinterlandError):
    """Another build is at work in the same folder."""


class TargetUnwritable(HinterlandError):
    """A file or folder cannot be written."""


class MartUnavailable(HinterlandError):
    """There is no database yet, or it is of a schema this version cannot read."""


class UnknownTable(HinterlandError):
    """No such table can be exported."""


class InputError(HinterlandError):
    """A user's file or value is wrong; names file, row and field."""


class HinterlandWarning(UserWarning):
    """An answer that was given, and what its user must know of it: a repair, a row set aside."""
