"""What an answer of *What if* leaves behind: tables with their notes, and a brief of one page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from pipelines.serve import answer_files, queries
from pipelines.serve.mapfiles import on_map
from pipelines.serve.store import Store
from pipelines.serve.texts import _, figure, ngettext, spoken
from pipelines.serve.whatif import Answer, Opened

_TOWNS = {
    "geonameid": "Settlement, by its GeoNames identifier.",
    "name": "Name of the settlement.",
    "country_name": "Country.",
    "nuts_id": "NUTS-3 region of 2021.",
    "region_name": "Name of the region.",
    "lon": "Longitude, degrees, EPSG:4326.",
    "lat": "Latitude, degrees, EPSG:4326.",
    "population": "People of the settlement (GeoNames).",
    "people": "People that a sum counts: 0 for a part of a place, which its whole counts.",
    "minutes_before": "Minutes to the nearest site as registered; empty: none is reached.",
    "minutes_after": "Minutes to the nearest site after the change; empty: none is reached.",
    "change_min": "Minutes after less minutes before.",
    "nearest_before": "Nearest site as registered.",
    "nearest_after": "Nearest site after the change.",
}
_REGIONS = {
    "nuts_id": "NUTS-3 region of 2021 in which some minutes change.",
    "name": "Name of the region.",
    "people": "People of its settlements whose minutes are known.",
    "people_changed": "Of them, people whose minutes change.",
    "mean_before": "Mean minutes before, over people who reach a site before and after.",
    "mean_after": "Mean minutes after, over the same people.",
    "change_min": "Mean after less mean before.",
    "beyond_before": "People beyond the limit before.",
    "beyond_after": "People beyond the limit after.",
}
_PRINTED_TOWNS, _PRINTED_REGIONS, _DRAWN = 14, 6, 3_000
#: So many sites that take the place of one are named in a sentence.
NAMED = 3
_STYLE = """
@page { size: A4; margin: 13mm 14mm; }
body { font: 9pt/1.35 Georgia, "DejaVu Serif", serif; color: #1a1a1a; max-width: 182mm;
       margin: 0 auto; }
h1 { font-size: 15pt; margin: 0 0 1mm; } h2 { font-size: 11pt; margin: 3mm 0 1mm; }
p, ul { margin: 0 0 1mm; } ul { padding-left: 5mm; }
table { border-collapse: collapse; width: 100%; } td, th { padding: .3mm 2mm .3mm 0;
       vertical-align: top; text-align: left; border-bottom: .2mm solid #ccc; }
td.n, th.n { text-align: right; white-space: nowrap; } .small { font-size: 7.5pt; color: #444; }
.half { display: flex; gap: 6mm; } .half > * { flex: 1; } svg { width: 100%; height: 78mm; }
tr { break-inside: avoid; }
@media screen { body { padding: 8mm; } }
"""
_LOSS, _GAIN, _OUTLINE = "#d95f0e", "#542788", "#777"


@dataclass(frozen=True, kw_only=True)
class Question:
    """What was asked.

    Attributes
    ----------
    service, plural : str
        The service, and its sites in words.
    closed : tuple of dict
        Rows of :func:`pipelines.serve.whatif.sites`.
    opened : tuple of Opened
    limit : float
        Minutes.
    is_register : bool
        Whether a register names the sites, whatever their kind.
    """

    service: str
    plural: str
    closed: tuple[dict[str, Any], ...]
    opened: tuple[Opened, ...]
    limit: float
    is_register: bool = False

    def words(self) -> str:
        """Return it as the notes of a file state it."""
        closed = ", ".join(f"{row['label']} ({row['site_id']})" for row in self.closed)
        opened = " | ".join(place.in_address() for place in self.opened)
        return (
            f"service {self.service}; closed: {closed or 'none'}; opened (lat,lon,name): "
            f"{opened or 'none'}; limit {self.limit:g} minutes"
        )


def _table(frame: pd.DataFrame) -> pa.Table:
    return pa.Table.from_pandas(frame, preserve_index=False)


def towns_csv(store: Store, question: Question, answer: Answer) -> bytes:
    """Return the settlements that change, as CSV with its notes in a zip."""
    facts = answer_files.notes(store, "what if, settlements", question.words())
    return answer_files.csv_zip("whatif-settlements", _table(answer.towns), facts, _TOWNS)


def towns_geojson(store: Store, question: Question, answer: Answer) -> bytes:
    """Return the settlements that change, as GeoJSON with its notes."""
    facts = answer_files.notes(store, "what if, settlements", question.words())
    return answer_files.geojson("whatif-settlements", _table(answer.towns), facts, _TOWNS)


def regions_csv(store: Store, question: Question, answer: Answer) -> bytes:
    """Return the regions in which minutes change, as CSV with its notes in a zip."""
    facts = answer_files.notes(store, "what if, regions", question.words())
    return answer_files.csv_zip("whatif-regions", _table(answer.regions), facts, _REGIONS)


def brief(store: Store, question: Question, answer: Answer, credits: str) -> str:
    """Return one printed page: question, figures, map, places and regions, sources.

    One file without scripts, images or addresses that load anything; every text is escaped.
    """
    title = _("What if? {sites}").format(sites=question.plural)
    head = escape(title)
    pointer = store.pointer
    notes = _(
        "Minutes are estimated, by car in free flow; capacity, opening hours and public transport "
        "are not in it. Re-computed, not official. Database {hash}, built {when}."
    ).format(hash=pointer.hash, when=pointer.built_at)
    return (
        '<!doctype html><html lang="' + spoken() + '"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">"
        f"<title>{head}</title><style>{_STYLE}</style></head><body><h1>{head}</h1>"
        f"{_asked(question, answer)}<div class=half><div>{_figures(question, answer)}</div>"
        f"<div>{_svg(store, question, answer)}</div></div>"
        f"<h2>{escape(_('Settlements, by people times minutes'))}</h2>{_town_rows(answer)}"
        f"<h2>{escape(_('Regions'))}</h2>{_region_rows(question, answer)}"
        f'<p class="small">{escape(notes)} {escape(credits)}</p></body></html>'
    )


def instead(answer: Answer) -> list[str]:
    """Say of each site that closes which are nearest now, those of most people first."""
    lines = []
    for closed, rows in answer.instead.groupby("closed", sort=False):
        first = rows.iloc[0]
        if not first["settlements"]:
            if not pd.isna(first["instead"]):
                text = _("{closed} was nobody's nearest site; where it lies {site} is.")
                lines.append(text.format(closed=closed, site=first["instead"]))
            continue
        others = [
            _("none left") if pd.isna(site) else str(site) for site in rows["instead"].head(NAMED)
        ]
        counts = [_("{n} people").format(n=figure(n)) for n in rows["people"].head(NAMED)]
        told = "; ".join(f"{site} ({n})" for site, n in zip(others, counts, strict=True))
        rest = len(rows) - len(others)
        more = " " + _("… and {n} more").format(n=figure(rest)) if rest else ""
        lines.append(_("Instead of {closed}: {others}").format(closed=closed, others=told) + more)
    return lines


def same_kind() -> str:
    """Say that the nearest site of a register may not do what the closed one did."""
    return _("Check that they offer the same: the register does not tell kinds of sites apart.")


def _asked(question: Question, answer: Answer) -> str:
    lines = [
        _("Closes: {site}").format(site=f"{row['label']} ({row['country']})")
        + (f" [{_(row['position_note'])}]" if row["position_note"] else "")
        for row in question.closed
    ]
    lines += [
        _("Opens: {place}").format(place=place.name or place.in_address())
        for place in question.opened
    ]
    lines += instead(answer)
    if question.is_register and not answer.instead.empty:
        lines.append(same_kind())
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def _figures(question: Question, answer: Answer) -> str:
    facts = answer.figures
    rows = [(_("People who lose time"), figure(facts.losing))]
    if facts.mean_added is not None:
        rows.append((_("Mean of their added minutes"), figure(facts.mean_added, "{:.1f}")))
    if facts.most_added is not None:
        rows.append((_("Most added minutes"), figure(facts.most_added, "{:.1f}")))
    rows.append((_("People who gain time"), figure(facts.gaining)))
    if facts.stranded:
        rows.append((_("People left with none"), figure(facts.stranded)))
    label = _("Of them beyond {limit} minutes, before and after").format(
        limit=f"{question.limit:g}"
    )
    rows.append((label, f"{figure(facts.beyond_before)} → {figure(facts.beyond_after)}"))
    count = ngettext("{n} settlement changes", "{n} settlements change", len(answer.towns))
    cells = "".join(f"<tr><td>{escape(k)}</td><td class=n>{v}</td></tr>" for k, v in rows)
    return f"<p>{escape(count.format(n=f'{len(answer.towns):,}'))}.</p><table>{cells}</table>"


def _town_rows(answer: Answer) -> str:
    heads = (_("Settlement"), _("Region"), _("People"), _("Before"), _("After"), _("Change"))
    rows = [
        (
            row["name"],
            row["region_name"] or "",
            figure(row["people"]),
            _minutes(row["minutes_before"]),
            _minutes(row["minutes_after"]),
            _minutes(row["change_min"], "+.1f"),
        )
        for row in answer.towns.head(_PRINTED_TOWNS).to_dict("records")
    ]
    return _html_table(heads, rows, 2) + _more(len(answer.towns) - len(rows))


def _region_rows(question: Question, answer: Answer) -> str:
    beyond = _("beyond {limit} min").format(limit=f"{question.limit:g}")
    heads = (
        _("Region"),
        _("whose minutes change"),
        _("Mean minutes before"),
        _("Mean minutes after"),
        f"{_('Before')}: {beyond}",
        f"{_('After')}: {beyond}",
    )
    rows = [
        (
            f"{row['name']} ({row['nuts_id']})",
            figure(row["people_changed"]),
            _minutes(row["mean_before"]),
            _minutes(row["mean_after"]),
            figure(row["beyond_before"]),
            figure(row["beyond_after"]),
        )
        for row in answer.regions.head(_PRINTED_REGIONS).to_dict("records")
    ]
    return _html_table(heads, rows, 1) + _more(len(answer.regions) - len(rows))


def _minutes(value: float, pattern: str = ".1f") -> str:
    return "–" if pd.isna(value) else format(value, pattern)


def _more(number: int) -> str:
    return f'<p class="small">{escape(_("… and {n} more").format(n=f"{number:,}"))}</p>' * (
        number > 0
    )


def _html_table(heads: Sequence[str], rows: Sequence[Sequence[str]], texts: int) -> str:
    """Return a table whose columns after the first ``texts`` are numbers."""

    def cells(tag: str, row: Sequence[str]) -> str:
        marks = ["" if i < texts else " class=n" for i in range(len(row))]
        return "".join(
            f"<{tag}{mark}>{escape(text)}</{tag}>" for mark, text in zip(marks, row, strict=True)
        )

    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    return f"<table><tr>{cells('th', heads)}</tr>{body}</table>"


def _svg(store: Store, question: Question, answer: Answer) -> str:
    """Return a map of the change (EPSG:3035): outlines of the regions, a circle a settlement."""
    towns = answer.towns.head(_DRAWN)
    x, y = on_map(towns["lon"], towns["lat"])
    marks = [(row["lon"], row["lat"], True) for row in question.closed]
    marks += [(place.lon, place.lat, False) for place in question.opened]
    at = [on_map(lon, lat) for lon, lat, _closes in marks]
    xs = np.concatenate([x, [float(a) for a, _b in at]])
    ys = np.concatenate([y, [float(b) for _a, b in at]])
    if not len(xs):
        return ""
    west, east, south, north = xs.min() - 5, xs.max() + 5, ys.min() - 5, ys.max() + 5
    unit = max(east - west, north - south) / 100
    radius = np.clip(np.sqrt(towns["people"].to_numpy(dtype=float)) / 130, 0.45, 4) * unit
    parts = [_outline(store, nuts_id, unit) for nuts_id in answer.regions["nuts_id"].head(40)]
    for a, b, r, change in zip(x, y, radius, towns["change_min"].fillna(np.inf), strict=True):
        colour = _LOSS if change > 0 else _GAIN
        parts.append(
            f'<circle cx="{a:.1f}" cy="{-b:.1f}" r="{r:.2f}" fill="{colour}" opacity=".75"/>'
        )
    for (a, b), (_lon, _lat, closes) in zip(at, marks, strict=True):
        parts.append(_mark(float(a), -float(b), 1.6 * unit, closes))
    box = f"{west:.1f} {-north:.1f} {east - west:.1f} {north - south:.1f}"
    caption = _("Orange loses time, purple gains; × closes, + opens. Circles by people. EPSG:3035.")
    alt = escape(_("Map of the change"))
    return (
        f'<svg viewBox="{box}" role="img" aria-label="{alt}">{"".join(parts)}</svg>'
        f'<p class="small">{escape(caption)}</p>'
    )


def _mark(x: float, y: float, size: float, closes: bool) -> str:
    """Return a cross: upright where a site opens, tilted where one closes."""
    turn = f' transform="rotate(45 {x:.1f} {y:.1f})"' if closes else ""
    return (
        f'<path d="M{x - size:.2f} {y:.2f}h{2 * size:.2f}M{x:.2f} {y - size:.2f}v{2 * size:.2f}" '
        f'stroke="#000" stroke-width="{size / 2.5:.2f}"{turn}/>'
    )


def _outline(store: Store, nuts_id: str, unit: float) -> str:
    """Return the outline of a region as a path; empty where the map has none."""
    feature = queries.region_shape(store, "regions-3", nuts_id)
    if feature is None:
        return ""
    geometry = feature["geometry"]
    polygons = [geometry["coordinates"]]
    if geometry["type"] == "MultiPolygon":
        polygons = geometry["coordinates"]
    path = "".join(
        "M" + "L".join(f"{x:.1f} {-y:.1f}" for x, y in ring) + "Z"
        for polygon in polygons
        for ring in polygon
    )
    return f'<path d="{path}" fill="#f4f2ec" stroke="{_OUTLINE}" stroke-width="{0.25 * unit:.2f}"/>'
