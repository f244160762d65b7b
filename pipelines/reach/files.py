"""What ``hinterland reach`` does: facilities in, a table of settlements out.

One way: facilities -> sites -> snapped -> reach -> table. The command reads a file and
writes one; a page has the bytes of a file and keeps the table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pipelines.core import countries
from pipelines.core.errors import InputError
from pipelines.geo.nearest import SettlementTree
from pipelines.io.atomic import writing
from pipelines.io.guard import guard_column
from pipelines.reach.access import ReachConstants
from pipelines.reach.engine import Reach, reach, reach_from_matrix
from pipelines.reach.facilities import Facilities, FacilityLimits, Near, read_facilities
from pipelines.travel.constants import TravelConstants
from pipelines.travel.network import Network

NetworkSource = Network | Callable[[], Network] | None
#: Keeps the rows of an area and gives them names; the facilities are those of the file.
Complete = Callable[[pa.Table, Facilities], pa.Table]


def _count(number: int, one: str, many: str) -> str:
    """Return a number with its noun."""
    return f"{number:,} {one if number == 1 else many}"


def excluded_words(ids: list[str], why: str) -> list[str]:
    """Say which facilities were set aside, and why: one sentence, or none."""
    if not ids:
        return []
    first_ids = ", ".join(ids[:5]) + (" ..." if len(ids) > 5 else "")
    return [f"{_count(len(ids), 'facility was', 'facilities were')} set aside, {why}: {first_ids}"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachSummary:
    """What the command tells its user.

    Attributes
    ----------
    facilities, settlements : int
        Sites that were used; rows of the table.
    excluded : list of str
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
    unused_rows : int
        Rows of the matrix that lead to no facility of the file.
    """

    facilities: int
    settlements: int
    excluded: list[str]
    without_demand: int
    capacity_basis: str
    unreached: int
    is_estimate: bool
    repairs: list[str]
    unused_rows: int = 0

    def lines(self, out: Path) -> list[str]:
        """Return the summary of a written file in sentences."""
        minutes = "minutes estimated by car." if self.is_estimate else "minutes of the matrix."
        wrote = (
            f"Wrote {_count(self.settlements, 'settlement', 'settlements')} to {out}: reach of "
            f"{_count(self.facilities, 'facility', 'facilities')}, {minutes}"
        )
        return [wrote, *self.remarks()]

    def remarks(self) -> list[str]:
        """Return repairs, what was set aside and what the score shares out, in sentences."""
        lines = self.cautions()
        if not self.is_one_per_site:
            lines.append(f"Supply per person (supply_score) shares out {self._shared()}.")
        if self.unreached:
            count = _count(self.unreached, "settlement reaches", "settlements reach")
            lines.append(f"{count} no facility by road; the minutes are empty.")
        return lines

    @property
    def is_one_per_site(self) -> bool:
        """Whether each facility counts as one for want of capacities."""
        return self.capacity_basis != "capacity"

    def cautions(self, stated: bool = False) -> list[str]:
        """Return those of the remarks that say that the file was not taken as it stands.

        Parameters
        ----------
        stated : bool
            Whether the user said that each facility counts as one: nothing is said of it then.
        """
        lines = list(self.repairs)
        why = "near no settlement" if self.is_estimate else "in no row of the matrix"
        lines += excluded_words(self.excluded, why)
        if self.unused_rows:
            count = _count(self.unused_rows, "row of the matrix leads", "rows of the matrix lead")
            lines.append(f"{count} to no facility of the file.")
        if self.without_demand:
            count = _count(self.without_demand, "facility is", "facilities are")
            lines.append(f"{count} in nobody's catchment and in no score.")
        if self.is_one_per_site and not stated:
            lines.append(f"Supply per person (supply_score) shares out {self._shared()}.")
        return lines

    def _shared(self) -> str:
        """Say what the score shares out."""
        if self.capacity_basis == "capacity":
            return "the capacities of the file"
        return f"{self.capacity_basis}: no capacity is taken from the file"


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityReach:
    """Reach of a file of facilities: the table of :func:`reach` and what is to be said."""

    table: pa.Table
    summary: ReachSummary


def reach_file(
    facilities: Path,
    settlements: pa.Table,
    network: NetworkSource,
    thresholds: Mapping[str, float],
    out: Path,
    *,
    country: str | None = None,
    domestic: bool = False,
    matrix: Path | None = None,
    mode: str | None = None,
    one_per_site: bool = False,
    complete: Complete | None = None,
) -> ReachSummary:
    """Write every settlement's reach of the facilities of a file.

    Parameters
    ----------
    facilities : Path
        See :func:`pipelines.reach.facilities.read_facilities`.
    settlements : Table
        With ``geonameid``, ``country``, ``lon``, ``lat``; the network's settlements.
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
    mode : str, optional
        Which mode of the matrix is taken, where it holds several.
    one_per_site : bool
        Each facility counts as one, whatever capacity it states.
    complete : callable, optional
        Takes the table and the facilities, and returns the table that is written.

    Raises
    ------
    InputError, TargetUnwritable
    """
    if out.suffix.lower() not in (".csv", ".parquet"):
        raise InputError(f"{out.name}: the result is written as .csv or .parquet")
    _check_country(settlements, country)
    travel = TravelConstants.from_thresholds(thresholds)
    near = near_settlements(settlements, travel.access_max_km)
    read = read_facilities(facilities, FacilityLimits.from_thresholds(thresholds), near)
    measured = measure(
        read,
        settlements,
        network,
        thresholds,
        country=country,
        domestic=domestic,
        matrix=matrix,
        mode=mode,
        one_per_site=one_per_site,
        complete=complete,
    )
    _write(measured.table, out)
    return measured.summary


def measure(
    facilities: Facilities,
    settlements: pa.Table,
    network: NetworkSource,
    thresholds: Mapping[str, float],
    *,
    country: str | None = None,
    domestic: bool = False,
    matrix: Path | None = None,
    mode: str | None = None,
    one_per_site: bool = False,
    complete: Complete | None = None,
) -> FacilityReach:
    """Measure every settlement's reach of facilities; parameters as of :func:`reach_file`."""
    _check_country(settlements, country)
    facilities = facilities.for_supply(one_per_site)
    limits = ReachConstants.from_thresholds(thresholds)
    if matrix is None and mode is not None:
        raise InputError("--mode chooses the rows of a --matrix; the estimate is by car")
    if matrix is None:
        ready = network() if callable(network) else network
        if ready is None:
            raise InputError("reach needs a network or a matrix of travel times")
        travel = TravelConstants.from_thresholds(thresholds)
        result = reach(ready, facilities.sites, travel, limits, domestic=domestic)
    elif domestic:
        raise InputError("--domestic needs the network: a matrix does not say where sites lie")
    else:
        result = reach_from_matrix(settlements, facilities.sites, matrix, limits, mode)
    table = result.table
    if country is not None:
        mine = settlements.filter(pc.equal(settlements["country"], country))["geonameid"]
        table = table.filter(pc.is_in(table["geonameid"], mine.cast(pa.int64()).combine_chunks()))
    if complete is not None:
        table = complete(table, facilities)
    return FacilityReach(
        table=table, summary=_summary(table, facilities, result, is_estimate=matrix is None)
    )


def _summary(
    table: pa.Table, facilities: Facilities, result: Reach, *, is_estimate: bool
) -> ReachSummary:
    return ReachSummary(
        facilities=len(facilities.sites) - len(result.excluded),
        settlements=table.num_rows,
        excluded=result.excluded.tolist(),
        without_demand=result.without_demand,
        capacity_basis=result.capacity_basis,
        unreached=table["minutes_nearest"].null_count,
        is_estimate=is_estimate,
        repairs=facilities.repairs,
        unused_rows=result.unused_rows,
    )


def _check_country(settlements: pa.Table, country: str | None) -> None:
    codes = settlements["country"]
    if country is not None and not pc.any(pc.equal(codes, country)).as_py():
        known = countries.allowed(country, (c for c in pc.unique(codes).to_pylist() if c))
        raise InputError(f"--country: '{country}' is not a country of the settlements; {known}")


def near_settlements(settlements: pa.Table, most_km: float) -> Near:
    """Return a test of whether points are degrees within ``most_km`` of a settlement."""
    tree = SettlementTree(settlements["lon"].to_numpy(), settlements["lat"].to_numpy())

    def near(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.bool_]:
        index, _ = tree.nearest(lon, lat, most_km)
        return (np.abs(lat) <= 90) & (index >= 0)

    return near


def _write(table: pa.Table, out: Path) -> None:
    """Write beside the target and move, so that a failure leaves what was there."""
    with writing(out) as draft:
        if out.suffix.lower() == ".parquet":
            pq.write_table(table, draft)
        else:
            pyarrow.csv.write_csv(_for_csv(table), draft)


def to_csv(table: pa.Table) -> bytes:
    """Return a result of the command as the bytes of a CSV file."""
    sink = pa.BufferOutputStream()
    pyarrow.csv.write_csv(_for_csv(table), sink)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _for_csv(table: pa.Table) -> pa.Table:
    """Round minutes, and guard ids that a spreadsheet would take for formulas."""
    for index, name in enumerate(table.column_names):
        if name.startswith("minutes"):
            table = table.set_column(index, name, pc.round(table[name], 2))
        elif pa.types.is_string(table.schema.field(name).type):
            table = table.set_column(index, name, guard_column(table[name]))
    return table
