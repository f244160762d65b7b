"""NUTS codes, vintages and conversion: on the JRC's crosswalks and on Eurostat's files."""

from __future__ import annotations

import csv
import gzip
import json
from collections import defaultdict
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.core.errors import CheckFailed, SchemaDrift, UnknownCode
from pipelines.nuts import codes as nuts
from pipelines.nuts import convert as nuts_convert
from pipelines.nuts import tables as nuts_tables
from pipelines.sources import eurostat_tsv, jrc
from tests.where import DATA

SHARED = DATA
JRC = sorted((SHARED / "jrc").glob("n3_cm_*.csv"))
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not JRC, reason="../shared/data/jrc is not there"),
]
DECLARED = SimpleNamespace(columns={}, extra={})
STEPS = [(2013, 2021), (2016, 2021), (2018, 2021), (2021, 2024)]


@pytest.fixture(scope="module")
def crosswalks() -> pa.Table:
    return nuts_convert.with_norway_2018(pa.concat_tables([jrc.read(p, DECLARED) for p in JRC]))


@pytest.fixture(scope="module")
def lists(crosswalks: pa.Table) -> dict[int, frozenset[str]]:
    more = []
    for year, name in ((2016, "NUTS_RG_60M_2016_4326"), (2024, "NUTS_RG_20M_2024_4326")):
        with gzip.open(SHARED / "gisco" / f"{name}.geojson.gz") as handle:
            features = json.load(handle)["features"]
        more.append((year, {feature["properties"]["NUTS_ID"] for feature in features}))
    return nuts_convert.code_lists(crosswalks, *more)


def eurostat(name: str, *dims: str, **filters: object) -> pa.Table:
    columns = dict.fromkeys([*dims, *eurostat_tsv.OBSERVATION])
    path = SHARED / "eurostat" / f"{name}.tsv.gz"
    return eurostat_tsv.read(path, SimpleNamespace(columns=columns, extra={"filters": filters}))


@pytest.fixture(scope="module")
def population() -> pa.Table:
    return eurostat("demo_r_pjanaggr3", "freq", "unit", "sex", "age", "geo", levels=[0, 1, 2, 3])


def test_codes() -> None:
    assert [nuts.level(code) for code in ("DE", "DE7", "DE73", "DE733", "FI1DA")] == [0, 1, 2, 3, 3]
    assert nuts.parent("DE733") == "DE73"
    assert nuts.parent("DE") is None
    assert nuts.is_extra("ATZZZ")
    assert nuts.is_extra("FRX")


@pytest.mark.parametrize(
    "code", ["de733", "DE7333", "D", "EU28", "EA19", "EEA", "EFTA", "ATZZ", ""]
)
def test_what_is_no_nuts_code_is_refused(code: str) -> None:
    with pytest.raises(UnknownCode, match="is no NUTS code"):
        nuts.level(code)


def test_recognition() -> None:
    old, new = {"AA001", "AA002", "AA003"}, {"AA001", "AA004"}
    sets = {2016: old, 2021: new, 2024: new}
    assert nuts.recognise(new, sets).version == 2024
    assert nuts.recognise(new, sets, prefer=2021).version == 2021
    both = nuts.recognise(old | new, sets, prefer=2021)
    assert (both.version, both.status, both.surplus) == (2021, "complete", ("AA002", "AA003"))
    part = nuts.recognise({"AA002"}, sets)
    assert (part.version, part.status, round(part.coverage, 3)) == (2016, "partial", 0.333)
    few = nuts.recognise({"AA001"}, sets | {2013: {"AA001"} | old}, prefer=2016)
    assert (few.version, few.status) == (2016, "partial")
    mixed = nuts.recognise({"AA002", "AA004"}, sets)
    assert (mixed.version, mixed.status) == (None, "mixture")
    assert "mixture of vintages" in mixed.reason
    assert nuts.recognise({"BB001"}, {}).status == "unlisted"


def test_crosswalk_traps(crosswalks: pa.Table) -> None:
    """The overseas rows repeat the area: their people are unknown, not 1 682."""
    rows = {(r["from_code"], r["to_version"]): r for r in crosswalks.to_pylist()}
    guadeloupe = rows["FRY10", 2024]
    assert guadeloupe["population_2021"] is None
    assert guadeloupe["area_km2"] == pytest.approx(1682.36, abs=0.01)
    assert rows["NO0B1", 2024]["population_2021"] == 0
    unknown = {r["from_code"] for r in rows.values() if r["population_2021"] is None}
    assert {code[:3] for code in unknown} == {"FRA", "FRY"}


def test_crosswalk_drift(tmp_path: Path) -> None:
    lines = JRC[-1].read_text().splitlines()
    path = tmp_path / "cw.csv"
    path.write_text("\n".join([lines[0].replace("pop21", "pop22"), *lines[1:]]))
    with pytest.raises(SchemaDrift, match="pop22"):
        jrc.read(path, DECLARED)
    path.write_text("\n".join([lines[0], lines[1].replace("AT111", "at111")]))
    with pytest.raises(UnknownCode, match="row 2, column code_v2021: 'at111' found"):
        jrc.read(path, DECLARED)


@pytest.mark.parametrize(("start", "end"), STEPS)
@pytest.mark.parametrize("weight", ["population", "population_2011", "area"])
@pytest.mark.parametrize("level", [1, 2, 3])
def test_totals_are_conserved(
    crosswalks: pa.Table, start: int, end: int, weight: str, level: int
) -> None:
    """10 million people spread at random: not one is lost, by country and in all."""
    step = nuts_convert.build_step(crosswalks, start, end, level, weight)
    people = np.random.default_rng(7).random((len(step.sources), 3))
    people *= 1e7 / people.sum(axis=0)
    after = carry(step, people)
    assert not np.isnan(after).any()
    assert np.abs(after.sum(axis=0) - 1e7).max() < 1
    for country in {code[:2] for code in step.sources}:
        before = people[[code.startswith(country) for code in step.sources]].sum()
        assert after[[c.startswith(country) for c in step.targets]].sum() == pytest.approx(
            before, abs=0.1
        )


def carry(step: nuts_convert.Step, value: np.ndarray, measure: str = "absolute") -> np.ndarray:
    flags = np.zeros(value.shape, dtype=np.int64)
    block = nuts_convert.Block(step.sources, value, flags, np.zeros(len(value), dtype=int))
    return nuts_convert.apply(step, block, measure).value


def by_hand(path: Path, column: str) -> dict[str, dict[str, float]]:
    """Source → target → share, from the file by plain arithmetic."""
    weights: dict[str, dict[str, float]] = defaultdict(dict)
    with path.open() as handle:
        for row in csv.DictReader(handle):
            values = list(row.values())
            weights[values[0]][values[1]] = float(row[column])
    return {
        s: {t: w / sum(to.values()) if sum(to.values()) else 1 / len(to) for t, w in to.items()}
        for s, to in weights.items()
    }


def test_shares_equal_a_hand_calculation(crosswalks: pa.Table) -> None:
    shares = by_hand(SHARED / "jrc" / "n3_cm_v2016_v2021.csv", "pop21")
    step = nuts_convert.build_step(crosswalks, 2016, 2021, 3)
    matrix = step.shares.tocoo()
    got = {
        (step.sources[s], step.targets[t]): w
        for t, s, w in zip(matrix.row, matrix.col, matrix.data, strict=True)
    }
    want = {(s, t): w for s, to in shares.items() for t, w in to.items() if w > 0}
    assert got.keys() == want.keys()
    assert all(got[key] == pytest.approx(want[key], rel=1e-12) for key in want)


@pytest.mark.parametrize(("start", "end"), STEPS)
def test_relative_measures_are_weighted_means(crosswalks: pa.Table, start: int, end: int) -> None:
    """A constant stays constant; a result lies between the values it comes from."""
    step = nuts_convert.build_step(crosswalks, start, end, 3)
    constant = carry(step, np.full((len(step.sources), 1), 43.5), "relative")
    assert np.nanmax(np.abs(constant - 43.5)) < 1e-9
    assert np.isnan(constant).sum() == 0
    value = np.random.default_rng(3).uniform(30, 60, (len(step.sources), 1))
    after = carry(step, value, "relative")
    for at in range(len(step.targets)):
        start_at, end_at = step.shares.indptr[at : at + 2]
        given_by = value[step.shares.indices[start_at:end_at]]
        assert given_by.min() - 1e-9 <= after[at, 0] <= given_by.max() + 1e-9


def test_a_relative_value_by_hand(crosswalks: pa.Table) -> None:
    """Tuscany to Emilia-Romagna, 2021→2024: ITH59 = old ITH59 and 2 417 people of ITI31."""
    with (SHARED / "jrc" / "n3_cm_v2021_v2024.csv").open() as handle:
        own = next(r for r in csv.DictReader(handle) if r["uniqueID"] == "ITH59ITH59")
    step = nuts_convert.build_step(crosswalks, 2021, 2024, 3)
    age = np.full((len(step.sources), 1), np.nan)
    age[step.sources.index("ITH59")] = 46.0
    age[step.sources.index("ITI31")] = 50.0
    after = carry(step, age, "relative")
    people = float(own["pop21"])
    want = (46 * people + 50 * 2417) / (people + 2417)
    assert after[step.targets.index("ITH59"), 0] == pytest.approx(want)


def test_the_tiniest_weight_is_a_whole_share() -> None:
    row = {"from_version": 1, "to_version": 2, "from_code": "AA001", "to_code": "AA011"}
    row |= dict.fromkeys(("area_km2", "population_2011", "population_2021"), 2e-309)
    step = nuts_convert.build_step(pa.Table.from_pylist([row]), 1, 2, 3)
    assert carry(step, np.array([[7.0]])).tolist() == [[7.0]]


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_gaps_widen_and_never_shrink(data: st.DataObject) -> None:
    """A target is known exactly where every source that gives to it is known."""
    sources, targets = data.draw(st.integers(1, 8)), data.draw(st.integers(1, 8))
    pairs = data.draw(
        st.dictionaries(
            st.tuples(st.integers(0, sources - 1), st.integers(0, targets - 1)),
            st.floats(0, 1e6),
            min_size=1,
        )
    )
    rows = [
        {"from_version": 1, "to_version": 2, "from_code": f"AA00{s}", "to_code": f"AA01{t}"}
        | dict.fromkeys(("area_km2", "population_2011", "population_2021"), weight)
        for (s, t), weight in pairs.items()
    ]
    step = nuts_convert.build_step(pa.Table.from_pylist(rows), 1, 2, 3)
    value = np.array(
        [[data.draw(st.one_of(st.just(np.nan), st.floats(0, 1e7)))] for _ in step.sources]
    )
    after = carry(step, value)
    for at in range(len(step.targets)):
        begin, end = step.shares.indptr[at : at + 2]
        givers = step.shares.indices[begin:end]
        known = len(givers) > 0 and not np.isnan(value[givers]).any() and step.is_defined[at]
        assert np.isnan(after[at, 0]) != known
    if not np.isnan(after).any() and not np.isnan(value).any():
        assert after.sum() == pytest.approx(value.sum(), rel=1e-12, abs=1e-9)


def test_several_successors_without_weights_are_refused() -> None:
    names = ("area_km2", "population_2011", "population_2021")
    pairs = [("AA001", "AA011", 0.0), ("AA001", "AA012", 0.0), ("AA002", "AA013", 0.0)]
    rows = [
        {"from_version": 1, "to_version": 2, "from_code": s, "to_code": t} | dict.fromkeys(names, w)
        for s, t, w in pairs
    ]
    step = nuts_convert.build_step(pa.Table.from_pylist(rows), 1, 2, 3)
    after = carry(step, np.array([[10.0], [5.0]]))
    assert np.isnan(after[:2]).all()
    assert after[2, 0] == 5.0


def test_round_trip(crosswalks: pa.Table) -> None:
    """2021→2024→2021: totals come back everywhere, regions where no border was cut.

    Stated: of 1 206 regions 1 185 return to a thousandth of a person; the other 21 share
    a new region with an old one, so that their people are spread evenly on the way.
    """
    there = nuts_convert.build_step(crosswalks, 2021, 2024, 3)
    back = nuts_convert.build_step(nuts_convert.reverse(crosswalks), 2024, 2021, 3)
    rng = np.random.default_rng(11)
    people = rng.uniform(1e4, 1e6, (len(there.sources), 1))
    home = carry(back, carry(there, people))
    assert back.targets == there.sources
    assert home.sum() == pytest.approx(people.sum(), abs=1e-3)
    same = np.abs(home - people).ravel() < 1e-3
    moved = {code for code, is_same in zip(there.sources, same, strict=True) if not is_same}
    shared = {
        code
        for at, code in enumerate(there.sources)
        if any(there.shares[[t], :].count_nonzero() > 1 for t in there.shares[:, [at]].nonzero()[0])
    }
    assert moved <= shared
    assert len(moved) == 21


def test_real_population_2016_to_2021_to_2024(
    population: pa.Table, crosswalks: pa.Table, lists: dict[int, frozenset[str]]
) -> None:
    """Each country's NUTS-3 total is the same before and after, where all is known."""
    for target in (2021, 2024):
        result = nuts_tables.convert_table(
            population, crosswalks, lists, target, "absolute", "population"
        )
        table = result.table
        assert set(table["nuts_version"].unique().to_pylist()) == {target}
        before, after, gaps = totals(population), totals(table), holes(table)
        checked = 0
        for row in (
            table.select(["geo", "time_period", "source_version"])
            .group_by(["time_period", "source_version"])
            .aggregate([])
            .to_pylist()
        ):
            checked += row["source_version"] != target
        assert checked > 50
        compared = 0
        for key, people in after.items():
            if key in gaps or key not in before:
                continue
            assert people == pytest.approx(before[key], abs=max(1.0, before[key] / 1e7)), key
            compared += 1
        assert compared > 400


def test_real_area_2013_to_2021(crosswalks: pa.Table, lists: dict[int, frozenset[str]]) -> None:
    """reg_area3 is of NUTS 2013 in the United Kingdom, Ireland and Hungary; land is conserved."""
    area = eurostat(
        "reg_area3", "freq", "unit", "landuse", "geo", levels=[3], codes={"landuse": ["TOTAL"]}
    )
    table = nuts_tables.convert_table(area, crosswalks, lists, 2021, "absolute", "area").table
    old = {
        row["geo"][:2] for row in table.filter(pc.equal(table["source_version"], 2013)).to_pylist()
    }
    assert {"UK", "IE", "HU"} <= old
    before, after, gaps = totals(area), totals(table), holes(table)
    years = [key for key in after if key[0] in old and key not in gaps and key in before]
    assert len(years) > 50
    for key in years:
        assert after[key] == pytest.approx(before[key], rel=1e-7), key


def totals(table: pa.Table) -> dict[tuple[str, int], float]:
    out: dict[tuple[str, int], float] = defaultdict(float)
    for row in table.select(["geo", "time_period", "obs_value"]).to_pylist():
        if len(row["geo"]) == 5 and nuts.is_nuts(row["geo"]) and row["obs_value"] is not None:
            out[row["geo"][:2], row["time_period"]] += row["obs_value"]
    return out


def holes(table: pa.Table) -> set[tuple[str, int]]:
    rows = table.filter(pc.is_null(table["obs_value"])).to_pylist()
    return {(row["geo"][:2], row["time_period"]) for row in rows if len(row["geo"]) == 5}


def test_marks_and_reasons(
    population: pa.Table, crosswalks: pa.Table, lists: dict[int, frozenset[str]]
) -> None:
    result = nuts_tables.convert_table(population, crosswalks, lists, 2024, "absolute")
    marks = {
        (row["geo"], row["time_period"]): row["conversion"] for row in result.table.to_pylist()
    }
    assert marks["LV00A", 2010] == "estimated"  # Riga's region and half of Pieriga
    assert marks["SE110", 2010] == "as_published"
    assert marks["NO083", 2020] == "estimated"  # by way of the list of 2018
    reasons = {
        (row["country"], row["level"], row["time_period"]): row["reason"]
        for row in result.set_aside.to_pylist()
    }
    assert "do not hold this country" in reasons["UK", 3, 2019]
    assert not any(row["geo"].startswith("UK") for row in result.table.select(["geo"]).to_pylist())


def test_flags_travel_and_repeated_rows_are_refused(
    crosswalks: pa.Table, lists: dict[int, frozenset[str]]
) -> None:
    rows = [
        {
            "geo": code,
            "time_period": 2015,
            "obs_value": 10.0,
            "obs_flag": None,
            "obs_state": "value",
        }
        for code in sorted(lists[2021])
        if code.startswith("IT")
    ]
    for row in rows:
        row["obs_flag"] = {"ITH59": "b", "ITI31": "pe"}.get(row["geo"])
    schema = pa.schema(
        [
            ("geo", pa.string()),
            ("time_period", pa.int32()),
            ("obs_value", pa.float64()),
            ("obs_flag", pa.string()),
            ("obs_state", pa.string()),
        ]
    )
    only_2021 = {2021: lists[2021], 2024: lists[2024] - {"ITH59"}}
    table = pa.Table.from_pylist(rows, schema)
    done = nuts_tables.convert_table(table, crosswalks, only_2021, 2024, "absolute").table
    flags = {row["geo"]: row["obs_flag"] for row in done.to_pylist()}
    assert set(flags["ITH59"]) == set("bpe")
    assert flags["ITC11"] is None
    twice = pa.concat_tables([table, table.slice(0, 1)])
    with pytest.raises(CheckFailed, match="ITC11: two values"):
        nuts_tables.convert_table(twice, crosswalks, only_2021, 2024, "absolute")


def test_no_way_back_is_refused_with_the_reason(
    population: pa.Table, crosswalks: pa.Table, lists: dict[int, frozenset[str]]
) -> None:
    albania = population.filter(pc.starts_with(population["geo"], "AL"))
    result = nuts_tables.convert_table(albania, crosswalks, lists, 2013, "absolute")
    assert len(result.table) == 0
    reasons = {row["reason"] for row in result.set_aside.to_pylist()}
    assert any("no chain of crosswalks leads from NUTS 2024 to NUTS 2013" in r for r in reasons)
