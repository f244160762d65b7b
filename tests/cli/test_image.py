"""The Dockerfile's steps, one by one, in an empty folder: no image can be built in a test.

What this cannot see: the base image and the user. ``make image-check`` runs it; it installs all
packages from the index and takes minutes.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.where import ROOT

STEPS = [
    re.split(r"\s+", line, maxsplit=1)
    for line in (ROOT / "Dockerfile").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]


def of(kind: str) -> list[str]:
    return [step[1] for step in STEPS if step[0] == kind]


def test_what_the_steps_name_is_there() -> None:
    copied = [text for text in of("COPY") if not text.startswith("--from")]
    assert copied == ["requirements.lock ./", ". ."]
    ignored = (ROOT / ".dockerignore").read_text("utf-8").split()
    assert not {"pipelines", "pages", "sql", "geodata", "locale", "app.py", "README.md"} & set(
        ignored
    )


@pytest.mark.skipif(
    "HINTERLAND_IMAGE" not in os.environ, reason="installs everything; run: make image-check"
)
def test_the_steps_serve_the_dashboard(tmp_path: Path) -> None:
    source, root = tmp_path / "src", tmp_path / "root"
    shutil.copytree(
        ROOT, source, ignore=shutil.ignore_patterns(".git", ".venv", "build", "tests", "*cache*")
    )
    binaries = tmp_path / "bin"
    binaries.mkdir()
    (binaries / "python").symlink_to(sys.executable)
    # Nothing of this machine's Python but the interpreter itself.
    env = {"PATH": f"{binaries}:/usr/bin:/bin", "HOME": str(tmp_path), "LANG": "C.UTF-8"}

    def below(text: str) -> str:
        return re.sub(r"(?<![\w.])/(opt|var/lib)/hinterland", rf"{root}/\1/hinterland", text)

    for text in of("RUN"):
        if text.startswith("useradd"):
            continue
        words = ["sh", "-c", below(text)]
        done = subprocess.run(words, cwd=source, env=env, capture_output=True, text=True)
        assert done.returncode == 0, (text, done.stderr)
    shutil.rmtree(source)
    (command,) = [below(text) for text in of("CMD")]
    words = [*map(str.strip, re.findall(r'"([^"]*)"', command))]
    words[words.index("8501")] = "8641"
    env |= {
        "HINTERLAND_HOME": below("/var/lib/hinterland"),
        "PATH": f"{below('/opt/hinterland')}/bin:/usr/bin:/bin",
    }
    with served(words, env, tmp_path):
        answer = urllib.request.urlopen("http://localhost:8641/health", timeout=5).read()
        site = urllib.request.urlopen("http://localhost:8641/docs/", timeout=5).read()
    assert b'"ok"' in answer
    assert b"Hinterland" in site
    assert b"mkdocs" in site.lower()


@contextlib.contextmanager
def served(words: list[str], env: dict[str, str], where: Path) -> Iterator[None]:
    process = subprocess.Popen(words, env=env, cwd=where)
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen("http://localhost:8641/health", timeout=1)
            except OSError:
                assert process.poll() is None
                time.sleep(0.5)
            else:
                break
        yield
    finally:
        process.terminate()
        process.wait(20)
