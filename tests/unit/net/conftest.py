"""A publisher on this machine and a client that asks it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pipelines.net.client import Client, Policy
from tests.standin.publisher import Publisher


@pytest.fixture
def publisher(monkeypatch: pytest.MonkeyPatch) -> Iterator[Publisher]:
    with Publisher() as server:
        monkeypatch.setenv("HINTERLAND_EUROSTAT_URL", server.eurostat)
        monkeypatch.setenv("HINTERLAND_GISCO_URL", server.gisco)
        monkeypatch.setenv("HINTERLAND_NATURAL_EARTH_URL", server.natural_earth)
        yield server


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def client(publisher: Publisher, waits: list[float]) -> Client:
    return Client(Policy(read_s=0.4, polls=6), sleep=waits.append)
