"""Where the tests find things: the project, the publishers' files, and small inputs."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
DATA = SHARED / "data"
FIXTURES = ROOT / "tests" / "fixtures"
