"""Rules of what the catalogue says: levels, points, answers, and sections that are cited."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.catalogue.rules import Row, Rows, answers
from pipelines.core.findings import Finding

#: The form of social capital that arises at each level of cohesion (We-ID D2.2, section 5.4).
PAIRED = {"micro": "bonding", "meso": "bridging", "macro": "linking"}
#: Types of the political system and its institutions, the macro level of D2.2, Figure 1.
INSTITUTIONS = frozenset({"office", "advisory_body", "strategy"})
#: What is a point on a map: a body or programme that reaches farther has none.
_LOCAL = frozenset({"neighbourhood", "town"})
_PLACES, _CONDITIONS, _SECTIONS = (
    "social_places.csv",
    "case_conditions.csv",
    "document_sections.csv",
)


def findings(tables: Rows) -> Iterator[Finding]:
    """Yield what rows say against the rules of ``docs/catalogue.md``."""
    for row in tables.get("social_places", []):
        yield from _levels(row)
        yield from _reach(row)
    yield from case_answers(tables)
    yield from assessment_answers(tables)
    yield from section_citations(tables)


def _levels(row: Row) -> Iterator[Finding]:
    """Yield a level that its type excludes, and capital that is not the one of its levels."""
    levels = row["level"]
    if row["type"] in INSTITUTIONS and levels and levels != ["macro"]:
        problem, allowed = f"level of type {row['type']}", "macro: political system, institutions"
        yield Finding(_PLACES, row.number, "level", problem, ";".join(levels), allowed)
    paired = [PAIRED[level] for level in PAIRED if level in levels]
    if sorted(row["social_capital"]) != sorted(paired):
        given, allowed = ";".join(row["social_capital"]), ";".join(paired) or "empty"
        problem = "capital is not paired with the level"
        yield Finding(_PLACES, row.number, "social_capital", problem, given, allowed)


def _reach(row: Row) -> Iterator[Finding]:
    """Yield a body or programme of a region, country or Europe that has a point."""
    far = row["scope"] is not None and row["scope"] not in _LOCAL
    if far and row["kind"] in ("body", "programme") and row["coordinate_exactness"] != "none":
        problem = f"point of a {row['kind']} whose scope is {row['scope']}"
        given = row["coordinate_exactness"] or ""
        yield Finding(_PLACES, row.number, "coordinate_exactness", problem, given, "none")


def case_answers(tables: Rows) -> Iterator[Finding]:
    """Yield answers of case studies that their condition does not allow, or that data gives."""
    conditions = {row["id"]: row for row in tables.get("conditions", [])}
    for row in tables.get("case_conditions", []):
        condition = conditions.get(row["condition"])
        if condition is None:
            continue
        if condition["answered_by"] == "data":
            problem, allowed = "condition that data answers", "one that is answered by the user"
            yield Finding(_CONDITIONS, row.number, "condition", problem, row["condition"], allowed)
        yield from _answer(_CONDITIONS, row, "answer", condition)


def assessment_answers(tables: Rows) -> Iterator[Finding]:
    """Yield answers that a question of the self-assessment gives to its condition in vain."""
    conditions = {row["id"]: row for row in tables.get("conditions", [])}
    for row in tables.get("self_assessment", []):
        if condition := conditions.get(row["condition"]):
            for field in ("if_yes", "if_no"):
                yield from _answer("self_assessment.csv", row, field, condition)
        if row["if_yes"] is None and row["if_no"] is None:
            allowed = "an answer in if_yes, in if_no or in both"
            yield Finding(
                "self_assessment.csv", row.number, "if_yes", "question settles nothing", "", allowed
            )


def _answer(file: str, row: Row, field: str, condition: Row) -> Iterator[Finding]:
    """Yield an answer that a condition does not allow."""
    allowed = answers(condition)
    if row[field] is not None and condition["value_type"] != "number" and row[field] not in allowed:
        problem = "unknown answer to the condition"
        yield Finding(file, row.number, field, problem, row[field], ", ".join(allowed))


def cited_sections(tables: Rows) -> set[str]:
    """Return the sections that a row names, its first or a further one."""
    cited: set[str] = set()
    for rows in tables.values():
        for row in rows:
            if "also_sections" in row.values:
                cited |= {row["section"], *row["also_sections"]} - {None}
    return cited


def section_citations(tables: Rows) -> Iterator[Finding]:
    """Yield sections that no row cites without a reason, or that are cited in spite of one."""
    cited = cited_sections(tables)
    for row in tables.get("document_sections", []):
        if row["id"] is None:
            continue
        if row["id"] in cited and row["uncited"]:
            problem, given = "a row cites this section", row["uncited"]
            yield Finding(_SECTIONS, row.number, "uncited", problem, given, "empty")
        elif row["id"] not in cited and not row["uncited"]:
            problem, allowed = "no row cites this section", "a row that does, or the reason why not"
            yield Finding(_SECTIONS, row.number, "uncited", problem, row["id"], allowed)
