"""Translate: texts into other languages. Knows no engine, no protocol and no other service.

Source: https://docs.aws.amazon.com/translate/latest/APIReference/.
"""

from __future__ import annotations

from marinelayer.ports import Keyring, LanguageDetector, Translator
from marinelayer.services.operation import ServiceTable, service_table
from marinelayer.services.paging import PageTokens
from marinelayer.services.translate.interpreting import Interpreter
from marinelayer.services.translate.language_list import LanguageList
from marinelayer.services.translate.translation import Translation

__all__ = ["translate_service"]


def translate_service(*, translator: Translator, languages: LanguageDetector, keyring: Keyring) -> ServiceTable:
    """Translate's operations, over the given engines; `languages` serves the source `auto`."""
    interpreter = Interpreter(translator, languages)
    return service_table("translate", (Translation(interpreter), LanguageList(translator, PageTokens(keyring))))
