"""The errors of STS: code and status are its model's, the messages AWS's.

Source: the error sections of https://docs.aws.amazon.com/STS/latest/APIReference/.
"""

from __future__ import annotations

from typing import ClassVar

from marinelayer.model.errors import ServiceError


class ValidationError(ServiceError):
    """The input fails to satisfy the constraints specified by an AWS service."""

    code: ClassVar[str] = "ValidationError"


class InvalidParameterValue(ServiceError):
    """An invalid or out-of-range value was supplied for the input parameter."""


class MalformedPolicyDocument(ServiceError):
    """The policy document was malformed."""


class InvalidIdentityToken(ServiceError):
    """The web identity token that was passed could not be validated by AWS. Get a new identity token from the identity
    provider and then retry the request."""


class ExpiredTokenException(ServiceError):
    """The web identity token that was passed is expired or is not valid. Get a new identity token from the identity
    provider and then retry the request."""


class PackedPolicyTooLarge(ServiceError):
    """The total packed size of the session policies and session tags combined was too large."""


class InvalidAuthorizationMessageException(ServiceError):
    """The message is not one that DecodeAuthorizationMessage can decode."""
