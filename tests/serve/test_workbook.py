"""Workbooks: data, dictionary, sources and notes; typed cells, a header that filters."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from pipelines.core.errors import InputError
from pipelines.serve import export
from pipelines.serve.store import Store


@pytest.fixture(scope="module")
def workbook(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("book") / "regions.xlsx"
    data = export.read_mart(store, "regions", level=3, country="DE")
    export.export_file(store, "regions", target, data)
    return target


def test_a_workbook_explains_itself(store: Store, workbook: Path) -> None:
    book = openpyxl.load_workbook(workbook)
    assert book.sheetnames == ["regions", "dictionary", "sources", "notes"]
    for sheet in book:
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref == sheet.dimensions
        assert all(5 <= d.width <= 72 for d in sheet.column_dimensions.values())
    header = [cell.value for cell in book["regions"][1]]
    meaning = list(book["dictionary"].values)
    assert meaning[0][:4] == ("column", "label", "unit", "type")
    assert [row[0] for row in meaning[1:]] == header
    by_name = {row[0]: row for row in meaning}
    assert by_name["change_pct"][2] == "%"
    named = {s for row in meaning[1:] for s in (row[6] or "").split(", ")} - {""}
    sources = {row[0] for row in book["sources"].iter_rows(min_row=2, values_only=True)}
    in_use = set(
        store.column("select name from marts.sources where is_present or kind != 'fetched'")
    )
    assert sources == named & in_use


def test_cells_have_their_types(workbook: Path) -> None:
    frame = pd.read_excel(workbook, sheet_name="regions").set_index("nuts_id")
    assert len(frame) == 401  # NUTS 3 regions of Germany in NUTS 2021, Regulation (EU) 2019/1755
    row = frame.loc["DE733"]
    assert row["population_end"] == 116727
    assert row["year_end"] == 2021
    assert frame["year_end"].dtype.kind == "i"
    assert set(map(type, frame["has_two_answers"].dropna())) == {bool}
    assert isinstance(row["name"], str)
    book = openpyxl.load_workbook(workbook, read_only=True)
    kinds = {c.data_type for c in next(book["regions"].iter_rows(min_row=2, max_row=2))}
    assert kinds <= {"s", "n", "b"}


def test_a_header_of_labels_names_units(store: Store, tmp_path: Path) -> None:
    data = export.read_mart(store, "regions", level=0)
    export.export_file(store, "regions", tmp_path / "r.xlsx", data, has_labels=True)
    header = next(openpyxl.load_workbook(tmp_path / "r.xlsx")["regions"].values)
    label, unit = store.rows(
        "select label, unit from marts.indicators "
        "where table_name = 'regions' and column_name = 'density_per_km2'"
    )[0].values()
    assert f"{label} [{unit}]" in header
    assert len(set(header)) == len(header)
    with pytest.raises(InputError, match=r"a header of labels is for \.csv and \.xlsx"):
        export.export_file(store, "regions", tmp_path / "r.parquet", data, has_labels=True)


def test_the_mart_of_sources_is_a_workbook_too(store: Store, tmp_path: Path) -> None:
    """A sheet bears its name already."""
    rows = export.export_file(store, "sources", tmp_path / "s.xlsx")
    book = openpyxl.load_workbook(tmp_path / "s.xlsx")
    assert book.sheetnames == ["sources", "dictionary", "notes"]
    assert book["sources"].max_row == rows + 1


@pytest.mark.skipif(
    not shutil.which("soffice"),
    reason="no LibreOffice: on Debian apt-get install libreoffice-calc-nogui",
)
def test_libreoffice_opens_it(workbook: Path, tmp_path: Path) -> None:
    """It reads the same cells: as CSV, sheet by sheet."""
    subprocess.run(
        [
            "soffice",
            f"-env:UserInstallation=file://{tmp_path}/profile",
            "--headless",
            "--convert-to",
            "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1",
            "--outdir",
            str(tmp_path),
            str(workbook),
        ],
        check=True,
        capture_output=True,
        timeout=300,
    )
    frame = pd.read_csv(tmp_path / "regions-regions.csv").set_index("nuts_id")
    direct = pd.read_excel(workbook, sheet_name="regions").set_index("nuts_id")
    assert frame["population_end"].to_dict() == direct["population_end"].to_dict()
    assert frame.loc["DE733", "change_pct"] == pytest.approx(-3.29, abs=0.005)
    assert {p.name for p in tmp_path.glob("*.csv")} == {
        f"regions-{sheet}.csv" for sheet in ("regions", "dictionary", "sources", "notes")
    }
