"""NUTS codes: their grammar, the vintage they belong to, and tables in another vintage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from hinterland._arguments import flags, optional_path, text, texts, wrong
from hinterland._database import PathLike, store_of
from pipelines.core.errors import NutsVersionMismatch
from pipelines.nuts.codes import level, parent

if TYPE_CHECKING:
    import pandas as pd

    from pipelines.nuts.frames import Lists

__all__ = ["convert", "level", "parent", "validate", "vintage"]


def validate(codes: Iterable[object]) -> pd.DataFrame:
    """Tell which values are NUTS codes, with level and country.

    Parameters
    ----------
    codes : iterable
        Values of a column.

    Returns
    -------
    DataFrame
        One row a value: ``code``, ``is_valid`` (has the form of a NUTS code; aggregates such
        as ``EU27_2020`` and extra-regio such as ``ATZZZ`` have not), ``level`` (0 to 3),
        ``country`` (Eurostat code); the last two NULL where it is not valid.

    Examples
    --------
    >>> import hinterland as hl
    >>> hl.nuts.validate(["DE733", "el30", "EU27_2020"])
            code  is_valid  level country
    0      DE733      True      3      DE
    1       el30     False   <NA>    <NA>
    2  EU27_2020     False   <NA>    <NA>
    """
    import pandas as pd

    from pipelines.nuts.codes import is_nuts

    values = _values(codes)
    valid = [isinstance(value, str) and is_nuts(value) for value in values]
    pairs = list(zip(values, valid, strict=True))
    return pd.DataFrame(
        {
            "code": values,
            "is_valid": valid,
            "level": pd.array([len(str(c)) - 2 if ok else None for c, ok in pairs], "Int64"),
            "country": pd.array([str(c)[:2] if ok else None for c, ok in pairs], "string"),
        }
    )


def vintage(codes: Iterable[str], *, database: PathLike | None = None) -> pd.DataFrame:
    """Tell which NUTS vintage codes belong to, country by country.

    Parameters
    ----------
    codes : iterable of str
        NUTS codes of any countries and levels.
    database : str or Path, optional
        Folder of another build.

    Returns
    -------
    DataFrame
        ``country``, ``level``, ``vintage`` (the newest that fits; NULL where none does),
        ``status`` (``exact``, ``complete``, ``partial``, ``mixture``, ``unlisted``),
        ``coverage_share`` (0 to 1), ``reason``.

    Raises
    ------
    UnknownCode
        A value is no NUTS code.

    Notes
    -----
    2021 and 2024 are told from Eurostat's embedded list; older vintages where the JRC's
    crosswalks were fetched. Source: Eurostat; JRC NUTS converter.

    Examples
    --------
    >>> import hinterland as hl
    >>> hl.nuts.vintage(["PT16B", "PT16D"])[["country", "level", "vintage"]]
      country  level  vintage
    0      PT      3     2021
    """
    from pipelines.nuts.frames import checked_codes, vintages_of

    _values(codes)
    return vintages_of(
        checked_codes([codes] if isinstance(codes, str) else codes, "codes"), _lists(database, None)
    )


def convert(
    table: pd.DataFrame,
    to: str | int = "2024",
    *,
    measure: Literal["absolute", "relative"] | None = None,
    start: str | int | None = None,
    by: Sequence[str] = (),
    weight: Literal["population", "population_2011", "area"] = "population",
    strict: bool = True,
    sources: PathLike | None = None,
    database: PathLike | None = None,
) -> pd.DataFrame:
    """Bring a table of regions to another NUTS vintage.

    Parameters
    ----------
    table : DataFrame
        A column ``nuts_id`` or ``geo``, columns of numbers, and keys: ``year`` or
        ``time_period``, and those that ``by`` names.
    to : str or int
        Vintage wanted: 2021 or 2024; older ones where their crosswalks were fetched.
    measure : {'absolute', 'relative'}, optional
        Counts (people, births) are shared out and added up; ratios (density, median age)
        become weighted means. Needed where regions were split or merged; these need the JRC's
        crosswalk as well, a file that is brought by hand: the error says where.
    start : str or int, optional
        Vintage of the table; told from the codes by default. A region whose border moved
        while its code stayed looks the same in both: state it then.
    by : sequence of str
        Further key columns (sex, age).
    weight : {'population', 'population_2011', 'area'}
        What shares are made of: people of the census grids of 2021 or 2011, or km².
    strict : bool
        Refuse if a region cannot be carried; otherwise leave it out and list it in
        ``result.attrs["set_aside"]``.
    sources : str or Path, optional
        Folder of fetched files; default: what :func:`hinterland.fetch` uses.
    database : str or Path, optional
        Folder of another build.

    Returns
    -------
    DataFrame
        Region, keys and numbers, and ``conversion``: ``as_published``, ``unchanged``,
        ``recoded``, ``merged`` or ``estimated``. A region is known only if all that
        contribute to it are; otherwise its numbers are missing.

    Raises
    ------
    NutsVersionMismatch
        No such vintage, or a region needs a crosswalk that was not fetched; the message
        names the regions and the file.
    UnknownCode, InputError
        A value is no NUTS code; a column is neither key nor number.

    Notes
    -----
    Sources: European Commission, JRC, NUTS converter, release 2025-08 (CC BY 4.0); without it
    Eurostat's list of changes carries regions whose territory stayed as it was.

    Examples
    --------
    >>> import hinterland as hl, pandas as pd
    >>> table = pd.DataFrame({"nuts_id": ["PT16B", "PT16D"], "people": [1000, 2000]})
    >>> hl.nuts.convert(table, to="2024")
      nuts_id  people conversion
    0   PT191  2000.0    recoded
    1   PT1D1  1000.0    recoded
    """
    import pandas as pd

    from pipelines.nuts.frames import convert_frame

    if not isinstance(table, pd.DataFrame):
        raise wrong("table", table, "a DataFrame with a column nuts_id or geo")
    flags(strict=strict)
    text("weight", weight)
    if measure is not None:
        text("measure", measure)
    return convert_frame(
        table,
        _year(to),
        _lists(database, sources),
        measure=measure,
        start=None if start is None else _year(start),
        by=texts("by", by, "a list of names"),
        weight=weight,
        strict=strict,
    )


def _values(codes: Iterable[object]) -> list[object]:
    if isinstance(codes, str):
        return [codes]
    if isinstance(codes, (bytes, Mapping)) or not isinstance(codes, Iterable):
        raise wrong("codes", codes, "a list or Series of codes")
    if type(codes).__name__ in ("DataFrame", "GeoDataFrame"):
        raise wrong("codes", list(codes), "one of its columns")
    return list(codes)


def _year(value: str | int) -> int:
    if not str(value).isdecimal() or len(str(value)) != len("2021"):
        raise NutsVersionMismatch(f"the vintage is {value!r}; a year is allowed: 2021, 2024")
    return int(value)


def _lists(database: PathLike | None, sources: PathLike | None) -> Lists:
    """Return the fetched crosswalks and Eurostat's list of changes."""
    from pipelines.nuts.frames import Lists
    from pipelines.runner.crosswalks import read_crosswalks
    from pipelines.serve.selection import select_rows

    fetched = optional_path("sources", sources)
    changes = select_rows(
        store_of(database), "nuts_changes", columns=["level", "code_2021", "code_2024", "change"]
    )
    return Lists(read_crosswalks(fetched), changes)
