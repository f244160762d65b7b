"""The data dictionary and the registry as tables, made from sidecars and declarations."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from pipelines.catalogue.schema import read_schema
from pipelines.core import paths
from pipelines.core.registry import Source
from pipelines.io.notes import read_notes
from pipelines.runner.fields import read_fields
from pipelines.runner.lineage import column_lineage, sources_of
from pipelines.runner.macros import read_macros
from pipelines.runner.models import Model
from pipelines.runner.seeds import read_seed
from pipelines.runner.unions import PART, raw_unions

Lineage = Mapping[tuple[str, str], list[tuple[str, str]]]


def lineage_of(models: list[Model], registry: dict[str, Source]) -> Lineage:
    """Return the columns that each column of each model reads directly."""
    columns = {table: facts.columns for table, facts in base_tables(registry).items()}
    return column_lineage(models, columns, read_macros())


def dictionary_table(
    models: list[Model],
    registry: dict[str, Source],
    lineage: Lineage,
    present: Collection[str],
) -> pa.Table:
    """Return one row per column of each mart (``seeds.dictionary``).

    The sources of a column are those of the columns that it is made of, as far as they are
    ``present``: whose file was not there gave no row, and its licence binds nobody.
    """
    base = base_tables(registry)
    sources = sources_of(models, lineage, {table: facts.sources for table, facts in base.items()})
    rows = []
    for model in sorted(models, key=lambda m: m.table):
        if model.layer != "marts":
            continue
        for position, (column, facts) in enumerate(model.columns.items(), start=1):
            every = sources[model.table, column]
            names = [name for name in every if name in present or name not in registry]
            licences = dict.fromkeys(registry[n].licence for n in names if n in registry)
            rows.append(
                {
                    "table_name": model.name,
                    "column_name": column,
                    "label": facts["label"],
                    "unit": facts["unit"],
                    "data_type": facts["type"],
                    "definition": facts["description"],
                    "sources": ", ".join(names),
                    "licence": "; ".join(licences),
                    "allowed": "|".join(str(v) for v in facts.get("allowed", [])),
                    "made_by": model.made_by,
                    "position": position,
                }
            )
    return pa.Table.from_pylist(rows)


def lineage_table(lineage: Lineage) -> pa.Table:
    """Return one row per column and column that it reads directly (``seeds.lineage``)."""
    edges = [(*column, *origin) for column, origins in lineage.items() for origin in origins]
    names = ("table_name", "column_name", "from_table", "from_column")
    texts = zip(*sorted(edges), strict=True)
    return pa.table({n: pa.array(list(t), pa.string()) for n, t in zip(names, texts, strict=True)})


def models_table(models: list[Model]) -> pa.Table:
    """Return one row per model with its statement (``seeds.models``)."""
    rows = [
        {
            "table_name": model.table,
            "layer": model.layer,
            "made_by": model.made_by,
            "description": model.sidecar["description"],
            "grain": model.sidecar["grain"],
            "primary_key": list(model.sidecar["primary_key"]),
            "statement": model.sql,
            "reads": sorted(model.inputs),
            "macros": sorted(model.macros),
        }
        for model in sorted(models, key=lambda m: m.table)
    ]
    return pa.Table.from_pylist(rows)


@dataclass(frozen=True)
class BaseTable:
    """A table that no model makes: its columns, and the sources that it holds."""

    columns: tuple[str, ...]
    sources: tuple[str, ...] = ()


def base_tables(registry: dict[str, Source]) -> dict[str, BaseTable]:
    """Return the tables of the schemas ``raw`` and ``seeds``, as ``schema.name``.

    The words of the catalogue's rows come from any of its documents: each of its tables has
    all of them for its sources. Seeds are our own.
    """
    tables = {
        f"raw.{source.raw_table}": BaseTable(tuple(source.columns), (source.name,))
        for source in registry.values()
        if source.raw_table
    }
    for name in raw_unions(registry):
        parts = [s for s in registry.values() if s.union and s.union["table"] == name]
        gathered = [parts[0].union[key] for key in ("map", "key") if key in parts[0].union]
        columns = (PART, *parts[0].union["columns"], *gathered)
        tables[f"raw.{name}"] = BaseTable(columns, tuple(s.name for s in parts))
    documents = tuple(s.name for s in registry.values() if s.kind == "catalogue")
    for name, table in read_schema(paths.catalogue_dir()).tables.items():
        tables[f"raw.catalogue__{name}"] = BaseTable(tuple(table.columns), documents)
    known_fields = read_fields()
    for path in (paths.sql_dir() / "seeds").glob("*.toml"):
        tables[f"seeds.{path.stem}"] = BaseTable(tuple(read_seed(path, known_fields).columns))
    return tables


def registry_table(registry: dict[str, Source], present: Mapping[str, Path]) -> pa.Table:
    """Return one row per source (``seeds.registry``).

    What was fetched carries the date and hash of its own notes, and the publisher's date
    of its last update as its version.
    """
    fields = (
        "name",
        "kind",
        "publisher",
        "title",
        "description",
        "version",
        "vintage",
        "retrieved",
        "licence",
        "licence_url",
        "attribution",
        "citation",
        "url",
        "taken_from",
        "sha256",
    )
    rows = [
        {f: getattr(s, f) for f in fields}
        | (_noted(present[s.name]) if s.kind == "fetched" and s.name in present else {})
        | {"is_present": s.name in present}
        for s in registry.values()
    ]
    return pa.Table.from_pylist(rows)


def _noted(path: Path) -> dict[str, str]:
    """Return what the notes beside a fetched file say; a file put by hand has none."""
    notes = read_notes(path)
    if notes is None:
        return {}
    version = {"version": f"last update {notes.last_update}"} if notes.last_update else {}
    return {"retrieved": notes.retrieved[:10], "sha256": notes.sha256, **version}


def unknown_sources(models: list[Model], registry: dict[str, Source]) -> list[str]:
    """Return ``table.column: source`` for each source that no declaration names."""
    return [
        f"{model.table}.{column}: {name}"
        for model in models
        for column, facts in model.columns.items()
        for name in (*facts.get("sources", []), *facts.get("also_from", []))
        if name not in registry
    ]
