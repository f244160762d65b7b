"""Read a project with QGIS and say what it shows, as JSON; run by a Python that has PyQGIS.

    QT_QPA_PLATFORM=offscreen python3 read_qgis.py PROJECT [FOLDER]

``PROJECT`` is a .qgz file or ``geopackage:FILE?projectName=NAME``. With a folder, each sheet is
drawn to a PNG in it. Nothing of Hinterland is imported.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

from qgis.core import (
    QgsApplication,
    QgsExpressionContextUtils,
    QgsLayoutExporter,
    QgsProject,
    QgsRenderContext,
    QgsVectorLayer,
)


def drawn(layer: QgsVectorLayer) -> dict[str, int]:
    """Return how many rows of a layer its renderer draws in which class, by label."""
    renderer = layer.renderer()
    context = QgsRenderContext()
    scopes = QgsExpressionContextUtils.globalProjectLayerScopes(layer)
    context.expressionContext().appendScopes(scopes)
    renderer.startRender(context, layer.fields())
    counts: Counter[str] = Counter()
    for row in layer.getFeatures():
        context.expressionContext().setFeature(row)
        counts.update(renderer.legendKeysForFeature(row, context))
    renderer.stopRender(context)
    return {item.label(): counts[item.ruleKey()] for item in renderer.legendSymbolItems()}


def colours(layer: QgsVectorLayer) -> dict[str, str]:
    """Return the colour of each class by its label."""
    items = layer.renderer().legendSymbolItems()
    return {item.label(): item.symbol().color().name() for item in items}


def told(layer: QgsVectorLayer) -> dict[str, object]:
    """Return what a layer of the project shows, and what its SLD would."""
    facts: dict[str, object] = {
        "title": layer.name(),
        "valid": layer.isValid(),
        "crs": layer.crs().authid(),
        "attribution": layer.attribution(),
        "labels": layer.labelsEnabled(),
        "rows": layer.featureCount(),
        "counts": drawn(layer),
        "colours": colours(layer),
    }
    plain = QgsVectorLayer(layer.source().split("|subset=")[0], "plain", "ogr")
    titles = plain.listStylesInDatabase()[2]
    facts["default"] = plain.renderer().type()
    facts["styles"] = titles
    return facts


def main() -> None:
    """Read the project of the command line."""
    application = QgsApplication([], False)
    application.initQgis()
    project = QgsProject.instance()
    is_read = project.read(sys.argv[1])
    sheets = project.layoutManager().layouts()
    for number, sheet in enumerate(sheets if len(sys.argv) > 2 else []):
        settings = QgsLayoutExporter.ImageExportSettings()
        settings.dpi = 60
        target = Path(sys.argv[2]) / f"{number:02}.png"
        QgsLayoutExporter(sheet).exportToImage(str(target), settings)
    facts = {
        "read": is_read,
        "crs": project.crs().authid(),
        "title": project.title(),
        "sheets": [sheet.name() for sheet in sheets],
        "layers": {name: told(layer) for name, layer in project.mapLayers().items()},
    }
    sys.stdout.write(json.dumps(facts))


main()
