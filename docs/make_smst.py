"""Write the tables of docs/smst.md that two builds decide: the embedded one and one with files.

``python docs/make_smst.py EMBEDDED FULL`` names the folders of both builds; a test holds that
what is committed is what this writes.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pandas as pd

import hinterland as hl

PAGE = Path(__file__).parent / "smst.md"
_BUILDS = ("embedded", "with files")
_PARTS = {
    "is_shrinking": "demography",
    "is_marginal": "position",
    "is_short_of_services": "services",
    "is_without_rank": "power",
}
_TOWNS = ("bebra", "fermignano", "ninove", "voio")
#: Share by which two figures of one municipality may differ and still agree.
_NEAR = 0.1
#: Case -> aspect -> what PISTE says (section), and the value that would agree; None: no claim.
_SAYS: dict[str, dict[str, tuple[str, object]]] = {
    "bebra": {
        "people": ("13 855 (table 1)", 13_855),
        "trend": ("declined before, now stable (table 1)", "stable"),
        "position": ("nothing", None),
        "services": ("childcare and meeting rooms lack (experiment)", None),
        "migration": ("long-lasting destination (table 2)", "long-lasting"),
    },
    "fermignano": {
        "people": ("8 243 (table 1)", 8_243),
        "trend": ("declining (table 1)", "shrinking"),
        "position": ("among many small towns (partners)", "networked"),
        "services": ("nothing", None),
        "migration": ("former destination (table 2)", "former"),
    },
    "ninove": {
        "people": ("39 251 (table 1)", 39_251),
        "trend": ("growing (table 1)", "growing"),
        "position": ("some 30 km from Brussels (context)", "agglomerated"),
        "services": ("nothing", None),
        "migration": ("new destination (table 2)", "new"),
    },
    "voio": {
        "people": ("18 836 in 2011 (table 1)", 18_836),
        "trend": ("declining (table 1)", "shrinking"),
        "position": ("remote, in the mountains (experiment)", "remote"),
        "services": ("far from services (experiment)", True),
        "migration": ("new destination (table 2)", "new"),
    },
}


def blocks(embedded: str | Path, full: str | Path) -> dict[str, str]:
    """Return the generated blocks of the page by name.

    Parameters
    ----------
    embedded, full : str or Path
        Folders of the build from the embedded default and of one with the publishers' files.
    """
    towns = [hl.table("towns", database=folder) for folder in (embedded, full)]
    cases = hl.table("case_studies", columns=["id", "geonameid"], database=embedded)
    ids = cases.set_index("id")["geonameid"]
    limits = hl.thresholds(database=full).set_index("name")["value"]
    return {
        "piste": _piste(towns, ids),
        "roles": _roles([frame[frame["is_smst"]] for frame in towns]),
        "correlations": _correlations([frame[frame["is_smst"]] for frame in towns]),
        "areas": _areas(towns[1], limits["smst_reach_min"] + limits["smst_city_ends_min"]),
    }


def filled(text: str, made: dict[str, str]) -> str:
    """Return a page with its blocks renewed.

    Raises
    ------
    ValueError
        The page has no place for a block.
    """
    for name, block in made.items():
        pattern = rf"(<!-- made: {name} -->\n).*?(<!-- end -->)"
        text, number = re.subn(
            pattern, lambda found, block=block: found[1] + block + found[2], text, flags=re.S
        )
        if number != 1:
            raise ValueError(f"{PAGE}: the block '{name}' stands there {number} times, not once")
    return text


def _people(town: pd.Series) -> tuple[int, str]:
    """Return the people of a town's municipality, as well as they are known, and in words."""
    if pd.notna(town["lau_population"]):
        number = int(town["lau_population"])
        return number, f"municipality {_n(number)} (2019)"
    number, places = int(town["municipal_settled_people"]), int(town["municipal_settlements"])
    return number, f"{_n(number)} in {places} listed settlement{'s' if places > 1 else ''}"


def _came_out(town: pd.Series, aspect: str) -> tuple[object, str]:
    """Return what an aspect of a town came out as, to compare and in words."""
    if aspect == "people":
        return _people(town)
    if aspect == "trend":
        change = f"{town['region_change_pct']:+.1f} %".replace("-", "−")
        return town["region_trend"], f"{town['region_trend']}: region {change}"
    if aspect == "position":
        reach = "remote" if town["is_remote"] else "close to a city"
        basis = "area" if town["agglomerated_basis"] == "functional urban area" else "minutes"
        words = f"{town['role']} (by {basis}), {reach}: {town['minutes_to_city']:.0f} min"
        return {town["role"], "remote" if town["is_remote"] else "close"}, words
    if aspect == "services":
        is_short = bool(town["is_short_of_services"])
        basis = "hospital" if town["services_basis"] == "registers" else "places of a size"
        return is_short, f"{'short' if is_short else 'not short'} ({basis})"
    known = town["region_migration_history"]
    return (None, "not known") if pd.isna(known) else (known, f"region: {known}")


def _agrees(said: object, came: object) -> str:
    if said is None:
        return "–"
    if came is None:
        return "not known"
    if isinstance(came, set):
        return "yes" if said in came else "**no**"
    if isinstance(said, int) and not isinstance(said, bool) and isinstance(came, int):
        return "yes" if abs(came / said - 1) <= _NEAR else "**no**"
    return "yes" if said == came else "**no**"


def _piste(towns: list[pd.DataFrame], ids: pd.Series) -> str:
    lines = [["town", "aspect", "PISTE says", *_BUILDS, "agrees, embedded", "with files"]]
    for case in _TOWNS:
        rows = [frame[frame["geonameid"] == ids[case]].iloc[0] for frame in towns]
        for aspect, (words, said) in _SAYS[case].items():
            came = [_came_out(row, aspect) for row in rows]
            agrees = [_agrees(said, value) for value, _ in came]
            lines.append([case.title(), aspect, words, *(text for _, text in came), *agrees])
        held = [_fragility(row) for row in rows]
        has_one = ["yes" if count else "**no**" for count, _ in held]
        words = "at least one fragility in every partner town (one measure)"
        lines.append([case.title(), "fragility", words, *(text for _, text in held), *has_one])
    return _table(lines)


def _fragility(town: pd.Series) -> tuple[int, str]:
    held = [name for column, name in _PARTS.items() if pd.notna(town[column]) and town[column]]
    return len(held), f"{len(held)} of 4: {', '.join(held)}"


def _roles(towns: list[pd.DataFrame]) -> str:
    lines = [["small and medium-sized towns", *_BUILDS], ["all", *(_n(len(f)) for f in towns)]]
    for role in ("agglomerated", "networked", "autonomous", "isolated"):
        lines.append([role, *(_n((f["role"] == role).sum()) for f in towns)])
    by_area = [(f["agglomerated_basis"] == "functional urban area").sum() for f in towns]
    lines.append(["told by functional urban area", *map(_n, by_area)])
    registers = [(f["services_basis"] == "registers").sum() for f in towns]
    lines.append(["services told by registers", *map(_n, registers)])
    for column, name in _PARTS.items():
        shares = [100 * f[column].dropna().astype(float).mean() for f in towns]
        lines.append([f"{name}: `{column}`", *(f"{share:.0f} %" for share in shares)])
    for count in range(5):
        numbers = [(f["fragility_count"] == count).sum() for f in towns]
        lines.append([f"{count} of four dimensions", *map(_n, numbers)])
    return _table(lines)


def _correlations(towns: list[pd.DataFrame]) -> str:
    lines = [["pair", *_BUILDS]]
    names = list(_PARTS)
    matrices = [frame[names].astype("Float64").astype(float).corr() for frame in towns]
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            values = [f"{m.loc[one, other]:+.2f}".replace("-", "−") for m in matrices]
            lines.append([f"{_PARTS[one]} and {_PARTS[other]}", *values])
    return _table(lines)


def _areas(towns: pd.DataFrame, limit: float) -> str:
    """Return the minutes' answer beside the area's, where the municipality is known."""
    towns = towns[towns["is_smst"]]
    towns = towns[(towns["agglomerated_basis"] == "functional urban area").fillna(False)]
    is_centre = towns["nearest_large_city_id"] == towns["geonameid"]
    known = towns[~is_centre.fillna(False).astype(bool)]
    by_area = (known["role"] == "agglomerated").fillna(False).astype(bool)
    by_minutes = (known["minutes_to_large_city"] <= limit).fillna(False).astype(bool)
    lines = [["", "in the area of a large city", "in none"]]
    for words, is_near in (
        (f"within {limit:.1f} minutes of one", by_minutes),
        ("farther", ~by_minutes),
    ):
        lines.append([words, _n((is_near & by_area).sum()), _n((is_near & ~by_area).sum())])
    return _table(lines)


def _n(number: int) -> str:
    return f"{int(number):,}".replace(",", " ")


def _table(lines: list[list[str]]) -> str:
    lines = [lines[0], ["---"] * len(lines[0]), *lines[1:]]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python docs/make_smst.py EMBEDDED FULL (folders of two builds)")
    PAGE.write_text(filled(PAGE.read_text("utf-8"), blocks(*sys.argv[1:])), encoding="utf-8")
    print("Wrote the tables of docs/smst.md")
