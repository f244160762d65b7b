"""Who looks for a database one folder too high or too low is told where it lies."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.core.errors import MartUnavailable
from pipelines.core.pointer import POINTER, read_pointer


def test_a_home_that_is_itself_the_folder_of_a_build(tmp_path: Path) -> None:
    (tmp_path / POINTER).write_text("{}")  # as 'hinterland build --out tmp_path' leaves it
    with pytest.raises(MartUnavailable) as error:
        read_pointer(tmp_path / "build")  # what HINTERLAND_HOME=tmp_path reads
    assert f"{tmp_path} itself holds one" in str(error.value)
    assert f"--out {tmp_path / 'build'}" in str(error.value)


def test_a_build_that_lies_one_folder_below(tmp_path: Path) -> None:
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / POINTER).write_text("{}")
    with pytest.raises(MartUnavailable, match=f"There is one in {tmp_path / 'build'}"):
        read_pointer(tmp_path)


def test_a_folder_without_any(tmp_path: Path) -> None:
    with pytest.raises(MartUnavailable) as error:
        read_pointer(tmp_path / "build")
    expected = f"There is no database in {tmp_path / 'build'} yet. Run 'hinterland build'."
    assert str(error.value) == expected
