"""The types of towns in a built database, and the catalogue's way into it."""

from __future__ import annotations

import shutil
import time

import pytest
from typer.testing import CliRunner

from pipelines.cli.main import app
from pipelines.core import paths
from pipelines.core.errors import CheckFailed
from pipelines.core.pointer import read_pointer
from pipelines.runner.build import build
from pipelines.serve import catalogue, comparison

runner = CliRunner()


def partner(store, case):
    return store.arrow(
        "select towns.* from marts.towns as towns inner join marts.case_studies as cases "
        "on cases.geonameid = towns.geonameid where cases.id = ?",
        [case],
    ).to_pylist()[0]


def test_the_four_towns_come_out_as_piste_describes_them(store):
    bebra, fermignano = partner(store, "bebra"), partner(store, "fermignano")
    ninove, voio = partner(store, "ninove"), partner(store, "voio")
    assert ninove["role"] == "agglomerated"
    assert ninove["region_trend"] == "growing"
    assert voio["is_remote"]
    assert voio["is_shrinking"]
    assert voio["role"] != "agglomerated"
    assert bebra["size_class"] == fermignano["size_class"] == "small_town"
    assert bebra["role"] == fermignano["role"] == "networked"


def test_roles_by_evidence_recounted(store):
    """Role and counts follow from each other for every town, by another way than the model's."""
    rows = store.arrow(
        "select geonameid, size_class, role, minutes_to_large_city as large, "
        "nearest_large_city_id as large_id, towns_near, similar_towns_near "
        "from marts.towns where size_class not in ('village', 'part')"
    ).to_pylist()
    wrong = []
    for r in rows:
        if r["large_id"] == r["geonameid"]:
            expected = "autonomous"
        elif r["large"] is not None and r["large"] <= 30 + 9.6:
            expected = "agglomerated"
        elif r["similar_towns_near"] >= 2:
            expected = "networked"
        else:
            expected = "isolated" if r["towns_near"] == 0 else "autonomous"
        if r["role"] != expected:
            wrong.append(r)
    assert not wrong[:3]
    assert len(rows) > 10_000


def test_fragility_counts_its_parts(store):
    wrong = store.arrow(
        """
        select geonameid from marts.towns
        where fragility_count != coalesce(is_shrinking::int, 0) + coalesce(is_remote::int, 0)
            + coalesce(is_without_rank::int, 0) + coalesce(is_short_of_services::int, 0)
            + coalesce(is_at_agglomerated_margin::int, 0)
            or (region_trend is null) != (is_shrinking is null)
        """
    )
    assert wrong.num_rows == 0


def test_ten_towns_like_bebra_answered_in_time(store):
    bebra = partner(store, "bebra")["geonameid"]
    comparison.towns_like(store, bebra)  # prepares once
    started = time.perf_counter()
    like = comparison.towns_like(store, bebra)
    assert time.perf_counter() - started < 0.3
    assert len(like.table) == 10
    assert bebra not in set(like.table["geonameid"])
    # Rotenburg an der Fulda is Bebra's neighbour and of its size.
    assert like.table["name"].iloc[0] == "Rotenburg an der Fulda"
    assert like.table["differs"].map(len).eq(3).all()
    abroad = comparison.towns_like(store, bebra, other_countries=True)
    assert "Germany" not in set(abroad.table["country_name"])
    cases = comparison.towns_like(store, bebra, only_cases=True)
    assert cases.table["is_case"].all()


def test_catalogue_marts_hold_every_row_with_its_source(store):
    for table, least in (("social_places", 45), ("case_studies", 10), ("practices", 85)):
        rows = store.arrow(
            f"select count(*) as n, count(section_heading) as sourced from marts.{table}"  # noqa: S608
        ).to_pylist()[0]
        assert rows["n"] == rows["sourced"] >= least, table
    without = store.arrow(
        "select id from marts.practices where id not in (select practice from marts.practice_fits)"
    )
    assert without.num_rows == 0


def test_data_answers_use_the_values_that_conditions_allow(store):
    for row in catalogue.conditions(store):
        if row["answered_by"] != "data":
            continue
        found = store.arrow(
            f"select distinct {row['id']} as v from marts.town_conditions"  # noqa: S608
        )["v"].to_pylist()
        allowed = row["allowed_values"] or ["yes", "no"]
        assert set(found) - {None} == set(allowed), row["id"]


@pytest.fixture
def own_home(built_home, tmp_path, monkeypatch):
    """Serve a copy: DuckDB opens a file only one way a process, and others read the first."""
    copy = tmp_path / "home"
    shutil.copytree(built_home, copy)
    monkeypatch.setenv("HINTERLAND_HOME", str(copy))
    return copy


@pytest.fixture
def broken(tmp_path, monkeypatch):
    folder = tmp_path / "catalogue"
    shutil.copytree(paths.catalogue_dir(), folder)
    path = folder / "social_places.csv"
    text = path.read_text("utf-8")
    lines = text.splitlines()
    lines.append(lines[1])  # the same id again
    lines[2] = "=cmd," + lines[2].split(",", 1)[1]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    monkeypatch.setattr(paths, "catalogue_dir", lambda: folder)
    return folder


def test_a_wrong_catalogue_stops_the_build_and_what_is_served_stays(broken, own_home):
    before = read_pointer(own_home / "build")
    with pytest.raises(CheckFailed) as error:
        build(own_home / "build")
    assert "social_places.csv, row 3, field id" in str(error.value)
    assert "duplicate" in str(error.value)
    assert read_pointer(own_home / "build") == before
    assert (own_home / "build" / before.file).is_file()


def test_check_names_every_finding_and_fails(broken, own_home):
    result = runner.invoke(app, ["check"])
    assert result.exit_code == 1
    assert "row 3, field id" in result.stderr
    assert "all readable" in result.stdout  # the database is checked all the same


def test_check_passes_a_sound_project(own_home):
    result = runner.invoke(app, ["check"])
    assert result.exit_code == 0, result.output
    assert "not compared" not in result.stdout


def test_check_files(own_home, tmp_path):
    own = tmp_path / "mine.csv"
    head = "id,name,kind,type,country,lon,lat,source\n"
    own.write_text(head + "cafe,Café am Markt,place,cafe_pub,DE,9.79,50.97,own visit\n", "utf-8")
    assert runner.invoke(app, ["check", str(own)]).exit_code == 0
    own.write_text(head + "cafe,=1+1,place,pub,DE,2.35,48.85,own visit\n", "utf-8")
    result = runner.invoke(app, ["check", str(own)])
    assert result.exit_code == 1
    for text in ("field name", "field type", "cafe_pub"):
        assert text in result.stderr
    table = tmp_path / "practices.csv"
    table.write_bytes((paths.catalogue_dir() / "practices.csv").read_bytes())
    assert runner.invoke(app, ["check", str(table)]).exit_code == 0
    assert runner.invoke(app, ["check", str(tmp_path / "nothing.csv")]).exit_code == 1
