"""The page *Compare*: places by address, search and suggestions, and the ways to it."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.app.test_pages import card, fine
from tests.app.test_place_page import html, opened

PAIR = "DE733,ITI31"


def chips(app: AppTest) -> list[str]:
    return [b.label for b in app.button if str(b.key).startswith("remove_")]


@pytest.mark.usefixtures("home")
def test_two_regions_stand_side_by_side() -> None:
    """Census grids: 116 727 and 351 393 people; 120 700 and 361 682 ten years before."""
    app = opened("compare", regions=PAIR)
    assert not app.warning
    assert chips(app) == ["Hersfeld-Rotenburg", "Pesaro e Urbino"]
    drawn = html(app)
    assert "<td><b>116,727</b>" in drawn
    assert "<b>351,393</b>" in drawn
    assert '<div class="hk-small">+234,666</div>' in drawn
    assert "<b>-2.8 %</b>" in drawn
    assert '<div class="hk-small">+0.4 points</div>' in drawn
    assert 'href="place?region=ITI31' in drawn
    assert len(app.get("vega_lite_chart")) == 4
    assert [h.value for h in app.header] == ["Over the years", "Figure by figure"]
    assert {b.label for b in app.get("download_button")} == {
        "CSV (zip with notes)",
        "Excel",
        "PDF to print",
    }


@pytest.mark.usefixtures("home")
def test_regions_are_shown_at_nuts_2() -> None:
    app = opened("compare", regions="de733;BG311 ITI31", level="NUTS 2")
    drawn = html(app)
    assert "Kassel" in drawn
    assert "<b>1,180,759</b>" in drawn
    assert "transition: 92 % of the EU&#x27;s GDP a head in ITI3" in drawn
    assert chips(app) == ["Hersfeld-Rotenburg", "Vidin", "Pesaro e Urbino"]
    one = opened("compare", regions="DE733,DE734", level="NUTS 2")
    assert "At this level they are one region" in one.info[0].value


@pytest.mark.usefixtures("home")
def test_a_place_is_removed_and_another_added() -> None:
    app = opened("compare", regions=PAIR)
    app.button(key="remove_DE733").click().run()
    assert fine(app).query_params["regions"] == "ITI31"
    assert "Add at least one more place" in app.info[0].value
    (offer,) = [b for b in app.button if b.label == "Marche"]
    offer.click().run()
    assert fine(app).query_params["regions"] == "ITI31,ITI3"
    assert "Regions of different levels stand side by side" in app.info[0].value
    app.text_input(key="compare_search").set_value("vidin").run()
    app.button(key="add_BG311").click().run()
    assert fine(app).query_params["regions"] == "ITI31,ITI3,BG311"
    assert chips(app)[-1] == "Vidin"


@pytest.mark.usefixtures("home")
def test_a_search_offers_the_kind_that_is_compared() -> None:
    app = opened("compare", towns="2951793")
    app.text_input(key="compare_search").set_value("vidin").run()
    hits = [str(b.key) for b in fine(app).button if str(b.key).startswith("add_")]
    assert "add_725905" in hits
    assert "add_BG311" not in hits
    app.button(key="add_725905").click().run()
    assert fine(app).query_params["towns"] == "2951793,725905"
    assert "<b>14,839</b>" in html(app)


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("stated", "words", "shown"),
    [
        ({"regions": f"{PAIR},XX999"}, "not known: 'XX999'. Allowed are NUTS codes", 2),
        ({"regions": f"{PAIR},2951793"}, "not known: '2951793'. Allowed are NUTS codes", 2),
        ({"towns": "2951793,DE733"}, "not known: 'DE733'. Allowed are GeoNames ids", 1),
        ({"regions": "DE1,DE2,DE3,DE4,DE5,DE6,DE7,DE8"}, "At most 6 places are compared: 2 of", 6),
        ({"regions": PAIR, "towns": "2951793"}, "Regions and towns are compared apart", 2),
        ({"regions": "A" * 10_000}, "not known: 'AAAA", 0),
        ({"regions": ",".join(f"DE{i}" for i in range(3_000))}, "At most 6 places", 6),
    ],
)
def test_what_cannot_be_compared_is_said_once(
    stated: dict[str, str], words: str, shown: int
) -> None:
    app = opened("compare", **stated)
    assert len(app.warning) == 1
    assert words in app.warning[0].value
    assert len(app.warning[0].value) < 400
    assert len(chips(app)) == shown
    # A full comparison has no search for more.
    assert (shown < 6) == any(t.key == "compare_search" for t in app.text_input)


@pytest.mark.usefixtures("home")
def test_my_place_is_the_first_and_is_offered() -> None:
    assert chips(opened("compare", my="DE733")) == ["Hersfeld-Rotenburg"]
    app = opened("compare", regions="ITI31", my="DE733")
    (offer,) = [b for b in app.button if b.label == "Hersfeld-Rotenburg"]
    offer.click().run()
    assert fine(app).query_params["regions"] == "ITI31,DE733"


@pytest.mark.usefixtures("home")
def test_sheet_and_card_lead_here() -> None:
    assert 'href="compare?regions=DE733' in html(opened(region="DE733"))
    assert 'href="compare?towns=2951793' in html(opened(town="2951793"))
    assert 'href="compare?regions=DE733' in card(opened("regions", region="DE733"))
    assert 'href="compare?towns=2951793' in card(opened("towns", town="2951793"))


@pytest.mark.usefixtures("home")
def test_marked_regions_lead_here() -> None:
    app = opened("regions", several="true", marked="DE733 ITI31")
    assert 'href="compare?regions=DE733%2CITI31' in html(app)
    seven = opened("regions", several="true", marked="DE1 DE2 DE3 DE4 DE5 DE6 DE7", level="NUTS 1")
    assert 'href="compare?regions' not in html(seven)
    assert any("Up to 6 of them can be compared" in c.value for c in seven.caption)
