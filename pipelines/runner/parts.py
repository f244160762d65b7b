"""What a build made of the same inputs before: tables and map files, held by hashes.

The network and the map files follow from few tables, and seldom from what changed. Each is held
beside the databases under a name of two hashes: of all that it was made from (rows of its inputs,
code, versions of the libraries) and of its own bytes. A part is taken again only if the first is
the same, and never if the second is not what lies there (docs/decisions.md, 83).
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import platform
import threading
from collections.abc import Callable, Iterable
from importlib.metadata import version
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.feather as feather

from pipelines.core import paths
from pipelines.core.pointer import digest
from pipelines.runner.rows import one_row

FOLDER = "parts"
#: What computes: another version of one may give another last digit.
LIBRARIES = ("duckdb", "numpy", "pandas", "pyarrow", "pyproj", "scipy", "shapely")
Files = dict[str, bytes]


class Parts:
    """The parts of one folder of databases; used by all threads of a build.

    Parameters
    ----------
    folder : pathlib.Path
        The folder of databases; parts lie in ``parts`` below.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / FOLDER
        self._used: set[str] = set()
        self._guard = threading.Lock()

    def table(
        self,
        con: duckdb.DuckDBPyConnection,
        name: str,
        inputs: Iterable[str],
        make: Callable[[], pa.Table],
    ) -> pa.Table:
        """Return a table made of some inputs: that of a build before, or made now.

        Parameters
        ----------
        con : duckdb.DuckDBPyConnection
            Where the inputs are.
        name : str
            Names the part, and the function that makes it.
        inputs : iterable of str
            What it is made from, as it stands behind ``from``. Their rows count, not the order:
            what a build makes does not depend on it (docs/decisions.md, 17).
        make : callable
            Makes it from these inputs and nothing else.

        Raises
        ------
        OSError
            The folder cannot be written.
        """
        digests = [rows_digest(con, source) for source in inputs]
        key = hashlib.sha256("\n".join([code_digest(), name, *digests]).encode()).hexdigest()[:32]
        stem = f"{name.replace('.', '-')}-{key}"
        for path in self.folder.glob(f"{stem}-*.arrow"):
            if digest(path)[:32] == path.stem.removeprefix(f"{stem}-"):
                with contextlib.suppress(pa.ArrowException, OSError):
                    table = feather.read_table(path, memory_map=False)
                    self._note(path)
                    return table
        table = make()
        self._note(self._write(stem, table))
        return table

    def files(
        self,
        con: duckdb.DuckDBPyConnection,
        name: str,
        inputs: Iterable[str],
        make: Callable[[], Files],
    ) -> Files:
        """Return files by name, as :meth:`table` returns a table."""

        def packed() -> pa.Table:
            made = make()
            return pa.table(
                {"name": list(made), "content": pa.array(made.values(), pa.large_binary())}
            )

        table = self.table(con, name, inputs, packed)
        return dict(zip(table["name"].to_pylist(), table["content"].to_pylist(), strict=True))

    def prune(self) -> None:
        """Remove the parts that this build had no use for."""
        for path in self.folder.glob("*"):
            if path.name not in self._used:
                with contextlib.suppress(OSError):
                    path.unlink()

    def _write(self, stem: str, table: pa.Table) -> Path:
        self.folder.mkdir(exist_ok=True)
        draft = self.folder / f".draft-{stem}"
        feather.write_feather(table, draft, compression="lz4")
        path = self.folder / f"{stem}-{digest(draft)[:32]}.arrow"
        draft.replace(path)
        return path

    def _note(self, path: Path) -> None:
        with self._guard:
            self._used.add(path.name)


def rows_digest(con: duckdb.DuckDBPyConnection, source: str) -> str:
    """Return a text that differs if a column, its type or a row of a source differs.

    Two sums of hashes of 64 bits, with different salts: rows that come twice count twice.
    """
    described = con.execute(f"describe {_all(source)}").fetchall()
    columns = [(name, str(kind)) for name, kind, *_ in described]
    # Each column by name: a row as a whole is named like a column that it may have.
    every = ", ".join('"' + name.replace('"', '""') + '"' for name, _ in columns)
    sums = one_row(
        con.execute(
            f"select count(*), sum(hash({every})::hugeint), sum(hash('salt', {every})::hugeint) "
            f"from ({_all(source)})"
        )
    )
    return f"{source} {columns} {sums}"


def _all(source: str) -> str:
    return source if source.startswith("select ") else f"from {source}"


@functools.cache
def code_digest() -> str:
    """Return a hash of the program's code and of the versions that it computes with."""
    import pyproj
    import shapely

    linked = (shapely.geos_version_string, pyproj.proj_version_str, platform.python_version())
    own = hashlib.sha256(" ".join((*map(version, LIBRARIES), *linked, platform.machine())).encode())
    root = Path(__file__).parents[1]
    for path in sorted(root.rglob("*.py")):
        if "_bundle" not in path.relative_to(root).parts:
            own.update(f"{path.relative_to(root)}\n".encode())
            own.update(path.read_bytes())
    # The one seed that code reads by itself (pipelines.core.areas).
    own.update((paths.sql_dir() / "seeds" / "areas.csv").read_bytes())
    return own.hexdigest()
