"""What `pip install hinterland` gives: the import and the command, far from any checkout.

Built and installed without the network: hatchling comes with what the tests need, and the
dependencies are those of the running environment.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from tests.where import ROOT

pytestmark = pytest.mark.wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the built wheel, or skip where hatchling is not installed."""
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check"]
    offline = ["--no-build-isolation", "--no-deps", "--no-index", "--wheel-dir", str(folder)]
    done = subprocess.run([*pip, *offline, str(ROOT)], capture_output=True, text=True, cwd=folder)
    assert done.returncode == 0, done.stderr
    (path,) = folder.glob("hinterland-*.whl")
    return path


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the Python of an empty environment with the wheel installed.

    A path file lends it the dependencies, and only them: the checkout is not on its path.
    """
    folder = tmp_path_factory.mktemp("empty") / "env"
    venv.create(folder, with_pip=False)
    site = next(folder.glob("lib/python*/site-packages"), folder / "Lib" / "site-packages")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    binary = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    command = [*pip, "--python", str(binary), "install", "--no-deps", "--no-index", str(wheel)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    assert done.returncode == 0, done.stderr
    # A path file's own path files are not read: an editable checkout stays out of sight.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return binary


def run(command: list[str], home: Path, where: Path) -> str:
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "HINTERLAND_HOME")}
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=where,
        timeout=180,
        env=env | {"HINTERLAND_HOME": str(home)},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_holds_what_a_run_needs_and_no_more(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as box:
        names = {n for n in box.namelist() if not n.endswith("/")}
    tops = {name.split("/")[0] for name in names}
    assert {t for t in tops if not t.endswith(".dist-info")} == {"hinterland", "pipelines"}
    assert "hinterland/py.typed" in names
    folders = ["sql", "geodata/sources", "geodata/catalogue", "geodata/embedded", "pages"]
    for folder in [*folders, *(["locale"] if (ROOT / "locale").is_dir() else [])]:
        files = {
            path.relative_to(ROOT).as_posix()
            for path in (ROOT / folder).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
        assert {f"pipelines/_bundle/{file}" for file in files} <= names, folder
    assert not [n for n in names if "/build/" in n or "/cache/" in n or n.startswith("tests")]


def test_the_import_reads_a_database_outside_the_checkout(
    python: Path, built_home: Path, tmp_path: Path
) -> None:
    code = (
        "import hinterland as hl, pipelines; print(pipelines.__file__); "
        "print(hl.regions(level=3, country='DE').head())"
    )
    said = run([str(python), "-c", code], built_home, tmp_path)
    assert str(ROOT) not in said.splitlines()[0]
    assert "DE111" in said


def test_the_wheel_builds_from_its_own_bundle(python: Path, tmp_path: Path) -> None:
    code = (
        "import hinterland as hl; file = hl.build(); "
        "print(file, len(hl.regions(level=3)), len(hl.towns(country='LU')))"
    )
    file, regions, towns = run([str(python), "-c", code], tmp_path / "home", tmp_path).split()
    assert Path(file).is_relative_to(tmp_path / "home" / "build")
    assert int(regions) == 1514
    assert int(towns) > 100


def test_the_command_is_there(python: Path, built_home: Path, tmp_path: Path) -> None:
    command = str(python.with_name("hinterland"))
    assert run([command, "--version"], built_home, tmp_path).startswith("hinterland 0.")
    out = tmp_path / "regions.csv"
    run([command, "export", "regions", "--level", "0", "-o", str(out)], built_home, tmp_path)
    assert "PT" in out.read_text("utf-8")
