"""The errors of IAM: code and status are its model's, the messages AWS's.

Source: the error sections of https://docs.aws.amazon.com/IAM/latest/APIReference/.
"""

from __future__ import annotations

from typing import ClassVar

from marinelayer.model.errors import ServiceError


class NoSuchEntity(ServiceError):
    """The request was rejected because it referenced a resource entity that does not exist."""


class EntityAlreadyExists(ServiceError):
    """The request was rejected because it attempted to create a resource that already exists."""


class DeleteConflict(ServiceError):
    """The request was rejected because it attempted to delete a resource that has attached subordinate entities."""


class LimitExceeded(ServiceError):
    """The request was rejected because it attempted to create resources beyond the current account limits."""


class MalformedPolicyDocument(ServiceError):
    """Syntax errors in policy."""


class InvalidInput(ServiceError):
    """The request was rejected because an invalid or out-of-range value was supplied for an input parameter."""


class PasswordPolicyViolation(ServiceError):
    """The request was rejected because the provided password did not meet the requirements imposed by the account
    password policy."""


class InvalidUserType(ServiceError):
    """The request was rejected because the type of user for the transaction was incorrect."""


class EntityTemporarilyUnmodifiable(ServiceError):
    """The request was rejected because it referenced an entity that is temporarily unmodifiable, such as a user name
    that was deleted and then recreated."""


class ReportNotPresent(ServiceError):
    """The request was rejected because the credential report does not exist. To generate a credential report, use
    GenerateCredentialReport."""


class ReportExpired(ServiceError):
    """The request was rejected because the most recent credential report has expired. To generate a new credential
    report, use GenerateCredentialReport."""


class ValidationError(ServiceError):
    """The input fails to satisfy the constraints specified by an AWS service."""

    code: ClassVar[str] = "ValidationError"
