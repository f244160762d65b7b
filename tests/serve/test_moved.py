"""Sheets, comparisons and prints follow the thresholds that a visitor moved, or say that not."""

from __future__ import annotations

import io
from datetime import date

import pytest
from pypdf import PdfReader

from pipelines.core.errors import InputError
from pipelines.paper import page
from pipelines.paper import sheet as printed
from pipelines.serve import moved, region_panel, sheet, side_by_side
from pipelines.serve.filters import RegionFilter
from pipelines.serve.sheet_parts import PlaceSheet
from pipelines.serve.store import Store

# Hersfeld-Rotenburg lost 3.3 % of its people in ten years: a third of a per cent a year.
REGION = "DE733"
WIDE = (("trend_stable_annual_pct", 0.5),)


def counts_as(made: PlaceSheet) -> str:
    return dict(made.headline[0].values)["trend"]


def facts(made: PlaceSheet) -> dict[str, str]:
    return {f.label: f.value.worded() for s in made.sections for f in s.facts}


def test_a_sheet_follows_a_moved_threshold(store: Store) -> None:
    published = sheet.place_sheet(store, REGION)
    made = sheet.place_sheet(store, REGION, moved=WIDE)
    assert (counts_as(published), counts_as(made)) == ("shrinking", "stable")
    assert (published.moved, made.moved) == ((), WIDE)
    # Figures are counted and measured: no threshold moves them.
    assert [f.value for _s, f in made.figures()] == [f.value for _s, f in published.figures()]


def test_a_sheet_says_where_the_class_turns_on_the_source(store: Store) -> None:
    """DE724: 241 201 and 238 052 people by census, 241 871 and 245 903 by the series.

    -0.13 and +0.17 % a year: 3 points in ten years, so no two answers, yet two classes.
    """
    words = "The class turns on the source: shrinking by -0.13 % a year, growing by the series'"

    def said(code: str, dials: moved.Moved = ()) -> str:
        made = sheet.place_sheet(store, code, moved=dials)
        return " ".join(one.worded() for one in made.section("trend").sentences)

    assert words + " +0.17 %." in said("DE724")
    assert "says +1.67 % instead" not in said("DE724")
    # With half a per cent a year both are stable; -0.33 and -0.05 % part at a tenth.
    assert "turns on the source" not in said("DE724", WIDE)
    assert "shrinking by -0.33 % a year, stable by the series' -0.05 %." in said(REGION)


def test_a_download_by_moved_thresholds_holds_both_classes(store: Store) -> None:
    chosen = RegionFilter(countries=("DE",), moved=WIDE)
    table = region_panel.rows(store, chosen).to_pandas().set_index("nuts_id")
    assert not table.loc["DE724", "has_two_trends"]
    assert table.loc["DE724", "series_trend"] == "stable"
    assert region_panel.rows(store, chosen).schema.field("has_two_trends").type == "bool"


def test_the_kind_by_distance_and_its_peers_follow(store: Store) -> None:
    """Remote is where less than the share of people live close to a city (Dijkstra & Poelman)."""
    share = store.rows("select 1 - remote_share as s from marts.regions where nuts_id = 'DE733'")
    low, high = (("remoteness_close_share", share[0]["s"] + step) for step in (-0.01, 0.01))
    kinds = []
    for dial in (low, high):
        made = sheet.place_sheet(store, REGION, moved=(dial,))
        kinds.append(facts(made)["Kind of region by distance"])
        figure = next(f for s, f in made.figures() if f.column == "population_end")
        own = next(part for part in figure.beside if part.group == "type")
        like = store.rows(
            "select count(*) as n from marts.regions where level = 3 and country_group = 'EU' and "
            "population_end is not null and urban_rural_remoteness(urban_rural, 1 - remote_share, "
            "map(['remoteness_close_share'], [?])) = ?",
            [dial[1], kinds[-1]],
        )
        assert (own.count, own.is_member) == (like[0]["n"], True)
    assert [kind.partition(", ")[2] for kind in kinds] == ["close to a city", "remote"]


def test_causes_follow_as_the_map_of_shrinking_regions_does(full_store: Store) -> None:
    dial = ("shrinking_severe_annual_pct", -0.2)
    order = ("shrinking_moderate_annual_pct", -0.1)
    rate = full_store.rows(
        "select shrinking_class(annual_change_pct, map(?, ?)) as c from marts.region_demography "
        "where nuts_id = 'LT024' and nuts_version = 2021",
        [[dial[0], order[0]], [dial[1], order[1]]],
    )
    assert moved.classes(full_store, "LT024", (dial, order))["shrinking_class"] == rate[0]["c"]


def test_a_comparison_follows(store: Store) -> None:
    codes = (REGION, "DE734")
    dial = (("remoteness_close_share", 0.99),)
    made = side_by_side.side_by_side(store, codes, dial)
    rows = {fact.label: fact for topic in made.topics for fact in topic.facts}
    told = [v.worded() for v in rows["Kind of region by distance"].values if v]
    own = [facts(sheet.place_sheet(store, code, moved=dial)) for code in codes]
    assert told == [one["Kind of region by distance"] for one in own]
    assert told[0].endswith("remote")


def test_values_out_of_order_are_refused(full_store: Store) -> None:
    with pytest.raises(InputError, match="must be below"):
        sheet.place_sheet(full_store, REGION, moved=(("shrinking_severe_annual_pct", 5.0),))


def test_what_cuts_no_class_of_a_sheet_is_passed_over(store: Store) -> None:
    made = sheet.place_sheet(store, REGION, moved=(("thin_desert_share", 0.9),))
    assert made == sheet.place_sheet(store, REGION)


def test_an_address_is_read_in_words_and_numbers(store: Store) -> None:
    stated = {"trend_stable_annual_pct": "0.5", "watch_gdp_pct": "lots", "region": REGION}
    assert moved.read(store, stated) == (WIDE, {"watch_gdp_pct": "lots"})


@pytest.mark.parametrize(
    ("dials", "told"),
    [
        ((), "Classes by the published thresholds."),
        (
            WIDE,
            "Classes by the published thresholds, but: threshold trend_stable_annual_pct moved "
            "to 0.5.",
        ),
    ],
)
def test_a_print_says_which_thresholds_it_stands_on(
    store: Store, dials: moved.Moved, told: str
) -> None:
    made = sheet.place_sheet(store, REGION, moved=dials)
    context = page.Context(printed.path(made.place, made.moved), date(2026, 11, 26), made.moved)
    content = printed.pdf(store, made, context)
    text = " ".join(p.extract_text() for p in PdfReader(io.BytesIO(content)).pages)
    assert told in " ".join(text.split())
    assert ("trend_stable_annual_pct=0.5" in text) is bool(dials)
