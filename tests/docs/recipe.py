"""Follow a recipe of docs/howto to the letter: the files and lines that stand in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_STEP = re.compile(
    r"^\*\*(?P<verb>New|Append to|In) `(?P<path>[^`]+)`\*\*\n(?P<blocks>(?:\n```\w*\n.*?^```\n)+)",
    re.M | re.S,
)
_BLOCK = re.compile(r"^```\w*\n(.*?)^```$", re.M | re.S)


@dataclass(frozen=True)
class Step:
    """One step: what to do with which file, and the blocks below it."""

    verb: str
    path: str
    blocks: tuple[str, ...]


def steps(recipe: Path) -> list[Step]:
    """Return the steps of a recipe, in order."""
    text = recipe.read_text("utf-8")
    found = [
        Step(match["verb"], match["path"], tuple(_BLOCK.findall(match["blocks"])))
        for match in _STEP.finditer(text)
    ]
    assert len(found) == len(re.findall(r"^\*\*(?:New|Append to|In) ", text, re.M)), recipe.name
    return found


def follow(recipe: Path, root: Path) -> set[str]:
    """Do what a recipe says in a tree; return the files that it touched."""
    for step in steps(recipe):
        target = root / step.path
        if step.verb == "New":
            assert not target.exists(), f"{recipe.name}: {step.path} is there already"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text("".join(step.blocks), "utf-8")
            continue
        text = target.read_text("utf-8")
        if step.verb == "Append to":
            text = text.removesuffix("\n") + "\n" + "".join(step.blocks)
        else:
            for block in step.blocks:
                text = changed(text, block, f"{recipe.name}: {step.path}")
        target.write_text(text, "utf-8")
    return {step.path for step in steps(recipe)}


def changed(text: str, block: str, where: str) -> str:
    """Apply one block of a diff, whose lines before it must stand once in the text."""
    lines = block.removesuffix("\n").split("\n")
    before = "\n".join(line[1:] for line in lines if not line.startswith("+"))
    after = "\n".join(line[1:] for line in lines if not line.startswith("-"))
    assert text.count(before) == 1, f"{where}: stands {text.count(before)} times:\n{before}"
    return text.replace(before, after)
