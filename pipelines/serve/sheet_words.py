"""The words of a sheet: the field's classes as a planner reads them.

A class keeps its name in tables, filters and downloads; here stands what it says of a place.
"""

from __future__ import annotations

import re

from pipelines.serve.sheet_parts import Word
from pipelines.serve.texts import ENGLISH, N_, _, spoken

LEVELS = {
    0: N_("Country"),
    1: N_("Large region (NUTS 1)"),
    2: N_("Region (NUTS 2)"),
    3: N_("Small region (NUTS 3)"),
}
#: Births, deaths and migration by Webb's type.
WEBB = {
    "A": N_("More people are born than die, and that outweighs those who leave."),
    "B": N_("More people are born than die, and more come than leave; births count for more."),
    "C": N_("More people come than leave, and more are born than die; migration counts for more."),
    "D": N_("More people die than are born, but those who come outweigh that."),
    "E": N_("More people die than are born; those who come make up for only a part of it."),
    "F": N_("More people die than are born, and more leave than come; deaths count for more."),
    "G": N_("More people leave than come, and more die than are born; leaving counts for more."),
    "H": N_("More people leave than come; births make up for only a part of it."),
    "stationary": N_("Births, deaths and migration nearly balance."),
}
CAUSES = {
    "legacy": N_("too few births: people no longer leave on balance"),
    "mixed, mostly legacy": N_("too few births, and to a lesser part people who leave"),
    "mixed": N_("too few births and people who leave, about equally"),
    "mixed, mostly active": N_("people who leave, and to a lesser part too few births"),
    "active": N_("people who leave"),
}
RATES = {
    "not shrinking": N_("not shrinking"),
    "modest": N_("shrinking slowly"),
    "moderate": N_("shrinking"),
    "severe": N_("shrinking fast"),
}
DURATIONS = {
    "no decline": N_("no loss in either period"),
    "continuous, modest": N_("loss in both periods, slow"),
    "continuous, moderate": N_("loss in both periods, moderate"),
    "continuous, severe": N_("loss in both periods, fast"),
    "recent-led": N_("loss, most of it in the later period"),
    "recent only, overall gain": N_("loss in the later period only, a gain over both"),
    "earlier-led": N_("loss, most of it in the earlier period"),
    "earlier only, overall gain": N_("loss in the earlier period only, a gain over both"),
}
SHAPES = {
    "recovering": N_("it shrank before, and no longer in the newest five years"),
    "sudden": N_("three years in a row hold half of all losses"),
    "lasting": N_("it goes on, most years lose people"),
    "uneven": N_("it comes and goes"),
}
AGEING = {
    "very old": N_("among the oldest in Europe"),
    "old": N_("older than most"),
    "fairly old": N_("a little older than the middle"),
    "middle": N_("about the middle"),
    "fairly young": N_("a little younger than the middle"),
    "young": N_("younger than most"),
}
#: Short words of the type whose members a region is compared with.
TYPES = {
    "predominantly urban": N_("urban"),
    "intermediate, close to a city": N_("mixed, near a city"),
    "intermediate, remote": N_("mixed, far from a city"),
    "predominantly rural, close to a city": N_("rural, near a city"),
    "predominantly rural, remote": N_("rural, far from a city"),
}
ACCESS_TO_CITY = {
    "large metropolitan": N_("part of a large metropolitan area"),
    "metropolitan": N_("part of a metropolitan area"),
    "near a large city": N_("near a large city"),
    "near a smaller city": N_("near a smaller city"),
    "remote": N_("near no city"),
}
#: Places that stand in for services for which no register is at hand.
STAND_INS = {
    "basic_centre": N_("Daily services (shop, primary school, pharmacy)"),
    "middle_centre": N_("Services of a town (secondary school, specialists)"),
    "upper_centre": N_("Services of a city (university, large hospital)"),
}
ROLES = {
    "agglomerated": N_("part of the surroundings of a large city"),
    "networked": N_("one of several towns of similar weight close to each other"),
    "autonomous": N_("a centre of its own; other towns are in reach, but few of its weight"),
    "isolated": N_("no other town within half an hour"),
}
ROLE_TYPES = {
    "agglomerated": N_("near a large city"),
    "networked": N_("among towns of its weight"),
    "autonomous": N_("a centre of its own"),
    "isolated": N_("far from other towns"),
}
RANKS = {
    "capital": N_("national capital"),
    "regional_seat": N_("seat of a region or state"),
    "provincial_seat": N_("seat of a province or district"),
    "district_seat": N_("seat of a district"),
    "largest_of_region": N_("largest town of its region"),
    "none": N_("no administrative seat that is listed"),
}
REMOTENESS = {
    "pole": N_("a pole itself: a city that others depend on"),
    "belt": N_("close to a city"),
    "intermediate": N_("some way from a city"),
    "peripheral": N_("far from a city"),
    "ultra-peripheral": N_("very far from a city"),
}
SIZES = {
    "city": N_("city"),
    "medium_town": N_("medium-sized town"),
    "small_town": N_("small town"),
    "village": N_("village"),
    "part": N_("part of a larger place"),
}
#: Those whom a place of a size is compared with.
SIZES_MANY = {
    "city": N_("cities"),
    "medium_town": N_("medium-sized towns"),
    "small_town": N_("small towns"),
    "village": N_("villages"),
    "part": N_("parts of larger places"),
}
FRAGILITY = {
    "is_shrinking": N_("its region shrinks"),
    "is_remote": N_("it is far from a city"),
    "is_without_rank": N_("it is no administrative seat"),
    "is_short_of_services": N_("services are out of reach"),
    "is_at_agglomerated_margin": N_("it lies at the margin of a large city's area"),
}
HISTORIES = {
    "long-lasting": N_("more people have come than left, before {year} and since"),
    "former": N_("more people came than left until {before}, no longer since"),
    "new": N_("more people have come than left since {year}, not before"),
    "none": N_("more people have left than come, before {year} and since"),
}
CITY_BASES = {
    "functional urban area": N_("A city is the centre of a functional urban area."),
    "settlement": N_(
        "Functional urban areas are not listed in this country: a city is a place of {n} people "
        "and more."
    ),
}
#: What there is of a dimension of fragility that does not hold.
DOES_NOT_HOLD = N_("no")
_TOWN_TYPE = re.compile(
    r"(?:(?P<role>agglomerated|networked|isolated|autonomous) )?(?P<size>[^,]+), (?P<near>[^,]+), "
    r"(?:(?P<trend>\w+) region|trend not known)"
)


class TownType(Word):
    """The type of a town (``smst_type``): in other languages than English in its parts."""

    __slots__ = ()

    def worded(self) -> str:
        """Return the type in the language in use."""
        match = _TOWN_TYPE.fullmatch(self)
        if spoken() == ENGLISH or not match:
            return _(str(self))
        size, role = _(match["size"]), match["role"]
        parts = [f"{size} ({_(role)})" if role else size, _(match["near"])]
        if trend := match["trend"]:
            parts.append(_("its region is {trend}").format(trend=_(trend)))
        return ", ".join(parts)
