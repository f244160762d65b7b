"""Settlements and their regions, judged by Eurostat's list of municipalities itself."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from pipelines.serve.store import Store
from tests.where import DATA, ROOT

#: GeoNames' level that has the list's code, and what stands before the code.
JOINS = {
    "AT": (3, "AT_"),
    "BE": (4, "BE_"),
    "CZ": (3, "CZ_"),
    "DE": (4, "DE_"),
    "DK": (2, "DK_"),
    "FI": (3, "FI_"),
    "IT": (3, "IT_"),
    "NL": (2, "NL_GM"),
}


@pytest.fixture(scope="module")
def full(full_home: Path) -> Store:
    return Store.current(full_home / "build")


def judged(store: Store) -> pd.DataFrame:
    """Return settlements with the municipality's people and its region of 2016, from the files."""
    places = pd.read_parquet(ROOT / "geodata/embedded/geonames_cities500.parquet")
    units = pd.read_parquet(DATA / "lau" / "lau_2019_sample.parquet").set_index("gisco_id")
    ids = pd.Series(None, index=places.index, dtype=object)
    for country, (level, prefix) in JOINS.items():
        codes = places.loc[places["country_code"] == country, f"admin{level}_code"].dropna()
        ids[codes.index] = prefix + codes
    places = places.assign(lau_id=ids).join(units[["population", "code_2016"]], on="lau_id")
    shown = store.frame("select * from marts.towns").set_index("geonameid")
    return places.dropna(subset=["code_2016"]).join(
        shown, on="geonameid", rsuffix="_shown", how="inner"
    )


def whole(store: Store) -> dict[str, str]:
    """Return the regions of 2016 whose people all went to one region of 2021."""
    heirs = store.frame("select * from indicators.ind_region__heirs_2016 where heirs = 1")
    return dict(zip(heirs["nuts_id_2016"], heirs["nuts_id"], strict=True))


@pytest.mark.shared
def test_no_settlement_lies_outside_its_municipality_s_region(full: Store) -> None:
    rows = judged(full)
    rows["right"] = rows["code_2016"].map(whole(full))
    rows = rows.dropna(subset=["right"])
    assert len(rows) > 27_000
    assert rows[rows["right"] != rows["nuts_id"]]["name"].tolist() == []
