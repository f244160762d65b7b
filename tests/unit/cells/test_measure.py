"""Cells on four settlements in a row, worked out by hand."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from scipy.sparse import csr_array

from pipelines.cells.base import Base, SiteLists, write_base
from pipelines.cells.grid import Cells
from pipelines.cells.job import added
from pipelines.cells.measure import PERSON, demand, measure, write_shares
from pipelines.reach.sites import Sites
from pipelines.travel import embedded
from pipelines.travel.crossings import Links
from pipelines.travel.network import Network
from pipelines.travel.settlements import Settlements

#: Along 50 degrees north, 0.1 degrees (7.1 km) apart; 8 minutes each to the next.
LON = np.array([10.0, 10.1, 10.2, 10.3])


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Base:
    nodes = pa.table(
        {
            "geonameid": pa.array([1, 2, 3, 4], pa.int32()),
            "lon": LON,
            "lat": [50.0] * 4,
            "population": [100.0] * 4,
            "country": ["DE"] * 4,
        }
    )
    links = Links(np.arange(3), np.arange(1, 4), np.full(3, 8.0), np.zeros(3, np.int8))
    network = Network.from_links(Settlements.from_table(nodes), links)
    assert isinstance(network.graph, csr_array)
    # Clinics at the first and the third settlement, with 10 and 30 beds.
    clinics = Sites(
        np.array(["a", "b"], dtype=object), LON[[0, 2]], np.full(2, 50.0), np.array([10.0, 30.0])
    )
    known = nodes.select(["geonameid", "lon", "lat"])
    known = known.append_column("minutes_to_town", pa.array([0.0, 8.0, 16.0, None]))
    known = known.append_column("coverage_clinic", pa.array(["covered"] * 3 + [None]))
    known = known.append_column("minutes_nearest_clinic", pa.array([2.0, 10.0, 2.0, None]))
    known = known.append_column("nearest_id_clinic", pa.array(["a", "a", "b", None]))
    folder = tmp_path_factory.mktemp("base")
    return write_base(folder, network, {"clinic": clinics}, known, embedded.thresholds())


def cells(*rows: tuple[str, float, float]) -> Cells:
    """Cells by id, longitude along 50 degrees north, and people."""
    ids, lon, people = zip(*rows, strict=True)
    return Cells(pa.array(ids), np.array(people), np.array(lon), np.full(len(rows), 50.0))


def whole(base: Base, *chunks: Cells) -> list[dict[str, object]]:
    write_shares(base, added(iter([demand(base, chunk) for chunk in chunks])))
    return [row for chunk in chunks for row in measure(base, chunk).to_pylist()]


def test_a_cell_takes_the_settlements_minutes_and_the_way_to_it(base: Base) -> None:
    (row,) = whole(base, cells(("x", 10.12, 50.0)))
    # 0.02 degrees at 50 north: 6371.0088 km x pi/180 x 0.02 x cos(50) = 1.4295 km;
    # x 1.3 at 36 km/h, as thresholds.csv says: 3.0972 minutes.
    assert row["geonameid"] == 2
    assert row["access_min"] == pytest.approx(3.0972, abs=1e-3)
    assert row["minutes_to_town"] == pytest.approx(11.0972, abs=1e-3)
    assert row["minutes_nearest_clinic"] == pytest.approx(13.0972, abs=1e-3)
    assert row["nearest_id_clinic"] == "a"


def test_counts_and_supply_by_hand(base: Base) -> None:
    """Ends of steps 10, 20, 30 with weights 1, 0.68, 0.22; each way has its end added."""
    assert base.travel.terminal_min == 5.8  # half of it at each site: 2.9 minutes
    rows = whole(base, cells(("1", LON[0], 1000.0)), cells(("2", LON[1], 500.5)))
    one, two = rows
    # From 1: clinic a at 2.9 minutes, b at 16 + 2.9. From 2: both at 8 + 2.9.
    assert (one["within_15_clinic"], one["within_30_clinic"]) == (1, 2)
    assert (two["within_15_clinic"], two["within_30_clinic"]) == (2, 2)
    a = 10 / (1000 * 1 + 500.5 * 0.68)
    b = 30 / (1000 * 0.68 + 500.5 * 0.68)
    assert one["supply_score_clinic"] == pytest.approx(a + 0.68 * b, rel=1e-14)
    assert two["supply_score_clinic"] == pytest.approx(0.68 * (a + b), rel=1e-14)
    shared = 1000 * one["supply_score_clinic"] + 500.5 * two["supply_score_clinic"]
    assert shared == pytest.approx(10 + 30, rel=1e-14)


def test_where_a_service_is_not_known_or_no_settlement_near_there_is_no_data(base: Base) -> None:
    unknown, far = whole(base, cells(("4", LON[3], 10.0), ("far", 30.0, 10.0)))
    assert unknown["geonameid"] == 4
    for name in ("minutes_nearest", "within_60", "supply_score", "nearest_id", "coverage"):
        assert unknown[f"{name}_clinic"] is None
        assert far[f"{name}_clinic"] is None
    assert (far["geonameid"], far["access_min"], far["minutes_to_town"]) == (None, None, None)


def test_the_sum_is_the_same_in_whatever_chunks(base: Base) -> None:
    rng = np.random.default_rng(5)
    rows = [
        (str(i), float(x), float(p))
        for i, (x, p) in enumerate(
            zip(rng.uniform(9.9, 10.4, 300), rng.uniform(0, 50, 300), strict=True)
        )
    ]
    once = whole(base, cells(*rows))
    parts = [cells(*rows[200:]), cells(*rows[:1]), cells(*rows[1:200])]
    again = {row["cell_id"]: row for row in whole(base, *parts)}
    assert [again[row["cell_id"]] for row in once] == once


def test_people_are_counted_in_whole_millionths(base: Base) -> None:
    table = demand(base, cells(("1", LON[0], 0.25)))
    rows = {row["site"]: row for row in table.to_pylist()}
    assert (rows[0]["people_step1"], rows[1]["people_step1"]) == (PERSON // 4, 0)
    assert (rows[0]["people_step2"], rows[1]["people_step2"]) == (0, PERSON // 4)


def test_an_end_of_a_list_counts_and_beyond_it_does_not() -> None:
    lists = SiteLists(
        np.array([0, 3, 3, 5]), np.array([1.0, 15.0, 15.0, 2.0, 61.0]), np.arange(5, dtype=np.int32)
    )
    node, access = np.array([0, 0, 1, 2, 2]), np.array([0.0, 0.1, 0.0, 0.0, 70.0])
    assert lists.within(node, access, 15.0).tolist() == [3, 1, 0, 1, 0]
    assert lists.within(node, access, 60.0).tolist() == [3, 3, 0, 1, 0]
