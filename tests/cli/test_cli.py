"""The command line as a user meets it: messages, exit codes, no traceback."""

from __future__ import annotations

import ast
import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from tests.cli.command import command
from tests.where import DATA, ROOT


def run(*arguments: str, home: Path, columns: str = "200") -> subprocess.CompletedProcess[str]:
    return command(*arguments, HINTERLAND_HOME=str(home), COLUMNS=columns)


def test_export_by_level(built_home: Path, tmp_path: Path) -> None:
    done = run("export", "regions", "--level", "3", "-o", str(tmp_path / "r.csv"), home=built_home)
    assert done.returncode == 0, done.stderr
    assert "1,514 rows" in done.stdout
    assert "DE733" in (tmp_path / "r.csv").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["export", "region", "-o", "x.csv"], "there is no table 'region'"),
        (["export", "regions", "-o", "x.shp"], "allowed are .csv"),
        (["export", "regions", "-o", "/proc/x.csv"], "cannot be written"),
        (["export", "regions", "--country", "GR", "-o", "x.csv"], "code of Greece is EL; allowed"),
        (["export", "regions", "--country", "fr", "-o", "x.csv"], "in capitals: FR; allowed"),
        (["export", "regions", "--country", "XK", "-o", "x.csv"], "no rows in 'regions'; allowed"),
        (["build", "--sources", "/nowhere"], "no such folder"),
        (["describe", "region"], "did you mean regions"),
        (["model", "typ_region__trends"], "did you mean typologies.typ_region__trend"),
        (["model", "seeds.thresholds"], "raw tables and seeds are no models"),
        (["model", "stg_jrc__crosswalk", "--show", "1"], "--run --show 1' makes it in memory"),
        (["model", "documents", "--run", "--sources", "/nowhere"], "/nowhere: no such folder"),
    ],
)
def test_wrong_input_is_one_message_and_exit_code_1(
    built_home: Path, arguments: list[str], message: str
) -> None:
    done = run(*arguments, home=built_home)
    assert done.returncode == 1
    assert message in done.stderr
    assert done.stderr.lstrip().startswith("error: ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "command",
    [
        ["status"],
        ["status", "--json"],
        ["check"],
        ["app"],
        ["describe", "regions"],
        ["model", "regions", "--show", "1"],
    ],
)
def test_without_a_database_each_command_says_what_to_do(
    tmp_path: Path, command: list[str]
) -> None:
    done = run(*command, home=tmp_path)
    assert done.returncode == 1
    assert "Run 'hinterland build'" in done.stderr


@pytest.mark.parametrize(
    "arguments", [["export"], ["export", "--level", "7", "regions", "-o", "x.csv"], ["fly"]]
)
def test_wrong_usage_is_exit_code_2(built_home: Path, arguments: list[str]) -> None:
    assert run(*arguments, home=built_home).returncode == 2


def test_status_and_check(built_home: Path) -> None:
    done = run("status", home=built_home)
    assert done.returncode == 0, done.stderr
    assert "gisco_nuts_2021" in done.stdout
    done = run("check", home=built_home)
    assert done.returncode == 0, done.stderr
    assert "all readable" in done.stdout


def test_status_fits_80_columns_and_says_the_same_as_json(built_home: Path) -> None:
    done = run("status", home=built_home, columns="80")
    lines = [line for line in done.stdout.splitlines() if str(built_home) not in line]
    assert max(map(len, lines)) <= 80
    assert "Embedded (" in done.stdout
    told = json.loads(run("status", "--json", home=built_home).stdout)
    present = {s["name"] for s in told["sources"] if s["in_database"]}
    assert {"gisco_nuts_2021", "geonames_cities500"} <= present
    assert told["hash"] in done.stdout
    head, absent = done.stdout.split("Not in the database")
    assert all(name in head for name in present)
    assert all(s["name"] in absent for s in told["sources"] if not s["in_database"])
    long = run("status", "--long", home=built_home, columns="80").stdout
    assert "vintage: 2021" in long
    assert "non-commercial use with" in " ".join(long.split())


@pytest.mark.shared
def test_status_is_true_about_a_folder_of_sources(
    built_home: Path, full_home: Path, tmp_path: Path
) -> None:
    """What the database was made with counts, not what lies in the cache alone."""
    shutil.copytree(full_home / "build", tmp_path / "build", copy_function=os.link)
    assert not (tmp_path / "cache").exists()
    text = run("status", home=tmp_path, columns="80").stdout
    head, _, absent = text.partition("Not in the database")
    assert "eurostat_demo_r_births" in head
    assert "eurostat_demo_r_births" not in absent
    assert "came from another folder" in text
    # Once it lies in the cache and the database lacks it, status says what to do.
    shutil.rmtree(tmp_path / "build")
    shutil.copytree(built_home / "build", tmp_path / "build", copy_function=os.link)
    (tmp_path / "cache" / "eurostat").mkdir(parents=True)
    shutil.copy(DATA / "eurostat" / "demo_r_births.tsv.gz", tmp_path / "cache" / "eurostat")
    text = run("status", home=tmp_path, columns="80").stdout
    assert "there, put by hand" in text
    assert "1 of them are not in the database yet" in " ".join(text.split())


def test_describe_tells_each_column(built_home: Path) -> None:
    done = run("describe", "marts.regions", home=built_home, columns="80")
    assert done.returncode == 0, done.stderr
    assert "trend  VARCHAR, Trend" in done.stdout
    assert "Allowed: growing, stable, shrinking." in done.stdout
    assert "Sources: gisco_nuts_2021." in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_a_model_is_explained(built_home: Path) -> None:
    done = run("model", "typ_region__trend", "--parents", "--lineage", home=built_home)
    assert done.returncode == 0, done.stderr
    for words in (
        "Growing, stable or shrinking",
        "Grain:    one row per region",
        "sql/typologies/typ_region__trend.sql",
        "marts.regions",
        "  trend  VARCHAR",
        "Macros:   trend_class",
        "  indicators.ind_region__change\n    indicators.ind_region__population\n",
        "raw.jrc_census_population",
    ):
        assert words in done.stdout
    shown = run("model", "typ_region__trend", "--show", "2", home=built_home).stdout
    assert shown.splitlines()[-4] == "First 2 of 2,010 rows of the current database"
    made = run("model", "stg_nuts__codes", "--run", "--show", "1", home=built_home)
    assert made.returncode == 0, made.stderr
    assert "Made in memory in" in made.stdout
    assert made.stdout.splitlines()[-2].split() == ["nuts_version", "nuts_id"]


def test_messages_are_printed_as_they_are(built_home: Path, tmp_path: Path) -> None:
    """A path may hold what a terminal library takes for an emoji or for markup."""
    given = tmp_path / "a:x:[bold]b[/bold]\\[i].csv"
    done = run("reach", str(given), "-o", str(tmp_path / "o.csv"), home=built_home)
    assert done.returncode == 1
    assert given.name in done.stderr
    target = tmp_path / ":smile:[red].csv"
    done = run("export", "documents", "-o", str(target), home=built_home)
    assert done.returncode == 0, done.stderr
    assert str(target) in done.stdout


FRAMES = {"pandas", "geopandas", "shapely", "pyproj", "scipy"}
HEAVY = FRAMES | {"numpy", "duckdb", "pyarrow"}


@pytest.mark.parametrize(
    ("arguments", "left_out"),
    [
        (["--help"], HEAVY),
        (["--version"], HEAVY),
        (["status"], HEAVY - {"duckdb", "pyarrow", "numpy"}),
    ],
)
def test_a_quick_command_imports_nothing_heavy(
    built_home: Path, arguments: list[str], left_out: set[str]
) -> None:
    """The time of each is in the benchmark; what costs it is an import."""
    code = (
        "import sys\nfrom pipelines.cli.main import app\n"
        f"app({arguments!r}, standalone_mode=False)\n"
        "print(sorted({m.split('.')[0] for m in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
        env=os.environ | {"HINTERLAND_HOME": str(built_home)},
    )
    assert done.returncode == 0, done.stderr
    loaded = set(ast.literal_eval(done.stdout.splitlines()[-1]))
    assert "typer" in loaded
    assert not loaded & left_out


def test_build_if_needed_does_nothing_the_second_time(built_home: Path) -> None:
    done = run("build", "--if-needed", home=built_home)
    assert done.returncode == 0
    assert "is current" in done.stdout


def test_reach_writes_the_columns_of_the_contract(built_home: Path, tmp_path: Path) -> None:
    given = tmp_path / "f.csv"
    given.write_text("id,lon,lat,capacity\nbebra,9.79,50.97,10\nfar,-40,45,2\n", "utf-8")
    target = tmp_path / "o.csv"
    done = run("reach", str(given), "-o", str(target), "--country", "DE", home=built_home)
    assert done.returncode == 0, done.stderr
    for words in (
        "set aside, near no settlement: far",
        "1 facility was set aside",
        "Supply per person (supply_score) shares out the capacities of the file.",
    ):
        assert words in done.stdout
    lines = target.read_text("utf-8").splitlines()
    assert lines[0].replace('"', "").split(",")[:7] == [
        "geonameid",
        "minutes_nearest",
        "nearest_id",
        "within_15",
        "within_30",
        "within_60",
        "supply_score",
    ]
    assert len(lines) == 9339, "one row a settlement of Germany"
    for words in ("nobody", "by road"):
        assert words not in done.stdout, "nothing is said of no facility and no settlement"
    assert ",name,country,nuts_id,region_name,population,lon,lat,settled_share" in lines[0].replace(
        '"', ""
    )
    notes = (tmp_path / "o.readme.txt").read_text("utf-8")
    assert "selection: f.csv; DE" in notes
    assert "supply_score: Capacity per person" in notes
    assert "settled_share: People of the listed settlements" in notes
    assert "GeoNames" in notes


def test_reach_of_a_study_area(built_home: Path, tmp_path: Path) -> None:
    given = tmp_path / "f.csv"
    given.write_text("Name;lat;lon\nBücherei Bebra;50,97;9,79\n;;\n", "utf-8")
    target = tmp_path / "o.csv"
    done = run("reach", str(given), "-o", str(target), "--region", "DE733", home=built_home)
    assert done.returncode == 0, done.stderr
    for words in (
        "decimal commas read as decimal points",
        "no column 'id'; the rows are numbered from 1",
        "1 empty row left out",
        "reach of 1 facility, minutes estimated",
    ):
        assert words in done.stdout
    rows = pd.read_csv(target)
    assert set(rows["nuts_id"]) == {"DE733"}
    assert set(rows["nearest_name"]) == {"Bücherei Bebra"}
    done = run("reach", str(given), "-o", str(target), "--near", "--radius", "9", home=built_home)
    assert done.returncode == 1
    assert "--radius and --near: allowed is one of" in done.stderr
    done = run("reach", str(given), "-o", str(target), "--region", "DE7XY", home=built_home)
    assert done.returncode == 1
    assert "no region with the code 'DE7XY'" in done.stderr


def test_reach_domestic_and_swapped_coordinates(built_home: Path, tmp_path: Path) -> None:
    given = tmp_path / "f.csv"
    given.write_text("id,lon,lat\nbebra,50.97,9.79\n", "utf-8")
    target = tmp_path / "o.parquet"
    done = run(
        "reach", str(given), "-o", str(target), "--country", "IT", "--domestic", home=built_home
    )
    assert done.returncode == 0, done.stderr
    assert "lon and lat were swapped in all 1 rows" in done.stdout
    assert "shares out one per site: no capacity is taken from the file." in done.stdout
    assert "9,910 settlements reach no facility by road" in done.stdout


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("f.csv", b"", "the file is empty"),
        ("f.csv", b"id,lon,lat\n", "no facilities"),
        ("f.csv", b"id,lon\na,9\n", "lat"),
        ("f.csv", b"id,lon,lat\na,9,50\na,9,50\n", "row 3: id 'a' stands already in row 2"),
        ("f.csv", b"id,lon,lat,capacity\na,9,50,-4\n", "row 2: capacity is -4"),
        ("f.csv", b"id,lon,lat\na,east,50\n", "row 2: lon is 'east'"),
        ("f.csv", b"id,lon,lat\na,4321000,3210000\n", "not degrees"),
        ("f.csv", b"id,lon,lat\na,-100,40\n", "none of 1 lies within 30 km"),
        ("f.csv", b"id,lon,lat\na,9.79,50.97\nb,50.97,9.79\n", "look swapped"),
        ("f.csv", "id,lon,lat\n\u00fc,9,50\n".encode("latin-1"), "row 2: byte 0xfc is not UTF-8"),
        ("f.geojson", b"<OGRVRTDataSource/>", "is XML, not GeoJSON"),
        ("f.xlsx", b"PK", "are read from .csv or .geojson"),
    ],
)
def test_reach_names_what_is_wrong(
    built_home: Path, tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    given = tmp_path / name
    given.write_bytes(content)
    target = tmp_path / "o.csv"
    done = run("reach", str(given), "-o", str(target), home=built_home)
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not target.exists()


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["-o", "o.xls"], "written as .csv or .parquet"),
        (["-o", "/proc/o.csv"], "cannot be written"),
        (["-o", "o.csv", "--country", "GR"], "code of Greece is EL; allowed are AD, AL"),
        (["-o", "o.csv", "--matrix", "no.parquet"], "no.parquet"),
    ],
)
def test_reach_refuses_targets_and_options(
    built_home: Path, tmp_path: Path, more: list[str], message: str
) -> None:
    given = tmp_path / "f.csv"
    given.write_text("id,lon,lat\na,9.79,50.97\n", "utf-8")
    done = run("reach", str(given), *more, home=built_home)
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_in_use_is_said_in_words(built_home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("app", "--host", "127.0.0.1", "--port", str(port), home=built_home)
    assert done.returncode == 1
    assert f"--host 127.0.0.1 --port {port}: Address already in use" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_out_of_range_is_wrong_usage(built_home: Path) -> None:
    done = run("app", "--port", "99999", home=built_home)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_reach_and_places_do_not_write_over_their_input(built_home: Path, tmp_path: Path) -> None:
    sites, folder = tmp_path / "sites.csv", tmp_path / "out"
    sites.write_text("id,lon,lat\na,9.8,50.97\n", "utf-8")
    folder.mkdir()
    own = folder / "own_places.csv"
    row = "a,Library,place,DE,9.8,50.97,library,own survey"
    own.write_text(f"id,name,kind,country,lon,lat,type,source\n{row}\n", "utf-8")
    before = sites.read_bytes(), own.read_bytes()
    for arguments in (["reach", sites, "-o", sites], ["places", own, "-o", folder]):
        done = run(*map(str, arguments), home=built_home)
        assert done.returncode == 1
        assert "is also a file to read" in done.stderr
    assert (sites.read_bytes(), own.read_bytes()) == before
