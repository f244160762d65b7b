"""The types of towns in a built database, and the catalogue's way into it."""

from __future__ import annotations

import shutil
import time
from types import SimpleNamespace

import pandas as pd
import pytest
from typer.testing import CliRunner

from pipelines.cli.main import app
from pipelines.core import paths
from pipelines.core.errors import CheckFailed
from pipelines.core.pointer import read_pointer
from pipelines.runner.build import build
from pipelines.serve import catalogue, comparison, osm, small_towns
from pipelines.serve.store import Store

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


@pytest.mark.parametrize("build_name", ["store", "full_store"])
def test_roles_by_evidence_recounted(request, build_name):
    """Role and counts follow from each other for every town, by another way than the model's."""
    rows = (
        request.getfixturevalue(build_name)
        .arrow(
            "select towns.geonameid, size_class, role, minutes_to_large_city as large, "
            "nearest_large_city_id as large_id, towns_near, similar_towns_near, "
            "areas.is_in_large_fua as in_area from marts.towns "
            "left join indicators.ind_settlement__fua as areas using (geonameid) "
            "where size_class not in ('village', 'part')"
        )
        .to_pylist()
    )
    wrong = []
    for r in rows:
        if r["large_id"] == r["geonameid"]:
            expected = "autonomous"
        elif r["in_area"] or (
            r["in_area"] is None and r["large"] is not None and r["large"] <= 30 + 9.6
        ):
            expected = "agglomerated"
        elif r["similar_towns_near"] >= 2:
            expected = "networked"
        else:
            expected = "isolated" if r["towns_near"] == 0 else "autonomous"
        if r["role"] != expected:
            wrong.append(r)
    assert not wrong[:3]
    assert len(rows) > 10_000


def test_fragility_counts_its_parts(store, full_store):
    for built in (store, full_store):
        wrong = built.arrow(
            """
            select geonameid from marts.towns
            where fragility_count != coalesce(is_shrinking::int, 0) + coalesce(is_marginal::int, 0)
                + coalesce(is_short_of_services::int, 0) + coalesce(is_without_rank::int, 0)
                or (region_trend is null) != (is_shrinking is null)
                or is_marginal is distinct from (is_remote or is_at_agglomerated_margin)
            """
        )
        assert wrong.num_rows == 0


def _phi(built, one, other):
    """Pearson's correlation of two parts over small and medium-sized towns, by its formula."""
    n, x, y, both = (
        built.arrow(
            f"select count(*) as n, count(*) filter ({one}) as x, count(*) filter ({other}) as y, "  # noqa: S608
            f"count(*) filter ({one} and {other}) as xy from marts.towns "
            f"where is_smst and {one} is not null and {other} is not null"
        )
        .to_pylist()[0]
        .values()
    )
    return (n * both - x * y) / (x * (n - x) * y * (n - y)) ** 0.5


def test_distance_counts_once(store, full_store):
    """Of the former parts three were distance: remote and short of tiers went together by 0.46."""
    parts = ("is_shrinking", "is_marginal", "is_short_of_services", "is_without_rank")
    for built in (store, full_store):
        pairs = {
            (one, other): _phi(built, one, other) for one in parts for other in parts if one < other
        }
        assert max(map(abs, pairs.values())) < 0.25, pairs
    assert _phi(store, "is_remote", "(tiers_beyond_target >= 1)") > 0.4


def test_real_services_decide_where_they_are_known(store, full_store):
    """Hospitals: Siatista's nearest is out of 15 minutes, Bebra's, Ninove's, Fermignano's not."""
    for case, is_short in (("voio", True), ("bebra", False), ("ninove", False)):
        town = partner(full_store, case)
        assert town["services_basis"] == "registers"
        assert town["is_short_of_services"] is is_short
        profile = small_towns.fragility(full_store, town)
        assert [row["label"] for row in profile.services] == ["Hospital (any site)"]
        assert profile.count == town["fragility_count"]
    fermignano = partner(full_store, "fermignano")
    assert fermignano["is_short_of_services"] is False
    before = partner(store, "fermignano")
    assert before["services_basis"] == "places of a size"
    assert before["is_short_of_services"] is True
    bases = full_store.arrow(
        "select country, services_basis, count(*) as n from marts.towns group by all"
    ).to_pylist()
    assert {row["services_basis"] for row in bases if row["country"] == "UK"} == {
        "places of a size"
    }


def test_the_profile_of_services_is_what_the_database_counts(full_store):
    """Every twentieth town: rows and those beyond agree with the counts of the model."""
    towns = full_store.rows(
        "select * from marts.towns where is_smst and geonameid % 200 = 7 order by geonameid"
    )
    assert len(towns) > 40
    for town in towns:
        rows = small_towns.published_fragility(full_store, town).services
        assert len(rows) == town["services_known"], town["name"]
        assert sum(row["is_beyond"] for row in rows) == town["services_beyond"], town["name"]


def test_a_mapped_hospital_decides_where_no_register_knows(store, monkeypatch):
    """What an extract maps fills a gap; thinly mapped, or unmapped types say nothing."""
    town = partner(store, "voio")
    assert town["is_short_of_services"] is False  # places of a size stand in

    def extract(minutes, completeness="mapped", is_unmapped=False):
        row = {"geonameid": [town["geonameid"]]}
        settlements = pd.DataFrame({**row, "completeness": [completeness]})
        away = pd.DataFrame({**row, "minutes_hospital": [minutes], "minutes_school": [2.0]})
        types = pd.DataFrame(
            {
                "country": ["EL", "EL"],
                "type": ["hospital", "school"],
                "label": ["Hospital", "School"],
                "is_probably_not_mapped": [is_unmapped, False],
            }
        )
        return SimpleNamespace(settlements=settlements, minutes=away, types=types)

    def answer(attached):
        monkeypatch.setattr(osm, "attached", lambda _store: attached)
        profile = small_towns.fragility(store, town)
        return profile.parts["is_short_of_services"], len(profile.services), profile.count

    base = town["fragility_count"]
    assert answer(None) == (False, 2, base)
    assert answer(extract(15.1)) == (True, 2, base + 1)
    assert answer(extract(15.0)) == (False, 2, base)
    assert answer(extract(float("nan"))) == (True, 2, base + 1)
    assert answer(extract(90.0, is_unmapped=True)) == (False, 1, base)  # the school alone
    assert answer(extract(90.0, completeness="thinly mapped")) == (False, 2, base)


def test_a_town_belongs_to_the_area_of_its_municipality(store, full_store):
    """Eurostat's list: Ninove (BE_41048) is in Brussels' area; Bebra and Fermignano are in none."""
    ninove = partner(full_store, "ninove")
    assert (ninove["lau_id"], ninove["lau_name"], ninove["lau_population"]) == (
        "BE_41048",
        "Ninove",
        38_911,
    )
    assert ninove["fua_name"] == "Bruxelles/Brussel/Leuven"
    assert (ninove["role"], ninove["agglomerated_basis"]) == (
        "agglomerated",
        "functional urban area",
    )
    for case, lau in (("bebra", "DE_06632003"), ("fermignano", "IT_041014")):
        town = partner(full_store, case)
        assert (town["lau_id"], town["fua_id"]) == (lau, None)
        assert town["agglomerated_basis"] == "functional urban area"
    voio = partner(full_store, "voio")
    assert (voio["lau_id"], voio["agglomerated_basis"]) == (None, "minutes")
    # GeoNames' dimos has Siatista, Galatini, Eratyra and Neapoli; the whole Voio has 18 836.
    assert voio["municipality_code"] == "EL 9066"
    assert 5_612 < voio["municipal_settled_people"] < 18_836
    embedded = store.arrow("select distinct agglomerated_basis as b from marts.towns where is_smst")
    assert embedded["b"].to_pylist() == ["minutes"]


def test_a_seat_of_its_own_municipality_is_no_rank(store):
    """Counts of first-order seats by the countries' own divisions, and none where they are all."""
    ranks = {
        (row["country"], row["rank"]): row["n"]
        for row in store.rows(
            "select country, rank, count(*) as n from marts.towns where is_smst group by all"
        )
    }
    # Slovenia's občine and North Macedonia's opštini are municipalities: no seat above them.
    for country in ("SI", "MK", "MT", "LV", "ME"):
        assert (country, "regional_seat") not in ranks
    for country in ("RO", "DK", "NL", "SE", "TR", "PT"):
        assert (country, "provincial_seat") not in ranks
    # Germany has 294 Landkreise, France 320 arrondissements: no more seats than these.
    assert 150 < ranks["DE", "district_seat"] <= 294
    assert 0 < ranks["FR", "district_seat"] <= 320


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


def test_gozos_hospital_is_on_the_map(own_home, shared_data):
    """Victoria is far from a place of 10 000 people; Malta's extract of 2018 has its hospital."""
    store = Store.current(own_home / "build")
    victoria = store.rows("select * from marts.towns where country = 'MT' and name = 'Victoria'")[0]
    assert victoria["is_short_of_services"]
    added = runner.invoke(app, ["places", "--add", str(shared_data / "osm/malta.osm.pbf")])
    assert added.exit_code == 0, added.output
    profile = small_towns.fragility(store, victoria)
    assert [(row["service"], row["basis"]) for row in profile.services] == [
        ("hospital", "OpenStreetMap"),
        ("school", "OpenStreetMap"),
    ]
    assert profile.parts["is_short_of_services"] is False
    assert profile.count == victoria["fragility_count"] - 1


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
