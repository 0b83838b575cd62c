"""The script that writes the reference pages, as a module."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

SCRIPTS = Path(__file__).resolve().parents[3] / "scripts"


@pytest.fixture(scope="session")
def reference() -> Iterator[ModuleType]:
    """scripts/reference.py."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(SCRIPTS))
        yield importlib.import_module("reference")
        for name in ("reference", "demands"):
            sys.modules.pop(name, None)
