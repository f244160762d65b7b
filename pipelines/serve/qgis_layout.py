"""A sheet of A4 for a layer of a QGIS project: title, map, legend, scale and credits."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree as ET

_PAGE = (297, 210)
_TYPES = {
    "page": "65638",
    "map": "65639",
    "label": "65641",
    "legend": "65642",
    "scale": "65646",
}
# Millimetres on the sheet: left, top, width, height.
_TITLE = (10, 7, 277, 10)
_MAP = (10, 24, 200, 168)
_LEGEND = (214, 24, 75, 120)
_SCALE = (14, 178, 60, 12)
_YEARS = (10, 16, 277, 7)
_CREDITS = (10, 193, 277, 14)
_FONTS = {"title": 10, "group": 10, "subgroup": 10, "symbol": 9, "symbolLabel": 9}

Box = tuple[float, float, float, float]
#: Id, title and source of a layer.
Shown = tuple[str, str, str]


def layout(
    title: str,
    layers: Sequence[Shown],
    shown: Shown,
    years: str,
    credits: str,
    extent: tuple[int, int, int, int],
) -> ET.Element:
    """Return the sheet of a layer.

    Parameters
    ----------
    title : str
        Title and name of the sheet.
    layers : sequence of (str, str, str)
        Id, title and source of what the map shows, the uppermost first.
    shown : tuple of (str, str, str)
        The one of them that has the legend.
    years : str
        Below the title.
    credits : str
        Below the map.
    extent : tuple of int
        Metres of EPSG:3035: west, south, east, north.
    """
    root = ET.Element("Layout", name=title, units="mm", printResolution="200")
    pages = ET.SubElement(root, "PageCollection")
    _item(pages, "page", (0, 0, *_PAGE), {"background": "true"})
    on_map = _map(root, layers, extent)
    _label(root, title, _TITLE, 16)
    _label(root, years, _YEARS, 9)
    _label(root, credits, _CREDITS, 6)
    _legend(root, shown, on_map)
    _scale(root, on_map)
    return root


def _item(parent: ET.Element, kind: str, box: Box, more: Mapping[str, str]) -> ET.Element:
    left, top, width, height = box
    number = len(parent.findall("LayoutItem"))
    name = uuid.uuid5(uuid.NAMESPACE_URL, f"{parent.get('name', '')} {kind} {number}")
    known = {
        "type": _TYPES[kind],
        "uuid": f"{{{name}}}",
        "templateUuid": f"{{{name}}}",
        "id": kind,
        "position": f"{left},{top},mm",
        "positionOnPage": f"{left},{top},mm",
        "size": f"{width},{height},mm",
        "referencePoint": "0",
        "frame": "false",
        "background": "false",
        "visibility": "1",
        "opacity": "1",
        "zValue": str(number),
    }
    return ET.SubElement(parent, "LayoutItem", {**known, **more})


def _map(
    root: ET.Element,
    layers: Sequence[Shown],
    extent: tuple[int, int, int, int],
) -> str:
    item = _item(
        root,
        "map",
        _MAP,
        # Its own layers, whatever the window shows.
        {"keepLayerSet": "true", "background": "true", "frame": "true", "mapRotation": "0"},
    )
    ET.SubElement(item, "BackgroundColor", red="223", green="234", blue="240", alpha="255")
    ET.SubElement(item, "FrameColor", red="130", green="130", blue="130", alpha="255")
    west, south, east, north = extent
    # The frame's own shape, about the same middle.
    half = (north - south) * _MAP[2] / _MAP[3] / 2
    middle = (west + east) / 2
    ET.SubElement(
        item,
        "Extent",
        xmin=f"{middle - half:.0f}",
        ymin=str(south),
        xmax=f"{middle + half:.0f}",
        ymax=str(north),
    )
    box = ET.SubElement(item, "LayerSet")
    for name, title, source in layers:
        ET.SubElement(box, "Layer", name=title, source=source, provider="ogr").text = name
    return item.get("uuid", "")


def _label(root: ET.Element, text: str, box: Box, size: int) -> None:
    item = _item(root, "label", box, {"labelText": text, "halign": "1", "valign": "32"})
    _text_style(item, size)
    ET.SubElement(item, "LabelFont", description=f"Sans Serif,{size},-1,5,50,0,0,0,0,0")
    ET.SubElement(item, "FontColor", red="30", green="30", blue="30", alpha="255")


def _text_style(parent: ET.Element, size: int) -> None:
    """Add a font as QGIS 3.24 and later read it; 3.22 reads ``LabelFont`` and ``styleFont``."""
    ET.SubElement(
        parent,
        "text-style",
        fontFamily="Sans Serif",
        fontSize=str(size),
        fontSizeUnit="Point",
        textColor="30,30,30,255",
        textOpacity="1",
        multilineHeight="1",
    )


def _legend(root: ET.Element, layer: Shown, on_map: str) -> None:
    item = _item(
        root,
        "legend",
        _LEGEND,
        {
            "map_uuid": on_map,
            "resizeToContents": "1",
            "legendFilterByAtlas": "0",
            "symbolWidth": "6",
            "symbolHeight": "4",
            "minSymbolSize": "3",
            "maxSymbolSize": "4",
            "boxSpace": "0",
            "columnCount": "1",
            "wrapChar": "",
            "fontColor": "#1e1e1e",
        },
    )
    fonts = ET.SubElement(item, "styles")
    for name, size in _FONTS.items():
        style = ET.SubElement(fonts, "style", name=name, alignment="1", marginTop="1.5")
        style.set("marginLeft", "2" if name == "symbolLabel" else "0")
        ET.SubElement(style, "styleFont", description=f"Sans Serif,{size},-1,5,50,0,0,0,0,0")
        _text_style(style, size)
    tree = ET.SubElement(item, "layer-tree-group")
    name, title, source = layer
    leaf = ET.SubElement(
        tree,
        "layer-tree-layer",
        id=name,
        name=title,
        source=source,
        providerKey="ogr",
        checked="Qt::Checked",
        expanded="1",
    )
    # The sheet says it above.
    known = ET.SubElement(ET.SubElement(leaf, "customproperties"), "Option", type="Map")
    ET.SubElement(known, "Option", name="legend/title-style", type="QString", value="hidden")


def _scale(root: ET.Element, on_map: str) -> None:
    item = _item(
        root,
        "scale",
        _SCALE,
        {
            "mapUuid": on_map,
            "style": "Single Box",
            "unitType": "km",
            "unitLabel": "km",
            "numUnitsPerSegment": "250",
            "numMapUnitsPerScaleBarUnit": "1",
            "numSegments": "2",
            "numSegmentsLeft": "0",
            "height": "1.5",
            "labelBarSpace": "1",
            "boxContentSpace": "1",
            "segmentSizeMode": "0",
        },
    )
    _text_style(item, 7)
