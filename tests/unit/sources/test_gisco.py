"""GISCO's boundaries and healthcare sites and the LAU list: real files, every fault named."""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import shapely

from pipelines.core.errors import HinterlandError, SchemaDrift, SourceUnreadable, UnknownCode
from pipelines.sources import gisco, gisco_healthcare, lau
from tests.where import DATA

SHARED = DATA
HEALTH = SHARED / "gisco" / "healthcare_services.csv"
NUTS_2024 = SHARED / "gisco" / "NUTS_RG_20M_2024_4326.geojson.gz"
LAU = SHARED / "lau" / "lau_2019_sample.parquet"
DECLARED = SimpleNamespace(columns={}, extra={})
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not HEALTH.exists(), reason="../shared/data/gisco is not there"),
]


@pytest.mark.parametrize(
    ("name", "regions"),
    [
        ("NUTS_RG_20M_2024_4326", {0: 39, 1: 115, 2: 299, 3: 1345}),
        ("NUTS_RG_60M_2016_4326", {0: 37, 1: 125, 2: 332, 3: 1522}),
    ],
)
def test_real_boundaries(name: str, regions: dict[int, int]) -> None:
    table = gisco.read_boundaries(SHARED / "gisco" / f"{name}.geojson.gz", DECLARED)
    assert Counter(table["levl_code"].to_pylist()) == regions
    shapes = shapely.from_wkb(table["geometry"].to_pylist())
    assert shapely.is_valid(shapes).all()
    germany = shapes[table["nuts_id"].to_pylist().index("DE")]
    west, south, east, north = germany.bounds
    assert (5 < west < 6.5, 47 < south < 48, 14.5 < east < 15.5, 54 < north < 55.5) == (True,) * 4


def small() -> dict:
    with gzip.open(NUTS_2024) as handle:
        data = json.load(handle)
    data["features"] = data["features"][:3]
    return data


def set_property(data: dict, name: str, value: object) -> None:
    data["features"][0]["properties"][name] = value


def set_ring(data: dict, ring: list) -> None:
    data["features"][0]["geometry"] = {"type": "Polygon", "coordinates": [ring]}


BOUNDARY_FAULTS: dict[str, tuple[Callable[[dict], object], type[HinterlandError], str]] = {
    "crs": (
        lambda d: d["crs"]["properties"].update(name="urn:ogc:def:crs:EPSG::3035"),
        SourceUnreadable,
        "crs is 'urn:ogc:def:crs:EPSG::3035'",
    ),
    "twice": (
        lambda d: d["features"].append(d["features"][0]),
        SourceUnreadable,
        "stands there twice",
    ),
    "code": (
        lambda d: set_property(d, "NUTS_ID", "AL01"),
        UnknownCode,
        "do not belong together",
    ),
    "type": (
        lambda d: set_property(d, "URBN_TYPE", 9),
        UnknownCode,
        "URBN_TYPE 9 found",
    ),
    "property": (
        lambda d: d["features"][0]["properties"].pop("URBN_TYPE"),
        SchemaDrift,
        "no .'URBN_TYPE'",
    ),
    "metres": (
        lambda d: set_ring(d, [[4e6, 3e6], [4e6, 3.1e6], [4.1e6, 3e6], [4e6, 3e6]]),
        SourceUnreadable,
        "lie outside",
    ),
    "point": (
        lambda d: d["features"][0].update(geometry={"type": "Point", "coordinates": [10, 50]}),
        SourceUnreadable,
        r"AL011: no \(multi\)polygon",
    ),
    "empty": (lambda d: d.update(features=[]), SourceUnreadable, "holds no feature"),
    "other": (
        lambda d: d.update(type="Topology"),
        SourceUnreadable,
        "type is 'Topology'",
    ),
}


@pytest.mark.parametrize("name", list(BOUNDARY_FAULTS))
def test_boundary_faults(name: str, tmp_path: Path) -> None:
    change, error, text = BOUNDARY_FAULTS[name]
    data = small()
    change(data)
    path = tmp_path / "b.geojson"
    path.write_text(json.dumps(data))
    with pytest.raises(error, match=text):
        gisco.read_boundaries(path, DECLARED)


def test_a_bow_tie_is_repaired_and_counted(tmp_path: Path) -> None:
    data = small()
    set_ring(data, [[10, 50], [11, 51], [11, 50], [10, 51], [10, 50]])
    path = tmp_path / "b.geojson"
    path.write_text(json.dumps(data))
    table = gisco.read_boundaries(path, DECLARED)
    assert table.schema.metadata[b"repaired"] == b"1"
    assert shapely.is_valid(shapely.from_wkb(table["geometry"][0].as_py()))


def test_a_disguised_vrt_is_not_followed(tmp_path: Path) -> None:
    """GDAL would read the other file through this one."""
    (tmp_path / "secret.csv").write_text("a,b\n1,2\n")
    path = tmp_path / "b.geojson"
    path.write_text(
        '<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>secret.csv'
        "</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    )
    with pytest.raises(SourceUnreadable, match="not GeoJSON"):
        gisco.read_boundaries(path, DECLARED)


def test_every_healthcare_row_is_a_site_or_set_aside() -> None:
    sites, findings = gisco_healthcare.read_both(HEALTH)
    counts = {(r["field"], r["action"], r["finding"][:7]): r["rows"] for r in findings.to_pylist()}
    aside = sum(r["rows"] for r in findings.to_pylist() if r["action"] == "set aside")
    with HEALTH.open(newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    repeats = len(rows) - len({tuple(row.values()) for row in rows})
    assert len(sites) + aside == len(rows) == 12_973
    assert counts["id", "set aside", "a row i"] == repeats == 31
    assert counts["lon", "set aside", "outside"] == 2  # Saint-Pierre-et-Miquelon
    assert counts["geo_qual", "kept", "quality"] == 3317
    beds = sum(int(row["cap_beds"] or 0) for row in {tuple(r.values()): r for r in rows}.values())
    assert pc.sum(sites["cap_beds"]).as_py() == beds
    assert set(sites["emergency"].unique().to_pylist()) == {None, "yes", "no"}
    assert set(sites["cc"].unique().to_pylist()) >= {"EL", "MQ", "DE"}
    keys = list(zip(sites["id"].to_pylist(), sites["site_no"].to_pylist(), strict=True))
    assert len(set(keys)) == len(keys)


def test_empty_beds_stay_unknown() -> None:
    sites, findings = gisco_healthcare.read_both(HEALTH)
    empty = next(
        r for r in findings.to_pylist() if r["action"] == "left empty" and r["field"] == "cap_beds"
    )
    assert sites["cap_beds"].null_count == empty["rows"] > 9_000
    assert pc.sum(pc.equal(sites["cap_beds"], 0)).as_py() == 46


@pytest.mark.parametrize(
    ("find", "put", "error", "text"),
    [
        ("cap_beds,cap_prac", "beds,cap_prac", SchemaDrift, "missing columns .'cap_beds'"),
        (
            "16.22262893566035,-1,",
            "16.22262893566035,7,",
            UnknownCode,
            "column geo_qual: '7' found",
        ),
        (
            ",AT,Austria,169,",
            ",AT,Austria,many,",
            SourceUnreadable,
            "row 2, column cap_beds: 'many'",
        ),
        (",AT,Austria,169,", ",at,Austria,169,", UnknownCode, "cc 'at'"),
        (",AT,Austria,169,", ",AT,Austria,169,,", SourceUnreadable, "26 cells found, 25 expected"),
    ],
)
def test_healthcare_faults(
    find: str, put: str, error: type[HinterlandError], text: str, tmp_path: Path
) -> None:
    lines = HEALTH.read_text("utf-8").splitlines()[:5]
    path = tmp_path / "h.csv"
    path.write_text("\n".join(lines).replace(find, put, 1), "utf-8")
    with pytest.raises(error, match=text):
        gisco_healthcare.read(path, DECLARED)


def test_lau_areas_are_brought_to_one_unit() -> None:
    """Country areas against the official ones (km², Eurostat reg_area3, about 1 % apart)."""
    table = lau.read(LAU, DECLARED)
    assert table.schema.metadata[b"km2_countries"] == b"DE,DK,FI"
    sums = dict.fromkeys(table["country"].unique().to_pylist(), 0.0)
    for country, area in zip(
        table["country"].to_pylist(), table["area_km2"].to_pylist(), strict=True
    ):
        sums[country] += area or 0.0
    for country, official in {"AT": 83_882, "DE": 357_600, "IT": 302_079, "CZ": 78_870}.items():
        assert sums[country] == pytest.approx(official, rel=0.02)
    assert len(table) == 35_736


def test_lau_faults(tmp_path: Path) -> None:
    table = pq.read_table(LAU).slice(0, 3)
    path = tmp_path / "l.parquet"
    pq.write_table(table.drop_columns(["degurba"]), path)
    with pytest.raises(SchemaDrift, match=r"'degurba'.* missing"):
        lau.read(path, DECLARED)
    at = table.column_names.index("code_2016")
    pq.write_table(table.set_column(at, "code_2016", pa.array(["BE100", "BE1", "BE100"])), path)
    with pytest.raises(UnknownCode, match="'BE1' found"):
        lau.read(path, DECLARED)
    path.write_bytes(b"<html>")
    with pytest.raises(SourceUnreadable, match="neither a workbook nor Parquet"):
        lau.read(path, DECLARED)
