"""The readers of what comes from outside, each with the good files that it is tried with."""

from __future__ import annotations

import io
import random
import shutil
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.core.errors import InputError
from pipelines.io import matrices
from pipelines.io.matrices import StoredMatrix
from pipelines.io.pbf import fields
from tests import pbf
from tests.fuzz.mutate import TOKENS, mutated
from tests.where import ROOT

CORPUS = Path(__file__).parent / "corpus"
Make = Callable[[Path], Path]


@dataclass(frozen=True)
class Target:
    """One reader.

    Attributes
    ----------
    read : callable
        Takes a file; raises an error of this project, or none.
    files : tuple of (str, callable)
        Name of a good file and what puts it into a folder.
    ways : tuple of callable
        Make a malformed file of the good one's bytes and a number, in turn.
    """

    read: Callable[[Path], Any]
    files: tuple[tuple[str, Make], ...]
    ways: tuple[Callable[[bytes, int], bytes], ...] = (mutated,)

    def good(self, number: int) -> tuple[str, Make]:
        """Return the good file that a malformed one is made from."""
        return self.files[number % len(self.files)]

    def malformed(self, content: bytes, number: int) -> bytes:
        """Return a malformed file made from a good one."""
        return self.ways[number % len(self.ways)](content, number)


def _of(*names: str, folder: Path = CORPUS) -> tuple[tuple[str, Make], ...]:
    def make(name: str) -> Make:
        return lambda where: Path(shutil.copy(folder / name, where / name))

    return tuple((name, make(name)) for name in names)


def _matrix(folder: Path) -> Path:
    path = folder / "matrix.parquet"
    rows = {"origin": [1, 1, 2], "destination": ["a", "b", "a"], "minutes": [1.5, None, 20.0]}
    pq.write_table(pa.table(rows), path)
    return path


def _workbook(folder: Path) -> Path:
    """Return a list of municipalities as Eurostat lays it out: a sheet a country."""
    path = folder / "lau.xlsx"
    book = openpyxl.Workbook()
    book.remove(book.active)
    heads = "NUTS 3 CODE|LAU CODE|LAU NAME NATIONAL|LAU NAME LATIN|CHANGE (Y/N)|POPULATION"
    heads += "|TOTAL AREA (m2)|DEGURBA|DEG change compared to last year|COASTAL AREA (yes/no)"
    heads += "|COAST change compared to last year|CITY_ID|CITY_ID change compared to last year"
    heads += "|CITY_NAME|GREATER_CITY_ID|GREATER_CITY_ID change compared to last year"
    heads += "|GREATER_CITY_NAME|FUA_ID|FUA_ID change compared to last year|FUA_NAME"
    sheet = book.create_sheet("AT")
    sheet.append(heads.split("|"))
    sheet.append(["AT111", "10801", "Deutschkreutz", "Deutschkreutz", "no", 3_061, 34_000_000, 3])
    book.save(path)
    return path


def inside_zip(content: bytes, seed: int) -> bytes:
    """Return a sound archive one of whose members is malformed."""
    chance, out = random.Random(seed), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as box, zipfile.ZipFile(out, "w") as made:
        bad = chance.choice(box.namelist())
        for name in box.namelist():
            member = box.read(name)
            made.writestr(name, mutated(member, seed) if name == bad else member)
    return out.getvalue()


def _extract(folder: Path) -> Path:
    """Return an extract with places by node, way and relation, and days of last edits."""
    library = {"amenity": "library", "name": "Bücherei"}
    corners = [(1, 9.0, 50.0), (2, 9.2, 50.0), (3, 9.2, 50.2), (4, 9.0, 50.2)]
    nodes = [(n, x, y, {}) for n, x, y in corners] + [(5, 9.79, 50.97, library)]
    ways = [(10, [1, 2, 3, 4, 1], library | {"name": "Ring"}), (12, [1, 2, 3], {})]
    outer = [("way", 12, "outer"), ("node", 5, "entrance")]
    relations = [(20, outer, {"type": "multipolygon", "amenity": "townhall"})]
    edits = {("node", 5): 1_700_000_000, ("way", 10): 1_600_000_000}
    blocks = pbf.data(nodes, edits=edits), pbf.data((), ways, relations, edits=edits)
    return pbf.write(folder / "made.osm.pbf", *blocks)


def inside_blocks(content: bytes, seed: int) -> bytes:
    """Return an extract whose blocks are whole and hold something malformed."""
    chance, out, position = random.Random(seed), b"", 0
    while position < len(content):
        start = position + 4 + int.from_bytes(content[position : position + 4], "big")
        head = dict(fields(content[position + 4 : start]))
        position = start + int(head[3])
        unpacked = zlib.decompress(
            dict(fields(content[start:position])).get(3) or b"\x78\x9c\x03\0\0\0\0\1"
        )
        if chance.random() < 0.6:
            unpacked = mutated(unpacked, chance.randrange(1 << 30))
        out += pbf.block(bytes(head[1]).decode(), unpacked)
    return out


def _stored_matrix(folder: Path) -> Path:
    """Return a matrix as ``hinterland roads`` writes it."""
    path = folder / "stored.parquet"
    rows = [[1, 1, 2], ["2", "AT_7", "1"], [10.0, None, 0.0], ["car"] * 3]
    facts = dict.fromkeys(matrices.FACTS, "car")
    pq.write_table(pa.Table.from_arrays(rows, schema=matrices.COLUMNS.with_metadata(facts)), path)
    return path


def _index(folder: Path) -> Path:
    """Return the index of stored matrices, beside the matrix that it names."""
    matrix = _stored_matrix(folder)
    texts = dict.fromkeys(("extract", "extract_sha256", "snapshot", "engine", "mode", "stored"), "")
    counts = {"origins": 2, "destinations": 3, "pairs": 3}
    digest = matrices.digest_of(matrix)
    entry = StoredMatrix(name=matrix.stem, sha256=digest, **texts, **counts)
    matrices.write_index(folder / matrices.INDEX, [entry])
    return folder / matrices.INDEX


def _addresses() -> tuple[tuple[str, Make], ...]:
    names = sorted(path.name for path in (CORPUS / "addresses").glob("*.txt"))
    return _of(*names, folder=CORPUS / "addresses")


def odd_words(content: bytes, seed: int) -> bytes:
    """Return an address whose names are right and some of whose values are odd, or many."""
    chance = random.Random(seed)
    pairs = parse_qsl(content.decode().strip(), keep_blank_values=True)
    for _ in range(chance.choice((1, 2, 6))):
        name, value = chance.choice(pairs)
        odd = chance.choice((*TOKENS, value.upper().encode(), b"0", b"-1", b"2", b"1e308", b"a,b"))
        text = odd.decode("utf-8", "replace")
        pairs.append((name, text))
        if chance.random() < 0.7:
            pairs.remove((name, value))
    return urlencode(pairs * chance.choice((1, 1, 1, 20))).encode()


def open_page(path: Path) -> None:
    """Open the page that a file is named after with the address that it holds."""
    from streamlit.testing.v1 import AppTest

    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    text = path.read_bytes().decode("utf-8", "replace").strip("\n")
    for name, values in parse_qs(text, keep_blank_values=True).items():
        app.query_params[name] = values
    app.switch_page(f"pages/{path.stem}.py").run()
    if app.exception:
        raise RuntimeError(f"{app.exception[0].message}\n{app.exception[0].stack_trace}")
    said = [element.value for element in (*app.warning, *app.error)]
    if said:
        raise InputError(" ".join(map(str, said)))


def all_targets(folder: Path) -> dict[str, Target]:
    """Return every reader by its name."""
    from pipelines.catalogue import load
    from pipelines.core.findings import failure
    from pipelines.core.registry import read_registry
    from pipelines.places import osm, osm_set, own
    from pipelines.reach.facilities import FacilityLimits, read_facilities
    from pipelines.serve import address_query
    from pipelines.sources import eurostat_tsv, lau_workbook, openstreetmap
    from pipelines.travel.matrix import read_matrix

    limits = FacilityLimits(most_rows=200_000, most_mb=200)
    catalogue = ROOT / "geodata" / "catalogue"
    series = replace(
        next(s for s in read_registry().values() if s.name == "eurostat_demo_r_d3dens"),
        extra={"filters": {"first_year": 2019}},
    )
    types = {"nuts_id": "VARCHAR", "name": "VARCHAR", "level": "TINYINT", "country": "VARCHAR"}
    types |= {"population_end": "BIGINT", "geometry": "BLOB"}

    def read_query(path: Path) -> Any:
        text = path.read_bytes().decode("latin-1").strip("\n")
        try:
            pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=200)
        except ValueError:
            return None  # the server answers this itself
        return address_query.read_words("regions", types, pairs)

    def check(path: Path) -> None:
        if findings := load.check(catalogue, instead={path.name: path}):
            raise failure(findings)

    tables = sorted(p.name for p in catalogue.glob("*.csv"))
    return {
        "facilities": Target(
            lambda p: read_facilities(p, limits),
            _of("facilities.csv", "facilities_excel.csv", "facilities.geojson"),
        ),
        "own places": Target(own.read_own_places, _of("places.csv", "places.geojson")),
        "OpenStreetMap JSON": Target(osm.read_osm_places, _of("overpass.json", "osm.geojson")),
        "Eurostat TSV": Target(lambda p: eurostat_tsv.read(p, series), _of("series.tsv")),
        "catalogue": Target(check, _of(*tables, folder=catalogue)),
        "matrix": Target(
            lambda p: read_matrix(p, np.array([1, 2]), np.array(["a", "b"])),
            (("matrix.parquet", _matrix),),
        ),
        "LAU workbook": Target(
            lau_workbook.read_workbook,
            (("lau.xlsx", _workbook),),
            (mutated, inside_zip),
        ),
        "OpenStreetMap PBF": Target(
            lambda p: osm_set.read_extract(p, edits=True),
            (("made.osm.pbf", _extract),),
            (mutated, inside_blocks, inside_blocks),
        ),
        "stored matrix": Target(matrices.read_matrix_file, (("stored.parquet", _stored_matrix),)),
        "index of stored matrices": Target(
            lambda p: openstreetmap.read_minutes(p, series),
            (("matrices.json", _index),),
        ),
        "address bar": Target(open_page, _addresses(), (odd_words, mutated)),
        "address of a table": Target(read_query, _of("query.txt")),
    }
