"""Damaged databases, map files and pointers: told in words, never called current."""

from __future__ import annotations

import gzip
import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipelines.cli import main as cli
from pipelines.core.errors import InputError, MartUnavailable
from pipelines.core.pointer import SCHEMA_VERSION, damage, read_pointer
from pipelines.runner import build as building
from pipelines.runner import checking
from pipelines.serve import queries
from pipelines.serve.store import Store


@pytest.fixture(scope="module")
def whole(built_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home of our own, which each test damages and mends."""
    home = tmp_path_factory.mktemp("damaged")
    shutil.copytree(built_home / "build", home / "build")
    return home


@pytest.fixture
def home(whole: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HINTERLAND_HOME", str(whole))
    return whole


def database(home: Path) -> Path:
    return home / "build" / read_pointer(home / "build").file


def flip(spot: Callable[[bytes], int]) -> Callable[[bytes], bytes]:
    def damaged(whole: bytes) -> bytes:
        at = spot(whole)
        return whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :]

    return damaged


def _anywhere(seed: int) -> Callable[[bytes], int]:
    return lambda whole: random.Random(seed).randrange(len(whole))


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "a letter in the header": lambda whole: whole[:100] + b"X" + whole[101:],
    "the magic bytes": flip(lambda _: 8),
    "both headers": lambda whole: whole[:4096] + b"\xff" * 8192 + whole[12288:],
    "empty": lambda _: b"",
    "a byte": lambda whole: whole[:1],
    "half": lambda whole: whole[: len(whole) // 2],
    "without its end": lambda whole: whole[:-1],
    "more than it was": lambda whole: whole + b"\0",
    "noise": lambda whole: random.Random(1).randbytes(20_000),
    "a catalogue's name": flip(lambda whole: whole.index(b"ind_region__list")),
    "a value": flip(lambda whole: whole.index(b"Hersfeld-Rotenburg")),
} | {f"bit {seed}": flip(_anywhere(seed)) for seed in range(10)}


@pytest.mark.parametrize("how", list(DAMAGES))
def test_a_damaged_database_is_told_and_not_current(how: str, home: Path) -> None:
    path = database(home)
    whole = path.read_bytes()
    path.write_bytes(DAMAGES[how](whole))
    try:
        with pytest.raises(InputError, match=r"is damaged: SHA-256 is .+ Run 'hinterland build'"):
            checking.check_database(home / "build")
        assert checking.settlements() is None
        assert not building.is_current(home / "build")
        told = "Run 'hinterland build'"
        # A reader that does not look first meets the damage or a block that it does not touch.
        try:
            store = Store(home / "build", read_pointer(home / "build"))
            for table in store.pointer.rows:
                store.arrow(f"select bit_xor(hash(t)) from {table} as t")  # noqa: S608
        except MartUnavailable as error:
            told = str(error)
        assert "Run 'hinterland build'" in told
    finally:
        path.write_bytes(whole)
    assert damage(home / "build", read_pointer(home / "build")) == ""


MAPS: dict[str, Callable[[Path], object]] = {
    "gone": lambda path: path.unlink(),
    "all gone": lambda path: shutil.rmtree(path.parent),
    "garbage": lambda path: path.write_bytes(b"garbage"),
    "other content": lambda path: path.write_bytes(gzip.compress(b'{"features": []}')),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
}


@pytest.mark.parametrize("how", list(MAPS))
def test_damaged_map_files_are_told_and_not_current(how: str, home: Path) -> None:
    maps = database(home).with_suffix(".maps")
    kept = maps.with_name("kept")
    shutil.copytree(maps, kept)
    try:
        MAPS[how](maps / "land.json.gz")
        with pytest.raises(InputError, match=r"\.json\.gz.* Run 'hinterland build'"):
            checking.check_database(home / "build")
        assert not building.is_current(home / "build")
        store = Store(home / "build", read_pointer(home / "build"))
        if how != "other content":
            with pytest.raises(MartUnavailable, match="Run 'hinterland build'"):
                queries.map_file(store, "land")
    finally:
        shutil.rmtree(maps, ignore_errors=True)
        kept.replace(maps)
    assert building.is_current(home / "build")


def _with(**changes: Any) -> Callable[[dict[str, Any]], str]:
    return lambda content: json.dumps(content | changes)


def _without(name: str) -> Callable[[dict[str, Any]], str]:
    return lambda content: json.dumps({k: v for k, v in content.items() if k != name})


POINTERS: dict[str, tuple[Callable[[dict[str, Any]], str], str]] = {
    "file is a number": (_with(file=5), "file is 5, allowed is the name"),
    "file is null": (_with(file=None), "file is None"),
    "file is a list": (_with(file=["x"]), "file is "),
    "file is empty": (_with(file=""), "file is ''"),
    "file is absolute": (_with(file="/etc/passwd"), "file is '/etc/passwd'"),
    "file leads out": (_with(file="../mart-0123456789abcdef-20260101T000000.duckdb"), "file is "),
    "file with a NUL": (_with(file="mart\0.duckdb"), "file is "),
    "file that is gone": (_with(file="mart-0123456789abcdef-20260101T000000.duckdb"), "is gone"),
    "a Windows path": (_with(file="C:\\mart.duckdb"), "file is "),
    "deep": (lambda _: "[" * 100_000, "is damaged"),
    "cut": (lambda content: json.dumps(content)[:40], "is damaged"),
    "empty": (lambda _: "", "is damaged"),
    "a list": (lambda _: "[]", "no JSON object"),
    "a number": (lambda _: "5", "no JSON object"),
    "no text": (lambda _: "\udcff", "is damaged"),
    "endless": (lambda content: json.dumps(content) + " " * (1 << 20), "larger than"),
    "schema as text": (
        _with(schema_version=str(SCHEMA_VERSION)),
        f"schema_version is '{SCHEMA_VERSION}', allowed is a whole number",
    ),
    "schema true": (_with(schema_version=True), "schema_version is True"),
    "schema older": (_with(schema_version=SCHEMA_VERSION - 1), f"has schema {SCHEMA_VERSION - 1}"),
    "schema newer": (_with(schema_version=10**30), "has schema 1000"),
    "schema gone": (_without("schema_version"), "lacks field 'schema_version'"),
    "built_at no date": (_with(built_at="yesterday"), "built_at is 'yesterday', allowed is a date"),
    "built_at without zone": (_with(built_at="2026-01-01T00:00:00"), "built_at is "),
    "built_at a number": (_with(built_at=5), "built_at is 5"),
    "hash of another form": (_with(hash="xyz"), "hash is 'xyz'"),
    "rows a list": (_with(rows=[]), "rows is "),
    "rows of text": (_with(rows={"marts.regions": "5"}), "rows is "),
    "seconds not a number": (_with(seconds=float("nan")), "seconds is nan"),
    "no files": (_without("files"), "lacks field 'files'"),
    "files lead out": (_with(files={"../../etc/passwd": "0" * 64}), "files is "),
    "one field more": (_with(extra=1), "unknown field 'extra'"),
    "an escape": (_with(program_version="\x1b[31m"), "program_version is "),
}


@pytest.mark.parametrize("how", list(POINTERS))
def test_a_pointer_that_is_wrong_is_told_in_words(how: str, home: Path) -> None:
    change, text = POINTERS[how]
    path = home / "build" / "current.json"
    whole = path.read_text("utf-8")
    path.write_text(change(json.loads(whole)), "utf-8", "surrogateescape")
    try:
        with pytest.raises(MartUnavailable) as told:
            cli.status()
        assert text in str(told.value), str(told.value)
        assert "Run 'hinterland build'" in str(told.value)
        assert len(str(told.value)) < 600
        assert not building.is_current(home / "build")
        with pytest.raises(MartUnavailable):
            checking.check_database(home / "build")
        assert checking.settlements() is None
    finally:
        path.write_text(whole, "utf-8")


def test_a_sound_pointer_still_leads_to_its_status(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cli.status()
    assert read_pointer(home / "build").hash in capsys.readouterr().out
