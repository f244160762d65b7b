"""A broken file of figures: one message with file, row and field."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from pipelines.core import paths
from pipelines.core.errors import HinterlandError, InputError, SchemaDrift
from pipelines.core.registry import read_registry
from pipelines.runner.raw import _load_parquet
from pipelines.runner.rawchecks import check_codes

SOURCE = read_registry()["eurostat_five_year"]
FILE = SOURCE.path


def broken(folder: Path, select: str) -> Path:
    """Write the embedded file with one thing changed; its first row is AL011's."""
    path = folder / FILE
    good = paths.embedded_dir() / FILE
    duckdb.sql(f"copy ({select} from '{good}') to '{path}' (format parquet)")
    return path


@pytest.mark.parametrize(
    ("select", "message"),
    [
        (
            "select * exclude (pop_2011)",
            f"{FILE}, field pop_2011: there is no such column; the file has nuts_id, area_km2,",
        ),
        (
            "select * replace (if(nuts_id = 'AT111', -pop_2011, pop_2011) as pop_2011)",
            f"{FILE}, row 14, field pop_2011: does not fit; found '-",
        ),
        (
            "select * replace (if(nuts_id = 'AL012', 'many', pop_2011::varchar) as pop_2011)",
            f"{FILE}, row 3, field pop_2011: does not fit; found 'many'; allowed: INTEGER",
        ),
        (
            "select * replace (pop_2011::varchar as pop_2011)",
            f"{FILE}, field pop_2011: is of another type; found 'VARCHAR'; allowed: INTEGER",
        ),
        (
            "select * replace (if(nuts_id = 'AL012', 'AL011', nuts_id) as nuts_id)",
            f"{FILE}, row 3, field nuts_id: stands in a row before; found 'AL011'",
        ),
        (
            "select * replace (nullif(nuts_id, 'AL012') as nuts_id)",
            f"{FILE}, row 3, field nuts_id: is empty; allowed: a value in every row",
        ),
        (
            "select * replace (if(nuts_id = 'AL012', 'nan'::double, median_age) as median_age)",
            f"{FILE}, row 3, field median_age: does not fit; found 'nan'; allowed: from 10 to 90",
        ),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, select: str, message: str) -> None:
    con = duckdb.connect()
    con.execute("create schema raw")
    with pytest.raises(HinterlandError) as caught:
        _load_parquet(con, SOURCE, broken(tmp_path, select))
    assert isinstance(caught.value, InputError | SchemaDrift)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_a_code_of_no_region_is_named(tmp_path: Path) -> None:
    path = broken(tmp_path, "select * replace (if(nuts_id = 'AL012', 'AL099', nuts_id) as nuts_id)")
    con = duckdb.connect()
    con.execute("create schema raw")
    con.execute(
        "create table raw.gisco_nuts_2021 as select nuts_id from read_parquet(?)",
        [str(paths.embedded_dir() / FILE)],
    )
    _load_parquet(con, SOURCE, path)
    with pytest.raises(InputError) as caught:
        check_codes(con, [SOURCE], {SOURCE.name: path})
    assert str(caught.value) == (
        f"{FILE}, row 3, field nuts_id: is not known; found 'AL099'; "
        "allowed: a value of raw.gisco_nuts_2021.nuts_id"
    )


def test_the_embedded_file_itself_is_sound() -> None:
    con = duckdb.connect()
    con.execute("create schema raw")
    _load_parquet(con, SOURCE, paths.embedded_dir() / FILE)
    # README of the five-year figures: 1 514 regions.
    assert con.execute("select count(*) from raw.eurostat_five_year").fetchone() == (1514,)
