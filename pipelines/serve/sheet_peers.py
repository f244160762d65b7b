"""The peers that a place is compared with: read once a database, compared in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.serve.sheet_parts import QUANTILES, Distribution, Sentence
from pipelines.serve.store import Store

#: Fewer peers than this have no quantiles worth drawing.
FEWEST = 5


@dataclass(frozen=True)
class Peers:
    """Figures of all places of one kind, one array each, in one order.

    Attributes
    ----------
    ids : list of str
        NUTS codes, or GeoNames ids.
    position : dict of str to int
        Where a place stands in the arrays.
    texts : dict of str to array of object
        Columns that make groups, shape (n,).
    numbers : dict of str to array of float
        Figures by name, shape (n,), NaN where not known.
    """

    ids: list[str]
    position: dict[str, int]
    texts: dict[str, NDArray[np.object_]]
    numbers: dict[str, NDArray[np.float64]]


@dataclass(frozen=True)
class Group:
    """Some of the peers.

    Attributes
    ----------
    name : {"country", "EU", "type"}
    label : Sentence
        In words.
    members : array of bool
        Shape (n,).
    values : dict of str to float
        What is known of the group as a whole, by figure.
    """

    name: str
    label: Sentence
    members: NDArray[np.bool_]
    values: dict[str, float]


def read(store: Store, sql: str, texts: Sequence[str]) -> Peers:
    """Return peers from a query whose first column is ``id``; all but ``texts`` are numbers."""
    table = store.arrow(sql)
    ids = [str(i) for i in table["id"].to_pylist()]
    names = [name for name in table.column_names if name not in ("id", *texts)]
    return Peers(
        ids=ids,
        position={code: i for i, code in enumerate(ids)},
        texts={name: np.array(table[name].to_pylist(), dtype=object) for name in texts},
        numbers={name: table[name].cast("double").to_numpy() for name in names},
    )


def is_known(peers: Peers, name: str) -> bool:
    """Tell whether any of the peers has a figure."""
    return bool(np.isfinite(peers.numbers[name]).any())


def beside(
    peers: Peers, place: str, name: str, groups: Sequence[Group]
) -> tuple[Distribution, ...]:
    """Return where a place stands by a figure, in each group with enough members."""
    parts = (_one(peers, peers.position[place], name, group) for group in groups)
    return tuple(part for part in parts if part is not None)


def _one(peers: Peers, i: int, name: str, group: Group) -> Distribution | None:
    numbers = peers.numbers[name]
    values = numbers[group.members & np.isfinite(numbers)]
    if len(values) < FEWEST:
        return None
    mine, is_member = numbers[i], bool(group.members[i])
    has_rank = is_member and bool(np.isfinite(mine))
    return Distribution(
        group=group.name,
        label=group.label,
        count=len(values),
        quantiles=tuple(float(q) for q in np.quantile(values, QUANTILES)),
        rank=int((values > mine).sum()) + 1 if has_rank else None,
        tied=int((values == mine).sum()) - 1 if has_rank else 0,
        is_member=is_member,
        value=group.values.get(name),
    )
