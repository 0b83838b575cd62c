"""SNS's NextToken: page tokens with SNS's refusal."""

from __future__ import annotations

from marinelayer.services.paging import ForgedTokenError, PageTokens
from marinelayer.services.sns.errors import InvalidParameter

PAGE = 100


def after(pages: PageTokens, token: str | None, scope: str) -> str:
    """The position behind which the page of `token` starts, "" without one.

    Raises:
        InvalidParameter: the token is not one of the list `scope`.
    """
    try:
        return pages.position(token, scope)
    except ForgedTokenError:
        raise InvalidParameter("Invalid parameter: NextToken Reason: Invalid NextToken value") from None
