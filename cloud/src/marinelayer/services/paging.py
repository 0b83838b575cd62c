"""Page tokens that their holder can neither read nor forge.

A token is the position at which the next page starts, sealed for the list that it continues: one taken from another
list, account or region is refused like any invented one. Knows no service.
"""

from __future__ import annotations

import base64
import binascii

from marinelayer.ports import Keyring


class ForgedTokenError(ValueError):
    """The page token was not made here, or not for this list."""


class PageTokens:
    """Makes page tokens and reads them back."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    def seal(self, position: str, scope: str) -> str:
        """A token for the list `scope` (`sns.ListTopics/ACCOUNT/REGION`); URL-safe letters without padding."""
        return base64.urlsafe_b64encode(self._keyring.wrap(position.encode(), f"page:{scope}")).decode().rstrip("=")

    def position(self, token: str | None, scope: str) -> str:
        """Where the page of `token` starts; "", which stands before everything, without a token.

        Raises:
            ForgedTokenError: the token is not one of this list's.
        """
        if token is None:
            return ""
        try:
            wrapped = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
            return self._keyring.unwrap(wrapped, f"page:{scope}").decode()
        except (ValueError, binascii.Error) as error:
            raise ForgedTokenError from error
