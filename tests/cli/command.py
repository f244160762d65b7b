"""The command line as a user runs it, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.where import ROOT


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``hinterland`` with the variables given and return what it said."""
    return subprocess.run(
        [sys.executable, "-m", "pipelines", *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
        env=os.environ | environment,
    )
