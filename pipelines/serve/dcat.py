"""Metadata of the tables for data portals (DCAT-AP 3) and for search engines (schema.org).

DCAT-AP 3.0.0 (SEMIC, 14 June 2024, https://semiceu.github.io/DCAT-AP/releases/3.0.0/) wants of a
catalogue a title, a description and a publisher, of a dataset a title and a description, of a
distribution an access address, of a data service a title and an endpoint, of an agent a name.
Written as JSON-LD 1.1 with its context within, so that nothing is fetched to read it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pipelines import __version__
from pipelines.serve.describe import Column
from pipelines.serve.describe import columns as described
from pipelines.serve.export_notes import notes
from pipelines.serve.store import Store

TITLE = "Hinterland: Europe's regions and towns"
DESCRIPTION = (
    "Which regions of Europe shrink and why, how remote a place is, who can reach which service, "
    "and what kind of small town it is: tables of regions and settlements, made from open data."
)
PUBLISHER = "The Hinterland authors"
KEYWORDS = ("NUTS", "demography", "shrinking regions", "accessibility", "small towns", "remoteness")
MEDIA = {
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "json": "application/json",
    "geojson": "application/geo+json",
    "gpkg": "application/geopackage+sqlite3",
}
_AUTHORITY = "http://publications.europa.eu/resource/authority/"
_THEMES = ("REGI", "SOCI")
#: The forms that the authority's list of file types is known to have.
_FILE_TYPES = {"csv": "CSV", "json": "JSON", "geojson": "GEOJSON"}
_CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "prov": "http://www.w3.org/ns/prov#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def forms(columns: Sequence[Column]) -> list[str]:
    """Return the forms that a table has at its addresses."""
    names = {c.column_name for c in columns}
    is_drawn = "geometry" in names or {"lon", "lat"} <= names
    return ["csv", "parquet", "json", *(["geojson"] if is_drawn else [])]


def catalogue(store: Store, files: Mapping[str, Sequence[str]], endpoint: str) -> dict[str, Any]:
    """Return the catalogue of tables as DCAT-AP 3 in JSON-LD.

    Parameters
    ----------
    store : Store
    files : mapping of str to sequence of str
        Addresses of each table's files, absolute or relative to the document's own; what the
        last dot parts is the form.
    endpoint : str
        Address of the service that answers with rows; empty where the files lie in a folder.
    """
    datasets = [_dataset(store, table, addresses) for table, addresses in files.items()]
    for table, item in zip(files, datasets, strict=True):
        if endpoint:
            item["dcat:landingPage"] = {"@id": f"{endpoint}/{table}"}
    told: dict[str, Any] = {
        "@context": _CONTEXT,
        "@id": "#catalogue",
        "@type": "dcat:Catalog",
        "dct:title": _text(TITLE),
        "dct:description": _text(DESCRIPTION),
        "dct:publisher": _publisher(),
        "dct:language": {"@id": f"{_AUTHORITY}language/ENG"},
        "dct:modified": _moment(store),
        "dcat:themeTaxonomy": {"@id": f"{_AUTHORITY}data-theme"},
        "dcat:dataset": datasets,
    }
    if endpoint:
        told["dcat:service"] = {
            "@id": "#service",
            "@type": "dcat:DataService",
            "dct:title": _text("Tables at stable addresses"),
            "dcat:endpointURL": {"@id": endpoint},
            "dcat:endpointDescription": {"@id": f"{endpoint}/openapi.json"},
            "dcat:servesDataset": [{"@id": item["@id"]} for item in datasets],
        }
    return told


def _dataset(store: Store, table: str, addresses: Sequence[str]) -> dict[str, Any]:
    facts, licences = notes(store, table), _licences(store, table)
    return {
        "@id": f"#{table}",
        "@type": "dcat:Dataset",
        "dct:title": _text(title(table)),
        "dct:description": _text(description(store, table)),
        "dct:identifier": f"{table}@{store.pointer.hash}",
        "dct:publisher": _publisher(),
        "dct:modified": _moment(store),
        "dct:language": {"@id": f"{_AUTHORITY}language/ENG"},
        "dct:accrualPeriodicity": {"@id": f"{_AUTHORITY}frequency/IRREG"},
        "dct:accessRights": {"@id": f"{_AUTHORITY}access-right/PUBLIC"},
        "dct:spatial": {"@id": f"{_AUTHORITY}continent/EUROPE"},
        "dct:provenance": {
            "@type": "dct:ProvenanceStatement",
            "rdfs:label": _text(f"{facts['attribution']}. {facts['changes']}"),
        },
        "dcat:version": store.pointer.hash,
        "dcat:keyword": [_text(word) for word in KEYWORDS],
        "dcat:theme": [{"@id": f"{_AUTHORITY}data-theme/{code}"} for code in _THEMES],
        "prov:wasDerivedFrom": [{"@id": url} for url in _origins(store, table)],
        "dcat:distribution": [
            _distribution(table, a, facts["licence"], licences) for a in addresses
        ],
    }


def _distribution(
    table: str, address: str, licence: str, licences: Sequence[str]
) -> dict[str, Any]:
    form = address.rpartition(".")[2]
    known: dict[str, Any] = {
        "@id": f"#{table}-{form}",
        "@type": "dcat:Distribution",
        "dct:title": _text(f"{title(table)} ({form})"),
        "dcat:accessURL": {"@id": address},
        "dcat:downloadURL": {"@id": address},
        "dcat:mediaType": {"@id": f"http://www.iana.org/assignments/media-types/{MEDIA[form]}"},
        # Several licences hold at once: a row rests on several sources.
        "dct:rights": {"@type": "dct:RightsStatement", "rdfs:label": _text(licence)},
    }
    # The profile allows one licence: given where all sources share it, by its address.
    if len(licences) == 1:
        known["dct:license"] = {"@id": licences[0]}
    if form in _FILE_TYPES:
        known["dct:format"] = {"@id": f"{_AUTHORITY}file-type/{_FILE_TYPES[form]}"}
    return known


def schema_org(store: Store, table: str, root: str) -> dict[str, Any]:
    """Return a table as a ``Dataset`` of schema.org.

    Parameters
    ----------
    store : Store
    table : str
        A mart.
    root : str
        Path of the addresses, like ``/api``.
    """
    columns = described(store, table)
    facts = notes(store, table)
    return {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": title(table),
        "description": description(store, table),
        "identifier": f"{table}@{store.pointer.hash}",
        "url": f"{root}/{table}",
        "version": store.pointer.hash,
        "dateModified": store.pointer.built_at,
        "creator": {"@type": "Organization", "name": PUBLISHER},
        "keywords": list(KEYWORDS),
        "inLanguage": "en",
        "isAccessibleForFree": True,
        "spatialCoverage": "Europe",
        "license": _licences(store, table),
        "creditText": facts["attribution"],
        "isBasedOn": _origins(store, table),
        "includedInDataCatalog": {"@type": "DataCatalog", "name": TITLE, "url": root},
        "variableMeasured": [
            {
                "@type": "PropertyValue",
                "name": c.column_name,
                "alternateName": c.label,
                "description": c.definition,
                **({"unitText": c.unit} if c.unit else {}),
            }
            for c in columns
            if c.data_type != "BLOB"
        ],
        "distribution": [
            {
                "@type": "DataDownload",
                "encodingFormat": MEDIA[form],
                "contentUrl": f"{root}/{table}.{form}",
            }
            for form in forms(columns)
        ],
    }


def schema_org_of_all(root: str) -> dict[str, Any]:
    """Return all tables as one ``Dataset`` of schema.org, which follows from no database.

    Parameters
    ----------
    root : str
        Address of the tables, absolute or relative to the page's own.
    """
    return {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": TITLE,
        "description": DESCRIPTION,
        "version": __version__,
        "creator": {"@type": "Organization", "name": PUBLISHER},
        "keywords": list(KEYWORDS),
        "inLanguage": "en",
        "isAccessibleForFree": True,
        "spatialCoverage": "Europe",
        "includedInDataCatalog": {"@type": "DataCatalog", "name": TITLE, "url": root},
    }


def title(table: str) -> str:
    """Return the title of a table."""
    return f"Hinterland: {table.replace('_', ' ')}"


def description(store: Store, table: str) -> str:
    """Return what a table holds in a sentence or two: its labels are its best description."""
    columns = [c for c in described(store, table) if c.data_type != "BLOB"]
    rows = store.pointer.rows.get(f"marts.{table}")
    count = f"{rows:,} rows" if rows is not None else "Rows"
    labels = ", ".join(dict.fromkeys(c.label or c.column_name for c in columns[:40]))
    more = f" and {len(columns) - 40} more" if len(columns) > 40 else ""
    return (
        f"{count} of the table {table} of Hinterland {__version__}, an open data pipeline for "
        f"Europe's regions and towns. Columns: {labels}{more}."
    )


def script(content: Mapping[str, Any]) -> str:
    """Return JSON-LD as it stands within HTML: nothing in it can end its element."""
    text = json.dumps(content, ensure_ascii=False)
    for letter in "<>&":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text


def _text(text: str) -> dict[str, str]:
    return {"@value": text, "@language": "en"}


def _publisher() -> dict[str, Any]:
    return {"@id": "#publisher", "@type": "foaf:Agent", "foaf:name": _text(PUBLISHER)}


def _moment(store: Store) -> dict[str, str]:
    return {"@value": store.pointer.built_at, "@type": "xsd:dateTime"}


def _origins(store: Store, table: str) -> list[str]:
    """Return the publishers' addresses of a table's sources."""
    return _of_sources(store, table, "url")


def _licences(store: Store, table: str) -> list[str]:
    return _of_sources(store, table, "licence_url")


def _of_sources(store: Store, table: str, column: str) -> list[str]:
    names = {name for c in described(store, table) for name in c.sources.split(", ")}
    # What was not fetched is in no row: neither its address nor its terms hold.
    rows = store.rows(
        "select name, url, licence_url from marts.sources "
        "where is_present or kind != 'fetched' order by name"
    )
    values = (row[column] for row in rows if row["name"] in names)
    return list(dict.fromkeys(v for v in values if v and v.startswith("http")))
