"""The errors of Rekognition that its operations raise: code and status are its model's, the messages AWS's.

Source: the error sections of https://docs.aws.amazon.com/rekognition/latest/APIReference/.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from marinelayer.model.errors import InternalError, OperationNotImplemented, ServiceError, Throttled
from marinelayer.ports import (
    BadImageError,
    EngineBusyError,
    EngineFailedError,
    EngineUnavailableError,
    ImageTooLargeError,
    ImageTooSmallError,
)


class ConflictException(ServiceError):
    """A User with the same Id already exists within the collection, or the update or deletion of the User caused an
    inconsistent state."""


class InvalidImageFormatException(ServiceError):
    """Request has invalid image format"""


class IdempotentParameterMismatchException(ServiceError):
    """A ClientRequestToken input parameter was reused with an operation, but at least one of the other input parameters
    is different from the previous call to the operation."""


class ImageTooLargeException(ServiceError):
    """The input image size exceeds the allowed limit."""


class InvalidManifestException(ServiceError):
    """The manifest file is empty or larger than the allowed limit."""


class InvalidPaginationTokenException(ServiceError):
    """Request has invalid pagination token"""


class InvalidParameterException(ServiceError):
    """Request has invalid parameters"""


class InvalidPolicyRevisionIdException(ServiceError):
    """The supplied revision id for the project policy is invalid."""


class InvalidS3ObjectException(ServiceError):
    """Unable to get object metadata from S3. Check object key, region and/or access permissions."""


class LimitExceededException(ServiceError):
    """An Amazon Rekognition service limit was exceeded."""


class MalformedPolicyDocumentException(ServiceError):
    """The format of the project policy document that you supplied to PutProjectPolicy is incorrect."""


class ResourceAlreadyExistsException(ServiceError):
    """A resource with the specified ID already exists."""


class ResourceInUseException(ServiceError):
    """The specified resource is already being used."""


class ResourceNotFoundException(ServiceError):
    """The resource specified in the request cannot be found."""


class ResourceNotReadyException(ServiceError):
    """The requested resource isn't ready."""


class VideoTooLargeException(ServiceError):
    """The file size or duration of the supplied media is too large."""


class ServiceQuotaExceededException(ServiceError):
    """The size of the collection exceeds the allowed limit."""


@contextmanager
def engine_errors() -> Generator[None, None, None]:
    """What an engine raises, as Rekognition says it.

    Rekognition has no error for a feature that a region lacks, so that an engine which is not installed answers like
    an operation which is not implemented: 501 NotImplemented, with what to install.
    """
    try:
        yield
    except BadImageError:
        raise InvalidImageFormatException from None
    except ImageTooLargeError:
        raise ImageTooLargeException from None
    except ImageTooSmallError:
        raise InvalidParameterException from None  # what AWS says of it, without a word of the size
    except EngineUnavailableError as error:
        raise OperationNotImplemented(f"No engine is installed for this: {error}") from None
    except EngineBusyError:
        raise Throttled from None
    except EngineFailedError as error:
        raise InternalError from error
