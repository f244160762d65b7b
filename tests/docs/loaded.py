"""Programs of docs/, which is no package, as modules."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType

from tests.where import ROOT


def program(name: str) -> ModuleType:
    """Return ``docs/<name>.py`` as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / f"docs/{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module
