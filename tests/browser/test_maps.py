"""What a map tells who points at it, and how it is moved: as a person sees it in Chromium."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import duckdb
import pytest
import shapely
import shapely.geometry
from playwright.sync_api import Page, expect
from pyproj import Transformer

from pipelines.core.pointer import read_pointer
from tests.browser import screen

LAPPI = (5000.0, 5000.0)
#: Westmost and eastmost, southmost and northmost: Lisbon, Reykjanes, Lake Van, Cyprus, North Cape.
EDGES = {
    "Lisbon": (-9.5, 38.8),
    "Reykjanes": (-22.7, 63.8),
    "Hakkâri": (44.5, 37.4),
    "Páfos": (32.4, 34.75),
    "North Cape": (25.8, 71.1),
}
#: Whether an element, or one in it, hides a part of its text.
CUT = """e => [e, ...e.querySelectorAll('*')].some(n =>
  n.scrollWidth > n.clientWidth + 1 && getComputedStyle(n).overflowX !== 'visible')"""
SIZES = ((1440, 900), (1024, 768), (390, 844))


def laea(lon: float, lat: float) -> tuple[float, float]:
    """Return a place in km, EPSG:3035, by PROJ."""
    x, y = Transformer.from_crs(4326, 3035, always_xy=True).transform(lon, lat)
    return x / 1000, y / 1000


def row_of(home: Path, sql: str) -> tuple[Any, ...]:
    with duckdb.connect(str(home / "build" / _file(home)), read_only=True) as con:
        row = con.execute(sql).fetchone()
    assert row
    return row


def _file(home: Path) -> str:
    return read_pointer(home / "build").file


def test_a_region_s_tooltip_tells_value_class_means_and_rank(
    served: str, built_home: Path, page: Page
) -> None:
    value, people, finland, union, place, total = row_of(
        built_home,
        """
        with leaves as (select * from marts.regions where level = 3 and change_pct is not null),
        ranked as (select *, rank() over (order by change_pct desc) as place from leaves)
        select
            change_pct, population_end,
            (select 100 * (sum(population_end) / sum(population_start) - 1) from leaves
             where country = 'FI'),
            (select 100 * (sum(population_end) / sum(population_start) - 1) from leaves
             where country_group = 'EU'),
            place, (select count(*) from leaves)
        from ranked where nuts_id = 'FI1D7'
        """,
    )
    assert -5 < value <= -1, "the class below is that of Lappi's change"
    page.goto(f"{served}/regions")
    lines = [line.replace("\u00a0", " ") for line in screen.tooltip(page, *LAPPI)]
    assert lines[:6] == [
        "Lappi (FI1D7)",
        f"Finland · {people:,} people",
        f"Population change: {value:+.1f} %",
        "Class: above -5.0 to -1.0",
        f"As a whole: Finland {finland:+.1f} % · EU {union:+.1f} %",
        f"Rank: {place:,} of {total:,}, from the highest",
    ]


def test_a_tooltip_of_a_type_counts_its_like(served: str, built_home: Path, page: Page) -> None:
    kind, alike, known, every = row_of(
        built_home,
        """
        select
            urban_rural,
            (select count(*) from marts.regions as r
             where r.level = 3 and r.country = 'FI' and r.urban_rural = l.urban_rural),
            (select count(urban_rural) from marts.regions where level = 3 and country = 'FI'),
            (select count(*) from marts.regions as r
             where r.level = 3 and r.urban_rural = l.urban_rural)
        from marts.regions as l where nuts_id = 'FI1D7'
        """,
    )
    page.goto(f"{served}/regions?measure=Urban-rural%20type")
    lines = screen.tooltip(page, *LAPPI)
    assert lines[2] == f"Urban-rural type: {kind}"
    assert lines[3].startswith(f"So are {alike} of {known} in Finland, {every} of ")


def test_a_settlement_s_tooltip_tells_its_minutes(
    served: str, built_home: Path, page: Page
) -> None:
    name, lon, lat, people, minutes, mean = row_of(
        built_home,
        """
        with known as (
            select t.*, a.minutes_nearest from marts.towns as t
            join marts.access as a using (geonameid)
            where a.service = 'upper_centre' and t.country = 'IS' and a.coverage = 'covered'
        )
        select
            name, lon, lat, population, minutes_nearest,
            (select sum(minutes_nearest * population) / sum(population) from known
             where part_of is null)
        from known where name = 'Akureyri'
        """,
    )
    page.goto(f"{served}/services?service=Upper%20centre&country=Iceland")
    lines = [line.replace("\u00a0", " ") for line in screen.tooltip(page, *laea(lon, lat))]
    assert lines[0] == name
    assert lines[1] == f"{people:,} people"
    assert lines[2].endswith(", Iceland")
    assert lines[3] == f"Minutes to the nearest: {minutes:,.0f} minutes"
    assert lines[5].startswith(f"Mean by people: Iceland {mean:,.0f} minutes · EU ")
    assert lines[6] == "Estimated, by car"


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_all_of_europe_is_in_view_at_every_size(
    served: str, page: Page, width: int, height: int
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.goto(f"{served}/regions")
    screen.view(page)
    box = page.locator(screen.MAP).first.bounding_box()
    assert box
    assert box["height"] < height * 0.6
    for name, (lon, lat) in EDGES.items():
        x, y = screen.spot(page, *laea(lon, lat))
        assert box["x"] <= x <= box["x"] + box["width"], name
        assert box["y"] <= y <= box["y"] + box["height"], name
    if width < 640:  # the legend follows its map, and both are seen at once
        legend = page.get_by_test_id("legend").bounding_box()
        assert legend
        assert 0 < legend["y"] - (box["y"] + box["height"]) < 40
        assert legend["y"] + legend["height"] - box["y"] < height


@pytest.mark.parametrize("width", [1440, 1024])
def test_figures_beside_the_map_are_not_cut(served: str, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{served}/regions")
    screen.settle(page)
    for figure in page.get_by_test_id("stMetricValue").all():
        cut = figure.evaluate(CUT)
        assert not cut, figure.inner_text()


def test_buttons_zoom_and_reset_and_the_scale_follows(served: str, page: Page) -> None:
    page.goto(f"{served}/regions")
    x, y, zoom = screen.view(page)
    scale = page.locator(".hinterland-map-scale")
    expect(scale).to_have_text("500 km")
    width = scale.bounding_box()
    assert width
    assert abs(width["width"] - 500 * 2**zoom) < 3
    page.get_by_role("button", name="Zoom in").click()
    expect(page.locator(screen.MAP).first).to_have_attribute(
        "data-view", f"{x:.2f} {y:.2f} {zoom + 1:.4f}"
    )
    expect(scale).to_have_text("200 km")
    page.get_by_role("button", name="Zoom out").click()
    page.get_by_role("button", name="Zoom out").click()
    expect(scale).to_have_text("1\u202f000 km")
    page.get_by_role("button", name="Reset the view").click()
    expect(page.locator(screen.MAP).first).to_have_attribute(
        "data-view", f"{x:.2f} {y:.2f} {zoom:.4f}"
    )


def test_regions_are_marked_on_map_and_table_and_the_address_reproduces_them(
    served: str, built_home: Path, page: Page
) -> None:
    page.set_viewport_size({"width": 1440, "height": 1500})
    page.goto(f"{served}/regions?several=true")
    screen.view(page)
    screen.settle(page)
    screen.click_until(page, screen.spot(page, *LAPPI), "marked=FI1D7")
    row = page.locator("[data-testid='stDataFrame'] canvas").first.bounding_box()
    assert row
    page.mouse.click(row["x"] + 18, row["y"] + 36 + 17)  # the first row's box
    expect(page.get_by_role("textbox", name="Marked regions")).to_have_value("FI1D7 BG311")
    fresh = page.context.new_page()
    fresh.goto(page.url)
    expect(fresh.get_by_text("2 regions marked")).to_be_visible()
    people, area = row_of(
        built_home,
        "select sum(population_end)::bigint, sum(area_km2) from marts.regions "
        "where nuts_id in ('FI1D7', 'BG311')",
    )
    expect(fresh.get_by_text(f"{people:,} people")).to_be_visible()
    expect(fresh.get_by_text(f"{area:,.0f} km²")).to_be_visible()


def test_regions_of_a_part_of_the_scatter_are_marked(served: str, page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 1700})
    page.goto(f"{served}/shrinking?country=Germany")
    screen.view(page)
    screen.settle(page)
    chart = page.get_by_test_id("stVegaLiteChart").first.bounding_box()
    assert chart
    page.mouse.move(chart["x"] + chart["width"] * 0.25, chart["y"] + chart["height"] * 0.2)
    page.mouse.down()
    page.mouse.move(chart["x"] + chart["width"] * 0.5, chart["y"] + chart["height"] * 0.5, steps=8)
    page.mouse.up()
    expect(page.get_by_text("regions marked")).to_be_visible()
    assert "several=true" in page.url
    codes = page.get_by_role("textbox", name="Marked regions").input_value().split()
    assert len(codes) > 1
    assert {code[:2] for code in codes} == {"DE"}
    assert f"marked={'+'.join(codes)}" in page.url


def test_a_part_of_the_histogram_is_shown_alone_on_the_map(
    served: str, built_home: Path, page: Page
) -> None:
    page.set_viewport_size({"width": 1440, "height": 1500})
    page.goto(f"{served}/regions")
    screen.view(page)
    screen.settle(page)
    chart = page.get_by_test_id("stVegaLiteChart").first.bounding_box()
    assert chart
    page.mouse.move(chart["x"] + chart["width"] * 0.6, chart["y"] + 60)
    page.mouse.down()
    page.mouse.move(chart["x"] + chart["width"] * 0.7, chart["y"] + 70, steps=8)
    page.mouse.up()
    field = page.get_by_role("textbox", name="Show values alone")
    expect(field).not_to_have_value("")
    low, high = map(float, field.input_value().split(".."))
    screen.settle(page)
    (inside,) = row_of(
        built_home,
        f"select count(*) from marts.regions where level = 3 "  # noqa: S608 - numbers
        f"and change_pct between {low} and {high}",
    )
    rest = 1514 - inside
    expect(page.get_by_test_id("legend")).to_contain_text(f"not in the selection{rest:,}")
    assert f"values={field.input_value()}" in page.url


def test_finer_outlines_decide_where_a_region_ends_when_the_map_is_near(
    served: str, built_home: Path, page: Page
) -> None:
    """A place that only the coarse outlines give to a neighbour is told as what it is."""
    folder = (built_home / "build" / _file(built_home)).with_suffix(".maps")

    def features(name: str) -> Any:
        return json.loads(gzip.decompress((folder / f"{name}.json.gz").read_bytes()))

    def outline(parts: list[dict[str, Any]], code: str) -> shapely.Geometry:
        own = [f for f in parts if f["properties"]["id"] == code]
        return shapely.union_all([shapely.geometry.shape(f["geometry"]) for f in own])

    finer = [item["feature"] for item in features("near-3")]
    hersfeld = outline(finer, "DE733")
    gained = hersfeld.intersection(outline(features("regions-3")["features"], "DEG0P"))
    part = max(shapely.get_parts(gained), key=lambda one: one.area)
    place = shapely.maximum_inscribed_circle(part).coords[0]
    with page.expect_response(re.compile("/near-3/")) as told:
        page.goto(f"{served}/regions?region=DE733")
    assert told.value.ok
    screen.settle(page)
    assert screen.tooltip(page, *place)[0] == "Hersfeld-Rotenburg (DE733)"
    middle = outline(finer, "DE735").centroid
    screen.click_until(page, screen.spot(page, middle.x, middle.y), "region=DE735")


def test_a_wheel_scrolls_until_the_map_is_used_and_buttons_move_what_it_zoomed(
    served: str, page: Page
) -> None:
    page.goto(f"{served}/regions")
    first = screen.view(page)
    box = page.locator(screen.MAP).first.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.wheel(0, 30)
    expect(page.locator(".hinterland-map-hint").first).to_be_visible()
    assert screen.view(page) == first
    page.keyboard.down("Control")
    page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    chart = page.locator(screen.MAP).first
    expect(chart).not_to_have_attribute("data-view", " ".join(_texts(first)))
    page.wait_for_function(  # deck.gl smooths a wheel
        """([map]) => new Promise((done) => {
            const view = () => document.querySelector(map).dataset.view;
            const before = view();
            setTimeout(() => done(view() === before), 1000);
        })""",
        arg=[screen.MAP],
    )
    x, y, zoom = screen.view(page)
    assert zoom > first[2]
    page.get_by_role("button", name="Zoom out").first.click()
    expect(chart).to_have_attribute("data-view", " ".join(_texts((x, y, zoom - 1))))
    page.get_by_role("button", name="Reset the view").first.click()
    expect(chart).to_have_attribute("data-view", " ".join(_texts(first)))


def _texts(view: tuple[float, float, float]) -> list[str]:
    """Return a view as the map states it."""
    return [f"{view[0]:.2f}", f"{view[1]:.2f}", f"{view[2]:.4f}"]
