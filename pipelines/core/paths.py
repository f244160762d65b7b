"""Where things lie: the code's own files, and the folders that a build writes.

From a checkout the files are read where they are; from an installed wheel they
come from the package's bundle and the build goes to the user's data folder.
"""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

_PACKAGE = Path(__file__).resolve().parents[1]


def root() -> Path:
    """Return the folder that holds ``sql/``, ``geodata/``, ``pages/`` and ``app.py``."""
    checkout = _PACKAGE.parent
    return checkout if (checkout / "sql").is_dir() else _PACKAGE / "_bundle"


def is_checkout() -> bool:
    """Tell whether the program runs from a checkout rather than from a wheel."""
    return root() != _PACKAGE / "_bundle"


def home() -> Path:
    """Return the folder for build and cache: ``HINTERLAND_HOME`` or the default."""
    stated = os.environ.get("HINTERLAND_HOME")
    if stated:
        return Path(stated).expanduser()
    if is_checkout():
        return root() / "geodata"
    return Path(platformdirs.user_data_dir("hinterland", appauthor=False))


def build_dir() -> Path:
    """Return the folder of published databases."""
    return home() / "build"


def cache_dir() -> Path:
    """Return the folder of fetched files."""
    return home() / "cache"


def osm_dir() -> Path:
    """Return the folder of OpenStreetMap extracts, which are under a licence of their own."""
    return home() / "osm"


def minutes_dir() -> Path:
    """Return the folder of stored travel-time matrices, among the fetched files."""
    return cache_dir() / "openstreetmap_minutes"


def site_dir() -> Path:
    """Return the folder of the documentation site, where ``make docs`` writes it.

    A wheel that is made after it carries the site in the same place.
    """
    return _PACKAGE / "_bundle" / "site"


def embedded_dir() -> Path:
    """Return the folder of the embedded default."""
    return root() / "geodata" / "embedded"


def registry_dir() -> Path:
    """Return the folder of the source declarations."""
    return root() / "geodata" / "sources"


def catalogue_dir() -> Path:
    """Return the folder of the hand-curated catalogue."""
    return root() / "geodata" / "catalogue"


def sql_dir() -> Path:
    """Return the folder of the models."""
    return root() / "sql"
