"""Measured ways in place of estimated ones: against every pair put down one by one."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import dijkstra

from pipelines.reach.domestic import Domestic
from pipelines.reach.engine import Reach, reach_each
from pipelines.reach.models import basis, border
from tests.unit.reach.test_reach import LIMITS, TRAVEL, column, line, sites_at

N = 12


def stored(pairs: list[tuple[int, str, float]], countries: dict[str, bool]) -> tuple[pa.Table, ...]:
    minutes = pa.table(
        {
            "origin_id": pa.array([o for o, _, _ in pairs], pa.int64()),
            "destination_id": pa.array([d for _, d, _ in pairs], pa.string()),
            "mode": pa.array(["car"] * len(pairs), pa.string()),
            "minutes": pa.array([m for _, _, m in pairs], pa.float64()),
        }
    )
    return minutes, pa.table(
        {"country": list(countries), "is_measured": pa.array(list(countries.values()), pa.bool_())}
    )


def measure(pairs: list[tuple[int, str, float]], country: list[str], at: list[int]) -> Reach:
    network, _ = line(N, 8.0, country)
    given_rows = stored(pairs, {"BE": True, "NL": False})
    (result,) = reach_each(network, [sites_at(network, at)], TRAVEL, LIMITS, stored=given_rows)
    return result


def test_a_measured_way_takes_the_place_of_its_own_pair_alone() -> None:
    """Sites at the ends of a line of 8-minute links; settlement 2 is 16 minutes from the first.

    Measured: 40 minutes to the first. The other stays 72 minutes away, so the first is the
    nearest still; of the others nothing changes.
    """
    result = measure([(102, "s0", 40.0)], ["BE"] * N, [0, 11])
    assert column(result, "minutes_nearest")[:4] == pytest.approx([0, 8, 40, 24])
    assert column(result, "within_15")[:4].tolist() == [1, 1, 0, 0]
    assert column(result, "within_30")[:4].tolist() == [1, 1, 0, 1]
    words = basis(result)["travel_basis"].to_pylist()
    assert words == ["estimate"] * 2 + ["routing engine"] + ["estimate"] * 9


def test_what_the_matrix_does_not_hold_may_be_nearer() -> None:
    """From settlement 5: 40 minutes by the line to the first, 48 to the last.

    A measured way of 60 minutes to the first leaves the last, 48 by the estimate; one of 3
    minutes to the last takes it.
    """
    further = measure([(105, "s0", 60.0)], ["BE"] * N, [0, 11])
    assert column(further, "nearest_id")[5] == "s1"
    assert column(further, "minutes_nearest")[5] == pytest.approx(48)
    assert basis(further)["travel_basis"][5].as_py() == "estimate"
    nearer = measure([(105, "s1", 3.0)], ["BE"] * N, [0, 11])
    assert column(nearer, "nearest_id")[5] == "s1"
    assert column(nearer, "minutes_nearest")[5] == 3


def test_origins_of_a_country_that_is_not_covered_keep_the_estimate() -> None:
    country = ["BE"] * 6 + ["NL"] * 6
    result = measure([(102, "s0", 1.0), (109, "s1", 1.0)], country, [0, 11])
    assert column(result, "minutes_nearest")[[2, 9]] == pytest.approx([1, 16])


def test_the_border_is_measured_too() -> None:
    """Settlement 5 (BE): 8 minutes to a site in NL, 40 to its own by the line, 20 measured."""
    country = ["BE"] * 6 + ["NL"] * 6
    result = measure([(105, "s0", 20.0)], country, [0, 6])
    network, _ = line(N, 8.0, country)
    found = border(result, Domestic(network))
    assert found["minutes_domestic"][5].as_py() == 20
    assert found["border_effect_min"][5].as_py() == pytest.approx(12)
    assert found["minutes_domestic"][4].as_py() == pytest.approx(32)


@settings(max_examples=60)
@given(
    st.dictionaries(
        st.tuples(st.integers(0, N - 1), st.integers(0, 3)), st.floats(0, 90), max_size=30
    ),
    st.lists(st.integers(0, N - 1), min_size=4, max_size=4, unique=True),
)
def test_against_every_pair(measured: dict[tuple[int, int], float], at: list[int]) -> None:
    network, table = line(N, 8.0)
    ways = dijkstra(network.graph)[:, at]
    for (origin, site), minutes in measured.items():
        ways[origin, site] = minutes
    pairs = [(100 + o, f"s{s}", m) for (o, s), m in measured.items()]
    result = measure(pairs, ["BE"] * N, at)
    assert column(result, "minutes_nearest") == pytest.approx(ways.min(axis=1), abs=1e-6)
    assert column(result, "minutes_mean_3") == pytest.approx(
        np.sort(ways, axis=1)[:, :3].mean(axis=1), abs=1e-6
    )
    for limit in (15, 30, 60):
        assert column(result, f"within_{limit}").tolist() == (ways <= limit).sum(axis=1).tolist()
    # E2SFCA by its definition: weights 1, 0.68, 0.22 up to 10, 20, 30 minutes; one a site.
    weight = np.select([ways <= 10, ways <= 20, ways <= 30], [1.0, 0.68, 0.22], 0.0)
    demand = (weight * table["population"].to_numpy()[:, None]).sum(axis=0)
    ratio = np.divide(1.0, demand, out=np.zeros(4), where=demand > 0)
    assert column(result, "supply_score") == pytest.approx(weight @ ratio)
