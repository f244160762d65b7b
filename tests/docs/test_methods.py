"""The pages of docs/methods: their order, their numbers, their thresholds."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import pytest

import hinterland as hl
from tests.docs.loaded import program
from tests.where import ROOT

FOLDER = ROOT / "docs/methods"
PAGES = sorted(path for path in FOLDER.glob("*.md") if path.name != "README.md")
ORDER = (
    "Question",
    "Definition",
    "Thresholds",
    "Worked example",
    "Map",
    "What it cannot say",
    "Error",
    "Literature",
)


@pytest.fixture(scope="module")
def made() -> ModuleType:
    return program("make_methods")


def test_the_numbers_are_what_the_embedded_build_says(built_home: Path, made: ModuleType) -> None:
    blocks = made.blocks(built_home / "build")
    assert set(blocks) == {page.stem for page in PAGES}
    for page in PAGES:
        text = page.read_text("utf-8")
        assert made.filled(text, blocks[page.stem]) == text, f"{page.name}: run make methods"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_each_page_has_its_parts_in_order(page: Path) -> None:
    text = page.read_text("utf-8")
    assert tuple(re.findall(r"^## (.+)$", text, re.M)) == ORDER
    definition = text.split("## Definition\n")[1].split("\n## ")[0]
    assert "```math\n" in definition
    assert f"]({page.name})" in (FOLDER / "README.md").read_text("utf-8")


def test_a_formula_that_differs_from_the_database_is_refused(made: ModuleType) -> None:
    made._same("DE733", 1.0, 1.0 + 1e-8)
    with pytest.raises(made.Mismatch, match=r"DE733: 1\.0 worked out by the formula, 1\.01 in"):
        made._same("DE733", 1.0, 1.01)


def test_a_page_without_a_block_is_refused(made: ModuleType) -> None:
    with pytest.raises(ValueError, match="the block 'example' stands there 0 times"):
        made.filled("# nothing\n", {"example": "| a |\n"})


def test_the_running_examples_are_the_catalogues_towns(home: Path, made: ModuleType) -> None:
    cases = hl.table("case_studies")
    piste = cases[cases["id"].isin(["bebra", "fermignano", "ninove", "voio"])]
    assert set(piste["geonameid"]) == {made.TOWNS[name] for name in made.PISTE}
    compas = cases[(cases["document"] == "compas") & cases["part_of"].isna()]
    assert set(compas["geonameid"]) == set(made.TOWNS.values()) - set(piste["geonameid"])
    assert len(compas) == 5


def test_the_worked_example_of_a_region_by_hand() -> None:
    """Hersfeld-Rotenburg 2016 to 2021: 5 281 births, 7 867 deaths, 121 166 and 120 304 people.

    (5281 - 7867) / (5 * 120735) = -4.2838 per 1 000, (-862 + 2586) / 603675 = +2.8558;
    (120304 / 121166) ** 0.2 - 1 = -0.1427 %.
    """
    text = (FOLDER / "demographic-change.md").read_text("utf-8")
    row = "| 121 166 | 120 304 | 5 281 | 7 867 | −4.28 | +2.86 | −0.14 | E | legacy |"
    assert row in text
