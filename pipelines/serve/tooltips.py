"""What a tooltip says of each item of a map: made when a browser first asks for it.

A page offers the figures under an address made of their digest; they never travel with a
rerun, and a filter that changes none of them changes no address.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipelines.serve import queries
from pipelines.serve.base import base_path
from pipelines.serve.store import Store, texts_of

PREFIX = "/tooltips"
#: Offers that are kept; one of the settlements takes some 200 KB.
MOST = 64
#: An offer that nobody took holds its database, so those of older ones than the last two go.
DATABASES_MOST = 2


@dataclass(frozen=True)
class Line:
    """One line of every tooltip of a map.

    Attributes
    ----------
    label : str
        What the text is; may be empty.
    texts : sequence of str
        The distinct texts; an empty one draws no line.
    at : ndarray of int or None
        Which of them an item has, in map order, shape (n,); None: all have the first.
    """

    label: str
    texts: Sequence[str]
    at: NDArray[np.int64] | None = None


def by_value(label: str, values: pd.Series, word: Callable[[Any], str], missing: str = "") -> Line:
    """Return a line whose text follows from a value: each distinct value is worded once.

    Parameters
    ----------
    label : str
        What the text is.
    values : Series
        In map order, shape (n,).
    word : callable
        Returns the text of a value.
    missing : str
        Text of a missing value.
    """
    at, distinct = pd.factorize(values)
    texts = [*map(word, distinct), missing]
    return Line(label, texts, np.where(at < 0, len(distinct), at))


class Offers:
    """Figures that a browser may ask for; those not asked for the longest time go first."""

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self._offers: OrderedDict[str, Callable[[], bytes] | bytes] = OrderedDict()
        self._database: dict[str, str] = {}  # of an offer that is not made yet
        self._guard = threading.Lock()

    def offer(self, database: str, parts: Iterable[str | bytes], make: Callable[[], bytes]) -> str:
        """Offer the gzipped JSON that ``make`` gives; return its address.

        Parameters
        ----------
        database : str
            File of the database that it is made from.
        parts : iterable of str or bytes
            All else that it follows from.
        make : callable
            Makes it when it is first asked for.
        """
        digest = hashlib.sha256()
        for part in (database, *parts):
            digest.update(part.encode() if isinstance(part, str) else part)
            digest.update(b"\0")
        key = digest.hexdigest()[:32]
        with self._guard:
            if key not in self._offers:
                self._offers[key], self._database[key] = make, database
            self._offers.move_to_end(key)
            while len(self._offers) > self.most:
                self._database.pop(self._offers.popitem(last=False)[0], None)
            self._forget_old()
        return f"{base_path()}{PREFIX}/{key}.json"

    def _forget_old(self) -> None:
        """Let go of the databases before the last two that something was offered from."""
        recent: dict[str, None] = {}
        for key in list(reversed(self._offers)):
            if (database := self._database.get(key)) is None:
                continue
            recent.setdefault(database)
            if list(recent).index(database) >= DATABASES_MOST:
                del self._offers[key], self._database[key]

    def packed(self, key: str) -> bytes | None:
        """Return the gzipped JSON of an offer, or None where there is none (any more)."""
        with self._guard:
            offer = self._offers.get(key)
        if offer is None or isinstance(offer, bytes):
            return offer
        packed = offer()
        with self._guard:
            if key in self._offers:
                self._offers[key] = packed
                self._database.pop(key, None)
        return packed


OFFERS = Offers()


def pack(lines: Iterable[Line]) -> bytes:
    """Return lines as gzipped JSON: each distinct text once, and its number for each item."""
    return _gzipped([_column(line) for line in lines])


def outlines(store: Store, features: Sequence[dict[str, Any]]) -> str:
    """Offer the outlines of some regions (features of a map file); return their address."""
    codes = [str(feature["properties"]["id"]) for feature in features]
    parts = ("outlines", *codes)
    return OFFERS.offer(store.pointer.file, parts, lambda: _gzipped(features))


def _gzipped(content: object) -> bytes:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return gzip.compress(text.encode("utf-8"), compresslevel=4, mtime=0)


def _column(line: Line) -> dict[str, Any]:
    column: dict[str, Any] = {"label": line.label, "texts": list(line.texts)}
    return column if line.at is None else column | {"at": line.at.tolist()}


def digest_of(values: pd.Series) -> bytes:
    """Return what tells two columns of values apart."""
    if pd.api.types.is_numeric_dtype(values.dtype):
        return values.to_numpy(dtype=float, na_value=np.nan).tobytes()
    if (texts := texts_of(values)) is None:
        hashed: NDArray[np.uint64] = pd.util.hash_array(values.to_numpy(dtype=object))
        return hashed.tobytes()
    coded = texts.dictionary_encode()
    at = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return bytes(at.tobytes()) + "\0".join(map(str, coded.dictionary.to_pylist())).encode()


def regions(store: Store, file: str) -> pd.DataFrame:
    """Return the regions of a map file in its order.

    Returns
    -------
    DataFrame
        ``nuts_id``, ``country_name``, ``country_group``, ``people`` and ``people_before`` (of the
        two years of the change), ``area_km2``, ``has_break``, ``is_converted``,
        ``has_two_answers`` and ``has_two_trends``, shape (n, 10); missing where not known.
    """
    vintage = 2024 if "-2024-" in file else 2021
    order = [f["properties"]["id"] for f in queries.map_file(store, file)["features"]]
    source = (
        "select nuts_id, population_end as people, population_start as people_before, area_km2, "
        "population_has_break as has_break, population_is_converted as is_converted, "
        "has_two_answers, has_two_trends from marts.regions"
        if vintage == 2021
        else "select nuts_id, population_end as people, population_start as people_before, "
        "null::double as area_km2, change_spans_break as has_break, is_converted, "
        "null::boolean as has_two_answers, null::boolean as has_two_trends "
        "from marts.region_demography where nuts_version = 2024"
    )
    rows = store.frame(source).set_index("nuts_id").reindex(order).reset_index(names="nuts_id")
    countries = store.frame(
        "select country, country_name, country_group from marts.regions where level = 0"
    ).set_index("country")
    known = countries.reindex(rows["nuts_id"].str[:2]).reset_index(drop=True)
    return pd.concat([rows, known], axis=1)


def towns(store: Store) -> pd.DataFrame:
    """Return the settlements in map order.

    Returns
    -------
    DataFrame
        ``country_name``, ``country_group``, ``region_name`` and ``people`` (0 where it is part of
        a larger place), shape (n, 4).
    """
    return store.frame(
        """
        select
            towns.country_name, countries.country_group, towns.region_name,
            case when towns.part_of is null then towns.population else 0 end as people
        from marts.towns as towns
        left join marts.regions as countries
            on countries.level = 0 and countries.country = towns.country
        order by towns.geonameid
        """
    )


def mean(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    """Return the mean of known values by known weights; NaN where there is none."""
    known = ~np.isnan(values) & ~np.isnan(weights) & (weights > 0)
    if not known.any():
        return float("nan")
    return float(np.average(values[known], weights=weights[known]))
