"""The OpenStreetMap set on the built database: adding, measuring, leaving with its licence."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import textwrap
import zipfile

import pandas as pd
import pytest
from typer.testing import CliRunner

from pipelines.cli.main import app
from pipelines.core.errors import HinterlandError, InputError
from pipelines.core.paths import catalogue_dir
from pipelines.io.pbf import read_header
from pipelines.places import osm_set
from pipelines.places.osm_tags import read_tag_table
from pipelines.places.pbf import reading
from pipelines.serve import osm, place_files
from tests import pbf
from tests.where import ROOT

GOERLITZ, ZGORZELEC = (14.98853, 51.15518), (15.00835, 51.14942)
LIBRARY = {"amenity": "library", "name": "Bücherei"}
DAY = 86_400
T2024 = 1_709_587_295  # 2024-03-04


@pytest.fixture
def own_home(built_home, tmp_path, monkeypatch):
    """Return a home with the embedded database and an empty set."""
    monkeypatch.setenv("HINTERLAND_HOME", str(tmp_path))
    (tmp_path / "build").symlink_to(built_home / "build")
    return tmp_path


def around(store, point):
    """Return name, people and position of the settlement nearest to a point."""
    return store.rows(
        "select name, country, population, lon, lat from marts.towns "
        "order by (lon - ?) ** 2 + (lat - ?) ** 2 limit 1",
        list(point),
    )[0]


@pytest.fixture
def twins(store):
    """Return the two towns on the Neisse as the database has them."""
    german, polish = around(store, GOERLITZ), around(store, ZGORZELEC)
    assert (german["name"], german["country"]) == ("Görlitz", "DE")
    assert (polish["name"], polish["country"]) == ("Zgorzelec", "PL")
    return german, polish


def at(town, number, tags, east=0.0):
    return (number, town["lon"] + east, town["lat"], tags)


def extract(path, town, *extra, time=T2024, nodes=1000, first=1000):
    """Write an extract that covers a town, with further nodes."""
    crowd = pbf.crowd(town["lon"], town["lat"], nodes, first)
    return pbf.write(path, pbf.data([*crowd, *extra]), time=time)


def run(*arguments):
    """Run the command; ``said`` is all that it told, errors too."""
    done = CliRunner().invoke(app, ["places", *map(str, arguments)])
    assert done.exception is None or isinstance(done.exception, HinterlandError | SystemExit)
    done.said = f"{done.output}{done.exception or ''}"
    return done


# ------------------------------------------------------------------ the border


def test_one_library_each_in_goerlitz_and_zgorzelec_counts_neither_country(store, twins, tmp_path):
    german, polish = twins
    nodes = [
        {"type": "node", "id": n, "lon": t["lon"], "lat": t["lat"], "tags": LIBRARY}
        for n, t in enumerate(twins, 1)
    ]
    path = tmp_path / "border.json"
    path.write_text(json.dumps({"version": 0.6, "elements": nodes}), "utf-8")
    measured = place_files.measure(store, path, is_osm=True)
    assert measured.basis == "unknown"
    people = measured.people.set_index("type")
    assert people.loc["library", "people"] == german["population"] + polish["population"]
    stated = place_files.measure(store, path, is_osm=True, country="DE")
    assert stated.basis == "stated"
    assert set(stated.settlements["country"]) == {"DE"}
    # Görlitz and at most the few villages in the extent of two neighbouring towns.
    assert stated.people["people"].max() < 1.2 * german["population"]


def test_an_extract_of_one_side_counts_that_side_and_goes_to_both(store, twins, tmp_path):
    german, polish = twins
    path = extract(tmp_path / "goerlitz.osm.pbf", german, at(polish, 1, LIBRARY))
    measured = place_files.measure(store, path, is_osm=True)
    assert measured.basis == "nodes"
    assert measured.settlements["name"].tolist() == ["Görlitz"]
    people = measured.people.set_index("type").loc["library"]
    assert people["people"] == german["population"]
    assert people["without_here"] == german["population"]  # the only one is across the river
    assert people["within_15"] == german["population"]
    assert measured.settlements["is_at_edge"].tolist() == [True]


# ------------------------------------------------------------------- the commands


def test_adding_listing_and_taking_away(own_home, twins):
    path = extract(own_home / "goerlitz-240304.osm.pbf", twins[0], at(twins[0], 1, LIBRARY))
    done = run("--add", path)
    assert done.exit_code == 0, done.said
    assert "Added goerlitz: 1 places, 1 of a headline type. Date of the data: 2024-03-04" in (
        done.said
    )
    assert "1 settlements are covered, by the extract's own density of nodes." in done.said
    assert "ODbL" in done.said
    own = own_home / "osm" / "goerlitz"
    assert {p.name for p in own.iterdir()} == {
        "places.parquet",
        "cells.parquet",
        "extract.json",
        "LICENCE.txt",
    }
    assert "ODbL" in (own / "LICENCE.txt").read_text("utf-8")
    assert sorted(p.name for p in (own_home / "osm").iterdir()) == ["LICENCE.txt", "goerlitz"]
    assert "goerlitz: goerlitz-240304.osm.pbf" in run("--list").said
    assert "data of 2024-03-04" in run("--list").said
    assert run("--remove", "nowhere").exit_code == 1
    assert run("--remove", "../build").exit_code == 1
    assert run("--remove", "goerlitz").exit_code == 0
    assert "No extract was added" in run("--list").said


def test_the_same_twice_and_an_older_one_are_refused_and_a_newer_one_replaces(own_home, twins):
    town = twins[0]
    new = extract(own_home / "saxony-new.osm.pbf", town, at(town, 1, LIBRARY))
    osm_set_files = own_home / "osm"
    assert run("--add", new).exit_code == 0
    before = {p: p.read_bytes() for p in osm_set_files.rglob("*") if p.is_file()}
    again = run("--add", shutil.copy(new, own_home / "other.osm.pbf"))
    assert again.exit_code == 1
    assert "it is in the set already, as saxony-new (2024-03-04)" in again.said
    old = extract(own_home / "old.osm.pbf", town, at(town, 2, LIBRARY), time=T2024 - 9 * DAY)
    refused = run("--add", old)
    assert refused.exit_code == 1
    assert "it is of 2024-02-24; the set holds the same area as saxony-new" in refused.said
    undated = extract(own_home / "undated.osm.pbf", town, at(town, 3, LIBRARY), time=0)
    assert "it states no date; the set holds the same area" in run("--add", undated).said
    assert {p: p.read_bytes() for p in osm_set_files.rglob("*") if p.is_file()} == before
    later = extract(own_home / "saxony-new.osm.pbf", town, at(town, 4, LIBRARY), time=T2024 + DAY)
    assert run("--add", later).exit_code == 0
    assert [(e.name, e.date_words) for e in osm_set.extracts()] == [("saxony-new", "2024-03-05")]


def test_a_file_without_a_date_says_so(own_home, twins):
    path = extract(own_home / "a.osm.pbf", twins[0], at(twins[0], 1, LIBRARY), time=0)
    assert "Date of the data: unknown." in run("--add", path).said
    assert "data of date unknown" in run("--list").said


def test_files_of_one_name_and_two_areas_stand_side_by_side(own_home, store, twins):
    berlin = around(store, (13.41, 52.52))
    for folder, town in (("one", twins[0]), ("two", berlin)):
        (own_home / folder).mkdir()
        path = extract(own_home / folder / "export.osm.pbf", town, at(town, 1, LIBRARY))
        assert run("--add", path).exit_code == 0
    assert [e.name for e in osm_set.extracts()] == ["export", "export-2"]


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"", "the file is empty"),
        (b"{}", "allowed: Overpass JSON"),
        (pbf.header() + pbf.data([(1, -73.9, 40.7, LIBRARY)]), "none of its places lies in Europe"),
        (pbf.header() + pbf.data([(1, 9.0, 50.0, {"amenity": "bench"})]), "no place of a type"),
        (pbf.header() + pbf.data([(1, 9.0, 50.0, LIBRARY)])[:-4], "cut off"),
    ],
)
def test_bad_extracts_leave_no_trace(own_home, content, part):
    path = own_home / ("x.json" if content == b"{}" else "x.osm.pbf")
    path.write_bytes(content)
    done = run("--add", path)
    assert done.exit_code == 1
    assert part in done.said
    assert not list((own_home / "osm").glob("*"))
    assert run("--add", own_home / "none.osm.pbf").exit_code == 1


@pytest.mark.parametrize(
    "arguments", [[], ["--list", "--remove", "x"], ["mine.csv"], ["mine.csv", "--add", "x"]]
)
def test_wrong_arguments_are_told(own_home, arguments):
    done = run(*arguments)
    assert done.exit_code == 1
    assert "places: " in done.said


def test_a_full_disk_half_way_leaves_the_set_as_it_was(own_home, twins):
    """A limit on the size of files stands for a disk that fills up while Parquet is written."""
    town = twins[0]
    path = extract(own_home / "a.osm.pbf", town, at(town, 1, LIBRARY))
    assert run("--add", path).exit_code == 0
    many = [
        at(town, n, LIBRARY | {"name": f"Bücherei {n} {n * 7919 % 65537}"}) for n in range(2, 900)
    ]
    newer = extract(own_home / "b.osm.pbf", town, *many, time=T2024 + DAY, first=5000)
    before = {p: p.read_bytes() for p in (own_home / "osm").rglob("*") if p.is_file()}
    program = textwrap.dedent(
        """
        import resource, sys
        resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000))
        from pipelines.cli.main import main
        sys.argv = ["hinterland", "places", "--add", sys.argv[1]]
        main()
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(newer)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 1
    assert "cannot be written (the disk is full)" in done.stderr
    assert "Traceback" not in done.stderr
    assert {p: p.read_bytes() for p in (own_home / "osm").rglob("*") if p.is_file()} == before


# ------------------------------------------------------------------- the attached set


def test_an_empty_set_is_none_and_an_added_one_is_measured(own_home, store, twins):
    assert osm.attached(store) is None
    german, polish = twins
    assert (
        run("--add", extract(own_home / "de.osm.pbf", german, at(german, 1, LIBRARY))).exit_code
        == 0
    )
    first = osm.attached(store)
    assert first.settlements["name"].tolist() == ["Görlitz"]
    assert osm.attached(store) is first  # measured once
    pub = {"amenity": "pub", "name": "Pod Orłem"}
    path = extract(own_home / "pl.osm.pbf", polish, at(polish, 2, pub), time=T2024 + DAY)
    assert run("--add", path).exit_code == 0
    both = osm.attached(store)
    assert set(both.settlements["name"]) == {"Görlitz", "Zgorzelec"}
    goerlitz = int(first.settlements["geonameid"].iloc[0])
    words = {row["type"]: row["state"] for row in osm.strip(both, goerlitz)}
    assert (words["library"], words["pub"]) == ("here", "near")
    assert len(words) == 20
    assert {row["state"] for row in osm.strip(both, 1)} == {"not covered"}


def test_of_two_extracts_the_newest_that_covers_a_settlement_decides(own_home, store, twins):
    german, polish = twins
    older = [at(german, 1, LIBRARY), at(german, 2, {"amenity": "pub", "name": "Closed since"})]
    wide = pbf.crowd(german["lon"], german["lat"], 1000, 1000)
    wide += pbf.crowd(polish["lon"], polish["lat"], 1000, 3000)
    # Three settlements' worth of nodes, so that the newer one of Görlitz is another area.
    path = pbf.write(own_home / "wide.osm.pbf", pbf.data([*wide, *older, at(polish, 3, LIBRARY)]))
    assert run("--add", path).exit_code == 0
    newer = extract(own_home / "town.osm.pbf", german, at(german, 1, LIBRARY), time=T2024 + DAY)
    assert run("--add", newer).exit_code == 0
    both = osm.attached(store)
    assert sorted(both.places["osm_id"]) == [1, 3]
    rows = both.settlements.set_index("name")
    assert rows.loc["Görlitz", ["extract", "types_here"]].tolist() == ["town", 1]
    assert rows.loc["Zgorzelec", "extract"] == "wide"


def test_nothing_leaves_the_set_without_its_notice(own_home, store, twins):
    run("--add", extract(own_home / "de.osm.pbf", twins[0], at(twins[0], 1, LIBRARY)))
    attached = osm.attached(store)
    for name, frame in attached.tables().items():
        assert list(frame.columns)[-1] == "attribution" or "attribution" in frame, name
        assert set(frame["attribution"]) <= {osm.ATTRIBUTION}, name
    archive = zipfile.ZipFile(io.BytesIO(osm.package({"a.csv": b"x"})))
    assert set(archive.namelist()) == {"osm_LICENCE.txt", "a.csv"}
    assert b"ODbL" in archive.read("osm_LICENCE.txt")
    marts = store.column("select table_name from duckdb_tables()")
    assert not [name for name in marts if "osm" in name]


def test_a_damaged_stored_extract_is_told_with_the_way_out(own_home, store, twins):
    run("--add", extract(own_home / "de.osm.pbf", twins[0], at(twins[0], 1, LIBRARY)))
    places = own_home / "osm" / "de" / "places.parquet"
    places.write_bytes(places.read_bytes()[:-30])
    with pytest.raises(InputError, match="hinterland places --remove de' takes it away"):
        osm.attached(store)
    (own_home / "osm" / "de" / "extract.json").write_text("{", "utf-8")
    with pytest.raises(InputError, match="--remove de' takes it away"):
        osm.extracts()
    assert run("--remove", "de").exit_code == 0
    assert osm.attached(store) is None


# ------------------------------------------------------------------ real extracts

# People covered; without a library within 15 minutes and in the settlement; without a village
# shop in it: from a prototype that read the same files by other code.
REAL = {
    # The prototype had 1 350 people beyond 15 minutes, over the network without roads.
    "liechtenstein": ("LI", 42_029, 0, 27_969, 18_225),
    # It had 4 601 for the way alone; here 2.9 minutes at the site are added, which it did not
    # count: 7 893 is what this program finds, and no check of it.
    "andorra": ("AD", 85_903, 7_893, 34_387, 26_481),
    "malta": ("MT", 495_277, 0, 413_499, 54_917),
}


def figures(measured):
    people = measured.people.set_index("type")
    return (
        int(people.loc["library", "people"]),
        int(people.loc["library", "without_15"]),
        int(people.loc["library", "without_here"]),
        int(people.loc["village_shop", "without_here"]),
    )


@pytest.mark.parametrize("name", REAL)
@pytest.mark.parametrize("shape", ["pbf", "overpass"])
def test_real_extracts_give_the_figures_of_the_prototype(store, shared_data, tmp_path, name, shape):
    path = shared_data / "osm" / f"{name}.osm.pbf"
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    country, *expected = REAL[name]
    if shape == "pbf":
        measured = place_files.measure(store, path, is_osm=True)
        assert set(measured.settlements["country"]) == {country}
    else:
        answer = overpass_of(path, tmp_path)
        measured = place_files.measure(store, answer, is_osm=True, country=country)
    assert figures(measured) == pytest.approx(tuple(expected), rel=0.02)


def overpass_of(path, folder):
    """Write an extract's tagged objects as Overpass answers ``out center``."""
    elements = []
    with reading(path, read_tag_table(catalogue_dir()), folder / "spill") as content:
        for item in content.objects:
            spot = {"lon": item.point[0], "lat": item.point[1]} if item.point else {}
            held = spot if item.osm_type == "node" else {"center": spot}
            element = {"type": item.osm_type, "id": item.osm_id, "tags": item.tags}
            elements.append(element | held)
    answer = folder / "answer.json"
    answer.write_text(json.dumps({"version": 0.6, "elements": elements}), "utf-8")
    return answer


def test_monaco_and_the_centre_of_helsinki_count_their_own_people(store, shared_data):
    for name, country, most in (("monaco-planetiler", "MC", 1), ("Helsinki", "FI", 1)):
        path = shared_data / "osm" / f"{name}.osm.pbf"
        if not path.is_file():
            pytest.skip(f"{path} is not there")
        measured = place_files.measure(store, path, is_osm=True, country=country)
        assert len(measured.settlements) == most
        own = store.column(
            "select population from marts.towns where geonameid = ?",
            [int(measured.settlements["geonameid"].iloc[0])],
        )
        assert measured.people["people"].max() == own[0]


def test_two_ages_of_one_country_are_never_set_side_by_side(own_home, store, shared_data):
    new, old = (
        shared_data / "osm" / f"{name}.osm.pbf" for name in ("liechtenstein", "liechtenstein-2013")
    )
    if not (new.is_file() and old.is_file()):
        pytest.skip("the extracts of Liechtenstein are not there")
    assert read_header(old).snapshot.year == 2013
    assert run("--add", old).exit_code == 0
    assert run("--add", new).exit_code == 0
    attached = osm.attached(store)
    # What was mapped in 2013 and is not in 2024 is no place, and no column speaks of change.
    assert set(attached.places["extract"]) == {"liechtenstein"}
    assert set(pd.to_datetime(attached.settlements["snapshot"]).dt.year) == {2024}
    words = " ".join(c for t in attached.tables().values() for c in t.columns)
    assert not [w for w in ("change", "trend", "growth") if w in words]
