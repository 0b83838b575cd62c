"""What a copy takes over from its source, and what it is given anew: the directives of CopyObject.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from marinelayer.protocol.refusals import InvalidArgument
from marinelayer.services.s3.headers import REDIRECT, described, given_tags, storage_class
from marinelayer.services.s3.locks import given_lock
from marinelayer.services.s3.versions import Description, Version
from marinelayer.services.s3.website_rules import check_redirect_location

if TYPE_CHECKING:
    from marinelayer.model.types.s3 import CopyObjectRequest


def copy_description(request: CopyObjectRequest, source: Version) -> Description:
    """What the copy says of itself. Its lock is its own; what is not asked for anew comes from the source."""
    kept = source.description
    if _copies(request, "metadata"):
        location = request.get("WebsiteRedirectLocation")
        check_redirect_location(location)
        own = {REDIRECT: location} if location else {}
        description = Description(
            content_type=kept.content_type,
            headers={**{name: value for name, value in kept.headers.items() if name != REDIRECT}, **own},
            metadata=kept.metadata,
            storage_class=storage_class(request),
            lock=given_lock(request),
        )
    else:
        description = described({member: value for member, value in request.items() if member != "Tagging"})
    return replace(description, tags=kept.tags if takes_tags_over(request) else given_tags(request))


def check_annotation_directive(request: Mapping[str, Any]) -> None:
    """Raises InvalidArgument unless annotations, of which no object here has any, are to be copied or left behind."""
    directive: str = request.get("AnnotationDirective", "COPY")
    if directive not in ("COPY", "EXCLUDE"):
        raise InvalidArgument(
            "Unknown annotation directive.",
            ArgumentName="x-amz-object-annotation-directive",
            ArgumentValue=directive,
        )


def takes_tags_over(request: Mapping[str, Any]) -> bool:
    """Whether the copy is to have the source's tags. Raises InvalidArgument for an unknown directive."""
    return _copies(request, "tagging")


def _copies(request: Mapping[str, Any], what: Literal["metadata", "tagging"]) -> bool:
    """Whether the source's are to be taken over. Raises InvalidArgument unless the directive says COPY or REPLACE."""
    directive: str = request.get(f"{what.title()}Directive", "COPY")
    if directive not in ("COPY", "REPLACE"):
        raise InvalidArgument(
            f"Unknown {what} directive.", ArgumentName=f"x-amz-{what}-directive", ArgumentValue=directive
        )
    return directive == "COPY"
