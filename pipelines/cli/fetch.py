"""``hinterland fetch``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.console import say
from pipelines.core import paths
from pipelines.core.errors import SourceUnavailable
from pipelines.core.registry import read_registry


def fetch(
    out_dir: Annotated[
        Path | None, typer.Option("--out", help="Folder of the fetched files; default: the cache.")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option("--only", help="Name of a source; may be repeated.")
    ] = None,
) -> None:
    """Download the sources that are not embedded; what was there before stays if it fails."""
    from pipelines.net import fetch as fetching

    folder = out_dir or paths.cache_dir()
    with fetching.Bars() as bars:
        results = fetching.fetch(folder, only, bars)
    for result in results:
        say(f"{result.name}: {result.status}, {result.message}")
    if not only:
        for name in fetching.on_request(read_registry()):
            say(f"{name}: large, so only on request: hinterland fetch --only {name}")
    failures = fetching.failures(results)
    if failures:
        raise failures
    # Of what is brought by hand only the way was told.
    if results and all(r.status == "by hand" and not r.path.exists() for r in results):
        names = ", ".join(r.name for r in results)
        raise SourceUnavailable(f"{names}: not there. Put each file where it says, then build.")
    built = "" if out_dir is None else f" --sources {folder}"
    say(f"Now build the database with them: hinterland build{built}")
