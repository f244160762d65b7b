"""The tables of the Python API: what is chosen, what is refused."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

import hinterland as hl
from pipelines.serve.store import Store
from tests.where import ROOT

pytestmark = pytest.mark.usefixtures("home")


def served(home: Path, sql: str) -> pd.DataFrame:
    """Ask the published file itself, past everything that is tested here."""
    return Store.current(home / "build").frame(sql)


def test_regions_are_those_of_the_mart_with_outlines(home: Path) -> None:
    regions = hl.regions(level=3, country="DE", trend="shrinking")
    wanted = served(
        home,
        "select nuts_id, change_pct from marts.regions where level = 3 and country = 'DE' "
        "and trend = 'shrinking' order by nuts_id",
    )
    assert sorted(regions["nuts_id"]) == list(wanted["nuts_id"])
    assert regions.crs == "EPSG:4326"
    assert regions.geometry.is_valid.all()
    # Germany's centre lies at 51°10' N, 10°27' E.
    assert 9 < regions.dissolve().centroid.x.item() < 13


def test_ranges_are_inclusive_and_leave_out_what_is_not_known(home: Path) -> None:
    lost = served(home, "select max(change_pct) as most from marts.regions where level = 2")
    most = float(lost["most"].item())
    assert len(hl.regions(level=2, change_pct=(most, None))) == 1
    assert len(hl.regions(level=2, change_pct=(None, None))) == len(hl.regions(level=2))
    assert hl.regions(level=2, change_pct=(None, 1000))["change_pct"].notna().all()


def test_regions_by_annual_change_with_two_rates_worked_out_by_hand() -> None:
    # Vogelsbergkreis: 108 574 people in 2011, 100 342 in 2021: (100342/108574)^(1/10) = 0.992146,
    # -0.785 % a year. Hersfeld-Rotenburg: 120 700 and 116 727: 0.996659, -0.334 % a year.
    def between(low: float | None, high: float | None) -> set[str]:
        codes = hl.regions(country="DE", annual_change_pct=(low, high), columns=["nuts_id"])
        return {"DE725", "DE733"} & set(codes["nuts_id"])

    assert between(-0.786, -0.785) == {"DE725"}
    assert between(-0.335, -0.334) == {"DE733"}
    assert between(None, -0.786) == set()
    assert between(-0.784, None) == {"DE733"}


def test_values_of_the_columns_own_type_choose_rows() -> None:
    places = hl.table("social_places", columns=["id", "is_social_place"])
    social = hl.table("social_places", is_social_place=True)
    assert 0 < len(social) == places["is_social_place"].sum() < len(places)
    # What pandas and NumPy hand on are numbers like any other.
    level = hl.table("regions")["level"].max()
    assert len(hl.table("regions", level=level)) == len(hl.table("regions", level=3.0)) > 0


def test_several_values_and_columns() -> None:
    regions = hl.regions(level=0, country=["PT", "ES"], columns=["nuts_id", "name"])
    assert list(regions.columns) == ["nuts_id", "name", "geometry"]
    assert list(regions["nuts_id"]) == ["ES", "PT"]


def test_towns_are_points_where_they_lie() -> None:
    towns = hl.towns(country="DE", nuts_id="DE733", population=(10_000, None))
    bebra = towns.set_index("name").loc["Bebra"]
    assert (bebra.geometry.x, bebra.geometry.y) == (bebra["lon"], bebra["lat"])
    assert bebra.geometry.distance(towns.geometry.iloc[0]) < 1
    assert (towns["population"] >= 10_000).all()


def test_access_of_one_country(home: Path) -> None:
    access = hl.access("middle_centre", country="AT", columns=["geonameid", "minutes_nearest"])
    wanted = served(
        home,
        "select geonameid, minutes_nearest from marts.access semi join "
        "(select * from marts.towns where country = 'AT') using (geonameid) "
        "where service = 'middle_centre' order by geonameid",
    )
    assert access["geonameid"].tolist() == wanted["geonameid"].tolist()
    assert access["minutes_nearest"].tolist() == wanted["minutes_nearest"].tolist()


def test_every_table_can_be_read_and_described() -> None:
    names = set(hl.indicators()["table_name"])
    assert {"regions", "towns", "access", "practices"} <= names
    for name in names:
        assert list(hl.table(name).columns) == list(hl.describe(name)["column_name"]), name
        assert hl.describe(name)["definition"].str.len().min() > 3, name


def test_missing_is_null_and_never_zero() -> None:
    regions = hl.regions(level=3, country="UK")
    assert len(regions) > 100
    assert regions["population_end"].isna().all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: hl.regions(trend="sinking"), "trend is 'sinking'; allowed are growing, stable"),
        (lambda: hl.regions(level=4), "level is 4; allowed are 0, 1, 2, 3"),
        (
            lambda: hl.regions(country="GR"),
            "country is 'GR'; Eurostat's code of Greece is EL; allowed are AL, AT",
        ),
        (lambda: hl.regions(country=[]), "country is an empty list"),
        (lambda: hl.regions(change_pct=(3, 1)), "the least value must come first"),
        (lambda: hl.regions(change_pct=("a", 1)), "numbers are allowed"),
        (lambda: hl.regions(change_pct=3), "a pair of least and largest"),
        (lambda: hl.regions(columns=["nam"]), "no column 'nam'. Did you mean name"),
        (lambda: hl.regions(columns="name"), r"a list of names is allowed: \['name'\]"),
        (lambda: hl.towns(nuts_id="DE999"), "nuts_id is 'DE999'; allowed are .* in all"),
        (lambda: hl.access("hospital"), "service is 'hospital'; this database measures"),
        (lambda: hl.table("region"), "there is no table 'region'; allowed are access"),
        (lambda: hl.table("regions", color="red"), "no column 'color'"),
        (
            lambda: hl.table("social_places", is_social_place="True"),
            r"is_social_place is 'True' \(str\); True or False is allowed",
        ),
        (
            lambda: hl.table("social_places", is_social_place=1),
            r"is 1 \(int\); True or False is allowed",
        ),
        (
            lambda: hl.table("regions", level=[3, "2"]),
            r"level is '2' \(str\); a whole number is allowed",
        ),
        (lambda: hl.table("regions", level=True), r"is True \(bool\)"),
        (lambda: hl.table("regions", nuts_id=5), r"nuts_id is 5 \(int\); a text is allowed"),
        (lambda: hl.table("case_studies", aliases="Boio"), r"aliases.* holds VARCHAR\[\]"),
        (lambda: hl.describe("region"), "there is no table 'region'"),
        (lambda: hl.export("regions", "x.shp"), "allowed are .csv"),
        (lambda: hl.fetch([]), "only is empty; allowed are None for all, or eurostat_census"),
        (lambda: hl.fetch("eurostat"), "only is 'eurostat'; allowed are eurostat_census"),
        (lambda: hl.export("thresholds", "x.csv", level=3), "no column 'level'"),
        (
            lambda: hl.export("regions", "x.csv", country="GR"),
            "country is 'GR'; Eurostat's code of Greece is EL; allowed are",
        ),
        (lambda: hl.regions(database="/nowhere"), "no database in /nowhere"),
    ],
)
def test_wrong_arguments_say_what_is_allowed(call: object, message: str) -> None:
    with pytest.raises(hl.HinterlandError, match=message):
        call()  # type: ignore[operator]


def test_yearly_figures_where_they_were_fetched(
    full_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HINTERLAND_HOME", str(full_home))
    series = hl.series("DE733", years=(2015, 2016), columns=["year", "population", "births"])
    assert series["year"].tolist() == [2015, 2016]
    assert series["population"].between(110_000, 125_000).all()
    with pytest.raises(hl.HinterlandError, match="nuts_version is 2016; allowed are 2021, 2024"):
        hl.series("DE733", nuts_version=2016)


def test_nothing_heavy_is_loaded_by_the_import() -> None:
    heavy = ("pandas", "numpy", "duckdb", "pyarrow", "geopandas", "scipy", "requests", "typer")
    code = f"import sys, hinterland; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout.strip() == "[]"


def test_export_writes_what_the_command_writes(tmp_path: Path) -> None:
    assert hl.export("towns", tmp_path / "towns.parquet", country="LU") == len(
        hl.towns(country="LU")
    )
    assert pd.read_parquet(tmp_path / "towns.parquet")["country"].eq("LU").all()


def test_a_table_is_cited_with_its_database_and_sources(home: Path) -> None:
    cited = hl.cite("regions")
    database = Store.current(home / "build").pointer.hash
    for words in (hl.__version__, database, date.today().isoformat(), "Table regions"):
        assert words in cited.text
        assert words in cited.bibtex
    assert "url = " not in cited.bibtex, "no address was asked"
    used = {name for text in hl.describe("regions")["sources"] for name in text.split(", ")}
    sources = hl.table("sources").set_index("name")["citation"]
    assert set(cited.sources) == set(sources[list(used - {""})].dropna()) - {""}
    assert any("GISCO" in source for source in cited.sources)
    assert str(cited).endswith(cited.sources[-1])


@pytest.mark.parametrize(
    ("call", "credit"),
    [
        (lambda: hl.regions(0), "EuroGeographics"),
        (lambda: hl.towns("LI"), "GeoNames"),
        (lambda: hl.table("access", service="upper_centre", within_60=0), "GeoNames"),
        (lambda: hl.demography(0), "Eurostat"),
        (lambda: hl.alike(2951793, 1), "GeoNames"),
    ],
)
def test_a_frame_says_whose_it_is(
    home: Path, call: Callable[[], pd.DataFrame], credit: str
) -> None:
    attrs = call().attrs
    assert credit in attrs["attribution"]
    assert attrs["database"] == Store.current(home / "build").pointer.hash
    assert attrs["database"] in attrs["citation"]
    assert "CC BY 4.0" in attrs["licence"]


def test_sources_that_are_not_there_are_not_named() -> None:
    there = set(hl.table("sources", is_present=True)["name"])
    dictionary = hl.indicators()
    named = {n for text in dictionary["sources"].fillna("") for n in text.split(", ")} - {""}
    assert named <= there
    assert not dictionary["licence"].fillna("").str.contains("ODbL").any()
    described = hl.describe("regions").set_index("column_name")
    assert "gisco_nuts_2021 2021" in described.loc["urban_rural", "vintage"]
