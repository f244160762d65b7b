"""Own files that ``hinterland check`` tells apart: facilities, or places."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest

from pipelines.core.errors import InputError
from pipelines.runner.checking import check_file

#: Two settlements of Luxembourg, as ``settlements`` returns them.
SETTLEMENTS = pa.table(
    {
        "geonameid": [2960316, 2960596],
        "name": ["Luxembourg", "Esch-sur-Alzette"],
        "country": ["LU", "LU"],
        "lon": [6.13, 5.98],
        "lat": [49.61, 49.5],
    }
)
POINT = {"type": "Point", "coordinates": [6.13, 49.61]}


def collection(properties: dict[str, object]) -> str:
    feature = {"type": "Feature", "geometry": POINT, "properties": properties}
    return json.dumps({"type": "FeatureCollection", "features": [feature]})


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("clinics.csv", "id,lon,lat\na,6.13,49.61\nb,6,49.5\n", "2 facilities of your own"),
        ("clinics.csv", "Name;lat;lon\nKlinik;49,61;6,13\n", "read as decimal points"),
        ("clinics.csv", "id,lon,lat\na,49.61,6.13\n", "were swapped in all 1 rows"),
        ("clinics.csv", "id,lon,lat\na,6,49.5\nb,-40,45\n", "set aside, near no settlement: b"),
        ("clinics.geojson", collection({"id": "a"}), "1 facility of your own, sound."),
    ],
)
def test_facilities_are_read_as_reach_reads_them(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    assert said in check_file(path, SETTLEMENTS)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("clinics.csv", "id,lon,lat\na,6.13,x\n", "clinics.csv, row 2: lat is 'x'"),
        ("clinics.csv", "id,lon,lat,capacity\na,6,49.5,\nb,6,49.6,3\n", "row 2: capacity is empty"),
        ("clinics.csv", "id,name\na,b\n", "no column 'lon'"),
        ("cafes.csv", "id,type,lon,lat\na,cafe_pub,6,49.5\n", "field kind: column is missing"),
        ("cafes.geojson", collection({"id": "a", "kind": "place"}), "field type"),
        ("none.csv", None, "file is missing"),
    ],
)
def test_what_is_wrong_is_said_in_the_words_of_its_reader(
    tmp_path: Path, name: str, text: str | None, said: str
) -> None:
    path = tmp_path / name
    if text is not None:
        path.write_text(text, "utf-8")
    with pytest.raises(InputError) as caught:
        check_file(path, SETTLEMENTS)
    assert said in str(caught.value)
