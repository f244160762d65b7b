"""Charts of births, deaths and migration; years across a break are marked."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from pages._ui.measures import DEMOGRAPHY_MEASURES
from pages._ui.texts import N_, _

_PARTS = {
    "natural_change": (N_("births less deaths"), "#4d9221"),
    "net_migration": (N_("migration and adjustment"), "#2166ac"),
}
_AGES = {
    "age_0_14_pct": (N_("under 15"), "#c7e9b4"),
    "age_15_64_pct": (N_("15 to 64"), "#41b6c4"),
    "age_65_pct": (N_("65 and more"), "#253494"),
}
_WEBB: Any = DEMOGRAPHY_MEASURES["webb_type"].palette
# Where the letter of each sector stands, in shares of the axis' half length (natural, migration).
_SECTORS = {
    "A": (0.92, -0.4),
    "B": (0.92, 0.4),
    "C": (0.4, 0.92),
    "D": (-0.4, 0.92),
    "E": (-0.92, 0.4),
    "F": (-0.92, -0.4),
    "G": (-0.4, -0.92),
    "H": (0.4, -0.92),
}


def webb_scatter(rows: pd.DataFrame, picked: Collection[str]) -> alt.LayerChart:
    """Return natural change against migration with Webb's eight sectors.

    A part of it can be drawn over: the selection ``brush``, of ``x`` and ``y``.

    Parameters
    ----------
    rows
        ``nuts_id``, ``natural_change_per_1000``, ``net_migration_per_1000``, ``webb_type``
        of the selected regions.
    picked
        Codes of the regions that are marked.
    """
    known = rows.dropna(subset=["webb_type"])
    points = pd.DataFrame(
        {
            "x": known["natural_change_per_1000"].astype(float).round(1),
            "y": known["net_migration_per_1000"].astype(float).round(1),
            "t": known["webb_type"].astype(str),
            "id": known["nuts_id"].astype(str),
        }
    )
    reach = 5 * np.ceil(max(10.0, np.percentile(points[["x", "y"]].abs(), 99)) / 5)
    scale = alt.Scale(domain=[-reach, reach], clamp=True)
    x = alt.X("x:Q", title=_("natural change per 1 000 a year"), scale=scale)
    y = alt.Y("y:Q", title=_("net migration and adjustment per 1 000 a year"), scale=scale)
    ends = [(-reach, reach), (reach, -reach), (-reach, -reach), (reach, reach)]
    lines = pd.DataFrame([{"x": a, "y": b, "g": i // 2} for i, (a, b) in enumerate(ends)])
    cross = pd.DataFrame(
        [
            {"x": -reach, "y": 0, "g": 0},
            {"x": reach, "y": 0, "g": 0},
            {"x": 0, "y": -reach, "g": 1},
            {"x": 0, "y": reach, "g": 1},
        ]
    )
    letters = pd.DataFrame(
        [{"x": a * reach, "y": b * reach, "s": s} for s, (a, b) in _SECTORS.items()]
    )
    colour = alt.Color(
        "t:N", legend=None, scale=alt.Scale(domain=list(_WEBB), range=list(_WEBB.values()))
    )
    layers = [
        alt.Chart(lines).mark_line(strokeDash=[4, 3], color="#888").encode(x=x, y=y, detail="g:N"),
        alt.Chart(cross).mark_line(color="#555").encode(x=x, y=y, detail="g:N"),
        alt.Chart(points)
        .mark_circle(size=26, opacity=0.85, stroke="#555", strokeWidth=0.3)
        .encode(x=x, y=y, color=colour, tooltip=["id", "x", "y", "t"])
        .add_params(alt.selection_interval(name="brush")),
        alt.Chart(points[points["id"].isin(picked)])
        .mark_point(size=160, color="black", strokeWidth=2)
        .encode(x=x, y=y),
        alt.Chart(letters)
        .mark_text(fontSize=15, fontWeight="bold", color="#333")
        .encode(x=x, y=y, text="s:N"),
    ]
    return alt.LayerChart(layer=layers).properties(height=430)


def _scale(parts: dict[str, tuple[str, str]]) -> alt.Scale:
    """Return the colours of parts by their words."""
    return alt.Scale(
        domain=[_(words) for words, _colour in parts.values()],
        range=[colour for _words, colour in parts.values()],
    )


def _runs(years: pd.DataFrame) -> pd.Series:
    """Number the runs of years between breaks, so that no line is drawn across one."""
    return years["is_break"].shift(fill_value=False).astype(int).cumsum()


def _breaks(years: pd.DataFrame) -> alt.Chart:
    """Return dashed lines at the ends of the years or periods across a break."""
    broken = years.loc[years["is_break"].astype(bool)]
    marked = pd.DataFrame({"year": broken["year"] + broken["period_years"]}).drop_duplicates()
    rules: alt.Chart = (
        alt.Chart(marked.astype(int))
        .mark_rule(strokeDash=[3, 3], color="#b35806")
        .encode(x=alt.X("year:Q"), tooltip=alt.value(_("break in the series")))
    )
    return rules


def _year(title: str | None = None, column: str = "year") -> alt.X:
    return alt.X(
        f"{column}:Q",
        title=title,
        axis=alt.Axis(format="d", tickMinStep=1),
        scale=alt.Scale(zero=False, nice=False),
    )


def population(years: pd.DataFrame) -> alt.LayerChart:
    """Return the population on each 1 January."""
    known = years.dropna(subset=["population"])
    table = known[["year", "population"]].astype(float).round().assign(run=_runs(known))
    curve = (
        alt.Chart(table)
        .mark_line(point=True, color="#542788")
        .encode(
            x=_year(),
            y=alt.Y("population:Q", title=_("people, 1 January"), scale=alt.Scale(zero=False)),
            detail="run:N",
            tooltip=["year", alt.Tooltip("population:Q", format=",.0f")],
        )
    )
    return alt.LayerChart(layer=[curve, _breaks(years)]).properties(height=260)


def components(years: pd.DataFrame) -> alt.LayerChart:
    """Return natural change and migration as stacked bars, a year or a period of five each.

    Bars of a period stand in its middle and give its mean a year.
    """
    known = years.dropna(subset=["net_migration"])
    lengths = known["period_years"].astype(int)
    known = known.assign(
        **{name: known[name] / lengths for name in _PARTS}, middle=known["year"] + lengths // 2
    )
    table = known.melt(["year", "middle", "is_break"], list(_PARTS), "part", "people")
    table["part"] = table["part"].map({key: _(words) for key, (words, _colour) in _PARTS.items()})
    table["people"] = table["people"].astype(float).round()
    # Births and deaths are counted; what migration holds across a break is no movement of people.
    broken = table["is_break"].astype(bool) & (table["part"] == _(_PARTS["net_migration"][0]))
    table["reading"] = broken.map({True: _("across a break: holds a revision"), False: ""})
    scale = _scale(_PARTS)
    bars = (
        alt.Chart(table)
        .mark_bar(size=9 if lengths.max() == 1 else 40)
        .encode(
            x=_year(column="middle"),
            y=alt.Y("people:Q", title=_("people a year")),
            color=alt.Color("part:N", scale=scale, title=None, legend=alt.Legend(orient="bottom")),
            opacity=alt.condition("datum.reading == ''", alt.value(1), alt.value(0.35)),
            tooltip=["year", "part", alt.Tooltip("people:Q", format="+,.0f"), "reading"],
        )
    )
    return alt.LayerChart(layer=[bars, _breaks(known)]).properties(height=260)


def ages(years: pd.DataFrame) -> alt.Chart:
    """Return the shares of the young, those of 15 to 64 and the old by year."""
    table = years.dropna(subset=["age_65_pct"]).melt(["year"], list(_AGES), "group", "share")
    table["group"] = table["group"].map({key: _(words) for key, (words, _colour) in _AGES.items()})
    table = table.dropna(subset=["share"])  # the embedded figures know the old alone
    table["share"] = table["share"].astype(float).round(1)
    scale = _scale(_AGES)
    chart: alt.Chart = (
        alt.Chart(table)
        .mark_bar()
        .encode(
            x=alt.X("year:O", title=None),
            y=alt.Y("share:Q", title=_("% of all"), scale=alt.Scale(domain=[0, 100])),
            color=alt.Color("group:N", scale=scale, title=None, legend=alt.Legend(orient="bottom")),
            tooltip=["year", "group", "share"],
        )
        .properties(height=260)
    )
    return chart


def index(table: pd.DataFrame) -> alt.Chart | None:
    """Return the population of region, country and EU, 100 in their first common year."""
    # A region that is its country (Luxembourg) has the country's name and line.
    known = table.dropna(subset=["population"]).drop_duplicates(["place", "year"])
    places = known["place"].nunique()
    known_in = known.groupby("year")["place"].nunique()
    common = known_in[known_in == places].index
    if common.empty:
        return None
    known = known[known["year"] >= common.min()].copy()
    base = known[known["year"] == common.min()].set_index("place")["population"]
    # Not by apply, which turns the answer of a single place on its side.
    known["run"] = pd.concat([_runs(part) for _place, part in known.groupby("place")])
    known["index"] = (100 * known["population"] / known["place"].map(base)).astype(float).round(2)
    order = list(dict.fromkeys(table["place"]))
    chart: alt.Chart = (
        alt.Chart(known[["place", "year", "index", "run"]].astype({"year": int}))
        .mark_line(strokeWidth=2.2)
        .encode(
            x=_year(),
            y=alt.Y(
                "index:Q",
                title=_("{year} = 100").format(year=common.min()),
                scale=alt.Scale(zero=False),
            ),
            color=alt.Color(
                "place:N",
                title=None,
                sort=order,
                scale=alt.Scale(domain=order, range=["#b35806", "#555", "#8073ac"]),
                legend=alt.Legend(orient="bottom"),
            ),
            detail="run:N",
            tooltip=["place", "year", "index"],
        )
        .properties(height=260)
    )
    return chart
