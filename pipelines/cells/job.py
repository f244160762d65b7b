"""The job on one machine: chunks from Parquet to Parquet, one after another, resumable.

Each chunk is written in one move and known by its number; what was written by a run that
was stopped is not measured again.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.cells.base import Base
from pipelines.cells.grid import Cells, Grid, cells_of
from pipelines.cells.measure import STEPS, demand, measure, write_shares
from pipelines.core.errors import InputError, TargetUnwritable
from pipelines.geo.nearest import SettlementTree
from pipelines.io.atomic import writing

#: Cells of a chunk: some 100 MB while it is measured.
CHUNK = 250_000
JOB, WORK, BASE = "job.json", ".work", "base"
SITES = "sites.parquet"

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a run did.

    Attributes
    ----------
    cells, near : int
        All cells; those near a settlement.
    people, people_near : float
    chunks, resumed : int
        Chunks in all; those that a run before had written.
    """

    cells: int
    near: int
    people: float
    people_near: float
    chunks: int
    resumed: int


@dataclass(frozen=True, slots=True)
class Job:
    """A grid, where its results go, and how it is cut."""

    grid: Grid
    out: Path
    chunk: int = CHUNK

    def begin(self, identity: dict[str, object]) -> None:
        """Take the folder, or take up again what a run before left there.

        Parameters
        ----------
        identity : dict
            What tells this job from another: grid, database and chunk.

        Raises
        ------
        TargetUnwritable
            The folder holds something else, or another job.
        """
        stated = self.out / JOB
        if self.out.exists() and (not self.out.is_dir() or any(self.out.iterdir())):
            try:
                same = json.loads(stated.read_text("utf-8")) == identity
            except (OSError, ValueError, RecursionError):
                same = False
            if not same:
                raise TargetUnwritable(
                    f"{self.out}: holds something else than this job (another grid, database or "
                    "chunk); choose another folder"
                )
        try:
            self.work.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise TargetUnwritable(
                f"{self.out}: cannot be written ({error.strerror or error})"
            ) from error
        with writing(stated) as draft:
            draft.write_text(json.dumps(identity, indent=1) + "\n", "utf-8")

    def end(self) -> None:
        """Take away what was only needed while the job ran."""
        shutil.rmtree(self.work, ignore_errors=True)

    @property
    def work(self) -> Path:
        """Folder of what is only needed while the job runs."""
        return self.out / WORK

    @property
    def base(self) -> Path:
        """Where the base lies."""
        return self.work / BASE

    def run(self, base: Base, facts: dict[str, str], show: Progress) -> Summary:
        """Measure all cells that a run before did not.

        Parameters
        ----------
        base : Base
        facts : dict
            Notes that go into each file's metadata.
        show : callable
            Is told the step, the cells done and all cells.
        """
        meta = metadata_of(facts)
        sites = self._first_pass(base, show).replace_schema_metadata(meta)
        with writing(self.out / SITES) as draft:
            pq.write_table(sites, draft, compression="zstd")
        done = resumed = near = 0
        people = people_near = 0.0
        for number, cells in self._cells():
            path = self.out / f"cells-{number:05d}.parquet"
            if path.is_file():
                resumed += 1
            else:
                with writing(path) as draft:
                    table = measure(base, cells).replace_schema_metadata(meta)
                    pq.write_table(table, draft, compression="zstd")
            is_near = pq.read_table(path, columns=["geonameid"])["geonameid"].is_valid()
            is_near = is_near.to_numpy()
            near, people = near + int(is_near.sum()), people + float(cells.people.sum())
            people_near += float(cells.people[is_near].sum())
            done += len(cells.cell_id)
            show("access", done, self.grid.rows)
        chunks = number + 1
        return Summary(
            cells=done,
            near=near,
            people=people,
            people_near=people_near,
            chunks=chunks,
            resumed=resumed,
        )

    def _cells(self) -> Iterator[tuple[int, Cells]]:
        for number, (_, _, batch) in enumerate(self.grid.chunks(self.chunk)):
            yield number, cells_of(batch, self.grid.layout)

    def _first_pass(self, base: Base, show: Progress) -> pa.Table:
        """Add up the people who reach each site, and keep each site's share."""
        paths, done = [], 0
        for number, cells in self._cells():
            path = self.work / f"demand-{number:05d}.parquet"
            if not path.is_file():
                with writing(path) as draft:
                    pq.write_table(demand(base, cells), draft)
            paths.append(path)
            done += len(cells.cell_id)
            show("demand", done, self.grid.rows)
        return write_shares(base, added(map(pq.read_table, paths)))


def metadata_of(facts: dict[str, str]) -> dict[bytes, bytes]:
    """Return notes as the metadata of a Parquet file."""
    return {f"hinterland:{key}".encode(): text.encode() for key, text in facts.items()}


def added(parts: Iterator[pa.Table]) -> pa.Table:
    """Add up demand of several chunks, two at a time: no more than a row a site is held."""
    total: pa.Table | None = None
    for part in parts:
        both = part if total is None else pa.concat_tables([total, part])
        sums = both.group_by(["service", "site"]).aggregate([(name, "sum") for name in STEPS])
        total = sums.rename_columns(
            [name.removesuffix("_sum") for name in sums.column_names]
        ).select(["service", "site", *STEPS])
    assert total is not None  # noqa: S101 - a grid has a row, so a chunk
    return total


def refuse_far(grid: Grid, tree: SettlementTree, max_km: float, chunk: int) -> None:
    """Refuse a grid of which no cell is near a settlement: its places are elsewhere.

    Raises
    ------
    InputError
    """
    for _, _, batch in grid.chunks(chunk):
        cells = cells_of(batch, grid.layout)
        if (tree.nearest(cells.lon, cells.lat, max_km)[0] >= 0).any():
            return
    raise InputError(
        f"{grid.path.name}: no cell lies within {max_km:g} km of a settlement; the first of the "
        f"last chunk is at lon {cells.lon[0]:g}, lat {cells.lat[0]:g}. Are lon and lat the right "
        "way round?"
    )
