"""What is measured of the cells of one chunk, whatever runs it.

E2SFCA takes two passes (Luo & Qi, Health & Place 15(4), 2009): the first adds up the people
who reach each site, the second what the sites give each cell. People are counted in whole
millionths, so that the sum is the same in whatever order chunks come, on one machine or on
many.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipelines.cells.base import Base, SiteLists
from pipelines.cells.grid import Cells
from pipelines.reach.access import ReachConstants
from pipelines.travel.speeds import access_minutes

#: One person in the unit that people are counted in.
PERSON = 1_000_000
#: The step sums of one service, at the end of each file of a chunk's demand.
STEPS = ("people_step1", "people_step2", "people_step3")
SHARES = "shares"

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Placed:
    """Cells near a settlement, in its order, so that lists are read from front to back.

    Attributes
    ----------
    row : ndarray, shape (p,)
        Position in the chunk.
    node : ndarray, shape (p,)
        Position of the settlement.
    access : ndarray, shape (p,)
        Minutes to it.
    """

    row: Ints
    node: Ints
    access: Floats


def place(base: Base, cells: Cells) -> Placed:
    """Put cells on their nearest settlements."""
    node, km = base.tree.nearest(cells.lon, cells.lat, base.travel.access_max_km)
    row = np.argsort(node, kind="stable")
    row = row[np.searchsorted(node[row], 0) :]
    return Placed(row, node[row], access_minutes(km[row], base.travel))


def steps_of(limits: ReachConstants) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return ends and weights of the E2SFCA steps, nearest first."""
    steps = sorted(
        (
            (limits.e2sfca_step1_min, limits.e2sfca_weight1),
            (limits.e2sfca_step2_min, limits.e2sfca_weight2),
            (limits.e2sfca_step3_min, limits.e2sfca_weight3),
        )
    )
    ends, weights = zip(*steps, strict=True)
    return ends, weights


def counts_within(lists: SiteLists, placed: Placed, ends: tuple[float, ...]) -> dict[float, Ints]:
    """Return how many sites of its list each cell reaches by each of several ends."""
    counts: dict[float, Ints] = {}
    most = None
    for end in sorted(set(ends), reverse=True):
        most = counts[end] = lists.within(placed.node, placed.access, end, most)
    return counts


def demand(base: Base, cells: Cells) -> pa.Table:
    """Count the people of a chunk who reach each site, by step of E2SFCA.

    Returns
    -------
    Table
        ``service, site`` (position), and :data:`STEPS`, millionths of people; sites that
        nobody reaches are left out.
    """
    placed = place(base, cells)
    people = np.rint(cells.people[placed.row] * PERSON).astype(np.int64)
    ends, _ = steps_of(base.limits)
    parts = []
    for service in base.services:
        lists = base.lists(service)
        counts = counts_within(lists, placed, ends)
        site, sums = _sums(lists, placed.node, people, [counts[end] for end in ends])
        columns = {"service": pa.array([service] * len(site), pa.string())}
        columns |= {"site": pa.array(site, pa.int32())}
        parts.append(pa.table(columns | dict(zip(STEPS, map(pa.array, sums), strict=True))))
    return pa.concat_tables(parts)


def _sums(
    lists: SiteLists, node: Ints, people: Ints, counts: list[Ints]
) -> tuple[Ints, list[Ints]]:
    """Add up the people at each site: of the list of a cell, between one count and the next."""
    nodes, place = np.unique(node, return_inverse=True)
    longest = np.zeros(len(nodes), dtype=np.int64)
    np.maximum.at(longest, place, counts[-1])
    offset = np.concatenate([[0], np.cumsum(longest + 1)])
    # Positions of all touched lists, one behind the other, each as far as it is reached.
    local = np.arange(offset[-1]) - np.repeat(offset[:-1], longest + 1)
    is_site = local < np.repeat(longest, longest + 1)
    site = lists.site[(np.repeat(lists.start[nodes], longest + 1) + local)[is_site]]
    reached, index = np.unique(site, return_inverse=True)
    sums, low = [], np.zeros(len(node), dtype=np.int64)
    for count in counts:
        change = np.zeros(offset[-1] + 1, dtype=np.int64)
        np.add.at(change, offset[place] + low, people)
        np.add.at(change, offset[place] + count, -people)
        total = np.zeros(len(reached), dtype=np.int64)
        np.add.at(total, index, np.cumsum(change)[:-1][is_site])
        sums.append(total)
        low = count
    return reached.astype(np.int64), sums


def write_shares(base: Base, sums: pa.Table) -> pa.Table:
    """Share each site's capacity among those who reach it, and keep it for the second pass.

    Parameters
    ----------
    base : Base
        Gets an array a service: running sums over each list of what its sites give a person.
    sums : Table
        Columns of :func:`demand`, each site once.

    Returns
    -------
    Table
        ``service, site_id, capacity, capacity_basis, demand`` (people, weighted) and
        ``per_person``, NULL where nobody reaches the site.
    """
    _, weights = steps_of(base.limits)
    frame, parts = sums.combine_chunks(), []
    for service in base.services:
        sites = base.sites.filter(pc.equal(base.sites["service"], service))
        own = frame.filter(pc.equal(frame["service"], service))
        steps = np.zeros((len(STEPS), sites.num_rows), dtype=np.int64)
        at = own["site"].to_numpy()
        for row, name in enumerate(STEPS):
            steps[row, at] = own[name].to_numpy()
        weighted = sum(w * (step / PERSON) for w, step in zip(weights, steps, strict=True))
        capacity, is_reached = sites["capacity"].to_numpy(), weighted > 0
        ratio = np.divide(capacity, weighted, out=np.zeros(len(capacity)), where=is_reached)
        _save_shares(base, service, ratio)
        table = sites.select(["service", "site_id", "capacity", "capacity_basis"])
        table = table.append_column("demand", pa.array(weighted))
        parts.append(table.append_column("per_person", pa.array(ratio, mask=~is_reached)))
    return pa.concat_tables(parts)


def _save_shares(base: Base, service: str, ratio: Floats) -> None:
    """Write the running sum of each list on its own: no list's digits depend on another's."""
    lists = base.lists(service)
    shares = ratio[lists.site]
    for low, high in zip(lists.start[:-1].tolist(), lists.start[1:].tolist(), strict=True):
        np.cumsum(shares[low:high], out=shares[low:high])
    np.save(base.folder / f"{service}.{SHARES}.npy", shares)


def measure(base: Base, cells: Cells) -> pa.Table:
    """Measure the cells of a chunk, after :func:`write_shares`.

    Returns
    -------
    Table
        One row a cell, in the chunk's order; see :func:`columns_of`.
    """
    placed, n = place(base, cells), len(cells.cell_id)
    node = np.full(n, -1, dtype=np.int64)
    access = np.full(n, np.nan)
    node[placed.row], access[placed.row] = placed.node, placed.access
    is_far = node < 0
    at = pa.array(node, mask=is_far)
    columns: dict[str, pa.Array] = {
        "cell_id": cells.cell_id,
        "lon": pa.array(cells.lon),
        "lat": pa.array(cells.lat),
        "people": pa.array(cells.people),
    }
    known = base.settlements
    for name in known.column_names:
        if name in ("lon", "lat"):
            continue
        values = known[name].combine_chunks().take(at)
        if name.startswith("minutes_"):
            own = values.to_numpy(zero_copy_only=False) + access
            values = pa.array(own, mask=np.isnan(own))
        columns[name] = values
        if name == "geonameid":
            columns["access_min"] = pa.array(access, mask=is_far)
    for service in base.services:
        is_known = known[f"coverage_{service}"].combine_chunks().take(at).is_valid()
        columns |= _of_service(base, service, placed, ~is_known.to_numpy(zero_copy_only=False))
    return pa.table({name: columns[name] for name in columns_of(base)})


def _of_service(
    base: Base, service: str, placed: Placed, is_unknown: NDArray[np.bool_]
) -> dict[str, pa.Array]:
    """Return counts and supply of one service; NULL where it is not known."""
    limits, lists = base.limits, base.lists(service)
    ends, weights = steps_of(limits)
    near = (limits.near_min, limits.middle_min, limits.far_min)
    counts = counts_within(lists, placed, (*ends, *near))
    columns = {}
    for name, end in zip(("within_15", "within_30", "within_60"), near, strict=True):
        within = np.zeros(len(is_unknown), dtype=np.int32)
        within[placed.row] = counts[end]
        columns[f"{name}_{service}"] = pa.array(within, mask=is_unknown)
    shares, start = base.shares(service, SHARES), lists.start[placed.node]
    score, before = np.zeros(len(is_unknown)), np.zeros(len(placed.row))
    for end, weight in zip(ends, weights, strict=True):
        count = counts[end]
        last = np.maximum(start + count - 1, 0)
        upto = np.where(count > 0, shares[last], 0.0) if len(shares) else before
        score[placed.row] += weight * (upto - before)
        before = upto
    columns[f"supply_score_{service}"] = pa.array(score, mask=is_unknown)
    return columns


def columns_of(base: Base) -> list[str]:
    """Return the columns of :func:`measure` in order: of the cell, of centres, of each service."""
    own = ["cell_id", "lon", "lat", "people", "geonameid", "access_min"]
    taken = [name for name in base.settlements.column_names if name not in ("lon", "lat", *own)]
    ends = tuple(f"_{service}" for service in base.services)
    names = own + [name for name in taken if not name.endswith(ends)]
    for service in base.services:
        names += [f"coverage_{service}", f"minutes_nearest_{service}", f"nearest_id_{service}"]
        names += [f"within_{end}_{service}" for end in (15, 30, 60)]
        names.append(f"supply_score_{service}")
    return names
