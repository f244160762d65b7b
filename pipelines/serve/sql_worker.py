"""The process in which one visitor's query runs: limits first, then the database.

It reads what to do from its standard input and writes rows as an Arrow stream. Exit codes: 2
the query is wrong (a sentence on the standard error), 3 it took too long.
"""

from __future__ import annotations

import json
import sys


def main() -> int:
    """Run the query."""
    task = json.load(sys.stdin)
    _limit(task["seconds"])
    sys.path[:] = task["path"]
    import threading

    import duckdb
    import pyarrow as pa

    con = duckdb.connect(task["database"], read_only=True, config=task["config"])
    alarm = threading.Timer(task["seconds"], con.interrupt)
    alarm.daemon = True
    alarm.start()
    try:
        # The statement was checked: one SELECT over published tables.
        query = f"select * from ({task['statement']}\n) limit {int(task['rows'])}"  # noqa: S608
        rows = con.execute(query).to_arrow_table()
    except duckdb.InterruptException:
        return 3
    except duckdb.Error as error:
        sys.stderr.write(_sentence(error))
        return 2
    if rows.nbytes > task["bytes"]:
        sys.stderr.write(f"the answer has {rows.nbytes:,} bytes; {task['bytes']:,} are allowed")
        return 2
    sys.stdout.flush()
    with pa.ipc.new_stream(sys.stdout.buffer, rows.schema) as stream:
        stream.write_table(rows)
    return 0


def _limit(seconds: int) -> None:
    """Take memory, time, files and children away, where the system can."""
    try:
        import resource
    except ImportError:  # not a Unix
        return
    gigabyte = 2**30
    resource.setrlimit(resource.RLIMIT_AS, (3 * gigabyte, 3 * gigabyte))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds + 4, seconds + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _sentence(error: Exception) -> str:
    """Return an error's first lines without what it says of the server's folders."""
    lines = [line for line in str(error).splitlines() if line.strip() and "/" not in line]
    return " ".join(lines[:2])[:400] or "the query failed"


if __name__ == "__main__":
    sys.exit(main())
