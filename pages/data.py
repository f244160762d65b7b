"""Data & methods: definitions, sources, licences, downloads, limits."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages._ui import downloads, fetched_files, population, state
from pipelines.serve import export, queries
from pipelines.serve.thresholds import threshold_table

store = state.open_store()
st.title("What stands behind the numbers?")
dictionary: pd.DataFrame = state.ask(store, queries.dictionary)
sources: pd.DataFrame = state.ask(store, queries.sources)

words, origin, brought, limits, files = st.tabs(
    ["Definitions", "Sources", "What is fetched", "Thresholds & limits", "Downloads"]
)

with words:
    tables = sorted(
        dictionary["table_name"].unique(), key=lambda t: (t != "regions", t != "towns", t)
    )
    name = st.selectbox("Table", tables, key="table", bind="query-params")
    text = st.text_input("Find in definitions", key="find")
    shown = dictionary[dictionary["table_name"] == name]
    if text:
        hit = shown[["column_name", "label", "definition"]].apply(
            lambda s: s.str.contains(text, case=False, regex=False)
        )
        shown = shown[hit.any(axis=1)]
    st.dataframe(
        shown[["column_name", "label", "unit", "definition", "sources", "allowed"]],
        hide_index=True,
        height=480,
        alt="Data dictionary",
        column_config={
            "column_name": "Column",
            "label": "Label",
            "unit": "Unit",
            "definition": st.column_config.TextColumn("Definition", width="large"),
            "sources": "Sources",
            "allowed": "Allowed values",
        },
    )
    if len(shown):
        st.caption(
            f"Made by `{shown['made_by'].iloc[0]}`. The same table is the mart `indicators`."
        )

with origin:
    for row in sources.fillna("").to_dict("records"):
        state_word = "in use" if row["is_present"] else "not fetched"
        with st.expander(f"{row['title']} ({row['publisher']}; {state_word})"):
            st.write(row["description"])
            facts = {
                "Version": row["version"],
                "NUTS vintage or edition": row["vintage"],
                "Retrieved": row["retrieved"],
                "Taken from": row["taken_from"],
                "Licence": f"{row['licence']} {row['licence_url']}",
                "Attribution": row["attribution"],
                "Cite as": row["citation"],
                "Publisher's address": row["url"],
                "SHA-256": row["sha256"],
            }
            for key, value in facts.items():
                if value.strip():
                    st.text(f"{key}: {value}")

with brought:
    fetched_files.show(store, sources)

with limits:
    st.subheader("Thresholds")
    st.dataframe(
        state.ask(store, threshold_table),
        hide_index=True,
        alt="Thresholds",
        column_config={"label": st.column_config.TextColumn("Meaning", width="large")},
    )
    st.subheader("Limits to know")
    basis = state.ask(store, queries.population_basis)
    shown = ("" if population.is_series(basis) else "the ") + population.long_words(basis)
    st.markdown(
        f"""
- Overview, Regions and Towns show {shown}, never a mixture. {population.doubts(basis)} Age, births,
  deaths, migration and Eurostat's other years are on Shrinking regions where they were fetched.
- Net migration is what births and deaths leave of the change: it holds Eurostat's statistical
  adjustment, which is large in years of a census revision. Years across a break stay out of means.
- Figures of another NUTS vintage are brought over with the JRC's population weights and marked.
- The category of Cohesion Policy is computed from today's GDP; it is not the official list.
- A larger region's population is known only if all of its NUTS-3 regions are.
  {population.without_total(store)}
- Areas and densities come from 1:10 million outlines: about 1 % off the official land area, more
  for small coastal regions.
- Border, island and metropolitan types are those of NUTS 2024, for the EU only, and only for
  regions that live on under one code. The others are of NUTS 2021.
- The population of a settlement is what GeoNames gives. Its year differs from place to place, and
  the place may be a built-up area or a municipality.
- Places that only the newer GeoNames list has carry no feature code. Those inside the disc that a
  larger neighbour would fill at 1 500 people per km² are taken for its sections and left out.
- A region's type and trend do not describe each town in it.
"""
    )

with files:
    st.write(
        "Whole tables, with sources and licences inside each file. CSV and Excel leave out "
        "outlines, and text that a spreadsheet could run as a formula begins with an "
        "apostrophe."
    )
    marts = export.mart_names(store)
    table = st.selectbox("Table to download", marts, index=marts.index("regions"))
    downloads.whole(store, table)
    st.caption(
        "On the command line: `hinterland export --all DIR` writes everything as a "
        "Frictionless data package."
    )
