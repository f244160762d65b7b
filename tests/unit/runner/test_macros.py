"""Macros: what they may read, how models come to depend on what they read, clear errors."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from pipelines.core import paths
from pipelines.core.errors import ModelError
from pipelines.runner import macros, models
from tests.unit.runner.test_models import write

SEED = "name,value\nfar_min,30\nnear_min,10.5\n"
THRESHOLD = (
    "create macro threshold(wanted, moved := null::map(varchar, double)) as "
    "coalesce(moved[wanted], thresholds()[wanted])"
)


def macro(folder: Path, name: str, text: str) -> None:
    (folder / "macros").mkdir(exist_ok=True)
    (folder / "macros" / f"{name}.sql").write_text(f"-- What it is for.\n{text}\n", "utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "thresholds.csv").write_text(SEED, "utf-8")
    macro(tmp_path, "threshold", THRESHOLD)
    return tmp_path


def test_a_model_depends_on_what_its_macros_read(folder: Path) -> None:
    macro(folder, "base", "create macro typologies.base() as table select a from indicators.i")
    macro(
        folder,
        "middle",
        "create macro typologies.middle(moved := null) as table\n"
        "select a from typologies.base() where a > threshold('far_min', moved)",
    )
    write(folder, "typologies.a_first_by_name", "select a from typologies.middle()")
    write(folder, "indicators.i", "select a from seeds.y")
    order = {m.table: m for m in models.read_models(folder)}
    assert list(order) == ["indicators.i", "typologies.a_first_by_name"]
    assert order["typologies.a_first_by_name"].inputs == {"indicators.i"}
    assert order["typologies.a_first_by_name"].macros == {"typologies.middle"}
    known = macros.read_macros(folder)
    assert known["typologies.middle"].macros == {"typologies.base", "threshold"}
    assert known["typologies.middle"].parameter_names == ["moved"]
    assert known["threshold"].parameter_names == ["wanted", "moved"]
    places = list(known)
    assert places.index("thresholds") < places.index("threshold")
    assert places.index("typologies.base") < places.index("typologies.middle")


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("select a from typologies.bse()", r"table function 'typologies\.bse'.*'typologies\.base'"),
        ("select treshold('far_min') as a from indicators.i", r"calls 'treshold'.*'threshold'"),
        ("select threshold('far_mni') as a from indicators.i", r"'far_mni' is no row.*'far_min'"),
        ("select a from marts.late()", "reads 'marts.m' of a later layer"),
    ],
)
def test_a_wrong_call_is_named_with_the_nearest_right_one(
    folder: Path, sql: str, message: str
) -> None:
    macro(folder, "base", "create macro typologies.base() as table select a from indicators.i")
    macro(folder, "late", "create macro marts.late() as table select a from marts.m")
    write(folder, "indicators.i", "select 1 as a from seeds.y")
    write(folder, "marts.m", "select 1 as a from seeds.y")
    write(folder, "typologies.t", sql)
    with pytest.raises(ModelError, match=message):
        models.read_models(folder)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("create macro typologies.x() as table select a from staging.s", "which is not published"),
        ("create macro typologies.x() as table select a from marts.m", "of a later layer"),
        ("create macro typologies.x() as table select a from typologies.x()", "in a circle"),
        ("create macro x() as table select a from indicators.i", "a table macro's name has"),
        ("create macro staging.x() as table select a from indicators.i", "has a layer"),
        ("create macro marts.x() as 1 + 1", "scalar macro's has none"),
        ("create macro y() as 1 + 1", "expected one 'create macro"),
        ("drop table indicators.i", "expected one 'create macro"),
        ("create macro x(a) as a +", "not a SELECT that DuckDB can parse"),
        ("create macro x(a) as threshold('none')", "threshold 'none' is no row"),
    ],
)
def test_a_macro_that_breaks_a_rule_is_named(folder: Path, text: str, message: str) -> None:
    macro(folder, "x", text)
    with pytest.raises(ModelError, match=message):
        macros.read_macros(folder)


def test_a_moved_value_goes_before_the_published_one(folder: Path) -> None:
    con = duckdb.connect()
    macros.create_macros(con, macros.read_macros(folder).values())
    row = con.execute(
        "select threshold('far_min'), threshold('near_min'), "
        "threshold('far_min', map(['far_min'], [1.5])), "
        "threshold('near_min', map(['far_min'], [1.5]))"
    ).fetchone()
    assert row == (30.0, 10.5, 1.5, 10.5)


def test_the_value_is_a_constant_to_the_planner(folder: Path) -> None:
    con = duckdb.connect()
    macros.create_macros(con, macros.read_macros(folder).values())
    plan = con.execute(
        "explain select * from range(50) as t(i) where i > threshold('far_min')"
    ).fetchall()[0][1]
    assert "30.0" in plan
    assert "thresholds" not in plan.lower()


def test_every_threshold_of_the_project_is_what_the_seed_says() -> None:
    con = duckdb.connect()
    known = macros.read_macros()
    macros.create_macros(con, [m for m in known.values() if not m.is_table])
    for name, value in macros.read_thresholds(paths.sql_dir()).items():
        assert con.execute("select threshold(?)", [name]).fetchone() == (value,)
