"""The server: the dashboard and, beside it, the map files that the browser fetches once.

``hinterland app`` starts it. ``streamlit run`` would listen on a socket that holds small
answers back for 40 ms each; a page asks for more than a hundred.
"""

from __future__ import annotations

import gc
import importlib
import socket
from pathlib import Path

import streamlit as st
import uvicorn
from starlette.middleware import Middleware
from starlette.routing import Route
from starlette.types import ASGIApp
from streamlit.runtime.pages_manager import PagesManager
from streamlit.web.bootstrap import load_config_options

from pages._ui import theme
from pages._ui.programs import PAGE, TOOLS, first_programs, map_tools, program_files
from pipelines.serve import api, site
from pipelines.serve.base import Below, base_path
from pipelines.serve.packed import Packed
from pipelines.serve.shield import Shield, frame_ancestors
from pipelines.serve.web import ROUTES, EarlyModules

ROOT = Path(__file__).resolve().parents[2]
OPTIONS = {
    "browser.gatherUsageStats": False,
    "client.showErrorDetails": "none",
    "client.showErrorLinks": False,
    "client.toolbarMode": "viewer",
    "client.disableDataExport": True,
    # A page that shows the dashboard in a frame may look at it, not command it.
    "client.allowedOrigins": [],
    "logger.level": "error",
    # It collects after every rerun and holds Python's lock while it does; what a rerun leaves
    # behind is collected by count, as in any program.
    "runner.postScriptGC": False,
    "server.headless": True,
    "server.fileWatcherType": "none",
    "server.maxUploadSize": 20,
    **theme.OPTIONS,
}
# What the first page needs is imported before the first visitor comes.
EARLY_IMPORTS = (
    "pandas",
    "pydeck",
    "pages._ui.region_profile",
    "pages._ui.sheet_view",
    "pages._ui.downloads",
)
_STOP_SECONDS = 2


def application(host: str, port: int) -> ASGIApp:
    """Return the dashboard as an ASGI application, with this project's options set.

    Raises
    ------
    InputError
        The setting of who may show it in a frame, or of the path below which it is, is wrong.
    """
    ancestors, base = frame_ancestors(), base_path()
    options = OPTIONS | {"server.address": host, "server.port": port}
    load_config_options({name.replace(".", "_"): value for name, value in options.items()})
    # A folder named pages/ makes Streamlit guess its own navigation until app.py has run
    # once: the first visitor who follows a deep link would get a page without its frame.
    PagesManager.uses_pages_directory = False
    for name in EARLY_IMPORTS:
        importlib.import_module(name)
    # What is there now stays until the end: a collection need not look at it again.
    gc.collect()
    gc.freeze()
    # The tools of maps hide the frame of a brush: they are to be there before a chart is drawn.
    early = Middleware(EarlyModules, addresses=first_programs(), scripts=[TOOLS])
    routes = [*ROUTES, *api.ROUTES, *site.ROUTES, Route(TOOLS, map_tools)]
    script = ROOT / "app.py"
    pages = st.App(script, routes=routes, middleware=[early])
    # Outermost, so that the answer to a failure has the headers, too.
    packed = Packed(pages, program_files())
    shielded = Shield(packed, PAGE.read_text("utf-8"), ancestors, str(script))
    return Below(shielded, base) if base else shielded


def serve(listener: socket.socket, host: str, port: int) -> None:
    """Serve on a listening socket until a signal comes."""
    configuration = uvicorn.Config(
        application(host, port),
        host=host,
        port=port,
        lifespan="on",
        ws="websockets-sansio",
        # A changed filter: 298 KB become 98 on Remoteness for 19 ms of the server, 45 become 19
        # on Regions for none.
        ws_per_message_deflate=True,
        access_log=False,
        server_header=False,
        log_level="warning",
        timeout_graceful_shutdown=_STOP_SECONDS,
    )
    uvicorn.Server(configuration).run(sockets=[listener])
