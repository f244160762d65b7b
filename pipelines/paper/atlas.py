"""A country's atlas on A4: a map of each typology, then the sheet of each of its regions."""

from __future__ import annotations

from collections.abc import Callable

from reportlab.platypus import Flowable, PageBreak, Spacer

from pipelines.core.countries import hint
from pipelines.core.errors import InputError
from pipelines.paper import maps, page, sheet
from pipelines.paper.page import WIDTH, Context, text
from pipelines.serve import demography, dictionary, queries
from pipelines.serve.palettes import BEHIND, TYPOLOGIES, WEBB_WORDS
from pipelines.serve.sheet import place_sheet
from pipelines.serve.shrinking_filter import ShrinkingFilter
from pipelines.serve.store import Store
from pipelines.serve.texts import _

_LEVEL = 3
_HEIGHT = 300.0


def regions(store: Store, country: str) -> list[str]:
    """Return the codes of a country's smallest regions, in their order.

    Raises
    ------
    InputError
        The country has none, or there is no such country.
    """
    code = country.strip().upper()
    every = queries.region_values(store, _LEVEL, "nuts_id")["nuts_id"]
    codes = sorted(every[every.str.startswith(code)]) if len(code) == 2 else []
    if not codes:
        said = hint(code) or "allowed are Eurostat's codes, such as LT"
        raise InputError(f"country '{country}': no regions of level {_LEVEL}; {said}")
    return codes


def pdf(
    store: Store,
    country: str,
    context: Context,
    advance: Callable[[str], None] = lambda name: None,
) -> bytes:
    """Return a country's atlas as a PDF.

    Parameters
    ----------
    store : Store
    country : str
        Eurostat's code, in any case.
    context : Context
        Where and when it is printed.
    advance : callable
        Called with the name of each map and sheet when it is done.

    Raises
    ------
    InputError
        There is no such country, or it has no regions.
    """
    codes = regions(store, country)
    whole = place_sheet(store, codes[0][:2])
    title = _("Atlas of {country}").format(country=_(whole.place.name))
    story: list[Flowable] = [
        text(title, page.TITLE),
        text(
            _(
                "Regions (NUTS 3): {n}; a map of each typology, then a sheet for each region."
            ).format(n=f"{len(codes):,}"),
            page.LEAD,
        ),
    ]
    for number, (table, column) in enumerate(TYPOLOGIES):
        story += _typology(store, table, column, codes)
        story.append(PageBreak() if number % 2 else Spacer(0, 10))
        advance(column)
    sources = (*_sources(store), *sheet.MAP_SOURCES)
    story += page.credits(store, sources, context, title)
    for code in codes:
        made = place_sheet(store, code)
        own = Context(context.address.partition("?")[0] + f"?region={code}", context.day)
        story += [PageBreak(), *sheet.story(store, made, own)]
        advance(made.place.name)
    return page.pdf(story, title, store, context)


def steps(store: Store, country: str) -> int:
    """Return how many maps and sheets an atlas has."""
    return len(TYPOLOGIES) + len(regions(store, country))


def _sources(store: Store) -> list[str]:
    """Return the sources of all typologies."""
    fields = [_field(store, table, column) for table, column in TYPOLOGIES]
    return list(dict.fromkeys(name for field in fields for name in field.sources))


def _field(store: Store, table: str, column: str) -> dictionary.Field:
    return dictionary.field(store, table, BEHIND.get(column, column))


def _values(store: Store, table: str, column: str) -> dict[str, object]:
    """Return the class of each region by its code."""
    if table == "regions":
        frame = queries.region_values(store, _LEVEL, column)
        return dict(zip(frame["nuts_id"], frame["value"], strict=True))
    chosen = ShrinkingFilter(level=_LEVEL)
    frame = store.memo("paper demography", lambda: demography.regions(store, chosen))
    return dict(zip(frame["nuts_id"], frame[column], strict=True))


def _typology(store: Store, table: str, column: str, codes: list[str]) -> list[Flowable]:
    """Return the map of one typology, its counts over the country."""
    field = _field(store, table, column)
    values = _values(store, table, column)
    counted = [code for code in codes if code in values]
    words = WEBB_WORDS if column == "webb_type" else None
    colours, legend = maps.typed(values, TYPOLOGIES[table, column], counted, words)
    shown = maps.RegionMap(
        _LEVEL,
        colours,
        _(field.label),
        legend,
        outlined=(codes[0][:2],),
        focus=(codes[0][:2],),
        around=0.12,
        note=f"{_('Counts: regions of the country')}, NUTS 2021.",
    )
    return [
        text(_(field.label), page.HEAD),
        maps.draw(store, shown, WIDTH, _HEIGHT).flowable(),
    ]
