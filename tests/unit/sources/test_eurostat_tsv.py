"""Eurostat's TSV: every cell of the real files is accounted for, every fault is named."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.core.errors import HinterlandError, SchemaDrift, SourceUnreadable, UnknownCode
from pipelines.sources import eurostat_cells, eurostat_tsv
from tests.where import DATA

FOLDER = DATA / "eurostat"
FILES = sorted(FOLDER.glob("*.tsv.gz"))
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not FILES, reason="../shared/data/eurostat is not there"),
]

# Counted with zcat, cut and awk, not with this parser: rows x years, and cells that
# hold a digit before any flag.
CELLS = {
    "demo_r_births": (66_592, 54_744),
    "demo_r_d3dens": (67_023, 53_637),
    "demo_r_deaths": (66_592, 54_966),
    "demo_r_pjanaggr3": (63_085, 45_915),
    "demo_r_pjangrp3": (1_229_256, 1_125_895),
    "demo_r_pjanind3": (883_008, 784_028),
    "nama_10r_3gdp": (273_966, 253_544),
    "reg_area3": (84_240, 70_822),
}


def declared(*dimensions: str, **filters: object) -> SimpleNamespace:
    names = [*dimensions, *eurostat_tsv.OBSERVATION]
    return SimpleNamespace(columns=dict.fromkeys(names, "VARCHAR"), extra={"filters": filters})


def dimensions_of(path: Path) -> list[str]:
    with gzip.open(path, "rt") as handle:
        return handle.readline().partition("\\")[0].split(",")


def real_lines(name: str, rows: int) -> list[str]:
    with gzip.open(FOLDER / f"{name}.tsv.gz", "rt", newline="") as handle:
        return [handle.readline().rstrip("\r\n") for _ in range(rows + 1)]


def write(folder: Path, lines: list[str]) -> Path:
    path = folder / "table.tsv.gz"
    path.write_bytes(gzip.compress(("\n".join(lines) + "\n").encode()))
    return path


def test_every_cell_of_the_real_files_is_a_value_or_a_stated_gap() -> None:
    total = 0
    for path in FILES:
        table = eurostat_tsv.read(path, declared(*dimensions_of(path)))
        cells, values = CELLS[path.name.removesuffix(".tsv.gz")]
        states = {x["values"]: x["counts"] for x in pc.value_counts(table["obs_state"]).to_pylist()}
        assert len(table) == cells
        assert states["value"] == values
        assert sum(states.values()) == cells
        assert table["obs_value"].null_count == cells - values
        assert set(states) <= set(eurostat_cells.STATES)
        total += len(table)
    assert total == 2_733_762


def test_flags_are_kept_as_published() -> None:
    table = eurostat_tsv.read(
        FOLDER / "demo_r_pjanind3.tsv.gz", declared("freq", "indic_de", "unit", "geo")
    )
    flags = {x["values"]: x["counts"] for x in pc.value_counts(table["obs_flag"]).to_pylist()}
    del flags[None]
    # Counted with sed, sort and uniq on the unpacked file.
    assert flags == {"p": 27681, "b": 12347, "e": 4988, "bp": 1620, "ep": 45}


def test_the_one_flag_without_a_value_is_a_gap() -> None:
    table = eurostat_tsv.read(
        FOLDER / "demo_r_pjanaggr3.tsv.gz", declared("freq", "unit", "sex", "age", "geo")
    )
    odd = table.filter(pc.equal(table["obs_state"], "flag_only")).to_pylist()
    assert [(row["obs_value"], row["obs_flag"]) for row in odd] == [(None, "b")]


def test_old_format_reads_as_the_new_one(tmp_path: Path) -> None:
    """Newest year first, no ``freq``, another order of dimensions: the same table."""
    lines = real_lines("demo_r_births", 300)
    head, *rows = [line.split("\t") for line in lines]
    old = ["unit,geo\\time\t" + "\t".join(reversed(head[1:]))]
    for row in rows:
        freq, unit, geo = row[0].split(",")
        assert freq == "A"
        old.append(f"{unit},{geo}\t" + "\t".join(reversed(row[1:])))
    wanted = declared("geo", "freq", "unit")
    new = eurostat_tsv.read(write(tmp_path, lines), wanted)
    assert new.equals(eurostat_tsv.read(write(tmp_path, old), wanted))
    assert new.column_names == ["geo", "freq", "unit", *eurostat_tsv.OBSERVATION]


def test_a_byte_order_mark_is_no_part_of_the_header(tmp_path: Path) -> None:
    lines = real_lines("demo_r_births", 300)
    wanted = declared("geo", "freq", "unit")
    (tmp_path / "marked").mkdir()
    marked = write(tmp_path / "marked", ["\ufeff" + lines[0], *lines[1:]])
    assert eurostat_tsv.read(marked, wanted).equals(
        eurostat_tsv.read(write(tmp_path, lines), wanted)
    )


def test_real_old_format_values() -> None:
    """Hersfeld-Rotenburg on 1 January, from the file by hand: years run backwards there."""
    path = FOLDER / "demo_r_pjangrp3.tsv.gz"
    table = eurostat_tsv.read(
        path,
        declared("freq", "sex", "unit", "age", "geo", codes={"sex": ["T"], "age": ["TOTAL"]}),
    )
    rows = table.filter(pc.equal(table["geo"], "DE733")).to_pylist()
    with gzip.open(path, "rt") as handle:
        years = [int(year) for year in handle.readline().split("\t")[1:]]
        line = next(row for row in handle if row.startswith("T,NR,TOTAL,DE733\t"))
    by_hand = {
        y: int(re.sub(r"\D", "", x)) for y, x in zip(years, line.split("\t")[1:], strict=True)
    }
    assert {row["time_period"]: row["obs_value"] for row in rows} == by_hand
    assert {row["freq"] for row in rows} == {"A"}


def test_filters_keep_levels_years_and_codes() -> None:
    table = eurostat_tsv.read(
        FOLDER / "demo_r_pjangrp3.tsv.gz",
        declared(
            "freq",
            "sex",
            "unit",
            "age",
            "geo",
            levels=[3],
            first_year=2019,
            codes={"sex": ["T"], "age": ["Y_GE85", "TOTAL"]},
        ),
    )
    assert set(table["age"].unique().to_pylist()) == {"Y_GE85", "TOTAL"}
    assert set(pc.utf8_length(table["geo"]).unique().to_pylist()) == {5}
    assert table["time_period"].unique().to_pylist() == [2019, 2020, 2021, 2022]


def test_aggregates_have_no_level() -> None:
    codes = pa.array(["EE", "EEA", "EFTA", "EU28", "EU27_2020", "EA19", "DE_TOT", "EE0", "DE733"])
    kept = {
        level: codes.filter(eurostat_cells.level_mask(codes, [level])).to_pylist()
        for level in (-1, 0, 1, 3)
    }
    assert kept[0] == ["EE"]
    assert kept[1] == ["EE0"]
    assert kept[3] == ["DE733"]
    assert kept[-1] == ["EEA", "EFTA", "EU28", "EU27_2020", "EA19", "DE_TOT"]


@pytest.mark.parametrize(
    ("cell", "value", "flag", "state"),
    [
        ("12 ", 12.0, None, "value"),
        ("-1.5 bep", -1.5, "bep", "value"),
        ("1.2e-5 e", 1.2e-5, "e", "value"),
        (": ", None, None, "missing"),
        (": b", None, "b", "missing"),
        (" b ", None, "b", "flag_only"),
        (": c", None, "c", "confidential"),
        (": C", None, "C", "confidential"),
        (": z", None, "z", "not_applicable"),
        (": m", None, "m", "not_applicable"),
        ("0n", None, "n", "less_than_half"),
        ("0.0 n", None, "n", "less_than_half"),
        ("5 n", 5.0, "n", "value"),
        ("0 ", 0.0, None, "value"),
    ],
)
def test_cells(cell: str, value: float | None, flag: str | None, state: str) -> None:
    meaning = eurostat_cells.classify(pa.array(["7", cell]))
    assert meaning.rejected is None
    got = (meaning.value[1].as_py(), meaning.flag[1].as_py(), meaning.state[1].as_py())
    assert got == (value, flag, state)


@pytest.mark.parametrize("cell", ["", " ", "1,234", "1 2", "12 x", "nan", "inf", "1_0", "٣", ":5"])
def test_cells_outside_the_grammar_are_refused(cell: str) -> None:
    assert eurostat_cells.classify(pa.array(["7", cell])).rejected == 1


@given(st.lists(st.one_of(st.none(), st.floats(-1e12, 1e12)), min_size=1, max_size=30))
def test_written_values_come_back(values: list[float | None]) -> None:
    texts = pa.array([": " if value is None else f"{value!r} e" for value in values])
    assert eurostat_cells.classify(texts).value.to_pylist() == values


def edit(lines: list[str], row: int, column: int, text: str) -> list[str]:
    cells = lines[row].split("\t")
    cells[column] = text
    return [*lines[:row], "\t".join(cells), *lines[row + 1 :]]


def faults() -> dict[str, tuple[type[HinterlandError], str]]:
    """Name → (error, what its text must say)."""
    return {
        "unknown flag": (UnknownCode, r"row 8, column 1993: flag 'q' found in cell '12 q'; known"),
        "unknown cell": (SourceUnreadable, r"row 8, column 1993: cell '1,234 ' found; a number"),
        "empty cell": (SourceUnreadable, r"row 8, column 1993: cell '' found"),
        "short row": (SourceUnreadable, r"row 8: 32 cells found, 33 expected"),
        "long row": (SourceUnreadable, r"row 8: 34 cells found, 33 expected"),
        "duplicate key": (SourceUnreadable, r"rows \[7, 8\] hold the same key 'A,NR,"),
        "code too few": (SourceUnreadable, r"row 8, column 1: 'A,NR' holds 2 codes, 3 expected"),
        "odd code": (SourceUnreadable, r"row 8, column geo: 'A\$' found"),
        "no rows": (SourceUnreadable, "a header and no rows"),
        "html": (SourceUnreadable, "row 1, column 1: found '<html>"),
        "dropped dimension": (SchemaDrift, r"missing: \['unit'\]"),
        "new dimension": (SchemaDrift, r"new: \['sex'\]"),
        "dropped year": (SchemaDrift, r"years \[1995\] are left out"),
        "year twice": (SchemaDrift, "year 1995 stands there more than once"),
        "quarters": (SchemaDrift, "period '1995-Q1' found; only years"),
    }


def broken(name: str) -> list[str]:
    lines = real_lines("demo_r_births", 40)
    head = lines[0]
    return {
        "unknown flag": lambda: edit(lines, 7, 4, "12 q"),
        "unknown cell": lambda: edit(lines, 7, 4, "1,234 "),
        "empty cell": lambda: edit(lines, 7, 4, ""),
        "short row": lambda: [*lines[:7], lines[7].rsplit("\t", 1)[0], *lines[8:]],
        "long row": lambda: [*lines[:7], lines[7] + "\t: ", *lines[8:]],
        "duplicate key": lambda: edit(lines, 7, 0, lines[6].split("\t")[0]),
        "code too few": lambda: edit(lines, 7, 0, "A,NR"),
        "odd code": lambda: edit(lines, 7, 0, "A,NR,A$"),
        "no rows": lambda: lines[:1],
        "html": lambda: ["<html>", "<body>maintenance</body>", "</html>"],
        "dropped dimension": lambda: [head.replace("freq,unit,", "freq,"), *lines[1:]],
        "new dimension": lambda: [head.replace("freq,", "freq,sex,"), *lines[1:]],
        "dropped year": lambda: [
            "\t".join(x for i, x in enumerate(line.split("\t")) if i != 6) for line in lines
        ],
        "year twice": lambda: [head.replace("1996", "1995"), *lines[1:]],
        "quarters": lambda: [head.replace("1995", "1995-Q1"), *lines[1:]],
    }[name]()


@pytest.mark.parametrize("name", list(faults()))
def test_a_fault_is_named_with_its_place(name: str, tmp_path: Path) -> None:
    error, text = faults()[name]
    path = write(tmp_path, broken(name))
    with pytest.raises(error, match=text) as caught:
        eurostat_tsv.read(path, declared("freq", "unit", "geo"))
    assert str(path) in str(caught.value)


def test_a_declared_code_that_vanished_is_drift() -> None:
    with pytest.raises(SchemaDrift, match=r"column unit: declared codes \['PERS'\] are not in"):
        eurostat_tsv.read(
            FOLDER / "demo_r_births.tsv.gz",
            declared("freq", "unit", "geo", codes={"unit": ["NR", "PERS"]}),
        )


def test_a_cut_gzip_is_named(tmp_path: Path) -> None:
    path = tmp_path / "cut.tsv.gz"
    path.write_bytes((FOLDER / "demo_r_births.tsv.gz").read_bytes()[:60_000])
    with pytest.raises(SourceUnreadable, match="cut off after"):
        eurostat_tsv.read(path, declared("freq", "unit", "geo"))
