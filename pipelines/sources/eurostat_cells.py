"""The grammar of one Eurostat cell, and what each flag says.

A cell is ``:`` or a number, then perhaps flags, and nothing else. Flags changed in
January 2025: observation status is now ``b d e f i m n p u`` (``s`` became ``i``,
``z`` became ``m``) and confidentiality ``C N P`` (``c`` became ``C``). Files of
before still carry ``c s z r``. Both lists are read; the raw letters are kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.core.errors import HinterlandError, SourceUnreadable, UnknownCode
from pipelines.core.flags import FLAGS

STATES = (
    "value",
    "missing",
    "flag_only",
    "confidential",
    "not_applicable",
    "less_than_half",
)
_CELL = r"^\s*(?P<v>:|[-+]?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)?\s*(?P<f>[A-Za-z]*)\s*$"
_NUMBER = r"^[-+]?[0-9]+(\.[0-9]+)?$"
_NOT_A_FLAG = f"[^{''.join(FLAGS)}]"


@dataclass(frozen=True)
class Meaning:
    """What each distinct cell text means; four arrays of one length.

    ``rejected`` is the position of the first text outside the grammar, or None.
    """

    value: pa.Array
    flag: pa.Array
    state: pa.Array
    rejected: int | None


def classify(texts: pa.Array) -> Meaning:
    """Read distinct cell texts.

    Parameters
    ----------
    texts : pyarrow.Array of string, shape (n,)
        Cells as published, blanks included.

    Returns
    -------
    Meaning
        ``value`` float64 (null unless the state is ``value``), ``flag`` string
        (null for none), ``state`` string, one of `STATES`.

    Notes
    -----
    ``0n`` says "less than half of the unit": it is not zero, so its value is null.
    A flag without ``:`` or number occurs in published files; it is a gap.
    """
    bare = pc.ascii_trim_whitespace(texts)
    # Most cells are bare numbers; a match without groups is several times cheaper.
    is_bare = pc.match_substring_regex(bare, _NUMBER)
    other = pc.indices_nonzero(pc.invert(is_bare))
    number, flag, unread = _split(texts.take(other))
    rejected = pc.index(unread, True).as_py()
    if rejected >= 0:
        empty = pa.nulls(0)
        return Meaning(empty, empty, empty, other[rejected].as_py())
    state = _state(number, flag)
    number = pc.if_else(pc.equal(state, "value"), number, None)
    flag = pc.if_else(pc.equal(flag, ""), None, flag)
    rest = pc.invert(is_bare)
    return Meaning(
        pc.replace_with_mask(bare, rest, number).cast(pa.float64()),
        pc.replace_with_mask(pa.nulls(len(texts), pa.string()), rest, flag),
        pc.replace_with_mask(pc.if_else(is_bare, "value", None), rest, state),
        None,
    )


def _split(texts: pa.Array) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Return number, flags and whether the cell breaks the grammar."""
    parts = pc.extract_regex(texts, pattern=_CELL)
    number, flag = pc.struct_field(parts, "v"), pc.struct_field(parts, "f")
    # Without ':' or a number one or two flags may stand; 'inf' would pass for three.
    lone = pc.and_(pc.equal(number, ""), pc.invert(pc.match_substring_regex(flag, "^.{1,2}$")))
    is_odd = pc.or_(pc.match_substring_regex(flag, _NOT_A_FLAG), lone)
    return number, flag, pc.or_(pc.is_null(parts), pc.fill_null(is_odd, True))


def _state(number: pa.Array, flag: pa.Array) -> pa.Array:
    is_number = pc.invert(pc.is_in(number, pa.array(["", ":"])))
    below_half = pc.and_(
        pc.match_substring(flag, "n"), pc.match_substring_regex(number, r"^[-+]?0+(\.0+)?$")
    )
    return pc.case_when(
        pc.make_struct(
            below_half,
            is_number,
            pc.match_substring_regex(flag, "[cCNP]"),
            pc.match_substring_regex(flag, "[zm]"),
            pc.equal(number, ""),
        ),
        "less_than_half",
        "value",
        "confidential",
        "not_applicable",
        "flag_only",
        "missing",
    )


def rejection(path: Path, text: str, row: int, year: int) -> HinterlandError:
    """Return the error that says why a cell was refused and where it stands."""
    where = f"{path}: row {row}, column {year}"
    parts = pc.extract_regex(pa.array([text]), pattern=_CELL)[0].as_py()
    if parts is not None and parts["f"]:
        unknown = "".join(sorted(set(parts["f"]) - set(FLAGS)))
        if not unknown:
            return SourceUnreadable(f"{where}: cell {text!r} found; a number or ':' is missing.")
        return UnknownCode(
            f"{where}: flag {unknown!r} found in cell {text!r}; known flags are "
            f"{' '.join(FLAGS)}. Add it to pipelines/sources/eurostat_cells.py once its meaning is"
            " known."
        )
    return SourceUnreadable(
        f"{where}: cell {text!r} found; a number or ':' is allowed, followed by flags"
        f" ({' '.join(FLAGS)}). Fetch the file again."
    )


def level_mask(geo: pa.Array, levels: list[int]) -> pa.Array:
    """Tell which codes are NUTS codes (or extra-regio codes) of the given levels.

    Aggregates such as ``EU27_2020``, ``EA19`` or ``DE_TOT`` have no level; they are
    dropped unless the list holds ``-1``.
    """
    distinct = geo.unique()
    # EF(TA), EU and EA are not countries; EEA would pass for a region of Estonia.
    is_nuts = pc.and_(
        pc.match_substring_regex(distinct, r"^[A-Z]{2}[0-9A-Z]{0,3}$"),
        pc.invert(pc.match_substring_regex(distinct, r"^(EEA|EFTA|EA\w*|EU\w*)$")),
    )
    level = pc.if_else(is_nuts, pc.subtract(pc.utf8_length(distinct), 2), -1)
    codes = distinct.filter(pc.is_in(level, pa.array(levels, level.type)))
    return pc.is_in(geo, codes)
