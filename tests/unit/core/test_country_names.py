"""Every country of our tables has its name in every language."""

from __future__ import annotations

import csv

import pytest
from babel.core import Locale

from pipelines.core.countries import CODES, EUROSTAT, names
from pipelines.serve import texts
from tests.where import ROOT

ISO = {ours: iso for iso, ours in EUROSTAT.items()}


def seed() -> dict[str, str]:
    """Return our English names by code of ISO 3166."""
    with (ROOT / "sql" / "seeds" / "countries.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    return {ISO.get(row["country"], row["country"]): row["country_name"] for row in rows}


@pytest.mark.parametrize("language", texts.offered())
def test_every_country_of_the_seed_is_named_as_unicode_names_its_code(language: str) -> None:
    own, repository = names(language), Locale.parse(language).territories
    assert set(seed()) <= set(CODES)
    wrong = {
        english: own.get(english)
        for code, english in seed().items()
        if own.get(english) != repository[code] + ("*" if english.endswith("*") else "")
    }
    assert wrong == {}


# As the countries' names are written by the Publications Office's interinstitutional style guide.
@pytest.mark.parametrize(
    ("language", "greece", "kingdom", "czechia"),
    [
        ("de", "Griechenland", "Vereinigtes Königreich", "Tschechien"),
        ("el", "Ελλάδα", "Ηνωμένο Βασίλειο", "Τσεχία"),
        ("bg", "Гърция", "Обединеното кралство", "Чехия"),
        ("lt", "Graikija", "Jungtinė Karalystė", "Čekija"),
    ],
)
def test_a_page_names_countries_in_its_language(
    language: str, greece: str, kingdom: str, czechia: str
) -> None:
    texts.use(language)
    try:
        shown = [texts._(name) for name in ("Greece", "United Kingdom", "Czechia")]
    finally:
        texts.use(None)
    assert shown == [greece, kingdom, czechia]
    assert texts._("Greece") == "Greece"
