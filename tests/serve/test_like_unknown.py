"""Towns like one: what is not known is no type of its own, and size is not swamped."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pipelines.serve import comparison


def town(store, name: str, country: str) -> int:
    frame = comparison.prepared(store).frame
    mine = frame[(frame["name"] == name) & (frame["country"] == country)]
    return int(mine.sort_values("population")["geonameid"].iloc[-1])


def test_every_unknown_type_is_unknown_to_the_comparison(store):
    data = comparison.prepared(store)
    numbers = data.space.numbers
    for name in comparison.CLASSES:
        codes = data.space.codes[data.space.names.index(name) - numbers]
        assert ((codes == -1) == data.frame[name].isna().to_numpy()).all(), name
    assert (data.space.codes == -1).sum() > 50_000  # roles of villages, borders outside the EU


def gower_by_hand(frame: pd.DataFrame, i: int, settings) -> np.ndarray:
    """Gower's distance column by column with pandas: arithmetic done apart from the code."""
    total, weight = np.zeros(len(frame)), np.zeros(len(frame))
    for name, (_, _, scale) in comparison.NUMBERS.items():
        values = pd.Series(scale(frame[name].to_numpy(dtype=float)))
        if values.notna().sum() == 0:
            continue
        low, high = (
            (values.min(), values.max())
            if name in ("population", "density_per_km2")
            else (values.quantile(0.01), values.quantile(0.99))
        )
        part = (values.clip(low, high) - values.clip(low, high)[i]).abs() / (high - low)
        w = 4.0 if name == "population" else 1.0
        total += w * part.fillna(0).to_numpy()
        weight += w * part.notna().to_numpy()
    for name in comparison.CLASSES:
        values = frame[name].astype(object)
        known = values.notna().to_numpy() & pd.notna(values.iloc[i])
        total += 0.25 * (known & (values != values.iloc[i]).to_numpy())
        weight += 0.25 * known
    return total / weight


@pytest.mark.parametrize(
    ("name", "country"),
    [("Sligo", "IE"), ("Ninove", "BE"), ("Zadar", "HR"), ("Bebra", "DE"), ("Oulu", "FI")],
)
def test_the_ten_are_those_of_gowers_formula(store, name, country):
    data = comparison.prepared(store)
    id_ = town(store, name, country)
    like = comparison.towns_like(store, id_).table
    by_hand = gower_by_hand(data.frame.reset_index(drop=True), data.position[id_], None)
    for row in like.itertuples():
        assert row.distance == pytest.approx(by_hand[data.position[row.geonameid]], abs=1e-5)
    worst = like["distance"].max()
    closer = np.flatnonzero(by_hand < worst - 1e-5)
    left_out = {int(data.frame["geonameid"].iloc[j]) for j in closer} - {id_}
    left_out -= set(like["geonameid"])
    # Only towns of which too little is known may stand nearer and not be named.
    known = data.frame.set_index("geonameid").loc[sorted(left_out)]
    assert known["change_pct"].isna().all()


def test_size_is_not_swamped_by_types(store):
    # At full weight, eight types made Gothenburg (608 462 people) a town like Zadar (67 309).
    for name, country in [("Zadar", "HR"), ("Suwałki", "PL"), ("Teruel", "ES")]:
        id_ = town(store, name, country)
        people = comparison.prepared(store).frame.set_index("geonameid").loc[id_, "population"]
        ratio = comparison.towns_like(store, id_).table["population"] / people
        assert ratio.between(1 / 3, 3).all(), name


def test_british_towns_are_no_farther_for_what_is_not_known_of_them(store):
    # Border and island are not known for the United Kingdom, and no reason to differ.
    countries = set(comparison.towns_like(store, town(store, "Sligo", "IE")).table["country_name"])
    assert "United Kingdom" in countries
