"""The read-only store: follows the pointer, hands out one cursor per query."""

from __future__ import annotations

import contextlib
import functools
import gzip
import json
import math
import threading
import time
import zlib
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import duckdb
import pyarrow as pa

from pipelines.core import paths
from pipelines.core.database import open_published
from pipelines.core.errors import MartUnavailable
from pipelines.core.pointer import Pointer, read_pointer

if TYPE_CHECKING:
    import pandas as pd

QUERY_SECONDS = 10.0
#: What a damaged block sets off when it is met; a wrong query raises others.
DAMAGED = (
    duckdb.IOException,
    duckdb.InternalException,
    duckdb.FatalException,
    duckdb.SerializationException,
)
# Answers that are kept for the next visitor; the ones not asked for the longest time go first.
MEMO_MOST = 256
T = TypeVar("T")


class Alarms:
    """Calls what is not ended in time, from one thread for all.

    A thread a query would cost more of Python's lock than most queries do.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._due: dict[int, tuple[float, Callable[[], None]]] = {}
        self._next = 0
        self._wakes_at: float | None = None  # None: no thread yet, infinity: it waits for a query

    def set(self, seconds: float, call: Callable[[], None]) -> int:
        """Have something called after some seconds; return what ends it."""
        due = time.monotonic() + seconds
        with self._changed:
            self._next += 1
            self._due[self._next] = (due, call)
            if self._wakes_at is None:
                self._wakes_at = due
                threading.Thread(target=self._watch, name="alarms", daemon=True).start()
            elif due < self._wakes_at:
                self._changed.notify()
            return self._next

    def end(self, alarm: int) -> None:
        """Let an alarm be; once this returns it is not called any more."""
        with self._changed:
            self._due.pop(alarm, None)

    def _watch(self) -> None:
        with self._changed:
            while True:
                now = time.monotonic()
                for alarm in [a for a, (due, _call) in self._due.items() if due <= now]:
                    # Whatever comes of one, the others must still be heard.
                    with contextlib.suppress(Exception):
                        self._due.pop(alarm)[1]()
                self._wakes_at = min((due for due, _call in self._due.values()), default=math.inf)
                is_idle = self._wakes_at == math.inf
                self._changed.wait(None if is_idle else max(0.0, self._wakes_at - now))


ALARMS = Alarms()


class _Slot:
    """One answer, and the lock under which it is made."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.is_made = False
        self.value: Any = None


class Store:
    """One published database, opened read-only.

    ``Store.current(folder)`` returns the store of the file that the pointer names and
    opens a new one when the pointer has moved. An old connection is not closed, for
    a query may still run on it; it goes with its last cursor.
    """

    _open: dict[Path, Store] = {}  # noqa: RUF012 - one per folder, guarded by _guard
    _guard = threading.Lock()

    def __init__(self, folder: Path, pointer: Pointer) -> None:
        self.folder = folder
        self.pointer = pointer
        self._memo: OrderedDict[Hashable, _Slot] = OrderedDict()
        self._memo_guard = threading.Lock()
        try:
            self._con = open_published(folder / pointer.file)
        except (duckdb.Error, RuntimeError, ValueError) as error:
            raise MartUnavailable(
                f"{folder / pointer.file} cannot be opened ({error}). Run 'hinterland build'."
            ) from error

    @classmethod
    def current(cls, folder: Path | None = None) -> Store:
        """Return the store that the pointer names now.

        Raises
        ------
        MartUnavailable
            Nothing was built, or what is there cannot be read by this version.
        """
        folder = (folder or paths.build_dir()).resolve()
        pointer = read_pointer(folder)
        with cls._guard:
            store = cls._open.get(folder)
            if store is None or store.pointer.file != pointer.file:
                store = cls._open[folder] = cls(folder, pointer)
            return store

    @property
    def maps(self) -> Path:
        """Folder of the map files that belong to this database."""
        return (self.folder / self.pointer.file).with_suffix(".maps")

    def map_file(self, name: str) -> Any:
        """Return the content of a map file.

        Raises
        ------
        MartUnavailable
            It is gone or damaged.
        """
        path = self.maps / f"{name}.json.gz"
        try:
            return json.loads(gzip.decompress(path.read_bytes()))
        except (OSError, EOFError, zlib.error, ValueError, RecursionError) as error:
            raise MartUnavailable(
                f"{path} cannot be read ({error}). Run 'hinterland build'."
            ) from error

    def memo(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what ``make`` gave for a key, made once while this database is served.

        The one cache of everything that follows from a database: it goes with the store when
        another database is published. Who asks while an answer is made waits for it; an
        answer that fails is made anew the next time.

        Parameters
        ----------
        key : hashable
            Names the answer; what is made from the arguments alone has them in its key.
        make : callable
            Makes it. The answer is shared by all visitors, so nobody may change it.
        """
        with self._memo_guard:
            slot = self._memo.setdefault(key, _Slot())
            self._memo.move_to_end(key)
            while len(self._memo) > MEMO_MOST:
                self._memo.popitem(last=False)
        with slot.lock:
            if not slot.is_made:
                slot.value, slot.is_made = make(), True
            value: T = slot.value
            return value

    def arrow(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> pa.Table:
        """Run one query on a cursor of its own and return an Arrow table."""
        cursor = self._con.cursor()
        alarm = ALARMS.set(QUERY_SECONDS, cursor.interrupt)
        try:
            return cursor.execute(sql, parameters or None).to_arrow_table()
        except duckdb.InterruptException as error:
            raise MartUnavailable(
                f"The query took longer than {QUERY_SECONDS:.0f} seconds and was stopped."
            ) from error
        except (*DAMAGED, UnicodeDecodeError) as error:
            raise MartUnavailable(
                f"{self.folder / self.pointer.file} is damaged ({error}). Run 'hinterland build'."
            ) from error
        finally:
            ALARMS.end(alarm)
            cursor.close()

    def rows(
        self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()
    ) -> list[dict[str, Any]]:
        """Run one query and return its rows, each by the names of its columns."""
        rows: list[dict[str, Any]] = self.arrow(sql, parameters).to_pylist()
        return rows

    def column(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> list[Any]:
        """Run one query and return the values of its first column."""
        values: list[Any] = self.arrow(sql, parameters).column(0).to_pylist()
        return values

    def frame(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> pd.DataFrame:
        """Run one query and return a data frame with nullable types."""
        return to_frame(self.arrow(sql, parameters))


def to_frame(table: pa.Table) -> pd.DataFrame:
    """Return a data frame with nullable types."""
    frame: pd.DataFrame = table.to_pandas(types_mapper=_nullable().get)
    return frame


def texts_of(values: pd.Series) -> pa.Array | None:
    """Return a column of nullable texts, shape (n,), as Arrow holds it; None for any other column.

    Arrow looks up and tells apart 79 000 texts in a tenth of the time that objects take.
    """
    import pandas as pd

    if not isinstance(values.dtype, pd.StringDtype):
        return None
    texts = pa.array(values, from_pandas=True)
    return texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts


@functools.cache
def _nullable() -> dict[pa.DataType, Any]:
    """Return pandas' nullable type of each Arrow type; pandas is imported for frames alone."""
    import pandas as pd

    return {
        pa.int8(): pd.Int8Dtype(),
        pa.int16(): pd.Int16Dtype(),
        pa.int32(): pd.Int32Dtype(),
        pa.int64(): pd.Int64Dtype(),
        pa.bool_(): pd.BooleanDtype(),
        pa.string(): pd.StringDtype(),
    }
