"""What a tooltip says: figures by hand, offered once, worded in the visit's language."""

from __future__ import annotations

import gc
import gzip
import json
import weakref

import numpy as np
import pandas as pd

from pages._ui import format, tooltips
from pages._ui.classes import classify
from pages._ui.measures import ACCESS_MEASURES, REGION_MEASURES
from pipelines.serve.tooltips import Line, Offers, by_value, digest_of, mean, pack

#: Two countries, one of the EU; by people 100, 300 and 50 before, 110, 270 and 50 after.
ITEMS = pd.DataFrame(
    {
        "nuts_id": ["AA1", "AA2", "BB1", "BB2"],
        "country_name": ["Aland", "Aland", "Bland", "Bland"],
        "country_group": ["EU", "EU", "other", "other"],
        "people": pd.array([110, 270, 50, None], dtype="Int64"),
        "people_before": pd.array([100, 300, 50, None], dtype="Int64"),
        "area_km2": [1.0, 2.0, 3.0, 4.0],
        "has_break": pd.array([True, False, None, None], dtype="boolean"),
        "is_converted": pd.array([False, False, False, None], dtype="boolean"),
        "has_two_answers": pd.array([False, False, False, None], dtype="boolean"),
        "has_two_trends": pd.array([False, True, False, None], dtype="boolean"),
    }
)
CHANGE = np.array([10.0, -10.0, 0.0, np.nan])


def said(line: Line) -> list[str]:
    at = np.zeros(4, dtype=int) if line.at is None else line.at
    return [line.texts[i] for i in at]


def test_the_change_of_a_country_is_that_of_its_summed_people() -> None:
    """Aland: 400 became 380, so -5 %; the plain mean of +10 and -10 would be 0."""
    line = tooltips._beside(CHANGE, ITEMS, REGION_MEASURES["change_pct"], "{:+.1f}".format)
    assert line.label == "As a whole"
    assert said(line) == ["Aland -5.0 · EU -5.0"] * 2 + ["Bland +0.0 · EU -5.0"] * 2


def test_other_measures_are_means_by_people() -> None:
    """(110 * 10 + 270 * 20) / 380 = 17.1."""
    minutes = np.array([10.0, 20.0, 30.0, np.nan])
    line = tooltips._beside(minutes, ITEMS, REGION_MEASURES["minutes_to_city"], "{:.1f}".format)
    assert line.label == "Mean by people"
    assert said(line)[0] == "Aland 17.1 · EU 17.1"
    assert np.isnan(mean(np.array([np.nan]), np.array([1.0])))


def test_equal_values_share_a_rank_and_a_missing_one_has_none() -> None:
    assert said(tooltips._ranks(np.array([5.0, 7.0, 5.0, np.nan]))) == [
        "2 of 3, from the highest",
        "1 of 3, from the highest",
        "2 of 3, from the highest",
        "",
    ]


def test_like_regions_are_counted_by_country_and_in_all() -> None:
    kinds = pd.Series(["rural", "rural", "urban", None], dtype=object)
    assert said(tooltips._alike(kinds, ITEMS)) == [
        "So are 2 of 2 in Aland, 2 of 3 in all",
        "So are 2 of 2 in Aland, 2 of 3 in all",
        "So are 1 of 1 in Bland, 1 of 3 in all",
        "",
    ]


def test_the_class_is_the_one_of_the_legend() -> None:
    values = pd.Series([-5.0, -4.9, 12.0, None])
    measure = REGION_MEASURES["change_pct"]
    classes = classify(values, np.array([0]), measure, "fixed", [-5, 5])
    line = tooltips._classes(values.to_numpy(dtype=float), classes)
    # A class includes its upper bound; a filter takes no class away.
    assert said(line) == ["up to -5.0", "above -5.0 to +5.0", "above +5.0", ""]


def test_a_flag_is_said_where_it_is_known_to_hold() -> None:
    lines = tooltips._flags(REGION_MEASURES["change_pct"], ITEMS, ~np.isnan(CHANGE))
    assert said(lines[0]) == ["The series has a break between the two years", "", "", ""]
    trends = tooltips._flags(REGION_MEASURES["trend"], ITEMS, ~np.isnan(CHANGE))
    assert said(trends[-1]) == ["", "Another class by the series", "", ""]
    assert all("class" not in line.texts[1] for line in lines)
    estimated = tooltips._flags(ACCESS_MEASURES["minutes_nearest"], ITEMS, ~np.isnan(CHANGE))
    assert said(estimated[0]) == ["Estimated, by car"] * 3 + [""]
    assert tooltips._flags(REGION_MEASURES["mountain"], ITEMS, ~np.isnan(CHANGE)) == []


def test_numbers_are_written_in_one_way() -> None:
    assert format.measured(1234.4, "{:,.0f}", "people") == "1,234\u00a0people"
    assert format.measured(0.256, "{:.0%}", "share") == "26\u00a0%"
    assert format.measured(float("nan"), "{:.0f}", "minutes") == "no data"
    assert REGION_MEASURES["minutes_to_city"].value_format == "{:,.0f}"


def test_each_distinct_text_travels_once() -> None:
    line = by_value("Minutes", pd.Series([7.0, None, 7.0]), "{:.0f} min".format, "no data")
    assert json.loads(gzip.decompress(pack([line]))) == [
        {"label": "Minutes", "texts": ["7 min", "no data"], "at": [0, 1, 0]}
    ]


def test_an_offer_is_made_when_asked_for_and_the_oldest_go_first() -> None:
    offers, made = Offers(most=2), []

    def make() -> bytes:
        made.append(1)
        return pack([Line("", ["x"])])

    first = offers.offer("mart", ["a"], make)
    assert first == offers.offer("mart", ["a"], make) != offers.offer("mart", ["b"], make)
    assert not made
    key = first.removeprefix("/tooltips/").removesuffix(".json")
    assert offers.packed(key) == offers.packed(key) == pack([Line("", ["x"])])
    assert len(made) == 1
    offers.offer("mart", ["b"], make)
    offers.offer("mart", ["c"], make)
    assert offers.packed(key) is None


def test_other_values_have_another_address() -> None:
    assert digest_of(pd.Series([1.0, None])) != digest_of(pd.Series([1.0, 2.0]))
    assert digest_of(pd.Series(["a", None])) != digest_of(pd.Series(["a", "b"]))
    assert digest_of(pd.Series(["a", None])) == digest_of(pd.Series(["a", None]))


def test_an_offer_that_nobody_takes_lets_its_database_go() -> None:
    """Who publishes ten databases a day must not hold ten of them for tooltips."""

    class Database:
        """Stands in for a store that a closure holds."""

    offers, alive = Offers(), []
    for number in range(5):
        database = Database()
        alive.append(weakref.ref(database))
        address = offers.offer(f"mart-{number}", ["regions"], lambda d=database: repr(d).encode())
        del database
    gc.collect()
    assert [one() is not None for one in alive] == [False, False, False, True, True]
    assert offers.packed(address.removesuffix(".json").rpartition("/")[2])
    gc.collect()
    assert alive[-1]() is None, "what is made needs its database no more"
