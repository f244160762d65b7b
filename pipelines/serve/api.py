"""Stable addresses of tables: ``/api/<table>.csv?country=DE`` and what describes them.

An answer is the same as the file that the pages offer for the same rows. Its tag follows from
the database and the words of the address, so who has it already is told in a millisecond.
"""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl, quote

import pyarrow as pa
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from pipelines import __version__
from pipelines.core.errors import HinterlandError, InputError, MartUnavailable, UnknownTable
from pipelines.serve import dcat, landing, openapi
from pipelines.serve.address_query import TableQuery, read_query, select
from pipelines.serve.base import base_path
from pipelines.serve.citation import citation
from pipelines.serve.describe import columns as described
from pipelines.serve.export import mart_names
from pipelines.serve.export_notes import headings, notes
from pipelines.serve.store import Store
from pipelines.serve.writers import WRITERS, has_geometry

PREFIX = "/api"
#: So many cells are in one answer at most; GeoJSON is some ten times as large as Parquet.
CELLS_MOST = {"csv": 6_000_000, "parquet": 12_000_000, "json": 1_500_000, "geojson": 1_500_000}
#: Longer addresses are refused before they are read.
QUERY_MOST = 8_000
MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "json": "application/json",
    "geojson": "application/geo+json",
}
# A name or an address of a host, with or without its port.
_HOST = re.compile(r"([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?")
# Two answers are made at a time, so that the pages keep half of the machine.
_AT_ONCE = threading.BoundedSemaphore(2)
_WAIT_SECONDS = 10.0


class _Refusal(Exception):
    """An answer with a status and one sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def _answering(make: Callable[[Store, Request], Response]) -> Callable[[Request], Response]:
    """Return a handler that ends in one sentence of JSON whatever goes wrong."""

    def answer(request: Request) -> Response:
        try:
            return _open(make(Store.current(), request))
        except _Refusal as refusal:
            return _error(refusal.status, str(refusal))
        except UnknownTable as error:
            return _error(404, str(error))
        except InputError as error:
            return _error(400, str(error))
        except (MartUnavailable, HinterlandError):
            # The reason may name folders of the server; its operator finds it in the log.
            return _error(503, "The database cannot be read, or the query took too long.")

    return answer


def _open(response: Response) -> Response:
    """Let pages of other servers read an answer: it is public data and holds no visit."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = "ETag, Link, X-Total-Count"
    return response


def _error(status: int, sentence: str) -> Response:
    headers = {"Retry-After": "10"} if status == 503 else {}
    return _open(JSONResponse({"error": sentence}, status_code=status, headers=headers))


def _index(store: Store, request: Request) -> Response:
    """List the tables."""
    root = f"{base_path()}{PREFIX}"
    tables = []
    for name in mart_names(store):
        facts = described(store, name)
        tables.append(
            {
                "name": name,
                "rows": store.pointer.rows.get(f"marts.{name}"),
                "columns": len(facts),
                "metadata": f"{root}/{name}.metadata.json",
                "page": f"{root}/{name}",
                "data": {form: f"{root}/{name}.{form}" for form in dcat.forms(facts)},
            }
        )
    return JSONResponse(
        {
            "title": "Hinterland: Europe's regions and towns",
            "database": store.pointer.hash,
            "built_at": store.pointer.built_at,
            "description": f"{root}/openapi.json",
            "catalogue": f"{root}/catalogue.jsonld",
            "tables": tables,
        }
    )


def _openapi(store: Store, request: Request) -> Response:
    """Describe the addresses."""
    tables = {name: described(store, name) for name in mart_names(store)}
    return JSONResponse(openapi.document(tables, f"{base_path()}{PREFIX}"))


def _catalogue(store: Store, request: Request) -> Response:
    """Describe the tables for data portals (DCAT-AP 3)."""
    root = f"{base_path()}{PREFIX}"
    files = {
        name: [f"{root}/{name}.{form}" for form in dcat.forms(described(store, name))]
        for name in mart_names(store)
    }
    return JSONResponse(dcat.catalogue(store, files, root), media_type="application/ld+json")


def _landing(store: Store, request: Request) -> Response:
    """Show what a table holds."""
    table = request.path_params["table"]
    return HTMLResponse(landing.page(store, table, f"{base_path()}{PREFIX}"))


def _metadata(store: Store, request: Request) -> Response:
    """Describe one table: columns, sources, licences, how to cite it."""
    table = request.path_params["table"]
    query = _query(store, table, request)
    facts = described(store, table)
    shown = [c for c in facts if not query.columns or c.column_name in query.columns]
    words = query.words()
    address = f"{_origin(request)}{base_path()}{PREFIX}/{table}.csv"
    address += f"?{quote(words, safe='=&,.-_')}" if words else ""
    return JSONResponse(
        {
            "table": table,
            "notes": notes(store, table, words or "everything"),
            "cite_as": citation(store, table, address).text,
            "bibtex": citation(store, table, address).bibtex,
            "data": address,
            "columns": [
                {
                    "name": c.column_name,
                    "label": c.label,
                    "unit": c.unit,
                    "type": c.data_type,
                    "definition": c.definition,
                    "allowed": c.allowed.split("|") if c.allowed else [],
                    "sources": c.sources.split(", ") if c.sources else [],
                    "licence": c.licence,
                    "vintage": c.vintage,
                }
                for c in shown
            ],
        },
        headers=_tagged(store, query, "metadata"),
    )


def _origin(request: Request) -> str:
    """Return scheme and host at which the visitor asked; empty where it states no sound host.

    A proxy that speaks TLS says so in ``X-Forwarded-Proto``.
    """
    host = request.headers.get("host", "")
    if not _HOST.fullmatch(host):
        return ""
    stated = request.headers.get("x-forwarded-proto", "")
    scheme = stated if stated in ("http", "https") else request.url.scheme
    return f"{scheme}://{host}"


def _table(store: Store, request: Request) -> Response:
    """Answer with rows of one table."""
    table, form = request.path_params["table"], request.path_params["form"]
    if form not in MEDIA:
        raise _Refusal(404, f"there is no .{form[:20]}; allowed are .{', .'.join(MEDIA)}")
    query = _query(store, table, request)
    headers = _tagged(store, query, form)
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if not _AT_ONCE.acquire(timeout=_WAIT_SECONDS):
        raise _Refusal(503, "Too many answers are being made; ask again in ten seconds.")
    try:
        data, total = select(store, _drawn(store, query) if form == "geojson" else query)
        _require_size(data, form)
        content = _written(store, query, form, data, total)
    finally:
        _AT_ONCE.release()
    headers |= _paging(query, form, total, data.num_rows)
    headers["Content-Disposition"] = f'inline; filename="hinterland-{table}.{form}"'
    return Response(content, media_type=MEDIA[form], headers=headers)


def _query(store: Store, table: str, request: Request) -> TableQuery:
    raw = request.scope["query_string"].decode("latin-1")
    if len(raw) > QUERY_MOST:
        raise _Refusal(414, f"The address is longer than {QUERY_MOST:,} characters.")
    try:
        pairs = parse_qsl(raw, keep_blank_values=True, max_num_fields=200, errors="strict")
    except ValueError:
        raise InputError("the address is not UTF-8, or has more than 200 words") from None
    return read_query(store, table, pairs)


def _drawn(store: Store, query: TableQuery) -> TableQuery:
    """Return a query that holds what its rows are drawn from."""
    if not query.columns:
        return query
    known = [c.column_name for c in described(store, query.table)]
    shape = ["geometry"] if "geometry" in known else [n for n in ("lon", "lat") if n in known]
    # The table's key, its first column, is the id of a feature.
    names = dict.fromkeys([known[0], *query.columns, *shape])
    return TableQuery(**{**query.__dict__, "columns": tuple(names)})


def _require_size(data: pa.Table, form: str) -> None:
    cells, most = data.num_rows * data.num_columns, CELLS_MOST[form]
    if cells > most:
        raise _Refusal(
            413,
            f"{data.num_rows:,} rows of {data.num_columns} columns are more than one .{form} "
            f"answers with ({most:,} cells). Narrow it by columns, values or limit and offset; "
            "'hinterland export' writes whole tables.",
        )


def _written(store: Store, query: TableQuery, form: str, data: pa.Table, total: int) -> bytes:
    facts = notes(store, query.table, query.words() or "everything")
    if form == "json":
        return _json(store, query, data, total, facts)
    if form == "geojson" and not has_geometry(data):
        raise InputError(f"table '{query.table}' has no geometry; .csv, .json and .parquet are")
    if query.has_labels and form == "csv":
        data = data.rename_columns(headings(store, query.table, data.schema.names))
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / f"answer.{form}"
        WRITERS[form](data, target, query.table, facts)
        mark = b"\xef\xbb\xbf" if query.has_mark and form == "csv" else b""
        return mark + target.read_bytes()


def _json(
    store: Store, query: TableQuery, data: pa.Table, total: int, facts: dict[str, str]
) -> bytes:
    plain = data.drop_columns(["geometry"]) if "geometry" in data.schema.names else data
    known = {c.column_name: c for c in described(store, query.table)}
    content = {
        "table": query.table,
        "notes": facts,
        "total": total,
        "offset": query.offset,
        "columns": [
            {"name": n, "label": known[n].label, "unit": known[n].unit} for n in plain.schema.names
        ],
        "rows": [
            {name: None if value != value else value for name, value in row.items()}
            for row in plain.to_pylist()
        ],
    }
    return json.dumps(content, ensure_ascii=False, default=str).encode()


def _tagged(store: Store, query: TableQuery, form: str) -> dict[str, str]:
    """Return the headers that let an answer be kept: it changes with the database alone."""
    seed = f"{store.pointer.hash}|{__version__}|{query.table}.{form}|{query.words()}"
    tag = hashlib.sha256(seed.encode()).hexdigest()[:32]
    return {"ETag": f'"{tag}"', "Cache-Control": "public, no-cache"}


def _paging(query: TableQuery, form: str, total: int, rows: int) -> dict[str, str]:
    address = f"{base_path()}{PREFIX}/{query.table}"
    links = [f'<{address}.metadata.json>; rel="describedby"']
    end = query.offset + rows
    if query.limit and end < total:
        following = TableQuery(**{**query.__dict__, "offset": end}).words()
        links.append(f'<{address}.{form}?{quote(following, safe="=&,.-_")}>; rel="next"')
    return {"X-Total-Count": str(total), "Link": ", ".join(links)}


ROUTES = [
    Route(PREFIX, _answering(_index)),
    Route(f"{PREFIX}/openapi.json", _answering(_openapi)),
    Route(f"{PREFIX}/catalogue.jsonld", _answering(_catalogue)),
    Route(PREFIX + "/{table:str}.metadata.json", _answering(_metadata)),
    Route(PREFIX + "/{table:str}.{form:str}", _answering(_table)),
    Route(PREFIX + "/{table:str}", _answering(_landing)),
]
