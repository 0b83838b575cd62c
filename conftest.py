"""Loaded by pytest before anything else.

The folder `getitdone/` has the name of the package in it, and pytest's importlib mode would make a namespace package
of the folder when it imports `getitdone/tests/conftest.py`: the real package must be there first.
"""

import getitdone as _getitdone  # noqa: F401
