"""The snippets of docs/howto/r.md run in R, and print what the database says."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from pipelines.serve import export
from pipelines.serve.store import Store
from tests.where import ROOT

PAGE = ROOT / "docs/howto/r.md"
_BLOCK = re.compile(r"^```r\n(.*?)^```$", re.M | re.S)
_NEEDS = re.compile(r"\blibrary\((\w+)\)|\b(\w+)::")
SNIPPETS = dict(
    zip(
        ("sf", "csv", "sqlite", "readxl", "arrow", "duckdb"),
        _BLOCK.findall(PAGE.read_text("utf-8")),
        strict=True,
    )
)


@pytest.fixture(scope="module")
def installed() -> set[str]:
    """Return the packages that R has, of those that the page names; skip without R."""
    if not shutil.which("Rscript"):
        pytest.skip("no Rscript: on Debian apt-get install r-base-core r-cran-sf r-cran-rsqlite")
    names = {name for text in SNIPPETS.values() for pair in _NEEDS.findall(text) for name in pair}
    code = "for (p in commandArgs(TRUE)) if (requireNamespace(p, quietly = TRUE)) cat(p, '')"
    done = subprocess.run(
        ["Rscript", "-e", code, *sorted(names - {""})], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


@pytest.fixture(scope="module")
def files(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the files that the page has exported."""
    folder = tmp_path_factory.mktemp("r")
    for name in ("regions.gpkg", "regions.csv", "regions.xlsx", "towns.parquet"):
        export.export_file(store, name.split(".")[0], folder / name)
    return folder


def run(name: str, installed: set[str], folder: Path) -> str:
    """Run a snippet in a folder and return what it printed; skip where a package lacks."""
    text = SNIPPETS[name]
    needed = {name for pair in _NEEDS.findall(text) for name in pair} - {""}
    if needed - installed:
        pytest.skip(f"R has no package {', '.join(sorted(needed - installed))}")
    script = folder / f"{name}.R"
    script.write_text("options(warn = 2)\n" + text, "utf-8")
    done = subprocess.run(
        ["Rscript", "--vanilla", script.name],
        capture_output=True,
        text=True,
        cwd=folder,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def counted(store: Store, sql: str) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in store.rows(sql)]


def test_sf_maps_the_trend(store: Store, installed: set[str], files: Path) -> None:
    printed = run("sf", installed, files).split("\n")
    shown = dict(zip(printed[1].split(), map(int, printed[2].split()), strict=True))
    expected = counted(
        store, "select trend, count(*) from marts.regions where level = 3 group by 1"
    )
    assert shown == {str(trend or "<NA>"): n for trend, n in expected}
    picture = Image.open(files / "trend.png").convert("RGB")
    seen = {colour for _, colour in picture.getcolors(1 << 20) or []}
    assert {(0xB3, 0x58, 0x06), (0xF7, 0xF7, 0xF7), (0x54, 0x27, 0x88)} <= seen


def test_csv_has_missing_as_na(store: Store, installed: set[str], files: Path) -> None:
    printed = run("csv", installed, files).split()
    ((number, mean),) = counted(
        store,
        "select count(*), round(avg(change_pct), 3) from marts.regions "
        "where level = 2 and country = 'DE'",
    )
    assert printed == ["[1]", str(number), "[1]", f"{mean:g}"]


def test_sqlite_reads_a_geopackage(store: Store, installed: set[str], files: Path) -> None:
    lines = run("sqlite", installed, files).split("\n")[1:]
    expected = counted(
        store,
        "select urban_rural, count(*) from marts.regions where level = 3 group by 1 order by 1",
    )
    shown = [line.split(maxsplit=1)[1].rsplit(maxsplit=1) for line in lines if line]
    assert [(kind, int(n)) for kind, n in shown] == expected


def test_readxl_reads_data_and_dictionary(store: Store, installed: set[str], files: Path) -> None:
    printed = run("readxl", installed, files).split()
    ((number,),) = counted(store, "select count(*) from marts.regions where level = 3")
    assert printed == ["[1]", str(number), "[1]", '"%"']


def test_arrow_reads_the_towns(store: Store, installed: set[str], files: Path) -> None:
    ((number,),) = counted(store, "select count(*) from marts.towns")
    assert run("arrow", installed, files).split() == ["[1]", str(number)]


def test_duckdb_counts_the_towns(store: Store, installed: set[str], files: Path) -> None:
    lines = run("duckdb", installed, files).split("\n")[1:]
    expected = counted(
        store,
        "select country, count(*) from marts.towns group by 1 order by 2 desc, 1 limit 3",
    )
    shown = [line.split()[1:] for line in lines if line]
    assert [(country, int(n)) for country, n in shown] == expected
