"""Colours of the typologies and of numbers, the same on the screen, on paper and in files.

A typology has a colour for each of its classes, in the order of the legend.
"""

from __future__ import annotations

from collections.abc import Mapping

from pipelines.serve.texts import N_

# ColorBrewer PuOr: orange loses, purple gains; told apart with any colour vision.
PUOR = ("#b35806", "#f1a340", "#fee0b6", "#f7f7f7", "#d8daeb", "#998ec3", "#542788")
NO_DATA = "#b9b9b9"
UNSELECTED = "#ececea"
TREND: Mapping[str, str] = {"shrinking": "#b35806", "stable": "#f7f7f7", "growing": "#542788"}
URBAN_RURAL: Mapping[str, str] = {
    "predominantly rural": "#009e73",
    "intermediate": "#f0e442",
    "predominantly urban": "#0072b2",
}
MOUNTAIN: Mapping[str, str] = {
    "mountain: population and surface": "#8c510a",
    "mountain: surface": "#d8b365",
    "mountain: population": "#5ab4ac",
    "not mountain": "#f5f5f5",
}
COASTAL: Mapping[str, str] = {
    "on the coast": "#0072b2",
    "near the coast": "#6baed6",
    "not coastal": "#f5f5f5",
}
BORDER: Mapping[str, str] = {
    "land border (external)": "#d55e00",
    "land border (internal)": "#e69f00",
    "border with population threshold": "#f0e442",
    "non-border": "#f5f5f5",
}
ISLAND: Mapping[str, str] = {"island": "#0072b2", "not island": "#f5f5f5"}
REMOTENESS: Mapping[str, str] = {
    "predominantly urban": "#7a0177",
    "intermediate, close to a city": "#c994c7",
    "intermediate, remote": "#df65b0",
    "predominantly rural, close to a city": "#a1dab4",
    "predominantly rural, remote": "#225ea8",
}
# Green: births carry growth; blue: migration does; yellow to brown: deaths and leaving.
WEBB: Mapping[str, str] = {
    "A": "#b8e186",
    "B": "#4d9221",
    "C": "#5aa9d6",
    "D": "#2166ac",
    "E": "#fee08b",
    "F": "#f08c3a",
    "G": "#9c3d06",
    "H": "#d77fb8",
    "stationary": "#ffffff",
}
CAUSES: Mapping[str, str] = {
    "legacy": "#fee08b",
    "mixed, mostly legacy": "#fdb863",
    "mixed": "#e08214",
    "mixed, mostly active": "#b35806",
    "active": "#d77fb8",
}
SHAPES: Mapping[str, str] = {
    "sudden": "#9c3d06",
    "lasting": "#f08c3a",
    "uneven": "#fee08b",
    "recovering": "#2166ac",
}
SHRINKING: Mapping[str, str] = {
    "severe": "#7f3b08",
    "moderate": "#e08214",
    "modest": "#fee0b6",
    "not shrinking": "#d8daeb",
}
DURATIONS: Mapping[str, str] = {
    "continuous, severe": "#7f3b08",
    "continuous, moderate": "#b35806",
    "continuous, modest": "#e08214",
    "recent-led": "#fdb863",
    "earlier-led": "#fee0b6",
    "recent only, overall gain": "#d8daeb",
    "earlier only, overall gain": "#b2abd2",
    "no decline": "#8073ac",
}
COHESION: Mapping[str, str] = {
    "less developed": "#9c3d06",
    "transition": "#fdb863",
    "more developed": "#f7f7f7",
}
WATCH: Mapping[str, str] = {
    "0": "#f7f7f7",
    "1": "#fee391",
    "2": "#fe9929",
    "3": "#cc4c02",
    "4": "#662506",
}
ACCESS_TO_CITY: Mapping[str, str] = {
    "large metropolitan": "#7a0177",
    "metropolitan": "#c51b8a",
    "near a large city": "#f768a1",
    "near a smaller city": "#a1dab4",
    "remote": "#225ea8",
}
NOT_SHRINKING: Mapping[str, str] = {"not shrinking": "#f7f7f7"}
METROPOLITAN: Mapping[str, str] = {
    "capital city metropolitan region": "#7a0177",
    "metropolitan region (other)": "#f768a1",
    "non-metropolitan region": "#f7f7f7",
}
#: Trend crossed with a second dimension, from well off (light) to thin (dark): orange shrinks,
#: green is stable, purple grows.
CROSSING: Mapping[str, tuple[str, str, str]] = {
    "shrinking": ("#fdd49e", "#e6862a", "#8c3a04"),
    "stable": ("#d3ebe2", "#66b39b", "#0f6350"),
    "growing": ("#d6cdea", "#8d7cc0", "#40157a"),
}
TOWN_SIZE: Mapping[str, str] = {
    "city": "#7a0177",
    "medium_town": "#d55e00",
    "small_town": "#0072b2",
    "village": "#8a8a8a",
    "part": "#c9b8a0",
}
TOWN_ROLE: Mapping[str, str] = {
    "agglomerated": "#0072b2",
    "networked": "#009e73",
    "autonomous": "#e69f00",
    "isolated": "#7a0177",
}
TOWN_REMOTENESS: Mapping[str, str] = {
    "pole": "#8a8a8a",
    "belt": "#ffffb2",
    "intermediate": "#fecc5c",
    "peripheral": "#f03b20",
    "ultra-peripheral": "#7a0177",
}
#: Webb's types in words, as legends have them.
WEBB_WORDS: Mapping[str, str] = {
    "A": N_("A grows: births outweigh leaving"),
    "B": N_("B grows: births, then migration"),
    "C": N_("C grows: migration, then births"),
    "D": N_("D grows: migration outweighs deaths"),
    "E": N_("E shrinks: deaths outweigh migration"),
    "F": N_("F shrinks: deaths, then leaving"),
    "G": N_("G shrinks: leaving, then deaths"),
    "H": N_("H shrinks: leaving outweighs births"),
    "stationary": N_("stationary"),
}
#: Typologies of regions, the table and column of each; a map of each stands in an atlas.
TYPOLOGIES: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("regions", "trend"): TREND,
    ("region_demography", "shrinking_class"): SHRINKING,
    ("region_demography", "webb_type"): WEBB,
    ("region_demography", "cause_class"): {**CAUSES, **NOT_SHRINKING},
    ("region_demography", "duration_class"): DURATIONS,
    ("region_demography", "shape_class"): {**SHAPES, **NOT_SHRINKING},
    ("regions", "urban_rural"): URBAN_RURAL,
    ("regions", "remoteness"): REMOTENESS,
    ("regions", "access_to_city"): ACCESS_TO_CITY,
    ("regions", "mountain"): MOUNTAIN,
    ("regions", "coastal"): COASTAL,
    ("regions", "border"): BORDER,
    ("regions", "island"): ISLAND,
    ("region_demography", "cohesion_category"): COHESION,
    ("region_demography", "watch_class"): WATCH,
}
#: Columns that pages and files make for a map, and the column of the dictionary behind them.
BEHIND: Mapping[str, str] = {
    "cause_class": "cause",
    "shape_class": "shape",
    "watch_class": "watch_count",
}
