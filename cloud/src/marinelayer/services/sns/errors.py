"""The errors of SNS: code and status are its model's, the messages AWS's.

Source: the error sections of https://docs.aws.amazon.com/sns/latest/api/.
"""

from __future__ import annotations

from typing import ClassVar

from marinelayer.model.errors import ServiceError


class InvalidParameter(ServiceError):
    """Invalid parameter"""


class InvalidParameterValue(ServiceError):
    """Invalid parameter value"""

    code: ClassVar[str] = "ParameterValueInvalid"


class NotFound(ServiceError):
    """Topic does not exist"""


class ResourceNotFound(ServiceError):
    """Resource does not exist"""


class TagLimitExceeded(ServiceError):
    """Could not complete request: tag quota of per resource exceeded"""


class EmptyBatchRequest(ServiceError):
    """The batch request doesn't contain any entries."""


class TooManyEntriesInBatchRequest(ServiceError):
    """The batch request contains more entries than permissible."""


class BatchEntryIdsNotDistinct(ServiceError):
    """Two or more batch entries in the request have the same Id."""


class InvalidBatchEntryId(ServiceError):
    """The Id of a batch entry in a batch request doesn't abide by the specification."""


class BatchRequestTooLong(ServiceError):
    """The length of all the messages put together is more than the limit."""
