"""Convert region figures from one NUTS vintage to another with the JRC's weights.

The JRC's crosswalks give, for each pair of an old and a new NUTS-3 region, the
people (census grids 2011 and 2021) and the area that lie in both. With them

- an *absolute* measure x of an old region s goes to a new region t in the share
  w(s,t) / sum over t of w(s,t), so that totals are conserved;
- a *relative* measure becomes the mean of the old values, weighted by what each old
  region gives to the new one: sum over s of w(s,t) x(s) / sum over s of w(s,t).

w is population for measures of people and area for measures of land. Gaps widen and
never shrink: a new region is known only if every old region that gives weight to it
is known. An old region with a single successor passes on all it has whatever its
weights say, which is how the French overseas regions (no usable weights) and Svalbard
(nobody) are carried; one with several successors and no weights makes them unknown.

Source: European Commission, Joint Research Centre, NUTS converter, release 2025-08.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy import sparse

from pipelines.core.errors import NutsVersionMismatch
from pipelines.nuts import codes as nuts

Measure = Literal["absolute", "relative"]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
#: How a value came about, in rising order of how much it was changed.
MARKS = ("as_published", "unchanged", "recoded", "merged", "estimated")
#: Crosswalk column that weighs each kind of measure.
WEIGHTS = {
    "population": "population_2021",
    "population_2011": "population_2011",
    "area": "area_km2",
}
#: Norway merged NO061 and NO062 into NO060 in January 2018, within NUTS 2016; Eurostat's
#: files hold that state for 2018-2020. It is treated as a vintage of its own.
NORWAY_2018 = 2018
_MERGED_2018 = {"NO061": "NO060", "NO062": "NO060"}


@dataclass(frozen=True)
class Step:
    """One step between two vintages at one level.

    ``shares`` and ``amounts`` are sparse (targets, sources): the share of each source
    that goes to each target, and the weight itself. ``is_defined`` (targets,) is False
    where weights are lacking; ``mark`` (targets,) is a position in `MARKS`.
    """

    sources: list[str]
    targets: list[str]
    shares: sparse.csr_array
    amounts: sparse.csr_array
    is_defined: Bools
    mark: Ints

    @cached_property
    def mean_weights(self) -> tuple[sparse.csr_array, Bools]:
        """Weights of a mean of ratios, and which targets (targets,) have a source without one."""
        weights = self.amounts.tolil()
        alone = np.asarray((self.shares > 0).sum(axis=1)).ravel() == 1
        for target in np.flatnonzero(alone):
            source = self.shares.indices[self.shares.indptr[target]]
            weights[target, source] = max(weights[target, source], 1.0)
        weights = weights.tocsr()
        # A source without a weight of its own cannot be averaged with others.
        weights = weights.multiply(self.shares > 0).tocsr()
        lacking = (self.shares > 0).astype(int) - (weights > 0).astype(int)
        return weights, np.asarray(lacking.sum(axis=1)).ravel() > 0


@dataclass(frozen=True)
class Block:
    """Values on the regions of one vintage: arrays of shape (regions, series).

    ``value`` is NaN where unknown, ``flags`` a bit set, ``mark`` is per region.
    """

    codes: list[str]
    value: Floats
    flags: Ints
    mark: Ints


def with_norway_2018(crosswalks: pa.Table) -> pa.Table:
    """Add the steps of Norway's list of 2018 to crosswalks that start in 2016."""
    rows = crosswalks.filter(
        pc.and_(
            pc.equal(crosswalks["from_version"], 2016),
            pc.starts_with(crosswalks["from_code"], "NO"),
        )
    )
    merged = [_MERGED_2018.get(code, code) for code in rows["from_code"].to_pylist()]
    rows = rows.set_column(
        rows.schema.get_field_index("from_code"), "from_code", pa.array(merged, pa.string())
    )
    version = pa.array([NORWAY_2018] * len(rows), crosswalks.schema.field("from_version").type)
    position = rows.schema.get_field_index("from_version")
    return pa.concat_tables([crosswalks, rows.set_column(position, "from_version", version)])


def reverse(crosswalks: pa.Table) -> pa.Table:
    """Swap the direction of crosswalks; the shared people and areas are the same."""
    swap = {"from_version": "to_version", "to_version": "from_version"}
    swap |= {"from_code": "to_code", "to_code": "from_code"}
    turned = crosswalks.rename_columns([swap.get(n, n) for n in crosswalks.column_names])
    return turned.select(crosswalks.column_names)


def code_lists(
    crosswalks: pa.Table, *more: tuple[int, Collection[str]]
) -> dict[int, frozenset[str]]:
    """Return each vintage's NUTS-3 codes: those of the crosswalks and further lists.

    Parameters
    ----------
    crosswalks : pyarrow.Table
        See `pipelines.sources.jrc.read`.
    *more : tuple of int and collection of str
        Vintage and NUTS codes of all or any levels, e.g. from boundary files; they add
        the countries that the JRC does not cover. A country that the JRC does cover
        keeps the JRC's list, but for regions nobody lives in (Svalbard, Jan Mayen).
    """
    lists: dict[int, set[str]] = {}
    for side in ("from", "to"):
        versions = crosswalks[f"{side}_version"].to_pylist()
        for version, code in zip(versions, crosswalks[f"{side}_code"].to_pylist(), strict=True):
            lists.setdefault(version, set()).add(code)
    for version, codes in more:
        listed = lists.setdefault(version, set())
        covered = {code[:2] for code in listed}
        listed |= {c for c in codes if len(c) == 5 and nuts.is_nuts(c) and c[:2] not in covered}
        listed |= {c for c in codes if c in ("NO0B1", "NO0B2")}
    return {version: frozenset(codes) for version, codes in lists.items()}


def build_step(
    crosswalks: pa.Table, start: int, end: int, at_level: int, weight: str = "population"
) -> Step:
    """Build the matrices of one step.

    Parameters
    ----------
    crosswalks : pyarrow.Table
        Columns ``from_version, to_version, from_code, to_code`` and the weights.
    start, end : int
        Vintages; the pair must be in the table, in this direction.
    at_level : int
        NUTS level; weights are summed over the NUTS-3 pairs.
    weight : {'population', 'population_2011', 'area'}

    Raises
    ------
    NutsVersionMismatch
        There is no crosswalk between the two vintages.
    """
    is_pair = pc.and_(
        pc.equal(crosswalks["from_version"], start), pc.equal(crosswalks["to_version"], end)
    )
    rows = crosswalks.filter(is_pair)
    if not len(rows):
        raise NutsVersionMismatch(f"no crosswalk from NUTS {start} to NUTS {end} is there.")
    end_at = 2 + at_level
    old = np.array([code[:end_at] for code in rows["from_code"].to_pylist()])
    new = np.array([code[:end_at] for code in rows["to_code"].to_pylist()])
    sources, row_of = np.unique(old, return_inverse=True)
    targets, column_of = np.unique(new, return_inverse=True)
    raw = rows[WEIGHTS[weight]].to_numpy(zero_copy_only=False).astype(float)
    shape = (len(targets), len(sources))
    pairs = sparse.coo_array((np.ones(len(raw)), (column_of, row_of)), shape=shape).tocsr()
    amounts = sparse.coo_array((np.nan_to_num(raw), (column_of, row_of)), shape=shape).tocsr()
    unweighted = np.isnan(raw)
    return _finish(sources, targets, pairs, amounts, np.unique(row_of[unweighted]))


def _finish(
    sources: NDArray[np.str_],
    targets: NDArray[np.str_],
    pairs: sparse.csr_array,
    amounts: sparse.csr_array,
    unweighted: Ints,
) -> Step:
    """Turn weights into shares; sources without usable weights keep a lone successor."""
    total = np.asarray(amounts.sum(axis=0)).ravel()
    successors = np.asarray((pairs > 0).sum(axis=0)).ravel()
    lost = total <= 0
    lost[unweighted] = True
    shares = amounts.copy()
    # Each amount over its source's total; one over a tiny total would not be a number.
    shares.data /= np.where(lost, np.inf, total)[shares.indices]
    lone = sparse.diags_array((lost & (successors == 1)).astype(float))
    shares = (shares + (pairs > 0).astype(float) @ lone).tocsr()
    shares.eliminate_zeros()
    # A lone successor's own amount: any positive number, as it is the only source or,
    # beside other sources, of no known weight (then the target is not defined).
    hopeless = sparse.diags_array((lost & (successors > 1)).astype(float))
    is_defined = np.asarray(((pairs > 0).astype(float) @ hopeless).sum(axis=1)).ravel() == 0
    mark = np.zeros(len(targets), dtype=np.int64)
    step = Step(sources.tolist(), targets.tolist(), shares, amounts, is_defined, mark)
    return Step(**{**step.__dict__, "mark": _marks(step)})


def _marks(step: Step) -> Ints:
    heirs = np.asarray((step.shares > 0).sum(axis=0)).ravel()
    marks = np.full(len(step.targets), MARKS.index("unchanged"))
    for row, target in enumerate(step.targets):
        begin, end = step.shares.indptr[row : row + 2]
        contributors = step.shares.indices[begin:end]
        if (heirs[contributors] > 1).any():
            marks[row] = MARKS.index("estimated")
        elif len(contributors) > 1:
            marks[row] = MARKS.index("merged")
        elif len(contributors) == 1 and step.sources[contributors[0]] != target:
            marks[row] = MARKS.index("recoded")
    return marks


def apply(step: Step, block: Block, measure: Measure) -> Block:
    """Carry a block over one step; see the module's text for the two formulas.

    Parameters
    ----------
    step : Step
    block : Block
        Its codes may be any subset of the step's sources; absent ones are unknown.
    measure : {'absolute', 'relative'}

    Returns
    -------
    Block
        On ``step.targets``; NaN where a contributing source is unknown.
    """
    series = block.value.shape[1]
    position = {code: place for place, code in enumerate(step.sources)}
    place = np.array([position[code] for code in block.codes], dtype=int)
    value = np.full((len(step.sources), series), np.nan)
    flags = np.zeros((len(step.sources), series), dtype=np.int64)
    mark = np.zeros(len(step.sources), dtype=int)
    value[place], flags[place], mark[place] = block.value, block.flags, block.mark
    is_gap = np.isnan(value)
    links = (step.shares > 0).astype(np.int64)
    result = _weigh(step, np.where(is_gap, 0.0, value), measure)
    unknown = (links @ is_gap.astype(np.int64)) > 0
    unknown |= ~step.is_defined[:, None] | (np.asarray(links.sum(axis=1)).ravel() == 0)[:, None]
    result[unknown] = np.nan
    return Block(
        step.targets, result, _any_bit(links, flags), np.maximum(step.mark, _worst(links, mark))
    )


def narrow(block: Block, codes: Collection[str]) -> Block:
    """Return the block without the regions that are not among the codes."""
    allowed = set(codes)
    rows = [row for row, code in enumerate(block.codes) if code in allowed]
    return Block(
        [block.codes[row] for row in rows], block.value[rows], block.flags[rows], block.mark[rows]
    )


def _weigh(step: Step, value: Floats, measure: Measure) -> Floats:
    if measure == "absolute":
        spread: Floats = step.shares @ value
        return spread
    weights, is_weightless = step.mean_weights
    total = np.asarray(weights.sum(axis=1)).ravel()
    with np.errstate(divide="ignore", invalid="ignore"):
        mean: Floats = (weights @ value) / total[:, None]
    mean[is_weightless] = np.nan
    return mean


def _any_bit(links: sparse.csr_array, flags: Ints) -> Ints:
    """Return the union of the flags of all contributing sources."""
    out = np.zeros((links.shape[0], flags.shape[1]), dtype=np.int64)
    for bit in range(int(flags.max(initial=0)).bit_length()):
        out |= ((links @ ((flags >> bit) & 1)) > 0).astype(np.int64) << bit
    return out


def _worst(links: sparse.csr_array, mark: Ints) -> Ints:
    worst: Ints = links.multiply(mark[None, :]).max(axis=1).toarray().ravel().astype(int)
    return worst


def route(versions: Collection[tuple[int, int]], start: int, end: int) -> list[tuple[int, int]]:
    """Return the shortest chain of steps from one vintage to another.

    Raises
    ------
    NutsVersionMismatch
        No chain of crosswalks joins the two.
    """
    paths: dict[int, list[tuple[int, int]]] = {start: []}
    queue = [start]
    while queue:
        vintage = queue.pop(0)
        for step in sorted(versions):
            if step[0] == vintage and step[1] not in paths:
                paths[step[1]] = [*paths[vintage], step]
                queue.append(step[1])
    if end not in paths:
        raise NutsVersionMismatch(f"no chain of crosswalks leads from NUTS {start} to NUTS {end}.")
    return paths[end]


def pairs_of(crosswalks: pa.Table) -> set[tuple[int, int]]:
    """Return the pairs of vintages that crosswalks hold."""
    pairs = crosswalks.select(["from_version", "to_version"]).group_by(
        ["from_version", "to_version"]
    )
    return {(r["from_version"], r["to_version"]) for r in pairs.aggregate([]).to_pylist()}
