"""``hinterland fetch`` and what ``build`` and ``status`` make of it, as a user meets them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from pipelines.runner import build as building
from tests.cli.command import command
from tests.standin.publisher import Publisher

BIRTHS = "eurostat_demo_r_births"
pytestmark = [pytest.mark.shared, pytest.mark.enable_socket]


def run(*arguments: str, home: Path, server: Publisher) -> subprocess.CompletedProcess[str]:
    return command(
        *arguments,
        HINTERLAND_HOME=str(home),
        COLUMNS="200",
        HINTERLAND_EUROSTAT_URL=server.eurostat,
        HINTERLAND_GISCO_URL=server.gisco,
        HINTERLAND_NATURAL_EARTH_URL=server.natural_earth,
    )


@pytest.mark.usefixtures("shared_data")
def test_fetch_status_and_the_default_of_build(built_home: Path, tmp_path: Path) -> None:
    shutil.copytree(built_home / "build", tmp_path / "build")
    with Publisher() as server:
        done = run("fetch", "--only", BIRTHS, home=tmp_path, server=server)
        assert done.returncode == 0, done.stderr
        assert f"{BIRTHS}: fetched" in done.stdout
        assert "hinterland build" in done.stdout
        assert (tmp_path / "cache" / "eurostat" / "demo_r_births.tsv.gz").is_file()
        status = run("status", home=tmp_path, server=server)
        assert "0 days old" in status.stdout
        assert "not fetched" in status.stdout
    # The database was built without the new file: it is not current with it.
    assert building.is_current(tmp_path / "build") is building.is_current(built_home / "build")
    assert not building.is_current(tmp_path / "build", tmp_path / "cache")


@pytest.mark.usefixtures("shared_data")
def test_a_failure_is_one_message_and_exit_code_1(tmp_path: Path) -> None:
    with Publisher() as server:
        server.fail("/data/demo_r_births", "403")
        done = run("fetch", "--only", BIRTHS, home=tmp_path, server=server)
    assert done.returncode == 1
    assert f"1 of 1 sources failed: {BIRTHS}" in done.stderr
    assert "status 403" in done.stdout
    assert "Traceback" not in done.stderr
    with Publisher() as server:
        done = run("fetch", "--only", "nonsense", home=tmp_path, server=server)
    assert done.returncode == 1
    assert "--only nonsense: no such fetched source" in done.stderr


def test_the_cache_is_the_default_only_if_it_holds_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HINTERLAND_HOME", str(tmp_path))
    assert building.default_sources() is None
    (tmp_path / "cache" / "eurostat").mkdir(parents=True)
    assert building.default_sources() is None
    (tmp_path / "cache" / "eurostat" / "a.tsv.gz").write_bytes(b"x")
    assert building.default_sources() == tmp_path / "cache"
