"""Our figures and types beside the official ones."""

from __future__ import annotations

import pandas as pd

from pipelines.serve.store import Store


def typology_pairs(store: Store) -> list[tuple[str, str]]:
    """Return the pairs of our and official typologies that the crosswalk has."""
    rows = store.rows(
        "select distinct our_typology, official_typology from marts.typology_crosswalk order by all"
    )
    return [(row["our_typology"], row["official_typology"]) for row in rows]


def typology_crosswalk(store: Store, ours: str, official: str) -> pd.DataFrame:
    """Return the regions and people of each pair of classes, and their shares (0 to 1)."""
    return store.frame(
        """
        select our_class, official_class, region_count, people, share_of_our_class,
            share_of_official_class
        from marts.typology_crosswalk
        where our_typology = $ours and official_typology = $official
        order by our_class, region_count desc
        """,
        {"ours": ours, "official": official},
    )


def published_figures(store: Store) -> pd.DataFrame:
    """Return what Eurostat has published on hospitals beside ours, in order of the seed."""
    return store.frame(
        "select figure, nuts_id, unit, published, shown, reason, source "
        "from marts.published_figures order by position"
    )
