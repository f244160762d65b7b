"""What ``hinterland reach`` does: a file of facilities in, a table of settlements out."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
from scipy.spatial import cKDTree

from pipelines.core.errors import InputError, TargetUnwritable
from pipelines.geo.sphere import chord_to_arc, to_sphere
from pipelines.reach.access import ReachConstants
from pipelines.reach.engine import reach, reach_from_matrix
from pipelines.reach.facilities import FacilityLimits, Near, read_facilities
from pipelines.travel.constants import TravelConstants
from pipelines.travel.network import Network

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True)
class ReachSummary:
    """What the command tells its user.

    Attributes
    ----------
    out : Path
    facilities, settlements : int
        Sites that were used; rows written.
    set_aside : list of str
        Ids of sites that are near no settlement.
    without_demand : int
        Sites that nobody reaches; their capacity is in no score.
    capacity_basis : str
        What ``supply_score`` shares out.
    unreached : int
        Settlements from which no facility can be reached.
    is_estimate : bool
        Whether the minutes are the network's estimate.
    repairs : list of str
        What was repaired in reading the file.
    """

    out: Path
    facilities: int
    settlements: int
    set_aside: list[str]
    without_demand: int
    capacity_basis: str
    unreached: int
    is_estimate: bool
    repairs: list[str]

    def lines(self) -> list[str]:
        """Return the summary in sentences."""
        found = [
            f"Wrote {self.settlements:,} settlements to {self.out}: reach of "
            f"{self.facilities:,} facilities, "
            + ("minutes estimated by car." if self.is_estimate else "minutes of the matrix.")
        ]
        found += self.repairs
        if self.set_aside:
            shown = ", ".join(self.set_aside[:5]) + (" ..." if len(self.set_aside) > 5 else "")
            why = "near no settlement" if self.is_estimate else "in no row of the matrix"
            found.append(f"{len(self.set_aside):,} facilities were set aside, {why}: {shown}")
        found.append(f"{self.without_demand:,} facilities without demand are in no supply score.")
        found.append(f"supply_score shares out: {self.capacity_basis}.")
        found.append(f"{self.unreached:,} settlements reach none; their minutes are empty.")
        return found


def reach_file(
    facilities: Path,
    settlements: pa.Table,
    network: Network | Callable[[], Network] | None,
    thresholds: Mapping[str, float],
    out: Path,
    country: str | None = None,
    domestic: bool = False,
    matrix: Path | None = None,
) -> ReachSummary:
    """Write every settlement's reach of the facilities of a file.

    Parameters
    ----------
    facilities : Path
        See :func:`pipelines.facilities.read_facilities`.
    settlements : Table
        With ``geonameid`` and ``country``; the network's settlements.
    network : Network, or a function that returns one, or None
        A function is called only once the file is known to be good. May be None only
        when ``matrix`` is given.
    thresholds : mapping of str to float
        Rows of the thresholds seed.
    out : Path
        ``.csv`` or ``.parquet``.
    country : str, optional
        Eurostat code; only its settlements are written. People abroad still
        compete for the facilities.
    domestic : bool
        Count only facilities in the settlement's own country.
    matrix : Path, optional
        Travel times from a routing engine, see :func:`pipelines.travel.matrix.read_matrix`.

    Raises
    ------
    InputError, TargetUnwritable
    """
    if out.suffix.lower() not in (".csv", ".parquet"):
        raise InputError(f"{out.name}: the result is written as .csv or .parquet")
    codes = settlements["country"]
    if country is not None and not pc.any(pc.equal(codes, country)).as_py():
        known = ", ".join(sorted(c for c in pc.unique(codes).to_pylist() if c))
        raise InputError(f"--country: '{country}' is not a country of the settlements: {known}")
    travel = TravelConstants.from_thresholds(thresholds)
    near = near_settlements(settlements, travel.access_max_km)
    found = read_facilities(facilities, FacilityLimits.from_thresholds(thresholds), near)
    limits = ReachConstants.from_thresholds(thresholds)
    if matrix is not None:
        if domestic:
            raise InputError("--domestic needs the network: a matrix does not say where sites lie")
        result = reach_from_matrix(settlements, found.sites, matrix, limits)
    else:
        ready = network() if callable(network) else network
        result = reach(ready, found.sites, travel, limits, domestic=domestic)
    table = result.table
    if country is not None:
        mine = settlements.filter(pc.equal(codes, country))["geonameid"]
        table = table.filter(pc.is_in(table["geonameid"], mine.cast(pa.int64()).combine_chunks()))
    _write(table, out)
    return ReachSummary(
        out,
        len(found.sites) - len(result.set_aside),
        table.num_rows,
        result.set_aside.tolist(),
        result.without_demand,
        result.capacity_basis,
        table["minutes_nearest"].null_count,
        matrix is None,
        found.repairs,
    )


def near_settlements(settlements: pa.Table, most_km: float) -> Near:
    """Return a test of whether points lie within ``most_km`` of a settlement."""
    lon, lat = (settlements[c].to_numpy(zero_copy_only=False) for c in ("lon", "lat"))
    tree = cKDTree(to_sphere(lon, lat))

    def near(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
        chord, _ = tree.query(to_sphere(lon, lat))
        return (np.abs(lat) <= 90) & (chord_to_arc(chord) <= most_km)

    return near


def _write(table: pa.Table, out: Path) -> None:
    """Write beside the target and move, so that a failure leaves what was there."""
    part = out.with_name(f".{out.name}.part")
    try:
        if out.suffix.lower() == ".parquet":
            pq.write_table(table, part)
        else:
            pyarrow.csv.write_csv(_for_csv(table), part)
        os.replace(part, out)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise TargetUnwritable(f"{out}: cannot be written: {error}") from error


def to_csv(table: pa.Table) -> bytes:
    """Return a result of the command as the bytes of a CSV file."""
    sink = pa.BufferOutputStream()
    pyarrow.csv.write_csv(_for_csv(table), sink)
    return sink.getvalue().to_pybytes()


def _for_csv(table: pa.Table) -> pa.Table:
    """Round minutes, and guard ids that a spreadsheet would take for formulas."""
    for name in table.column_names:
        at = table.column_names.index(name)
        if name.startswith("minutes"):
            table = table.set_column(at, name, pc.round(table[name], 2))
    at = table.column_names.index("nearest_id")
    ids = np.array(table["nearest_id"].to_pylist(), dtype=object)
    guarded = [f"'{i}" if i and i.lstrip(" ").startswith(_FORMULA) else i for i in ids]
    return table.set_column(at, "nearest_id", pa.array(guarded, pa.string()))
