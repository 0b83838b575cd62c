"""The errors of Comprehend that its operations raise: code and status are its model's, the messages AWS's.

Source: the error sections of https://docs.aws.amazon.com/comprehend/latest/APIReference/.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from marinelayer.model.errors import InternalError, OperationNotImplemented, ServiceError, Throttled
from marinelayer.ports import EngineBusyError, EngineFailedError, EngineUnavailableError


class TextSizeLimitExceededException(ServiceError):
    """Input text size exceeds limit."""


class UnsupportedLanguageException(ServiceError):
    """The language of the input text is not supported."""


class InvalidRequestException(ServiceError):
    """The request is invalid."""


class InvalidFilterException(ServiceError):
    """The filter specified for the operation is invalid. Specify a different filter."""


class JobNotFoundException(ServiceError):
    """The specified job was not found. Check the job ID and try again."""


class ResourceInUseException(ServiceError):
    """The specified resource name is already in use. Use a different name and try your request again."""


class ResourceNotFoundException(ServiceError):
    """The specified resource ARN was not found. Check the ARN and try your request again."""


class ResourceUnavailableException(ServiceError):
    """The specified resource is not available. Check the resource and try your request again."""


class TooManyTagsException(ServiceError):
    """The request contains more tags than can be associated with a resource (50 tags per resource). The maximum number
    of tags includes both existing tags and those included in your current request."""


class TooManyTagKeysException(ServiceError):
    """The request contains more tag keys than can be associated with a resource (50 tag keys per resource)."""


class KmsKeyValidationException(ServiceError):
    """The KMS customer managed key (CMK) entered cannot be validated. Verify the key and re-enter it."""


class BatchSizeLimitExceededException(ServiceError):
    """The number of documents in the request exceeds the limit of 25. Try your request again with fewer documents."""


@contextmanager
def unsupported(language: str) -> Generator[None, None, None]:
    """An engine that does not know the language, as Comprehend says it, with what the engine says to install or do."""
    try:
        yield
    except EngineUnavailableError as error:
        raise UnsupportedLanguageException(f"Unsupported language: {language}. {error}") from None


@contextmanager
def engine_errors() -> Generator[None, None, None]:
    """What an engine raises, as Comprehend says it. An engine that is not installed at all answers like an operation
    that is not implemented (501), with what to install."""
    try:
        yield
    except EngineUnavailableError as error:
        raise OperationNotImplemented(f"No engine is installed for this: {error}") from None
    except EngineBusyError:
        raise Throttled from None
    except EngineFailedError as error:
        raise InternalError from error


def check_size(text: str, most: int) -> None:
    """Refuse a text of more than `most` bytes of UTF-8.

    Raises:
        TextSizeLimitExceededException
    """
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > most:
        raise TextSizeLimitExceededException(
            f"Input text size exceeds limit. Max length of request text allowed is {most} bytes while in this request "
            f"the text size is {size} bytes"
        )
