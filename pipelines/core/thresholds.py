"""The thresholds: one mapping of name to value, wherever they are read from.

Each is a row of ``sql/seeds/thresholds.csv``, in the unit that the row states. A model gets
them as the table ``seeds.thresholds``, a page from the published database
(:func:`pipelines.serve.thresholds.thresholds`), SQL by the macro ``threshold('name')``.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self

import pyarrow as pa

from pipelines.core.errors import InputError

TABLE = "seeds.thresholds"


class Thresholds(dict[str, float]):
    """Name to value of every threshold; a name that is not there is an error that says so."""

    def __missing__(self, name: str) -> float:
        """Raise InputError: there is no such row."""
        raise InputError(f"thresholds: no row named '{name}'. Add it to sql/seeds/thresholds.csv.")

    @classmethod
    def of_table(cls, table: pa.Table) -> Self:
        """Read a table with the columns ``name`` and ``value``."""
        names, values = table["name"].to_pylist(), table["value"].to_pylist()
        return cls(dict(zip(names, values, strict=True)))

    @classmethod
    def of_file(cls, path: Path) -> Self:
        """Read a seed file.

        Raises
        ------
        InputError
            A column is missing, a name comes twice or a value is not a number.
        """
        values: dict[str, float] = {}
        with path.open(encoding="utf-8", newline="") as handle:
            reader = csv.DictReader(handle)
            if not {"name", "value"} <= set(reader.fieldnames or []):
                raise InputError(f"{path.name}: needs the columns name and value")
            for number, row in enumerate(reader, start=2):
                if row["name"] in values:
                    raise InputError(f"{path.name}: row {number}: name '{row['name']}' comes twice")
                try:
                    values[row["name"]] = float(row["value"])
                except ValueError as error:
                    raise InputError(
                        f"{path.name}: row {number}: value '{row['value']}' is not a number"
                    ) from error
        return cls(values)

    def family(self, prefix: str) -> dict[str, float]:
        """Return the rows whose names begin with a text, by the rest of their names."""
        return {n.removeprefix(prefix): v for n, v in self.items() if n.startswith(prefix)}


@dataclass(frozen=True, slots=True)
class Constants:
    """Base of the dataclasses whose fields are rows of the seed, ``<prefix><field>`` each."""

    @classmethod
    def prefix(cls) -> str:
        """Return what the names of this class's rows begin with."""
        raise NotImplementedError

    @classmethod
    def from_thresholds(cls, rows: Mapping[str, float]) -> Self:
        """Pick this class's rows out of all thresholds.

        Parameters
        ----------
        rows : mapping of str to float
            Threshold name to value.

        Raises
        ------
        InputError
            A row is missing or is not a finite number.
        """
        known, values = Thresholds(rows), {}
        for field in fields(cls):
            name = cls.prefix() + field.name
            try:
                values[field.name] = float(known[name])
            except InputError as error:
                raise InputError(f"{error} It is needed by {cls.__name__}.") from error
            if not math.isfinite(values[field.name]):
                raise InputError(
                    f"thresholds: row '{name}' is {known[name]}; a finite number is allowed"
                )
        return cls(**values)
