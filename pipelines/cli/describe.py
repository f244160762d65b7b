"""``hinterland describe``."""

from __future__ import annotations

from typing import Annotated

import typer

from pipelines.cli.console import out, say


def describe(
    table: Annotated[str, typer.Argument(help="Mart, for instance regions.")],
) -> None:
    """Explain a table's columns: label, unit, type, definition, sources."""
    from pipelines.serve import describe as describing
    from pipelines.serve.store import Store

    for line in describing.lines(describing.columns(Store.current(), table), out.width):
        say(line)
