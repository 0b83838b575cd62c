"""S3's errors of form, which the protocol finds before any service sees the request.

An S3 error is declared once, in the lowest room that raises it: here, in `security.refusals`, or in
`services.s3.errors`. Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html. A class without a
status has that of `model/patches/s3_errors.json`.
"""

from __future__ import annotations

from marinelayer.model.errors import ServiceError


class InvalidURI(ServiceError):
    """Couldn't parse the specified URI."""

    status = 400


class InvalidArgument(ServiceError):
    """Invalid Argument

    Details: ArgumentName, ArgumentValue.
    """

    status = 400


class InvalidRequest(ServiceError):
    """Invalid Request"""

    status = 400


class MalformedXML(ServiceError):
    """The XML you provided was not well-formed or did not validate against our published schema"""

    status = 400


class MalformedACLError(ServiceError):
    """The XML you provided was not well-formed or did not validate against our published schema"""

    code = "MalformedACLError"
    status = 400


class MissingRequestBodyError(ServiceError):
    """Request Body is empty"""

    code = "MissingRequestBodyError"


class MethodNotAllowed(ServiceError):
    """The specified method is not allowed against this resource.

    Details: Method, ResourceType.
    """

    status = 405


class KeyTooLongError(ServiceError):
    """Your key is too long

    Details: Size, MaxSizeAllowed.
    """

    code = "KeyTooLongError"
    status = 400


class InvalidStorageClass(ServiceError):
    """The storage class you specified is not valid

    Details: StorageClassRequested.
    """

    status = 400


class IncompleteBody(ServiceError):
    """You did not provide the number of bytes specified by the Content-Length HTTP header"""

    status = 400


class BadRequest(ServiceError):
    """Bad Request"""


class AccessForbidden(ServiceError):
    """CORSResponse: CORS is not enabled for this bucket.

    Details: Method, ResourceType.
    """

    status = 403


class MalformedPOSTRequest(ServiceError):
    """The body of your POST request is not well-formed multipart/form-data."""


class PreconditionFailed(ServiceError):
    """At least one of the pre-conditions you specified did not hold

    Details: Condition, the header that did not hold.
    """

    status = 412
