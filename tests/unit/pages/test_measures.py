"""The table of measures agrees with the data dictionary, and old addresses stay valid."""

from __future__ import annotations

import ast

import pytest

from pages._ui import measures, texts
from pages._ui.measures import ALL, AROUND, CHANGE, Measure, field_of, labels_of
from pipelines.serve import dictionary
from pipelines.serve.store import Store
from tests.where import ROOT

EVERY = [m for table in ALL for m in table.values()]


@pytest.mark.parametrize("measure", EVERY, ids=lambda m: f"{m.table}.{m.column}")
def test_a_measure_is_a_column_of_a_mart_or_says_what_it_is(store: Store, measure: Measure) -> None:
    known = dictionary.fields(store).get((measure.table, measure.of or measure.column))
    if known is None:
        assert measure.label
        assert measure.unit
        return
    assert not measure.label, "the dictionary's label holds"
    if measure.categories and known.allowed:
        more = {"not shrinking"} if measure.of else set()
        assert set(measure.categories) - more == set(known.allowed) - more
    if not field_of(store, measure).sources:  # none of its sources is in this database
        sql = f"select count({measure.of or measure.column}) from marts.{measure.table}"  # noqa: S608
        assert store.arrow(sql)[0][0].as_py() == 0


def test_colours_and_classes_agree() -> None:
    for measure in (*EVERY, AROUND, CHANGE):
        assert len(set(measure.colours)) == len(measure.colours), measure.column
        if measure.is_number:
            assert measure.format.format(1.0)


# What stands in addresses that people have kept: the labels of that time.
ADDRESSES = {
    "REGION_MEASURES": (
        "Population change|Annual population change|Trend|Population density|Share living in "
        "small and medium-sized towns|Urban-rural type|Mountain type|Coastal type|Border type|"
        "Island type|Share of people in service deserts|Minutes to a city|Urban-rural type with "
        "remoteness"
    ),
    "DEMOGRAPHY_MEASURES": (
        "Webb's type|Cause of shrinking|Rate class|Annual change|Natural change|Net migration and "
        "statistical adjustment|Duration of decline|Shape of decline|Median age|Old-age "
        "dependency ratio|GDP per head|Cohesion category (computed, not the official list)|Watch "
        "list: criteria met"
    ),
    "ACCESS_MEASURES": (
        "Minutes to the nearest|Minutes if the nearest closed|Mean minutes to the three nearest|"
        "Sites within 15 minutes|Sites within 30 minutes|Sites within 60 minutes|Supply score "
        "(E2SFCA)|Minutes that the border would add|Minutes on foot|Minutes by bicycle"
    ),
    "REGION_ACCESS_MEASURES": (
        "Share of people within 15 minutes|Share of people within 30 minutes|Share of people "
        "within 60 minutes|Share of people beyond the limit|Mean minutes|90th percentile of "
        "minutes|Minutes that the border would add|Share of people in service deserts"
    ),
    "REMOTENESS_MEASURES": (
        "Share of people beyond the limit|Mean minutes|Urban-rural type with remoteness|Access to "
        "a city (OECD-like)"
    ),
}


@pytest.mark.parametrize("name", ADDRESSES)
def test_the_labels_in_kept_addresses_are_the_dictionary_s(store: Store, name: str) -> None:
    labels = labels_of(store, getattr(measures, name))
    assert list(labels.values()) == ADDRESSES[name].split("|")


def test_no_heading_of_a_mart_s_column_is_typed_again() -> None:
    """A table's configuration names columns; labels of them stand in the dictionary."""
    for path in (ROOT / "pages").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr == "dataframe":
                assert path.name == "tables.py", path


def test_a_share_is_no_fraction_in_a_heading() -> None:
    texts.use(None)
    assert measures.unit_of("0-1") == "share"
    assert measures.unit_of("people") == "people"
