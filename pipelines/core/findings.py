"""What a check has to say about a cell: file, row, field, what was found, what is allowed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipelines.core.errors import CheckFailed

SHOWN_CHARACTERS = 80


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that is wrong in a catalogue file.

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
    """

    file: str
    row: int
    field: str
    problem: str
    found: str = ""
    allowed: str = ""

    def __str__(self) -> str:
        """Return the finding as one line."""
        where = self.file
        if self.row:
            where += f", row {self.row}"
        if self.field:
            where += f", field {self.field}"
        text = f"{where}: {self.problem}"
        if self.found:
            text += f"; found {shorten(self.found)!r}"
        if self.allowed:
            text += f"; allowed: {self.allowed}"
        return text


def shorten(text: str) -> str:
    """Cut a found value to what fits a line."""
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"


def failure(findings: Iterable[Finding]) -> CheckFailed:
    """Return the error that lists all findings, one a line."""
    lines = [str(finding) for finding in findings]
    head = f"The catalogue breaks its rules in {len(lines)} place{'s' if len(lines) != 1 else ''}:"
    return CheckFailed("\n".join([head, *lines]))
