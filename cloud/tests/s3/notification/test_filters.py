"""Event notifications: the rules, whatever they are."""

import itertools
import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from marinelayer.protocol.refusals import InvalidArgument
from marinelayer.security.identity import ANONYMOUS, Principal
from marinelayer.services.s3.notification_check import check_notification
from marinelayer.services.s3.notification_record import customer_id, principal_id
from marinelayer.services.s3.notification_rules import TYPES, Filter, form_encoded, listening, rules_of, types_of

from .listening import TOPIC, pairs

TEXTS = st.text("ab/", max_size=4)
FILTERS = st.builds(Filter, TEXTS, TEXTS)


@given(FILTERS, FILTERS, TEXTS)
def test_filters_that_pass_one_key_overlap(one: Filter, other: Filter, middle: str) -> None:
    for key in (
        middle,
        one.prefix + middle + other.suffix,
        max(one.prefix, other.prefix, key=len) + middle + max(one.suffix, other.suffix, key=len),
    ):
        if one.passes(key) and other.passes(key):
            assert one.overlaps(other)


@given(FILTERS, FILTERS)
def test_filters_that_overlap_pass_some_key_and_it_does_not_matter_which_is_first(one: Filter, other: Filter) -> None:
    assert one.overlaps(other) == other.overlaps(one)
    key = max(one.prefix, other.prefix, key=len) + max(one.suffix, other.suffix, key=len)
    assert (one.passes(key) and other.passes(key)) == one.overlaps(other)


@given(st.text(max_size=20))
def test_a_key_passes_the_filters_of_its_own_encoding(key: str) -> None:
    encoded = form_encoded(key.encode("utf-8", "ignore"))
    assert re.fullmatch(r"[A-Za-z0-9_.~/+%-]*", encoded)
    assert all(Filter(encoded[:cut], encoded[cut:]).passes(encoded) for cut in range(len(encoded) + 1))


@given(st.sampled_from(TYPES) | st.text(max_size=20).map("s3:{}".format) | st.sampled_from(TYPES).map(lambda t: t[:-1]))
def test_an_event_stands_for_itself_or_for_nothing(event: str) -> None:
    assert types_of(event) == ({event} if event in TYPES else set())


RULES = st.builds(
    lambda one, events: {
        "TopicArn": TOPIC,
        "Events": events,
        "Filter": pairs(f"prefix={one.prefix}", f"suffix={one.suffix}"),
    },
    st.builds(Filter, st.text("ab", max_size=2), st.text("ab", max_size=2)),
    st.lists(
        st.sampled_from(["s3:ObjectCreated:*", "s3:ObjectCreated:Put", "s3:ObjectRemoved:*", "s3:ObjectTagging:Put"]),
        min_size=1,
        max_size=3,
        unique=True,
    ),
)
KEYS = ["".join(letters) for size in range(5) for letters in itertools.product("ab", repeat=size)]


@given(st.lists(RULES, max_size=4))
def test_rules_are_refused_exactly_where_some_event_would_be_told_twice(configurations: list[dict[str, Any]]) -> None:
    document = {"TopicConfigurations": [{**one, "Id": str(n)} for n, one in enumerate(configurations)]}
    rules = rules_of(document)
    told = [len(list(listening(rules, event.removeprefix("s3:"), key))) for event in sorted(TYPES) for key in KEYS]
    try:
        check_notification(document, "us-east-1")
    except InvalidArgument:
        assert max(told) > 1
    else:
        assert max(told) <= 1


def test_principals_are_named_as_events_name_them() -> None:
    role = Principal(kind="role-session", account="111122223333", arn="arn:...", unique_id="AROAEXAMPLE:night-shift")
    root = Principal(kind="root", account="111122223333", canonical_id="c" * 64)
    assert principal_id(role) == "AWS:AROAEXAMPLE:night-shift"
    assert principal_id(root) == customer_id("c" * 64) != customer_id("d" * 64)
    assert principal_id(Principal(kind="service", arn="logging.s3.amazonaws.com")) == "logging.s3.amazonaws.com"
    assert principal_id(ANONYMOUS) == "Anonymous"


def test_every_event_of_the_model_is_known() -> None:
    from marinelayer.model.service import load_service

    shape = load_service("s3").operations["PutBucketNotificationConfiguration"].input_shape
    assert shape is not None
    events: Any = shape
    for member in ("NotificationConfiguration", "TopicConfigurations"):
        events = events.members[member].shape
    names = events.member.shape.members["Events"].shape.member.shape.enum
    assert {name for name in names if not types_of(name)} == set()
    assert set(TYPES) == {name for name in names if not name.endswith("*")}
