"""A result is never written over the file that it is made from."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.core.errors import InputError
from pipelines.io.atomic import refuse_own_input


def test_a_file_under_another_name_is_the_same(tmp_path: Path) -> None:
    source, other = tmp_path / "a.csv", tmp_path / "b.csv"
    source.write_text("id,lon,lat", "utf-8")
    refuse_own_input(other, source, None)
    other.hardlink_to(source)
    with pytest.raises(InputError, match=r"b.csv: is also a file to read"):
        refuse_own_input(other, source)
    (tmp_path / "x").mkdir()
    with pytest.raises(InputError, match="choose another"):
        refuse_own_input(tmp_path / "x" / ".." / "a.csv", None, source)
