"""Reads malformed files one by one and says how each ended; run in a process of its own.

``python -m tests.fuzz.worker TARGET FIRST COUNT`` prints one line of JSON a file. A line is
printed before a file, too: where the process dies, the parent knows on which.
"""

from __future__ import annotations

import faulthandler
import json
import resource
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipelines.core.errors import HinterlandError
from tests.fuzz import targets


def peak_mb() -> float:
    """Return the most memory that this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024


def ended(read: Callable[[Path], Any], path: Path) -> dict[str, Any]:
    """Read a file; return how it ended."""
    start = time.perf_counter()
    try:
        read(path)
        how, said = "read", ""
    except HinterlandError as error:
        how, said = "refused", str(error)
    except Exception:
        how, said = "traceback", traceback.format_exc()
    return {"how": how, "said": said[-3_000:], "seconds": time.perf_counter() - start}


def main() -> None:
    """Read files of one target."""
    name, first, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    faulthandler.enable()
    with tempfile.TemporaryDirectory() as folder:
        target = targets.all_targets(Path(folder))[name]
        target.read(target.good(0)[1](Path(folder)))  # what is loaded once is loaded
        for seed in range(first, first + count):
            file_name, make = target.good(seed)
            path = make(Path(folder))
            path.write_bytes(target.malformed(path.read_bytes(), seed))
            print(json.dumps({"seed": seed, "file": file_name}), flush=True)
            before = peak_mb()
            facts = ended(target.read, path)
            print(json.dumps(facts | {"grew_mb": peak_mb() - before}), flush=True)


if __name__ == "__main__":
    main()
