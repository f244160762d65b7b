"""The seed of administrative codes: one region a code, and a region that is there."""

from __future__ import annotations

import pyarrow as pa
import pytest

from pipelines.core.errors import InputError
from pipelines.geo.admin_codes import check_admin_regions

REGIONS = {"DE501", "DE502", "FR105"}


def seed(*rows: tuple[str, int, str, str]) -> pa.Table:
    names = ("country", "admin_level", "admin_code", "nuts_id")
    return pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows])


def test_one_region_a_code_is_fine() -> None:
    check_admin_regions(seed(("DE", 3, "04011", "DE501"), ("DE", 3, "04012", "DE502")), REGIONS)


def test_a_code_with_two_regions_is_refused() -> None:
    twice = seed(("DE", 3, "04011", "DE501"), ("DE", 3, "04011", "DE502"))
    with pytest.raises(InputError) as error:
        check_admin_regions(twice, REGIONS)
    text = str(error.value)
    assert text.startswith("sql/seeds/admin_regions.csv: row 3, nuts_id: 'DE502' found")
    assert "'04011' of DE, level 3" in text
    assert "'DE501'; one row a code is allowed" in text


@pytest.mark.parametrize("region", ["DE999", "FR105"])
def test_a_region_that_is_not_of_the_country_is_refused(region: str) -> None:
    with pytest.raises(InputError, match=rf"row 2, nuts_id: '{region}' found; .* of DE is allowed"):
        check_admin_regions(seed(("DE", 3, "04011", region)), REGIONS)
