"""Botocore is the oracle: it writes and we read the same values, we write and it reads the same values.

Over every operation of the eight services, with values that hypothesis derives from botocore's shapes (of which our
own are compiled, so that constraints are what the model says).
"""

from __future__ import annotations

import copy
import functools
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from marinelayer.http import Response
from marinelayer.model.service import Operation, load_service
from marinelayer.model.shapes import (
    BlobShape,
    BooleanShape,
    FloatShape,
    IntegerShape,
    ListShape,
    MapShape,
    Member,
    Shape,
    StringShape,
    StructureShape,
    TimestampShape,
)
from marinelayer.protocol.constraints import _pattern
from marinelayer.protocol.dialect import dialect_of

SERVICES = ("s3", "s3control", "iam", "sts", "sns", "rekognition", "comprehend", "translate")
OF_S3_CONTROL = {"DeletePublicAccessBlock", "GetPublicAccessBlock", "PutPublicAccessBlock"}
"""Of S3 Control only what is served: the rest has labels in its paths, which nobody reads here."""
OPERATIONS = [
    operation
    for name in SERVICES
    for operation in load_service(name).operations.values()
    if name != "s3control" or operation.name in OF_S3_CONTROL
]

Alphabet = st.SearchStrategy[str]

DEEPEST = 4
# The deprecated twin of an operation can not be told from it.
TWINS = {
    "GetBucketLifecycle": "GetBucketLifecycleConfiguration",
    "PutBucketLifecycle": "PutBucketLifecycleConfiguration",
    "GetBucketNotification": "GetBucketNotificationConfiguration",
    "PutBucketNotification": "PutBucketNotificationConfiguration",
}
# Botocore computes these from others, or rewrites what it is given (sse_md5, EncodingType, Expires).
LEFT_OUT = {
    "SSECustomerKey", "SSECustomerKeyMD5", "CopySourceSSECustomerKey", "CopySourceSSECustomerKeyMD5",
    "EncodingType", "Expires", "ContentMD5", "ChecksumMode", "ContentLength",
}  # fmt: skip
FIXED: dict[str, Any] = {
    "AccountId": "123456789012",
    "Bucket": "my-bucket",
    "CopySource": "other-bucket/a-key",
    "RequestRoute": "io-route",
    "ChecksumAlgorithm": "CRC32",
    "ContentEncoding": "gzip",
    "policyDocumentType": "not a policy",
}

HEADER_TEXT = st.from_regex(r"[!-~]([ -~]{0,20}[!-~])?", fullmatch=True).filter(lambda text: "=?" not in text)
LEGAL = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")
WRITTEN = LEGAL | st.sampled_from("\r\n\t")
ANY = st.characters(codec="utf-8", exclude_categories=["Cs"])
MOMENTS = st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@functools.cache
def texts(shape: StringShape, alphabet: Alphabet) -> st.SearchStrategy[str]:
    if shape.enum:
        return st.sampled_from([value for value in shape.enum if value])
    if shape.name in FIXED:
        return st.just(FIXED[shape.name])
    least, most = max(shape.min or 0, 1), min(shape.max or 40, max(shape.min or 0, 40))
    pattern = _pattern(shape.pattern) if shape.pattern else None
    if pattern is None:
        return st.text(alphabet, min_size=least, max_size=most)
    plain = [
        letter * size for letter in "a1A/-" for size in (least, least + 1, 20, 36) if least <= size <= (shape.max or 99)
    ]
    usual = [
        "us-east-1", "/a/", "s3://bucket/key", "2021-04-01", "20210401T000000Z", "v1", "1.2.3", "123456789012",
        "arn:aws:iam::123456789012:role/r", "arn:aws:rekognition:us-east-1:123456789012:project/p/version/v/1",
        "arn:aws:rekognition:us-east-1:123456789012:project/p/1", "AKIAIOSFODNN7EXAMPLE", "https://example.com/a",
        "12345678-1234-1234-1234-123456789012", "arn:aws:comprehend:us-east-1:123456789012:flywheel/f",
    ]  # fmt: skip
    fits = [text for text in plain + usual if pattern.fullmatch(text) and least <= len(text) <= (shape.max or 9999)]
    if fits:
        return st.sampled_from(fits)
    return st.from_regex(pattern, fullmatch=True, alphabet=alphabet).filter(
        lambda text: least <= len(text) <= (shape.max or 9999)
    )


def numbers(shape: IntegerShape) -> st.SearchStrategy[int]:
    least, most = (-(1 << 63), (1 << 63) - 1) if shape.long else (-(1 << 31), (1 << 31) - 1)
    return st.integers(least if shape.min is None else int(shape.min), most if shape.max is None else int(shape.max))


def fractions(shape: FloatShape) -> st.SearchStrategy[float]:
    return st.floats(shape.min, shape.max, allow_nan=False, allow_infinity=False, width=64)


@st.composite
def values(draw: st.DrawFn, member: Member, alphabet: Alphabet, depth: int = 0) -> Any:
    """A value of the member; the alphabet keeps texts to what the wire can hold."""
    shape = member.shape
    if (member.location in {"header", "headers"} or member.wire_name.startswith("response-")) and not isinstance(
        shape, ListShape | MapShape
    ):
        return draw(header_values(shape))
    match shape:
        case StructureShape(document=True):
            return draw(st.none() | st.booleans() | st.text(ANY, max_size=5))
        case StructureShape():
            return draw(structures(shape, alphabet, depth + 1))
        case ListShape():
            least = max(shape.min or 0, 1)
            size = draw(st.integers(least, max(least, min(shape.max or 3, 3 if depth < 2 else 1))))
            return [draw(values(item_of(member, shape), alphabet, depth + 1)) for _ in range(size)]
        case MapShape():
            keys = (
                st.from_regex("[a-z][a-z0-9-]{0,10}", fullmatch=True)
                if member.location
                else texts_of(shape.key, alphabet)
            )
            found = draw(st.sets(keys, min_size=max(shape.min or 0, 1), max_size=max(shape.min or 0, 2)))
            value = item_of(member, shape.value)
            return {key: draw(values(value, alphabet, depth + 1)) for key in sorted(found)}
        case _:
            return draw(scalars(shape, alphabet))


def item_of(member: Member, inner: ListShape | Member) -> Member:
    """The items of a list in a header are header values too."""
    item = inner.member if isinstance(inner, ListShape) else inner
    if member.location not in {"header", "headers"}:
        return item
    from dataclasses import replace

    return replace(item, location="header")


def texts_of(member: Member, alphabet: Alphabet) -> st.SearchStrategy[str]:
    assert isinstance(member.shape, StringShape)
    return texts(member.shape, alphabet)


def header_values(shape: Shape) -> st.SearchStrategy[Any]:
    if isinstance(shape, StringShape):
        return texts(shape, LEGAL) if shape.enum else HEADER_TEXT
    return scalars(shape, LEGAL)


def scalars(shape: Shape, alphabet: Alphabet) -> st.SearchStrategy[Any]:
    match shape:
        case StringShape():
            return texts(shape, alphabet)
        case IntegerShape():
            return numbers(shape)
        case FloatShape():
            return fractions(shape)
        case BooleanShape():
            return st.booleans()
        case TimestampShape():
            return MOMENTS
        case BlobShape():
            return st.binary(min_size=max(shape.min or 0, 1), max_size=max(shape.min or 0, 30))
        case _:
            raise TypeError(shape)


@st.composite
def structures(draw: st.DrawFn, shape: StructureShape, alphabet: Alphabet, depth: int = 0) -> dict[str, Any]:
    """Required members, and some of the others: at least one of any, fewer the deeper."""
    optional = [name for name in shape.members if name not in shape.required and name not in LEFT_OUT]
    if depth >= DEEPEST:
        optional = [
            name
            for name in optional
            if not isinstance(shape.members[name].shape, StructureShape | ListShape | MapShape)
        ] or optional
    most = 1 if shape.union else len(optional) if depth < 2 else 2
    chosen = draw(st.lists(st.sampled_from(optional), unique=True, max_size=most)) if optional else []
    if not chosen and not shape.required and optional:
        chosen = optional[:1]
    found: dict[str, Any] = {}
    for name, member in shape.members.items():
        if name in shape.required or name in chosen:
            found[name] = (
                FIXED[name]
                if name in FIXED and isinstance(member.shape, StringShape)
                else draw(values(member, alphabet, depth))
            )
    return found


def pruned(value: Any) -> Any:
    """Without what no wire of XML or forms can show: empty lists, maps and structures."""
    if isinstance(value, dict):
        return {
            key: item
            for key, item in ((key, pruned(item)) for key, item in value.items())
            if item not in ({}, [], None)
        }
    if isinstance(value, list):
        return [pruned(item) for item in value]
    return value


def checked(operation: Operation) -> settings:
    return settings(
        max_examples=3,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def outputs(operation: Operation) -> st.SearchStrategy[dict[str, Any]]:
    shape = operation.output_shape
    if shape is None or operation.name == "SelectObjectContent":
        return st.just({})
    return structures(shape, WRITTEN)


def inputs(operation: Operation) -> st.SearchStrategy[dict[str, Any]]:
    shape = operation.input_shape
    return structures(shape, LEGAL if operation.service.name == "s3" else ANY) if shape is not None else st.just({})


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_botocore_and_we_mean_the_same(operation: Operation, wire: Any, parsed: Any) -> None:
    @checked(operation)
    @given(inputs(operation), outputs(operation))
    def exchange(given_input: dict[str, Any], given_output: dict[str, Any]) -> None:
        understood: dict[str, Any] = {}

        def answer(said: Any) -> Response:
            assert said.operation.name == TWINS.get(operation.name, operation.name)
            if operation.name in TWINS:
                return Response(status=200)
            understood.update(parsed(said))
            if operation.streaming_input in understood:
                understood[operation.streaming_input] = said.payload
            return dialect_of(said.service, said.request).write(said.call, given_output)

        result = wire.call(operation.service.name, operation.name, copy.deepcopy(given_input), answer)
        if operation.name in TWINS:
            return
        assert pruned({name: understood.get(name) for name in given_input}) == pruned(given_input)
        result = with_bodies_read(result)
        expected = pruned(given_output)
        assert pruned({name: result.get(name) for name in expected}) == expected

    exchange()


def with_bodies_read(result: dict[str, Any]) -> dict[str, Any]:
    return {name: value.read() if hasattr(value, "read") else value for name, value in result.items()}
