"""Marts fit together in a researcher's hands: keys of one type, in pandas and in Parquet."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from pipelines.serve import export
from pipelines.serve.store import Store


def test_regions_join_their_demography_in_pandas(store: Store) -> None:
    regions = store.frame("select nuts_id, nuts_version, country from marts.regions")
    demography = store.frame("select nuts_id, nuts_version, country from marts.region_demography")
    both = regions.merge(demography, on=["nuts_id", "nuts_version"])
    assert len(both) == len(regions) == 2010
    assert (both["country_x"] == both["country_y"]).all()
    # The other vintage finds no partner: the key holds both parts.
    assert set(demography["nuts_version"]) == {2021, 2024}


def test_exported_files_join_too(store: Store, tmp_path: Path) -> None:
    for table in ("regions", "region_demography", "towns"):
        data = export.read_mart(store, table)
        export.export_file(store, table, tmp_path / f"{table}.parquet", data)
    read = {p.stem: pd.read_parquet(p) for p in tmp_path.glob("*.parquet")}
    both = read["regions"].merge(read["region_demography"], on=["nuts_id", "nuts_version"])
    assert len(both) == 2010
    of_region = read["towns"].merge(
        read["regions"], left_on="geonameid", right_on="largest_town_id", suffixes=("", "_region")
    )
    assert (of_region["name"] == of_region["largest_town"]).all()
    assert len(of_region) > 1900
