"""The command line as a user meets it: messages, exit codes, no traceback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.where import ROOT


def run(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pipelines", *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
        env=os.environ | {"HINTERLAND_HOME": str(home), "COLUMNS": "200"},
    )


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
        (["export", "regions", "--country", "GR", "-o", "x.csv"], "EL (Greece)"),
        (["build", "--sources", "/nowhere"], "no such folder"),
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


@pytest.mark.parametrize("command", ["status", "check", "app"])
def test_without_a_database_each_command_says_what_to_do(tmp_path: Path, command: str) -> None:
    done = run(command, home=tmp_path)
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
        "0 facilities without demand",
        "supply_score shares out: capacity",
        "settlements reach none",
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


def test_reach_domestic_and_swapped_coordinates(built_home: Path, tmp_path: Path) -> None:
    given = tmp_path / "f.csv"
    given.write_text("id,lon,lat\nbebra,50.97,9.79\n", "utf-8")
    target = tmp_path / "o.parquet"
    done = run(
        "reach", str(given), "-o", str(target), "--country", "IT", "--domestic", home=built_home
    )
    assert done.returncode == 0, done.stderr
    assert "lon and lat were swapped in all 1 rows" in done.stdout
    assert "one per site (1 of 1 capacities are missing)" in done.stdout
    assert "9,910 settlements reach none" in done.stdout


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
        (["-o", "o.csv", "--country", "GR"], "'GR' is not a country of the settlements"),
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
