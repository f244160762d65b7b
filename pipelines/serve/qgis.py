"""A project of QGIS beside, or inside, a GeoPackage: the layers styled, credited and laid out.

The project asks for the columns of the file alone, so it opens without Hinterland. Its plane is
EPSG:3035; the data stay in EPSG:4326 and are projected as they are drawn. Written and read with
QGIS 3.22, which newer ones understand.
"""

from __future__ import annotations

import io
import json
import sqlite3
import uuid
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pyproj

from pipelines.serve import styles
from pipelines.serve.map_layers import MapLayer
from pipelines.serve.qgis_layout import layout

#: Label, unit and description of columns by their name.
Meaning = Mapping[str, Mapping[str, str]]
PROJECT_NAME = "hinterland"
#: Europe on the screen in metres of EPSG:3035, as on the pages.
EUROPE = (2_500_000, 1_300_000, 7_400_000, 5_420_000)
#: QGIS wants more than ten letters in the name of a layer.
BORDERS, LAND = "hinterland_borders", "hinterland_land"
_SEA, _GROUND, _BORDER = "#dfeaf0", "#f1efea", "#5f5f5f"
_GROUPS = {
    "regions": "Regions",
    "region_demography": "Shrinking regions",
    "region_crossing": "Shrinking and thin",
    "towns": "Towns",
}


@dataclass(frozen=True)
class Credit:
    """What a reader of a map must be told.

    Attributes
    ----------
    attribution, licence : str
        Of all sources of a layer.
    made : str
        The database, its date and the program.
    years : str
        What the rows are of; empty where a layer has no years.
    """

    attribution: str
    licence: str
    made: str
    years: str = ""


@dataclass(frozen=True)
class Drawn:
    """One layer of a project: what it shows, its file's name, its credit.

    Attributes
    ----------
    layer : MapLayer
    file : str
        Name of the GeoPackage, in the project's own folder.
    credit : Credit
    aliases : tuple of (str, str)
        Column and what a reader sees in its place.
    """

    layer: MapLayer
    file: str
    credit: Credit
    aliases: tuple[tuple[str, str], ...] = ()

    @property
    def id(self) -> str:
        """Name of the layer within the project."""
        return f"hinterland_{self.layer.table}_{self.layer.key}"

    @property
    def source(self) -> str:
        """Where QGIS reads it."""
        return source(self.file, self.layer.table, self.layer.rows)


def source(file: str, table: str, rows: str) -> str:
    """Return where QGIS reads rows of a table of a GeoPackage."""
    narrowed = f"|subset={rows}" if rows else ""
    return f"./{file}|layername={table}{narrowed}"


def aliases(meaning: Meaning) -> tuple[tuple[str, str], ...]:
    """Return label and unit of each column."""
    return tuple(
        (name, f"{said['label']} [{said['unit']}]" if said["unit"] else said["label"])
        for name, said in meaning.items()
        if said["label"]
    )


def project(
    drawn: Sequence[Drawn], title: str, borders: str = "", outlines: Credit | None = None
) -> str:
    """Return the text of a project.

    Parameters
    ----------
    drawn : sequence of Drawn
        Layers in their order; the first one is switched on.
    title : str
        Title of the project.
    borders : str
        Where countries' outlines are read, see :func:`source`; empty: nowhere.
    outlines : Credit, optional
        Of these outlines.
    """
    root = ET.Element("qgis", version=styles.QGIS_VERSION, projectname=title)
    ET.SubElement(root, "title").text = title
    _spatial_reference(ET.SubElement(root, "projectCrs"), 3035)
    tree = ET.SubElement(root, "layer-tree-group")
    if borders:
        _leaf(tree, BORDERS, "Borders of countries", borders, is_on=True)
    groups: dict[str, ET.Element] = {}
    for number, item in enumerate(drawn):
        table = item.layer.table
        if table not in groups:
            groups[table] = ET.SubElement(
                tree,
                "layer-tree-group",
                {
                    "name": _GROUPS[table],
                    "checked": "Qt::Checked" if number == 0 else "Qt::Unchecked",
                    "expanded": str(int(number == 0)),
                    # One typology at a time: their areas cover each other.
                    "mutually-exclusive": "1",
                    "mutually-exclusive-child": "0",
                },
            )
        _leaf(groups[table], item.id, item.layer.title, item.source, is_on=number == 0)
    if borders:
        _leaf(tree, LAND, "Land", borders, is_on=True)
    canvas = ET.SubElement(root, "mapcanvas", name="theMapCanvas", annotationsVisible="1")
    ET.SubElement(canvas, "units").text = "meters"
    extent = ET.SubElement(canvas, "extent")
    for name, value in zip(("xmin", "ymin", "xmax", "ymax"), EUROPE, strict=True):
        ET.SubElement(extent, name).text = str(value)
    _spatial_reference(ET.SubElement(canvas, "destinationsrs"), 3035)
    layers = ET.SubElement(root, "projectlayers")
    if borders:
        layers.append(_countries(BORDERS, "Borders of countries", borders, outlines, alpha=0))
        layers.append(_countries(LAND, "Land", borders, outlines, alpha=255))
    layers.extend(_map_layer(item) for item in drawn)
    _properties(root)
    _metadata(root, title, list(dict.fromkeys(item.credit for item in drawn)))
    layouts = ET.SubElement(root, "Layouts")
    for item in drawn:
        shown = (item.id, item.layer.title, item.source)
        on_map = [shown]
        if borders:
            on_map = [(BORDERS, "", borders), shown, (LAND, "", borders)]
        credits = f"{item.credit.attribution}. {_terms(item, outlines)}{item.credit.made}"
        title = f"{_GROUPS[item.layer.table]}: {item.layer.title}"
        layouts.append(layout(title, on_map, shown, item.credit.years, credits, EUROPE))
    ET.indent(root, " ")
    head = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
    return head + ET.tostring(root, encoding="unicode") + "\n"


def packed(text: str) -> bytes:
    """Return a project as the ``.qgz`` file that QGIS opens."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as box:
        box.writestr(f"{PROJECT_NAME}.qgs", text)
    return content.getvalue()


def furnish(file: Path, drawn: Sequence[Drawn], text: str, moment: str) -> None:
    """Put styles and a project into a GeoPackage.

    The table ``layer_styles`` holds a style a typology, the first one of each table as its
    default; ``qgis_projects`` holds the project, which QGIS lists under *Project, Open From,
    GeoPackage*. Both are tables as QGIS itself writes them, so other programs pass them over.

    Parameters
    ----------
    file : Path
        A GeoPackage with a layer a table.
    drawn : sequence of Drawn
        Its layers.
    text : str
        The project, see :func:`project`.
    moment : str
        When the database was built, ISO 8601 in UTC.
    """
    # The one form that the GeoPackage standard has for a moment.
    moment = datetime.fromisoformat(moment).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    with closing(sqlite3.connect(file)) as con, con:
        con.execute(_STYLES)
        con.execute(
            "insert into gpkg_contents (table_name, data_type, identifier, description) "
            "values ('layer_styles', 'attributes', 'layer_styles', 'Styles, as QGIS keeps them')"
        )
        column = {
            row[0]: row[1]
            for row in con.execute("select table_name, column_name from gpkg_geometry_columns")
        }
        defaults: set[str] = set()
        for item in drawn:
            layer = item.layer
            con.execute(
                "insert into layer_styles (f_table_catalog, f_table_schema, f_table_name, "
                "f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, "
                "owner, ui, update_time) values ('', '', ?, ?, ?, ?, ?, ?, ?, '', null, ?)",
                (
                    layer.table,
                    column[layer.table],
                    layer.title,
                    styles.qml(layer),
                    styles.sld(layer),
                    layer.table not in defaults,
                    item.credit.attribution,
                    moment,
                ),
            )
            defaults.add(layer.table)
        con.execute(
            "create table qgis_projects (name TEXT PRIMARY KEY, metadata BLOB, content BLOB)"
        )
        facts = {"last_modified_time": moment, "last_modified_user": "Hinterland"}
        # QGIS writes the packed project as hexadecimal digits.
        con.execute(
            "insert into qgis_projects values (?, ?, ?)",
            (PROJECT_NAME, json.dumps(facts), packed(text).hex()),
        )


def describe(file: Path, tables: Mapping[str, Meaning]) -> None:
    """Put label, unit and description of the columns into a GeoPackage.

    In the tables of the standard's extension for schemas, which GDAL and QGIS read.

    Parameters
    ----------
    file : Path
        A GeoPackage with these tables.
    tables : mapping of str to Meaning
        What the columns of each table are.
    """
    with closing(sqlite3.connect(file)) as con, con:
        con.executescript(_SCHEMA)
        for table, meaning in tables.items():
            names = {row[1] for row in con.execute("select * from pragma_table_info(?)", [table])}
            labels = dict(aliases(meaning))
            con.executemany(
                "insert into gpkg_data_columns (table_name, column_name, title, description) "
                "values (?, ?, ?, ?)",
                [
                    (table, name, labels.get(name), said["description"])
                    for name, said in meaning.items()
                    if name in names
                ],
            )


# As the standard writes them, OGC 12-128r17, annex F.9.
_SCHEMA = """
create table if not exists gpkg_data_columns (
    table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT,
    mime_type TEXT, constraint_name TEXT,
    CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
    CONSTRAINT gdc_tn UNIQUE (table_name, name)
);
create table if not exists gpkg_data_column_constraints (
    constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT, min NUMERIC,
    min_is_inclusive BOOLEAN, max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
    CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value)
);
create table if not exists gpkg_extensions (
    table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL,
    scope TEXT NOT NULL, CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name)
);
insert into gpkg_extensions values
    ('gpkg_data_columns', null, 'gpkg_schema',
     'http://www.geopackage.org/spec130/#extension_schema', 'read-write'),
    ('gpkg_data_column_constraints', null, 'gpkg_schema',
     'http://www.geopackage.org/spec130/#extension_schema', 'read-write');
"""


_STYLES = """
create table layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256),
    f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
    useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
    update_time DATETIME DEFAULT CURRENT_TIMESTAMP
)
"""


def _terms(item: Drawn, outlines: Credit | None) -> str:
    """Return what boundaries on a sheet must not be used for, or nothing."""
    licences = item.credit.licence + (outlines.licence if outlines else "")
    return "Boundaries for non-commercial use only. " if "non-commercial" in licences else ""


def _leaf(parent: ET.Element, name: str, title: str, where: str, *, is_on: bool) -> None:
    ET.SubElement(
        parent,
        "layer-tree-layer",
        id=name,
        name=title,
        source=where,
        providerKey="ogr",
        checked="Qt::Checked" if is_on else "Qt::Unchecked",
        expanded=str(int(is_on and name not in (BORDERS, LAND))),
    )


def _spatial_reference(parent: ET.Element, number: int) -> None:
    """Add a reference system by its EPSG number."""
    system = pyproj.CRS.from_epsg(number)
    box = ET.SubElement(parent, "spatialrefsys")
    ET.SubElement(box, "wkt").text = system.to_wkt()
    ET.SubElement(box, "srid").text = str(number)
    ET.SubElement(box, "authid").text = f"EPSG:{number}"
    ET.SubElement(box, "description").text = system.name
    ET.SubElement(box, "geographicflag").text = str(system.is_geographic).lower()


def _vector(name: str, title: str, where: str, geometry: str) -> ET.Element:
    root = ET.Element(
        "maplayer",
        type="vector",
        geometry=geometry,
        labelsEnabled="0",
        styleCategories="AllStyleCategories",
        readOnly="0",
    )
    ET.SubElement(root, "id").text = name
    ET.SubElement(root, "datasource").text = where
    ET.SubElement(root, "layername").text = title
    _spatial_reference(ET.SubElement(root, "srs"), 4326)
    ET.SubElement(root, "provider", encoding="UTF-8").text = "ogr"
    return root


def _map_layer(item: Drawn) -> ET.Element:
    layer = item.layer
    root = _vector(item.id, layer.title, item.source, "Point" if layer.is_points else "Polygon")
    root.set("labelsEnabled", "1")
    ET.SubElement(root, "abstract").text = item.credit.years
    _credited(root, layer.title, item.credit)
    names = ET.SubElement(root, "aliases")
    for number, (column, label) in enumerate(item.aliases, start=1):
        ET.SubElement(names, "alias", field=column, name=label, index=str(number))
    root.append(styles.renderer(layer))
    root.append(styles.labeling(layer))
    return root


def _credited(root: ET.Element, title: str, credit: Credit) -> None:
    """Add whom a layer is owed to, and under which licence."""
    ET.SubElement(root, "attribution").text = credit.attribution
    facts = ET.SubElement(root, "resourceMetadata")
    ET.SubElement(facts, "title").text = title
    ET.SubElement(facts, "abstract").text = credit.made
    ET.SubElement(facts, "rights").text = credit.attribution
    ET.SubElement(facts, "license").text = credit.licence


def _countries(name: str, title: str, where: str, credit: Credit | None, alpha: int) -> ET.Element:
    """Return the outlines of countries, with or without a ground."""
    root = _vector(name, title, where, "Polygon")
    if credit is not None:
        _credited(root, title, credit)
    style = ET.SubElement(root, "renderer-v2", type="singleSymbol", symbollevels="0")
    symbols = ET.SubElement(style, "symbols")
    symbols.append(styles.fill("0", styles.rgba(_GROUND, alpha), styles.rgba(_BORDER), "0.2"))
    return root


def _properties(root: ET.Element) -> None:
    box = ET.SubElement(root, "properties")
    gui = ET.SubElement(box, "Gui")
    red, green, blue, _ = styles.rgba(_SEA).split(",")
    for name, value in (("Red", red), ("Green", green), ("Blue", blue)):
        ET.SubElement(gui, f"CanvasColor{name}Part", type="int").text = value
    paths = ET.SubElement(box, "Paths")
    ET.SubElement(paths, "Absolute", type="bool").text = "false"
    measure = ET.SubElement(box, "Measurement")
    ET.SubElement(measure, "DistanceUnits", type="QString").text = "km"
    ET.SubElement(measure, "AreaUnits", type="QString").text = "km2"
    ET.SubElement(ET.SubElement(box, "SpatialRefSys"), "ProjectionsEnabled", type="int").text = "1"


def _metadata(root: ET.Element, title: str, credits: Sequence[Credit]) -> None:
    box = ET.SubElement(root, "projectMetadata")
    # QGIS tells projects apart by this; the same database gives the same one.
    name = uuid.uuid5(uuid.NAMESPACE_URL, f"{title} {credits[0].made}" if credits else title)
    ET.SubElement(box, "identifier").text = f"urn:uuid:{name}"
    ET.SubElement(box, "type").text = "project"
    ET.SubElement(box, "title").text = title
    ET.SubElement(box, "abstract").text = credits[0].made if credits else ""
    lines = dict.fromkeys(part for c in credits for part in c.attribution.split(" | "))
    for line in lines:
        ET.SubElement(box, "rights").text = line
    ET.SubElement(box, "author").text = "Hinterland"
