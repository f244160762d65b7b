"""The pages on small towns, social places, case studies and what fits, without a browser."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from pipelines.serve import osm
from tests import pbf
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


def number(store, where: str, table: str = "social_places") -> int:
    rows = store.arrow(f"select count(*) as n from marts.{table} where {where}")  # noqa: S608
    return rows["n"][0].as_py()


def test_social_places_show_places_first_and_the_rest_apart(home, store):
    app = opened("social_places")
    places = number(store, "kind = 'place'")
    assert app.metric[0].value == str(places) == str(len(app.dataframe[0].value))
    for kind, label in (("event", "Events"), ("programme", "Programmes"), ("body", "Bodies")):
        app.selectbox(key="kind").select(kind).run()
        assert not app.exception
        expected = number(store, f"kind = '{kind}'")
        assert app.metric[0].value == str(len(app.dataframe[0].value)) == str(expected), label
    app.selectbox(key="kind").select("").run()
    assert app.metric[0].value == f"{number(store, 'true'):,}"


@pytest.mark.parametrize(
    ("key", "value", "where"),
    [
        ("capital", "bridging", "list_contains(social_capital, 'bridging')"),
        ("cohesion_level", "micro", "list_contains(level, 'micro')"),
        ("focal", "participation", "list_contains(focal_points, 'participation')"),
        ("type", "worship", "type = 'worship'"),
        ("run_by", "school", "list_contains(run_by, 'school')"),
        ("country", "IT", "country = 'IT'"),
        ("document", "compas", "document = 'compas'"),
        ("public", "yes", "public = 'yes'"),
        ("inclusive", "partly", "inclusive = 'partly'"),
        ("hybrid", "not_known", "hybrid is null"),
        ("repeated_encounter", "yes", "repeated_encounter = 'yes'"),
    ],
)
def test_each_filter_of_social_places(home, store, key, value, where):
    app = opened("social_places")
    app.multiselect(key=key).select(value).run()
    assert not app.exception
    expected = number(store, f"kind = 'place' and {where}")
    assert len(app.dataframe[0].value) == expected > 0


def test_social_places_by_the_concept_say_from_what_it_follows(home, store):
    app = opened("social_places", place="pentalofos-cultural-centre")
    assert "yes: public, inclusive and of repeated encounter" in texts(app)
    app.checkbox(key="social").check().run()
    assert len(app.dataframe[0].value) == number(store, "is_social_place") == 2


def test_an_entry_shows_the_figures_of_its_document(home):
    shown = texts(opened("social_places", place="sai-network"))
    assert "in vocational training: 22%" in shown


def test_an_empty_selection_says_so(home):
    app = opened("social_places")
    app.selectbox(key="kind").select("event").run()
    app.multiselect(key="type").select("library").run()
    assert app.metric[0].value == "0"
    assert "No entry fits this filter" in texts(app)


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
    assert set(frame(app, "As printed")["Whose"]) == {"the document's", "ours"}
    assert "As the document" not in shown
    assert "long lasting" in set(frame(app, "Answer")["Answer"])


def test_case_studies_filter(home, store):
    app = opened("case_studies")
    app.checkbox(key="tried").check().run()
    # Nine cases have one of their own; Voio, Torino and Aarhus have one in a part of theirs.
    assert set(app.dataframe[0].value["Name"]) >= {"Voio", "Torino", "Aarhus", "Pentálofos"}
    assert len(app.dataframe[0].value) == 12
    app.multiselect(key="country").select("EL").run()
    assert set(app.dataframe[0].value["Name"]) == {"Voio", "Pentálofos"}
    app.multiselect(key="kind").select("village").run()
    assert set(app.dataframe[0].value["Name"]) == {"Pentálofos"}


@pytest.mark.parametrize("case", ["Germany", "Torino", "Voio", "Pentálofos", "Trige"])
def test_every_kind_of_case_opens(home, case):
    opened("case_studies", case=case)


@pytest.mark.parametrize(
    ("case", "shown"),
    [
        ("voio", "Non-formal education with girls of the shelter (in Pentálofos)"),
        ("VOIO", "Non-formal education with girls of the shelter (in Pentálofos)"),
        ("Βόιο", "Cultural Centre of Pentálofos"),
        ("torino", "Urban Barriera and the interfaith centre (in Barriera di Milano)"),
        ("Turin", "Urban Barriera and the interfaith centre (in Barriera di Milano)"),
        ("aarhus", "Rethink the Village: Trige (in Trige)"),
        ("pentalofos", "Part of **Voio**"),
    ],
)
def test_a_case_answers_to_any_spelling_and_shows_its_parts(home, case, shown):
    app = opened("case_studies", case=case)
    assert shown in texts(app)
    assert "cannot be shown" not in texts(app)


def test_a_case_that_is_not_there_is_named(home):
    shown = texts(opened("case_studies", case="atlantis"))
    assert "the address states 'atlantis', which cannot be shown" in shown


@pytest.mark.parametrize(
    ("case", "label"), [("croatia", "21 NUTS-3 regions, 21 of 21"), ("scotland", "23 NUTS-3")]
)
def test_a_country_of_fieldwork_links_to_its_regions(home, case, label):
    html = [html.proto.body for html in opened("case_studies", case=case).get("html")]
    assert any(label in body and "regions?region=" in body for body in html), html


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
    assert "Nearest large city (area of 250,000): " in shown
    like = next(f.value for f in app.dataframe if "distance" in f.value)
    assert len(like) == 10
    assert like["distance"].is_monotonic_increasing
    assert (like["differs"].str.len() > 0).all()


def test_migration_is_told_in_steps_of_five_years(home, ids):
    """Hersfeld-Rotenburg by the embedded figures: its register broke in 2006-11 and 2011-16."""
    shown = texts(opened("small_towns", town=ids["bebra"]))
    assert (
        "in steps of five years: 2001 to 2006 -2.0, 2006 to 2011 -5.3 (across a break), "
        "2011 to 2016 +5.2 (across a break), 2016 to 2021 +2.9 per 1,000 people a year" in shown
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
    before = frame(app, "Fit (-1 to 1)")["Unknown"].sum()
    app.selectbox(key="a_dominant_group").select("yes").run()
    assert not app.exception
    assert frame(app, "Fit (-1 to 1)")["Unknown"].sum() < before
    assert "**agglomerated**" in texts(app)


def test_documents_fill_the_questionnaire_and_the_user_may_change_it(home, ids):
    app = opened("what_fits", town=ids["ninove"])
    assert app.selectbox(key="a_migration_history").value == "new"
    assert "As the document says" in texts(app)
    assert "Tried here" in texts(app)
    app.selectbox(key="a_migration_history").select("long_lasting").run()
    assert app.selectbox(key="a_migration_history").value == "long_lasting"
    app.selectbox(key="a_polarised_debate").select("left_open").run()
    assert app.selectbox(key="a_polarised_debate").value == "left_open"
    assert not app.exception


def test_answers_of_one_towns_documents_do_not_stay_with_the_next(home, ids):
    app = opened("what_fits", town=ids["ninove"])
    app.selectbox(key="a_dominant_group").select("no").run()
    app.text_input(key="town").set_value(ids["voio"]).run()
    assert app.selectbox(key="a_migration_history").value == "new"
    assert app.selectbox(key="a_settlement_form").value == "asylum_reception"
    assert app.selectbox(key="a_polarised_debate").value is None  # the documents say so of Ninove
    assert app.selectbox(key="a_dominant_group").value == "no"  # the user said so


def test_an_address_goes_before_the_document(home, ids):
    app = opened("what_fits", town=ids["ninove"], a_migration_history="former")
    assert app.selectbox(key="a_migration_history").value == "former"


def test_the_self_assessment_feeds_the_same_ranking(home, ids):
    app = opened("what_fits", town=ids["fermignano"])
    before = frame(app, "Fit (-1 to 1)").set_index("Practice")["Fit (-1 to 1)"]
    for key in ("q1", "q2", "q8"):
        app.radio(key=key).set_value("no").run()
    assert not app.exception
    after = frame(app, "Fit (-1 to 1)").set_index("Practice")["Fit (-1 to 1)"]
    title = "Build local evidence first"  # fits where local data are missing
    assert before[title] == 0
    assert after[title] == 1
    assert after["Train the staff you have"] > before["Train the staff you have"]


@pytest.mark.parametrize(
    ("key", "value", "where"),
    [
        ("fund", "ESF_PLUS", "list_contains(funding, 'ESF_PLUS')"),
        ("focal", "volunteering", "list_contains(focal_points, 'volunteering')"),
        ("actor", "eu", "list_contains(actors, 'eu')"),
        ("for", "women", "list_contains(target_groups, 'women')"),
        ("document", "resoma", "document = 'resoma'"),
        (
            "condition",
            "reception_centre",
            "id in (select practice from marts.practice_fits where condition = 'reception_centre')",
        ),
    ],
)
def test_practices_are_browsed_without_a_town(home, store, key, value, where):
    app = opened("what_fits")
    assert len(frame(app, "Fund")) == number(store, "true", "practices")
    app.multiselect(key=key).select(value).run()
    assert not app.exception
    assert len(frame(app, "Fund")) == number(store, where, "practices") > 0
    assert "Fits where" in texts(app)


def test_only_practices_that_were_tried(home, store):
    app = opened("what_fits")
    app.checkbox(key="tried").check().run()
    assert len(frame(app, "Fund")) == number(store, "len(tried_at) > 0", "practices")


def test_no_practice_fits_the_filter(home):
    app = opened("what_fits")
    app.multiselect(key="document").select("compas").run()
    app.multiselect(key="fund").select("CERV").run()
    assert "No practice fits this filter" in texts(app)


def test_the_filter_narrows_what_fits_a_town(home, store, ids):
    app = opened("what_fits", town=ids["bebra"])
    app.multiselect(key="fund").select("AMIF").run()
    n = number(store, "list_contains(funding, 'AMIF')", "practices")
    assert len(frame(app, "Fit (-1 to 1)")) == n


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
    assert "Read: 2 entries" in app.success[0].value
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
    assert "Read: 4 entries; with a place: 2 settlements." in app.success[0].value
    assert "ODbL" in texts(app)
    assert "1 closed to the public" in texts(app)
    # One way out, with the notice; each row that a table's toolbar can save names the source.
    assert "All tables (zip with the ODbL notice)" in [
        button.proto.label for button in app.get("download_button")
    ]
    own = [f.value for f in app.dataframe if {"types_here", "within_15"} & set(f.value)]
    assert len(own) == 2
    assert all(set(table["attribution"]) == {osm.ATTRIBUTION} for table in own)
    # The same file taken for own places is refused: nothing slips from one to the other.
    app.radio(key="own_kind").set_value("My own places").run()
    assert not app.exception
    assert "cannot be used yet" in app.error[0].value
    assert not app.success


def test_without_an_extract_the_page_says_how_to_add_one(home):
    assert "hinterland places --add" in texts(opened("social_places"))


def test_an_added_extract_has_map_list_and_strip(built_home, store, tmp_path, monkeypatch):
    monkeypatch.setenv("HINTERLAND_HOME", str(tmp_path))
    (tmp_path / "build").symlink_to(built_home / "build")
    bebra = store.rows("select geonameid, lon, lat from marts.towns where name = 'Bebra'")[0]
    nodes = pbf.crowd(bebra["lon"], bebra["lat"], 1000, 10)
    nodes.append((1, bebra["lon"], bebra["lat"], {"amenity": "library"}))
    osm.add(store, pbf.write(tmp_path / "bebra.osm.pbf", pbf.data(nodes)))
    app = opened("social_places", osm_settlement=str(bebra["geonameid"]))
    assert "data of 2024-03-04" in texts(app)
    assert "ODbL" in texts(app)
    listed = frame(app, "types_here").set_index("name")
    assert listed.loc["Bebra", ["places", "types_here"]].tolist() == [1, 1]
    assert listed.loc["Bebra", ["hybrid_places", "interaction_here"]].tolist() == [0, 1]
    assert {"variety_15", "places_per_10000_15", "types_here_percentile", "missing"} <= set(listed)
    regions = frame(app, "few_types_15_share")
    assert regions["few_types_here_share"].tolist() == [1.0]  # one type is fewer than five
    mapped = frame(app, "is_probably_not_mapped")
    assert set(mapped["country"]) == {"DE"}
    rests = [f.value for f in app.dataframe if {"types_here", "state", "objects"} & set(f.value)]
    for table in [*rests, regions, frame(app, "without_here")]:
        assert set(table["attribution"]) == {osm.ATTRIBUTION}
    strip = frame(app, "state").set_index("type")
    assert len(strip) == 20
    assert strip.loc["Library", "state"] == "here"
    assert set(strip.drop("Library")["state"]) == {"none mapped"}  # never "none"
    app = opened("social_places", osm_settlement="1")
    assert "No added extract covers this settlement." in texts(app)
