"""Translate: texts into other languages. Knows no engine, no protocol and no other service.

Source: https://docs.aws.amazon.com/translate/latest/APIReference/.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from marinelayer.ports import (
    Calls,
    Clock,
    Documents,
    Ids,
    Keyring,
    LanguageDetector,
    ServiceRoles,
    Tables,
    Translator,
)
from marinelayer.services.operation import ServiceTable, service_table
from marinelayer.services.paging import PageTokens
from marinelayer.services.translate.document_translation import DocumentTranslation
from marinelayer.services.translate.interpreting import Interpreter
from marinelayer.services.translate.job_runs import TranslationJobRuns
from marinelayer.services.translate.jobs import TranslationJobs
from marinelayer.services.translate.language_list import LanguageList
from marinelayer.services.translate.tagging import Tagging, TerminologyAccess
from marinelayer.services.translate.terminologies import Terminologies
from marinelayer.services.translate.terminology_links import TerminologyLinks
from marinelayer.services.translate.terminology_store import TerminologyFiles, TermsAtHand
from marinelayer.services.translate.translation import Translation

__all__ = ["TerminologyLinks", "TranslateGround", "translate_service", "translation_runs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslateGround:
    """What Translate stands on. `languages` serves the source `auto`; `poke` is called when an outbox job was
    written."""

    tables: Tables
    clock: Clock
    ids: Ids
    keyring: Keyring
    translator: Translator
    languages: LanguageDetector
    documents: Documents
    poke: Callable[[], None]

    @property
    def interpreter(self) -> Interpreter:
        """Translates over the engines."""
        return Interpreter(self.translator, self.languages)

    @property
    def terms(self) -> TermsAtHand:
        """Finds terms."""
        return TermsAtHand(self.tables, TerminologyFiles(self.keyring))


def translate_service(ground: TranslateGround) -> ServiceTable:
    """Translate's operations. The links that they give out are followed by `TerminologyLinks`; the jobs that they start
    are done by `translation_runs`."""
    tables, clock, ids, keyring = ground.tables, ground.clock, ground.ids, ground.keyring
    pages = PageTokens(keyring)
    interpreter, terms = ground.interpreter, ground.terms
    return service_table(
        "translate",
        (
            Translation(interpreter, terms, ground.documents),
            DocumentTranslation(interpreter, terms, ground.documents),
            LanguageList(ground.translator, pages),
            Terminologies(tables, clock, ids, keyring, pages, TerminologyLinks(tables, keyring, clock)),
            TranslationJobs(tables, clock, ids, pages, interpreter, ground.poke),
            Tagging(tables),
        ),
        access=TerminologyAccess(tables),
    )


def translation_runs(ground: TranslateGround, calls: Calls, roles: ServiceRoles) -> TranslationJobRuns:
    """What does the jobs, with the handlers of the outbox's jobs."""
    return TranslationJobRuns(
        ground.tables, ground.clock, calls, roles, ground.interpreter, ground.terms, ground.documents
    )
