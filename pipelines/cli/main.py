"""The command line: ``hinterland``, the same as ``python -m pipelines``.

Each command is a file of its own that parses, calls and prints; what it needs is imported
when it runs, so that ``--help`` is quick.

Exit codes: 0 done, 1 the input or the data is wrong, 2 wrong usage.
"""

from __future__ import annotations

from typing import Annotated

import typer

from pipelines import __version__
from pipelines.cli.app import app as app_command
from pipelines.cli.atlas import atlas
from pipelines.cli.brief import brief
from pipelines.cli.build import build
from pipelines.cli.cells import cells
from pipelines.cli.check import check
from pipelines.cli.console import complain, say
from pipelines.cli.describe import describe
from pipelines.cli.examples import WithExamples
from pipelines.cli.export import export
from pipelines.cli.fetch import fetch
from pipelines.cli.model import model
from pipelines.cli.places import places
from pipelines.cli.reach import reach
from pipelines.cli.roads import roads
from pipelines.cli.status import status
from pipelines.core.errors import HinterlandError

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # nothing of the code or its values reaches a user
    help="Which regions shrink and why, how remote a place is, and who reaches which service.",
)
for _command in (
    build,
    fetch,
    export,
    brief,
    atlas,
    reach,
    cells,
    roads,
    check,
    places,
    status,
    describe,
    model,
    app_command,
):
    app.command(cls=WithExamples)(_command)


def _version(is_asked: bool) -> None:
    if is_asked:
        say(f"hinterland {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Hold the options that come before a command."""


def main() -> None:
    """Run a command; print one message and exit with 1 where the input or data is wrong."""
    try:
        app()
    except HinterlandError as error:
        complain(error)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
