"""Rules of rows and tables: required cells, keys, references, sources, conditions."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pipelines.catalogue.cells import CellError, convert
from pipelines.catalogue.schema import Schema, Table
from pipelines.core.findings import MOST_FINDINGS, Finding
from pipelines.io.sheets import Sheet


@dataclass(frozen=True)
class Row:
    """A row with its values converted; a cell that is wrong is None here."""

    number: int
    values: dict[str, Any]

    def __getitem__(self, column: str) -> Any:
        return self.values[column]


Rows = dict[str, list[Row]]


def convert_sheet(sheet: Sheet, table: Table, schema: Schema) -> tuple[list[Row], list[Finding]]:
    """Convert each cell of a sheet and collect what is wrong with it."""
    rows: list[Row] = []
    findings: list[Finding] = []
    columns = [(column, schema.allowed(column)) for column in table.columns.values()]
    empty = {column.name: None for column, _ in columns if column.type != "list"}
    lists = [column.name for column, _ in columns if column.type == "list"]
    for number, cells in sheet.rows:
        if len(findings) >= MOST_FINDINGS:
            break
        values: dict[str, Any] = {**empty, **{name: [] for name in lists}}
        for column, allowed in columns:
            text = cells[column.name]
            if not text:
                continue
            try:
                values[column.name] = convert(text, column, allowed)
            except CellError as error:
                values[column.name] = [] if column.type == "list" else None
                actual = error.found if error.found is not None else text
                findings.append(
                    Finding(sheet.file, number, column.name, error.problem, actual, error.allowed)
                )
        rows.append(Row(number, values))
        findings += _required(sheet.file, number, table, cells)
    return rows, findings


def _required(file: str, number: int, table: Table, cells: dict[str, str]) -> Iterator[Finding]:
    """Yield required cells that are empty."""
    for column in table.columns.values():
        if not (column.required or column.required_when) or cells[column.name].strip():
            continue
        if column.required:
            what = (
                "source is missing" if column.name in {"document", "section"} else "cell is empty"
            )
            yield Finding(file, number, column.name, what, allowed=column.description)
        for other, values in column.required_when.items():
            if cells[other] in values:
                reason = f"needed where {other} is {cells[other] or 'empty'}"
                yield Finding(file, number, column.name, "cell is empty", allowed=reason)


def fold(text: str) -> str:
    """Return a name for comparison: no accents, no case, single blanks."""
    if text.isascii():  # nothing to take apart, and most names are
        return " ".join(text.casefold().split())
    plain = unicodedata.normalize("NFKD", text).casefold()
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


def duplicates(table: Table, rows: list[Row], file: str | None = None) -> Iterator[Finding]:
    """Yield rows whose primary key, or other unique columns, came before."""
    file = file or table.file or table.name
    keys = [(table.primary_key, False), *((names, True) for names in table.unique)]
    for names, loosely in keys:
        seen: dict[tuple[Any, ...], int] = {}
        for row in rows:
            raw = tuple(row[name] for name in names)
            key = tuple(fold(v) if loosely and isinstance(v, str) else v for v in raw)
            if all(value is None for value in key):
                continue
            if (first := seen.setdefault(key, row.number)) != row.number:
                actual = ", ".join(str(value) for value in raw if value is not None)
                field = names[0] if len(names) == 1 else " + ".join(names)
                yield Finding(
                    file, row.number, field, "duplicate", actual, f"unique; stands in row {first}"
                )


def references(schema: Schema, tables: Rows) -> Iterator[Finding]:
    """Yield values that the table they point to does not hold."""
    for name, rows in tables.items():
        table = schema.tables[name]
        for column in table.columns.values():
            if not column.references:
                continue
            target, _, key = column.references.partition(".")
            if target not in tables:
                continue
            known = {row[key] for row in tables[target]}
            for row in rows:
                value = row[column.name]
                for item in value if isinstance(value, list) else [value]:
                    if item is not None and item not in known:
                        yield Finding(
                            table.file or name,
                            row.number,
                            column.name,
                            "unknown reference",
                            item,
                            f"a value of column {key} in {schema.tables[target].file}",
                        )


def sources(schema: Schema, tables: Rows) -> Iterator[Finding]:
    """Yield rows whose section is not of their document, or whose year is not its year."""
    owner = {row["id"]: row["document"] for row in tables.get("document_sections", [])}
    years = {row["id"]: row["year"] for row in tables.get("documents", [])}
    for name, rows in tables.items():
        table = schema.tables[name]
        if not {"document", "section", "also_sections", "year"} <= set(table.columns):
            continue
        file = table.file or name
        for row in rows:
            document, section, year = row["document"], row["section"], row["year"]
            hint, problem = f"a section of {document}", "section of another document"
            for field, cited in (("section", [section]), ("also_sections", row["also_sections"])):
                for one in cited:
                    if one in owner and document in years and owner[one] != document:
                        yield Finding(file, row.number, field, problem, one, hint)
            if section in row["also_sections"]:
                allowed = "sections besides the one in section"
                yield Finding(
                    file, row.number, "also_sections", "section stands twice", section, allowed
                )
            if (
                document in years
                and None not in (year, years[document])
                and year != years[document]
            ):
                yield Finding(
                    file,
                    row.number,
                    "year",
                    "not the document's year",
                    str(year),
                    str(years[document]),
                )


def section_parents(tables: Rows) -> Iterator[Finding]:
    """Yield sections whose parent is of another document."""
    owner = {row["id"]: row["document"] for row in tables.get("document_sections", [])}
    for row in tables.get("document_sections", []):
        parent = row["parent"]
        if parent in owner and row["document"] and owner[parent] != row["document"]:
            yield Finding(
                "document_sections.csv",
                row.number,
                "parent",
                "section of another document",
                parent,
                f"a section of {row['document']}",
            )


def condition_values(tables: Rows) -> Iterator[Finding]:
    """Yield practice conditions whose value or answerer is not what the condition allows."""
    conditions = {row["id"]: row for row in tables.get("conditions", [])}
    file = "practice_conditions.csv"
    for row in tables.get("practice_conditions", []):
        condition, value = conditions.get(row["condition"]), row["value"]
        if condition is None or value is None:
            continue
        if row["answered_by"] and row["answered_by"] != condition["answered_by"]:
            yield Finding(
                file,
                row.number,
                "answered_by",
                "differs from the condition's",
                row["answered_by"],
                condition["answered_by"] or "",
            )
        yield from _value_findings(file, row, condition)


def answers(condition: Row) -> list[str]:
    """Return the answers that a condition allows; none for a number, which is free."""
    if condition["value_type"] == "boolean":
        return ["yes", "no"]
    return list(condition["allowed_values"])


def _value_findings(file: str, row: Row, condition: Row) -> Iterator[Finding]:
    """Yield what is wrong with the value or operator of one practice condition."""
    kind, operator = condition["value_type"], row["operator"]
    if kind == "number":
        try:
            float(row["value"])
        except ValueError:
            yield Finding(file, row.number, "value", "not a number", row["value"], "a number")
        if operator not in {None, "at_least", "at_most", "is"}:
            allowed = "at_least, at_most, is"
            yield Finding(file, row.number, "operator", "does not fit a number", operator, allowed)
        return
    if operator in {"at_least", "at_most"}:
        allowed = "is, is_not, any_of"
        yield Finding(file, row.number, "operator", "does not fit a choice", operator, allowed)
    allowed_values = answers(condition)
    values = row["value"].split(";") if operator == "any_of" else [row["value"]]
    for value in values:
        if value.strip() not in allowed_values:
            allowed = ", ".join(allowed_values)
            yield Finding(
                file, row.number, "value", "unknown value of the condition", value, allowed
            )


def practices_without_condition(tables: Rows) -> Iterator[Finding]:
    """Yield practices that no condition speaks of."""
    if "practice_conditions" not in tables:
        return
    covered = {row["practice"] for row in tables["practice_conditions"]}
    for row in tables.get("practices", []):
        if row["id"] and row["id"] not in covered:
            hint = "a row in practice_conditions.csv"
            yield Finding(
                "practices.csv", row.number, "id", "practice without condition", row["id"], hint
            )
