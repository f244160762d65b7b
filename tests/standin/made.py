"""Three files that the publishers serve and ../shared/data does not hold, made from real facts.

The workbook is written from the real Parquet extract. The education file has a dozen
public institutions at their towns, in the columns of GISCO's list, without contact data.
The roads are those of the Parquet extract, written as a shapefile by GDAL.
"""

from __future__ import annotations

import csv
import io
import tempfile
import zipfile
from functools import cache
from pathlib import Path

import geopandas
import openpyxl
import pyarrow.parquet as pq

#: Countries whose area stands in square kilometres in the real list.
KM2 = ("DE", "DK", "FI")
LAU_HEADERS = {
    "NUTS 3 CODE": "code_2016",
    "LAU CODE": "lau_code",
    "LAU NAME NATIONAL": "lau_name_national",
    "LAU NAME LATIN": "lau_name_latin",
    "CHANGE (Y/N)": None,
    "POPULATION": "population",
    "TOTAL AREA (m2)": "total_area_m2",
    "DEGURBA": "degurba",
    "DEG change compared to last year": None,
    "COASTAL AREA (yes/no)": "coastal_area",
    "COAST change compared to last year": None,
    "CITY_ID": "city_id",
    "CITY_ID change compared to last year": None,
    "CITY_NAME": "city_name",
    "GREATER_CITY_ID": "greater_city_id",
    "GREATER_CITY_ID change compared to last year": None,
    "GREATER_CITY_NAME": "greater_city_name",
    "FUA_ID": "fua_id",
    "FUA_ID change compared to last year": None,
    "FUA_NAME": "fua_name",
}


@cache
def roads_shapefile(extract: Path) -> bytes:
    """Write the roads as the publisher does: a zip of .shp, .shx, .dbf, .prj and .cpg."""
    table = pq.read_table(extract, columns=["type", "geometry"]).to_pandas()
    roads = geopandas.GeoDataFrame(
        table[["type"]], geometry=geopandas.GeoSeries.from_wkb(table["geometry"]), crs="EPSG:4326"
    )
    with tempfile.TemporaryDirectory() as folder:
        roads.to_file(Path(folder) / "ne_10m_roads.shp", engine="pyogrio")
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(Path(folder).iterdir()):
                archive.write(path, path.name)
    return out.getvalue()


@cache
def lau_workbook(extract: Path, countries: tuple[str, ...] = ()) -> bytes:
    """Write the Parquet extract as the publisher's workbook; all countries by default."""
    book = openpyxl.Workbook(write_only=True)
    book.create_sheet("Overview").append(["LAU - NUTS 2016, EU-28", "2019"])
    sheets = {}
    for row in pq.read_table(extract).to_pylist():
        country = row["country"]
        if countries and country not in countries:
            continue
        if country not in sheets:
            sheets[country] = book.create_sheet(country)
            unit = "(km2)" if country in KM2 else "(m2)"
            sheets[country].append([name.replace("(m2)", unit) for name in LAU_HEADERS])
        sheets[country].append([row[name] if name else None for name in LAU_HEADERS.values()])
    book.create_sheet("Change log").append(["none"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


EDUCATION_HEADER = (
    "id",
    "name",
    "site_name",
    "lat",
    "lon",
    "street",
    "house_number",
    "postcode",
    "address",
    "city",
    "cntr_id",
    "levels",
    "max_students",
    "enrollment",
    "fields",
    "facility_type",
    "public_private",
    "tel",
    "email",
    "url",
    "ref_date",
    "pub_date",
    "geo_qual",
    "comments",
)
#: id, name, lat, lon, city, cntr_id, levels, max_students, enrollment, type, owner, geo_qual.
#: The places are those of the towns; numbers stand where an oddity of the registers is shown.
EDUCATION_ROWS = (
    (
        "BG_1",
        'Софийски университет "Св. Климент Охридски"',
        42.6934,
        23.3350,
        "София",
        "BG",
        "6-8",
        "",
        "",
        "университет",
        "public",
        1,
    ),
    (
        "BG_2",
        'Детска градина "Слънце"',
        43.2141,
        27.9147,
        "Варна",
        "BG",
        "1",
        r"100\130",
        "",
        "детска градина",
        "public",
        4,
    ),
    (
        "DE_1",
        "Philipps-Universität Marburg",
        50.8091,
        8.7667,
        "Marburg",
        "DE",
        "6-7-8",
        "",
        "",
        "Universität",
        "public",
        1,
    ),
    (
        "DE_2",
        "Universität Kassel",
        51.3231,
        9.5080,
        "Kassel",
        "DE",
        "6-8",
        "",
        "",
        "Universität",
        "public",
        1,
    ),
    (
        "DE_3",
        "Modellschule Obersberg",
        50.8687,
        9.7107,
        "Bad Hersfeld",
        "DE",
        "3",
        "",
        "",
        "Schule",
        "public",
        2,
    ),
    (
        "GR_1",
        "Αριστοτέλειο Πανεπιστήμιο Θεσσαλονίκης",
        40.6300,
        22.9590,
        "Θεσσαλονίκη",
        "GR",
        "6-8",
        "",
        "",
        "",
        "public",
        1,
    ),
    (
        "GR_2",
        "1ο Δημοτικό Σχολείο Σιάτιστας",
        40.2567,
        21.5486,
        "Σιάτιστα",
        "GR",
        "1",
        "",
        "",
        "",
        "public",
        3,
    ),
    ("FR_1", "Lycée Henri-IV", 48.8462, 2.3478, "Paris", "FR", "3-5", "", "", "lycée", "public", 1),
    (
        "FR_2",
        "Université de La Réunion",
        -20.9014,
        55.4838,
        "Saint-Denis",
        "FR",
        "5-8",
        "",
        "",
        "université",
        "public",
        1,
    ),
    (
        "IT_1",
        "Università di Bologna",
        44.4962,
        11.3541,
        "Bologna",
        "IT",
        "6-7-8",
        "",
        "",
        "",
        "public",
        1,
    ),
    (
        "IT_2",
        "Istituto Comprensivo Lipari 1",
        38.4671,
        14.9540,
        "Lipari",
        "IT",
        "1",
        "",
        "",
        "",
        "public",
        2,
    ),
    (
        "PT_1",
        "Universidade de Coimbra",
        40.2073,
        -8.4266,
        "Coimbra",
        "PT",
        "6-8",
        "",
        "",
        "",
        "public",
        1,
    ),
    (
        "PT_2",
        "Escola Secundária Emídio Garcia",
        41.8061,
        -6.7567,
        "Bragança",
        "PT",
        "1-3",
        "",
        "",
        "",
        "public",
        -2,
    ),
)


def education_csv(rows: tuple[tuple, ...] = EDUCATION_ROWS) -> bytes:
    """Write the rows as GISCO's CSV, with byte order mark and a column of the contact fields."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, EDUCATION_HEADER, restval="", lineterminator="\r\n")
    writer.writeheader()
    names = (
        "id",
        "name",
        "lat",
        "lon",
        "city",
        "cntr_id",
        "levels",
        "max_students",
        "enrollment",
        "facility_type",
        "public_private",
        "geo_qual",
    )
    dates = {"ref_date": "01/09/2022", "pub_date": "15/12/2023"}
    writer.writerows(dict(zip(names, row, strict=True)) | dates for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()
