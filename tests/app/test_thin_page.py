"""The page Shrinking and thin: every filter, every dial, the address, the region that opens."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages import shrinking_and_thin
from pages._ui import crossing_view
from pipelines.serve import crossing, dials, osm
from pipelines.serve.crossing_filter import CLASSES, TRENDS, CrossingFilter
from pipelines.serve.store import Store
from tests.app.test_pages import fine, metric
from tests.serve.test_meeting_places import LUNGAU, extract, towns_of
from tests.where import ROOT

PAGE = "pages/shrinking_and_thin.py"
pytestmark = pytest.mark.usefixtures("home")


def open_page(**address: str | list[str]) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for key, value in address.items():
        app.query_params[key] = value
    app.run()
    return fine(app.switch_page(PAGE).run())


def test_it_opens_with_what_is_embedded() -> None:
    app = open_page()
    # 36 regions shrink by more than 0.1 % a year and have more than a quarter of their people in
    # service deserts, counted by a query apart (tests/serve/test_crossing.py).
    assert metric(app, "Declining and unserved") == "36 of 1,514"
    counts = app.dataframe[0].value
    assert counts["regions"].tolist() == [36, 383, 14, 544, 317]
    captions = " ".join(c.value for c in app.caption)
    assert "no OpenStreetMap extract was added" in captions
    assert "thin, not thinning" in captions
    first = app.dataframe[1].value
    assert len(first) == crossing_view.MOST_LISTED
    assert first["nuts_id"].head(3).tolist() == ["AT321", "HR032", "EL645"]


FILTERS = [
    ("selectbox", "level", 2, CrossingFilter(level=2)),
    ("selectbox", "cross", "remote", CrossingFilter(by="remote")),
    ("multiselect", "quadrant", ["declining and unserved"], CrossingFilter(quadrant=(0,))),
    ("multiselect", "country", ["EL"], CrossingFilter(country=("EL",))),
    ("multiselect", "trend", ["growing"], CrossingFilter(trend=("growing",))),
    ("multiselect", "desert_class", ["unserved"], CrossingFilter(desert_class=("unserved",))),
    ("multiselect", "remote_class", ["remote"], CrossingFilter(remote_class=("remote",))),
    (
        "slider",
        "trend_stable_annual_pct",
        0.5,
        CrossingFilter(moved=(("trend_stable_annual_pct", 0.5),)),
    ),
    ("slider", "thin_desert_share", 0.5, CrossingFilter(moved=(("thin_desert_share", 0.5),))),
    ("slider", "thin_few_share", 0.1, CrossingFilter(moved=(("thin_few_share", 0.1),))),
    (
        "slider",
        "remoteness_close_share",
        0.8,
        CrossingFilter(moved=(("remoteness_close_share", 0.8),)),
    ),
]


@pytest.mark.parametrize(
    ("kind", "key", "value", "selection"), FILTERS, ids=[f[1] for f in FILTERS]
)
def test_each_filter_and_dial_moves_counts_and_list(
    store: Store, kind: str, key: str, value: object, selection: CrossingFilter
) -> None:
    app = open_page()
    getattr(app, kind)(key=key).set_value(value).run()
    fine(app)
    table = crossing.regions(store, selection)
    selected = int(table["is_selected"].sum())
    told = next(d.value for d in app.dataframe if "regions" in d.value)
    assert told["regions"].tolist() == crossing.summary(table, selection.by)["regions"].tolist()
    assert metric(app, told["corner"].iloc[0].capitalize()).endswith(f" of {selected:,}")
    listed = next(d.value for d in app.dataframe if "nuts_id" in d.value)
    assert len(listed) == min(selected, crossing_view.MOST_LISTED)
    assert f"Written into each file: {selection.words()}." in [c.value for c in app.caption]


def test_an_address_sets_the_filter_and_opens_the_region() -> None:
    app = open_page(
        region="el643",
        thin_desert_share="0.5",
        country="Greece",
        desert_class="unserved",
        cross="remoteness",
    )
    assert app.slider(key="thin_desert_share").value == 0.5
    assert any("threshold thin_desert_share moved to 0.5" in c.value for c in app.caption)
    (card,) = [h.proto.body for h in app.get("html") if 'data-testid="card"' in h.proto.body]
    assert "Evrytania" in card
    assert "EL643 · Greece" in card
    assert 'href="place?region=EL643"' in card
    assert app.selectbox(key="cross").value == "remote"


def test_another_dimension_under_a_chosen_quadrant() -> None:
    app = open_page()
    app.multiselect(key="quadrant").set_value(["declining and unserved"]).run()
    fine(app.selectbox(key="cross").set_value("remote").run())
    fine(app.selectbox(key="level").set_value(0).run())


def test_a_selection_without_regions_says_so() -> None:
    app = open_page()
    app.multiselect(key="country").set_value(["LU"])
    app.multiselect(key="desert_class").set_value(["unserved"]).run()
    assert "No region fits" in fine(app).info[0].value


def test_bounds_the_wrong_way_round_are_refused_in_words() -> None:
    app = open_page()
    app.slider(key="thin_few_share").set_value(0.4).run()
    assert "published thresholds are shown" in fine(app).warning[0].value
    assert metric(app, "Declining and unserved") == "36 of 1,514"


def test_the_other_list_names_the_settlements(store: Store) -> None:
    app = open_page(country="EL", quadrant="declining and unserved")
    app.selectbox(key="list").set_value("settlements").run()
    selection = CrossingFilter(country=("EL",), quadrant=(0,))
    table = crossing.regions(store, selection)
    ids = table.loc[table["is_selected"], "nuts_id"].tolist()
    rows = fine(app).dataframe[1].value
    assert len(rows) == min(crossing.settlement_rows(store, 3, ids).num_rows, 300)
    assert set(rows["country_name"]) == {"Greece"}
    assert (rows["tiers_beyond"] >= 2).all()


def test_every_cell_has_a_colour_of_its_own() -> None:
    for by, steps in CLASSES.items():
        palette = crossing_view.measure_of(by).palette
        assert isinstance(palette, dict)
        assert set(palette) == {f"{trend}|{step}" for trend in TRENDS for step in steps}
        assert len(set(palette.values())) == 9


def test_every_dial_of_the_page_moves_something() -> None:
    assert set(crossing.MOVABLE) <= set(dials.EFFECTS)
    for name in crossing.MOVABLE:
        assert set(dials.EFFECTS[name]) & set(shrinking_and_thin.TYPOLOGIES)


def test_an_attached_set_is_the_third_dimension(
    built_home: Path, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HINTERLAND_HOME", str(tmp_path))
    (tmp_path / "build").symlink_to(built_home / "build")
    towns = towns_of(store, LUNGAU)
    osm.add(store, extract(towns, towns, tmp_path / "lungau.osm.pbf"))
    app = open_page(cross="meeting places", places_class="places remain")
    assert metric(app, "Declining, few places") == "0 of 1"
    assert app.dataframe[1].value["nuts_id"].tolist() == [LUNGAU]
    for table in app.dataframe:
        assert set(table.value["attribution"]) == {osm.ATTRIBUTION}
    captions = " ".join(c.value for c in app.caption)
    assert "Meeting places are known of 1 regions" in captions
    assert "ODbL" in captions
    # What rests on the set leaves with its licence alone.
    labels = [b.proto.label for b in app.get("download_button")]
    assert labels == ["Regions (zip with the ODbL notice)"]
    app.slider(key="thin_places_share").set_value(0.5).run()
    assert any("thin_places_share moved to 0.5" in c.value for c in fine(app).caption)


def test_regions_are_filtered_and_coloured_by_an_attached_set(
    built_home: Path, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HINTERLAND_HOME", str(tmp_path))
    (tmp_path / "build").symlink_to(built_home / "build")
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.run()
    fine(app.switch_page("pages/regions.py").run())
    assert "places_class" not in [m.key for m in app.multiselect]
    assert "Meeting places" not in app.selectbox(key="measure").options
    towns = towns_of(store, LUNGAU)
    osm.add(store, extract(towns, towns, tmp_path / "lungau.osm.pbf"))
    fine(app.run())
    everything = [d.value for d in app.dataframe]
    assert all("attribution" not in frame for frame in everything)
    app.selectbox(key="measure").set_value("places_state").run()
    captions = " ".join(c.value for c in fine(app).caption)
    assert "not covered: no added extract says anything" in captions
    assert "ODbL" in captions
    legend = next(h.value for h in app.get("html") if 'data-testid="legend"' in h.value)
    total = store.column("select count(*) from marts.regions where level = 3")[0]
    assert f"{total - 1:,}" in legend.split("not covered")[1]
    app.multiselect(key="places_class").set_value(["places remain"]).run()
    assert metric(fine(app), "Regions selected") == f"1 of {total:,}"
    listed = next(d.value for d in app.dataframe if "nuts_id" in d.value)
    assert listed["nuts_id"].tolist() == [LUNGAU]
    # The table's own toolbar saves what it shows, so the source stands in each row.
    assert listed["attribution"].tolist() == [osm.ATTRIBUTION]
    labels = [b.proto.label for b in app.get("download_button")]
    assert labels == ["Regions (zip with the ODbL notice)"]


def test_a_settlement_covered_shows_its_types_on_its_sheet(
    built_home: Path, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HINTERLAND_HOME", str(tmp_path))
    (tmp_path / "build").symlink_to(built_home / "build")
    towns = towns_of(store, LUNGAU)
    town = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    town.query_params["town"] = str(towns[0]["geonameid"])
    town.run()
    fine(town.switch_page("pages/place.py").run())
    adds = "an OpenStreetMap extract of the country adds"
    assert adds in " ".join(c.value for c in town.caption)
    osm.add(store, extract(towns, towns[:1], tmp_path / "lungau.osm.pbf"))
    fine(town.run())
    facts = [h.proto.body for h in town.get("html") if h.proto.body.startswith("<dl")]
    strip = next(body for body in facts if "<dt>Library</dt>" in body)
    assert "<dt>Library</dt><dd>here</dd>" in strip
    assert strip.count("<dd>here</dd>") == 5
    captions = " ".join(c.value for c in town.caption)
    assert adds not in captions
    assert osm.ATTRIBUTION in captions
