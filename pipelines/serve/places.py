"""A place by its code alone: what it is called and where it lies."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipelines.serve.store import Store

NUTS_CODE = re.compile(r"[A-Z]{2}[A-Z0-9]{0,3}")
GEONAMES_ID = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True)
class Named:
    """A place and its name.

    Attributes
    ----------
    kind : {"region", "town"}
    id : str
        NUTS code of 2021, or GeoNames id.
    name : str
    country : str
        Eurostat's code.
    region : str
        Code of the region that it is or lies in; empty for a town outside all of them.
    """

    kind: str
    id: str
    name: str
    country: str
    region: str


def named(store: Store, code: str) -> Named | None:
    """Return the place of a NUTS code of 2021 (in any case) or GeoNames id, None without one."""
    text = code.strip().upper()
    if GEONAMES_ID.fullmatch(text):
        rows = store.rows(
            "select geonameid::varchar as id, name, country, coalesce(nuts_id, '') as region "
            "from marts.towns where geonameid = ?",
            [int(text)],
        )
        return Named("town", **rows[0]) if rows else None
    if not NUTS_CODE.fullmatch(text):
        return None
    rows = store.rows(
        "select nuts_id as id, if(level = 0, country_name, name) as name, country, "
        "nuts_id as region from marts.regions where nuts_id = ?",
        [text],
    )
    return Named("region", **rows[0]) if rows else None


def renamed(store: Store) -> dict[str, str]:
    """Return codes of NUTS 2024 whose region is one of 2021 under another code, with that code."""
    rows = store.rows(
        "select code_2024, nuts_id from marts.regions as r where code_2024 is not null "
        "and not exists (from marts.regions as o where o.nuts_id = r.code_2024)"
    )
    return {row["code_2024"]: row["nuts_id"] for row in rows}
