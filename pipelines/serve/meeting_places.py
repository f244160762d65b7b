"""Meeting places of regions and settlements, where an OpenStreetMap set is attached.

What follows from the set is under the ODbL: it leaves by :func:`package` alone.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipelines.serve import export, osm
from pipelines.serve.osm import OsmSet
from pipelines.serve.place_files import csv
from pipelines.serve.store import Store
from pipelines.serve.thresholds import thresholds

NOT_COVERED, NOT_MAPPED = osm.NOT_COVERED, osm.NOT_MAPPED


def of_regions(store: Store) -> pd.DataFrame | None:
    """Return what the attached set says of NUTS-3 regions; None where there is none.

    Returns
    -------
    DataFrame
        ``nuts_id``; ``few_places_share``: share of people (0 to 1) in settlements with fewer
        headline types than ``osm_few_types``, missing where too few of the region's people are
        covered or too many live where the map is thin (``thin_covered_share``);
        ``places_note``: why it is missing.

    Raises
    ------
    InputError
        A stored extract is damaged.
    """
    attached = osm.attached(store)
    return None if attached is None else _of(attached, thresholds(store)["thin_covered_share"])


def _of(attached: OsmSet, least: float) -> pd.DataFrame:
    regions = attached.regions
    is_covered = regions["covered_share"] >= least
    is_mapped = 1 - regions["thinly_mapped_share"] >= least
    note = np.select([~is_covered, ~is_mapped], [NOT_COVERED, NOT_MAPPED], "")
    return pd.DataFrame(
        {
            "nuts_id": regions["nuts_id"],
            "few_places_share": regions["few_types_here_share"].where(is_covered & is_mapped),
            "places_note": note,
        }
    )


def package(store: Store, rows: pd.DataFrame, words: str) -> bytes:
    """Return regions that were crossed with meeting places as an archive with both notices.

    Parameters
    ----------
    store : Store
    rows : DataFrame
        Rows of :func:`pipelines.serve.crossing.regions`.
    words : str
        The selection, in words.
    """
    table = osm.credited(rows.drop(columns=["cell", "is_selected"]))
    notes = export.readme_text(
        store, "region_crossing", export.notes(store, "region_crossing", words)
    )
    return osm.package({"regions.csv": csv(table), "README.txt": notes.encode()})
