"""Seeds that break what their sidecars declare: one message with file, row, field."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from pipelines.core.errors import InputError
from pipelines.runner.seeds import check_references, load_seeds, read_seeds
from tests.where import ROOT

DROPPED = "2780180,drop,,,,54353,Eisenzicken"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the project's seeds."""
    shutil.copytree(ROOT / "sql" / "seeds", tmp_path / "sql" / "seeds")
    shutil.copy(ROOT / "sql" / "fields.toml", tmp_path / "sql")
    return tmp_path / "sql" / "seeds"


def changed(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (
            "settlement_corrections.csv",
            "2780180,drop,",
            "2780180,dorp,",
            "sql/seeds/settlement_corrections.csv, row 2, field action: is not on the list; "
            "found 'dorp'; allowed: drop, move, region, people, agglomeration",
        ),
        (
            "settlement_corrections.csv",
            ',"GeoNames, list of 2026; absent from that of 2023"\n2618741',
            ",\n2618741",
            "sql/seeds/settlement_corrections.csv, row 2, field source: is empty; "
            "allowed: Where it comes from.",
        ),
        (
            "settlement_corrections.csv",
            "2618741,drop",
            "2780180,drop",
            "row 3, field geonameid: the same as in row 2; found '2780180'; allowed: once each",
        ),
        (
            "settlement_corrections.csv",
            "12196125,move,CY,",
            "12196125,move,,",
            "field country: is empty, where action is move",
        ),
        (
            "settlement_corrections.csv",
            "12196125,move,CY,",
            "12196125,move,CX,",
            "row 13, field country: is not known; found 'CX'; "
            "allowed: a value of seeds.countries.country",
        ),
        (
            "settlement_corrections.csv",
            DROPPED,
            "2780180,drop,,,54353,Eisenzicken",
            "row 2, field source: the row has 7 cells, the header 8",
        ),
        (
            "settlement_corrections.csv",
            DROPPED,
            "2780180,drop,,,,54353,,Eisenzicken",
            "row 2: the row has 9 cells, the header 8",
        ),
        (
            "settlement_corrections.csv",
            ",54353,",
            ",many,",
            "row 2, field expected_population: does not fit; found 'many'; allowed: a whole number",
        ),
        (
            "settlement_corrections.csv",
            "geonameid,action",
            "geonameid,acton",
            "row 1: the header is not that of the sidecar",
        ),
        (
            "admin_regions.csv",
            "AL,1,41,AL011",
            "AL,1,40,AL011",
            "row 3, field country, admin_level, admin_code: the same as in row 2; "
            "found 'AL, 1, 40'",
        ),
        (
            "admin_regions.csv",
            "AL031,70,1.0",
            "AL031,70,1.5",
            "sql/seeds/admin_regions.csv, row 2, field share: does not fit; found '1.5'; "
            "allowed: a number from 0 to 1",
        ),
        (
            "thresholds.csv",
            "trend_stable_annual_pct,0.1",
            "trend_stable_annual_pct,nan",
            "row 2, field value: does not fit; found 'nan'; allowed: a number",
        ),
        (
            "thresholds.csv",
            "shrinking_moderate_annual_pct,-0.5",
            "shrinking_moderate_annual_pct,-1.5",
            "field value: shrinking_severe_annual_pct is out of order; found '-1'; "
            "allowed: below shrinking_moderate_annual_pct, -1.5",
        ),
        (
            "threshold_orders.csv",
            "ageing_median_1,ageing_median_2",
            "ageing_median_1,ageing_median_9",
            "field upper_threshold: is not known; found 'ageing_median_9'",
        ),
        ("crossings.csv", "80,ferry", "80,fery", None),
    ],
)
def test_a_row_that_breaks_what_is_declared_is_named(
    folder: Path, file: str, old: str, new: str, message: str | None
) -> None:
    if message is None:
        text = (folder / file).read_text("utf-8")
        row = next(line for line in text.splitlines() if ",ferry," in line)
        old, new = row, row.replace(",ferry,", ",fery,")
        message = "field kind: is not on the list; found 'fery'; allowed: bridge, tunnel, ferry"
    changed(folder, file, old, new)
    with pytest.raises(InputError) as caught:
        load_seeds(duckdb.connect(), folder)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)  # one fault, one line
    assert file in str(caught.value)


def test_every_fault_of_every_file_is_told_at_once(folder: Path) -> None:
    changed(folder, "settlement_corrections.csv", "2780180,drop,", "2780180,dorp,")
    changed(folder, "areas.csv", "nuts,-64,", "nuts,-640,")
    with pytest.raises(InputError) as caught:
        load_seeds(duckdb.connect(), folder)
    lines = str(caught.value).splitlines()
    assert lines[0] == "2 files: 2 things to put right:"
    assert lines[1].startswith("sql/seeds/areas.csv, row 3, field west: does not fit; found '-640'")
    assert lines[2].startswith("sql/seeds/settlement_corrections.csv, row 2, field action")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("2780180,drop", "99,drop", "row 2, field geonameid: is not known; found '99'"),
        ("region,,DEF09", "region,,DEF99", "row 15, field nuts_id: is not known; found 'DEF99'"),
    ],
)
def test_a_code_that_does_not_exist_is_named(
    folder: Path, old: str, new: str, message: str
) -> None:
    corrections = "settlement_corrections.csv"
    con = duckdb.connect()
    load_seeds(con, folder)
    # What the file refers to as it stands is there.
    con.execute("create schema staging; create schema indicators")
    con.execute(
        "create table staging.stg_geonames__settlements as "
        "select geonameid from seeds.settlement_corrections"
    )
    con.execute(
        "create table indicators.ind_region__list as select nuts_id "
        "from seeds.settlement_corrections where nuts_id is not null"
    )
    seeds = [s for s in read_seeds(folder) if s.path.name == corrections]
    check_references(con, seeds)
    changed(folder, corrections, old, new)
    con.execute("drop schema seeds cascade")
    load_seeds(con, folder)
    with pytest.raises(InputError) as caught:
        check_references(con, seeds)
    assert str(caught.value).startswith(f"sql/seeds/{corrections}, {message}; allowed: a value of")


def test_each_seed_has_a_key_and_each_row_that_needs_a_source_must_fill_it() -> None:
    for seed in read_seeds():
        assert seed.primary_key, seed.file
        for name in seed.primary_key:
            assert not seed.columns[name]["nullable"], (seed.file, name)
        if "source" in seed.columns and seed.path.stem != "services":
            assert not seed.columns["source"]["nullable"], seed.file
