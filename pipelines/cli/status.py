"""``hinterland status``."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from pipelines.cli.console import out, say
from pipelines.core import paths


def status(
    long: Annotated[
        bool, typer.Option("--long", help="Each source with version, vintage, date and licence.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print all of it as JSON.")] = False,
) -> None:
    """Show which database is current, its sources, vintages and ages."""
    from pipelines.serve import status as state
    from pipelines.serve.store import Store

    report = state.status(Store.current(), paths.cache_dir())
    if as_json:
        say(json.dumps(report.as_dict(), ensure_ascii=False, indent=2))
        return
    for line in report.lines(out.width, long):
        say(line)
