"""Styles of a map layer for geographic information systems: QML of QGIS, and SLD 1.1.

Both name the same classes in the same colours, with one class of rows without data, the names of
places from a scale on, and the finest rows on top. SLD is what GeoServer, MapServer and other
programs read (OGC 05-077r4, Symbology Encoding; OGC 05-078r4, Styled Layer Descriptor).
"""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree import ElementTree as ET

from pipelines.geo.symbols import symbol_radius
from pipelines.serve.map_layers import NO_DATA_LABEL, Condition, MapClass, MapLayer
from pipelines.serve.palettes import NO_DATA

#: Names are printed from this scale on.
LABEL_SCALE = {True: 1_500_000, False: 3_000_000}
QGIS_VERSION = "3.22.0"
_SLD = {
    "": "http://www.opengis.net/sld",
    "se": "http://www.opengis.net/se",
    "ogc": "http://www.opengis.net/ogc",
}
#: Grey between regions: white ones end where a white one begins, and a legend shows pale classes.
_LINE, _DOT_LINE, _INK = "#a6a6a6", "#555555", "#222222"
#: Diameter in metres of a settlement of one person; it follows the root of the population.
_METRES = 2000 * symbol_radius(1.0)


def no_data() -> MapClass:
    """Return the class of rows without data."""
    return MapClass("", NO_DATA_LABEL, NO_DATA, ())


def rgba(colour: str, alpha: int = 255) -> str:
    """Return a hexadecimal colour as QGIS writes it."""
    return ",".join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5)) + f",{alpha}"


def options(parent: ET.Element, values: Mapping[str, str]) -> ET.Element:
    """Add a map of options to an element of QGIS."""
    box = ET.SubElement(parent, "Option", type="Map")
    for name, value in values.items():
        ET.SubElement(box, "Option", name=name, type="QString", value=value)
    return box


def qml(layer: MapLayer) -> str:
    """Return the style of a layer as QGIS keeps it."""
    root = ET.Element(
        "qgis", version=QGIS_VERSION, styleCategories="Symbology|Labeling", labelsEnabled="1"
    )
    root.append(renderer(layer))
    root.append(labeling(layer))
    return _text(root, "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n")


def renderer(layer: MapLayer) -> ET.Element:
    """Return how QGIS draws the rows of a layer: a category a class, the last one no data."""
    root = ET.Element(
        "renderer-v2",
        type="categorizedSymbol",
        attr=layer.attribute(),
        enableorderby="1",
        symbollevels="0",
        forceraster="0",
    )
    categories = ET.SubElement(root, "categories")
    symbols = ET.SubElement(root, "symbols")
    # The empty value takes what no other category does, NULL above all.
    for number, item in enumerate((*layer.classes, no_data())):
        ET.SubElement(
            categories,
            "category",
            value=item.value,
            label=item.label,
            symbol=str(number),
            render=str(item.is_drawn).lower(),
        )
        symbols.append(_symbol(str(number), item.colour, layer.is_points))
    order = ET.SubElement(root, "orderby")
    for column, is_rising in layer.order:
        clause = ET.SubElement(order, "orderByClause", asc=str(int(is_rising)), nullsFirst="1")
        clause.text = f'"{column}"'
    return root


def fill(name: str, colour: str, line: str, width: str) -> ET.Element:
    """Return the symbol of an area."""
    root = ET.Element("symbol", name=name, type="fill", alpha="1", clip_to_extent="1")
    layer = ET.SubElement(root, "layer", {"class": "SimpleFill", "enabled": "1", "pass": "0"})
    options(
        layer,
        {
            "color": colour,
            "style": "no" if colour.endswith(",0") else "solid",
            "outline_color": line,
            "outline_style": "solid",
            "outline_width": width,
            "outline_width_unit": "MM",
            "joinstyle": "round",
        },
    )
    return root


def _symbol(name: str, colour: str, is_point: bool) -> ET.Element:
    if not is_point:
        return fill(name, rgba(colour), rgba(_LINE), "0.1")
    root = ET.Element("symbol", name=name, type="marker", alpha="1", clip_to_extent="1")
    layer = ET.SubElement(root, "layer", {"class": "SimpleMarker", "enabled": "1", "pass": "0"})
    options(
        layer,
        {
            "name": "circle",
            "color": rgba(colour),
            "outline_color": rgba(_DOT_LINE),
            "outline_width": "0.05",
            "outline_width_unit": "MM",
            "size": "2000",
            # Metres on the ground; at least half a millimetre and at most eight on the map.
            "size_unit": "RenderMetersInMapUnits",
            "size_map_unit_scale": "3x:0,0,1,0.5,1,8",
        },
    )
    _data_defined(layer, "size", f'{_METRES:.4f} * sqrt(coalesce("population", 0))')
    return root


def _data_defined(parent: ET.Element, name: str, expression: str) -> None:
    box = ET.SubElement(ET.SubElement(parent, "data_defined_properties"), "Option", type="Map")
    ET.SubElement(box, "Option", name="name", type="QString", value="")
    inner = ET.SubElement(box, "Option", name="properties", type="Map")
    item = ET.SubElement(inner, "Option", name=name, type="Map")
    ET.SubElement(item, "Option", name="active", type="bool", value="true")
    ET.SubElement(item, "Option", name="expression", type="QString", value=expression)
    ET.SubElement(item, "Option", name="type", type="int", value="3")
    ET.SubElement(box, "Option", name="type", type="QString", value="collection")


def labeling(layer: MapLayer) -> ET.Element:
    """Return how QGIS prints the names of a layer."""
    root = ET.Element("labeling", type="simple")
    settings = ET.SubElement(root, "settings", calloutType="simple")
    style = ET.SubElement(
        settings,
        "text-style",
        fieldName="name",
        isExpression="0",
        fontFamily="Sans Serif",
        fontSize="8",
        fontSizeUnit="Point",
        textColor=rgba(_INK),
        textOpacity="1",
    )
    ET.SubElement(
        style,
        "text-buffer",
        bufferDraw="1",
        bufferSize="0.8",
        bufferSizeUnits="MM",
        bufferColor=rgba("#ffffff"),
        bufferOpacity="0.8",
    )
    # Points: around them, the best side first; areas: wherever the name fits.
    ET.SubElement(
        settings,
        "placement",
        placement="6" if layer.is_points else "0",
        dist="0.6",
        distUnits="MM",
        centroidInside="1",
    )
    ET.SubElement(
        settings,
        "rendering",
        scaleVisibility="1",
        scaleMin="0",
        scaleMax=str(LABEL_SCALE[layer.is_points]),
        drawLabels="1",
        obstacle="0",
    )
    return root


def sld(layer: MapLayer) -> str:
    """Return the style of a layer as a Styled Layer Descriptor."""
    for prefix, address in _SLD.items():
        ET.register_namespace(prefix, address)
    root = ET.Element(_name("StyledLayerDescriptor"), version="1.1.0")
    named = ET.SubElement(root, _name("NamedLayer"))
    ET.SubElement(named, _name("se:Name")).text = layer.table
    style = ET.SubElement(named, _name("UserStyle"))
    ET.SubElement(style, _name("se:Name")).text = layer.title
    rules = ET.SubElement(style, _name("se:FeatureTypeStyle"))
    for item in layer.classes:
        rule = _rule(rules, item.label)
        _filter(rule, item.tests)
        _symbolizer(rule, item.colour, layer.is_points)
    rule = _rule(rules, NO_DATA_LABEL)
    ET.SubElement(rule, _name("se:ElseFilter"))
    _symbolizer(rule, NO_DATA, layer.is_points)
    _names(rules, layer)
    return _text(root, '<?xml version="1.0" encoding="UTF-8"?>\n')


def _name(text: str) -> str:
    prefix, _, name = text.rpartition(":")
    return f"{{{_SLD[prefix]}}}{name}"


def _rule(parent: ET.Element, title: str) -> ET.Element:
    rule = ET.SubElement(parent, _name("se:Rule"))
    ET.SubElement(rule, _name("se:Name")).text = title
    return rule


def _filter(rule: ET.Element, tests: tuple[Condition, ...]) -> None:
    box = ET.SubElement(rule, _name("ogc:Filter"))
    if len(tests) > 1:
        box = ET.SubElement(box, _name("ogc:And"))
    for test in tests:
        inner = ET.SubElement(box, _name("ogc:Not")) if test.operator == "known" else box
        kind = {"=": "EqualTo", ">": "GreaterThan"}.get(test.operator, "Null")
        comparison = ET.SubElement(inner, _name(f"ogc:PropertyIs{kind}"))
        ET.SubElement(comparison, _name("ogc:PropertyName")).text = test.column
        if kind != "Null":
            ET.SubElement(comparison, _name("ogc:Literal")).text = str(test.value)


def _symbolizer(rule: ET.Element, colour: str, is_point: bool) -> None:
    kind = "PointSymbolizer" if is_point else "PolygonSymbolizer"
    box = ET.SubElement(rule, _name(f"se:{kind}"))
    if is_point:
        graphic = ET.SubElement(box, _name("se:Graphic"))
        box = ET.SubElement(graphic, _name("se:Mark"))
        ET.SubElement(box, _name("se:WellKnownName")).text = "circle"
    _parameters(box, "Fill", {"fill": colour})
    line = _DOT_LINE if is_point else _LINE
    _parameters(box, "Stroke", {"stroke": line, "stroke-width": "0.2"})
    if is_point:
        ET.SubElement(graphic, _name("se:Size")).text = "5"


def _parameters(parent: ET.Element, kind: str, values: Mapping[str, str]) -> None:
    box = ET.SubElement(parent, _name(f"se:{kind}"))
    for name, value in values.items():
        ET.SubElement(box, _name("se:SvgParameter"), name=name).text = value


def _names(rules: ET.Element, layer: MapLayer) -> None:
    """Add the rule that prints names from a scale on."""
    rule = ET.SubElement(rules, _name("se:Rule"))
    scale = ET.SubElement(rule, _name("se:MaxScaleDenominator"))
    scale.text = str(LABEL_SCALE[layer.is_points])
    box = ET.SubElement(rule, _name("se:TextSymbolizer"))
    label = ET.SubElement(box, _name("se:Label"))
    ET.SubElement(label, _name("ogc:PropertyName")).text = "name"
    _parameters(box, "Font", {"font-family": "Sans Serif", "font-size": "10"})
    halo = ET.SubElement(box, _name("se:Halo"))
    ET.SubElement(halo, _name("se:Radius")).text = "1"
    _parameters(halo, "Fill", {"fill": "#ffffff"})
    _parameters(box, "Fill", {"fill": _INK})


def _text(root: ET.Element, head: str) -> str:
    ET.indent(root, " ")
    return head + ET.tostring(root, encoding="unicode") + "\n"
