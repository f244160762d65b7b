"""GeoPackages open styled: the classes and colours of the pages, counted by QGIS where it is."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from pages._ui.crossing_view import measure_of
from pages._ui.measures import DEMOGRAPHY_MEASURES, PANEL_MEASURES, REGION_MEASURES, TOWN_MEASURES
from pages._ui.measures import REMOTENESS_MEASURES as REMOTE
from pipelines.core.errors import InputError
from pipelines.serve import export, geopackage, map_layers, palettes, qgis, styles
from pipelines.serve.store import Store

NO_DATA = "#b9b9b9"
SE, OGC = "{http://www.opengis.net/se}", "{http://www.opengis.net/ogc}"
#: How the map of *Shrinking regions* tells the classes that no column has: written out here from
#: docs/demography.md, not from the layers.
_MADE = {
    "cause_class": "coalesce(cause, case when shrinking_class = 'not shrinking' "
    "then 'not shrinking' end)",
    "shape_class": "coalesce(shape, case when duration_class is not null then 'not shrinking' end)",
    "watch_class": "case when watch_known > 0 then watch_count::varchar end",
    "crossing_desert": "trend || '|' || desert_class",
    "crossing_remote": "trend || '|' || remote_class",
}
_ROWS = {
    "regions": "level = 3",
    "region_demography": "level = 3 and nuts_version = 2021",
    "region_crossing": "level = 3",
    "towns": "true",
}
_QGIS = next(
    (
        python
        for python in ("/usr/bin/python3", shutil.which("python3") or "")
        if python
        and subprocess.run([python, "-c", "import qgis.core"], capture_output=True).returncode == 0
    ),
    "",
)
needs_qgis = pytest.mark.skipif(
    not _QGIS, reason="no PyQGIS: on Debian apt-get install --no-install-recommends python3-qgis"
)


@pytest.fixture(scope="module")
def project(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a written project; its GeoPackage lies beside it."""
    target = tmp_path_factory.mktemp("qgis") / "atlas.gpkg"
    data = {name: export.read_mart(store, name) for name in geopackage.tables(store)}
    assert geopackage.write_project(store, data, target) == len(map_layers.layers(store))
    return target.with_suffix(".qgz")


@pytest.fixture(scope="module")
def shown(project: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what QGIS says of the project; its sheets lie beside it as pictures."""
    return _read(str(project), project.parent)


def _read(name: str, folder: Path | None = None) -> dict[str, Any]:
    script = Path(__file__).with_name("read_qgis.py")
    done = subprocess.run(
        [_QGIS, str(script), name, *([str(folder)] if folder else [])],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": "/usr/bin:/bin", "QT_QPA_PLATFORM": "offscreen", "HOME": "/tmp"},  # noqa: S108
    )
    facts: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return facts


def _of_the_pages() -> dict[tuple[str, str], Mapping[str, str]]:
    """Return the palette of each typology that a page draws."""
    tables = (REGION_MEASURES, DEMOGRAPHY_MEASURES, TOWN_MEASURES, REMOTE, PANEL_MEASURES)
    found = {
        (m.table, m.column): m.palette
        for table in tables
        for m in table.values()
        if isinstance(m.palette, Mapping)
    }
    for by in ("desert", "remote"):
        palette = measure_of(by).palette
        assert isinstance(palette, Mapping)
        found["region_crossing", f"crossing_{by}"] = palette
    return found


def _counts(store: Store, layer: map_layers.MapLayer) -> dict[str, int]:
    """Return how many rows the database has in each class, by the legend's label."""
    value = _MADE.get(layer.key, layer.key)
    rows = _ROWS[layer.table]
    if (layer.table, layer.key) == ("towns", "role"):
        rows = "size_class in ('small_town', 'medium_town')"
    hidden = ("village", "part") if layer.key == "size_class" else ()
    counted = store.rows(
        f"select {value} as v, count(*) as n from marts.{layer.table} where {rows} group by v"  # noqa: S608
    )
    known = {row["v"]: row["n"] for row in counted}
    expected = {
        item.label: 0 if item.value in hidden else known.get(item.value, 0)
        for item in layer.classes
    }
    values = {item.value for item in layer.classes}
    return expected | {"no data": sum(n for v, n in known.items() if v not in values)}


def test_every_typology_of_the_pages_has_a_layer_in_its_colours(store: Store) -> None:
    layers = {(x.table, x.key): x for x in map_layers.layers(store)}
    pages = _of_the_pages()
    assert set(layers) == set(pages)
    for key, palette in pages.items():
        assert [(c.value, c.colour) for c in layers[key].classes] == list(palette.items()), key


def test_styles_lie_in_the_geopackage_and_name_the_classes(store: Store, project: Path) -> None:
    layers = {(x.table, x.title): x for x in map_layers.layers(store)}
    with sqlite3.connect(project.with_suffix(".gpkg")) as con:
        rows = con.execute(
            "select f_table_name, styleName, styleQML, styleSLD, useAsDefault from layer_styles"
        ).fetchall()
        assert {(r[0], r[1]) for r in rows} == set(layers)
        defaults = [r[0] for r in rows if r[4]]
        assert sorted(defaults) == sorted({r[0] for r in rows})
        for table, title, qml, sld, _ in rows:
            layer = layers[table, title]
            _same_classes(layer, _parsed(qml), _parsed(sld))
            _counted_by_sqlite(con, store, layer)


def _parsed(text: str | bytes) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 - our own


def _same_classes(layer: map_layers.MapLayer, qml: ET.Element, sld: ET.Element) -> None:
    categories = qml.findall("renderer-v2/categories/category")
    symbols = {s.get("name"): s for s in qml.findall("renderer-v2/symbols/symbol")}
    drawn = []
    for category in categories:
        symbol = symbols[category.get("symbol")]
        options = {o.get("name"): o.get("value") for o in symbol.findall("layer/Option/Option")}
        red, green, blue, _ = map(int, str(options["color"]).split(","))
        drawn.append((category.get("value"), f"#{red:02x}{green:02x}{blue:02x}"))
    expected = [(c.value, c.colour) for c in layer.classes]
    assert drawn == [*expected, ("", NO_DATA)]
    *rules, others, names = sld.iter(f"{SE}Rule")
    assert [r.findtext(f"{SE}Name") for r in rules] == [c.label for c in layer.classes]
    assert all(r.find(f"{OGC}Filter") is not None for r in rules)
    assert others.find(f"{SE}ElseFilter") is not None
    fills = [next(iter(r.iter(f"{SE}Fill")))[0].text for r in (*rules, others)]
    assert fills == [*(c.colour for c in layer.classes), NO_DATA]
    assert names.find(f"{SE}TextSymbolizer") is not None


def _counted_by_sqlite(con: sqlite3.Connection, store: Store, layer: map_layers.MapLayer) -> None:
    """The expression that tells the classes apart counts them as the database does."""
    attribute = layer.attribute()
    rows = _ROWS[layer.table]
    if layer.rows:
        rows = layer.rows
    found = dict(
        con.execute(
            f"select {attribute}, count(*) from {layer.table} where {rows} group by 1"  # noqa: S608
        ).fetchall()
    )
    labels = {c.value: c.label for c in layer.classes if c.is_drawn}
    expected = _counts(store, layer)
    assert {labels[v]: n for v, n in found.items() if v in labels} == {
        label: n for label, n in expected.items() if n and label != "no data"
    }, layer.key


def test_the_project_file_is_one_and_the_same(project: Path) -> None:
    """What lies beside the GeoPackage lies in it, too, as QGIS keeps it."""
    with zipfile.ZipFile(project) as box:
        beside = box.read("hinterland.qgs")
    with sqlite3.connect(project.with_suffix(".gpkg")) as con:
        name, metadata, content = con.execute("select * from qgis_projects").fetchone()
    packed = project.with_name("inside.qgz")
    packed.write_bytes(bytes.fromhex(content))
    with zipfile.ZipFile(packed) as box:
        assert box.read("hinterland.qgs") == beside
    packed.unlink()
    assert name == "hinterland"
    assert set(json.loads(metadata)) == {"last_modified_time", "last_modified_user"}
    root = _parsed(beside)
    assert root.findtext("projectCrs/spatialrefsys/authid") == "EPSG:3035"
    for where in root.findall("projectlayers/maplayer/datasource"):
        assert str(where.text).startswith("./atlas.gpkg|layername=")
    layers = {one.findtext("id"): one for one in root.findall("projectlayers/maplayer")}
    for name in (qgis.BORDERS, qgis.LAND):
        assert "EuroGeographics" in str(layers[name].findtext("attribution"))
        assert "non-commercial" in str(layers[name].findtext("resourceMetadata/license"))
    labels = {a.get("field"): a.get("name") for a in root.findall("projectlayers/*/aliases/alias")}
    assert labels["area_km2"] == "Area [km²]"
    assert b"Boundaries for non-commercial use only." in beside


@needs_qgis
def test_qgis_draws_the_classes_that_the_database_has(store: Store, shown: dict[str, Any]) -> None:
    layers = {f"hinterland_{x.table}_{x.key}": x for x in map_layers.layers(store)}
    assert shown["read"]
    assert shown["crs"] == "EPSG:3035"
    assert set(shown["layers"]) == {*layers, qgis.BORDERS, qgis.LAND}
    for name, layer in layers.items():
        told = shown["layers"][name]
        assert told["valid"], name
        assert told["crs"] == "EPSG:4326"
        assert told["labels"]
        assert told["counts"] == _counts(store, layer), name
        expected = {c.label: c.colour for c in layer.classes} | {"no data": NO_DATA}
        assert told["colours"] == expected
        assert told["default"] == "categorizedSymbol"
        assert told["styles"][0] in {x.title for x in layers.values() if x.table == layer.table}
        assert "EuroGeographics" in told["attribution"] or "GeoNames" in told["attribution"]
    assert shown["layers"][qgis.BORDERS]["rows"] == 37


@needs_qgis
def test_qgis_prints_a_sheet_a_typology(store: Store, project: Path, shown: dict[str, Any]) -> None:
    order = geopackage.tables(store)
    layers = sorted(map_layers.layers(store), key=lambda x: order.index(x.table))
    assert [s.split(": ", 1)[1] for s in shown["sheets"]] == [x.title for x in layers]
    for number, layer in enumerate(layers):
        picture = Image.open(project.with_name(f"{number:02}.png")).convert("RGB")
        colours = {f"#{r:02x}{g:02x}{b:02x}" for _, (r, g, b) in picture.getcolors(1 << 20) or []}
        counts = _counts(store, layer)
        # A class of a few small regions may have no pixel that is its own.
        expected = {c.colour for c in layer.classes if counts[c.label] > 30 and not layer.is_points}
        assert expected <= colours, layer.key
        assert len(colours) > 10


@needs_qgis
def test_a_table_alone_opens_with_its_own_project(store: Store, tmp_path: Path) -> None:
    """Narrowed to a level and a country, the project shows those rows."""
    target = tmp_path / "lithuania.gpkg"
    data = export.read_mart(store, "regions", level=2, country="LT")
    export.export_file(store, "regions", target, data)
    told = _read(f"geopackage:{target}?projectName=hinterland")
    assert told["read"]
    assert len(told["layers"]) == 9
    assert {layer["rows"] for layer in told["layers"].values()} == {2}


def test_a_table_without_typologies_has_no_styles(store: Store, tmp_path: Path) -> None:
    target = tmp_path / "sites.gpkg"
    export.export_file(store, "social_places", target)
    with sqlite3.connect(target) as con:
        names = {row[0] for row in con.execute("select name from sqlite_master")}
    assert "social_places" in names
    assert not names & {"layer_styles", "qgis_projects"}


def test_a_project_wants_a_geopackage(store: Store, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"the ending is '\.qgz', allowed is \.gpkg"):
        geopackage.write_project(store, {}, tmp_path / "x.qgz")
    assert not os.listdir(tmp_path)


def test_a_name_with_an_apostrophe_stays_one_text() -> None:
    test = map_layers.Condition("name", "=", "L'Aquila")
    assert test.sql() == "\"name\" = 'L''Aquila'"


def test_colours_are_written_as_qgis_reads_them() -> None:
    assert styles.rgba("#b35806") == "179,88,6,255"
    assert palettes.NO_DATA == NO_DATA
