"""Bring Eurostat's yearly series to NUTS 2021 and NUTS 2024: models named in ``sql/``.

The numerics are in `pipelines.nuts.tables`; here the inputs are put together. Which
measure is a count and which a ratio, and what weighs it, is the seed
``series_measures``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, get_args

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.core.errors import CheckFailed
from pipelines.nuts import convert as nuts_convert
from pipelines.nuts import tables as nuts_tables
from pipelines.nuts.convert import Measure
from pipelines.nuts.vintages import Vintages, present_codes

TARGETS = (2021, 2024)
KINDS: tuple[str, ...] = get_args(Measure)
_INPUT = ["measure", "geo", "time_period", "obs_value", "obs_flag", "obs_state"]
HARMONISED = pa.schema(
    [
        ("nuts_version", pa.int32()),
        ("nuts_id", pa.string()),
        ("measure", pa.string()),
        ("year", pa.int32()),
        ("value", pa.float64()),
        ("flag", pa.string()),
        ("state", pa.string()),
        ("source_version", pa.int32()),
        ("conversion", pa.string()),
    ]
)
VINTAGES = pa.schema(
    [
        ("measure", pa.string()),
        ("country", pa.string()),
        ("level", pa.int32()),
        ("year", pa.int32()),
        ("nuts_version", pa.int32()),
        ("status", pa.string()),
        ("coverage_share", pa.float64()),
        ("reason", pa.string()),
    ]
)


@dataclass(frozen=True)
class SeriesMeasure:
    """A row of the seed ``series_measures``: how a measure is carried between vintages."""

    name: str
    kind: Measure
    weight: str


def harmonise(tables: dict[str, pa.Table]) -> pa.Table:
    """Give every measure on the regions of both vintages.

    Parameters
    ----------
    tables : dict of str to pyarrow.Table
        ``staging.stg_eurostat__series``, ``staging.stg_jrc__crosswalk``,
        ``staging.stg_nuts__codes``, ``seeds.series_measures``.

    Returns
    -------
    pyarrow.Table
        See `HARMONISED`; one row a vintage, region, measure and year.

    Raises
    ------
    CheckFailed
        The seed has a kind or weight that is unknown.
    """
    vintages = _vintages(tables)
    done = [HARMONISED.empty_table()]
    series = tables["staging.stg_eurostat__series"]
    for measure in _measures(tables):
        rows = _rows(series, measure.name)
        present = present_codes(rows)
        for target in TARGETS if len(rows) else ():
            result = nuts_tables.convert(
                rows, present, vintages, target, measure.kind, measure.weight
            ).table
            result = result.rename_columns(
                [
                    {"geo": "nuts_id", "time_period": "year"}.get(n, n.removeprefix("obs_"))
                    for n in result.column_names
                ]
            )
            done.append(result.select(HARMONISED.names).cast(HARMONISED))
    return pa.concat_tables(done)


def vintages(tables: dict[str, pa.Table]) -> pa.Table:
    """Say which vintage each country's figures are of, by measure, level and year."""
    known = _vintages(tables)
    out = []
    for measure in _measures(tables):
        rows = _rows(tables["staging.stg_eurostat__series"], measure.name)
        for (country, level, year), fit in known.recognise(present_codes(rows)).items():
            values = (measure.name, country, level, year, fit.version, fit.status)
            facts = (*values, fit.coverage, fit.reason)
            out.append(dict(zip(VINTAGES.names, facts, strict=True)))
    return pa.Table.from_pylist(out, VINTAGES)


def _vintages(tables: dict[str, pa.Table]) -> Vintages:
    crosswalks = nuts_convert.with_norway_2018(tables["staging.stg_jrc__crosswalk"])
    codes: dict[int, set[str]] = {}
    for row in tables["staging.stg_nuts__codes"].to_pylist():
        codes.setdefault(row["nuts_version"], set()).add(row["nuts_id"])
    return Vintages(crosswalks, nuts_convert.code_lists(crosswalks, *codes.items()))


def _measures(tables: dict[str, pa.Table]) -> list[SeriesMeasure]:
    """Return the rows of the seed, all of a kind and weight that a conversion knows."""
    rows: list[dict[str, Any]] = tables["seeds.series_measures"].to_pylist()
    allowed = {"kind": KINDS, "weight": tuple(nuts_convert.WEIGHTS)}
    for number, row in enumerate(rows, start=2):
        for field, values in allowed.items():
            if row[field] not in values:
                raise CheckFailed(
                    f"sql/seeds/series_measures.csv: row {number} ({row['measure']}), {field}: "
                    f"{row[field]!r} found, allowed are {', '.join(values)}"
                )
    return [SeriesMeasure(row["measure"], row["kind"], row["weight"]) for row in rows]


def _rows(series: pa.Table, measure: str) -> pa.Table:
    return series.filter(pc.equal(series["measure"], measure)).select(_INPUT)
