"""What is printed holds what a place's figures are, in letters that can be read, as shapes."""

from __future__ import annotations

import dataclasses
import io
import re
from contextvars import copy_context
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import docx as word
import numpy as np
import pytest
import shapely
from docx.oxml.ns import qn
from PIL import Image
from pypdf import PdfReader
from reportlab.pdfbase import pdfmetrics
from reportlab.platypus import Spacer

from pipelines.core.errors import InputError
from pipelines.paper import atlas, charts, comparison, docx, files, fonts, maps, page, sheet
from pipelines.paper import selection as printed
from pipelines.paper.drawing import Shape, Text
from pipelines.paper.page import Context
from pipelines.serve import queries, texts
from pipelines.serve.palettes import NO_DATA, PUOR, TYPOLOGIES
from pipelines.serve.sheet import place_sheet
from pipelines.serve.sheet_parts import Line, Point, Series
from pipelines.serve.store import Store

REGION, SIATISTA, BEBRA, JAN_MAYEN = "DE733", "734315", "2951793", "NO0B1"
HERE = Context("https://example.org/place?region=DE733", date(2026, 3, 1))


def words(content: bytes) -> str:
    """Return the text of a PDF, its spaces and breaks as one space each."""
    pages = PdfReader(io.BytesIO(content)).pages
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))


def printed_sheet(store: Store, code: str) -> bytes:
    return sheet.pdf(store, place_sheet(store, code), HERE)


def test_a_sheet_holds_the_figures_of_its_region(store: Store) -> None:
    """Census grids: 120 700 people in 2011, 116 727 in 2021 on 1 097 km²."""
    content = printed_sheet(store, REGION)
    text = words(content)
    change, rate = 100 * (116_727 / 120_700 - 1), 100 * ((116_727 / 120_700) ** 0.1 - 1)
    for expected in (
        "Hersfeld-Rotenburg",
        "Germany › Hessen › Kassel",
        "116,727",
        f"{change:+.1f} %",
        f"{rate:+.2f} % a year",
        "1,097 km²",
        "no data",
        "EuroGeographics",
        "Licence: CC BY 4.0",
        f"database {store.pointer.hash}",
        "Printed on March 1, 2026",
        "https://example.org/place?region=DE733",
    ):
        assert expected in text, expected
    reader = PdfReader(io.BytesIO(content))
    total = len(reader.pages)
    assert 3 <= total <= 6
    for number, one in enumerate(reader.pages, 1):
        assert f"{number}/{total}" in one.extract_text()
        assert [round(float(v)) for v in one.mediabox[2:]] == [595, 842]  # 210 x 297 mm
    links = [a.get_object()["/A"]["/URI"] for p in reader.pages for a in p.get("/Annots", [])]
    assert links == ["https://example.org/place?region=DE733"]


def test_greek_and_cyrillic_letters_are_printed(store: Store) -> None:
    assert "Σιάτιστα" in words(printed_sheet(store, SIATISTA))
    assert "Γρεβενά, Κοζάνη" in words(printed_sheet(store, "EL531"))
    assert "Видин" in words(printed_sheet(store, "BG311"))


def test_the_typeface_has_every_letter_of_every_name(store: Store) -> None:
    fonts.register()
    names = store.column(
        "select name from marts.regions union all select name_local from marts.regions "
        "union all select name from marts.towns union all select attribution from marts.sources"
    )
    letters = set(fonts.printable("".join(filter(None, names)))) - {"\u200e"}
    assert {"ł", "ģ", "В", "ά"} <= letters
    for name in (fonts.REGULAR, fonts.BOLD):
        known = pdfmetrics.getFont(name).face.charToGlyph
        assert sorted(c for c in letters if ord(c) not in known) == []


def test_the_map_of_a_sheet_is_shapes_on_the_true_scale(store: Store) -> None:
    """The outlined region has the area that its publisher states: 1 097 km² at 1:10 million."""
    reader = PdfReader(io.BytesIO(printed_sheet(store, REGION)))
    assert [image.name for page in reader.pages for image in page.images] == []
    place = place_sheet(store, REGION).place
    shown = sheet.region_map(store, place)
    frame = maps.frame_of(store, shown, 370, 218)
    drawing = maps.draw(store, shown, 518, 218)
    outline = [m for m in drawing.marks if getattr(m, "stroke", "") == maps.MARK and m.width > 1]
    (ring,) = outline[0].rings
    area = shapely.Polygon(ring).area / frame.scale**2
    assert area == pytest.approx(1_097, rel=0.04)
    neighbours = [m for m in drawing.marks if getattr(m, "fill", "") in PUOR]
    assert len(neighbours) > 20  # regions in the frame, and the legend's boxes
    bar = next(m for m in drawing.marks if isinstance(m, maps.Text) and m.text.endswith(" km"))
    (line,) = [
        m for m in drawing.marks if getattr(m, "is_closed", True) is False and m.stroke == maps.INK
    ]
    long = line.rings[0][-1][0] - line.rings[0][0][0]
    assert long / frame.scale == pytest.approx(float(bar.text.removesuffix(" km")))


def test_a_drawing_is_the_same_in_three_forms(store: Store) -> None:
    drawing = sheet.place_map(store, place_sheet(store, REGION).place, 400, 200)
    root = ElementTree.fromstring(drawing.svg())  # noqa: S314 - our own
    kinds = {child.tag.partition("}")[2] for child in root}
    assert kinds == {"title", "path", "circle", "text"}  # no picture within
    assert root.attrib["width"] == f"{400 * 25.4 / 72:.2f}mm"
    assert "Bad Hersfeld" in "".join(root.itertext())
    picture = Image.open(io.BytesIO(drawing.png(300)))
    assert picture.size == (round(400 * 300 / 72), round(200 * 300 / 72))
    assert round(picture.info["dpi"][0]) == 300
    colours = {colour for _n, colour in picture.getcolors(maxcolors=1 << 24) or []}
    wanted = {maps.SEA, PUOR[1], NO_DATA}
    seen = {f"#{r:02x}{g:02x}{b:02x}" for r, g, b in colours}
    assert wanted - {maps.SEA} <= seen  # Hesse has no coast


def test_classes_hold_their_upper_bound_and_what_is_missing_is_counted() -> None:
    values = {"A": -10.0, "B": -9.9, "C": None, "D": 11.0}
    colours, legend = maps.classed(values, (-10, 10), ("#a00000", "#bbbbbb", "#0000c0"))
    assert colours == {"A": "#a00000", "B": "#bbbbbb", "D": "#0000c0"}
    assert legend == (
        ("#0000c0", "above +10", "1"),
        ("#bbbbbb", "above -10 to +10", "1"),
        ("#a00000", "up to -10", "1"),
        (NO_DATA, "no data", "1"),
    )


def test_a_country_beyond_the_ocean_does_not_shrink_the_map(store: Store) -> None:
    shown = maps.RegionMap(3, {}, "x", (), focus=("FR",))
    west, _south, east, _north = maps.frame_of(store, shown, 400, 400).box
    assert east - west < 1_800  # France proper is about 1 000 km wide


def test_parts_of_a_whole_are_stacked_and_breaks_are_marked() -> None:
    births = Line("births less deaths", (Point(2000, 1, -10.0, False), Point(2001, 1, -20.0, True)))
    moves = Line("migration", (Point(2000, 1, -30.0, False), Point(2001, 1, 40.0, True)))
    chart = charts.series(Series("components", "T", "people", (births, moves), ()), 200, 120)
    boxes = [m for m in chart.marks if getattr(m, "fill", "") in charts.COLOURS["components"]]
    bottoms = [max(y for _x, y in box.rings[0]) for box in boxes]
    tops = [min(y for _x, y in box.rings[0]) for box in boxes]
    # 2000: migration hangs below the births' loss; 2001: a revision is pale, not of that colour.
    assert tops[2] == pytest.approx(bottoms[0])
    assert bottoms[2] - tops[2] == pytest.approx(3 * (bottoms[0] - tops[0]))
    assert [m.rings[0][0][0] for m in chart.marks if getattr(m, "dash", ())] == [
        pytest.approx(max(x for x, _y in boxes[1].rings[0]), abs=12)
    ]
    assert len(boxes) == 3 + 2  # three bars, two keys


def test_a_word_document_opens_with_the_same_figures(store: Store) -> None:
    content = docx.docx_bytes(store, place_sheet(store, REGION), HERE)
    document = word.Document(io.BytesIO(content))
    assert document.paragraphs[0].text == "Hersfeld-Rotenburg"
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    assert any(cell.startswith("116,727") for cell in cells)
    assert any(cell.startswith("-3.3 %") for cell in cells)
    assert len(document.inline_shapes) >= 2  # the map and a chart
    footer = document.sections[0].footer.paragraphs[0]._p.xml
    assert "PAGE" in footer
    assert "NUMPAGES" in footer


def test_a_word_document_says_its_language_and_tears_no_row(store: Store) -> None:
    def french() -> word.document.Document:
        texts.use("fr")
        return word.Document(io.BytesIO(docx.docx_bytes(store, place_sheet(store, BEBRA), HERE)))

    document = copy_context().run(french)
    assert document.styles["Normal"].element.rPr.find(qn("w:lang")).get(qn("w:val")) == "fr"
    rows = [row._tr.trPr for table in document.tables for row in table.rows]
    assert rows
    assert all(row.find(qn("w:cantSplit")) is not None for row in rows)
    heads = [table.rows[0]._tr.trPr.find(qn("w:tblHeader")) for table in document.tables]
    assert all(head is not None for head in heads)
    # What kind of place it is stands in the reader's language, as the closed list has it.
    entries = " ".join(paragraph.text for paragraph in document.paragraphs)
    assert "atelier à Bebra" in entries
    assert "Workshop à" not in entries
    # What documents say is not translated, and says so.
    assert "Intercultural feast of a Turkish-Islamic association" in entries
    assert re.search(r"bridge between cultures\. \[en\]", entries)


def test_shares_of_all_people_end_at_a_hundred() -> None:
    """Three rounded shares can sum to 100.1: an axis to 125 per cent would be none."""
    lines = tuple(Line(n, (Point(2020, 1, v, False),)) for n, v in (("a", 33.4), ("b", 66.7)))
    chart = charts.series(Series("ages", "T", "%", lines, ()), 200, 120)
    numbers = [m.text for m in chart.marks if isinstance(m, Text) and m.text.isdigit()]
    assert max(map(int, set(numbers) - {"2020"})) == 100


def test_a_heading_stands_with_what_it_heads(store: Store) -> None:
    for gap in range(560, 740, 15):
        story = [Spacer(0, gap), *page.credits(store, ("gisco_nuts_2021",), HERE, "T")]
        sheets = PdfReader(io.BytesIO(page.pdf(story, "T", store, HERE))).pages
        (told,) = [s for s in (p.extract_text() for p in sheets) if "Where this comes" in s]
        assert "Licence:" in told, gap


def test_a_topic_stands_with_its_first_row(store: Store) -> None:
    section = next(s for s in sheet.sections(place_sheet(store, REGION)) if s.figures)
    section = dataclasses.replace(section, sentences=())
    label = section.figures[0].label
    for gap in range(500, 700, 40):
        story = [Spacer(0, gap), *sheet._section(section)]
        sheets = PdfReader(io.BytesIO(page.pdf(story, "T", store, HERE))).pages
        told = [s for s in (p.extract_text() for p in sheets) if section.title in s]
        assert label in told[0], gap


def test_a_map_names_the_towns_of_its_region(store: Store) -> None:
    """The Vogelsbergkreis lies among larger towns: its own largest come before them."""
    shown = sheet.region_map(store, place_sheet(store, "DE725").place)
    frame = maps.frame_of(store, shown, 360, 218)
    named = {m.text for m in maps._places(store, shown, frame) if isinstance(m, Text)}
    assert {"Alsfeld", "Lauterbach", "Schotten"} <= named
    assert "Frankfurt am Main" in named
    assert maps.largest_in(store, ()) == ()


def test_a_selection_has_map_sums_and_table(store: Store) -> None:
    codes = ("DE733", "DE734")
    people = {r["nuts_id"]: r for r in store.rows("select * from marts.regions where level = 3")}
    colours, legend = maps.classed(dict.fromkeys(codes, -3.0), (-1, 1), PUOR[:3])
    given = printed.Selection(
        "Which regions lose?",
        "two regions",
        maps.RegionMap(3, colours, "Change (%)", legend, focus=codes),
        codes,
        len(people),
        ("Code", "Region"),
        [(code, people[code]["name"]) for code in codes],
        ("jrc_census_population",),
    )
    text = words(printed.pdf(store, given, HERE))
    total = sum(people[code]["population_end"] for code in codes)
    around = queries.region_context(store, REGION)
    (eu,) = around.loc[around["place"] == "EU", "population_end"]
    for expected in (
        f"2 of {len(people):,} regions · two regions",
        f"{total:,}",
        f"{eu:,}",
        f"DE734 {people['DE734']['name']}",
        "census grids 2011 and 2021",
        "1/1",
    ):
        assert expected in text, expected
    svg = printed.picture(store, given, "svg").decode()
    assert "Which regions lose?" in svg
    assert "<image" not in svg
    assert printed.picture(store, given, "png").startswith(b"\x89PNG")


def test_an_empty_selection_says_so(store: Store) -> None:
    shown = maps.RegionMap(3, {}, "Change", ())
    given = printed.Selection("Which?", "none", shown, (), 1514, ("Code",), [], ())
    assert "No region fits this filter." in words(printed.pdf(store, given, HERE))


def test_a_comparison_stands_side_by_side(store: Store) -> None:
    sheets = [place_sheet(store, code) for code in (REGION, "BG311", "2951793")]
    text = words(comparison.pdf(store, sheets, HERE))
    assert "Hersfeld-Rotenburg (DE733) Vidin (BG311) Bebra (2951793)" in text
    bebra = store.column("select population from marts.towns where geonameid = 2951793")[0]
    assert re.search(rf"People 116,727 2021 .*? 75,324 2021 .*? {bebra:,} ", text)
    assert "of its region" in text
    with pytest.raises(InputError, match=r"comparison of 1 places; allowed are 2 to 6"):
        comparison.pdf(store, sheets[:1], HERE)


def test_an_atlas_has_every_typology_and_region(store: Store) -> None:
    done: list[str] = []
    content = atlas.pdf(store, "lu", HERE, done.append)
    assert len(done) == atlas.steps(store, "LU") == len(TYPOLOGIES) + 1
    text = words(content)
    assert "Atlas of Luxembourg" in text
    assert "C grows: migration, then births" in text  # a letter alone would say nothing
    for label in ("Webb's type", "Duration of decline", "Cohesion category", "Urban-rural type"):
        assert label in text
    assert "LU000" in text


def test_every_class_of_an_atlas_has_a_colour(store: Store) -> None:
    for table, column in TYPOLOGIES:
        values = {v for v in atlas._values(store, table, column).values() if isinstance(v, str)}
        assert values
        assert values <= set(TYPOLOGIES[table, column]), column


def test_what_cannot_be_written_is_said_and_nothing_is(store: Store, tmp_path: Path) -> None:
    target = tmp_path / "x.pdf"
    for code, said in (
        ("XX999", "there is no place 'XX999'"),
        (JAN_MAYEN, r"Jan Mayen \(NO0B1\): no figure is known of it"),
    ):
        with pytest.raises(InputError, match=said):
            files.brief(store, code, target)
    with pytest.raises(InputError, match=r"ends in '.txt'; allowed are .pdf, .docx"):
        files.brief(store, REGION, tmp_path / "x.txt")
    with pytest.raises(InputError, match="--address: 'javascript:x' found"):
        files.brief(store, REGION, target, "javascript:x")
    with pytest.raises(InputError, match="Eurostat's code of Greece is EL"):
        files.country_atlas(store, "GR", target, print)
    with pytest.raises(InputError, match="--lang: 'xx' found; allowed are en"):
        files.speak("xx")
    assert list(tmp_path.iterdir()) == []


def test_a_frame_turns_kilometres_into_points() -> None:
    frame = maps.Frame((0, 0, 100, 50), 200, 200)  # 2 points a km; the box is widened to a square
    assert frame.scale == 2
    assert frame.box == (0, -25, 100, 75)
    assert frame.points(np.array([[0, 75], [100, -25], [50, 25]])) == [
        (0, 0),
        (200, 200),
        (100, 100),
    ]


def test_a_map_of_two_measures_has_a_square_of_nine_with_its_axes(store: Store) -> None:
    colours = tuple(f"#{n}{n}{n}000" for n in range(1, 10))
    spans = (("up to 1", "1 to 2", "above 2"), ("up to 5", "5 to 6", "above 6"))
    square = maps.Square(colours, tuple(range(9)), "First (m)", "Second (s)", spans)
    shown = maps.RegionMap(0, {}, "Both", ((NO_DATA, "no data", "4"),), square=square)
    marks = maps.draw(store, shown, 500, 400).marks
    boxes = {m.fill: m.rings[0][0] for m in marks if isinstance(m, Shape) and m.fill in colours}
    # The first measure rises to the right, the second upwards.
    assert boxes[colours[0]][0] < boxes[colours[1]][0] < boxes[colours[2]][0]
    assert (
        boxes[colours[0]][1] == boxes[colours[2]][1] > boxes[colours[3]][1] > boxes[colours[8]][1]
    )
    texts = [m.text for m in marks if isinstance(m, Text)]
    at = texts.index("Second (s)")
    assert texts[at + 1 : at + 14] == [*"012345678", *spans[1], "First (m)"]
    assert "up to 1; 1 to 2; above 2" in texts
    known = pdfmetrics.getFont(fonts.REGULAR).face.charToGlyph
    assert all(ord(letter) in known for text in texts for letter in text)
