"""What one statement names: tables, functions, thresholds, read in DuckDB's own parse tree."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb

from pipelines.core.errors import ModelError


@dataclass(frozen=True)
class Names:
    """What one SELECT names: tables, macros called as tables, functions, thresholds."""

    tables: frozenset[str]
    table_functions: frozenset[str]
    functions: frozenset[str]
    thresholds: frozenset[str]


def nodes_of(tree: Any) -> Iterator[dict[str, Any]]:
    """Walk every dictionary of a parse tree."""
    if isinstance(tree, dict):
        yield tree
        for value in tree.values():
            yield from nodes_of(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from nodes_of(value)


@functools.cache
def _parser() -> duckdb.DuckDBPyConnection:
    """Return the one empty database whose parser reads every statement."""
    return duckdb.connect()


@functools.cache
def built_in() -> frozenset[str]:
    """Return the names of DuckDB's own functions."""
    rows = _parser().cursor().execute("select distinct function_name from duckdb_functions()")
    return frozenset(name for (name,) in rows.fetchall())


def parse_tree(sql: str, where: str) -> list[dict[str, Any]]:
    """Return DuckDB's parse tree of one SELECT, as a list of that one statement.

    Raises
    ------
    ModelError
        The text is not exactly one SELECT.
    """
    row = _parser().cursor().execute("select json_serialize_sql(?)", [sql]).fetchone()
    tree: dict[str, Any] = json.loads(row[0]) if row else {}
    if tree.get("error"):
        raise ModelError(f"{where}: not a SELECT that DuckDB can parse: {tree['error_message']}")
    statements: list[dict[str, Any]] = tree["statements"]
    if len(statements) != 1:
        raise ModelError(f"{where}: {len(statements)} statements, expected one SELECT")
    return statements


def names_of(sql: str, where: str) -> Names:
    """Return what one SELECT names, as ``schema.name`` where it has a schema.

    Raises
    ------
    ModelError
        The text is not exactly one SELECT, or names a table without its schema.
    """
    tables: set[tuple[str, str]] = set()
    local: set[str] = set()
    table_functions, functions, thresholds = set[str](), set[str](), set[str]()
    for node in nodes_of(parse_tree(sql, where)):
        if "cte_map" in node:
            local.update(entry["key"] for entry in node["cte_map"]["map"])
        if node.get("type") == "BASE_TABLE":
            tables.add((node["schema_name"], node["table_name"]))
        elif node.get("type") == "TABLE_FUNCTION":
            table_functions.add(_qualified(node["function"]))
        elif node.get("type") == "FUNCTION" and not node["is_operator"]:
            functions.add(_qualified(node))
            thresholds.update(_literal_threshold(node))
    bare = sorted(name for schema, name in tables if not schema and name not in local)
    if bare:
        raise ModelError(f"{where}: write {bare} with their schema, for instance staging.{bare[0]}")
    return Names(
        frozenset(f"{schema}.{name}" for schema, name in tables if schema),
        frozenset(table_functions),
        # The function inside a call as a table was walked, too.
        frozenset(functions - table_functions),
        frozenset(thresholds),
    )


def _qualified(function: dict[str, Any]) -> str:
    schema = function["schema"]
    name: str = function["function_name"]
    return f"{schema}.{name}" if schema not in ("", "main") else name


def _literal_threshold(node: dict[str, Any]) -> list[str]:
    """Return the name in ``threshold('name')``; one that is put together is known at run time."""
    if node["function_name"] != "threshold" or not node["children"]:
        return []
    value = node["children"][0].get("value", {})
    return [value["value"]] if node["children"][0]["class"] == "CONSTANT" else []
