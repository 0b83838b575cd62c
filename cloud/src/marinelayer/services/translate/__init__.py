"""Translate: texts into other languages. Knows no engine, no protocol and no other service.

Source: https://docs.aws.amazon.com/translate/latest/APIReference/.
"""

from __future__ import annotations

from marinelayer.ports import Clock, Documents, Ids, Keyring, LanguageDetector, Tables, Translator
from marinelayer.services.operation import ServiceTable, service_table
from marinelayer.services.paging import PageTokens
from marinelayer.services.translate.document_translation import DocumentTranslation
from marinelayer.services.translate.interpreting import Interpreter
from marinelayer.services.translate.language_list import LanguageList
from marinelayer.services.translate.tagging import Tagging, TerminologyAccess
from marinelayer.services.translate.terminologies import Terminologies
from marinelayer.services.translate.terminology_links import TerminologyLinks
from marinelayer.services.translate.terminology_store import TerminologyFiles, TermsAtHand
from marinelayer.services.translate.translation import Translation

__all__ = ["TerminologyLinks", "translate_service"]


def translate_service(
    *,
    tables: Tables,
    clock: Clock,
    ids: Ids,
    keyring: Keyring,
    translator: Translator,
    languages: LanguageDetector,
    documents: Documents,
) -> ServiceTable:
    """Translate's operations, over the given engines; `languages` serves the source `auto`. The links that they give
    out are followed by `TerminologyLinks`."""
    pages = PageTokens(keyring)
    interpreter = Interpreter(translator, languages)
    terms = TermsAtHand(tables, TerminologyFiles(keyring))
    links = TerminologyLinks(tables, keyring, clock)
    return service_table(
        "translate",
        (
            Translation(interpreter, terms),
            DocumentTranslation(interpreter, terms, documents),
            LanguageList(translator, pages),
            Terminologies(tables, clock, ids, keyring, pages, links),
            Tagging(tables),
        ),
        access=TerminologyAccess(tables),
    )
