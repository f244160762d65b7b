"""Small maps side by side: each in its own colours, all with one legend."""

from __future__ import annotations

import io
import re
from datetime import date

from PIL import Image
from pypdf import PdfReader

from pipelines.paper import multiples
from pipelines.paper.page import Context
from pipelines.serve.store import Store

RED, BLUE = "#aa0000", "#0000aa"
GIVEN = multiples.Multiples(
    "Which countries are red?",
    "level 0",
    0,
    (
        multiples.Panel("1999", {"FR": RED, "ES": RED}),
        multiples.Panel("2000", {"FR": BLUE, "ES": RED}),
        multiples.Panel("2001", {"FR": BLUE}),
        multiples.Panel("2002", {}),
    ),
    "Colour (none)",
    ((RED, "red"), (BLUE, "blue"), ("#b9b9b9", "no data")),
)


def test_each_map_has_its_colours_and_all_have_one_legend(store: Store) -> None:
    drawing = multiples.draw(store, GIVEN, 760)
    texts = [mark.text for mark in drawing.marks if hasattr(mark, "text")]
    assert texts == [
        "1999",
        "2000",
        "2001",
        "2002",
        "Colour (none)",
        "red",
        "blue",
        "no data",
        "EPSG:3035.",
    ]
    svg = multiples.picture(store, GIVEN, "svg").decode()
    # Regions of a colour are one path a map; the legend has each colour once more.
    assert svg.count(f'fill="{RED}"') == 2 + 1
    assert svg.count(f'fill="{BLUE}"') == 2 + 1
    assert svg.count('fill="#b9b9b9"') == 4 + 1
    # The line of credits is broken where it is full.
    said = " ".join(re.findall(r">([^<]+)</text>", svg))
    assert "Boundaries for non-commercial use only" in said


def test_a_picture_shows_france_where_it_lies(store: Store) -> None:
    """Bourges, at 3 790 east and 2 690 north in EPSG:3035, is in the middle of France."""
    picture = Image.open(io.BytesIO(multiples.picture(store, GIVEN, "png", 72))).convert("RGB")
    wide = (760 - 10) / 2
    scale = min(wide / 4900, wide * 0.82 / 4120)  # points a km
    x = wide / 2 + (3790 - 4950) * scale
    y = wide * 0.82 / 2 - (2690 - 3360) * scale
    colours = [
        picture.getpixel(
            (round(10 + i % 2 * (wide + 10) + x), round(28 + 14 + i // 2 * (wide * 0.82 + 18) + y))
        )
        for i in range(4)
    ]
    assert colours == [(170, 0, 0), (0, 0, 170), (0, 0, 170), (185, 185, 185)]


def test_a_page_of_a4_holds_them(store: Store) -> None:
    content = multiples.pdf(store, GIVEN, Context("https://example.org/regions", date(2026, 3, 1)))
    (page,) = PdfReader(io.BytesIO(content)).pages
    text = page.extract_text()
    assert all(year in text for year in ("1999", "2000", "2001", "2002"))
    assert text.count("no data") == 1
    assert "Natural Earth" in text
