"""The declarations of all data sources, read from ``geodata/sources/*.toml``."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from pipelines.core import paths
from pipelines.core.errors import ChecksumMismatch, SourceMissing, SourceUnreadable

KINDS = ("embedded", "fetched", "catalogue")


@dataclass(frozen=True)
class Source:
    """One source of data, as declared.

    ``path`` is relative to the embedded folder for an embedded source and to the
    folder of fetched files for a fetched one; ``also`` are paths at which a fetched
    source may lie in another form that its reader knows. ``columns`` maps the columns of the
    raw table to DuckDB types; an absent fetched source gives an empty table of them.
    ``union`` names the raw table that this one is a part of (see `pipelines.runner.unions`),
    ``part`` what its rows are marked with there; the name of the source by default.
    """

    name: str
    kind: str
    publisher: str
    title: str
    description: str
    url: str
    version: str
    vintage: str
    licence: str
    licence_url: str
    attribution: str
    citation: str
    path: str
    raw_table: str = ""
    retrieved: str = ""
    taken_from: str = ""
    sha256: str = ""
    reader: str = ""
    also: tuple[str, ...] = ()
    columns: dict[str, str] = field(default_factory=dict)
    union: dict[str, Any] = field(default_factory=dict)
    part: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


_BASE = "_"  # begins the name of a file that others inherit from
_FIELDS = {f.name for f in fields(Source)} - {"extra"}
#: Further fields, for the download and the readers.
_EXTRA = {"by_hand", "dataset", "download", "filters", "findings", "format", "inherits"}
_EXTRA |= {"max_bytes", "checks", "on_request"}
#: Columns of the findings of every register.
FINDINGS = {
    "field": "VARCHAR",
    "finding": "VARCHAR",
    "action": "VARCHAR",
    "rows": "INTEGER",
    "example": "VARCHAR",
}
_REQUIRED = {
    "name",
    "kind",
    "publisher",
    "title",
    "description",
    "url",
    "licence",
    "attribution",
    "citation",
    "path",
}


def read_declaration(path: Path) -> Source:
    """Read and check one declaration.

    With ``inherits = "_base"`` it takes what it does not say itself from the declaration
    ``_base.toml`` beside it, tables key by key. In the texts of the base ``{name}``,
    ``{dataset}`` and the like stand for the fields of the declaration that inherits.

    Raises
    ------
    SourceUnreadable
        The file or its base is no TOML, lacks a field or has an unknown one, or its name
        differs from the file's.
    """
    data = _read_toml(path)
    if base := data.pop("inherits", ""):
        data = _inherit(_read_toml(path.with_name(f"{base}.toml"), path.name), data, path.name)
    if missing := sorted(_REQUIRED - data.keys()):
        raise SourceUnreadable(f"{path.name}: the fields {missing} are missing")
    if data["name"] != path.stem:
        raise SourceUnreadable(f"{path.name}: name is '{data['name']}', expected '{path.stem}'")
    if data["kind"] not in KINDS:
        raise SourceUnreadable(f"{path.name}: kind is '{data['kind']}', allowed are {KINDS}")
    return _as_source(data)


def _read_toml(path: Path, heir: str = "") -> dict[str, Any]:
    """Return the fields of one file; ``heir`` is the declaration that names it as its base."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        bases = sorted(file.stem for file in path.parent.glob(f"{_BASE}*.toml"))
        raise SourceUnreadable(
            f"{heir or path.name}: inherits is '{path.stem}', allowed are {bases}"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SourceUnreadable(f"{path.name}: not readable as TOML ({error})") from error
    if unknown := sorted(data.keys() - _FIELDS - _EXTRA):
        allowed = ", ".join(sorted(_FIELDS | _EXTRA))
        raise SourceUnreadable(f"{path.name}: the fields {unknown} are unknown; known: {allowed}")
    return data


def _inherit(base: dict[str, Any], own: dict[str, Any], where: str) -> dict[str, Any]:
    """Complete a declaration with its base."""
    texts = {key: value for key, value in own.items() if isinstance(value, str)}

    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: filled(entry) for key, entry in value.items()}
        return value.format_map(texts) if isinstance(value, str) else value

    try:
        return _merge(filled(base), own)
    except KeyError as error:
        raise SourceUnreadable(f"{where}: its base needs the field {error}") from error


def _merge(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Put a declaration's own keys before those of its base, for the order of columns counts."""
    both = {key for key, value in own.items() if isinstance(value, dict) and key in base}
    tables = {key: _merge(base[key], own[key]) for key in both}
    return {**own, **{key: value for key, value in base.items() if key not in own}, **tables}


def _as_source(data: dict[str, Any]) -> Source:
    known = {k: v for k, v in data.items() if k in _FIELDS}
    known["also"] = tuple(known.get("also", ()))
    extra = {k: v for k, v in data.items() if k not in _FIELDS}
    return Source(**{"version": "", "vintage": "", "licence_url": "", **known}, extra=extra)


def findings_of(source: Source) -> Source:
    """Return the source of what the reader of a register mended or set aside in its file.

    A declaration with a table ``findings`` (``reader``; ``part``, the service or group of
    services that the file is of) is two sources: the sites and the findings.
    """
    stated = source.extra["findings"]
    return replace(
        source,
        name=f"{source.name}_findings",
        title=f"{source.title}: what was mended, left empty or set aside",
        description="One row a kind of gap met when the file was read, with its count and the "
        "first example.",
        reader=stated["reader"],
        raw_table=f"{source.raw_table}_findings",
        columns=FINDINGS,
        union={"table": "register_findings", "columns": list(FINDINGS)},
        part=stated["part"],
        extra={k: v for k, v in source.extra.items() if k != "findings"},
    )


def read_registry(folder: Path | None = None) -> dict[str, Source]:
    """Read every declaration, by name in alphabetical order."""
    folder = folder or paths.registry_dir()
    files = sorted(file for file in folder.glob("*.toml") if not file.name.startswith(_BASE))
    if not files:
        raise SourceMissing(f"no source declarations in {folder}")
    sources = [read_declaration(path) for path in files]
    sources += [findings_of(source) for source in sources if "findings" in source.extra]
    return {source.name: source for source in sorted(sources, key=lambda source: source.name)}


def path_in(source: Source, folder: Path) -> Path:
    """Return where a source lies in a folder: the first of its paths that is there.

    Where none is, the path to which it is fetched.
    """
    known = [folder / relative for relative in (source.path, *source.also)]
    return next((path for path in known if path.is_file()), known[0])


def verified_path(source: Source, folder: Path) -> Path:
    """Return the file of a source after its checksum was compared.

    Raises
    ------
    SourceMissing, ChecksumMismatch
        The file is not there, or is not the file that the declaration pins.
    """
    path = path_in(source, folder)
    if not path.is_file():
        raise SourceMissing(
            f"{path}: the file of source '{source.name}' is missing. "
            "Restore it from the repository (git checkout -- geodata/embedded) and build again."
        )
    if source.sha256:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        if digest != source.sha256:
            raise ChecksumMismatch(
                f"{path}: SHA-256 is {digest}, but geodata/sources/{source.name}.toml pins "
                f"{source.sha256}. The file is truncated or was changed; restore it "
                "(git checkout -- geodata/embedded) and build again."
            )
    return path
