"""Who pays: a bucket whose requesters pay serves nobody of another account who has not said that they will. Pure.

Nothing is billed here; that requests are refused without the header is what programs must be ready for.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/RequesterPaysBuckets.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from marinelayer.model.errors import AccessDenied
from marinelayer.security.decision import Decision, Reason
from marinelayer.security.identity import Principal
from marinelayer.security.requirement import ResourceAccess

Payer = Literal["owner", "requester", "nobody"]
"""Who is charged for a request; nobody where the requester would be, and has not agreed."""


def payer_of(principal: Principal, resource: ResourceAccess, *, agreed: bool) -> Payer:
    """Who pays for a request of `principal`; `agreed` is whether it says `x-amz-request-payer: requester`. Who is not
    known can not be charged. AWS's services act for the bucket's owner."""
    if not resource.requester_pays or principal.kind == "service" or principal.account == resource.account:
        return "owner"
    return "requester" if agreed and principal.kind != "anonymous" else "nobody"


def unpaid(decision: Decision) -> Decision:
    """The refusal of what would have been allowed, had the requester agreed to pay."""
    reason = Reason(source="requester pays", statement="", effect="filtered")
    return replace(
        decision,
        outcome="implicit-deny",
        reasons=(*decision.reasons, reason),
        message=AccessDenied.default_message,
    )
