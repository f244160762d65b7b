"""``hinterland roads`` end to end, in an environment of its own with the routing engine.

The engine is published for Python 3.12 and newer: where this Python is older, the tests look
for a newer one, make an environment with what the command needs and share it. Without such a
Python, or without the package index, they are skipped and say why.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from pipelines.geo.sphere import km_between
from pipelines.serve.store import Store
from tests.where import ROOT

# What the command imports; the extra comes from pyproject.toml.
NEEDED = (
    "duckdb",
    "numpy",
    "pandas",
    "platformdirs",
    "pyarrow",
    "pyproj",
    "scipy",
    "shapely",
    "typer",
)
VALHALLA = "pyvalhalla==3.9.1"
ANDORRA, LIECHTENSTEIN = "andorra.osm.pbf", "liechtenstein.osm.pbf"


def newer_python() -> str | None:
    """Return a Python of 3.12 or newer that runs: this one, on the path, or of pyenv."""
    if sys.version_info >= (3, 12):
        return sys.executable
    names = [shutil.which(f"python3.{minor}") for minor in (12, 13, 14)]
    pyenv = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser() / "versions"
    names += sorted(str(p) for p in pyenv.glob("3.1[2-9]*/bin/python"))
    code = "import sys, venv; sys.exit(sys.version_info < (3, 12))"
    for name in filter(None, names):
        if subprocess.run([name, "-c", code], capture_output=True).returncode == 0:
            return name
    return None


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the Python of the environment with the routing engine, or skip."""
    base = newer_python()
    if base is None:
        pytest.skip("no Python of 3.12 or newer is at hand for the routing engine")
    stated = os.environ.get("HINTERLAND_TEST_HOMES")
    homes = Path(stated) if stated else tmp_path_factory.getbasetemp()
    folder = homes / "roads-environment"
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [f"{name}=={importlib.metadata.version(name)}" for name in NEEDED]
    wanted += project["optional-dependencies"]["roads"]
    done = folder / "installed.json"
    if not done.is_file() or json.loads(done.read_text("utf-8")) != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        make = [base, "-m", "venv", "--without-pip", str(folder)]
        assert subprocess.run(make, capture_output=True).returncode == 0
        pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
        pip += ["--disable-pip-version-check", "--no-compile", "--only-binary=:all:"]
        got = subprocess.run([*pip, *wanted], capture_output=True, text=True, timeout=600)
        if got.returncode:
            last = (got.stderr.strip().splitlines() or ["no message"])[-1]
            pytest.skip(f"the routing engine could not be installed: {last}")
        done.write_text(json.dumps(wanted), "utf-8")
    return python


@pytest.fixture(scope="module")
def other_engine(engine: Path) -> Path:
    """Return the Python of the same environment with Valhalla beside OSRM, or skip."""
    done = engine.parents[1] / f"{VALHALLA}.installed"
    if not done.is_file():
        pip = [sys.executable, "-m", "pip", "--python", str(engine), "install", "--quiet"]
        pip += ["--disable-pip-version-check", "--no-compile", "--only-binary=:all:"]
        got = subprocess.run([*pip, VALHALLA], capture_output=True, text=True, timeout=600)
        if got.returncode:
            last = (got.stderr.strip().splitlines() or ["no message"])[-1]
            pytest.skip(f"the other routing engine could not be installed: {last}")
        done.write_text("")
    return engine


@pytest.fixture(scope="module")
def roads_home(built_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a HINTERLAND_HOME of these tests with the embedded default's database."""
    home = tmp_path_factory.mktemp("roads-home")
    (home / "build").symlink_to(built_home / "build", target_is_directory=True)
    return home


def environment(home: Path) -> dict[str, str]:
    return os.environ | {
        "HINTERLAND_HOME": str(home),
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "COLUMNS": "200",
    }


def run(python: Path | str, home: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(python), "-m", "pipelines", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=home,
        timeout=300,
        env=environment(home),
    )


@pytest.fixture(scope="module")
def andorra(
    engine: Path, roads_home: Path, shared_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """Return the matrix of Andorra's settlements to its towns, and what the command said."""
    out = tmp_path_factory.mktemp("andorra") / "towns.parquet"
    done = run(engine, roads_home, "roads", shared_data / "osm" / ANDORRA, "-o", out)
    assert done.returncode == 0, done.stderr
    return out, done


def test_a_matrix_of_andorra(
    andorra: tuple[Path, subprocess.CompletedProcess[str]], store: Store
) -> None:
    out, done = andorra
    table = pq.read_table(out)
    places = {
        row["geonameid"]: row
        for row in store.rows(
            "select geonameid, name, lon, lat, population from marts.towns where country = 'AD'"
        )
    }
    towns = {str(key) for key, row in places.items() if row["population"] >= 5000}
    assert set(table["origin"].to_pylist()) == set(places)
    assert set(table["destination"].to_pylist()) == towns
    assert table.num_rows == len(places) * len(towns)
    assert pc.unique(table["mode"]).to_pylist() == ["car"]
    for row in _rows(out):
        a, b = places[row["origin"]], places[int(row["destination"])]
        km = km_between(a["lon"], a["lat"], b["lon"], b["lat"])
        # Nobody drives faster than 100 km/h in these valleys; the country is 30 km long.
        assert km / 100 * 60 <= row["minutes"] <= 90, (a["name"], b["name"])
        assert (row["minutes"] == 0) == (a is b)
    said = table.schema.metadata
    assert said[b"licence"] == b"ODbL-1.0"
    assert b"OpenStreetMap contributors" in said[b"attribution"]
    assert said[b"snapshot"] == b"2025-01-19T21:21:36Z"
    assert said[b"engine"].startswith(b"OSRM, osrm-bindings 26.")
    assert len(said[b"extract_sha256"]) == 64
    steps = ["selecting roads", "building the road network", "preparing the network", "asking for"]
    places_of = [done.stderr.index(step) for step in steps]
    assert places_of == sorted(places_of)
    assert "OpenStreetMap contributors" in done.stdout
    assert "Public transport and congestion are not." in done.stdout


def test_the_selection_keeps_the_ways_of_the_whole_extract(
    andorra: tuple[Path, subprocess.CompletedProcess[str]],
    engine: Path,
    shared_data: Path,
    store: Store,
    tmp_path: Path,
) -> None:
    """The engine by itself over the unselected extract is the truth."""
    points = store.rows("select geonameid, lon, lat from marts.towns where country = 'AD'")
    (tmp_path / "points.json").write_text(json.dumps(points))
    shutil.copyfile(shared_data / "osm" / ANDORRA, tmp_path / "x.osm.pbf")
    code = """
import json, osrm, subprocess, sys
profile = osrm.__path__[0] + "/share/profiles/car.lua"
for step in (["extract", "-p", profile, "x.osm.pbf"], ["contract", "x.osrm"]):
    subprocess.run([sys.executable, "-m", "osrm", *step], check=True, stdout=subprocess.DEVNULL)
points = [(p["lon"], p["lat"]) for p in json.load(open("points.json"))]
config = osrm.EngineConfig(storage_config="x.osrm", algorithm="CH", use_shared_memory=False)
asked = osrm.TableParameters(coordinates=points, annotations=["duration"])
answer = osrm.OSRM(config).Table(asked)
json.dump([list(row) for row in answer["durations"]], open("seconds.json", "w"))
"""
    subprocess.run([engine, "-c", code], cwd=tmp_path, check=True, timeout=300)
    seconds = np.array(json.loads((tmp_path / "seconds.json").read_text()), float)
    position = {p["geonameid"]: i for i, p in enumerate(points)}
    rows = [r for r in _rows(andorra[0]) if r["minutes"]]
    truth = [seconds[position[r["origin"]], position[int(r["destination"])]] / 60 for r in rows]
    ours = [r["minutes"] for r in rows]
    assert np.corrcoef(truth, ours)[0, 1] > 0.999
    assert np.abs(np.subtract(truth, ours)).max() < 1


def valhalla_minutes(
    python: Path, extract: Path, points: list[dict[str, Any]], folder: Path
) -> np.ndarray:
    """Return the minutes between all points by Valhalla over a whole extract (NaN: no way)."""
    (folder / "points.json").write_text(json.dumps(points))
    code = """
import json, pathlib, subprocess, sys, valhalla
pathlib.Path("tiles").mkdir()
config = valhalla.get_config(tile_extract="", tile_dir="tiles", verbose=False)
config["service_limits"]["auto"]["max_matrix_location_pairs"] = 10_000
pathlib.Path("valhalla.json").write_text(json.dumps(config))
tool = pathlib.Path(valhalla.__file__).parent / "bin" / "valhalla_build_tiles"
subprocess.run([tool, "-c", "valhalla.json", sys.argv[1]], check=True, capture_output=True)
places = [{"lon": p["lon"], "lat": p["lat"]} for p in json.load(open("points.json"))]
asked = {"sources": places, "targets": places, "costing": "auto"}
answer = valhalla.Actor("valhalla.json").matrix(asked)
seconds = [[cell["time"] for cell in row] for row in answer["sources_to_targets"]]
json.dump(seconds, open("seconds.json", "w"))
"""
    subprocess.run([python, "-c", code, str(extract)], cwd=folder, check=True, timeout=300)
    seconds = json.loads((folder / "seconds.json").read_text())
    return np.array(seconds, float) / 60


def test_another_engine_agrees_on_what_is_nearer(
    other_engine: Path, roads_home: Path, shared_data: Path, store: Store, tmp_path: Path
) -> None:
    """All pairs of settlements of both countries: correlation of OSRM and Valhalla, 0.995."""
    ours: list[float] = []
    others: list[float] = []
    for country, name in (("AD", ANDORRA), ("LI", LIECHTENSTEIN)):
        points = store.rows(
            "select geonameid as id, lon, lat from marts.towns where country = ? order by id",
            [country],
        )
        folder = tmp_path / country
        folder.mkdir()
        rows = [f"{p['id']},{p['lon']},{p['lat']}" for p in points]
        (folder / "all.csv").write_text("\n".join(["id,lon,lat", *rows]))
        out, extract = folder / "all.parquet", shared_data / "osm" / name
        command = ["roads", extract, "-o", out, "--to", folder / "all.csv", "--country", country]
        done = run(other_engine, roads_home, *command)
        assert done.returncode == 0, done.stderr
        minutes = valhalla_minutes(other_engine, extract, points, folder)
        position = {p["id"]: i for i, p in enumerate(points)}
        for row in _rows(out):
            other = minutes[position[row["origin"]], position[int(row["destination"])]]
            if row["minutes"] and np.isfinite(other):
                ours.append(row["minutes"])
                others.append(other)
    assert len(ours) == 20 * 19 + 13 * 12
    assert np.corrcoef(ours, others)[0, 1] >= 0.995


def test_a_second_run_takes_the_network_over(
    andorra: tuple[Path, subprocess.CompletedProcess[str]],
    engine: Path,
    roads_home: Path,
    shared_data: Path,
    tmp_path: Path,
) -> None:
    renamed = tmp_path / "other name.osm.pbf"
    renamed.write_bytes((shared_data / "osm" / ANDORRA).read_bytes())
    out = tmp_path / "again.parquet"
    done = run(engine, roads_home, "roads", renamed, "-o", out, "--country", "AD")
    assert done.returncode == 0, done.stderr
    assert "taken over" in done.stderr
    assert "selecting" not in done.stderr
    assert pq.read_table(out).equals(pq.read_table(andorra[0]))


def test_reach_measures_with_the_matrix(
    andorra: tuple[Path, subprocess.CompletedProcess[str]],
    roads_home: Path,
    store: Store,
    tmp_path: Path,
) -> None:
    towns = store.rows(
        "select geonameid, lon, lat from marts.towns where country = 'AD' and population >= 5000"
    )
    file, out = tmp_path / "towns.csv", tmp_path / "reach.parquet"
    rows = [f"{t['geonameid']},{t['lon']},{t['lat']}" for t in towns]
    file.write_text("\n".join(["id,lon,lat", *rows]))
    matrix = ["--matrix", andorra[0], "--mode", "car", "--country", "AD"]
    done = run(sys.executable, roads_home, "reach", file, "-o", out, *matrix)
    assert done.returncode == 0, done.stderr
    assert "minutes of the matrix" in done.stdout
    least = pq.read_table(andorra[0]).group_by("origin").aggregate([("minutes", "min")])
    assert dict(
        zip(
            *(pq.read_table(out)[c].to_pylist() for c in ("geonameid", "minutes_nearest")),
            strict=True,
        )
    ) == dict(zip(least["origin"].to_pylist(), least["minutes_min"].to_pylist(), strict=True))
    wrong = run(sys.executable, roads_home, "reach", file, "-o", out, *matrix[:3], "bus")
    assert wrong.returncode == 1
    assert "mode 'bus' is not there; found car" in wrong.stderr


def test_an_interrupted_run_goes_on(
    engine: Path, built_home: Path, shared_data: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "build").symlink_to(built_home / "build", target_is_directory=True)
    out = tmp_path / "li.parquet"
    out.write_text("what was there")
    command = ["roads", str(shared_data / "osm" / LIECHTENSTEIN), "-o", str(out)]
    command += ["--to", "services"]
    with subprocess.Popen(
        [str(engine), "-m", "pipelines", *command],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        cwd=home,
        env=environment(home),
        start_new_session=True,
    ) as work:
        assert work.stderr is not None
        for line in work.stderr:
            if "building the road network" in line:
                time.sleep(0.1)
                os.killpg(work.pid, signal.SIGKILL)
    assert out.read_text() == "what was there"
    (folder,) = (home / "roads").iterdir()
    assert (folder / "selected").is_dir()
    assert not (folder / "contracted").is_dir()
    done = run(engine, home, *command)
    assert done.returncode == 0, done.stderr
    assert "selecting" not in done.stderr
    assert sorted(p.name for p in folder.iterdir()) == ["contracted", "steps.lock"]
    origins = set(pq.read_table(out)["origin"].to_pylist())
    with_country = Store.current(built_home / "build").rows(
        "select geonameid from marts.towns where country = 'LI'"
    )
    assert {row["geonameid"] for row in with_country} <= origins
    # Sevelen and Sennwald lie across the Rhine: in the box, on no road of the extract.
    assert not {2658613, 2658626} & origins


def made(engine: Path, folder: Path) -> None:
    """Write extracts of Quito's streets and of an Andorran house, by osmium."""
    code = """
import osmium
def write(name, lon, lat, tags):
    with osmium.SimpleWriter(name) as writer:
        for i in (1, 2):
            writer.add_node(osmium.osm.mutable.Node(id=i, version=1, location=(lon + i / 500, lat)))
        writer.add_way(osmium.osm.mutable.Way(id=3, version=1, nodes=[1, 2], tags=tags))
write("quito.osm.pbf", -78.5, -0.2, {"highway": "primary"})
write("house.osm.pbf", 1.52, 42.5, {"building": "house"})
"""
    subprocess.run([engine, "-c", code], cwd=folder, check=True, timeout=60)


def test_bad_input_is_one_message_and_leaves_what_was_there(
    engine: Path, roads_home: Path, shared_data: Path, tmp_path: Path
) -> None:
    made(engine, tmp_path)
    good = str(shared_data / "osm" / "liechtenstein-2013.osm.pbf")
    content = Path(good).read_bytes()
    (tmp_path / "cut.osm.pbf").write_bytes(content[:-1000])
    (tmp_path / "empty.osm.pbf").write_bytes(b"")
    (tmp_path / "not.osm.pbf").write_text("<osm/>")
    flipped = bytearray(content)
    flipped[len(content) // 2 : len(content) // 2 + 40] = bytes(40)
    (tmp_path / "flipped.osm.pbf").write_bytes(bytes(flipped))
    (tmp_path / "sites.csv").write_text("id,lon,lat\na,9.52,x\n")
    (tmp_path / "far.csv").write_text("id,lon,lat\na,2.35,48.85\n")
    lz4 = str(shared_data / "osm" / "monaco-lz4.osm.pbf")
    cases = [
        (["none.osm.pbf"], "no such file"),
        (["empty.osm.pbf"], "the file is empty"),
        (["cut.osm.pbf"], "is cut off"),
        (["not.osm.pbf"], "is not OpenStreetMap PBF"),
        (["flipped.osm.pbf"], "flipped.osm.pbf: "),
        ([lz4], "packed with lz4"),
        (["house.osm.pbf"], "holds no roads"),
        (["quito.osm.pbf"], "of a road of the extract"),
        ([good, "--to", "town"], "allowed are towns, services, or a file"),
        ([good, "--to", "sites.csv"], "sites.csv"),
        ([good, "--to", "far.csv"], "no destination lies in its box"),
        ([good, "--country", "XX"], "'XX' is not a country of the settlements"),
        ([good, "--mode", "train"], "allowed are car, foot, bicycle"),
        ([good, "--memory", "0.5"], "too little memory"),
        ([good, "-o", "x.csv"], "is written as .parquet"),
        ([good, "-o", "no/x.parquet"], "its folder is not there"),
    ]
    out = tmp_path / "m.parquet"
    out.write_text("what was there")
    code = """
import contextlib, io, json, sys
from pipelines.cli.main import main
from pipelines.cli import console
said = []
for arguments in json.load(sys.stdin):
    sys.argv = ["hinterland", "roads", "-o", "m.parquet", *arguments]
    console.err.file = io.StringIO()
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            main()
        except SystemExit as end:
            said.append([end.code, console.err.file.getvalue()])
json.dump(said, sys.stdout)
"""
    done = subprocess.run(
        [engine, "-c", code],
        input=json.dumps([arguments for arguments, _ in cases]),
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=300,
        env=environment(roads_home),
    )
    assert done.returncode == 0, done.stderr
    for (arguments, message), (code_, text) in zip(cases, json.loads(done.stdout), strict=True):
        assert code_ == 1, (arguments, text)
        assert message in text.split("error: ")[-1], (arguments, text)
        assert text.count("error: ") == 1, (arguments, text)
    assert "Traceback" not in done.stderr
    assert out.read_text() == "what was there"
    assert not list((roads_home / "roads").glob("*/.writing-*"))


@pytest.fixture(scope="module")
def with_matrices(
    engine: Path, built_home: Path, shared_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return a home built with the stored matrices of both extracts, by car and on foot."""
    home = tmp_path_factory.mktemp("stored-home")
    shutil.copytree(built_home / "build", home / "build")
    for name in (ANDORRA, LIECHTENSTEIN):
        for to, mode in (("towns", "car"), ("services", "car"), ("services", "foot")):
            extract = shared_data / "osm" / name
            done = run(engine, home, "roads", extract, "--store", "--to", to, "--mode", mode)
            assert done.returncode == 0, done.stderr
            stem = name.removesuffix(".osm.pbf")
            assert f"Stored {stem}-{to}-{mode}: " in done.stdout
    done = run(sys.executable, home, "build", "--if-needed")
    assert done.returncode == 0, done.stderr
    assert "Built " in done.stdout
    return home


def test_the_build_takes_stored_minutes_country_by_country(
    with_matrices: Path, store: Store
) -> None:
    served = Store.current(with_matrices / "build")
    listed = run(sys.executable, with_matrices, "roads", "--list").stdout
    assert listed.count("OSRM, osrm-bindings 26.") == 6
    folder = with_matrices / "cache" / "openstreetmap_minutes"
    least: dict[int, float] = {}
    for name in ("andorra-towns-car", "liechtenstein-towns-car"):
        (stored,) = folder.glob(f"{name}*.parquet")  # its content is in the name, too
        for row in _rows(stored):
            least[row["origin"]] = min(row["minutes"], least.get(row["origin"], 1e9))
    query = "select geonameid, country, minutes_to_town, nearest_town_id, travel_basis from "
    query += "marts.towns where country in ('AD', 'LI') order by geonameid"
    before = {row["geonameid"]: row for row in store.rows(query)}
    for row in served.rows(query):
        was = before[row["geonameid"]]
        # Either the engine's least, or what the estimate said of a town beyond the border.
        if row["minutes_to_town"] != least[row["geonameid"]]:
            assert row["country"] == "LI"
            assert row["minutes_to_town"] < least[row["geonameid"]]
            assert row["minutes_to_town"] >= was["minutes_to_town"]
        assert row["travel_basis"] in ("both", "estimate")  # no large city lies in either
    is_of_the_engine = "select count(*) as n from marts.access join marts.towns using (geonameid) "
    is_of_the_engine += "where access.travel_basis = 'routing engine' and country = 'AD' "
    is_of_the_engine += "and service = 'basic_centre'"
    assert served.rows(is_of_the_engine) == [{"n": 20}]
    border = "select count(*) as n from marts.towns where country not in ('AD', 'LI') and "
    assert served.rows(border + "travel_basis != 'estimate'") == [{"n": 0}]


def test_ways_on_foot_are_the_engine_s_where_stored(with_matrices: Path) -> None:
    served = Store.current(with_matrices / "build")
    rows = served.rows(
        "select walk_basis, count(*) as n from marts.access join marts.towns using (geonameid) "
        "where country = 'LI' and service = 'basic_centre' and minutes_walk is not null group by 1"
    )
    assert {row["walk_basis"] for row in rows} == {"routing engine"}
    straight = served.rows(
        "select count(*) as n from marts.access join marts.towns using (geonameid) "
        "where country = 'AT' and walk_basis = 'routing engine'"
    )
    assert straight == [{"n": 0}]


def test_on_foot_one_walks(
    engine: Path, roads_home: Path, shared_data: Path, store: Store, tmp_path: Path
) -> None:
    """OSRM's profile walks 5 km/h: 12 minutes a kilometre, and no way is straight."""
    out = tmp_path / "foot.parquet"
    extract = shared_data / "osm" / "liechtenstein-2013.osm.pbf"
    done = run(engine, roads_home, "roads", extract, "-o", out, "--mode", "foot")
    assert done.returncode == 0, done.stderr
    places = {
        row["geonameid"]: (row["lon"], row["lat"])
        for row in store.rows("select geonameid, lon, lat from marts.towns where country = 'LI'")
    }
    rows = [
        row
        for row in _rows(out)
        if row["origin"] in places and int(row["destination"]) in places and row["minutes"]
    ]
    assert len(rows) >= 30
    assert {row["mode"] for row in rows} == {"foot"}
    for row in rows:
        km = km_between(*places[row["origin"]], *places[int(row["destination"])])
        # 0.25 km at each end is the way from a place to its nearest road.
        assert 12 * (km - 0.5) <= row["minutes"] <= 30 * (km + 0.5), row


def _rows(path: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return rows


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="this Python has a routing engine")
def test_an_older_python_is_told_what_to_install(built_home: Path, tmp_path: Path) -> None:
    done = run(sys.executable, built_home, "roads", "x.osm.pbf", "-o", tmp_path / "m.parquet")
    assert done.returncode == 1
    assert "needs Python 3.12 or newer" in done.stderr
    assert "pip install 'hinterland[roads]'" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "m.parquet").exists()


def test_without_the_extra_it_is_named(engine: Path, built_home: Path, tmp_path: Path) -> None:
    """An import hook hides the engine, as where the extra was not installed."""
    hide = tmp_path / "sitecustomize.py"
    hide.write_text(
        "import importlib.util as u\nfind = u.find_spec\n"
        "u.find_spec = lambda n, p=None: None if n in ('osrm', 'osmium') else find(n, p)\n"
    )
    done = subprocess.run(
        [str(engine), "-m", "pipelines", "roads", "x.osm.pbf", "-o", str(tmp_path / "m.parquet")],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
        env=environment(built_home) | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
    )
    assert done.returncode == 1
    assert "not installed (osrm, osmium): pip install 'hinterland[roads]'" in done.stderr
