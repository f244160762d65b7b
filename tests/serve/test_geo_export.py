"""GeoParquet for engines beyond one machine: by window, by country, with what must travel."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import frictionless
import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from pipelines.core.errors import InputError, TargetUnwritable
from pipelines.serve import export, geo_export
from pipelines.serve.store import Store
from tests.cli.command import command

#: Around Bebra: west, south, east, north.
WINDOW = (9.0, 50.5, 10.5, 51.5)
COVERING = {side: ["bbox", side] for side in ("xmin", "ymin", "xmax", "ymax")}


def meta(path: Path) -> dict[str, object]:
    geo: dict[str, object] = json.loads(pq.read_schema(path).metadata[b"geo"])
    return geo


@pytest.fixture(scope="module")
def lake(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lake")
    towns = export.read_mart(store, "towns")
    few = towns.filter(pc.is_in(towns["country"], pa.array(["DE", "LU", "NO"])))
    access = export.read_mart(store, "access")
    near = access.filter(pc.is_in(access["geonameid"], few["geonameid"].combine_chunks()))
    regions = export.read_mart(store, "regions", country="LU")
    for table, rows in {"towns": few, "access": near, "regions": regions}.items():
        geo_export.export_partitioned(store, folder / table, [table], rows, "three countries")
    return folder


def in_window(store: Store, table: str) -> int:
    """Rows whose settlement of Germany lies in the window, counted apart."""
    towns = export.read_mart(store, "towns", country="DE").to_pandas()
    west, south, east, north = WINDOW
    inside = towns[towns["lon"].between(west, east) & towns["lat"].between(south, north)]
    rows = export.read_mart(store, table).to_pandas()
    return int(rows["geonameid"].isin(inside["geonameid"]).sum())


def test_geopandas_reads_a_window(store: Store, lake: Path) -> None:
    frame = gpd.read_parquet(lake / "towns" / "towns", bbox=WINDOW)
    assert frame.crs.to_epsg() == 4326
    assert set(frame["country"]) == {"DE"}
    assert len(frame) == in_window(store, "towns") > 100
    bebra = frame.set_index("geonameid").loc[2951793]
    assert (bebra.geometry.x, bebra.geometry.y) == (bebra["lon"], bebra["lat"])
    one = gpd.read_parquet(lake / "access" / "access" / "country=DE", bbox=WINDOW)
    assert len(one) == in_window(store, "access")


def test_duckdb_reads_it_as_one_table(store: Store, lake: Path) -> None:
    files = duckdb.read_parquet(f"{lake}/access/access/*/*.parquet", hive_partitioning=True)
    own = files.aggregate("country, count(*), sum(within_30)::double, sum(minutes_nearest)")
    expected = store.arrow(
        "select country, count(*), sum(within_30)::double, sum(minutes_nearest) from marts.access "
        "join marts.towns using (geonameid) where country in ('DE', 'LU', 'NO') group by country"
    )
    rows = {tuple(other.values()) for other in expected.to_pylist()}
    assert {row[0]: row[1:3] for row in own.fetchall()} == {row[0]: row[1:3] for row in rows}
    assert sum(row[3] for row in own.fetchall()) == pytest.approx(sum(row[3] for row in rows))


def test_groups_lie_by_place_and_say_their_boxes(lake: Path) -> None:
    path = lake / "access" / "access" / "country=DE" / "access.parquet"
    geo = meta(path)
    assert geo["version"] == "1.1.0"
    column = geo["columns"]["geometry"]  # type: ignore[index]
    assert column["covering"]["bbox"] == COVERING
    assert column["geometry_types"] == ["Point"]
    file = pq.ParquetFile(path)
    groups = file.metadata.num_row_groups
    assert groups == -(-file.metadata.num_rows // geo_export.GROUP_ROWS) > 1
    boxes = []
    for group in range(groups):
        rows = file.read_row_group(group, columns=["bbox"])["bbox"].combine_chunks()
        box = [pc.struct_field(rows, side) for side in COVERING]
        boxes.append([pc.min(box[0]), pc.min(box[1]), pc.max(box[2]), pc.max(box[3])])
    sides = np.array([[v.as_py() for v in box] for box in boxes])
    area = (sides[:, 2] - sides[:, 0]) * (sides[:, 3] - sides[:, 1])
    whole = np.ptp(sides[:, [0, 2]]) * np.ptp(sides[:, [1, 3]])
    # In the order of ids each group would span the country.
    assert area.sum() < 2 * whole


def test_outlines_come_by_country(store: Store, lake: Path) -> None:
    path = lake / "regions" / "regions" / "country=LU" / "regions.parquet"
    frame = gpd.read_parquet(path).set_index("nuts_id")
    assert set(frame.index) == {"LU", "LU0", "LU00", "LU000"}
    # Luxembourg has 2 586 km² (Eurostat reg_area3); outlines are generalised.
    assert frame.to_crs(3035).area["LU"] / 1e6 == pytest.approx(2586, rel=0.02)
    assert "country" not in pq.read_schema(path).names


def test_all_files_of_a_table_have_one_schema_with_the_types_of_the_mart(lake: Path) -> None:
    files = sorted((lake / "towns").rglob("*.parquet"))
    schemas = [pq.read_schema(path).remove_metadata() for path in files]
    assert len(files) == 3
    assert all(schema == schemas[0] for schema in schemas)
    assert pa.null() not in schemas[0].types


def test_sources_travel_in_the_file_and_beside_it(store: Store, lake: Path) -> None:
    folder = lake / "access"
    metadata = pq.read_schema(folder / "access/country=LU/access.parquet").metadata
    assert b"GeoNames" in metadata[b"hinterland:attribution"]
    assert metadata[b"hinterland:selection"] == b"three countries"
    notes = (folder / "access.readme.txt").read_text("utf-8")
    assert store.pointer.hash in notes
    for column in ("minutes_nearest", "lon", "country"):
        assert f"\n{column}" in notes
    assert frictionless.validate(folder / "datapackage.json").valid


def test_one_file_of_points(store: Store, tmp_path: Path) -> None:
    rows = export.read_mart(store, "service_sites", country="LU")
    count = geo_export.export_geo(store, "service_sites", tmp_path / "s.parquet", rows)
    frame = gpd.read_parquet(tmp_path / "s.parquet")
    assert len(frame) == count == rows.num_rows
    assert set(frame["country"]) == {"LU"}
    assert (frame.geometry.x == frame["lon"]).all()


def test_what_cannot_be_is_refused(store: Store, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"'thresholds' has no place; --geo takes access, "):
        geo_export.export_geo(store, "thresholds", tmp_path / "t.parquet")
    with pytest.raises(InputError, match=r"t\.csv: --geo writes \.parquet"):
        geo_export.export_geo(store, "towns", tmp_path / "t.csv")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "own.txt").write_text("mine")
    with pytest.raises(TargetUnwritable, match="not an empty folder"):
        geo_export.export_partitioned(store, tmp_path / "full", ["towns"])
    assert [p.name for p in (tmp_path / "full").iterdir()] == ["own.txt"]


def test_the_command(built_home: Path, tmp_path: Path) -> None:
    home = {"HINTERLAND_HOME": str(built_home), "COLUMNS": "200"}
    out = ["-o", str(tmp_path / "lake"), "--country", "LU"]
    done = command("export", "towns", *out, "--geo", "--partition", "country", **home)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "lake/towns/country=LU/towns.parquet").is_file()
    done = command("export", "towns", *out, "--partition", "country", **home)
    assert done.returncode == 2
    assert "--partition goes with --geo" in done.stderr
