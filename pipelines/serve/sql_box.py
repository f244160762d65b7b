"""A visitor's own SELECT over the published tables, in a process of its own.

The statement is read in DuckDB's own parse tree and may name published tables alone; it then
runs in a process that has limits of memory and time and can open nothing else. Nothing of one
visitor's query is seen by another.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from pipelines.core.database import HARDENED
from pipelines.core.errors import InputError, MartUnavailable
from pipelines.serve.store import Store

EXAMPLE = """\
select country, count(*) as towns, round(avg(minutes_to_city)) as minutes_to_a_city
from marts.towns
where is_smst
group by country
order by minutes_to_a_city desc"""
ROWS_MOST = 10_000
TEXT_MOST = 10_000
SECONDS = 5
MEMORY_MB = 400
BYTES_MOST = 20_000_000
# They tell of the server, not of the data, or reach for other tables.
_CLOSED = frozenset({"current_setting", "getenv", "getvariable", "query", "query_table"})
_TABLE_FUNCTIONS = frozenset({"unnest", "range", "generate_series"})
_SCHEMAS = ("indicators", "typologies", "marts")
_AT_ONCE = threading.BoundedSemaphore(2)
_WAIT_SECONDS = 15.0


@dataclass(frozen=True)
class Result:
    """Rows of a query, and whether there were more than are returned."""

    rows: pa.Table
    is_cut: bool


def check_statement(text: str, tables: frozenset[str]) -> str:
    """Return a statement that may run, without its last semicolon.

    Parameters
    ----------
    text : str
        One SELECT.
    tables : frozenset of str
        Tables that it may name, as ``schema.name``.

    Raises
    ------
    InputError
        It is no single SELECT, cannot be read, or names what it may not.
    """
    if len(text) > TEXT_MOST:
        raise InputError(f"the query has {len(text):,} characters; {TEXT_MOST:,} are allowed")
    con = duckdb.connect()
    try:
        text.encode()
        statements = con.extract_statements(text)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise InputError("one SELECT is allowed, and nothing else")
        query = statements[0].query.strip().rstrip(";")
        row = con.execute("select json_serialize_sql(?)", [query]).fetchone()
    except (duckdb.Error, RuntimeError, UnicodeError) as error:
        raise InputError(f"the query cannot be read: {_first_line(error)}") from None
    finally:
        con.close()
    tree = json.loads(row[0]) if row else {"error": True}
    if tree.get("error"):
        said = str(tree.get("error_message", "")).splitlines()[:1]
        raise InputError(f"the query cannot be read: {' '.join(said) or 'one SELECT is allowed'}")
    _check_tree(tree, tables)
    return query


def _check_tree(tree: Any, tables: frozenset[str]) -> None:
    nodes = list(_nodes(tree))
    # A name that a WITH of the statement gives is no table.
    own = {
        str(entry.get("key", "")).lower()
        for node in nodes
        if isinstance(node.get("cte_map"), dict)
        for entry in node["cte_map"].get("map", [])
    }
    for node in nodes:
        kind = node.get("type")
        if kind == "BASE_TABLE":
            _check_table(node, tables, own)
        elif kind == "TABLE_FUNCTION":
            name = str((node.get("function") or {}).get("function_name", "")).lower()
            if name not in _TABLE_FUNCTIONS:
                raise InputError(f"{name}() is not allowed; tables of the schema marts are")
        elif kind == "SHOW_REF":
            raise InputError("one SELECT is allowed, and nothing else")
        name = str(node.get("function_name", "")).lower()
        if name in _CLOSED or name.startswith(("duckdb_", "pragma_", "read_")):
            raise InputError(f"{name}() is not allowed")


def _check_table(node: dict[str, Any], tables: frozenset[str], own: set[str]) -> None:
    schema, name = str(node.get("schema_name") or ""), str(node.get("table_name") or "")
    if not schema and name.lower() in own:
        return
    full = f"{schema}.{name}" if schema else name
    if node.get("catalog_name") or full.lower() not in tables:
        known = f"marts.{name.lower()}"
        hint = f"; did you mean {known}?" if known in tables else ""
        raise InputError(f"there is no table '{full[:60]}'{hint} Tables are written marts.regions")


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Walk every dictionary of a parse tree."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)


def readable_tables(store: Store) -> frozenset[str]:
    """Return the tables that a query may name: those published for readers."""

    def read() -> frozenset[str]:
        names = store.column(
            "select table_schema || '.' || table_name from information_schema.tables"
        )
        return frozenset(n for n in names if n.split(".")[0] in _SCHEMAS)

    return store.memo("sql_box_tables", read)


def run(store: Store, text: str) -> Result:
    """Run a visitor's query.

    Raises
    ------
    InputError
        It may not run, fails, takes too long or too much; the message says which.
    MartUnavailable
        Other visitors' queries keep the place taken.
    """
    statement = check_statement(text, readable_tables(store))
    if not _AT_ONCE.acquire(timeout=_WAIT_SECONDS):
        raise MartUnavailable("Another query is running; try again in a moment.")
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", str(_WORKER)],
            input=json.dumps(
                {
                    "path": [p for p in sys.path if p],
                    "database": str(store.folder / store.pointer.file),
                    "config": HARDENED | {"memory_limit": f"{MEMORY_MB}MB", "threads": "1"},
                    "statement": statement,
                    "rows": ROWS_MOST + 1,
                    "seconds": SECONDS,
                    "bytes": BYTES_MOST,
                }
            ).encode(),
            capture_output=True,
            timeout=SECONDS + 5,
            env={"LC_ALL": "C.UTF-8"},
        )
    except subprocess.TimeoutExpired:
        raise InputError(_TOO_LONG) from None
    finally:
        _AT_ONCE.release()
    return _read(done)


_WORKER = Path(__file__).with_name("sql_worker.py")
_TOO_LONG = f"the query took longer than {SECONDS} seconds; ask for less"


def _read(done: subprocess.CompletedProcess[bytes]) -> Result:
    if done.returncode == 2:
        raise InputError(done.stderr.decode("utf-8", "replace")[:500])
    if done.returncode == 3:
        raise InputError(_TOO_LONG)
    if done.returncode != 0:
        raise InputError("the query took too much memory or time; ask for less")
    with pa.ipc.open_stream(done.stdout) as stream:
        rows = stream.read_all()
    return Result(rows.slice(0, ROWS_MOST), rows.num_rows > ROWS_MOST)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or ["no reason given"])[0]
