"""Data tests: the rules of the sidecars and the queries in ``sql/tests``.

All findings are collected before anything is raised, so that one run names them all.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipelines.core import paths
from pipelines.core.errors import CheckFailed
from pipelines.runner.models import Model

SHOWN = 5


def _rule_queries(model: Model) -> list[tuple[str, str]]:
    """Return (claim, query for bad rows) for each rule of a sidecar."""
    keys = ", ".join(f'"{k}"' for k in model.sidecar["primary_key"])
    table = model.table
    rules = [
        (
            f"{table}: ({keys}) is unique",
            f"select {keys}, count(*) as rows from {table} group by {keys} having count(*) > 1",
        ),
    ]
    for column, facts in model.columns.items():
        if facts.get("nullable", True) is False:
            rules.append(
                (
                    f"{table}.{column} is never NULL",
                    f'select {keys} from {table} where "{column}" is null',
                )
            )
        if "allowed" in facts:
            values = ", ".join("'" + str(v).replace("'", "''") + "'" for v in facts["allowed"])
            rules.append(
                (
                    f"{table}.{column} is one of {facts['allowed']}",
                    f'select {keys}, "{column}" from {table} where "{column}" not in ({values})',
                )
            )
        for bound, sign in (("min", "<"), ("max", ">")):
            if bound in facts:
                rules.append(
                    (
                        f"{table}.{column} has {bound} {facts[bound]}",
                        f'select {keys}, "{column}" from {table} '
                        f'where "{column}" {sign} {facts[bound]!r}',
                    )
                )
    return rules


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
    queries = [rule for model in models for rule in _rule_queries(model)]
    for path in sorted(folder.glob("*.sql")):
        text = path.read_text("utf-8")
        claim = text.splitlines()[0].removeprefix("--").strip()
        queries.append((f"{path.stem}: {claim}", text.strip().rstrip(";")))
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
        raise CheckFailed(
            f"{len(findings)} of {len(queries)} checks failed:\n" + "\n".join(findings)
        )
    return len(queries)
