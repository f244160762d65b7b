"""A publisher that answers what none should: nothing wrong is kept, and each is told in words."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import time
from pathlib import Path

import pytest
import requests

from pipelines.core.errors import ResponseNotData, SourceUnavailable
from pipelines.io import notes as fetched
from pipelines.net import fetch, headers, pace
from pipelines.net.address import Allowed, canonical
from pipelines.net.client import Client, Policy
from pipelines.net.pace import Pace, TooSlow
from tests.standin.publisher import SHARED, Publisher
from tests.unit.net.test_client import BIRTHS, declaration, get, published, tree

DEATHS, HOSPITALS = "eurostat_demo_r_deaths", "gisco_healthcare"
pytestmark = [
    pytest.mark.shared,
    pytest.mark.enable_socket,
    pytest.mark.skipif(not SHARED.exists(), reason="../shared/data is not there"),
]
TARGET = "eurostat/demo_r_births.tsv.gz"

ODD = {
    r"away to https://127.0.0.2:8639\@ec.europa.eu/x": "not asked, a backslash",
    "away to https://ec.europa.eu@127.0.0.2/x": "not asked, a user's name in it",
    "away to https://ec.europa.eu:8443/x": r"allowed are .*https://ec\.europa\.eu:443",
    "away to http://[": "which is no address",
    "away to https://[::1": "which is no address",
    "away to https://ec.europa.eu\x7f/": "not asked, .*control character",
    "304": "no copy is at hand",
    "a part": r"a part of another version \(4 tries\)",
    "length of 5,000 digits": "Content-Length is '9+', a number is expected",
    "length in other digits": "Content-Length is '²'",
    "brotli": "Content-Encoding is 'br'; known are deflate, gzip",
    "escapes": "status 403 No .*data",
    "escapes in 200": "reports a fault",
    "nested": "status 403",
    "status nobody knows": "status 999",
    "busy until \xb2": r"status 503 \(4 tries\)",
    "busy until Sun, 06 Nov 1994 08:49:37 -0000": r"status 503 \(4 tries\)",
    "busy until Sun, 06 Nov 999999999999999999 08:49:37 GMT": r"status 503 \(4 tries\)",
    "busy until " + "9" * 5000: r"status 503 \(4 tries\)",
}


@pytest.mark.parametrize("how", list(ODD), ids=lambda how: how[:40])
def test_an_odd_answer_is_told_and_the_others_come(
    how: str, client: Client, publisher: Publisher, tmp_path: Path
) -> None:
    publisher.fail("/data/demo_r_births", how)
    births, deaths = get(client, tmp_path, BIRTHS, DEATHS)
    assert births.status == "failed"
    assert re.search(ODD[how], births.message), births.message
    assert "\x1b" not in births.message
    assert births.message.isprintable()
    assert deaths.status == "fetched", deaths.message
    assert not (tmp_path / TARGET).exists()


def test_whatever_a_library_raises_the_others_come(
    client: Client, publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = client.download

    def broken(wanted: fetched.FileRequest, *rest: object) -> object:
        if "births" in wanted.url:
            raise OverflowError("date value out of range \x1b[2J")
        return held(wanted, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(client, "download", broken)
    births, deaths = get(client, tmp_path, BIRTHS, DEATHS)
    assert "OverflowError: date value out of range" in births.message
    assert births.message.isprintable()
    assert deaths.status == "fetched"
    assert "1 of 2 sources failed" in str(fetch.failures([births, deaths]))


@pytest.mark.parametrize(
    "address",
    [
        "https://127.0.0.2:8639\\@ec.europa.eu/x",
        "https://ec.europa.eu\\@127.0.0.2/x",
        "https://user@ec.europa.eu/",
        "https://ec.europa.eu:8443/",
        "https://ec.europa.eu.example.org/",
        "https://ec.europa.eu%2f@example.org/",
        "https://ec.europa.eu%00.example.org/",
        "https://ec.europa.eu./",
        "http://ec.europa.eu/",
        "https:ec.europa.eu/x",
        "https:///ec.europa.eu/x",
        "//ec.europa.eu/x",
        "https://ec.europa.eu\t/",
        "https://ec.europa.eu:99999/",
        "https://ec.europa.eu:x/",
        "https://[::1]/",
        "file:///etc/passwd",
        "",
    ],
)
def test_an_address_off_the_list_is_not_asked(address: str) -> None:
    with pytest.raises(SourceUnavailable, match="not asked"):
        Allowed(frozenset({"ec.europa.eu"}), {}).judge(address)


@pytest.mark.parametrize(
    "address",
    ["https://ec.europa.eu/a@b/c?d=e+f", "HTTPS://EC.Europa.eu:443/a", "https://ec.europa.eu"],
)
def test_what_is_judged_is_what_is_connected_to(address: str) -> None:
    sent = Allowed(frozenset({"ec.europa.eu"}), {}).judge(address)
    prepared = requests.Request("GET", sent).prepare()
    assert canonical(str(prepared.url))[1] == ("https", "ec.europa.eu", 443)


def test_a_base_with_a_port_allows_that_port_alone() -> None:
    allowed = Allowed(frozenset(), {"gisco": "https://mirror.example.org:8443/gisco"})
    assert allowed.judge("https://mirror.example.org:8443/x")
    with pytest.raises(SourceUnavailable, match=r"mirror\.example\.org:8443"):
        allowed.judge("https://mirror.example.org/x")


@pytest.mark.parametrize("how", ["other version", "other total"])
def test_two_versions_are_never_joined(
    how: str, client: Client, publisher: Publisher, tmp_path: Path
) -> None:
    publisher.fail("/data/demo_r_births", "cut", times=1)
    publisher.fail("/data/demo_r_births", how, times=1)
    (result,) = get(client, tmp_path)
    assert result.status == "fetched", result.message
    first, second, third = publisher.asked("/data/demo_r_births")
    assert "Range" not in first
    assert "Range" in second
    assert "Range" not in third  # from the start
    assert (tmp_path / TARGET).read_bytes() == (SHARED / TARGET).read_bytes()


def test_a_copy_that_was_damaged_is_not_confirmed(
    client: Client, publisher: Publisher, tmp_path: Path
) -> None:
    get(client, tmp_path)
    (tmp_path / TARGET).write_bytes(b"half")
    assert get(client, tmp_path)[0].status == "fetched"
    assert (tmp_path / TARGET).read_bytes() == (SHARED / TARGET).read_bytes()


def test_a_body_packed_for_the_way_is_unpacked_and_never_resumed(
    client: Client, publisher: Publisher, tmp_path: Path
) -> None:
    publisher.fail("/healthcare/", "gzip on the way")
    (result,) = get(client, tmp_path, HOSPITALS)
    assert result.status == "fetched", result.message
    path = declaration(HOSPITALS).path
    assert (tmp_path / path).read_bytes() == published(path)


@pytest.mark.parametrize(("how", "text"), [("drip", "at least"), ("drip headers", "no answer")])
def test_a_drip_comes_to_an_end(how: str, text: str, publisher: Publisher, tmp_path: Path) -> None:
    publisher.fail("/data/demo_r_births", how)
    policy = Policy(attempts=2, window_s=0.5, longest_headers_s=0.5)
    started = time.monotonic()
    (result,) = get(Client(policy, sleep=lambda _: None), tmp_path)
    assert time.monotonic() - started < 6
    assert result.status == "failed"
    assert text in result.message, result.message


def test_a_slow_answer_has_a_last_moment(publisher: Publisher, tmp_path: Path) -> None:
    publisher.fail("/data/demo_r_births", "drip")
    (result,) = get(Client(Policy(longest_answer_s=0.5)), tmp_path)
    assert "not complete after 0 seconds" in result.message
    assert len(publisher.asked("/data/demo_r_births")) == 1


def test_the_floor_is_judged_by_the_minute() -> None:
    now = [0.0]
    speed = Pace("https://x/", clock=lambda: now[0])
    for second in range(1, 181):
        now[0] = second
        speed.add(pace.FLOOR_BYTES_A_MINUTE // 60)
    now[0] += 60
    with pytest.raises(TooSlow, match=r"at least 60,000 are expected"):
        speed.add(pace.FLOOR_BYTES_A_MINUTE - 1)


def test_a_hole_of_nul_is_refused(client: Client, publisher: Publisher, tmp_path: Path) -> None:
    publisher.fail("/healthcare/", "nul")
    (result,) = get(client, tmp_path, HOSPITALS)
    assert type(result.error) is ResponseNotData
    assert re.search(r"a NUL at byte [\d,]+, csv holds none", result.message), result.message
    assert tree(tmp_path) == {}


def test_a_file_cut_at_a_line_end_is_noticed(
    client: Client, publisher: Publisher, tmp_path: Path
) -> None:
    """The publisher announces more than comes, and every line that came is whole."""
    publisher.fail("/healthcare/", "cut at a line")
    (result,) = get(client, tmp_path, HOSPITALS)
    assert result.status == "failed"
    assert "broke off after" in result.message
    assert not (tmp_path / declaration(HOSPITALS).path).exists()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("7", 7.0), ("", None), ("²", None), ("-5", None), ("9" * 16, None), ("soon", None)],
)
def test_the_publishers_wish_to_wait(text: str, seconds: float | None) -> None:
    assert headers.retry_after({"Retry-After": text}) == seconds


def test_notes_that_are_garbled_are_no_notes(tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    target.write_bytes(b"x")
    good = fetched.Fetched("https://x/", "2026-01-01T00:00:00+00:00", "0" * 64, 1)
    fetched.write_notes(target, good)
    assert fetched.read_notes(target) == good
    text = fetched.sidecar(target).read_text()
    for old, new in (
        ("2026-01-01T00:00:00+00:00", "yesterday"),
        ('"bytes": 1', '"bytes": "1"'),
        ('"https://x/"', "null"),
        ('"https://x/"', "[" * 10_000),
        ("{", ""),
    ):
        assert old in text
        fetched.sidecar(target).write_text(text.replace(old, new))
        assert fetched.read_notes(target) is None, new
    # A date without a zone is one of UTC, as all are that are written here.
    fetched.sidecar(target).write_text(text.replace("+00:00", ""))
    assert fetched.age_days(fetched.read_notes(target)) > 0  # type: ignore[arg-type]


def test_no_thread_is_left_of_a_watched_answer(
    client: Client, publisher: Publisher, tmp_path: Path
) -> None:
    get(client, tmp_path)
    time.sleep(0.1)
    assert not [one for one in threading.enumerate() if isinstance(one, threading.Timer)]


@pytest.mark.parametrize("first", [b"", b"\x16\x03\x03\x40\x00"], ids=["stall", "drip"])
def test_a_handshake_without_end_comes_to_one(first: bytes) -> None:
    """Python's TLS counts its time from the first byte on, so the connect timeout covers both.

    The server says nothing, or announces a record of 16 384 bytes and sends one each 50 ms.
    """
    is_over = threading.Event()

    def drip() -> None:
        line, _ = server.accept()
        with line, contextlib.suppress(OSError):
            line.recv(4096)
            line.sendall(first)
            while not is_over.wait(0.05):
                if first:
                    line.sendall(b"\x02")

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=drip, daemon=True).start()
        url = f"https://127.0.0.1:{server.getsockname()[1]}/"
        started = time.monotonic()
        with pytest.raises(requests.exceptions.Timeout):
            pace.session("test", 60).get(url, timeout=(0.5, 60), stream=True)
        assert 0.4 < time.monotonic() - started < 5
        is_over.set()
