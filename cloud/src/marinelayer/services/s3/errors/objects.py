"""The errors of objects and their versions."""

from __future__ import annotations

from marinelayer.model.errors import ServiceError


class NoSuchKey(ServiceError):
    """The specified key does not exist.

    Details: Key.
    """

    status = 404


class NoSuchVersion(ServiceError):
    """The specified version does not exist.

    Details: Key, VersionId.
    """

    status = 404


class NoSuchObjectLockConfiguration(ServiceError):
    """The specified object does not have a ObjectLock configuration"""

    status = 404


class MetadataTooLarge(ServiceError):
    """Your metadata headers exceed the maximum allowed metadata size

    Details: Size, MaxSizeAllowed.
    """

    status = 400


class InvalidObjectState(ServiceError):
    """The operation is not valid for the object's storage class

    Details: StorageClass.
    """

    status = 403


class ObjectAlreadyInActiveTierError(ServiceError):
    """This action is not allowed against this storage tier."""

    code = "ObjectAlreadyInActiveTierError"
    status = 403


class RestoreAlreadyInProgress(ServiceError):
    """Object restore is already in progress"""

    status = 409


class InvalidRange(ServiceError):
    """The requested range is not satisfiable

    Details: RangeRequested, ActualObjectSize.
    """

    status = 416


class InvalidPartNumber(ServiceError):
    """The requested partnumber is not satisfiable

    Details: ActualPartCount, PartNumberRequested.
    """

    status = 416


class NotModified(ServiceError):
    """Not Modified

    Has no document; its headers are those that the object's answer would have carried (RFC 9110, 15.4.5).
    """

    status = 304
