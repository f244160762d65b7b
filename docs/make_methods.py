"""Write the numbers of docs/methods: thresholds and worked examples, step by step from a build.

``python docs/make_methods.py HOME`` names the folder of a build from the embedded default. Each
example is worked out here by the page's formula and held against what the database says; where
both differ nothing is written. A test holds that what is committed is what this writes.
"""

from __future__ import annotations

import math
import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd

import hinterland as hl

sys.path.insert(0, str(Path(__file__).parent))
import make_maps
import supply_error

FOLDER = Path(__file__).parent / "methods"
#: The towns of PISTE and the cities of COMPAS, by GeoNames' id.
TOWNS = {
    "Bebra": 2951793,
    "Fermignano": 3177100,
    "Ninove": 2790114,
    "Siátista (Voio)": 734315,
    "Aarhus": 2624652,
    "Brighton": 2654710,
    "Helsinki": 658225,
    "Tampere": 634963,
    "Turin": 3165524,
}
PISTE = tuple(TOWNS)[:4]
#: Page -> beginnings of the names of its thresholds.
THRESHOLDS = {
    "demographic-change": ("trend_", "shrinking_", "webb_", "cause_", "window_", "duration_"),
    "ageing": ("ageing_", "watch_median"),
    "remoteness": ("remoteness_", "travel_error_"),
    "access": ("reach_", "access_basic", "access_middle", "access_upper", "access_hospital"),
    "service-deserts": (
        "access_desert",
        "access_basic",
        "access_middle",
        "access_upper",
        "thin_few",
        "thin_desert",
    ),
    "small-towns": ("size_", "smst_"),
    "lookalikes": ("lookalike_",),
    "what-fits": ("fits_",),
    "meeting-places": ("osm_", "thin_places", "thin_covered"),
    "crosswalk": ("change_two", "plausibility_moved"),
}
DESERTS = ("DE733", "EL531", "ITI31", "AT321", "HR032", "ES242")


class Mismatch(ValueError):
    """A worked example is not what the database says."""


def blocks(database: str | Path | None = None) -> dict[str, dict[str, str]]:
    """Return the generated blocks by page and name.

    Raises
    ------
    Mismatch
        A formula of a page gives another number than the database.
    """
    towns = hl.table("towns", database=database)
    mine = towns.set_index("geonameid").loc[list(TOWNS.values())]
    mine.insert(0, "label", list(TOWNS))
    limits = hl.thresholds(database=database)
    made = {page: {"thresholds": _thresholds(limits, names)} for page, names in THRESHOLDS.items()}
    values = limits.set_index("name")["value"]
    made["demographic-change"] |= {
        "example": demographic_change(mine, database),
        "sources": two_trends(values, database),
    }
    made["ageing"]["example"] = ageing(mine, database)
    made["remoteness"] |= {
        "example": remote_shares(mine, towns, values, database),
        "towns": _town_table(
            mine, ("minutes_to_town", "minutes_to_city", "minutes_to_large_city"), ("remoteness",)
        ),
    }
    made["access"] |= {
        "example": supply(towns, values, database),
        "towns": nearest_centres(mine, database),
        "base": supply_base(towns, database),
        "sensitivity": sensitivity(database),
    }
    made["service-deserts"]["example"] = deserts(towns, values, database)
    made["small-towns"]["example"] = small_towns(mine)
    made["lookalikes"] |= {"example": gower(towns, values, database), "towns": like(database)}
    made["what-fits"]["example"] = conditions(mine, database)
    made["meeting-places"]["example"] = meeting_places(database)
    made["crosswalk"]["example"] = agreement(database)
    for page, shown in make_maps.every(database).items():
        made[page]["map"] = shown.words(page)
    return made


def filled(text: str, made: dict[str, str]) -> str:
    """Return a page with its blocks renewed.

    Raises
    ------
    ValueError
        A block has no place, or more than one.
    """
    for name, block in made.items():
        pattern = rf"(<!-- made: {name} -->\n).*?(<!-- end -->)"
        text, number = re.subn(
            pattern, lambda found, block=block: found[1] + block + found[2], text, flags=re.S
        )
        if number != 1:
            raise ValueError(f"the block '{name}' stands there {number} times, not once")
    return text


def demographic_change(mine: pd.DataFrame, database: str | Path | None) -> str:
    """Work out N, M and r of the newest sound period of five years of each region."""
    found = hl.demography(database=database).set_index("nuts_id")
    lines = [["region", "period", "P₀", "P₁", "B", "D", "N", "M", "r", "type", "cause"]]
    for code in dict.fromkeys(mine["nuts_id"]):
        region = found.loc[code]
        head = f"{code} {region['name']}"
        if pd.isna(region["webb_type"]):
            lines.append([head, "no sound period", *["no data"] * 9])
            continue
        series = hl.series(code, database=database).set_index("year")
        first, last = int(region["year_start"]), int(region["year_end"])
        start, row = float(series.loc[first, "population"]), series.loc[first]
        end = float(region["population_end"])
        base = (last - first) * (start + end) / 2
        natural = 1000 * float(row["births"] - row["deaths"]) / base
        migration = 1000 * (end - start - float(row["births"] - row["deaths"])) / base
        rate = 100 * ((end / start) ** (1 / (last - first)) - 1)
        _same(head, natural, region["natural_change_per_1000"])
        _same(head, migration, region["net_migration_per_1000"])
        _same(head, rate, region["annual_change_pct"])
        numbers = [start, end, row["births"], row["deaths"]]
        lines.append(
            [
                head,
                f"{first}–{last}",
                *map(_n, numbers),
                *(_signed(v, 2) for v in (natural, migration, rate)),
                region["webb_type"],
                _word(region["cause"]),
            ]
        )
    return _table(lines)


def two_trends(values: pd.Series, database: str | Path | None) -> str:
    """Count the regions that census and series put in different classes, by the page's formula."""
    regions = hl.table("regions", level=3, database=database)
    by_census = regions["population_source"].str.startswith("census", na=False)
    both = regions[by_census & regions["series_population_end"].notna()]
    band, classes = values["trend_stable_annual_pct"], {}
    for source in ("", "series_"):
        start, end = (both[f"{source}population_{end}"].to_numpy(float) for end in ("start", "end"))
        years = (both["year_end"] - both["year_start"]).to_numpy(float)
        rate = 100 * ((end / start) ** (1 / years) - 1)
        classes[source] = np.where(rate < -band, -1, np.where(rate > band, 1, 0))
    differ = classes[""] != classes["series_"]
    opposite = classes[""] * classes["series_"] == -1
    near = differ & ~both["has_two_answers"].to_numpy(bool)
    _same("regions of two trends", differ.sum(), both["has_two_trends"].sum())
    lines = [["by census ↓, by the series →", "growing", "stable", "shrinking"]]
    for name, sign in (("growing", 1), ("stable", 0), ("shrinking", -1)):
        row = [((classes[""] == sign) & (classes["series_"] == k)).sum() for k in (1, 0, -1)]
        lines.append([name, *map(_n, row)])
    return _table(lines) + (
        f"\nOf {_n(len(both))} NUTS-3 regions with a census and a series of the same years, "
        f"{_n(differ.sum())} get another class by the series (`has_two_trends`); "
        f"{_n(near.sum())} of these differ by {values['change_two_answers_points']:g} points or "
        f"less, so that `has_two_answers` is false; {_n(opposite.sum())} turn from growing to "
        "shrinking or back.\n"
    )


def ageing(mine: pd.DataFrame, database: str | Path | None) -> str:
    """Show the age of each region and its class."""
    found = hl.demography(database=database).set_index("nuts_id")
    lines = [["region", "median age", "65 and more, %", "class"]]
    for code in dict.fromkeys(mine["nuts_id"]):
        row = found.loc[code]
        values = [_d(row["median_age"], 1), _d(row["age_65_pct"], 1), _word(row["ageing_class"])]
        lines.append([f"{code} {row['name']}", *values])
    return _table(lines)


def remote_shares(
    mine: pd.DataFrame, towns: pd.DataFrame, values: pd.Series, database: str | Path | None
) -> str:
    """Sum the people beyond the minutes over the settlements of each region."""
    limit = values["remoteness_close_to_city_min"]
    regions = hl.table("regions", level=3, database=database).set_index("nuts_id")
    lines = [["region", "people in settlements", "of them beyond", "s", "class"]]
    for code in dict.fromkeys(mine["nuts_id"]):
        inside = towns[(towns["nuts_id"] == code) & towns["part_of"].isna()]
        people = float(inside["population"].sum())
        beyond = float(inside.loc[inside["minutes_to_city"] > limit, "population"].sum())
        region = regions.loc[code]
        _same(code, beyond / people, region["remote_share"])
        name = f"{code} {region['name']}"
        share = f"{beyond / people:.3f}"
        lines.append([name, _n(people), _n(beyond), share, _word(region["remoteness"])])
    return _table(lines)


def supply(towns: pd.DataFrame, values: pd.Series, database: str | Path | None) -> str:
    """Share out one site of 100 by E2SFCA, by hand and by the program."""
    site = pd.DataFrame({"id": ["x"], "lon": [9.70891], "lat": [50.87197], "capacity": [100]})
    columns = ["geonameid", "minutes_nearest", "supply_score"]
    reach = hl.reach(site, database=database)[columns]
    near = towns[towns["part_of"].isna()].merge(reach, on="geonameid")
    bounds = [values[f"reach_e2sfca_step{k}_min"] for k in (1, 2, 3)]
    weights = [values[f"reach_e2sfca_weight{k}"] for k in (1, 2, 3)]
    near = near[near["minutes_nearest"] <= bounds[-1]].copy()
    step = np.searchsorted(bounds, near["minutes_nearest"].to_numpy(dtype=float), side="left")
    near["w"] = np.array(weights)[step]
    near["step"] = step
    demand = float((near["population"] * near["w"]).sum())
    ratio = 100 / demand
    for row in near.itertuples():
        _same(str(row.name), 1e5 * ratio * row.w, 1e5 * row.supply_score)
    lines = [["minutes", "W", "settlements", "people", "W · people", "A, per 100 000"]]
    names = ["to 10", "10 to 20", "20 to 30"]
    for k, (name, weight) in enumerate(zip(names, weights, strict=True)):
        part = near[near["step"] == k]
        people = float(part["population"].sum())
        score = f"{1e5 * ratio * weight:.1f}"
        lines.append([name, f"{weight:g}", _n(len(part)), _n(people), _n(people * weight), score])
    shared = float((near["population"] * near["w"]).sum() * ratio)
    return _table(lines) + (
        f"\nR = 100 / {_n(demand)} = {1e5 * ratio:.1f} per 100 000 people; Σ p A = {shared:.1f}.\n"
    )


def supply_base(towns: pd.DataFrame, database: str | Path | None) -> str:
    """Show, by country, what share of the official people the supply is shared among."""
    regions = hl.table("regions", database=database)
    wholes = regions[(regions["level"] == 0) & regions["settled_share"].notna()]
    leaves = regions[regions["level"] == 3].groupby("country")["settled_share"]
    people = towns[towns["part_of"].isna()].groupby("country")["population"].sum()
    lines = [["country", "people in settlements", "share of the official", "NUTS 3: median", "×"]]
    for row in wholes.sort_values(["settled_share", "country"]).itertuples():
        cells = [_n(people[row.country]), f"{row.settled_share:.2f}"]
        cells += [f"{leaves.median()[row.country]:.2f}", f"{1 / row.settled_share:.2f}"]
        lines.append([f"{row.country} {row.country_name}", *cells])
    few = (regions.loc[regions["level"] == 3, "settled_share"] < 1 / 1.2).sum()
    known = regions.loc[regions["level"] == 3, "settled_share"].notna().sum()
    return _table(lines) + (
        "\n×: how many times the score of a country as a whole stands above that by its official "
        f"people. In {_n(few)} of {_n(known)} NUTS-3 regions it is more than 1.2 times.\n"
    )


def sensitivity(database: str | Path | None) -> str:
    """Show how far the scores move with the error of the minutes."""
    lines, words, worked_out, said = supply_error.lines(database)
    for one, other in zip(worked_out, said, strict=True):
        _same("supply in the draws", 1e5 * one, 1e5 * other)
    return _table(lines) + f"\n{words}\n"


def nearest_centres(mine: pd.DataFrame, database: str | Path | None) -> str:
    """Show the minutes to the nearest centre of each tier."""
    tiers = ("basic_centre", "middle_centre", "upper_centre")
    lines = [["town", *(tier.replace("_", " ") for tier in tiers)]]
    reach = {tier: hl.access(tier, database=database).set_index("geonameid") for tier in tiers}
    for geonameid, row in mine.iterrows():
        minutes = [reach[tier].loc[geonameid, "minutes_nearest"] for tier in tiers]
        lines.append([row["label"], *(_d(value, 0) for value in minutes)])
    return _table(lines)


def deserts(towns: pd.DataFrame, values: pd.Series, database: str | Path | None) -> str:
    """Count the tiers beyond their target, and sum the people, for some regions."""
    tiers = ("basic", "middle", "upper")
    beyond = pd.Series(0, index=towns["geonameid"])
    for tier in tiers:
        rows = hl.access(f"{tier}_centre", database=database).set_index("geonameid")
        minutes = rows["minutes_nearest"].reindex(beyond.index)
        beyond += (minutes.isna() | (minutes > values[f"access_{tier}_target_min"])).astype(int)
    own = towns.assign(beyond=beyond.to_numpy())
    shares = hl.table("region_deserts", level=3, database=database).set_index("nuts_id")
    lines = [
        ["region", "settlements", *(f"b = {k}" for k in range(4)), "people", "in deserts", "share"]
    ]
    for code in DESERTS:
        part = own[(own["nuts_id"] == code) & own["part_of"].isna()]
        inside = part[part["beyond"] >= values["access_desert_tiers"]]
        people, few = float(part["population"].sum()), float(inside["population"].sum())
        _same(code, few / people, shares.loc[code, "desert_share"])
        counts = [_n((part["beyond"] == k).sum()) for k in range(4)]
        name = f"{code} {shares.loc[code, 'name']}"
        lines.append([name, _n(len(part)), *counts, _n(people), _n(few), f"{few / people:.3f}"])
    return _table(lines)


def small_towns(mine: pd.DataFrame) -> str:
    """Show role and dimensions of each town, and count them."""
    parts = ("is_shrinking", "is_marginal", "is_short_of_services", "is_without_rank")
    lines = [
        [
            "town",
            "people",
            "role",
            "of like weight near",
            "trend",
            "position",
            "services",
            "rank",
            "f",
        ]
    ]
    for _, row in mine.iterrows():
        held = [row[part] for part in parts]
        count = sum(bool(one) for one in held if pd.notna(one))
        if pd.notna(row["fragility_count"]):
            _same(row["label"], count, row["fragility_count"])
        words = ["not known" if pd.isna(one) else "weak" if one else "–" for one in held]
        near = _d(row["similar_towns_near"], 0)
        total = _d(row["fragility_count"], 0)
        lines.append([row["label"], _n(row["population"]), _word(row["role"]), near, *words, total])
    return _table(lines) + (
        "\nCities above 50 000 people are no small towns; their dimensions stand here for "
        "comparison.\n"
    )


def gower(towns: pd.DataFrame, values: pd.Series, database: str | Path | None) -> str:
    """Work out Gower's distance between Bebra and its nearest, column by column."""
    table = _compared(towns, database)
    nearest = hl.alike(TOWNS["Bebra"], 1, database=database).iloc[0]
    one, other = table.loc[TOWNS["Bebra"]], table.loc[nearest["geonameid"]]
    lines = [["column", "Bebra", str(nearest["name"]), "w", "d", "w · d"]]
    total = weights = 0.0
    for column in table.columns:
        if pd.isna(one[column]) or pd.isna(other[column]):
            continue
        is_number = pd.api.types.is_numeric_dtype(table[column])
        apart = (
            _apart(table[column], one[column], other[column], values)
            if is_number
            else float(one[column] != other[column])
        )
        weight = 1.0 if is_number else values["lookalike_class_weight"]
        weight = values["lookalike_population_weight"] if column == "population" else weight
        total, weights = total + weight * apart, weights + weight
        shown = [
            f"{v:,.1f}".replace(",", " ") if is_number else str(v)
            for v in (one[column], other[column])
        ]
        lines.append(
            [f"`{column}`", *shown, f"{weight:g}", f"{apart:.4f}", f"{weight * apart:.4f}"]
        )
    if abs(total / weights - nearest["distance"]) > 1e-4:
        raise Mismatch(f"Gower: {total / weights} worked out, {nearest['distance']} answered")
    lines.append(["**sum**", "", "", f"{weights:g}", "", f"{total:.4f}"])
    return _table(lines) + f"\nd = {total:.4f} / {weights:g} = {total / weights:.3f}\n"


def _compared(towns: pd.DataFrame, database: str | Path | None) -> pd.DataFrame:
    """Return the columns that towns are compared by, a row a settlement."""
    own = [
        "population",
        "minutes_to_city",
        "minutes_to_large_city",
        "elevation_m",
        "size_class",
        "role",
        "rank",
    ]
    regional = [
        "change_pct",
        "density_per_km2",
        "urban_rural",
        "mountain",
        "coastal",
        "border",
        "island",
    ]
    regions = hl.table("regions", level=3, database=database)[["nuts_id", *regional]]
    ages = hl.demography(database=database)[["nuts_id", "median_age"]]
    whole = towns[["geonameid", "nuts_id", *own]].merge(regions, on="nuts_id", how="left")
    return (
        whole.merge(ages, on="nuts_id", how="left").set_index("geonameid").drop(columns="nuts_id")
    )


def _apart(column: pd.Series, one: float, other: float, values: pd.Series) -> float:
    """Return the difference of two numbers as a share of the column's range."""
    known = column.dropna().to_numpy(dtype=float)
    if column.name in ("population", "density_per_km2"):
        known, one, other = np.log10(known), math.log10(one), math.log10(other)
        low, high = known.min(), known.max()
    else:
        bounds = [values["lookalike_winsor_low"], values["lookalike_winsor_high"]]
        low, high = np.quantile(known, bounds)
    return abs(float(np.clip(one, low, high) - np.clip(other, low, high))) / float(high - low)


def like(database: str | Path | None) -> str:
    """Show the nearest town of each, at home and abroad."""
    lines = [["town", "most like it", "d", "abroad", "d", "close?"]]
    for label, geonameid in TOWNS.items():
        here = hl.alike(geonameid, 1, database=database).iloc[0]
        away = hl.alike(geonameid, 1, abroad=True, database=database).iloc[0]
        cells = [label]
        for row in (here, away):
            cells += [f"{row['name']} ({row['country_name']})", f"{row['distance']:.3f}"]
        lines.append([*cells, "yes" if here["is_close"] else "no"])
    return _table(lines)


def conditions(mine: pd.DataFrame, database: str | Path | None) -> str:
    """Show what data answers of each town, and how many conditions that settles."""
    answers = hl.table("town_conditions", database=database).set_index("geonameid")
    fits = hl.table("practice_fits", database=database)
    asked = fits[fits["condition"].isin(answers.columns)]
    lines = [["condition", *PISTE]]
    for column in answers.columns:
        lines.append([f"`{column}`", *(_word(answers.loc[TOWNS[t], column]) for t in PISTE)])
    settled = [asked["condition"].map(answers.loc[TOWNS[t]]).notna().sum() for t in PISTE]
    lines.append(["conditions settled", *map(_n, settled)])
    return _table(lines) + (
        f"\nOf {_n(len(fits))} conditions of practices {_n(len(asked))} are of a kind that data "
        "answers; all others are asked of the user.\n"
    )


def meeting_places(database: str | Path | None) -> str:
    """Count the catalogue's rows by what decides them, and work out variety."""
    rows = hl.table("social_places", database=database)
    counts = rows["social_place_basis"].value_counts()
    lines = [["what decides", "rows", "social place"]]
    for basis, count in sorted(counts.items(), key=lambda one: (-one[1], one[0])):
        is_one = rows.loc[rows["social_place_basis"] == basis, "is_social_place"].iloc[0]
        answer = "left open" if pd.isna(is_one) else "yes" if is_one else "no"
        lines.append([str(basis).replace("_", " "), _n(count), answer])
    types = [["town", "places", "types", "V"]]
    for case in ("bebra", "fermignano", "ninove", "voio"):
        places = rows[(rows["case_study"] == case) & (rows["kind"] == "place")]
        shares = places["type"].value_counts(normalize=True).to_numpy(dtype=float)
        variety = math.exp(-float((shares * np.log(shares)).sum())) if len(shares) else math.nan
        types.append([case.title(), _n(len(places)), _n(len(shares)), _d(variety, 2)])
    return _table(lines) + "\n" + _table(types)


def agreement(database: str | Path | None) -> str:
    """Count the pairs of our access to a city with two official types."""
    rows = hl.table("typology_crosswalk", our_typology="access_to_city", database=database)
    tables = []
    for official in ("metropolitan", "urban_rural"):
        part = rows[rows["official_typology"] == official]
        wide = part.pivot(index="our_class", columns="official_class", values="region_count")
        head = [f"ours ↓, {official.replace('_', '-')} →", *map(str, wide.columns)]
        body = [
            [str(name), *(_n(0 if pd.isna(v) else v) for v in row)]
            for name, row in zip(wide.index, wide.to_numpy(dtype=float), strict=True)
        ]
        tables.append(_table([head, *body]))
    part = rows[rows["official_typology"] == "metropolitan"]
    ours = part["our_class"].isin(["metropolitan", "large metropolitan"])
    theirs = ~part["official_class"].str.startswith("non-")
    agreed, total = part.loc[ours == theirs, "region_count"].sum(), part["region_count"].sum()
    return "\n".join(tables) + f"\nMetropolitan or not: {_n(agreed)} of {_n(total)} agree.\n"


def _town_table(mine: pd.DataFrame, minutes: tuple[str, ...], classes: tuple[str, ...]) -> str:
    heads = [name.removeprefix("minutes_").replace("_", " ") for name in minutes]
    lines = [["town", *heads, *("inner areas" if c == "remoteness" else c for c in classes)]]
    for _, row in mine.iterrows():
        cells = [*(_d(row[m], 0) for m in minutes), *(_word(row[c]) for c in classes)]
        lines.append([row["label"], *cells])
    return _table(lines)


def _thresholds(limits: pd.DataFrame, begins: tuple[str, ...]) -> str:
    rows = limits[limits["name"].str.startswith(begins)].sort_values("name")
    lines = [["threshold", "value", "unit", "meaning", "source", "evidence"]]
    for row in rows.itertuples():
        words = [row.unit, row.label, row.source, row.evidence]
        cells = ["" if pd.isna(word) else str(word).replace("|", "\\|") for word in words]
        lines.append([f"`{row.name}`", f"{row.value:g}", *cells])
    return _table(lines)


def _same(what: str, worked_out: float, said: float) -> None:
    """Refuse an example that is not what the database says."""
    if not math.isclose(worked_out, float(said), rel_tol=1e-6, abs_tol=1e-9):
        raise Mismatch(f"{what}: {worked_out} worked out by the formula, {said} in the database")


def _n(number: float) -> str:
    return f"{round(float(number)):,}".replace(",", " ")


def _d(number: float, digits: int) -> str:
    return "no data" if pd.isna(number) else f"{float(number):.{digits}f}"


def _signed(number: float, digits: int) -> str:
    return f"{number:+.{digits}f}".replace("-", "−")


def _word(value: object) -> str:
    return "–" if pd.isna(value) else str(value).replace("_", " ")


def _table(lines: list[list[str]]) -> str:
    lines = [lines[0], ["---"] * len(lines[0]), *lines[1:]]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    home = Path(sys.argv[1]) / "build" if len(sys.argv) > 1 else None
    for page, made in blocks(home).items():
        path = FOLDER / f"{page}.md"
        path.write_text(filled(path.read_text("utf-8"), made), encoding="utf-8")
        print(f"Wrote the numbers of docs/methods/{page}.md")
    make_maps.write(make_maps.every(home), home)
    print("Drew the maps of docs/methods/img")
