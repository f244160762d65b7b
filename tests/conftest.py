"""Fixtures: databases built once a session, and the publishers' files where they lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.build import build
from pipelines.serve.store import Store

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of the publishers' files, or skip."""
    folder = SHARED / "data"
    if not folder.is_dir():
        pytest.skip("the publishers' files are not at ../shared/data")
    return folder


@pytest.fixture(scope="session")
def built_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a HINTERLAND_HOME with a database built from the embedded default."""
    home = tmp_path_factory.mktemp("home")
    build(home / "build")
    return home


@pytest.fixture(scope="session")
def full_home(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Path:
    """Return a HINTERLAND_HOME with a database built with the publishers' files."""
    home = tmp_path_factory.mktemp("full")
    build(home / "build", shared_data)
    return home


@pytest.fixture
def home(built_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the embedded default's database the one that the program serves."""
    monkeypatch.setenv("HINTERLAND_HOME", str(built_home))
    return built_home


@pytest.fixture(scope="session")
def store(built_home: Path) -> Store:
    """Return the store of the embedded default's database."""
    return Store.current(built_home / "build")
