"""A visitor's own query: what runs, and what does not get near the server."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.core.errors import InputError
from pipelines.serve import lineage, sql_box
from pipelines.serve.store import Store

TABLES = frozenset({"marts.regions", "marts.towns"})


def test_a_query_over_the_tables_runs(store: Store) -> None:
    result = sql_box.run(
        store,
        "with german as (select * from marts.regions where country = 'DE')\n"
        "select level, count(*) as n from german group by level order by level; ",
    )
    # Germany in NUTS 2021: one country, 16 Länder, 38 and 401 regions.
    assert result.rows.to_pylist() == [
        {"level": 0, "n": 1},
        {"level": 1, "n": 16},
        {"level": 2, "n": 38},
        {"level": 3, "n": 401},
    ]
    assert not result.is_cut


def test_the_example_runs(store: Store) -> None:
    rows = sql_box.run(store, sql_box.EXAMPLE).rows
    assert rows.schema.names == ["country", "towns", "minutes_to_a_city"]


def test_more_rows_than_allowed_are_cut_and_that_is_told(store: Store) -> None:
    result = sql_box.run(store, "select geonameid from marts.towns")
    assert (result.rows.num_rows, result.is_cut) == (sql_box.ROWS_MOST, True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "select 1; select 2",
        "drop table marts.regions",
        "insert into marts.regions select * from marts.regions",
        "copy marts.regions to '/tmp/x.csv'",
        "attach '/tmp/x.db'",
        "install httpfs",
        "set memory_limit = '10GB'",
        "pragma database_list",
        "call pragma_version()",
        "explain select 1",
        "describe marts.regions",
        "summarize marts.regions",
        "show tables",
        "select * from (show tables)",
        "select * from read_csv('/etc/passwd')",
        "select * from '/etc/passwd'",
        'select * from "/etc/passwd"',
        "select read_text('/etc/passwd')",
        "select md5(content) from read_blob('/etc/passwd')",
        "select * from glob('/*')",
        "select * from sniff_csv('/etc/passwd')",
        "select 1 where exists (select * from glob('/*'))",
        "select * from marts.regions limit (select count(*) from read_text('/etc/passwd'))",
        "select * from marts.regions where name in (select content from read_text('/etc/hosts'))",
        "with a as (select * from duckdb_settings()) select * from a",
        "select * from duckdb_databases()",
        "select * from pragma_database_list()",
        "select * from information_schema.tables",
        "select * from sqlite_master",
        "select current_setting('home_directory')",
        "select CURRENT_SETTING('home_directory')",
        "select getenv('PATH')",
        "select * from query('select 1')",
        "select * from query_table('marts.regions')",
        "select * from other.marts.regions",
        "select " + "not " * 2_000 + "true",
        "select " + "[" * 4_000 + "1" + "]" * 4_000,
        "select '\ud800'",
        "select 1 -- " + "x" * 10_000,
        "select",
    ],
)
def test_what_may_not_run_is_told_before_it_does(text: str) -> None:
    with pytest.raises(InputError) as caught:
        sql_box.check_statement(text, TABLES)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("select nosuch from marts.regions", 'Referenced column "nosuch" not found'),
        ("select count(*) from range(1000000000000)", "longer than 5 seconds"),
        ("select list_sum(range(2000000000))", "Out of Memory"),
        ("select * from marts.regions r, marts.towns t limit 9000", "are allowed"),
    ],
)
def test_what_fails_or_takes_too_much_ends_in_a_sentence(
    store: Store, text: str, said: str
) -> None:
    with pytest.raises(InputError, match=said) as caught:
        sql_box.run(store, text)
    assert str(store.folder) not in str(caught.value)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_a_query_or_one_message(text: str) -> None:
    try:
        sql_box.check_statement(text, TABLES)
    except InputError as error:
        assert "\n" not in str(error)  # noqa: PT017 - either way is right


def test_a_column_is_followed_to_the_publishers_files(store: Store) -> None:
    steps = lineage.steps(store, "marts.regions", "annual_change_pct")
    assert steps[0] == lineage.Step(1, "indicators.ind_region__change", "annual_change_pct")
    tables = {s.table for s in steps}
    # The census figures are the JRC's: its raw table must be at the end of the way.
    assert any(t.startswith("raw.") and "census" in t for t in tables)
    made = lineage.statements(store)
    assert "annual_change_pct" in (made["indicators.ind_region__change"].sql or "")
    assert all(t in made or t.split(".")[0] in ("raw", "seeds") for t in tables)
