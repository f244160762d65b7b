"""Text of a user's file: how long it may be, what it is encoded in, what it may hold.

Limits are checked before a value is copied anywhere: an id of a facility is written
once for each of some 80 000 settlements.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.core.findings import refuse

#: Of identifiers: those of OpenStreetMap, GISCO and GeoNames have fewer than 60 characters.
ID_CHARACTERS = 100
#: Of names: the longest official name of a place in the gazetteer has 110 characters.
NAME_CHARACTERS = 200
#: Of any other text in a cell: the longest of the catalogue has 233 characters.
TEXT_CHARACTERS = 2_000

#: Marks of the direction of a text: needed to write some, seen by nobody, and harmless.
DIRECTION_MARKS = dict.fromkeys((0x200E, 0x200F))

# The longer marks first: UTF-32 begins as UTF-16 does.
_MARKS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)


def read_text(path: Path, max_bytes: float) -> str:
    """Read a UTF-8 text file, with or without byte order mark.

    Parameters
    ----------
    path : Path
    max_bytes : float
        Larger files are not read at all.

    Raises
    ------
    InputError
        No such file, too large, empty, of another encoding, or no text.
    """
    if not path.is_file():
        raise refuse(str(path), "no such file")
    size = path.stat().st_size
    if size > max_bytes:
        raise refuse(path, f"{size} bytes", allowed=f"up to {max_bytes:.0f}")
    return decode(path.read_bytes(), path.name)


def decode(raw: bytes, name: str) -> str:
    """Decode the bytes of a text file; see :func:`read_text`."""
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            raise refuse(name, f"the file is {encoding}", allowed="UTF-8; save it as UTF-8")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = raw.count(b"\n", 0, error.start) + 1
        problem = f"byte 0x{raw[error.start]:02x} is not UTF-8 text"
        raise refuse(name, problem, allowed="UTF-8; save as “CSV UTF-8”", row=row) from error
    if not text.strip():
        raise refuse(name, "the file is empty", allowed="a header and at least one row")
    if "\x00" in text:
        row = text.count("\n", 0, text.index("\x00")) + 1
        raise refuse(
            name, "holds a NUL character; this is not a text file", allowed="text", row=row
        )
    return text


def trouble(text: str, most: int) -> str:
    """Say in a few words why a text cannot be taken, or return an empty text.

    Parameters
    ----------
    text : str
    most : int
        Most characters that are allowed.
    """
    if len(text) > most:
        return f"has {len(text):,} characters"
    if "\x00" in text:
        return "holds a NUL character"
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return f"holds half of a character (\\u{ord(text[error.start]):04x})"
    return ""


@contextmanager
def last_resort(name: str) -> Iterator[None]:
    """End in a plain refusal where a reader meets what nobody thought of.

    A reader names what it knows to be wrong; this is the edge behind it, so that no
    file ends in a traceback.
    """
    try:
        yield
    except (ValueError, OverflowError, RecursionError, LookupError, TypeError) as error:
        reason = str(error)[:80].encode("ascii", "backslashreplace").decode()
        kind = type(error).__name__
        raise refuse(name, f"cannot be read ({kind}: {reason})") from error
