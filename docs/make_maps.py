"""Draw the map of each page of docs/methods, from a build of the embedded default.

Called by ``make_methods.py``: the line below a map (classes and how many regions each has) is
one of the page's generated blocks, so that the test that holds those tells a map that is old.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from PIL import Image

import hinterland as hl
from pipelines.paper import maps, selection
from pipelines.serve import palettes
from pipelines.serve.store import Store

FOLDER = Path(__file__).parent / "methods" / "img"
LEVEL = 3
#: ColorBrewer YlGnBu and, where much is bad, YlOrBr; both are told apart with any colour vision.
BLUE = ("#ffffcc", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494")
BROWN = ("#ffffd4", "#fed98e", "#fe9929", "#d95f0e", "#993404")
BEBRA = 2951793
FIVE_YEAR = ("eurostat_five_year",)
PLACES = ("geonames_cities500", "jrc_census_population", "natural_earth_ways")


@dataclass(frozen=True)
class MethodMap:
    """A map of regions: what it shows, its colours by code, its legend and its sources."""

    title: str
    colours: Mapping[str, str]
    legend: Sequence[tuple[str, str, str]]
    sources: tuple[str, ...]

    def words(self, name: str) -> str:
        """Return the map for a page: the picture, and below it each class with its regions."""
        classes = "; ".join(f"{label}: {count}" for _, label, count in self.legend)
        below = f"*{self.title}, NUTS 3 of 2021. Regions: {classes}.*"
        return f"![{self.title}](img/{name}.png)\n\n{below}\n"


def every(database: str | Path | None = None) -> dict[str, MethodMap]:
    """Return the map of each page of docs/methods by the page's name."""
    regions = hl.regions(level=LEVEL, database=database).set_index("nuts_id")
    causes = hl.demography(level=LEVEL, database=database).set_index("nuts_id")
    return {
        "demographic-change": _typed(
            "Births or migration? Webb's type of the newest sound period",
            causes["webb_type"].reindex(regions.index),
            palettes.WEBB,
            FIVE_YEAR,
        ),
        "ageing": _classed(
            "Median age, years",
            causes["median_age"].reindex(regions.index),
            (38, 41, 44, 47),
            BROWN,
            FIVE_YEAR,
        ),
        "remoteness": _typed(
            "Urban-rural type with remoteness, re-computed, not official",
            regions["remoteness"],
            palettes.REMOTENESS,
            PLACES,
        ),
        **_shares(regions, database),
        **_counts(regions, database),
        "crosswalk": _typed(
            "Access to a city, our reading of the OECD's classes",
            regions["access_to_city"],
            palettes.TYPOLOGIES["regions", "access_to_city"],
            PLACES,
        ),
    }


def _shares(regions: pd.DataFrame, database: str | Path | None) -> dict[str, MethodMap]:
    """Return the maps of shares of people, percent."""
    access = hl.table("region_access", level=LEVEL, service="upper_centre", database=database)
    within = access.set_index("nuts_id")["within_30_share"].reindex(regions.index)
    steps = (20, 40, 60, 80)
    return {
        "access": _classed(
            "People within 30 minutes of an upper centre, %", 100 * within, steps, BLUE, PLACES
        ),
        "service-deserts": _classed(
            "People in settlements that are service deserts, %",
            100 * regions["desert_share"],
            (1, 5, 10, 25),
            BROWN,
            PLACES,
        ),
        "small-towns": _classed(
            "People in small and medium-sized towns, %",
            100 * regions["smst_population_share"],
            steps,
            BLUE,
            PLACES,
        ),
    }


def _counts(regions: pd.DataFrame, database: str | Path | None) -> dict[str, MethodMap]:
    """Return the maps that count towns and places; a region without one has none of them."""
    towns = hl.table("towns", columns=("geonameid", "nuts_id", "is_smst"), database=database)
    home = towns.set_index("geonameid")["nuts_id"]
    near = hl.alike(BEBRA, 200, abroad=True, database=database)["geonameid"].map(home)
    conditions = hl.table("town_conditions", database=database).set_index("geonameid")
    small = conditions.index.intersection(towns.loc[towns["is_smst"].fillna(False), "geonameid"])
    remote = conditions.loc[small, "remoteness"].eq("remote").groupby(home.loc[small]).mean()
    places = hl.table("social_places", kind="place", database=database)["nuts3"]

    def counted(codes: pd.Series) -> pd.Series:
        known = codes.value_counts()
        return known.reindex(regions.index)

    return {
        "lookalikes": _classed(
            "Of the 200 towns abroad most like Bebra, how many lie in the region",
            counted(near),
            (1, 2, 4, 8),
            BLUE,
            (*PLACES, *FIVE_YEAR),
            missing="none",
        ),
        "what-fits": _classed(
            "Small and medium-sized towns for which the condition 'remote' holds, %",
            100 * remote.reindex(regions.index),
            (20, 40, 60, 80),
            BROWN,
            PLACES,
            missing="no such town",
        ),
        "meeting-places": _classed(
            "Places that the catalogue names",
            counted(places),
            (1, 3, 6, 9),
            BLUE,
            ("catalogue_piste", "catalogue_compas"),
            missing="none",
        ),
    }


def _typed(
    title: str, values: pd.Series, palette: Mapping[str, str], sources: tuple[str, ...]
) -> MethodMap:
    colours, legend = maps.typed(values.to_dict(), palette)
    return MethodMap(title, colours, legend, sources)


def _classed(
    title: str,
    values: pd.Series,
    bounds: Sequence[float],
    colours: Sequence[str],
    sources: tuple[str, ...],
    missing: str = "no data",
) -> MethodMap:
    numbers = {code: None if pd.isna(value) else float(value) for code, value in values.items()}
    coloured, legend = maps.classed(numbers, bounds, colours)
    *classes, (grey, _, count) = legend
    if missing != "no data":  # known to be none, so not grey
        grey = palettes.UNSELECTED
        coloured |= {code: grey for code, value in numbers.items() if value is None}
    classes = [(colour, label.replace("+", ""), n) for colour, label, n in classes]
    return MethodMap(title, coloured, (*classes, (grey, missing, count)), sources)


def write(made: Mapping[str, MethodMap], folder: Path | None) -> None:
    """Write the pictures into docs/methods/img, each with its credits below it."""
    FOLDER.mkdir(exist_ok=True)
    store = Store.current(folder)
    for name, one in made.items():
        shown = maps.RegionMap(LEVEL, one.colours, one.title, tuple(one.legend))
        whole = selection.credited(store, shown, one.title, one.sources)
        with Image.open(io.BytesIO(whole.png(dpi=96))) as picture:
            small = picture.quantize(64, Image.Quantize.MEDIANCUT)
        small.save(FOLDER / f"{name}.png", optimize=True)
