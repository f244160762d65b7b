"""The data dictionary and the registry as tables, made from sidecars and declarations."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from pipelines.core.registry import Source
from pipelines.io.notes import read_notes
from pipelines.runner.models import Model


def dictionary_table(models: list[Model], registry: dict[str, Source]) -> pa.Table:
    """Return one row per column of each mart (``seeds.dictionary``)."""
    rows = []
    for model in sorted(models, key=lambda m: m.table):
        if model.layer != "marts":
            continue
        made_by = f"sql/marts/{model.name}.sql" if model.sql else model.sidecar["python"]
        for position, (column, facts) in enumerate(model.columns.items(), start=1):
            names = facts.get("sources", [])
            licences = dict.fromkeys(registry[n].licence for n in names if n in registry)
            rows.append(
                {
                    "table_name": model.name,
                    "column_name": column,
                    "label": facts.get("label", ""),
                    "unit": facts.get("unit", ""),
                    "data_type": facts["type"],
                    "definition": facts["description"],
                    "sources": ", ".join(names),
                    "licence": "; ".join(licences),
                    "allowed": "|".join(str(v) for v in facts.get("allowed", [])),
                    "made_by": made_by,
                    "position": position,
                }
            )
    return pa.Table.from_pylist(rows)


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
        for name in facts.get("sources", [])
        if name not in registry
    ]
