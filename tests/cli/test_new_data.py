"""A new register and a new yearly series, added to a copy of the tree by a few files."""

from __future__ import annotations

import filecmp
import shutil
from pathlib import Path

import pytest

import pipelines.sources
from pipelines.core import paths
from pipelines.core.errors import CheckFailed
from pipelines.runner import build as building
from pipelines.serve import travel_queries
from pipelines.serve.store import Store
from tests.where import ROOT

FOLDERS = ("sql", "geodata/embedded", "geodata/sources", "geodata/catalogue")
READER = "pipelines/sources/made_libraries.py"

LIBRARIES = {
    "geodata/sources/made_libraries.toml": """\
name = "made_libraries"
kind = "fetched"
publisher = "Made for a test"
title = "Public libraries of Estonia"
description = "Four libraries and one without a position."
url = "https://example.org/libraries"
format = "csv"
path = "made/libraries.csv"
reader = "pipelines.sources.made_libraries:read"
raw_table = "made_libraries"
licence = "CC0"
attribution = "Libraries: made for a test"
citation = "Libraries, made for a test"

[findings]
reader = "pipelines.sources.made_libraries:read_findings"
part = "library"

[columns]
id = "VARCHAR"
title = "VARCHAR"
lon = "DOUBLE"
lat = "DOUBLE"
type = "VARCHAR"
""",
    READER: '''\
"""Read the register of libraries."""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv

from pipelines.sources.gisco_services import Findings, readers


def read_both(path: Path) -> tuple[pa.Table, pa.Table]:
    """Return the libraries with a position, and what was set aside."""
    table, findings = pcsv.read_csv(path), Findings()
    nowhere = pc.is_null(table["lon"])
    mask = nowhere.to_numpy()
    findings.add_where(mask, "lon", "no position", "set aside", table["id"])
    return table.filter(pc.invert(nowhere)), findings.table()


read, read_findings = readers(read_both)
''',
    "sql/staging/stg_made__libraries.sql": """\
select
    id as site_id,
    title as name,
    'EE' as country_code,
    lon,
    lat,
    type = 'public' as is_public
from raw.made_libraries
""",
    "sql/staging/stg_made__libraries.toml": """\
description = "Libraries of Estonia."
grain = "one row per site"
primary_key = ["site_id"]
part_of = "stg_register__sites"
fields = ["site_id", "name", "country_code", "lon", "lat", "is_public"]

[override]
site_id = { description = "Site." }
""",
}
LIBRARY_FIELD = 'is_public = { type = "BOOLEAN", description = "Open to all." }\n'
LIBRARY_ROW = (
    "library,10,Library,public libraries,register,made_libraries,is_public,true,,,,sites,"
    "access_basic_target_min,Public libraries of Estonia.\n"
)
LIBRARY_FILE = """\
id,title,lon,lat,type
L1,Tartu,26.7290,58.3776,public
L2,Pärnu,24.4971,58.3859,public
L3,Narva,28.1903,59.3772,public
L4,Otepää school,26.4967,58.0586,school
L5,Nowhere,,,public
"""
WOMEN = {
    "geodata/sources/eurostat_women.toml": """\
inherits = "_eurostat"
name = "eurostat_women"
title = "Women by five-year age group and NUTS-3 region"
description = "Women on 1 January."
dataset = "demo_r_pjangrp3"

[filters]
first_year = 2014

[filters.codes]
unit = ["NR"]
sex = ["F"]
age = ["Y65-69", "Y70-74"]

[columns]
freq = "VARCHAR"
sex = "VARCHAR"
unit = "VARCHAR"
age = "VARCHAR"
"""
}
WOMEN_ROW = (
    "women_65_69,eurostat_women,A.F.NR.Y65-69,absolute,population,women_65_69,people,"
    '"Women of 65 to 69","Women of 65 to 69 on 1 January."\n'
)


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the project's data and statements that the program works on."""
    root = tmp_path / "root"
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, root / folder)
    readers = root / "pipelines" / "sources"
    readers.mkdir(parents=True)
    monkeypatch.setattr(paths, "root", lambda: root)
    monkeypatch.setattr(pipelines.sources, "__path__", [*pipelines.sources.__path__, str(readers)])
    return root


def add(root: Path, files: dict[str, str], seed: str, row: str) -> None:
    for name, text in files.items():
        (root / name).write_text(text, "utf-8")
    with (root / "sql" / "seeds" / f"{seed}.csv").open("a", encoding="utf-8") as stream:
        stream.write(row)


def touched(root: Path) -> set[str]:
    """Return the files of a tree that the project does not have, or has in another form."""
    files = {p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()}
    own = {name for name in files if "__pycache__" not in name}
    same, *_ = filecmp.cmpfiles(ROOT, root, own, shallow=False)
    return own - set(same)


def rows(store: Store, sql: str, *values: object) -> list[dict]:
    return store.arrow(sql, list(values)).to_pylist()


def test_a_register_is_a_declaration_a_reader_a_staging_pair_and_a_row(
    tree: Path, tmp_path: Path
) -> None:
    add(tree, LIBRARIES, "services", LIBRARY_ROW)
    with (tree / "sql" / "fields.toml").open("a", encoding="utf-8") as stream:
        stream.write(LIBRARY_FIELD)  # a name that no other table has
    assert touched(tree) == {*LIBRARIES, "sql/seeds/services.csv", "sql/fields.toml"}
    (tmp_path / "sources" / "made").mkdir(parents=True)
    (tmp_path / "sources" / "made" / "libraries.csv").write_text(LIBRARY_FILE, "utf-8")
    building.build(tmp_path / "build", tmp_path / "sources")
    store = Store.current(tmp_path / "build")

    service = travel_queries.services(store)[-1]
    assert (service["service"], service["sites"], service["sites_used"]) == ("library", 3, 3)
    assert (service["source"], service["countries"]) == ("made_libraries", "EE")
    assert service["reference_min"] == 20

    reached = rows(
        store,
        "select towns.name, country, minutes_nearest, nearest_id from marts.access "
        "inner join marts.towns as towns using (geonameid) where service = 'library' "
        "order by population desc",
    )
    assert {row["country"] for row in reached} == {"EE"}, "no data is not far away"
    by_name = {row["name"]: row for row in reversed(reached)}
    assert (by_name["Tartu"]["nearest_id"], by_name["Pärnu"]["nearest_id"]) == ("L1", "L2")
    assert by_name["Tartu"]["minutes_nearest"] < 5
    # The school's library does not count: 38 km by air to Tartu.
    assert by_name["Otepää"]["nearest_id"] == "L1"
    assert 25 < by_name["Otepää"]["minutes_nearest"] < 70

    region = rows(store, "select * from marts.region_access where service = 'library'")
    known = [row for row in region if row["coverage"] != "country not covered"]
    assert {row["country"] for row in known} == {"EE"}
    # Tallinn would have one of three: none in the register is a gap, not a distance.
    gaps = [row["nuts_id"] for row in known if row["coverage"] == "register has no site here"]
    assert "EE001" in gaps
    (whole,) = [row for row in region if row["nuts_id"] == "EE"]
    near = rows(
        store,
        "select sum(population) filter (where minutes_nearest <= 15) as near, "
        "sum(population) as people from marts.access "
        "inner join marts.towns using (geonameid) "
        "where service = 'library' and coverage = 'covered'",
    )[0]
    assert whole["within_15_share"] == pytest.approx(float(near["near"] / near["people"]))
    assert 0.2 < whole["within_15_share"] < 0.8  # Tartu, Pärnu and Narva; Tallinn is a gap
    aside = rows(
        store,
        "select field, finding, rows, example from marts.access_set_aside "
        "where service = 'library' and action = 'set aside'",
    )
    assert aside == [{"field": "lon", "finding": "no position", "rows": 1, "example": "L5"}]


def test_a_row_that_names_what_is_not_there_is_named(tree: Path, tmp_path: Path) -> None:
    wrong = LIBRARY_ROW.replace("made_libraries,is_public", "gisco_education,is_open")
    add(tree, {}, "services", wrong)
    add(tree, {}, "series_measures", WOMEN_ROW)
    with pytest.raises(Exception, match="eurostat_women") as caught:
        building.build(tmp_path / "build")
    assert type(caught.value).__name__ == "ModelError"
    add(tree, WOMEN, "series_measures", "")
    with pytest.raises(CheckFailed) as failed:
        building.build(tmp_path / "build")
    assert "service=library, field=filter_column, found=is_open, allowed=capacity" in str(
        failed.value
    )
    assert not (tmp_path / "build" / "current.json").exists()
