"""Which database is served, what it was made from, and what lies fetched: as lines or JSON."""

from __future__ import annotations

import re
import textwrap
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipelines.serve.inventory import inventory, state_of
from pipelines.serve.store import Store

_NAME, _FACT, _GAP = 31, 27, 2
_GROUPS = {
    "embedded": "Embedded",
    "fetched": "Fetched",
    "catalogue": "Catalogue, kept by hand",
}


@dataclass(frozen=True)
class SourceState:
    """One source: what the database holds of it and what lies in the cache.

    Attributes
    ----------
    name, kind, version, vintage, licence : str
        As declared; of a fetched file the version that its notes state.
    retrieved : str
        ISO date, empty where nobody noted it.
    in_database : bool
        Whether the current database was made with it.
    in_cache : bool
        Whether a fetched source lies in the cache; False for every other kind.
    cache : str
        What lies in the cache and how old it is, in words; empty for every other kind.
    """

    name: str
    kind: str
    version: str
    vintage: str
    retrieved: str
    licence: str
    in_database: bool
    in_cache: bool
    cache: str

    @property
    def is_from_elsewhere(self) -> bool:
        """Whether the database holds it although it does not lie in the cache."""
        return self.kind == "fetched" and self.in_database and not self.in_cache

    @property
    def is_waiting(self) -> bool:
        """Whether it lies in the cache and the database does not hold it."""
        return self.in_cache and not self.in_database

    def line(self) -> str:
        """Return name, version and licence (its first words) in at most 80 columns."""
        licence = re.split(r"[;,(]", self.licence)[0].strip()
        fact = self.version if self.in_database else self.cache
        cells = f"  {_cut(self.name, _NAME):{_NAME + _GAP}}{_cut(fact, _FACT):{_FACT + _GAP}}"
        return (cells + licence)[:80].rstrip()

    def long_lines(self, width: int) -> list[str]:
        """Return everything that is known of it, wrapped to a width in columns."""
        facts = {
            "version": self.version,
            "vintage": self.vintage,
            "retrieved": self.retrieved,
            "in the cache": self.cache,
            "licence": self.licence,
        }
        text = "; ".join(f"{label}: {fact}" for label, fact in facts.items() if fact)
        return [f"  {self.name}", *textwrap.wrap(text, width, **_indents(6))]


@dataclass(frozen=True)
class Status:
    """The current database, its sources, and the folder of fetched files.

    Attributes
    ----------
    database, cache : str
        Path of the file, path of the folder.
    built_at : str
        ISO time, UTC.
    age_seconds, build_seconds : float
    hash : str
        Of the content; the same inputs give the same.
    schema_version : int
    rows : dict of str to int
        Rows of each published table.
    sources : list of SourceState
    """

    database: str
    cache: str
    built_at: str
    age_seconds: float
    build_seconds: float
    hash: str
    schema_version: int
    rows: dict[str, int]
    sources: list[SourceState]

    def as_dict(self) -> dict[str, Any]:
        """Return all of it in types that JSON knows."""
        return asdict(self)

    def lines(self, width: int, is_long: bool = False) -> list[str]:
        """Return the status as text.

        Parameters
        ----------
        width : int
            Columns to wrap to; lines of the short form never pass 80, but for paths.
        is_long : bool
            Whether to tell everything of each source.
        """
        facts = [
            f"Database  {self.database}",
            f"Built     {self.built_at} ({_age(self.age_seconds)} ago) in {self.build_seconds} s",
            f"Hash      {self.hash}, schema {self.schema_version}",
            f"Holds     {self.rows.get('marts.regions', 0):,} regions, "
            f"{self.rows.get('marts.towns', 0):,} settlements; "
            f"{len(self.rows)} tables, {sum(self.rows.values()):,} rows",
        ]
        for kind, title in _GROUPS.items():
            of_kind = [s for s in self.sources if s.kind == kind and s.in_database]
            facts += self._group(title, of_kind, width, is_long)
        absent = [s for s in self.sources if not s.in_database]
        facts += self._group("Not in the database", absent, width, is_long)
        return [*facts, *self._advice(width)]

    @staticmethod
    def _group(title: str, states: list[SourceState], width: int, is_long: bool) -> list[str]:
        if not states:
            return []
        blocks = [s.long_lines(width) if is_long else [s.line()] for s in states]
        return ["", f"{title} ({len(states)})", *(line for lines in blocks for line in lines)]

    def _advice(self, width: int) -> list[str]:
        """Say where the fetched files came from and what another build would change."""
        fetched = [s for s in self.sources if s.kind == "fetched"]
        there = sum(s.in_cache for s in fetched)
        sentences = [f"Fetched files: {there} of {len(fetched)} lie in {self.cache}."]
        if elsewhere := sum(s.is_from_elsewhere for s in fetched):
            sentences.append(
                f"{elsewhere} of those in the database came from another folder "
                "(build --sources); 'hinterland build' alone would leave them out."
            )
        if waiting := sum(s.is_waiting for s in fetched):
            sentences.append(
                f"{waiting} of them are not in the database yet. Run 'hinterland build'."
            )
        if not there and not any(s.in_database for s in fetched):
            sentences.append("Run 'hinterland fetch' for what is not embedded.")
        wrapped = (textwrap.wrap(s, width, break_long_words=False) for s in sentences)
        return ["", *(line for lines in wrapped for line in lines)]


def status(store: Store, cache: Path) -> Status:
    """Return what is served and what it was made from; asks no server.

    Parameters
    ----------
    store : Store
    cache : Path
        Folder of fetched files.
    """
    pointer = store.pointer
    age = datetime.now(UTC) - datetime.fromisoformat(pointer.built_at)
    copies = {copy.name: copy for copy in inventory(cache)}
    rows = store.rows(
        "select name, kind, version, vintage, retrieved, licence, is_present "
        "from marts.sources order by name"
    )
    sources = []
    for row in rows:
        in_database, copy = bool(row.pop("is_present")), copies.get(row["name"])
        cells = {column: value or "" for column, value in row.items()}
        words = state_of(copy) if copy else ""
        sources.append(
            SourceState(
                **cells,
                in_database=in_database,
                in_cache=copy is not None and copy.is_there,
                cache=words,
            )
        )
    return Status(
        database=str(store.folder / pointer.file),
        cache=str(cache),
        built_at=pointer.built_at,
        age_seconds=round(age.total_seconds(), 1),
        build_seconds=pointer.seconds,
        hash=pointer.hash,
        schema_version=pointer.schema_version,
        rows=pointer.rows,
        sources=sources,
    )


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _indents(columns: int) -> dict[str, Any]:
    return {"initial_indent": " " * columns, "subsequent_indent": " " * columns}


def _age(seconds: float) -> str:
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} seconds"
