"""The data access role of a training or a job: passed by who asks for it, and assumed by Comprehend to read and write.

Source: Comprehend Developer Guide, "Role-based permissions required for asynchronous operations"; the messages are
those of AWS's failed jobs.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Mapping
from typing import Any

from marinelayer.http import Body
from marinelayer.model.errors import Refusal
from marinelayer.ports import Caller, Calls, Errand, ServiceRoles
from marinelayer.services.comprehend.errors import InvalidRequestException, KmsKeyValidationException
from marinelayer.services.comprehend.resources import Resource
from marinelayer.services.locations import Location, Stored, StoredObjects, read_location

SERVICE = "comprehend.amazonaws.com"
_KEY = re.compile(
    r"((arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:)?alias/[A-Za-z0-9/_-]{1,256})"
    r"|(arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/)?[A-Za-z0-9_-]{1,256}"
)
NO_READ = "NO_READ_ACCESS_TO_INPUT: The provided data access role does not have proper access to the input data."
NO_WRITE = "NO_WRITE_ACCESS_TO_OUTPUT: The provided data access role does not have write access to the output S3 URI."


class Failed(Exception):
    """A training or a job can not be done. The text is its message."""


def checked_location(uri: str) -> Location:
    """The place in S3 that a request names.

    Raises:
        InvalidRequestException: it names none.
    """
    place = read_location(uri)
    if place is None:
        raise InvalidRequestException(f"{uri} is no S3 URI.")
    return place


def check_key(output: Mapping[str, Any]) -> None:
    """Look whether the key that an OutputDataConfig names can be one: the id of a KMS key, an alias, or the ARN of
    either. Whether it is there and may be used is seen when the output is written.

    Raises:
        KmsKeyValidationException: it is none of these.
    """
    if "KmsKeyId" in output and _KEY.fullmatch(output["KmsKeyId"]) is None:
        raise KmsKeyValidationException


def output_of(request: Mapping[str, Any], account: str, short: str, number: str) -> str:
    """Where output goes: a folder of its own, below the place that the request's OutputDataConfig names. `short` is
    AWS's short name of what makes it (`CLR`), `number` the id of what it is made for.

    Raises:
        InvalidRequestException: that place is none in S3.
        KmsKeyValidationException: see `check_key`.
    """
    check_key(request["OutputDataConfig"])
    place = checked_location(request["OutputDataConfig"]["S3Uri"])
    return place.below(f"{account}-{short}-{number}/output/output.tar.gz").uri


class DataAccess:
    """Reads and writes as the role that a resource was given."""

    def __init__(self, calls: Calls, roles: ServiceRoles) -> None:
        self._objects = StoredObjects(calls)
        self._roles = roles

    async def assume(self, resource: Resource) -> Caller:
        """Comprehend in the name of the resource's role. Raises Failed."""
        errand = Errand(
            service=SERVICE,
            account=resource.name.account,
            region=resource.name.region,
            id=resource.document["Id"],
            source=resource.arn,
        )
        try:
            return await self._roles.assume(resource.document["DataAccessRoleArn"], errand)
        except Refusal:
            raise Failed(NO_READ) from None

    async def walk(self, caller: Caller, place: Location) -> AsyncGenerator[Stored]:
        """The objects of the input, by key. Raises Failed."""
        try:
            async for found in self._objects.walk(caller, place):
                yield found
        except Refusal:
            raise Failed(NO_READ) from None

    async def read(self, caller: Caller, place: Location) -> AsyncGenerator[bytes]:
        """An object's bytes, in pieces. Raises Failed."""
        try:
            async for piece in self._objects.read(caller, place):
                yield piece
        except Refusal:
            raise Failed(NO_READ) from None

    async def write(self, caller: Caller, place: Location, body: Body, output: Mapping[str, Any]) -> None:
        """Put an object as `output` (an OutputDataConfig) wants it encrypted. Raises Failed."""
        key = output.get("KmsKeyId")
        members = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key} if key else {}
        try:
            await self._objects.write(caller, place, body, members)
        except Refusal:
            raise Failed(NO_WRITE) from None
