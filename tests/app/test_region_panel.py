"""The panel of regions and its dials: each option and dial against SQL written apart."""

from __future__ import annotations

import csv
import io
import zipfile
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui import dials as dial_widgets
from pages._ui import region_filters, saved_views
from pipelines.serve import dials, export, region_panel
from pipelines.serve.filters import REGION_LISTS, REGION_RANGES, RegionFilter
from pipelines.serve.store import Store
from pipelines.serve.thresholds import threshold_facts
from tests.app.test_pages import fine, metric, open_page
from tests.where import ROOT

PAGE = "pages/regions.py"
pytestmark = pytest.mark.usefixtures("home")
#: The marts joined as a reader would join them.
JOIN = """
    from marts.regions as r
    left join marts.region_demography as d on d.nuts_id = r.nuts_id and d.nuts_version = 2021
    left join marts.region_deserts as s on s.nuts_id = r.nuts_id
    where r.level = 3 and
"""
ANALYST = "r.remoteness = 'predominantly rural, remote' and r.access_to_city = 'remote'"

LISTS = {
    ("trend", "shrinking"): "r.trend = 'shrinking'",
    ("webb", "G"): "d.webb_type = 'G'",
    ("cause", "legacy"): "d.cause = 'legacy'",
    ("rate", "severe"): "d.annual_change_pct < -1",
    ("duration", "recent-led"): "d.duration_class = 'recent-led'",
    ("shape", "lasting"): "d.shape = 'lasting'",
    ("remoteness", "intermediate, remote"): (
        "r.urban_rural = 'intermediate' and r.remote_share > 0.5"
    ),
    ("access_to_city", "remote"): "r.access_to_city = 'remote'",
    ("metropolitan", "non-metropolitan region"): "r.metropolitan = 'non-metropolitan region'",
    ("desert_class", "unserved"): "s.desert_share > 0.25",
    ("ageing", "very old"): "d.ageing_class = 'very old'",
    ("cohesion", "transition"): "d.cohesion_category = 'transition'",
    ("urban_rural", "predominantly rural"): "r.urban_rural = 'predominantly rural'",
    ("mountain", "mountain: surface"): "r.mountain = 'mountain: surface'",
    ("coastal", "on the coast"): "r.coastal = 'on the coast'",
    ("border", "land border (external)"): "r.border = 'land border (external)'",
    ("island", "island"): "r.island = 'island'",
}


def count(store: Store, condition: str) -> int:
    return int(store.column(f"select count(*) as n {JOIN} {condition}")[0])


def captions(app: AppTest) -> str:
    return "\n".join(c.value for c in app.caption)


@pytest.mark.parametrize(("key", "value"), LISTS, ids=[key for key, _ in LISTS])
def test_each_list_selects_what_sql_does_and_says_its_count_before(
    store: Store, key: str, value: str
) -> None:
    app = open_page(PAGE)
    wanted = count(store, LISTS[key, value])
    assert 0 < wanted < 1514
    lines = [c.value for c in app.caption]
    assert any(f"{value}: {wanted:,}" in line.split(" · ") for line in lines)
    app.multiselect(key=key).set_value([value]).run()
    assert metric(fine(app), "Regions selected") == f"{wanted:,} of 1,514"


def test_every_list_and_range_has_a_widget_on_the_page() -> None:
    app = open_page(PAGE)
    keys = {w.key for kind in (app.multiselect, app.slider, app.select_slider) for w in kind}
    assert {key for key, _ in LISTS} | {"country"} <= keys
    assert len({key for key, _ in LISTS} | {"country"}) == len(REGION_LISTS)
    assert {"change", "annual", "density", "deserts", "city_minutes", "age", "gdp", "watch"} <= keys
    assert len(REGION_RANGES) == 8


RANGES = [
    ("annual", (None, -0.5), "r.annual_change_pct <= -0.5"),
    ("change", (None, -10), "r.change_pct <= -10"),
    ("age", (50.0, None), "d.median_age >= 50"),
    ("gdp", (None, 50.0), "d.gdp_pct_of_eu <= 50"),
]


@pytest.mark.parametrize(("key", "ends", "condition"), RANGES, ids=[r[0] for r in RANGES])
def test_each_range_selects_what_sql_does_and_counts_what_is_not_known(
    store: Store, key: str, ends: tuple[float | None, float | None], condition: str
) -> None:
    app = open_page(PAGE)
    slider = app.slider(key=key)
    low, high = (end if own is None else own for own, end in zip(ends, slider.value, strict=True))
    slider.set_range(low, high).run()
    wanted = count(store, condition)
    assert 0 < wanted < 1514
    assert metric(fine(app), "Regions selected") == f"{wanted:,} of 1,514"
    unknown = count(store, f"{condition.split()[0]} is null")
    assert unknown > 0
    assert f"{unknown:,} region" in captions(app)
    assert "left out" in captions(app)


def test_the_watch_list_counts_criteria(store: Store) -> None:
    app = open_page(PAGE)
    app.slider(key="watch").set_value(3).run()
    flags = ("shrinking", "aged", "remote", "poor")
    met = " + ".join(f"coalesce(d.is_watch_{flag}::int, 0)" for flag in flags)
    wanted = count(store, f"{met} >= 3")
    assert metric(fine(app), "Regions selected") == f"{wanted} of 1,514"


def test_counts_are_of_what_the_other_filters_leave(store: Store) -> None:
    app = open_page(PAGE)
    app.multiselect(key="country").set_value(["IT"])
    app.multiselect(key="trend").set_value(["shrinking"]).run()
    rural = count(
        store,
        "r.country = 'IT' and r.trend = 'shrinking' and r.urban_rural = 'predominantly rural'",
    )
    growing = count(store, "r.country = 'IT' and r.trend = 'growing'")
    parts = [part for c in fine(app).caption for part in c.value.split(" · ")]
    assert f"predominantly rural: {rural}" in parts
    assert f"growing: {growing}" in parts  # what choosing it in place of shrinking would show


def question(text: str) -> dict[str, list[str]]:
    """Return what the link of a common question states."""
    app = open_page(PAGE)
    html = next(h.value for h in app.get("html") if text in h.value)
    href = next(part for part in html.split('href="') if text in part).split('"')[0]
    return parse_qs(urlsplit(href.replace("&amp;", "&")).query)


def test_the_analysts_question_opens_the_same_from_its_link_in_a_fresh_visit(
    store: Store,
) -> None:
    stated = question("Rural, remote, without a city, shrinking faster than 0.5 % a year")
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for key, values in stated.items():
        app.query_params[key] = values
    app.run()
    fine(app.switch_page(PAGE).run())
    wanted = count(store, f"{ANALYST} and r.annual_change_pct <= -0.5")
    assert 10 < wanted < 100
    assert metric(app, "Regions selected") == f"{wanted} of 1,514"
    assert not app.warning
    assert app.slider(key="annual").value[1] == -0.5
    unknown = count(store, f"{ANALYST} and r.annual_change_pct is null")
    assert f"{unknown} regions have no figure for annual change, % a year" in captions(app)


@pytest.mark.parametrize("text", list(saved_views.QUESTIONS))
def test_each_common_question_opens_without_a_warning_and_selects_some(text: str) -> None:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for key, values in question(text).items():
        app.query_params[key] = values
    app.run()
    fine(app.switch_page(PAGE).run())
    assert not app.warning
    selected = int(metric(app, "Regions selected").split(" of ")[0])
    assert 0 < selected < 700


def test_a_visitor_saves_a_view_with_its_address() -> None:
    app = open_page(PAGE)
    app.multiselect(key="trend").set_value(["shrinking"])
    app.text_input(key="view_name").set_value("My view").run()
    app.button(key="view_save").click().run()
    assert any(m.value == "**My view**" for m in fine(app).markdown)
    assert any(c.value.startswith("regions?") for c in app.code)
    app.multiselect(key="trend").set_value(["growing"]).run()
    assert any(m.value == "**My view**" for m in fine(app).markdown)


def test_the_file_holds_what_was_filtered_on_and_says_the_filter(store: Store) -> None:
    chosen = RegionFilter(
        remoteness=("predominantly rural, remote", "intermediate, remote"),
        webb_type=("F",),
        annual_max=-0.5,
        desert_class=("unserved",),
        moved=(("thin_desert_share", 0.2),),
    )
    words = (
        'level 3; webb type: F; remoteness: "predominantly rural, remote", "intermediate, remote"; '
        "service deserts: unserved; annual change, % a year: at most -0.5; "
        "threshold thin_desert_share moved to 0.2"
    )
    assert chosen.words() == words
    data = region_panel.rows(store, chosen)
    body = export.export_bytes(store, "regions", "csv", data, words, region_panel.joined(chosen))
    with zipfile.ZipFile(io.BytesIO(body)) as box:
        text = box.read("hinterland-regions.csv").decode()
        notes = box.read("hinterland-regions.readme.txt").decode()
    rows = list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
    wanted = store.column(
        f"select r.nuts_id {JOIN} r.remoteness like '%, remote' and d.webb_type = 'F' "
        "and r.annual_change_pct <= -0.5 and s.desert_share > 0.2 order by 1"
    )
    assert [row["nuts_id"] for row in rows] == wanted
    assert wanted
    assert {row["webb_type"] for row in rows} == {"F"}
    assert {row["desert_class"] for row in rows} == {"unserved"}
    assert "webb_type" in notes.split("Columns")[1]
    assert words in notes


def test_a_moved_dial_is_counted_from_class_to_class(store: Store) -> None:
    app = open_page(PAGE)
    app.text_input(key="shrinking_moderate_annual_pct").set_value("-0.75").run()
    # Those between both thresholds go from moderate to modest, and no other region moves.
    wanted = count(store, "d.annual_change_pct < -0.5 and d.annual_change_pct >= -0.75")
    assert wanted > 50
    text = next(m.value for m in fine(app).markdown if "moved to another class" in m.value)
    assert f"Rate class: {wanted};" in text
    matrix = app.dataframe[0].value.set_index("Before")
    assert matrix.index.tolist() == ["moderate", "modest"] == matrix.columns.tolist()
    assert matrix.loc["moderate", "modest"] == wanted
    assert matrix.loc["modest", "moderate"] == 0
    assert matrix.loc["moderate"].sum() == count(
        store, "d.annual_change_pct < -0.5 and d.annual_change_pct >= -1"
    )
    assert (
        f"modest: {count(store, 'd.annual_change_pct < 0 and d.annual_change_pct >= -0.75')}"
        in (captions(app))
    )


@pytest.mark.parametrize(
    ("key", "value", "typology", "condition"),
    [
        (
            "trend_stable_annual_pct",
            0.3,
            "Trend",
            "abs(r.annual_change_pct) > 0.1 and abs(r.annual_change_pct) <= 0.3",
        ),
        (
            "thin_desert_share",
            0.5,
            "Class by service deserts",
            "s.desert_share > 0.25 and s.desert_share <= 0.5",
        ),
        (
            "thin_few_share",
            0.1,
            "Class by service deserts",
            "s.desert_share > 0.05 and s.desert_share <= 0.1",
        ),
        (
            "remoteness_close_share",
            0.8,
            "Urban-rural type with remoteness",
            "r.urban_rural != 'predominantly urban' and r.remote_share <= 0.5 "
            "and 1 - r.remote_share < 0.8",
        ),
        (
            "shrinking_severe_annual_pct",
            -1.5,
            "Rate class",
            "d.annual_change_pct < -1 and d.annual_change_pct >= -1.5",
        ),
        (
            "webb_stationary_per_1000",
            1.0,
            "Webb's type",
            "abs(d.natural_change_per_1000 + d.net_migration_per_1000) <= 1 "
            "and d.webb_type != 'stationary'",
        ),
        (
            "cause_active_min_share",
            0.9,
            "Cause of shrinking",
            "d.cause = 'mixed, mostly active' and d.active_share <= 0.9",
        ),
        (
            "cause_legacy_max_share",
            0.1,
            "Cause of shrinking",
            "d.cause = 'mixed, mostly legacy' and d.active_share >= 0.1",
        ),
        (
            "watch_median_age",
            50.0,
            "Watch list: criteria met",
            "d.is_watch_aged and d.median_age < 50",
        ),
        (
            "watch_gdp_pct",
            50.0,
            "Watch list: criteria met",
            "d.is_watch_poor and d.gdp_pct_of_eu >= 50",
        ),
        (
            "watch_annual_pct",
            -1.0,
            "Watch list: criteria met",
            "d.is_watch_shrinking and d.annual_change_pct >= -1",
        ),
    ],
)
def test_each_dial_moves_what_sql_says(
    store: Store, key: str, value: float, typology: str, condition: str
) -> None:
    app = open_page(PAGE)
    if key in dial_widgets.SLIDERS:
        app.slider(key=key).set_value(value).run()
    else:
        app.text_input(key=key).set_value(f"{value:g}").run()
    wanted = count(store, condition)
    assert wanted > 0
    text = next(m.value for m in fine(app).markdown if "moved to another class" in m.value)
    label = text.partition("(")[2]
    assert f"{typology}: {wanted:,}" in label, (label, wanted)
    listed = next(d.value for d in app.dataframe if "sheet" in d.value.columns)
    assert listed["sheet"].str.fullmatch(r"place\?region=[A-Z]{2}[A-Z0-9]{3}").all()


def test_every_dial_of_the_panel_is_tried_here() -> None:
    assert {*region_panel.MOVABLE} <= {*dials.EFFECTS}
    assert set(dial_widgets.SLIDERS) <= {*dials.EFFECTS}


def test_every_dial_s_unit_has_bounds_that_hold_its_value(store: Store) -> None:
    for row in threshold_facts(store, tuple(dials.EFFECTS)).values():
        if row["name"] not in dial_widgets.SLIDERS:
            low, high = dial_widgets.BOUNDS[row["unit"]]
            assert low < row["value"] < high


def test_nonsense_is_refused_in_words_and_the_reset_sets_back() -> None:
    app = open_page(PAGE)
    app.text_input(key="shrinking_moderate_annual_pct").set_value("-2.0").run()
    said = fine(app).warning[0].value
    assert "is -1; it must be below" in said
    assert "published thresholds are shown" in said
    assert not any("moved to another class" in m.value for m in app.markdown)
    app.button(key="dials_reset").click().run()
    assert fine(app).text_input(key="shrinking_moderate_annual_pct").value == "-0.5"
    assert not app.warning


def test_the_map_shows_what_moved() -> None:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.query_params["shrinking_moderate_annual_pct"] = "-0.75"
    app.query_params["measure"] = "Moved by the thresholds"
    app.run()
    fine(app.switch_page(PAGE).run())
    assert app.selectbox(key="measure").value == dial_widgets.MEASURE.column
    app.text_input(key="shrinking_moderate_annual_pct").set_value("-0.5").run()
    assert fine(app).selectbox(key="measure").value != dial_widgets.MEASURE.column


def test_firmness_by_hand(store: Store) -> None:
    every = region_panel.frame(store, 3)
    result = dials.robustness(store, every, "trend", ())
    assert result is not None
    rate = every["annual_change_pct"].astype(float)
    # The band is 0.1 wide on either side; its dial is tried at 0.09 and at 0.11.
    for row in (rate.sub(0.1).abs().idxmin(), rate.idxmin(), rate.sub(0.105).abs().idxmin()):
        value = float(rate[row])
        kinds = [(value > b) - (value < -b) for b in (0.1, 0.09, 0.11)]
        assert result["kept_share"][row] == (kinds[0] == kinds[1]) / 2 + (kinds[0] == kinds[2]) / 2
        assert result["distance"][row] == pytest.approx(abs(abs(value) - 0.1))
    assert result["kept_share"][rate.isna()].isna().all()
    app = open_page(PAGE)
    app.toggle(key="firm").set_value(True).run()
    shaky = count(store, "abs(abs(r.annual_change_pct) - 0.1) < 0.01")
    assert any(m.value.startswith(f"**{shaky} of") for m in fine(app).markdown)


def test_bounds_of_sliders_hold_every_figure(store: Store) -> None:
    every = region_panel.frame(store, 3)
    for key, (low, high) in region_filters.bounds(store).items():
        known = every[region_filters.SLIDERS[key][0]].dropna()
        assert low <= known.min()
        assert high >= known.max()
