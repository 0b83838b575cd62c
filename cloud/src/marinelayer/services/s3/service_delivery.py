"""AWS's own services as writers of reports into buckets and of messages to topics: who they are, and whether a target
lets them in.

A bucket lets them in by its policy (or ACL), a topic by its policy, for the source bucket and account on whose behalf
they come.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from marinelayer.model.errors import AccessDenied
from marinelayer.ports import Access, Authoriser, Caller
from marinelayer.security.acl import LOG_SERVICE
from marinelayer.security.facts import principal_facts
from marinelayer.security.identity import Identity, Principal
from marinelayer.security.policy.evaluate import decide
from marinelayer.security.requirement import ContextKeys, Requirement
from marinelayer.services.s3.bucket import Bucket
from marinelayer.services.s3.needs import condition_keys
from marinelayer.services.s3.regions import shown_region

Put = Callable[[Caller, Any], Awaitable[Mapping[str, Any] | None]]
"""PutObject, as it is done once it was authorised."""

TO_BUCKET_OWNER = "bucket-owner-full-control"

LOGS = Identity(
    principal=Principal(
        kind="service",
        arn=LOG_SERVICE,
        # Who owns what AWS's own log delivery writes.
        canonical_id="3272ee65a908a7677109fedda345db8d9554ba26398b2ca10581de88777e2b61",
    )
)
S3_ITSELF = Identity(
    principal=Principal(
        kind="service",
        arn="s3.amazonaws.com",
        # Nobody's, but of the form that owners have.
        canonical_id="5333" * 16,
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What is to be known of a bucket on whose behalf a service comes, which may be gone by then."""

    name: str
    account: str
    region: str

    @staticmethod
    def of(bucket: Bucket) -> Source:
        """A bucket as such."""
        return Source(name=bucket.name, account=bucket.account, region=shown_region(bucket.region))


def request_id_of(job_id: str) -> str:
    """The id of the request that a job stands for: the same at every attempt."""
    return hashlib.sha256(job_id.encode()).hexdigest()[:16].upper()


class ServiceDelivery:
    """One of these services on behalf of a source bucket (ports.Authoriser). `access` is that of its targets."""

    def __init__(self, service: Identity, access: Access, source: Bucket | Source, *, account: str = "") -> None:
        """`account` is the one whose KMS keys may be used, none where it is ""."""
        self._service = service
        self._access = access
        self._source = source
        self._account = account
        self._facts = principal_facts(service.principal) | {
            "aws:sourcearn": (f"arn:aws:s3:::{source.name}",),
            "aws:sourceaccount": (source.account,),
        }

    async def may(self, requirement: Requirement) -> bool:
        """Whether the target lets it; keys of KMS serve in their account."""
        if requirement.action.startswith("kms:"):
            return requirement.resource.split(":")[4:5] == [self._account]
        return decide(self._service, requirement, await self._access.of(requirement), self._facts).allowed

    async def demand(self, requirement: Requirement) -> None:
        """Raises AccessDenied if the target does not let it."""
        if not await self.may(requirement):
            raise AccessDenied

    async def why(self, requirement: Requirement) -> str:
        """Nothing: nobody reads why a service may not."""
        return ""

    def acting_as(self, identity: Identity) -> Authoriser:
        """Nobody else: a service delivers in its own name."""
        raise AccessDenied

    def caller(self, request_id: str, base_url: str = "") -> Caller:
        """The service as the caller of an operation."""
        return Caller(
            identity=self._service,
            account=self._account,
            region=self._source.region,
            request_id=request_id,
            authoriser=self,
            base_url=base_url,
        )

    async def put(self, put: Put, request: Mapping[str, Any], job_id: str) -> Mapping[str, Any]:
        """Write an object; what PutObject answers.

        Raises:
            AccessDenied: the target bucket does not let it.
            Refusal: as PutObject.
        """
        await self.demand(to_write(request["Bucket"], request["Key"], request))
        return await put(self.caller(request_id_of(job_id)), request) or {}


def to_write(bucket: str, key: str, request: Mapping[str, Any] | None = None) -> Requirement:
    """What delivering needs: to write a key, or below it where it is a prefix, for the bucket's owner."""
    context: ContextKeys = condition_keys(request) if request is not None else {}
    return Requirement(
        action="s3:PutObject",
        resource=f"arn:aws:s3:::{bucket}/{key}",
        context={**context, "s3:x-amz-acl": (TO_BUCKET_OWNER,)},
    )
