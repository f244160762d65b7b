"""Towns like one: choices, the ten nearest, and a warning when nothing is close."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages._ui import address, state, tables, words
from pages._ui.links import link
from pages._ui.texts import N_, _, capital, figure, plain
from pipelines.serve import comparison
from pipelines.serve.comparison import LikeTowns
from pipelines.serve.store import Store

METHODS = {
    "gower": N_("Gower: numbers and types, gaps allowed"),
    "mahalanobis": N_("Mahalanobis: numbers only, correlation removed"),
    "ranks": N_("Mean gap of ranks: robust to extremes"),
}
LINKED = 5
Choices = tuple[str, tuple[tuple[str, float], ...], bool, bool]


def _weights(labels: dict[str, str]) -> tuple[tuple[str, float], ...]:
    with st.expander(_("Weights")):
        st.caption(_("1 counts once, 0 leaves it out. Mahalanobis has no weights."))
        columns = st.columns(4)
        chosen = {
            name: columns[i % 4].slider(capital(_(label)), 0.0, 3.0, 1.0, 0.5, key=f"w_{name}")
            for i, (name, label) in enumerate(labels.items())
        }
    return tuple((name, value) for name, value in chosen.items() if value != 1.0)


def _choices(labels: dict[str, str]) -> Choices | None:
    """Draw how towns are compared; None where nothing is left to compare."""
    first, second, third = st.columns([3, 2, 2])
    with first:
        method = state.select(_("Measure"), METHODS, "like_method")
    abroad = address.checkbox(second, _("Only other countries"), "like_abroad")
    cases = address.checkbox(third, _("Only towns of case studies"), "like_cases")
    weights = _weights(labels)
    if len(weights) == len(labels) and not any(w for _name, w in weights):
        st.info(_("Give at least one weight above 0."))
        return None
    return method, weights, abroad, cases


def show(store: Store, town: dict[str, Any], with_choices: bool = True) -> None:
    """Draw the towns most like one."""
    st.subheader(_("Towns like {name}").format(name=plain(town["name"])))
    labels = state.ask(store, comparison.labels)
    choices: Choices | None = ("gower", (), False, False)
    if with_choices:
        choices = _choices(labels)
    if choices is None:
        return
    with st.spinner(_("Comparing all settlements…"), show_time=False):
        like = state.ask(store, comparison.towns_like, town["geonameid"], *choices)
    if not len(like.table):
        st.info(_("No town can be compared: too little is known. Gower allows gaps."))
        return
    _result(store, like, labels)


def _value(name: str, value: Any) -> str:
    if name in comparison.NUMBERS:
        return _(comparison.NUMBERS[name][1]).format(value)
    return words.code(value)


def _shares(pairs: list[tuple[str, Any]]) -> str:
    """Return what two towns share, in words: a class with its value, a number by its name."""
    return "; ".join(
        f"{_(label)}: {_value(name, value)}" if name in comparison.CLASSES else _(label)
        for name, value in pairs
        for label in (comparison.LABELS[name],)
    )


def _differs(triples: list[tuple[str, Any, Any]]) -> str:
    """Return what separates two towns, in words."""
    return "; ".join(
        _("{column}: {value} (here {own})").format(
            column=_(comparison.LABELS[name]), value=_value(name, value), own=_value(name, own)
        )
        for name, value, own in triples
    )


def _result(store: Store, like: LikeTowns, labels: dict[str, str]) -> None:
    share = figure(100 * state.thresholds(store)["lookalike_far_quantile"], "{:.0f} %")
    if like.is_far:
        st.warning(
            _(
                "Nothing is close: even the nearest town is farther away than for {share} of all "
                "settlements (distance {distance}, usual is up to {usual})."
            ).format(
                share=share,
                distance=f"{like.table['distance'].iloc[0]:.3f}",
                usual=f"{like.usual:.3f}",
            )
        )
    _table(store, like, share)
    with st.expander(_("Why these: what they share and what separates them")):
        for row in like.table.to_dict("records"):
            st.markdown(
                _("**{name}**, {country}. Shared: {shared}. Apart: {apart}.").format(
                    name=plain(row["name"]),
                    country=_(row["country_name"]),
                    shared=plain(_shares(row["shares"])),
                    apart=plain(_differs(row["differs"])),
                )
            )
    st.caption(
        _(
            "Compared: {columns}. Resemblance is descriptive: it is no evidence that what worked "
            "there works here. Minutes are estimates."
        ).format(columns=", ".join(map(_, labels.values())))
    )
    links = st.columns(LINKED)
    for place, row in zip(links, like.table.head(LINKED).to_dict("records"), strict=False):
        link("pages/small_towns.py", row["name"], {"town": row["geonameid"]}, place)


def _table(store: Store, like: LikeTowns, share: str) -> None:
    close = _(
        "Up to a distance of {usual}, within which {share} of all settlements have their nearest "
        "one."
    ).format(usual=f"{like.usual:.3f}", share=share)
    wide = st.column_config.TextColumn
    config = tables.columns(store, "towns", ("name", "country_name", "population")) | {
        "distance": tables.number(_("Distance"), "%.3f"),
        "is_close": st.column_config.CheckboxColumn(_("Close"), help=close),
        "differs": wide(_("What separates most"), width="large"),
        "shares": wide(_("What they share"), width="large"),
    }
    tables.show(
        like.table.drop(columns=["geonameid", "is_case"]).assign(
            shares=like.table["shares"].map(_shares), differs=like.table["differs"].map(_differs)
        ),
        config,
        _("Towns most like the chosen one"),
        row_height=52,
        column_order=list(config),
    )
