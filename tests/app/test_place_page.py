"""The page *Place*, the card beside each map, and my place on all pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui import sheet_view
from pipelines.serve import sheet
from pipelines.serve.store import Store
from tests.app.test_pages import card, fine
from tests.where import ROOT


def opened(page: str = "place", **address: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    app.switch_page(f"pages/{page}.py")
    for name, value in address.items():
        app.query_params[name] = value
    return fine(app.run())


def html(app: AppTest) -> str:
    return "\n".join(h.proto.body for h in app.get("html") if "<style" not in h.proto.body)


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("code", "title"),
    [("DE", "Germany"), ("DE7", "Hessen"), ("DE73", "Kassel"), ("de733", "Hersfeld-Rotenburg")],
)
def test_a_region_of_each_level(code: str, title: str) -> None:
    app = opened(region=code)
    assert app.title[0].value == title
    assert not app.warning
    headers = [h.value for h in app.header]
    assert headers[:2] == ["What is it?", "Does it grow or shrink, and why?"]
    assert headers[-2:] == ["What was tried here?", "What could be done?"]
    drawn = html(app)
    for name in ("trend", "services", "like"):
        assert f'href="#{name}"' in drawn
    if code == "de733":
        assert '<div class="hs-big">-3.3 % <small></small></div>' in drawn
        assert ">Hessen</a>" in drawn
        assert 'href="place?town=2951793"' in drawn
        assert 'href="case-studies?case=bebra"' in drawn
        assert "census grids 2011 and 2021" in " ".join(c.value for c in app.caption)


@pytest.mark.usefixtures("home")
def test_a_town() -> None:
    app = opened(town="2951793")
    assert app.title[0].value == "Bebra"
    drawn = html(app)
    assert "Germany: small towns" in drawn
    assert 'href="what-fits?town=2951793"' in drawn
    assert ">Fulda</a> <span>nearest city, " in drawn


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    "stated", [{"region": "XX999"}, {"town": "1"}, {"region": "[x](http://y)"}]
)
def test_an_unknown_place_is_said_in_a_sentence(stated: dict[str, str]) -> None:
    app = opened(**stated)
    assert len(app.warning) == 1
    assert app.warning[0].value.startswith("There is no place with the code ")
    assert app.title[0].value == "Which place is yours?"


def test_the_bars_say_in_words_what_they_show(store: Store) -> None:
    figures = sheet.place_sheet(store, "DE733").figures()
    change = next(f for _, f in figures if f.column == "change_pct")
    drawn = sheet_view._figure(change)
    assert drawn.count('class="hs-bar"') == 3
    part = change.beside[0]
    words = f"Germany, 401 places: the middle one {change.written(part.median)}, half of them"
    assert f'role="img" title="{words}' in drawn
    assert f"As a whole: {change.written(part.value)}." in drawn
    assert "320 of 401" in drawn


CARDS: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "regions": (
        {"region": "DE733"},
        # Change of all 1 294 regions with figures: 909 lost less or gained, counted in SQL.
        (
            "Hersfeld-Rotenburg",
            "DE733 · Germany",
            "-3.3",
            "above -5.0 to -1.0",
            "rank 910 of 1,294",
            "Trend: shrinking, -0.33 % a year (2011 to 2021)",
        ),
    ),
    "shrinking": (
        {"region": "DE733"},
        ("E shrinks: deaths outweigh migration", "-0.14 % a year (2016 to 2021)"),
    ),
    "shrinking_and_thin": ({"region": "DE733"}, ("shrinking; served",)),
    "towns": ({"town": "2951793"}, ("Bebra", "14,839 people", "Small town")),
    "small_towns": ({"town": "2951793"}, ("networked", "its region is shrinking")),
    "remoteness": ({"town": "2951793"}, ("peripheral",)),
    "services": ({"town": "2951793"}, ("Minutes to the nearest", "of 79,516 (1 = highest)")),
}


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("page", CARDS)
def test_what_is_chosen_stands_beside_the_map(page: str) -> None:
    address, words = CARDS[page]
    shown = card(opened(page, **address))
    for word in words:
        assert word in shown, word
    (place,) = address.items()
    assert f'href="place?{place[0]}={place[1]}"' in shown
    assert not any(h.value.startswith("Hersfeld") for h in opened(page, **address).header)


@pytest.mark.usefixtures("home")
def test_a_rank_on_the_card_is_counted_apart(store: Store) -> None:
    above, total = store.rows(
        "select count(*) filter (where change_pct > "
        "(select change_pct from marts.regions where nuts_id = 'DE733')) as above, "
        "count(change_pct) as n from marts.regions where level = 3"
    )[0].values()
    assert (above + 1, total) == (910, 1_294)


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("page", ["overview", "regions", "services", "data", "what_fits"])
def test_my_place_is_one_click_away_on_each_page(page: str) -> None:
    app = opened(page, my="de733")
    assert ">Hersfeld-Rotenburg</a>" in html(app)
    assert 'href="place?region=DE733&amp;my=DE733"' in html(app)
    assert app.query_params["my"] == "DE733"
    # The visit keeps it where the address has lost it.
    del app.query_params["my"]
    fine(app.run())
    assert app.query_params["my"] == "DE733"


@pytest.mark.usefixtures("home")
def test_a_place_becomes_mine_and_is_let_go() -> None:
    app = opened(town="2951793")
    app.button(key="mine").click().run()
    assert fine(app).query_params["my"] == "2951793"
    assert "My place" in html(app)
    assert [b.key for b in app.button] == ["not_mine"]
    app.button(key="not_mine").click().run()
    assert "my" not in fine(app).query_params
    assert "My place" not in html(app)


@pytest.mark.usefixtures("home")
def test_the_page_opens_my_place_where_none_is_stated() -> None:
    assert opened(my="BG311").title[0].value == "Vidin"


@pytest.mark.usefixtures("home")
def test_an_unknown_place_of_mine_is_said_once() -> None:
    app = opened("data", my="XX9")
    assert "My place: there is no place with the code XX9." in app.warning[0].value
    assert not fine(app.run()).warning


@pytest.mark.parametrize(
    ("page", "place", "focus"),
    [
        ("regions", "DE733", {"region": "DE733", "level": "NUTS 3"}),
        ("regions", "DE7", {"region": "DE7", "level": "NUTS 1"}),
        ("towns", "DE733", {"within": "DE733"}),
        ("towns", "2951793", {"town": "2951793"}),
        ("services", "2951793", {"country": "DE"}),
        ("what_fits", "2951793", {"town": "2951793"}),
        ("data", "2951793", {}),
    ],
)
def test_each_page_can_start_at_my_place(
    store: Store, page: str, place: str, focus: dict[str, str]
) -> None:
    from pages._ui import my_place
    from pipelines.serve import places

    named = places.named(store, place)
    assert named
    assert my_place._focus(page, named) == focus


@pytest.mark.usefixtures("home")
def test_the_tab_names_place_and_page(monkeypatch: pytest.MonkeyPatch) -> None:
    import streamlit as st

    names: list[str] = []
    as_is: Callable[..., None] = st.set_page_config

    def noted(**given: object) -> None:
        names.append(str(given.get("page_title", "")))
        as_is(**given)  # type: ignore[arg-type]  # what the caller gave

    monkeypatch.setattr(st, "set_page_config", noted)
    app = AppTest.from_file(str(ROOT / "pages/place.py"), default_timeout=60)
    app.query_params["region"] = "DE733"
    app.session_state["page_title"] = "Place"
    fine(app.run())
    assert names[-1] == "Hersfeld-Rotenburg · Place · Hinterland"


@pytest.mark.usefixtures("home")
def test_a_sheet_follows_the_thresholds_of_its_address() -> None:
    """The region lost 0.33 % a year: no decline where half a per cent counts as stable."""
    app = opened(region="DE733", trend_stable_annual_pct="0.5")
    assert "That counts as stable." in app.markdown[1].value
    (note,) = app.info
    assert "trend\\_stable\\_annual\\_pct moved to 0.5" in note.value
    assert "trend_stable_annual_pct=0.5" in html(app)  # links on carry it
    app.button(key="dials_reset").click()
    fine(app.run())
    assert not app.info
    assert "That counts as shrinking." in app.markdown[1].value


@pytest.mark.usefixtures("home")
def test_a_threshold_that_is_no_number_is_said() -> None:
    app = opened(region="DE733", trend_stable_annual_pct="much")
    (note,) = app.warning
    assert "'much', which cannot be shown. Allowed is a number." in note.value
