"""A source that is brought by hand: the way is told, and that nothing is there yet."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.cli.fetch import fetch
from pipelines.core.errors import SourceUnavailable
from pipelines.core.registry import read_registry

NAME = "jrc_nuts_2021_2024"


def test_what_is_brought_by_hand_is_not_there_until_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SourceUnavailable, match=f"{NAME}: not there"):
        fetch(tmp_path, [NAME])
    told = " ".join(capsys.readouterr().out.split())
    assert "Put it at" in told
    assert "Now build" not in told
    target = tmp_path / read_registry()[NAME].path
    target.parent.mkdir(parents=True)
    target.write_text("x\n", "utf-8")
    fetch(tmp_path, [NAME])
    assert "Now build" in capsys.readouterr().out
