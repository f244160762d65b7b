"""The pages on small towns, social places, case studies and what fits, without a browser."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.where import ROOT


def opened(page: str, **query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.run()
    app.switch_page(f"pages/{page}.py")
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, app.exception
    return app


def texts(app: AppTest) -> str:
    parts = [
        e.value
        for kind in ("markdown", "caption", "header", "subheader", "info", "warning")
        for e in app.get(kind)
    ]
    return "\n".join(parts).replace("\\", "")  # without the marks of escaped Markdown


def frame(app: AppTest, column: str):
    """Return the table on the page that has a column."""
    return next(f.value for f in app.dataframe if column in f.value)


@pytest.fixture
def ids(home, store):
    rows = store.arrow(
        "select id, geonameid from marts.case_studies where geonameid is not null"
    ).to_pylist()
    return {row["id"]: str(row["geonameid"]) for row in rows}


def test_social_places_filters_table_and_map_alike(home, store):
    app = opened("social_places")
    total = store.arrow("select count(*) as n from marts.social_places")["n"][0].as_py()
    assert app.metric[0].value == f"{total:,}"
    app.multiselect(key="kind").select("event").run()
    events = store.arrow("select count(*) as n from marts.social_places where kind = 'event'")
    assert app.metric[0].value == str(events["n"][0].as_py()) != f"{total:,}"
    assert len(app.dataframe[0].value) == events["n"][0].as_py()


def test_social_places_lists_columns_filter_any_of_their_values(home, store):
    app = opened("social_places")
    app.multiselect(key="capital").select("bridging").run()
    expected = store.arrow(
        "select count(*) as n from marts.social_places "
        "where list_contains(social_capital, 'bridging')"
    )["n"][0].as_py()
    assert len(app.dataframe[0].value) == expected > 0


def test_an_empty_selection_says_so(home):
    app = opened("social_places")
    app.multiselect(key="kind").select("event").run()
    app.multiselect(key="type").select("library").run()
    if len(app.metric) and app.metric[0].value == "0":
        assert "No entry fits this filter" in texts(app)
    else:
        pytest.fail("an event of type library is not expected in the catalogue")


def test_a_place_is_shown_in_full_from_the_address_bar(home):
    app = opened("social_places", place="babbelonie")
    shown = texts(app)
    if "There is no entry" in shown:
        pytest.fail(shown)
    assert "Babbelonië" in shown
    assert "Source:" in shown


def test_an_unknown_place_is_named(home):
    assert "There is no entry 'nowhere'" in texts(opened("social_places", place="nowhere"))


def test_case_study_shows_experiment_figures_and_like_towns(home, ids):
    app = opened("case_studies", case="Bebra")
    shown = texts(app)
    assert "Towns like Bebra" in shown
    assert "**Result:**" in shown
    assert "Beside Europe" in shown
    whose = [set(f.value["Whose"]) for f in app.dataframe if "Whose" in f.value]
    assert whose == [{"the document's", "ours"}]


def test_case_studies_filter(home, store):
    app = opened("case_studies")
    app.checkbox(key="tried").check().run()
    n = store.arrow("select count(distinct case_study) as n from marts.experiments")["n"][0].as_py()
    assert len(app.dataframe[0].value) == n


@pytest.mark.parametrize("case", ["Germany", "Torino", "Voio", "Pentálofos", "Trige"])
def test_every_kind_of_case_opens(home, case):
    opened("case_studies", case=case)


def test_small_towns_filter_by_role_and_fragility(home, store):
    app = opened("small_towns", country="Greece", role="isolated", fragile="remote")
    expected = store.arrow(
        "select count(*) as n from marts.towns where country = 'EL' and role = 'isolated' "
        "and is_remote and size_class in ('small_town', 'medium_town')"
    )["n"][0].as_py()
    assert app.metric[0].value == f"{expected:,}"
    assert expected > 0


def test_a_town_shows_its_type_its_parts_and_ten_like_it(home, ids):
    app = opened("small_towns", town=ids["voio"])
    shown = texts(app)
    assert "remote, shrinking region" in shown
    assert "its region shrinks: yes" in shown
    assert "Nearest large city (250 000): " in shown
    like = next(f.value for f in app.dataframe if "distance" in f.value)
    assert len(like) == 10
    assert like["distance"].is_monotonic_increasing
    assert (like["differs"].str.len() > 0).all()


def test_migration_is_told_in_steps_of_five_years(home, ids):
    """Hersfeld-Rotenburg by the embedded figures: its register broke in 2006-11 and 2011-16."""
    shown = texts(opened("small_towns", town=ids["bebra"]))
    assert (
        "in steps of five years: 2001 to 2006 -2.0, 2006 to 2011 -5.3 (across a break), "
        "2011 to 2016 +5.2 (across a break), 2016 to 2021 +2.9 per 1 000 people a year" in shown
    )
    assert "Migration history of the region is no filter here" in shown


def test_migration_history_is_a_class_where_years_are_known(full_home, monkeypatch, ids):
    monkeypatch.setenv("HINTERLAND_HOME", str(full_home))
    app = opened("small_towns", town=ids["bebra"])
    assert "in steps of five years" not in texts(app)
    assert "no filter here" not in texts(app)
    assert app.multiselect(key="history").options == ["long-lasting", "former", "new", "none"]


def test_only_other_countries(home, ids):
    app = opened("small_towns", town=ids["bebra"])
    app.checkbox(key="like_abroad").check().run()
    like = next(f.value for f in app.dataframe if "distance" in f.value)
    assert "Germany" not in set(like["country_name"])


def test_all_weights_zero_is_said_not_raised(home, ids):
    app = opened("small_towns", town=ids["bebra"])
    for slider in app.slider:
        slider.set_value(0.0)
    app.run()
    assert not app.exception
    assert "at least one weight" in texts(app)


def test_what_fits_answers_move_the_order(home, ids):
    app = opened("what_fits", town=ids["ninove"])
    before = frame(app, "Practice")["Unknown"].sum()
    app.selectbox(key="a_self_organisations").select("none").run()
    assert not app.exception
    assert frame(app, "Practice")["Unknown"].sum() < before
    assert "**agglomerated**" in texts(app)


def test_conceptual_tables_are_shown(home, ids, store):
    app = opened("what_fits", town=ids["bebra"])
    app.selectbox(key="concept").select("bridging_figures").run()
    assert not app.exception
    n = store.arrow(
        "select count(*) as n from marts.concepts where concept_table = 'bridging_figures'"
    )["n"][0].as_py()
    assert len(frame(app, "Strengths")) == n == 3


def test_what_fits_waits_for_a_town(home):
    assert "Choose a town" in texts(opened("what_fits"))


@pytest.mark.parametrize("town", ["1", "999999999", "x"])
def test_an_unknown_town_is_named(home, town):
    assert "There is no settlement" in texts(opened("what_fits", town=town))


OWN = (
    "id,name,kind,type,country,lon,lat,source\n"
    "cafe,Café am Markt,place,cafe_pub,DE,9.79,50.97,own visit\n"
    "library,Bücherei,place,library,DE,9.79,50.97,own visit\n"
)


def test_own_places_are_measured(home):
    app = opened("social_places")
    app.file_uploader(key="own_file").set_value(("mine.csv", OWN.encode(), "text/csv")).run()
    assert not app.exception
    assert "2 entries read" in app.success[0].value
    reach = next(f.value for f in app.dataframe if "within_30" in f.value).set_index("type")
    assert reach.loc["any", "within_30"] > 14_000  # Bebra and around it
    assert (reach["within_30"] + reach["without_30"] == reach["people"]).all()


def test_wrong_own_places_are_refused_by_row_and_field(home):
    app = opened("social_places")
    bad = OWN.replace("cafe_pub", "pub").replace("Bücherei", "=1+1")
    app.file_uploader(key="own_file").set_value(("mine.csv", bad.encode(), "text/csv")).run()
    assert not app.exception
    assert "cannot be used yet" in app.error[0].value
    for text in ("row 2, field type", "row 3, field name", "cafe_pub"):
        assert text in app.code[0].value


def test_an_openstreetmap_extract_is_a_result_of_its_own(home):
    extract = (ROOT / "tests" / "fixtures" / "overpass_made_by_hand.json").read_bytes()
    app = opened("social_places")
    app.radio(key="own_kind").set_value("An OpenStreetMap extract").run()
    app.file_uploader(key="own_file").set_value(("extract.json", extract, "application/json")).run()
    assert not app.exception
    assert "4 entries read; 2 settlements" in app.success[0].value
    assert "ODbL" in texts(app)
    assert "1 closed to the public" in texts(app)
    # The same file taken for own places is refused: nothing slips from one to the other.
    app.radio(key="own_kind").set_value("My own places").run()
    assert not app.exception
    assert "cannot be used yet" in app.error[0].value
    assert not app.success
