"""The build from the embedded default: figures that can be looked up elsewhere."""

from __future__ import annotations

import dataclasses
import errno
import json
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import duckdb
import pytest

from pipelines.core import paths
from pipelines.core.errors import (
    BuildLocked,
    CheckFailed,
    ChecksumMismatch,
    MartUnavailable,
    SourceMissing,
    TargetUnwritable,
)
from pipelines.core.pointer import read_pointer
from pipelines.runner import build as building
from pipelines.runner import publish
from pipelines.serve.store import Store
from tests.where import ROOT

FIGURES = ROOT.parent / "shared" / "figures" / "census_population_nuts3_2021.txt"


def one(store: Store, sql: str, *values: object) -> object:
    return store.arrow(sql, list(values)).to_pylist()[0].popitem()[1]


@pytest.mark.parametrize(("code", "change"), [("DE733", -3.29), ("ITI31", -2.84), ("BE231", 7.08)])
def test_change_of_known_regions(store: Store, code: str, change: float) -> None:
    found = one(store, "select change_pct from marts.regions where nuts_id = ?", code)
    assert found == pytest.approx(change, abs=0.005)


def test_annual_rate_of_a_known_region(store: Store) -> None:
    # 120 700 to 116 727 in ten years: (0.967084...)^(1/10) = 0.996658...
    found = one(store, "select annual_change_pct from marts.regions where nuts_id = 'DE733'")
    assert found == pytest.approx(-0.33414, abs=1e-4)


def test_how_many_regions_lost_people(store: Store) -> None:
    leaves = "select count(*) from marts.regions where level = 3 and change_pct "
    census = " and population_source = 'census grid, JRC'"
    assert one(store, leaves + "is not null" + census) == 1198
    assert one(store, leaves + "< -5" + census) == pytest.approx(290, abs=2)
    assert one(store, leaves + "< 0" + census) == pytest.approx(583, abs=2)
    # Where no census is known, the series of the same two years: 96 regions of the raw figures
    # have people of 2011 and 2021 and stand in no census.
    assert one(store, leaves + "is not null") == 1198 + 96


# Country totals as the figures' publisher states them, rounded to persons per region.
# The French total given there counts the overseas regions' areas as people; 62 731 853
# and 65 375 324 are the sums of the 96 metropolitan regions.
@pytest.mark.parametrize(
    ("country", "start", "end"),
    [
        ("DE", 80_194_715, 81_928_746),
        ("IT", 59_285_018, 58_902_581),
        ("BG", 7_360_932, 6_460_963),
        ("RO", 20_118_517, 19_052_751),
        ("PL", 38_496_075, 37_018_164),
    ],
)
def test_country_totals(store: Store, country: str, start: int, end: int) -> None:
    row = store.arrow(
        "select population_start, population_end from marts.regions where nuts_id = ?", [country]
    ).to_pylist()[0]
    assert row["population_start"] == pytest.approx(start, abs=25)
    assert row["population_end"] == pytest.approx(end, abs=25)


def test_a_country_without_all_its_regions_has_no_total_but_says_what_is_covered(
    store: Store,
) -> None:
    row = store.arrow("select * from marts.regions where nuts_id = 'FR'").to_pylist()[0]
    assert row["population_end"] is None
    assert row["change_pct"] is None
    assert row["trend"] is None
    # Two of the five overseas regions have no figure of 2011.
    assert (row["regions_known"], row["regions_total"]) == (99, 101)
    # Guadeloupe (1 628 km2) and Mayotte (374) of France's 638 500 are missing.
    assert row["covered_area_share"] == pytest.approx(1 - (1628 + 374) / 638_500, abs=5e-4)
    metropolitan = store.frame(
        "select sum(population_start)::bigint as first, sum(population_end)::bigint as last "
        "from marts.regions where level = 3 and country = 'FR' "
        "and population_source = 'census grid, JRC'"
    ).iloc[0]
    assert metropolitan["first"] == 62_731_853
    assert metropolitan["last"] == 65_375_324
    assert metropolitan["last"] < row["covered_population_end"] < 69_000_000


@pytest.mark.skipif(not FIGURES.exists(), reason="the figures are not at ../shared/figures")
def test_every_figure_of_the_source_is_in_the_mart(store: Store) -> None:
    wanted = {}
    for line in FIGURES.read_text().splitlines():
        code, start, end = line.split()
        wanted[code] = (int(start), int(end))
    rows = store.arrow(
        "select nuts_id, population_start, population_end from marts.regions "
        "where level = 3 and population_source = 'census grid, JRC'"
    ).to_pylist()
    assert {r["nuts_id"]: (r["population_start"], r["population_end"]) for r in rows} == wanted


@pytest.mark.parametrize(
    # Official areas in km² (land and water), national statistics.
    ("code", "area", "tolerance"),
    [("LU", 2586, 0.02), ("DE", 357_600, 0.01), ("ITI31", 2568, 0.02), ("FRY30", 83_846, 0.02)],
)
def test_areas_are_close_to_the_official_ones(
    store: Store, code: str, area: float, tolerance: float
) -> None:
    found = one(store, "select area_km2 from marts.regions where nuts_id = ?", code)
    assert found == pytest.approx(area, rel=tolerance)


def test_area_in_sql_equals_geopandas(store: Store) -> None:
    import geopandas as gpd
    import shapely

    data = store.frame(
        "select area_km2, geometry from marts.regions where level = 3 and area_basis = 'outline'"
    )
    assert len(data) > 100
    shapes = gpd.GeoSeries(shapely.from_wkb(data["geometry"].to_numpy()), crs=4326)
    assert data["area_km2"].to_numpy() == pytest.approx(shapes.to_crs(3035).area / 1e6, rel=1e-6)


@pytest.mark.parametrize(
    ("name", "country", "region", "placement"),
    [
        ("Bebra", "DE", "DE733", "admin code"),
        ("Fermignano", "IT", "ITI31", "admin code"),
        ("Ninove", "BE", "BE231", "admin code"),
        ("Siátista", "EL", "EL531", "admin code"),
        ("Ponza", "IT", "ITI44", "admin code"),
        ("Helgoland", "DE", "DEF09", "stated"),
        ("Mariehamn", "FI", "FI200", "inside"),
        ("Riehen", "CH", "CH031", "admin code"),
        # Municipality or département by the country's own list; an outline at 1:10 million
        # puts each into the neighbour.
        ("Bremerhaven", "DE", "DE502", "admin code"),
        ("Neu-Ulm", "DE", "DE279", "admin code"),
        ("Antony", "FR", "FR105", "admin code"),
        ("Fontenay-sous-Bois", "FR", "FR107", "admin code"),
        ("Épinay-sur-Seine", "FR", "FR106", "admin code"),
        ("Villeneuve-lès-Avignon", "FR", "FRJ12", "admin code"),
        ("Königswinter", "DE", "DEA2C", "admin code"),
        ("Ostfildern", "DE", "DE113", "admin code"),
        ("Eschborn", "DE", "DE71A", "admin code"),
        ("Orta di Atella", "IT", "ITF31", "admin code"),
        ("Montemurlo", "IT", "ITI15", "admin code"),
        ("Caronno Pertusella", "IT", "ITC41", "admin code"),
        ("Küssnacht", "CH", "CH063", "admin code"),
        ("Birsfelden", "CH", "CH032", "admin code"),
        ("Bristol", "UK", "UKK11", "inside"),
        ("Sarajevo", "BA", None, "no regions"),
        ("Pristina", "XK", None, "no regions"),
    ],
)
def test_settlements_lie_in_their_regions(
    store: Store, name: str, country: str, region: str | None, placement: str
) -> None:
    row = store.arrow(
        "select nuts_id, placement from marts.towns where name = ? and country = ? "
        "order by population desc limit 1",
        [name, country],
    ).to_pylist()
    assert row == [{"nuts_id": region, "placement": placement}]


def test_boroughs_are_not_towns(store: Store) -> None:
    names = store.arrow(
        "select name from marts.towns where name in ('Pest', 'Buda', 'Paris 15 Vaugirard', "
        "'Fuencarral', 'Kreuzberg', 'Barriera di Milano', 'Marne La Vallée') "
        "and population > 20000"
    )["name"].to_pylist()
    assert names == []
    assert one(store, "select count(*) from marts.towns where feature_code = 'PPLX'") == 0


def test_almost_every_settlement_is_inside_and_none_is_lost(store: Store) -> None:
    share = one(store, "select avg((placement_km > 0)::int) from marts.towns")
    assert 0.015 < share < 0.03
    assert one(store, "select count(*) from marts.towns where placement = 'unplaced'") == 0
    assert one(store, "select max(placement_km) from marts.towns where placement = 'near'") < 15


def test_size_classes_partition_by_the_thresholds(store: Store) -> None:
    rows = store.arrow(
        "select size_class, min(population) as low, max(population) as high from marts.towns "
        "where part_of is null group by all"
    ).to_pylist()
    assert "part" not in {r["size_class"] for r in rows}
    bounds = {r["size_class"]: (r["low"], r["high"]) for r in rows}
    assert bounds["village"][1] <= 4_999
    assert bounds["small_town"][0] == 5_000
    assert bounds["small_town"][1] <= 24_999
    assert bounds["medium_town"][0] >= 25_000
    assert bounds["medium_town"][1] <= 49_999
    assert bounds["city"][0] == 50_000


def test_two_builds_give_the_same_content(built_home: Path, tmp_path: Path) -> None:
    again = building.build(tmp_path / "again")
    first = read_pointer(built_home / "build")
    assert again.hash == first.hash
    assert again.rows == first.rows
    assert again.file != first.file
    for path in sorted((built_home / "build" / first.file).with_suffix(".maps").iterdir()):
        twin = (tmp_path / "again" / again.file).with_suffix(".maps") / path.name
        assert twin.read_bytes() == path.read_bytes()


def test_nothing_but_the_published_files_is_left(tmp_path: Path) -> None:
    pointer = building.build(tmp_path)
    building.build(tmp_path)
    # What builds that were killed a moment ago have left.
    (tmp_path / ".draft-17.duckdb").write_bytes(b"half")
    (tmp_path / ".draft-17.duckdb.wal").write_bytes(b"half")
    (tmp_path / ".current.json.tmp").write_text("{")
    (tmp_path / ".draft-17.maps").mkdir()
    (tmp_path / ".draft-17.maps" / "land.json.gz").write_bytes(b"half")
    (tmp_path / "parts" / ".draft-links").write_bytes(b"half")
    (tmp_path / "parts" / "maps-towns-of-an-older-build.arrow").write_bytes(b"old")
    assert building.build(tmp_path).hash == pointer.hash, "made of parts, the same"
    assert not [p for p in (tmp_path / "parts").iterdir() if b"old" in p.read_bytes()[:3]]
    names = sorted(p.name for p in tmp_path.iterdir())
    assert len([n for n in names if n.endswith(".duckdb")]) == publish.HELD_VERSIONS
    assert pointer.file not in names
    own = {"build.lock", "current.json", "parts"}
    assert {n for n in names if not n.startswith("mart-")} == own
    assert not list((tmp_path / "parts").glob(".draft*"))


@pytest.fixture
def broken_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of sql/ and geodata/ that a test may damage."""
    for folder in ("sql", "geodata/embedded", "geodata/sources", "geodata/catalogue"):
        shutil.copytree(ROOT / folder, tmp_path / "root" / folder)
    monkeypatch.setattr(paths, "root", lambda: tmp_path / "root")
    return tmp_path / "root"


def served(folder: Path) -> int:
    return one(Store.current(folder), "select count(*) from marts.regions")


@pytest.mark.parametrize("damage", ["missing", "truncated", "other"])
def test_a_damaged_embedded_file_leaves_the_served_database(
    broken_root: Path, built_home: Path, tmp_path: Path, damage: str
) -> None:
    folder = tmp_path / "build"
    shutil.copytree(built_home / "build", folder)
    path = broken_root / "geodata/embedded/jrc_census_population.parquet"
    if damage == "missing":
        path.unlink()
    elif damage == "truncated":
        path.write_bytes(path.read_bytes()[:5000])
    else:
        path.write_bytes(b"not parquet")
    error = SourceMissing if damage == "missing" else ChecksumMismatch
    before = (folder / "current.json").read_text()
    with pytest.raises(error, match="jrc_census_population"):
        building.build(folder)
    assert (folder / "current.json").read_text() == before
    assert served(folder) == 2010
    assert not list(folder.glob(".draft*"))


def test_a_failed_check_publishes_nothing_and_names_rows(broken_root: Path, tmp_path: Path) -> None:
    seed = broken_root / "sql/seeds/settlement_corrections.csv"
    seed.write_text(seed.read_text().replace(",54353,", ",1,"))
    with pytest.raises(CheckFailed, match=r"corrections_still_needed.*\n.*geonameid=2780180"):
        building.build(tmp_path / "build")
    assert not (tmp_path / "build" / "current.json").exists()


def test_a_second_build_at_the_same_time_is_refused(tmp_path: Path) -> None:
    with (
        publish.build_lock(tmp_path),
        pytest.raises(BuildLocked, match="another build is at work"),
    ):
        building.build(tmp_path)


def test_an_unwritable_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TargetUnwritable, match="cannot be written"):
        building.build(tmp_path / "file" / "build")


def test_a_full_disk_is_named_and_the_served_database_stays(
    built_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "build"
    shutil.copytree(built_home / "build", folder)
    before = (folder / "current.json").read_text()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(building, "write_map_files", full)
    with pytest.raises(TargetUnwritable, match="the disk is full"):
        building.build(folder)
    assert (folder / "current.json").read_text() == before
    assert served(folder) == 2010
    assert not list(folder.glob(".draft*"))


def test_a_really_full_disk(tmp_path: Path) -> None:
    """Build into a file system of 4 MB, where root may mount one."""
    spot = tmp_path / "small"
    spot.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(spot)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no right to mount a small file system")
    try:
        with pytest.raises(TargetUnwritable, match="the disk is full"):
            building.build(spot)
        assert not (spot / "current.json").exists()
    finally:
        subprocess.run(["umount", str(spot)], check=False)


def test_a_reader_during_a_build_sees_the_old_or_the_new(tmp_path: Path) -> None:
    building.build(tmp_path)
    stop, seen, errors = threading.Event(), set(), []

    def read() -> None:
        while not stop.is_set():
            try:
                store = Store.current(tmp_path)
                seen.add(store.pointer.file)
                assert one(store, "select count(*) from marts.regions") == 2010
            except Exception as error:
                errors.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    newest = building.build(tmp_path).file
    for _ in range(100):
        if newest in seen or errors:
            break
        time.sleep(0.1)
    stop.set()
    reader.join()
    assert not errors
    assert len(seen) == 2


def test_a_database_of_another_schema_is_refused(built_home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "build"
    shutil.copytree(built_home / "build", folder)
    pointer = read_pointer(folder)
    old = dataclasses.asdict(pointer) | {"schema_version": 0}
    (folder / "current.json").write_text(json.dumps(old))
    with pytest.raises(MartUnavailable, match="has schema 0"):
        Store.current(folder)


def test_a_flipped_byte_is_found(built_home: Path, tmp_path: Path) -> None:
    pointer = read_pointer(built_home / "build")
    copy = Path(shutil.copy(built_home / "build" / pointer.file, tmp_path / "x.duckdb"))
    data = bytearray(copy.read_bytes())
    spot = data.index(b"Hersfeld-Rotenburg")
    data[spot] ^= 1
    copy.write_bytes(data)
    with pytest.raises(CheckFailed, match="cannot be read back"):
        publish.content_hash(copy)


def test_the_store_is_hardened(store: Store) -> None:
    for sql in (
        "select * from read_text('/etc/hostname')",
        "copy (select 1) to '/tmp/hinterland-should-not-exist.csv'",
        "attach '/tmp/other.duckdb'",
        "set enable_external_access = true",
        "create table marts.x as select 1",
        "select * from some_python_variable",
    ):
        with pytest.raises(duckdb.Error):
            store.arrow(sql)


def test_one_cursor_a_query_gives_each_thread_its_own_rows(store: Store) -> None:
    wrong = []

    def read(number: int) -> None:
        for i in range(100):
            value = store.arrow("select ? as v", [number * 1000 + i])["v"][0].as_py()
            if value != number * 1000 + i:
                wrong.append(value)

    threads = [threading.Thread(target=read, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_an_endless_query_is_stopped(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.serve.store.QUERY_SECONDS", 0.2)
    with pytest.raises(MartUnavailable, match="was stopped"):
        store.arrow("select count(*) from range(10000000) a, range(10000000) b")
    monkeypatch.undo()
    assert one(store, "select 1") == 1


def test_the_modules_run_without_a_checkout_on_the_path() -> None:
    code = "import pipelines.cli.main, pipelines.runner.build, pipelines.serve.export; print('ok')"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout.strip() == "ok"
