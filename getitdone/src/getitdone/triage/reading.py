"""Reads a description: its language, what it says in English, and its sentiment.

An English text is not translated. A text that can not be translated is scored in its own language where DetectSentiment
has it. A question that no engine answers is a `Gap`: it is counted, and the rest goes on. What one language was refused
once is not asked again in the same run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from getitdone.config import TriageSettings
from getitdone.errors import CloudError, InvalidInput, NotFound, NotOffered, RetryableError
from getitdone.topics import cut
from getitdone.triage.results import LabelResult, PhotoResult, TextResult
from getitdone.triage.services import MAX_TEXT_BYTES, SENTIMENT_LANGUAGES, Readers

Answer = TypeVar("Answer")
PATIENCE = 25
"""So many failures in a row, each tried several times already, and a question rests until the next run."""
UNKNOWN = "(unknown)"
"""The language of a text about which the service could not be asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A question without an answer; with `retry` it may have one later."""

    question: str
    code: str
    retry: bool

    def __str__(self) -> str:
        return f"{self.question}: {self.code}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A text as it was read: `result` goes to the state; `language` is the one believed (`assumed`: detection was not
    sure), `english` what the rules and messages use."""

    result: TextResult
    language: str
    assumed: bool
    english: str
    translated: bool
    truncated: bool
    gaps: tuple[Gap, ...]

    @property
    def sentiment(self) -> str | None:
        """POSITIVE, NEGATIVE, NEUTRAL, MIXED, or None where nobody could tell."""
        return self.result.sentiment


def unread(text: str) -> Read:
    """A text that nobody read in this run."""
    return Read(
        result=TextResult(),
        language=UNKNOWN,
        assumed=False,
        english=text,
        translated=False,
        truncated=False,
        gaps=(),
    )


class _Silences:
    """What is not asked any more in this run: questions that no engine answers, and those that failed `PATIENCE`
    times in a row. Threads share it; a question too many does no harm."""

    def __init__(self) -> None:
        self.refused: dict[str, str] = {}
        self._failed: dict[str, int] = {}
        self._last: dict[str, str] = {}

    def failed(self, question: str, code: str) -> None:
        self._failed[question] = self._failed.get(question, 0) + 1
        self._last[question] = code

    def answered(self, question: str) -> None:
        self._failed.pop(question, None)

    def reason(self, question: str) -> tuple[str, bool] | None:
        """Why it is not asked, and whether a later run may; None where it is asked."""
        if question in self.refused:
            return self.refused[question], False
        return (self._last[question], True) if self._failed.get(question, 0) >= PATIENCE else None


class _Questions:
    """Asks for one text or photo, and notes what had no answer."""

    def __init__(self, silences: _Silences) -> None:
        self._silences = silences
        self.gaps: list[Gap] = []

    @property
    def open(self) -> bool:
        """Whether a question may be answered later."""
        return any(gap.retry for gap in self.gaps)

    def ask(self, question: str, call: Callable[[], Answer]) -> Answer | None:
        silence = self._silences.reason(question)
        if silence:
            self.gaps.append(Gap(question=question, code=silence[0], retry=silence[1]))
            return None
        try:
            answer = call()
        except (RetryableError, NotOffered, InvalidInput, NotFound) as error:
            self._note(question, error)
            return None
        self._silences.answered(question)
        return answer

    def _note(self, question: str, error: CloudError) -> None:
        code = error.code or type(error).__name__
        if isinstance(error, NotOffered):
            self._silences.refused[question] = code
        elif isinstance(error, RetryableError):
            self._silences.failed(question, code)
        self.gaps.append(Gap(question=question, code=code, retry=isinstance(error, RetryableError)))


class TextReader:
    """Reads texts; many threads may use one."""

    def __init__(self, readers: Readers, settings: TriageSettings) -> None:
        self._readers = readers
        self._settings = settings
        self._silences = _Silences()

    def read(self, text: str, known: TextResult | None = None) -> Read:
        """Read one text, asking only what `known` lacks.

        Raises:
            FinalError: the service refuses us altogether (AccessRefused).
        """
        result = known.model_copy() if known else TextResult()
        asked = cut(text, MAX_TEXT_BYTES)
        questions = _Questions(self._silences)
        language, assumed = self._language(asked, result, questions)
        # After a question that may be answered later, nothing is made do with: it would be kept.
        english = asked if _is_english(language) else result.english
        if english is None and not questions.open:
            english = self._translate(asked, language, result, questions)
        if result.sentiment is None and not questions.open:
            self._sentiment(asked, english, language, result, questions)
        return Read(
            result=result,
            language=language,
            assumed=assumed,
            english=english if english is not None else asked,
            translated=not _is_english(language) and result.english is not None,
            truncated=len(asked) < len(text),
            gaps=tuple(questions.gaps),
        )

    def _language(self, text: str, result: TextResult, questions: _Questions) -> tuple[str, bool]:
        if result.language is None:
            found = questions.ask("language", lambda: self._readers.language(text))
            if found:
                result.language, result.language_score = found[0], round(found[1], 4)
        if questions.open:
            return UNKNOWN, False
        if result.language is None or result.language_score < self._settings.min_language_score:
            return self._settings.assume_language, True
        return result.language, False

    def _translate(self, text: str, language: str, result: TextResult, questions: _Questions) -> str | None:
        found = questions.ask(f"translation from {language}", lambda: self._readers.translate(text, language))
        if found:
            result.english = found[0]
        return result.english

    def _sentiment(
        self, text: str, english: str | None, language: str, result: TextResult, questions: _Questions
    ) -> None:
        if english is not None:
            # A translation may be longer than what it translates.
            part, code = cut(english, MAX_TEXT_BYTES), "en"
        elif language in SENTIMENT_LANGUAGES:
            part, code = text, language
        else:
            return  # the missing translation is the gap
        found = questions.ask(f"sentiment in {code}", lambda: self._readers.sentiment(part, code))
        if found:
            result.sentiment, result.sentiment_score = found[0], round(found[1], 4)


def _is_english(language: str) -> bool:
    return language == "en" or language.startswith("en-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A photo as it was looked at."""

    result: PhotoResult
    gaps: tuple[Gap, ...]


class PhotoReader:
    """Looks at photos; many threads may use one."""

    def __init__(self, readers: Readers, settings: TriageSettings) -> None:
        self._readers = readers
        self._settings = settings
        self._silences = _Silences()

    def look(self, key: str, known: PhotoResult | None = None) -> Looked:
        """Look at one photo of the images bucket, asking only what `known` lacks.

        Raises:
            FinalError: the service refuses us altogether (AccessRefused).
        """
        result = known.model_copy() if known else PhotoResult()
        questions = _Questions(self._silences)
        if result.labels is None:
            seen = questions.ask("labels of a photo", lambda: self._readers.labels(key))
            if seen:
                result.labels = [LabelResult(name=item.name, confidence=item.confidence) for item in seen.labels]
                result.label_model = seen.model
        if result.lines is None and self._settings.read_signs:
            words = questions.ask("words in a photo", lambda: self._readers.words(key))
            if words:
                result.lines, result.text_model = list(words.lines), words.model
        return Looked(result=result, gaps=tuple(questions.gaps))


def missing_photo(error: CloudError) -> Looked:
    """A photo that the bucket has not, or does not give us."""
    code = error.code or type(error).__name__
    gap = Gap(question="a photo", code=code, retry=isinstance(error, RetryableError))
    return Looked(result=PhotoResult(), gaps=(gap,))
