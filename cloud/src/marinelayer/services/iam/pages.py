"""IAM's markers: page tokens with IAM's refusal."""

from __future__ import annotations

from marinelayer.services.iam.errors import ValidationError
from marinelayer.services.paging import ForgedTokenError, PageTokens


def after(pages: PageTokens, marker: str | None, scope: str) -> str:
    """The position behind which the page of `marker` starts, "" without one.

    Raises:
        ValidationError: the marker is not one of the list `scope`.
    """
    try:
        return pages.position(marker, scope)
    except ForgedTokenError:
        raise ValidationError("Invalid Marker.") from None
