"""SQL of one style: what CONTRIBUTING says of statements holds for every model and macro."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from pipelines.runner.macros import read_macros
from pipelines.runner.models import read_models
from pipelines.runner.statements import names_of, parse_tree
from tests.where import ROOT

MODELS = {model.table: model.sql for model in read_models() if model.sql is not None}
TABLE_MACROS = {macro.name: macro.body for macro in read_macros().values() if macro.is_table}
STATEMENTS = MODELS | TABLE_MACROS
KEYWORDS = (
    "SELECT FROM WHERE JOIN LEFT INNER CROSS ON USING GROUP ORDER BY HAVING UNION ALL CASE WHEN "
    "THEN ELSE END AND OR NOT NULL IS IN AS WITH FILTER PARTITION OVER BETWEEN DISTINCT CREATE "
    "MACRO TABLE"
)
#: What shows the seed and what checks names against it; all other SQL reads a threshold by its
#: macro.
READ_THE_SEED = {
    "marts.thresholds",
    "sql/tests/plausibility_rules__name_what_is_there.sql",
    "sql/tests/services__name_what_is_there.sql",
}


def ctes(select: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the common table expressions of a SELECT by name, in order."""
    return {entry["key"]: entry["value"]["query"]["node"] for entry in select["cte_map"]["map"]}


def has(select: dict[str, Any], modifier: str) -> bool:
    return any(m["type"].startswith(modifier) for m in select["modifiers"])


def is_plain(select: dict[str, Any], table: str) -> bool:
    """Tell whether a SELECT is ``select * from <table>``, whatever its order."""
    return (
        select["type"] == "SELECT_NODE"
        and select["from_table"].get("table_name") == table
        and [item["type"] for item in select["select_list"]] == ["STAR"]
        and not any(select[part] for part in ("where_clause", "group_expressions", "qualify"))
    )


def faults(sql: str) -> Iterator[str]:
    """Name what breaks the rules in one statement."""
    select = parse_tree(sql, "")[0]["node"]
    steps = ctes(select)
    if steps and (list(steps)[-1] != "final" or not is_plain(select, "final")):
        yield "a statement with steps ends with the step 'final' and 'select * from final'"
    for name, step in steps.items():
        if has(step, "ORDER") and not has(step, "LIMIT"):
            yield f"step '{name}' is ordered; an order stands after the last line"
    words = re.sub(r"--[^\n]*|'[^']*'|\"[^\"]*\"", "", sql)
    for word in re.findall(rf"\b(?:{KEYWORDS.replace(' ', '|')})\b", words):
        yield f"keyword '{word}' is not in lower case"


@pytest.mark.parametrize("name", STATEMENTS)
def test_statements_are_of_one_style(name: str) -> None:
    assert not list(faults(STATEMENTS[name]))


@pytest.mark.parametrize(
    ("sql", "fault"),
    [
        ("with a as (select 1 as x) select x from a", "ends with the step 'final'"),
        ("with final as (select 1 as x) select x from final", "ends with the step 'final'"),
        ("with final as (from s.t order by x) select * from final", "step 'final' is ordered"),
        ("Select 1 as x where 'SELECT' != '' AND true", "keyword 'AND'"),
    ],
)
def test_a_fault_is_named(sql: str, fault: str) -> None:
    assert [text for text in faults(sql) if fault in text]


def test_thresholds_are_read_by_their_macro_alone() -> None:
    texts = {
        str(path.relative_to(ROOT)): path.read_text("utf-8")
        for path in (ROOT / "sql" / "tests").glob("*.sql")
    }
    readers = {
        name
        for name, sql in (STATEMENTS | texts).items()
        if "seeds.thresholds" in names_of(sql.strip().rstrip(";"), name).tables
    }
    assert readers == READ_THE_SEED


def test_every_macro_is_called() -> None:
    """By a model, a macro, a data test or a page's query."""
    callers = [*(ROOT / "sql").rglob("*.sql"), *(ROOT / "pipelines" / "serve").rglob("*.py")]
    text = {path: path.read_text("utf-8") for path in callers}
    for name in read_macros():
        own = ROOT / "sql" / "macros" / f"{name.rpartition('.')[2]}.sql"
        assert any(f"{name}(" in t for path, t in text.items() if path != own), name
