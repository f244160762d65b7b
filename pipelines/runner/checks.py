"""Data tests: the rules of the sidecars and the queries in ``sql/tests``.

All findings are collected before anything is raised, so that one run names them all.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.core import paths
from pipelines.core.errors import CheckFailed
from pipelines.runner.models import GIVEN, LAYERS, Model
from pipelines.runner.rows import one_row

SHOWN = 5


@dataclass(frozen=True)
class _Rule:
    """A claim, the query for its bad rows, and their condition where a row alone shows it."""

    claim: str
    query: str
    condition: str = ""


def _rules(model: Model) -> list[_Rule]:
    """Return the rules of a sidecar."""
    keys = ", ".join(f'"{k}"' for k in model.sidecar["primary_key"])
    table = model.table
    rules = [
        _Rule(
            f"{table}: ({keys}) is unique",
            f"select {keys}, count(*) as rows from {table} group by {keys} having count(*) > 1",
        ),
    ]
    for column, facts in model.columns.items():
        for reference in facts.get("references", []):
            if _binds(reference, model, column):
                rules.append(_reference_rule(model, column, facts["type"], reference))
        own = f'select {keys}, "{column}" from {table} where '
        if facts.get("nullable", True) is False:
            condition = f'"{column}" is null'
            query = f"select {keys} from {table} where {condition}"
            rules.append(_Rule(f"{table}.{column} is never NULL", query, condition))
        if "allowed" in facts:
            values = ", ".join("'" + str(v).replace("'", "''") + "'" for v in facts["allowed"])
            condition = f'"{column}" not in ({values})'
            claim = f"{table}.{column} is one of {facts['allowed']}"
            rules.append(_Rule(claim, own + condition, condition))
        for bound, sign in (("min", "<"), ("max", ">")):
            if bound in facts:
                condition = f'"{column}" {sign} {facts[bound]!r}'
                claim = f"{table}.{column} has {bound} {facts[bound]}"
                rules.append(_Rule(claim, own + condition, condition))
    return rules


def _doubtful(con: duckdb.DuckDBPyConnection, model: Model) -> list[_Rule]:
    """Return the rules of a sidecar that may be broken.

    Those on a row alone are tried in one scan of the table: a scan for each would cost most of
    the time of all checks, and hardly one is ever broken.
    """
    rules = _rules(model)
    simple = [rule.condition for rule in rules if rule.condition]
    if not simple:
        return rules
    tried = ", ".join(f"coalesce(bool_or({condition}), false)" for condition in simple)
    broken = dict(
        zip(simple, one_row(con.execute(f"select {tried} from {model.table}")), strict=True)
    )
    return [rule for rule in rules if not rule.condition or broken[rule.condition]]


def _binds(reference: str, model: Model, column: str) -> bool:
    """Tell whether a reference is a rule of a model's column.

    Not where it is the referenced column itself, nor in a layer before that of the
    referenced table: there the rows are not yet chosen.
    """
    layer, table, key = reference.split(".")
    itself = (model.table, column) == (f"{layer}.{table}", key)
    order = (*GIVEN, *LAYERS)
    return not itself and order.index(model.layer) >= order.index(layer)


def _reference_rule(model: Model, column: str, kind: str, reference: str) -> _Rule:
    """Return the claim that a column, or each value of its lists, is a key of another table."""
    table, _, key = reference.rpartition(".")
    keys = ", ".join(f'"{k}"' for k in model.sidecar["primary_key"])
    value = f'unnest("{column}")' if kind.endswith("[]") else f'"{column}"'
    return _Rule(
        f"{model.table}.{column} is a value of {reference}",
        f"select * from (select {keys}, {value} as found from {model.table}) "
        f'where found is not null and found not in (select "{key}" from {table})',
    )


def run_checks(
    con: duckdb.DuckDBPyConnection, models: list[Model], folder: Path | None = None
) -> int:
    """Run every rule and every data test; return how many were run.

    Raises
    ------
    CheckFailed
        Lists each broken claim with its number of bad rows and the first few of them.
    """
    folder = folder or paths.sql_dir() / "tests"
    claims = sum(len(_rules(model)) for model in models)
    queries = [(rule.claim, rule.query) for model in models for rule in _doubtful(con, model)]
    for path in sorted(folder.glob("*.sql")):
        text = path.read_text("utf-8")
        claim = text.splitlines()[0].removeprefix("--").strip()
        queries.append((f"{path.stem}: {claim}", text.strip().rstrip(";")))
        claims += 1
    findings = []
    for claim, query in queries:
        bad = con.execute(query).fetchmany(1000)
        if bad:
            names = [d[0] for d in con.description]
            rows = "; ".join(
                ", ".join(f"{n}={v}" for n, v in zip(names, row, strict=True))
                for row in bad[:SHOWN]
            )
            count = "1000 or more" if len(bad) == 1000 else len(bad)
            findings.append(f"- {claim}\n    bad rows: {count}, for instance {rows}")
    if findings:
        raise CheckFailed(f"{len(findings)} of {claims} checks failed:\n" + "\n".join(findings))
    return claims
