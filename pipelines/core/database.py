"""Opening a published database for reading."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import duckdb

from pipelines.core.errors import SourceMissing

# A reader may touch nothing but its own file, and cannot change that afterwards. All readers
# of one process state the same: DuckDB opens a file once, with one configuration.
HARDENED = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
    "memory_limit": "1GB",
    "threads": "2",
    "lock_configuration": "true",
}


def open_published(path: Path) -> duckdb.DuckDBPyConnection:
    """Open a database read-only and hardened.

    Raises
    ------
    duckdb.Error
        The file is not there or is no database.
    """
    return duckdb.connect(str(path), read_only=True, config=dict(HARDENED))


def load_spatial(con: duckdb.DuckDBPyConnection) -> None:
    """Load the spatial extension of the package index where it lies: nothing is downloaded.

    Raises
    ------
    SourceMissing
        It is not installed in DuckDB's version.
    """
    folder = Path(str(resources.files("duckdb_extension_spatial"))) / "extensions"
    extension = folder / f"v{duckdb.__version__}" / "spatial.duckdb_extension"
    if not extension.is_file():
        raise SourceMissing(
            f"{extension} is missing: duckdb and duckdb-extension-spatial must be of one version. "
            "Install the locked packages (requirements.lock)."
        )
    con.load_extension(str(extension))
