"""The machine's clock and its randomness, as ports."""

from __future__ import annotations

import secrets
import time

_AWS_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_KEY_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


class SystemClock:
    """ports.Clock by the system's time."""

    def now(self) -> int:
        """Microseconds since the epoch, UTC."""
        return time.time_ns() // 1000


class RandomIds:
    """ports.Ids by the system's randomness."""

    def token(self, size: int = 32) -> str:
        """`size` random lower-case hex digits."""
        return secrets.token_hex((size + 1) // 2)[:size]

    def aws(self, prefix: str, size: int = 21) -> str:
        """An IAM style id of `size` letters in all, `prefix` included."""
        return prefix + "".join(secrets.choice(_AWS_LETTERS) for _ in range(size - len(prefix)))

    def secret(self) -> str:
        """A 40 character secret access key."""
        return "".join(secrets.choice(_KEY_LETTERS) for _ in range(40))
