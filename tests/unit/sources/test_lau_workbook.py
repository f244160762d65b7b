"""Eurostat's LAU list as its workbook: the values of the real extract, every fault named."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pyarrow.compute as pc
import pytest

from pipelines.core.errors import (
    HinterlandError,
    SchemaDrift,
    SourceMissing,
    SourceUnreadable,
    UnknownCode,
)
from pipelines.core.registry import read_registry
from pipelines.sources import lau
from tests.standin.made import LAU_HEADERS, lau_workbook
from tests.where import DATA

LAU = DATA / "lau" / "lau_2019_sample.parquet"
DECLARED = SimpleNamespace(columns={}, extra={})
ROW = (
    "BE100",
    "21001",
    "Anderlecht",
    "Anderlecht",
    "N",
    119714,
    17744118,
    1,
    None,
    "no",
    None,
    None,
    None,
    None,
    "BE001K1",
    None,
    "Bruxelles / Brussel (greater city)",
    "BE001L3",
    None,
    "Bruxelles/Brussel/Leuven",
)


def workbook(*sheets: tuple[str, list[tuple]]) -> bytes:
    book = openpyxl.Workbook()
    book.active.title = "Overview"
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(tmp_path: Path, data: bytes):
    path = tmp_path / ".list.xlsx.part"  # As `fetch` names it on its way.
    path.write_bytes(data)
    return lau.read(path, DECLARED)


def changed(**cells: object) -> tuple:
    at = {name: number for number, name in enumerate(LAU_HEADERS.values()) if name}
    row = list(ROW)
    for name, value in cells.items():
        row[at[name]] = value
    return tuple(row)


HEADER = tuple(LAU_HEADERS)


@pytest.mark.shared
@pytest.mark.skipif(not LAU.exists(), reason="../shared/data/lau is not there")
def test_the_workbook_gives_the_values_of_the_extract(tmp_path: Path) -> None:
    """All 35 736 real units, but for the last digits that a workbook's numbers lose."""
    theirs = lau.read(LAU, DECLARED)
    ours = read(tmp_path, lau_workbook(LAU))
    assert ours.column_names == theirs.column_names
    for name in set(ours.column_names) - {"area_km2"}:
        assert ours[name].equals(theirs[name]), name
    assert ours["area_km2"].null_count == theirs["area_km2"].null_count == 1
    least = pc.max_element_wise(theirs["area_km2"], 1e-9)
    off = pc.divide(pc.subtract(ours["area_km2"], theirs["area_km2"]), least)
    assert pc.max(pc.abs(off)).as_py() < 1e-14
    assert ours.schema.metadata[b"km2_countries"] == b"DE,DK,FI"
    assert ours.schema.metadata[b"set_aside"] == b"0"


def test_headers_are_matched_by_their_letters(tmp_path: Path) -> None:
    odd = [name.lower().replace("_", " ").replace("(m2)", "(km²)") + "\n " for name in HEADER]
    table = read(tmp_path, workbook(("BE", [(None,), odd, changed(total_area_m2=17.744118)])))
    row = table.to_pylist()[0]
    assert row["gisco_id"] == "BE_21001"
    assert (row["code_2016"], row["country"], row["degurba"]) == ("BE100", "BE", 1)
    assert (row["population"], row["area_km2"]) == (119714.0, 17.744118)
    assert row["fua_name"] == "Bruxelles/Brussel/Leuven"


def test_nothing_stays_nothing(tmp_path: Path) -> None:
    row = changed(
        population="n.a.", degurba=" ", city_id="N.A.", lau_code=21001, greater_city_id=""
    )
    table = read(tmp_path, workbook(("BE", [HEADER, row, changed(lau_code="21002")])))
    first = table.to_pylist()[0]
    assert (first["population"], first["degurba"], first["city_id"]) == (None, None, None)
    assert (first["lau_code"], first["greater_city_id"]) == ("21001", None)


def test_notes_repeats_and_units_without_region_are_left_out(tmp_path: Path) -> None:
    rows = [HEADER, ROW, ROW, changed(code_2016=None, lau_code="x"), (None,) * 20, ("Source: NSI",)]
    combined = ("Combined", [HEADER, ROW, changed(lau_code="21003")])
    table = read(tmp_path, workbook(combined, ("BE", rows)))
    assert table["gisco_id"].to_pylist() == ["BE_21001"]
    assert table.schema.metadata[b"set_aside"] == b"2"


def without(name: str) -> list[tuple]:
    at = HEADER.index(name)
    return [tuple(c for n, c in enumerate(row) if n != at) for row in (HEADER, ROW)]


def bomb() -> bytes:
    data = io.BytesIO(workbook(("BE", [HEADER, ROW])))
    with zipfile.ZipFile(data, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/a.bin", b"\0" * (64 << 20))
    return data.getvalue()


def with_entities() -> bytes:
    data = io.BytesIO(workbook(("BE", [HEADER, ROW])))
    with zipfile.ZipFile(data, "a") as archive:
        archive.writestr("xl/extra.xml", '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a/>')
    return data.getvalue()


def only(name: str) -> bytes:
    source = zipfile.ZipFile(io.BytesIO(workbook(("BE", [HEADER, ROW]))))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, source.read(name))
    return out.getvalue()


def with_a_row_far_below() -> bytes:
    """Return a workbook whose second row says that it is the two billionth: 40 minutes."""
    source = zipfile.ZipFile(io.BytesIO(workbook(("BE", [HEADER, ROW]))))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in source.namelist():
            content = source.read(name)
            archive.writestr(name, content.replace(b'<row r="2"', b'<row r="2000000000"'))
    return out.getvalue()


FAULTS: dict[str, tuple[Callable[[], bytes], type[HinterlandError], str]] = {
    "html": (lambda: b"<!DOCTYPE html><html></html>", SourceUnreadable, "neither a workbook nor"),
    "cut off": (
        lambda: workbook(("BE", [HEADER, ROW]))[:-300],
        SourceUnreadable,
        "not a zip archive, or cut off",
    ),
    "damaged": (
        lambda: workbook(("BE", [HEADER, ROW])).replace(b"\x00\x00", b"\x01\x07", 400),
        SourceUnreadable,
        "Fetch it again",
    ),
    "no workbook": (lambda: only("xl/styles.xml"), SourceUnreadable, "not a workbook that can be"),
    "bomb": (bomb, SourceUnreadable, "more than 200 times its size"),
    "entities": (with_entities, SourceUnreadable, "declares a document type"),
    "a row far below": (
        with_a_row_far_below,
        SourceUnreadable,
        "sheet BE has more than 200,000 rows",
    ),
    "sheets": (
        lambda: workbook(("Belgium", [HEADER, ROW])),
        SchemaDrift,
        "two letters of a country; there are .'Overview', 'Belgium'",
    ),
    "column": (
        lambda: workbook(("BE", without("DEGURBA"))),
        SchemaDrift,
        "sheet BE: columns .'degurba'. are missing",
    ),
    "twice": (
        lambda: workbook(("BE", [(*HEADER, "Lau Code"), ROW])),
        SchemaDrift,
        "column 'Lau Code' stands there twice",
    ),
    "no rows": (lambda: workbook(("BE", [HEADER])), SourceUnreadable, "headers and no unit"),
    "no header": (lambda: workbook(("BE", [ROW] * 12)), SchemaDrift, "sheet BE: columns"),
    "number": (
        lambda: workbook(("BE", [HEADER, changed(population="many")])),
        SourceUnreadable,
        "sheet BE, row 2, column population: 'many' found",
    ),
    "negative": (
        lambda: workbook(("BE", [HEADER, changed(population=-1)])),
        SourceUnreadable,
        "a negative number",
    ),
    "class": (
        lambda: workbook(("BE", [HEADER, changed(degurba=4)])),
        HinterlandError,
        "column degurba: 1, 2, 3 or nothing",
    ),
    "region": (
        lambda: workbook(("BE", [HEADER, changed(code_2016="BE1")])),
        HinterlandError,
        "'BE1' found; a NUTS-3 code",
    ),
    "key": (
        lambda: workbook(("BE", [HEADER, ROW, changed(population=5)])),
        SourceUnreadable,
        "column gisco_id: empty or not unique",
    ),
}


@pytest.mark.parametrize("name", list(FAULTS))
def test_faults(name: str, tmp_path: Path) -> None:
    make, error, text = FAULTS[name]
    with pytest.raises(error, match=text):
        read(tmp_path, make())


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceMissing, match="hinterland fetch"):
        lau.read(tmp_path / "none.xlsx", DECLARED)


def test_a_list_of_another_year_is_refused(tmp_path: Path) -> None:
    # Regulation (EU) 2019/1755: Zagreb was HR041 in NUTS 2016 and is HR050 in NUTS 2021.
    path = tmp_path / "list.xlsx"
    path.write_bytes(workbook(("HR", [HEADER, changed(code_2016="HR050", lau_code="01333")])))
    with pytest.raises(UnknownCode) as caught:
        lau.read(path, read_registry()["eurostat_lau_2019"])
    assert str(caught.value) == (
        f"{path}, unit HR_01333, column code_2016: 'HR050' found, which begins with NUTS 2021; "
        "the list of 2019, in codes of NUTS 2016, is allowed."
    )
    path.write_bytes(workbook(("HR", [HEADER, changed(code_2016="HR041", lau_code="01333")])))
    assert lau.read(path, read_registry()["eurostat_lau_2019"])["code_2016"].to_pylist() == [
        "HR041"
    ]


def test_columns_that_moved_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    path.write_bytes(workbook(("BE", [HEADER, (*ROW[1:6], *ROW[5:])])))
    with pytest.raises(HinterlandError) as caught:
        lau.read(path, read_registry()["eurostat_lau_2019"])
    assert str(caught.value).startswith(f"{path}")
    assert "column code_2016: '21001' found; a NUTS-3 code is allowed" in str(caught.value)
    assert "unit BE_" in str(caught.value)
