"""The census grid as published: what is read of it, and what is said of files that cannot be."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pcsv
import pyarrow.parquet as pq
import pytest

from pipelines.core import registry
from pipelines.core.errors import HinterlandError
from pipelines.sources.eurostat_grid import read
from tests.where import DATA

SOURCE = registry.read_registry()["eurostat_census_grid"]
SAMPLE = DATA / "eurostat" / "census_grid_v3_sample.csv"
HEADER = "GRD_ID,T,LAND_SURFACE,CNTR_ID\n"
CELL = "CRS3035RES1000mN2684000E4285000"


def csv(folder: Path, *rows: str, header: str = HEADER) -> Path:
    path = folder / "grid.csv"
    path.write_text(header + "".join(f"{row}\n" for row in rows), "utf-8")
    return path


def zipped(folder: Path, name: str, data: bytes) -> Path:
    path = folder / "grid.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Eurostat_Census-GRID_2021_V3/readme.txt", "about")
        archive.writestr(f"Eurostat_Census-GRID_2021_V3/{name}", data)
    return path


@pytest.mark.skipif(not SAMPLE.is_file(), reason="the publisher's rows are not at hand")
@pytest.mark.parametrize("form", ["csv", "zip of csv", "parquet", "zip of parquet"])
def test_five_real_rows_in_every_form(tmp_path: Path, form: str) -> None:
    """Two of the five cells are uninhabited."""
    path = SAMPLE
    if "parquet" in form:
        path = tmp_path / "grid.parquet"
        pq.write_table(pcsv.read_csv(SAMPLE), path)
    if "zip" in form:
        path = zipped(tmp_path, f"ESTAT_Census_2021_V3{path.suffix}", path.read_bytes())
    assert read(path, SOURCE).to_pylist() == [
        dict(zip(SOURCE.columns, row, strict=True))
        for row in (
            (2, 2_684_000, 4_285_000, 25, "AT-CH-LI", None),
            (4, 2_683_000, 4_286_000, 116, "AT-LI", None),
            (5, 2_684_000, 4_286_000, 185, "AT-CH", None),
        )
    ]


def test_traps_are_never_people(tmp_path: Path) -> None:
    table = read(
        csv(
            tmp_path,
            f"{CELL},7,1,AT",
            "CRS3035RES1000mN2685000E4285000,-8888,1,AT",
            "CRS3035RES1000mN2686000E4285000,-9999,1,AT",
            "CRS3035RES1000mN2687000E4285000,0,1,AT",
            "AT_unallocated,1200,,AT",
            "CRS2975RES1000mN7690000E338000,31,1,FR",
            "CRS3035RES1000mN-3310000E9975000,9,1,FR",
        ),
        SOURCE,
    )
    assert table["people"].to_pylist() == [7, None, None, 1200, 31, 9]
    gaps = [None, "confidential", "not available", "unallocated", "other projection", None]
    assert table["gap"].to_pylist() == gaps
    assert table["north_m"].to_pylist() == [
        *(2_684_000, 2_685_000, 2_686_000),
        *(None, None, -3_310_000),
    ]
    assert table["row_no"].to_pylist() == [1, 2, 3, 5, 6, 7]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ((f"{CELL},many,1,AT",), "row 1: T is 'many'; a whole number from 0 to 1,000,000"),
        ((f"{CELL},7,1,AT", f"{CELL[:-7]}4286000,,1,AT"), "row 2: T is nothing"),
        ((f"{CELL},-1,1,AT",), "row 1: T is -1; a whole number"),
        ((f"{CELL},2.5,1,AT",), "row 1: T is 2.5"),
        ((f"{CELL},2000001,1,AT",), "row 1: T is 2e+06"),
        (
            (f"{CELL},0,1,AT", "CRS3035RES5000mN2685000E4285000,5,1,AT"),
            "row 2: GRD_ID is 'CRS3035RES5000mN2685000E4285000'; a cell of 1 km is allowed",
        ),
        (("CRS3035RES1000mN2684500E4285000,5,1,AT",), "row 1: GRD_ID is"),
        (("1kmN2684E4285,5,1,AT",), "row 1: GRD_ID is '1kmN2684E4285'"),
        (
            (f"{CELL},5,1,AT", f"{CELL[:-7]}4286000,5,1,AT", f"{CELL},6,1,CH"),
            f"row 3: GRD_ID {CELL} stands in row 1 already",
        ),
        ((), "has no rows"),
    ],
)
def test_bad_rows_are_named(tmp_path: Path, rows: tuple[str, ...], said: str) -> None:
    with pytest.raises(HinterlandError) as caught:
        read(csv(tmp_path, *rows), SOURCE)
    assert said in str(caught.value)
    assert "grid.csv" in str(caught.value)


def test_bad_files_are_named(tmp_path: Path) -> None:
    def said(path: Path) -> str:
        with pytest.raises(HinterlandError) as caught:
            read(path, SOURCE)
        return str(caught.value)

    assert "no such file" in said(tmp_path / "none.zip")
    missing = csv(tmp_path, "a,1", header="GRD_ID,TOT_P_2021\n")
    assert "no column T, CNTR_ID; found GRD_ID, TOT_P_2021" in said(missing)
    whole = zipped(tmp_path, "ESTAT.csv", HEADER.encode() + f"{CELL},5,1,AT\n".encode() * 2000)
    cut = tmp_path / "cut.zip"
    cut.write_bytes(whole.read_bytes()[:300])
    assert "cut.zip" in said(cut)
    assert "no member ends in .csv or .parquet" in said(zipped(tmp_path, "ESTAT.gpkg", b"x"))
    latin = tmp_path / "latin.csv"
    latin.write_bytes(HEADER.encode() + b"\xff\xfe,5,1,AT\n")
    assert "latin.csv" in said(latin)


def test_memory_is_that_of_inhabited_cells(tmp_path: Path) -> None:
    """Of 300 000 rows with 1 inhabited in 100 no more than these are held in the result."""
    path = tmp_path / "grid.csv"
    with path.open("w", encoding="utf-8") as out:
        out.write(HEADER)
        for n in range(300_000):
            name = f"CRS3035RES1000mN{1000 + n // 1000}000E{1000 + n % 1000}000"
            out.write(f"{name},{int(n % 100 == 0)},1,DE\n")
    before = pa.total_allocated_bytes()
    table = read(path, SOURCE)
    assert table.num_rows == 3000
    assert pa.total_allocated_bytes() - before < 2 << 20
