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
