"""Eurostat's API: the address of a data set, its last update, and its structure.

Bytes come through our client, which the `eurostat` package cannot be told to use: its
functions ask a fixed address, without limits on size, speed or redirects. Who writes a
declaration asks the package about a data set: ``python -m pipelines.net.eurostat_api NAME``
compares the declaration with what Eurostat publishes.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.core.errors import HinterlandError
from pipelines.io import archives
from pipelines.net.client import Client

if TYPE_CHECKING:
    from pipelines.core.registry import Source

_OBSERVATION = {"time_period", "obs_value", "obs_flag", "obs_state"}
_DATE = re.compile(r"\d{4}-\d\d-\d\d[\dT:.+Z-]{0,30}", re.ASCII)
#: A description of one data set takes about 10 kB.
_CAPS = archives.Caps(max_bytes=8 << 20)


def data_url(base: str, declared: Source) -> str:
    """Return the SDMX 2.1 address of what a declaration uses.

    Parameters
    ----------
    base : str
        ``https://ec.europa.eu/eurostat/api/dissemination`` or another.
    declared : Source
        Its columns name the dimensions in the order of Eurostat's structure;
        ``extra["dataset"]`` is the code; ``extra["filters"]`` may hold ``codes``,
        ``first_year`` and ``last_year``. Levels cannot be asked for here: the reader
        keeps those that are used.

    Returns
    -------
    str

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> one = SimpleNamespace(
    ...     columns={"freq": "", "sex": "", "geo": "", "time_period": "", "obs_value": ""},
    ...     extra={"dataset": "d", "filters": {"codes": {"sex": ["F", "M"]}, "first_year": 1990}},
    ... )
    >>> data_url("https://x/api", one)
    'https://x/api/sdmx/2.1/data/d/A.F+M.?format=TSV&compressed=true&startPeriod=1990'
    """
    filters = declared.extra.get("filters", {})
    codes = _codes(declared)
    key = ".".join("+".join(codes.get(name, [])) for name in _dimensions(declared))
    period = "".join(
        f"&{word}={filters[name]}"
        for name, word in (("first_year", "startPeriod"), ("last_year", "endPeriod"))
        if name in filters
    )
    address = f"{base}/sdmx/2.1/data/{declared.extra['dataset']}/{key}"
    return f"{address}?format=TSV&compressed=true{period}"


def _dimensions(declared: Source) -> list[str]:
    return [name for name in declared.columns if name not in _OBSERVATION]


def _codes(declared: Source) -> dict[str, list[str]]:
    return {"freq": ["A"], **declared.extra.get("filters", {}).get("codes", {})}


def last_update(client: Client, dataset: str) -> str:
    """Return when Eurostat last changed a data set, or nothing where it does not say."""
    base = client.bases["eurostat"]
    try:
        body = client.get(
            f"{base}/sdmx/2.1/dataflow/ESTAT/{dataset}?format=JSON&compressed=true&lang=en"
        )
        if body.startswith(archives.GZIP_MAGIC):
            body = archives.gunzip(body, Path(dataset), _CAPS)
        notes = json.loads(body)["extension"]["annotation"]
        dates = [str(note.get("date")) for note in notes if note.get("type") == "UPDATE_DATA"]
    except (HinterlandError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return ""
    return next((date for date in dates if _DATE.fullmatch(date)), "")


def differences(declared: Source, package: Any) -> Iterator[str]:
    """Compare a declaration with what Eurostat publishes now.

    Parameters
    ----------
    declared : Source
    package : module
        The package `eurostat`, or something with its ``get_pars`` and ``get_par_values``.

    Yields
    ------
    str
        One line for each difference: another order of dimensions, a code that is not used.
    """
    dataset = declared.extra["dataset"]
    there = [name.lower() for name in package.get_pars(dataset)]
    ours = _dimensions(declared)
    if there != ours:
        yield f"{declared.name}: dimensions are {there}, declared are {ours}"
    for name, codes in _codes(declared).items():
        if name in there and (
            missing := sorted(set(codes) - set(package.get_par_values(dataset, name)))
        ):
            yield f"{declared.name}: {name} has no {', '.join(missing)}"


def main(names: list[str]) -> int:
    """Compare the named declarations with Eurostat; return how many differ."""
    import eurostat

    from pipelines.core.registry import read_registry

    registry = read_registry()
    eurostat.set_requests_args(timeout=30)
    number = 0
    for name in names:
        lines = list(differences(registry[name], eurostat))
        number += bool(lines)
        print("\n".join(lines) or f"{name}: as declared")
    return number


if __name__ == "__main__":
    raise SystemExit(min(main(sys.argv[1:]), 1))
