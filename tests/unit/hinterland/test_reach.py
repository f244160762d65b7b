"""Reach and places through the Python API: the same as the commands, and for own origins."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import hinterland as hl
from pipelines.serve import own_reach as serve_reach
from pipelines.serve.store import Store

pytestmark = pytest.mark.usefixtures("home")

CLINICS = pd.DataFrame(
    {
        "id": ["=1", "b", "c"],
        "lon": [6.13, 6.05, 7.10],
        "lat": [49.61, 49.50, 50.73],
        "capacity": [10, 20, 30],
    }
)


@pytest.fixture(scope="module")
def of_settlements(built_home: Path) -> pd.DataFrame:
    return hl.reach(CLINICS, database=built_home / "build")


def test_a_frame_gives_what_the_command_gives_for_its_file(
    built_home: Path, of_settlements: pd.DataFrame, tmp_path: Path
) -> None:
    CLINICS.to_csv(tmp_path / "clinics.csv", index=False)
    out = tmp_path / "reach.parquet"
    serve_reach.run(Store.current(built_home / "build"), tmp_path / "clinics.csv", out)
    pd.testing.assert_frame_equal(
        of_settlements, pq.read_table(out).to_pandas(), check_dtype=False, check_index_type=False
    )
    assert "=1" in set(of_settlements["nearest_id"])  # no guard against formulas in a frame


def test_what_the_command_says_is_warned_and_stays_with_the_frame(tmp_path: Path) -> None:
    turned = pd.DataFrame({"id": ["a", "b"], "lon": [49.61, 45.0], "lat": [6.13, -40.0]})
    with pytest.warns(hl.HinterlandWarning) as told:
        found = hl.reach(turned.iloc[:1], country="LU")
    assert [str(w.message) for w in told] == found.attrs["remarks"][:2]
    assert "lon and lat were swapped in all 1 rows" in found.attrs["remarks"][0]
    assert "one per site: no capacity is taken" in found.attrs["remarks"][1]
    assert told[0].filename == __file__
    far = CLINICS.assign(lon=[6.13, -40, 7.1], lat=[49.61, 45, 50.73])
    with pytest.warns(hl.HinterlandWarning, match="1 facility was set aside.*: b") as told:
        found = hl.reach(far, country="LU")
    assert len(told) == 1, "stated capacities are no caution"
    assert (
        "Supply per person (supply_score) shares out the capacities of the file."
        in (found.attrs["remarks"])
    )
    sea = pd.DataFrame({"lon": [-30.0], "lat": [50.0]})
    with pytest.warns(hl.HinterlandWarning) as told:
        found = hl.reach(far, origins=sea)
    assert [str(w.message) for w in told] == found.attrs["remarks"]
    assert found.attrs["remarks"][0].startswith("1 facility was set aside")
    assert found.attrs["remarks"][1].startswith("1 origin is near no settlement")


def test_some_capacities_are_refused_until_it_is_said_what_is_meant(tmp_path: Path) -> None:
    some = CLINICS.assign(capacity=[10, None, 30])
    with pytest.raises(hl.HinterlandError, match=r"capacity is empty, as in 1 of 3 facilities"):
        hl.reach(some, country="LU")
    meant = hl.reach(some, country="LU", one_per_site=True)
    with pytest.warns(hl.HinterlandWarning, match="one per site"):
        none = hl.reach(CLINICS.drop(columns="capacity"), country="LU")
    assert meant["supply_score"].tolist() == none["supply_score"].tolist()
    assert meant["supply_score"].sum() > 0
    # Without a score the capacities do not matter.
    assert len(hl.reach(some, origins=CLINICS[["lon", "lat"]])) == 3


def test_places_that_are_counted_nowhere_are_told(tmp_path: Path) -> None:
    head = "id,name,kind,type,country,lon,lat,coordinate_exactness,source\n"
    file = tmp_path / "places.csv"
    row = "{},Hut,place,cafe_pub,{},{},exact,own survey\n"
    near, inland = row.format("near", "LU", "6.13,49.61"), row.format("hut", "IS", "-18.5,64.8")
    file.write_text(head + near + inland, "utf-8")
    with pytest.warns(hl.HinterlandWarning, match="1 entry lies further than 15 km"):
        found = hl.places(file)
    for frame in found.values():
        assert "counted for none" in frame.attrs["remarks"][0]


def test_points_of_any_projection_and_a_path(of_settlements: pd.DataFrame, tmp_path: Path) -> None:
    points = gpd.points_from_xy(CLINICS["lon"], CLINICS["lat"], crs=4326)
    frame = gpd.GeoDataFrame(CLINICS[["id", "capacity"]], geometry=points)
    projected = hl.reach(frame.to_crs(3035), country="LU")
    CLINICS.to_csv(tmp_path / "clinics.csv", index=False)
    from_path = hl.reach(tmp_path / "clinics.csv", country="LU")
    wanted = of_settlements[of_settlements["geonameid"].isin(from_path["geonameid"])]
    for found in (projected, from_path):
        assert found["minutes_nearest"].to_numpy() == pytest.approx(
            wanted["minutes_nearest"].to_numpy(), abs=1e-3
        )


def test_an_origin_on_a_settlement_has_its_minutes_and_an_access(
    of_settlements: pd.DataFrame,
) -> None:
    towns = hl.towns(country="LU", population=(3000, None)).head(20)
    origins = towns[["name", "geometry"]]
    found = hl.reach(CLINICS, origins=origins)
    assert found["name"].tolist() == towns["name"].tolist()
    assert found["geonameid"].tolist() == towns["geonameid"].tolist()
    wanted = of_settlements.set_index("geonameid").loc[towns["geonameid"]]
    minutes = found["minutes_nearest"] - found["access_min"]
    assert minutes.to_numpy(float) == pytest.approx(
        wanted["minutes_nearest"].to_numpy(float), abs=0.01
    )
    assert found["nearest_id"].tolist() == wanted["nearest_id"].tolist()
    assert (found["within_60"].to_numpy() <= wanted["within_60"].to_numpy()).all()


def test_an_origin_far_from_everything_is_not_known() -> None:
    sea = pd.DataFrame({"cell": [7], "lon": [-30.0], "lat": [50.0]})
    found = hl.reach(CLINICS, origins=sea).iloc[0]
    assert found["cell"] == 7
    assert pd.isna(found["minutes_nearest"])
    assert pd.isna(found["nearest_id"])
    assert found["within_60"] == 0


@pytest.mark.parametrize(
    ("facilities", "options", "message"),
    [
        (CLINICS.drop(columns="lon"), {}, "no column 'lon'"),
        (CLINICS.assign(lat=[49.6, np.nan, 50.7]), {}, "index 1"),
        (CLINICS.assign(id="a"), {}, "'a'"),
        (CLINICS, {"country": "XX"}, "country is 'XX'; allowed are AD"),
        ([1, 2], {}, "facilities is a list; a DataFrame"),
        ("nowhere.csv", {}, "no such file"),
        (CLINICS, {"origins": pd.DataFrame({"x": [1]})}, "origins: no column 'lon'"),
        (CLINICS, {"origins": CLINICS.assign(lat=[1, 95, 1])}, "origins, index 1: lat is"),
        (CLINICS, {"origins": CLINICS, "country": "LU"}, "origins go without country"),
    ],
)
def test_what_cannot_be_used_is_named(
    facilities: object, options: dict[str, object], message: str
) -> None:
    with pytest.raises(hl.HinterlandError, match=message):
        hl.reach(facilities, **options)  # type: ignore[arg-type]


def test_outlines_are_no_facilities() -> None:
    regions = hl.regions(level=0, country="LU")
    with pytest.raises(hl.HinterlandError, match=r"index \d+: the geometry is .*[Pp]olygon"):
        hl.reach(regions.assign(id="a"))
    points = gpd.GeoDataFrame({"id": ["a"]}, geometry=gpd.points_from_xy([6.1], [49.6]))
    with pytest.raises(hl.HinterlandError, match="states no CRS"):
        hl.reach(points)
