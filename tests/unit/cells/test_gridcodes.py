"""Codes of the European grid."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from pipelines.geo.gridcodes import middles


@pytest.mark.parametrize(
    ("code", "x", "y"),
    [
        # GISCO's and the INSPIRE data specification's forms of the cell at 4 284 km E, 2 669 km N.
        ("CRS3035RES1000mN2669000E4284000", 4_284_500, 2_669_500),
        ("1kmN2669E4284", 4_284_500, 2_669_500),
        ("CRS3035RES100mN2669100E4284200", 4_284_250, 2_669_150),
        ("100mN26691E42842", 4_284_250, 2_669_150),
        ("10kmN266E428", 4_285_000, 2_665_000),
        ("250mN266900E428425", 4_284_375, 2_669_125),
    ],
)
def test_both_forms_state_the_south_west_corner(code: str, x: float, y: float) -> None:
    east, north = middles(pa.array([code]))
    assert (east.tolist(), north.tolist()) == ([x], [y])


@pytest.mark.parametrize(
    "code",
    [
        "CRS4326RES100mN2669000E4284000",  # another system
        "CRS3035RES100mN2669050E4284000",  # not on its own grid
        "CRS3035RES0mN2669000E4284000",
        "CRS3035RES100mN99999900E4284000",  # beyond the sheet
        "1kmN2669E4284 ",
        "1KMN2669E4284",
        "LI_unallocated",
        "",
        None,
    ],
)
def test_what_is_no_code_has_no_place(code: str | None) -> None:
    assert np.isnan(middles(pa.array([code], pa.string()))).all()
