"""Wrong calls of every public function: argument, what was found and what is allowed are named."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import hinterland as hl

pytestmark = pytest.mark.usefixtures("home")

CLINICS = pd.DataFrame({"id": ["a", "b"], "lon": [6.13, 6.05], "lat": [49.61, 49.5]}, ["x", "y"])
PEOPLE = pd.DataFrame({"nuts_id": ["DE733"], "people": [1]}, index=[7])

#: Function, what is wrong, and what the message holds in that order.
WRONG: list[tuple[str, Callable[[], object], tuple[str, ...]]] = [
    ("regions", lambda: hl.regions(level="3"), ("level is '3' (str)", "a whole number", "0, 1, 2")),  # type: ignore[arg-type]
    ("regions", lambda: hl.regions(level=3.5), ("level is 3.5 (float)", "a whole number")),  # type: ignore[arg-type]
    ("regions", lambda: hl.regions(level=True), ("level is True (bool)", "a whole number")),
    ("regions", lambda: hl.regions(country="de"), ("country is 'de'", "capitals: DE", "AL, AT")),
    ("regions", lambda: hl.regions(country=3), ("country is 3 (int)", "a text", "AL, AT")),  # type: ignore[arg-type]
    ("regions", lambda: hl.regions(country=["DE", None]), ("country is None", "a text")),  # type: ignore[list-item]
    ("regions", lambda: hl.regions(trend={"a": 1}), ("trend is {'a': 1} (dict)", "a text")),  # type: ignore[arg-type]
    ("regions", lambda: hl.regions(change_pct=(float("nan"), 0)), ("change_pct is", "numbers")),
    ("regions", lambda: hl.regions(change_pct=(True, 2)), ("change_pct is (True, 2)", "numbers")),
    ("regions", lambda: hl.regions(columns=3), ("columns is 3 (int)", "a list of names")),  # type: ignore[arg-type]
    ("regions", lambda: hl.regions(columns=["name", 2]), ("a value of columns is 2", "a text")),  # type: ignore[list-item]
    ("regions", lambda: hl.regions(database=5), ("database is 5 (int)", "a path")),  # type: ignore[arg-type]
    ("towns", lambda: hl.towns(population=("a", 3)), ("population is ('a', 3)", "numbers")),  # type: ignore[arg-type]
    ("towns", lambda: hl.towns(size_class=b"city"), ("size_class is b'city'", "a text", "city")),  # type: ignore[arg-type]
    ("series", lambda: hl.series(nuts_version=2024), ("2024; allowed are 2021", "jrc_nuts_2021")),
    ("series", lambda: hl.series(nuts_version="2021"), ("nuts_version is '2021'", "whole")),  # type: ignore[arg-type]
    ("series", lambda: hl.series(years=2016), ("year is 2016", "a pair")),  # type: ignore[arg-type]
    ("series", lambda: hl.series(columns=[]), ("columns is an empty list", "at least one")),
    ("access", lambda: hl.access(["upper_centre"]), ("service is ['upper_centre']", "a text")),  # type: ignore[arg-type]
    ("table", lambda: hl.table(3), ("table is 3 (int)", "a text")),  # type: ignore[arg-type]
    ("table", lambda: hl.table("towns", population=1.5), ("population is 1.5", "a whole number")),  # type: ignore[arg-type]
    ("table", lambda: hl.table("regions", geometry="x"), ("by 'geometry'", "allowed")),
    ("table", lambda: hl.table("regions", has_two_answers=1), ("is 1 (int)", "True or False")),
    ("describe", lambda: hl.describe(["regions"]), ("table is ['regions'] (list)", "a text")),  # type: ignore[arg-type]
    ("cite", lambda: hl.cite("region"), ("no table 'region'", "did you mean")),
    ("indicators", lambda: hl.indicators(4), ("table_name is 4 (int)", "a text")),  # type: ignore[arg-type]
    ("thresholds", lambda: hl.thresholds(4), ("database is 4 (int)", "a path")),  # type: ignore[arg-type]
    ("demography", lambda: hl.demography(3.5), ("level is 3.5 (float)", "a whole number")),  # type: ignore[arg-type]
    ("demography", lambda: hl.demography(period=2010), ("period is 2010", "a pair")),  # type: ignore[arg-type]
    ("demography", lambda: hl.demography(period=(2010, "x")), ("last of period is 'x'", "whole")),  # type: ignore[arg-type]
    ("demography", lambda: hl.demography(moved=["a"]), ("moved is ['a'] (list)", "a dict")),  # type: ignore[arg-type]
    ("demography", lambda: hl.demography(moved={"a": "b"}), ("moved['a'] is 'b'", "a number")),  # type: ignore[dict-item]
    ("demography", lambda: hl.demography(columns="name"), ("columns is 'name'", "a list")),
    ("alike", lambda: hl.alike("2951793"), ("geonameid is '2951793' (str)", "a whole number")),  # type: ignore[arg-type]
    ("alike", lambda: hl.alike(2951793, 2.5), ("number is 2.5 (float)", "a whole number")),  # type: ignore[arg-type]
    ("alike", lambda: hl.alike(2951793, abroad="no"), ("abroad is 'no'", "True or False")),  # type: ignore[arg-type]
    ("alike", lambda: hl.alike(2951793, weights={"role": None}), ("weights['role'] is None", "")),  # type: ignore[dict-item]
    ("place", lambda: hl.place(None), ("code is None (NoneType)", "whole")),  # type: ignore[arg-type]
    ("place", lambda: hl.place("DE73X"), ("no place 'DE73X'", "allowed")),
    ("export", lambda: hl.export("regions", 7), ("path is 7 (int)", "a path")),  # type: ignore[arg-type]
    ("export", lambda: hl.export("regions", "a.csv", labels=1), ("labels is 1", "True or False")),  # type: ignore[arg-type]
    ("fetch", lambda: hl.fetch(3), ("only is 3 (int)", "a list of texts")),  # type: ignore[arg-type]
    ("build", lambda: hl.build(out=3), ("out is 3 (int)", "a path")),  # type: ignore[arg-type]
    ("places", lambda: hl.places(3), ("file is 3 (int)", "a path")),  # type: ignore[arg-type]
    ("places", lambda: hl.places("a.csv", osm="yes"), ("osm is 'yes'", "True or False")),  # type: ignore[arg-type]
    ("reach", lambda: hl.reach(None), ("facilities is a NoneType", "a DataFrame")),  # type: ignore[arg-type]
    ("reach", lambda: hl.reach(CLINICS, country=["LU", "BE"]), ("country is ['LU', 'BE']", "text")),  # type: ignore[arg-type]
    ("reach", lambda: hl.reach(CLINICS, matrix=1), ("matrix is 1 (int)", "a path")),  # type: ignore[arg-type]
    ("reach", lambda: hl.reach(CLINICS, origins="a.csv"), ("origins is 'a.csv'", "DataFrame")),  # type: ignore[arg-type]
    (
        "reach",
        lambda: hl.reach(CLINICS.assign(id="a", lat=[49, None])),
        ("2 things", "index 'y'", "stands already at index 'x'", "index 'y'", "lat is ''"),
    ),
    ("nuts.convert", lambda: hl.nuts.convert(["DE733"]), ("table is ['DE733'] (list)", "nuts_id")),  # type: ignore[arg-type]
    ("nuts.convert", lambda: hl.nuts.convert(PEOPLE, to=2021.5), ("vintage is 2021.5", "2021")),  # type: ignore[arg-type]
    ("nuts.convert", lambda: hl.nuts.convert(PEOPLE, by="sex"), ("by is 'sex'", "a list")),
    ("nuts.convert", lambda: hl.nuts.convert(PEOPLE, weight=3), ("weight is 3 (int)", "a text")),  # type: ignore[arg-type]
    (
        "nuts.convert",
        lambda: hl.nuts.convert(PEOPLE.assign(nuts_id="de733")),
        ("index 7, nuts_id: 'de733'", "allowed"),
    ),
    (
        "nuts.convert",
        lambda: hl.nuts.convert(PEOPLE.assign(year="x")),
        ("index 7, column 'year': 'x'", "2021"),
    ),
    ("nuts.validate", lambda: hl.nuts.validate(7), ("codes is 7 (int)", "a list")),  # type: ignore[arg-type]
    ("nuts.vintage", lambda: hl.nuts.vintage(["DE733", 7]), ("codes[1]: 7 is no NUTS", "allowed")),  # type: ignore[list-item]
    ("nuts.level", lambda: hl.nuts.level(7), ("7 is no NUTS code", "allowed")),  # type: ignore[arg-type]
    ("nuts.parent", lambda: hl.nuts.parent(None), ("None is no NUTS code", "allowed")),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("function", "call", "parts"), WRONG)
def test_a_wrong_call_is_named(
    function: str, call: Callable[[], object], parts: tuple[str, ...]
) -> None:
    with pytest.raises(hl.HinterlandError) as caught:
        call()
    rest = str(caught.value)
    for part in parts:
        assert part in rest, f"{function}: {part!r} in {caught.value}"
        rest = rest[rest.index(part) + len(part) :]
    assert "facilities.csv" not in str(caught.value)


def functions() -> Iterator[str]:
    for prefix, module in (("", hl), ("nuts.", hl.nuts)):
        for name in module.__all__:
            if inspect.isfunction(getattr(module, name)):
                yield prefix + name


def test_every_public_function_is_called_wrongly() -> None:
    assert {function for function, _, _ in WRONG} == set(functions())


def test_numbers_of_numpy_are_taken() -> None:
    regions = hl.regions(level=np.int64(0), country=np.array(["LU", "BE"]))
    assert regions["nuts_id"].tolist() == ["BE", "LU"]
    assert len(hl.regions(np.int8(0), change_pct=(np.float64(-99), None)))
    assert len(hl.demography(np.int64(0), country=pd.Series(["AT"]))) == 1
    assert len(hl.alike(np.int64(2951793), np.int32(2))) == 2
    assert hl.place(np.int64(2951793)).place.name == "Bebra"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: hl.series("DE733", years=(1990, 1995)),
            r"year is \(1990, 1995\); it goes",
        ),
        (
            lambda: hl.regions(3, "LU", change_pct=(-99, -5)),
            "all of level, country, change",
        ),
        (
            lambda: hl.towns("LU", population=(2e7, None)),
            r"population is .*it goes from \d+ to \d{8}$",
        ),
    ],
)
def test_an_answer_of_no_rows_says_why(call: Callable[[], pd.DataFrame], message: str) -> None:
    with pytest.warns(hl.HinterlandWarning, match=message) as told:
        assert call().empty
    assert Path(told[0].filename) == Path(__file__)


def test_a_sheet_is_printed_in_a_line() -> None:
    words = repr(hl.place("DE733"))
    assert words.startswith("<PlaceSheet DE733 Hersfeld-Rotenburg: ")
    assert ".table()" in words
    assert len(words) < 160
