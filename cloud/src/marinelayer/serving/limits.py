"""What one client may cost, in bytes and seconds, before it has shown who it is."""

from __future__ import annotations

from dataclasses import dataclass

KIBIBYTE = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The bounds of a connection. Bytes are of the wire, seconds are wall time."""

    target_bytes: int = 8 * KIBIBYTE
    """The request line. More is 414."""
    header_bytes: int = 16 * KIBIBYTE
    """The header section, and a chunked body's trailer section. More is 431."""
    header_seconds: float = 20.0
    """From a connection's start, or a request's first byte, to the end of its header section. More is 408."""
    idle_seconds: float = 75.0
    """Between two requests of one connection. It is then closed without a word."""
    body_seconds: float = 30.0
    """Without a byte of a body that the handler waits for. It then reads RequestTimedOut."""
    write_seconds: float = 60.0
    """Without a byte taken by a client that is being answered. It is then cut off."""
    half_closed_seconds: float = 10.0
    """For the answer to a client that has closed its sending side: it waits for the answer, or is gone."""
    linger_seconds: float = 5.0
    """Without a byte from a client that we have answered for the last time and are waiting to see close."""
    linger_total_seconds: float = 30.0
    """For all of that waiting."""
    connections: int = 4096
    """At the same time. A further one is answered 503 and closed at once."""
    pipelined_bytes: int = 64 * KIBIBYTE
    """Of further requests held while one is answered; reading stops there."""
    body_high_bytes: int = 512 * KIBIBYTE
    """Of a body held for a handler that is slower than its client; reading stops there ..."""
    body_low_bytes: int = 128 * KIBIBYTE
    """... and goes on here."""
    piece_bytes: int = 256 * KIBIBYTE
    """The most that small reads are joined to before a handler gets them, and the most of a file held at once."""
    drain_bytes: int = 256 * KIBIBYTE
    """Of a body that no one wanted, read and dropped to keep the connection. With more it is closed."""
    write_high_bytes: int = 256 * KIBIBYTE
    """Of an answer held for a client that is slower than we are."""

    @property
    def tick_seconds(self) -> float:
        """How often the deadlines of all connections are looked at: fine enough for the shortest of them."""
        shortest = min(
            self.header_seconds,
            self.idle_seconds,
            self.body_seconds,
            self.write_seconds,
            self.half_closed_seconds,
            self.linger_seconds,
        )
        return min(1.0, shortest / 4)
