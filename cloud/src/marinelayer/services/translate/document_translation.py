"""TranslateDocument: a document in another language, with all that is not its text as it was.

Source: https://docs.aws.amazon.com/translate/latest/APIReference/API_TranslateDocument.html. AWS translates documents
from and into English only; so do we, since a client that may do more here would not find it there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from marinelayer.ports import BadDocumentError, Caller, Documents, Text
from marinelayer.services.operation import operation
from marinelayer.services.translate.errors import (
    InvalidRequestException,
    LimitExceededException,
    engine_errors,
    unsupported_pair,
)
from marinelayer.services.translate.interpreting import Interpretation, Interpreter, Order
from marinelayer.services.translate.languages import AUTO
from marinelayer.services.translate.terminology_store import TermsAtHand
from marinelayer.services.translate.translation import (
    applied_terminology,
    chosen_terminology,
    tell,
    translation_needs,
)

if TYPE_CHECKING:
    from marinelayer.model.types import translate as wire

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MEDIA_TYPES = ("text/html", "text/plain", WORD)
MOST_LETTERS = 100_000
"""Guidelines and quotas, "Synchronous real-time translation quotas": an archive may hold more than its size tells."""
SAMPLE = 10_000
"""Letters by which the language of a document is told."""


class DocumentTranslation:
    """Translates documents."""

    def __init__(self, interpreter: Interpreter, terms: TermsAtHand, documents: Documents) -> None:
        self._interpreter = interpreter
        self._terms = terms
        self._documents = documents

    @operation("TranslateDocument", needs=translation_needs("translate:TranslateDocument"))
    async def translate(self, caller: Caller, request: wire.TranslateDocumentRequest) -> wire.TranslateDocumentResponse:
        """The document in the target language.

        Raises:
            InvalidRequestException: the document is not what its type says, its type is none of these, Formality or
                Brevity is asked for, or more than one terminology is named.
            UnsupportedLanguagePairException: neither language is English, or no engine here knows the pair.
            LimitExceededException: the document has over 100,000 letters.
            DetectedLanguageLowConfidenceException: as TranslateText.
            ResourceNotFoundException: there is no terminology of that name.
        """
        document, source, target = request["Document"], request["SourceLanguageCode"], request["TargetLanguageCode"]
        content, media_type = document["Content"], document["ContentType"]
        _check(request)
        name = chosen_terminology(request.get("TerminologyNames"), caller)
        self._interpreter.check_pair(source, target)
        texts = await self._texts(content, media_type)
        if sum(len(run.text) for text in texts for run in text) > MOST_LETTERS:
            raise LimitExceededException(f"A document can have {MOST_LETTERS:,} characters at most.")
        if source == AUTO:
            source = await self._interpreter.told(sample(texts), target)
        if "en" not in (source, target):
            raise unsupported_pair(source, target, "One of the two languages of a document must be English")
        terms = None if name is None else await self._terms.find(name, source, target)
        order = Order(source=source, target=target, terms=terms, settings=request.get("Settings", {}))
        done = await self._interpreter.interpret(texts, order)
        tell(caller, order, done)
        answer: wire.TranslateDocumentResponse = {
            "TranslatedDocument": {"Content": await self._written(content, media_type, done)},
            "SourceLanguageCode": source,
            "TargetLanguageCode": target,
        }
        if name is not None:
            answer["AppliedTerminologies"] = [applied_terminology(name, done)]
        if done.settings:
            answer["AppliedSettings"] = done.settings
        return answer

    async def _texts(self, content: bytes, media_type: str) -> Sequence[Text]:
        with engine_errors():
            try:
                return await self._documents.texts(content, media_type)
            except BadDocumentError as error:
                raise InvalidRequestException(str(error)) from None

    async def _written(self, content: bytes, media_type: str, done: Interpretation) -> bytes:
        with engine_errors():
            return await self._documents.with_texts(content, media_type, done.texts)


def sample(texts: Sequence[Text]) -> str:
    """The beginning of a document, to tell its language by."""
    pieces: list[str] = []
    size = 0
    for text in texts:
        pieces.append("".join(run.text for run in text))
        size += len(pieces[-1])
        if size > SAMPLE:
            break
    return "\n".join(pieces)[:SAMPLE]


def _check(request: wire.TranslateDocumentRequest) -> None:
    media_type = request["Document"]["ContentType"]
    if media_type not in MEDIA_TYPES:
        raise InvalidRequestException(f"The content type {media_type} is not supported.")
    settings, target = request.get("Settings", {}), request["TargetLanguageCode"]
    if settings.get("Brevity"):
        raise InvalidRequestException("Brevity is not supported for documents.")
    if settings.get("Formality"):
        # Unlike TranslateText, AWS refuses documents whose target has no registers; no engine here has.
        raise InvalidRequestException(f"Formality is not supported for the target language {target} here.")
