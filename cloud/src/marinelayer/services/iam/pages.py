"""IAM's pages: their sizes, and their markers, which are page tokens with IAM's refusal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Required, TypedDict, TypeVar

from marinelayer.services.iam.errors import ValidationError
from marinelayer.services.iam.names import checked_page_size
from marinelayer.services.paging import ForgedTokenError, PageTokens

T = TypeVar("T")


def after(pages: PageTokens, marker: str | None, scope: str) -> str:
    """The position behind which the page of `marker` starts, "" without one.

    Raises:
        ValidationError: the marker is not one of the list `scope`.
    """
    try:
        return pages.position(marker, scope)
    except ForgedTokenError:
        raise ValidationError("Invalid Marker.") from None


class End(TypedDict, total=False):
    """How a page ends, in the words of the model."""

    IsTruncated: Required[bool]
    Marker: str


class Listing:
    """One page of the list `scope`, as the input's MaxItems and Marker ask for it.

    Read `limit` entries behind the position `after`, and `cut` them to the page.
    """

    def __init__(self, pages: PageTokens, scope: str, request: Mapping[str, Any]) -> None:
        """Read what is asked.

        Raises:
            ValidationError: the marker is not one of this list, or the page's size is none.
        """
        self._pages = pages
        self._scope = scope
        self._size = checked_page_size(request.get("MaxItems"))
        self.after = after(pages, request.get("Marker"), scope)
        self.limit = self._size + 1

    def cut(self, entries: Sequence[T], position: Callable[[T], str]) -> tuple[Sequence[T], End]:
        """The page's entries and how it ends; `position` gives where an entry stands in the list."""
        if len(entries) <= self._size:
            return entries, {"IsTruncated": False}
        shown = entries[: self._size]
        return shown, {"IsTruncated": True, "Marker": self._pages.seal(position(shown[-1]), self._scope)}
