"""Files of Stata (.dta) and SPSS (.sav): every column with its label, every class with its words.

A column with a closed list of values becomes whole numbers from 1 in the dictionary's order, with
the values as their labels; yes and no become 1 and 0. Missing stays missing.
"""

from __future__ import annotations

import itertools
import re
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.core.errors import InputError
from pipelines.serve import dictionary
from pipelines.serve.export_notes import Joined
from pipelines.serve.store import Store
from pipelines.serve.writers import without_outlines

if TYPE_CHECKING:
    import pandas as pd

#: Letters of a name of Stata; a label has 80, a text 2045 bytes.
NAME_MOST, LABEL_MOST, TEXT_MOST = 32, 80, 2045
#: Bytes of a line of SPSS's notes.
NOTE_MOST = 80
Labels = dict[str, dict[int | float, str]]
_YES_NO: dict[int | float, str] = {0: "no", 1: "yes"}


def write(
    store: Store,
    table: str,
    data: pa.Table,
    target: Path,
    facts: Mapping[str, str],
    joined: Joined = (),
) -> None:
    """Write rows of a mart for Stata or SPSS, without outlines.

    Parameters
    ----------
    store : Store
    table : str
        The mart.
    data : Table
        Rows of it.
    target : Path
        ``.dta`` (Stata 14 and later) or ``.sav``.
    facts : mapping of str to str
        What travels with the file; SPSS keeps it as notes.
    joined : sequence of (str, str)
        Mart and name of columns of other marts among them.

    Raises
    ------
    InputError
        pyreadstat is not installed, or a text is longer than Stata keeps.
    """
    try:
        import pyreadstat
    except ImportError:
        raise InputError(
            f"{target.name}: files of Stata and SPSS need a package that is not installed. "
            "Install it with: pip install 'hinterland[labels]'"
        ) from None
    plain = without_outlines(data)
    fields = _fields(store, table, plain.schema.names, joined)
    names = short_names(plain.schema.names)
    is_stata = target.suffix.lower() == ".dta"
    if is_stata:
        _refuse_long_texts(plain, target.name)
    frame, labels = _coded(plain, fields, names)
    title = facts["title"][:LABEL_MOST]
    told: list[str | None] = [_label(name, fields.get(name)) for name in plain.schema.names]
    if is_stata:
        pyreadstat.write_dta(frame, str(target), title, told, 14, labels)
        return
    measures = {names[i]: _measure(item, fields) for i, item in enumerate(plain.schema)}
    pyreadstat.write_sav(
        frame,
        str(target),
        file_label=title,
        column_labels=told,
        note=_lines(facts),
        variable_value_labels=labels,
        variable_measure=measures,
    )


def short_names(names: Sequence[str]) -> list[str]:
    """Return names of at most 32 letters, digits and ``_``, all different.

    Examples
    --------
    >>> short_names(["a" * 33, "a" * 34, "2 b"])
    ['aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_1', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_2', '_2_b']
    """
    plain = [re.sub(r"^(?=\d)", "_", re.sub(r"[^A-Za-z0-9_]", "_", name)) for name in names]
    cut = [name[:NAME_MOST] for name in plain]
    # Stata tells capitals apart, SPSS does not.
    counts = Counter(name.lower() for name in cut)
    taken = {name for name, number in counts.items() if number == 1}
    short = []
    for name in cut:
        if counts[name.lower()] == 1:
            short.append(name)
            continue
        ends = (f"_{number}" for number in itertools.count(1))
        tries = (name[: NAME_MOST - len(end)] + end for end in ends)
        free = next(text for text in tries if text.lower() not in taken)
        taken.add(free.lower())
        short.append(free)
    return short


def _fields(
    store: Store, table: str, names: Sequence[str], joined: Joined
) -> dict[str, dictionary.Field]:
    """Return what the dictionary says of the columns that it has."""
    known = dictionary.fields(store)
    places = {name: other for other, name in joined}
    fields = {n: known.get((table, n)) or known.get((places.get(n, ""), n)) for n in names}
    return {name: field for name, field in fields.items() if field is not None}


def _lines(facts: Mapping[str, str]) -> list[str]:
    """Return notes in lines as SPSS keeps them; a letter takes at most three bytes."""
    texts = (f"{key}: {value}" for key, value in facts.items())
    lines = (line for text in texts for line in textwrap.wrap(text, NOTE_MOST))
    parts = (
        textwrap.wrap(line, NOTE_MOST // 3) if len(line.encode()) > NOTE_MOST else [line]
        for line in lines
    )
    return [part for some in parts for part in some]


def _label(name: str, field: dictionary.Field | None) -> str:
    """Return label and unit of a column, cut to what both programs keep."""
    if field is None:
        return name[:LABEL_MOST]
    unit = f" [{field.unit}]" if field.unit else ""
    return field.label[: LABEL_MOST - len(unit)] + unit


def _classes(item: pa.Field, fields: Mapping[str, dictionary.Field]) -> tuple[str, ...]:
    field = fields.get(item.name)
    return field.allowed if field is not None and pa.types.is_string(item.type) else ()


def _measure(item: pa.Field, fields: Mapping[str, dictionary.Field]) -> str:
    is_number = pa.types.is_integer(item.type) or pa.types.is_floating(item.type)
    return "scale" if is_number and not _classes(item, fields) else "nominal"


def _coded(
    data: pa.Table, fields: Mapping[str, dictionary.Field], names: Sequence[str]
) -> tuple[pd.DataFrame, Labels]:
    """Return the cells as both programs keep them, and the words of coded columns."""
    import pandas as pd

    columns: dict[str, Any] = {}
    labels: Labels = {}
    for item, name in zip(data.schema, names, strict=True):
        column = data[item.name]
        if allowed := _classes(item, fields):
            # A value that the list does not have would be lost: it is added at its end.
            values = [*allowed, *sorted(set(pc.unique(column).to_pylist()) - {None, *allowed})]
            numbers = {value: number for number, value in enumerate(values, start=1)}
            columns[name] = [numbers.get(value) for value in column.to_pylist()]
            labels[name] = {number: value for value, number in numbers.items()}
        elif pa.types.is_boolean(item.type):
            columns[name] = column.cast(pa.int8()).to_pylist()
            labels[name] = _YES_NO
        elif pa.types.is_integer(item.type) or pa.types.is_floating(item.type):
            columns[name] = column.to_pylist()
        else:
            columns[name] = ["" if v is None else str(v) for v in column.to_pylist()]
    is_text = {name for name, cells in columns.items() if any(isinstance(c, str) for c in cells)}
    kinds = {name: "str" if name in is_text else "float64" for name in columns}
    return pd.DataFrame({n: pd.Series(c, dtype=kinds[n]) for n, c in columns.items()}), labels


def _refuse_long_texts(data: pa.Table, name: str) -> None:
    for item in data.schema:
        if not pa.types.is_string(item.type):
            continue
        longest = pc.max(pc.binary_length(data[item.name])).as_py() or 0
        if longest > TEXT_MOST:
            raise InputError(
                f"{name}: column '{item.name}' has a text of {longest:,} bytes, and Stata keeps "
                f"{TEXT_MOST:,}. Export it to .sav, .csv or .parquet"
            )
