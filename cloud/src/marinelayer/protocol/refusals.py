"""S3's errors of form, which the protocol finds before any service sees the request.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html. Their statuses are in
`model/patches/s3_errors.json`.
"""

from __future__ import annotations

from marinelayer.model.errors import ServiceError


class InvalidURI(ServiceError):
    """Couldn't parse the specified URI."""


class InvalidArgument(ServiceError):
    """Invalid Argument"""


class InvalidRequest(ServiceError):
    """Invalid Request"""


class MalformedXML(ServiceError):
    """The XML you provided was not well-formed or did not validate against our published schema"""


class MissingRequestBodyError(ServiceError):
    """Request Body is empty"""

    code = "MissingRequestBodyError"


class MethodNotAllowed(ServiceError):
    """The specified method is not allowed against this resource."""


class KeyTooLongError(ServiceError):
    """Your key is too long"""

    code = "KeyTooLongError"


class InvalidStorageClass(ServiceError):
    """The storage class you specified is not valid"""


class IncompleteBody(ServiceError):
    """You did not provide the number of bytes specified by the Content-Length HTTP header"""


class BadRequest(ServiceError):
    """Bad Request"""


class AccessForbidden(ServiceError):
    """CORSResponse: CORS is not enabled for this bucket."""

    status = 403


class MalformedPOSTRequest(ServiceError):
    """The body of your POST request is not well-formed multipart/form-data."""


class PreconditionFailed(ServiceError):
    """At least one of the pre-conditions you specified did not hold"""
