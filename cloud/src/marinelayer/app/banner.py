"""What is said on stderr before a cloud serves that does less than it could to keep things apart."""

from __future__ import annotations

from collections.abc import Iterator

from marinelayer.config import Settings

_WIDTH = 100
_EXPLAINED = """--explain-denials: every refusal tells what all policies say, to whoever is refused.
For local development only."""
_SOFT = """--enforce soft: NOTHING IS DENIED to who has a key. What policies would deny is allowed, and logged as
"let through". Signatures are still checked, and who has no key is still refused."""


def banner(settings: Settings) -> str:
    """The warnings that the settings need, framed; "" where they need none."""
    return "".join(_framed(settings))


def _framed(settings: Settings) -> Iterator[str]:
    for needed, text in ((settings.explain_denials, _EXPLAINED), (settings.enforce == "soft", _SOFT)):
        if needed:
            yield f"{'!' * _WIDTH}\n{text}\n{'!' * _WIDTH}\n"
