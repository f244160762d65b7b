"""``hinterland check``."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.console import complain, say
from pipelines.core import paths
from pipelines.core.errors import HinterlandError


def check(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Tables of the catalogue, your own facilities or places."),
    ] = None,
) -> None:
    """Check the catalogue and the database, or files; name file, row, field and what is allowed."""
    from pipelines.runner import checking

    places = checking.settlements()
    if files:
        steps = [partial(checking.check_file, path, places) for path in files]
    else:
        steps = [
            partial(checking.check_catalogue, places),
            partial(checking.check_database, paths.build_dir()),
        ]
    failed = False
    for step in steps:
        try:
            say(step())
        except HinterlandError as error:  # go on: one run names everything that is wrong
            failed = True
            complain(error)
    if failed:
        raise typer.Exit(1)
