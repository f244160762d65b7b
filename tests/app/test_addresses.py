"""What an address states: codes are read beside labels, and what is not shown is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui.measures import label_of
from pipelines.core.countries import hint
from pipelines.serve.store import Store
from tests.app.test_pages import card
from tests.where import ROOT

pytestmark = pytest.mark.usefixtures("home")


def opened(page: str, **stated: str | list[str]) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for key, value in stated.items():
        app.query_params[key] = value
    app.run()
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception, app.exception[0].message
    return app


def warnings(app: AppTest) -> str:
    return " ".join(w.value for w in app.warning).replace("\\", "")


@pytest.mark.parametrize("page", ["regions", "place", "tables"])
def test_names_that_a_page_does_not_use_are_named_until_hidden(page: str) -> None:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    app.query_params["lang"], app.query_params["my"] = "en", "DE733"
    app.switch_page(f"pages/{page}.py").run()
    assert "does not use" not in warnings(app)
    app.query_params["foo"], app.query_params["x1"] = "bar", "[a](http://b.c)"
    app.run()
    assert "The address states what this page does not use: foo, x1." in warnings(app)
    assert "foo, x1." in warnings(app.run()), "it stays"
    app.button(key="address_hide").click().run()
    assert "does not use" not in warnings(app)
    assert "foo" not in app.query_params
    assert app.query_params["lang"] == "en"


CUT = "predominantly rural, rem"  # as a mail cut it


def test_a_lost_filter_is_said_above_the_page_and_again_after_a_reload() -> None:
    app = opened("shrinking", country=["Romania"], remoteness=CUT, rate="severe")
    said = app.main.warning[0].value.replace("\\", "")
    assert f"Remoteness: the address states '{CUT}', which cannot be shown." in said
    assert "predominantly rural, close to a city · predominantly rural, remote" in said
    kept = {name: app.query_params[name] for name in app.query_params}
    assert kept["unread"] == f"remoteness={CUT}"
    assert "remoteness" not in kept, "Streamlit drops what a widget cannot read"
    again = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    for name, value in kept.items():
        again.query_params[name] = value
    again.switch_page("pages/shrinking.py").run()
    assert f"'{CUT}'" in again.main.warning[0].value
    again.multiselect(key="remoteness").set_value(["predominantly rural, remote"]).run()
    assert not again.main.warning
    assert "unread" not in again.query_params


def test_what_is_hidden_of_an_address_stays_hidden() -> None:
    app = opened("regions", country="Atlantis")
    app.button(key="address_hide").click().run()
    assert "Atlantis" not in warnings(app.run())


def test_an_ampersand_that_a_mail_has_written_out_is_read_as_one() -> None:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    app.query_params["country"], app.query_params["amp;rate"] = "Bulgaria", "severe"
    app.query_params["amp;amp;cause"] = "active"
    app.switch_page("pages/shrinking.py").run()
    assert not app.exception
    assert app.multiselect(key="country").value == ["BG"]
    assert app.multiselect(key="rate").value == ["severe"]
    assert app.multiselect(key="cause").value == ["active"]
    assert not app.warning


def test_dials_out_of_order_are_refused_above_the_map() -> None:
    app = opened("shrinking", shrinking_severe_annual_pct="-0.3")
    said = app.main.warning[0].value
    assert "is -0.3; it must be below" in said
    app.text_input(key="shrinking_severe_annual_pct").set_value("-0.8").run()
    assert not app.warning


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("-0,8", ""),
        ("\u22120.8", ""),
        ("-8", "Allowed is -5 to 0."),
        ("-0.8.1", "Allowed is a number."),
    ],
)
def test_a_dial_takes_comma_and_point_and_refuses_a_slip(typed: str, said: str) -> None:
    app = opened("shrinking", country=["Romania"])
    app.text_input(key="shrinking_severe_annual_pct").set_value(typed).run()
    assert not app.exception
    words = " ".join(c.value for c in app.caption)
    assert ("threshold shrinking_severe_annual_pct moved to -0.8" in words) == (not said)
    assert said in warnings(app)
    assert bool(app.warning) == bool(said)
    linked = opened("shrinking", country=["Romania"], shrinking_severe_annual_pct=typed)
    assert said in warnings(linked)
    assert bool(linked.warning) == bool(said)


@pytest.mark.parametrize(
    ("page", "stated", "words"),
    [
        ("regions", {"country": "Atlantis"}, "Country: the address states 'Atlantis'"),
        ("regions", {"level": "7"}, "Allowed: NUTS 3 · NUTS 2 · NUTS 1 · Countries"),
        ("regions", {"change": ["-300", "5"]}, "'-300'"),
        ("regions", {"density": ["11", "99"]}, "Allowed: 0 · 10 · 20 · 50 · 100"),
        ("regions", {"measure": "beauty"}, "Colour by: the address states 'beauty'"),
        ("shrinking", {"nuts": "2013"}, "Outlines are known of NUTS 2021"),
        ("shrinking", {"period": ["1990", "2040"]}, "'1990', '2040'"),
        ("shrinking", {"watch": "9"}, "Allowed is 0 to 4"),
        ("shrinking", {"webb": "Z"}, "Webb's type: the address states 'Z'"),
        ("shrinking", {"watch_median_age": "old"}, "Allowed is a number"),
        ("services", {"minutes": "500"}, "Allowed is 5 to 120"),
        ("services", {"service": "cinema"}, "Service: the address states 'cinema'"),
        ("remoteness", {"cut_belt": "999"}, "Allowed is 5 to 180"),
        ("remoteness", {"least": "3"}, "Allowed: 500 · 1,000 · 2,000"),
        ("towns", {"people": ["7", "8"]}, "Population: the address states '7', '8'"),
        ("case_studies", {"tried": "banana"}, "Allowed: true · false"),
        ("social_places", {"kind": "palace"}, "Show: the address states 'palace'"),
        ("small_towns", {"role": "king"}, "Role: the address states 'king'"),
        ("data", {"table": "secrets"}, "Table: the address states 'secrets'"),
    ],
)
def test_what_is_not_shown_is_said(
    page: str, stated: dict[str, str | list[str]], words: str
) -> None:
    app = opened(page, **stated)
    assert words in warnings(app)
    assert words in warnings(app.run()), "a rerun does not wipe it away"


def test_it_is_over_when_another_value_is_chosen() -> None:
    app = opened("regions", country="Atlantis")
    app.multiselect(key="country").set_value(["DE"]).run()
    assert "Atlantis" not in warnings(app)


@pytest.mark.parametrize("page", ["regions", "towns", "small_towns", "shrinking", "remoteness"])
def test_a_country_is_read_by_its_codes(page: str) -> None:
    app = opened(page, country=["GR", "de"])
    assert app.multiselect(key="country").value == ["EL", "DE"]
    assert warnings(app) == "Eurostat's code is EL, not GR."
    app = opened(page, country=["Greece"])
    assert app.multiselect(key="country").value == ["EL"]
    assert not app.warning


def test_a_code_stays_in_the_address_as_the_widget_writes_it() -> None:
    """A link copied after opening one by codes shows the same."""
    app = opened("regions", country=["GR", "de", "Oz"], level="2", measure="density_per_km2")
    assert app.query_params["country"] == ["Greece", "Germany"]
    assert app.query_params["level"] == "NUTS 2"
    assert app.query_params["measure"] == "Population density"
    assert "states 'Oz', which cannot be shown" in warnings(app)
    assert "Eurostat's code is EL, not GR." in warnings(app)


def test_other_choices_are_read_by_their_codes(store: Store) -> None:
    app = opened("regions", level="2", measure="density_per_km2", trend="shrinking")
    assert app.selectbox(key="level").value == 2
    assert app.selectbox(key="measure").value == "density_per_km2"
    assert not app.warning
    app = opened("regions", measure=label_of(store, "regions", "density_per_km2"))
    assert app.selectbox(key="measure").value == "density_per_km2"
    assert not app.warning
    app = opened("towns", people=["5000", "25000"])
    assert app.select_slider(key="people").value == (5000, 25000)
    assert not app.warning


@pytest.mark.parametrize(
    ("stated", "shown"),
    [
        (["2012", "2018"], "2011 to 2016"),
        (["2019", "2012"], "2011 to 2021"),
        (["2020", "2021"], "2016 to 2021"),
        (["2002", "2003"], "2001 to 2006"),
    ],
)
def test_a_period_off_the_grid_is_shown_as_the_nearest_one(stated: list[str], shown: str) -> None:
    """Five-year figures are of 1 January 2001, 2006, 2011, 2016 and 2021."""
    app = opened("shrinking", period=stated)
    start, end = sorted(stated)
    assert f"{start} to {end} is shown as {shown}" in warnings(app)
    known = next(m.value for m in app.metric if m.label == "Of these shrinking")
    assert not known.endswith(" 0 known")
    assert any(shown in c.value for c in app.caption) or shown == "2016 to 2021"


@pytest.mark.parametrize(
    ("level", "code", "name"), [(2, "DE73", "Kassel"), (0, "LU", "Luxembourg")]
)
def test_shrinking_regions_of_a_larger_level(
    store: Store, level: int, code: str, name: str
) -> None:
    counted = store.rows(
        "select count(*) filter (where annual_change_pct < 0) as losing, "
        "count(annual_change_pct) as known from marts.region_demography "
        "where nuts_version = 2021 and level = ?",
        [level],
    )[0]
    app = opened("shrinking", level=str(level), region=code)
    shown = next(m.value for m in app.metric if m.label == "Of these shrinking")
    assert shown == f"{counted['losing']:,} of {counted['known']:,} known"
    assert f'hc-name">{name}</div><div class="hc-where">{code}' in card(app)
    assert not app.warning


def test_an_address_without_a_level_is_of_the_smallest_regions() -> None:
    app = opened("shrinking", region="DE733")
    assert 'hc-name">Hersfeld-Rotenburg</div><div class="hc-where">DE733' in card(app)
    app = opened("shrinking", region="DE73")
    assert "It is one of NUTS 2: choose that under Level." in warnings(app)


# The list of changes of 2024: Região de Aveiro was PT16D, Groot-Rijnmond NL33C.
@pytest.mark.parametrize(
    ("page", "name", "codes", "of_2021"),
    [
        ("regions", "region", "PT191", "PT16D"),
        ("towns", "within", "nl366", "NL33C"),
        ("compare", "regions", "PT191,DE733", "PT16D,DE733"),
        ("place", "region", "PT191", "PT16D"),
    ],
)
def test_a_code_of_nuts_2024_opens_its_region(
    page: str, name: str, codes: str, of_2021: str
) -> None:
    app = opened(page, **{name: codes})
    assert app.query_params[name] == of_2021
    assert "no region" not in warnings(app)


def test_a_code_of_nuts_2024_is_said() -> None:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.query_params["region"] = "PT191"
    assert [toast.value for toast in app.run().toast] == [
        "Codes of NUTS 2024 in the address, as in NUTS 2021: PT16D = PT191."
    ]


def test_where_outlines_of_2024_are_asked_for_their_codes_stay() -> None:
    app = opened("shrinking", nuts="2024", region="PT191")
    assert app.query_params["region"] == "PT191"


def test_a_vintage_without_figures_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    from pipelines.serve import demography

    monkeypatch.setattr(demography, "levels", lambda *_: [])
    assert "No figures are known of NUTS 2021 here." in warnings(opened("shrinking"))


def test_the_hint_of_a_code(full_home: Path) -> None:
    assert hint("gr") == "Eurostat's code of Greece is EL"
    assert hint("GB") == "Eurostat's code of the United Kingdom is UK"
    assert hint("EL") == hint("XX") == ""
