"""A place's sheet as a Word document that an office can go on writing in."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import docx
from docx.document import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from pipelines.paper import charts, page, sheet
from pipelines.paper.page import Context
from pipelines.serve import sheet_reading
from pipelines.serve.moved import stands_on
from pipelines.serve.sheet_parts import GROUPS, Figure, PlaceSheet, Section
from pipelines.serve.store import Store
from pipelines.serve.texts import _, day, spoken

_DPI = 200
_WIDTH = Mm(180)
_ACCENT, _GREY = RGBColor(0x54, 0x27, 0x88), RGBColor(0x55, 0x55, 0x55)


def docx_bytes(store: Store, made: PlaceSheet, context: Context) -> bytes:
    """Return a place's sheet as a Word document.

    Parameters
    ----------
    store : Store
        The database that it was made from.
    made : PlaceSheet
    context : Context
        Where and when it is printed.
    """
    document = _blank(store, made, context)
    place = made.place
    document.add_heading(_(place.name), 0)
    if place.name_local:
        document.add_paragraph(place.name_local)
    _small(document, sheet.where(place))
    document.add_paragraph(" ".join(s.worded() for s in made.headline))
    if made.moved:
        _small(document, stands_on(made.moved))
    drawing = sheet.place_map(store, place, page.WIDTH, sheet.MAP_HEIGHT)
    _picture(document, drawing, 1.0)
    for section in sheet.sections(made):
        _section(document, section)
    document.add_heading(_("Where this comes from"), 1)
    sources = (*made.sources, *sheet.MAP_SOURCES, *sheet.measure_sources(store))
    for line in page.source_lines(store, sources):
        _small(document, line)
    _small(document, stands_on(context.moved))
    _small(document, page.made(store, context))
    _small(
        document, _("Cite as: {text}").format(text=page.cited(store, context, sheet.title(place)))
    )
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def _blank(store: Store, made: PlaceSheet, context: Context) -> Document:
    """Return an empty document of A4 with styles, properties and a numbered footer."""
    document = docx.Document()
    part = document.sections[0]
    part.page_width, part.page_height = Mm(210), Mm(297)
    part.left_margin = part.right_margin = part.top_margin = Mm(15)
    part.bottom_margin = Mm(17)
    normal: Any = document.styles["Normal"]
    normal.font.name, normal.font.size = "Calibri", Pt(10)
    normal.paragraph_format.space_after = Pt(4)
    # The template's words are American, and a word processor would mark all others as wrong.
    language = normal.element.get_or_add_rPr()
    language.append(OxmlElement("w:lang"))
    language[-1].set(qn("w:val"), spoken())
    for name in ("Title", "Heading 1"):
        style: Any = document.styles[name]
        style.font.name, style.font.color.rgb = "Calibri", _ACCENT
        # The template's headings take their letters from a theme that would come first.
        fonts = style.element.rPr.rFonts
        for key in [key for key in fonts.keys() if key.endswith("Theme")]:  # noqa: SIM118
            del fonts.attrib[key]
    properties = document.core_properties
    properties.title, properties.author = sheet.title(made.place), "Hinterland"
    properties.language = spoken()
    properties.comments = f"Database {store.pointer.hash}. {context.address}"
    footer = part.footer.paragraphs[0]
    words = f"Hinterland · {sheet.title(made.place)} · {day(context.day)} · {store.pointer.hash}"
    footer.add_run(f"{words}\t")
    for code, after in (("PAGE", "/"), ("NUMPAGES", "")):
        _field(footer, code)
        footer.add_run(after)
    for run in footer.runs:
        run.font.size, run.font.color.rgb = Pt(7.5), _GREY
    return document


def _field(paragraph: Any, code: str) -> None:
    """Add a field that the word processor fills in."""
    run = paragraph.add_run()
    for kind, text in (("begin", ""), ("", code), ("end", "")):
        if kind:
            element = OxmlElement("w:fldChar")
            element.set(qn("w:fldCharType"), kind)
        else:
            element = OxmlElement("w:instrText")
            element.set(qn("xml:space"), "preserve")
            element.text = text
        run._r.append(element)


def _small(document: Document, words: str) -> None:
    run = document.add_paragraph().add_run(words)
    run.font.size, run.font.color.rgb = Pt(8), _GREY


def _picture(document: Document, drawing: Any, share: float) -> None:
    """Add a drawing as a picture, with words for those who do not see it."""
    shape = document.add_picture(io.BytesIO(drawing.png(_DPI)), int(_WIDTH * share))
    shape._inline.docPr.set("descr", drawing.alt)


def _section(document: Document, section: Section) -> None:
    """Add one topic."""
    document.add_heading(_(section.title), 1)
    for sentence in section.sentences:
        document.add_paragraph(sentence.worded())
    if section.figures:
        _figures(document, section.figures)
    for fact in section.facts:
        paragraph = document.add_paragraph()
        paragraph.add_run(f"{_(fact.label)}: ").bold = True
        paragraph.add_run(fact.value.worded())
        if fact.meaning:
            paragraph.add_run(f" ({fact.meaning.worded()})").font.color.rgb = _GREY
    for series in section.series:
        _picture(document, charts.series(series, page.WIDTH * 0.62, sheet.CHART_HEIGHT), 0.62)
    for entry in section.entries:
        paragraph = document.add_paragraph(style="List Bullet")
        paragraph.add_run(entry.name).bold = True
        paragraph.add_run(f" {entry.note.worded()}")
        if entry.detail:
            paragraph.add_run(f" {entry.told()}").font.color.rgb = _GREY
    notes = " ".join(note.worded() for note in section.notes)
    for line in filter(None, (notes, section.notice)):
        _small(document, line)


def _figures(document: Document, figures: Sequence[Figure]) -> None:
    """Add a table of figures with what they are elsewhere, and the place's rank there."""
    heads = (_("Figure"), _("Here"), _("Country"), _("EU"), _("Same type"))
    table = document.add_table(rows=1, cols=len(heads), style="Light Grid Accent 4")
    for cell, head in zip(table.rows[0].cells, heads, strict=True):
        cell.text = head
    for figure in figures:
        cells = table.add_row().cells
        cells[0].text = _(figure.label)
        flags = " ".join(flag.worded() for flag in figure.flags)
        cells[1].text = "\n".join(filter(None, (figure.written(), figure.years, flags)))
        beside = {part.group: part for part in figure.beside}
        for cell, group in zip(cells[2:], GROUPS, strict=True):
            if part := beside.get(group):
                middle = "" if part.value is not None else f" ({_('middle')})"
                value = figure.written(sheet_reading.typical(part))
                cell.text = f"{value}{middle}\n{sheet_reading.rank(part)}"
    # The heads stand again on a new page, and no row is torn between two.
    _property(table.rows[0], "w:tblHeader")
    for row in table.rows:
        _property(row, "w:cantSplit")
        for cell, width in zip(row.cells, (54, 36, 30, 30, 30), strict=True):
            cell.width = Mm(width)
            for paragraph in cell.paragraphs:
                paragraph.paragraph_format.space_after = Pt(0)
                for run in paragraph.runs:
                    run.font.size = Pt(8.5)
    document.add_paragraph()


def _property(row: Any, name: str) -> None:
    """Switch on a property of a row of a table."""
    row._tr.get_or_add_trPr().append(OxmlElement(name))
