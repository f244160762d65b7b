"""Write sql/seeds/admin_regions.csv: GeoNames' administrative codes that name a NUTS-3 region.

For maintainers, with a built database at hand (best one with Eurostat's list of
municipalities)::

    python geodata/admin_regions.py --build /path/to/build

Each code gets the region that most of its places lie in: by municipality where the list
tells it, else by outline. A place that an outline puts elsewhere speaks against its code
only if it lies farther off than ``placement_code_km``. Only codes that are unambiguous by
this are written.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import shapely

from pipelines.core.thresholds import Thresholds
from pipelines.geo.placement import distance_km

SEED = Path(__file__).resolve().parents[1] / "sql" / "seeds" / "admin_regions.csv"
#: Eurostat country code -> GeoNames' level whose units nest in NUTS-3 regions. The United
#: Kingdom's do not; Cyprus, Luxembourg and Montenegro are one region each.
LEVELS = {
    **dict.fromkeys(("AL", "BG", "CH", "CZ", "EE", "FI", "HR", "HU", "LT"), 1),
    **dict.fromkeys(("MK", "NO", "RO", "SE", "SI", "SK", "TR"), 1),
    **dict.fromkeys(("AT", "DK", "EL", "ES", "FR", "IE", "IT", "LV", "NL", "PL", "PT", "RS"), 2),
    **dict.fromkeys(("BE", "DE"), 3),
}
#: GeoNames' words for "not known".
NOT_CODES = ("00", "")
#: A code by outline needs this many places; by municipality one is enough.
LEAST_PLACES = 3
#: Share of a code's places inside its region, and inside or near enough.
LEAST_INSIDE, LEAST_NEAR = 0.6, 0.95

_PLACES = """
    select geonameid, country, lon, lat, admin1_code, admin2_code, admin3_code, lau_nuts_id,
        coalesce(lau_nuts_id, outline_nuts_id) as nuts_id
    from indicators.ind_settlement__listed
    inner join indicators.ind_settlement__place using (geonameid)
    inner join indicators.ind_settlement__municipality using (geonameid)
    where outline_nuts_id is not null and geonameid not in (
        select geonameid from indicators.ind_settlement__listed where stated_nuts_id is not null
    )
"""


def coded_places(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Return each place with the code of its country's level (``admin_level, admin_code``)."""
    places = con.sql(_PLACES).df()
    places["admin_level"] = places["country"].map(LEVELS).astype("Int8")
    places = places[places["admin_level"].notna()].reset_index(drop=True)
    codes = places[[f"admin{i}_code" for i in (1, 2, 3)]].to_numpy(dtype=object)
    places["admin_code"] = codes[np.arange(len(places)), places["admin_level"].to_numpy(int) - 1]
    return places[places["admin_code"].notna() & ~places["admin_code"].isin(NOT_CODES)]


def with_majority(places: pd.DataFrame) -> pd.DataFrame:
    """Add the region that most places of a code lie in; ties go to the first code."""
    by = ["country", "admin_level", "admin_code"]
    counts = places.groupby([*by, "nuts_id"]).size().rename("inside").reset_index()
    counts = counts.sort_values([*by, "inside", "nuts_id"], ascending=[True] * 3 + [False, True])
    top = counts.drop_duplicates(by).rename(columns={"nuts_id": "region"})
    return places.merge(top, on=by)


def is_explained(places: pd.DataFrame, outlines: dict[str, shapely.Geometry], km: float) -> list:
    """Tell whether each place lies in its code's region, or by outline near enough to it."""
    return [
        here == region or (pd.isna(lau) and distance_km(lon, lat, outlines[region]) <= km)
        for here, region, lau, lon, lat in zip(
            places["nuts_id"],
            places["region"],
            places["lau_nuts_id"],
            places["lon"],
            places["lat"],
            strict=True,
        )
    ]


def derive(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Return the seed's rows."""
    limits = Thresholds.of_table(
        con.sql("select name, value from marts.thresholds").to_arrow_table()
    )
    shapes = con.sql("select nuts_id, geometry from marts.regions where level = 3").fetchall()
    outlines = {code: shapely.from_wkb(bytes(shape)) for code, shape in shapes}
    places = with_majority(coded_places(con))
    places["near"] = is_explained(places, outlines, limits["placement_code_km"])
    rows = places.groupby(["country", "admin_level", "admin_code", "region"], as_index=False).agg(
        inside=("inside", "first"),
        listed_places=("near", "size"),
        share=("near", "mean"),
        listed=("lau_nuts_id", lambda s: s.notna().all()),
    )
    clear = (rows["share"] >= LEAST_NEAR) & (rows["inside"] >= LEAST_INSIDE * rows["listed_places"])
    rows = rows[clear & (rows["listed"] | (rows["listed_places"] >= LEAST_PLACES))].copy()
    rows["share"] = rows["share"].round(3)
    rows["source"] = np.where(
        rows["listed"], "Eurostat LAU 2019 by GeoNames' code", "majority by GISCO's outlines"
    )
    return rows.rename(columns={"region": "nuts_id"}).drop(columns=["inside", "listed"])


def main() -> None:
    """Read the database that a build points to and write the seed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, required=True, help="folder of a build")
    build = parser.parse_args().build
    database = build / json.loads((build / "current.json").read_text("utf-8"))["file"]
    with duckdb.connect(str(database), read_only=True) as con:
        rows = derive(con)
    rows.to_csv(SEED, index=False, lineterminator="\n")
    print(f"{SEED.name}: {len(rows):,} codes, {rows['listed_places'].sum():,} places")


if __name__ == "__main__":
    main()
