"""GISCO's education services: the columns of its list, every kind of gap, every fault."""

from __future__ import annotations

import doctest
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.core.errors import HinterlandError, SchemaDrift, SourceUnreadable, UnknownCode
from pipelines.core.registry import read_registry
from pipelines.sources import gisco_education
from pipelines.sources.gisco_education import levels_of
from tests.standin.made import EDUCATION_HEADER, EDUCATION_ROWS, education_csv

DECLARED = SimpleNamespace(columns={}, extra={})


def read(tmp_path: Path, data: bytes) -> tuple[pa.Table, dict[tuple[str, str], tuple[int, str]]]:
    path = tmp_path / "education.csv"
    path.write_bytes(data)
    sites, findings = gisco_education.read_both(path)
    found = {(r["field"], r["finding"]): (r["rows"], r["example"]) for r in findings.to_pylist()}
    return sites, found


def changed(find: str, put: str, times: int = 1) -> bytes:
    text = education_csv().decode()
    assert find in text
    return text.replace(find, put, times).encode()


def test_every_row_is_a_site_or_counted(tmp_path: Path) -> None:
    sites, found = read(tmp_path, education_csv())
    rows = {row["id"]: row for row in sites.to_pylist()}
    assert len(rows) == len(EDUCATION_ROWS) - 1
    assert found["geo_qual", "the publisher found no position (-2)"] == (1, "PT_2")
    assert found["max_students", "no whole number"] == (1, "BG_2")
    assert rows["BG_2"]["max_students"] is None
    assert rows["BG_1"]["name"] == 'Софийски университет "Св. Климент Охридски"'
    assert (rows["BG_1"]["lon"], rows["BG_1"]["lat"]) == (23.3350, 42.6934)
    assert rows["DE_1"]["level_list"] == [6, 7, 8]
    assert rows["FR_1"]["level_list"] == [3, 4, 5]
    assert found["levels", "first and last level: those between count too"][0] == 6
    assert (rows["FR_2"]["is_mainland"], rows["FR_1"]["is_mainland"]) == (False, True)
    assert {row["pub_date"] for row in rows.values()} == {"15/12/2023"}
    assert {row["cntr_id"] for row in rows.values()} >= {"GR", "BG"}


def test_personal_data_is_never_taken(tmp_path: Path) -> None:
    lines = education_csv().decode().splitlines()
    cells = lines[3].split(",")
    for name in ("tel", "email", "url", "comments"):
        cells[EDUCATION_HEADER.index(name)] = f"secret-{name}"
    sites, findings = read(tmp_path, "\n".join([*lines[:3], ",".join(cells), *lines[4:]]).encode())
    assert "secret" not in str(sites.to_pylist()) + str(findings)
    taken = read_registry()["gisco_education"].columns
    assert not {"tel", "email", "url", "address", "comments"} & set(taken)
    assert not set(taken) - set(sites.column_names)


def test_columns_may_stand_in_any_order_and_new_ones_are_told(tmp_path: Path) -> None:
    rows = [
        line.split("|")
        for line in (
            "geo_qual|bilingual|levels|cntr_id|lon|lat|name|id",
            "1|yes|1|AT|16.37|48.21|Volksschule|AT_1",
        )
    ]
    sites, found = read(tmp_path, "\n".join(",".join(row) for row in rows).encode())
    assert sites["id"].to_pylist() == ["AT_1"]
    assert found["bilingual", "the reader does not know this column"] == (1, "")
    assert found["enrollment", "the file has no such column"] == (1, "")
    assert sites["enrollment"].null_count == 1


@pytest.mark.parametrize(
    ("find", "put", "finding", "id_"),
    [
        (",8.7667,", ",,", ("lon", "no number"), "DE_1"),
        (",50.8091,", ",50°48',", ("lon", "no number"), "DE_1"),
        (",50.8091,8.7667,", ",0,0.0,", ("lon", "position 0, 0"), "DE_1"),
        (",50.8091,8.7667,", ",8.7667,150.8,", ("lon", "outside all NUTS regions"), "DE_1"),
        (",Marburg,DE,", ",Marburg,PF,", ("lon", "outside all NUTS regions"), "DE_1"),
        (",Marburg,DE,", ",Marburg,,", ("cntr_id", "no country code"), "DE_1"),
        ("DE_1,", ",", ("id", "no identifier"), None),
    ],
)
def test_what_cannot_be_used_is_set_aside(
    find: str, put: str, finding: tuple[str, str], id_: str | None, tmp_path: Path
) -> None:
    sites, found = read(tmp_path, changed(find, put))
    assert found[finding] == (1, id_)
    assert len(sites) == len(EDUCATION_ROWS) - 2


@pytest.mark.parametrize(
    ("find", "put", "finding", "column", "value"),
    [
        (",8.7667,", ", 8.7667,", ("lon", "blanks around the number"), "lon", 8.7667),
        (",DE,6-7-8,", ",DE,,", ("levels", "empty: not known"), "level_list", None),
        (",DE,6-7-8,", ",DE,tertiary,", ("levels", "no level of ISCED 2011"), "level_list", None),
        (",DE,6-7-8,", ",DE,8-6,", ("levels", "no level of ISCED 2011"), "level_list", None),
        (",DE,6-7-8,,", ",DE,6-7-8,0,", ("max_students", "nobody (0)"), "max_students", 0),
        (
            ",public,",
            ",semi,",
            ("public_private", "neither public nor private"),
            "public_private",
            None,
        ),
    ],
)
def test_what_is_mended_or_left_empty_is_counted(
    find: str, put: str, finding: tuple[str, str], column: str, value: object, tmp_path: Path
) -> None:
    sites, found = read(tmp_path, changed(find, put))
    assert finding in found
    at = sites["id"].to_pylist().index("BG_1" if column == "public_private" else "DE_1")
    assert sites[column][at].as_py() == value


def test_programs_spellings_of_nothing_and_of_whole_numbers(tmp_path: Path) -> None:
    data = changed(",DE,6-7-8,,,", ",DE,6.0,NULL,1200.0,").decode()
    data = data.replace(
        ",Universität,public,,,,01/09/2022,15/12/2023,1,", ",Universität,Public,,,,nan,null,1.0,", 1
    )
    sites, _ = read(tmp_path, data.encode())
    row = next(row for row in sites.to_pylist() if row["id"] == "DE_1")
    assert (row["level_list"], row["max_students"], row["enrollment"]) == ([6], None, 1200)
    assert (row["geo_qual"], row["public_private"], row["pub_date"]) == (1, "public", None)


def test_repeats_are_set_aside_and_shared_ids_numbered(tmp_path: Path) -> None:
    rows = EDUCATION_ROWS[:6]
    again = (rows[2][0], "Another site", *rows[2][2:])
    sites, found = read(tmp_path, education_csv((*rows, rows[0], again)))
    assert found["id", "a row is repeated word for word"] == (1, "BG_1")
    keys = list(zip(sites["id"].to_pylist(), sites["site_no"].to_pylist(), strict=True))
    assert keys[2] == ("DE_1", 1)
    assert keys[-1] == ("DE_1", 2)
    assert len(set(keys)) == len(keys)


def latin(data: bytes) -> bytes:
    return data.decode("utf-8-sig").replace("ä", "\udce4").encode("utf-8", "surrogateescape")


FAULTS: dict[str, tuple[Callable[[bytes], bytes], type[HinterlandError], str]] = {
    "column": (lambda d: d.replace(b"levels", b"isced"), SchemaDrift, "missing columns .'levels'"),
    "twice": (lambda d: d.replace(b"street", b"name"), SchemaDrift, "there twice .'name'."),
    "cells": (
        lambda d: d.replace(b",Marburg,", b",Marburg,,"),
        SourceUnreadable,
        "row 4: 25 cells found, 24 expected",
    ),
    "quality": (
        lambda d: d.replace(b"15/12/2023,1,", b"15/12/2023,9,"),
        UnknownCode,
        "row 2, column geo_qual: '9' found; 1, 2, 3, 4, -1, -2 or nothing",
    ),
    "type": (
        lambda d: d.replace(b".", b";"),
        SourceUnreadable,
        "13 of 13 rows cannot be used, the last ones for column lon: no number",
    ),
    "html": (lambda d: b"<!DOCTYPE html><html><body>Sorry</body></html>", SchemaDrift, "missing"),
    "empty": (lambda d: b"", SourceUnreadable, "file is empty"),
    "header": (lambda d: d.split(b"\r\n")[0], SourceUnreadable, "a header and no site"),
    "quote": (
        lambda d: d.replace(b"Sofia", b"x") + b'IT_9,"cut off',
        SourceUnreadable,
        "quoted field that never closes",
    ),
    "letters": (latin, SourceUnreadable, "not UTF-8"),
    "cell": (
        lambda d: d.replace(b",Marburg,", b"," + b"x" * 2_001 + b","),
        SourceUnreadable,
        "row 4: a cell of more than 2000",
    ),
}


@pytest.mark.parametrize("name", list(FAULTS))
def test_faults(name: str, tmp_path: Path) -> None:
    change, error, text = FAULTS[name]
    path = tmp_path / "e.csv"
    path.write_bytes(change(education_csv()))
    with pytest.raises(error, match=text):
        gisco_education.read(path, DECLARED)


def test_levels_of_examples() -> None:
    assert doctest.testmod(gisco_education).failed == 0


@given(st.lists(st.integers(0, 8), min_size=1, max_size=6))
def test_levels_hold_at_least_those_named(levels: list[int]) -> None:
    found = levels_of("-".join(map(str, levels)))
    if len(levels) == 2 and levels[0] > levels[1]:
        assert found is None
    else:
        assert found == sorted(set(found))
        assert set(levels) <= set(found)
        assert len(levels) == 2 or set(levels) == set(found)


@given(st.text(max_size=8))
def test_no_text_breaks_the_levels(text: str) -> None:
    found = levels_of(text)
    assert found is None or set(found) <= set(range(9))


def test_many_rows_are_read_in_time(tmp_path: Path) -> None:
    """30 000 rows in 3 seconds of CPU; 300 000 took 5 where this was written."""
    rows = [(f"X_{n}", *EDUCATION_ROWS[n % 12][1:]) for n in range(30_000)]
    path = tmp_path / "big.csv"
    path.write_bytes(education_csv(tuple(rows)))
    started = time.process_time()
    sites, _ = gisco_education.read_both(path)
    assert time.process_time() - started < 3
    assert len(sites) == 30_000
