"""Which addresses may be asked.

One parser decides, urllib3's, for it is also the one that connects; and what is sent is the
text that it made of an address, on which the standard library's parser has to agree.
"""

from __future__ import annotations

import ipaddress
import os
import re
from urllib.parse import urlsplit

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from pipelines.core.errors import InputError, SourceUnavailable

EUROSTAT_URL = "https://ec.europa.eu/eurostat/api/dissemination"
GISCO_URL = "https://gisco-services.ec.europa.eu"
NATURAL_EARTH_URL = "https://naciscdn.org/naturalearth"
HOSTS = frozenset({"ec.europa.eu", "gisco-services.ec.europa.eu", "naciscdn.org"})
_API = "/api/dissemination"
_PORTS = {"https": 443, "http": 80}
#: Parsers disagree on these: browsers and some libraries read ``\\`` as ``/``.
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\\]")
#: Scheme, host and port.
Origin = tuple[str, str, int]


def canonical(address: str) -> tuple[str, Origin]:
    """Return an address as it will be sent, and its origin.

    Raises
    ------
    ValueError
        It holds a backslash, a control character or a user's name, has no host, or two
        parsers read it differently.
    """
    if _FORBIDDEN.search(address):
        raise ValueError("a backslash or a control character in it")
    try:
        parts = parse_url(address)
    except LocationParseError as error:
        raise ValueError("it cannot be read") from error
    if parts.auth is not None:
        raise ValueError("a user's name in it")
    if parts.scheme not in _PORTS or not parts.host:
        raise ValueError("neither http nor https with a host")
    sent = parts._replace(fragment=None).url
    other = urlsplit(sent)
    if (other.hostname, other.port) != (parts.host.strip("[]"), parts.port):
        raise ValueError("it can be read in two ways")
    return sent, (parts.scheme, parts.host, parts.port or _PORTS[parts.scheme])


def bases() -> dict[str, str]:
    """Return the publishers' base addresses: the environment's, else the official ones.

    ``eurostat``, ``gisco`` and ``natural_earth``; ``eurostat_files`` follows from the first.

    Raises
    ------
    InputError
        An address in the environment is neither https nor http on a loopback host.
    """
    stated = {
        "eurostat": os.environ.get("HINTERLAND_EUROSTAT_URL") or EUROSTAT_URL,
        "gisco": os.environ.get("HINTERLAND_GISCO_URL") or GISCO_URL,
        "natural_earth": os.environ.get("HINTERLAND_NATURAL_EARTH_URL") or NATURAL_EARTH_URL,
    }
    for name, base in stated.items():
        try:
            scheme, host, _ = canonical(base)[1]
            is_fine = scheme == "https" or _is_loopback(host)
        except ValueError:
            is_fine = False
        if not is_fine:
            raise InputError(
                f"HINTERLAND_{name.upper()}_URL: {base!r} found; https, or http on this machine"
                " (127.0.0.1), is allowed, without a user's name."
            )
    stated = {name: base.rstrip("/") for name, base in stated.items()}
    # Files outside the API lie beside it.
    return stated | {"eurostat_files": stated["eurostat"].removesuffix(_API)}


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class Allowed:
    """The origins that may be asked: https of the known hosts, and the stated bases."""

    def __init__(self, hosts: frozenset[str], stated: dict[str, str]) -> None:
        self._origins: set[Origin] = {("https", host, _PORTS["https"]) for host in hosts}
        self._origins |= {canonical(base)[1] for base in stated.values()}

    def judge(self, address: str) -> str:
        """Return an address as it may be sent.

        Raises
        ------
        SourceUnavailable
            It cannot be read for certain, or its origin is not among the allowed ones.
        """
        try:
            sent, origin = canonical(address)
        except ValueError as error:
            raise SourceUnavailable(f"{address}: not asked, {error}.") from error
        if origin not in self._origins:
            known = sorted(f"{scheme}://{host}:{port}" for scheme, host, port in self._origins)
            raise SourceUnavailable(
                f"{address}: not asked; allowed are {', '.join(known)}. If a publisher moved, the"
                " address in geodata/sources needs a look."
            )
        return sent
