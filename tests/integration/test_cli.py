"""The command line as a user meets it: messages, exit codes, no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pipelines", *arguments],
        capture_output=True, text=True, cwd=ROOT, timeout=120,
        env=os.environ | {"HINTERLAND_HOME": str(home), "COLUMNS": "200"},
    )  # fmt: skip


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
