"""Read the JRC's NUTS crosswalks: people and area shared by old and new regions.

Two traps of the published files are mended here and counted: rows of the French
overseas regions carry the *area* in every column, so their people are unknown, not
1 682; Svalbard has the area where built-up surfaces should stand and no people, which
is true of its people.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv

from pipelines.core.errors import SchemaDrift, SourceMissing, SourceUnreadable, UnknownCode
from pipelines.nuts import codes as nuts

if TYPE_CHECKING:
    from pipelines.core.registry import Source

_CODES = re.compile(r"code_v(\d{4})")
_NUMBERS = {
    "areaKm": "area_km2",
    "pop11": "population_2011",
    "pop21": "population_2021",
    "artif_surf12": "artificial_2012",
    "artif_surf18": "artificial_2018",
    "bu_vol": "built_up_volume",
}


def read(path: Path, declared: Source) -> pa.Table:
    """Read one crosswalk file.

    Returns
    -------
    pyarrow.Table
        One row a pair of regions: ``from_version``, ``to_version`` (int32),
        ``from_code``, ``to_code``, ``area_km2``, ``population_2011``,
        ``population_2021`` (float64; null where the file repeats the area).

    Raises
    ------
    SourceMissing, SourceUnreadable, SchemaDrift, UnknownCode
    """
    table, versions = _load(path)
    numbers = {new: _number(path, table, old) for old, new in _NUMBERS.items()}
    for name in ("area_km2", "population_2011", "population_2021"):
        if pc.min(numbers[name]).as_py() < 0:
            raise SourceUnreadable(f"{path}: column {name}: a negative number; 0 or more allowed.")
    codes = [
        _codes(path, table.column(index), name) for index, name in enumerate(table.column_names[:2])
    ]
    repeats = repeats_area(numbers)
    out = {
        "from_version": pa.array([versions[0]] * len(table), pa.int32()),
        "to_version": pa.array([versions[1]] * len(table), pa.int32()),
        "from_code": codes[0],
        "to_code": codes[1],
        "area_km2": numbers["area_km2"],
        "population_2011": pc.if_else(repeats, None, numbers["population_2011"]),
        "population_2021": pc.if_else(repeats, None, numbers["population_2021"]),
    }
    keys = pc.binary_join_element_wise(out["from_code"], out["to_code"], ">")
    if pc.count_distinct(keys).as_py() != len(keys):
        raise SourceUnreadable(f"{path}: a pair of regions stands there twice.")
    return pa.table(out).select([name for name in declared.columns if name in out] or list(out))


def repeats_area(numbers: dict[str, pa.Array]) -> pa.Array:
    """Tell which rows carry the area in every column (the overseas trap)."""
    same = pc.greater(numbers["area_km2"], 0)
    for name in ("population_2011", "population_2021", "artificial_2012", "artificial_2018"):
        same = pc.and_(same, pc.equal(numbers[name], numbers["area_km2"]))
    return same


def _load(path: Path) -> tuple[pa.Table, tuple[int, int]]:
    try:
        table = pcsv.read_csv(path, convert_options=pcsv.ConvertOptions(strings_can_be_null=False))
    except FileNotFoundError as error:
        raise SourceMissing(f"{path}: no such file. Run `hinterland fetch` first.") from error
    except pa.ArrowInvalid as error:
        raise SourceUnreadable(f"{path}: cannot be read as CSV ({error}).") from error
    names = table.column_names
    matches = [match for name in names[:2] if (match := _CODES.fullmatch(name))]
    if len(matches) < 2 or set(names[2:]) != {"uniqueID", *_NUMBERS}:
        raise SchemaDrift(
            f"{path}: columns {names} found; code_v<year>, code_v<year>, uniqueID,"
            f" {', '.join(_NUMBERS)} expected."
        )
    return table, (int(matches[0][1]), int(matches[1][1]))


def _number(path: Path, table: pa.Table, name: str) -> pa.Array:
    column = table[name].combine_chunks()
    if not (pa.types.is_floating(column.type) or pa.types.is_integer(column.type)):
        raise SourceUnreadable(f"{path}: column {name}: text found where numbers are allowed.")
    if column.null_count:
        row = pc.index(pc.is_null(column), True).as_py() + 2
        raise SourceUnreadable(f"{path}: row {row}, column {name}: empty; a number is needed.")
    return column.cast(pa.float64())


def _codes(path: Path, column: pa.ChunkedArray, name: str) -> pa.Array:
    for row, code in enumerate(column.to_pylist(), start=2):
        if len(code) != 5 or not nuts.is_nuts(code):
            raise UnknownCode(
                f"{path}: row {row}, column {name}: {code!r} found; a NUTS-3 code (five capital"
                " letters and digits) is allowed."
            )
    return column.combine_chunks().cast(pa.string())
