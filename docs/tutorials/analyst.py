# %% [markdown]
# # From a question to a two-page brief
#
# For an analyst with a deadline: which rural regions of the EU shrink, for which cause, does the
# answer hang on where the bounds lie, and how is it said on two pages.

# %%
from pathlib import Path

import pandas as pd

import hinterland as hl

# %% [markdown]
# ## Filter

# %%
demography = hl.demography()
places = hl.regions(columns=["nuts_id", "remoteness", "settled_share"]).drop(columns="geometry")
regions = demography.merge(places, on="nuts_id")
rural = regions[
    (regions["country_group"] == "EU") & (regions["urban_rural"] == "predominantly rural")
]
shrinking = rural[rural["cause"].notna()]
known = rural["shrinking_class"].notna().sum()
print(f"{len(rural)} predominantly rural regions, {known} with figures, {len(shrinking)} shrink.")

# %% [markdown]
# ## Causes
#
# *Legacy*: people come, but more die than are born. *Active*: people leave. In between by the
# share of migration in the loss.

# %%
ORDER = ["legacy", "mixed, mostly legacy", "mixed", "mixed, mostly active", "active"]
causes = (
    shrinking.groupby("cause", observed=True)
    .agg(regions=("nuts_id", "size"), people=("population_end", "sum"))
    .reindex(ORDER)
)
causes

# %% [markdown]
# ## Thresholds moved
#
# The bounds between the causes are conventions of ours, a third and two thirds; `hl.thresholds()`
# gives each with its source and evidence. Move them, and see who changes class. Nothing is built
# anew: the same definition is asked with your values.

# %%
bounds = hl.thresholds().set_index("name")
bounds.loc[["cause_legacy_max_share", "cause_active_min_share"], ["value", "evidence"]]

# %%
trials = {
    "published": {},
    "a quarter": {"cause_legacy_max_share": 0.25, "cause_active_min_share": 0.75},
    "two fifths": {"cause_legacy_max_share": 0.4, "cause_active_min_share": 0.6},
}
answers = {}
for name, moved in trials.items():
    table = hl.demography(moved=moved, columns=["nuts_id", "cause"]).set_index("nuts_id")
    answers[name] = table["cause"].reindex(shrinking["nuts_id"])
moved_table = pd.DataFrame({name: a.value_counts() for name, a in answers.items()}).reindex(ORDER)
moved_table

# %% [markdown]
# ## Robustness
#
# How many regions keep their cause under every trial, and what share of the shrinking ones is it
# that people leave, by the strictest and by the widest reading?

# %%
same = pd.DataFrame(answers).nunique(axis=1) == 1
active = {
    name: float(answer.isin(["active", "mixed, mostly active"]).mean())
    for name, answer in answers.items()
}
print(f"{same.sum()} of {len(same)} regions keep their cause ({same.mean():.0%}).")
print("People leave:", ", ".join(f"{name} {share:.0%}" for name, share in active.items()))

# %% [markdown]
# The bounds of legacy and active move regions between neighbouring classes, never from one end to
# the other. Three regions where the answer turns:

# %%
turning = shrinking[~same.to_numpy()][
    ["nuts_id", "name", "natural_change_per_1000", "net_migration_per_1000", "active_share"]
]
turning.sort_values("nuts_id").head(3).round(2).reset_index(drop=True)

# %% [markdown]
# ## A brief of two pages
#
# Words and two tables; figures and words come from the same variables, so they cannot part. Any
# word processor opens it; `hl.export` writes the rows beside it, with sources and definitions.


# %%
def html_table(frame: pd.DataFrame) -> str:
    """Return a table for a page of HTML."""
    return frame.to_html(na_rep="no data", border=0)


severe = shrinking.sort_values("annual_change_pct").head(10)
severe = severe[["nuts_id", "name", "country_name", "annual_change_pct", "cause"]].round(2)
largest = causes["regions"].idxmax()
brief = f"""<!doctype html><html lang="en"><meta charset="utf-8">
<title>Rural regions that shrink</title>
<style>@page {{ size: A4 }} h2 {{ break-before: page }} body {{ font-family: sans-serif }}</style>
<h1>Rural regions that shrink, and why</h1>
<p>Of {known} predominantly rural regions of the EU with figures, {len(shrinking)} shrink
({len(shrinking) / known:.0%}). The most frequent cause is <b>{largest}</b>
({causes.loc[largest, "regions"]} regions). People leave in {min(active.values()):.0%} to
{max(active.values()):.0%} of them, depending on where the bound is drawn.</p>
{html_table(causes)}
<h2>The ten that lose most</h2>{html_table(severe.set_index("nuts_id"))}
<p>Eurostat; causes re-computed, not official. Periods of five years.
Hinterland {hl.__version__}.</p>
</html>"""
Path("brief.html").write_text(brief, encoding="utf-8")
rows = hl.export("region_demography", "causes.csv", level=3)
print(f"brief.html: {len(brief):,} characters; causes.csv: {rows:,} rows")
