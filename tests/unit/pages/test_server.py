"""How the dashboard is served: the socket, the page's head, Streamlit's options."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from pages._ui.programs import FIRST, first_programs
from pipelines.core.errors import InputError
from pipelines.net.listening import listen
from pipelines.serve.web import EarlyModules


def test_small_answers_are_not_held_back() -> None:
    with listen("localhost", 0) as listener:
        assert listener.family == socket.AF_INET
        with socket.create_connection(listener.getsockname()) as _, listener.accept()[0] as inside:
            assert inside.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_host_of_another_machine_is_said_in_words() -> None:
    with pytest.raises(InputError, match=r"--host 203\.0\.113\.9 --port 8501: .+ Choose another"):
        listen("203.0.113.9", 8501)


def answer_of(content_type: str, addresses: list[str]) -> dict[str, str]:
    """Return the headers that the middleware lets through."""
    sent: list[dict[str, Any]] = []

    async def page(_scope: Any, _receive: Any, send: Any) -> None:
        head = [(b"content-type", content_type.encode())]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": b""})

    async def keep(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(EarlyModules(page, addresses)({"type": "http"}, None, keep))  # type: ignore[arg-type]
    return {name.decode(): value.decode() for name, value in sent[0]["headers"]}


def test_only_pages_name_the_programs_they_will_need() -> None:
    assert answer_of("text/html; charset=utf-8", ["/a.js", "/b.js"])["link"] == (
        "</a.js>; rel=modulepreload, </b.js>; rel=modulepreload"
    )
    assert "link" not in answer_of("application/json", ["/a.js"])
    assert "link" not in answer_of("text/html", [])


def test_the_first_programs_are_found_in_this_streamlit() -> None:
    names = first_programs()
    assert "/DeckGlJsonChart." in names[0]
    for kind in FIRST:
        assert sum(f"/{kind}." in name for name in names) == 1, kind
    assert len(names) == len(set(names)) > 20
