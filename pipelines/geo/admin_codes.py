"""The seed of administrative codes that name a NUTS-3 region."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

import pyarrow as pa

from pipelines.core.errors import InputError

SEED = "sql/seeds/admin_regions.csv"
_HEADER_LINES = 1


def check_admin_regions(seed: pa.Table, regions: AbstractSet[str]) -> None:
    """Refuse a code that maps to two regions, or to one that is not there.

    Parameters
    ----------
    seed
        ``country, admin_level, admin_code, nuts_id`` in the order of the file's rows.
    regions
        NUTS-3 codes of 2021.

    Raises
    ------
    InputError
    """
    seen: dict[tuple[str, int, str], str] = {}
    for number, row in enumerate(seed.to_pylist(), start=_HEADER_LINES + 1):
        code, region = (row["country"], row["admin_level"], row["admin_code"]), row["nuts_id"]
        where = f"{SEED}: row {number}, nuts_id: '{region}' found"
        if region not in regions or not region.startswith(row["country"]):
            raise InputError(f"{where}; a NUTS-3 code of 2021 of {row['country']} is allowed")
        if code in seen:
            raise InputError(
                f"{where} for the code '{code[2]}' of {code[0]}, level {code[1]}, which an "
                f"earlier row maps to '{seen[code]}'; one row a code is allowed"
            )
        seen[code] = region
