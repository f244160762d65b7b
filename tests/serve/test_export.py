"""Exports: every mart in every format, complete, attributed, and a valid data package."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path

import frictionless
import geopandas as gpd
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.core.errors import InputError, TargetUnwritable, UnknownTable
from pipelines.serve import export, writers
from pipelines.serve.store import Store
from tests.where import ROOT

GISCO = "© EuroGeographics for the administrative boundaries"


def test_regions_as_csv_with_its_companion(store: Store, tmp_path: Path) -> None:
    target = tmp_path / "regions.csv"
    data = export.read_mart(store, "regions", level=3)
    assert export.export_file(store, "regions", target, data, "level 3") == 1514
    with target.open(encoding="utf-8", newline="") as stream:
        rows = {r["nuts_id"]: r for r in csv.DictReader(stream)}
    assert len(rows) == 1514
    assert float(rows["DE733"]["change_pct"]) == pytest.approx(-3.29, abs=0.005)
    assert rows["DE733"]["population_end"] == "116727"
    assert rows["UKJ21"]["population_end"] == ""
    assert "geometry" not in rows["DE733"]
    notes = (tmp_path / "regions.readme.txt").read_text("utf-8")
    assert GISCO in notes
    assert "JRC NUTS converter" in notes
    assert store.pointer.hash in notes
    assert "selection: level 3" in notes
    assert "makes dates of codes such as DEC01" in notes
    # A CSV has no outlines, so nothing is said of them.
    assert "\ngeometry" not in notes
    for column in rows["DE733"]:
        assert f"\n{column}" in notes


def test_all_formats_hold_the_same_rows_and_say_where_they_come_from(
    store: Store, tmp_path: Path
) -> None:
    data = export.read_mart(store, "regions", level=2, country="IT")
    for suffix in export.FORMATS:
        assert export.export_file(store, "regions", tmp_path / f"r.{suffix}", data) == 21
    table = pd.read_csv(tmp_path / "r.csv").set_index("nuts_id")["population_end"]
    geo = json.loads((tmp_path / "r.geojson").read_text("utf-8"))
    assert GISCO in geo["notes"]["attribution"]
    assert {
        f["properties"]["nuts_id"]: f["properties"]["population_end"] for f in geo["features"]
    } == table.to_dict()
    package = gpd.read_file(tmp_path / "r.gpkg")
    assert package.crs.to_epsg() == 4326
    assert package.set_index("nuts_id")["population_end"].to_dict() == table.to_dict()
    parquet = gpd.read_parquet(tmp_path / "r.parquet")
    assert parquet.crs.to_epsg() == 4326
    assert parquet.set_index("nuts_id")["population_end"].to_dict() == table.to_dict()
    metadata = pq.read_schema(tmp_path / "r.parquet").metadata
    assert GISCO in metadata[b"hinterland:attribution"].decode()
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    header, *rows = book["regions"].iter_rows(values_only=True)
    place = header.index("population_end")
    assert {r[0]: r[place] for r in rows} == table.to_dict()
    notes = dict(book["notes"].iter_rows(min_row=2, values_only=True))
    assert GISCO in notes["attribution"]


def test_columns_say_in_the_file_what_they_are(store: Store, tmp_path: Path) -> None:
    data = export.read_mart(store, "regions", level=2, country="IT")
    export.export_file(store, "regions", tmp_path / "r.parquet", data)
    export.export_file(store, "regions", tmp_path / "r.gpkg", data)
    field = pq.read_schema(tmp_path / "r.parquet").field("area_km2")
    assert field.metadata[b"unit"].decode() == "km²"
    assert field.metadata[b"label"] == b"Area"
    assert field.metadata[b"description"].startswith(b"Total area with inland waters")
    with closing(sqlite3.connect(tmp_path / "r.gpkg")) as con:
        told = {
            name: (title, text)
            for name, title, text in con.execute(
                "select column_name, title, description from gpkg_data_columns"
            )
        }
    assert told["area_km2"][0] == "Area [km²]"
    assert told["area_km2"][1].startswith("Total area with inland waters")
    # A column for each of the table's own, but for the outline, which has another name there.
    assert told.keys() == set(data.schema.names) - {"geometry"} | (told.keys() & {"geom"})
    # What GDAL, and QGIS through it, makes of them.
    assert len(gpd.read_file(tmp_path / "r.gpkg")) == 21


def test_towns_become_points(store: Store, tmp_path: Path) -> None:
    data = export.read_mart(store, "towns", country="LU")
    export.export_file(store, "towns", tmp_path / "t.geojson", data)
    content = json.loads((tmp_path / "t.geojson").read_text("utf-8"))
    first = content["features"][0]
    assert first["geometry"]["type"] == "Point"
    assert first["geometry"]["coordinates"] == [
        first["properties"]["lon"],
        first["properties"]["lat"],
    ]
    assert "GeoNames (geonames.org), CC BY 4.0" in content["notes"]["attribution"]


def test_every_mart_exports_as_csv(store: Store, tmp_path: Path) -> None:
    for name in export.mart_names(store):
        rows = export.export_file(store, name, tmp_path / f"{name}.csv")
        with (tmp_path / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
            assert sum(1 for _ in csv.reader(stream)) == rows + 1


def test_the_data_package_is_valid(store: Store, tmp_path: Path) -> None:
    names = export.export_package(store, tmp_path / "package")
    assert "datapackage.json" in names
    report = frictionless.validate(tmp_path / "package" / "datapackage.json")
    assert report.valid, report.flatten(["name", "type", "note"])[:5]
    package = json.loads((tmp_path / "package" / "datapackage.json").read_text("utf-8"))
    described = {r["path"] for r in package["resources"]}
    assert described | {"README.md", "datapackage.json", "dcat-ap.jsonld"} == set(names)
    by_name = {r["name"]: r for r in package["resources"]}
    series = by_name["region_series"]
    assert series["schema"]["primaryKey"] == ["nuts_version", "nuts_id", "year", "period_years"]
    # code_2021 and code_2024 may be missing, so that they make no key by the standard.
    assert "primaryKey" not in by_name["nuts_changes"]["schema"]
    fields = {f["name"]: f for f in by_name["towns"]["schema"]["fields"]}
    assert "geonames_cities500" in fields["population"]["sources"]
    assert any("EuroGeographics" in one["title"] for one in by_name["regions-gpkg"]["licenses"])
    assert {"title", "sources", "licenses"} <= by_name["towns-parquet"].keys()
    readme = (tmp_path / "package" / "README.md").read_text("utf-8")
    assert "| `regions` | Every NUTS and statistical region" in readme
    assert package["version"] == store.pointer.hash
    licences = " ".join(licence["title"] for licence in package["licenses"])
    assert "CC BY 4.0" in licences
    assert "EuroGeographics" in licences
    portal = json.loads((tmp_path / "package" / "dcat-ap.jsonld").read_text("utf-8"))
    files = {
        d["dcat:downloadURL"]["@id"]
        for dataset in portal["dcat:dataset"]
        for d in dataset["dcat:distribution"]
    }
    assert files == described
    assert "dcat:service" not in portal


def test_a_package_does_not_overwrite(store: Store, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(TargetUnwritable, match="not an empty folder"):
        export.export_package(store, tmp_path)
    assert (tmp_path / "mine.txt").read_text() == "keep"


@pytest.mark.parametrize(
    ("table", "level", "country", "error", "message"),
    [
        ("region", None, None, UnknownTable, "no table 'region'; allowed are .*regions"),
        ("regions; drop", None, None, UnknownTable, "no table"),
        ("regions", None, "GR", InputError, r"no rows .* code of Greece is EL"),
        ("sources", 3, None, InputError, "no column 'level'"),
    ],
)
def test_wrong_questions_are_answered(
    store: Store,
    table: str,
    level: int | None,
    country: str | None,
    error: type[Exception],
    message: str,
) -> None:
    with pytest.raises(error, match=message):
        export.read_mart(store, table, level, country)


@pytest.mark.parametrize(
    ("table", "name", "error", "message"),
    [
        ("regions", "regions.shp", InputError, r"'\.shp', allowed are \.csv"),
        ("sources", "s.geojson", InputError, "has no geometry"),
        ("regions", "nowhere/r.csv", TargetUnwritable, "cannot be written"),
    ],
)
def test_wrong_targets_are_named(
    store: Store, tmp_path: Path, table: str, name: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        export.export_file(store, table, tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_failed_export_leaves_the_old_file(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "r.parquet"
    target.write_text("old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(export.WRITERS, "parquet", fail)
    with pytest.raises(TargetUnwritable, match="No space left"):
        export.export_file(store, "regions", target)
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["r.parquet"]


def test_a_download_of_csv_is_a_zip_with_notes(store: Store) -> None:
    data = export.read_mart(store, "regions", level=0)
    content = export.export_bytes(store, "regions", "csv", data, "level 0; trend: shrinking")
    box = zipfile.ZipFile(io.BytesIO(content))
    assert box.namelist() == ["hinterland-regions.csv", "hinterland-regions.readme.txt"]
    assert "selection: level 0; trend: shrinking" in box.read(box.namelist()[1]).decode()


def test_a_csv_file_needs_no_library_of_frames(store: Store, tmp_path: Path) -> None:
    """By a process of its own, for those of this one are imported."""
    code = (
        "import sys; from pathlib import Path; from pipelines.serve import export; "
        "from pipelines.serve.store import Store; store = Store.current(Path(sys.argv[1])); "
        "export.export_file(store, 'regions', Path(sys.argv[2])); "
        "print(*sorted({'pandas', 'shapely', 'geopandas'} & set(sys.modules)))"
    )
    target = tmp_path / "regions.csv"
    done = subprocess.run(
        [sys.executable, "-c", code, str(store.folder), str(target)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert done.stdout.split() == []
    assert len(target.read_text("utf-8").splitlines()) == 1 + store.pointer.rows["marts.regions"]


def test_the_cells_of_a_csv_file(store: Store, tmp_path: Path) -> None:
    """No number and no value are empty; lists are one text; formulas get an apostrophe."""
    data = pa.table(
        {
            "=name": ["=1+1", 'a "b", c', None],
            "share": [0.1, float("nan"), None],
            "is_new": [True, None, False],
            "flags": [["b", "p"], [], None],
            "years": [[2011, 2021], None, [1]],
        }
    )
    writers.write_csv(data, tmp_path / "x.csv", "x", {})
    assert (tmp_path / "x.csv").read_bytes() == (
        b'"\'=name","share","is_new","flags","years"\n'
        b'"\'=1+1",0.1,true,"b;p","2011 2021"\n'
        b'"a ""b"", c",,,,\n'
        b',,false,,"1"\n'
    )


def test_yes_and_no_with_gaps_are_booleans_in_a_geopackage(tmp_path: Path) -> None:
    """In QGIS `is_x` as a condition selects nothing where the column is text."""
    data = pa.table(
        {
            "id": ["a", "b", "c"],
            "is_x": [True, None, False],
            "year": pa.array([2011, None, 2021], pa.int16()),
            "lon": [9.0, 10.0, None],
            "lat": [50.0, 51.0, 52.0],
        }
    )
    target = tmp_path / "x.gpkg"
    writers.write_gpkg(data, target, "x", {})
    with sqlite3.connect(target) as con:
        kinds = {row[1]: row[2] for row in con.execute("pragma table_info(x)")}
        assert [row[0] for row in con.execute("select id from x where is_x")] == ["a"]
    assert kinds["is_x"] == "BOOLEAN"
    assert kinds["year"] in ("SMALLINT", "MEDIUMINT", "INTEGER")


def test_a_workbook_has_a_row_limit_and_says_so(tmp_path: Path) -> None:
    data = pa.table({"id": pa.array(range(writers.XLSX_ROWS + 1))})
    with pytest.raises(InputError, match=r"x' has 100,001 rows; a workbook takes 100,000"):
        writers.write_xlsx(data, tmp_path / "x.xlsx", "x", {})


def test_the_cells_of_a_workbook(tmp_path: Path) -> None:
    """A code that looks like a date or a number stays text, a number stays a number."""
    data = pa.table(
        {
            "code": ["DEC01", "0142", "=1+1"],
            "share": [0.5, float("nan"), None],
            "is_new": [True, False, None],
        }
    )
    target = tmp_path / "x.xlsx"
    writers.write_xlsx(data, target, "x", {"licence": "CC BY 4.0"})
    book = openpyxl.load_workbook(target)
    assert list(book["x"].values) == [
        ("code", "share", "is_new"),
        ("DEC01", 0.5, True),
        ("0142", None, False),
        ("'=1+1", None, None),
    ]
    assert list(book["notes"].values) == [("note", "text"), ("licence", "CC BY 4.0")]
    assert book["x"].freeze_panes == "A2"
