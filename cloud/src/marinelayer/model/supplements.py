"""What botocore's models do not say, read from our data in `patches/`.

How refusals are worded by each service and protocol (`common_errors.json`), missing members by services that have
words of their own for them (`missing_members.json`), S3's error codes (`s3_errors.json`) and what S3's answers look
like beyond its model (`s3_operations.json`). Knows nothing of how an error is written.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from marinelayer.model.errors import CommonError, Refusal, ServiceError
from marinelayer.model.service import ErrorModel, Service
from marinelayer.model.shapes import Member


@dataclass(frozen=True, slots=True, kw_only=True)
class WireError:
    """A refusal as one service words it. `model` is the service's own error of this code, where it has one."""

    code: str
    status: int
    message: str
    sender_fault: bool
    model: ErrorModel | None = None

    @property
    def members(self) -> Mapping[str, Member]:
        """The members that the service's model gives this error; none where it does not know it."""
        return self.model.shape.members if self.model is not None else {}


@functools.cache
def patch(name: str) -> Mapping[str, Any]:
    """The content of `patches/<name>.json`."""
    return json.loads(files("marinelayer.model").joinpath("patches", f"{name}.json").read_text("utf-8"))


def wire_error(service: Service, refusal: Refusal) -> WireError:
    """The code, status and message by which `service` refuses.

    A common error has a wording per service, else per protocol, else one for all (`*`). A service error's status is
    its class's, else the model's, else S3's table's, else 400. That table has the message of a class that has none;
    where a class has one and is raised with an empty one, AWS says nothing.
    """
    if isinstance(refusal, CommonError):
        return _common(service, refusal)
    code = refusal.code if isinstance(refusal, ServiceError) else type(refusal).__name__
    status = refusal.status if isinstance(refusal, ServiceError) else None
    message = refusal.message if refusal.message or refusal.default_message else None
    return _worded(service, code, status, message)


def _common(service: Service, refusal: CommonError) -> WireError:
    name = next(base.__name__ for base in type(refusal).__mro__ if base.__name__ in patch("common_errors"))
    wordings: Mapping[str, Any] = patch("common_errors")[name]
    wording: Mapping[str, Any] = wordings.get(_wording_of(service)) or wordings.get(service.protocol) or wordings["*"]
    message = refusal.message
    if message == type(refusal).default_message:
        message = wording.get("message", message)
    return _worded(service, str(wording["code"]), int(wording["status"]), message or None)


def _wording_of(service: Service) -> str:
    """The service in whose words another one speaks: S3's, where S3 Control's are not its own."""
    return "s3" if service.name == "s3control" else service.name


def _worded(service: Service, code: str, status: int | None, message: str | None) -> WireError:
    model = service.errors.get(code)
    known: Mapping[str, Any] = patch("s3_errors").get(code, {}) if _wording_of(service) == "s3" else {}
    found = status or (model.status if model else 0) or int(known.get("status", 0)) or 400
    return WireError(
        code=model.code if model else code,
        status=found,
        message=str(known.get("message", "")) if message is None else message,
        sender_fault=model.sender_fault if model and not status else found < 500,
        model=model,
    )
