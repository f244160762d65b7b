"""Cells on the built database: equal to the build, resumed, and refused where they are wrong."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from pipelines.cells import job as jobs
from pipelines.cells.base import Base
from pipelines.cells.grid import GridColumns
from pipelines.core.errors import InputError, TargetUnwritable
from pipelines.geo.projection import to_laea
from pipelines.reach.access import ReachConstants
from pipelines.reach.engine import reach
from pipelines.reach.models import sites_of
from pipelines.serve import cells
from pipelines.serve.store import Store
from pipelines.serve.thresholds import thresholds
from pipelines.travel import TravelConstants
from pipelines.travel.network import network_from_table
from tests.cli.command import command

NODES = "from indicators.ind_settlement__node"


def settlements(store: Store) -> pa.Table:
    """Every settlement as a cell."""
    nodes = store.arrow(NODES)
    people = pc.fill_null(nodes["population"], 0)
    return pa.table(
        {
            "cell_id": nodes["geonameid"],
            "lon": nodes["lon"],
            "lat": nodes["lat"],
            "people": people,
        }
    )


@pytest.fixture(scope="module")
def prepared(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cells.prepare(store, tmp_path_factory.mktemp("base") / "base").folder


@pytest.fixture(autouse=True, scope="module")
def base_once(prepared: Path) -> Iterator[None]:
    """Each job of this file takes a copy of one base, which costs seconds to make."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cells, "prepare", lambda _, to: Base(Path(shutil.copytree(prepared, to))))
        yield


@pytest.fixture(scope="module")
def measured(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a grid, and what is made of it."""
    folder = tmp_path_factory.mktemp("cells")
    pq.write_table(settlements(store), folder / "grid.parquet")
    cells.run(store, folder / "grid.parquet", folder / "out", chunk=30_000)
    return folder


@pytest.fixture(scope="module")
def rows(measured: Path) -> pd.DataFrame:
    parts = sorted((measured / "out").glob("cells-*.parquet"))
    assert len(parts) == 3  # 79 516 settlements, 30 000 a chunk
    frame = pd.concat([pq.read_table(part).to_pandas() for part in parts])
    assert frame["access_min"].max() == 0
    # Of 23 places at the very spot of another, the cell takes the first.
    frame = frame[frame["geonameid"] == frame["cell_id"]].set_index("cell_id")
    assert len(frame) == 79_516 - 23
    return frame


def test_minutes_are_those_of_the_build(store: Store, rows: pd.DataFrame) -> None:
    steps = store.arrow("from indicators.ind_settlement__travel_minutes").to_pandas()
    steps = steps.set_index("geonameid").loc[rows.index]
    for column in [name for name in rows if name.startswith("minutes_to_")]:
        pd.testing.assert_series_equal(rows[column], steps[column], check_names=False, rtol=0)
    assert "minutes_to_city" in rows


@pytest.mark.parametrize("service", ["basic_centre", "middle_centre", "upper_centre"])
def test_reach_is_that_of_the_build(store: Store, rows: pd.DataFrame, service: str) -> None:
    access = store.arrow("select * from marts.access where service = ?", [service]).to_pandas()
    access = access.set_index("geonameid").loc[rows.index]
    for column in ("minutes_nearest", "within_15", "within_30", "within_60", "nearest_id"):
        own = rows[f"{column}_{service}"]
        assert own.equals(access[column].astype(own.dtype)), column
    assert access["within_60"].sum() > 100_000


def test_supply_is_that_of_the_build(store: Store, rows: pd.DataFrame) -> None:
    """Where two settlements stand at one spot, the cells' people are all the first one's."""
    nodes = store.arrow(NODES)
    net = network_from_table(nodes, store.arrow("from indicators.ind_settlement__links"))
    spot = pd.DataFrame({"lon": net.settlements.lon, "lat": net.settlements.lat})
    first = spot.groupby(["lon", "lat"]).cumcount() == 0
    place = spot.merge(
        spot[first].reset_index(), on=["lon", "lat"], how="left", validate="many_to_one"
    )["index"].to_numpy()
    people = np.bincount(place, np.nan_to_num(net.settlements.population), len(place))
    moved = replace(net, settlements=replace(net.settlements, population=people))
    limits = thresholds(store)
    sites = store.arrow("select * from indicators.ind_service__site where service='middle_centre'")
    expected = reach(
        moved,
        sites_of(sites),
        TravelConstants.from_thresholds(limits),
        ReachConstants.from_thresholds(limits),
    ).table.to_pandas()
    expected = expected.set_index("geonameid")["supply_score"].loc[rows.index]
    np.testing.assert_allclose(rows["supply_score_middle_centre"], expected, rtol=1e-12)
    published = store.arrow(
        "select geonameid, supply_score from marts.access where service = 'middle_centre'"
    ).to_pandas()
    published = published.set_index("geonameid")["supply_score"].loc[rows.index]
    np.testing.assert_allclose(rows["supply_score_middle_centre"], published, rtol=0.02)


def test_all_capacity_is_shared_out(measured: Path, rows: pd.DataFrame) -> None:
    sites = pq.read_table(measured / "out" / "sites.parquet").to_pandas()
    for service, own in sites[sites["per_person"].notna()].groupby("service"):
        given = (rows["people"] * rows[f"supply_score_{service}"]).sum()
        assert given == pytest.approx(own["capacity"].sum(), rel=0.001)


def test_notes_travel(store: Store, measured: Path) -> None:
    notes = (measured / "out" / "cells.readme.txt").read_text("utf-8")
    assert "79,516 of 79,516 cells near a settlement" in notes
    assert "near the edge of a grid" in notes
    schema = pq.read_schema(measured / "out" / "cells-00000.parquet")
    assert b"GeoNames" in schema.metadata[b"hinterland:attribution"]
    assert store.pointer.hash in notes
    for name in schema.names:
        assert f"\n{name}: " in notes
    assert not (measured / "out" / ".work").exists()


def few(store: Store, folder: Path, count: int = 3_000) -> Path:
    """Cells of 100 m around some settlements, by their codes."""
    nodes = store.arrow(NODES).slice(0, count)
    x, y = to_laea(nodes["lon"].to_numpy(), nodes["lat"].to_numpy())
    east, north = (np.floor(v / 100).astype(int) * 100 for v in (x, y))
    codes = [f"CRS3035RES100mN{n}E{e}" for n, e in zip(north, east, strict=True)]
    table = pa.table({"GRD_ID": codes, "T": pa.array(np.arange(count) % 70, pa.int32())})
    keep = np.unique(np.array(codes), return_index=True)[1]
    pq.write_table(table.take(pa.array(np.sort(keep))), folder / "codes.parquet")
    return folder / "codes.parquet"


CODES = GridColumns(code="GRD_ID", people="T")


def test_a_run_that_was_stopped_goes_on(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    grid = few(store, tmp_path)
    cells.run(store, grid, tmp_path / "whole", columns=CODES, chunk=1_000)
    measure, done = jobs.measure, []

    def stop(*arguments: Any) -> pa.Table:
        done.append(1)
        if len(done) == 3:
            raise KeyboardInterrupt
        return measure(*arguments)

    monkeypatch.setattr(jobs, "measure", stop)
    with pytest.raises(KeyboardInterrupt):
        cells.run(store, grid, tmp_path / "out", columns=CODES, chunk=1_000)
    assert [p.name for p in sorted((tmp_path / "out").glob("*.parquet"))] == [
        "cells-00000.parquet",
        "cells-00001.parquet",
        "sites.parquet",
    ]
    first = (tmp_path / "out" / "cells-00000.parquet").stat().st_mtime_ns
    monkeypatch.setattr(jobs, "measure", measure)
    summary = cells.run(store, grid, tmp_path / "out", columns=CODES, chunk=1_000)
    assert summary is not None
    assert (summary.chunks, summary.resumed) == (3, 2)
    assert (tmp_path / "out" / "cells-00000.parquet").stat().st_mtime_ns == first
    for path in (tmp_path / "whole").glob("*.parquet"):
        assert pq.read_table(tmp_path / "out" / path.name).equals(pq.read_table(path))
    # All of it is there: nothing is done again. Another job does not go into its folder.
    assert cells.run(store, grid, tmp_path / "out", columns=CODES, chunk=1_000) is None
    with pytest.raises(TargetUnwritable, match="another grid, database or chunk"):
        cells.run(store, grid, tmp_path / "out", columns=CODES, chunk=2_000)


GOOD = {"cell_id": ["a", "b"], "lon": [9.8, 9.9], "lat": [50.9, 50.9], "people": [1.0, 2.0]}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"people": None}, "no column people; found 'cell_id, lon, lat'; allowed: cell_id, people"),
        ({"lat": None}, "no column lat"),
        ({"cell_id": None}, "no column grid_code"),
        ({"people": ["1", "2"]}, "field people: is of another type; found 'string'"),
        ({"cell_id": [1.5, 2.5]}, "field cell_id: is of another type; found 'double'"),
        ({"people": [1.0, float("nan")]}, "grid.parquet, row 2, field people: does not fit; found"),
        ({"people": [1.0, None]}, "row 2, field people: does not fit; found 'no value'"),
        ({"people": [-1.0, 2.0]}, "row 1, field people: does not fit; found '-1.0'"),
        ({"lon": [4284050.0, 9.9]}, "row 1, field lon: does not fit; found '4284050.0'; allowed: "),
        ({"lat": [float("nan"), 50.9]}, "row 1, field lat: does not fit; found 'nan'"),
        ({"cell_id": ["a", None]}, "row 2, field cell_id: does not fit; found 'no value'"),
        ({"cell_id": ["a", "b" * 101]}, "row 2, field cell_id: does not fit; found 'bbbb"),
        ({"cell_id": ["a", "a"]}, "row 2, field cell_id: stands in a row before; found 'a'"),
        ({"lon": [-60.0, -60.0]}, "no cell lies within 50 km of a settlement"),
        ({"grid_code": ["x", "CRS4326RES100mN1E1"]}, "row 1, field grid_code: does not fit"),
    ],
)
def test_a_wrong_grid_is_refused_and_nothing_written(
    store: Store, tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    columns = {name: values for name, values in (GOOD | change).items() if values is not None}
    pq.write_table(pa.table(columns), tmp_path / "grid.parquet")
    with pytest.raises(InputError) as error:
        cells.run(store, tmp_path / "grid.parquet", tmp_path / "out")
    assert message in str(error.value)
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_none_is_refused(store: Store, tmp_path: Path) -> None:
    empty, other = tmp_path / "empty.parquet", tmp_path / "other.parquet"
    pq.write_table(pa.table(GOOD).slice(0, 0), empty)
    other.write_text("no Parquet")
    for path, message in (
        (empty, "empty.parquet: has no rows"),
        (other, "other.parquet: is not Parquet"),
        (tmp_path / "none.parquet", "none.parquet: no such file"),
        (tmp_path / "folder", "folder: no such file"),
    ):
        with pytest.raises(InputError, match=message):
            cells.run(store, path, tmp_path / "out")
    with pytest.raises(InputError, match="--chunk 10: allowed is 1,000 to 2,000,000"):
        cells.run(store, empty, tmp_path / "out", chunk=10)


def test_a_grid_of_another_system_is_refused(store: Store, tmp_path: Path) -> None:
    geo = {
        "primary_column": "geometry",
        "columns": {"geometry": {"crs": {"id": {"authority": "EPSG", "code": 3035}}}},
    }
    table = pa.table(GOOD).replace_schema_metadata({"geo": json.dumps(geo)})
    pq.write_table(table, tmp_path / "grid.parquet")
    with pytest.raises(InputError, match="in another system; found 'EPSG:3035'; allowed: degrees"):
        cells.run(store, tmp_path / "grid.parquet", tmp_path / "out")


def test_the_command_refuses_in_one_message(built_home: Path, tmp_path: Path) -> None:
    pq.write_table(pa.table(GOOD | {"people": [1.0, None]}), tmp_path / "grid.parquet")
    run = ("cells", str(tmp_path / "grid.parquet"), "--out", str(tmp_path / "out"))
    done = command(*run, HINTERLAND_HOME=str(built_home), COLUMNS="200")
    assert done.returncode == 1
    assert "grid.parquet, row 2, field people: does not fit" in done.stderr
    assert "Traceback" not in done.stderr
