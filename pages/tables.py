"""Tables: build one, ask in SQL, and see how a number is computed."""

from __future__ import annotations

from typing import Literal
from urllib.parse import parse_qsl

import pandas as pd
import streamlit as st

from pages._ui import directory, documents, state, tables
from pages._ui.address_of_visit import root
from pages._ui.links import link
from pages._ui.texts import N_, _, ngettext, said
from pipelines.core.errors import HinterlandError
from pipelines.serve import address_query, describe, export, lineage, snippets, sql_box
from pipelines.serve.citation import citation
from pipelines.serve.store import Store, to_frame
from pipelines.serve.writers import without_outlines

PARTS = {
    "build": N_("Build a table"),
    "sql": N_("Ask in SQL"),
    "made": N_("How is it computed?"),
}
_SHOWN = 50


def main(store: Store) -> None:
    """Draw the page."""
    st.title(_("Which numbers do you need, and how are they made?"))
    part = state.select(_("I want to"), PARTS, "part")
    if part == "build":
        _build(store)
    elif part == "sql":
        _ask(store)
    else:
        _made(store)


def _build(store: Store) -> None:
    """Draw the choice of a table, its address, rows, code and citation."""
    marts = state.ask(store, export.mart_names)
    left, right = st.columns(2)
    with left:
        table = state.select(_("Table"), _first(marts, "regions"), "table", format_func=str)
    facts = state.ask(store, describe.columns, table)
    with right:
        columns = state.multiselect(
            _("Columns (all where none is chosen)"),
            [c.column_name for c in facts],
            "columns",
            format_func=str,
        )
    conditions = st.text_input(
        _("Conditions, joined by &"),
        key="where",
        bind="query-params",
        placeholder="country=DE,FR&level=3&population_end.min=50000",
        help=_(
            "A column and what it must be; several values with commas between. A column with .min "
            "or .max bounds a number, with .known=yes it must have a value. Also sort=-column, "
            "limit=100, labels=yes (header of labels and units) and bom=yes (for Excel)."
        ),
    )
    pairs = parse_qsl(conditions, keep_blank_values=True)
    stated = [("columns", ",".join(columns))] if columns else []
    try:
        query = address_query.read_query(store, table, [*pairs, *stated])
        data, total = address_query.select(store, query)
    except HinterlandError as error:
        st.error(said(error))
        return
    _table_of(store, query, to_frame(without_outlines(data.slice(0, _SHOWN))), total)


def _table_of(
    store: Store, query: address_query.TableQuery, frame: pd.DataFrame, total: int
) -> None:
    words = query.words()
    forms = ["csv", "parquet", "json"]
    names = {c.column_name for c in state.ask(store, describe.columns, query.table)}
    if "geometry" in names or {"lon", "lat"} <= names:
        forms.append("geojson")
    st.caption(_("{n} rows; the first {shown} are shown.").format(n=f"{total:,}", shown=len(frame)))
    tables.show(
        frame, tables.columns(store, query.table, frame.columns), _("Rows of the table"), height=320
    )
    st.header(_("Take it along"))
    st.caption(_("These addresses stay; each answers anew when a newer database is served."))
    for form in forms:
        address = f"{root()}/api/{query.table}.{form}" + (f"?{words}" if words else "")
        st.code(address, language=None, wrap_lines=True)
    st.caption(
        _("With {name}.metadata.json come definitions, units, sources and licences.").format(
            name=query.table
        )
    )
    st.header(_("Make it again"))
    code = snippets.snippets(query, root())
    for tab, (name, text) in zip(st.tabs(list(code)), code.items(), strict=True):
        tab.code(text, language=snippets.LANGUAGES[name])
    st.header(_("Cite it"))
    cited = citation(
        store, query.table, f"{root()}/api/{query.table}.csv" + (f"?{words}" if words else "")
    )
    st.code(cited.text, language=None, wrap_lines=True)
    st.code(cited.bibtex, language="latex")


def _ask(store: Store) -> None:
    """Draw the box for a query and its rows."""
    st.caption(
        _(
            "One query in DuckDB's SQL over the tables marts.…, indicators.… and typologies.…, at "
            "most {rows} rows and {seconds} seconds. Nothing that you ask is kept."
        ).format(rows=f"{sql_box.ROWS_MOST:,}", seconds=sql_box.SECONDS)
    )
    st.session_state.setdefault("sql", st.query_params.get("sql", sql_box.EXAMPLE))
    text = st.text_area(_("Query"), key="sql", bind="query-params", height=180)
    if not text.strip():
        st.info(_("Write a query over tables such as marts.regions."))
        return
    st.button(_("Run"), type="primary", icon=":material/play_arrow:")
    try:
        result = state.visit_memo(
            "sql_answer", (store.pointer.hash, text), lambda: sql_box.run(store, text)
        )
    except HinterlandError as error:
        st.error(said(error))
        return
    frame = to_frame(without_outlines(result.rows))
    count = ngettext("{n} row", "{n} rows", len(frame)).format(n=f"{len(frame):,}")
    more = _("there are more; narrow the query to see them") if result.is_cut else ""
    st.caption("; ".join(filter(None, (count, more))))
    height: int | Literal["auto"] = 420 if len(frame) > 10 else "auto"
    tables.show(frame, None, _("Rows of the query"), height=height)
    st.download_button(
        _("CSV (zip with notes)"),
        lambda: export.query_bytes(store, text, result.rows),
        file_name="hinterland-query.zip",
        mime="application/zip",
        on_click="ignore",
        icon=":material/download:",
    )


def _made(store: Store) -> None:
    """Draw the statement of a table and what a column is made of."""
    known = state.ask(store, lineage.statements)
    left, right = st.columns(2)
    with left:
        table = state.select(
            _("Table"), _first(list(known), "marts.regions"), "made", format_func=str
        )
    short = table.removeprefix("marts.")
    facts = state.ask(store, describe.columns, short) if table.startswith("marts.") else []
    known_columns = {c.column_name: c for c in facts}
    with right:
        column = state.select(
            _("Column"), ["", *known_columns], "of", format_func=lambda n: n or _("(the table)")
        )
    made = known[table]
    st.text(_(made.description))
    if fact := known_columns.get(column):
        unit = f" [{_(fact.unit)}]" if fact.unit else ""
        st.text(f"{_(fact.label)}{unit}: {documents.worded(_(fact.definition))}")
    st.caption(_("{grain}. Made by {file}.").format(grain=made.grain, file=made.made_by))
    if column:
        _path(store, table, column)
    _statement(store, made)


def _path(store: Store, table: str, column: str) -> None:
    steps = state.ask(store, lineage.steps, table, column)
    st.header(_("What this column is made of"))
    if not steps:
        st.caption(_("A constant or a count: it is made of no other column."))
        return
    rows = pd.DataFrame(
        [{"depth": s.depth, "table": s.table, "column": s.column} for s in steps],
    )
    tables.show(
        rows,
        {"depth": _("Steps away"), "table": _("Table"), "column": _("Column")},
        _("What this column is made of"),
    )
    known = state.ask(store, lineage.statements)
    st.header(_("Statements on the way"))
    for name in dict.fromkeys(s.table for s in steps):
        if name in known:
            with st.expander(name):
                _statement(store, known[name])


def _statement(store: Store, made: lineage.Statement) -> None:
    if made.sql:
        # What reads published tables alone can be run, and changed, in the box.
        if set(made.reads) <= sql_box.readable_tables(store):
            box = _("Ask in SQL")
            link("pages/tables.py", box, {"part": box, "sql": made.sql})
        st.code(made.sql, language="sql")
    else:
        st.caption(
            _("Made by Python, {function}, from {tables}.").format(
                function=made.made_by, tables=", ".join(made.reads)
            )
        )


def _first(names: list[str], first: str) -> list[str]:
    return sorted(names, key=lambda name: (name != first, name))


if __name__ == "__main__":  # as Streamlit runs a page's file
    directory.run(main)
