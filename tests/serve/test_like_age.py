"""Age in the comparison of towns: the region's, embedded or of Eurostat's series."""

from __future__ import annotations

import numpy as np

from pipelines.serve import comparison


def partner(store, case):
    sql = f"select geonameid as g from marts.case_studies where id = '{case}'"  # noqa: S608
    return store.arrow(sql)["g"][0].as_py()


def test_without_the_series_age_is_the_embedded_one(store):
    assert comparison.labels(store)["median_age"] == "median age of the region"
    bebra = partner(store, "bebra")
    frame = comparison.prepared(store).frame.set_index("geonameid")
    assert frame.loc[bebra, "median_age"] == 48.8  # Hersfeld-Rotenburg, 1 January 2021
    assert len(comparison.towns_like(store, bebra, "mahalanobis").table) == 10


def test_with_the_series_age_is_the_regions_and_can_separate(full_store):
    assert comparison.labels(full_store)["median_age"] == "median age of the region"
    frame = comparison.prepared(full_store).frame.set_index("geonameid")
    bebra = partner(full_store, "bebra")
    known = full_store.arrow(
        "select median_age as a from marts.region_demography "
        "where nuts_version = 2021 and nuts_id = 'DE733'"
    )["a"][0].as_py()
    assert frame.loc[bebra, "median_age"] == known > 40
    for method in ("gower", "mahalanobis", "ranks"):
        assert len(comparison.towns_like(full_store, bebra, method).table) == 10
    # With age alone, the nearest are those of the same median age.
    others = tuple((n, 0.0) for n in comparison.labels(full_store) if n != "median_age")
    alike = comparison.towns_like(full_store, bebra, weights=others).table["geonameid"]
    assert np.allclose(frame.loc[alike, "median_age"], known)


def test_a_town_whose_age_is_unknown_is_compared_all_the_same(full_store):
    frame = comparison.prepared(full_store).frame
    unknown = frame.loc[frame["median_age"].isna() & frame["minutes_to_city"].notna()]
    assert len(unknown) > 100  # Bosnia and Herzegovina, Kosovo, small states
    town = unknown.nlargest(1, "population")["geonameid"].iloc[0]
    assert len(comparison.towns_like(full_store, int(town), "ranks").table) == 10
