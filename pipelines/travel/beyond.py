"""Estimated minutes to the centres that a stored matrix does not hold.

A matrix from an extract knows the centres of its area only. The nearest centre of a
settlement is the nearest of both: the nearest that the matrix holds, and the nearest of all
others by the estimate, which is what is found here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipelines.core.thresholds import Thresholds
from pipelines.travel.constants import TravelConstants
from pipelines.travel.network import Network, network_from_table
from pipelines.travel.remoteness import to_nodes

Tables = Mapping[str, pa.Table]
Ints = NDArray[np.int64]
NODES = "indicators.ind_settlement__node"
_SCHEMA = pa.schema(
    [
        ("geonameid", pa.int32()),
        ("centre_kind", pa.string()),
        ("minutes", pa.float64()),
        ("centre_id", pa.int32()),
    ]
)


def beyond_matrix(tables: Tables) -> pa.Table:
    """Return the nearest centre of each kind to which no stored matrix holds a way.

    Takes nodes, links, centres, the countries that matrices cover, and the minutes of the
    matrices. One row a settlement from which a matrix has minutes, in such a country, and
    kind of centre: ``geonameid, centre_kind, minutes`` (estimated), ``centre_id``. Without a
    stored matrix there is none.
    """
    countries = tables["indicators.ind_country__matrix"]
    covered = countries.filter(countries["is_measured"])["country"].combine_chunks()
    if not len(covered):
        return _SCHEMA.empty_table()
    network = network_from_table(tables[NODES], tables["indicators.ind_settlement__links"])
    ids = network.settlements.geonameid
    is_covered = np.isin(network.settlements.country.astype(str), covered.to_pylist())
    origin, destination = held_ways(tables["staging.stg_openstreetmap__minutes"], ids)
    of_country = is_covered[origin]
    centres = tables["indicators.ind_settlement__centre"]
    constants = TravelConstants.from_thresholds(Thresholds.of_table(tables["seeds.thresholds"]))
    parts = [
        part
        for origins, held in same_destinations(origin[of_country], destination[of_country])
        for part in _nearest_others(network, centres, origins, held, constants)
    ]
    return pa.concat_tables(parts) if parts else _SCHEMA.empty_table()


def held_ways(minutes: pa.Table, ids: Ints) -> tuple[Ints, Ints]:
    """Return the ways by car between settlements, as positions in ``ids``.

    A destination that is no settlement is −1: its origin is known nevertheless.
    """
    rows = minutes.filter(pc.equal(minutes["mode"], "car"))
    known = pa.array([str(i) for i in ids.tolist()], pa.string())
    ends = (rows["origin_id"].cast(pa.string()), rows["destination_id"])
    origin, destination = (
        pc.fill_null(pc.index_in(end, value_set=known), -1).to_numpy().astype(np.int64)
        for end in ends
    )
    return origin[origin >= 0], destination[origin >= 0]


def same_destinations(origin: Ints, destination: Ints) -> Iterator[tuple[Ints, Ints]]:
    """Group origins from which the same destinations are held.

    Of one extract that hangs together all origins are one group; an island without a ferry is
    another.

    Yields
    ------
    origins, destinations : ndarray
        Positions; a destination of −1 is left out.
    """
    order = np.lexsort((destination, origin))
    origin, destination = origin[order], destination[order]
    cuts = np.flatnonzero(np.diff(origin)) + 1
    groups: dict[bytes, list[int]] = {}
    for part in np.split(np.arange(len(origin)), cuts) if len(origin) else ():
        held = destination[part]
        groups.setdefault(held[held >= 0].tobytes(), []).append(int(origin[part[0]]))
    for key, origins in groups.items():
        yield np.array(origins, np.int64), np.frombuffer(key, np.int64)


def _nearest_others(
    network: Network, centres: pa.Table, origins: Ints, held: Ints, c: TravelConstants
) -> Iterator[pa.Table]:
    """Yield the nearest centre of each kind that is not held, for some origins."""
    ids = network.settlements.geonameid
    for kind in sorted(pc.unique(centres["centre_kind"]).to_pylist()):
        of_kind = centres.filter(pc.equal(centres["centre_kind"], kind))["geonameid"].to_numpy()
        others = np.setdiff1d(np.flatnonzero(np.isin(ids, of_kind)), held)
        minutes, centre = to_nodes(network, others, c)
        reached = origins[np.isfinite(minutes[origins])]
        yield pa.table(
            {
                "geonameid": ids[reached].astype(np.int32),
                "centre_kind": pa.array([kind] * len(reached), pa.string()),
                "minutes": minutes[reached],
                "centre_id": centre[reached].astype(np.int32),
            },
            schema=_SCHEMA,
        )
