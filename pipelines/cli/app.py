"""``hinterland app``."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Annotated

import typer

from pipelines.cli.console import say
from pipelines.core import paths


def app(
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8501,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "localhost",
    base_path: Annotated[
        str,
        typer.Option(envvar="HINTERLAND_BASE_PATH", help="Path to serve below, like /hinterland."),
    ] = "",
) -> None:
    """Start the dashboard."""
    from pipelines.net.listening import listen
    from pipelines.serve import base
    from pipelines.serve.store import Store

    os.environ[base.SETTING] = base_path
    below = base.base_path()
    Store.current()  # no database: say so here rather than in the browser
    with listen(host, port) as socket:
        say(f"Hinterland is served at http://{host}:{port}{below} (stop with Ctrl-C)")
        sys.path[:0] = [str(paths.root())]  # from a wheel the pages lie in the package's bundle
        importlib.import_module("pages._ui.server").serve(socket, host, port)
