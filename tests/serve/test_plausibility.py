"""Errors of the publishers, by hand: what the raw files say, what is shown, what became of it."""

from __future__ import annotations

import pytest

from pipelines.serve.store import Store
from tests.serve.test_shrinking import by_hand, line

pytestmark = pytest.mark.shared

HR05_OF_2016 = "HR041"  # the City of Zagreb; its counties kept their borders


def row(store: Store, code: str, version: int = 2021) -> dict[str, object]:
    table = store.arrow(
        "select * exclude (geometry) from marts.region_demography "
        "where nuts_id = ? and nuts_version = ?",
        [code, version],
    )
    return table.to_pylist()[0]


def series(store: Store, code: str, column: str, version: int = 2021) -> dict[int, object]:
    table = store.arrow(
        f"select year, {column} as value from marts.region_series "  # noqa: S608
        "where nuts_id = ? and nuts_version = ?",
        [code, version],
    )
    return {one["year"]: one["value"] for one in table.to_pylist()}


def findings(store: Store, condition: str) -> list[dict[str, object]]:
    return store.arrow(
        f"select * from marts.plausibility_findings where {condition} order by all"  # noqa: S608
    ).to_pylist()


def test_zagreb_is_one_territory_at_two_levels(full_store: Store) -> None:
    births = line("demo_r_births", f"A,NR,{HR05_OF_2016}")
    deaths = line("demo_r_deaths", f"A,NR,{HR05_OF_2016}")
    people = line("demo_r_pjanaggr3", f"A,NR,T,TOTAL,{HR05_OF_2016}")
    assert (births[2004], deaths[2004], people[2001], people[2018]) == (7160, 7890, 770392, 803900)
    for column, figures in (("births", births), ("deaths", deaths), ("population", people)):
        own = series(full_store, "HR05", column)
        for year in {y for y in figures if 2002 <= y <= 2019}:
            assert own[year] == figures[year], (column, year)
    whole, part = row(full_store, "HR05"), row(full_store, "HR050")
    for column in ("webb_type", "cause", "duration_class", "shape", "annual_change_pct"):
        assert whole[column] == part[column], column
    assert whole["webb_type"] == "D"
    assert whole["annual_change_pct"] == pytest.approx(0.16, abs=0.005)


@pytest.mark.parametrize("code", ["HR02", "HR06", "NO02", "NO06", "NO08", "NO09", "PT19", "PT1D"])
def test_a_region_is_the_sum_of_its_parts(full_store: Store, code: str) -> None:
    for version in (2021, 2024):
        frame = full_store.frame(
            """
            select whole.year, whole.births, sum(part.births) as parts, count(part.births) as known,
                count(*) as all_parts
            from marts.region_series as whole
            inner join marts.region_series as part
                on part.nuts_version = whole.nuts_version and part.year = whole.year
                and part.level = 3 and starts_with(part.nuts_id, whole.nuts_id)
            where whole.nuts_id = ? and whole.nuts_version = ?
            group by all
            """,
            [code, version],
        )
        known = frame[frame["known"] == frame["all_parts"]]
        assert (known["births"] - known["parts"]).abs().max() < 1e-6 or known.empty


@pytest.mark.parametrize(
    ("code", "version", "year", "right"),
    # Population over land area of the same tables, worked out apart.
    [
        ("HR05", 2021, 2020, 809_235 / 641),
        ("HR02", 2021, 2020, 45.9),
        ("HR06", 2021, 2020, 101.8),
        ("BE329", 2021, 2019, 652),
        ("BE32C", 2021, 2019, 298),
        ("BE32D", 2021, 2019, 118),
        ("ITG2F", 2021, 2019, 341),
        ("ITG2H", 2021, 2019, 52.8),
        ("PT1A", 2024, 2022, 1_443),
        ("PT1B", 2024, 2022, 509),
        ("PT1D", 2024, 2022, 88.1),
        ("LV00C", 2024, 2022, 14.5),
    ],
)
def test_a_converted_density_is_people_over_area(
    full_store: Store, code: str, version: int, year: int, right: float
) -> None:
    own = series(full_store, code, "density_per_km2", version)[year]
    assert own == pytest.approx(right, rel=0.02)


def test_hungarys_deaths_are_those_of_its_counties(full_store: Store) -> None:
    assert line("demo_r_deaths", "A,NR,HU")[2010] == 481  # as published: infants
    counties = [
        line("demo_r_deaths", key.split("\t")[0])[2010]
        for key in (f"A,NR,HU{code}" for code in HUNGARY)
    ]
    assert len(counties) == 20
    assert series(full_store, "HU", "deaths")[2010] == sum(counties) > 125_000
    found = findings(full_store, "nuts_version = 2021 and country = 'HU' and measure = 'deaths'")
    assert {f["year"] for f in found} == set(range(1990, 2013))
    assert {(f["rule"], f["becomes"]) for f in found} == {("parent_children", "correction")}
    assert len(found) == 276
    assert "infant deaths" in str(found[0]["evidence"])


HUNGARY = "110 120 211 212 213 221 222 223 231 232 233 311 312 313 321 322 323 331 332 333".split()


@pytest.mark.parametrize(
    ("code", "year", "kind"),
    # Types without the year of the break, from the publisher's files.
    [
        ("NL33A", 2020, "C"),
        ("NL111", 2020, "D"),
        ("NL324", 2020, "C"),
        ("RO321", 2021, "F"),
        ("RO424", 2021, "D"),
        ("RO226", 2021, "F"),
        ("SK041", 2021, "A"),
        ("SK042", 2021, "A"),
        ("SK032", 2021, "F"),
        ("LT021", 2021, "F"),
        ("LT024", 2021, "G"),
    ],
)
def test_a_break_that_nobody_flagged_decides_no_type(
    full_store: Store, code: str, year: int, kind: str
) -> None:
    rates = [by_hand(code, y) for y in range(2017, 2022) if y != year]
    natural = sum(1000 * n / p for n, _, p in rates) / 4
    migration = sum(1000 * m / p for _, m, p in rates) / 4
    own = row(full_store, code)
    assert own["natural_change_per_1000"] == pytest.approx(natural)
    assert own["net_migration_per_1000"] == pytest.approx(migration)
    assert (own["webb_type"], own["years_used"], own["change_spans_break"]) == (kind, 4, True)
    assert own["cause"] != "active"
    assert series(full_store, code, "is_break")[year]


def test_moved_borders_are_found_under_equal_codes(full_store: Store) -> None:
    found = findings(full_store, "nuts_version = 2021 and rule = 'moved_border'")
    moved = {(f["nuts_id"], f["year"]) for f in found}
    dutch = {"NL33A", "NL310", "NL324", "NL111", "NL113", "NL412", "NL413"}
    assert {code for code, year in moved if year == 2020} == dutch
    assert {"DEG04", "DEG0H"} <= {code for code, year in moved if year == 2019}
    assert all(code[:3] in ("DEG", "NL1", "NL3", "NL4") for code, _ in moved)


def test_censuses_break_a_whole_country(full_store: Store) -> None:
    found = findings(full_store, "nuts_version = 2021 and level = 3 and rule = 'census_revision'")
    years: dict[tuple[object, object], int] = {}
    for one in found:
        years[one["country"], one["year"]] = years.get((one["country"], one["year"]), 0) + 1
    newest = {key: n for key, n in years.items() if int(str(key[1])) >= 2020}
    assert newest == {
        ("RO", 2021): 42,
        ("LT", 2021): 10,
        ("SK", 2021): 8,
        ("EE", 2021): 5,
        ("BG", 2020): 28,  # the census of September 2021 was put at 1 January
    }


def test_median_ages_that_nothing_continues_are_in_no_class(full_store: Store) -> None:
    found = findings(full_store, "nuts_version = 2021 and rule = 'median_age_spike'")
    spikes = {(f["nuts_id"], f["year"]) for f in found}
    assert ("RO321", 2017) in spikes
    assert len({code for code, year in spikes if str(code)[:2] == "RO" and year == 2017}) == 39
    assert {"LT", "LT021", "LT024"} <= {code for code, year in spikes if year == 2014}
    one = next(f for f in found if f["nuts_id"] == "RO321")
    assert (one["value"], one["expected"]) == (43.8, pytest.approx((40.3 + 41.0) / 2))


def test_durres_and_shkoder_have_their_own_densities(full_store: Store) -> None:
    people = {code: line("demo_r_pjanaggr3", f"A,NR,T,TOTAL,{code}") for code in ("AL012", "AL015")}
    assert people["AL012"][2020] == 290_697
    assert series(full_store, "AL012", "density_per_km2")[2020] == pytest.approx(378, abs=1)
    assert series(full_store, "AL015", "density_per_km2")[2020] == pytest.approx(57, abs=1)
    found = findings(full_store, "nuts_id = 'AL012' and measure = 'density_per_km2'")
    assert {f["becomes"] for f in found} == {"correction"}
    assert "density_quotient" in str(series(full_store, "AL012", "findings")[2020])
