"""How a table or a view is cited: by what it shows, the database it came from and its sources."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pipelines.serve.describe import columns
from pipelines.serve.store import Store
from pipelines.serve.texts import _


@dataclass(frozen=True)
class Citation:
    """A citation as a line of text and as an entry of BibTeX, and those of the sources."""

    text: str
    bibtex: str
    sources: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return the line, the entry and the sources, one below the other."""
        lines = [self.text, "", self.bibtex.rstrip()]
        return "\n".join([*lines, *(["", "Sources", *self.sources] if self.sources else [])])


def of_table(store: Store, table: str, day: date | None = None) -> Citation:
    """Return how to cite a table that was read from a database, with its sources.

    Raises
    ------
    UnknownTable
        No such mart.
    """
    names = {name for column in columns(store, table) for name in column.sources.split(", ")}
    rows = store.rows(
        "select name, citation from marts.sources where is_present or kind != 'fetched' "
        "order by name"
    )
    sources = dict.fromkeys(r["citation"] for r in rows if r["name"] in names and r["citation"])
    return citation(store, f"Table {table}", "", day, tuple(sources))


def citation(
    store: Store,
    what: str,
    address: str,
    day: date | None = None,
    sources: tuple[str, ...] = (),
) -> Citation:
    """Return how to cite a view or a table.

    Parameters
    ----------
    store : Store
        The database that it came from; its hash reproduces every number.
    what : str
        Title of the view or name of the table.
    address : str
        Where it stands, with its host; empty where it was not read at an address.
    day : date, optional
        Day of retrieval, today by default.
    sources : tuple of str
        Citations of the sources, which the entry names in its note.
    """
    pointer = store.pointer
    day = day or date.today()
    title = f"Hinterland: {what}"
    place = f". {address} " if address else " "
    rests = f". Sources: {_escaped('; '.join(sources))}" if sources else ""
    text = (
        f"Hinterland {pointer.program_version} ({pointer.built_at[:4]}). {what}. "
        f"Database {pointer.hash}, built {pointer.built_at[:10]}{place}"
        f"(retrieved {day.isoformat()}). {_('Please cite the sources named with the data, too.')}"
    )
    fields = {
        "title": f"{{{_escaped(title)}}}",
        "author": "{{The Hinterland authors}}",
        "year": f"{{{pointer.built_at[:4]}}}",
        "version": f"{{{pointer.program_version}}}",
        **({"url": f"{{{address}}}"} if address else {}),
        "urldate": f"{{{day.isoformat()}}}",
        "note": f"{{Database {pointer.hash}, built {pointer.built_at[:10]}{rests}}}",
    }
    body = ",\n".join(f"  {name} = {value}" for name, value in fields.items())
    return Citation(text, f"@misc{{hinterland_{pointer.hash[:8]},\n{body}\n}}\n", sources)


def _escaped(text: str) -> str:
    """Return a text in which BibTeX's own marks are letters."""
    return "".join(f"\\{c}" if c in "&%$#_{}" else c for c in text)
