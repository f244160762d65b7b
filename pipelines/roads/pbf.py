"""What an OpenStreetMap extract says of itself, and that it is whole."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from pipelines.core.areas import Area
from pipelines.core.errors import InputError
from pipelines.io.pbf import read_header


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """An extract that is whole.

    Attributes
    ----------
    path : Path
    size_mb : float
    sha256 : str
    box : Area or None
        The box that it states (degrees, EPSG:4326).
    snapshot : str or None
        Date and time of the data in UTC, as it states them.
    """

    path: Path
    size_mb: float
    sha256: str
    box: Area | None
    snapshot: str | None


def read_extract(path: Path) -> Extract:
    """Read what an extract states, and see that it is whole.

    Parameters
    ----------
    path : Path
        ``.osm.pbf``.

    Raises
    ------
    InputError
        There is no such file; it is empty, cut off or no PBF, holds no data, or is packed
        with something else than zlib.
    """
    header = read_header(path)
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        size = path.stat().st_size
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from error
    return Extract(
        path=path,
        size_mb=size / 1e6,
        sha256=digest,
        box=header.box,
        snapshot=header.snapshot_text,
    )
