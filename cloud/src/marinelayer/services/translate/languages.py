"""The languages of Amazon Translate, by its codes, and what they are called.

Source: https://docs.aws.amazon.com/translate/latest/dg/what-is-languages.html.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

AUTO = "auto"

# fmt: off
CODES = frozenset({
    "af", "am", "ar", "az", "bg", "bn", "bs", "ca", "cs", "cy", "da", "de", "el", "en", "es", "es-MX", "et",
    "fa", "fa-AF", "fi", "fr", "fr-CA", "ga", "gu", "ha", "he", "hi", "hr", "ht", "hu", "hy", "id", "is", "it",
    "ja", "ka", "kk", "kn", "ko", "lt", "lv", "mk", "ml", "mn", "mr", "ms", "mt", "nl", "no", "pa", "pl", "ps",
    "pt", "pt-PT", "ro", "ru", "si", "sk", "sl", "so", "sq", "sr", "sv", "sw", "ta", "te", "th", "tl", "tr",
    "uk", "ur", "uz", "vi", "zh", "zh-TW",
})
# fmt: on


@cache
def _names() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(files("marinelayer.services.translate").joinpath("language_names.toml").read_text("utf-8"))


def names_in(display: str) -> Mapping[str, str] | None:
    """The name of every code, and of `auto`, in the language `display`; None where Translate names none in it."""
    return _names().get(display)
