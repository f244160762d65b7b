"""A source of a gigabyte comes only where it is asked for by name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pipelines.core.registry import read_registry
from pipelines.net.fetch import fetch, on_request

REGISTRY = read_registry()
GRID = "eurostat_census_grid"


def test_a_large_source_is_named_and_not_brought(tmp_path: Path) -> None:
    assert on_request(REGISTRY) == [GRID]
    assert fetch(tmp_path, registry={GRID: REGISTRY[GRID]}) == []


def test_by_name_it_is_asked_for(tmp_path: Path) -> None:
    # A publisher that is no known host: refused before anything is sent.
    source = REGISTRY[GRID]
    elsewhere = replace(source, extra=source.extra | {"download": "https://nowhere.invalid/x.zip"})
    (result,) = fetch(tmp_path, [GRID], registry={GRID: elsewhere})
    assert result.status == "failed"
    assert result.path == tmp_path / "eurostat" / "Eurostat_Census-GRID_2021_V3.zip"
    assert "nowhere.invalid" in result.message
    assert not result.path.exists()


def test_its_declaration_says_whose_it_is() -> None:
    source = REGISTRY[GRID]
    assert source.extra["download"].endswith("/census/2021/Eurostat_Census-GRID_2021_V3.zip")
    assert source.attribution == "Population grid: Eurostat, census 2021, version 3"
    assert source.licence == "CC BY 4.0"
