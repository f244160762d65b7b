"""Two measures on the map of regions: address, legend, card and files against SQL."""

from __future__ import annotations

import io
import re
import zipfile

import numpy as np
import pandas as pd
import pytest

from pages._ui import bivariate, region_filters, region_map
from pages._ui.classes import classify
from pages._ui.measures import PANEL_MEASURES, SERIES_MEASURES
from pages._ui.shown import Shown
from pages._ui.tooltips import _lines
from pipelines.serve import export, region_panel
from pipelines.serve import tooltips as served
from pipelines.serve.filters import RegionFilter
from pipelines.serve.store import Store
from tests.app.test_pages import card, fine
from tests.app.test_region_years import opened

pytestmark = pytest.mark.usefixtures("home")


def both(store: Store) -> pd.DataFrame:
    """Return change and density of 2011 with the class of each, by quantiles of pandas."""
    table = store.frame(
        "select r.nuts_id, r.change_pct as a, s.density_per_km2 as b from marts.regions as r "
        "left join marts.region_series as s on s.nuts_id = r.nuts_id and s.nuts_version = 2021 "
        "and s.year = 2011 and s.period_years = 5 where r.level = 3 order by r.nuts_id"
    )
    all_years = store.frame(
        "select density_per_km2 as b from marts.region_series where nuts_version = 2021 "
        "and level = 3 and period_years = 5"
    )
    for name, over in (("a", table["a"]), ("b", all_years["b"])):
        low, middle = over.quantile(1 / 3), over.quantile(2 / 3)
        table[f"{name}_class"] = pd.cut(
            table[name], [-np.inf, low, middle, np.inf], labels=["low", "middle", "high"]
        )
    return table


def shown(store: Store) -> Shown:
    every = region_panel.frame(store, 3)
    first = Shown(PANEL_MEASURES["change_pct"], region_filters.values(every, "change_pct"))
    second = region_map.of_year(store, SERIES_MEASURES["density_per_km2"], 3, 2011)
    return bivariate.pair(store, first, second)


def test_an_address_draws_both_with_a_square_legend_that_counts(store: Store) -> None:
    app = opened(
        measure="Population change", second="By year: Density", year="2011", region="AT130"
    )
    assert not app.warning
    text = next(h.value for h in app.get("html") if "hinterland-square" in h.value)
    cells = [int(n.replace(",", "")) for n in re.findall(r"<td style[^>]+>([\d,]+)</td>", text)]
    table = both(store)
    counted = [
        int(((table["b_class"] == b) & (table["a_class"] == a)).sum())
        for b in ("high", "middle", "low")
        for a in ("low", "middle", "high")
    ]
    assert cells == counted
    assert "Density, 2011 (people per km²)" in text
    assert "Population change (%)" in text
    missing = int((table["a_class"].isna() | table["b_class"].isna()).sum())
    assert f'<span class="hl-quiet">{missing:,}</span>' in text
    vienna = table.set_index("nuts_id").loc["AT130"]
    assert f"Population change: {vienna['a']:+.1f}" in card(app)
    assert f"Density, 2011: {vienna['b']:,.0f}" in card(app)
    app.selectbox(key="measure").set_value("trend").run()
    assert not any(s.key == "second" for s in fine(app).selectbox)


def test_a_tooltip_tells_both_values(store: Store) -> None:
    on_map = shown(store)
    classes = bivariate.beside(classify(on_map.values["value"], None, on_map.measure), on_map)
    values = on_map.values["value"]
    lines = _lines(store, classes, values, on_map.measure, served.regions(store, "regions-3"))
    at = on_map.values["nuts_id"].tolist().index("AT130")
    said = {line.label: line.texts[line.at[at]] for line in lines if line.at is not None}
    vienna = both(store).set_index("nuts_id").loc["AT130"]
    assert said["Population change"].startswith(f"{vienna['a']:+.1f}")
    assert said["Density, 2011"].startswith(f"{vienna['b']:,.0f}")
    assert said["Population change × Density, 2011 (thirds)"] == (
        "Population change: high, Density, 2011: high"
    )


def test_files_hold_both_columns_and_the_class(store: Store) -> None:
    on_map = shown(store)
    chosen = RegionFilter()
    data = region_panel.with_columns(region_panel.rows(store, chosen), on_map.more)
    body = export.export_bytes(store, "regions", "csv", data, on_map.words, on_map.joined)
    with zipfile.ZipFile(io.BytesIO(body)) as box:
        text = box.read("hinterland-regions.csv").decode()
        notes = box.read("hinterland-regions.readme.txt").decode()
    rows = pd.read_csv(io.StringIO(text), comment="#").set_index("nuts_id")
    table = both(store).set_index("nuts_id")
    known = table["a_class"].notna() & table["b_class"].notna()
    expected = table["a_class"].astype(str) + "-" + table["b_class"].astype(str)
    got = rows["bivariate_class"].reindex(table.index)
    assert got[known].tolist() == expected[known].tolist()
    assert got[~known].isna().all()
    assert np.allclose(
        rows["density_per_km2_2011"].reindex(table.index), table["b"], equal_nan=True
    )
    assert "change_pct" in rows
    assert "bivariate_class is low, middle or high third of change_pct up to -2.4" in notes
