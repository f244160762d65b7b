"""Storing matrices: what is refused, what stays, and what is taken away."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.core.errors import (
    BuildLocked,
    ChecksumMismatch,
    HinterlandError,
    InputError,
    SourceUnreadable,
)
from pipelines.core.registry import read_registry
from pipelines.io import matrices
from pipelines.io.locks import lock
from pipelines.io.matrices import COLUMNS, INDEX, read_index, read_stored
from pipelines.roads.stored import LOCK, name_of, remove, store
from pipelines.sources.openstreetmap import read_minutes

SAYS = {
    "attribution": "© OpenStreetMap contributors",
    "licence": "ODbL-1.0",
    "extract": "made.osm.pbf",
    "extract_sha256": "0" * 64,
    "snapshot": "2025-02-03T04:05:06Z",
    "engine": "by hand",
    "mode": "car",
}
SETTLEMENTS = {1, 2, 3}
Row = tuple[int | None, str | None, float | None, str | None]
GOOD: list[Row] = [(1, "2", 10.0, "car"), (1, "AT_7", None, "car"), (2, "1", 0.0, "car")]


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HINTERLAND_HOME", str(tmp_path / "home"))


def write(path: Path, rows: list[Row], schema: pa.Schema = COLUMNS) -> Path:
    fields = [pa.field(f.name, f.type) for f in schema]
    columns = [[row[i] for row in rows] for i in range(len(fields))]
    arrays = [pa.array(c, f.type) for c, f in zip(columns, fields, strict=True)]
    table = pa.Table.from_arrays(arrays, schema=pa.schema(fields, metadata=SAYS))
    pq.write_table(table, path)
    return path


def retyped(name: str, kind: pa.DataType) -> pa.Schema:
    return pa.schema([pa.field(f.name, kind if f.name == name else f.type) for f in COLUMNS])


def test_a_stored_matrix_is_read_back(tmp_path: Path) -> None:
    folder = tmp_path / "stored"
    entry = store(folder, write(tmp_path / "m.parquet", GOOD), "ad-towns-car", SETTLEMENTS)
    assert (entry.pairs, entry.origins, entry.destinations) == (3, 2, 3)
    assert (entry.extract, entry.snapshot, entry.mode) == (
        "made.osm.pbf",
        "2025-02-03T04:05:06Z",
        "car",
    )
    second = write(tmp_path / "n.parquet", [(3, "1", 7.5, "foot")])
    store(folder, second, "li-towns-foot", SETTLEMENTS)
    table = read_minutes(folder / INDEX, read_registry()["openstreetmap_minutes"])
    assert table.to_pylist()[0] == {
        "matrix": "ad-towns-car",
        "origin": 1,
        "destination": "2",
        "minutes": 10.0,
        "mode": "car",
    }
    assert table["matrix"].to_pylist() == ["ad-towns-car"] * 3 + ["li-towns-foot"]
    # The same name takes the place of the one before.
    store(folder, second, "ad-towns-car", SETTLEMENTS)
    assert [e.pairs for e in read_index(folder / INDEX)] == [1, 1]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "holds no pairs"),
        ([*GOOD, (2, "2", -1.0, "car")], "row 4: minutes do not fit; found '-1'"),
        ([*GOOD, (2, "2", float("nan"), "car")], "row 4: minutes do not fit; found 'nan'"),
        ([*GOOD, (2, "2", float("inf"), "car")], "row 4: minutes do not fit; found 'inf'"),
        ([*GOOD, (2, "2", 20_000.0, "car")], "found '20000'; allowed: from 0 to 10080"),
        ([*GOOD, (9, "2", 1.0, "car")], r"row 4: origin is no settlement \(1 rows in all\); .*'9'"),
        ([*GOOD, (None, "2", 1.0, "car")], "row 4: origin is empty"),
        ([*GOOD, (2, None, 1.0, "car")], "row 4: destination is empty"),
        ([*GOOD, (2, "2", 1.0, None)], "row 4: mode is empty"),
        ([*GOOD, (1, "2", 11.0, "car")], "row 4: a pair stands in a row before"),
        ([*GOOD, (1, "AT_7", 11.0, "car")], "row 4: a pair .*'origin 1, destination AT_7'"),
    ],
)
def test_rows_that_no_engine_writes_are_named(
    tmp_path: Path, rows: list[Row], message: str
) -> None:
    folder = tmp_path / "stored"
    store(folder, write(tmp_path / "good.parquet", GOOD), "m", SETTLEMENTS)
    with pytest.raises(InputError, match=message) as caught:
        store(folder, write(tmp_path / "bad.parquet", rows), "m", SETTLEMENTS)
    assert str(caught.value).startswith("bad.parquet")
    # What was stored before stays, and is whole.
    ((entry, table),) = read_stored(folder / INDEX)
    assert (entry.pairs, table.num_rows) == (3, 3)


def test_a_matrix_of_endless_rows_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matrices, "MOST_PAIRS", 2)
    with pytest.raises(InputError, match="3 rows; allowed: up to 2"):
        store(tmp_path / "s", write(tmp_path / "m.parquet", GOOD), "m", SETTLEMENTS)


def test_a_pair_may_stand_once_a_mode(tmp_path: Path) -> None:
    rows = [*GOOD, (1, "2", 40.0, "foot")]
    entry = store(tmp_path / "s", write(tmp_path / "m.parquet", rows), "m", SETTLEMENTS)
    assert entry.mode == "car, foot"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda p: None, "no such file"),
        (lambda p: p.write_bytes(b""), "is not Parquet"),
        (lambda p: p.write_text("origin,destination,minutes\n1,2,3\n"), "is not Parquet"),
        (lambda p: pq.write_table(pa.table({"origin": [1]}), p), "no column destination, minutes"),
        (lambda p: write(p, [], retyped("minutes", pa.string())), "minutes is of another type"),
        (lambda p: write(p, [], retyped("origin", pa.string())), "origin is of another type"),
        (
            lambda p: pq.write_table(
                pa.table([pa.array([], f.type) for f in COLUMNS], names=COLUMNS.names), p
            ),
            "its metadata do not say attribution, licence",
        ),
    ],
)
def test_files_that_are_no_matrix_are_named(
    tmp_path: Path, make: Callable[[Path], object], message: str
) -> None:
    path = tmp_path / "x.parquet"
    make(path)
    with pytest.raises(InputError, match=message):
        store(tmp_path / "s", path, "m", SETTLEMENTS)
    assert not (tmp_path / "s").exists()


@pytest.mark.parametrize(
    ("spoil", "error", "message"),
    [
        (
            lambda f: next(f.glob("m-*.parquet")).unlink(),
            SourceUnreadable,
            "is not there.*--remove m",
        ),
        (
            lambda f: next(f.glob("m-*.parquet")).write_bytes(b"PAR1"),
            ChecksumMismatch,
            "--remove m",
        ),
        (lambda f: (f / INDEX).write_text("{}"), SourceUnreadable, "no index of stored matrices"),
        (lambda f: (f / INDEX).write_text("[1"), SourceUnreadable, "no index of stored matrices"),
        (
            lambda f: (f / INDEX).write_text('{"matrices": [{"name": "m"}]}'),
            SourceUnreadable,
            "no index of stored matrices",
        ),
    ],
)
def test_a_spoilt_store_is_one_message(
    tmp_path: Path, spoil: Callable[[Path], object], error: type[HinterlandError], message: str
) -> None:
    folder = tmp_path / "stored"
    store(folder, write(tmp_path / "m.parquet", GOOD), "m", SETTLEMENTS)
    spoil(folder)
    with pytest.raises(error, match=message):
        read_stored(folder / INDEX)


def test_taken_away(tmp_path: Path) -> None:
    folder = tmp_path / "stored"
    matrix = write(tmp_path / "m.parquet", GOOD)
    for name in ("a", "b"):
        store(folder, matrix, name, SETTLEMENTS)
    with pytest.raises(InputError, match="no matrix is stored as 'c'; there are: a, b"):
        remove(folder, "c")
    remove(folder, "a")
    assert [entry.name for entry in read_index(folder / INDEX)] == ["b"]
    remove(folder, "b")
    assert list(folder.iterdir()) == []
    with pytest.raises(InputError, match="none is stored"):
        remove(folder, "b")


def test_one_command_at_a_time(tmp_path: Path) -> None:
    matrix, held = write(tmp_path / "m.parquet", GOOD), tmp_path / "home" / "roads" / LOCK
    held.parent.mkdir(parents=True)
    with held.open("a+") as handle:
        lock(handle)
        with pytest.raises(BuildLocked, match="another command stores a matrix"):
            store(tmp_path / "s", matrix, "m", SETTLEMENTS)


def test_names_are_safe_in_files_and_addresses() -> None:
    assert name_of("Andorra-latest.osm.pbf", "towns", "car") == "andorra-latest-towns-car"
    assert name_of("../Île de France.osm.pbf", "towns", "foot") == "le-de-france-towns-foot"
    assert name_of("x.parquet", "", "") == "x"
