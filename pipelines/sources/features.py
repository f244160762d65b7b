"""The features of a publisher's GeoJSON, read by ``json`` and never by GDAL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipelines.core.errors import InputError, SourceUnreadable
from pipelines.io import archives, geojson
from pipelines.io.texts import decode

_MAX_BYTES = 200 << 20


def features_of(path: Path) -> list[dict[str, Any]]:
    """Return the features of a file, at least one.

    Raises
    ------
    SourceUnreadable
        It is no GeoJSON, larger than 200 MiB, or holds no feature.
    """
    raw = archives.read_bytes(path, archives.Caps(max_bytes=_MAX_BYTES))
    try:
        document = geojson.parse_document(decode(raw, path.name), path.name)
        features = geojson.features(document, path.name)
    except InputError as error:
        raise SourceUnreadable(
            f"{path.parent / str(error)}. Fetch it again.", findings=error.findings
        ) from error
    if not features or not all(isinstance(feature, dict) for feature in features):
        raise SourceUnreadable(f"{path}: holds no feature. Fetch it again.")
    return features
