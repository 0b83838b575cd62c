"""The shapes of a service's model as frozen values: what a value may be, and how it is called on the wire.

A `Shape` says what values look like (type, constraints, members); a `Member` is a shape as seen from one place, with
the wire's traits of that place (header or query location, name, flattening, namespace). Traits of a member override
those of its shape, as in botocore. Shapes may be recursive, so that a member finds its shape by name. There is one
object a shape, so that they compare by identity and what is compiled from them can be kept by them.

Source: the traits of botocore's `service-2.json` files (https://smithy.io/2.0/spec/ names them too). This module must
not know files, protocols or services.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

TimestampFormat = Literal["iso8601", "rfc822", "unixTimestamp"]
Location = Literal["uri", "querystring", "header", "headers", "statusCode"]
Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class XmlNamespace:
    """A namespace that an element declares, `prefix` being "" for the default one."""

    uri: str
    prefix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shape:
    """What every shape has: its name in the model, and whether its values are secrets."""

    name: str
    sensitive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StringShape(Shape):
    """A text: bounds count characters; `pattern` is a regular expression as the model spells it."""

    enum: tuple[str, ...] = ()
    min: int | None = None
    max: int | None = None
    pattern: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IntegerShape(Shape):
    """A whole number of 32 bits, or 64 where `long`."""

    long: bool = False
    min: float | None = None
    max: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FloatShape(Shape):
    """A number with a fraction, of single or `double` precision."""

    double: bool = False
    min: float | None = None
    max: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BooleanShape(Shape):
    """True or false."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TimestampShape(Shape):
    """A moment. Its format stands in the member, since places override it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BlobShape(Shape):
    """Bytes; bounds count bytes."""

    min: int | None = None
    max: int | None = None
    requires_length: bool = False
    """A streamed value whose length must be declared."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ListShape(Shape):
    """Values of one shape in order."""

    member: Member
    min: int | None = None
    max: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MapShape(Shape):
    """Values of one shape by text keys."""

    key: Member
    value: Member
    min: int | None = None
    max: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StructureShape(Shape):
    """Named members. `payload` names the member that is the whole body of an HTTP message; `document` marks free
    JSON, `union` that exactly one member is set, `event_stream` that the members are kinds of events."""

    members: Mapping[str, Member]
    required: frozenset[str] = frozenset()
    payload: str | None = None
    document: bool = False
    union: bool = False
    event_stream: bool = False
    exception: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Member:
    """A shape as seen from one place."""

    name: str
    """Botocore's name of the member: the key in parsed inputs and in outputs."""
    shape_name: str
    location: Location | None = None
    location_name: str | None = None
    """The name on the wire, where the model gives one."""
    query_name: str | None = None
    flattened: bool = False
    xml_namespace: XmlNamespace | None = None
    xml_attribute: bool = False
    streaming: bool = False
    timestamp_format: TimestampFormat | None = None
    idempotency_token: bool = False
    host_label: bool = False
    json_value: bool = False
    event_payload: bool = False
    """Of an event: this member is the message's payload."""
    event_header: bool = False
    shapes: Mapping[str, Shape] = field(repr=False)

    @property
    def wire_name(self) -> str:
        """The name on the wire: the model's location name, else the member's own."""
        return self.location_name or self.name

    @property
    def shape(self) -> Shape:
        """What the member's values are."""
        return self.shapes[self.shape_name]


def compile_shapes(raw: Mapping[str, Raw]) -> Mapping[str, Shape]:
    """Every shape of a model's `shapes` by name.

    Raises:
        ValueError: a shape has a type that no protocol here knows.
    """
    shapes: dict[str, Shape] = {}
    for name, definition in raw.items():
        shapes[name] = _compile(name, definition, raw, shapes)
    return shapes


def _compile(name: str, raw: Raw, models: Mapping[str, Raw], shapes: Mapping[str, Shape]) -> Shape:
    def member(label: str, reference: Raw) -> Member:
        return compile_member(label, reference, models, shapes)

    sensitive = bool(raw.get("sensitive"))
    bounds: dict[str, Any] = {"name": name, "sensitive": sensitive, "min": raw.get("min"), "max": raw.get("max")}
    if raw["type"] == "structure":
        return StructureShape(
            name=name,
            sensitive=sensitive,
            members={label: member(label, reference) for label, reference in raw.get("members", {}).items()},
            required=frozenset(raw.get("required", ())),
            payload=raw.get("payload"),
            document=bool(raw.get("document")),
            union=bool(raw.get("union")),
            event_stream=bool(raw.get("eventstream")),
            exception=bool(raw.get("exception")),
        )
    if raw["type"] == "list":
        return ListShape(**bounds, member=member("member", raw["member"]))
    if raw["type"] == "map":
        return MapShape(**bounds, key=member("key", raw["key"]), value=member("value", raw["value"]))
    return _compile_scalar(raw, bounds)


def _compile_scalar(raw: Raw, bounds: dict[str, Any]) -> Shape:
    shape: Shape
    match raw["type"]:
        case "string" | "character":
            shape = StringShape(**bounds, enum=_texts(raw.get("enum", ())), pattern=raw.get("pattern"))
        case "integer" | "long":
            shape = IntegerShape(**bounds, long=raw["type"] == "long")
        case "float" | "double":
            shape = FloatShape(**bounds, double=raw["type"] == "double")
        case "boolean":
            shape = BooleanShape(name=bounds["name"], sensitive=bounds["sensitive"])
        case "timestamp":
            shape = TimestampShape(name=bounds["name"], sensitive=bounds["sensitive"])
        case "blob":
            shape = BlobShape(**bounds, requires_length=bool(raw.get("requiresLength")))
        case kind:
            raise ValueError(f"{bounds['name']}: unknown type {kind}")
    return shape


def compile_member(name: str, reference: Raw, models: Mapping[str, Raw], shapes: Mapping[str, Shape]) -> Member:
    """One reference to a shape, its traits laid over those of the shape."""
    traits: dict[str, Any] = {**models[reference["shape"]], **reference}
    namespace = traits.get("xmlNamespace")
    if isinstance(namespace, str):
        namespace = {"uri": namespace}
    return Member(
        name=name,
        shape_name=reference["shape"],
        location=traits.get("location"),
        location_name=traits.get("locationName"),
        query_name=traits.get("queryName"),
        flattened=bool(traits.get("flattened")),
        xml_namespace=XmlNamespace(namespace["uri"], namespace.get("prefix", "")) if namespace else None,
        xml_attribute=bool(traits.get("xmlAttribute")),
        streaming=bool(traits.get("streaming")),
        timestamp_format=traits.get("timestampFormat"),
        idempotency_token=bool(traits.get("idempotencyToken")),
        host_label=bool(traits.get("hostLabel")),
        json_value=bool(traits.get("jsonvalue")),
        event_payload=bool(traits.get("eventpayload")),
        event_header=bool(traits.get("eventheader")),
        shapes=shapes,
    )


def _texts(values: Iterable[Any]) -> tuple[str, ...]:
    return tuple(str(value) for value in values)
