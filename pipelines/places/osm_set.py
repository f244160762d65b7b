"""The OpenStreetMap set: extracts that a user added, stored apart from the published database.

``HINTERLAND_HOME/osm`` holds a folder an extract (``places.parquet``, ``cells.parquet``,
``extract.json``) and the licence of all of them. Nothing of it enters the database, its exports
or the data package: what is made of OpenStreetMap is shared alike, under the ODbL.
"""

from __future__ import annotations

import contextlib
import datetime
import errno
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.core import paths
from pipelines.core.errors import HinterlandError, InputError, TargetUnwritable
from pipelines.core.findings import refuse
from pipelines.io.locks import holding
from pipelines.io.pbf import is_pbf, read_header
from pipelines.places.coverage import STATED, Coverage, cover
from pipelines.places.edits import last_edits
from pipelines.places.indicators import settlement_of, tree_of
from pipelines.places.osm import (
    ATTRIBUTION,
    EDITED,
    SCHEMA,
    OsmPlaces,
    collect,
    read_osm_places,
    tag_table,
)
from pipelines.places.osm_tags import HEADLINE
from pipelines.places.pbf import READABLE, Tell, reading

LICENCE = (
    f"{ATTRIBUTION}\nhttps://www.openstreetmap.org/copyright\n"
    "https://opendatacommons.org/licenses/odbl/1-0/\n"
    "The rows beside this notice are extracted or derived from OpenStreetMap. Who passes them on, "
    "or a data base\nmade from them, does so under the ODbL and names the source. Settlements and "
    "their people: GeoNames, CC BY 4.0.\n"
)
LICENCE_FILE = "LICENCE.txt"
PLACES, CELLS, FACTS = "places.parquet", "cells.parquet", "extract.json"
#: Of two extracts that share at least so much of the smaller one's settlements, one is the other.
SAME_AREA_SHARE = 0.5
READ, NOT_READ, NOT_STATED = "read", "not read", "not stated"
_CHUNK = 1 << 20
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,60}")
_SUFFIXES = re.compile(r"(\.osm)?\.(pbf|json|geojson)$", re.IGNORECASE)
_DATES = re.compile(r"[-_](latest|\d{4}(-\d{2}-\d{2})?|\d{6}|\d{8})$", re.IGNORECASE)
_STALE_SECONDS = 86_400
_FORMER = ".former-"


@dataclass(frozen=True, kw_only=True)
class Extract:
    """What is stored of an extract.

    Attributes
    ----------
    name : str
        Name in the set: that of the file without its date.
    file, sha256, size_bytes
        The file that was added.
    snapshot : str or None
        When the data was as it is here, ISO 8601, UTC; None: the file does not say.
    added : str
        ISO 8601, UTC.
    country : str or None
        As the user stated it.
    basis : str
        How the covered settlements are known: see :mod:`pipelines.places.coverage`.
    places, headline_places, settlements : int
        Places read, those of a headline type, settlements covered.
    left_out : dict of str to int
        Objects that became no place, by reason.
    covered : list of int
        Their identifiers; for extracts without nodes.
    edits : str
        Whether the days of last edits are known: ``read``, ``not read`` (an ``.osm.pbf`` is asked
        for them by ``--edits``), or ``not stated`` by the file.
    """

    name: str
    file: str
    sha256: str
    size_bytes: int
    snapshot: str | None
    added: str
    country: str | None
    basis: str
    places: int
    headline_places: int
    settlements: int
    left_out: dict[str, int] = field(default_factory=dict)
    covered: list[int] = field(default_factory=list)
    edits: str = NOT_READ

    @property
    def date_words(self) -> str:
        """The day of the data, or that it is not known."""
        return self.snapshot[:10] if self.snapshot else "date unknown"


def name_of(file: str) -> str:
    """Return the name of an extract in the set.

    >>> name_of("liechtenstein-latest.osm.pbf"), name_of("Île-de-France-240101.osm.pbf")
    ('liechtenstein', 'le-de-france')
    """
    stem = _DATES.sub("", _SUFFIXES.sub("", file))
    name = re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-")[:60]
    return name or "extract"


def extracts(folder: Path | None = None) -> list[Extract]:
    """Return the extracts of the set, by name.

    Raises
    ------
    InputError
        A folder of the set is damaged; the message says how to take it away.
    """
    folder = folder or paths.osm_dir()
    _restore(folder)
    files = sorted(folder.glob(f"*/{FACTS}")) if folder.is_dir() else []
    return [_facts(path) for path in files if _NAME.fullmatch(path.parent.name)]


def _facts(path: Path) -> Extract:
    try:
        return Extract(**json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError) as error:
        name = path.parent.name
        raise InputError(
            f"{path}: cannot be read ({error}). 'hinterland places --remove {name}' takes it away."
        ) from error


def remove(name: str, folder: Path | None = None) -> None:
    """Take an extract away.

    Raises
    ------
    InputError
        There is none of that name.
    TargetUnwritable
        It cannot be deleted.
    """
    folder = folder or paths.osm_dir()
    own = folder / name
    if not _NAME.fullmatch(name) or not own.is_dir():
        names = (
            sorted(p.name for p in folder.iterdir() if _NAME.fullmatch(p.name))
            if (folder.is_dir())
            else []
        )
        allowed = ", ".join(names) or "none, for no extract was added"
        raise InputError(f"--remove: no such extract; found {name!r}; allowed: {allowed}")
    try:
        shutil.rmtree(own)
    except OSError as error:
        raise TargetUnwritable(f"{own}: cannot be taken away ({error.strerror})") from error


def add(
    path: Path,
    towns: pd.DataFrame,
    least_nodes: float,
    country: str | None = None,
    folder: Path | None = None,
    tell: Tell = lambda _: None,
    edits: bool = False,
) -> Extract:
    """Read an extract and store it in the set, whole or not at all.

    Parameters
    ----------
    path : Path
        ``.osm.pbf``, Overpass JSON or OpenStreetMap GeoJSON.
    towns : DataFrame
        ``geonameid, country, lon, lat`` of the settlements.
    least_nodes : float
        See :func:`pipelines.places.coverage.cover`.
    country : str, optional
        Only settlements of this country are counted.
    folder : Path, optional
        Folder of the set.
    tell : callable, optional
        Is told each step.
    edits : bool
        Read the days of last edits too: a pass more over an ``.osm.pbf``.

    Raises
    ------
    InputError
        The file cannot be read, covers no settlement, holds no place, is in the set already, or
        is older than what the set holds of the same area.
    TargetUnwritable
        The set cannot be written; it stays as it was.
    """
    folder = folder or paths.osm_dir()
    known = extracts(folder)
    tell("checksum")
    digest = _sha256(path)
    for other in known:
        if other.sha256 == digest:
            raise refuse(path, f"it is in the set already, as {other.name} ({other.date_words})")
    with _draft(folder) as draft:
        read, cells = _read(path, draft / "spill", tell, edits)
        _refuse_empty(path, read)
        town_index = settlement_of(read.table, towns)
        coverage = cover(path.name, read.table, town_index, towns, least_nodes, cells, country)
        ids = towns["geonameid"].to_numpy()[coverage.is_covered]
        same = [other for other in known if _is_same_area(ids, other)]
        _refuse_older(path, read.snapshot, same)
        name = _free_name(name_of(path.name), known, same)
        headline = _number_of_headline(read.table)
        facts = Extract(
            name=name,
            file=path.name,
            sha256=digest,
            size_bytes=path.stat().st_size,
            snapshot=read.snapshot,
            added=datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            country=country,
            basis=coverage.basis,
            places=read.table.num_rows,
            headline_places=headline,
            settlements=int(coverage.is_covered.sum()),
            left_out=read.left_out,
            covered=[int(g) for g in ids],
            edits=edits_of(read.table, edits or cells is None),
        )
        tell("writing")
        _write(draft / name, read.table, cells, facts)
        _publish(draft / name, folder / name, folder)
    return facts


def _number_of_headline(table: pa.Table) -> int:
    kinds = tag_table().types
    return sum(any(kinds[t].shown == HEADLINE for t in row) for row in table["types"].to_pylist())


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
    except OSError as error:
        raise refuse(path, f"cannot be read ({error.strerror or error})") from error
    return digest.hexdigest()


def edits_of(table: pa.Table, is_asked: bool) -> str:
    """Tell whether the days of last edits are known, as :class:`Extract` has it."""
    if table[EDITED].null_count < table.num_rows:
        return READ
    return NOT_STATED if is_asked else NOT_READ


def read_extract(
    path: Path, tell: Tell = lambda _: None, edits: bool = False
) -> tuple[OsmPlaces, pa.Table | None]:
    """Read an extract of any kind without storing it; see :func:`add`.

    Returns
    -------
    places : OsmPlaces
    cells : pyarrow.Table or None
        Nodes by cell; None where the file holds picked objects only.
    """
    with tempfile.TemporaryDirectory(prefix="hinterland-") as spill:
        read, cells = _read(path, Path(spill) / "spill", tell, edits)
    _refuse_empty(path, read)
    return read, cells


def _read(path: Path, spill: Path, tell: Tell, edits: bool) -> tuple[OsmPlaces, pa.Table | None]:
    if not path.is_file():
        raise refuse(path, "no such file")
    is_named_so = path.suffix.lower() == ".pbf"
    if not (is_named_so or is_pbf(path)):
        return read_osm_places(path), None
    header = read_header(path, READABLE)
    table = tag_table()
    with reading(path, table, spill, tell) as content:
        read, cells = collect(content.objects, table, header.snapshot_text), content.cells
    if edits:
        tell("last edits")
        read = replace(read, table=_with_edits(path, read.table))
    return read, cells


def _with_edits(path: Path, table: pa.Table) -> pa.Table:
    """Fill in the days of last edits; places stand by kind and identifier."""
    kinds = table["osm_type"].to_numpy(zero_copy_only=False)
    ids = table["osm_id"].to_numpy()
    days = last_edits(path, {str(kind): ids[kinds == kind] for kind in np.unique(kinds)})
    texts = np.full(len(ids), None, dtype=object)
    for kind, stated in days.items():
        texts[kinds == kind] = [day.isoformat() if day else None for day in stated]
    position = table.schema.get_field_index(EDITED)
    return table.set_column(position, table.schema.field(EDITED), pa.array(texts, pa.string()))


def _refuse_empty(path: Path, read: OsmPlaces) -> None:
    if read.table.num_rows:
        return
    reasons = "; ".join(f"{n:,} {reason}" for reason, n in read.left_out.items())
    if read.left_out.get("outside Europe"):
        allowed = "an extract of a European area"
        raise refuse(path, f"none of its places lies in Europe ({reasons})", allowed=allowed)
    raise refuse(
        path, f"no place of a type that osm_tags.csv maps ({reasons or 'no tagged object'})"
    )


def _is_same_area(ids: np.ndarray, other: Extract) -> bool:
    """Tell whether an extract shares more than half of the smaller one's settlements."""
    shared = len(np.intersect1d(ids, other.covered))
    return shared > SAME_AREA_SHARE * min(len(ids), len(other.covered))


def _refuse_older(path: Path, snapshot: str | None, same: list[Extract]) -> None:
    """Refuse an extract that is not newer than what the set holds of the same area."""
    for other in same:
        if snapshot is not None and (other.snapshot is None or snapshot > other.snapshot):
            continue
        what = f"is of {snapshot[:10]}" if snapshot else "states no date"
        allowed = f"a newer one, or first 'hinterland places --remove {other.name}'"
        problem = f"it {what}; the set holds the same area as {other.name} ({other.date_words})"
        raise refuse(path, problem, allowed=allowed)


def _free_name(name: str, known: list[Extract], same: list[Extract]) -> str:
    """Return the name, or with a number where an extract of another area has it."""
    others = {other.name for other in known} - {other.name for other in same}
    number, free = 2, name
    while free in others:
        number, free = number + 1, f"{name}-{number}"
    return free


@contextmanager
def _draft(folder: Path) -> Iterator[Path]:
    """Make a hidden folder in the set's, and take it away in the end; full disks say so."""
    draft: str | None = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _clear_stale(folder)
        draft = tempfile.mkdtemp(prefix=".adding-", dir=folder)
        yield Path(draft)
    except OSError as error:
        is_full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        why = "the disk is full" if is_full else (error.strerror or str(error))
        raise TargetUnwritable(f"{folder}: cannot be written ({why})") from error
    finally:
        if draft is not None:
            shutil.rmtree(draft, ignore_errors=True)


def _clear_stale(folder: Path) -> None:
    """Take away what a reading left that was killed more than a day ago."""
    now = datetime.datetime.now(datetime.UTC).timestamp()
    for path in folder.glob(".adding-*"):
        if now - path.stat().st_mtime > _STALE_SECONDS:
            shutil.rmtree(path, ignore_errors=True)


def _write(own: Path, table: pa.Table, cells: pa.Table | None, facts: Extract) -> None:
    own.mkdir()
    pq.write_table(table, own / PLACES, compression="zstd")
    if cells is not None:
        pq.write_table(cells, own / CELLS, compression="zstd")
    (own / FACTS).write_text(json.dumps(asdict(facts), indent=1) + "\n", "utf-8")
    (own / LICENCE_FILE).write_text(LICENCE, "utf-8")
    for path in own.iterdir():
        with path.open("rb") as stream:
            os.fsync(stream.fileno())


def _publish(own: Path, target: Path, folder: Path) -> None:
    """Put a whole extract in its place; one of the same name goes.

    A folder cannot take another's place in one step: between the two the former stands aside,
    where :func:`_restore` finds it if this process dies.
    """
    with holding(_lock(folder), folder, "another command adds an extract; wait for it to end"):
        (folder / LICENCE_FILE).write_text(LICENCE, "utf-8")
        former = folder / f"{_FORMER}{target.name}"
        if target.exists():
            os.replace(target, former)
        os.replace(own, target)
        shutil.rmtree(former, ignore_errors=True)


def _lock(folder: Path) -> Path:
    """Return the file whose lock holds a set; it lies beside the set, which anybody may copy."""
    return folder.with_name(f".{folder.name}.lock")


def _restore(folder: Path) -> None:
    """Put an extract back that a killed command had set aside for a newer one."""
    if not folder.is_dir() or not any(folder.glob(f"{_FORMER}*")):
        return
    with (
        contextlib.suppress(HinterlandError, OSError),  # another is at work, or nothing can be done
        holding(_lock(folder), folder, ""),
    ):
        for former in folder.glob(f"{_FORMER}*"):
            target = folder / former.name.removeprefix(_FORMER)
            if target.exists():
                shutil.rmtree(former, ignore_errors=True)
            else:
                os.replace(former, target)


@dataclass(frozen=True)
class Assembled:
    """All extracts together.

    Attributes
    ----------
    places : pyarrow.Table
        As one extract's, with ``extract``: a settlement's places are those of the newest
        extract that covers it, others those of the newest that holds them.
    coverage : Coverage
    extract_of : ndarray of object, shape (n,)
        Name of the extract that covers each settlement; None where none does.
    town_index : ndarray of int, shape (places,)
        Settlement of each place; -1 for none.
    """

    places: pa.Table
    coverage: Coverage
    extract_of: np.ndarray
    town_index: np.ndarray


def assemble(
    towns: pd.DataFrame, least_nodes: float, folder: Path | None = None
) -> Assembled | None:
    """Return the set on the settlements of a database, or None where it is empty."""
    folder = folder or paths.osm_dir()
    known = sorted(extracts(folder), key=lambda e: (e.snapshot or "", e.added))
    if not known:
        return None
    extract_of = np.full(len(towns), None, dtype=object)
    nodes = np.zeros(len(towns), dtype=np.int64)
    parts = []
    tree = tree_of(towns)
    for extract in known:  # the newest last: it has the last word
        table, cells = _stored(folder, extract)
        town_index = settlement_of(table, towns, tree)
        coverage = cover(
            extract.file, table, town_index, towns, least_nodes, cells, extract.country
        )
        extract_of[coverage.is_covered] = extract.name
        if coverage.nodes is not None:
            nodes[coverage.is_covered] = coverage.nodes[coverage.is_covered]
        parts.append((extract, table, town_index))
    chosen = _chosen(parts, extract_of)
    bases = {extract.basis for extract in known}
    basis = bases.pop() if len(bases) == 1 else STATED
    is_covered = np.array([name is not None for name in extract_of])
    coverage = Coverage(basis, is_covered, nodes if nodes.any() else None)
    return Assembled(chosen, coverage, extract_of, settlement_of(chosen, towns, tree))


def _stored(folder: Path, extract: Extract) -> tuple[pa.Table, pa.Table | None]:
    own = folder / extract.name
    try:
        table = pq.read_table(own / PLACES)
        if EDITED not in table.column_names:  # as it was stored before edits were read
            table = table.append_column(EDITED, pa.nulls(table.num_rows, pa.string()))
        table = table.select(SCHEMA.names)
        cells = pq.read_table(own / CELLS) if (own / CELLS).is_file() else None
    except (OSError, pa.ArrowException, KeyError) as error:
        raise InputError(
            f"{own}: cannot be read ({error}). 'hinterland places --remove {extract.name}' takes "
            "it away; add the extract again."
        ) from error
    return table, cells


def _chosen(parts: list[tuple[Extract, pa.Table, np.ndarray]], extract_of: np.ndarray) -> pa.Table:
    """Return each place once: its settlement's extract decides, else the newest."""
    tables, seen = [], set()
    for extract, table, town_index in reversed(parts):
        owner = np.where(town_index >= 0, extract_of[town_index], None)
        is_own = (owner == extract.name) | (owner == None)  # noqa: E711 - element by element
        if len(parts) > 1:
            keys = list(
                zip(table["osm_type"].to_pylist(), table["osm_id"].to_pylist(), strict=True)
            )
            fresh = np.array([key not in seen for key in keys], dtype=bool)
            seen |= set(keys)
        else:
            fresh = np.ones(table.num_rows, dtype=bool)
        part = table.filter(pa.array(is_own & fresh))
        names = pa.array([extract.name] * part.num_rows, pa.string())
        tables.append(part.append_column("extract", names))
    return pa.concat_tables(tables)
