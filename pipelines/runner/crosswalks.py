"""The JRC's crosswalks between NUTS vintages, where they were fetched."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from pipelines.core import paths
from pipelines.core.registry import path_in, read_registry, verified_path
from pipelines.nuts import convert as nuts_convert
from pipelines.sources import jrc

_READER = "pipelines.sources.jrc:read"


def read_crosswalks(folder: Path | None = None) -> pa.Table:
    """Read every crosswalk of a folder of fetched files, in both directions.

    Parameters
    ----------
    folder : Path, optional
        Default: the cache.

    Returns
    -------
    pyarrow.Table
        See :func:`pipelines.sources.jrc.read`; Norway's list of 2018 is a vintage of its
        own. No row where nothing was fetched.
    """
    folder = folder or paths.cache_dir()
    declared = [s for s in read_registry().values() if s.reader == _READER]
    tables = [
        jrc.read(verified_path(source, folder), source)
        for source in declared
        if path_in(source, folder).is_file()
    ]
    if not tables:
        return EMPTY
    steps = pa.concat_tables(tables)
    if 2016 in steps["from_version"].to_pylist():
        steps = nuts_convert.with_norway_2018(steps)
    return pa.concat_tables([steps, nuts_convert.reverse(steps)])


#: What :func:`read_crosswalks` returns where no crosswalk was fetched.
EMPTY = pa.schema(
    [
        ("from_version", pa.int32()),
        ("to_version", pa.int32()),
        ("from_code", pa.string()),
        ("to_code", pa.string()),
        ("area_km2", pa.float64()),
        ("population_2011", pa.float64()),
        ("population_2021", pa.float64()),
    ]
).empty_table()
