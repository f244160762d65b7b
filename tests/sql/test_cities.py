"""Cities as centres of functional urban areas: the list, its matches, the size that stands in."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from scipy.spatial import cKDTree

from pipelines.serve.store import Store
from tests.where import ROOT

#: Centres by hand: what the area is called, where its centre is and what tells it.
CENTRES = {
    "AT001": ("Vienna", "AT", "name"),
    "BE001": ("Brussels", "BE", "municipality code"),
    "DE021": ("Göttingen", "DE", "municipality code"),
    "DE029": ("Frankfurt (Oder)", "DE", "municipality code"),
    "DE038": ("Dortmund", "DE", "municipality code"),
    "DE527": ("Bremerhaven", "DE", "municipality code"),
    "EL003": ("Pátra", "EL", "name"),
    "FR034": ("Valenciennes", "FR", "name"),
    "IT007": ("Florence", "IT", "municipality code"),
    "LT501": ("Klaipėda", "LT", "municipality code"),
    "RO005": ("Brăila", "RO", "name"),
    "UK001": ("London", "UK", "name"),
    "FR001": ("Paris", "FR", "by hand"),
    "IE001": ("Dublin", "IE", "by hand"),
    "RO012": ("Călăraşi", "RO", "by hand"),
}


def test_every_area_of_the_list_has_a_centre_of_its_own(store: Store) -> None:
    """669 codes of 668 areas (La Louvière has two); none is left over."""
    listed = pd.read_parquet(ROOT / "geodata" / "embedded" / "eurostat_fua_2019.parquet")
    assert len(listed) == 669
    ids = set(listed["fua_id"].str[:5])
    centres = store.frame("select * from indicators.ind_fua__centre")
    assert set(centres["fua_id"]) == ids
    assert len(ids) == 668
    assert centres["geonameid"].is_unique
    assert (centres["country"] == centres["fua_id"].str[:2]).all()
    assert centres["population"].sum() == listed["fua_population_2018"].sum()


def test_centres_by_hand(store: Store) -> None:
    rows = store.frame(
        "select fua_id, name, listed.country, centre_basis from indicators.ind_fua__centre "
        "inner join indicators.ind_settlement__listed as listed using (geonameid)"
    ).set_index("fua_id")
    found = rows.loc[list(CENTRES)].itertuples(index=False, name=None)
    assert dict(zip(CENTRES, found, strict=True)) == CENTRES


def test_the_centre_of_a_large_area_is_a_large_city(store: Store) -> None:
    """Göttingen has 118 000 people, its area 460 839: a centre that no size would find."""
    rows = store.frame(
        "select name, minutes_to_city, minutes_to_large_city, minutes_to_town_50k, city_basis "
        "from marts.towns where name in ('Göttingen', 'Hamar', 'Gjøvik')"
    ).set_index("name")
    assert rows.loc["Göttingen", "minutes_to_large_city"] == 0
    assert rows.loc["Göttingen", "city_basis"] == "functional urban area"
    assert set(rows.loc[["Hamar", "Gjøvik"], "city_basis"]) == {"settlement"}


def test_sizes_stand_in_only_where_no_area_is_listed(store: Store) -> None:
    rows = store.frame(
        "select country, city_basis, min(city_people) as least "
        "from indicators.ind_settlement__city "
        "inner join indicators.ind_settlement__listed using (geonameid) group by all"
    )
    sizes = rows[rows["city_basis"] == "settlement"]
    areas = set(rows[rows["city_basis"] == "functional urban area"]["country"])
    assert len(areas) == 30
    assert {"NO", "TR", "RS", "BA", "AL", "MK", "XK"} <= set(sizes["country"])
    assert not areas & set(sizes["country"])
    assert sizes["least"].min() >= 60_000


def test_people_around_a_centre_tell_large_areas_from_others(store: Store) -> None:
    """The stand-in for France and Cyprus, on the areas whose people the list gives."""
    frame = store.frame(
        "select centres.population as stated, nodes.* "
        "from indicators.ind_settlement__node as nodes "
        "left join indicators.ind_fua__centre as centres using (geonameid) "
        "where nodes.population > 0"
    )
    centres = frame[frame["stated"].notna()].reset_index(drop=True)
    km, which = cKDTree(_sphere(centres)).query(_sphere(frame))
    own = (km <= 17.5) & (frame["country"].to_numpy() == centres["country"].to_numpy()[which])
    people = np.bincount(which[own], frame["population"].to_numpy()[own], len(centres))
    stated, made = centres["stated"].to_numpy() >= 250_000, people >= 250_000
    assert len(centres) == 596
    assert (stated == made).mean() > 0.84
    assert abs(int((made & ~stated).sum()) - int((stated & ~made).sum())) <= 10


def _sphere(places: pd.DataFrame) -> np.ndarray:
    lon, lat = np.radians(places["lon"]), np.radians(places["lat"])
    xyz = np.c_[np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)]
    return 6371.0088 * xyz


@pytest.mark.shared
def test_people_are_those_of_the_municipalities(shared_data: Path) -> None:
    """The twelve countries' areas summed again from the publisher's list."""
    units = pd.read_parquet(shared_data / "lau" / "lau_2019_sample.parquet").dropna(subset="fua_id")
    sums = units.groupby("fua_id")["population"].agg(["sum", "size"])
    listed = pd.read_parquet(ROOT / "geodata" / "embedded" / "eurostat_fua_2019.parquet")
    both = listed.set_index("fua_id").join(sums, how="inner")
    assert len(both) == len(sums) == 305
    assert (both["fua_population_2018"] == both["sum"]).all()
    assert (both["municipalities"] == both["size"]).all()


@pytest.mark.shared
def test_60_000_separates_best_in_the_twelve_countries(store: Store, shared_data: Path) -> None:
    """Of places without a larger one within 20 km, which are centres: errors of each size."""
    units = pd.read_parquet(shared_data / "lau" / "lau_2019_sample.parquet", columns=["country"])
    frame = store.frame(
        "select nodes.*, nodes.geonameid in (select geonameid from indicators.ind_fua__centre) "
        "as is_centre from indicators.ind_settlement__node as nodes where population >= 20000"
    )
    people, points = frame["population"].to_numpy(), _sphere(frame)
    near = cKDTree(points).query_ball_point(points, 20)
    frame = frame[[bool((people[n] <= people[i]).all()) for i, n in enumerate(near)]]
    frame = frame[frame["country"].isin(units["country"].unique())]
    errors = {
        size: int(((frame["population"] >= size) != frame["is_centre"]).sum())
        for size in range(45_000, 105_000, 5_000)
    }
    assert min(errors, key=errors.__getitem__) == _threshold("remoteness_city_population")
    assert errors[60_000] < 0.9 * errors[50_000]


def _threshold(name: str) -> float:
    with (ROOT / "sql" / "seeds" / "thresholds.csv").open(encoding="utf-8", newline="") as rows:
        return next(float(row["value"]) for row in csv.DictReader(rows) if row["name"] == name)


@pytest.mark.parametrize(
    ("geonameid", "people", "bad"),
    [
        (2, None, (2, "DE021", "geonameid", "2")),  # in France
        (3, None, (2, "DE021", "geonameid", "3")),  # a part, counted elsewhere
        (1, 90_000, (2, "DE021", "expected_population", "90000")),
    ],
)
def test_a_row_of_the_seed_fits_its_country(
    geonameid: int, people: int | None, bad: tuple[int, str, str, str]
) -> None:
    con = duckdb.connect()
    con.execute("create schema seeds; create schema staging; create schema indicators")
    con.execute(
        "create table seeds.fua_centres (fua_id varchar, geonameid integer, "
        "expected_population bigint)"
    )
    con.execute("insert into seeds.fua_centres values ('DE021', ?, ?)", [geonameid, people])
    con.execute(
        "create table staging.stg_eurostat__fua as select 'DE021' as fua_id, 'DE' as country"
    )
    con.execute(
        "create table staging.stg_geonames__settlements as select 1 as geonameid, "
        "118000::bigint as population"
    )
    con.execute(
        "create table indicators.ind_settlement__node as select unnest([1, 2, 3]) as geonameid, "
        "unnest(['DE', 'FR', 'DE']) as country, unnest([118000, 118000, null]) as population"
    )
    statement = (ROOT / "sql" / "tests" / "fua_centres__fit_their_country.sql").read_text("utf-8")
    (row,) = con.execute(statement).fetchall()
    assert row[:4] == bad
