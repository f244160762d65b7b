# %% [markdown]
# # A table, facilities of one's own, a model, a figure
#
# For a researcher who must defend a number: where each column comes from, how to bring in one's own
# facilities, how to fit a simple model over the series, and how to draw a figure that can be
# printed.

# %%
import numpy as np
import pandas as pd

import hinterland as hl

# %% [markdown]
# ## A table of indicators with its metadata

# %%
COLUMNS = ["nuts_id", "name", "annual_change_pct", "density_per_km2", "minutes_to_city"]
regions = hl.regions(country=["DE", "ES", "FR", "IT", "PT", "AT"], columns=COLUMNS)
meaning = hl.describe("regions").set_index("column_name").loc[COLUMNS]
meaning[["unit", "definition", "sources", "licence"]]

# %% [markdown]
# `hl.export("regions", "regions.csv")` writes the same beside the data; `hl.table("models")` has
# the statement that makes each table, `hl.table("lineage")` the columns that each is made of.
#
# ## Facilities of one's own
#
# Three points in Extremadura as an example; yours may be a CSV, GeoJSON or a GeoDataFrame in any
# CRS. What cannot be used is refused by row and field.

# %%
mine = pd.DataFrame(
    {
        "id": ["Cáceres", "Badajoz", "Plasencia"],
        "lon": [-6.372, -6.970, -6.088],
        "lat": [39.476, 38.879, 40.031],
        "capacity": [450, 900, 300],
    }
)
reach = hl.reach(mine, country="ES")[["geonameid", "minutes_nearest", "nearest_id"]]
towns = hl.towns(nuts_id=["ES431", "ES432"], columns=["geonameid", "name", "population"])
near = towns.drop(columns="geometry").merge(reach, on="geonameid")
weights = near["population"] / near["population"].sum()
print(f"Mean minutes by people: {(weights * near['minutes_nearest']).sum():.1f}")
for minutes in (15, 30, 60):
    print(f"within {minutes} minutes: {weights[near['minutes_nearest'] <= minutes].sum():.0%}")

# %% [markdown]
# The supply score is E2SFCA (Luo and Qi 2009), capacity per person. Its sum over all people,
# weighted, is the capacity that is within 30 minutes of anybody: a check that you can do yourself.

# %%
everyone = hl.towns(columns=["geonameid", "population", "part_of"]).drop(columns="geometry")
scores = hl.reach(mine)[["geonameid", "supply_score"]]
counted = everyone[everyone["part_of"].isna()].merge(scores, on="geonameid")
shared_out = float((counted["population"] * counted["supply_score"]).sum())
print(f"shared out: {shared_out:.1f} of {mine['capacity'].sum()}")

# %% [markdown]
# ## A model over the series
#
# Does distance to a city go with loss once density is taken into account? Least squares over NUTS-3
# regions, with a constant for each country (its mean taken out), standard errors robust to unequal
# variance (HC1). Islands and overseas regions, hours by ferry from a city, would decide the slope
# alone: what is beyond 120 minutes is left out, and counted.

# %%
data = pd.DataFrame(regions.drop(columns="geometry")).dropna()
far = data["minutes_to_city"] > 120
print(f"left out: {far.sum()} regions beyond 120 minutes")
data = data[~far]
data["country"] = data["nuts_id"].str[:2]
data["log_density"] = np.log(data["density_per_km2"].astype(float))
names = ["minutes_to_city", "log_density"]
frame = data[["annual_change_pct", *names]].astype(float)
within = frame - frame.groupby(data["country"]).transform("mean")
x, y = within[names].to_numpy(), within["annual_change_pct"].to_numpy()
inverse = np.linalg.inv(x.T @ x)
beta = inverse @ x.T @ y
residual = y - x @ beta
freedom = len(y) - len(names) - data["country"].nunique()
meat = (x * residual[:, None] ** 2).T @ x * len(y) / freedom
error = np.sqrt(np.diag(inverse @ meat @ inverse))
model = pd.DataFrame({"estimate": beta, "standard error": error, "t": beta / error}, index=names)
r2 = 1 - (residual**2).sum() / (y**2).sum()
print(f"{len(y)} regions, {data['country'].nunique()} countries, R² within {r2:.2f}")
model.round(4)

# %% [markdown]
# The estimate is an association between regions, not an effect; minutes are estimates with an error
# (10 to 18 % a trip), which pulls their coefficient towards 0. Regions are neighbours: errors that
# spill over borders make the standard errors too small.
#
# The series behind the change, for one region:

# %%
series = hl.series("ES431", columns=["year", "population", "births", "deaths", "is_break"])
series

# %% [markdown]
# ## A figure for a paper
#
# One column wide (89 mm), vector, no colour needed; the caption names sources.

# %%
import matplotlib as mpl

mpl.use("agg")
mpl.rcParams.update({"svg.hashsalt": "hinterland", "svg.fonttype": "path", "font.size": 7})
from matplotlib import pyplot as plt

figure, axes = plt.subplots(figsize=(89 / 25.4, 60 / 25.4), layout="constrained")
axes.axhline(0, color="0.6", linewidth=0.5)
axes.plot(data["minutes_to_city"], data["annual_change_pct"], ".", color="0.35", markersize=2)
grid = np.linspace(data["minutes_to_city"].min(), data["minutes_to_city"].max(), 2)
middle = frame.mean()
axes.plot(
    grid, middle["annual_change_pct"] + beta[0] * (grid - middle["minutes_to_city"]), color="black"
)
axes.set_xlabel("mean minutes by car to a city (estimate)")
axes.set_ylabel("change of people, % a year, 2011–2021")
figure.savefig("figure.pdf", metadata={"CreationDate": None})
figure

# %% [markdown]
# *Caption*: NUTS-3 regions of six countries within 120 minutes of a city; line: least squares with
# density held at its mean. Sources: Eurostat and JRC (population), EuroGeographics (outlines),
# GeoNames (settlements), minutes estimated over a network of settlements. `hl.describe` names the
# source and licence of each column.
