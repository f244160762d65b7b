"""A comparison on a page: figures side by side, series, bars, files."""

from __future__ import annotations

from functools import partial
from html import escape

import streamlit as st

from pages._ui import compare_charts, paper, state, vega
from pages._ui.compare_charts import COLOURS
from pages._ui.links import anchor
from pages._ui.texts import N_, _, plain
from pipelines.serve import side_by_side_files
from pipelines.serve.sheet_parts import NO_DATA, Place
from pipelines.serve.sheet_words import LEVELS
from pipelines.serve.side_by_side import (
    BEST,
    HIGHEST,
    LOWEST,
    WORST,
    Cell,
    FactRow,
    Row,
    SideBySide,
    difference_written,
)
from pipelines.serve.store import Store
from pipelines.serve.texts import in_this_language

_SIGNS = {HIGHEST: "▲", LOWEST: "▼", BEST: "●", WORST: "○"}
_STYLE = """
<style>
.hk-scroll { overflow-x: auto; }
.hk-table { border-collapse: collapse; width: 100%; font-size: 0.9rem; line-height: 1.35; }
.hk-table th, .hk-table td { text-align: left; vertical-align: top; padding: 0.35rem 0.6rem;
  border-bottom: 1px solid rgba(128, 128, 128, 0.3); font-weight: 400; }
.hk-table td, .hk-table thead th { min-width: 8.2rem; }
.hk-table tbody th[scope="row"] { min-width: 9.5rem; max-width: 16rem; font-weight: 600; }
.hk-table .hk-topic th { font-weight: 600; font-size: 1.05rem; padding-top: 1rem; }
.hk-table thead th { border-bottom: 3px solid; }
.hk-name { font-weight: 600; }
.hk-small { font-size: 0.78rem; opacity: 0.8; }
.hk-mark { font-size: 0.78rem; font-weight: 600; white-space: nowrap; }
.hk-best { background: rgba(84, 39, 136, 0.07); }
.hk-bars { display: grid; grid-template-columns: repeat(auto-fill, minmax(280px, 1fr));
  gap: 1rem 2rem; }
.hk-bars figure { margin: 0; }
.hk-bars figcaption { font-weight: 600; font-size: 0.9rem; margin-bottom: 0.2rem; }
.hk-bar { display: grid; grid-template-columns: 6.5rem 1fr 6.4rem; gap: 0.4rem;
  align-items: center; font-size: 0.78rem; line-height: 1.5; }
.hk-bar > span:first-child { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.hk-track { position: relative; height: 0.75rem; }
.hk-track i { position: absolute; top: 0; bottom: 0; min-width: 1px; }
.hk-track b { position: absolute; top: -2px; bottom: -2px; width: 1px; background: currentColor; }
@media (max-width: 760px) {
  .hk-table tbody th[scope="row"] { min-width: 7rem; position: sticky; left: 0; z-index: 1;
    background: Canvas; }
  .hk-table td, .hk-table thead th { min-width: 6.6rem; padding: 0.3rem; }
}
</style>
"""


def show(store: Store, compared: SideBySide) -> None:
    """Draw a comparison."""
    st.html(_STYLE)
    told = " ".join(note.worded(plain) for note in compared.notes)
    if is_mixed := len({place.level for place in compared.places}) > 1:
        st.info(told, icon=":material/info:")
    how = _(
        "Small: the year, and the difference to {name}, worked out before rounding. ▲ ▼ mark the "
        "highest and the lowest of these places; ● ○ the best and the worst where less is plainly "
        "better. Each figure is the one of the place's own sheet."
    ).format(name=plain(_(compared.names[0])))
    st.caption(how if is_mixed else f"{how} {told}".strip())
    st.html(_table(compared))
    _files(store, compared)
    _series(compared)
    st.header(_("Figure by figure"), anchor="bars")
    bars = (_bars(row, compared) for topic in compared.topics for row in topic.rows)
    st.html(f'<div class="hk-bars">{"".join(bars)}</div>')
    st.caption(state.attribution(store, compared.sources))


def _table(compared: SideBySide) -> str:
    """Return the figures as a table of HTML, a column a place."""
    heads = "".join(map(_head, compared.places, compared.names, COLOURS))
    width = len(compared.places) + 1
    body = []
    for topic in compared.topics:
        title = escape(_(topic.title))
        body.append(f'<tr class="hk-topic"><th colspan="{width}">{title}</th></tr>')
        body += [_row(row) for row in topic.rows]
        body += [_fact(fact) for fact in topic.facts]
    label = escape(_("Figures side by side"))
    return (
        f'<div class="hk-scroll" role="region" tabindex="0" aria-label="{label}">'
        f'<table class="hk-table"><thead><tr><th scope="col">{escape(_("Figure"))}</th>{heads}'
        f"</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )


def _head(place: Place, name: str, colour: str) -> str:
    sheet = anchor("pages/place.py", _(name), {place.kind: place.id})
    kind = _(LEVELS[place.level or 0]) if place.kind == "region" else _("Town or village")
    parts = [kind, place.id] + ([_(place.country_name)] if place.level != 0 else [])
    return (
        f'<th scope="col" style="border-color:{colour}"><div class="hk-name">{sheet}</div>'
        f'<div class="hk-small">{escape(" · ".join(parts))}</div></th>'
    )


def _row(row: Row) -> str:
    small = [_("different years")] if row.has_years_apart else []
    note = f'<div class="hk-small">{escape(" ".join(small))}</div>' if small else ""
    title = escape(row.figure.meaning.worded())
    label = escape(_(row.figure.label))
    cells = "".join(map(_cell, row.cells))
    return f'<tr><th scope="row" title="{title}">{label}{note}</th>{cells}</tr>'


def _cell(cell: Cell) -> str:
    """Return a figure with its year, difference, mark and flags."""
    if cell.figure is None:
        return f'<td><span class="hk-small">{escape(_(NO_DATA))}</span></td>'
    lines = [f"<b>{escape(cell.figure.written())}</b>"]
    if cell.mark:
        words = f"{_SIGNS[cell.mark]} {_(cell.mark)}"
        lines[0] += f' <span class="hk-mark">{escape(words)}</span>'
    small = [cell.figure.years]
    if cell.difference is not None:
        small.append(difference_written(cell.figure, cell.difference))
    small += [flag.worded() for flag in cell.figure.flags]
    lines += [f'<div class="hk-small">{escape(text)}</div>' for text in small if text]
    look = ' class="hk-best"' if cell.mark == BEST else ""
    return f"<td{look}>{''.join(lines)}</td>"


def _fact(fact: FactRow) -> str:
    """Return a class of each place in words."""
    title = f' title="{escape(fact.meaning.worded())}"' if fact.meaning else ""
    cells = "".join(f"<td>{escape(v.worded() if v else _(NO_DATA))}</td>" for v in fact.values)
    return f'<tr><th scope="row"{title}>{escape(_(fact.label))}</th>{cells}</tr>'


def _series(compared: SideBySide) -> None:
    """Draw the series of all places, each on one scale."""
    st.header(_("Over the years"), anchor="series")
    if not compared.series:
        st.caption(_("No series is known for these places."))
        return
    labels = list(compared.line_codes)
    for start in range(0, len(compared.series), 2):
        columns = st.columns(2)
        for column, series in zip(columns, compared.series[start:], strict=False):
            title = f"{_(series.title)} ({_(series.unit)})"
            column.subheader(title)
            vega.show(compare_charts.draw(series, labels), title, column)
            missing = [name for name in labels if name not in {line.label for line in series.lines}]
            if missing:
                names = ", ".join(plain(_(name)) for name in missing)
                column.caption(_("No data: {names}.").format(names=names))
    st.caption(
        _(
            "Dashed: across a break in the series, or years without data. Pale points of migration "
            "lie across a break and hold a revision, no movement of people."
        )
    )


def _bars(row: Row, compared: SideBySide) -> str:
    """Return one figure of all places as bars from zero."""
    numbers = [cell.number for cell in row.cells]
    known = [0.0, *(n for n in numbers if n is not None)]
    low, high = min(known), max(known)
    span = (high - low) or 1.0
    zero = 100 * -low / span
    lines = []
    for name, cell, number, colour in zip(
        compared.names, row.cells, numbers, COLOURS, strict=False
    ):
        bar = ""
        if number is not None:
            left, width = 100 * (min(number, 0) - low) / span, 100 * abs(number) / span
            bar = f'<i style="left:{left:.1f}%;width:{width:.1f}%;background:{colour}"></i>'
        written = cell.figure.written() if cell.figure else _(NO_DATA)
        text = escape(_(name))
        lines.append(
            f'<div class="hk-bar"><span title="{text}">{text}</span>'
            f'<span class="hk-track">{bar}<b style="left:{zero:.1f}%"></b></span>'
            f"<span>{escape(written)}</span></div>"
        )
    label = escape(_(row.figure.label))
    return f"<figure><figcaption>{label}</figcaption>{''.join(lines)}</figure>"


_FILES = (
    ("csv", "zip", "application/zip", N_("CSV (zip with notes)"), side_by_side_files.csv_zip),
    (
        "xlsx",
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        N_("Excel"),
        side_by_side_files.workbook,
    ),
)


def _files(store: Store, compared: SideBySide) -> None:
    """Draw one button a format; a file is made when it is asked for."""
    with st.container(horizontal=True):
        for suffix, ending, mime, label, make in _FILES:
            st.download_button(
                _(label),
                in_this_language(partial(make, store, compared)),
                file_name=f"hinterland-comparison.{ending}",
                mime=mime,
                on_click="ignore",
                key=f"download-comparison-{suffix}",
                icon=":material/download:",
            )
        paper.of_comparison(store, compared)
