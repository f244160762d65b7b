"""Own places and OpenStreetMap extracts on the built database, to files, by the command line."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from typer.testing import CliRunner

from pipelines.cli.main import app
from pipelines.core.errors import InputError, TargetUnwritable
from pipelines.places.osm import ATTRIBUTION
from pipelines.serve import place_files
from tests.where import FIXTURES

# Written by hand in the format of Overpass; no object of it is OpenStreetMap's.
EXTRACT = FIXTURES / "overpass_made_by_hand.json"
OWN = (
    "id,name,kind,type,country,lon,lat,source\n"
    "cafe,Café am Markt,place,cafe_pub,DE,9.79,50.97,own visit\n"
)


@pytest.fixture(scope="module")
def measured(store):
    return place_files.measure(store, EXTRACT, is_osm=True)


def test_an_extract_becomes_tables_of_its_own(measured, tmp_path):
    names = place_files.write(measured, tmp_path)
    assert names == [
        "osm_places.csv",
        "osm_settlements.csv",
        "osm_minutes.csv",
        "osm_people.csv",
        "osm_LICENCE.txt",
    ]
    rows = pd.read_csv(tmp_path / "osm_places.csv").set_index("osm_id")
    assert rows["settlement"].to_dict() == {
        1001: "Bebra",
        1002: "Bebra",
        2001: "Bad Hersfeld",
        3001: "Bebra",
    }
    assert rows.loc[[1001, 1002, 2001, 3001], "type"].tolist() == [
        "library",
        "cafe",
        "community_centre",
        "park",
    ]
    assert pd.isna(rows.loc[1002, "name"])  # a formula is no name
    assert measured.left_out == {"closed to the public": 1, "no mapped tag": 1}


def test_every_table_of_an_extract_carries_the_attribution(measured, tmp_path):
    place_files.write(measured, tmp_path)
    for name in measured.tables():
        assert set(pd.read_csv(tmp_path / name)["attribution"]) == {ATTRIBUTION}, name
    assert ATTRIBUTION in (tmp_path / "osm_LICENCE.txt").read_text("utf-8")


def test_minutes_and_people_of_an_extract_agree(measured):
    minutes, people = measured.minutes, measured.people.set_index("type")
    bebra = minutes[minutes["name"] == "Bebra"].iloc[0]
    assert bebra["minutes_library"] == bebra["minutes_any"] == 0
    # Bad Hersfeld is 13 km away as the crow flies: some 10 to 25 minutes by car.
    assert 10 < bebra["minutes_community_centre"] < 25
    for kind in ("library", "community_centre", "any"):
        within = minutes.loc[minutes[f"minutes_{kind}"] <= 30, "population"].sum()
        # Minutes are rounded to a tenth in the table, so a town at the bound may differ.
        assert within == pytest.approx(people.loc[kind, "within_30"], rel=0.02)
    assert minutes["population"].sum() == people.loc["any", "people"]


def test_own_places_and_an_extract_lie_side_by_side_and_never_mix(home, tmp_path):
    mine = tmp_path / "mine.csv"
    mine.write_text(OWN, encoding="utf-8")
    out = tmp_path / "out"
    run = CliRunner().invoke
    assert run(app, ["places", str(mine), "-o", str(out)]).exit_code == 0
    before = {p.name: p.read_bytes() for p in out.iterdir()}
    assert set(before) == {f"own_{n}.csv" for n in ("places", "settlements", "minutes", "people")}
    done = run(app, ["places", str(EXTRACT), "--osm", "-o", str(out)])
    assert done.exit_code == 0
    assert "4 entries in 2 settlements" in done.output
    assert "Left out: 1 closed to the public" in done.output
    assert "ODbL" in done.output
    assert {n: (out / n).read_bytes() for n in before} == before
    assert "OpenStreetMap" not in (out / "own_places.csv").read_text("utf-8")
    assert pd.read_csv(out / "own_places.csv")["settlement"].tolist() == ["Bebra"]


def test_an_extract_without_places_says_why(store, tmp_path):
    path = tmp_path / "empty.json"
    element = {"type": "node", "id": 1, "lat": 50.0, "lon": 9.0, "tags": {"amenity": "bench"}}
    path.write_text(json.dumps({"version": 0.6, "elements": [element]}), encoding="utf-8")
    with pytest.raises(InputError, match=r"empty\.json: no place .*1 no mapped tag"):
        place_files.measure(store, path, is_osm=True)


def test_a_folder_that_is_a_file_is_named(measured, tmp_path):
    target = tmp_path / "taken"
    target.write_text("mine", encoding="utf-8")
    with pytest.raises(TargetUnwritable, match="taken"):
        place_files.write(measured, target)
    assert target.read_text("utf-8") == "mine"
