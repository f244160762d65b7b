"""Eurostat's API: the address of a data set, and when it was last updated.

What the `eurostat` package serves is taken from it: the base addresses, the table of
contents (with the date of the last update) and the places of key and state in an
asynchronous answer (`pipelines.net.responses`). Its data download is not used: it asks
once for every *combination* of filter codes (40 requests for 20 age groups of both
sexes), keeps everything in memory as tuples, cannot be pointed at another base address
or resume, polls without a pause or an end, and retries answers that will not change.
"""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import eurostat.eurostat as package

from pipelines.core.errors import HinterlandError
from pipelines.net.client import Client

if TYPE_CHECKING:
    from pipelines.core.registry import Source

_OBSERVATION = {"time_period", "obs_value", "obs_flag", "obs_state"}
_LOCK = threading.Lock()


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
    codes = {"freq": ["A"], **filters.get("codes", {})}
    dimensions = [name for name in declared.columns if name not in _OBSERVATION]
    key = ".".join("+".join(codes.get(name, [])) for name in dimensions)
    period = "".join(
        f"&{word}={filters[name]}"
        for name, word in (("first_year", "startPeriod"), ("last_year", "endPeriod"))
        if name in filters
    )
    address = f"{base}/sdmx/2.1/data/{declared.extra['dataset']}/{key}"
    return f"{address}?format=TSV&compressed=true{period}"


def last_update(client: Client, dataset: str) -> str:
    """Return when Eurostat last changed a data set, or nothing where it does not say.

    The package reads the table of contents; its requests go through our client.
    """
    with _LOCK:
        held, base = package.requests, vars(package)["__Uri__"].BASE_URL["EUROSTAT"]
        vars(package)["__Uri__"].BASE_URL["EUROSTAT"] = f"{client.bases['eurostat']}/sdmx/2.1/"
        package.requests = SimpleNamespace(get=_Through(client).get)
        try:
            rows = package.get_toc(agency="EUROSTAT", dataset=dataset)
        except Exception:
            return ""
        finally:
            package.requests = held
            vars(package)["__Uri__"].BASE_URL["EUROSTAT"] = base
    return str(rows[1][3]) if len(rows) > 1 and rows[1][3] else ""


class _Through:
    """Gives the package its answers by way of our client; a failure is final."""

    def __init__(self, client: Client) -> None:
        self.client, self.failed = client, False

    def get(self, url: str, **_: Any) -> SimpleNamespace:
        if not self.failed:
            try:
                content = self.client.get(url)
                return SimpleNamespace(ok=True, content=content, url=url)
            except HinterlandError:
                self.failed = True
        return SimpleNamespace(ok=False, content=b"", url=url)
