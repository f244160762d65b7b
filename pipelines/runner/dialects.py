"""A model's statement in another engine's SQL, by SQLGlot (optional extra ``spark``).

Macros are put in place first: thresholds become numbers, scalar macros their bodies. Tables
keep layer and name, joined by two underscores: ``marts.towns`` is ``marts__towns`` there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipelines.core import paths
from pipelines.core.errors import InputError, ModelError
from pipelines.runner.macros import Macro, read_macros, read_thresholds
from pipelines.runner.models import Model


def translated(model: Model, dialect: str) -> str:
    """Return the statement of a model in another dialect.

    Parameters
    ----------
    model : Model
    dialect : str
        As SQLGlot names it: ``spark``, ``bigquery``, ``snowflake``.

    Raises
    ------
    InputError
        SQLGlot is not there.
    ModelError
        The model is Python's, calls a table macro, or SQLGlot cannot say it there.
    """
    try:
        import sqlglot
        from sqlglot import errors, exp
    except ImportError as error:
        raise InputError("SQLGlot is not there: pip install 'hinterland[spark]'") from error
    if model.sql is None:
        raise ModelError(f"{model.table}: is made by Python, {model.made_by}")
    macros = read_macros()
    if called := sorted(name for name in model.macros if macros[name].is_table):
        raise ModelError(f"{model.table}: calls the table macro {', '.join(called)}")
    try:
        tree = sqlglot.parse_one(model.sql, read="duckdb")
        tree = _without_macros(tree, macros, read_thresholds(paths.sql_dir()), model.table)
        for table in tree.find_all(exp.Table):
            if table.db:
                alias = table.alias or table.name
                table.replace(exp.to_table(f"{table.db}__{table.name}").as_(alias))
        return str(
            tree.sql(
                dialect=dialect,
                pretty=True,
                identify=True,
                unsupported_level=sqlglot.ErrorLevel.RAISE,
            )
        )
    except (errors.SqlglotError, AttributeError) as error:  # the latter where it trips over itself
        text = str(error).splitlines()[0]
        raise ModelError(f"{model.table}: SQLGlot cannot say it in {dialect} ({text})") from error


def _without_macros(
    tree: Any, macros: Mapping[str, Macro], values: Mapping[str, float], where: str
) -> Any:
    """Return a tree in which each call of a macro is what it stands for."""
    from sqlglot import exp

    def put(node: Any) -> Any:
        if not isinstance(node, exp.Anonymous) or node.name.lower() not in macros:
            return node
        name, arguments = node.name.lower(), node.expressions
        if name == "threshold":
            if not arguments[0].is_string:
                raise ModelError(f"{where}: reads a threshold by a name that a column holds")
            return exp.Literal.number(values[arguments[0].name])
        return _body(macros[name], arguments).transform(put)

    return tree.transform(put)


def _body(macro: Macro, arguments: list[Any]) -> Any:
    """Return the body of a scalar macro with its arguments, moved thresholds left out."""
    import sqlglot
    from sqlglot import exp

    given = dict(zip(macro.parameter_names, arguments, strict=False))

    def put(node: Any) -> Any:
        if isinstance(node, exp.Column) and not node.table and node.name in given:
            return exp.paren(given[node.name].copy())
        return node

    return exp.paren(sqlglot.parse_one(macro.body, read="duckdb").transform(put))
