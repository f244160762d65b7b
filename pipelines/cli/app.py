"""``hinterland app``."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines.cli.console import say
from pipelines.core import paths

_WORKERS_MOST = 64


def app(
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8501,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "localhost",
    base_path: Annotated[
        str,
        typer.Option(envvar="HINTERLAND_BASE_PATH", help="Path to serve below, like /hinterland."),
    ] = "",
    workers: Annotated[
        int,
        typer.Option(
            envvar="HINTERLAND_WORKERS",
            help="Processes behind the one address; each visitor stays with one.",
            min=1,
            max=_WORKERS_MOST,
        ),
    ] = 1,
    worker: Annotated[Path | None, typer.Option(hidden=True, help="Socket of a worker.")] = None,
) -> None:
    """Start the dashboard."""
    from pipelines.net.listening import listen
    from pipelines.serve import base
    from pipelines.serve.store import Store

    os.environ[base.SETTING] = base_path
    below = base.base_path()
    if worker:
        _work(worker, host, port)
        return
    Store.current()  # no database: say so here rather than in the browser
    with listen(host, port) as socket:
        say(f"Hinterland is served at http://{host}:{port}{below} (stop with Ctrl-C)")
        if workers == 1:
            _pages().serve(socket, host, port)
            return
        from pipelines.net.workers import run
        from pipelines.serve.shield import frame_ancestors, security_headers

        headers = security_headers(frame_ancestors())
        command = [sys.executable, "-m", "pipelines", "app", "--host", host, "--port", str(port)]
        run(socket, workers, [*command, "--worker"], below, headers, say)


def _work(path: Path, host: str, port: int) -> None:
    """Serve as one of several processes, on a socket that the front alone reaches."""
    from pipelines.net.workers import end_with_parent, listen_local

    end_with_parent()
    with listen_local(path) as socket:
        _pages().serve(socket, host, port)


def _pages() -> Any:
    sys.path[:0] = [str(paths.root())]  # from a wheel the pages lie in the package's bundle
    return importlib.import_module("pages._ui.server")
