"""The errors of requests that are not what S3 takes."""

from __future__ import annotations

from marinelayer.model.errors import ServiceError


class UnexpectedContent(ServiceError):
    """This request does not support content"""

    status = 400


class MissingSecurityHeader(ServiceError):
    """Your request was missing a required header

    Details: MissingHeaderName.
    """

    status = 400


class HeaderNotImplemented(ServiceError):
    """A header you provided implies functionality that is not implemented

    Details: Header.
    """

    code = "NotImplemented"
    status = 501
