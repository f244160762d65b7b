"""Make the database, bring what is not embedded, and write tables to files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hinterland._arguments import flags, optional_path, text, texts
from hinterland._arguments import path as path_of
from pipelines.core.errors import InputError, MartUnavailable, SourceUnavailable

if TYPE_CHECKING:
    import pandas as pd

    from pipelines.serve.store import Store

#: A folder or file, as a path or as text.
PathLike = str | Path


def store_of(database: PathLike | None) -> Store:
    """Return the store of a build's folder, or of the default one.

    Raises
    ------
    MartUnavailable
        Nothing was built there, or this version cannot read it.
    """
    from pipelines.serve.store import Store

    folder = optional_path("database", database)
    try:
        return Store.current(folder)
    except MartUnavailable as error:
        if "hinterland build" not in str(error):
            raise
        raise MartUnavailable(f"{error} In Python: hinterland.build().") from error


def build(out: PathLike | None = None, sources: PathLike | None = None) -> Path:
    """Build, check and publish the database; what was served stays until it is complete.

    Parameters
    ----------
    out : str or Path, optional
        Folder of the database; default: ``build`` in ``HINTERLAND_HOME``. Other functions
        read it if it is handed to them as ``database``.
    sources : str or Path, optional
        Folder of fetched files; default: what :func:`fetch` brought, if anything.

    Returns
    -------
    Path
        The DuckDB file; its schema ``marts`` holds the tables that :func:`table` reads.
        The database that is there is returned if nothing has changed since it was built.

    Raises
    ------
    HinterlandError
        A file is missing, damaged or breaks a rule, another build is at work in the
        folder, or it cannot be written.

    Notes
    -----
    About 15 seconds and 1.3 GB of memory from the embedded data on two cores.

    Examples
    --------
    >>> import hinterland as hl
    >>> hl.build().suffix
    '.duckdb'
    """
    from pipelines.core import paths
    from pipelines.core.pointer import read_pointer
    from pipelines.runner import build as runner

    folder = optional_path("out", out) or paths.build_dir()
    fetched = optional_path("sources", sources) or runner.default_sources()
    if runner.is_current(folder, fetched):
        return folder / read_pointer(folder).file
    return folder / runner.build(folder, fetched).file


def fetch(only: str | Sequence[str] | None = None, out: PathLike | None = None) -> pd.DataFrame:
    """Download the sources that are not embedded; what was there before stays if it fails.

    Parameters
    ----------
    only : str or sequence of str, optional
        Names of sources; all by default. ``hl.table("sources")`` lists them.
    out : str or Path, optional
        Folder; default: ``cache`` in ``HINTERLAND_HOME``, which :func:`build` uses.

    Returns
    -------
    DataFrame
        One row a source: ``name``, ``status`` (``fetched``, ``unchanged``, ``by hand``),
        ``message``, ``path``.

    Raises
    ------
    InputError
        A name is no fetched source.
    SourceUnavailable
        Some could not be brought; the message gives the reason of each.

    Examples
    --------
    Nothing is downloaded for a source that its publisher only offers by hand:

    >>> import hinterland as hl
    >>> hl.fetch(only="jrc_nuts_2021_2024")["status"].tolist()
    ['by hand']
    """
    import pandas as pd

    from pipelines.core import paths
    from pipelines.core.registry import read_registry
    from pipelines.net import fetch as net

    names = [only] if isinstance(only, str) else None if only is None else texts("only", only)
    folder = optional_path("out", out) or paths.cache_dir()
    known = [source.name for source in read_registry().values() if source.kind == "fetched"]
    if names == []:
        raise InputError(f"only is empty; allowed are None for all, or {', '.join(known)}")
    if strange := [name for name in names or () if name not in known]:
        raise InputError(f"only is {strange[0]!r}; allowed are {', '.join(known)}")
    results = net.fetch(folder, names)
    if failed := [r for r in results if r.status == "failed"]:
        reasons = "\n".join(f"{r.name}: {r.message}" for r in failed)
        raise SourceUnavailable(f"{len(failed)} of {len(results)} sources failed:\n{reasons}")
    rows = [(r.name, r.status, r.message, str(r.path)) for r in results]
    return pd.DataFrame(rows, columns=["name", "status", "message", "path"])


def export(
    table: str,
    path: PathLike,
    *,
    level: int | None = None,
    country: str | None = None,
    labels: bool = False,
    database: PathLike | None = None,
) -> int:
    """Write a table to a file that carries its sources, licences and definitions.

    Parameters
    ----------
    table : str
        One of ``hl.indicators()["table_name"]``.
    path : str or Path
        ``.csv``, ``.parquet``, ``.geojson``, ``.gpkg``, ``.xlsx``, or ``.dta`` and ``.sav`` with
        the package pyreadstat; geometry in EPSG:4326. The file appears complete or not at all; a
        CSV, and a file of Stata or SPSS, gets a companion text beside it.
    level : int, optional
        NUTS level (0 to 3) of the rows.
    country : str, optional
        Eurostat code (EL, UK) of the rows.
    labels : bool
        Whether the header of a CSV or workbook has labels and units in place of names.
    database : str or Path, optional
        Folder of another build.

    Returns
    -------
    int
        Rows written.

    Raises
    ------
    UnknownTable, InputError, TargetUnwritable
        There is no such table, its rows cannot be narrowed so, the ending is not one of
        these, or the file cannot be written.

    Examples
    --------
    >>> import hinterland as hl, pathlib, tempfile
    >>> target = pathlib.Path(tempfile.mkdtemp()) / "regions.csv"
    >>> hl.export("regions", target, level=2, country="PT")
    7
    >>> target.with_suffix(".readme.txt").exists()
    True
    """
    from pipelines.serve.export import export_file
    from pipelines.serve.selection import select_rows

    flags(labels=labels)
    target, store = path_of("path", path), store_of(database)
    given = {"level": level, "country": country}
    equal = {column: value for column, value in given.items() if value is not None}
    text("table", table)
    data = select_rows(store, table, equal)
    selection = ", ".join(f"{column} {value}" for column, value in equal.items())
    words = selection or "everything"
    return export_file(store, table, target, data, words, has_labels=labels)
