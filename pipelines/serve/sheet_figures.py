"""From columns to figures: the values of a place, each among its peers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.serve import dictionary, sheet_peers
from pipelines.serve.sheet_parts import Figure, Sentence, plain_number, sentence
from pipelines.serve.sheet_peers import Group, Peers
from pipelines.serve.sheet_specs import Spec
from pipelines.serve.store import Store


def people(value: float) -> str:
    """Return a number of people as it is written in a sentence."""
    return plain_number(value)


def limits_of(thresholds: Mapping[str, float]) -> dict[str, str]:
    """Return the thresholds that meanings name, as they are written."""
    return {
        "close": f"{thresholds['remoteness_close_to_city_min']:g}",
        "small": people(thresholds["size_small_town_min"]),
        "city": people(thresholds["size_city_min"]),
        "large": people(thresholds["remoteness_large_city_population"]),
    }


@dataclass(frozen=True)
class Maker:
    """Makes the figures of one place.

    Attributes
    ----------
    store : Store
    place : str
        Its id among the peers.
    peers : Peers
    groups : tuple of Group
    years : dict of str to str
        Years by the span of a specification.
    limits : dict of str to str
        See :func:`limits_of`.
    """

    store: Store
    place: str
    peers: Peers
    groups: tuple[Group, ...]
    years: dict[str, str]
    limits: dict[str, str]

    def value(self, key: str) -> float | None:
        """Return a figure of the place, None where it is not known."""
        number = float(self.peers.numbers[key][self.peers.position[self.place]])
        return number if math.isfinite(number) else None

    def figure(self, spec: Spec, flags: Iterable[Sentence] = (), key: str = "") -> Figure:
        """Return one figure among its peers; ``key`` where several share a column."""
        key = key or spec.key
        field = dictionary.field(self.store, spec.table, spec.column)
        value = self.value(key)
        return Figure(
            table=spec.table,
            column=spec.column,
            label=spec.label,
            value=value,
            unit=spec.unit,
            years="" if value is None else self.years.get(spec.span, ""),
            pattern=spec.pattern,
            meaning=_filled(spec.meaning, self.limits),
            beside=sheet_peers.beside(self.peers, self.place, key, self.groups),
            sources=field.sources,
            flags=tuple(flags),
        )

    def of(self, section: str, specs: Sequence[Spec]) -> tuple[Figure, ...]:
        """Return the figures of a section; one that nobody has in this database is left out."""
        return tuple(
            self.figure(spec)
            for spec in specs
            if spec.section == section and sheet_peers.is_known(self.peers, spec.key)
        )


def _filled(text: str, limits: Mapping[str, str]) -> Sentence:
    return sentence(text, **{name: v for name, v in limits.items() if "{" + name + "}" in text})


def span(first: Any, last: Any) -> str:
    """Return two years as a span; empty where one is not known."""
    return f"{first}-{last}" if first and last else ""
