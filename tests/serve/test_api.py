"""Addresses of tables: the rows that were asked for, what describes them, what is refused."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from pipelines.core.errors import HinterlandError
from pipelines.serve import api, export
from pipelines.serve.address_query import read_query
from pipelines.serve.store import Store

APP = Starlette(routes=api.ROUTES)


class Answer:
    def __init__(self, messages: list[dict[str, Any]]) -> None:
        self.status = messages[0]["status"]
        self.headers = {k.decode(): v.decode() for k, v in messages[0]["headers"]}
        self.body = b"".join(m.get("body", b"") for m in messages[1:])

    @property
    def content(self) -> Any:
        return json.loads(self.body)

    def rows(self) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.body.decode("utf-8-sig"))))


def ask(path: str, query: str = "", headers: dict[str, str] | None = None) -> Answer:
    messages: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        messages.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    scope = {
        "type": "http",
        "method": "GET",
        "path": f"/api{path}",
        "query_string": quote(query, safe="=&,.%-_").encode(),
        "headers": [(k.encode(), v.encode()) for k, v in (headers or {}).items()],
    }
    asyncio.run(APP(scope, receive, send))
    return Answer(messages)


@pytest.fixture(autouse=True)
def _home(built_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HINTERLAND_HOME", str(built_home))


def test_the_index_names_every_table(store: Store) -> None:
    content = ask("").content
    assert [t["name"] for t in content["tables"]] == export.mart_names(store)
    forms = {t["name"]: set(t["data"]) for t in content["tables"]}
    assert forms["regions"] == {"csv", "parquet", "json", "geojson"}
    assert "geojson" not in forms["thresholds"]


def test_rows_of_a_country_and_level_in_the_order_asked_for() -> None:
    rows = ask("/regions.csv", "country=AT&level=1&columns=name,nuts_id&sort=-nuts_id").rows()
    # Austria's NUTS 1: east, south, west.
    assert rows == [
        {"name": "Westösterreich", "nuts_id": "AT3"},
        {"name": "Südösterreich", "nuts_id": "AT2"},
        {"name": "Ostösterreich", "nuts_id": "AT1"},
    ]


def test_several_values_ranges_and_known_ones() -> None:
    answer = ask("/towns.json", "country=LI,LU&population.min=20000&columns=name,country")
    found = {(r["name"], r["country"]) for r in answer.content["rows"]}
    # GeoNames: Luxembourg 76 684, Esch-sur-Alzette 28 228, Dudelange 18 013; Schaan 5 748.
    assert {c for _, c in found} == {"LU"}
    assert {"Luxembourg", "Esch-sur-Alzette"} <= {n for n, _ in found}
    assert "Dudelange" not in {n for n, _ in found}
    all_rows = ask("/regions.csv", "level=3&columns=nuts_id").rows()
    known = ask("/regions.csv", "level=3&columns=nuts_id&population_end.known=yes").rows()
    gaps = ask("/regions.csv", "level=3&columns=nuts_id&population_end.known=no").rows()
    assert len(known) + len(gaps) == len(all_rows) == 1514
    assert gaps


def test_every_form_holds_the_same_rows() -> None:
    query = "level=2&country=DE&columns=nuts_id,name"
    names = [r["nuts_id"] for r in ask("/regions.csv", query).rows()]
    assert len(names) == 38  # Germany's NUTS 2
    assert [r["nuts_id"] for r in ask("/regions.json", query).content["rows"]] == names
    parquet = pq.read_table(io.BytesIO(ask("/regions.parquet", query).body))
    assert parquet["nuts_id"].to_pylist() == names
    drawn = ask("/regions.geojson", query).content
    assert [f["id"] for f in drawn["features"]] == names
    assert all(f["geometry"]["type"] in ("Polygon", "MultiPolygon") for f in drawn["features"])
    assert "EuroGeographics" in drawn["notes"]["attribution"]


def test_labels_and_the_mark_for_spreadsheets_stand_on_request() -> None:
    query = "level=0&country=LU&columns=nuts_id,population_end"
    assert ask("/regions.csv", query).body.startswith(b'"nuts_id","population_end"\n')
    body = ask("/regions.csv", f"{query}&labels=yes&bom=yes").body
    assert body.startswith(b"\xef\xbb\xbf")
    assert "[people]" in body.decode().splitlines()[0]


def test_pages_join_to_the_whole() -> None:
    query, seen = "country=LI&columns=geonameid&limit=5", []
    while query:
        answer = ask("/towns.csv", query)
        seen += [r["geonameid"] for r in answer.rows()]
        following = [p for p in answer.headers["link"].split(", ") if 'rel="next"' in p]
        query = following[0].split("?")[1].split(">")[0] if following else ""
    whole = ask("/towns.csv", "country=LI&columns=geonameid")
    assert seen == [r["geonameid"] for r in whole.rows()]
    assert int(whole.headers["x-total-count"]) == len(seen) > 5


def test_who_has_an_answer_is_told_so(store: Store) -> None:
    first = ask("/regions.csv", "level=0")
    again = ask("/regions.csv", "level=0", {"if-none-match": first.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    other = ask("/regions.csv", "level=1", {"if-none-match": first.headers["etag"]})
    assert other.status == 200
    same = ask("/regions.csv", "level=00")
    assert same.headers["etag"] == first.headers["etag"]


@pytest.mark.parametrize(
    ("headers", "base", "origin"),
    [
        ({"host": "localhost:8501"}, "", "http://localhost:8501"),
        ({"host": "data.example.eu", "x-forwarded-proto": "https"}, "", "https://data.example.eu"),
        ({"host": "[::1]:8501"}, "/geo", "http://[::1]:8501/geo"),
        ({"host": 'evil.eu/"><script>'}, "/geo", "/geo"),
        ({"host": "a.eu", "x-forwarded-proto": "javascript"}, "", "http://a.eu"),
    ],
)
def test_metadata_cite_the_address_at_which_they_were_read(
    headers: dict[str, str], base: str, origin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HINTERLAND_BASE_PATH", base)
    content = ask("/regions.metadata.json", "country=DE&level=1", headers).content
    address = f"{origin}/api/regions.csv?country=DE&level=1"
    assert content["data"] == address
    assert f" {address} (retrieved " in content["cite_as"]
    assert f"url = {{{address}}}," in content["bibtex"]


def test_metadata_says_meaning_source_and_how_to_cite(store: Store) -> None:
    content = ask("/regions.metadata.json", "columns=population_end&country=DE").content
    (column,) = content["columns"]
    assert column["unit"] == "people"
    assert column["definition"]
    assert "jrc_census_population" in column["sources"]
    assert content["data"] == "/api/regions.csv?country=DE&columns=population_end"
    assert store.pointer.hash in content["cite_as"]
    assert "CC BY 4.0" in content["notes"]["licence"]
    assert content["bibtex"].startswith("@misc{hinterland_")


def test_the_description_names_every_address(store: Store) -> None:
    paths = ask("/openapi.json").content["paths"]
    for name in export.mart_names(store):
        assert {f"/{name}.csv", f"/{name}.json", f"/{name}.parquet"} <= set(paths)
    words = {p["name"] for p in paths["/regions.csv"]["get"]["parameters"]}
    assert {"country", "level", "population_end.min", "columns", "sort", "labels"} <= words


@pytest.mark.parametrize(
    ("path", "query", "status", "sentence"),
    [
        ("/nosuch.csv", "", 404, "there is no table 'nosuch'; allowed are access"),
        ("/regions.shp", "", 404, "there is no .shp; allowed are .csv"),
        ("/thresholds.geojson", "", 400, "has no geometry; .csv, .json and .parquet are"),
        ("/regions.csv", "contry=DE", 400, "did you mean country"),
        ("/regions.csv", "country=GR", 400, "code of Greece is EL"),
        ("/regions.csv", "level=two", 400, "level is 'two'; whole numbers are allowed"),
        ("/regions.csv", "level=1_0", 400, "whole numbers are allowed"),
        ("/regions.csv", "level=١", 400, "whole numbers are allowed"),
        ("/regions.csv", "level=1&level=2", 400, "level stands twice"),
        ("/regions.csv", "limit=-1", 400, "0 and more are allowed"),
        ("/regions.csv", "population_end.min=nan", 400, "a number like 5000"),
        ("/regions.csv", "population_end.min=1e999", 400, "a number like 5000"),
        ("/regions.csv", "population_end.min=9&population_end.max=1", 400, "least value must come"),
        ("/regions.csv", "name.min=5", 400, "name is no number"),
        ("/regions.csv", "geometry=x", 400, "geometry.known can"),
        ("/regions.csv", "sort=geometry", 400, "geometry has no order"),
        ("/regions.csv", "sort=-", 400, "'-' is not one column"),
        ("/regions.csv", "sort=name,level", 400, "'name,level' is not one column"),
        ("/regions.csv", "columns=nuts", 400, "is no column of regions. Did you mean nuts_id"),
        ("/regions.csv", "island=maybe", 400, ""),
        ("/towns.csv", "is_smst=maybe", 400, "yes and no are allowed"),
        ("/regions.csv", "name=%ff", 400, "not UTF-8"),
        ("/regions.csv", "name=" + "x" * 2_001, 400, "more than 2,000 characters"),
        ("/regions.csv", "name=" + "x" * 9_000, 414, "longer than 8,000"),
        ("/towns.geojson", "", 413, "Narrow it by columns, values or limit and offset"),
        ("/regions.csv", "name=';drop table regions--", 400, "allowed are"),
    ],
)
def test_what_is_refused(path: str, query: str, status: int, sentence: str) -> None:
    answer = ask(path, query)
    assert answer.status == status
    assert sentence in answer.content["error"]
    assert answer.headers["access-control-allow-origin"] == "*"


def test_without_a_database_no_folder_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HINTERLAND_HOME", str(tmp_path))
    answer = ask("/regions.csv")
    assert answer.status == 503
    assert str(tmp_path) not in answer.body.decode()
    assert answer.headers["retry-after"] == "10"


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=60)), max_size=5))
def test_any_words_are_a_query_or_one_message(store: Store, pairs: list[tuple[str, str]]) -> None:
    try:
        read_query(store, "regions", pairs)
    except HinterlandError as error:
        assert len(str(error)) < 5_000  # noqa: PT017 - either way is right
