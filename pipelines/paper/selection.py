"""A selection of regions on A4: its map, its figures beside the EU's, its table and sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.lib.colors import HexColor
from reportlab.platypus import Flowable, LongTable, Spacer

from pipelines.paper import fonts, maps, page
from pipelines.paper.drawing import Drawing
from pipelines.paper.page import WIDTH, Context, text
from pipelines.paper.sheet import MAP_SOURCES
from pipelines.serve import queries
from pipelines.serve.store import Store
from pipelines.serve.texts import _, figure

#: Rows of the table that are printed; all of them are in the downloads.
MOST_ROWS = 400
_MAP_HEIGHT = 318.0


@dataclass(frozen=True)
class Selection:
    """Regions that were chosen by a filter, and how they are shown.

    Attributes
    ----------
    title : str
        The question that the map answers.
    words : str
        The filter in words.
    shown : RegionMap
        The map; regions outside the selection have the colour of what is not selected.
    codes : tuple of str
        NUTS codes of the selection, in the order of the table.
    total : int
        Regions of the level.
    heads : tuple of str
        Headings of the table.
    rows : sequence of tuple of str
        A row a region, as texts.
    sources : tuple of str
        Names of the sources of what is shown.
    """

    title: str
    words: str
    shown: maps.RegionMap
    codes: tuple[str, ...]
    total: int
    heads: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    sources: tuple[str, ...]


def picture(store: Store, given: Selection, form: str) -> bytes:
    """Return the map of a selection for a slide: ``form`` is ``png`` or ``svg``."""
    whole = credited(
        store,
        given.shown,
        given.title,
        given.sources,
        before=f"{given.words}. ",
        after=f", {store.pointer.hash}",
    )
    return whole.svg() if form == "svg" else whole.png()


def credited(
    store: Store,
    shown: maps.RegionMap,
    title: str,
    sources: Sequence[str],
    *,
    before: str = "",
    after: str = "",
) -> Drawing:
    """Return a map that stands alone, with its title above and whom to credit below.

    Parameters
    ----------
    store : Store
    shown : RegionMap
    title : str
        What stands above it.
    sources : sequence of str
        Names of the sources of what is shown; those of the map are added.
    before, after : str
        What stands before the credits and behind the program's name.
    """
    drawing = maps.draw(store, shown, 760, 560, heading=title)
    credit = page.map_credit(store, *sources, *MAP_SOURCES)
    lines = fonts.lines(f"{before}{credit}. Hinterland{after}.", 6.5, 740)
    whole = Drawing(780, 590 + 8.5 * len(lines), alt=drawing.alt)
    whole.box(0, 0, whole.width, whole.height, fill="#ffffff")
    whole.place(drawing, 10, 8)
    for number, line in enumerate(lines):
        whole.text(10, 580 + 8.5 * number, line, 6.5, fill=page.GREY)
    return whole


def pdf(store: Store, given: Selection, context: Context) -> bytes:
    """Return a selection as a PDF.

    Parameters
    ----------
    store : Store
    given : Selection
    context : Context
        Where and when it is printed.
    """
    count = _("{n} of {total} regions").format(n=f"{len(given.codes):,}", total=f"{given.total:,}")
    story: list[Flowable] = [
        text(given.title, page.TITLE),
        text(f"{count} · {given.words}", page.WHERE),
        Spacer(0, 4),
        maps.draw(store, given.shown, WIDTH, _MAP_HEIGHT).flowable(),
        Spacer(0, 8),
        _sums(store, given.codes),
        text(_("The regions"), page.HEAD),
        _table(given),
    ]
    if len(given.rows) > MOST_ROWS:
        story.append(
            text(
                _("The first {n} of {total}; the downloads hold all.").format(
                    n=f"{MOST_ROWS:,}", total=f"{len(given.rows):,}"
                ),
                page.SMALL,
            )
        )
    sources = (*given.sources, *MAP_SOURCES, *queries.population_basis(store)["sources"])
    story += page.credits(store, sources, context, f"{given.title} ({given.words})")
    return page.pdf(story, given.title, store, context)


def _sums(store: Store, codes: Sequence[str]) -> Flowable:
    """Return the figures of the selection beside those of the EU."""
    missing = _("no data")
    own = queries.marked_summary(store, tuple(codes))
    around = queries.region_context(store, codes[0]) if codes else None
    eu = around[around["place"] == "EU"] if around is not None else None
    rows = [[text(head, page.LABEL) for head in ("", _("This selection"), _("EU"))]]
    people, before = own["population_end"], own["population_start"]
    change = figure(100 * (people - before) / before, "{:+.2f} %") if people and before else missing
    area = figure(own["area_km2"], "{:,.0f} km²") if own["area_km2"] else missing
    values = [
        (_("People"), figure(people) if people else missing, "population_end", "{:,.0f}"),
        (_("Change of the population"), change, "change_pct", "{:+.2f} %"),
        (_("Area"), area, "", ""),
    ]
    for label, value, column, pattern in values:
        whole = ""
        if column and eu is not None and len(eu):
            whole = figure(eu[column].iloc[0], pattern)
        rows.append([text(cell, page.BODY) for cell in (label, value, whole)])
    return page.grid(
        rows, (170, 120, 120), ("LINEBELOW", (0, 0), (-1, -1), 0.4, HexColor(page.HAIR))
    )


def _table(given: Selection) -> Flowable:
    """Return the regions as a table whose headings stand on every page."""
    if not given.rows:
        return text(_("No region fits this filter."), page.BODY)
    rows = [[text(head, page.TINY_BOLD) for head in given.heads]]
    rows += [[text(cell, page.TINY) for cell in row] for row in given.rows[:MOST_ROWS]]
    return LongTable(
        rows,
        colWidths=_widths(given),
        repeatRows=1,
        hAlign="LEFT",
        style=[
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEBELOW", (0, 0), (-1, -1), 0.3, HexColor(page.HAIR)),
            ("LINEBELOW", (0, 0), (-1, 0), 0.8, HexColor(page.ACCENT)),
            ("TOPPADDING", (0, 0), (-1, -1), 1.5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 5),
        ],
    )


def _widths(given: Selection) -> list[float]:
    """Return widths of the columns by their longest texts, together as wide as the page."""
    wide = [
        min(max(fonts.width(cell, 6.6) for cell in cells) + 9, 150)
        for cells in zip(*(given.heads, *given.rows[:MOST_ROWS]), strict=True)
    ]
    return [width * WIDTH / sum(wide) for width in wide]
