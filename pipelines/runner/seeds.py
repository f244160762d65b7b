"""Load the seeds: each row of ``sql/seeds/*.csv`` by what its sidecar declares.

A sidecar lists fields as a model's does, with ``!`` for what is never empty, a ``primary_key``,
and ``requires``: which other fields a row needs by what it says in one. A cell is text first
and cast to its declared type after, so that the country code ``NA`` or ``NO`` stays a code.
References are checked as soon as the tables are there (:func:`check_references`).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from pipelines.core import paths
from pipelines.core.errors import ModelError, SourceMissing
from pipelines.core.findings import Finding, refusal
from pipelines.runner.fields import Facts, columns_of, read_fields, read_toml

ORDERS = "threshold_orders"
_SEED_KEYS = frozenset({"description", "source", "fields", "override", "primary_key", "requires"})
#: The earliest first: what a seed refers to is looked up where it is chosen first.
_LAYERS = ("seeds", "staging", "indicators", "typologies", "marts")


@dataclass(frozen=True)
class Seed:
    """One file and what its sidecar declares.

    ``requires`` holds for a field and a value of it the fields that such a row must fill.
    """

    path: Path
    columns: dict[str, Facts]
    primary_key: tuple[str, ...]
    requires: dict[str, dict[str, list[str]]]

    @property
    def table(self) -> str:
        """Schema and name, for instance ``seeds.thresholds``."""
        return f"seeds.{self.path.stem}"

    @property
    def file(self) -> str:
        """The file as messages name it."""
        return f"sql/seeds/{self.path.name}"

    @property
    def references(self) -> dict[str, str]:
        """The column that each referring column takes its values from, the earliest of several."""
        return {
            name: min(facts["references"], key=lambda r: _LAYERS.index(r.split(".")[0]))
            for name, facts in self.columns.items()
            if facts.get("references") and f"{self.table}.{name}" not in facts["references"]
        }


def read_seed(sidecar_path: Path, known_fields: Mapping[str, Facts]) -> Seed:
    """Read what a seed's sidecar declares.

    Raises
    ------
    ModelError
        The sidecar names no columns, has an unknown key, or names what is no column of it.
    """
    where = f"sql/seeds/{sidecar_path.name}"
    sidecar = read_toml(sidecar_path, where)
    if unknown := sorted(set(sidecar) - _SEED_KEYS):
        raise ModelError(f"{where}: unknown keys {unknown}; allowed: {sorted(_SEED_KEYS)}")
    for key in ("fields", "primary_key"):
        if key not in sidecar:
            raise ModelError(f"{where}: '{key}' is missing")
    columns = columns_of(sidecar, known_fields, where)
    requires = sidecar.get("requires", {})
    named = {*sidecar["primary_key"], *requires}
    named.update(name for needs in requires.values() for names in needs.values() for name in names)
    if strangers := sorted(named - set(columns)):
        raise ModelError(f"{where}: names {strangers}, which fields does not list")
    path = sidecar_path.with_suffix(".csv")
    return Seed(path, columns, tuple(sidecar["primary_key"]), requires)


def read_seeds(folder: Path | None = None) -> list[Seed]:
    """Return every seed of a folder; by default of the project.

    Raises
    ------
    SourceMissing
        There is none.
    ModelError
        As `read_seed`; or a file has no sidecar.
    """
    folder = folder or paths.sql_dir() / "seeds"
    files = sorted(folder.glob("*.csv"))
    if not files:
        raise SourceMissing(f"no seeds in {folder}")
    known_fields = read_fields(folder.parent)
    for path in files:
        if not path.with_suffix(".toml").exists():
            raise ModelError(f"sql/seeds/{path.name}: has no sidecar")
    return [read_seed(path.with_suffix(".toml"), known_fields) for path in files]


def load_seeds(con: duckdb.DuckDBPyConnection, folder: Path | None = None) -> list[Seed]:
    """Create the tables of schema ``seeds`` from ``sql/seeds/*.csv`` and their sidecars.

    Raises
    ------
    InputError
        Rows break what is declared; each is named with file, row, field, found and allowed.
    SourceMissing, ModelError
        As `read_seeds`.
    """
    con.execute("create schema if not exists seeds")
    seeds = read_seeds(folder)
    findings: list[Finding] = []
    for seed in seeds:
        rows, faults = _rows(seed)
        faults = faults or [*_judged(seed, rows), *_cast(con, seed, rows)]
        findings += faults
    if findings:
        raise refusal(findings)
    check_references(con, [seed for seed in seeds if _refers_to(seed, "seeds")], ("seeds",))
    check_orders(con)
    return seeds


def _rows(seed: Seed) -> tuple[list[dict[str, str | None]], list[Finding]]:
    """Return the rows of a file, an empty cell as None, or what keeps it from being read."""
    names = list(seed.columns)
    try:
        with seed.path.open(encoding="utf-8", newline="") as stream:
            lines = list(csv.reader(stream, strict=True))
    except UnicodeDecodeError as error:
        return [], [Finding(seed.file, 0, "", f"is not UTF-8 ({error.reason})")]
    except csv.Error as error:
        return [], [Finding(seed.file, 0, "", f"is not readable as CSV ({error})")]
    if not lines or lines[0] != names:
        header = ",".join(lines[0]) if lines else "an empty file"
        wrong = "the header is not that of the sidecar"
        return [], [Finding(seed.file, 1, "", wrong, header, ",".join(names))]
    findings = [
        Finding(
            seed.file,
            number,
            # A cell too few: the first field that got none; too many: there is no field.
            names[len(cells)] if len(cells) < len(names) else "",
            f"the row has {len(cells)} cells, the header {len(names)}",
            ",".join(cells),
            "as many as the header; a text with a comma stands in quotes",
        )
        for number, cells in enumerate(lines[1:], start=2)
        if len(cells) != len(names)
    ]
    empty_as_none = ([cell if cell.strip() else None for cell in cells] for cells in lines[1:])
    return [dict(zip(names, cells, strict=False)) for cells in empty_as_none], findings


def _judged(seed: Seed, rows: list[dict[str, str | None]]) -> Iterator[Finding]:
    """Find empty cells that must not be, values off a closed list, and rows that come twice."""
    first: dict[tuple[str | None, ...], int] = {}
    for number, row in enumerate(rows, start=2):
        yield from _empty_cells(seed, number, row)
        for name, facts in seed.columns.items():
            allowed, value = facts.get("allowed"), row[name]
            if isinstance(allowed, list) and value not in (None, *map(str, allowed)):
                listed = ", ".join(map(str, allowed))
                yield Finding(seed.file, number, name, "is not on the list", str(value), listed)
        key = tuple(row[name] for name in seed.primary_key)
        if first.setdefault(key, number) != number:
            repeated = ", ".join(str(part) for part in key)
            problem = f"the same as in row {first[key]}"
            yield Finding(
                seed.file, number, ", ".join(seed.primary_key), problem, repeated, "once each"
            )


def _empty_cells(seed: Seed, number: int, row: Mapping[str, str | None]) -> Iterator[Finding]:
    for name, facts in seed.columns.items():
        if row[name] is None and not facts["nullable"]:
            yield Finding(seed.file, number, name, "is empty", "", facts["description"])
    for name, needs in seed.requires.items():
        for other in needs.get(row[name] or "", ()):
            if row[other] is None:
                problem = f"is empty, where {name} is {row[name]}"
                yield Finding(
                    seed.file, number, other, problem, "", seed.columns[other]["description"]
                )


def _cast(
    con: duckdb.DuckDBPyConnection, seed: Seed, rows: list[dict[str, str | None]]
) -> list[Finding]:
    """Create the table; find cells that are not of their type or out of bounds."""
    schema = pa.schema([(name, pa.string()) for name in seed.columns])
    texts = pa.Table.from_pylist(rows, schema)  # noqa: F841 - read by DuckDB below
    casts = ", ".join(f'try_cast("{c}" as {f["type"]}) as "{c}"' for c, f in seed.columns.items())
    con.execute(f"create or replace table {seed.table} as select {casts} from texts")  # noqa: S608
    findings = []
    for name, facts in seed.columns.items():
        cells = con.execute(f'select "{name}" from {seed.table} order by rowid').fetchall()  # noqa: S608
        for number, ((value,), row) in enumerate(zip(cells, rows, strict=True), start=2):
            if row[name] is not None and (allowed := _misfit(value, facts)):
                findings.append(
                    Finding(seed.file, number, name, "does not fit", str(row[name]), allowed)
                )
    return findings


_WORDS = {"DOUBLE": "a number", "BOOLEAN": "true or false"}


def _misfit(value: Any, facts: Facts) -> str:
    """Return what is allowed where a cast value is not, else nothing."""
    low, high = facts.get("min"), facts.get("max")
    kind = facts["type"]
    sort = _WORDS.get(kind, "a whole number" if "INT" in kind else f"a value of type {kind}")
    bounds = [f"from {low}"] * (low is not None) + [f"to {high}"] * (high is not None)
    if (
        value is None
        or value != value
        or value in (float("inf"), float("-inf"))
        or (low is not None and value < low)
        or (high is not None and value > high)
    ):
        return " ".join([sort, *bounds])
    return ""


def _refers_to(seed: Seed, layer: str) -> bool:
    return any(reference.startswith(f"{layer}.") for reference in seed.references.values())


def tables_referred_to(seeds: Iterable[Seed]) -> frozenset[str]:
    """Return the tables whose values the columns of seeds take."""
    return frozenset(r.rpartition(".")[0] for seed in seeds for r in seed.references.values())


def check_references(
    con: duckdb.DuckDBPyConnection, seeds: Iterable[Seed], layers: Iterable[str] = _LAYERS
) -> None:
    """Refuse a value that the table which a seed refers to does not have.

    Parameters
    ----------
    con
        The database, where the tables are.
    seeds
        As :func:`read_seeds` returns them.
    layers
        Only what refers to tables of these layers is checked.

    Raises
    ------
    InputError
        Each value with file, row and field.
    """
    findings = []
    for seed in seeds:
        for name, reference in seed.references.items():
            table, _, key = reference.rpartition(".")
            if table.split(".")[0] not in layers:
                continue
            value = f'"{name}"'
            bad = con.execute(
                f"select rowid + 2, {value} from {seed.table} where {value} is not null "  # noqa: S608
                f'and {value} not in (select "{key}" from {table} where "{key}" is not null)'
            ).fetchall()
            findings += [
                Finding(seed.file, row, name, "is not known", str(value), f"a value of {reference}")
                for row, value in bad
            ]
    if findings:
        raise refusal(findings)


def check_orders(con: duckdb.DuckDBPyConnection) -> None:
    """Refuse thresholds whose values break the order that ``threshold_orders.csv`` states.

    Raises
    ------
    InputError
        Each pair with the row of the lower one.
    """
    (there,) = con.execute(
        "select count(*) from duckdb_tables() where schema_name = 'seeds' and table_name = ?",
        [ORDERS],
    ).fetchone() or (0,)
    if not there:
        return
    bad = con.execute(
        "select lower.rowid + 2, lower.name, lower.value, upper.name, upper.value "
        "from seeds.threshold_orders as orders "
        "join seeds.thresholds as lower on lower.name = orders.lower_threshold "
        "join seeds.thresholds as upper on upper.name = orders.upper_threshold "
        "where not lower.value < upper.value"
    ).fetchall()
    if bad:
        file = "sql/seeds/thresholds.csv"
        raise refusal(
            [
                Finding(
                    file, row, "value", f"{low} is out of order", f"{v:g}", f"below {up}, {u:g}"
                )
                for row, low, v, up, u in bad
            ]
        )
