"""Compare: two to six regions or towns side by side, with the figures of their sheets."""

from __future__ import annotations

import streamlit as st

from pages._ui import compare_choice, compare_view, dials, directory, state, titles
from pages._ui.texts import _, plain
from pipelines.serve import side_by_side
from pipelines.serve.side_by_side import FEWEST, MOST
from pipelines.serve.store import Store


def main(store: Store) -> None:
    """Draw the page."""
    st.title(_("How do these places compare?"))
    chosen = compare_choice.read(store)
    level = compare_choice.draw(store, chosen)
    codes = chosen.codes
    if chosen.kind == "region":
        codes = side_by_side.at_level(codes, level)
    if len(codes) >= FEWEST:
        moved = dials.of_address(store)
        compared = state.ask(store, side_by_side.side_by_side, codes, moved)
        titles.name(", ".join(map(_, compared.names)))
        if codes != chosen.codes:
            names = ", ".join(plain(_(name)) for name in compared.names)
            st.caption(_("Shown: {names}.").format(names=names))
        compare_view.show(store, compared)
        return
    if len(chosen.codes) >= FEWEST:
        st.info(
            _("At this level they are one region: choose a lower level, or add another region.")
        )
    elif chosen.codes:
        st.info(_("Add at least one more place: by the search, or with a click on one above."))
    else:
        st.markdown(
            _(
                "Choose {fewest} to {most} regions, or towns: their figures then stand side by "
                "side, with the differences to the first one, their population over the years, "
                "and bars for each figure."
            ).format(fewest=FEWEST, most=MOST)
        )
    st.caption(state.attribution(store, ("geonames_cities500", "gisco_nuts_2021")))


if __name__ == "__main__":  # as Streamlit runs a page's file
    directory.run(main)
