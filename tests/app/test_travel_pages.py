"""The pages Remoteness and Services: every view and control, run without a browser."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pipelines.serve import answer_files, own_reach, search, study_area, travel_queries
from pipelines.serve.store import Store
from pipelines.serve.study_area import AreaChoice
from tests.app.test_pages import fine, metric, open_page
from tests.where import ROOT

REMOTENESS, SERVICES = "pages/remoteness.py", "pages/services.py"
pytestmark = pytest.mark.usefixtures("home")


def found(store: Store, name: str) -> int:
    return int(search.labelled(store, name, "town")["id"][0])


def view(name: str, town: int | None = None) -> AppTest:
    app = open_page(REMOTENESS)
    app.selectbox(key="view").set_value(name).run()
    if town is not None:
        app.text_input(key="town").set_value(str(town)).run()
    return fine(app)


def captions(app: AppTest) -> str:
    return " ".join(c.value for c in app.caption).replace("\\", "")  # without Markdown's escapes


def test_thresholds_recolour_the_settlements(store: Store) -> None:
    app = open_page(REMOTENESS)
    assert "SNAI 2020" in captions(app)
    assert "Re-computed, not official" in captions(app)
    assert "estimated" in captions(app)
    before = metric(app, "People in peripheral places")
    app.selectbox(key="edition").set_value("2014").run()
    assert app.slider(key="cut_belt").value == 20
    assert "belt below 20, intermediate below 40, peripheral to 75" in captions(fine(app))
    app.slider(key="cut_intermediate").set_value(90.0).run()
    assert "moved by you" in captions(fine(app))
    table = travel_queries.remoteness_classes(store, "minutes_to_pole", (20.0, 75.0, 90.0))
    far = table[table["remoteness"].isin(["peripheral", "ultra-peripheral"])]["population"].sum()
    assert metric(app, "People in peripheral places") == f"{far / 1e6:,.1f} million" != before


@pytest.mark.parametrize("step", travel_queries.TOWN_MINUTES)
def test_each_size_of_town(step: str) -> None:
    app = open_page(REMOTENESS)
    app.selectbox(key="step").set_value(step)
    app.multiselect(key="country").set_value(["IT"])
    app.select_slider(key="least").set_value(5000).run()
    rows = fine(app).dataframe[0].value
    assert set(rows["country_name"]) == {"Italy"}
    assert rows["population"].min() >= 5000
    assert rows[step].is_monotonic_decreasing


@pytest.mark.parametrize("level", [3, 0])
@pytest.mark.parametrize("column", ["beyond_share", "mean_minutes", "remoteness", "access_to_city"])
def test_each_measure_of_regions(level: int, column: str) -> None:
    app = view("regions")
    app.selectbox(key="level").set_value(level)
    app.selectbox(key="by").set_value(column).run()
    rows = fine(app).dataframe[0].value
    assert rows[column].notna().any() == (level == 3 or column in ("beyond_share", "mean_minutes"))


def test_the_limit_of_regions_moves_shares_and_types() -> None:
    app = view("regions")
    app.selectbox(key="step").set_value("minutes_to_city").run()
    near = fine(app).dataframe[0].value.set_index("nuts_id")
    app.slider(key="limit").set_value(90).run()
    far = fine(app).dataframe[0].value.set_index("nuts_id")
    near = near.loc[far.index]
    assert (far["beyond_share"].dropna() <= near["beyond_share"].dropna()).all()
    remote = "predominantly rural, remote"
    assert (far["remoteness"] == remote).sum() < (near["remoteness"] == remote).sum()
    app.slider(key="share").set_value(0.9).run()
    strict = fine(app).dataframe[0].value
    assert (strict["remoteness"] == remote).sum() > (far["remoteness"] == remote).sum()


@pytest.mark.parametrize("stated", ["whatif", "What if a site closed or opened"])
def test_an_old_address_of_what_if_leads_to_its_page(stated: str) -> None:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.switch_page(REMOTENESS)
    app.query_params["view"] = stated
    app.query_params["town"] = "2951793"
    app.query_params["service"] = "Middle centre"
    app.run()
    assert not app.exception
    assert "has a page of its own now" in app.info[0].value
    links = " ".join(str(e.proto.body) for e in app.get("html"))
    assert "what-if?service=Middle+centre&amp;town=2951793" in links


def test_bands_around_a_town(store: Store) -> None:
    assert "Choose a town" in view("around").info[0].value
    app = view("around", found(store, "Bebra"))
    rows = app.dataframe[0].value
    assert rows.iloc[0]["name"] == "Bebra"
    assert rows.iloc[0]["minutes"] == 0
    assert "Bad Hersfeld" in set(rows[rows["minutes"] <= 30]["name"])
    assert rows["minutes"].max() <= 90


@pytest.mark.parametrize("service", ["basic_centre", "middle_centre", "upper_centre"])
def test_each_service_has_its_reference_line_and_a_list(store: Store, service: str) -> None:
    app = open_page(SERVICES)
    app.selectbox(key="service").set_value(service).run()
    fine(app)
    line = {"basic_centre": 20, "middle_centre": 30, "upper_centre": 60}[service]
    assert app.slider(key="minutes").value == line
    assert f"Reference line: {line} minutes." in captions(app)
    assert "A stand-in for services" in captions(app)
    rows = app.dataframe[0].value
    assert not (rows["minutes_nearest"] <= line).any()
    before = int(metric(app, f"People beyond {line} minutes").replace(",", ""))
    app.slider(key="minutes").set_value(90).run()
    assert int(metric(fine(app), "People beyond 90 minutes").replace(",", "")) < before


@pytest.mark.parametrize(
    "column",
    [
        "minutes_second",
        "minutes_mean_3",
        "within_15",
        "within_30",
        "within_60",
        "supply_score",
        "border_effect_min",
        "minutes_cycle",
    ],
)
def test_each_measure_of_settlements(column: str) -> None:
    app = open_page(SERVICES)
    app.multiselect(key="country").set_value(["LU"])
    app.selectbox(key="by_settlements").set_value(column).run()
    assert set(fine(app).dataframe[0].value["country_name"]) <= {"Luxembourg"}


def test_minutes_on_foot_say_what_they_are() -> None:
    app = open_page(SERVICES)
    app.selectbox(key="by_settlements").set_value("minutes_walk").run()
    words = captions(fine(app))
    assert "the straight distance × 1.3, at 4.8 km/h on foot" in words
    assert "Public transport is not covered." in words
    assert "by car in free flow" not in words


@pytest.mark.parametrize(
    "column",
    [
        "within_15_share",
        "within_30_share",
        "within_60_share",
        "beyond_limit_share",
        "minutes_mean",
        "minutes_p90",
        "border_effect_min",
        "desert_share",
    ],
)
def test_each_measure_of_regions_of_services(column: str) -> None:
    app = open_page(SERVICES)
    app.selectbox(key="place").set_value("regions").run()
    app.selectbox(key="by_regions").set_value(column)
    app.selectbox(key="level").set_value(2).run()
    rows = fine(app).dataframe[0].value
    assert len(rows) == 334
    assert rows[column].notna().sum() > 300


def own_file(name: str, text: bytes) -> AppTest:
    app = open_page(SERVICES)
    app.selectbox(key="service").set_value("own").run()
    app.file_uploader(key="facilities").set_value((name, text, "text/csv")).run()
    assert not app.exception
    return app


def test_own_facilities_are_measured() -> None:
    app = fine(own_file("mine.csv", b"id,lon,lat,capacity\nbebra,9.79,50.97,3\nfar,-40,45,1\n"))
    said = captions(app)
    assert "1 facility is set aside, for it lies near no settlement: far" in said
    assert "Supply per person shares out the capacities of your file." in said
    assert "The dot is your facility." in said
    assert "nobody" not in said, "nothing is said of no facility"
    app.slider(key="minutes").set_value(5).run()
    app.selectbox(key="area").set_value("country")
    app.multiselect(key="country").set_value(["LU"]).run()
    assert set(fine(app).dataframe[0].value["country_name"]) == {"Luxembourg"}


EXCEL = "Name;lat;lon\nBebra;50,97;9,79\nFulda;50,55;9,68\nHünfeld;50,67;9,77\n;;\n".encode()


def test_three_libraries_answer_for_their_own_regions() -> None:
    """By hand: Fulda (DE732) and Hersfeld-Rotenburg (DE733), and who touches them."""
    app = fine(own_file("mine.csv", EXCEL))
    said = captions(app)
    assert "no column 'id'; the rows are numbered from 1" in said
    assert "decimal commas read as decimal points" in said
    assert "1 empty row left out" in said
    assert "Study area: 2 NUTS-3 regions of the facilities and 8 beside them." in said
    rows = app.dataframe[0].value
    assert set(rows["region_name"]) <= {
        "Fulda",
        "Hersfeld-Rotenburg",
        "Vogelsbergkreis",
        "Main-Kinzig-Kreis",
        "Bad Kissingen",
        "Rhön-Grabfeld",
        "Schmalkalden-Meiningen",
        "Wartburgkreis",
        "Schwalm-Eder-Kreis",
        "Werra-Meißner-Kreis",
    }
    people = int(metric(app, "People beyond 20 minutes").replace(",", ""))
    assert 500_000 < people < 1_500_000
    # Bebra, Hünfeld and Fulda themselves are near; whoever reaches none is named with its library.
    assert not {"Bebra", "Fulda", "Hünfeld"} & set(rows["name"])
    assert {"Bebra", "Fulda"} <= set(rows["nearest_name"])


def test_each_study_area(store: Store) -> None:
    app = fine(own_file("mine.csv", EXCEL))
    app.selectbox(key="area").set_value("region").run()
    assert "Give the NUTS code" in fine(app).info[0].value
    app.text_input(key="area_region").set_value("de733").run()
    assert "Study area: Hersfeld-Rotenburg (DE733)." in captions(fine(app))
    people = store.column(
        "select sum(population) from marts.towns where nuts_id = 'DE733' and part_of is null"
    )[0]
    assert f"{people:,} people live in the study area." in captions(app)
    app.text_input(key="area_region").set_value("DE7XY").run()
    assert "no region with the code 'DE7XY'" in app.error[0].value
    app.selectbox(key="area").set_value("radius").run()
    app.slider(key="area_km").set_value(10).run()
    assert "Study area: 10 km around each facility." in captions(fine(app))
    assert int(metric(app, "People beyond 20 minutes").replace(",", "")) < 20_000
    app.selectbox(key="area").set_value("country").run()
    assert "Study area: Germany." in captions(fine(app))


def test_the_result_of_an_upload_is_a_file_only_when_it_is_asked_for(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []
    csv_zip = answer_files.csv_zip

    def counted(name: str, *arguments: Any) -> bytes:
        written.append(name)
        return csv_zip(name, *arguments)

    monkeypatch.setattr(answer_files, "csv_zip", counted)
    longest = "x" * 100  # the longest id that is allowed; each settlement names one
    app = fine(own_file("mine.csv", f"id,lon,lat,name\n{longest},9.79,50.97,=A1\n".encode()))
    app.slider(key="minutes").set_value(60).run()
    assert not written
    _key, own = app.session_state["own_reach"]
    assert own.table.nbytes < 20_000_000, "what a visit holds of an upload"
    with zipfile.ZipFile(io.BytesIO(own_reach.csv_zip(store, "mine.csv", own, None, None))) as box:
        table, notes = box.read("reach.csv").decode(), box.read("reach.readme.txt").decode()
    lines = table.splitlines()
    assert len(lines) == 1 + store.column("select count(*) from marts.towns")[0]
    head, first, *_rest = csv.reader(lines)
    names = "geonameid,name,country,nuts_id,region_name,population,lon,lat,minutes_nearest"
    assert ",".join(head[:9]) == names
    assert first[head.index("nearest_name")] == "'=A1", "a name is no formula"
    assert "selection: mine.csv; all settlements" in notes
    assert "minutes_nearest: Minutes to the nearest facility" in notes
    assert "GeoNames" in notes
    area = study_area.study_area(store, own.sites.lon, own.sites.lat, AreaChoice())
    rows = own_reach.rows_of(store, own, area)
    document = json.loads(own_reach.geojson(store, "mine.csv", own, area, rows))
    assert len(document["features"]) == len(rows) == len(area.positions)
    assert document["notes"]["selection"].startswith("mine.csv; ")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.csv", b"id,lon,lat\na,1,2\na,1,2\n", "row 3: id 'a' stands already in row 2"),
        ("a.csv", b"id,lon,lat,capacity\na,9,50,-1\n", "capacity is -1"),
        ("a.csv", b"id,lon,lat,capacity\na,9,50,\nb,9,50.1,7\n", "row 2: capacity is empty"),
        ("a.csv", b"", "empty"),
        ("a.csv", b"lon,lat,capacity\n9,50,1.200\nx,50,1\n", "row 3: lon is 'x'"),
        ("a.csv", "id,lon,lat\nü,9,50\n".encode("latin-1"), "is not UTF-8"),
        ("a.geojson", b"<OGRVRTDataSource/>", "is XML, not GeoJSON"),
        (
            "a.csv",
            b"id,lon,lat\n" + b"".join(b"%d,9,50\n" % i for i in range(20_001)),
            "more than 20000",
        ),
    ],
)
def test_a_bad_file_is_named_and_nothing_else_is_shown(
    name: str, text: bytes, message: str
) -> None:
    app = own_file(name, text)
    said = "\n".join([app.error[0].value.replace("\\", ""), *(c.value for c in app.code)])
    assert message in said
    assert name in said
    assert not app.dataframe


def test_hospitals_where_their_file_was_fetched(
    full_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HINTERLAND_HOME", str(full_home))
    app = open_page(SERVICES)
    app.selectbox(key="service").set_value("hospital").run()
    assert "23 countries" in captions(fine(app))
    assert "Healthcare services: Eurostat/GISCO" in captions(app)
    gaps = next(d.value for d in app.dataframe if "finding" in d.value)
    assert gaps[gaps["finding"] == "empty: not known"]["rows"].max() > 10_000


def test_places_of_a_register_gap_are_listed_apart(
    full_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Larisa (144 651 people) has hospitals, but none in GISCO's file."""
    monkeypatch.setenv("HINTERLAND_HOME", str(full_home))
    app = open_page(SERVICES)
    app.selectbox(key="service").set_value("hospital").run()
    app.multiselect(key="country").set_value(["EL"]).run()
    ranked, apart = (app.dataframe[i].value for i in (0, 1))
    assert "Lárisa" not in set(fine(app).dataframe[0].value["name"])
    assert len(ranked)
    assert apart["name"].iloc[0] == "Lárisa"
    assert set(apart["coverage"]) <= {
        "register has no site here",
        "register has no site near its largest town",
    }
    assert "grey on the map and not in the list above or in the shares" in captions(app)


@pytest.mark.parametrize(("page", "key"), [(REMOTENESS, "view"), (SERVICES, "place")])
def test_shares_of_regions_say_where_the_settlements_are_far_from_the_people(
    store: Store, page: str, key: str
) -> None:
    counted = store.rows(
        "select count(*) filter (where settled_share < 0.7) as few, "
        "count(*) filter (where settled_share > 1.15) as many from marts.regions where level = 3"
    )[0]
    app = open_page(page)
    app.selectbox(key=key).set_value("regions").run()
    told = captions(fine(app))
    assert f"{counted['few']} (few of the people are listed)" in told
    assert f"{counted['many']} (more people are listed than live there)" in told
    rows = app.dataframe[0].value.set_index("nuts_id")
    assert rows.loc["UKI32", "settled_share"] > 30


def test_the_parts_of_a_town_are_not_counted_twice(store: Store) -> None:
    """People near a town: parts have people of their own, and their whole counts them."""
    part = store.rows(
        "select part_of, geonameid, population from marts.towns where part_of is not null "
        "order by population desc limit 1"
    )[0]
    ids = (part["part_of"], part["geonameid"])
    rows = travel_queries.town_labels(store, ids).set_index("geonameid")
    whole = rows.loc[part["part_of"]]
    assert rows["people"].sum() == whole["population"] > part["population"] > 100_000
    app = view("around", part["part_of"])
    near = fine(app).dataframe[0].value
    counted = store.column(
        "select sum(population) from marts.towns where part_of is null "
        "and geonameid in (select unnest(?))",
        [near.loc[near["minutes"] <= 30, "geonameid"].tolist()],
    )[0]
    assert metric(app, "People within 30 minutes") == f"{counted:,}"


def either_way(store: Store) -> dict[str, object]:
    """Return a town at about 48 minutes of a city; by the error of 12.2 % either side of 45."""
    rows = store.rows(
        "select * from marts.towns where minutes_to_city between 47.5 and 48.4 and nuts_id is not "
        "null and part_of is null order by population desc limit 1"
    )
    assert rows[0]["minutes_to_city"] / 1.122 < 45
    return rows[0]


def test_a_town_near_the_limit_says_that_it_could_be_either_side(store: Store) -> None:
    town = either_way(store)
    minutes = float(str(town["minutes_to_city"]))
    words = (
        f"48 minutes by car to the nearest city (estimate); could be {minutes / 1.122:.0f} to "
        f"{minutes * 1.122:.0f}, so either side of the limit of 45."
    )
    app = view("settlements", int(str(town["geonameid"])))
    assert words in captions(app)
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    app.query_params["town"] = str(town["geonameid"])
    assert words in captions(fine(app.switch_page("pages/place.py").run()))


def test_a_town_far_from_the_limit_is_on_one_side(store: Store) -> None:
    app = view("settlements", found(store, "Siátista"))  # 85 minutes
    assert "on one side of the limit of 45" in captions(app)
    assert "A city itself: 0 minutes" in captions(view("settlements", found(store, "Kassel")))


def test_how_many_classes_could_go_either_way(store: Store) -> None:
    app = open_page(REMOTENESS)
    share = store.rows(
        "select sum(population) filter (remoteness_either_way) / sum(population) as share "
        "from marts.towns where part_of is null"
    )[0]["share"]
    label = "People of uncertain class"
    shown = f"{100 * share:.1f}\u00a0%"
    assert metric(app, label) == shown
    app.slider(key="cut_belt").set_value(5.0).run()
    assert metric(fine(app), label) != shown


def test_regions_say_for_how_many_the_side_is_sure(store: Store) -> None:
    app = view("regions")
    app.selectbox(key="step").set_value("minutes_to_city").run()
    rows = fine(app).dataframe[0].value.set_index("nuts_id")
    mart = store.frame("select nuts_id, remoteness_robust from marts.regions where level = 3")
    mart = mart.set_index("nuts_id").loc[rows.index, "remoteness_robust"].astype(float)
    gap = (rows["remoteness_robust"].astype(float) - mart).dropna()
    assert len(gap) > 1400
    assert gap.abs().max() < 1e-9
    assert set(rows["people_basis"].dropna()) == {"settlements"}
    assert "Weighted by people in settlements" in captions(app)
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    app.query_params["region"] = "LI000"
    said = captions(fine(app.switch_page("pages/place.py").run()))
    share = store.rows("select remoteness_robust from marts.regions where nuts_id = 'LI000'")
    assert (
        f"for {100 * share[0]['remoteness_robust']:.0f}\u00a0% the side of the limit is sure"
        in said
    )
    assert "people counted in settlements" in said


def test_pages_say_where_the_grid_counts(grid_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HINTERLAND_HOME", str(grid_home))
    app = view("regions")
    assert "cells of 1 km² of the census of 2021 in 1 of" in captions(app)
    assert "Population grid: Eurostat, census 2021" in captions(app)
    rows = app.dataframe[0].value.set_index("nuts_id")
    assert rows.loc["LI000", "people_basis"] == "census grid"
    assert rows.loc["LI000", "people"] == 38_000
    app = open_page(SERVICES)
    app.selectbox(key="service").set_value("upper_centre")
    app.selectbox(key="place").set_value("regions").run()
    assert "cells of 1 km² of the census of 2021 in 1 of" in captions(fine(app))
    assert app.dataframe[0].value.set_index("nuts_id").loc["LI000", "people"] == 38_000
