"""The errors of Translate that its operations raise: code and status are its model's, the messages AWS's.

Source: the error section of https://docs.aws.amazon.com/translate/latest/APIReference/API_TranslateText.html.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from marinelayer.model.errors import InternalError, OperationNotImplemented, ServiceError, Throttled
from marinelayer.ports import EngineBusyError, EngineFailedError, EngineUnavailableError


class TextSizeLimitExceededException(ServiceError):
    """The size of the text you submitted exceeds the size limit."""


class UnsupportedLanguagePairException(ServiceError):
    """Amazon Translate does not support translation from the language of the source text into the requested target
    language."""


class DetectedLanguageLowConfidenceException(ServiceError):
    """The confidence that Amazon Comprehend accurately detected the source language is low. If a low confidence level
    is acceptable for your application, you can use the language in the exception to call Amazon Translate again."""


class ResourceNotFoundException(ServiceError):
    """The resource you are looking for has not been found."""


class InvalidParameterValueException(ServiceError):
    """The value of the parameter is not valid. Review the value of the parameter you are using to correct it, and then
    retry your operation."""


class InvalidRequestException(ServiceError):
    """The request that you made is not valid. Check your request to determine why it's not valid and then retry the
    request."""


class LimitExceededException(ServiceError):
    """The specified limit has been exceeded. Review your request and retry it with a quantity below the stated
    limit."""


class TooManyTagsException(ServiceError):
    """You have added too many tags to this resource. The maximum is 50 tags."""


class InvalidFilterException(ServiceError):
    """The filter specified for the operation is not valid. Specify a different filter."""


class TooManyRequestsException(ServiceError):
    """You have made too many requests within a short period of time. Wait for a short time and then try your request
    again."""


class UnsupportedDisplayLanguageCodeException(ServiceError):
    """Requested display language code is not supported."""


def unsupported_pair(source: str, target: str, reason: str) -> UnsupportedLanguagePairException:
    """The refusal of a pair, with AWS's members."""
    return UnsupportedLanguagePairException(
        f"Unsupported language pair: {source} to {target}. {reason}",
        SourceLanguageCode=source,
        TargetLanguageCode=target,
    )


@contextmanager
def engine_errors() -> Generator[None, None, None]:
    """What an engine raises, as Translate says it. An engine that is not installed at all answers like an operation
    that is not implemented (501), with what to install."""
    try:
        yield
    except EngineUnavailableError as error:
        raise OperationNotImplemented(f"No engine is installed for this: {error}") from None
    except EngineBusyError:
        raise Throttled from None
    except EngineFailedError as error:
        raise InternalError from error
