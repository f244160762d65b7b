"""A user's table of regions, one row a region: which vintage it is of, and in another vintage.

The numerics are those of `pipelines.nuts.tables`. Where the JRC's crosswalk between 2021 and
2024 is not there, Eurostat's list of changes still carries every region whose territory stayed
as it was; for the others the share of people is needed, and the error says so
(docs/decisions.md, 20).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.core.errors import InputError, NutsVersionMismatch, UnknownCode
from pipelines.nuts import codes as nuts
from pipelines.nuts import convert as nuts_convert
from pipelines.nuts import tables as nuts_tables
from pipelines.nuts.convert import MARKS, Measure
from pipelines.nuts.vintages import Present, Vintages, present_codes

#: Names that the column of regions may have, and names of a year.
GEO_COLUMNS = ("nuts_id", "geo")
YEAR_COLUMNS = ("year", "time_period")
# Changes of Eurostat's list under which a region's territory moved.
_MOVED = ("Boundary shift", "Merged", "Split", "New region")
_WITHOUT_WEIGHTS = (
    "without the JRC's crosswalk only regions whose territory stayed can be carried. Put the "
    "crosswalk where 'hinterland fetch --only jrc_nuts_2021_2024' says, and convert again"
)
#: Vintages that only the JRC's crosswalks list, and the source that brings each.
_OLDER = {2013: "jrc_nuts_2013_2021", 2016: "jrc_nuts_2016_2021"}


@dataclass(frozen=True)
class Lists:
    """What is known of the vintages.

    Attributes
    ----------
    crosswalks : pyarrow.Table
        See `pipelines.sources.jrc.read`, in both directions; may have no row.
    changes : pyarrow.Table
        Eurostat's list: ``level, code_2021, code_2024, change``.
    """

    crosswalks: pa.Table
    changes: pa.Table

    @cached_property
    def codes(self) -> dict[int, frozenset[str]]:
        """NUTS-3 codes of each vintage."""
        leaves = self.changes.filter(pc.equal(self.changes["level"], 3))
        more = [
            (version, set(leaves[f"code_{version}"].drop_null().to_pylist()))
            for version in (2021, 2024)
        ]
        return nuts_convert.code_lists(self.crosswalks, *more)

    def older(self) -> str:
        """Return how codes of vintages without a list are told, or nothing where all are there."""
        lacking = {year: name for year, name in _OLDER.items() if year not in self.codes}
        if not lacking:
            return ""
        years = " and ".join(map(str, lacking))
        return (
            f"codes of NUTS {years} are told by the JRC's crosswalks alone: 'hinterland fetch "
            + " ".join(f"--only {name}" for name in lacking.values())
            + "' says where to put them"
        )

    def knows(self, code: str) -> bool:
        """Tell whether a code is one of any vintage at hand."""
        return any(known.startswith(code) for codes in self.codes.values() for known in codes)

    def steps(self, level: int) -> pa.Table:
        """Return the crosswalks, with Eurostat's list for the pair that they lack."""
        if {(2021, 2024)} <= nuts_convert.pairs_of(self.crosswalks):
            return self.crosswalks
        rows = [row for row in self.changes.to_pylist() if row["level"] == level]
        pairs = [
            (row["code_2021"], row["code_2024"])
            for row in rows
            if row["code_2021"] and row["code_2024"] and not row["change"].startswith(_MOVED)
        ]
        if level == 0:
            pairs = [(code, code) for code in sorted({c[:2] for c in self.codes[2024]})]
        names = self.crosswalks.schema.names
        recoded = pa.table(
            {
                "from_version": pa.array([2021] * len(pairs), pa.int32()),
                "to_version": pa.array([2024] * len(pairs), pa.int32()),
                "from_code": pa.array([old for old, _ in pairs], pa.string()),
                "to_code": pa.array([new for _, new in pairs], pa.string()),
                **{name: pa.nulls(len(pairs), pa.float64()) for name in names[4:]},
            }
        ).select(names)
        both = [recoded, nuts_convert.reverse(recoded)]
        return pa.concat_tables([self.crosswalks, *both])


def geo_column(frame: pd.DataFrame) -> str:
    """Return the name of the column of regions: ``nuts_id`` or ``geo``.

    Raises
    ------
    InputError
        The table has neither, or both.
    """
    named = [name for name in GEO_COLUMNS if name in frame.columns]
    if len(named) != 1:
        raise InputError(
            f"the table has the columns {', '.join(map(str, frame.columns)) or 'none'}; one column "
            "'nuts_id' or 'geo' with NUTS codes is needed"
        )
    return named[0]


def checked_codes(values: Iterable[object], column: str) -> list[str]:
    """Return NUTS codes as they stand.

    Raises
    ------
    UnknownCode
        A value is no NUTS code; the message names its index in a Series, else its place,
        counted from 0.
    """
    codes = []
    labels = values.index if isinstance(values, pd.Series) else None
    for place, value in enumerate(values):
        if not isinstance(value, str) or not nuts.is_nuts(value):
            where = f"{column}[{place}]" if labels is None else f"index {labels[place]}, {column}"
            raise UnknownCode(
                f"{where}: {value!r} is no NUTS code; two capital letters of "
                "a country and up to three capital letters or digits are allowed (DE, DE7, DE733)"
            )
        codes.append(value)
    return codes


def vintages_of(codes: Sequence[str], lists: Lists) -> pd.DataFrame:
    """Tell for each country and level which vintage codes belong to.

    Parameters
    ----------
    codes : sequence of str
        NUTS codes of any countries and levels.
    lists : Lists

    Returns
    -------
    DataFrame
        ``country``, ``level``, ``vintage`` (missing where it cannot be told), ``status``,
        ``coverage_share`` (0 to 1) and ``reason``; see `pipelines.nuts.codes.Fit`.
    """
    present: dict[tuple[str, int, int], set[str]] = {}
    for code in codes:
        present.setdefault((code[:2], len(code) - 2, 0), set()).add(code)
    known = Vintages(lists.crosswalks, lists.codes).recognise(dict(sorted(present.items())))
    rows = [
        {
            "country": country,
            "level": level,
            "vintage": fit.version,
            "status": fit.status,
            "coverage_share": fit.coverage,
            "reason": _with_older(fit, lists),
        }
        for (country, level, _), fit in known.items()
    ]
    columns = ["country", "level", "vintage", "status", "coverage_share", "reason"]
    return pd.DataFrame(rows, columns=columns).astype({"vintage": "Int64"})


def _with_older(fit: nuts.Fit, lists: Lists) -> str:
    """Return the reason of a fit, and the list that is lacking where a code is in none at hand."""
    is_strange = fit.status == "mixture" and not all(map(lists.knows, fit.surplus))
    hint = lists.older() if is_strange else ""
    return f"{fit.reason}; {hint}" if hint else fit.reason


def convert_frame(
    frame: pd.DataFrame,
    to: int,
    lists: Lists,
    *,
    measure: Measure | None = None,
    start: int | None = None,
    by: Sequence[str] = (),
    weight: str = "population",
    strict: bool = True,
) -> pd.DataFrame:
    """Bring a table of regions to one vintage; see `hinterland.nuts.convert`."""
    for name, vintage in (("to", to), ("start", start)):
        if vintage is not None and vintage not in lists.codes:
            known = ", ".join(map(str, sorted(lists.codes)))
            more = f"; {lists.older()}" if vintage in _OLDER else ""
            raise NutsVersionMismatch(
                f"{name} is {vintage}; the vintages known here are {known}{more}"
            )
    if measure not in (None, "absolute", "relative"):
        raise InputError(f"measure is '{measure}'; allowed are absolute, relative")
    if weight not in nuts_convert.WEIGHTS:
        raise InputError(f"weight is '{weight}'; allowed are {', '.join(nuts_convert.WEIGHTS)}")
    geo = geo_column(frame)
    keys, values = _roles(frame, geo, by)
    checked_codes(frame[geo], geo)
    if (twice := frame.duplicated([geo, *keys])).any():
        row = frame.loc[twice, [geo, *keys]].iloc[0].tolist()
        raise InputError(
            f"{', '.join(map(str, row))}: two rows for one region and key; one is allowed. Name "
            "further keys (sex, age) in 'by'"
        )
    if frame.empty:
        return _nothing(geo, frame[keys], values)
    long = _long(frame, geo, keys, values)
    parts, asides = [], []
    for level in sorted(set(frame[geo].str.len() - 2)):
        part = long.filter(pc.equal(pc.utf8_length(long["geo"]), int(level) + 2))
        result, aside = _convert_level(part, int(level), to, start, lists, measure, weight)
        parts.append(result)
        asides += aside
    if asides and strict:
        raise NutsVersionMismatch(_refusal(asides, to))
    wide = _wide(pa.concat_tables(parts), geo, keys, values)
    wide.attrs["set_aside"] = pd.DataFrame(asides, columns=["country", "level", "geo", "reason"])
    return wide


def _nothing(geo: str, keys: pd.DataFrame, values: list[str]) -> pd.DataFrame:
    """Return the converted table of no rows, with the columns of one that has some."""
    table = pd.DataFrame({geo: pd.Series(dtype="str")}).join(keys)
    table = table.assign(**{str(name): pd.Series(dtype="float64") for name in values})
    table["conversion"] = pd.Series(dtype="str")
    table.attrs["set_aside"] = pd.DataFrame(columns=["country", "level", "geo", "reason"])
    return table


def _roles(frame: pd.DataFrame, geo: str, by: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the key columns and the columns of values."""
    if strange := [name for name in by if name not in frame.columns]:
        known = ", ".join(map(str, frame.columns))
        raise InputError(f"by names '{strange[0]}'; the columns are {known}")
    keys = [n for n in frame.columns if n in by or n in YEAR_COLUMNS]
    values = [n for n in frame.columns if n not in keys and n != geo]
    texts = [
        n
        for n in values
        if not pd.api.types.is_numeric_dtype(frame[n]) or pd.api.types.is_bool_dtype(frame[n])
    ]
    if texts:
        raise InputError(
            f"column '{texts[0]}' holds no numbers: name it in 'by' if it is a key (sex, age), "
            "or leave it out"
        )
    if not values:
        raise InputError("the table has no column of numbers to convert")
    for name in (key for key in keys if key in YEAR_COLUMNS):
        numbers = pd.to_numeric(frame[name], errors="coerce")
        is_year = (numbers.between(1, 9999) & (numbers % 1 == 0)).to_numpy(bool, na_value=False)
        if not is_year.all():
            place = int(is_year.argmin())
            raise InputError(
                f"index {frame.index[place]}, column '{name}': {frame[name].iloc[place]!r} is no "
                "year; a whole number such as 2021 is allowed"
            )
    return keys, values


def _long(frame: pd.DataFrame, geo: str, keys: list[str], values: list[str]) -> pa.Table:
    """Return one row a region, key and column of values, as `nuts_tables` wants it."""
    year = next((name for name in keys if name in YEAR_COLUMNS), None)
    others = [name for name in keys if name != year]
    data = frame.rename(columns={geo: "geo"})
    data = data.melt(["geo", *keys], values, var_name="_column", value_name="obs_value")
    columns = {name: pa.array(data[name], from_pandas=True) for name in others}
    columns["_column"] = pa.array(data["_column"], pa.string())
    years = pd.to_numeric(data[year]) if year else pd.Series(0, data.index)
    columns |= {
        "geo": pa.array(data["geo"], pa.string()),
        "time_period": pa.array(years.astype("int32"), pa.int32()),
        "obs_value": pa.array(data["obs_value"], pa.float64(), from_pandas=True),
        "obs_flag": pa.nulls(len(data), pa.string()),
        "obs_state": pa.array(["value"] * len(data), pa.string()),
    }
    return pa.table(columns)


def _convert_level(
    part: pa.Table,
    level: int,
    to: int,
    start: int | None,
    lists: Lists,
    measure: Measure | None,
    weight: str,
) -> tuple[pa.Table, list[dict[str, Any]]]:
    """Convert the rows of one level; say what could not be carried and why."""
    # Stated, the vintage need not be told from the codes.
    codes = lists.codes if start is None else {start: lists.codes[start]}
    steps = lists.steps(level)
    vintages = Vintages(steps, codes)
    present = present_codes(part)
    done = nuts_tables.convert(part, present, vintages, to, measure or "absolute", weight)
    fits = vintages.recognise(present, prefer=to)
    reasons = {fit.reason: _with_older(fit, lists) for fit in fits.values()}
    aside = [
        {
            "country": row["country"],
            "level": level,
            "reason": reasons.get(row["reason"], row["reason"]),
            "geo": row["geo"],
        }
        for row in done.set_aside.to_pylist()
    ]
    heirs, lost = _heirs(part, vintages, present, to, level, steps)
    named = {row["country"] for row in aside}
    aside += [row for row in lost if row["country"] not in named]
    table = done.table.filter(pc.is_in(done.table["geo"], pa.array(sorted(heirs), pa.string())))
    changed = set(table["conversion"].unique().to_pylist()) & {"merged", "estimated"}
    if measure is None and changed:
        raise InputError(
            "regions were split or merged between the vintages: state measure='absolute' for "
            "counts (people, births) or measure='relative' for ratios (density, median age)"
        )
    return table, _distinct(aside)


def _heirs(
    part: pa.Table, vintages: Vintages, present: Present, to: int, level: int, steps: pa.Table
) -> tuple[set[str], list[dict[str, Any]]]:
    """Return the regions that those of a table lead to, and those that need a crosswalk."""
    heirs: set[str] = set()
    lost: list[dict[str, Any]] = []
    given = set(part["geo"].to_pylist())
    for (country, _, _), fit in vintages.recognise(present, prefer=to).items():
        mine = {code for code in given if code[:2] == country}
        if fit.version in (None, to):
            heirs |= mine
            continue
        reached, ended = _follow(mine, fit.version, to, level, steps, vintages)
        heirs |= reached
        reason = f"NUTS {fit.version} to {to}: {_WITHOUT_WEIGHTS}"
        row = {"country": country, "level": level, "reason": reason}
        lost += [{**row, "geo": code} for code in sorted(ended)]
    return heirs, lost


def _follow(
    codes: set[str], start: int, to: int, level: int, steps: pa.Table, vintages: Vintages
) -> tuple[set[str], set[str]]:
    """Return the regions that codes lead to, and codes that lead nowhere."""
    try:
        chain = nuts_convert.route(vintages.pairs, start, to)
    except NutsVersionMismatch:
        return set(), set()  # said already
    end = 2 + level
    reached, lost = codes, set()
    for earlier, later in chain:
        rows = steps.filter(
            pc.and_(pc.equal(steps["from_version"], earlier), pc.equal(steps["to_version"], later))
        )
        heirs: dict[str, set[str]] = {}
        pairs = zip(rows["from_code"].to_pylist(), rows["to_code"].to_pylist(), strict=True)
        for old, new in pairs:
            heirs.setdefault(old[:end], set()).add(new[:end])
        if earlier == start:
            lost = reached - heirs.keys()
        reached = set().union(*(heirs.get(code, set()) for code in reached))
    return reached, lost


def _distinct(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [dict(items) for items in dict.fromkeys(tuple(row.items()) for row in rows)]


def _refusal(asides: list[dict[str, Any]], to: int) -> str:
    """Return one message of all that could not be carried."""
    reasons: dict[str, list[str]] = {}
    for row in asides:
        reasons.setdefault(row["reason"], []).append(row["geo"] or row["country"])
    lines = [
        f"{', '.join(names[:8])}{' ...' if len(names) > 8 else ''}: {reason}"
        for reason, names in reasons.items()
    ]
    return (
        f"not all regions can be brought to NUTS {to}; with strict=False the others are "
        "converted.\n" + "\n".join(lines)
    )


def _wide(table: pa.Table, geo: str, keys: list[str], values: list[str]) -> pd.DataFrame:
    """Return one row a region and key again, with how its values came about."""
    data = table.to_pandas()
    year = next((name for name in keys if name in YEAR_COLUMNS), None)
    names = {"geo": geo} | ({"time_period": year} if year else {})
    data = data.rename(columns=names)
    index = [geo, *keys]
    rank = {mark: place for place, mark in enumerate(MARKS)}
    data["conversion"] = data["conversion"].map(rank)
    marks = data.groupby(index, sort=True, dropna=False)["conversion"].max()
    wide = data.pivot(index=index, columns="_column", values="obs_value").reindex(columns=values)
    wide["conversion"] = marks.map(dict(enumerate(MARKS)))
    wide.columns.name = None
    return cast(pd.DataFrame, wide.reset_index())
