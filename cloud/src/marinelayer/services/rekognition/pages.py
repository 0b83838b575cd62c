"""Pages of lists: their tokens, and Rekognition's word for a wrong one."""

from __future__ import annotations

from marinelayer.services.paging import ForgedTokenError, PageTokens
from marinelayer.services.rekognition.errors import InvalidPaginationTokenException


def after(pages: PageTokens, token: str | None, scope: str) -> str:
    """The position behind which the page of `token` starts, "" without one, or with an empty one.

    Raises:
        InvalidPaginationTokenException: the token is not one of the list `scope`.
    """
    try:
        return pages.position(token or None, scope)
    except ForgedTokenError:
        raise InvalidPaginationTokenException from None
