"""The page of tables: an address that keeps, a query, the way of a number."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.app.test_pages import fine
from tests.where import ROOT

pytestmark = pytest.mark.usefixtures("home")


def opened(**choices: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for name, value in choices.items():
        app.query_params[name] = value
    app.run()
    return app.switch_page("pages/tables.py").run()


def test_a_table_is_built_with_its_address_code_and_citation() -> None:
    app = fine(opened(table="regions", where="country=LU&level=0", columns="nuts_id"))
    assert app.dataframe[0].value["nuts_id"].tolist() == ["LU"]
    texts = [c.value for c in app.code]
    assert any("/api/regions.csv?country=LU&level=0&columns=nuts_id" in t for t in texts)
    own = next(t for t in texts if t.startswith("import hinterland"))
    assert "hl.table('regions', country='LU', level=0, columns=['nuts_id'])" in own
    assert any(t.startswith("@misc{hinterland_") for t in texts)


def test_a_wrong_condition_is_said() -> None:
    app = opened(where="contry=LU")
    assert "did you mean country" in app.error[0].value
    assert not app.exception


def test_a_query_of_ones_own() -> None:
    app = fine(opened(part="sql"))
    area = app.text_area(key="sql")
    area.set_value("select nuts_id from marts.regions where level = 0 and country = 'MT'").run()
    assert app.dataframe[0].value["nuts_id"].tolist() == ["MT"]
    area.set_value("select * from read_csv('/etc/passwd')").run()
    assert "not allowed" in app.error[0].value


def test_how_a_number_is_computed() -> None:
    app = fine(opened(part="made", made="marts.regions", of="annual_change_pct"))
    assert "indicators.ind_region__change" in app.dataframe[0].value["table"].tolist()
    assert any("annual_change_pct" in c.value for c in app.code)
