"""A selection of regions by trend, service deserts, remoteness and meeting places, as data."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from pipelines.serve.filters import in_words, moved_words
from pipelines.serve.texts import N_, _

TRENDS = ("shrinking", "stable", "growing")
#: What makes a region thin, and its classes from well off to thin.
CLASSES = {
    "desert": ("served", "partly served", "unserved"),
    "remote": ("close to a city", "partly remote", "remote"),
    "places": (N_("places remain"), N_("partly without places"), N_("few places")),
}
DIMENSIONS = {
    "desert": N_("service deserts"),
    "remote": N_("remoteness"),
    "places": N_("meeting places"),
}
#: The corners of trend by each of them: shrinking and thin, shrinking and not, growing both ways.
QUADRANTS = {
    "desert": (
        N_("declining and unserved"),
        N_("declining, services remain"),
        N_("growing and thin"),
        N_("growing and served"),
    ),
    "remote": (
        N_("declining and remote"),
        N_("declining, close to a city"),
        N_("growing and remote"),
        N_("growing, close to a city"),
    ),
    "places": (
        N_("declining, few places"),
        N_("declining, places remain"),
        N_("growing, few places"),
        N_("growing, places there"),
    ),
}
_LISTS = ("country", "trend", "desert_class", "remote_class", "places_class")


@dataclass(frozen=True)
class CrossingFilter:
    """A selection of regions; empty tuples do not restrict, and no data fits no class.

    Attributes
    ----------
    level : int
        Level of NUTS 2021, 0 to 3.
    by : str
        Key of ``DIMENSIONS``: what the trend is crossed with on the map.
    quadrant : tuple of int
        Positions in ``QUADRANTS[by]``.
    country, trend, desert_class, remote_class, places_class : tuple of str
        Values of those columns.
    moved : tuple of (str, float)
        Thresholds that the user moved.
    """

    level: int = 3
    by: str = "desert"
    quadrant: tuple[int, ...] = ()
    country: tuple[str, ...] = ()
    trend: tuple[str, ...] = ()
    desert_class: tuple[str, ...] = ()
    remote_class: tuple[str, ...] = ()
    places_class: tuple[str, ...] = ()
    moved: tuple[tuple[str, float], ...] = ()

    @property
    def needs_places(self) -> bool:
        """Whether what is selected follows from an OpenStreetMap set."""
        return bool(self.places_class) or self.by == "places"

    def fits(self, table: pd.DataFrame) -> pd.Series:
        """Tell which rows of :func:`pipelines.serve.crossing.regions` are selected."""
        chosen = pd.Series(True, index=table.index)
        for name in _LISTS:
            if values := getattr(self, name):
                chosen &= table[name].isin(values).astype(bool)
        if self.quadrant:
            names = [QUADRANTS[self.by][position] for position in self.quadrant]
            chosen &= table["corner"].isin(names).astype(bool)
        return chosen

    def words(self) -> str:
        """Return the selection in words, for titles and downloads."""
        parts = [
            _("level {n}").format(n=self.level),
            _("trend by {dimension}").format(dimension=_(DIMENSIONS[self.by])),
        ]
        if self.quadrant:
            parts.append(in_words("quadrant", [QUADRANTS[self.by][n] for n in self.quadrant]))
        parts += [in_words(name, getattr(self, name)) for name in _LISTS if getattr(self, name)]
        return "; ".join([*parts, *moved_words(self.moved)])
