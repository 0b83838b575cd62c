"""The order of S3's documents where it is not the model's: that of members, and of items of two lists that alternate.

Pure. Sources: the examples of each operation in AWS's API reference
(https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html#API_ListObjectVersions_Examples), which
stand as `document_orders` in our supplement of the model. A list in such an order names lists whose items alternate.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from marinelayer.model.shapes import ListShape, StructureShape
from marinelayer.protocol.xml_writer import Writer, XmlWriters, element_name

ALTERNATING = "Alternating"
"""The member of an output that has the items of alternating lists in their common order, each with its list's name.
The lists stand beside it as the model has them; without it they are written one after the other."""

Contents = Callable[[Mapping[str, Any], list[str]], None]
Order = Sequence[str | Sequence[str]]


def in_order(xml: XmlWriters, shape: StructureShape, order: Order) -> Contents:
    """As `XmlWriters.contents`, with the members that `order` names before all others, and in that order."""
    named = {name for entry in order for name in ([entry] if isinstance(entry, str) else entry)}
    rest = [name for name, member in shape.members.items() if name not in named and member.location is None]
    steps = [
        _member(xml, shape, entry) if isinstance(entry, str) else _alternating(xml, shape, entry)
        for entry in (*order, *rest)
    ]

    def write(output: Mapping[str, Any], out: list[str]) -> None:
        for step in steps:
            step(output, out)

    return write


def alternates(order: Order) -> bool:
    """Whether an order has lists whose items alternate."""
    return not all(isinstance(entry, str) for entry in order)


def _member(xml: XmlWriters, shape: StructureShape, name: str) -> Contents:
    writer = xml.element(shape.members[name], element_name(shape.members[name]))

    def write(output: Mapping[str, Any], out: list[str]) -> None:
        value = output.get(name)
        if value is not None:
            writer(value, out)

    return write


def _alternating(xml: XmlWriters, shape: StructureShape, names: Sequence[str]) -> Contents:
    items: dict[str, Writer] = {}
    for name in names:
        member = shape.members[name]
        if not isinstance(member.shape, ListShape):
            raise TypeError(f"{shape.name}.{name} is no list")
        items[name] = xml.element(member.shape.member, element_name(member))

    def write(output: Mapping[str, Any], out: list[str]) -> None:
        listed = [(name, item) for name in names for item in output.get(name) or ()]
        alternating = output.get(ALTERNATING, listed)
        if len(alternating) != len(listed):
            raise ValueError(f"{ALTERNATING} does not have the items of {', '.join(names)}")
        for name, item in alternating:
            items[name](item, out)

    return write
