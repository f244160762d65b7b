"""Two to six places on A4, their sheets side by side: a map, each figure in a row, sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reportlab.lib.colors import HexColor
from reportlab.platypus import Flowable, LongTable, Spacer

from pipelines.core.errors import InputError
from pipelines.paper import page, sheet
from pipelines.paper.page import WIDE, Context, text
from pipelines.serve import sheet_reading
from pipelines.serve.sheet_parts import Figure, PlaceSheet
from pipelines.serve.store import Store
from pipelines.serve.texts import _

FEWEST, MOST = 2, 6
_LABEL = 150.0


def pdf(store: Store, sheets: Sequence[PlaceSheet], context: Context) -> bytes:
    """Return a comparison as a PDF on A4, lying.

    Parameters
    ----------
    store : Store
    sheets : sequence of PlaceSheet
        Two to six, of one database.
    context : Context
        Where and when it is printed.

    Raises
    ------
    InputError
        There are fewer or more places.
    """
    if not FEWEST <= len(sheets) <= MOST:
        raise InputError(
            f"a comparison of {len(sheets)} places; allowed are {FEWEST} to {MOST} of them"
        )
    names = ", ".join(_(made.place.name) for made in sheets)
    title = _("Compared: {names}").format(names=names)
    story: list[Flowable] = [
        text(title, page.TITLE),
        Spacer(0, 6),
        _map(store, sheets).flowable(),
        Spacer(0, 8),
        _table(sheets),
    ]
    sources = dict.fromkeys(name for made in sheets for name in made.sources)
    every = (*sources, *sheet.MAP_SOURCES, *sheet.measure_sources(store))
    story += page.credits(store, every, context, title)
    return page.pdf(story, title, store, context, is_wide=True)


def _map(store: Store, sheets: Sequence[PlaceSheet]) -> sheet.maps.Drawing:
    """Return one map that holds all places, each with its outline."""
    shown = sheet.region_map(store, sheets[0].place)
    codes = tuple(made.place.region for made in sheets if made.place.region)
    around = 0.7 if len(set(codes)) == 1 else 0.15
    return sheet.maps.draw(
        store,
        replace(shown, outlined=codes, focus=codes, around=around, mark=None),
        WIDE,
        250,
    )


def _table(sheets: Sequence[PlaceSheet]) -> Flowable:
    """Return a row a figure and a column a place; a figure that a place lacks is no data."""
    figures = [{(s.name, f.column): f for s, f in made.figures()} for made in sheets]
    keys = list(dict.fromkeys(key for known in figures for key in known))
    titles = {s.name: s.title for made in sheets for s in made.sections}
    rows: list[list[Flowable | str]] = [
        ["", *(text(sheet.title(made.place), page.LABEL) for made in sheets)]
    ]
    heads, now = [], ""
    for key in keys:
        if key[0] != now:
            now = key[0]
            heads.append(len(rows))
            rows.append([text(_(titles[now]), page.LABEL), *[""] * len(sheets)])
        label = next(_(known[key].label) for known in figures if key in known)
        rows.append([text(label, page.TINY), *(_cell(known.get(key)) for known in figures)])
    wide = (WIDE - _LABEL) / len(sheets)
    look = [("BACKGROUND", (0, n), (-1, n), HexColor("#efeaf5")) for n in heads]
    return LongTable(
        rows,
        colWidths=[_LABEL, *[wide] * len(sheets)],
        repeatRows=1,
        hAlign=0,
        style=[
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEBELOW", (0, 0), (-1, -1), 0.3, HexColor(page.HAIR)),
            ("LEFTPADDING", (0, 0), (-1, -1), 3),
            ("TOPPADDING", (0, 0), (-1, -1), 2),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
            *look,
        ],
    )


def _cell(figure: Figure | None) -> list[Flowable]:
    """Return a figure with its years and its place in the EU."""
    if figure is None:
        return [text(_("no data"), page.SMALL)]
    number, unit = sheet_reading.split(figure.written())
    small = " · ".join(filter(None, (unit, figure.years)))
    ranks = [
        f"{part.label.worded()}: {sheet_reading.rank(part)}"
        for part in figure.beside
        if part.group == "EU"
    ]
    return [
        page.two(number, small, page.LABEL, 6.6),
        *(text(line, page.TINY_GREY) for line in ranks),
    ]
