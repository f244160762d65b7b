"""The recipes of docs/howto, each followed in a copy of the tree, and what one sees then."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from pipelines.serve.store import Store
from tests.docs.recipe import changed, follow
from tests.where import ROOT

HOWTO = ROOT / "docs/howto"
RECIPES = sorted(path for path in HOWTO.glob("add-*.md"))
TREE = ("sql", "geodata/embedded", "geodata/sources", "geodata/catalogue", "pipelines", "pages")
MORE = ("hinterland", "docs", "locale", "app.py")
LIBRARIES = """\
id,title,lon,lat,type
L1,Tartu,26.7290,58.3776,public
L2,Pärnu,24.4971,58.3859,public
L3,Narva,28.1903,59.3772,public
L4,Valga school,26.0473,57.7778,school
"""


def need(*paths: str) -> None:
    """Skip where the tree has not what a recipe rests on."""
    if missing := [path for path in paths if not (ROOT / path).exists()]:
        pytest.skip(f"not in this tree yet: {', '.join(missing)}")


def copy_of_the_tree(folder: Path) -> Path:
    for name in (*TREE, *MORE):
        if (ROOT / name).is_dir():
            ignore = shutil.ignore_patterns("__pycache__", "_bundle")
            shutil.copytree(ROOT / name, folder / name, ignore=ignore)
        elif (ROOT / name).exists():
            shutil.copy(ROOT / name, folder / name)
    return folder


def run(root: Path, *command: str, home: Path | None = None) -> str:
    """Run Python in a copy of the tree, with that copy's code."""
    done = subprocess.run(
        [sys.executable, *command],
        capture_output=True,
        text=True,
        cwd=root,
        timeout=300,
        env=os.environ | {"PYTHONPATH": str(root), "HINTERLAND_HOME": str(home or root / "home")},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def build(root: Path, sources: Path | None = None) -> Store:
    out = root / "home" / "build"
    run(root, "-m", "pipelines", "build", "--out", str(out), *_sources(sources))
    return Store.current(out)


def _sources(folder: Path | None) -> Iterable[str]:
    return () if folder is None else ("--sources", str(folder))


def one(store: Store, sql: str) -> object:
    return store.arrow(sql).to_pylist()[0].popitem()[1]


@pytest.fixture(scope="module")
def threshold_and_indicator(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Follow two recipes that do not meet, and build once."""
    need("sql/fields.toml", "sql/macros/threshold.sql", "pages/_ui/directory.py")
    root = copy_of_the_tree(tmp_path_factory.mktemp("tree"))
    follow(HOWTO / "add-a-threshold.md", root)
    follow(HOWTO / "add-an-indicator.md", root)
    return build(root)


def test_a_threshold_is_read(threshold_and_indicator: Store) -> None:
    store = threshold_and_indicator
    row = "select value from marts.thresholds where name = 'town_region_min_share'"
    assert one(store, row) == 0.5
    classes = store.frame(
        "select smst_population_share as share, is_town_region from marts.regions "
        "inner join typologies.typ_region__town_region using (nuts_id)"
    ).dropna()
    assert classes["is_town_region"].tolist() == (classes["share"] >= 0.5).tolist()
    assert 0 < classes["is_town_region"].mean() < 1


def test_an_indicator_is_in_mart_dictionary_and_measures(threshold_and_indicator: Store) -> None:
    store = threshold_and_indicator
    regions = store.frame(
        "select nuts_id, primacy_share, largest_town_population, largest_town_id from marts.regions"
    )
    assert regions["primacy_share"].between(0, 1).sum() > 1900
    # Luxembourg is one region: its capital's share of all listed people.
    listed = one(
        store, "select sum(population)::double from marts.towns where starts_with(nuts_id, 'LU')"
    )
    mine = regions.set_index("nuts_id").loc["LU000"]
    assert mine["primacy_share"] == pytest.approx(mine["largest_town_population"] / listed)
    declared = store.arrow(
        "select label, unit, sources from marts.indicators "
        "where table_name = 'regions' and column_name = 'primacy_share'"
    ).to_pylist()
    assert declared[0]["label"] == "People in the largest place"
    assert declared[0]["unit"] == "0-1"
    assert "geonames_cities500" in declared[0]["sources"]
    root = store.folder.parents[1]
    code = "from pages._ui.measures import REGION_MEASURES as m; print(m['primacy_share'].question)"
    assert "Where does one place hold the region?" in run(root, "-c", code)


def test_a_register_is_a_service(tmp_path: Path) -> None:
    need("sql/fields.toml", "pipelines/runner/unions.py")
    root = copy_of_the_tree(tmp_path / "tree")
    follow(HOWTO / "add-a-register.md", root)
    (tmp_path / "sources/made").mkdir(parents=True)
    (tmp_path / "sources/made/libraries.csv").write_text(LIBRARIES, "utf-8")
    store = build(root, tmp_path / "sources")
    service = store.arrow("select * from marts.services where service = 'library'").to_pylist()
    assert (service[0]["sites_used"], service[0]["countries"]) == (3, "EE")
    reached = store.arrow(
        "select towns.name, country, nearest_id from marts.access "
        "inner join marts.towns as towns using (geonameid) where service = 'library' "
        "order by population"
    ).to_pylist()
    assert {row["country"] for row in reached} == {"EE"}
    nearest = {r["name"]: r["nearest_id"] for r in reached}
    # Elva lies 27 km from Tartu and 110 km from Pärnu; Valga's school library is not public.
    assert nearest["Elva"] == "L1"
    assert nearest["Valga"] != "L4"


def by_hand(path: Path, key: str) -> dict[tuple[str, int], float]:
    """Return the figures of a key by region and year, from the unpacked text."""
    figures = {}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        years = [int(year) for year in next(lines).split("\t")[1:]]
        for line in lines:
            codes, *cells = line.rstrip("\n").split("\t")
            start, _, geo = codes.rpartition(",")
            if start == key:
                for year, cell in zip(years, cells, strict=True):
                    if digits := re.match(r"\d+", cell):
                        figures[geo, year] = float(digits[0])
    return figures


@pytest.mark.shared
def test_a_series_is_a_column(tmp_path: Path, shared_data: Path) -> None:
    need("pipelines/runner/unions.py")
    root = copy_of_the_tree(tmp_path / "tree")
    follow(HOWTO / "add-a-eurostat-series.md", root)
    (tmp_path / "sources/eurostat").mkdir(parents=True)
    shutil.copy(shared_data / "eurostat/demo_r_pjangrp3.tsv.gz", tmp_path / "sources/eurostat")
    store = build(root, tmp_path / "sources")
    figures = store.frame(
        "select nuts_id, year, women_65_69 from marts.region_series where nuts_version = 2021 "
        "and level = 3 and conversion = 'as_published' and women_65_69 is not null"
    )
    assert len(figures) > 5000
    published = by_hand(shared_data / "eurostat/demo_r_pjangrp3.tsv.gz", "F,NR,Y65-69")
    read = zip(figures["nuts_id"], figures["year"], figures["women_65_69"], strict=True)
    assert all(women == published[code, year] for code, year, women in read)
    mine = figures[figures["nuts_id"] == "DE733"].set_index("year")["women_65_69"]
    # The line F,NR,Y65-69,DE733 of the publisher's file, its ends.
    assert (mine[2014], mine[2022]) == (3153, 4192)
    label = (
        "select label from marts.indicators "
        "where table_name = 'region_series' and column_name = 'women_65_69'"
    )
    assert one(store, label) == "Women of 65 to 69"


PAGE = """
import json, sys
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("app.py", default_timeout=60)
for key, value in json.loads(sys.argv[2]).items():
    app.query_params[key] = value
app.run()
if sys.argv[1]:
    app.switch_page(sys.argv[1]).run()
assert not app.exception, app.exception[0].message
assert not app.error, app.error[0].value
print(json.dumps([app.title[0].value, len(app.dataframe)]))
"""


def shown(root: Path, home: Path, page: str = "", **address: str) -> tuple[str, int]:
    said = run(root, "-c", PAGE, page, json.dumps(address), home=home)
    title, tables = json.loads(said.splitlines()[-1])
    return title, tables


def test_a_page_is_in_the_menu_and_runs(tmp_path: Path, built_home: Path) -> None:
    need("pages/_ui/directory.py", "pages/_ui/texts.py")
    root = copy_of_the_tree(tmp_path / "tree")
    follow(HOWTO / "add-a-page.md", root)
    title, tables = shown(root, built_home, "pages/numbers.py")
    assert (title, tables) == ("Which numbers do the classes turn on?", 1)
    code = "from pages._ui.directory import PAGES; print([page.url for page in PAGES])"
    assert "'numbers'" in run(root, "-c", code)


def test_a_language_is_one_file(tmp_path: Path, built_home: Path) -> None:
    need("pages/_ui/texts.py")
    root = copy_of_the_tree(tmp_path / "tree")
    follow(HOWTO / "add-a-language.md", root)
    assert shown(root, built_home, lang="pl")[0] == "Gdzie Europa się kurczy?"
    assert shown(root, built_home)[0] == "Where is Europe shrinking?"


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_the_index_counts_the_files_of_each_recipe(recipe: Path) -> None:
    from tests.docs.recipe import steps

    index = (HOWTO / "README.md").read_text("utf-8")
    row = re.search(rf"\]\({re.escape(recipe.name)}\) \| [^|]+ \| (\d+)", index)
    assert row
    assert int(row[1]) == len({step.path for step in steps(recipe)})


def test_a_diff_applies_where_its_lines_stand_once() -> None:
    assert changed("a\nb\nc\n", " a\n-b\n+x\n+y\n", "here") == "a\nx\ny\nc\n"
    with pytest.raises(AssertionError, match="stands 2 times"):
        changed("b\nb\n", "-b\n+x\n", "here")
    with pytest.raises(AssertionError, match="stands 0 times"):
        changed("a\n", "-b\n", "here")
