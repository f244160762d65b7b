"""The tutorials run on the embedded data, and what they answer is what can be known apart."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.docs.loaded import program
from tests.where import ROOT

FOLDER = ROOT / "docs/tutorials"
SCRIPTS = sorted(FOLDER.glob("*.py"))


@pytest.fixture(scope="module")
def made() -> ModuleType:
    return program("make_tutorials")


@pytest.fixture(scope="module")
def answers(built_home: Path, made: ModuleType) -> dict[str, Any]:
    """Return what each tutorial that was run so far left: its cells and its names."""
    return {}


def run(name: str, made: ModuleType, answers: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    if name not in answers:
        answers[name] = made.run(FOLDER / f"{name}.py")
    done, names = answers[name]
    return done, names


def texts(notebook: dict[str, Any]) -> list[Any]:
    """Return the cells of a notebook with what they answered in words."""
    return [
        (
            cell["cell_type"],
            "".join(cell["source"]),
            [
                "".join(o["text"] if "text" in o else o["data"]["text/plain"])
                for o in cell.get("outputs", [])
            ],
        )
        for cell in notebook["cells"]
    ]


@pytest.mark.parametrize("name", [path.stem for path in SCRIPTS])
def test_the_tutorial_runs_and_its_notebook_is_what_it_answers(
    name: str, home: Path, made: ModuleType, answers: dict[str, Any]
) -> None:
    done, _ = run(name, made, answers)
    there = json.loads((FOLDER / f"{name}.ipynb").read_text("utf-8"))
    assert texts(json.loads(made.notebook(done))) == texts(there), "run make tutorials"


def test_there_are_three_and_the_index_names_each() -> None:
    index = (FOLDER / "README.md").read_text("utf-8")
    assert [path.stem for path in SCRIPTS] == ["analyst", "planner", "researcher"]
    assert all(f"]({path.stem}.ipynb)" in index for path in SCRIPTS)


def test_a_closed_site_shortens_nobodys_way(
    home: Path, made: ModuleType, answers: dict[str, Any]
) -> None:
    effect = run("planner", made, answers)[1]["effect"].set_index("name")
    assert (effect["longer"] >= -1e-9).all()
    # Who went elsewhere before keeps the way; who went to the closed site goes elsewhere.
    stayed = effect["nearest_id_before"] != "Rotenburg an der Fulda"
    assert (effect.loc[stayed, "longer"].abs() < 1e-9).all()
    assert "Rotenburg an der Fulda" not in set(effect["nearest_id_after"])
    # Between the towns lie 14 km of the Fulda's valley: not under ten minutes by car.
    assert 10 < effect.loc["Rotenburg an der Fulda", "minutes_nearest_after"] < 25


def test_moved_bounds_leave_the_ends_and_the_sum(
    home: Path, made: ModuleType, answers: dict[str, Any]
) -> None:
    """Legacy and active are signs of both parts; only the mixed are told apart by bounds."""
    names = run("analyst", made, answers)[1]
    table = names["moved_table"]
    assert table.loc["legacy"].nunique() == 1
    assert table.loc["active"].nunique() == 1
    assert set(table.sum()) == {len(names["shrinking"])}
    assert table.loc["mixed", "two fifths"] < table.loc["mixed", "published"]
    assert table.loc["mixed", "a quarter"] > table.loc["mixed", "published"]
    assert names["brief"].count("<h2>") == 1  # the second page


def test_capacity_is_shared_out_and_the_model_is_least_squares(
    home: Path, made: ModuleType, answers: dict[str, Any]
) -> None:
    import numpy as np

    names = run("researcher", made, answers)[1]
    assert names["shared_out"] == pytest.approx(450 + 900 + 300)
    within = np.linalg.lstsq(names["x"], names["y"], rcond=None)[0]
    assert names["beta"] == pytest.approx(within)
    # With a constant for each country the slopes are the same (Frisch and Waugh).
    data = names["data"]
    dummies = (data["country"].to_numpy()[:, None] == np.unique(data["country"])[None, :]) * 1.0
    whole = np.column_stack([names["frame"][names["names"]].to_numpy(), dummies])
    slopes = np.linalg.lstsq(whole, names["frame"]["annual_change_pct"].to_numpy(), rcond=None)[0]
    assert slopes[:2] == pytest.approx(names["beta"])


def test_a_cell_that_fails_is_told_by_script_and_line(tmp_path: Path, made: ModuleType) -> None:
    script = tmp_path / "broken.py"
    script.write_text("# %% [markdown]\n# # A title\n\n# %%\nx = 1\n\n# %%\nx / 0\n", "utf-8")
    with pytest.raises(RuntimeError, match=r"broken\.py, cell at line 8: ZeroDivisionError"):
        made.run(script)


def test_cells_are_cut_as_jupyter_cuts_them(made: ModuleType) -> None:
    script = "# %% [markdown]\n# # A title\n#\n# Words.\n\n# %%\n1 + 1\n"
    cells = made.cells(script)
    assert [(c.kind, c.text) for c in cells] == [
        ("markdown", "# A title\n\nWords."),
        ("code", "1 + 1"),
    ]
