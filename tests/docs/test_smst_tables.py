"""The tables of docs/smst.md are what both builds say, and PISTE's words are the catalogue's."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

import hinterland as hl
from tests.where import ROOT

TRENDS = {
    "Previously declining, now stable": "stable",
    "Declining": "shrinking",
    "Growing": "growing",
}


@pytest.fixture(scope="module")
def made() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_smst", ROOT / "docs/make_smst.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_tables_are_what_both_builds_say(
    built_home: Path, full_home: Path, made: ModuleType
) -> None:
    text = made.PAGE.read_text("utf-8")
    blocks = made.blocks(built_home / "build", full_home / "build")
    assert made.filled(text, blocks) == text, "run python docs/make_smst.py EMBEDDED FULL"


def test_a_page_without_a_block_is_refused(made: ModuleType) -> None:
    with pytest.raises(ValueError, match="the block 'piste' stands there 0 times"):
        made.filled("# nothing\n", {"piste": "| a |\n"})


def test_what_piste_says_is_what_the_catalogue_holds(home: Path, made: ModuleType) -> None:
    """People, trend and destination of tables 1 and 2, from the catalogue's own rows."""
    figures = hl.table("case_study_figures")
    figures = figures[figures["section"] == "piste:tab1"]
    cases = hl.table("case_studies").set_index("id")
    for case, aspects in made._SAYS.items():
        own = figures[figures["case_study"] == case].set_index("measure")
        assert own.loc["population", "value"] == aspects["people"][1], case
        assert TRENDS[own.loc["population_trend", "printed"]] == aspects["trend"][1], case
        history = cases.loc[case, "migration_history"].replace("_", "-")
        assert history == aspects["migration"][1], case
