"""Thresholds as dials: what a moved one changes, and how near a region is to the next class.

One mechanism for all dials: ``EFFECTS`` says which classes a threshold cuts, ``_CLASSES`` which
macro and figures give a class. The build calls the same macros.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipelines.serve.store import Store
from pipelines.serve.thresholds import disorder, thresholds

Mask = NDArray[np.bool_]
#: The columns of classes that each dial moves.
EFFECTS: dict[str, tuple[str, ...]] = {
    "trend_stable_annual_pct": ("trend",),
    "shrinking_moderate_annual_pct": ("shrinking_class", "duration_class"),
    "shrinking_severe_annual_pct": ("shrinking_class", "duration_class"),
    "webb_stationary_per_1000": ("webb_type",),
    "cause_active_min_share": ("cause",),
    "cause_legacy_max_share": ("cause",),
    "thin_desert_share": ("desert_class",),
    "thin_few_share": ("desert_class", "remote_class", "places_class"),
    "thin_places_share": ("places_class",),
    "remoteness_close_share": ("remoteness", "remote_class"),
    "watch_annual_pct": ("watch_count",),
    "watch_median_age": ("watch_count",),
    "watch_gdp_pct": ("watch_count",),
}
#: A dial is tried at these multiples of its value.
TRIED = (0.9, 1.1)
NO_DATA = "no data"


@dataclass(frozen=True)
class _Class:
    """How a class follows from figures: a call of a macro, and where one figure is cut."""

    call: str
    figures: tuple[str, ...]
    cut_by: tuple[str, ...] = ()


# `a`, `b`, `c` are the figures of a row, `{moved}` the map of moved thresholds.
_CLASSES = {
    "trend": _Class(
        "trend_class(a, {moved})", ("annual_change_pct",), ("trend_stable_annual_pct",)
    ),
    "shrinking_class": _Class(
        "shrinking_class(a, {moved})",
        ("window_change_pct",),
        ("shrinking_annual_pct", "shrinking_moderate_annual_pct", "shrinking_severe_annual_pct"),
    ),
    "webb_type": _Class(
        "webb_type(a, b, {moved})", ("natural_change_per_1000", "net_migration_per_1000")
    ),
    "cause": _Class(
        "shrinking_cause(a, b, c, {moved})",
        ("window_change_pct", "natural_change_per_1000", "net_migration_per_1000"),
    ),
    "desert_class": _Class(
        "desert_class(a, {moved})", ("desert_share",), ("thin_desert_share", "thin_few_share")
    ),
    "remote_class": _Class("remote_class(a, {moved})", ("remote_share",), ("thin_few_share",)),
    "remoteness": _Class(
        "urban_rural_remoteness(a, 1 - b, {moved})", ("urban_rural", "remote_share")
    ),
}
#: Columns of classes that figures at hand give, so that their firmness can be told.
CLASSED = tuple(_CLASSES)


def affected(moved: Iterable[tuple[str, float]], columns: Iterable[str]) -> list[str]:
    """Return those of some columns of classes that moved thresholds cut, in their order."""
    touched = {column for name, _ in moved for column in EFFECTS[name]}
    return [column for column in columns if column in touched]


def moves(
    before: pd.DataFrame, after: pd.DataFrame, columns: Sequence[str], inside: Mask
) -> pd.DataFrame:
    """Return each region whose class moved, one row a column of classes.

    Parameters
    ----------
    before, after : DataFrame, shape (n, columns)
        The same regions in the same order, at the published and at the moved thresholds.
    columns : sequence of str
        Columns of classes.
    inside : ndarray of bool, shape (n,)
        Regions that count.

    Returns
    -------
    DataFrame
        ``nuts_id, name, country, typology, class_before, class_after``.
    """
    parts = []
    for column in columns:
        old, new = _named(before[column]), _named(after[column])
        rows = before.loc[inside & (old != new), ["nuts_id", "name", "country"]]
        parts.append(
            rows.assign(typology=column, class_before=old[rows.index], class_after=new[rows.index])
        )
    empty = pd.DataFrame(
        columns=["nuts_id", "name", "country", "typology", "class_before", "class_after"]
    )
    return pd.concat(parts, ignore_index=True) if parts else empty


def matrix(before: pd.Series, after: pd.Series, order: Sequence[str] = ()) -> pd.DataFrame:
    """Return how many regions went from each class (rows) to each class (columns)."""
    old, new = _named(before), _named(after)
    known = [name for name in order if name in set(old) | set(new)]
    rest = sorted((set(old) | set(new)) - set(known))
    counts = pd.crosstab(old, new)
    return counts.reindex(index=known + rest, columns=known + rest, fill_value=0)


def narrowed(counts: pd.DataFrame) -> pd.DataFrame:
    """Return a matrix without the classes that no region left and none entered."""
    own = pd.Series({name: counts.loc[name, name] for name in counts.index}, dtype=int)
    has_moves = (counts.sum(axis=0) > own) | (counts.sum(axis=1) > own)
    touched = [name for name in counts.index if has_moves[name]]
    return counts.loc[touched, touched]


def _named(values: pd.Series) -> pd.Series:
    """Return classes as text; a count of criteria is a class, too."""
    if pd.api.types.is_numeric_dtype(values):
        values = values.map(lambda number: f"{number:g}", na_action="ignore")
    return values.astype(object).where(values.notna(), NO_DATA)


def robustness(
    store: Store, table: pd.DataFrame, column: str, moved: Sequence[tuple[str, float]]
) -> pd.DataFrame | None:
    """Return how firmly each region stands in its class, or None for a class without figures.

    Parameters
    ----------
    store : Store
    table : DataFrame, shape (n, columns)
        Regions with the figures that the class follows from.
    column : str
        Column of classes.
    moved : sequence of (str, float)
        Thresholds as they stand; each dial of the class is tried 10 % below and above its value,
        alone. A value whose order with another breaks is not tried.

    Returns
    -------
    DataFrame, shape (n, 2)
        ``distance``: how far the figure lies from the nearest cut point, in its own unit (missing
        where the class is not cut from one figure); ``kept_share``: share of the tried dials
        that keep the class, 0 to 1. Missing where the class is not known.
    """
    if column not in _CLASSES:
        return None
    kind = _CLASSES[column]
    now = {**thresholds(store), **dict(moved)}
    classes = _classed(store, table, kind, [dict(moved), *_tried(store, column, moved)])
    base = classes[0]
    unmoved = np.mean([base == other for other in classes[1:]], axis=0)
    is_known = pd.notna(base)
    return pd.DataFrame(
        {
            "distance": _distance(table, kind, now),
            "kept_share": np.where(is_known, unmoved, np.nan),
        },
        index=table.index,
    )


def _tried(store: Store, column: str, moved: Sequence[tuple[str, float]]) -> list[dict[str, float]]:
    """Return the thresholds with each dial of a class lower and higher, alone."""
    now = {**thresholds(store), **dict(moved)}
    dials = [name for name, columns in EFFECTS.items() if column in columns]
    tries = ({**dict(moved), name: now[name] * factor} for name in dials for factor in TRIED)
    return [one for one in tries if not disorder(store, one.items())]


def entering(
    store: Store,
    column: str,
    moved: Sequence[tuple[str, float]],
    fits: Callable[[tuple[tuple[str, float], ...]], Mask],
) -> Mask:
    """Return which regions outside a selection one of the tried dials of a class would bring in.

    Parameters
    ----------
    store : Store
    column : str
        Column of classes.
    moved : sequence of (str, float)
        Thresholds as they stand.
    fits : callable
        Returns for moved thresholds which regions the filter selects, shape (n,).

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    inside = fits(tuple(moved))
    each = [fits(tuple(one.items())) for one in _tried(store, column, moved)]
    return np.asarray(np.any([inside, *each], axis=0) & ~inside, dtype=bool)


def _distance(table: pd.DataFrame, kind: _Class, now: Mapping[str, float]) -> Any:
    """Return how far the figure lies from the nearest cut point."""
    if not kind.cut_by:
        return np.full(len(table), np.nan)
    values = table[kind.figures[0]].to_numpy(dtype=float, na_value=np.nan)
    cuts = [now[name] for name in kind.cut_by]
    if kind.figures[0] == "annual_change_pct":
        cuts += [-cut for cut in cuts]  # the band of no change has two ends
    return np.min([np.abs(values - cut) for cut in cuts], axis=0)


def _classed(
    store: Store, table: pd.DataFrame, kind: _Class, tried: Sequence[Mapping[str, float]]
) -> list[Any]:
    """Return the class of each row under each set of moved thresholds."""
    parameters: dict[str, Any] = {}
    for letter, name in zip("abc", kind.figures, strict=False):
        figures = table[name].astype(object)
        parameters[letter] = figures.where(figures.notna(), None).tolist()
    calls = []
    for number, moved in enumerate(tried):
        parameters[f"n{number}"], parameters[f"v{number}"] = list(moved), list(moved.values())
        text = kind.call.format(moved=f"map($n{number}::varchar[], $v{number}::double[])")
        calls.append(f"{text} c{number}")
    kinds = ("varchar" if name == "urban_rural" else "double" for name in kind.figures)
    lists = ", ".join(
        f"unnest(${name}::{kind}[]) as {name}" for name, kind in zip("abc", kinds, strict=False)
    )
    result = store.frame(f"select {', '.join(calls)} from (select {lists})", parameters)  # noqa: S608
    plain = result.astype(object).where(result.notna(), None)
    return [plain[f"c{number}"].to_numpy() for number in range(len(tried))]


def moved_csv(moved: pd.DataFrame, notes: Mapping[str, str]) -> bytes:
    """Return the regions that moved as CSV; lines of notes, each after a #, stand before them."""
    text = io.StringIO()
    for key, value in notes.items():
        text.write(f"# {key}: {value}\n")
    moved.to_csv(text, index=False)
    return text.getvalue().encode()
