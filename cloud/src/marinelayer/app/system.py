"""The machine's clock and its randomness, as ports."""

from __future__ import annotations

import secrets
import time
from collections import deque

_DRAWN = 32
_SUPPLY = 64
"""How many names of so many digits are drawn at once."""
_AWS_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_KEY_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


class SystemClock:
    """ports.Clock by the system's time."""

    def now(self) -> int:
        """Microseconds since the epoch, UTC."""
        return time.time_ns() // 1000


class RandomIds:
    """ports.Ids by the system's randomness, of which a supply is drawn at once."""

    def __init__(self) -> None:
        # Taking from a deque is one step, so that no two threads can be given the same.
        self._supply: deque[str] = deque()

    def token(self, size: int = 32) -> str:
        """`size` random lower-case hex digits."""
        digits = ""
        while len(digits) < size:
            try:
                digits += self._supply.pop()
            except IndexError:
                drawn = secrets.token_hex(_SUPPLY * _DRAWN // 2)
                self._supply.extend(drawn[at : at + _DRAWN] for at in range(0, len(drawn), _DRAWN))
        return digits[:size]

    def ordered(self) -> str:
        """32 lower-case hex digits, the first 14 of them the time in microseconds."""
        return f"{time.time_ns() // 1000:014x}{self.token(18)}"

    def aws(self, prefix: str, size: int = 21) -> str:
        """An IAM style id of `size` letters in all, `prefix` included."""
        return prefix + "".join(secrets.choice(_AWS_LETTERS) for _ in range(size - len(prefix)))

    def secret(self) -> str:
        """A 40 character secret access key."""
        return "".join(secrets.choice(_KEY_LETTERS) for _ in range(40))
