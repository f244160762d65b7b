"""Declarations of sources, and the checksum of every embedded file."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipelines.core import paths, registry
from pipelines.core.errors import ChecksumMismatch, SourceMissing, SourceUnreadable


def test_every_declaration_is_complete_and_every_embedded_file_is_the_pinned_one() -> None:
    found = registry.read_registry()
    embedded = [s for s in found.values() if s.kind == "embedded"]
    assert len(embedded) == len(list(paths.embedded_dir().glob("*.parquet")))
    for source in embedded:
        assert source.sha256
        assert registry.verified_path(source, paths.embedded_dir()).is_file()
    assert all(s.attribution and s.licence and s.citation for s in found.values())


def test_the_embedded_default_is_at_most_8_mb() -> None:
    assert sum(p.stat().st_size for p in paths.embedded_dir().iterdir()) <= 8_000_000


def test_a_changed_and_a_missing_file_are_named(tmp_path: Path) -> None:
    source = registry.read_registry()["jrc_census_population"]
    with pytest.raises(SourceMissing, match=r"jrc_census_population\.parquet: .* is missing"):
        registry.verified_path(source, tmp_path)
    copy = Path(shutil.copy(paths.embedded_dir() / source.path, tmp_path))
    copy.write_bytes(copy.read_bytes()[:-100])
    with pytest.raises(ChecksumMismatch, match=f"pins {source.sha256}"):
        registry.verified_path(source, tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name = ", "not readable as TOML"),
        ('name = "x"', "are missing"),
    ],
)
def test_a_broken_declaration_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "x.toml"
    path.write_text(text)
    with pytest.raises(SourceUnreadable, match=message):
        registry.read_declaration(path)


BASE = """
kind = "fetched"
publisher = "P"
url = "https://example.org/{dataset}"
path = "p/{dataset}.tsv"
licence = "CC0"
attribution = "P ({dataset})"
citation = "P, {title}"
[filters]
levels = [0, 3]
[columns]
geo = "VARCHAR"
"""
HEIR = """
inherits = "_base"
name = "x"
title = "Sheep"
description = "Sheep by region."
dataset = "sheep"
[filters]
levels = [3]
[filters.codes]
unit = ["HEAD"]
[columns]
unit = "VARCHAR"
"""


def heir(folder: Path, base: str = BASE, text: str = HEIR) -> registry.Source:
    (folder / "_base.toml").write_text(base)
    (folder / "x.toml").write_text(text)
    return registry.read_registry(folder)["x"]


def test_a_declaration_takes_what_it_does_not_say_from_its_base(tmp_path: Path) -> None:
    source = heir(tmp_path)
    assert (source.url, source.path) == ("https://example.org/sheep", "p/sheep.tsv")
    assert (source.attribution, source.citation) == ("P (sheep)", "P, Sheep")
    assert source.extra["filters"] == {"levels": [3], "codes": {"unit": ["HEAD"]}}
    # The key that Eurostat is asked by follows the order of the columns: dimensions first.
    assert list(source.columns) == ["unit", "geo"]
    assert list(registry.read_registry(tmp_path)) == ["x"], "a base is no source"


@pytest.mark.parametrize(
    ("base", "text", "message"),
    [
        (BASE, HEIR.replace("title", "titel"), r"x\.toml: the fields \['titel'\] are unknown; kn"),
        ("colour = 1" + BASE, HEIR, r"_base\.toml: the fields \['colour'\] are unknown"),
        (BASE, HEIR.replace("_base", "_bse"), r"x\.toml: inherits is '_bse', allowed are \['_ba"),
        (BASE, HEIR.replace('dataset = "sheep"', ""), r"x\.toml: its base needs the field 'datas"),
        (BASE + "=", HEIR, r"_base\.toml: not readable as TOML"),
        (BASE.replace('kind = "fetched"', ""), HEIR, r"x\.toml: the fields \['kind'\] are missing"),
    ],
)
def test_a_wrong_inheritance_is_named(tmp_path: Path, base: str, text: str, message: str) -> None:
    with pytest.raises(SourceUnreadable, match=message):
        heir(tmp_path, base, text)


def test_the_findings_of_a_register_are_a_source_of_their_own() -> None:
    found = registry.read_registry()
    sites, gaps = found["gisco_education"], found["gisco_education_findings"]
    assert (gaps.path, gaps.licence) == (sites.path, sites.licence)
    assert gaps.reader == "pipelines.sources.gisco_education:read_findings"
    assert (gaps.part, list(gaps.columns)) == ("education", list(registry.FINDINGS))
    assert "findings" not in gaps.extra
