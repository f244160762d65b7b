"""Files of Stata and SPSS: labels of variables and values, missing as missing, names cut apart."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from pipelines.core.errors import InputError
from pipelines.serve import export, labelled
from pipelines.serve.store import Store

pyreadstat = pytest.importorskip("pyreadstat", reason="no pyreadstat: pip install pyreadstat")


@pytest.mark.parametrize("suffix", ["dta", "sav"])
def test_regions_with_labels_read_back(store: Store, tmp_path: Path, suffix: str) -> None:
    target = tmp_path / f"regions.{suffix}"
    data = export.read_mart(store, "regions", level=3)
    assert export.export_file(store, "regions", target, data) == 1514
    read = pyreadstat.read_dta if suffix == "dta" else pyreadstat.read_sav
    frame, meta = read(str(target), apply_value_formats=False)
    frame = frame.set_index("nuts_id")
    assert len(frame) == 1514
    assert "geometry" not in frame
    # The dictionary's words stand in sql/fields.toml; the order is that of its closed list.
    assert meta.column_names_to_labels["change_pct"].endswith("[%]")
    assert meta.variable_value_labels["trend"] == {1: "growing", 2: "stable", 3: "shrinking"}
    assert meta.variable_value_labels["population_has_break"] == {0: "no", 1: "yes"}
    assert frame.loc["DE733", "trend"] == 3
    assert frame.loc["DE733", "population_end"] == 116727
    assert frame.loc["DE733", "change_pct"] == pytest.approx(-3.29, abs=0.005)
    assert pd.isna(frame.loc["UKJ21", "population_end"])
    assert pd.isna(frame.loc["UKJ21", "trend"])
    assert frame.loc["EL303", "country"] == "EL"
    named, _ = read(str(target), apply_value_formats=True)
    counts = named["trend"].value_counts().to_dict()
    expected = store.rows(
        "select trend, count(*) as n from marts.regions where level = 3 and trend is not null "
        "group by 1"
    )
    assert counts == {row["trend"]: row["n"] for row in expected}
    companion = (tmp_path / "regions.readme.txt").read_text("utf-8")
    assert "EuroGeographics" in companion
    if suffix == "sav":
        assert "EuroGeographics" in " ".join(meta.notes)
        assert max(len(note.encode()) for note in meta.notes) <= 80
        assert meta.variable_measure["trend"] == "nominal"
        assert meta.variable_measure["change_pct"] == "scale"


def test_names_are_cut_so_that_they_differ() -> None:
    names = ["share_of_people_beyond_sixty_minutes_car", "share_of_people_beyond_sixty_minutes_bus"]
    short = labelled.short_names([*names, "share_of_people_beyond_sixty_m_1", "Level", "level"])
    assert short == [
        "share_of_people_beyond_sixty_m_2",
        "share_of_people_beyond_sixty_m_3",
        "share_of_people_beyond_sixty_m_1",
        "Level_1",
        "level_2",
    ]
    assert max(map(len, short)) == 32
    assert labelled.short_names(["2nd place", "ok"]) == ["_2nd_place", "ok"]


def test_every_mart_fits_spss(store: Store, tmp_path: Path) -> None:
    for table in ("sources", "case_studies", "region_demography"):
        rows = export.export_file(store, table, tmp_path / f"{table}.sav")
        frame, _ = pyreadstat.read_sav(str(tmp_path / f"{table}.sav"))
        assert len(frame) == rows, table


def test_a_text_too_long_for_stata_is_named(store: Store, tmp_path: Path) -> None:
    data = pa.table({"id": ["a"], "story": ["ä" * 1023]})
    with pytest.raises(InputError, match=r"column 'story' has a text of 2,046 bytes.*2,045"):
        labelled.write(store, "regions", data, tmp_path / "x.dta", {"title": "x"})
    data = pa.table({"id": ["a"], "story": ["ä" * 1022]})
    labelled.write(store, "regions", data, tmp_path / "x.dta", {"title": "x"})
    frame, _ = pyreadstat.read_dta(str(tmp_path / "x.dta"))
    assert frame["story"].tolist() == ["ä" * 1022]


def test_a_value_that_the_list_lacks_is_kept(store: Store, tmp_path: Path) -> None:
    data = pa.table({"nuts_id": ["a", "b", "c"], "trend": ["growing", "strange", None]})
    labelled.write(store, "regions", data, tmp_path / "x.sav", {"title": "x"})
    frame, meta = pyreadstat.read_sav(str(tmp_path / "x.sav"), apply_value_formats=False)
    assert meta.variable_value_labels["trend"][4] == "strange"
    assert frame["trend"].iloc[:2].tolist() == [1, 4]
    assert pd.isna(frame["trend"].iloc[2])


def test_without_the_package_it_says_how_to_get_it(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyreadstat", None)
    with pytest.raises(InputError, match=r"pip install 'hinterland\[labels\]'"):
        export.export_file(store, "services", tmp_path / "x.dta")
    assert not list(tmp_path.iterdir())
