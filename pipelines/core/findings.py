"""What a reader has to say about a place in a file: where, field, found, allowed.

Readers collect findings and raise one error that carries them, so that a message is
written in one place and never put together again from another message.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from pipelines.core.errors import CheckFailed, InputError

SHOWN_CHARACTERS = 80
# A problem that begins with the field's name ("lon is 'x'") has named it.
_NAMES_FIELD = re.compile(r" (?:is|has|holds|must|'\S)")
#: A person puts right some dozens at a time; the rest is counted.
SHOWN_FINDINGS = 50
#: More are not collected: who has a thousand has one fault a thousand times.
MOST_FINDINGS = 1_000


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that is wrong in a file.

    Parameters
    ----------
    file : str
        File name, for instance ``social_places.csv``.
    row : int
        Row as a spreadsheet counts: the header is row 1; 0 speaks of the whole file.
    field : str
        Column name; empty where the whole row or file is meant.
    problem : str
        What is wrong, in a few words, always the same for the same kind of fault.
    found : str
        What stands there.
    allowed : str
        What may stand there, or what to do.
    unit : str
        What ``row`` counts: ``row``, or ``feature`` in GeoJSON (from 1).
    """

    file: str
    row: int
    field: str
    problem: str
    found: str = ""
    allowed: str = ""
    unit: str = "row"

    @property
    def where(self) -> str:
        """File and row as a message names them."""
        return f"{self.file}, {self.unit} {self.row}" if self.row else self.file

    def __str__(self) -> str:
        """Return the finding as one line."""
        where = self.where
        if self.field and not _NAMES_FIELD.match(self.problem.removeprefix(self.field)):
            where += f", field {self.field}"
        text = f"{where}: {self.problem}"
        if self.found:
            text += f"; found {shorten(self.found)!r}"
        if self.allowed:
            text += f"; allowed: {self.allowed}"
        return text


def shorten(text: str, most: int = SHOWN_CHARACTERS) -> str:
    """Cut a found value to what fits a line."""
    return text if len(text) <= most else text[: most - 1] + "…"


def listed(findings: Iterable[Finding], most: int | None = None) -> list[str]:
    """Return findings as lines in order of file and row, each once."""
    lines = [str(finding) for finding in sorted(set(findings))]
    more = len(lines) - (most or len(lines))
    return lines[:most] + ([f"… and {more:,} more"] if more > 0 else [])


def failure(findings: Collection[Finding]) -> CheckFailed:
    """Return the error that lists all findings, one a line."""
    lines = [str(finding) for finding in findings]
    head = f"The catalogue breaks its rules in {len(lines)} place{'s' if len(lines) != 1 else ''}:"
    return CheckFailed("\n".join([head, *lines]), findings=findings)


def refusal(findings: Collection[Finding]) -> InputError:
    """Return the error that refuses a user's file: one finding as it is, several as a list."""
    distinct = sorted(set(findings))
    if len(distinct) == 1:
        return InputError(str(distinct[0]), findings=distinct)
    files = {finding.file for finding in distinct}
    name = distinct[0].file if len(files) == 1 else f"{len(files)} files"
    head = f"{name}: {len(distinct):,} things to put right:"
    return InputError("\n".join([head, *listed(distinct, SHOWN_FINDINGS)]), findings=distinct)


def refuse(
    file: str | Path, problem: str, *, found: str = "", allowed: str = "", row: int = 0
) -> InputError:
    """Return the error of a file that cannot be read as a whole."""
    name = file.name if isinstance(file, Path) else file
    return refusal([Finding(name, row, "", problem, found, allowed)])


def renamed(error: InputError, file: str) -> InputError:
    """Return the error with another name for its file: a user knows not our temporary one."""
    return refusal([replace(finding, file=file) for finding in error.findings])
