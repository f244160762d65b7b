"""Named queries on case studies, each with the cases that are part of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from pipelines.serve.store import Store

Rows = list[dict[str, Any]]

# Every case with itself and the cases that are part of it, however deep.
_FAMILY = """
    recursive family as (
        select id, id as part, 0 as depth from marts.case_studies
        union
        select family.id, cases.id, family.depth + 1
        from family
        inner join marts.case_studies as cases on cases.part_of = family.part
    )
"""


def case_studies(store: Store) -> Rows:
    """Return every case study: those with an experiment first, then by name.

    ``experiments`` counts those of the case and of its parts; ``parts`` names the parts,
    ``whole_name`` the case that it is part of.
    """
    return store.rows(
        f"""
        with {_FAMILY},
        tried as (
            select family.id, count(*) as experiments
            from family
            inner join marts.experiments on experiments.case_study = family.part
            group by family.id
        ),
        parts as (
            select part_of as id, list(name order by name) as parts
            from marts.case_studies where part_of is not null
            group by part_of
        )
        select cases.*, coalesce(tried.experiments, 0) as experiments,
            coalesce(parts.parts, []) as parts, whole.name as whole_name
        from marts.case_studies as cases
        left join tried on tried.id = cases.id
        left join parts on parts.id = cases.id
        left join marts.case_studies as whole on whole.id = cases.part_of
        order by experiments = 0, cases.document desc, cases.name
        """  # noqa: S608 - a constant
    )


def _of_family(columns: str, table: str, *order: str) -> str:
    """Return the query of the rows of a mart that are of one case study and of its parts."""
    return f"""
        with {_FAMILY}
        select {columns}
        from family
        inner join marts.{table} as rows on rows.case_study = family.part
        where family.id = ?
        order by {", ".join(order)}
    """  # noqa: S608 - constants of this module


def experiments(store: Store, case_study: str) -> Rows:
    """Return the experiments and plans of one case study and of its parts."""
    sql = _of_family("rows.*", "experiments", "family.depth", "rows.id")
    return store.rows(sql, [case_study])


def figures(store: Store, case_study: str) -> pd.DataFrame:
    """Return the figures of one case study and of its parts, the document's before ours."""
    columns = (
        "case_study_name, measure, detail, printed, value, unit, period, approximate, whose, "
        "section_heading, document_title, note"
    )
    order = ("whose = 'ours'", "family.depth", "measure", "period", "detail")
    return store.frame(_of_family(columns, "case_study_figures", *order), [case_study])


def places_of(store: Store, case_study: str) -> Rows:
    """Return the places, events, bodies and programmes of one case study and of its parts."""
    order = ("list_position(['place', 'event', 'programme', 'body'], kind)", "name")
    return store.rows(_of_family("rows.*", "social_places", *order), [case_study])


def answers_of(store: Store, case_study: str) -> Rows:
    """Return what a document says of a case and of its parts, by condition."""
    sql = _of_family("rows.*", "case_conditions", "family.depth", "rows.question")
    return store.rows(sql, [case_study])


def figures_of_place(store: Store, place: str) -> Rows:
    """Return the figures that a document prints of an entry among the social places."""
    return store.rows(
        "select * from marts.case_study_figures where social_place = ? order by detail", [place]
    )


def case_named(store: Store, text: str) -> str | None:
    """Return the case study that a text means: its id, name or an alias, whatever the spelling.

    What a search ignores (case, accents, signs) does not matter; None where no case is called so.
    """
    rows = store.rows(
        """
        with spelled as (
            select id, unnest(list_concat([id, name, name_local], aliases)) as spelling
            from marts.case_studies
        )
        select id
        from spelled
        where search_form($text) != '' and search_form(spelling) = search_form($text)
        order by id
        limit 1
        """,
        {"text": text},
    )
    return rows[0]["id"] if rows else None


def cases_at(store: Store, geonameid: int) -> list[str]:
    """Return the case studies of a settlement and their parts, the settlement's own first."""
    return store.column(
        f"""
        with {_FAMILY}
        select family.part
        from family
        inner join marts.case_studies as cases on cases.id = family.id
        where cases.geonameid = ?
        group by family.part
        order by max(family.depth), family.part
        """,  # noqa: S608 - a constant
        [geonameid],
    )


def document_answers(store: Store, geonameid: int) -> dict[str, dict[str, Any]]:
    """Return what the documents say of a settlement's cases, a row a condition.

    Where a case and its part answer the same condition, the case's own answer stands.
    """
    rows = store.rows(
        """
        select answers.*
        from unnest($cases::varchar[]) with ordinality as mine(case_study, position)
        inner join marts.case_conditions as answers using (case_study)
        order by mine.position, answers.condition
        """,
        {"cases": cases_at(store, geonameid)},
    )
    first: dict[str, dict[str, Any]] = {}
    for row in rows:
        first.setdefault(row["condition"], row)
    return first


def regions_of(store: Store, codes: Sequence[str]) -> Rows:
    """Return regions by code, each with its NUTS-3 regions, those that shrink and their people."""
    return store.rows(
        """
        select
            wholes.nuts_id, wholes.level, wholes.name, wholes.country_name,
            count(parts.nuts_id) as regions,
            count(*) filter (where parts.trend = 'shrinking') as shrinking,
            count(parts.trend) as with_trend
        from marts.regions as wholes
        left join marts.regions as parts
            on parts.level = 3 and starts_with(parts.nuts_id, wholes.nuts_id)
        where wholes.nuts_id in (select unnest($codes::varchar[]))
        group by all
        order by wholes.nuts_id
        """,
        {"codes": list(codes)},
    )
