"""Refusals that only S3 words, where `model.errors` has no common error for them.

They are service errors with code and status of their own (S3 API reference, "Error responses"), so that every writer
knows them. Common refusals (a wrong signature, an unknown key, a skewed clock) are those of `model.errors`.
"""

from __future__ import annotations

from marinelayer.model.errors import ServiceError


class AuthorizationQueryParametersError(ServiceError):
    """Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature,
    X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."""

    code = "AuthorizationQueryParametersError"
    status = 400


class PermanentRedirect(ServiceError):
    """The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future
    requests to this endpoint.

    Details: Endpoint, Bucket.
    """

    status = 301


class UnresolvableGrantByEmailAddress(ServiceError):
    """The email address you provided does not match any account on record."""

    status = 400


class InvalidPolicyDocument(ServiceError):
    """The content of the form does not meet the conditions specified in the policy document."""

    status = 400


class EntityTooLarge(ServiceError):
    """Your proposed upload exceeds the maximum allowed size"""

    status = 400


class EntityTooSmall(ServiceError):
    """Your proposed upload is smaller than the minimum allowed size"""

    status = 400
