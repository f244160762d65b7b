"""GeoPackages that open styled: one mart, or all that have a place, with a project of QGIS."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.core.errors import InputError
from pipelines.io.atomic import writing
from pipelines.serve import dictionary, qgis
from pipelines.serve.export_notes import Joined, meaning, notes, notes_of
from pipelines.serve.map_layers import MapLayer, layers, layers_of
from pipelines.serve.store import Store
from pipelines.serve.writers import append_gpkg

#: Typologies of the years that a row states.
_YEARLY = {
    "trend",
    "shrinking_class",
    "webb_type",
    "cause_class",
    "crossing_desert",
    "crossing_remote",
}


def tables(store: Store) -> list[str]:
    """Return the marts that have typologies to draw, in a project's order."""
    return list(dict.fromkeys(layer.table for layer in layers(store)))


def write_project(store: Store, data: Mapping[str, pa.Table], target: Path) -> int:
    """Write marts into one GeoPackage with styles and a project, and the project beside it.

    Parameters
    ----------
    store : Store
    data : mapping of str to Table
        Rows by their mart.
    target : Path
        A ``.gpkg`` file; the project gets the same name with ``.qgz``.

    Returns
    -------
    int
        Layers of the project.

    Raises
    ------
    InputError
        The ending is another one.
    TargetUnwritable
        A file cannot be written.
    """
    if target.suffix.lower() != ".gpkg":
        raise InputError(f"{target.name}: the ending is '{target.suffix}', allowed is .gpkg")
    with writing(target) as draft:
        for number, (table, rows) in enumerate(data.items()):
            append_gpkg(rows, draft, table, notes(store, table), is_new=number == 0)
        drawn, text = furnish(store, draft, data)
        with writing(target.with_suffix(".qgz")) as beside:
            beside.write_bytes(qgis.packed(text))
    return len(drawn)


def furnish(
    store: Store, file: Path, data: Mapping[str, pa.Table], joined: Joined = ()
) -> tuple[list[qgis.Drawn], str]:
    """Put what columns mean, styles and a project into a GeoPackage.

    Styles and project are left out where no typology is in it.

    Parameters
    ----------
    store : Store
    file : Path
        The GeoPackage, by the name that it will have.
    data : mapping of str to Table
        What its layers hold.
    joined : sequence of (str, str)
        Mart and name of columns of other marts among them.

    Returns
    -------
    list of Drawn, and str
        The layers, and the text of the project.
    """
    told = {t: meaning(store, t, rows.schema.names, joined) for t, rows in data.items()}
    qgis.describe(file, told)
    drawn = [
        qgis.Drawn(layer, file.name, _credit(store, layer, rows), qgis.aliases(told[table]))
        for table, rows in data.items()
        for layer in layers_of(store, table, rows)
    ]
    if not drawn:
        return [], ""
    text = qgis.project(
        drawn, "Hinterland: Europe's regions and towns", _borders(file.name, data), _outlines(store)
    )
    qgis.furnish(file, drawn, text, store.pointer.built_at)
    return drawn, text


def _borders(file: str, data: Mapping[str, pa.Table]) -> str:
    """Return where the outlines of countries are read; empty where no table has them."""
    for table, rows in data.items():
        if {"level", "geometry"} <= set(rows.schema.names) and _has_countries(rows):
            terms = ['"level" = 0']
            if "nuts_version" in rows.schema.names:
                terms.append(f'"nuts_version" = {pc.min(rows["nuts_version"]).as_py()}')
            return qgis.source(file, table, " AND ".join(terms))
    return ""


def _outlines(store: Store) -> qgis.Credit:
    """Return the credit of outlines alone."""
    sources = dictionary.field(store, "regions", "geometry").sources
    facts = notes_of(store, "outlines", sources, "")
    made = f"{facts['program']}, database {facts['database'][:60]}"
    return qgis.Credit(attribution=facts["attribution"], licence=facts["licence"], made=made)


def _has_countries(rows: pa.Table) -> bool:
    return bool(pc.any(pc.equal(rows["level"], 0)).as_py())


def _credit(store: Store, layer: MapLayer, rows: pa.Table) -> qgis.Credit:
    facts = notes_of(store, layer.title, layer.sources, "")
    return qgis.Credit(
        attribution=facts["attribution"],
        licence=facts["licence"],
        made=f"{facts['program']}, database {facts['database'][:60]}",
        years=_years(layer, rows),
    )


def _years(layer: MapLayer, rows: pa.Table) -> str:
    """Return what the rows are of: years where they state some, and the regions' vintage."""
    names = set(rows.schema.names)
    parts = []
    if layer.key in _YEARLY and {"year_start", "year_end"} <= names:
        first, last = (pc.min_max(rows[n]) for n in ("year_start", "year_end"))
        if first["min"].is_valid and last["max"].is_valid:
            parts.append(f"{first['min']} to {last['max']}")
    if "nuts_version" in names and rows.num_rows and not layer.is_points:
        parts.append(f"regions of NUTS {pc.min(rows['nuts_version'])}")
    return ", ".join(parts)
