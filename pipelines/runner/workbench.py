"""The workbench of who works on the models: what one is for, made from, and read by."""

from __future__ import annotations

import difflib
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pipelines.core.errors import UnknownTable
from pipelines.core.registry import read_registry
from pipelines.runner.dictionary import base_tables
from pipelines.runner.lineage import Column, column_lineage
from pipelines.runner.macros import read_macros
from pipelines.runner.models import Model, read_models


@dataclass(frozen=True)
class Workbench:
    """All models of the project, in an order in which they can run."""

    models: list[Model]

    @classmethod
    def read(cls, folder: Path | None = None) -> Workbench:
        """Read the models of a folder; the default is the project's.

        Raises
        ------
        ModelError
            A model breaks a rule of its layer.
        """
        return cls(read_models(folder))

    @cached_property
    def by_table(self) -> Mapping[str, Model]:
        """Each model by its schema and name."""
        return {model.table: model for model in self.models}

    def find(self, name: str) -> Model:
        """Return a model by its name, with or without its schema.

        Raises
        ------
        UnknownTable
            There is none; names those that are spelt alike.
        """
        for model in self.models:
            if name in (model.table, model.name):
                return model
        by_name = {m.name: m.table for m in self.models} | {t: t for t in self.by_table}
        alike = difflib.get_close_matches(name, by_name, n=5)
        alike += [n for n in by_name if name and name in n]
        near = dict.fromkeys(by_name[n] for n in alike)
        hint = f"did you mean {' or '.join(list(near)[:5])}?" if near else "see the folder sql/"
        if name.startswith(("raw.", "seeds.")):
            hint = "raw tables and seeds are no models: see geodata/sources/ and sql/seeds/"
        if callers := [m.table for m in self.models if name in m.macros]:
            file = name.rpartition(".")[2]
            called = ", ".join(callers[:5]) + (" ..." if len(callers) > 5 else "")
            hint = f"it is a macro, sql/macros/{file}.sql, called by {called}"
        raise UnknownTable(f"there is no model '{name}'; {hint}")

    def children(self, table: str) -> list[str]:
        """Return the models that read a table, in alphabetical order."""
        return sorted(model.table for model in self.models if table in model.inputs)

    def ancestors(self, table: str) -> set[str]:
        """Return all tables that a table is made from, raw ones and seeds among them."""
        seen: set[str] = set()
        waiting = [table]
        while waiting:
            model = self.by_table.get(waiting.pop())
            fresh = model.inputs - seen if model else frozenset()
            seen |= fresh
            waiting += fresh
        return seen

    def describe(self, model: Model, width: int) -> list[str]:
        """Return what a model is for, its statement, neighbours and columns, as text.

        Parameters
        ----------
        model : Model
        width : int
            Columns to wrap to; the statement stays as it is written.
        """
        stated = model.sidecar.get("made_by") or model.sidecar.get("python")
        facts = {
            "Grain": model.sidecar["grain"],
            "Key": ", ".join(model.sidecar["primary_key"]),
            "Made by": stated or f"sql/{model.layer}/{model.name}.sql",
            "Reads": ", ".join(sorted(model.inputs)) or "nothing",
            "Read by": ", ".join(self.children(model.table)) or "no model",
        }
        if macros := sorted(getattr(model, "macros", ())):
            facts["Macros"] = ", ".join(macros)
        lines = [model.table, *textwrap.wrap(model.sidecar["description"], width), ""]
        for label, fact in facts.items():
            lines += _wrapped(f"{label + ':':10}", fact, width)
        lines += ["", f"Columns ({len(model.columns)})"]
        for name, column in model.columns.items():
            unit = f", {column['unit']}" if column.get("unit") else ""
            lines += _wrapped(f"  {name}  ", f"{column['type']}{unit}", width)
            lines += _wrapped(" " * 6, column["description"], width)
        return lines if model.sql is None else [*lines, "", *model.sql.splitlines()]

    def tree(self, model: Model) -> list[str]:
        """Return a model's parents, theirs and so on, a level a deeper indent.

        What a table that came before is made from is not told again.
        """
        told: set[str] = set()

        def branch(table: str, depth: int) -> Iterator[str]:
            model = self.by_table.get(table)
            again = table in told and model is not None and bool(model.inputs)
            yield "  " * depth + table + (" (as above)" if again else "")
            if not again and model is not None:
                told.add(table)
                for parent in sorted(model.inputs):
                    yield from branch(parent, depth + 1)

        return list(branch(model.table, 0))

    def lineage(self, model: Model, width: int) -> list[str]:
        """Return the columns of raw tables and seeds that each column comes from.

        Without column lineage (a Python model, or none at hand) the tables are named.
        """
        edges = _column_lineage(self.models)
        lines = []
        for column in model.columns if edges else ():
            names: dict[str, list[str]] = {}
            for table, name in sorted(self._roots(edges, (model.table, column))):
                names.setdefault(table, []).append(name)
            texts = [t if n == ["*"] else f"{t} ({', '.join(n)})" for t, n in names.items()]
            text = ", ".join(texts) or "no column: a constant or a count"
            lines += _wrapped(f"  {column} <- ", text, width)
        if lines:
            return lines
        tables = sorted(t for t in self.ancestors(model.table) if t not in self.by_table)
        return _wrapped("  all columns <- ", ", ".join(tables) or "nothing", width)

    def _roots(self, edges: Mapping[Column, list[Column]], column: Column) -> set[Column]:
        """Return the columns of raw tables and seeds at which the walk from a column ends."""
        seen, waiting = {column}, [column]
        while waiting:
            table, name = node = waiting.pop()
            model = self.by_table.get(table)
            # A whole table: of a model, each of its columns.
            above = edges.get(node, [])
            if name == "*" and model is not None:
                above = [(table, each) for each in model.columns]
            fresh = set(above) - seen
            seen |= fresh
            waiting += fresh
        return {(table, name) for table, name in seen if table not in self.by_table}


def _column_lineage(models: list[Model]) -> Mapping[Column, list[Column]]:
    """Return the columns that each column is made from."""
    base = base_tables(read_registry())
    columns = {table: facts.columns for table, facts in base.items()}
    return column_lineage(models, columns, read_macros())


def _wrapped(label: str, text: str, width: int) -> list[str]:
    """Return a label and its text, wrapped; further lines are indented."""
    return textwrap.wrap(label + text, width, subsequent_indent=" " * 6, break_long_words=False)
