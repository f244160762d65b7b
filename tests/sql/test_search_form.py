"""How a search compares names: ``sql/macros/search_form.sql``."""

from __future__ import annotations

import duckdb
import pytest

from pipelines.core import paths


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("Sankt Georgen, im Schwarzwald", "sankt georgen im schwarzwald"),
        ("  A--B 7/8 ", "a b 7 8"),
        ("...", ""),
        ("", ""),
        (None, None),
        ("Łódź", "lodz"),
        ("Großræschen (Þorp)", "grossraeschen thorp"),
        ("Αθήνας", "αθηνασ"),
        ("Ηράκλειο - Κρήτη", "ηρακλειο κρητη"),
        ("São Brás", "sao bras"),
    ],
)
def test_a_name_of_plain_letters_and_one_of_others_are_compared_alike(
    name: str | None, form: str | None
) -> None:
    with duckdb.connect() as con:
        con.execute((paths.sql_dir() / "macros" / "search_form.sql").read_text("utf-8"))
        # A column, too: a constant may be worked out on another way.
        con.execute("create table names as select ?::varchar as name union all select 'é'", [name])
        rows = con.execute("select search_form(name) from names where name is distinct from 'é'")
        assert rows.fetchall() == [(form,)]
