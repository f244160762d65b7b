"""Build what is released, and try it in empty environments: ``make release-check``.

A wheel and a source archive are built; for each Python from 3.11 to 3.13 that is at hand an empty
environment takes the locked packages and the wheel, builds a database, is asked through the
command and through ``import hinterland``, takes over a home that 0.1.0 left, and does the same
from the source archive. Prints a line a step; ends with 1 where one fails.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PYTHONS = ("3.11", "3.12", "3.13")
#: The pointer of a home as 0.1.0 wrote it (2de5409), its row counts left out.
POINTER_0_1 = {
    "file": "mart-a491c405611a0662-20261122T033945946922.duckdb",
    "hash": "a491c405611a0662",
    "schema_version": 3,
    "built_at": "2026-11-22T03:39:45+00:00",
    "program_version": "0.1.0",
    "inputs": "e7493bc35c5fe5fc",
    "rows": {"marts.regions": 2010, "marts.towns": 79522},
    "seconds": 9.7,
}
#: A digest of the rows of each mart, whatever their order.
MARTS = """
import json, sys
from pathlib import Path
import duckdb
build = Path(sys.argv[1]) / "build"
file = build / json.loads((build / "current.json").read_text())["file"]
con = duckdb.connect(str(file), read_only=True)
names = con.sql("select table_name from duckdb_tables() where schema_name = 'marts'").fetchall()
ask = "select count(*), bit_xor(hash(t))::varchar from marts.{0} t"
print(json.dumps({name: con.sql(ask.format(name)).fetchone() for (name,) in names}))
"""
ASKED = """
import hinterland as hl
table = hl.regions(level=3, country='LT')
assert list(table['nuts_id'])[:2] == ['LT011', 'LT021'], table['nuts_id']
assert table.crs.to_epsg() == 4326
print(hl.__version__, len(table), hl.place('LT011').table().shape[0] > 10)
"""


class Failed(Exception):
    """A step of the release does not hold."""


def run(what: str, command: list[str], *, home: Path, cwd: Path, code: int = 0) -> str:
    """Run a step, tell how long it took, and return what it printed."""
    keep = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "HINTERLAND"))}
    start = time.monotonic()
    done = subprocess.run(
        command, cwd=cwd, env=keep | {"HINTERLAND_HOME": str(home)}, capture_output=True, text=True
    )
    said = done.stdout + done.stderr
    if done.returncode != code or "Traceback" in said:
        raise Failed(f"{what}: ended with {done.returncode}, not {code}\n{said[-3000:]}")
    print(f"  {what}: {time.monotonic() - start:.0f} s", flush=True)
    return said


def packed(folder: Path) -> tuple[Path, Path]:
    """Build wheel and source archive; return them."""
    builder = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    run("wheel and source archive", builder, home=folder, cwd=ROOT)
    return next(folder.glob("*.whl")), next(folder.glob("*.tar.gz"))


def interpreter(version: str) -> str | None:
    """Return a Python of a version that runs, from the path or pyenv's folder."""
    own = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for path in [shutil.which(f"python{version}"), *own.glob(f"{version}.*/bin/python{version}")]:
        if path and not subprocess.run([path, "--version"], capture_output=True).returncode:
            return str(path)
    return None


def tried(python: str, wheel: Path, archive: Path, folder: Path) -> dict[str, list[object]]:
    """Try both in one empty environment of a Python; return the digest of each mart."""
    print(f"{python}:", flush=True)
    env, home, away = folder / "env", folder / "home", folder / "elsewhere"
    away.mkdir(parents=True)
    step = {"home": home, "cwd": away}
    run("empty environment", [python, "-m", "venv", str(env)], **step)
    pip = [
        str(env / "bin/python"),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]
    lock = str(ROOT / "requirements.lock")
    run("locked packages", [*pip, "--require-hashes", "-r", lock], **step)
    hinterland = str(env / "bin/hinterland")
    run("wheel", [*pip, "--no-deps", str(wheel)], **step)
    run("build", [hinterland, "build"], **step)
    asked(env, hinterland, step)
    upgraded(hinterland, folder / "home-0.1", away)
    again = ["--no-deps", "--no-build-isolation", "--force-reinstall", str(archive)]
    run("source archive", [*pip, *again], **step)
    asked(env, hinterland, step)
    reader = [str(env / "bin/python"), "-c", MARTS, str(home)]
    digests: dict[str, list[object]] = json.loads(run("digests", reader, **step))
    return digests


def asked(env: Path, hinterland: str, step: dict[str, Path]) -> None:
    """Ask the installed program for figures, by command and by import."""
    told = json.loads(run("status --json", [hinterland, "status", "--json"], **step))
    print(f"    database {told.get('hash', '?')}")
    said = run("import hinterland", [str(env / "bin/python"), "-c", ASKED], **step)
    print(f"    {said.strip()}")
    target = step["cwd"] / "lt.gpkg"
    run("export", [hinterland, "export", "regions", "-o", str(target), "--country", "LT"], **step)
    run("describe", [hinterland, "describe", "regions"], **step)


def upgraded(hinterland: str, home: Path, away: Path) -> None:
    """Take over a home of 0.1.0: it is told, made anew, and nothing of the user's is lost."""
    build, own = home / "build", home / "places"
    build.mkdir(parents=True)
    own.mkdir()
    (build / "current.json").write_text(json.dumps(POINTER_0_1))
    (build / POINTER_0_1["file"]).write_bytes(b"a database of another schema")
    (own / "own.txt").write_text("the user's")
    step = {"home": home, "cwd": away}
    said = run("a database of 0.1.0 is told", [hinterland, "status"], **step, code=1)
    if "schema 3" not in said or "hinterland build" not in said:
        raise Failed(f"the message does not say what to do: {said}")
    run("build --if-needed takes it over", [hinterland, "build", "--if-needed"], **step)
    told = json.loads(run("status", [hinterland, "status", "--json"], **step))
    if told["schema_version"] <= 3 or (own / "own.txt").read_text() != "the user's":
        raise Failed("the home of 0.1.0 was not taken over")


def same(digests: dict[str, dict[str, list[object]]]) -> None:
    """Hold the marts of one Python against those of the others."""
    (first, marts), *others = digests.items()
    for version, other in others:
        if different := sorted(
            name for name in marts | other if marts.get(name) != other.get(name)
        ):
            raise Failed(f"marts of {first} and {version} differ: {', '.join(different)}")
        print(f"{len(marts)} marts built on {first} and {version} hold the same rows")


def main() -> int:
    """Run the check; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keep", type=Path, help="copy wheel and archive here when all is well")
    given = parser.parse_args()
    there = {version: path for version in PYTHONS if (path := interpreter(version))}
    for version in PYTHONS:
        if version not in there:
            print(f"python{version} is not on this machine: not tried")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            wheel, archive = packed(folder)
            digests = {v: tried(path, wheel, archive, folder / v) for v, path in there.items()}
            same(digests)
        except Failed as error:
            print(f"error: {error}")
            return 1
        if given.keep:
            given.keep.mkdir(exist_ok=True)
            for path in (wheel, archive):
                shutil.copy(path, given.keep)
        print(f"{wheel.name} and {archive.name} run on Python {', '.join(there)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
