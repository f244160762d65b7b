"""``hinterland brief`` and ``atlas`` as a user runs them."""

from __future__ import annotations

from pathlib import Path

import pytest
from pypdf import PdfReader

from tests.cli.command import command


@pytest.mark.usefixtures("home")
def test_a_brief_is_written_whole(tmp_path: Path) -> None:
    target = tmp_path / "brief.pdf"
    done = command("brief", "de733", "-o", str(target), "--address", "https://example.org/h/")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"Wrote the sheet of Hersfeld-Rotenburg (DE733) to {target}.\n"
    text = " ".join(page.extract_text() for page in PdfReader(target).pages)
    assert "https://example.org/h/place?region=DE733" in text
    assert "116,727" in text


@pytest.mark.usefixtures("home")
def test_a_brief_takes_a_name(tmp_path: Path) -> None:
    target = tmp_path / "brief.docx"
    done = command("brief", "Vogelsbergkreis", "-o", str(target))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"Wrote the sheet of Vogelsbergkreis (DE725) to {target}.\n"
    assert target.stat().st_size > 10_000


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("brief", "DE999"), "there is no place 'DE999'"),
        (("brief", "Lauterbach"), "2879929 Lauterbach (Vogelsbergkreis, Germany); 2879944"),
        (("brief", "NO0B1"), "no figure is known of it"),
        (("brief", "DE733", "--lang", "tlh"), "--lang: 'tlh' found"),
        (("atlas", "--country", "XX"), "country 'XX': no regions of level 3"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_written(
    arguments: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    done = command(*arguments, "-o", str(tmp_path / "x.pdf"))
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
