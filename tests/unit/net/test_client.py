"""Fetching against a publisher on this machine: every fault ends in one clear message.

After each fault the files that were there before are byte for byte the same, and no
half-written file stands under a final name.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipelines.core.errors import (
    ChecksumMismatch,
    ExtractionPending,
    ExtractionTooBig,
    HinterlandError,
    InputError,
    ResponseNotData,
    SchemaDrift,
    SourceUnavailable,
    SourceUnreadable,
    TargetUnwritable,
    UnknownCode,
)
from pipelines.core.registry import Source, path_in, read_registry
from pipelines.io import notes as fetched
from pipelines.net import eurostat_api, fetch, responses
from pipelines.net.address import bases
from pipelines.net.client import Client, Policy
from pipelines.serve import inventory
from tests.standin import made
from tests.standin.publisher import LAU_COUNTRIES, ROADS, SHARED, Publisher
from tests.where import ROOT

BIRTHS = "eurostat_demo_r_births"
pytestmark = [
    pytest.mark.shared,
    pytest.mark.enable_socket,
    pytest.mark.skipif(not SHARED.exists(), reason="../shared/data is not there"),
]


REGISTRY = read_registry(ROOT / "geodata" / "sources")


def declaration(name: str) -> Source:
    return REGISTRY[name]


#: Minutes of an extract are made here and not fetched.
FETCHED = sorted(
    name
    for name, source in REGISTRY.items()
    if source.kind == "fetched"
    and name != "openstreetmap_minutes"
    and not source.extra.get("on_request")
)


def get(client: Client, out: Path, *names: str, **changes: Any) -> list[fetch.FetchResult]:
    registry = {name: replace(declaration(name), **changes) for name in names or (BIRTHS,)}
    return fetch.fetch(out, registry=registry, client=client)


def published(path: str) -> bytes:
    """Return what the stand-in publishes for a declared path."""
    if path == "gisco/education_services.csv":
        return made.education_csv()
    if path.endswith(".zip"):
        return made.roads_shapefile(SHARED / "natural_earth" / ROADS)
    if path.endswith(".xlsx"):
        return made.lau_workbook(SHARED / "lau" / "lau_2019_sample.parquet", LAU_COUNTRIES)
    return (SHARED / path).read_bytes()


def tree(folder: Path) -> dict[str, str]:
    """Return every file below a folder with its hash."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_every_declared_source_comes_as_published(client: Client, tmp_path: Path) -> None:
    paths = {one.path for one in map(declaration, FETCHED) if "by_hand" not in one.extra}
    # Made before anybody waits for it.
    theirs = {path: published(path) for path in paths}
    results = {one.name: one for one in get(client, tmp_path, *FETCHED)}
    by_hand = {name for name, one in results.items() if one.status == "by hand"}
    assert by_hand == {name for name in FETCHED if "by_hand" in declaration(name).extra}
    for name in set(FETCHED) - by_hand:
        assert (name, results[name].status) == (name, "fetched"), results[name].message
        path = declaration(name).path
        ours, other = (tmp_path / path).read_bytes(), theirs[path]
        if path.endswith(".gz"):
            ours, other = gzip.decompress(ours), gzip.decompress(other)
        assert ours == other
        notes = json.loads((tmp_path / f"{path}.fetched.json").read_text())
        assert notes["sha256"] == hashlib.sha256((tmp_path / path).read_bytes()).hexdigest() or (
            path.endswith(".geojson.gz")
        )
        assert notes["retrieved"][:2] == "20"
    births = json.loads((tmp_path / "eurostat/demo_r_births.tsv.gz.fetched.json").read_text())
    assert births["last_update"] == "2024-03-18T23:00:00+0100"
    assert not [path for path in tmp_path.rglob(".*")]


LAU, EDUCATION, ROAD_LINES = "eurostat_lau_2019", "gisco_education", "natural_earth_roads"
CONTENT_FAULTS = {
    (LAU, "html"): (ResponseNotData, "web page"),
    (LAU, "other bytes"): (ResponseNotData, "xlsx expected"),
    (LAU, "half"): (SourceUnreadable, "not a zip archive, or cut off"),
    (ROAD_LINES, "html"): (ResponseNotData, "web page"),
    (ROAD_LINES, "other bytes"): (ResponseNotData, "zip expected"),
    (ROAD_LINES, "half"): (SourceUnreadable, "not a zip archive, or cut off"),
    (EDUCATION, "html"): (ResponseNotData, "web page"),
    (EDUCATION, "half"): (SourceUnreadable, "not UTF-8|cells found"),
    (EDUCATION, "no levels"): (SchemaDrift, r"missing columns .'levels'."),
}


@pytest.mark.parametrize(("name", "how"), list(CONTENT_FAULTS))
def test_no_fault_of_content_costs_the_old_copy(
    name: str, how: str, client: Client, publisher: Publisher, tmp_path: Path
) -> None:
    error, text = CONTENT_FAULTS[name, how]
    source = declaration(name)
    target = tmp_path / source.path
    target.parent.mkdir()
    target.write_bytes(b"the old copy")
    published(source.path)
    where = {LAU: "/documents/", EDUCATION: "/education/", ROAD_LINES: "/cultural/"}
    publisher.fail(where[name], how)
    (result,) = get(client, tmp_path, name)
    assert type(result.error) is error
    assert re.search(text, result.message), result.message
    assert target.read_bytes() == b"the old copy"
    assert len(publisher.requests) == 1


def test_an_extract_of_the_list_at_hand_is_found(client: Client, tmp_path: Path) -> None:
    source = declaration(LAU)
    assert path_in(source, SHARED) == SHARED / "lau" / "lau_2019_sample.parquet"
    (tmp_path / "lau").mkdir()
    (tmp_path / source.also[0]).write_bytes(b"by hand")
    (kept,) = inventory.inventory(tmp_path, {LAU: source})
    assert (kept.is_there, kept.path.name) == (True, "lau_2019_sample.parquet")
    published(source.path)
    assert get(client, tmp_path, LAU)[0].status == "fetched"
    assert path_in(source, tmp_path) == tmp_path / source.path


def test_only_what_is_used_is_asked_for(
    client: Client, publisher: Publisher, tmp_path: Path
) -> None:
    get(client, tmp_path, "eurostat_demo_r_pjanind3")
    (path,) = [one for one, _ in publisher.requests if "/data/" in one]
    assert path == (
        "/eurostat/sdmx/2.1/data/demo_r_pjanind3/A.DEPRATIO1+MEDAGEPOP+OLDDEP1+PC_Y0_14+PC_Y65_MAX"
        "+PC_Y80_MAX+PC_Y20_39+PC_FM+YOUNGDEP1..?format=TSV&compressed=true&startPeriod=2014"
    )
    assert publisher.asked("/data/")[0]["User-Agent"].startswith("hinterland/")


def test_at_most_two_requests_at_once(client: Client, publisher: Publisher, tmp_path: Path) -> None:
    get(client, tmp_path, *[name for name in FETCHED if name.startswith("eurostat_d")])
    assert publisher.most_at_once <= 2
    assert len(publisher.asked("/data/")) == 6


FAULTS: dict[str, tuple[type[HinterlandError], str]] = {
    "500": (SourceUnavailable, r"status 500 \(4 tries\).*Try `hinterland fetch` again later"),
    "503": (SourceUnavailable, r"status 503 \(4 tries\)"),
    "403": (SourceUnavailable, r"status 403.*compare geodata/sources"),
    "413": (ExtractionTooBig, r"refuses the query as too large \(EXTRACTION_TOO_BIG.*Narrow its"),
    "413 in 200": (ExtractionTooBig, r"EXTRACTION_TOO_BIG.*trying again does not help"),
    "queued for ever": (ExtractionPending, r"still prepares the answer.*after 6 looks.*in an hour"),
    "queued then expired": (SourceUnavailable, r"ended as EXPIRED.*ask anew"),
    "slow": (SourceUnavailable, r"no answer|broke off"),
    "cut": (SourceUnavailable, r"broke off after [\d,]+ bytes \(4 tries\)"),
    "html": (ResponseNotData, r"web page \(Scheduled maintenance\), not with data"),
    "html as tsv": (ResponseNotData, r"web page \(Scheduled maintenance\)"),
    "other bytes": (ResponseNotData, r"tsv expected.*begins with b'.x89PNG"),
    "empty": (ResponseNotData, "the answer is empty"),
    "changed header": (SchemaDrift, r"new: \['sex'\].*The answer was not kept"),
    "dropped column": (SchemaDrift, r"years \[1994\] are left out.*The answer was not kept"),
    "new flag": (
        UnknownCode,
        r"row 6, column 1992: flag 'q' found in cell '12 q'.*The answer was not kept",
    ),
    "duplicate keys": (SourceUnreadable, r"rows \[5, 6\] hold the same key"),
    "no rows": (SourceUnreadable, "a header and no rows"),
    "away to https://example.org/x": (SourceUnavailable, r"https://example.org/x: not asked"),
    "away to http://ec.europa.eu/x": (SourceUnavailable, r"http://ec.europa.eu/x: not asked"),
    "away to file:///etc/passwd": (SourceUnavailable, r"file:///etc/passwd: not asked"),
}


@pytest.mark.parametrize("how", list(FAULTS))
def test_a_fault_is_told_and_nothing_is_lost(
    how: str, client: Client, publisher: Publisher, tmp_path: Path
) -> None:
    error, text = FAULTS[how]
    get(client, tmp_path)
    before = tree(tmp_path)
    # The publisher has something newer, so that the copy at hand is not simply confirmed.
    target = tmp_path / "eurostat" / "demo_r_births.tsv.gz"
    notes = fetched.read_notes(target)
    fetched.write_notes(target, replace(notes, etag='"old"', retrieved="2026-01-01T00:00:00+00:00"))
    before = tree(tmp_path)
    publisher.fail("/data/demo_r_births", how)
    (result,) = get(client, tmp_path)
    assert result.status == "failed"
    assert type(result.error) is error
    assert re.search(text, result.message), result.message
    assert "\n" not in result.message
    assert "days ago" in result.message
    assert "stays in use" in result.message
    after = {name: mark for name, mark in tree(tmp_path).items() if ".part" not in name}
    assert after == before
    kept = declaration(BIRTHS)
    fetch._judge([kept], target)


@pytest.mark.parametrize("how", list(FAULTS))
def test_a_fault_without_an_old_copy_leaves_no_file(
    how: str, client: Client, publisher: Publisher, tmp_path: Path
) -> None:
    publisher.fail("/data/demo_r_births", how)
    (result,) = get(client, tmp_path)
    assert result.status == "failed"
    assert "No copy of it is there yet" in result.message
    assert not (tmp_path / "eurostat" / "demo_r_births.tsv.gz").exists()


def test_one_failure_does_not_stop_the_others(
    client: Client, publisher: Publisher, tmp_path: Path
) -> None:
    publisher.fail("/data/demo_r_births", "html")
    births, deaths = get(client, tmp_path, BIRTHS, "eurostat_demo_r_deaths")
    assert (births.status, deaths.status) == ("failed", "fetched")


def test_wrong_hash_is_refused(client: Client, tmp_path: Path) -> None:
    (result,) = get(client, tmp_path, sha256="0" * 64)
    assert type(result.error) is ChecksumMismatch
    assert "pinned is 0000" in result.message
    assert tree(tmp_path) == {}
    real = hashlib.sha256((SHARED / "eurostat/demo_r_births.tsv.gz").read_bytes()).hexdigest()
    assert get(client, tmp_path, sha256=real)[0].status == "fetched"


def test_too_many_bytes_are_refused(client: Client, tmp_path: Path) -> None:
    extra = declaration(BIRTHS).extra | {"max_bytes": 50_000}
    (result,) = get(client, tmp_path, extra=extra)
    assert type(result.error) is ExtractionTooBig
    assert "larger than 50,000 bytes" in result.message
    assert tree(tmp_path) == {}


@pytest.mark.parametrize("how", ["500", "503", "slow", "cut"])
def test_a_passing_fault_is_outlived(
    how: str, client: Client, publisher: Publisher, waits: list[float], tmp_path: Path
) -> None:
    publisher.fail("/data/demo_r_births", how, times=2)
    (result,) = get(client, tmp_path)
    assert result.status == "fetched", result.message
    assert len(waits) == 2
    if how == "503":
        assert waits == [7.0, 7.0]  # the publisher's Retry-After
    else:
        assert 2 <= waits[0] <= 4 <= waits[1] <= 8


@pytest.mark.parametrize("how", ["413", "html", "403", "new flag"])
def test_what_will_not_change_is_not_asked_again(
    how: str, client: Client, publisher: Publisher, waits: list[float], tmp_path: Path
) -> None:
    publisher.fail("/data/demo_r_births", how)
    get(client, tmp_path)
    assert len(publisher.asked("/data/demo_r_births")) == 1
    assert waits == []


def test_a_cut_body_is_resumed(client: Client, publisher: Publisher, tmp_path: Path) -> None:
    publisher.fail("/data/demo_r_births", "cut", times=1)
    assert get(client, tmp_path)[0].status == "fetched"
    first, second = publisher.asked("/data/demo_r_births")
    size = (SHARED / "eurostat/demo_r_births.tsv.gz").stat().st_size
    assert "Range" not in first
    assert 0 < int(second["Range"].removeprefix("bytes=").rstrip("-")) <= size // 2
    assert (tmp_path / "eurostat/demo_r_births.tsv.gz").read_bytes() == (
        SHARED / "eurostat/demo_r_births.tsv.gz"
    ).read_bytes()


def test_a_later_run_resumes(client: Client, publisher: Publisher, tmp_path: Path) -> None:
    publisher.fail("/data/demo_r_births", "cut", times=4)
    assert get(client, tmp_path)[0].status == "failed"
    assert get(client, tmp_path)[0].status == "fetched"
    assert "Range" in publisher.asked("/data/demo_r_births")[-1]


def test_a_changed_file_is_not_joined_to_an_old_half(
    client: Client, publisher: Publisher, tmp_path: Path
) -> None:
    publisher.fail("/data/demo_r_births", "cut", times=4)
    get(client, tmp_path)
    part = tmp_path / "eurostat" / ".demo_r_births.tsv.gz.part"
    notes = json.loads(Path(f"{part}.json").read_text())
    Path(f"{part}.json").write_text(json.dumps(notes | {"etag": '"another"'}))
    part.write_bytes(b"half of another file")
    assert get(client, tmp_path)[0].status == "fetched"


def test_an_asynchronous_answer_is_waited_for(
    client: Client, publisher: Publisher, waits: list[float], tmp_path: Path
) -> None:
    publisher.fail("/data/demo_r_births", "queued", times=1)
    assert get(client, tmp_path)[0].status == "fetched"
    assert len(publisher.asked("/async/status/")) == 3
    assert len(publisher.asked("/async/data/")) == 1
    assert waits == pytest.approx([3.0, 4.5])


def test_nothing_newer_is_not_brought_again(
    client: Client, publisher: Publisher, tmp_path: Path
) -> None:
    get(client, tmp_path)
    before = tree(tmp_path)
    (result,) = get(client, tmp_path)
    assert result.status == "unchanged"
    assert tree(tmp_path) == before


def test_the_inventory_tells_age_and_vintage(client: Client, tmp_path: Path) -> None:
    names = (BIRTHS, "jrc_nuts_2021_2024")
    registry = {name: declaration(name) for name in names}
    get(client, tmp_path)
    (tmp_path / "jrc").mkdir()
    (tmp_path / "jrc/n3_cm_v2021_v2024.csv").write_bytes(b"by hand")
    births, jrc = inventory.inventory(tmp_path, registry)
    assert (births.is_there, births.last_update[:10]) == (True, "2024-03-18")
    assert 0 <= births.age_days < 0.01
    assert (jrc.is_there, jrc.retrieved, jrc.age_days) == (True, "", None)
    assert not inventory.inventory(tmp_path / "empty", registry)[0].is_there


def test_progress_ends_at_the_size(client: Client, tmp_path: Path) -> None:
    seen: list[tuple[str, int, int | None]] = []
    fetch.fetch(
        tmp_path,
        progress=lambda *step: seen.append(step),
        registry={BIRTHS: declaration(BIRTHS)},
        client=client,
    )
    size = (SHARED / "eurostat/demo_r_births.tsv.gz").stat().st_size
    assert seen[-1] == (BIRTHS, size, size)
    assert [done for _, done, _ in seen] == sorted(done for _, done, _ in seen)


def test_an_unknown_name_is_refused(client: Client, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"--only nonsense: no such .* There are: eurostat_demo"):
        fetch.fetch(tmp_path, ["nonsense"], registry={BIRTHS: declaration(BIRTHS)}, client=client)


def test_a_folder_that_cannot_be_written(client: Client, tmp_path: Path) -> None:
    (tmp_path / "eurostat").write_text("a file where the folder should be")
    (result,) = get(client, tmp_path)
    assert type(result.error) is TargetUnwritable
    assert "choose another folder with --out" in result.message


@pytest.mark.parametrize(
    ("address", "is_fine"),
    [
        ("https://mirror.example.org/eurostat", True),
        ("http://127.0.0.1:8000/x", True),
        ("http://localhost:8000", True),
        ("http://[::1]:8000", True),
        ("http://ec.europa.eu/eurostat", False),
        ("http://127.0.0.1.example.org/", False),
        ("ftp://127.0.0.1/", False),
        ("file:///etc", False),
        ("ec.europa.eu", False),
    ],
)
def test_base_addresses(address: str, is_fine: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HINTERLAND_EUROSTAT_URL", address)
    if is_fine:
        assert bases()["eurostat"] == address.rstrip("/")
    else:
        with pytest.raises(InputError, match="HINTERLAND_EUROSTAT_URL"):
            bases()


def test_a_long_retry_after_is_told_not_slept(
    publisher: Publisher, waits: list[float], tmp_path: Path
) -> None:
    publisher.fail("/data/demo_r_births", "503")
    (result,) = get(Client(Policy(longest_wait_s=5), sleep=waits.append), tmp_path)
    assert "asks to wait 7 seconds" in result.message
    assert waits == []


def test_the_last_update_is_eurostats_own(client: Client) -> None:
    assert eurostat_api.last_update(client, "demo_r_births") == "2024-03-18T23:00:00+0100"


class Structures:
    """What of the package `eurostat` a declaration is compared with."""

    def __init__(self, pars: list[str], values: list[str]) -> None:
        self.pars, self.values = pars, values

    def get_pars(self, code: str) -> list[str]:
        assert code == "demo_r_pjanind3"
        return self.pars

    def get_par_values(self, _code: str, par: str) -> list[str]:
        return ["A"] if par == "freq" else self.values


def test_a_declaration_is_compared_with_the_publishers_structure() -> None:
    declared = declaration("eurostat_demo_r_pjanind3")
    codes = declared.extra["filters"]["codes"]["indic_de"]
    pars = ["freq", "indic_de", "unit", "geo"]
    assert list(eurostat_api.differences(declared, Structures(pars, codes))) == []
    told = list(eurostat_api.differences(declared, Structures(pars[::-1], codes[1:])))
    assert len(told) == 2
    assert "dimensions are ['geo', 'unit', 'indic_de', 'freq']" in told[0]
    assert told[1].endswith(f"indic_de has no {codes[0]}")


def test_the_package_has_the_functions_that_are_used() -> None:
    import inspect

    import eurostat

    assert list(inspect.signature(eurostat.get_pars).parameters) == ["code"]
    assert list(inspect.signature(eurostat.get_par_values).parameters) == ["code", "par"]


def test_no_date_is_no_failure(client: Client, publisher: Publisher, tmp_path: Path) -> None:
    publisher.fail("/dataflow/", "403")
    (result,) = get(client, tmp_path)
    assert result.status == "fetched"
    assert fetched.read_notes(result.path).last_update == ""


def test_entities_are_not_expanded() -> None:
    body = (
        b'<!DOCTYPE x [<!ENTITY a "b">]><e:Envelope xmlns:e="u"><e:Body>&a;</e:Body></e:Envelope>'
    )
    with pytest.raises(ResponseNotData):
        responses.extraction_state(body)


def test_threads_share_a_client(client: Client, tmp_path: Path) -> None:
    results: list[str] = []
    jobs = [
        threading.Thread(
            target=lambda at=at: results.append(get(client, tmp_path / str(at))[0].status)
        )
        for at in range(4)
    ]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()
    assert results == ["fetched"] * 4
