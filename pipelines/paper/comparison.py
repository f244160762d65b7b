"""Two to six places on A4, their sheets side by side: a map, each figure in a row, sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.platypus import Flowable, LongTable, Spacer

from pipelines.core.errors import InputError
from pipelines.paper import maps, page, sheet
from pipelines.paper.drawing import Drawing
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


def _map(store: Store, sheets: Sequence[PlaceSheet]) -> Drawing:
    """Return one map that holds all places, each with its outline."""
    shown = sheet.region_map(store, sheets[0].place)
    codes = tuple(made.place.region for made in sheets if made.place.region)
    around = 0.7 if len(set(codes)) == 1 else 0.15
    return maps.draw(
        store,
        replace(shown, outlined=codes, focus=codes, around=around, mark=None),
        WIDE,
        250,
    )


def _table(sheets: Sequence[PlaceSheet]) -> Flowable:
    """Return a row a figure and a column a place; a dash where a sheet has none."""
    figures = [{(s.name, f.label): f for s, f in made.figures()} for made in sheets]
    sections = [section for made in sheets for section in made.sections]
    titles = {s.name: s.title for s in reversed(sections)}  # the first one's word stands
    names = list(dict.fromkeys(s.name for s in sections if s.figures))
    rows: list[list[Any]] = [["", *(text(sheet.title(made.place), page.LABEL) for made in sheets)]]
    heads = []
    for name in names:
        heads.append(len(rows))
        rows.append([text(_(titles[name]), page.LABEL), *[""] * len(sheets)])
        labels = dict.fromkeys(label for known in figures for at, label in known if at == name)
        for label in labels:
            cells = (
                _cell(known.get((name, label)), name == "trend" and made.place.kind == "town")
                for known, made in zip(figures, sheets, strict=True)
            )
            rows.append([text(_(label), page.TINY), *cells])
    wide = (WIDE - _LABEL) / len(sheets)
    look: list[tuple[Any, ...]] = [
        ("BACKGROUND", (0, n), (-1, n), HexColor("#efeaf5")) for n in heads
    ]
    look += [("NOSPLIT", (0, n), (-1, n + 1)) for n in heads]
    return LongTable(
        rows,
        colWidths=[_LABEL, *[wide] * len(sheets)],
        repeatRows=1,
        hAlign="LEFT",
        style=[
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEBELOW", (0, 0), (-1, -1), 0.3, HexColor(page.HAIR)),
            ("LEFTPADDING", (0, 0), (-1, -1), 3),
            ("TOPPADDING", (0, 0), (-1, -1), 2),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
            *look,
        ],
    )


def _cell(figure: Figure | None, is_of_region: bool) -> list[Flowable]:
    """Return a figure with its years and its place in the EU; a town's trend is its region's."""
    if figure is None:
        return [text("–", page.SMALL)]
    number, unit = sheet_reading.split(figure.written())
    small = " · ".join(filter(None, (unit, figure.years)))
    ranks = [
        f"{part.label.worded()}: {sheet_reading.rank(part)}"
        for part in figure.beside
        if part.group == "EU"
    ]
    if is_of_region:
        ranks.insert(0, _("of its region"))
    return [
        page.two(number, small, page.LABEL, 6.6),
        *(text(line, page.TINY_GREY) for line in ranks),
    ]
