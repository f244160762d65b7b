"""Compares the lock with the advisories on Python packages: ``make audit``.

pip-audit asks the package index and OSV. Exit code 0: every pin was compared and none has an
advisory; 1: some have; 2: they could not be compared, in whole or in part, which is no all-clear.
Whether a service answers with advisories at all is seen by a version that has some.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

LOCK = Path(__file__).resolve().parents[1] / "requirements.lock"
#: Of 2010; each service knows advisories on it.
CONTROL = ("jinja2", "2.4.1")
SERVICES = ("pypi", "osv")


def pins(lock: str) -> dict[str, str]:
    """Return the version of each package of a lock."""
    return dict(re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", lock, re.M))


def asked(service: str, requirements: dict[str, str]) -> tuple[dict[str, Any] | None, str]:
    """Return what pip-audit answers by a service, and what it said where that is nothing."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "requirements.txt"
        path.write_text("".join(f"{n}=={v}\n" for n, v in requirements.items()), "utf-8")
        command = [sys.executable, "-m", "pip_audit", "--progress-spinner", "off", "-f", "json"]
        command += ["-s", service, "--no-deps", "--disable-pip", "-r", str(path)]
        done = subprocess.run(command, capture_output=True, text=True)
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        return None, (done.stderr.strip().splitlines() or ["no answer"])[-1]
    return answer, ""


def judged(answer: dict[str, Any], wanted: dict[str, str]) -> tuple[list[str], list[str]]:
    """Return the advisories on the pins, one a line, and the packages that were not compared."""
    advisories: list[str] = []
    compared: set[str] = set()
    for package in answer.get("dependencies", []):
        if package.get("skip_reason") or package.get("version") != wanted.get(package["name"]):
            continue
        compared.add(package["name"])
        for one in package["vulns"]:
            mended = ", ".join(one.get("fix_versions", [])) or "no version yet"
            advisories.append(
                f"{package['name']} {package['version']}: {one['id']}, mended in {mended}"
            )
    return advisories, sorted(wanted.keys() - compared)


def knows_advisories(answer: dict[str, Any] | None) -> bool:
    """Tell whether a service has advisories, by the version that has some."""
    return answer is not None and bool(judged(answer, dict([CONTROL]))[0])


def main() -> int:
    """Ask each service until one can answer."""
    wanted = pins(LOCK.read_text("utf-8"))
    for service in SERVICES:
        control, said = asked(service, dict([CONTROL]))
        if not knows_advisories(control):
            why = said or "it knows no advisory on jinja2 2.4.1, which has several"
            print(f"{service}: no advisories can be had here ({why})")
            continue
        answer, said = asked(service, wanted)
        if answer is None:
            print(f"{service}: {said}")
            continue
        advisories, left = judged(answer, wanted)
        print(f"{service}: {len(wanted) - len(left)} of {len(wanted)} packages compared")
        print(*advisories, sep="\n" if advisories else "")
        if left:
            print(f"Not compared: {', '.join(left)}")
        return 1 if advisories else 2 if left else 0
    print("The lock was NOT compared with any advisory: neither service can be reached. Run it")
    print("where https://pypi.org or https://api.osv.dev answer.")
    return 2


if __name__ == "__main__":
    sys.exit(main())
