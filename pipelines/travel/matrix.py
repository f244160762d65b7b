"""Travel times from a routing engine, given as a Parquet file, in place of the estimate."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pipelines.core.errors import InputError
from pipelines.io.matrices import check_number

#: Ids of settlements are numbers; those of facilities may be text.
Ids = NDArray[np.int64] | NDArray[np.object_] | NDArray[np.str_]
_COLUMNS = ("origin", "destination", "minutes")
_MODE = "mode"


@dataclass(frozen=True, slots=True)
class MatrixPairs:
    """Pairs of a travel-time matrix, by position.

    Attributes
    ----------
    origin, destination : ndarray, shape (p,)
        Positions in the lists of ids that were asked for.
    minutes : ndarray, shape (p,)
    strangers : int
        Rows of the file that lead to a destination that was not asked for.
    """

    origin: NDArray[np.int64]
    destination: NDArray[np.int64]
    minutes: NDArray[np.float64]
    strangers: int


def read_matrix(
    path: Path, origins: Ids, destinations: Ids, mode: str | None = None
) -> MatrixPairs:
    """Read and check a travel-time matrix.

    Parameters
    ----------
    path : Path
        Parquet with ``origin`` (geonameid), ``destination`` (facility id or
        geonameid) and ``minutes``, in any order. NULL minutes mean that there
        is no way. A column ``mode`` tells ways by car from others.
    origins, destinations : ndarray
        Ids in the order wanted.
    mode : str, optional
        Which mode's rows are taken; needed where the file holds several.

    Raises
    ------
    InputError
        Not Parquet; a column is missing or of the wrong type; minutes are
        negative or not finite; more rows than ``MOST_PAIRS``; a pair comes twice; an origin
        is no settlement; no row fits the ids; the mode is not there, or there are several and
        none is chosen.
    """
    table = _table(path)
    is_mode = _of_mode(path, table, mode)
    minutes = table["minutes"].to_numpy(zero_copy_only=False).astype(float)
    unknown = table["minutes"].is_null().to_numpy(zero_copy_only=False)
    bad = np.flatnonzero(~unknown & ~((minutes >= 0) & np.isfinite(minutes)))
    if len(bad):
        i = int(bad[0])
        raise InputError(
            f"{path.name}: row {i + 1}: minutes is {minutes[i]:g}; a number from 0 up is allowed, "
            "or NULL where there is no way"
        )
    o = _positions(table["origin"], origins)
    d = _positions(table["destination"], destinations)
    known = (o >= 0) & (d >= 0) & is_mode
    if not known.any():
        raise InputError(
            f"{path.name}: none of {table.num_rows} rows joins a known origin and destination; "
            "origin is a geonameid, destination a facility id (or a geonameid)"
        )
    strays = np.flatnonzero((o < 0) & is_mode)
    if len(strays):
        i = int(strays[0])
        raise InputError(
            f"{path.name}: row {i + 1}: origin is {table['origin'][i]}, which is no settlement "
            f"here ({len(strays):,} rows in all); geonameids of the table towns are allowed"
        )
    rows = np.flatnonzero(known & ~unknown)
    o, d, minutes = o[rows], d[rows], minutes[rows]
    order = np.lexsort((d, o))
    twice = np.flatnonzero((np.diff(o[order]) == 0) & (np.diff(d[order]) == 0))
    if len(twice):
        i = int(rows[order[twice[0] + 1]])
        raise InputError(
            f"{path.name}: row {i + 1}: origin {table['origin'][i]} and destination "
            f"{table['destination'][i]} come twice"
        )
    return MatrixPairs(o, d, minutes, int((is_mode & ~known).sum()))


def _table(path: Path) -> pa.Table:
    try:
        schema = pq.read_schema(path)
        names = schema.names
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path.name}: is not Parquet ({str(error)[:80]})") from error
    missing = [c for c in _COLUMNS if c not in names]
    if missing:
        raise InputError(
            f"{path.name}: no column {', '.join(missing)}; found {', '.join(names)}. "
            "Needed: origin, destination, minutes"
        )
    kind = schema.field("minutes").type
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        raise InputError(f"{path.name}: minutes is {kind}; a number is needed")
    for name in ("origin", "destination"):
        if pa.types.is_nested(schema.field(name).type):
            raise InputError(f"{path.name}: {name} is {schema.field(name).type}; ids are needed")
    try:
        check_number(path)
        return pq.read_table(path, columns=[*_COLUMNS, *({_MODE} & set(names))])
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path.name}: is damaged ({str(error)[:80]})") from error


def _of_mode(path: Path, table: pa.Table, mode: str | None) -> NDArray[np.bool_]:
    """Tell which rows are of the mode that is wanted, or of the only one."""
    if _MODE not in table.column_names:
        if mode is not None:
            raise InputError(f"{path.name}: no column mode; --mode '{mode}' needs one")
        return np.ones(table.num_rows, dtype=bool)
    column = table[_MODE].cast(pa.string())
    modes = sorted(pc.unique(pc.drop_null(column)).to_pylist())
    if column.null_count:
        i = int(np.flatnonzero(column.is_null().to_numpy())[0])
        raise InputError(f"{path.name}: row {i + 1}: mode is empty; here are {', '.join(modes)}")
    if mode is None and len(modes) > 1:
        raise InputError(
            f"{path.name}: holds several modes ({', '.join(modes)}); choose one with --mode"
        )
    if mode is not None and mode not in modes:
        raise InputError(f"{path.name}: mode '{mode}' is not there; found {', '.join(modes)}")
    rows: NDArray[np.bool_] = pc.equal(column, mode or (modes or [""])[0]).to_numpy()
    return rows


def _positions(column: pa.ChunkedArray, ids: Ids) -> NDArray[np.int64]:
    """Position of each value in ``ids`` (compared as text), −1 where it is not there."""
    known_ids = pa.array([str(i) for i in ids.tolist()], pa.string())
    index = pc.index_in(column.cast(pa.string()), value_set=known_ids)
    positions: NDArray[np.int64] = pc.fill_null(index, -1).to_numpy().astype(np.int64)
    return positions
