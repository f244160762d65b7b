"""Stored travel-time matrices: what is kept of each, and reading them back whole.

``hinterland roads --store`` puts matrices into the folder of fetched files; the index
``matrices.json`` beside them names each with its checksum and what it was made from.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.core.errors import ChecksumMismatch, SourceUnreadable
from pipelines.core.findings import refuse
from pipelines.io.atomic import writing

INDEX = "matrices.json"
_NAME, _DIGEST = re.compile(r"[a-z0-9_-]{1,100}"), re.compile(r"[0-9a-f]{64}")
#: Minutes that no way on Earth takes: a week. Seconds given for minutes lie beyond.
MOST_MINUTES = 7 * 24 * 60.0
#: Pairs that are read: 250 sites for each of 80 000 settlements, some 2 GB. Columns of equal
#: values pack so well that a file of 1 MB can hold a hundred million.
MOST_PAIRS = 20_000_000
COLUMNS = pa.schema(
    [
        pa.field("origin", pa.int64(), nullable=False),
        pa.field("destination", pa.string(), nullable=False),
        pa.field("minutes", pa.float64()),
        pa.field("mode", pa.string(), nullable=False),
    ]
)
#: What a matrix must say of itself: without it nobody knows under which licence it may go on.
FACTS = ("attribution", "licence", "extract", "extract_sha256", "snapshot", "engine", "mode")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMatrix:
    """One stored matrix, as the index names it.

    Attributes
    ----------
    name : str
        What it is removed by; of letters, digits, ``-`` and ``_``.
    sha256 : str
        Of the matrix's own file, whose name holds its first digits: a newer matrix of the same
        name never takes the place of the file that the index still names.
    extract, extract_sha256, snapshot, engine, mode : str
        Extract, date of its data and engine, as the matrix states them.
    stored : str
        When (UTC).
    origins, destinations, pairs : int
    """

    name: str
    sha256: str
    extract: str
    extract_sha256: str
    snapshot: str
    engine: str
    mode: str
    stored: str
    origins: int
    destinations: int
    pairs: int

    @property
    def file(self) -> str:
        """Name of its file, beside the index."""
        return f"{self.name}-{self.sha256[:12]}.parquet"

    @property
    def files(self) -> tuple[str, str]:
        """Names that its file may have: as it is written now, and as it was before."""
        return self.file, f"{self.name}.parquet"


def read_index(path: Path) -> list[StoredMatrix]:
    """Return the stored matrices in order of their names; none where there is no index.

    Raises
    ------
    SourceUnreadable
        The index is no list of matrices.
    """
    if not path.is_file():
        return []
    names = {field.name for field in fields(StoredMatrix)}
    try:
        rows = json.loads(path.read_text("utf-8"))["matrices"]
        entries = [StoredMatrix(**{name: row[name] for name in names}) for row in rows]
        for entry in entries:
            _check_entry(entry)
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise SourceUnreadable(
            f"{path}: is no index of stored matrices ({type(error).__name__}: {error}). Remove the "
            "folder, and store them again: hinterland roads EXTRACT.osm.pbf --store"
        ) from error
    return sorted(entries, key=lambda entry: entry.name)


def _check_entry(entry: StoredMatrix) -> None:
    """Refuse an entry that no command writes: its name is that of a file beside the index."""
    for one in fields(entry):
        value, kind = getattr(entry, one.name), {"int": int, "str": str}[str(one.type)]
        if not isinstance(value, kind) or isinstance(value, bool):
            raise ValueError(f"{one.name} is {value!r:.80}")
    if not _NAME.fullmatch(entry.name) or not _DIGEST.fullmatch(entry.sha256):
        raise ValueError(f"name is {entry.name!r:.80}, sha256 {entry.sha256!r:.80}")


def write_index(path: Path, entries: list[StoredMatrix]) -> None:
    """Write the index in one move."""
    rows = [asdict(entry) for entry in sorted(entries, key=lambda entry: entry.name)]
    with writing(path) as draft:
        draft.write_text(json.dumps({"matrices": rows}, indent=1) + "\n", "utf-8")


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_matrix_file(path: Path) -> pa.Table:
    """Read a matrix that ``hinterland roads`` wrote, and check what needs no other table.

    Returns
    -------
    pyarrow.Table
        ``origin`` (geonameid), ``destination`` (id as text), ``minutes`` (NULL: no way),
        ``mode``; the schema's metadata say what it is of.

    Raises
    ------
    InputError
        No such file, no Parquet, a column or a fact missing or of another type; minutes that
        are negative, no number, or more than a week; an id or a mode missing; a pair twice.
    """
    if not path.is_file():
        raise refuse(path, "no such file")
    try:
        schema = pq.read_schema(path)
        missing = [name for name in COLUMNS.names if name not in schema.names]
        if missing:
            raise refuse(
                path,
                f"no column {', '.join(missing)}",
                found=", ".join(schema.names),
                allowed=", ".join(COLUMNS.names),
            )
        check_number(path)
        table = pq.read_table(path, columns=COLUMNS.names)
    except (pa.ArrowInvalid, OSError) as error:
        raise refuse(path, f"is not Parquet ({str(error)[:80]})") from error
    _check_facts(path, table.schema.metadata or {})
    for field in COLUMNS:
        if table.schema.field(field.name).type != field.type:
            raise refuse(
                path,
                f"column {field.name} is of another type",
                found=str(table.schema.field(field.name).type),
                allowed=str(field.type),
            )
    _check_rows(path, table)
    return table


def check_number(path: Path) -> None:
    """Refuse a Parquet file of more pairs than are read, before any is unpacked.

    Raises
    ------
    InputError
    """
    rows = pq.read_metadata(path).num_rows
    if rows > MOST_PAIRS:
        allowed = f"up to {MOST_PAIRS:,}; leave out pairs that are too far apart to count"
        raise refuse(path, f"{rows:,} rows", allowed=allowed)


def facts_of(table: pa.Table) -> dict[str, str]:
    """Return what a matrix says of itself."""
    return {k.decode(): v.decode("utf-8", "replace") for k, v in table.schema.metadata.items()}


def _check_facts(path: Path, stated: dict[bytes, bytes]) -> None:
    missing = [name for name in FACTS if name.encode() not in stated]
    if missing:
        raise refuse(
            path,
            f"its metadata do not say {', '.join(missing)}",
            allowed="a matrix of hinterland roads, or of another engine with these metadata",
        )


def _check_rows(path: Path, table: pa.Table) -> None:
    """Refuse rows that no engine writes."""
    minutes = table["minutes"]
    is_bad = pc.or_(
        pc.invert(pc.is_finite(minutes)),
        pc.or_(pc.less(minutes, 0.0), pc.greater(minutes, MOST_MINUTES)),
    )
    if (row := _first(is_bad)) is not None:
        raise refuse(
            path,
            "minutes do not fit",
            found=f"{minutes[row].as_py():g}",
            allowed=f"from 0 to {MOST_MINUTES:g}, or NULL where there is no way",
            row=row + 1,
        )
    for name in ("origin", "destination", "mode"):
        if (row := _first(pc.is_null(table[name]))) is not None:
            raise refuse(path, f"{name} is empty", allowed="a value in every row", row=row + 1)
    keys = [(name, "ascending") for name in ("origin", "destination", "mode")]
    order = pc.sort_indices(table, sort_keys=keys)
    ranked = table.select([name for name, _ in keys]).take(order).combine_chunks()
    same = None
    for name, _ in keys:
        equal = pc.equal(ranked[name].slice(1), ranked[name].slice(0, max(0, len(order) - 1)))
        same = equal if same is None else pc.and_(same, equal)
    if (place := _first(same)) is not None:
        row = order[place + 1].as_py()
        raise refuse(
            path,
            "a pair stands in a row before",
            found=f"origin {table['origin'][row]}, destination {table['destination'][row]}",
            allowed="each pair once a mode",
            row=row + 1,
        )


def _first(mask: pa.ChunkedArray) -> int | None:
    """Return the first position that is true."""
    position = pc.index(pc.fill_null(mask, False), True).as_py()
    return None if position < 0 else int(position)


def read_stored(index: Path) -> list[tuple[StoredMatrix, pa.Table]]:
    """Read all stored matrices.

    Raises
    ------
    SourceUnreadable, ChecksumMismatch, InputError
        The index cannot be read; a file is not there, or not the one that was stored; a
        matrix is wrong.
    """
    return [(entry, _whole(_file_of(index, entry), entry)) for entry in read_index(index)]


def _file_of(index: Path, entry: StoredMatrix) -> Path:
    """Return where a matrix lies; those stored by older versions have no digits in the name."""
    newer, older = (index.with_name(name) for name in entry.files)
    return newer if newer.is_file() or not older.is_file() else older


def _whole(path: Path, entry: StoredMatrix) -> pa.Table:
    advice = f"Take it away (hinterland roads --remove {entry.name}) and store it again."
    if not path.is_file():
        raise SourceUnreadable(f"{path}: the stored matrix is not there. {advice}")
    if (digest := digest_of(path)) != entry.sha256:
        raise ChecksumMismatch(
            f"{path}: SHA-256 is {digest}, but {entry.sha256} was stored: it is cut off or was "
            f"changed. {advice}"
        )
    return read_matrix_file(path)
