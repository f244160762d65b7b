"""Metadata for data portals and search engines, against what their profiles make mandatory."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from pipelines.serve import dcat, export
from pipelines.serve.store import Store
from tests.serve.test_api import ask

#: Mandatory properties by class: DCAT-AP 3.0.0, SHACL shapes (SEMICeu/DCAT-AP,
#: releases/3.0.0/html/shacl/shapes.ttl), ``sh:minCount 1``.
MANDATORY = {
    "dcat:Catalog": {"dct:title", "dct:description", "dct:publisher"},
    "dcat:Dataset": {"dct:title", "dct:description"},
    "dcat:Distribution": {"dcat:accessURL"},
    "dcat:DataService": {"dct:title", "dcat:endpointURL"},
    "foaf:Agent": {"foaf:name"},
}
#: At most once, ``sh:maxCount 1``, of those that are written.
ONCE = {
    "dct:publisher",
    "dct:modified",
    "dct:accessRights",
    "dct:accrualPeriodicity",
    "dct:rights",
    "dcat:mediaType",
}


def nodes(value: Any) -> list[dict[str, Any]]:
    """Return every object of a class within a document."""
    if isinstance(value, list):
        return [node for item in value for node in nodes(item)]
    if not isinstance(value, dict):
        return []
    inner = [node for item in value.values() for node in nodes(item)]
    return [value, *inner] if "@type" in value and "@value" not in value else inner


@pytest.fixture(scope="module")
def portal(store: Store) -> dict[str, Any]:
    """Return the catalogue as it is served."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HINTERLAND_HOME", str(store.folder.parent))
        answer = ask("/catalogue.jsonld")
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/ld+json"
    found: dict[str, Any] = answer.content
    return found


def test_the_catalogue_has_what_the_profile_wants(portal: dict[str, Any]) -> None:
    known = nodes(portal)
    assert set(MANDATORY) <= {node["@type"] for node in known}
    for node in known:
        assert MANDATORY.get(node["@type"], set()) <= set(node), node["@type"]
        for name in ONCE & set(node):
            assert not isinstance(node[name], list), (node["@type"], name)
    prefixes = {
        name.partition(":")[0] for node in known for name in (*node, node["@type"]) if ":" in name
    }
    assert prefixes <= set(portal["@context"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]+\+00:00", portal["dct:modified"]["@value"])


def test_a_licence_stands_where_all_sources_share_one(store: Store, portal: dict[str, Any]) -> None:
    rows = store.rows(
        "select table_name, list(distinct licence_url) as urls from marts.indicators as columns "
        "inner join marts.sources as sources "
        "on list_contains(string_split(columns.sources, ', '), sources.name) "
        "where licence_url like 'http%' group by all"
    )
    urls = {row["table_name"]: row["urls"] for row in rows}
    assert {1} < {len(one) for one in urls.values()}
    for dataset in portal["dcat:dataset"]:
        known = urls.get(dataset["@id"].removeprefix("#"), [])
        for one in dataset["dcat:distribution"]:
            told = one.get("dct:license")
            assert told == ({"@id": known[0]} if len(known) == 1 else None), dataset["@id"]


def test_every_table_is_a_dataset_with_its_addresses(store: Store, portal: dict[str, Any]) -> None:
    datasets = {item["@id"].removeprefix("#"): item for item in portal["dcat:dataset"]}
    assert list(datasets) == export.mart_names(store)
    forms = {d["dcat:downloadURL"]["@id"] for d in datasets["regions"]["dcat:distribution"]}
    assert forms == {f"/api/regions.{form}" for form in ("csv", "parquet", "json", "geojson")}
    assert len(datasets["sources"]["dcat:distribution"]) == 3
    assert "© EuroGeographics" in datasets["regions"]["dct:provenance"]["rdfs:label"]["@value"]
    origins = {item["@id"] for item in datasets["regions"]["prov:wasDerivedFrom"]}
    assert all(address.startswith("https://") for address in origins)
    ids = [node["@id"] for node in nodes(portal) if node["@type"] != "foaf:Agent" and "@id" in node]
    assert len(set(ids)) == len(ids)


@pytest.mark.usefixtures("home")
def test_a_table_has_a_page_with_a_dataset_of_schema_org() -> None:
    answer = ask("/regions")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    text = answer.body.decode()
    head = text.partition("</head>")[0]
    (told,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', head)
    facts = json.loads(told)
    # Google's guide to Dataset wants name and description of 50 to 5000 letters.
    assert facts["@type"] == "Dataset"
    assert facts["name"] == "Hinterland: regions"
    assert 50 <= len(facts["description"]) <= 5000
    assert {d["contentUrl"] for d in facts["distribution"]} >= {"/api/regions.csv"}
    measured = {v["name"]: v for v in facts["variableMeasured"]}
    assert measured["change_pct"]["unitText"] == "%"
    assert "geometry" not in measured
    assert ".metadata.json" in text
    # No program in it, and nothing of other servers.
    assert len(re.findall("<script", text)) == 1
    assert not re.search(r"""(?:src|href)=["']?https?:""", text)
    assert ask("/nowhere").status == 404


def test_a_text_cannot_end_its_script() -> None:
    content = {"name": "</script><script>alert(1)</script> & more"}
    told = dcat.script(content)
    assert "<" not in told
    assert json.loads(told) == content


def test_a_source_that_was_not_fetched_is_no_origin(store: Store) -> None:
    """The embedded database holds nothing of OpenStreetMap, whose terms would bind its reuse."""
    document = dcat.catalogue(store, {"regions": ["regions.csv"]}, "")
    origins = {item["@id"] for item in document["dcat:dataset"][0]["prov:wasDerivedFrom"]}
    told = dcat.schema_org(store, "regions", "https://example.org")
    for addresses in (origins, set(told["isBasedOn"])):
        assert "https://www.geonames.org/" in addresses
        assert not {a for a in addresses if "openstreetmap" in a or "demo_r_pjangrp3" in a}
    absent = store.column("select licence_url from marts.sources where name like 'openstreetmap%'")
    assert not {*absent} & {*told["license"]}
