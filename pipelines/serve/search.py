"""The search for a place by any of its names or codes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from pipelines.core.errors import InputError
from pipelines.serve import places as places_by_code
from pipelines.serve.sheet_parts import plain_number
from pipelines.serve.store import Store

#: The longest text that is searched; the longest name of a region has 60 letters.
LONGEST = 100
#: With fewer letters one letter wrong may be any other name.
_FORGIVING = 4
#: So many places a message lists at most.
_LISTED = 12

_SEARCH = """
with asked as (select search_form($text) as form, trim($text) as code),

-- Whole name, beginning, beginning of a word, anywhere, one letter wrong.
matched as (
    select
        place_kind, place_id, place_size, is_main,
        case
            when search_form = form or place_id = code then 0
            when starts_with(search_form, form) then 1
            when contains(search_form, ' ' || form) then 2
            when contains(search_form, form) then 3
            when $forgiving and is_main and length(form) >= $letters
                and abs(length(search_form) - length(form)) <= 1
                and damerau_levenshtein(search_form, form) <= 1 then 4
        end as step
    from marts.place_names, asked
    where form != '' and ($kind is null or place_kind = $kind)
),

-- A step is worth as much as ten or a hundred times the people: cities come before hamlets of
-- the same name, and a place called like the text before one whose longer name begins with it,
-- unless that has a hundred times its people (Vogelsbergkreis before the village Vogelsberg). A
-- code gives way to none, nor does a region whose people are not known (France). A case study
-- counts as a small town: before villages called alike, after the towns they are about.
scored as (
    select
        place_kind, place_id, any_value(place_size) as people, min(step) as step,
        max(
            case
                when step = 0 and place_id = upper(code) then 20
                when step = 0 and place_kind = 'region' and place_size is null then 20
                when step = 0 then 6
                when step = 1 then 3
                when step = 2 then 2
                when step = 3 then 1
                else 2.5
            end + if(is_main and step > 0, 1, 0)
        ) as worth
    from matched, asked
    where step is not null
    group by place_kind, place_id
),

best as (
    select
        *,
        worth + log10(1 + coalesce(people, if(place_kind = 'case study', 5000, 0))) as score
    from scored
    order by score desc, place_kind, place_id
    limit $number
)

select
    best.place_kind as kind,
    best.place_id as id,
    coalesce(regions.name, towns.name, cases.name) as name,
    regions.level,
    towns.region_name as region,
    coalesce(regions.country_name, towns.country_name, cases.country_name) as country,
    best.people,
    best.step
from best
left join marts.regions as regions
    on best.place_kind = 'region' and regions.nuts_id = best.place_id
left join marts.towns as towns
    on best.place_kind = 'town' and towns.geonameid = try_cast(best.place_id as integer)
left join marts.case_studies as cases
    on best.place_kind = 'case study' and cases.id = best.place_id
order by best.score desc, best.place_kind, best.place_id
"""


@dataclass(frozen=True)
class Place:
    """A place that a search found.

    Attributes
    ----------
    kind : {"region", "town", "case study"}
        What it is.
    id : str
        NUTS code of 2021, GeoNames id, or id of the case study.
    name, country : str
        Its name and its country's.
    level : int or None
        NUTS level of a region.
    region : str or None
        Name of the NUTS-3 region of a town.
    people : int or None
        Inhabitants.
    is_exact : bool
        One of its names or codes is the text, whatever its case, accents and punctuation.
    """

    kind: str
    id: str
    name: str
    country: str
    level: int | None
    region: str | None
    people: int | None
    is_exact: bool


def places(store: Store, text: str, kind: str | None = None, number: int = 12) -> list[Place]:
    """Return the regions, towns and case studies that a text names, the likeliest first.

    Case, accents, strokes (ł, ø, ß) and punctuation do not matter. Where nothing is called so,
    one of four letters and more of an own name may be wrong, missing, too many or exchanged
    with its neighbour.

    Parameters
    ----------
    store : Store
        An open database.
    text : str
        A name in Latin, Greek or Cyrillic script, a NUTS code of 2021, a code of 2024 of a region
        that one of 2021 became or is called like, or a GeoNames id.
    kind : {"region", "town", "case study"}, optional
        Only these.
    number : int
        How many at most.

    Returns
    -------
    list of Place
        None where the text is empty.

    Raises
    ------
    InputError
        The text is longer than ``LONGEST``.
    """
    hits = _hits(store, text, kind, number, is_forgiving=False)
    if any(hit.is_exact for hit in hits):
        return hits
    return _hits(store, text, kind, number, is_forgiving=True)


def code_of(store: Store, text: str) -> str:
    """Return the code of the region or town that a text means.

    Parameters
    ----------
    store : Store
        An open database.
    text : str
        NUTS code of 2021, GeoNames id or a name. Spelling is not forgiven.

    Returns
    -------
    str
        NUTS code or GeoNames id; the text itself where nothing is called so.

    Raises
    ------
    InputError
        Several places may be meant; the message lists their codes and names.
    """
    if place := places_by_code.named(store, text):
        return place.id
    hits = _hits(store, text, None, _LISTED, is_forgiving=False)
    hits = [hit for hit in hits if hit.kind in ("region", "town")]
    # Those before the last of this very name have so many more people that they may be meant.
    exact = [number for number, hit in enumerate(hits) if hit.is_exact]
    meant = hits[: exact[-1] + 1] if exact else hits
    if len(meant) > 1:
        listed = "; ".join(
            f"{hit.id} {hit.name} ({hit.region or f'level {hit.level}'}, {hit.country})"
            for hit in meant
        )
        raise InputError(f"'{text}' may be one of several places; allowed is a code: {listed}")
    return meant[0].id if meant else text


def _hits(
    store: Store, text: str, kind: str | None, number: int, is_forgiving: bool
) -> list[Place]:
    if len(text) > LONGEST:
        raise InputError(f"search: {len(text)} characters; allowed: at most {LONGEST}")
    parameters = {"text": text, "kind": kind, "number": number, "letters": _FORGIVING}
    rows = store.rows(_SEARCH, parameters | {"forgiving": is_forgiving})
    return [
        Place(
            kind=row["kind"],
            id=row["id"],
            name=row["name"],
            country=row["country"],
            level=row["level"],
            region=row["region"],
            people=row["people"],
            is_exact=row["step"] == 0,
        )
        for row in rows
    ]


def labelled(store: Store, text: str, kind: str, number: int = 25) -> pd.DataFrame:
    """Return ``id``, ``label`` of the regions or towns that a text names, the likeliest first.

    A case study is found among the towns, too: the settlement that it is linked to stands for it,
    or that of the case that it is part of.
    """
    labels = {hit.id: _label(hit) for hit in places(store, text, kind, number)}
    if kind == "town":
        exact, others = _towns_of_cases(store, text, labels)
        labels = {**exact, **labels, **others}
    listed = list(labels.items())[:number]
    return pd.DataFrame(listed, columns=["id", "label"], dtype=object)


def _towns_of_cases(
    store: Store, text: str, towns: Collection[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return labels by settlement of the cases that a text names, exact ones and others.

    A settlement that the text names itself needs no case to stand for it.
    """
    hits = {hit.id: hit for hit in places(store, text, "case study")}
    rows = store.rows(
        """
        select cases.id, cases.region, towns.geonameid::varchar as town, towns.name as town_name
        from marts.case_studies as cases
        left join marts.case_studies as wholes on wholes.id = cases.part_of
        inner join marts.towns
            on towns.geonameid = coalesce(cases.geonameid, wholes.geonameid)
        where cases.id in (select unnest($cases::varchar[]))
        order by list_position($cases::varchar[], cases.id)
        """,
        {"cases": list(hits)},
    )
    labels: tuple[dict[str, str], dict[str, str]] = ({}, {})
    for row in rows:
        hit = hits[row["id"]]
        if row["town"] not in towns:
            where = f"{row['region'] or hit.country}: {row['town_name']}"
            labels[0 if hit.is_exact else 1].setdefault(row["town"], f"{hit.name} ({where})")
    return labels


def _label(hit: Place) -> str:
    if hit.kind == "region":
        return f"{hit.name} ({hit.id}, {hit.country}, level {hit.level})"
    where = f"{hit.region}, " if hit.region else ""
    return f"{hit.name} ({where}{hit.country}, {plain_number(hit.people or 0)})"
