"""What OpenStreetMap's tags mean here: types, conditions, how one gets in.

The rules are ``geodata/catalogue/osm_tags.csv`` and ``osm_types.csv``; a tag's own meaning is
that of its page on the OpenStreetMap wiki.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipelines.catalogue.rules import Row, convert_sheet, duplicates
from pipelines.catalogue.schema import Schema, Table, read_schema
from pipelines.core.findings import Finding, failure
from pipelines.io.sheets import read_sheet

#: A condition names keys with their values: ``!access=private``, ``sport``, ``a=x|y``.
_TERM = re.compile(r"!?[a-z0-9_:]+(?:=[\w|]+)?")
_OR, _AND = " or ", "&"
HEADLINE, OFF = "headline", "off"


@dataclass(frozen=True, slots=True)
class OsmType:
    """A type of place; the fields are the columns of ``osm_types.csv``."""

    type: str
    label: str
    group: str
    role: str
    shown: str
    kind: str
    core: str | None
    interaction: str | None
    one_within_m: int | None


@dataclass(frozen=True, slots=True)
class TagRule:
    """A row of ``osm_tags.csv``."""

    priority: int
    key: str
    value: str
    type: str
    entry: str
    only_with: str | None


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the tags of one object say.

    Attributes
    ----------
    types : tuple of str
        Every type that it has, the one of the lowest priority number first.
    tag : str
        ``key=value`` of the first.
    entry : str
        How one gets in, of the first.
    """

    types: tuple[str, ...]
    tag: str
    entry: str


@dataclass(frozen=True)
class TagTable:
    """The rules by (key, value), and the types in the order of their file."""

    rules: dict[tuple[str, str], TagRule]
    types: dict[str, OsmType]

    @property
    def headline(self) -> tuple[str, ...]:
        """The headline types, in the order of their file."""
        return tuple(name for name, kind in self.types.items() if kind.shown == HEADLINE)

    @property
    def cores(self) -> dict[str, tuple[str, ...]]:
        """The types that stand for each core type."""
        return self._grouped("core")

    @property
    def interactions(self) -> dict[str, tuple[str, ...]]:
        """The types of each group of ReSOMA's interaction infrastructure (focal point 10)."""
        return self._grouped("interaction")

    def _grouped(self, field: str) -> dict[str, tuple[str, ...]]:
        groups: dict[str, tuple[str, ...]] = {}
        for name, kind in self.types.items():
            if group := getattr(kind, field):
                groups[group] = (*groups.get(group, ()), name)
        return groups

    def values(self) -> dict[str, list[str]]:
        """Return the mapped values of each key; ``*`` stands for any."""
        by_key: dict[str, list[str]] = {}
        for key, value in self.rules:
            by_key.setdefault(key, []).append(value)
        return by_key


def read_tag_table(folder: Path) -> TagTable:
    """Read the rules of tags and types.

    Parameters
    ----------
    folder : Path
        Folder of the catalogue.

    Raises
    ------
    CheckFailed
        A file breaks the rules of its table, a condition cannot be read, or a tag names a
        type that is none.
    """
    schema = read_schema(folder)
    tags, faults = _rows(folder, schema, "osm_tags")
    types, more = _rows(folder, schema, "osm_types")
    names = {row["type"] for row in types}
    file = str(schema.tables["osm_tags"].file)
    for row in tags:
        if row["type"] and row["type"] not in names:
            faults.append(Finding(file, row.number, "type", "no such type", row["type"]))
        if not is_condition(row["only_with"]):
            allowed = "keys with values, !, & and or"
            problem = "no condition"
            faults.append(
                Finding(file, row.number, "only_with", problem, row["only_with"], allowed)
            )
    if faults + more:
        raise failure(faults + more)
    rules = [
        TagRule(r["priority"], r["key"], r["value"], r["type"], r["entry"], r["only_with"])
        for r in tags
    ]
    fields = OsmType.__slots__
    return TagTable(
        {(rule.key, rule.value): rule for rule in rules},
        {row["type"]: OsmType(*(row[name] for name in fields)) for row in types},
    )


def _rows(folder: Path, schema: Schema, name: str) -> tuple[list[Row], list[Finding]]:
    """Read one table of the catalogue, with what is wrong with it."""
    table: Table = schema.tables[name]
    sheet, findings = read_sheet(folder / str(table.file), list(table.columns))
    if sheet is None:
        return [], findings
    rows, faults = convert_sheet(sheet, table, schema)
    return rows, [*findings, *faults, *duplicates(table, rows)]


def is_condition(text: str | None) -> bool:
    """Tell whether a condition can be read."""
    terms = [term for part in (text or "").split(_OR) for term in part.split(_AND)]
    return not text or all(_TERM.fullmatch(term) for term in terms)


def meets(tags: dict[str, str], condition: str | None) -> bool:
    """Tell whether tags meet a condition.

    >>> meets({"access": "yes"}, "access=yes|permissive or garden:type=community")
    True
    >>> meets({"sport": "swimming"}, "sport&name")
    False
    """
    if not condition:
        return True
    return any(all(_holds(tags, t) for t in part.split(_AND)) for part in condition.split(_OR))


def _holds(tags: dict[str, str], term: str) -> bool:
    key, _, values = term.removeprefix("!").partition("=")
    is_so = tags.get(key) in values.split("|") if values else key in tags
    return is_so is not term.startswith("!")


def is_mapped(tags: dict[str, str], table: TagTable) -> bool:
    """Tell whether a rule names one of the tags, whatever its condition."""
    return any(_rules(tags, table))


def _rules(tags: dict[str, str], table: TagTable) -> Iterator[tuple[str, str, TagRule]]:
    """Yield key, value and rule of each tag that a rule names; ``a;b`` is two values."""
    for key, text in tags.items():
        for value in map(str.strip, str(text).split(";")):
            rule = table.rules.get((key, value)) or table.rules.get((key, "*"))
            if rule and value not in {"no", ""}:
                yield key, value, rule


def meaning(tags: dict[str, str], table: TagTable) -> Meaning | None:
    """Return what tags say, or None where no rule applies.

    ``a;b`` counts as both values. Among rules of one priority the first key and value by name
    come first, so the order of the tags does not matter. A key that bears the name of a value
    says more than that value: with ``community_centre=youth_centre``, ``amenity=
    community_centre`` adds nothing.
    """
    hits = [
        (rule.priority, key, value, rule)
        for key, value, rule in _rules(tags, table)
        if meets(tags, rule.only_with)
    ]
    finer = {key for _, key, _, _ in hits}
    hits = sorted((hit for hit in hits if hit[2] not in finer), key=lambda hit: hit[:3])
    if not hits:
        return None
    _, key, value, first = hits[0]
    types = tuple(dict.fromkeys(rule.type for _, _, _, rule in hits))
    return Meaning(types, f"{key}={value}", first.entry)
