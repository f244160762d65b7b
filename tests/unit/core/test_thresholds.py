"""The one reader of thresholds: where they come from, and what is wrong with them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pytest

from pipelines.core.errors import InputError
from pipelines.core.thresholds import Constants, Thresholds


@dataclass(frozen=True, slots=True)
class Walk(Constants):
    speed_kmh: float
    most_km: float

    @classmethod
    def prefix(cls) -> str:
        return "walk_"


def test_a_table_and_a_file_give_the_same(tmp_path: Path) -> None:
    path = tmp_path / "thresholds.csv"
    path.write_text("name,value,unit\nwalk_speed_kmh,4.5,km/h\nwalk_most_km,20,km\n", "utf-8")
    table = pa.table({"name": ["walk_speed_kmh", "walk_most_km"], "value": [4.5, 20.0]})
    rows = Thresholds.of_file(path)
    assert rows == Thresholds.of_table(table) == {"walk_speed_kmh": 4.5, "walk_most_km": 20.0}
    assert Walk.from_thresholds(rows) == Walk(speed_kmh=4.5, most_km=20.0)
    assert rows.family("walk_") == {"speed_kmh": 4.5, "most_km": 20.0}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,unit\na,km\n", "needs the columns name and value"),
        ("name,value\na,1\na,2\n", r"thresholds\.csv: row 3: name 'a' comes twice"),
        ("name,value\na,much\n", r"thresholds\.csv: row 2: value 'much' is not a number"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "thresholds.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError, match=message):
        Thresholds.of_file(path)


def test_a_missing_row_says_who_needs_it() -> None:
    with pytest.raises(InputError, match=r"no row named 'walk_most_km'.*needed by Walk"):
        Walk.from_thresholds({"walk_speed_kmh": 4.5})
    with pytest.raises(InputError, match="no row named 'other'"):
        Thresholds({})["other"]


def test_a_constant_is_a_finite_number() -> None:
    with pytest.raises(InputError, match="'walk_most_km' is inf; a finite number is allowed"):
        Walk.from_thresholds({"walk_speed_kmh": 4.5, "walk_most_km": float("inf")})
