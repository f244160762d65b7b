"""The readers of what comes from outside, each with the good files that it is tried with."""

from __future__ import annotations

import io
import random
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from tests.fuzz.mutate import mutated
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


def all_targets(folder: Path) -> dict[str, Target]:
    """Return every reader by its name."""
    from pipelines.catalogue import load
    from pipelines.core.findings import failure
    from pipelines.core.registry import read_registry
    from pipelines.places import osm, own
    from pipelines.reach.facilities import FacilityLimits, read_facilities
    from pipelines.serve import address_query
    from pipelines.sources import eurostat_tsv, lau_workbook
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
        "address of a table": Target(read_query, _of("query.txt")),
    }
