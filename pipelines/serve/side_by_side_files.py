"""A comparison as files: what stands beside each other, and the series, with notes."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path

import pyarrow as pa

from pipelines.serve import export_notes, writers
from pipelines.serve.side_by_side import SideBySide
from pipelines.serve.store import Store
from pipelines.serve.texts import N_, _

_COLUMNS = {
    "section": N_("Question that the figure answers."),
    "table": N_("Table of the database that it comes from; empty for a class in words."),
    "column": N_("Column of that table."),
    "figure": N_("Name of the figure."),
    "unit": N_("Unit of the numbers; 0-1 is a share."),
    "notes": N_("What to know of single places."),
    "sources": N_("Names of the sources; see Data & methods."),
}
_SERIES = {
    "code": N_("NUTS code of 2021, of a town that of its region."),
    "name": N_("Name of the region."),
    "series": N_("What is counted."),
    "unit": N_("Unit of the value."),
    "year": N_("1 January of a number of people, or first year of a rate."),
    "period_years": N_("Years that a rate is of, and to the next number of people."),
    "value": N_("The value."),
    "is_break": N_("Whether the way of counting changed within these years."),
}


def figures_table(compared: SideBySide) -> pa.Table:
    """Return the figures and classes as they stand beside each other.

    Returns
    -------
    pyarrow.Table
        One row a figure or class: ``section``, ``table``, ``column``, ``figure``, ``unit``; for
        each place by its code the value, ``<code>_years`` and, but for the first place,
        ``<code>_difference`` (to the first, in the unit); classes are texts in
        ``<code>_class``; ``notes`` and ``sources``.
    """
    codes = [place.id for place in compared.places]
    rows: list[dict[str, object]] = []
    for topic in compared.topics:
        head: dict[str, object] = {"section": _(topic.title)}
        for row in topic.rows:
            f = row.figure
            line: dict[str, object] = head | {"table": f.table, "column": f.column}
            line |= {"figure": _(f.label), "unit": _(f.unit), "sources": ", ".join(f.sources)}
            told = []
            for code, cell in zip(codes, row.cells, strict=True):
                line[code], line[f"{code}_difference"] = cell.number, cell.difference
                line[f"{code}_years"] = cell.figure.years if cell.figure else ""
                flags = cell.figure.flags if cell.figure else ()
                told += [f"{code}: {flag.worded()}" for flag in flags]
            rows.append(line | {"notes": " ".join(told)})
        for fact in topic.facts:
            line = head | {"figure": _(fact.label), "sources": ", ".join(fact.sources)}
            for code, value in zip(codes, fact.values, strict=True):
                line[f"{code}_class"] = value.worded() if value else None
            rows.append(line | {"notes": fact.meaning.worded() if fact.meaning else ""})
    return pa.Table.from_pylist(rows, schema=_schema(codes))


def _schema(codes: list[str]) -> pa.Schema:
    text, number = pa.string(), pa.float64()
    parts = [(name, text) for name in ("section", "table", "column", "figure", "unit")]
    for i, code in enumerate(codes):
        parts += [(code, number), (f"{code}_years", text)]
        parts += [(f"{code}_difference", number)] if i else []
        parts.append((f"{code}_class", text))
    return pa.schema([*parts, ("notes", text), ("sources", text)])


def series_table(compared: SideBySide) -> pa.Table:
    """Return the series, one row a place, series and year; columns as ``_SERIES`` says."""
    codes = compared.line_codes
    rows = [
        {
            "code": codes[line.label],
            "name": line.label,
            "series": _(series.title),
            "unit": _(series.unit),
            "year": point.year,
            "period_years": point.years,
            "value": point.value,
            "is_break": point.is_break,
        }
        for series in compared.series
        for line in series.lines
        for point in line.points
    ]
    kinds = {"year": pa.int32(), "period_years": pa.int32(), "value": pa.float64()}
    kinds["is_break"] = pa.bool_()
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in _SERIES])
    return pa.Table.from_pylist(rows, schema=schema)


def notes(store: Store, compared: SideBySide) -> dict[str, str]:
    """Return what travels with a file: places, sources, licences, version, limits."""
    title, told, more = _words(compared)
    return export_notes.notes_of(store, title, compared.sources, told) | more


def _words(compared: SideBySide) -> tuple[str, str, dict[str, str]]:
    """Return title, places and remarks in the language in use."""
    places = zip(compared.places, compared.names, strict=True)
    told = "; ".join(name if p.id in name else f"{name} ({p.id})" for p, name in places)
    more = {
        "differences": _("To the first place, {name}; of shares in points.").format(
            name=compared.names[0]
        )
    }
    if compared.notes:
        more["remarks"] = " ".join(note.worded() for note in compared.notes)
    return _("comparison of places"), told, more


def workbook(store: Store, compared: SideBySide) -> bytes:
    """Return a workbook: the figures, the series, the notes."""
    tables = {"comparison": figures_table(compared), "series": series_table(compared)}
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "comparison.xlsx"
        writers.write_workbook(tables, target, notes(store, compared))
        return target.read_bytes()


def csv_zip(store: Store, compared: SideBySide) -> bytes:
    """Return a zip of the figures and the series as CSV, and a text of notes and columns."""
    facts = notes(store, compared)
    tables = {"comparison": figures_table(compared), "series": series_table(compared)}
    sink = io.BytesIO()
    with (
        tempfile.TemporaryDirectory() as folder,
        zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as box,
    ):
        for name, data in tables.items():
            target = Path(folder) / f"{name}.csv"
            writers.write_csv(data, target, name, facts)
            box.write(target, target.name)
        box.writestr("comparison.readme.txt", _readme(compared, facts))
    return sink.getvalue()


def _readme(compared: SideBySide, facts: dict[str, str]) -> str:
    lines = [facts["title"], ""]
    lines += [f"{key}: {value}" for key, value in facts.items() if key != "title"]
    lines += ["", *export_notes.SPREADSHEETS, "", f"{_('Columns')}: comparison.csv", ""]
    described = {name: _(text) for name, text in _COLUMNS.items()}
    for i, place in enumerate(compared.places):
        described[place.id] = _("Value of {name}.").format(name=place.name)
        described[f"{place.id}_years"] = _("Year or years of that value.")
        if i:
            described[f"{place.id}_difference"] = _("The value less that of the first place.")
        described[f"{place.id}_class"] = _("Its class in words.")
    lines += [f"{name}: {text}" for name, text in described.items()]
    lines += ["", f"{_('Columns')}: series.csv", ""]
    lines += [f"{name}: {_(text)}" for name, text in _SERIES.items()]
    return "\n".join(lines) + "\n"
