"""The columns of all models: what a name means, once, in ``sql/fields.toml``.

A sidecar lists the names of its columns, and says only what differs from the field::

    fields = ["nuts_id!", "level!", "population_end"]   # ! = never NULL

    [override]
    population_end = { description = "..." }
    level = { without = ["min", "max"] }                # rules of the field that do not hold here

``"*series_measures"`` in the list stands for the columns that the rows of a seed declare
(:mod:`pipelines.runner.unions`).

Sources are derived from the columns that a column is made of (:mod:`pipelines.runner.lineage`).
A Python model declares them, and so does a SELECT where the derivation would name more than a
column is made of, as where the rows of a long table become columns::

    sources = ["eurostat_demo_r_births"]                # of all columns

    [[from]]                                            # of some
    sources = ["eurostat_demo_r_pjanind3"]
    fields = ["median_age"]

``[[also_from]]`` adds to what is derived, or declared by a seed (:mod:`pipelines.runner.unions`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from pipelines.core import paths
from pipelines.core.errors import ModelError

FILE = "fields.toml"
SEED = "*"  # "*series_measures": a column of each row of that seed that declares one
Facts = dict[str, Any]
_RULES = frozenset({"allowed", "min", "max", "references"})
_FIELD_KEYS = frozenset({"type", "label", "unit", "description"}) | _RULES
_OVERRIDE_KEYS = _FIELD_KEYS | {"without"}
_FROM_KEYS = frozenset({"sources", "fields"})
_REQUIRED = ("type", "description")


def read_toml(path: Path, where: str) -> dict[str, Any]:
    """Read a TOML file of ``sql/``.

    Raises
    ------
    ModelError
        It is not readable as TOML.
    """
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ModelError(f"{where}: not readable as TOML ({error})") from error


def read_fields(folder: Path | None = None) -> dict[str, Facts]:
    """Return what each column name means, by name.

    Parameters
    ----------
    folder : Path, optional
        The folder of the models; by default the project's. Without the file there are no fields.

    Raises
    ------
    ModelError
        A field lacks its type or description, or has a key that is not known.
    """
    path = (folder or paths.sql_dir()) / FILE
    if not path.is_file():
        return {}
    where = f"sql/{FILE}"
    fields: dict[str, Facts] = read_toml(path, where)
    for name, facts in fields.items():
        _refuse_unknown(facts, _FIELD_KEYS, f"{where}: field '{name}'")
        if missing := [key for key in _REQUIRED if not facts.get(key)]:
            raise ModelError(f"{where}: field '{name}' needs {' and '.join(missing)}")
    return fields


def columns_of(
    sidecar: Mapping[str, Any], fields: Mapping[str, Facts], where: str
) -> dict[str, Facts]:
    """Return the facts of each column that a sidecar lists, in its order.

    Parameters
    ----------
    sidecar : mapping
        Its ``fields``, and where there are any its ``override``, ``sources`` and ``from``.
    fields : mapping
        As :func:`read_fields` returns them.
    where : str
        The sidecar's name, for errors.

    Returns
    -------
    dict
        For each column ``type``, ``label``, ``unit``, ``description``, ``nullable``, and where
        they hold ``allowed``, ``min``, ``max``, ``references`` and ``sources``.

    Raises
    ------
    ModelError
        A name is no field or stands twice; an override is of no column of the table, has an
        unknown key, or says what the field says; ``from`` names another table's column.

    Examples
    --------
    >>> fields = {"level": {"type": "TINYINT", "description": "NUTS level.", "max": 3}}
    >>> sidecar = {"fields": ["level!"], "override": {"level": {"without": ["max"]}}}
    >>> columns_of(sidecar, fields, "here")["level"]["nullable"]
    False
    """
    _check_shape(sidecar, where)
    names = [e.removesuffix("!") for e in sidecar["fields"] if not e.startswith(SEED)]
    overrides = sidecar.get("override", {})
    if twice := sorted({n for n in names if names.count(n) > 1}):
        raise ModelError(f"{where}: fields names {twice} twice")
    if unknown := [n for n in names if n not in fields]:
        raise ModelError(f"{where}: sql/{FILE} has no field {unknown}")
    if strangers := sorted(set(overrides) - set(names)):
        raise ModelError(f"{where}: override of {strangers}, which fields does not list")
    sources = _declared_sources(sidecar, names, where)
    columns: dict[str, Facts] = {}
    for entry in sidecar["fields"]:
        name = entry.removesuffix("!")
        if entry.startswith(SEED):
            columns[entry] = {"seed": entry.removeprefix(SEED)}
            continue
        override = overrides.get(name, {})
        _check_override(override, fields[name], f"{where}: override of '{name}'")
        facts = {"label": "", "unit": "", **fields[name], **sources.get(name, {}), **override}
        for rule in ("without", *facts.get("without", [])):
            facts.pop(rule, None)
        if isinstance(facts.get("references"), str):
            facts["references"] = [facts["references"]]
        columns[name] = facts | {"nullable": not entry.endswith("!")}
    return columns


_SHAPES: dict[str, tuple[type[list[Any]] | type[dict[str, Any]], type, str]] = {
    "fields": (list, str, "a list of names"),
    "sources": (list, str, "a list of names"),
    "override": (dict, str, "a table of columns"),
    "from": (list, dict, "[[from]] with sources and fields"),
    "also_from": (list, dict, "[[also_from]] with sources and fields"),
}


def _check_shape(sidecar: Mapping[str, Any], where: str) -> None:
    """Refuse a key that holds another kind of thing than it must."""
    for key, (kind, inner, shape) in _SHAPES.items():
        value = sidecar.get(key, kind())
        if not isinstance(value, kind) or not all(isinstance(part, inner) for part in value):
            raise ModelError(f"{where}: {key} is {value!r}, expected {shape}")


def _declared_sources(
    sidecar: Mapping[str, Any], names: list[str], where: str
) -> dict[str, dict[str, list[str]]]:
    """Return the sources that a sidecar declares, by column; none for those that are derived."""
    declared = {n: {"sources": sidecar["sources"]} for n in names if "sources" in sidecar}
    for name, sources in sources_by_field(sidecar, "from", names, where).items():
        declared[name] = {"sources": sources}
    return declared


def sources_by_field(
    sidecar: Mapping[str, Any], key: str, names: Collection[str], where: str
) -> dict[str, list[str]]:
    """Return the sources that the groups of a key, ``from`` or ``also_from``, name by column.

    Raises
    ------
    ModelError
        A group lacks its sources or fields, has another key, or names no column of the table.
    """
    declared: dict[str, list[str]] = {}
    for group in sidecar.get(key, []):
        _refuse_unknown(group, _FROM_KEYS, f"{where}: {key}")
        if missing := sorted(_FROM_KEYS - group.keys()):
            raise ModelError(f"{where}: {key} lacks {missing}")
        if strangers := sorted(set(group["fields"]) - set(names)):
            raise ModelError(f"{where}: {key} names {strangers}, which fields does not list")
        declared |= dict.fromkeys(group["fields"], group["sources"])
    return declared


def _check_override(override: Facts, field: Facts, where: str) -> None:
    _refuse_unknown(override, _OVERRIDE_KEYS, where)
    if same := sorted(key for key, value in override.items() if field.get(key) == value):
        raise ModelError(f"{where} says {same} as sql/{FILE} does: leave it out")
    if idle := sorted(set(override.get("without", [])) - (_RULES & field.keys())):
        raise ModelError(f"{where}: without {idle}, which the field has not")


def _refuse_unknown(facts: Any, allowed: frozenset[str], where: str) -> None:
    if not isinstance(facts, dict):
        raise ModelError(f"{where} is {facts!r}, expected a table like {{ type = ... }}")
    if unknown := sorted(set(facts) - allowed):
        raise ModelError(f"{where} has unknown keys {unknown}; allowed: {sorted(allowed)}")
