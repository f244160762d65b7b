"""Bring a long table of mixed NUTS vintages to one vintage.

For each country, level and year the vintage is recognised by the codes that carry a
value; what is of the target vintage passes as published, what can be converted is
converted and marked, and the rest is handed back with the reason.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipelines.core.errors import CheckFailed, NutsVersionMismatch
from pipelines.core.flags import FLAGS
from pipelines.nuts import codes as nuts
from pipelines.nuts import convert as nuts_convert
from pipelines.nuts.convert import MARKS, Block, Bools, Ints, Measure, Step
from pipelines.nuts.vintages import Present, Vintages, present_codes

_LETTERS = "".join(FLAGS)
#: A row of `SET_ASIDE`.
Row = dict[str, Any]
SET_ASIDE = pa.schema(
    [
        ("country", pa.string()),
        ("level", pa.int32()),
        ("time_period", pa.int32()),
        ("nuts_version", pa.int32()),
        ("geo", pa.string()),
        ("reason", pa.string()),
    ]
)


@dataclass(frozen=True)
class Converted:
    """A table on one vintage, and what could not be brought there.

    Attributes
    ----------
    table : pyarrow.Table
        The input's key columns, ``geo``, ``time_period``, ``obs_value``, ``obs_flag``
        (union of the contributors' flags), ``obs_state``, ``nuts_version`` (of the
        result), ``source_version`` (recognised), ``conversion`` (one of
        `nuts_convert.MARKS`).
    set_aside : pyarrow.Table
        ``country, level, time_period, nuts_version, geo, reason``; ``geo`` is null
        where the reason holds for the whole country.
    """

    table: pa.Table
    set_aside: pa.Table


def convert_table(
    table: pa.Table,
    crosswalks: pa.Table,
    lists: Mapping[int, Collection[str]],
    target: int,
    measure: Measure,
    weight: str = "population",
) -> Converted:
    """Bring a long table to one vintage.

    Parameters
    ----------
    table : pyarrow.Table
        ``geo``, ``time_period``, ``obs_value``, ``obs_flag``, ``obs_state`` and any
        further key columns (``sex``, ``age``...).
    crosswalks : pyarrow.Table
        All steps, in the directions that are wanted.
    lists : mapping
        Each vintage's NUTS-3 codes.
    target : int
        Target vintage.
    measure : {'absolute', 'relative'}
        Count (people, births) or ratio (density, median age); there is no default, as
        the two are carried in different ways.
    weight : {'population', 'population_2011', 'area'}

    Returns
    -------
    Converted
    """
    vintages = Vintages(crosswalks, lists)
    return convert(table, present_codes(table), vintages, target, measure, weight)


def convert(
    table: pa.Table,
    present: Present,
    vintages: Vintages,
    target: int,
    measure: Measure,
    weight: str = "population",
) -> Converted:
    """Bring a long table to one vintage, as `convert_table`, with what is known beforehand.

    ``present`` is `present_codes` of the table.
    """
    fits = vintages.recognise(present, prefer=target)
    work = _annotate(table, fits, vintages)
    direct = work.filter(pc.equal(work["source_version"], target))
    done = [_finish_direct(direct, target)]
    aside = _set_aside(work, fits)
    others = {fit.version for fit in fits.values() if fit.version not in (None, target)}
    for version in sorted(others):
        rows = work.filter(pc.equal(work["source_version"], version))
        try:
            steps = nuts_convert.route(vintages.pairs, version, target)
        except NutsVersionMismatch as error:
            aside += _refuse(fits, version, str(error))
            continue
        for at_level in sorted(set(rows["_level"].to_pylist())):
            part = rows.filter(pc.equal(rows["_level"], at_level))
            chain = [vintages.step(*pair, at_level, weight) for pair in steps]
            covered = set.intersection(*({code[:2] for code in step.sources} for step in chain))
            aside += _uncovered(part, covered, (version, target))
            part = part.filter(pc.is_in(_country(part), pa.array(sorted(covered), pa.string())))
            done.append(_convert_part(part, chain, (version, target), measure))
    result = pa.concat_tables([part for part in done if len(part)] or done[:1])
    return Converted(result, pa.Table.from_pylist(aside, SET_ASIDE))


def _keys(table: pa.Table) -> list[str]:
    fixed = {"geo", "time_period", "obs_value", "obs_flag", "obs_state", "_level", "source_version"}
    return [name for name in table.column_names if name not in fixed]


def _annotate(
    table: pa.Table, fits: Mapping[tuple[str, int, int], nuts.Fit], vintages: Vintages
) -> pa.Table:
    """Add level and recognised vintage to each row; null where a row is set aside."""
    geo = table["geo"].combine_chunks().dictionary_encode()
    codes = geo.dictionary.to_pylist()
    levels = np.array([len(c) - 2 if nuts.is_nuts(c) else -1 for c in codes], dtype=np.int32)
    years = table["time_period"].to_numpy()
    place = geo.indices.to_numpy()
    first = int(years.min(initial=0))
    version = np.zeros((len(codes), int(years.max(initial=0)) - first + 1), dtype=np.int32)
    by_pair: dict[tuple[str, int], list[int]] = {}
    for row, code in enumerate(codes):
        if nuts.is_nuts(code):
            by_pair.setdefault((code[:2], len(code) - 2), []).append(row)
    for (country, at_level, year), fit in fits.items():
        if fit.version is not None:
            listed = vintages.codes[country, at_level][fit.version]
            rows = [row for row in by_pair[country, at_level] if codes[row] in listed]
            version[rows, year - first] = fit.version
    vintage = version[place, years - first]
    return table.append_column("_level", pa.array(levels[place])).append_column(
        "source_version", pa.array(vintage, mask=vintage == 0)
    )


def _finish_direct(rows: pa.Table, target: int) -> pa.Table:
    constant = pa.array(["as_published"] * len(rows), pa.string())
    rows = rows.append_column("nuts_version", pa.array([target] * len(rows), pa.int32()))
    rows = rows.append_column("conversion", constant)
    return rows.select(_order(rows))


def _order(table: pa.Table) -> list[str]:
    more = ["nuts_version", "source_version", "conversion"]
    fixed = ["geo", "time_period", "obs_value", "obs_flag", "obs_state"]
    return [name for name in _keys(table) if name not in more] + fixed + more


def _set_aside(work: pa.Table, fits: Mapping[tuple[str, int, int], nuts.Fit]) -> list[Row]:
    aside = []
    for (country, at_level, year), fit in fits.items():
        row = {"country": country, "level": at_level, "time_period": year}
        row |= {"nuts_version": fit.version, "geo": None, "reason": fit.reason}
        if fit.version is None:
            aside.append(row)
        else:
            aside += [{**row, "geo": code} for code in fit.surplus]
    valued = work.filter(pc.is_valid(work["obs_value"]))
    for code in sorted(c for c in valued["geo"].unique().to_pylist() if not nuts.is_nuts(c)):
        text = "extra-regio: outside any region" if nuts.is_extra(code) else "no NUTS code"
        row = dict.fromkeys(SET_ASIDE.names)
        aside.append({**row, "country": code[:2], "geo": code, "reason": text})
    return aside


def _refuse(fits: Mapping[tuple[str, int, int], nuts.Fit], version: int, reason: str) -> list[Row]:
    return [
        {
            "country": c,
            "level": level,
            "time_period": year,
            "nuts_version": version,
            "geo": None,
            "reason": reason,
        }
        for (c, level, year), fit in fits.items()
        if fit.version == version
    ]


def _country(table: pa.Table) -> pa.ChunkedArray:
    return pc.utf8_slice_codeunits(table["geo"], 0, 2)


def _uncovered(part: pa.Table, covered: set[str], versions: tuple[int, int]) -> list[Row]:
    """Return countries of a part that the crosswalks do not hold at all."""
    present = pa.table([_country(part), part["_level"], part["time_period"]], ["c", "at", "year"])
    present = present.group_by(present.column_names).aggregate([])
    rows = zip(*(present[name].to_pylist() for name in present.column_names), strict=True)
    text = "the JRC's crosswalks from NUTS {} to NUTS {} do not hold this country".format(*versions)
    return [
        {
            "country": c,
            "level": level,
            "time_period": year,
            "nuts_version": versions[0],
            "geo": None,
            "reason": text,
        }
        for c, level, year in sorted(rows)
        if c not in covered
    ]


def _convert_part(
    part: pa.Table, chain: list[Step], versions: tuple[int, int], measure: Measure
) -> pa.Table:
    """Convert the rows of one vintage and level: pivot, multiply, unpivot."""
    keys = [*_keys(part), "time_period"]
    part = part.filter(pc.is_in(part["geo"], pa.array(chain[0].sources, pa.string())))
    frame = part.select([*keys, "geo"]).to_pandas()
    column = frame.groupby(keys, sort=True).ngroup().to_numpy()
    series = frame[keys].drop_duplicates().sort_values(keys)
    codes, row = np.unique(frame["geo"].to_numpy(dtype=str), return_inverse=True)
    block = _pivot(part, codes.tolist(), row, column, len(series))
    for step in chain:
        # A step gives all its regions; those of countries that the next lacks hold nothing.
        block = nuts_convert.apply(step, nuts_convert.narrow(block, step.sources), measure)
    at_row, at_column = np.nonzero(_presence(codes, row, column, len(series), block.codes))
    value = block.value[at_row, at_column]
    out = {name: pa.array(series[name].to_numpy()[at_column]) for name in keys}
    out["geo"] = pa.array(np.array(block.codes)[at_row])
    out["obs_value"] = pa.array(value, mask=np.isnan(value))
    out["obs_flag"] = _letters(block.flags[at_row, at_column])
    out["obs_state"] = pa.array(np.where(np.isnan(value), "missing", "value"))
    for name, version in zip(("source_version", "nuts_version"), versions, strict=True):
        out[name] = pa.array(np.full(len(value), version, dtype=np.int32))
    out["conversion"] = pa.array(np.array(MARKS)[block.mark[at_row]])
    result = pa.table(out)
    return result.select(_order(result))


def _pivot(part: pa.Table, codes: list[str], row: Ints, column: Ints, width: int) -> Block:
    shape = (len(codes), width)
    count = np.zeros(shape, dtype=int)
    np.add.at(count, (row, column), 1)
    if count.max(initial=0) > 1:
        code = codes[int(np.argwhere(count > 1)[0][0])]
        raise CheckFailed(f"{code}: two values for one region, year and key; one is allowed.")
    value, flags = np.full(shape, np.nan), np.zeros(shape, dtype=np.int64)
    value[row, column] = part["obs_value"].to_numpy(zero_copy_only=False)
    flags[row, column] = _bits(part["obs_flag"])
    return Block(codes, value, flags, np.zeros(len(codes), dtype=int))


def _presence(
    codes: NDArray[np.str_], row: Ints, column: Ints, width: int, targets: list[str]
) -> Bools:
    """Tell which (target, series) to give back: those where the country has any row."""
    countries = sorted({code[:2] for code in codes})
    position = {country: place for place, country in enumerate(countries)}
    of_code = np.array([position[code[:2]] for code in codes], dtype=int)
    has = np.zeros((len(countries) + 1, width), dtype=bool)
    has[of_code[row], column] = True
    return has[[position.get(code[:2], len(countries)) for code in targets]]


def _bits(flags: pa.ChunkedArray) -> Ints:
    encoded = flags.combine_chunks().dictionary_encode()
    bits = [
        sum(1 << _LETTERS.index(letter) for letter in set(text))
        for text in encoded.dictionary.to_pylist()
    ]
    place = encoded.indices.fill_null(len(bits)).to_numpy(zero_copy_only=False)
    flagged: Ints = np.array([*bits, 0], dtype=np.int64)[place]
    return flagged


def _letters(bits: Ints) -> pa.Array:
    distinct, inverse = np.unique(bits, return_inverse=True)
    texts = [
        "".join(letter for bit, letter in enumerate(_LETTERS) if int(word) >> bit & 1) or None
        for word in distinct
    ]
    return pa.array(texts, pa.string()).take(pa.array(inverse))
