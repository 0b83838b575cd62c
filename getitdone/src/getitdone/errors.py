"""What can go wrong, as the application's callers tell it apart.

    GetItDoneError
    ├── SettingsError            the configuration or the command line is wrong              exit code 2
    ├── DataError                what the city gave us can not be used                       exit code 1
    └── CloudError               the cloud did not do what was asked
        ├── RetryableError       the same call may succeed later                             exit code 75
        │   ├── Throttled        too many requests: it was not carried out
        │   ├── Unreachable      no connection was made: it was not carried out
        │   └── Unavailable      no answer, or a 5xx: it may have been carried out
        └── FinalError           the same call will be refused again                         exit code 1
            ├── AccessRefused    credentials are missing, wrong, or may not
            ├── NotFound         bucket, object, topic or photo is not there
            ├── NameTaken        the bucket's name belongs to someone else
            ├── ConditionFailed  somebody else wrote the object in between
            ├── NotOffered       no engine here for this language, pair, feature or operation
            └── InvalidInput     the service can not use what we sent

Which code of which service becomes which class is decided in `aws.py`, and only there.
"""

from __future__ import annotations

from typing import ClassVar


class GetItDoneError(Exception):
    """Anything that the command line reports in one sentence instead of a traceback."""

    exit_code: ClassVar[int] = 1


class SettingsError(GetItDoneError):
    """The configuration or the command line is wrong."""

    exit_code = 2


class DataError(GetItDoneError):
    """A file that the city gave us can not be used."""


class CloudError(GetItDoneError):
    """The cloud did not do what was asked.

    `code` is the service's own error code, `operation` the API call, `maybe_done` whether the call may have had its
    effect although it failed.
    """

    maybe_done: ClassVar[bool] = False

    def __init__(self, message: str, *, code: str = "", operation: str = "") -> None:
        self.code = code
        self.operation = operation
        super().__init__(f"{operation}: {message} ({code})" if operation else message)


class RetryableError(CloudError):
    """The same call may succeed later."""

    exit_code = 75  # EX_TEMPFAIL of sysexits.h: "the user is invited to retry"


class Throttled(RetryableError):
    """Too many requests; this one was not carried out."""


class Unreachable(RetryableError):
    """No connection could be made; nothing was carried out."""


class Unavailable(RetryableError):
    """No answer, or a server's error: the call may have been carried out."""

    maybe_done = True


class FinalError(CloudError):
    """The same call will be refused again."""


class AccessRefused(FinalError):
    """Credentials are missing or wrong, or they may not do this."""


class NotFound(FinalError):
    """The bucket, object, topic or photo is not there."""


class NameTaken(FinalError):
    """The bucket's name belongs to another account."""


class ConditionFailed(FinalError):
    """The object is not as we read it: somebody else wrote it in between."""


class NotOffered(FinalError):
    """No engine here for this language, pair, feature or operation."""


class InvalidInput(FinalError):
    """The service can not use what we sent."""
