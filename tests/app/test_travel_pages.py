"""The pages Remoteness and Services: every view and control, run without a browser."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from pipelines.serve import search, travel, travel_queries
from pipelines.serve.store import Store
from tests.app.test_pages import fine, metric, open_page

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


def test_bands_around_a_town(store: Store) -> None:
    assert "Choose a town" in view("around").info[0].value
    app = view("around", found(store, "Bebra"))
    rows = app.dataframe[0].value
    assert rows.iloc[0]["name"] == "Bebra"
    assert rows.iloc[0]["minutes"] == 0
    assert "Bad Hersfeld" in set(rows[rows["minutes"] <= 30]["name"])
    assert rows["minutes"].max() <= 90


def test_what_if_a_centre_closes_and_another_opens(store: Store) -> None:
    town = found(store, "Siátista")
    assert "Choose a town" in view("whatif").info[0].value
    app = view("whatif", town)
    app.selectbox(key="service").set_value("middle_centre").run()
    assert "Choose sites that close" in fine(app).info[0].value
    near = travel_queries.sites_near(store, "middle_centre", town)["site_id"].tolist()
    app.multiselect(key="close").set_value(near[:2]).run()
    rows = fine(app).dataframe[0].value
    assert len(rows)
    assert (rows["change_min"] > 0).all()
    assert metric(app, "People who gain time") == "0"
    app.checkbox(key="open").set_value(True).run()
    after = fine(app).dataframe[0].value
    assert (after["change_min"] < 0).any()
    # Half of the ends of a trip (travel_terminal_min, 5.8): the site lies in the place.
    assert after.set_index("name").loc["Siátista", "minutes_after"] == pytest.approx(2.9)
    answered = next(c.value for c in app.caption if c.value.startswith("Answered in"))
    assert float(answered.split()[2]) <= 1.0


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
    assert "1 facilities were set aside, near no settlement: far" in captions(app)
    assert "supply_score shares out: capacity." in captions(app)
    app.slider(key="minutes").set_value(120).run()
    app.multiselect(key="country").set_value(["LU"]).run()
    assert set(fine(app).dataframe[0].value["country_name"]) == {"Luxembourg"}


def test_the_result_of_an_upload_is_a_file_only_when_it_is_asked_for(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[pa.Table] = []
    to_csv = travel.to_csv
    monkeypatch.setattr(travel, "to_csv", lambda table: written.append(table) or to_csv(table))
    longest = "x" * 100  # the longest id that is allowed; each settlement names one
    app = fine(own_file("mine.csv", f"id,lon,lat\n{longest},9.79,50.97\n".encode()))
    app.slider(key="minutes").set_value(120).run()
    assert not written
    _key, own = app.session_state["own_reach"]
    assert own.table.nbytes < 20_000_000, "what a visit holds of an upload"
    lines = own.csv().splitlines()
    assert len(lines) == 1 + store.column("select count(*) from marts.towns")[0]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.csv", b"id,lon,lat\na,1,2\na,1,2\n", "row 3: id 'a' stands already in row 2"),
        ("a.csv", b"id,lon,lat,capacity\na,9,50,-1\n", "capacity is -1"),
        ("a.csv", b"", "empty"),
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
    said = app.error[0].value.replace("\\", "")
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
    app = open_page("pages/towns.py")
    app.text_input(key="town").set_value(str(town["geonameid"])).run()
    assert words in " ".join(m.value for m in fine(app).markdown)


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
    assert metric(app, label) == f"{share:.1%}"
    app.slider(key="cut_belt").set_value(5.0).run()
    assert metric(fine(app), label) != f"{share:.1%}"


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
    app = open_page("pages/regions.py")
    app.text_input(key="region").set_value("LI000").run()
    said = " ".join(m.value for m in fine(app).markdown)
    share = store.rows("select remoteness_robust from marts.regions where nuts_id = 'LI000'")
    assert f"for {share[0]['remoteness_robust']:.0%} the side of the limit is sure" in said
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
