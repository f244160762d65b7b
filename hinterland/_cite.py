"""How to cite a table, and what every frame says of where it is from."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from hinterland._arguments import text
from hinterland._database import PathLike, store_of

if TYPE_CHECKING:
    import pandas as pd

    from pipelines.serve.citation import Citation
    from pipelines.serve.store import Store

    Frame = TypeVar("Frame", bound=pd.DataFrame)


def cite(table: str, *, database: PathLike | None = None) -> Citation:
    """Return how to cite a table: program, database, day and the sources that it rests on.

    Parameters
    ----------
    table : str
        One of ``hl.indicators()["table_name"]``.
    database : str or Path, optional
        Folder of another build.

    Returns
    -------
    Citation
        ``text`` (a line, to be followed by those of the sources), ``bibtex`` (an entry) and
        ``sources`` (a tuple: each source's own citation). Printed it is all of them.

    Raises
    ------
    UnknownTable
        There is no such table; the message says what is allowed.

    Notes
    -----
    The database's hash names every number: who builds from the same inputs gets the same hash.

    Examples
    --------
    >>> import hinterland as hl
    >>> cited = hl.cite("regions")
    >>> cited.text.startswith(f"Hinterland {hl.__version__}")
    True
    >>> cited.bibtex.splitlines()[0].startswith("@misc{hinterland_")
    True
    """
    from pipelines.serve.citation import of_table

    return of_table(store_of(database), text("table", table))


def credited(frame: Frame, store: Store, table: str, more: str = "") -> Frame:
    """Return the frame with ``attrs``: attribution, licence, database and citation.

    Parameters
    ----------
    frame : DataFrame
    store : Store
    table : str
        The mart whose sources the frame rests on.
    more : str
        A further attribution that must stand with it.
    """
    from pipelines.serve.citation import of_table
    from pipelines.serve.export_notes import notes

    facts = notes(store, table)
    frame.attrs["attribution"] = " | ".join(filter(None, (facts["attribution"], more)))
    frame.attrs["licence"] = facts["licence"]
    frame.attrs["database"] = store.pointer.hash
    frame.attrs["citation"] = of_table(store, table).text
    return frame
