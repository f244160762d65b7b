"""``hinterland atlas``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from pipelines.cli.console import err, say


class _Name(TextColumn):
    """What was done last, as it is: a name is no markup."""

    def render(self, task: object) -> Text:
        """Return the name in one line."""
        return Text(str(getattr(task, "description", "")))


def atlas(
    country: Annotated[str, typer.Option(help="Eurostat country code, such as LT.")],
    target: Annotated[Path, typer.Option("-o", "--output", help="File: .pdf.")],
    language: Annotated[str, typer.Option("--lang", help="Language, such as de.")] = "en",
    address: Annotated[
        str, typer.Option(help="Address of your dashboard, for the links on the sheets.")
    ] = "",
) -> None:
    """Write a country's atlas for print: a map of each typology, a sheet for each region."""
    from pipelines.paper import atlas as printed
    from pipelines.paper import files
    from pipelines.serve.store import Store

    store = Store.current()
    files.speak(language)
    steps = printed.steps(store, country)
    columns = (_Name("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err) as progress:
        task = progress.add_task("", total=steps)
        files.country_atlas(
            store,
            country,
            target,
            lambda name: progress.update(task, advance=1, description=name),
            address,
        )
    say(f"Wrote {steps} maps and sheets to {target}.")
