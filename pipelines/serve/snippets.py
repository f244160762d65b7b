"""Lines of code that make a table again: with this project, in R, in DuckDB, with any client."""

from __future__ import annotations

from pipelines.serve.address_query import TableQuery

#: What a snippet is written for, in the order in which they are offered.
LANGUAGES = {"Python": "python", "pandas": "python", "R": "r", "DuckDB": "sql", "curl": "shell"}


def snippets(query: TableQuery, root: str) -> dict[str, str]:
    """Return code by the name of what runs it; each gives the same rows.

    Parameters
    ----------
    query : TableQuery
    root : str
        Where the dashboard is served, without a slash at the end.

    Notes
    -----
    A range is no argument of ``hl.table``: there is no line for the Python API with one.
    """
    words = query.words()
    address = f"{root}/api/{query.table}" + ".{form}" + (f"?{words}" if words else "")

    def at(form: str) -> str:
        return address.format(form=form)

    code = {
        "pandas": f'import pandas as pd\n\ntable = pd.read_parquet("{at("parquet")}")\n',
        "R": f'table <- arrow::read_parquet("{at("parquet")}")\n',
        "DuckDB": f"install httpfs; load httpfs;\nfrom read_parquet('{at('parquet')}');\n",
        "curl": f"curl -o {query.table}.csv '{at('csv')}'\n",
    }
    own = _own(query)
    return {name: text for name in LANGUAGES if (text := {"Python": own, **code}[name])}


def _own(query: TableQuery) -> str:
    if query.between or query.known or query.sort or query.limit is not None or query.offset:
        return ""
    arguments = [repr(query.table)]
    for name, values in query.equal.items():
        value = values[0] if len(values) == 1 else list(values)
        arguments.append(f"{name}={value!r}")
    if query.columns:
        arguments.append(f"columns={list(query.columns)!r}")
    return f"import hinterland as hl\n\ntable = hl.table({', '.join(arguments)})\n"
