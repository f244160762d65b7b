"""Nothing that a visitor or an address brings is read as Markdown, on any page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui.directory import PAGES
from pages._ui.texts import ECHO_MOST
from tests.where import ROOT

PAYLOAD = (
    "![x](http://127.0.0.1:8635/track.png) **Maintenance**: [log in again]"
    "(http://127.0.0.1:8635/login)"
)
# Every name that an address can hold, whether a page knows it or not.
NAMES = (
    "region town case place within country level measure method change density people size trend "
    "view step edition limit share least service minutes by_settlements by_regions table concept "
    "like_method close nuts webb cause role rank fragile kind type capital focal document "
    "regions towns lang"
).split()
MARKDOWN = ("markdown", "caption", "header", "subheader", "info", "warning", "error", "success")
# A mark that Markdown would read, an address that would become a link, or a text too long.
UNREAD = re.compile(r"(?<!\\)\[x|(?<!\\)\*\*Maintenance|://127|/login")


def drawn(page: str, **address: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    app.switch_page(page).run()
    assert not app.exception, app.exception[0].message
    return app


def spoken(app: AppTest) -> list[str]:
    return [str(element.value) for kind in MARKDOWN for element in app.get(kind)]


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("page", [entry.path for entry in PAGES])
def test_no_part_of_an_address_is_read_as_markdown(page: str) -> None:
    app = drawn(page, **dict.fromkeys(NAMES, PAYLOAD))
    for text in spoken(app):
        assert not UNREAD.search(text), text


@pytest.mark.parametrize(
    ("page", "name", "words"),
    [
        ("pages/regions.py", "region", "There is no region with the code"),
        ("pages/towns.py", "town", "There is no settlement with the GeoNames id"),
        ("pages/towns.py", "within", "There is no region with the code"),
        ("pages/small_towns.py", "town", "There is no settlement with the GeoNames id"),
        ("pages/remoteness.py", "town", "There is no settlement with the GeoNames id"),
        ("pages/what_fits.py", "town", "There is no settlement with the GeoNames id"),
        ("pages/social_places.py", "place", "There is no entry"),
    ],
)
@pytest.mark.usefixtures("home")
def test_a_refused_id_is_shown_cut_and_escaped(page: str, name: str, words: str) -> None:
    message = next(w.value for w in drawn(page, **{name: PAYLOAD}).warning if words in w.value)
    assert not UNREAD.search(message)
    shown = re.sub(r"[\\\u200b]", "", message)
    assert len(shown) <= len(words) + ECHO_MOST + 5
    assert "…" in shown


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("page", "key"),
    [
        ("pages/regions.py", "region_search"),
        ("pages/towns.py", "town_search"),
        ("pages/small_towns.py", "town_search"),
        ("pages/what_fits.py", "town_search"),
    ],
)
def test_a_search_without_a_hit_is_shown_cut_and_escaped(page: str, key: str) -> None:
    app = drawn(page)
    app.text_input(key=key).set_value(PAYLOAD).run()
    message = next(i.value for i in app.info if "Nothing is called" in i.value)
    assert not UNREAD.search(message)
    assert "…" in message


def test_the_region_of_the_shrinking_page(full_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HINTERLAND_HOME", str(full_home))
    app = drawn("pages/shrinking.py", **dict.fromkeys(NAMES, PAYLOAD))
    assert any("There is no region with the code" in w.value for w in app.warning)
    for text in spoken(app):
        assert not UNREAD.search(text), text


@pytest.mark.usefixtures("home")
def test_names_and_rows_of_files_are_shown_cut_and_escaped() -> None:
    app = drawn("pages/services.py")
    app.selectbox(key="service").set_value("own").run()
    rows = f"id,lon,lat\n{PAYLOAD},9,50\n{PAYLOAD},9,50\n".encode()
    app.file_uploader(key="facilities").set_value((f"{PAYLOAD[:30]}.csv", rows, "text/csv")).run()
    assert app.error
    for text in spoken(app):
        assert not UNREAD.search(text), text
