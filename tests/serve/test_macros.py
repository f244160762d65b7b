"""Macros in a published database: the build's results, and moved thresholds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pipelines.core.errors import InputError
from pipelines.geo.sphere import arc_km, to_sphere
from pipelines.serve import travel_queries
from pipelines.serve.store import Store
from pipelines.serve.thresholds import thresholds


@pytest.mark.parametrize(
    ("macro", "table", "key"),
    [
        ("typologies.smst()", "typologies.typ_settlement__smst", "geonameid"),
        ("marts.demography()", "marts.region_demography", "nuts_version, nuts_id"),
        ("marts.crossing()", "marts.region_crossing", "nuts_id"),
    ],
)
def test_a_published_macro_gives_what_the_build_published(
    store: Store, macro: str, table: str, key: str
) -> None:
    theirs = store.frame(f"select * from {macro} order by {key}")  # noqa: S608
    pd.testing.assert_frame_equal(
        theirs,
        store.frame(f"select * from {table} order by {key}"),  # noqa: S608
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("shrinking_moderate_annual_pct", -0.75),
        ("shrinking_severe_annual_pct", -2.0),
        ("webb_stationary_per_1000", 2.0),
        ("cause_active_min_share", 0.6),
        ("cause_legacy_max_share", 0.1),
        ("watch_annual_pct", -0.1),
        ("watch_median_age", 40.0),
        ("watch_gdp_pct", 60.0),
    ],
)
def test_classes_cut_anew_are_those_of_windows_worked_out_anew(
    store: Store, name: str, value: float
) -> None:
    moved = {"names": [name], "values": [value]}
    quick, slow = (
        store.frame(
            f"select * exclude (geometry) from {macro}("  # noqa: S608
            "map($names::varchar[], $values::double[]), 2021, 3) order by nuts_id",
            moved,
        )
        for macro in ("marts.classed_demography", "marts.demography")
    )
    pd.testing.assert_frame_equal(quick, slow)


def test_moved_limits_of_a_role_change_what_rests_on_them_alone(store: Store) -> None:
    few = store.frame(
        "select * from typologies.smst(map(['smst_few_services'], [2.0])) order by geonameid"
    )
    base = store.frame("select * from typologies.typ_settlement__smst order by geonameid")
    assert (few["is_short_of_services"] == (base["services_beyond"] >= 2)).all()
    assert (few["is_short_of_services"] != base["is_short_of_services"]).sum() > 1000
    unmoved = ["role", "city_reach", "services_beyond", "is_marginal", "smst_type"]
    pd.testing.assert_frame_equal(few[unmoved], base[unmoved])


def test_inner_areas_at_published_cuts_are_the_published_classes(store: Store) -> None:
    rows = thresholds(store)
    edition = int(rows["remoteness_snai_edition"])
    cuts = tuple(rows[f"remoteness_snai_{cut}_{edition}_min"] for cut in travel_queries.SNAI_CUTS)
    published = store.frame(
        "select remoteness, minutes_to_pole from marts.towns order by geonameid"
    )
    classes = travel_queries.remoteness_classes(store, "minutes_to_pole", cuts)
    pd.testing.assert_series_equal(classes["remoteness"], published["remoteness"])
    wide = travel_queries.remoteness_classes(store, "minutes_to_pole", (100.0, 110.0, 120.0))
    minutes = published["minutes_to_pole"]
    assert ((wide["remoteness"] == "belt") == ((minutes > 0) & (minutes < 100))).all()
    assert ((wide["remoteness"] == "ultra-peripheral") == (minutes > 120)).all()


def test_remote_regions_at_published_limits_are_the_published_types(store: Store) -> None:
    rows = thresholds(store)
    limits = rows["remoteness_close_to_city_min"], rows["remoteness_close_share"]
    made = travel_queries.region_remoteness(store, 3, "minutes_to_city", *limits)
    published = store.frame("select remoteness from marts.regions where level = 3 order by nuts_id")
    pd.testing.assert_series_equal(made["remoteness"], published["remoteness"])
    harsh = travel_queries.region_remoteness(store, 3, "minutes_to_city", limits[0], 0.9)
    close = made["remoteness"].str.contains("close") & (made["beyond_share"] <= 0.1)
    assert (harsh["remoteness"].str.contains("close") == close).all()


@pytest.mark.shared
def test_duration_follows_the_rate_that_is_moved(full_store: Store) -> None:
    frame = full_store.frame(
        "select duration_class, overall_annual_change_pct as overall, "
        "duration_class(earlier_annual_change_pct, recent_annual_change_pct, overall, "
        "map(['shrinking_severe_annual_pct'], [-0.8])) as own "
        "from typologies.typ_region__shape where duration_class is not null",
    )
    severe = frame["own"] == "continuous, severe"
    steady = frame["duration_class"].str.startswith("continuous")
    assert (severe == (steady & (frame["overall"] < -0.8))).all()
    assert severe.sum() > (frame["duration_class"] == "continuous, severe").sum()
    assert (frame["own"] == frame["duration_class"])[~steady].all()


def test_distance_is_that_of_the_sphere(store: Store) -> None:
    row = store.arrow("select distance_km(9.99, 53.55, 13.4, 52.52) as km").to_pylist()[0]
    assert row["km"] == pytest.approx(255.2, abs=0.3)
    sphere = to_sphere(np.array([9.99, 13.4]), np.array([53.55, 52.52]))
    (own,) = arc_km(sphere, np.array([0]), np.array([1]))
    assert row["km"] == pytest.approx(own)


def test_a_threshold_that_is_not_there_is_named(store: Store) -> None:
    with pytest.raises(InputError, match="no row named 'no_such_row'"):
        thresholds(store)["no_such_row"]
