"""How a query's failure is said: by S3's code, as `ports.SelectionError`."""

from __future__ import annotations

from marinelayer.ports import SelectionError


def refuse(code: str, message: str = "") -> SelectionError:
    """The error of this code, with S3's own message where none is given."""
    return SelectionError(f"{code} {message}")


def too_long() -> SelectionError:
    """A record is longer than S3 Select takes."""
    return refuse(
        "OverMaxRecordSize",
        "The character number in one record is more than our max threshold, maxCharsPerRecord: 1,048,576",
    )


def not_utf8(place: int) -> SelectionError:
    """The byte at `place` is no part of a text."""
    return refuse(
        "InvalidTextEncoding",
        f"UTF-8 encoding is required. The text encoding error was found near byte {place:,}.",
    )
