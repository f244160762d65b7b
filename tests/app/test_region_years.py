"""The map of regions by year: its slider, its classes and what leaves the page."""

from __future__ import annotations

import csv
import io
import re
import zipfile

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui import region_map, small_maps
from pages._ui.measures import SERIES_MEASURES
from pipelines.serve import export, region_panel
from pipelines.serve.filters import RegionFilter
from pipelines.serve.store import Store
from tests.app.test_pages import fine
from tests.where import ROOT

pytestmark = pytest.mark.usefixtures("home")


def opened(**stated: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for key, value in stated.items():
        app.query_params[key] = value
    app.run()
    return fine(app.switch_page("pages/regions.py").run())


def legend(app: AppTest) -> str:
    html = next(h.value for h in app.get("html") if 'data-testid="legend"' in h.value)
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", html))


def classes(text: str) -> list[str]:
    """Return the labels of a legend without its title and counts."""
    return re.findall(r"(?:above|up to) [^ ]+(?: to [^ ]+)?", text)


def test_an_address_reproduces_the_year_in_title_legend_and_counts(store: Store) -> None:
    app = opened(measure="By year: Natural change, rate", year="2006")
    assert app.select_slider(key="year").value == 2006
    assert app.header[0].value == "Where do deaths outnumber births? 2006 to 2011"
    text = legend(app)
    assert "Natural change, rate, 2006 to 2011 (per 1,000 people a year)" in text
    rows = store.rows(
        "select count(natural_change_per_1000) as known, "
        "count(*) filter (where natural_change_per_1000 > 8) as above from marts.region_series "
        "where nuts_version = 2021 and level = 3 and period_years = 5 and year = 2006"
    )
    assert f"no data {1514 - rows[0]['known']} " in text
    assert f"above +8 {rows[0]['above']} " in text
    assert not app.warning


@pytest.mark.parametrize("method", ["fixed", "quantiles"])
def test_all_years_have_the_same_classes(method: str) -> None:
    app = opened(measure="density_per_km2_by_year", year="2001")
    app.selectbox(key="method").set_value(method).run()
    first = legend(app)
    app.select_slider(key="year").set_value(2016).run()
    last = legend(fine(app))
    assert "2001" in first
    assert "2016" in last
    assert classes(first) == classes(last)
    assert len(classes(first)) >= 5


def test_a_year_that_another_measure_lacks_gives_way_to_the_nearest() -> None:
    app = opened(measure="density_per_km2_by_year", year="2021")
    app.selectbox(key="measure").set_value("natural_change_per_1000_by_year").run()
    assert fine(app).select_slider(key="year").value == 2016
    assert not app.warning


def test_a_year_that_is_none_is_said() -> None:
    app = opened(measure="density_per_km2_by_year", year="1848")
    assert "states '1848', which cannot be shown. Allowed: 2001 · 2006" in app.warning[0].value
    assert app.select_slider(key="year").value == 2021


def test_files_hold_the_figures_of_the_year(store: Store) -> None:
    measure = SERIES_MEASURES["net_migration_per_1000"]
    shown = region_map.of_year(store, measure, 3, 2011)
    assert shown.words == "net_migration_per_1000_2011 is net_migration_per_1000 of 2011 to 2016"
    chosen = RegionFilter(countries=("AT",))
    data = region_panel.with_columns(region_panel.rows(store, chosen), shown.more)
    body = export.export_bytes(store, "regions", "csv", data, shown.words, shown.joined)
    with zipfile.ZipFile(io.BytesIO(body)) as box:
        text = box.read("hinterland-regions.csv").decode()
        notes = box.read("hinterland-regions.readme.txt").decode()
    rows = list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
    value = store.rows(
        "select net_migration_per_1000 as value from marts.region_series where nuts_id = 'AT130' "
        "and nuts_version = 2021 and year = 2011 and period_years = 5"
    )[0]["value"]
    (vienna,) = [row for row in rows if row["nuts_id"] == "AT130"]
    assert float(vienna["net_migration_per_1000_2011"]) == pytest.approx(value)
    assert len(rows) == 35
    assert shown.words in notes
    assert "net_migration_per_1000 [" in notes.split("Columns")[1]


def test_small_maps_have_one_legend_and_their_counts_in_words(store: Store) -> None:
    app = opened(measure="natural_change_per_1000_by_year", small="true", country="Germany")
    assert app.multiselect(key="years").value == ["2001", "2006", "2011", "2016"]
    table = next(h.value for h in app.get("html") if "hinterland-counts" in h.value)
    heads = re.findall(r'<th scope="col">([^<]+)</th>', table)
    assert heads == ["2001 to 2006", "2006 to 2011", "2011 to 2016", "2016 to 2021"]
    rows = {
        name: list(map(int, re.findall(r"<td>(\d+)</td>", cells)))
        for name, cells in re.findall(r'<th scope="row">([^<]+)</th>(.*?)</tr>', table)
    }
    counted = store.rows(
        "select count(*) filter (where natural_change_per_1000 <= -8) as lowest, "
        "count(*) - count(natural_change_per_1000) as missing from marts.region_series "
        "where nuts_version = 2021 and level = 3 and period_years = 5 and country = 'DE' "
        "and year < 2021 group by year order by year"
    )
    assert rows["up to -8"] == [row["lowest"] for row in counted]
    assert rows["no data"] == [row["missing"] for row in counted]
    assert all(sum(column) == 401 for column in zip(*rows.values(), strict=True))
    labels = [button.proto.label for button in app.get("download_button")]
    assert labels.count("Small maps as PDF") == 1
    app.multiselect(key="years").set_value([]).run()
    assert any("at least one year" in i.value for i in fine(app).info)


def test_six_years_are_spread_from_first_to_last() -> None:
    assert small_maps.spread(tuple(range(2000, 2022))) == [2000, 2004, 2008, 2013, 2017, 2021]
    assert small_maps.spread((2001, 2006)) == [2001, 2006]
