"""Every page and every filter, run by Streamlit's own test driver."""

from __future__ import annotations

import importlib
import inspect
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui import directory, finder, region_profile
from pipelines.core.pointer import POINTER, read_pointer
from pipelines.serve import queries, region_panel, search
from pipelines.serve import store as store_module
from pipelines.serve import texts as catalogue
from pipelines.serve.filters import RegionFilter, TownFilter
from pipelines.serve.store import Store
from tests.where import ROOT

PAGES = sorted(entry.path for entry in directory.PAGES)


def open_page(page: str | None = None) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    if page:
        app.switch_page(page).run()
    assert not app.exception, app.exception[0].message
    return app


def metric(app: AppTest, label: str) -> str:
    return next(m.value for m in app.metric if m.label == label)


def card(app: AppTest) -> str:
    """Return the card beside the map as HTML."""
    drawn = [html.proto.body for html in app.get("html")]
    (body,) = [body for body in drawn if 'data-testid="card"' in body]
    return body


def fine(app: AppTest) -> AppTest:
    assert not app.exception, app.exception[0].message
    assert not app.error, app.error[0].value
    return app


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("page", PAGES)
def test_every_page_runs_and_says_its_sources(page: str) -> None:
    app = fine(open_page(page))
    assert app.title[0].value.endswith("?")
    captions = " ".join(e.value for e in [*app.caption, *app.text])
    assert "© EuroGeographics for the administrative boundaries" in captions
    assert "GeoNames (geonames.org), CC BY 4.0" in captions


def test_every_page_has_its_entry_and_every_entry_its_page() -> None:
    files = {p.relative_to(ROOT).as_posix() for p in (ROOT / "pages").glob("*.py")}
    assert files - {"pages/__init__.py"} == set(PAGES)
    addresses = [entry.url for entry in directory.PAGES]
    assert addresses[0] == ""
    assert len(set(addresses)) == len(addresses)
    for entry in directory.PAGES:
        main = importlib.import_module(f"pages.{entry.name}").main
        assert list(inspect.signature(main).parameters) == ["store"], entry.name


def test_the_readme_shows_every_page() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    for entry in directory.PAGES:
        assert entry.title in readme, entry.title


@pytest.mark.usefixtures("home")
def test_a_language_is_spoken_by_the_page_that_is_asked_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "xx" / "LC_MESSAGES" / "hinterland.po"
    file.parent.mkdir(parents=True)
    file.write_text(
        'msgid "Where is Europe shrinking?"\nmsgstr "Ẁhéré?"\n\n'
        'msgid "Population change"\nmsgstr "Chängé"\n',
        "utf-8",
    )
    monkeypatch.setattr(catalogue, "LOCALE", tmp_path)
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.query_params["lang"] = "xx"
    assert fine(app.run()).title[0].value == "Ẁhéré?"
    # The dictionary's labels are translated too, and the visit keeps its language.
    fine(app.switch_page("pages/regions.py").run())
    assert app.selectbox(key="measure").options[0] == "Chängé"
    english = open_page()
    assert english.title[0].value == "Where is Europe shrinking?"


@pytest.mark.parametrize("page", PAGES)
def test_every_page_says_what_to_do_without_a_database(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HINTERLAND_HOME", str(tmp_path))
    app = open_page(page)
    assert "Run 'hinterland build'" in app.error[0].value


def test_an_old_database_is_refused_in_words(
    built_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pointer = json.loads((built_home / "build" / POINTER).read_text())
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / POINTER).write_text(json.dumps(pointer | {"schema_version": 0}))
    monkeypatch.setenv("HINTERLAND_HOME", str(tmp_path))
    assert "has schema 0" in open_page().error[0].value


def _torn(folder: Path) -> None:
    """Overwrite every block of the database behind its headers, in place."""
    path = folder / read_pointer(folder).file
    with path.open("r+b") as file:
        file.seek(3 * 4096)
        file.write(bytes(path.stat().st_size - 3 * 4096))


def _without_maps(folder: Path) -> None:
    shutil.rmtree((folder / read_pointer(folder).file).with_suffix(".maps"))


@pytest.mark.parametrize(("harm", "words"), [(_torn, "is damaged"), (_without_maps, "bounds.json")])
def test_a_database_harmed_under_a_page_ends_in_a_sentence(
    harm: Callable[[Path], None],
    words: str,
    built_home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shutil.copytree(built_home / "build", tmp_path / "build")
    monkeypatch.setenv("HINTERLAND_HOME", str(tmp_path))
    app = open_page()
    harm(tmp_path / "build")
    app.switch_page("pages/small_towns.py").run()
    assert not app.exception
    assert words in app.error[0].value
    assert "Run 'hinterland build'" in app.error[0].value


def test_a_query_that_takes_too_long_ends_in_a_sentence(
    built_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(built_home / "build", tmp_path / "build")
    monkeypatch.setenv("HINTERLAND_HOME", str(tmp_path))
    monkeypatch.setattr(store_module, "QUERY_SECONDS", 0.3)
    slow = "select count(*) from range(300000000) t(i) where sqrt(i + random()) < 3"
    monkeypatch.setattr(queries, "europe", lambda store: store.rows(slow)[0])
    app = open_page()
    assert "took longer than 0 seconds" in app.error[0].value


@pytest.mark.usefixtures("home")
def test_overview_shows_the_four_figures() -> None:
    app = open_page()
    # Census where it is known (1 198 regions, 583 and 290), else the raw five-year figures
    # (96 more, 19 and 4), counted apart from the code.
    assert metric(app, "Regions that lost people") == "602 of 1,294"
    assert metric(app, "Regions that lost more than 5 %") == "294"


REGION_FILTERS = [
    ("multiselect", "country", ["DE", "EL"], RegionFilter(countries=("DE", "EL"))),
    ("multiselect", "trend", ["shrinking"], RegionFilter(trend=("shrinking",))),
    (
        "multiselect",
        "urban_rural",
        ["predominantly rural"],
        RegionFilter(urban_rural=("predominantly rural",)),
    ),
    (
        "multiselect",
        "mountain",
        ["mountain: surface"],
        RegionFilter(mountain=("mountain: surface",)),
    ),
    ("multiselect", "coastal", ["on the coast"], RegionFilter(coastal=("on the coast",))),
    (
        "multiselect",
        "border",
        ["land border (external)"],
        RegionFilter(border=("land border (external)",)),
    ),
    ("multiselect", "island", ["island"], RegionFilter(island=("island",))),
    ("slider", "change", (-26, -5), RegionFilter(change_max=-5)),
    ("select_slider", "density", (0, 50), RegionFilter(density_max=50)),
    (
        "multiselect",
        "remoteness",
        ["predominantly rural, remote"],
        RegionFilter(remoteness=("predominantly rural, remote",)),
    ),
    ("slider", "deserts", (0.25, 1.0), RegionFilter(desert_min=0.25)),
    ("select_slider", "city_minutes", (60, 120), RegionFilter(minutes_min=60, minutes_max=120)),
    ("selectbox", "level", 2, RegionFilter(level=2)),
]


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("kind", "key", "value", "selection"), REGION_FILTERS, ids=[f[1] for f in REGION_FILTERS]
)
def test_each_region_filter_narrows_map_table_and_count(
    store: Store, kind: str, key: str, value: object, selection: RegionFilter
) -> None:
    app = open_page("pages/regions.py")
    getattr(app, kind)(key=key).set_value(value).run()
    fine(app)
    wanted = len(region_panel.regions(store, selection))
    shown = metric(app, "Regions selected")
    total = {3: 1514, 2: 334}[selection.level]
    assert shown == f"{wanted:,} of {total:,}"
    assert 0 < wanted <= total
    assert len(app.dataframe[0].value) == min(wanted, region_profile.PAGE)


@pytest.mark.usefixtures("home")
def test_order_and_page_run_over_the_whole_selection(store: Store) -> None:
    app = open_page("pages/regions.py")
    app.multiselect(key="country").set_value(["DE"])
    app.selectbox(key="order").set_value("largest first").run()
    first = fine(app).dataframe[0].value
    assert first["nuts_id"].iloc[0] == "DE300"
    next(s for s in app.selectbox if s.label == "Page of 3").set_value(3).run()
    last = fine(app).dataframe[0].value
    wanted = region_panel.regions(store, RegionFilter(countries=("DE",)))
    assert len(last) == len(wanted) - 2 * region_profile.PAGE
    assert last["population_end"].min() == wanted["population_end"].min()


@pytest.mark.usefixtures("home")
def test_filters_together_and_a_selection_without_regions() -> None:
    app = open_page("pages/regions.py")
    app.multiselect(key="country").set_value(["LU"])
    app.multiselect(key="trend").set_value(["shrinking"]).run()
    assert metric(fine(app), "Regions selected") == "0 of 1,514"
    assert "No region fits" in app.info[0].value


@pytest.mark.usefixtures("home")
def test_a_filter_stays_while_the_level_is_changed_again_and_again() -> None:
    app = open_page("pages/regions.py")
    for level in (1, 0, 2, 3):
        fine(app.selectbox(key="level").set_value(level).run())
    app.slider(key="change").set_range(-26, -5).run()
    for level in (2, 0, 3):
        fine(app.selectbox(key="level").set_value(level).run())
        assert app.slider(key="change").value == (-26, -5)
    assert metric(app, "Regions selected") == "294 of 1,514"


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    "column",
    [
        "annual_change_pct",
        "density_per_km2",
        "trend",
        "urban_rural",
        "mountain",
        "coastal",
        "border",
        "island",
        "smst_population_share",
        "desert_share",
        "minutes_to_city",
        "remoteness",
    ],
)
def test_each_measure_colours_the_map(column: str) -> None:
    app = open_page("pages/regions.py")
    app.selectbox(key="measure").set_value(column).run()
    fine(app)


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("method", ["quantiles", "equal", "deviation"])
@pytest.mark.parametrize("level", [3, 0])
def test_each_method_of_classes(method: str, level: int) -> None:
    app = open_page("pages/regions.py")
    app.selectbox(key="level").set_value(level)
    app.selectbox(key="method").set_value(method).run()
    fine(app)


@pytest.mark.usefixtures("home")
def test_an_unknown_code_is_said() -> None:
    app = open_page("pages/regions.py")
    app.text_input(key="region").set_value("XX999").run()
    assert "no region with the code XX999" in fine(app).warning[0].value


@pytest.mark.usefixtures("home")
def test_search_fills_the_code() -> None:
    app = open_page("pages/regions.py")
    app.text_input(key="region_search").set_value("pesaro").run()
    app.selectbox(key="region_found").set_value("ITI31").run()
    assert fine(app).text_input(key="region").value == "ITI31"
    assert "Pesaro e Urbino" in card(app)


@pytest.mark.usefixtures("home")
def test_the_address_reproduces_the_view() -> None:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.query_params["trend"] = "shrinking"
    app.query_params["country"] = ["Germany", "Greece"]
    app.query_params["region"] = "DE733"
    app.run()
    app.switch_page("pages/regions.py").run()
    fine(app)
    assert app.multiselect(key="trend").value == ["shrinking"]
    assert app.multiselect(key="country").value == ["DE", "EL"]
    assert app.text_input(key="region").value == "DE733"


TOWN_FILTERS = [
    ("multiselect", "country", ["IT"], TownFilter(countries=("IT",))),
    ("multiselect", "size", ["city"], TownFilter(size_class=("city",))),
    ("multiselect", "trend", ["shrinking"], TownFilter(region_trend=("shrinking",))),
    (
        "select_slider",
        "people",
        (10_000, 25_000),
        TownFilter(population_min=10_000, population_max=25_000),
    ),
    ("text_input", "within", "iti31", TownFilter(region="ITI31")),
]


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("kind", "key", "value", "selection"), TOWN_FILTERS, ids=[f[1] for f in TOWN_FILTERS]
)
def test_each_town_filter(
    store: Store, kind: str, key: str, value: object, selection: TownFilter
) -> None:
    app = open_page("pages/towns.py")
    getattr(app, kind)(key=key).set_value(value).run()
    wanted = len(queries.towns(store, selection))
    assert metric(fine(app), "Settlements selected") == f"{wanted:,}"
    assert wanted


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("text", "first"),
    [("Bebra", "Bebra"), ("torino", "Turin"), ("kozani", "Kozáni"), ("MÜNCHEN", "Munich")],
)
def test_towns_are_found_by_any_of_their_names(store: Store, text: str, first: str) -> None:
    app = open_page("pages/towns.py")
    app.text_input(key="town_search").set_value(text).run()
    fine(app)
    found = search.labelled(store, text, "town")
    assert found["label"][0].startswith(first)
    identifier = str(found["id"][0])
    app.selectbox(key="town_found").set_value(identifier).run()
    assert fine(app).text_input(key="town").value == identifier
    assert f'<div class="hc-name">{first}' in card(app)


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(("text", "words"), [("1", "no settlement with"), ("abc", "no settlement")])
def test_a_wrong_town_id_is_said(text: str, words: str) -> None:
    app = open_page("pages/towns.py")
    app.text_input(key="town").set_value(text).run()
    assert words in fine(app).warning[0].value


@pytest.mark.usefixtures("home")
def test_definitions_can_be_searched() -> None:
    app = open_page("pages/data.py")
    app.text_input(key="find").set_value("compound").run()
    shown = set(fine(app).dataframe[0].value["column_name"])
    assert shown == {"annual_change_pct", "series_annual_change_pct"}


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("page", PAGES)
def test_a_search_on_every_page_finds_towns_regions_and_cases(page: str) -> None:
    app = open_page(page)
    app.text_input(key="find_place").set_value("valencia").run()
    drawn = [html.proto.body for html in fine(app).get("html")]
    (hits,) = [
        body
        for body in drawn
        if body.startswith('<div class="hinterland-hits">') and "Valencia" in body
    ]
    assert 'href="place?town=2509954"' in hits
    assert "Valencia (Valencia/València, Spain, 824,340 people)" in hits
    assert 'href="place?region=ES52"' in hits


#: What a person types, the title of what opens, and pages that choose another such place.
OPENED = {
    "DE733": ("Hersfeld-Rotenburg", {"region": "BG311"}, ("regions", "shrinking", "place")),
    "2951793": ("Bebra", {"town": "725905"}, ("towns", "small_towns", "what_fits", "place")),
}


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("text", "page"), [(text, page) for text, (_, _, pages) in OPENED.items() for page in pages]
)
def test_a_single_place_opens_its_sheet_from_a_page_that_shows_another(
    text: str, page: str
) -> None:
    title, before, _ = OPENED[text]
    app = open_page()
    app.switch_page(f"pages/{page}.py")
    for name, value in before.items():
        app.query_params[name] = value
    fine(app.run())
    app.text_input(key="find_place").set_value(text).run()
    assert fine(app).title[0].value == title


@pytest.mark.usefixtures("home")
def test_a_single_case_opens_on_its_page() -> None:
    app = AppTest.from_file(str(ROOT / "pages/case_studies.py"), default_timeout=60)
    app.query_params["case"] = "bebra"
    app.run()
    app.text_input(key="find_place").set_value("Βόιο").run()
    assert any("Voio" in header.value for header in fine(app).header)


@pytest.mark.usefixtures("home")
def test_a_single_place_of_a_name_opens_once() -> None:
    app = open_page("pages/data.py")
    app.text_input(key="find_place").set_value("hersfeld rotenburg").run()
    assert fine(app).title[0].value == "Hersfeld-Rotenburg"
    # Who goes on from there is not called back.
    app.switch_page("pages/towns.py").run()
    assert fine(app).title[0].value.startswith("Which towns")


@pytest.mark.usefixtures("home")
def test_a_name_of_nothing_is_said() -> None:
    app = open_page("pages/towns.py")
    app.text_input(key="find_place").set_value("[zzxq](http://x)").run()
    assert any("Nothing is called" in caption.value for caption in fine(app).caption)


@pytest.mark.usefixtures("home")
def test_a_language_that_is_not_there_is_said_in_one_sentence() -> None:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.query_params["lang"] = "qq<b>"
    assert not app.run().exception
    (said,) = [i.value for i in app.info if "There is no language" in i.value]
    assert "en (English)" in said
    assert app.title[0].value == "Where is Europe shrinking?"


@pytest.mark.usefixtures("home")
def test_a_name_with_what_it_is_finds_the_place(store: Store) -> None:
    """Nothing is called "Landkreis Vogelsberg": DE725 is the Vogelsbergkreis."""
    assert "DE725" in [hit.id for hit in finder.places("Landkreis Vogelsberg", "region", 5)]
    assert not any(hit.is_exact for hit in finder.places("Landkreis Vogelsberg", "region", 5))
    assert finder.places("Vogelsbergkreis", "region", 5)[0].is_exact
