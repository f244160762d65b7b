"""The page What if: every control, its address, its files, run without a browser."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages._ui import my_place, whatif_map, whatif_state, whatif_view
from pipelines.core.errors import InputError
from pipelines.serve import (
    mapfiles,
    places,
    search,
    travel,
    travel_queries,
    whatif,
    whatif_files,
)
from pipelines.serve.store import Store
from pipelines.serve.whatif import opened_at, opened_of
from tests.app.test_pages import fine, metric, open_page
from tests.where import ROOT

PAGE = "pages/what_if.py"
SERVICE = "middle_centre"
_EMPTY = pd.DataFrame({"people": [], "minutes_before": [], "minutes_after": [], "change_min": []})
pytestmark = pytest.mark.usefixtures("home")


def at(**address: Any) -> AppTest:
    """Open the page at an address."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.switch_page(PAGE)
    for name, value in address.items():
        app.query_params[name] = value
    return fine(app.run())


def town_of(store: Store, name: str) -> int:
    return int(search.labelled(store, name, "town")["id"][0])


def stated(app: AppTest, name: str) -> list[str]:
    """Return what the address states; a single value stands without a list."""
    value = app.query_params[name]
    return value if isinstance(value, list) else [value]


def people(app: AppTest, label: str) -> int:
    return int(metric(app, label).replace(",", ""))


def near(store: Store, town: int, count: int) -> list[str]:
    return travel_queries.sites_near(store, SERVICE, town)["site_id"].tolist()[:count]


def test_the_map_comes_first_and_nothing_is_asked() -> None:
    app = fine(open_page(PAGE))
    assert not app.metric
    assert any("to close it, and again to open it again" in m.value for m in app.markdown)
    assert not [b for b in app.button if b.key == "whatif_again"]


@pytest.mark.parametrize(
    ("mine", "inside", "outside"),
    [
        # Longitude and latitude: Bebra and Flensburg, not Paris.
        ("DE733", [(9.8, 51.0), (9.4, 54.8)], [(2.35, 48.86)]),
        # A town of Creuse: Paris and Ajaccio, not Rome nor Lisbon; Cayenne is beyond the map.
        ("FRI22", [(2.35, 48.86), (8.74, 41.93)], [(12.5, 41.9), (-9.1, 38.7)]),
        # France itself is no place of 12 000 km.
        ("FR", [(2.35, 48.86), (8.74, 41.93)], [(12.5, 41.9), (-9.1, 38.7)]),
    ],
)
def test_the_map_begins_with_the_country_of_my_place(
    monkeypatch: pytest.MonkeyPatch,
    store: Store,
    mine: str,
    inside: list[tuple[float, float]],
    outside: list[tuple[float, float]],
) -> None:
    monkeypatch.setattr(my_place, "read", lambda store: places.named(store, mine))
    box = whatif_view._around_my_place(store)
    assert box is not None
    west, south, east, north = box

    def shown(lon: float, lat: float) -> bool:
        x, y = mapfiles.on_map(lon, lat)
        return bool(west <= x <= east and south <= y <= north)

    assert [shown(*at) for at in inside] == [True] * len(inside)
    assert [shown(*at) for at in outside] == [False] * len(outside)
    monkeypatch.setattr(my_place, "read", lambda store: None)
    assert whatif_view._around_my_place(store) is None


def test_the_first_look_with_a_place_of_mine_is_closer_than_europe() -> None:
    def zoom(app: AppTest) -> float:
        chart = next(iter(app.get("deck_gl_json_chart")))
        return float(json.loads(chart.proto.json)["initialViewState"]["zoom"])

    assert zoom(at(my="DE733")) > zoom(at()) + 1


def test_sites_close_and_one_opens(store: Store) -> None:
    town = town_of(store, "Siátista")
    app = at(service=SERVICE, town=str(town))
    closed = near(store, town, 2)
    app.multiselect(key="whatif_close").set_value(closed).run()
    rows = fine(app).dataframe[0].value
    assert (rows["change_min"] > 0).all()
    assert stated(app, "closed") == closed
    lost = people(app, "People who lose time")
    expected = travel.scenario(store, SERVICE).ask(closed)
    towns = travel_queries.town_labels(store, expected["geonameid"].tolist())
    assert lost == towns["people"].sum()
    before, after = metric(app, "People beyond 30 minutes").replace(",", "").split(" → ")
    assert int(after) > int(before)
    app.button(key="whatif_open_here").click().run()
    rows = fine(app).dataframe[0].value.set_index("name")
    # Half of the ends of a trip (travel_terminal_min, 5.8): the site lies in the place.
    assert rows.loc["Siátista", "minutes_after"] == pytest.approx(2.9)
    assert rows.loc["Siátista", "nearest_after"] == "Siátista"
    assert people(app, "People who gain time") > 0
    (opened,) = stated(app, "opened")
    assert opened.endswith(",Siátista")
    app.multiselect(key="whatif_open").set_value([]).run()
    assert "opened" not in fine(app).query_params
    app.button(key="whatif_again").click().run()
    assert "closed" not in fine(app).query_params
    assert not app.metric


def test_the_answer_names_where_people_go_now(store: Store) -> None:
    """Sums apart from it: people whose nearest site closes, by their nearest one after it."""
    closed = near(store, town_of(store, "Siátista"), 2)
    app = at(service=SERVICE, closed=closed)
    changed = travel.scenario(store, SERVICE).ask(closed)
    changed = changed[changed["nearest_before"].isin(closed)]
    people = travel_queries.town_labels(store, changed["geonameid"].tolist())["people"]
    table = next(d.value for d in app.dataframe if "instead" in d.value)
    assert table["people"].sum() == people.sum()
    told = " ".join(w.value for w in app.warning).replace("\\", "")
    assert all(f"Instead of {row['label']}" in told for row in whatif.sites(store, SERVICE, closed))
    assert str(table["instead"].iloc[0]) in told


def test_the_chosen_town_is_ringed(store: Store) -> None:
    app = at(service=SERVICE, town=str(town_of(store, "Siátista")))
    deck = json.loads(app.get("deck_gl_json_chart")[0].proto.json)
    (rings,) = [layer for layer in deck["layers"] if layer["id"] == "rings"]
    assert len(rings["data"]) == 1


def test_a_site_that_was_nobodys_nearest_is_said() -> None:
    """A clinic beside the hospital is nearer: no minutes change, and it is the one named."""
    rows = pd.DataFrame(
        {
            "closed": ["Far", "Far", "Hospital"],
            "instead": ["North", None, "Clinic"],
            "people": [1200, 30, 0],
            "settlements": [2, 1, 0],
        }
    )
    nobody = pd.DataFrame()
    answer = whatif.Answer(
        towns=nobody, regions=nobody, figures=whatif._figures(_EMPTY, 30.0), instead=rows
    )
    first, second = whatif_files.instead(answer)
    assert first == "Instead of Far: North (1,200 people); none left (30 people)"
    assert second == "Hospital was nobody's nearest site; where it lies Clinic is."


def test_an_address_reproduces_the_answer(store: Store) -> None:
    closed = near(store, town_of(store, "Siátista"), 2)
    place = "40.2564,21.5524,Near by"
    first = at(service=SERVICE, closed=closed, opened=[place], limit="45")
    second = at(service=SERVICE, closed=",".join(closed), opened=[place], limit="45")
    for app in (first, second):
        assert stated(app, "closed") == closed
        assert stated(app, "opened") == [place]
    assert [m.value for m in first.metric] == [m.value for m in second.metric]
    assert "People beyond 45 minutes" in [m.label for m in first.metric]


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ({"closed": ["nowhere"]}, "No site of this service that counts has the id 'nowhere'"),
        ({"opened": ["here"]}, "'here' is no place"),
        ({"opened": ["95,10"]}, "'95,10' is no place"),
        ({"opened": ["1_0,10"]}, "is no place"),
        ({"closed": [f"x{i}" for i in range(50)]}, "At most 40 sites"),
        ({"closed": ["x" * 10_000]}, "has the id"),
    ],
)
def test_what_an_address_states_wrongly_is_said(address: dict[str, Any], words: str) -> None:
    app = at(service=SERVICE, **address)
    said = " ".join(w.value for w in app.warning).replace("\\", "")
    assert words in said
    assert len(said) < 500
    assert not app.metric


def test_a_new_site_far_from_all_is_an_error() -> None:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.switch_page(PAGE)
    app.query_params["opened"] = ["45.0,-40.0"]
    app.run()
    assert not app.exception
    assert "km of a settlement" in app.error[0].value


def test_another_service_closes_nothing_of_the_first(store: Store) -> None:
    closed = near(store, town_of(store, "Siátista"), 1)
    app = at(service=SERVICE, closed=closed)
    app.selectbox(key="service").set_value("upper_centre").run()
    assert "closed" not in fine(app).query_params
    assert app.slider(key="limit").value == 60
    assert not app.warning


def test_places_in_an_address() -> None:
    assert opened_of("50.97,9.79") == opened_at(50.97, 9.79)
    assert opened_of(" 50.97 , 9.79 , Bebra, north ").name == "Bebra, north"
    assert opened_of("50.970001,9.790004,X").in_address() == "50.97,9.79,X"
    for text in ("", "50.97", "50,97,9,79x,", "nan,1", "9.79,190"):
        with pytest.raises(InputError, match="opened:") as error:
            opened_of(text if text != "50,97,9,79x," else "fifty,97")
        assert "lat,lon" in str(error.value)


def test_clicks_close_open_and_take_back(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What Streamlit reports of a click, in turn; it takes a selection back on the second one."""
    session: dict[str, Any] = {}
    monkeypatch.setattr(st, "session_state", session)
    site = {"type": "Feature", "properties": {"id": "a", "name": "A"}}
    box = [4200.0, 2900.0, 4400.0, 3100.0]
    spots = whatif_map.spots_of(box)

    def click(layer: str | None, item: dict[str, Any] | None = None) -> None:
        objects = {layer: [item]} if layer else {}
        session[whatif_map.KEY] = {"selection": {"objects": objects}}
        whatif_map._take_click(store, spots)

    click("sites", site)
    assert whatif_state.closed() == ["a"]
    click(None)  # beside everything: what was clicked is no open site any more
    assert whatif_state.closed() == ["a"]
    click("closed", site)
    assert whatif_state.closed() == []
    click("sites", site)
    whatif_state.set_closed([])  # by the list
    click(None)  # the same site again, which Streamlit tells as a selection taken back
    assert whatif_state.closed() == ["a"]
    click("spots", {"i": 5})
    (place,) = whatif_state.opened()
    click("opened", {"properties": {"id": place.in_address(), "name": ""}})
    assert whatif_state.opened() == []


def test_a_spot_is_where_it_is_drawn() -> None:
    """The projection's centre, 10 E 52 N, is at 4321, 3210 km."""
    spots = whatif_map.Spots(x=4311.0, y=3200.0, step=10.0, columns=3, rows=3)
    lon, lat = spots.place(4)  # the second of the second row
    assert (lon, lat) == (pytest.approx(10.0), pytest.approx(52.0))


def test_figures_by_hand(store: Store) -> None:
    """Four places: 100 people lose 4 min, 300 lose 8, 50 gain 2, 20 are left with none."""
    towns = pd.DataFrame(
        {
            "people": [100, 300, 50, 20],
            "minutes_before": [10.0, 12.0, 16.0, 9.0],
            "minutes_after": [14.0, 20.0, 14.0, np.nan],
        }
    )
    towns["change_min"] = towns["minutes_after"] - towns["minutes_before"]
    facts = whatif._figures(towns, 15.0)
    assert (facts.losing, facts.gaining, facts.stranded) == (400, 50, 20)
    assert facts.mean_added == pytest.approx((100 * 4 + 300 * 8) / 400)
    assert (facts.most_added, facts.mean_saved) == (8, 2)
    assert (facts.beyond_before, facts.beyond_after) == (50, 320)


def test_files_hold_the_question_and_the_answer(store: Store) -> None:
    closed = near(store, town_of(store, "Siátista"), 1)
    opened = (opened_at(40.2564, 21.5524, "<b>"),)
    answer = whatif.answer(store, SERVICE, closed, opened, 30.0)
    question = whatif_files.Question(
        service=SERVICE,
        plural="middle centres",
        closed=tuple(whatif.sites(store, SERVICE, closed)),
        opened=opened,
        limit=30.0,
    )
    with zipfile.ZipFile(io.BytesIO(whatif_files.towns_csv(store, question, answer))) as box:
        table = pd.read_csv(box.open("whatif-settlements.csv"))
        notes = box.read("whatif-settlements.readme.txt").decode()
    assert len(table) == len(answer.towns)
    assert closed[0] in notes
    assert "40.2564,21.5524,<b>" in notes
    assert "GeoNames" in notes
    document = json.loads(whatif_files.towns_geojson(store, question, answer))
    assert len(document["features"]) == len(table)
    with zipfile.ZipFile(io.BytesIO(whatif_files.regions_csv(store, question, answer))) as box:
        regions = pd.read_csv(box.open("whatif-regions.csv"))
    # A region's people who change are those of its settlements that do.
    inside = answer.towns.dropna(subset=["nuts_id"]).groupby("nuts_id")["people"].sum()
    assert regions.set_index("nuts_id")["people_changed"].to_dict() == inside.to_dict()
    page = whatif_files.brief(store, question, answer, "Credits & more")
    assert "<b>" not in page.replace("<b>People", "")
    assert "&lt;b&gt;" in page
    assert "Credits &amp; more" in page
    assert "<svg" in page
    for word in ("<script", "http://", "https://", "src="):
        assert word not in page


def test_hospitals_go_by_their_names(full_store: Store) -> None:
    """Around Bad Hersfeld three sites are called the main site or by their street."""
    rows = whatif.sites_around(full_store, "hospital", 9.79, 50.97, 30)
    labels = [row["label"] for row in rows]
    assert any(label.startswith("Klinikum Bad Hersfeld") for label in labels)
    assert "Hauptstandort" not in labels
    ids = full_store.column(
        "select site_id from marts.service_sites where name = 'Hauptstandort' limit 5"
    )
    for row in whatif.sites(full_store, "hospital", ids):
        assert row["label"] != "Hauptstandort"
        assert row["label"].endswith(", Hauptstandort")


def test_uncertain_places_are_told(full_store: Store, shared_data: Path) -> None:
    """By the file itself: SE_99 (Gävle) and SE_100 (Bollnäs) share a point."""
    file = pd.read_csv(shared_data / "gisco" / "healthcare_services.csv", dtype=str)
    known = file[file["geo_qual"].astype(float) == 3]
    assert len(known)
    notes = whatif.uncertain_sites(full_store, "hospital")
    assert notes["quality not stated"] > 3_000
    assert notes["shared with a site of another town or name"] >= 24
    rows = full_store.rows(
        "select position_note from marts.service_sites "
        "where service = 'hospital' and starts_with(site_id, 'SE_99/')"
    )
    assert rows == [{"position_note": "shared with a site of another town or name"}]


def test_a_database_without_hospitals_says_what_brings_them() -> None:
    app = at()
    assert any("no hospitals and no schools" in one.value for one in app.sidebar.info)
    assert [one.value for one in app.sidebar.code] == ["hinterland fetch\nhinterland build"]


ALSFELD, BEDS = 2958128, "hospital_beds"


def test_a_country_that_the_register_leaves_out(
    full_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The register of Germany states no beds (marts.services.countries); Belgium's does."""
    monkeypatch.setenv("HINTERLAND_HOME", str(full_home))
    store = Store.current(full_home / "build")
    app = at(service=BEDS, town=str(ALSFELD))
    assert "names no hospital sites with beds in Germany" in app.warning[0].value
    assert not app.multiselect(key="whatif_close").options
    assert not any("to close it" in m.value for m in app.markdown)
    app.selectbox(key="service").set_value("hospital").run()
    assert not fine(app).warning
    field = app.multiselect(key="whatif_close")
    assert any("Alsfeld" in option for option in field.options)
    assert field.proto.select_all == 0
    # Both services have the sites of one register: what has beds stays closed, the rest does not.
    (belgian,) = [row["site_id"] for row in whatif.sites_around(store, BEDS, 4.35, 50.85, 1)]
    german = whatif.sites_around(store, "hospital", 9.27, 50.75, 1)[0]["site_id"]
    app = at(service="hospital", closed=[belgian, german])
    app.selectbox(key="service").set_value(BEDS).run()
    assert stated(fine(app), "closed") == [belgian]
