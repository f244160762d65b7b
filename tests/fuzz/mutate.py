"""Malformed files, made from good ones: by bytes, by lines, and by the values of JSON.

The same seed makes the same file, so that a failure can be had again.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

#: What broke readers of text before, here or elsewhere.
TOKENS: tuple[bytes, ...] = (
    b"",
    b"\x00",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xed\xa0\x80",  # a lone surrogate
    b"\\ud800",
    b"9" * 5_000,
    b"1e999",
    b"-1e999",
    b"NaN",
    b"Infinity",
    b"null",
    b"true",
    b"1_000",
    "١٢٠".encode(),
    b"1.200",
    b"1,200",
    b"[" * 3_000,
    b'{"a":' * 3_000,
    b"x" * 130_000,
    b"\r",
    b"\n\n\n",
    b'"',
    b"'",
    b";",
    b"\t",
    b"=1+1",
    "\u202e".encode(),
    b"\x1f\x8b\x08",
    b"PK\x03\x04",
)
ODD_VALUES: tuple[Any, ...] = (
    None,
    True,
    "",
    "x" * 5_000,
    "\ud800",
    10**400,
    -(10**18),
    1e308,
    -0.0,
    [],
    {},
    [[]],
    [None],
    {"type": "Point"},
    "NaN",
    "9,7386",
    [9.7, 50.9, 1e400],
    ["9.7", "50.9"],
)


def mutated(content: bytes, seed: int) -> bytes:
    """Return a malformed copy of a file.

    Parameters
    ----------
    content : bytes
        A good file.
    seed : int
        Chooses what is done to it.
    """
    chance = random.Random(seed)
    for _ in range(chance.choice((1, 1, 2, 4))):
        ways: list[Callable[[bytes, random.Random], bytes]] = [
            cut,
            flip,
            put_token,
            repeat_part,
            drop_part,
            swap_lines,
        ]
        if content.lstrip()[:1] in (b"{", b"["):
            ways += [odd_value] * 4
        content = chance.choice(ways)(content, chance)
    return content


def cut(content: bytes, chance: random.Random) -> bytes:
    """End early, anywhere."""
    return content[: chance.randrange(len(content) + 1)]


def flip(content: bytes, chance: random.Random) -> bytes:
    """Change single bytes."""
    changed = bytearray(content)
    for _ in range(chance.choice((1, 3, 30))):
        if changed:
            changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def put_token(content: bytes, chance: random.Random) -> bytes:
    """Put something odd in place of a part, often of a whole field."""
    marks = [i for i, byte in enumerate(content) if byte in b',;\t\n:"[]{}']
    start = chance.choice(marks) + 1 if marks else chance.randrange(len(content) + 1)
    end = next((m for m in marks if m > start), len(content))
    return content[:start] + chance.choice(TOKENS) + content[chance.choice((start, end)) :]


def repeat_part(content: bytes, chance: random.Random) -> bytes:
    """Let a part come twice, or very often."""
    start, end = _span(content, chance)
    return content[:end] + content[start:end] * chance.choice((1, 50)) + content[end:]


def drop_part(content: bytes, chance: random.Random) -> bytes:
    """Leave a part out."""
    start, end = _span(content, chance)
    return content[:start] + content[end:]


def swap_lines(content: bytes, chance: random.Random) -> bytes:
    """Put lines into another order."""
    lines = content.splitlines(keepends=True)
    chance.shuffle(lines)
    return b"".join(lines)


def odd_value(content: bytes, chance: random.Random) -> bytes:
    """Give one place of a JSON document another value, or none."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return flip(content, chance)
    places: list[tuple[Any, Any]] = []
    waiting = [document]
    while waiting:
        node = waiting.pop()
        items = node.items() if isinstance(node, dict) else enumerate(node)
        for key, value in items:
            places.append((node, key))
            if isinstance(value, dict | list):
                waiting.append(value)
    if places:
        node, key = chance.choice(places)
        if chance.random() < 0.2:
            del node[key]
        else:
            node[key] = chance.choice(ODD_VALUES)
    return json.dumps(document).encode("utf-8", "surrogatepass")


def _span(content: bytes, chance: random.Random) -> tuple[int, int]:
    start = chance.randrange(len(content) + 1)
    return start, min(len(content), start + chance.choice((1, 10, 200)))
