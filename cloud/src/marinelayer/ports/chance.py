"""Time and chance. Ports only: nothing here does anything."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    """The time, so that tests can hold it."""

    def now(self) -> int:
        """Microseconds since the epoch, UTC."""
        ...


class Ids(Protocol):
    """Unguessable names, so that tests can foresee them."""

    def token(self, size: int = 32) -> str:
        """`size` random lower-case hex digits."""
        ...

    def ordered(self) -> str:
        """32 lower-case hex digits of which those made later sort behind: rows under such names come to lie beside each
        other, where one write to the disk takes them in."""
        ...

    def aws(self, prefix: str, size: int = 21) -> str:
        """An IAM style id: `prefix` (`AIDA`, `AKIA`) filled with random upper-case letters and digits 2-7."""
        ...

    def secret(self) -> str:
        """A 40 character secret access key."""
        ...
