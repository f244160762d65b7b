"""The declarations of all data sources, read from ``geodata/sources/*.toml``."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass, field, fields
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
    extra: dict[str, Any] = field(default_factory=dict)


_FIELDS = {f.name for f in fields(Source)} - {"extra"}
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

    Raises
    ------
    SourceUnreadable
        The file is no TOML, lacks a field, or its name differs from the file's.
    """
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SourceUnreadable(f"{path.name}: not readable as TOML ({error})") from error
    if missing := sorted(_REQUIRED - data.keys()):
        raise SourceUnreadable(f"{path.name}: the fields {missing} are missing")
    if data["name"] != path.stem:
        raise SourceUnreadable(f"{path.name}: name is '{data['name']}', expected '{path.stem}'")
    if data["kind"] not in KINDS:
        raise SourceUnreadable(f"{path.name}: kind is '{data['kind']}', allowed are {KINDS}")
    known = {k: v for k, v in data.items() if k in _FIELDS}
    known["also"] = tuple(known.get("also", ()))
    extra = {k: v for k, v in data.items() if k not in _FIELDS}
    return Source(**{"version": "", "vintage": "", "licence_url": "", **known}, extra=extra)


def read_registry(folder: Path | None = None) -> dict[str, Source]:
    """Read every declaration, by name in alphabetical order."""
    folder = folder or paths.registry_dir()
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise SourceMissing(f"no source declarations in {folder}")
    return {path.stem: read_declaration(path) for path in files}


def path_in(source: Source, folder: Path) -> Path:
    """Return where a source lies in a folder: the first of its paths that is there.

    Where none is, the path to which it is fetched.
    """
    known = [folder / one for one in (source.path, *source.also)]
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
            found = hashlib.file_digest(stream, "sha256").hexdigest()
        if found != source.sha256:
            raise ChecksumMismatch(
                f"{path}: SHA-256 is {found}, but geodata/sources/{source.name}.toml pins "
                f"{source.sha256}. The file is truncated or was changed; restore it "
                "(git checkout -- geodata/embedded) and build again."
            )
    return path


def attributions(names: list[str] | set[str], registry: dict[str, Source]) -> list[str]:
    """Return the attribution lines of sources, without repeats, in registry order."""
    return list(dict.fromkeys(s.attribution for n, s in registry.items() if n in names))
