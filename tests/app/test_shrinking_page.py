"""The page of shrinking regions: every filter, the address, with and without fetched files."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui import region_profile
from pages._ui.measures import DEMOGRAPHY_MEASURES
from pipelines.serve import demography
from pipelines.serve.shrinking_filter import ShrinkingFilter
from pipelines.serve.store import Store
from tests.app.test_pages import card
from tests.where import ROOT

PAGE = "pages/shrinking.py"


def open_page(page: str = PAGE, **address: str | list[str]) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for key, value in address.items():
        app.query_params[key] = value
    app.run()
    return fine(app.switch_page(page).run())


def fine(app: AppTest) -> AppTest:
    assert not app.exception, app.exception[0].message
    assert not app.error
    return app


def metric(app: AppTest, label: str) -> str:
    return next(m.value for m in app.metric if m.label == label)


@pytest.fixture
def served(full_home: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Serve the database with the publishers' files."""
    monkeypatch.setenv("HINTERLAND_HOME", str(full_home))
    return Store.current(full_home / "build")


FILTERS = [
    ("multiselect", "country", ["DE", "PL"], ShrinkingFilter(country=("DE", "PL"))),
    ("multiselect", "webb", ["E", "F"], ShrinkingFilter(webb_type=("E", "F"))),
    ("multiselect", "cause", ["active"], ShrinkingFilter(cause=("active",))),
    ("multiselect", "rate", ["severe"], ShrinkingFilter(shrinking_class=("severe",))),
    (
        "multiselect",
        "duration",
        ["continuous, severe"],
        ShrinkingFilter(duration_class=("continuous, severe",)),
    ),
    ("multiselect", "shape", ["recovering"], ShrinkingFilter(shape=("recovering",))),
    ("multiselect", "ageing", ["very old"], ShrinkingFilter(ageing_class=("very old",))),
    (
        "multiselect",
        "cohesion",
        ["less developed"],
        ShrinkingFilter(cohesion_category=("less developed",)),
    ),
    (
        "multiselect",
        "urban_rural",
        ["predominantly rural"],
        ShrinkingFilter(urban_rural=("predominantly rural",)),
    ),
    ("slider", "annual", (-4.0, -1.0), ShrinkingFilter(annual_change_pct=(None, -1.0))),
    ("slider", "age", (50.0, 57.0), ShrinkingFilter(median_age=(50.0, None))),
    ("slider", "gdp", (14.0, 50.0), ShrinkingFilter(gdp_pct_of_eu=(None, 50.0))),
    ("slider", "watch", 3, ShrinkingFilter(watch_min=3)),
]


@pytest.mark.parametrize(
    ("kind", "key", "value", "selection"), FILTERS, ids=[f[1] for f in FILTERS]
)
def test_each_filter_narrows_count_and_table(
    served: Store, kind: str, key: str, value: object, selection: ShrinkingFilter
) -> None:
    app = open_page()
    widget = getattr(app, kind)(key=key)
    if kind == "slider" and isinstance(value, tuple):
        low, high = widget.value
        value = (value[0] if value[0] > low else low, value[1] if value[1] < high else high)
    widget.set_value(value).run()
    fine(app)
    wanted = int(demography.regions(served, selection)["is_selected"].sum())
    assert 0 < wanted < 1514
    assert metric(app, "Regions selected") == f"{wanted:,} of 1,514"
    assert len(app.dataframe[0].value) == min(wanted, region_profile.PAGE)


def test_a_period_and_a_moved_threshold_recompute(served: Store) -> None:
    app = open_page()
    app.slider(key="period").set_value((2012, 2020))
    app.multiselect(key="rate").set_value(["severe"])
    app.text_input(key="shrinking_severe_annual_pct").set_value("-0.7").run()
    selection = ShrinkingFilter(
        period=(2012, 2020),
        shrinking_class=("severe",),
        moved=(("shrinking_severe_annual_pct", -0.7),),
    )
    wanted = demography.regions(served, selection)
    shown = next(d.value for d in fine(app).dataframe if "year_start" in d.value)
    assert 50 < wanted["is_selected"].sum() <= region_profile.PAGE
    assert len(shown) == wanted["is_selected"].sum()
    assert (shown["annual_change_pct"].astype(float) < -0.69).all()
    assert set(shown["year_start"]) == {2012}
    assert any("2012 to 2020; shrinking class: severe; threshold" in c.value for c in app.caption)


@pytest.mark.parametrize("measure", list(DEMOGRAPHY_MEASURES))
@pytest.mark.usefixtures("served")
def test_each_measure_colours_the_map(measure: str) -> None:
    app = open_page()
    app.selectbox(key="measure").set_value(measure).run()
    fine(app)


def test_the_boundaries_of_2024(served: Store) -> None:
    app = open_page(nuts="NUTS 2024", country=["Germany"], region="DE733")
    wanted = demography.regions(served, ShrinkingFilter(nuts_version=2024, country=("DE",)))
    assert metric(app, "Regions selected") == f"{wanted['is_selected'].sum():,} of 1,345"
    assert any("NUTS 3 of 2024" in c.value for c in app.caption)
    assert "Hersfeld-Rotenburg" in card(app)


@pytest.mark.usefixtures("served")
def test_a_moved_threshold_moves_the_class_on_the_card() -> None:
    app = open_page(region="de733")
    assert "Trend: shrinking slowly, -0.14 % a year (2017 to 2022)" in card(app)
    app.text_input(key="shrinking_severe_annual_pct").set_value("-0.12")
    app.text_input(key="shrinking_moderate_annual_pct").set_value("-0.1").run()
    assert "Trend: shrinking fast, -0.14 % a year (2017 to 2022)" in card(fine(app))


@pytest.mark.usefixtures("served")
def test_search_by_name_fills_the_code() -> None:
    app = open_page()
    app.text_input(key="region_search").set_value("banskobystricky").run()
    app.selectbox(key="region_found").set_value("SK032").run()
    assert fine(app).text_input(key="region").value == "SK032"
    assert 'hc-name">Banskobystrický kraj</div><div class="hc-where">SK032' in card(app)


@pytest.mark.usefixtures("served")
def test_a_region_without_figures_and_an_unknown_code() -> None:
    app = open_page(region="UKM50")
    assert "Aberdeen" in card(app)
    app.text_input(key="region").set_value("XX999").run()
    assert "no region of level 3 with the code XX999" in fine(app).warning[0].value


@pytest.mark.usefixtures("served")
def test_a_selection_without_regions() -> None:
    app = open_page(country=["Luxembourg"], cause=["active"])
    assert metric(app, "Regions selected") == "0 of 1,514"
    assert "No region fits" in app.info[0].value


@pytest.mark.usefixtures("served")
def test_the_other_pages_say_their_years() -> None:
    links = open_page("pages/overview.py")
    captions = " ".join(c.value for c in links.caption[:-2])  # without the footer
    assert "by NUTS-3 region, census, else Eurostat's series 2011 to 2021" in captions
    assert "Figures cover 1,294 NUTS-3 regions" in captions
    assert "in 96 regions without them Eurostat's series of the same years" in captions
    assert metric(links, "Regions that lost people").endswith(" of 1,294")
    sheet = open_page("pages/place.py", region="BG425")
    words = " ".join(m.value.replace("\\", "") for m in sheet.markdown)
    assert "Eurostat's series of the same years says +5.13 % instead" in words
    assert "censuses of 2011 and 2021 (JRC)" in " ".join(c.value for c in sheet.caption)
    data = open_page("pages/data.py")
    assert any("to 1 January 2022" in m.value for m in data.markdown)


@pytest.mark.usefixtures("home")
def test_the_page_is_alive_without_fetched_files() -> None:
    app = open_page(region="DE733")
    assert metric(app, "Of these shrinking") == "520 of 1,331 known"
    assert "periods of five years" in " ".join(c.value for c in app.caption)
    assert "-0.14 % a year (2016 to 2021)" in card(app)
    assert app.slider(key="period").step == 5
    data = open_page("pages/data.py")
    assert any("holds the embedded default alone" in m.value for m in data.markdown)


@pytest.mark.usefixtures("home")
def test_a_period_of_five_year_steps_and_each_measure() -> None:
    app = open_page(region="TR100")
    app.slider(key="period").set_value((2006, 2021)).run()
    fine(app)
    for measure in DEMOGRAPHY_MEASURES:
        app.selectbox(key="measure").set_value(measure).run()
        fine(app)


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("region", "LU000"),  # is its country: one name, one line
        ("region", "NO0B1"),  # no people are known of it
        ("region", "DE733"),
        ("period", ["2021", "2001"]),  # stated from the end
    ],
)
def test_an_address_of_the_first_visit_opens(name: str, value: str | list[str]) -> None:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.query_params[name] = value
    app.run()
    app.switch_page("pages/shrinking.py").run()
    assert not app.exception


REMOTE = "predominantly rural, remote"


def annual(store: Store, condition: str) -> set[str]:
    """Return the remote regions of Bulgaria and Romania whose loss a year fits."""
    return set(
        store.column(
            "select nuts_id from marts.region_demography as d "  # noqa: S608
            "inner join marts.regions as r using (nuts_id) where d.nuts_version = 2021 "
            "and d.level = 3 and d.country in ('BG', 'RO') and r.remoteness = ? "
            f"and {condition}",
            [REMOTE],
        )
    )


@pytest.mark.usefixtures("home")
def test_what_moved_and_what_is_firm_is_of_the_selection(store: Store) -> None:
    """Severe is a loss of 1 % a year: a dial at 0.9 brings in what lies between."""
    app = open_page(country=["Bulgaria", "Romania"], remoteness=REMOTE, rate="severe", firm="true")
    now = annual(store, "d.annual_change_pct < -1")
    near = annual(store, "d.annual_change_pct between -1 and -0.9")
    shaky = annual(store, "d.annual_change_pct between -1.1 and -1")
    assert (len(now), len(near)) == (4, 1)
    text = " ".join(m.value for m in app.markdown)
    assert f"**{len(shaky)} of {len(now)}** would change class" in text
    assert f"**{len(near)}** outside the selection would enter it" in text
    assert set(app.dataframe[1].value["nuts_id"]) == near
    app.text_input(key="shrinking_severe_annual_pct").set_value("-0.9").run()
    captions = " ".join(c.value for c in fine(app).caption)
    assert "Of the selection: 4 regions at the published thresholds, 5 now." in captions
    moved = next(d.value for d in app.dataframe if "sheet" in d.value)
    codes = moved["sheet"].str.rpartition("=")[2]
    assert set(codes[moved["typology"] == "Rate class"]) == near
    assert set(codes) <= now | near  # their duration of decline may move, too


@pytest.mark.usefixtures("home")
def test_the_change_of_the_censuses_stands_beside_that_of_the_series(store: Store) -> None:
    """Vaslui: -1.02 % a year by the series 2016-21, -0.54 by the censuses 2011-21."""
    app = open_page(country=["Romania"], remoteness=REMOTE, rate="severe")
    row = app.dataframe[0].value.set_index("nuts_id").loc["RO216"]
    assert round(float(row["annual_change_pct"]), 2) == -1.02
    assert round(float(row["census_annual_change_pct"]), 2) == -0.54
    assert any("the censuses' beside it" in c.value for c in app.caption)
    selection = ShrinkingFilter(country=("RO",), shrinking_class=("severe",))
    file = demography.rows(store, selection).to_pandas().set_index("nuts_id")
    assert round(file["census_annual_change_pct"]["RO216"], 2) == -0.54
    assert ("regions", "annual_change_pct") in demography.joined(selection)
