"""Fixtures: databases built once a session, and the publishers' files where they lie."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from hypothesis import settings

from pipelines.core.errors import BuildLocked
from pipelines.runner.build import build, is_current
from pipelines.runner.publish import build_lock
from pipelines.serve.store import Store
from tests.where import ROOT

# How fast a test runs is no result: speed is measured in benchmarks/. Continuous integration
# takes the same examples each time; whoever works on the code meets new ones with each run.
settings.register_profile("house", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("house")

SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of the publishers' files, or skip."""
    folder = SHARED / "data"
    if not folder.is_dir():
        pytest.skip("the publishers' files are not at ../shared/data")
    return folder


def _homes(factory: pytest.TempPathFactory) -> Path:
    """Return the folder of built databases, one for all processes of a test run.

    ``make test`` names it, for it runs pytest twice.
    """
    if stated := os.environ.get("HINTERLAND_TEST_HOMES"):
        return Path(stated)
    own = factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


def _built_once(home: Path, sources: Path | None) -> Path:
    """Build a database unless another process of this run has done so; wait for it."""
    home.mkdir(parents=True, exist_ok=True)
    for _ in range(600):
        try:
            with build_lock(home):
                if not is_current(home / "build", sources):
                    build(home / "build", sources)
                return home
        except BuildLocked:
            time.sleep(0.5)
    raise TimeoutError(f"nobody finished the database in {home}")


@pytest.fixture(scope="session")
def built_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a HINTERLAND_HOME with a database built from the embedded default."""
    return _built_once(_homes(tmp_path_factory) / "embedded", None)


@pytest.fixture(scope="session")
def full_home(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Path:
    """Return a HINTERLAND_HOME with a database built with the publishers' files."""
    return _built_once(_homes(tmp_path_factory) / "full", shared_data)


#: Cells of a hand-made grid of Liechtenstein, which hold the middles of Vaduz and of Eschen.
GRID_CELLS = {"CRS3035RES1000mN2669000E4284000": 30_000, "CRS3035RES1000mN2677000E4284000": 8_000}


@pytest.fixture(scope="session")
def grid_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a HINTERLAND_HOME with a database that counts Liechtenstein's people in two cells."""
    home = _homes(tmp_path_factory) / "grid"
    file = home / "sources" / "eurostat" / "ESTAT_Census_2021_V3.csv"
    rows = [f"{cell},{people},LI" for cell, people in GRID_CELLS.items()]
    text = "\n".join(["GRD_ID,T,CNTR_ID", *rows, "LI_unallocated,55,LI", ""])
    if not file.is_file() or file.read_text("utf-8") != text:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return _built_once(home, home / "sources")


@pytest.fixture
def home(built_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the embedded default's database the one that the program serves."""
    monkeypatch.setenv("HINTERLAND_HOME", str(built_home))
    return built_home


@pytest.fixture(scope="session")
def store(built_home: Path) -> Store:
    """Return the store of the embedded default's database."""
    return Store.current(built_home / "build")


@pytest.fixture(scope="session")
def full_store(full_home: Path) -> Store:
    """Return the open database built from the publishers' files."""
    return Store.current(full_home / "build")
