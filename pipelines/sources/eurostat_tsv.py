r"""Read Eurostat's TSV files, old and new, into one long table.

Two wire formats exist. The newer one heads its first column
``freq,unit,geo\TIME_PERIOD`` and runs forward in time; the older bulk files say
``sex,unit,age,geo\time``, carry no ``freq`` and start with the newest year. In
both, dimensions come in any order, a cell is a number or ``:``, and flags follow
it. Every cell is matched as a whole against that grammar, and what does not match
stops the reading: a flag that nobody knows can change what a number means.

The `eurostat` package reads the same format only together with its own download,
cell by cell in Python, and hands unknown cells on as text; that is why the parsing
is done here (see ``benchmarks/cases_files.py`` for both, side by side).

Speed: a file's cells repeat a lot, so they are dictionary-encoded first and the
grammar is applied to the distinct cells alone.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv

from pipelines.core.errors import SchemaDrift, SourceUnreadable
from pipelines.io import archives
from pipelines.sources import eurostat_cells as cells

if TYPE_CHECKING:
    from pipelines.core.registry import Source

OBSERVATION = ("time_period", "obs_value", "obs_flag", "obs_state")
_TIME_MARKS = ("TIME_PERIOD", "time")
_PERIOD = re.compile(r"\d{4}")
_CODE = r"^[A-Za-z0-9_\-]+$"


def read(path: Path, declared: Source) -> pa.Table:
    """Read one Eurostat TSV file (plain or gzip) as its declaration says.

    Parameters
    ----------
    path : Path
        The file.
    declared : Source
        ``columns`` names the dimensions (in the order wanted) and the four
        observation columns; ``extra["filters"]`` may hold ``levels`` (of NUTS codes),
        ``first_year``, ``last_year`` and ``codes`` (dimension → list of codes).

    Returns
    -------
    pyarrow.Table
        One row a kept cell: each dimension (string, Eurostat's own codes),
        ``time_period`` (int32, year), ``obs_value`` (float64, null where the state
        is not ``value``), ``obs_flag`` (string, raw flags, null for none) and
        ``obs_state`` (``value``, ``missing``, ``flag_only``, ``confidential``,
        ``not_applicable``, ``less_than_half``).

    Raises
    ------
    SourceUnreadable
        Broken file, cell outside the grammar, unequal cell count, duplicate key.
    UnknownCode
        A flag that is in neither of Eurostat's two lists.
    SchemaDrift
        Dimensions, years or codes differ from what is declared.
    """
    dimensions = [name for name in declared.columns if name not in OBSERVATION]
    return parse(archives.read_bytes(path), path, dimensions, filters_of(declared))


def filters_of(declared: Source) -> dict[str, Any]:
    """Return the filters of a declaration: levels, years and codes that are used."""
    return dict(declared.extra.get("filters", {}))


def parse(raw: bytes, path: Path, dimensions: list[str], filters: dict[str, Any]) -> pa.Table:
    """Parse unpacked TSV bytes; see `read` for the result and the errors."""
    present, years, width = read_header(raw, path)
    _compare_dimensions(path, present, dimensions, old_format=_is_old(raw))
    kept_years = _keep_years(path, years, filters)
    table = _load(raw, path, width)
    keys = _split_keys(path, table.column(0), present, raw)
    keep = _row_mask(path, keys, filters)
    columns = [table.column(1 + index) for index in kept_years]
    if keep is not None:
        keys = {name: column.filter(keep) for name, column in keys.items()}
        columns = [column.filter(keep) for column in columns]
    if "freq" in dimensions and "freq" not in keys:
        # The old bulk format had no frequency; its periods are whole years (checked above).
        keys["freq"] = pa.array(np.full(len(keys["geo"]), "A"))
    return _long(path, keys, dimensions, columns, [years[index] for index in kept_years], raw)


def read_header(raw: bytes, path: Path) -> tuple[list[str], list[int], int]:
    """Return a file's dimensions (lower case), its years in file order and its width.

    Raises
    ------
    SourceUnreadable
        The first line is not a Eurostat header.
    SchemaDrift
        A period that is not a year, twice the same year, or a year left out.
    """
    line = raw[:100_000].partition(b"\n")[0].decode("utf-8", "replace").removeprefix("\ufeff")
    names = [name.strip() for name in line.rstrip("\r").split("\t")]
    packed, separator, mark = names[0].partition("\\")
    if not separator or mark not in _TIME_MARKS or len(names) < 2:
        raise SourceUnreadable(
            f"{path}: row 1, column 1: found {line[:80]!r}; a Eurostat header ends in "
            r"'\TIME_PERIOD' or '\time' and is followed by years. Fetch the file again."
        )
    odd = [name for name in names[1:] if not _PERIOD.fullmatch(name)]
    if odd:
        raise SchemaDrift(f"{path}: row 1: period {odd[0]!r} found; only years (YYYY) are allowed.")
    years = [int(name) for name in names[1:]]
    if len(set(years)) != len(years):
        twice = next(year for year in years if years.count(year) > 1)
        raise SchemaDrift(f"{path}: row 1: year {twice} stands there more than once.")
    gaps = set(range(min(years), max(years) + 1)) - set(years)
    if gaps:
        raise SchemaDrift(
            f"{path}: row 1: years {sorted(gaps)} are left out between {min(years)} and "
            f"{max(years)}; a column was dropped. Fetch the file again."
        )
    return [name.strip().lower() for name in packed.split(",")], years, len(names)


def _is_old(raw: bytes) -> bool:
    return raw[: raw.find(b"\t")].rstrip().endswith(b"\\time")


def _compare_dimensions(
    path: Path, present: list[str], declared: list[str], *, old_format: bool
) -> None:
    allowed = set(declared) - ({"freq"} if old_format and "freq" not in present else set())
    if set(present) != allowed or len(set(present)) != len(present):
        raise SchemaDrift(
            f"{path}: row 1, column 1: dimensions {present} found, {sorted(allowed)} declared "
            f"(missing: {sorted(allowed - set(present))}, new: {sorted(set(present) - allowed)})."
            " The publisher changed the table: compare geodata/sources and the models that use it."
        )


def _keep_years(path: Path, years: list[int], filters: dict[str, Any]) -> list[int]:
    first, last = filters.get("first_year", min(years)), filters.get("last_year", max(years))
    indices = [index for index, year in enumerate(years) if first <= year <= last]
    if not indices:
        raise SchemaDrift(
            f"{path}: row 1: years {min(years)}-{max(years)} found, {first}-{last} wanted."
        )
    return sorted(indices, key=lambda index: years[index])


def _load(raw: bytes, path: Path, width: int) -> pa.Table:
    """Split lines and tabs; every column stays text."""
    names = [str(index) for index in range(width)]
    try:
        return pcsv.read_csv(
            pa.BufferReader(raw),
            read_options=pcsv.ReadOptions(skip_rows=1, column_names=names, block_size=1 << 24),
            parse_options=pcsv.ParseOptions(
                delimiter="\t", quote_char=False, double_quote=False, ignore_empty_lines=True
            ),
            convert_options=pcsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        raise SourceUnreadable(_explain_load(raw, path, width, error)) from error


def _explain_load(raw: bytes, path: Path, width: int, error: Exception) -> str:
    """Find the first line that pyarrow refused; only run once something is wrong."""
    for number, line in enumerate(raw.split(b"\n"), start=1):
        cell_count = line.count(b"\t") + 1
        if line.strip() and cell_count != width:
            return (
                f"{path}: row {number}: {cell_count} cells found, {width} expected: the file is"
                " damaged or cut off. Fetch it again."
            )
    return f"{path}: cannot be read as tab-separated text ({error}). Fetch it again."


def _split_keys(
    path: Path, packed: pa.ChunkedArray, present: list[str], raw: bytes
) -> dict[str, pa.Array]:
    packed = pc.utf8_trim_whitespace(packed).combine_chunks()
    if len(packed) == 0:
        raise SourceUnreadable(f"{path}: a header and no rows. Fetch it again.")
    if pc.count_distinct(packed).as_py() != len(packed):
        twice = pc.value_counts(packed)
        key = next(entry["values"] for entry in twice.to_pylist() if entry["counts"] > 1)
        rows = _find_rows(raw, key)
        raise SourceUnreadable(f"{path}: rows {rows} hold the same key {key!r}; one is allowed.")
    parts = pc.split_pattern(packed, ",")
    counts = pc.list_value_length(parts)
    if not pc.all(pc.equal(counts, len(present))).as_py():
        row_index = pc.index(pc.equal(counts, len(present)), False).as_py()
        raise SourceUnreadable(
            f"{path}: row {_find_rows(raw, packed[row_index].as_py())[0]}, column 1: "
            f"{packed[row_index].as_py()!r} holds {counts[row_index].as_py()} codes, {len(present)}"
            f" expected ({','.join(present)})."
        )
    # All lists have one length, so the flat values are a (rows, dimensions) grid.
    flat = parts.flatten()
    order = np.arange(len(packed)) * len(present)
    keys = {name: flat.take(pa.array(order + position)) for position, name in enumerate(present)}
    for name, column in keys.items():
        _check_codes(path, name, column, raw)
    return keys


def _check_codes(path: Path, name: str, column: pa.Array, raw: bytes) -> None:
    distinct = column.unique()
    fine = pc.match_substring_regex(distinct, _CODE)
    if not pc.all(fine).as_py():
        code = distinct[pc.index(fine, False).as_py()].as_py()
        row_index = pc.index(column, code).as_py()
        raise SourceUnreadable(
            f"{path}: row {row_index + 2}, column {name}: {code!r} found; a code is made of"
            " letters, digits, '_' and '-'."
        )


def _find_rows(raw: bytes, key: str) -> list[int]:
    needle = key.encode()
    lines = enumerate(raw.split(b"\n"), start=1)
    return [number for number, line in lines if line.split(b"\t", 1)[0].strip() == needle] or [0]


def _row_mask(path: Path, keys: dict[str, pa.Array], filters: dict[str, Any]) -> pa.Array | None:
    """Return which rows are used, or None for all; a filter that finds nothing is an error."""
    masks = []
    for name, codes in filters.get("codes", {}).items():
        lacking = set(codes) - set(keys[name].unique().to_pylist()) if name in keys else set()
        if name in keys and lacking:
            raise SchemaDrift(
                f"{path}: column {name}: declared codes {sorted(lacking)} are not in the file; it"
                f" holds {sorted(keys[name].unique().to_pylist())[:40]}."
            )
        if name in keys:
            masks.append(pc.is_in(keys[name], pa.array(codes)))
    levels = filters.get("levels")
    if levels is not None:
        masks.append(cells.level_mask(keys["geo"], levels))
    if not masks:
        return None
    mask = masks[0]
    for other in masks[1:]:
        mask = pc.and_(mask, other)
    if not pc.any(mask).as_py():
        raise SchemaDrift(f"{path}: no row is left by the declared filters {filters}.")
    return mask


def _long(
    path: Path,
    keys: dict[str, pa.Array],
    dimensions: list[str],
    columns: list[pa.ChunkedArray],
    years: list[int],
    raw: bytes,
) -> pa.Table:
    """Stack the year columns, oldest first, beside their keys."""
    rows = len(keys["geo"])
    stacked = pa.concat_arrays([chunk for column in columns for chunk in column.chunks])
    encoded = stacked.dictionary_encode()
    distinct, index = encoded.dictionary, encoded.indices
    meaning = cells.classify(distinct)
    if meaning.rejected is not None:
        text = distinct[meaning.rejected].as_py()
        year, key = _locate(text, keys, dimensions, columns, years)
        row = _find_rows_of(raw, key, text)
        raise cells.rejection(path, text, row, year)
    repeat = pa.array(np.tile(np.arange(rows), len(years)))
    out = {name: keys[name].take(repeat) for name in dimensions}
    out["time_period"] = pa.array(np.repeat(np.array(years, dtype=np.int32), rows))
    out["obs_value"] = meaning.value.take(index)
    out["obs_flag"] = meaning.flag.take(index)
    out["obs_state"] = meaning.state.take(index)
    return pa.table(out)


def _locate(
    text: str,
    keys: dict[str, pa.Array],
    dimensions: list[str],
    columns: list[pa.ChunkedArray],
    years: list[int],
) -> tuple[int, set[str]]:
    for column, year in zip(columns, years, strict=True):
        row_index = pc.index(column, text).as_py()
        if row_index >= 0:
            return year, {keys[name][row_index].as_py() for name in dimensions if name in keys}
    raise AssertionError(f"cell {text!r} came from nowhere")


def _find_rows_of(raw: bytes, codes: set[str], text: str) -> int:
    for number, line in enumerate(raw.split(b"\n"), start=1):
        head, _, rest = line.partition(b"\t")
        same = set(head.decode("utf-8", "replace").strip().split(",")) | {"A"} == codes | {"A"}
        if same and text.encode() in rest:
            return number
    return 0
