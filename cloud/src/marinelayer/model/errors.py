"""Refusals, as values that any protocol can write.

    Refusal
    ├── ServiceError        an error of one service, declared once in services/<service>/errors.py
    └── CommonError         a refusal that every service knows, worded by each in its own way
        ├── AccessDenied, MissingCredentials, UnknownAccessKey, SignatureMismatch, MalformedCredentials,
        │   CredentialsExpired, TokenInvalid, ClockSkew, RequestExpired
        ├── UnknownOperation, OperationNotImplemented
        ├── MalformedRequest, InvalidParameter, MissingParameter, RequestTooLarge, RequestTimedOut
        └── Throttled, InternalError, ServiceDown

This module must not know how a refusal is written: code and status of a common error differ by service
(`model/patches/common_errors.json`), those of a service error come from the service's model or its data
supplement. The docstring's first paragraph is the default message.
"""

from __future__ import annotations

import inspect
from typing import ClassVar


class Refusal(Exception):
    """The request is refused."""

    default_message: ClassVar[str] = "The request is refused."

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        doc = inspect.cleandoc(cls.__doc__ or "")
        cls.default_message = " ".join(doc.partition("\n\n")[0].split())

    def __init__(self, message: str | None = None, /, **details: str) -> None:
        self.message = self.default_message if message is None else message
        self.details = details
        """Further elements of the error document, by their AWS names (`BucketName`, `Key`, ...)."""
        self.headers: tuple[tuple[str, str], ...] = ()
        """Headers that the answer must carry (`x-amz-bucket-region`, `retry-after`, ...)."""
        super().__init__(self.message)


class ServiceError(Refusal):
    """An error that one service declares. `code` defaults to the class's name without a trailing `Error`."""

    code: ClassVar[str] = "ServiceError"
    status: ClassVar[int | None] = None
    """HTTP status; None takes it from the service's model or supplement (400 where neither knows it)."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "code" not in cls.__dict__:
            cls.code = cls.__name__.removesuffix("Error") if cls.__name__ != "Error" else cls.__name__


class CommonError(Refusal):
    """A refusal that every service words in its own way."""


class AccessDenied(CommonError):
    """Access Denied"""


class MissingCredentials(CommonError):
    """Request is missing Authentication Token"""


class UnknownAccessKey(CommonError):
    """The security token included in the request is invalid."""


class SignatureMismatch(CommonError):
    """The request signature we calculated does not match the signature you provided. Check your key and signing
    method."""


class MalformedCredentials(CommonError):
    """The authorization of the request can not be read."""


class CredentialsExpired(CommonError):
    """The security token included in the request is expired"""


class TokenInvalid(CommonError):
    """The security token included in the request is invalid"""


class ClockSkew(CommonError):
    """The difference between the request time and the current time is too large."""


class RequestExpired(CommonError):
    """Request has expired"""


class UnknownOperation(CommonError):
    """The requested operation is not known."""


class OperationNotImplemented(CommonError):
    """This operation is not implemented here."""


class MalformedRequest(CommonError):
    """The request could not be read."""


class InvalidParameter(CommonError):
    """A value of the request is not valid."""


class MissingParameter(CommonError):
    """A value that the request must have is missing."""


class RequestTooLarge(CommonError):
    """The request is too large."""


class RequestTimedOut(CommonError):
    """Your socket connection to the server was not read from or written to within the timeout period."""


class Throttled(CommonError):
    """Please reduce your request rate."""


class InternalError(CommonError):
    """We encountered an internal error. Please try again."""


class ServiceDown(CommonError):
    """The service can not answer now. Please try again."""
