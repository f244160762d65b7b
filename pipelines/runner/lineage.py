"""Column lineage: of which columns each column of a model is made, and so of which sources.

The statements are read in DuckDB's own parse tree, as the dependencies are. What counts is
what a value is made of: the columns in its expression, through common table expressions,
subqueries, unions and stars. Filters and join conditions choose rows and do not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from pipelines.runner.models import Model
from pipelines.runner.statements import parse_tree

Column = tuple[str, str]  # table, column
Origins = frozenset[Column]
Output = dict[str, Origins]  # of what each column of a relation is made, in order
ANY = "*"  # as a column's name: every column of the table


class Macro(Protocol):
    """A macro as :mod:`lineage` reads it: its parameters, and the SELECT of a table macro."""

    @property
    def parameter_names(self) -> Sequence[str]:
        """The names of its parameters, which stand in the body like columns."""

    @property
    def body(self) -> str:
        """The statement after ``as table``."""


def column_lineage(
    models: Iterable[Model],
    base_columns: Mapping[str, Sequence[str]] | None = None,
    macros: Mapping[str, Macro] | None = None,
) -> dict[Column, list[Column]]:
    """Return, for each column of each model, the columns that it reads directly.

    Parameters
    ----------
    models : iterable of Model
        Models in any order.
    base_columns : mapping of str to sequence of str, optional
        Columns of the tables that no model makes, as ``schema.name``.
    macros : mapping of str to Macro, optional
        Table macros that statements read, as ``schema.name``.

    Returns
    -------
    dict
        ``(table, column) -> [(table, column), ...]``, sorted. The column ``*`` stands for a
        whole table: where a Python function, or a macro that is not given, hides which it takes.
        A constant, or a count of rows, reads none.

    Examples
    --------
    >>> from pipelines.runner.models import Model
    >>> facts = {"columns": {"people": {}, "of_all": {}}}
    >>> sql = "with t as (from raw.x) select n as people, n / sum(m) over () as of_all from t"
    >>> model = Model("staging", "s", facts, sql, frozenset({"raw.x"}))
    >>> column_lineage([model], {"raw.x": ["n", "m"]})[("staging.s", "of_all")]
    [('raw.x', 'm'), ('raw.x', 'n')]
    """
    models = list(models)
    columns = {**(base_columns or {}), **{m.table: list(m.columns) for m in models}}
    return {
        (model.table, name): sorted(origins)
        for model in models
        for name, origins in _model_output(model, columns, macros or {}).items()
    }


def _model_output(
    model: Model, columns: Mapping[str, Sequence[str]], macros: Mapping[str, Macro]
) -> Output:
    """Return of what each declared column of one model is made."""
    whole = frozenset((table, ANY) for table in model.inputs)
    if model.sql is None:
        return dict.fromkeys(model.columns, whole)
    (statement,) = parse_tree(model.sql, model.table)
    output = _Reader(columns, whole, macros).query(statement["node"], {}, None)
    rest = output.get(ANY, whole)
    return {name: output.get(name, rest) for name in model.columns}


def sources_of(
    models: Iterable[Model],
    lineage: Mapping[Column, Sequence[Column]],
    base_sources: Mapping[str, Sequence[str]],
) -> dict[Column, list[str]]:
    """Return the sources of each column, sorted by name.

    A model that declares the sources of a column ends the search there; what it names in
    ``also_from`` is added to them. A column that is made of constants, counts or our own seeds
    alone speaks of the things that its rows are: it has the sources of the table's key. Where
    the key has none, a count has those of all tables that the model reads.

    Parameters
    ----------
    models : iterable of Model
        Models in the order of their dependencies.
    lineage : mapping
        As :func:`column_lineage` returns it.
    base_sources : mapping of str to sequence of str
        Sources of each table that no model makes, as ``schema.name``; none for seeds.
    """
    sources: dict[Column, frozenset[str]] = {}
    tables: dict[str, frozenset[str]] = {t: frozenset(names) for t, names in base_sources.items()}
    for model in models:
        own = {}
        for name, facts in model.columns.items():
            origins = lineage[model.table, name]
            derived = frozenset[str]().union(*(_of_column(c, sources, tables) for c in origins))
            own[name] = frozenset(facts.get("sources", derived)) | set(facts.get("also_from", []))
        of_key = frozenset[str]().union(*(own[key] for key in model.sidecar["primary_key"]))
        of_inputs = frozenset[str]().union(*(tables.get(t, frozenset()) for t in model.inputs))
        for name, names in own.items():
            if not names and "sources" not in model.columns[name]:
                names = of_key or (frozenset() if lineage[model.table, name] else of_inputs)
            sources[model.table, name] = names
        tables[model.table] = frozenset[str]().union(
            *(sources[model.table, name] for name in model.columns)
        )
    return {column: sorted(names) for column, names in sources.items()}


def _of_column(
    column: Column,
    sources: Mapping[Column, frozenset[str]],
    tables: Mapping[str, frozenset[str]],
) -> frozenset[str]:
    """Return the sources of one column, or of its whole table where that is all we know."""
    return sources.get(column, tables.get(column[0], frozenset()))


@dataclass
class _Scope:
    """What the expressions of one SELECT can name."""

    relations: dict[str, Output] = field(default_factory=dict)
    merged: Output = field(default_factory=dict)  # by bare name; a USING column once
    aliases: Output = field(default_factory=dict)
    outer: _Scope | None = None

    def resolve(self, names: list[str]) -> Origins | None:
        """Return of what a column is made, or None where no relation has it."""
        head, rest = names[0], names[1:]
        for part in range(len(rest)):  # [schema.]relation.column[.field]
            if (relation := self.relations.get(names[part])) is not None:
                origins = relation.get(names[part + 1], relation.get(ANY))
                if origins is not None:
                    return origins
        for place in (self.merged, self.aliases):
            if head in place:
                return place[head]
        if self.outer is not None and (origins := self.outer.resolve(names)) is not None:
            return origins
        return self.merged.get(ANY)


class _Reader:
    """Reads one statement."""

    def __init__(
        self, columns: Mapping[str, Sequence[str]], whole: Origins, macros: Mapping[str, Macro]
    ) -> None:
        self.columns = columns
        self.whole = whole
        self.macros = macros

    def query(
        self, node: dict[str, Any], ctes: Mapping[str, Output], outer: _Scope | None
    ) -> Output:
        """Return of what the columns of a query are made."""
        visible = dict(ctes)
        for entry in node.get("cte_map", {}).get("map", []):
            output = self.query(entry["value"]["query"]["node"], visible, outer)
            visible[entry["key"]] = _renamed(output, entry["value"]["aliases"])
        if node["type"] == "SELECT_NODE":
            return self._select(node, visible, outer)
        sides = node.get("children") or [node["left"], node["right"]]
        outputs = []
        for side in sides:
            outputs.append(self.query(side, visible, outer))
            if "cte_name" in node:  # a recursive one reads what it begins with
                visible[node["cte_name"]] = _renamed(outputs[0], node.get("aliases", []))
        return _united(outputs, by_name=str(node.get("setop_type", "")).endswith("BY_NAME"))

    def _select(
        self, node: dict[str, Any], ctes: Mapping[str, Output], outer: _Scope | None
    ) -> Output:
        scope = self._from(node["from_table"], ctes, outer)
        output: Output = {}
        for place, item in enumerate(node["select_list"]):
            if item["class"] == "STAR":
                # Which columns COLUMNS('...') takes, only the database knows.
                star = {ANY: self._refs(item, scope, ctes)} if item["columns"] else None
                output.update(star or self._star(item, scope, ctes))
                continue
            name = item["alias"] or (item.get("column_names") or [f"#{place}"])[-1]
            origins = self._refs(item, scope, ctes)
            output[f"#{place}" if name in output else name] = origins
            scope.aliases.setdefault(name, origins)
        return output

    def _star(self, item: dict[str, Any], scope: _Scope, ctes: Mapping[str, Output]) -> Output:
        name = item["relation_name"]
        left_out = {n.lower() for n in item["exclude_list"]}
        stars = scope.relations.get(name, {ANY: self.whole}) if name else scope.merged
        replaced = {r["key"]: self._refs(r["value"], scope, ctes) for r in item["replace_list"]}
        return {
            n: replaced.get(n, origins) for n, origins in stars.items() if n.lower() not in left_out
        }

    def _from(
        self, node: dict[str, Any], ctes: Mapping[str, Output], outer: _Scope | None
    ) -> _Scope:
        """Return the scope that a FROM clause makes."""
        kind = node["type"]
        if kind == "EMPTY":
            return _Scope(outer=outer)
        if kind == "JOIN":
            left = self._from(node["left"], ctes, outer)
            # A lateral subquery or unnest on the right sees what stands on the left.
            left_seen = _Scope(left.relations, left.merged, outer=outer)
            return _joined(node, left, self._from(node["right"], ctes, left_seen), outer)
        alias = node.get("alias") or node.get("table_name", "")
        output = _renamed(self._relation(node, kind, ctes, outer), node.get("column_name_alias"))
        return _Scope({alias: output}, dict(output), outer=outer)

    def _relation(
        self, node: dict[str, Any], kind: str, ctes: Mapping[str, Output], outer: _Scope | None
    ) -> Output:
        if kind == "BASE_TABLE":
            if not node["schema_name"]:
                return ctes.get(node["table_name"], {ANY: self.whole})
            table = f"{node['schema_name']}.{node['table_name']}"
            if table not in self.columns:
                return {ANY: frozenset({(table, ANY)})}
            return {name: frozenset({(table, name)}) for name in self.columns[table]}
        if kind == "SUBQUERY":
            return self.query(node["subquery"]["node"], ctes, outer)
        scope = outer or _Scope()
        if kind == "EXPRESSION_LIST":  # VALUES
            rows = [[self._refs(cell, scope, ctes) for cell in row] for row in node["values"]]
            cells = zip(*rows, strict=True)
            return {f"col{n}": frozenset().union(*origins) for n, origins in enumerate(cells)}
        if kind == "TABLE_FUNCTION":
            return self._called(node["function"], scope, ctes)
        # A clause that is not read here: any column of what the model reads.
        return {ANY: self.whole}

    def _called(
        self, function: dict[str, Any], scope: _Scope, ctes: Mapping[str, Output]
    ) -> Output:
        """Return of what the columns of a table function are made."""
        if function["function_name"] == "unnest":
            return {"unnest": self._refs(function, scope, ctes)}
        name = f"{function['schema']}.{function['function_name']}"
        if name not in self.macros:
            return {ANY: self.whole}
        macro = self.macros[name]
        (statement,) = parse_tree(macro.body, f"macro {name}")
        values = _Scope(aliases=dict.fromkeys(macro.parameter_names, frozenset()))
        return self.query(statement["node"], {}, values)

    def _refs(self, node: Any, scope: _Scope, ctes: Mapping[str, Output]) -> Origins:
        """Return the columns that an expression is made of."""
        if isinstance(node, list):
            return frozenset[Column]().union(*(self._refs(part, scope, ctes) for part in node))
        if not isinstance(node, dict):
            return frozenset()
        kind = node.get("class")
        if kind == "COLUMN_REF":
            origins = scope.resolve(node["column_names"])
            return self.whole if origins is None else origins
        if kind == "STAR":
            return frozenset[Column]().union(*scope.merged.values())
        if kind == "SUBQUERY":
            return self._of_subquery(node, scope, ctes)
        if kind == "LAMBDA":
            parameters = _lambda_parameters(node["lhs"])
            inner = _Scope(aliases=dict.fromkeys(parameters, frozenset()), outer=scope)
            return self._refs(node["expr"], inner, ctes)
        return self._refs([v for v in node.values() if isinstance(v, dict | list)], scope, ctes)

    def _of_subquery(
        self, node: dict[str, Any], scope: _Scope, ctes: Mapping[str, Output]
    ) -> Origins:
        inner = node["subquery"]["node"]
        origins = frozenset[Column]().union(*self.query(inner, ctes, scope).values())
        if node["subquery_type"] in ("EXISTS", "NOT_EXISTS") and inner["type"] == "SELECT_NODE":
            # Whether a row is there is what its filter says.
            origins |= self._refs(
                inner["where_clause"], self._from(inner["from_table"], ctes, scope), ctes
            )
        return origins | self._refs(node.get("child"), scope, ctes)


def _joined(node: dict[str, Any], left: _Scope, right: _Scope, outer: _Scope | None) -> _Scope:
    """Join two scopes; a USING column is that of the side that always has a row."""
    merged = dict(left.merged)
    for name, origins in right.merged.items():
        if name not in merged or (name in node["using_columns"] and node["join_type"] == "RIGHT"):
            merged[name] = origins
        elif name == ANY or (name in node["using_columns"] and node["join_type"] == "FULL"):
            merged[name] |= origins
    return _Scope({**left.relations, **right.relations}, merged, outer=outer)


def _renamed(output: Output, names: Sequence[str] | None) -> Output:
    """Return an output whose first columns have other names."""
    if not names or ANY in output:
        return output
    return dict(zip([*names, *list(output)[len(names) :]], output.values(), strict=True))


def _united(outputs: list[Output], by_name: bool) -> Output:
    """Return the union of queries: column by column, by place or by name."""
    if any(ANY in output for output in outputs):  # nobody knows which column meets which
        return {ANY: frozenset[Column]().union(*(m for o in outputs for m in o.values()))}
    first, *others = outputs
    united = dict(first)
    for other in others:
        for name, origins in zip(other if by_name else first, other.values(), strict=True):
            united[name] = united.get(name, frozenset()) | origins
    return united


def _lambda_parameters(node: dict[str, Any]) -> list[str]:
    if node.get("class") == "COLUMN_REF":
        return [node["column_names"][-1]]
    return [name for child in node.get("children", []) for name in _lambda_parameters(child)]
