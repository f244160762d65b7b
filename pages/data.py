"""Data & methods: definitions, sources, licences, downloads, limits."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pandas as pd
import streamlit as st

from pages._ui import directory, downloads, fetched_files, format, population, state, tables
from pages._ui.texts import N_, _, plain
from pipelines.serve import export, official, queries
from pipelines.serve.store import Store
from pipelines.serve.thresholds import threshold_table

_SOURCE = {
    "version": N_("Version"),
    "vintage": N_("NUTS vintage or edition"),
    "retrieved": N_("Retrieved"),
    "taken_from": N_("Taken from"),
    "licence_line": N_("Licence"),
    "attribution": N_("Attribution"),
    "citation": N_("Cite as"),
    "url": N_("Publisher's address"),
    "sha256": N_("SHA-256"),
}


def main(store: Store) -> None:
    """Draw the page."""
    st.title(_("What stands behind the numbers?"))
    sources = state.ask(store, queries.sources)
    definitions, origin, brought, limits, checks, files = st.tabs(
        [
            _("Definitions"),
            _("Sources"),
            _("What is fetched"),
            _("Thresholds & limits"),
            _("Against official figures"),
            _("Downloads"),
        ]
    )
    with definitions:
        _definitions(store)
    with origin:
        for row in sources.fillna("").to_dict("records"):
            _source(row)
    with brought:
        fetched_files.show(store, sources)
    with limits:
        _limits(store)
    with checks:
        _official(store)
    with files:
        _downloads(store)


def _definitions(store: Store) -> None:
    dictionary = state.ask(store, queries.dictionary)
    names = sorted(
        dictionary["table_name"].unique(), key=lambda t: (t != "regions", t != "towns", t)
    )
    name = state.select(_("Table"), names, "table", format_func=str)
    needle = st.text_input(_("Find in definitions"), key="find")
    rows = dictionary[dictionary["table_name"] == name]
    texts = {c: rows[c].map(_) for c in ("label", "unit", "definition")}
    rows = rows.assign(**texts)
    if needle:
        hit = rows[["column_name", "label", "definition"]].apply(
            lambda column: column.str.contains(needle, case=False, regex=False)
        )
        rows = rows[hit.any(axis=1)]
    tables.show(
        rows[["column_name", "label", "unit", "definition", "sources", "allowed"]],
        {
            "column_name": _("Column"),
            "label": _("Label"),
            "unit": _("Unit"),
            "definition": st.column_config.TextColumn(_("Definition"), width="large"),
            "sources": _("Sources"),
            "allowed": _("Allowed values"),
        },
        _("Data dictionary"),
        height=480,
    )
    if len(rows):
        st.caption(
            _("Made by `{file}`. The same table is the mart `indicators`.").format(
                file=rows["made_by"].iloc[0]
            )
        )


def _source(row: dict[Hashable, Any]) -> None:
    """Draw one source with its licence."""
    state_word = _("in use") if row["is_present"] else _("not fetched")
    title = f"{plain(row['title'])} ({plain(row['publisher'])}; {state_word})"
    row = row | {"licence_line": f"{row['licence']} {row['licence_url']}"}
    with st.expander(title):
        st.write(_(row["description"]))
        # One element a source: with one a line this page drew 240 of them in each rerun.
        lines = (f"{_(label)}: {row[name]}" for name, label in _SOURCE.items() if row[name].strip())
        st.text("\n".join(lines))


def _official(store: Store) -> None:
    """Draw our types over the official ones, and published figures beside ours."""
    st.subheader(_("Our types over the official ones"))
    st.caption(
        _(
            "Official are the urban-rural, metropolitan, coastal, mountain, border and island "
            "types; access to a city, remoteness and the field of a large city are re-computed. "
            "NUTS-3 regions of 2021 whose both classes are known."
        )
    )
    pairs = state.ask(store, official.typology_pairs)
    if not pairs:
        return
    left, right = st.columns(2)
    with left:
        ours = state.select(_("Our typology"), list(dict.fromkeys(p[0] for p in pairs)), "ours")
    with right:
        theirs = [pair[1] for pair in pairs if pair[0] == ours]
        other = state.select(_("Official typology"), theirs, "official")
    rows = state.ask(store, official.typology_crosswalk, ours, other)
    headings = tables.columns(store, "typology_crosswalk", rows.columns)
    tables.show(rows, headings, _("Our types over the official ones"))
    st.subheader(_("Eurostat's figures on hospitals beside ours"))
    rows = state.ask(store, official.published_figures)
    headings = tables.columns(store, "published_figures", rows.columns)
    tables.show(rows, headings, _("Eurostat's figures on hospitals beside ours"))
    if rows["shown"].isna().all():
        st.caption(_("No register of hospitals was fetched, so nothing stands beside them."))


def _limits(store: Store) -> None:
    st.subheader(_("Thresholds"))
    rows: pd.DataFrame = state.ask(store, threshold_table)
    meaning = st.column_config.TextColumn(_("Meaning"), width="large")
    tables.show(
        rows.assign(label=rows["label"].map(_), unit=rows["unit"].map(_)),
        tables.columns(store, "thresholds", ("name", "value", "unit", "source", "evidence"))
        | {"label": meaning},
        _("Thresholds"),
    )
    st.subheader(_("Limits to know"))
    basis = state.ask(store, queries.population_basis)
    dense = state.thresholds(store)["section_density_per_km2"]
    lines = (
        _(
            "Overview, Regions and Towns show {words}. {doubts} Age, births, deaths and migration "
            "are on Shrinking regions: by year where they were fetched, else in periods of five "
            "years."
        ).format(words=population.long_words(basis), doubts=population.doubts(basis)),
        _(
            "Net migration is what births and deaths leave of the change: it holds Eurostat's "
            "statistical adjustment, which is large in years of a census revision. Years across a "
            "break stay out of means."
        ),
        _(
            "Figures of another NUTS vintage are brought over with the JRC's population weights "
            "and marked."
        ),
        _(
            "The category of Cohesion Policy is computed from today's GDP; it is not the official "
            "list."
        ),
        _(
            "A larger region's population is known only if all of its NUTS-3 regions are. "
            "{countries}"
        ).format(countries=population.without_total(store)),
        _(
            "Areas and densities come from 1:10 million outlines: about 1 % off the official land "
            "area, more for small coastal regions."
        ),
        _(
            "Border, island and metropolitan types are those of NUTS 2024, for the EU only, and "
            "only for regions that live on under one code. The others are of NUTS 2021."
        ),
        _(
            "The population of a settlement is what GeoNames gives. Its year differs from place "
            "to place, and the place may be a built-up area or a municipality."
        ),
        _(
            "Places that only the newer GeoNames list has carry no feature code. Those inside the "
            "disc that a larger neighbour would fill at {density} people per km² are taken for "
            "its sections and left out."
        ).format(density=format.round_people(dense)),
        _("A region's type and trend do not describe each town in it."),
    )
    st.markdown("\n".join(f"- {line}" for line in lines))


def _downloads(store: Store) -> None:
    st.write(
        _(
            "Whole tables, with sources and licences inside each file. CSV and Excel leave out "
            "outlines, and text that a spreadsheet could run as a formula begins with an "
            "apostrophe."
        )
    )
    marts = export.mart_names(store)
    table = st.selectbox(_("Table to download"), marts, index=marts.index("regions"))
    downloads.whole(store, table)
    st.caption(_("A GeoPackage opens in QGIS in these colours, with a project in it."))
    st.caption(
        _(
            "On the command line: `hinterland export --all DIR` writes everything as a "
            "Frictionless data package."
        )
    )


if __name__ == "__main__":  # as Streamlit runs a page's file
    directory.run(main)
