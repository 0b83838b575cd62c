"""Forms of the query protocol as a tree: `Tags.member.1.Key=team` stands at Tags, member, 1, Key.

Bounded in fields and depth; whoever read the body bounded its size.
"""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

from marinelayer.model.errors import MalformedRequest

_MOST_FIELDS = 20_000
_DEEPEST = 24


class Field:
    """What a form says under one name: a value, and what stands below it by the next piece of the name."""

    __slots__ = ("below", "value")

    def __init__(self) -> None:
        self.value: str | None = None
        self.below: dict[str, Field] = {}

    def numbered(self) -> list[Field]:
        """What stands below as `.1`, `.2`, ... in the order of the numbers."""
        numbers = sorted(int(name) for name in self.below if name.isascii() and name.isdigit() and len(name) < 10)
        return [self.below[name] for name in dict.fromkeys(map(str, numbers)) if name in self.below]


def read_form(*forms: bytes) -> Field:
    """The fields of several forms as a tree; the first of a repeated name counts.

    Raises:
        MalformedRequest: it is no UTF-8, or passes a limit.
    """
    root = Field()
    left = _MOST_FIELDS
    for piece in b"&".join(forms).split(b"&"):
        if not piece:
            continue
        left -= 1
        name, _, value = piece.replace(b"+", b" ").partition(b"=")
        try:
            path, text = unquote_to_bytes(name).decode("utf-8").split("."), unquote_to_bytes(value).decode("utf-8")
        except UnicodeDecodeError as error:
            raise MalformedRequest("The query string is no UTF-8.") from error
        if left < 0 or len(path) > _DEEPEST:
            raise MalformedRequest("The query string has too many parameters.")
        field = root
        for step in path:
            field = field.below.setdefault(step, Field())
        if field.value is None:
            field.value = text
    return root
