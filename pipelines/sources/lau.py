"""Read Eurostat's list of local administrative units: the workbook, or a Parquet extract.

One trap of the published list: ``total_area_m2`` is in square kilometres in some
countries (Germany, Denmark and Finland in 2019). A country whose largest unit has
fewer than a million "square metres" is taken to be in square kilometres: a million
square metres is one square kilometre, and no country's largest municipality is smaller.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.core.errors import SchemaDrift, SourceMissing, SourceUnreadable, UnknownCode
from pipelines.io.archives import ZIP_MAGIC
from pipelines.nuts import codes as nuts
from pipelines.sources.lau_workbook import read_workbook

if TYPE_CHECKING:
    from pipelines.core.registry import Source

_TEXTS = (
    "code_2016",
    "lau_code",
    "lau_name_national",
    "lau_name_latin",
    "coastal_area",
    "city_id",
    "city_name",
    "greater_city_id",
    "greater_city_name",
    "fua_id",
    "fua_name",
    "country",
    "gisco_id",
)
_NUMBERS = ("population", "total_area_m2", "degurba")
_KM2_BELOW = 1e6


def read(path: Path, declared: Source) -> pa.Table:
    """Read the list.

    Returns
    -------
    pyarrow.Table
        One row a unit: the texts as published, ``population`` (float64, people on
        1 January; 0 in units where nobody lives), ``area_km2`` (float64), ``degurba``
        (int32, 1-3). The schema's metadata holds ``km2_countries`` and, of a workbook,
        ``set_aside``: rows without a region, and rows that repeat another.

    Raises
    ------
    SourceMissing, SourceUnreadable, SchemaDrift, UnknownCode
    """
    if not path.is_file():
        raise SourceMissing(f"{path}: no such file. Run `hinterland fetch` first.")
    table = read_workbook(path) if _is_workbook(path) else _read_parquet(path)
    lacking = set(_TEXTS + _NUMBERS) - set(table.column_names)
    if lacking:
        raise SchemaDrift(f"{path}: columns {sorted(lacking)} are missing.")
    table = table.select([*_TEXTS, *_NUMBERS])
    _check(path, table)
    _check_year(path, table, declared)
    area, in_km2 = _area_km2(table)
    out = {name: table[name].cast(pa.string()) for name in _TEXTS}
    out["population"] = table["population"].cast(pa.float64())
    out["area_km2"] = area
    out["degurba"] = table["degurba"].cast(pa.int32())
    notes = {"km2_countries": ",".join(in_km2)}
    if aside := (table.schema.metadata or {}).get(b"set_aside"):
        notes["set_aside"] = aside.decode()
    result = pa.table(out).replace_schema_metadata(notes)
    return result.select([name for name in declared.columns if name in out] or list(out))


def _is_workbook(path: Path) -> bool:
    """Tell by its first bytes, for a file on its way has no name yet."""
    with path.open("rb") as handle:
        return handle.read(4) == ZIP_MAGIC


def _read_parquet(path: Path) -> pa.Table:
    try:
        return pq.read_table(path)
    except pa.ArrowInvalid as error:
        raise SourceUnreadable(
            f"{path}: neither a workbook nor Parquet ({error}). Fetch it again."
        ) from error


def _check(path: Path, table: pa.Table) -> None:
    keys = table["gisco_id"]
    if keys.null_count or pc.count_distinct(keys).as_py() != len(table):
        raise SourceUnreadable(f"{path}: column gisco_id: empty or not unique; it is the key.")
    for code in table["code_2016"].unique().to_pylist():
        if not code or len(code) != 5 or not (nuts.is_nuts(code) or nuts.is_extra(code)):
            raise UnknownCode(
                f"{path}, unit {_unit_of(table, code)}, column code_2016: {code!r} found; "
                "a NUTS-3 code is allowed."
            )
    if set(table["degurba"].unique().to_pylist()) - {1.0, 2.0, 3.0, None}:
        raise UnknownCode(f"{path}: column degurba: 1, 2, 3 or nothing is allowed.")
    for name in ("population", "total_area_m2"):
        if (pc.min(table[name]).as_py() or 0) < 0:
            raise SourceUnreadable(f"{path}: column {name}: a negative number; 0 or more allowed.")


def _check_year(path: Path, table: pa.Table, declared: Source) -> None:
    """Refuse a list of a later year: it says so by codes that its own year did not have."""
    codes = set(table["code_2016"].unique().to_pylist())
    for vintage, later in declared.extra.get("checks", {}).get("later_codes", {}).items():
        if newer := sorted(codes.intersection(later)):
            raise UnknownCode(
                f"{path}, unit {_unit_of(table, newer[0])}, column code_2016: {newer[0]!r} found, "
                f"which begins with NUTS {vintage}; the list of {declared.version}, in codes of "
                f"NUTS {declared.vintage}, is allowed."
            )


def _unit_of(table: pa.Table, code: str | None) -> str:
    """Return the first unit of a region, by which its row is found."""
    column = table["code_2016"]
    rows = table.filter(pc.is_null(column) if code is None else pc.equal(column, code))
    return str(rows["gisco_id"][0].as_py())


def _area_km2(table: pa.Table) -> tuple[pa.ChunkedArray, list[str]]:
    largest = table.group_by("country").aggregate([("total_area_m2", "max")]).to_pylist()
    in_km2 = sorted(
        r["country"] for r in largest if (r["total_area_m2_max"] or _KM2_BELOW) < _KM2_BELOW
    )
    divisor = pc.if_else(pc.is_in(table["country"], pa.array(in_km2, pa.string())), 1.0, 1e6)
    return pc.divide(table["total_area_m2"], divisor), in_km2
