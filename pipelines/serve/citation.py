"""How a table or a view is cited: by what it shows, the database it came from and its sources."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pipelines.serve.store import Store
from pipelines.serve.texts import _


@dataclass(frozen=True)
class Citation:
    """A citation as a line of text and as an entry of BibTeX."""

    text: str
    bibtex: str


def citation(store: Store, what: str, address: str, day: date | None = None) -> Citation:
    """Return how to cite a view or a table.

    Parameters
    ----------
    store : Store
        The database that it came from; its hash reproduces every number.
    what : str
        Title of the view or name of the table.
    address : str
        Where it stands.
    day : date, optional
        Day of retrieval, today by default.
    """
    pointer = store.pointer
    day = day or date.today()
    title = f"Hinterland: {what}"
    text = (
        f"Hinterland {pointer.program_version} ({pointer.built_at[:4]}). {what}. "
        f"Database {pointer.hash}, built {pointer.built_at[:10]}. {address} "
        f"(retrieved {day.isoformat()}). {_('Please cite the sources named with the data, too.')}"
    )
    fields = {
        "title": f"{{{_escaped(title)}}}",
        "author": "{{The Hinterland authors}}",
        "year": f"{{{pointer.built_at[:4]}}}",
        "version": f"{{{pointer.program_version}}}",
        "url": f"{{{address}}}",
        "urldate": f"{{{day.isoformat()}}}",
        "note": f"{{Database {pointer.hash}, built {pointer.built_at[:10]}}}",
    }
    body = ",\n".join(f"  {name} = {value}" for name, value in fields.items())
    return Citation(text, f"@misc{{hinterland_{pointer.hash[:8]},\n{body}\n}}\n")


def _escaped(text: str) -> str:
    """Return a text in which BibTeX's own marks are letters."""
    return "".join(f"\\{c}" if c in "&%$#_{}" else c for c in text)
