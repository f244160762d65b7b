# %% [markdown]
# # My region: its towns, a hospital that closes, what was tried elsewhere
#
# For a planner of a county, here Hersfeld-Rotenburg in Hesse (NUTS code `DE733`). You need no
# code but this one; put your own region's in its place. A map of regions with their codes is the
# dashboard's page *Regions*.

# %%
import pandas as pd

import hinterland as hl

MINE = "DE733"

# %% [markdown]
# ## How is my region doing?
#
# Change between the censuses of 2011 and 2021, and why: people leave, or too few are born.

# %%
region = hl.regions(country=MINE[:2]).set_index("nuts_id").loc[MINE]
causes = hl.demography(country=MINE[:2]).set_index("nuts_id").loc[MINE]
pd.Series(
    {
        "name": region["name"],
        "people 2011": region["population_start"],
        "people 2021": region["population_end"],
        "change, %": round(region["change_pct"], 1),
        "births less deaths, per 1 000 a year": round(causes["natural_change_per_1000"], 1),
        "net migration, per 1 000 a year": round(causes["net_migration_per_1000"], 1),
        "cause": causes["cause"],
        "median age": causes["median_age"],
        "remoteness": region["remoteness"],
    }
)

# %% [markdown]
# *Legacy* means: more people come than go, and still the region loses, for it is old. Bringing
# people in is working already; keeping services within reach of those who are there is the task.
#
# ## Which towns hold it together?

# %%
columns = ["geonameid", "name", "population", "role", "minutes_to_city", "fragility_count"]
towns = hl.towns(nuts_id=MINE, columns=columns).drop(columns="geometry")
small = towns[towns["role"].notna()].sort_values("population", ascending=False)
small[columns].round({"minutes_to_city": 0}).reset_index(drop=True)

# %% [markdown]
# `role` is how a town stands to the towns around it, `fragility_count` how many of four dimensions
# (trend, position, services, rank) are weak. Minutes are estimates by car, with an error of 10
# to 18 % a trip: do not hang a decision on two minutes.
#
# ## A hospital closes: who is left how far?
#
# Bring your own list: `id`, `lon`, `lat`. Here seven towns around stand in for sites. **This is an
# example and no register**: where GISCO's hospitals are fetched, `hl.table("service_sites")`
# has them.

# %%
sites = pd.DataFrame(
    [
        ("Bad Hersfeld", 9.709, 50.872),
        ("Rotenburg an der Fulda", 9.728, 50.996),
        ("Fulda", 9.675, 50.552),
        ("Eschwege", 10.053, 51.184),
        ("Kassel", 9.500, 51.317),
        ("Eisenach", 10.315, 50.981),
        ("Schwalmstadt", 9.217, 50.933),
    ],
    columns=["id", "lon", "lat"],
)
before = hl.reach(sites, country="DE")
after = hl.reach(sites[sites["id"] != "Rotenburg an der Fulda"], country="DE")
effect = (
    towns[["geonameid", "name", "population"]]
    .merge(before[["geonameid", "minutes_nearest", "nearest_id"]], on="geonameid")
    .merge(
        after[["geonameid", "minutes_nearest", "nearest_id"]],
        on="geonameid",
        suffixes=("_before", "_after"),
    )
)
effect["longer"] = effect["minutes_nearest_after"] - effect["minutes_nearest_before"]
affected = effect[effect["longer"] > 0.5].sort_values("longer", ascending=False)
affected.round(0).reset_index(drop=True)

# %%
people = effect["population"].sum()
print(f"{affected['population'].sum():,} of {people:,} people drive longer.")
for minutes in (15, 20, 30):
    counts = [
        effect.loc[effect[f"minutes_nearest_{when}"] > minutes, "population"].sum()
        for when in ("before", "after")
    ]
    print(f"Beyond {minutes} minutes: {counts[0]:,} people before, {counts[1]:,} after.")

# %% [markdown]
# The nearest site alone is answered for, not its beds: `supply_score` of both tables says how
# many share what is left.
#
# ## Who is like us, and what was tried there?

# %%
bebra = int(towns.set_index("name")["geonameid"]["Bebra"])
like = hl.alike(bebra, 5)
like[["name", "country_name", "population", "distance", "is_close"]].round(3)

# %% [markdown]
# And of the towns that the catalogue knows, those least unlike, with what they tried:

# %%
cases = hl.alike(bebra, 4, cases=True)[["geonameid", "name", "distance"]]
known = hl.table("case_studies", columns=["id", "geonameid"])
tried = hl.table("experiments", columns=["case_study", "name", "result", "document", "section"])
elsewhere = cases.merge(known, on="geonameid").merge(
    tried, left_on="id", right_on="case_study", suffixes=("_town", "")
)
elsewhere[["name_town", "distance", "name", "result", "section"]].round(2)

# %% [markdown]
# None of them is *close* to Bebra: resemblance is no evidence that what worked there works here.
# The page *What fits here* asks for your town's conditions and ranks all practices by them.
