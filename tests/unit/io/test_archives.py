"""Archives are unpacked within limits, and nothing leaves the folder asked for."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest

from pipelines.core.errors import SourceMissing, SourceUnreadable
from pipelines.io import archives


def test_gzip_and_plain_read_alike(tmp_path: Path) -> None:
    plain, packed = tmp_path / "a.tsv", tmp_path / "a.tsv.gz"
    plain.write_bytes(b"one\ttwo\n" * 1000)
    packed.write_bytes(gzip.compress(b"one\ttwo\n" * 500) + gzip.compress(b"one\ttwo\n" * 500))
    assert archives.read_bytes(plain) == archives.read_bytes(packed)


@pytest.mark.parametrize(
    ("caps", "text"),
    [
        (archives.Caps(max_bytes=1 << 20), "unpacks to more than 1,048,576 bytes"),
        (archives.Caps(), "more than 200 times its size"),
    ],
)
def test_a_gzip_bomb_stops_early(caps: archives.Caps, text: str, tmp_path: Path) -> None:
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(bytes(60 << 20), 9))
    with pytest.raises(SourceUnreadable, match=text):
        archives.read_bytes(path, caps)


def test_damage_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.gz"
    path.write_bytes(b"\x1f\x8bnonsense")
    with pytest.raises(SourceUnreadable, match="damaged gzip"):
        archives.read_bytes(path)
    with pytest.raises(SourceMissing, match="hinterland fetch"):
        archives.read_bytes(tmp_path / "none")


def make_zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ({"../evil.csv": b"1"}, "unsafe member '../evil.csv'"),
        ({"/etc/evil": b"1"}, "unsafe member"),
        ({"a": bytes(60 << 20)}, "more than 200 times"),
        ({f"{n}": b"" for n in range(201)}, "201 members"),
    ],
)
def test_unsafe_zips_are_refused(members: dict[str, bytes], text: str, tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", members)
    with pytest.raises(SourceUnreadable, match=text):
        archives.check_zip(path)


def test_a_zip_for_another_program_is_judged(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.xlsx", {"a": b"<a/>", "b": bytes(range(256)) * 99})
    archives.check_zip(path)
    with pytest.raises(SourceUnreadable, match="2 members, at most 1"):
        archives.check_zip(path, archives.Caps(max_members=1))
    with pytest.raises(SourceUnreadable, match="more than 1,000 bytes"):
        archives.check_zip(path, archives.Caps(max_bytes=1000))
    with pytest.raises(SourceMissing, match="hinterland fetch"):
        archives.check_zip(tmp_path / "none.xlsx")
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(SourceUnreadable, match="cut off"):
        archives.check_zip(path)


def test_a_zip_that_lies_about_its_size_gives_no_more_than_it_says(tmp_path: Path) -> None:
    """Its sizes are what `check_zip` judges, and what zipfile reads at most."""
    path = make_zip(tmp_path / "a.xlsx", {"a": bytes(5 << 20)})
    true, told = (5 << 20).to_bytes(4, "little"), (100).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(true, told))
    with pytest.raises(SourceUnreadable, match="CRC"):
        archives.check_zip(path)
