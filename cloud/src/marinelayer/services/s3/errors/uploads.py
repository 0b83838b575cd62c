"""The errors of uploads in parts."""

from __future__ import annotations

from marinelayer.model.errors import ServiceError


class NoSuchUpload(ServiceError):
    """The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or
    completed.

    Details: UploadId.
    """

    status = 404


class ConditionalRequestConflict(ServiceError):
    """The conditional request cannot succeed due to a conflicting operation against this resource.

    Details: Condition, Key.
    """

    status = 409


class InvalidPart(ServiceError):
    """One or more of the specified parts could not be found. The part may not have been uploaded, or the specified
    entity tag may not match the part's entity tag.

    Details: UploadId, PartNumber, ETag.
    """

    status = 400


class InvalidPartOrder(ServiceError):
    """The list of parts was not in ascending order. Parts must be ordered by part number.

    Details: UploadId.
    """

    status = 400
