"""Pages of A4: margins, styles of text, and footers that number them n/N."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_LEFT
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    KeepTogether,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
)

from pipelines.paper import fonts
from pipelines.serve import queries
from pipelines.serve.citation import citation
from pipelines.serve.moved import Moved, stands_on
from pipelines.serve.store import Store
from pipelines.serve.texts import _, day, spoken

MARGIN, BOTTOM = 15 * mm, 17 * mm
WIDTH = A4[0] - 2 * MARGIN
WIDE = A4[1] - 2 * MARGIN
ACCENT, GREY, HAIR = "#542788", "#555555", "#dcdcdc"


def _style(size: float, **more: Any) -> ParagraphStyle:
    base = {
        "fontName": fonts.REGULAR,
        "fontSize": size,
        "leading": size * 1.3,
        "textColor": HexColor("#1c1c1c"),
        "alignment": TA_LEFT,
        "splitLongWords": 1,
    }
    return ParagraphStyle(f"hinterland-{size}-{sorted(more)}", **(base | more))


_GREY = HexColor(GREY)
TITLE = _style(21, fontName=fonts.BOLD, leading=25)
LOCAL = _style(11, textColor=_GREY)
WHERE = _style(9, textColor=_GREY, spaceAfter=4)
LEAD = _style(10.5, leading=14.5, spaceBefore=3, spaceAfter=6)
HEAD = _style(12.5, fontName=fonts.BOLD, textColor=HexColor(ACCENT), spaceBefore=11, spaceAfter=3)
BODY = _style(9, leading=12.4, spaceAfter=3)
ENTRY = _style(9, leading=10.8, spaceAfter=3.5, leftIndent=7, firstLineIndent=-7)
SMALL = _style(7, textColor=_GREY, leading=9)
TINY = _style(6.6, leading=8.4)
TINY_GREY = _style(6.2, textColor=_GREY, leading=7.8)
TINY_BOLD = _style(6.6, fontName=fonts.BOLD, leading=8.4)
LABEL = _style(8.3, fontName=fonts.BOLD, leading=10.4)
VALUE = _style(12, fontName=fonts.BOLD, leading=14.5)
BIG = _style(16, fontName=fonts.BOLD, leading=19)


@dataclass(frozen=True)
class Context:
    """Where and when something was printed.

    Attributes
    ----------
    address : str
        Address that shows the same in the dashboard; a path where no host is known.
    day : date
    moved : tuple of (str, float)
        Thresholds that classes follow, where they are not the published ones.
    """

    address: str
    day: date
    moved: Moved = ()

    @classmethod
    def today(cls, address: str, moved: Moved = ()) -> Context:
        """Return the context of what is printed now."""
        return cls(address, date.today(), moved)


def _paragraph(markup: str, style: ParagraphStyle) -> Paragraph:
    fonts.register()
    return Paragraph(markup, style)


def text(words: str, style: ParagraphStyle = BODY) -> Paragraph:
    """Return a paragraph; nothing in its words is markup."""
    return _paragraph(escape(fonts.printable(words)), style)


def two(first: str, second: str, style: ParagraphStyle, size: float = 7) -> Paragraph:
    """Return a paragraph whose second part is small and grey."""
    small = f'<font name="{fonts.REGULAR}" size="{size}" color="{GREY}">'
    small += f" {escape(fonts.printable(second))}</font>"
    return _paragraph(escape(fonts.printable(first)) + (small if second else ""), style)


def entry(name: str, note: str, detail: str) -> Paragraph:
    """Return a name with why it stands here, and below it what a document says of it."""
    name, note, detail = (escape(fonts.printable(part)) for part in (name, note, detail))
    markup = f'• {name} <font size="8" color="{GREY}">{note}</font>'
    if detail:
        markup += f'<br/><font size="7" color="{GREY}">{detail}</font>'
    return _paragraph(markup, ENTRY)


def linked(words: str, address: str, style: ParagraphStyle = BODY) -> Paragraph:
    """Return a paragraph that leads to an address, where that is one of the web."""
    inner = escape(fonts.printable(words))
    if address.startswith(("https://", "http://")):
        inner = f"<link href={quoteattr(address)} color={quoteattr(ACCENT)}>{inner}</link>"
    return _paragraph(inner, style)


def grid(rows: Sequence[Sequence[Any]], widths: Sequence[float], *look: Any) -> Table:
    """Return a table without lines but those of ``look``; cells stand at the top."""
    base = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 8),
        ("TOPPADDING", (0, 0), (-1, -1), 3),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ]
    return Table(
        [list(r) for r in rows], colWidths=list(widths), style=[*base, *look], hAlign="LEFT"
    )


def credits(store: Store, sources: Sequence[str], context: Context, what: str) -> list[Flowable]:
    """Return the part that says where all of it comes from.

    Parameters
    ----------
    store : Store
    sources : sequence of str
        Names of the sources that what is printed can rest on.
    context : Context
    what : str
        What is printed, as it is cited.
    """
    return [
        KeepTogether(
            [
                text(_("Where this comes from"), HEAD),
                _columns([text(line, TINY) for line in source_lines(store, sources)]),
            ]
        ),
        Spacer(0, 4),
        text(stands_on(context.moved), SMALL),
        linked(made(store, context), context.address, SMALL),
        text(_("Cite as: {text}").format(text=cited(store, context, what)), SMALL),
    ]


def _columns(cells: list[Flowable]) -> Flowable:
    """Return paragraphs in two columns, the first one filled first."""
    half = (len(cells) + 1) // 2
    room = (WIDTH - 12) / 2
    look = (("TOPPADDING", (0, 0), (-1, -1), 0), ("BOTTOMPADDING", (0, 0), (-1, -1), 0))
    return grid([[cells[:half], cells[half:]]], (room + 12, room), *look)


def map_credit(store: Store, *sources: str) -> str:
    """Return whom a map is owed to, and what its boundaries must not be used for."""
    table = queries.sources(store)
    used = table[table["is_present"] & table["name"].isin(list(sources))]
    credit = queries.attribution(store, *sources)
    if not used["licence"].str.contains("non-commercial").any():
        return credit
    return f"{credit}. {_('Boundaries for non-commercial use only')}"


def source_lines(store: Store, sources: Sequence[str]) -> list[str]:
    """Return a line for each source in use: credit, version and licence."""
    table = queries.sources(store)
    rows = table[table["is_present"] & table["name"].isin(list(sources))]
    lines = [
        _("{credit}. Licence: {licence}.").format(
            credit=str(row.attribution).rstrip("."), licence=str(row.licence).rstrip(".")
        )
        for row in rows.itertuples()
    ]
    return list(dict.fromkeys(lines))


def made(store: Store, context: Context) -> str:
    """Return when and from which database something was printed, and where it stands."""
    pointer = store.pointer
    return _(
        "Printed on {day} from database {hash}, built {built}. The same in the dashboard: {address}"
    ).format(
        day=day(context.day),
        hash=pointer.hash,
        built=pointer.built_at[:10],
        address=context.address,
    )


def cited(store: Store, context: Context, what: str) -> str:
    """Return how what is printed is cited."""
    return citation(store, what, context.address, context.day).text


class _Numbered(Canvas):  # type: ignore[misc]  # the library brings no types
    """A canvas that writes its footers when it knows how many pages there are."""

    left = ""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802 - the library's name
        """Keep a page for later."""
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        """Write all pages with their footers."""
        for number, page in enumerate(self._pages, 1):
            self.__dict__.update(page)
            self._footer(number, len(self._pages))
            super().showPage()
        super().save()

    def _footer(self, number: int, total: int) -> None:
        width = self._pagesize[0]
        self.setStrokeColor(HexColor(HAIR))
        self.setLineWidth(0.5)
        self.line(MARGIN, 12 * mm, width - MARGIN, 12 * mm)
        self.setFont(fonts.REGULAR, 7)
        self.setFillColor(_GREY)
        self.drawString(MARGIN, 8.5 * mm, fonts.printable(self.left))
        self.drawRightString(width - MARGIN, 8.5 * mm, f"{number}/{total}")


def pdf(
    story: Sequence[Flowable],
    title: str,
    store: Store,
    context: Context,
    *,
    is_wide: bool = False,
) -> bytes:
    """Return a PDF of A4 pages.

    Parameters
    ----------
    story : sequence of Flowable
        What stands on them, in its order.
    title : str
        Of the document; also in each footer.
    store : Store
    context : Context
    is_wide : bool
        Whether the pages lie on their long side.
    """
    size = landscape(A4) if is_wide else A4
    stream = io.BytesIO()
    document = BaseDocTemplate(
        stream,
        pagesize=size,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=BOTTOM,
        title=title,
        author="Hinterland",
        lang=spoken(),
        creator=f"Hinterland {store.pointer.program_version}, database {store.pointer.hash}",
    )
    frame = Frame(
        MARGIN,
        BOTTOM,
        size[0] - 2 * MARGIN,
        size[1] - MARGIN - BOTTOM,
        leftPadding=0,
        rightPadding=0,
        topPadding=0,
        bottomPadding=0,
    )
    document.addPageTemplates([PageTemplate("page", [frame])])
    words = f"Hinterland · {title} · {day(context.day)} · {store.pointer.hash}"
    document.build(list(story), canvasmaker=type("Canvas", (_Numbered,), {"left": words}))
    return stream.getvalue()
