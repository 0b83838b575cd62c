"""Policy documents on their way in and out: checked as they come, percent-encoded as they go."""

from __future__ import annotations

from urllib.parse import quote

from marinelayer.security.policy.document import MalformedPolicyError
from marinelayer.security.policy.validation import Kind, validate_policy
from marinelayer.services.iam.errors import MalformedPolicyDocument


def checked_document(document: str, kind: Kind = "identity") -> str:
    """The document, once it has been compiled: what can not be enforced is not accepted.

    Raises:
        MalformedPolicyDocument: it is no policy of this kind; with the reason.
    """
    try:
        validate_policy(document, kind)
    except MalformedPolicyError as error:
        raise MalformedPolicyDocument(str(error)) from None
    return document


def shown_document(document: str) -> str:
    """The document percent-encoded (RFC 3986), as AWS answers it."""
    return quote(document, safe="")
