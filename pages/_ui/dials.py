"""Thresholds as dials: read from the address, refused in words, set back, and what they move."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from pages._ui import address, documents, links, state, tables
from pages._ui.measures import Measure
from pages._ui.texts import N_, _, echo, figure, ngettext, plain
from pipelines.serve import dials, dictionary, export_notes
from pipelines.serve import moved as moved_classes
from pipelines.serve.moved import Moved
from pipelines.serve.store import Store
from pipelines.serve.thresholds import disorder, threshold_facts

#: Greatest value and step of the dials that are sliders; all others are fields for a number.
SLIDERS = {
    "trend_stable_annual_pct": (1.0, 0.05),
    "thin_desert_share": (1.0, 0.05),
    "thin_places_share": (1.0, 0.05),
    "thin_few_share": (0.5, 0.01),
    "remoteness_close_share": (1.0, 0.05),
}
#: What a field takes, by unit: all that a region can have; more is a slip of the hand.
BOUNDS = {
    "% a year": (-5.0, 0.0),
    "per 1,000 people": (0.0, 20.0),
    "share": (0.0, 1.0),
    "years": (20.0, 80.0),
    "% of the EU-27": (0.0, 300.0),
}
MOST_LISTED = 150
#: A map of what the dials moved.
MEASURE = Measure(
    "moved_class",
    N_("Which regions do the moved thresholds put into another class?"),
    {"moved": "#b35806", "unmoved": "#f7f7f7"},
    label=N_("Moved by the thresholds"),
    table="thresholds",
    of="name",
)
#: Marts that hold a column of classes where ``regions`` does not.
_MARTS = {
    "desert_class": "region_crossing",
    "remote_class": "region_crossing",
    "trend": "regions",
    "remoteness": "regions",
}


def read(store: Store, names: Sequence[str], expanded: bool = False) -> Moved:
    """Draw one dial a movable threshold and return those that were moved.

    Values that make no sense together are refused in words; the published ones hold then.
    """
    facts = state.ask(store, threshold_facts, tuple(names))
    moved = []
    with st.expander(_("Move thresholds"), expanded=expanded):
        for name in names:
            value = _dial(facts[name])
            if value != facts[name]["value"]:
                moved.append((name, float(value)))
        if not moved:
            return ()
        published = {name: facts[name]["value"] for name in names}
        st.button(
            _("Back to the published values"),
            on_click=_reset,
            args=(published,),
            key="dials_reset",
            icon=":material/restart_alt:",
        )
        broken = disorder(store, moved)
        for pair in broken:
            refusal = _refusal(store, pair, dict(moved))
            st.warning(refusal)
            address.say(refusal)  # what is folded away here changes what the map shows
        if broken:
            return ()
        st.caption(_("Moved thresholds change map, counts, lists and downloads at once."))
    return tuple(moved)


def of_address(store: Store) -> Moved:
    """Return the thresholds that the address of a page without dials moves; say which, or why not.

    A button sets them back. Values that make no sense together are refused in words.
    """
    moved, wrong = moved_classes.read(store, dict(st.query_params))
    facts = state.ask(store, threshold_facts, (*(name for name, _value in moved), *wrong))
    text = _("{label}: the address states {values}, which cannot be shown. {allowed}")
    said = [
        text.format(
            label=_(facts[name]["label"]),
            values=f"'{echo(value)}'",
            allowed=_("Allowed is a number."),
        )
        for name, value in wrong.items()
    ]
    if broken := disorder(store, moved):
        said += [_refusal(store, pair, dict(moved)) for pair in broken]
        moved = ()
    if said:
        st.warning(" ".join(said), icon=":material/link_off:")
    if moved:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.info(plain(moved_classes.stands_on(moved)), icon=":material/tune:")
            st.button(
                _("Back to the published values"),
                on_click=_forget,
                args=(tuple(name for name, _value in moved),),
                key="dials_reset",
                icon=":material/restart_alt:",
            )
    return moved


def _forget(names: Sequence[str]) -> None:
    for name in names:
        st.query_params.pop(name, None)


def _dial(row: Mapping[str, Any]) -> float:
    name, help = row["name"], documents.linked(f"{_(row['source'])}: {_(row['evidence'])}")
    is_share = row["unit"] == "share"
    label = _(row["label"]) if is_share else f"{_(row['label'])} ({_(row['unit'])})"
    if name in SLIDERS:
        most, step = SLIDERS[name]
        shown = "percent" if is_share else "%.2f"
        value: float = address.slider(
            label, name, 0.0, most, row["value"], step, format=shown, help=help
        )
        return value
    return address.number(label, name, row["value"], BOUNDS[row["unit"]], help)


def _reset(published: Mapping[str, float]) -> None:
    """Set each dial back to its published value; the address loses it, too."""
    for name, value in published.items():
        st.session_state[name] = value if name in SLIDERS else f"{value:g}"


def _refusal(store: Store, pair: tuple[str, str], moved: Mapping[str, float]) -> str:
    """Return the sentence of two thresholds out of order."""
    facts = state.ask(store, threshold_facts, pair)
    low, high = (moved.get(name, facts[name]["value"]) for name in pair)
    return _(
        "'{lower}' is {low}; it must be below '{upper}', which is {high}. The published thresholds "
        "are shown."
    ).format(
        lower=_(facts[pair[0]]["label"]),
        low=f"{low:g}",
        upper=_(facts[pair[1]]["label"]),
        high=f"{high:g}",
    )


def moved_class(before: pd.DataFrame, after: pd.DataFrame, columns: Sequence[str]) -> pd.Series:
    """Return for each region whether a class moved; missing where none is known."""
    if not columns:
        return pd.Series(None, index=before.index, dtype=object)
    has_moved = pd.Series(False, index=before.index)
    for column in columns:
        old, new = before[column], after[column]
        has_moved |= (old != new) & ~(old.isna() & new.isna())
    known = before[list(columns)].notna().any(axis=1)
    return has_moved.map({True: "moved", False: "unmoved"}).where(known)


def changes(
    store: Store,
    before: pd.DataFrame,
    after: pd.DataFrame,
    columns: Sequence[str],
    fits: tuple[dials.Mask, dials.Mask],
    labels: Mapping[str, str],
    orders: Mapping[str, Sequence[str]],
    words: str,
) -> None:
    """Say what moved thresholds changed: counted, from class to class, listed, downloaded.

    Parameters
    ----------
    store : Store
    before, after : DataFrame, shape (n, columns)
        All regions of the level at the published and at the moved thresholds.
    columns : sequence of str
        Columns of classes that the thresholds cut.
    fits : two of ndarray of bool, shape (n,)
        Which regions the filter selects at the published and at the moved thresholds; those of
        either count.
    labels, orders : mapping by column
        Name of each typology, and its classes in the legend's order.
    words : str
        What is shown, for the file.
    """
    inside = fits[0] | fits[1]
    table = dials.moves(before, after, columns, inside)
    number = table["nuts_id"].nunique()
    st.subheader(_("What the moved thresholds change"))
    text = ngettext(
        "{n} region moved to another class", "{n} regions moved to another class", number
    )
    each = (f"{labels[c]}: {figure((table['typology'] == c).sum())}" for c in columns)
    st.markdown(f"**{text.format(n=f'{number:,}')}** ({'; '.join(each)})")
    if not inside.all():
        st.caption(
            _(
                "Of the selection: {before} regions at the published thresholds, {after} now."
            ).format(before=figure(int(fits[0].sum())), after=figure(int(fits[1].sum())))
        )
    matrices, listing = st.columns([2, 3])
    with matrices:
        for column in columns:
            counts = dials.matrix(
                before.loc[inside, column], after.loc[inside, column], orders.get(column, ())
            )
            st.caption(
                _("{typology}: classes before in rows, after in columns; regions.").format(
                    typology=labels[column]
                )
            )
            shown = dials.narrowed(counts).rename(index=_, columns=_).rename_axis(index=_("Before"))
            tables.show(shown.reset_index(), None, labels[column])
    with listing:
        _moved_list(table, labels)
        _download(store, table, columns, words)


def _moved_list(table: pd.DataFrame, labels: Mapping[str, str]) -> None:
    """List the regions that moved, each with a link to its sheet."""
    first = table.head(MOST_LISTED)
    page = links.address_of("pages/place.py")
    shown = pd.DataFrame(
        {
            "sheet": page + "?region=" + first["nuts_id"],
            "name": first["name"],
            "typology": first["typology"].map(labels),
            "before": first["class_before"].map(_),
            "after": first["class_after"].map(_),
        }
    )
    config = {
        "sheet": st.column_config.LinkColumn(_("Sheet"), display_text=r"region=(.+)"),
        "name": _("Region"),
        "typology": _("Typology"),
        "before": _("Before"),
        "after": _("After"),
    }
    tables.show(shown, config, _("Regions that moved"), height=260)
    if len(table) > len(first):
        st.caption(
            _("The first {n} of {total}; the file has all.").format(
                n=f"{len(first):,}", total=f"{len(table):,}"
            )
        )


def _download(store: Store, table: pd.DataFrame, columns: Sequence[str], words: str) -> None:
    joined = tuple((_MARTS.get(c, "region_demography"), c) for c in columns)

    def make() -> bytes:
        notes = export_notes.notes(store, "thresholds", words, joined)
        scope = "selected at the published or at the moved thresholds"
        title = "Hinterland: regions moved by thresholds"
        return dials.moved_csv(table, notes | {"title": title, "regions": scope})

    st.download_button(
        _("Regions that moved (CSV)"),
        make,
        "hinterland-moved.csv",
        "text/csv",
        key="download-moved",
        on_click="ignore",
        icon=":material/download:",
        disabled=table.empty,
    )


def firmness(
    store: Store,
    every: pd.DataFrame,
    columns: Sequence[str],
    moved: Moved,
    labels: Mapping[str, str],
    fits: Callable[[Moved], dials.Mask],
) -> None:
    """Draw, where it is wanted, how firmly each selected region stands in its classes.

    ``fits`` returns for moved thresholds which regions of ``every`` the filter selects: regions
    outside that a dial would bring in are listed, too.
    """
    known = [column for column in columns if column in dials.CLASSED]
    with st.expander(_("How firm is the class of each region?")):
        if not address.checkbox(st, _("Try each dial 10 % lower and higher"), "firm", "toggle"):
            return
        column = state.select(_("Typology"), {c: labels[c] for c in known}, "firm_class")
        table = every[fits(moved)]
        result = dials.robustness(store, table, column, moved)
        if result is None or table.empty:
            st.caption(_("No figures in this selection."))
            return
        st.caption(
            _(
                "Distance: how far the figure lies from the nearest cut point, in its own unit. "
                "Kept: share of the dials, each moved by 10 % alone, that leave the class as it "
                "is. The least firm come first."
            )
        )
        _firm_list(table, column, result)
        _entering(every[dials.entering(store, column, moved, fits)], column)


def _firm_list(table: pd.DataFrame, column: str, result: pd.DataFrame) -> None:
    """Say how many classes would move, and list the least firm first."""
    shown = table[["nuts_id", "name"]].assign(
        now=table[column].map(_, na_action="ignore"),
        distance=result["distance"].round(4),
        kept_share=result["kept_share"],
    )
    shown = shown[shown["kept_share"].notna()].sort_values(["kept_share", "distance"])
    shaky = int((shown["kept_share"] < 1).sum())
    st.markdown(
        _("**{n} of {total}** would change class with a dial moved by 10 %.").format(
            n=f"{shaky:,}", total=f"{len(shown):,}"
        )
    )
    config = {
        "nuts_id": _("Code"),
        "name": _("Region"),
        "now": _("Class"),
        "distance": tables.number(_("Distance"), "%.3f"),
        "kept_share": tables.number(_("Kept"), "percent"),
    }
    first = shown.head(MOST_LISTED)
    tables.show(first, config, _("Firmness of classes"), height=260)


def _entering(table: pd.DataFrame, column: str) -> None:
    """Say how many regions outside the selection a dial would bring in, and list them."""
    if table.empty:
        return
    st.markdown(
        _("**{n}** outside the selection would enter it with a dial moved by 10 %.").format(
            n=figure(len(table))
        )
    )
    shown = table[["nuts_id", "name"]].assign(now=table[column].map(_, na_action="ignore"))
    config = {"nuts_id": _("Code"), "name": _("Region"), "now": _("Class")}
    tables.show(shown.head(MOST_LISTED), config, _("Regions that would enter"), height=200)


def labels(store: Store, columns: Sequence[str]) -> dict[str, str]:
    """Return the dictionary's label of each column of classes."""
    return {
        column: _(dictionary.field(store, _MARTS.get(column, "region_demography"), column).label)
        for column in columns
    }
