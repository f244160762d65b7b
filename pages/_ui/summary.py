"""A map in words, for those who do not see it: its measure, extremes and what is not known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pages._ui import format, state
from pages._ui.classes import Classes
from pages._ui.measures import field_of
from pages._ui.texts import _, figure
from pipelines.serve import queries
from pipelines.serve import tooltips as served
from pipelines.serve.store import Store


def of_regions(store: Store, file: str, classes: Classes) -> str:
    """Return a map of regions in words.

    Parameters
    ----------
    store : Store
        The served database.
    file : str
        Name of the map file of the regions.
    classes : Classes
        Classes of all regions in map order.
    """

    def name(position: int) -> str:
        code = str(state.ask(store, served.regions, file)["nuts_id"].iloc[position])
        row = state.ask(store, queries.region, code)
        return f"{row['name']}, {code}" if row else code

    return _words(store, classes, name)


def of_towns(store: Store, classes: Classes) -> str:
    """Return a map of settlements in words."""

    def name(position: int) -> str:
        row = state.ask(store, queries.town_at, position)
        return f"{row['name']}, {_(row['country_name'])}"

    return _words(store, classes, name)


def _words(store: Store, classes: Classes, name: Callable[[int], str]) -> str:
    measure, values = classes.measure, classes.values
    if measure is None or values is None:
        return ""
    field, missing = field_of(store, measure), classes.counts[-1]
    if not measure.is_number:
        parts = [
            f"{', '.join(_(part) for part in label.split('|'))}: {figure(count)}"
            for label, count in zip(classes.labels, classes.counts, strict=False)
        ]
        parts.append(f"{_('no data')}: {figure(missing)}")
        return f"{field.label}: {'; '.join(parts)}."
    numbers = values.to_numpy(dtype=float, na_value=np.nan)
    if shown := classes.shown:
        numbers = np.where(np.frombuffer(shown.encode(), np.uint8) == ord("1"), numbers, np.nan)
    known = int(np.isfinite(numbers).sum())
    if not known:
        return _("{label}: no data.").format(label=field.label)
    ends = [int(np.nanargmax(numbers)), int(np.nanargmin(numbers))]
    high, low = (
        format.measured(float(numbers[at]), measure.value_format, field.unit) for at in ends
    )
    return _(
        "{label}: highest {high} ({highest}), lowest {low} ({lowest}); {n} with figures, "
        "{missing} without."
    ).format(
        label=field.label,
        high=high,
        highest=name(ends[0]),
        low=low,
        lowest=name(ends[1]),
        n=f"{known:,}",
        missing=f"{missing:,}",
    )
