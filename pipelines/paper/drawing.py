"""One drawing, three forms: shapes in PDF, SVG, and PNG for programs that take no shapes.

Maps and charts are lists of marks in points (1/72 inch), x to the right and y down from the top
left corner. What is drawn in one form is drawn in all.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, Literal

from PIL import Image, ImageDraw
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from pipelines.paper import fonts

Point = tuple[float, float]
#: Dots to an inch of a picture for print.
PRINT_DPI = 300
_POINTS_AN_INCH = 72
_SMOOTH = 2  # a picture is drawn this many times larger, then made small
_MOST_PIXELS = 60_000_000  # of the large one: beyond it is drawn at its own size
_ANCHORS: dict[str, Literal["start", "middle", "end"]] = {
    "left": "start",
    "middle": "middle",
    "right": "end",
}


@dataclass(frozen=True)
class Shape:
    """A filled or outlined path of one or more rings or lines; rings within rings are holes."""

    rings: tuple[Sequence[Point], ...]
    fill: str = ""
    stroke: str = ""
    width: float = 0.0
    is_closed: bool = True
    dash: tuple[float, ...] = ()


@dataclass(frozen=True)
class Dot:
    """A circle."""

    x: float
    y: float
    radius: float
    fill: str
    stroke: str = ""
    width: float = 0.0


@dataclass(frozen=True)
class Text:
    """One line of text; ``y`` is its baseline, ``halo`` the colour around its letters."""

    x: float
    y: float
    text: str
    size: float
    fill: str = "#222222"
    is_bold: bool = False
    anchor: str = "left"
    halo: str = ""

    @property
    def font(self) -> str:
        """Name of the typeface."""
        return fonts.BOLD if self.is_bold else fonts.REGULAR

    @property
    def left(self) -> float:
        """Where the text begins, in points."""
        share = {"left": 0.0, "middle": 0.5, "right": 1.0}[self.anchor]
        return self.x - share * fonts.width(self.text, self.size, self.font)


Mark = Shape | Dot | Text


@dataclass
class Drawing:
    """Marks on an area of ``width`` by ``height`` points, drawn in their order.

    Attributes
    ----------
    width, height : float
        Points.
    alt : str
        What it shows, for those who do not see it.
    marks : list of Shape, Dot or Text
    """

    width: float
    height: float
    alt: str = ""
    marks: list[Mark] = field(default_factory=list)

    def box(self, x: float, y: float, wide: float, high: float, **look: Any) -> None:
        """Add a rectangle; ``look`` is what a :class:`Shape` takes."""
        corners = ((x, y), (x + wide, y), (x + wide, y + high), (x, y + high))
        self.marks.append(Shape((corners,), **look))

    def line(self, *points: Point, **look: Any) -> None:
        """Add a line through points; ``look`` is what a :class:`Shape` takes."""
        self.marks.append(Shape((points,), is_closed=False, **look))

    def text(self, x: float, y: float, text: str, size: float, **look: Any) -> None:
        """Add a line of text; ``look`` is what a :class:`Text` takes."""
        self.marks.append(Text(x, y, text, size, **look))

    def place(self, other: Drawing, x: float, y: float) -> None:
        """Add another drawing with its corner at a point."""
        self.marks += [_moved(mark, x, y) for mark in other.marks]

    def svg(self) -> bytes:
        """Return the drawing as SVG, in millimetres of print."""
        body = "\n".join(_SVG[type(mark)](mark) for mark in self.marks)
        size = " ".join(
            f'{name}="{value * 25.4 / _POINTS_AN_INCH:.2f}mm"'
            for name, value in (("width", self.width), ("height", self.height))
        )
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} '
            f'viewBox="0 0 {self.width:g} {self.height:g}" role="img" '
            f"font-family=\"Roboto, 'DejaVu Sans', Arial, sans-serif\">"
            f"<title>{escape(self.alt)}</title>"
        )
        return f"{head}\n{body}\n</svg>\n".encode()

    def png(self, dpi: int = PRINT_DPI) -> bytes:
        """Return the drawing as a picture with so many dots to an inch."""
        scale = dpi / _POINTS_AN_INCH
        size = (round(self.width * scale), round(self.height * scale))
        times = _SMOOTH if size[0] * size[1] * _SMOOTH**2 <= _MOST_PIXELS else 1
        picture = Image.new("RGB", (size[0] * times, size[1] * times), "white")
        pen = ImageDraw.Draw(picture)
        for mark in self.marks:
            _PNG[type(mark)](mark, pen, scale * times)
        if times > 1:
            picture = picture.resize(size, Image.Resampling.BOX)
        stream = io.BytesIO()
        picture.save(stream, "PNG", dpi=(dpi, dpi), optimize=False)
        return stream.getvalue()

    def flowable(self) -> Flowable:
        """Return the drawing as a part of a PDF page."""
        return _Drawn(self)


class _Drawn(Flowable):  # type: ignore[misc]  # the library brings no types
    """A drawing among the paragraphs of a page."""

    def __init__(self, drawing: Drawing) -> None:
        super().__init__()
        self.drawing = drawing
        self.width, self.height = drawing.width, drawing.height

    def draw(self) -> None:
        """Draw every mark onto the page."""
        fonts.register()
        for mark in self.drawing.marks:
            _PDF[type(mark)](mark, self.canv, self.height)


def _moved(mark: Mark, x: float, y: float) -> Mark:
    from dataclasses import replace

    if isinstance(mark, Shape):
        return replace(mark, rings=tuple([(a + x, b + y) for a, b in r] for r in mark.rings))
    return replace(mark, x=mark.x + x, y=mark.y + y)


def _svg_shape(mark: Shape) -> str:
    path = "".join(
        "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in ring) + ("Z" if mark.is_closed else "")
        for ring in mark.rings
    )
    dash = f' stroke-dasharray="{" ".join(map(str, mark.dash))}"' if mark.dash else ""
    return (
        f'<path d="{path}" fill="{mark.fill or "none"}" fill-rule="evenodd" '
        f'stroke="{mark.stroke or "none"}" stroke-width="{mark.width:g}" '
        f'stroke-linejoin="round"{dash}/>'
    )


def _svg_dot(mark: Dot) -> str:
    return (
        f'<circle cx="{mark.x:.2f}" cy="{mark.y:.2f}" r="{mark.radius:g}" fill="{mark.fill}" '
        f'stroke="{mark.stroke or "none"}" stroke-width="{mark.width:g}"/>'
    )


def _svg_text(mark: Text) -> str:
    halo = (
        f' stroke="{mark.halo}" stroke-width="2" paint-order="stroke" stroke-linejoin="round"'
        if mark.halo
        else ""
    )
    weight = ' font-weight="bold"' if mark.is_bold else ""
    return (
        f'<text x="{mark.x:.2f}" y="{mark.y:.2f}" font-size="{mark.size:g}" fill="{mark.fill}" '
        f'text-anchor="{_ANCHORS[mark.anchor]}"{weight}{halo}>{escape(mark.text)}</text>'
    )


def _pdf_shape(mark: Shape, canvas: Canvas, height: float) -> None:
    path = canvas.beginPath()
    for ring in mark.rings:
        path.moveTo(ring[0][0], height - ring[0][1])
        for x, y in ring[1:]:
            path.lineTo(x, height - y)
        if mark.is_closed:
            path.close()
    if mark.fill:
        canvas.setFillColor(mark.fill)
    if mark.stroke:
        canvas.setStrokeColor(mark.stroke)
        canvas.setLineWidth(mark.width)
    canvas.setLineJoin(1)
    canvas.setDash(*([list(mark.dash)] if mark.dash else []))
    canvas.drawPath(path, stroke=bool(mark.stroke), fill=bool(mark.fill), fillMode=0)
    canvas.setDash()


def _pdf_dot(mark: Dot, canvas: Canvas, height: float) -> None:
    canvas.setFillColor(mark.fill)
    if mark.stroke:
        canvas.setStrokeColor(mark.stroke)
        canvas.setLineWidth(mark.width)
    canvas.circle(mark.x, height - mark.y, mark.radius, stroke=bool(mark.stroke), fill=1)


def _pdf_text(mark: Text, canvas: Canvas, height: float) -> None:
    left, base = mark.left, height - mark.y
    if mark.halo:  # a pale ground: letters drawn twice would be copied and read twice
        wide = fonts.width(mark.text, mark.size, mark.font)
        canvas.setFillColor(mark.halo, alpha=0.65)
        bottom = base - 0.25 * mark.size
        canvas.roundRect(left - 1, bottom, wide + 2, 1.15 * mark.size, 1.5, stroke=0, fill=1)
    canvas.setFillColor(mark.fill, alpha=1)
    written = canvas.beginText(left, base)
    written.setFont(mark.font, mark.size)
    written.setTextRenderMode(0)
    written.textOut(mark.text)
    canvas.drawText(written)


def _png_shape(mark: Shape, pen: ImageDraw.ImageDraw, scale: float) -> None:
    rings = [[(x * scale, y * scale) for x, y in ring] for ring in mark.rings]
    if mark.fill and mark.is_closed:
        for ring in rings:
            if len(ring) > 2:
                pen.polygon(ring, fill=mark.fill)
    if mark.stroke:
        width = max(1, round(mark.width * scale))
        for ring in rings:
            points = [*ring, ring[0]] if mark.is_closed else ring
            for part in _dashed(points, [d * scale for d in mark.dash]):
                pen.line(part, fill=mark.stroke, width=width, joint="curve")


def _dashed(points: list[Point], dash: list[float]) -> list[list[Point]]:
    """Cut a line into its dashes; all of it where there are none."""
    if not dash:
        return [points]
    import shapely
    from shapely.ops import substring

    line = shapely.LineString(points)
    step = dash[0] + dash[-1]
    starts = [i * step for i in range(int(line.length // step) + 1)]
    parts = [substring(line, at, min(at + dash[0], line.length)) for at in starts]
    return [[(x, y) for x, y, *_ in part.coords] for part in parts if part.length > 0]


def _png_dot(mark: Dot, pen: ImageDraw.ImageDraw, scale: float) -> None:
    x, y, r = mark.x * scale, mark.y * scale, mark.radius * scale
    width = round(mark.width * scale)
    pen.ellipse((x - r, y - r, x + r, y + r), mark.fill, mark.stroke or None, max(width, 1))


def _png_text(mark: Text, pen: ImageDraw.ImageDraw, scale: float) -> None:
    pen.text(
        (mark.left * scale, mark.y * scale),
        mark.text,
        fill=mark.fill,
        font=fonts.image_font(mark.font, mark.size * scale),
        anchor="ls",
        stroke_width=round(0.9 * scale) if mark.halo else 0,
        stroke_fill=mark.halo or None,
    )


_SVG: dict[type, Any] = {Shape: _svg_shape, Dot: _svg_dot, Text: _svg_text}
_PDF: dict[type, Any] = {Shape: _pdf_shape, Dot: _pdf_dot, Text: _pdf_text}
_PNG: dict[type, Any] = {Shape: _png_shape, Dot: _png_dot, Text: _png_text}
