"""What the pages *Place* and *Regions* offer on paper, their link and their citation."""

from __future__ import annotations

import pytest

from pipelines.serve.store import Store
from tests.app.test_place_page import opened


@pytest.mark.usefixtures("home")
def test_a_place_can_be_printed_linked_and_cited(store: Store) -> None:
    app = opened(region="DE733")
    labels = [b.proto.label for b in app.get("download_button")]
    assert labels == ["PDF to print", "Word (DOCX)"]
    link, text, bibtex = (c.value for c in app.code)
    assert link.endswith("/place?region=DE733")
    assert store.pointer.hash in text
    assert link in text
    assert bibtex.startswith("@misc{hinterland_")


@pytest.mark.usefixtures("home")
def test_a_selection_can_be_printed_linked_and_cited() -> None:
    app = opened("regions", country="Germany", level="NUTS 2")
    labels = [b.proto.label for b in app.get("download_button")]
    assert labels[-3:] == ["Map as PNG", "Map as SVG", "Selection as PDF"]
    assert "/regions?" in app.code[0].value
    assert "country=Germany" in app.code[0].value
