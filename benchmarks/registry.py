"""What the table of speed measures: cases, each beside the peers that do the same work.

A case prepares its data unmeasured and returns the step that is measured. Every case runs in a
process of its own, so that its memory is its own. A peer's answer is held against ours.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Spent:
    """What a step measured itself, where its process's clocks do not know it.

    Attributes
    ----------
    wall, cpu : float
        Seconds; ``cpu`` of all processes that took part.
    peak_mb : float
        Largest resident memory of a process that took part.
    """

    wall: float
    cpu: float
    peak_mb: float = 0.0


#: What is measured; its answer, where it has one, is set beside that of its peers.
Step = Callable[[], Floats | Spent | None]


@dataclass(frozen=True)
class Sampled:
    """A step that does a share of the work; its times are divided by that share."""

    step: Step
    share: float


@dataclass(frozen=True)
class Case:
    """One line of the table.

    Attributes
    ----------
    name : str
        By which ``--only`` picks it.
    title : str
        What is done, with numbers.
    prepare : callable
        Takes the folder with the built database (a ``HINTERLAND_HOME``), returns the step.
    peer_of : str
        The case that does the same work with our code.
    packages : tuple of str
        Modules that a peer needs; where one is missing, the table says so.
    runs : int
        Measured repetitions.
    tolerance : float
        How far a peer's answer may be from ours.
    agreeing : float
        Share of the answers that must be so near.
    aim : str
        What is aimed at, in words; empty where there is no aim.
    most : dict
        The same in numbers: the largest ``cpu``, ``wall`` or ``peak_mb``.
    least_ratio : float
        How many times as long a peer must take; 0 for no aim.
    """

    name: str
    title: str
    prepare: Callable[[Path], Step | Sampled]
    peer_of: str = ""
    packages: tuple[str, ...] = ()
    runs: int = 5
    tolerance: float = 0.0
    agreeing: float = 1.0
    aim: str = ""
    most: dict[str, float] = field(default_factory=dict)
    least_ratio: float = 0.0

    def missing(self) -> list[str]:
        """Return the modules that are not installed."""
        return [name for name in self.packages if importlib.util.find_spec(name) is None]


def agreement(ours: Floats, theirs: Floats, tolerance: float) -> tuple[float, float]:
    """Return the largest difference of two answers and the share of values within tolerance.

    Values that are not finite on one side alone count as apart.
    """
    both = np.isfinite(ours) & np.isfinite(theirs)
    difference = np.where(both, 0.0, np.inf)
    difference[both] = np.abs(ours[both] - theirs[both])
    difference[~np.isfinite(ours) & ~np.isfinite(theirs)] = 0.0
    finite = difference[np.isfinite(difference)]
    return float(finite.max(initial=0.0)), float((difference <= tolerance).mean())
