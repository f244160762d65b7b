"""``hinterland brief``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.console import say


def brief(
    place: Annotated[
        str, typer.Argument(help="NUTS code of 2021, GeoNames id or name.", show_default=False)
    ],
    target: Annotated[Path, typer.Option("-o", "--output", help="File: .pdf or .docx.")],
    language: Annotated[str, typer.Option("--lang", help="Language, such as de.")] = "en",
    address: Annotated[
        str, typer.Option(help="Address of your dashboard, for the link on the sheet.")
    ] = "",
) -> None:
    """Write the sheet of a region or town for print: map, figures, charts, sources."""
    from pipelines.paper import files
    from pipelines.serve import search
    from pipelines.serve.store import Store

    store = Store.current()
    files.speak(language)
    made = files.brief(store, search.code_of(store, place), target, address)
    say(f"Wrote the sheet of {made.place.name} ({made.place.id}) to {target}.")
