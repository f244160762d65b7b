"""Reach, supply scores and what-if: invariants on small graphs, answers on the real network."""

from __future__ import annotations

import dataclasses
import time
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.core.errors import InputError, TargetUnwritable
from pipelines.io import matrices
from pipelines.reach.access import (
    ReachConstants,
    gaussian_weight,
    gravity_weight,
    shared_supply,
    step_weight,
)
from pipelines.reach.domestic import Domestic
from pipelines.reach.engine import reach, reach_each, reach_from_matrix
from pipelines.reach.files import reach_file
from pipelines.reach.models import border
from pipelines.reach.origins import from_origins, snap_origins
from pipelines.reach.sites import Sites
from pipelines.reach.whatif import WhatIf
from pipelines.travel import Links, Network, Settlements, TravelConstants
from pipelines.travel import embedded as real
from pipelines.travel.paths import nearest
from pipelines.travel.remoteness import SizeSteps, travel_minutes
from tests.where import DATA

THRESHOLDS = real.thresholds()
CONSTANTS = TravelConstants.from_thresholds(THRESHOLDS)
# Without the ends of a trip sums can be done by hand; a test of their own holds them.
TRAVEL = dataclasses.replace(CONSTANTS, terminal_min=0.0)
LIMITS = ReachConstants.from_thresholds(THRESHOLDS)
HEALTH = DATA / "gisco" / "healthcare_services.csv"


def line(n: int = 12, step_min: float = 8.0, country=None) -> tuple[Network, pa.Table]:
    """Settlements on a parallel, ``step_min`` minutes apart, of growing size."""
    table = pa.table(
        {
            "geonameid": pa.array(range(100, 100 + n), pa.int64()),
            "lon": np.linspace(5, 5 + 0.1 * (n - 1), n),
            "lat": np.full(n, 50.0),
            "population": np.arange(1, n + 1) * 1000.0,
            "elevation_m": np.zeros(n),
            "country": country or ["BE"] * n,
        }
    )
    a = np.arange(n - 1)
    links = Links(a, a + 1, np.full(n - 1, step_min), np.zeros(n - 1, dtype=np.int8))
    return Network.from_links(Settlements.from_table(table), links), table


def sites_at(network: Network, at, capacity=None) -> Sites:
    nodes = network.settlements
    at = np.asarray(at)
    return Sites(
        np.array([f"s{i}" for i in range(len(at))], dtype=object),
        nodes.lon[at],
        nodes.lat[at],
        np.full(len(at), np.nan) if capacity is None else np.asarray(capacity, dtype=float),
    )


def column(result, name: str) -> np.ndarray:
    return result.table[name].to_numpy(zero_copy_only=False)


# --- weights ---------------------------------------------------------------------------


def test_published_e2sfca_steps():
    weigh = LIMITS.weights()["e2sfca"]
    got = weigh(np.array([0, 10, 10.01, 20, 20.01, 30, 30.01]))
    assert got.tolist() == [1, 1, 0.68, 0.68, 0.22, 0.22, 0]


def test_gaussian_and_gravity_by_hand():
    assert gaussian_weight(np.array([0.0, 15.0]), 15)[1] == pytest.approx(np.exp(-0.5))
    assert gravity_weight(np.array([0.0, 10, 40]), 10, -1.5, 1) == pytest.approx(
        [10**1.5, 1, 4**-1.5]
    )


def test_shared_supply_by_hand():
    """Site A (10 beds) is reached by 100 and 300 people, B (6 beds) by the 300 alone."""
    score, used = shared_supply(
        np.array([0, 1, 1]),
        np.array([0, 0, 1]),
        np.ones(3),
        np.array([100.0, 300]),
        np.array([10.0, 6, 5]),
    )
    assert score == pytest.approx([10 / 400, 10 / 400 + 6 / 300])
    assert used.tolist() == [True, True, False], "nobody reaches the third"


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 100_000))
def test_supply_is_conserved(seed):
    rng = np.random.default_rng(seed)
    n, m, p = 20, 8, 60
    population = rng.integers(0, 4, n) * 500.0
    capacity = rng.uniform(0, 100, m)
    pair = rng.choice(n * m, p, replace=False)
    weight = step_weight(rng.uniform(0, 40, p), (10, 20, 30), (1, 0.68, 0.22))
    score, used = shared_supply(pair // m, pair % m, weight, population, capacity)
    assert population @ score == pytest.approx(capacity[used].sum())
    assert np.isfinite(score).all()


# --- reach on a line -------------------------------------------------------------------


def test_every_trip_to_a_site_begins_with_half_of_the_ends():
    """5.8 minutes are both ends of a trip; the access to the site is the other one."""
    network, _ = line()
    sites = sites_at(network, [0, 5])
    result = reach(network, sites, CONSTANTS, LIMITS)
    assert column(result, "minutes_nearest")[:3] == pytest.approx([2.9, 10.9, 18.9], abs=1e-6)


def test_reach_on_a_line_by_hand():
    network, _ = line()
    result = reach(network, sites_at(network, [0, 5], [10, 20]), TRAVEL, LIMITS)
    assert column(result, "minutes_nearest")[:6] == pytest.approx([0, 8, 16, 16, 8, 0], abs=1e-6)
    assert column(result, "nearest_id")[:6].tolist() == ["s0", "s0", "s0", "s1", "s1", "s1"]
    assert column(result, "within_15")[:3].tolist() == [1, 1, 0]
    assert column(result, "within_60")[0] == 2
    # Two sites are too few for a mean of three.
    assert result.table["minutes_mean_3"].null_count == 12
    # s0: 1 at 0 and 8 min, .68 at 16, .22 at 24 -> 1000 + 2000 + .68*3000 + .22*4000 = 5920
    # s1: 6000 + 5000 + 7000 + .68*(4000+8000) + .22*(3000+9000) = 28800
    assert column(result, "supply_score")[0] == pytest.approx(10 / 5920)
    assert column(result, "supply_score")[2] == pytest.approx(0.68 * 10 / 5920 + 0.22 * 20 / 28800)
    assert column(result, "supply_score")[11] == 0
    people = network.settlements.population
    assert people @ column(result, "supply_score") == pytest.approx(30)


def test_missing_capacity_is_one_per_site_and_said():
    network, _ = line()
    result = reach(network, sites_at(network, [0, 5], [10, np.nan]), TRAVEL, LIMITS)
    assert result.capacity_basis == "one per site (1 of 2 capacities are missing)"
    assert network.settlements.population @ column(result, "supply_score") == pytest.approx(2)


def test_no_one_in_reach_gives_no_infinity():
    network, table = line()
    none = table.set_column(3, "population", pa.array([0.0] * 12))
    empty = Network.from_links(Settlements.from_table(none), network.links)
    result = reach(empty, sites_at(empty, [3], [10]), TRAVEL, LIMITS)
    assert result.without_demand == 1
    assert (column(result, "supply_score") == 0).all()


def test_far_sites_are_set_aside_and_named():
    network, _ = line()
    sites = sites_at(network, [0, 1])
    sites.lon[1] = 40.0
    result = reach(network, sites, TRAVEL, LIMITS)
    assert result.excluded.tolist() == ["s1"]
    sites.lon[0] = 40.0
    with pytest.raises(InputError, match="within 30 km"):
        reach(network, sites, TRAVEL, LIMITS)


def test_access_time_counts():
    network, _ = line()
    sites = sites_at(network, [0])
    sites.lat[0] += 0.05  # 5.56 km north
    result = reach(network, sites, TRAVEL, LIMITS)
    km = 0.05 * np.pi / 180 * 6371.0088
    want = 60 * km * TRAVEL.access_detour / TRAVEL.access_speed_kmh
    assert column(result, "minutes_nearest")[0] == pytest.approx(want)


def test_domestic_and_border_effect_by_hand():
    network, _ = line(8, country=["BE"] * 4 + ["FR"] * 4)
    sites = sites_at(network, [0, 4])
    found = reach(network, sites, TRAVEL, LIMITS)
    effect = border(found, Domestic(network))["border_effect_min"]
    assert effect.to_pylist() == pytest.approx([0, 0, 0, 24 - 8, 0, 0, 0, 0], abs=1e-6)
    found = reach(network, sites.take(np.array([0])), TRAVEL, LIMITS)
    alone = border(found, Domestic(network))["border_effect_min"]
    assert alone.to_pylist()[4:] == [None] * 4


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_services_measured_together_are_as_measured_alone(data):
    network, _ = line(14, 9.0)
    places = st.lists(st.integers(0, 13), min_size=1, max_size=20)
    services = [sites_at(network, data.draw(places)) for _ in range(3)]
    together = reach_each(network, services, TRAVEL, LIMITS)
    for sites, found in zip(services, together, strict=True):
        alone = reach(network, sites, TRAVEL, LIMITS)
        assert found.table.equals(alone.table)
        assert (found.nearest.site == alone.nearest.site).all()
        assert found.without_demand == alone.without_demand


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 29), min_size=1, max_size=6), st.integers(0, 29))
def test_one_more_facility_never_takes_longer(at, extra):
    network, _ = line(30)
    before = reach(network, sites_at(network, at), TRAVEL, LIMITS).nearest.minutes[:, 0]
    after = reach(network, sites_at(network, [*at, extra]), TRAVEL, LIMITS).nearest.minutes[:, 0]
    assert (after <= before + 1e-9).all()


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 29), min_size=5, max_size=9), st.data())
def test_what_if_is_what_a_new_run_says(at, data):
    network, _ = line(30)
    sites = sites_at(network, at)
    gone = data.draw(st.sets(st.integers(0, len(at) - 1), max_size=len(at) - 1))
    what = WhatIf(network, reach(network, sites, TRAVEL, LIMITS).nearest, TRAVEL)
    table = what.ask(remove=[f"s{i}" for i in gone], add=[(float(sites.lon[0]), 50.0)])
    keep = np.array([i for i in range(len(at)) if i not in gone])
    new_at = [*(at[i] for i in keep), at[0]]
    want = reach(network, sites_at(network, new_at), TRAVEL, LIMITS).nearest.minutes[:, 0]
    got = what.nearest.minutes[:, 0].copy()
    ids = {int(g): i for i, g in enumerate(network.settlements.geonameid)}
    for row in table.to_pylist():
        got[ids[row["geonameid"]]] = row["minutes_after"]
    np.testing.assert_allclose(got, want, atol=1e-6)


def test_what_if_the_only_one_closes():
    network, _ = line()
    found = reach(network, sites_at(network, [4]), TRAVEL, LIMITS)
    what = WhatIf(network, found.nearest, TRAVEL)
    table = what.ask(remove=["s0"])
    assert table.num_rows == 12
    assert table["minutes_after"].null_count == 12
    with pytest.raises(InputError, match="no facility has the id 'x'"):
        what.ask(remove=["x"])


def test_a_second_site_as_near_takes_the_place_of_the_first():
    """Both lie in one settlement: no minutes change, and all change their nearest site."""
    network, _ = line()
    what = WhatIf(
        network, reach(network, sites_at(network, [4, 4]), TRAVEL, LIMITS).nearest, TRAVEL
    )
    assert what.ask(remove=["s0"]).num_rows == 0
    table = what.ask(remove=["s0"], with_unchanged=True)
    assert table.num_rows == 12
    assert set(table["closed"].to_pylist()) == {"s0"}
    assert set(table["nearest_after"].to_pylist()) == {"s1"}


# --- a matrix in place of the estimate ----------------------------------------------------


def write_matrix(path: Path, **columns) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


def test_matrix_gives_the_same_as_the_network(tmp_path):
    network, table = line()
    sites = sites_at(network, [0, 5, 9], [10, 20, 5])
    want = reach(network, sites, TRAVEL, LIMITS)
    minutes = np.array([nearest(network.graph, np.array([i]))[0] for i in (0, 5, 9)])
    path = write_matrix(
        tmp_path / "m.parquet",
        origin=np.tile(np.arange(100, 112), 3),
        destination=np.repeat(["s0", "s1", "s2"], 12),
        minutes=minutes.ravel(),
    )
    got = reach_from_matrix(table, sites, path, LIMITS)
    for name in ("minutes_nearest", "within_60", "supply_score", "minutes_mean_3"):
        np.testing.assert_allclose(column(got, name), column(want, name), atol=1e-6)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"origin": [100], "destination": ["s0"]}, "no column minutes"),
        ({"origin": [100], "destination": ["s0"], "minutes": [-1.0]}, "row 1: minutes is -1"),
        ({"origin": [100], "destination": ["s0"], "minutes": ["a"]}, "minutes is string"),
        ({"origin": [1], "destination": ["s0"], "minutes": [1.0]}, "none of 1 rows"),
        (
            {"origin": [100, 100], "destination": ["s0", "s0"], "minutes": [1.0, 2.0]},
            "row 2: origin 100 and destination s0 come twice",
        ),
        (
            {"origin": [100, 7], "destination": ["s0", "s0"], "minutes": [1.0, 2.0]},
            "row 2: origin is 7, which is no settlement",
        ),
        (
            {"origin": [100], "destination": ["s0"], "minutes": [float("nan")]},
            "row 1: minutes is nan",
        ),
        (
            {
                "origin": [100, 100],
                "destination": ["s0", "s0"],
                "minutes": [1.0, 2.0],
                "mode": ["bus", "car"],
            },
            r"several modes \(bus, car\); choose one with --mode",
        ),
        (
            {"origin": [100], "destination": ["s0"], "minutes": [1.0], "mode": [None]},
            "row 1: mode is empty",
        ),
    ],
)
def test_bad_matrix_is_named(tmp_path, columns, message):
    network, table = line()
    path = write_matrix(tmp_path / "m.parquet", **columns)
    with pytest.raises(InputError, match=message):
        reach_from_matrix(table, sites_at(network, [0]), path, LIMITS)


def test_matrix_of_several_modes(tmp_path):
    network, table = line()
    path = write_matrix(
        tmp_path / "m.parquet",
        origin=[100, 100, 101, 100],
        destination=["s0", "s0", "s0", "elsewhere"],
        minutes=[30.0, 10.0, None, 5.0],
        mode=["bus", "car", "bus", "bus"],
    )
    sites = sites_at(network, [0])
    for mode, minutes, unused in (("bus", 30.0, 1), ("car", 10.0, 0)):
        got = reach_from_matrix(table, sites, path, LIMITS, mode)
        assert got.table["minutes_nearest"].to_pylist() == [minutes, *[None] * 11]
        assert got.unused_rows == unused
    with pytest.raises(InputError, match="mode 'foot' is not there; found bus, car"):
        reach_from_matrix(table, sites, path, LIMITS, "foot")
    path = write_matrix(tmp_path / "m.parquet", origin=[100], destination=["s0"], minutes=[1.0])
    with pytest.raises(InputError, match="no column mode"):
        reach_from_matrix(table, sites, path, LIMITS, "car")


def test_matrix_that_is_no_parquet(tmp_path):
    network, table = line()
    path = tmp_path / "m.parquet"
    path.write_text("origin,destination,minutes\n")
    with pytest.raises(InputError, match="is not Parquet"):
        reach_from_matrix(table, sites_at(network, [0]), path, LIMITS)


def test_a_small_matrix_of_endless_rows_is_not_unpacked(tmp_path, monkeypatch):
    """A hundred million equal rows lie in 1 MB and took 9 GB."""
    network, table = line()
    path = tmp_path / "m.parquet"
    write_matrix(path, origin=[100] * 4, destination=list("abcd"), minutes=[1.0] * 4)
    monkeypatch.setattr(matrices, "MOST_PAIRS", 3)
    with pytest.raises(InputError, match=r"m\.parquet: 4 rows; allowed: up to 3; leave out"):
        reach_from_matrix(table, sites_at(network, [0]), path, LIMITS)


# --- the command -------------------------------------------------------------------------


def test_command_writes_the_contract(tmp_path):
    network, table = line()
    source = tmp_path / "f.csv"
    source.write_text("id,lon,lat,capacity\n=cmd,5.0,50.0,10\nb,5.5,50.0,20\n")
    out = tmp_path / "r.csv"
    summary = reach_file(source, table, network, THRESHOLDS, out)
    rows = pyarrow.csv.read_csv(out)
    assert rows.column_names[:7] == [
        "geonameid",
        "minutes_nearest",
        "nearest_id",
        "within_15",
        "within_30",
        "within_60",
        "supply_score",
    ]
    assert rows["nearest_id"][0].as_py() == "'=cmd"
    assert (summary.settlements, summary.facilities, summary.capacity_basis) == (12, 2, "capacity")
    assert summary.is_estimate
    again = tmp_path / "r.parquet"
    reach_file(source, table, network, THRESHOLDS, again, country="BE", domestic=True)
    assert pq.read_table(again)["nearest_id"][0].as_py() == "=cmd"


def test_command_refuses(tmp_path):
    network, table = line()
    source = tmp_path / "f.csv"
    source.write_text("id,lon,lat\na,5.0,50.0\n")
    with pytest.raises(InputError, match="'XX' is not a country"):
        reach_file(source, table, network, THRESHOLDS, tmp_path / "o.csv", country="XX")
    with pytest.raises(InputError, match=r"\.csv or \.parquet"):
        reach_file(source, table, network, THRESHOLDS, tmp_path / "o.xls")
    with pytest.raises(TargetUnwritable):
        reach_file(source, table, network, THRESHOLDS, tmp_path / "no" / "o.csv")


# --- real hospitals ------------------------------------------------------------------------


@lru_cache
def europe() -> Network:
    return real.network()


@lru_cache
def hospitals() -> Sites:
    frame = pd.read_csv(HEALTH, dtype=str, keep_default_na=False)
    lon, lat = (pd.to_numeric(frame[c], errors="coerce") for c in ("lon", "lat"))
    frame = frame[lon.notna() & lat.notna()]
    return Sites(
        frame["id"].to_numpy(dtype=object),
        lon[frame.index].to_numpy(),
        lat[frame.index].to_numpy(),
        np.full(len(frame), np.nan),
    )


@lru_cache
def hospital_reach():
    return reach(europe(), hospitals(), TRAVEL, LIMITS)


needs_health = pytest.mark.skipif(not HEALTH.exists(), reason="../shared/data/gisco is not here")


@needs_health
@pytest.mark.shared
def test_hospitals_of_europe():
    result = hospital_reach()
    used = len(result.nearest.snapped.sites)
    assert used + len(result.excluded) == len(hospitals())
    assert 0 < len(result.excluded) < 30
    people = np.nan_to_num(europe().settlements.population)
    assert people @ column(result, "supply_score") == pytest.approx(used - result.without_demand)
    snapped = result.nearest.snapped
    straight = nearest(europe().graph, snapped.node, snapped.minutes)[0]
    np.testing.assert_allclose(result.nearest.minutes[:, 0], straight, atol=1e-6)
    ranks = result.nearest.minutes
    assert (ranks[:, 0] <= ranks[:, 1]).all()
    assert (ranks[:, 1] <= ranks[:, 2]).all()
    within = [column(result, f"within_{m}") for m in (15, 30, 60)]
    assert (within[0] <= within[1]).all()
    assert (within[1] <= within[2]).all()
    near = np.nan_to_num(column(result, "minutes_nearest"), nan=np.inf)
    assert ((near <= 60) == (within[2] > 0)).all()


@needs_health
@pytest.mark.shared
def test_what_if_on_all_hospitals_is_immediate():
    result = hospital_reach()
    what = WhatIf(europe(), result.nearest, TRAVEL)
    remote = int(
        np.argmax(
            np.where(np.isfinite(result.nearest.minutes[:, 1]), result.nearest.minutes[:, 0], -1)
        )
    )
    started = time.perf_counter()
    lost = what.ask(remove=[result.nearest.snapped.sites.ids[result.nearest.site[remote, 0]]])
    won = what.ask(add=[(24.0, 38.0)])
    assert time.perf_counter() - started < 2
    assert min(lost["change_min"].drop_null().to_pylist(), default=0) >= 0
    assert max(won["change_min"].drop_null().to_pylist(), default=0) <= 0
    assert lost.num_rows > 0


def test_origins_between_settlements_by_hand():
    """An origin's minutes are its settlement's plus access; counts shift with the access."""
    network, _ = line()
    steps = travel_minutes(network, SizeSteps.from_thresholds(THRESHOLDS), TRAVEL)
    found = reach(network, sites_at(network, [0, 5]), TRAVEL, LIMITS)
    lon = network.settlements.lon
    origins = snap_origins(
        network, np.array([lon[1], lon[1], 40.0]), np.array([50.0, 50.03, 50.0]), TRAVEL
    )
    table = from_origins(network, origins, steps, found, LIMITS)
    km = 0.03 * np.pi / 180 * 6371.0088
    access = 60 * km * TRAVEL.access_detour / TRAVEL.access_speed_kmh
    assert 7 < access < 15
    assert table["minutes_nearest"].to_pylist() == [
        pytest.approx(8, abs=1e-4),
        pytest.approx(8 + access, abs=1e-4),
        None,
    ]
    # Sites are 8 and 32 minutes from the settlement.
    assert table["within_15"].to_pylist() == [1, 0, 0]
    assert table["within_30"].to_pylist() == [1, 1, 0]
    assert table["within_60"].to_pylist() == [2, 2, 0]


def test_swapped_coordinates_never_make_a_map(tmp_path):
    """All rows swapped is repaired and said; one swapped row is an error that names it."""
    network, table = line()
    source, out = tmp_path / "f.csv", tmp_path / "o.csv"
    source.write_text("id,lon,lat\na,50.0,5.0\nb,50.0,5.4\n")
    summary = reach_file(source, table, network, THRESHOLDS, out)
    assert summary.facilities == 2
    assert "swapped in all 2 rows" in summary.repairs[0]
    source.write_text("id,lon,lat\na,5.0,50.0\nb,50.0,5.4\n")
    with pytest.raises(InputError, match=r"id 'b': lon 50, lat 5\.4 look swapped"):
        reach_file(source, table, network, THRESHOLDS, out)
    source.write_text("id,lon,lat\na,-73.9,40.7\n")
    with pytest.raises(InputError, match="none of 1 lies within 30 km"):
        reach_file(source, table, network, THRESHOLDS, out)


@needs_health
@pytest.mark.shared
def test_overseas_hospitals_are_not_taken_for_swapped(tmp_path):
    """Réunion (55° E, 21° S) is a region of the EU, not a slip."""
    frame = pd.read_csv(HEALTH, dtype=str, keep_default_na=False)
    frame = frame[frame["cc"].isin(["RE", "GP", "LU"])].drop_duplicates("id")
    source = tmp_path / "h.csv"
    frame[["id", "lon", "lat"]].to_csv(source, index=False)
    summary = reach_file(source, real.settlements(), europe(), THRESHOLDS, tmp_path / "o.csv")
    assert summary.repairs == []
    assert summary.facilities + len(summary.excluded) == len(frame)
    assert summary.facilities > 80
