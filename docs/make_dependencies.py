"""Write ``docs/dependencies.md``: why each package is there, what was turned down, its weight.

Licences, what a package brings and its megabytes come from what is installed; reasons stand here.
"""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "dependencies.md"
CODE = ("pipelines", "pages", "hinterland", "geodata")
#: Names under which packages are imported, where they differ.
IMPORTED = {
    "duckdb-extensions": "duckdb_extensions",
    "duckdb-extension-spatial": "duckdb_extension_spatial",
    "pillow": "PIL",
    "python-docx": "docx",
    "osrm-bindings": "osrm",
}
#: Licences that a package states in its own words or not at all in its metadata.
STATED = {
    "eurostat": "MIT",
    "osmium": "BSD-2-Clause",
    "osrm-bindings": "BSD-2-Clause",
    "pyspark": "Apache-2.0",
    "pyreadstat": "Apache-2.0",
    "sqlglot": "MIT",
}
#: Why it is needed, and what was turned down for it or would stand in its place.
WHY: dict[str, tuple[str, str]] = {
    "babel": ("numbers, dates and plurals in nine languages", "tables of our own"),
    "duckdb": ("the pipeline and every query", "PostGIS: a server to run; SQLite: no columns"),
    "duckdb-extensions": ("finds the extension below without the network", "INSTALL at run time"),
    "duckdb-extension-spatial": (
        "geometry in SQL and reading of .osm.pbf, at DuckDB's own version",
        "a download by DuckDB at the first build",
    ),
    "eurostat": (
        "addresses and table of contents of Eurostat",
        "addresses of our own (decision 24)",
    ),
    "geopandas": ("GeoPackage and frames of the Python API", "pyogrio alone: no frames for users"),
    "h11": ("HTTP of the front of several processes; uvicorn brings it", "a proxy as a program"),
    "mapclassify": (
        "class breaks by quantiles and equal steps",
        "a few lines of numpy; it brings scikit-learn and networkx, and is the first to go",
    ),
    "numpy": ("arrays of network, reach and geometry", "nothing: all below rests on it"),
    "openpyxl": ("reads the LAU workbook of Eurostat", "calamine: reads no merged heads by name"),
    "pandas": (
        "frames that Streamlit and the API show",
        "polars: a second frame beside Streamlit's",
    ),
    "pillow": ("PNG of the paper maps; Streamlit brings it", "cairo from the system"),
    "platformdirs": ("where a wheel may keep its data", "a path by hand for three systems"),
    "pyarrow": ("tables between DuckDB, Parquet and pages", "nothing: Streamlit needs it, too"),
    "pydeck": (
        "maps of 80 000 points in the browser",
        "Leaflet: wants a server of tiles",
    ),
    "pyogrio": ("GDAL for GeoPackage, in a wheel", "fiona: slower; GDAL of the system"),
    "pyproj": ("EPSG:3035 and 4326", "formulas by hand (kept for the map's one projection)"),
    "python-docx": (
        "the brief as a document that is edited",
        "HTML that Word opens in its own way",
    ),
    "reportlab": ("sheets and atlases as PDF", "a browser, or Pango and Cairo (decision 75)"),
    "requests": ("downloads with certificates and ranges", "pooch: no resuming; urllib by hand"),
    "rich": ("progress and tables in the terminal; typer brings it", "bars by hand"),
    "scipy": ("shortest ways, nearest neighbours, sparse matrices", "pandana, networkx: slower"),
    "shapely": ("geometry in Python: validity, points within", "SQL alone: no prepared geometry"),
    "streamlit": ("the dashboard", "Dash: callbacks by hand; a page of our own in JavaScript"),
    "starlette": ("routes and headers beside Streamlit's, in its server", "a proxy before it"),
    "uvicorn": ("the server, with a socket that holds no small answer back", "streamlit run"),
    "typer": ("the commands", "argparse: help and types by hand"),
    "xlsxwriter": ("writes workbooks row by row", "openpyxl: holds the whole book"),
    "osmium": ("extra roads: filters extracts", "the osmium command from the system"),
    "pyspark": ("extra spark: cells beyond one machine", "Dask, Ray (decision 80)"),
    "sqlglot": ("extra spark: models in another dialect", "models written twice"),
    "pyreadstat": ("extra labels: files of Stata and SPSS", "pandas: no SPSS (decision 82)"),
    "osrm-bindings": (
        "extra roads: the routing engine",
        "a server of its own to run",
    ),
}
HEAD = """# Dependencies

Each package that `pyproject.toml` names for a run: why it is there, what would stand in its
place, its licence, and the megabytes on disk of itself + of what it alone brings. `python
docs/make_dependencies.py` writes this page from what is installed; a test holds that no package
is missing. All versions and hashes are pinned in `requirements.lock`.

`make audit` compares the lock with the advisories of the package index and of OSV by pip-audit:
exit code 0 when every pin was compared and none has an advisory, 1 when some have, 2 when they
could not be compared, in whole or in part. Whether a service knows advisories at all is tried
with a version that has some. Where this page was written neither could be reached, so **no pin
was compared**.

"""


def direct() -> list[str]:
    """Return the packages that the project names, in its order."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    stated = list(project["dependencies"])
    for names in project["optional-dependencies"].values():
        stated += names
    return [_name(text) for text in stated]


def _name(requirement: str) -> str:
    return re.split(r"[\s<>=~!;\[(]", requirement)[0].lower().replace("_", "-")


def reached(name: str, skip: str = "") -> set[str]:
    """Return a package and all that it needs here, but for one and what it alone needs."""
    waiting, seen = [name], set()
    while waiting:
        one = waiting.pop()
        if one in seen or one == skip:
            continue
        try:
            needs = metadata.requires(one) or []
        except metadata.PackageNotFoundError:
            continue
        seen.add(one)
        waiting += [_name(text) for text in needs if "extra ==" not in text]
    return seen


def megabytes(names: set[str]) -> float:
    """Return the size of the files of packages as installed."""
    files = [file for name in names for file in metadata.files(name) or []]
    return sum(file.size or 0 for file in files) / 1e6


def size(name: str, others: list[str]) -> str:
    """Return the size of a package, and of what no other one needs."""
    if not reached(name):
        return "not installed here"
    shared = {one for other in others if other != name for one in reached(other, skip=name)}
    alone = reached(name) - shared - {name}
    own, brought = megabytes({name}), megabytes(alone)
    return f"{own:.1f} MB" + (f" + {brought:.1f}" if brought >= 0.05 else "")


def licence(name: str) -> str:
    """Return the licence that the metadata state."""
    if name in STATED:
        return STATED[name]
    facts = metadata.metadata(name)
    if stated := facts.get("License-Expression"):
        return stated
    classified = [c for c in facts.get_all("Classifier") or [] if c.startswith("License ::")]
    if classified:
        return classified[0].rpartition(":: ")[2]
    return (facts.get("License") or "not stated").splitlines()[0][:40]


def users(name: str) -> str:
    """Return how many files import a package."""
    module = IMPORTED.get(name, name)
    pattern = re.compile(rf"^\s*(import|from) {module}\b", re.M)
    files = [
        p for folder in CODE for p in (ROOT / folder).rglob("*.py") if "_bundle" not in p.parts
    ]
    number = sum(bool(pattern.search(path.read_text("utf-8"))) for path in files)
    return f"{number} files" if number != 1 else "1 file"


def page() -> str:
    """Return the page."""
    names = direct()
    lines = [
        "| package | imported in | why | instead | licence | size |",
        "|---|---|---|---|---|---|",
    ]
    for name in names:
        why, instead = WHY[name]
        cells = (f"`{name}`", users(name), why, instead, licence(name), size(name, names))
        lines.append("| " + " | ".join(cells) + " |")
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    pins = len(re.findall(r"^\S+==", lock, re.M))
    hashes = lock.count("--hash=sha256:")
    foot = (
        f"\nThe lock has {pins} packages, those of the tests among them, and {hashes:,} hashes.\n"
    )
    return HEAD + "\n".join(lines) + "\n" + foot


if __name__ == "__main__":
    TARGET.write_text(page(), "utf-8")
